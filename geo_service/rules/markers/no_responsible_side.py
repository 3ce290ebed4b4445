"""Nobody, or a stranger to the line, is named to keep a marker."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.identity import DivisionCode
from geo_service.domain.marker import BoundaryMarker
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.markers import MarkerCase, marker_subject
from geo_service.rules.markers._drawing import SECOND, clean, flagged, stone, stones
from geo_service.rules.markers._wording import called


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    for marker in case.markers:
        named = {e.marker.responsible_side for e in case.by_marker[marker.id]} - {None}
        strangers = sorted(
            code for code in named if code and not _is_party(case, context, marker, code)
        )
        if not named:
            yield _evidence(
                case,
                marker,
                "none",
                Text("没有登记管理责任方", "has no responsible side on record"),
            )
        elif strangers:
            listed = "、".join(case.unit_names.get(code, str(code)) for code in strangers)
            yield _evidence(
                case,
                marker,
                "stranger",
                Text(
                    f"登记的责任方 {listed} 不是界线的一方",
                    f"names {listed} as responsible, which is no party to the line",
                ),
            )


def _is_party(
    case: MarkerCase, context: BoundaryContext, marker: BoundaryMarker, code: DivisionCode
) -> bool:
    """Towns and streets keep markers for their county; former codes stand for their heirs."""
    line = case.line_of.get(marker.line_code)
    if line is None:
        return True
    parties = {context.current(party) for party in line.parties}
    return any(context.current(code.county).is_within(party) for party in parties)


def _evidence(case: MarkerCase, marker: BoundaryMarker, key: str, what: Text) -> Evidence:
    who = called(case, marker)
    return Evidence(
        message=Text(f"{who.zh}{what.zh}。", f"{who.en} {what.en}."),
        key=key,
        subject=marker_subject(marker),
        related=case.sides(marker.line_code),
        geometry=marker.position,
        suggestion=Text(
            "协议书没有明确的，由毗邻县级民政部门签订管理协议，经批准后备案。",
            "Where the agreement names none, the two departments sign one on upkeep; approved and "
            "filed.",
        ),
    )


RULE: Rule[MarkerCase, BoundaryContext] = Rule(
    id="MK-STA-03",
    slug="no_responsible_side",
    version=1,
    title=Text("界桩没有管理责任方", "Marker without a responsible side"),
    category="责任方",
    quality=Quality.OMISSION,
    basis=(
        Basis("MK36", "4", Severity.ADVISED_AGAINST),
        Basis("B02", "6", Severity.ADVISED_AGAINST),
        Basis("ISO19157", "5", Severity.ADVISED_AGAINST),
    ),
    check=_check,
    examples=(
        flagged(
            stones(stone("001Q", 1000, responsible_side=None)),
            Severity.ADVISED_AGAINST,
            Text("责任方为空", "no side is named"),
        ),
        flagged(
            stones(stone("001Q", 1000, responsible_side=DivisionCode("990103"))),
            Severity.ADVISED_AGAINST,
            Text("丙区不是该线的一方", "丙区 is no party to the line"),
        ),
        clean(
            stones(stone("001Q", 1000, responsible_side=SECOND)),
            Text("乙区负责", "乙区 is responsible"),
        ),
        clean(
            stones(stone("001Q", 1000, responsible_side=DivisionCode("990101001"))),
            Text("责任落到甲区的街道", "a sub-district of 甲区 keeps it"),
        ),
    ),
    trap=Text(
        "责任按段划分的协议，须把分工落到每个界桩再导入。",
        "Where the agreement shares upkeep by stretches, enter it marker by marker first.",
    ),
    handling=Text(
        "查界线管理协议补登；没有约定的按办法第四条签订协议。",
        "See the management agreement; where nothing is agreed, sign one under article 4.",
    ),
    needs=frozenset({"markers"}),
)
