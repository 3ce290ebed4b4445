"""The last inspection found a marker missing, damaged, leaning or illegible."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.marker import MarkerDocument, MarkerEntry, MarkerState
from geo_service.domain.text import Text
from geo_service.messages import message
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.markers import MarkerCase, marker_subject
from geo_service.rules.markers._drawing import SECOND, clean, flagged, stone, stones
from geo_service.rules.markers._wording import called


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    del context
    for marker in case.markers:
        told = [entry for entry in case.by_marker[marker.id] if entry.state is not None]
        last = max(told, key=_day, default=None)
        if last is None or last.state in (None, MarkerState.INTACT) or _mended(case, last):
            continue
        who, state = called(case, marker), message(f"markers.state_{last.state}")
        day = last.dated.isoformat() if last.dated else ""
        responsible = marker.responsible_side
        keeper = "" if responsible is None else case.unit_names.get(responsible, responsible)
        yield Evidence(
            message=Text(
                f"{who.zh}{f'（{day}）' if day else ''}状态：{state.zh}。",
                f"{who.en} was found {state.en}{f' on {day}' if day else ''}.",
            ),
            key=last.state or "",
            subject=marker_subject(marker),
            related=case.sides(marker.line_code),
            geometry=marker.position,
            suggestion=Text(
                f"由责任方{keeper}修复，毗邻一方须在场。",
                f"The responsible side {keeper or '(not named)'} repairs it with the other side "
                "present.",
            ),
        )


def _day(entry: MarkerEntry) -> date:
    return entry.dated or date.min


def _mended(case: MarkerCase, last: MarkerEntry) -> bool:
    """Whether a repair is on record after the inspection."""
    return any(
        entry.repaired_on is not None and entry.repaired_on >= _day(last)
        for entry in case.by_marker[last.marker.id]
    )


def _found(state: MarkerState, on: date, repaired_on: date | None = None) -> MarkerEntry:
    return stone(
        "001Q",
        1000,
        document=MarkerDocument.INSPECTION,
        state=state,
        dated=on,
        repaired_on=repaired_on,
        witness_sides=(SECOND,) if repaired_on else None,
    )


RULE: Rule[MarkerCase, BoundaryContext] = Rule(
    id="MK-STA-01",
    slug="not_intact",
    version=1,
    title=Text("界桩缺失或损坏", "Marker missing or damaged"),
    category="界桩损坏",
    quality=Quality.OMISSION,
    basis=(
        Basis("B02", "6", Severity.ADVISED_AGAINST),
        Basis("MK36", "6", Severity.ADVISED_AGAINST),
        Basis("ISO19157", "5", Severity.ADVISED_AGAINST),
    ),
    check=_check,
    examples=(
        flagged(
            stones(_found(MarkerState.MISSING, date(2023, 5, 1))),
            Severity.ADVISED_AGAINST,
            Text("联检时未找到", "not found at the inspection"),
        ),
        flagged(
            stones(_found(MarkerState.ILLEGIBLE, date(2023, 5, 1))),
            Severity.ADVISED_AGAINST,
            Text("注记不清", "the inscription cannot be read"),
        ),
        clean(stones(_found(MarkerState.INTACT, date(2023, 5, 1))), Text("完好", "intact")),
        clean(
            stones(
                _found(MarkerState.LEANING, date(2018, 5, 1)),
                _found(MarkerState.INTACT, date(2023, 5, 1)),
            ),
            Text("上轮倾斜，本轮完好", "leaning in the last round, upright in this one"),
        ),
        clean(
            stones(_found(MarkerState.DAMAGED, date(2023, 5, 1), date(2023, 6, 1))),
            Text("损坏后已修复", "damaged, repaired since"),
        ),
    ),
    trap=Text(
        "被草木、堆土遮挡的界桩常记为缺失：先按方位物交会查找。",
        "A marker hidden by growth or soil is often noted as missing: search from its reference "
        "objects first.",
    ),
    handling=Text(
        "责任方会同对方修复或在原位重立；故意损毁的依条例第十七条处理。",
        "The responsible side repairs or resets it in place with the other present; deliberate "
        "damage falls under article 17.",
    ),
    needs=frozenset({"states"}),
)
