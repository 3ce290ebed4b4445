"""A marker was repaired without the other side."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.marker import MarkerDocument, MarkerEntry
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.markers import MarkerCase, marker_subject
from geo_service.rules.markers._drawing import FIRST, SECOND, clean, flagged, stone, stones
from geo_service.rules.markers._wording import called


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    del context
    for entry in case.entries:
        marker = entry.marker
        if entry.repaired_on is None or _witnessed(case, entry):
            continue
        who, day = called(case, marker), entry.repaired_on.isoformat()
        yield Evidence(
            message=Text(
                f"{who.zh}于 {day} 修复，没有毗邻一方在场的记录。",
                f"{who.en} was repaired on {day} with no record that the other side was present.",
            ),
            key=day,
            subject=marker_subject(marker),
            related=case.sides(marker.line_code),
            geometry=marker.position,
            suggestion=Text(
                "补充在场方签字；确未到场的，由双方重新核验界桩位置。",
                "Add the signature of the side present; if none was, both sides verify the marker "
                "again.",
            ),
        )


def _witnessed(case: MarkerCase, entry: MarkerEntry) -> bool:
    """Whether a side other than the one that keeps the marker was there."""
    keepers = {e.marker.responsible_side for e in case.by_marker[entry.marker.id]} - {None}
    return entry.witness_side is not None and entry.witness_side not in keepers


def _repaired(witness: object) -> MarkerEntry:
    return stone(
        "001Q",
        1000,
        document=MarkerDocument.INSPECTION,
        repaired_on=date(2023, 6, 1),
        witness_side=witness,
    )


RULE: Rule[MarkerCase, BoundaryContext] = Rule(
    id="MK-STA-02",
    slug="repaired_alone",
    version=1,
    title=Text("界桩修复时对方不在场", "Marker repaired without the other side"),
    category="单方修复",
    quality=Quality.OMISSION,
    basis=(
        Basis("B02", "6", Severity.PROHIBITED),
        Basis("B02", "16", Severity.PROHIBITED),
    ),
    check=_check,
    examples=(
        flagged(
            stones(_repaired(None)),
            Severity.PROHIBITED,
            Text("在场方一栏为空", "no side present is named"),
        ),
        flagged(
            stones(_repaired(FIRST)),
            Severity.PROHIBITED,
            Text("在场的只有责任方自己", "only the responsible side itself was there"),
        ),
        clean(stones(_repaired(SECOND)), Text("乙区在场", "the other side was present")),
        clean(stones(stone("001Q", 1000)), Text("没有修复", "not repaired")),
    ),
    trap=Text(
        "描红、除草是日常维护，不是修复，不要记入修复日期。",
        "Repainting and clearing are upkeep, no repair: they take no repair date.",
    ),
    handling=Text(
        "补齐在场记录后方可办结；修复时隐瞒不报的依条例第十六条追究。",
        "The case closes only with the record of presence; article 16 provides for officials who "
        "repair without it.",
    ),
    needs=frozenset({"repairs"}),
)
