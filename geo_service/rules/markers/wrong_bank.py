"""The stones of a pair bear each other's letter."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.identity import DivisionCode
from geo_service.domain.marker import BoundaryMarker
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.markers import MarkerCase, marker_subject
from geo_service.rules.markers._drawing import clean, flagged, stone, stones
from geo_service.rules.markers._wording import called


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    del context
    for marker, proper, actual in _on_banks(case):
        if actual != proper:
            yield _evidence(case, marker, proper, actual)


def _on_banks(case: MarkerCase) -> Iterator[tuple[BoundaryMarker, DivisionCode, DivisionCode]]:
    """Stones A and B with the side each belongs to and the side each stands in."""
    drawn = [unit for unit in case.units if unit.geometry and unit.geometry.is_valid]
    tree = shapely.STRtree(np.array([unit.geometry for unit in drawn], dtype=object))
    pairs = [
        (marker, placed.line)
        for placed in case.placed
        for marker in placed.markers
        if marker.number.letter in ("A", "B")
    ]
    points = np.array([marker.position for marker, _ in pairs], dtype=object)
    stone_at, holder = tree.query(points, predicate="within")
    for i, j in sorted(zip(stone_at.tolist(), holder.tolist(), strict=True)):
        (marker, line), unit = pairs[i], drawn[j]
        low, high = sorted(line.parties)
        if unit.code in (low, high):
            yield marker, low if marker.number.letter == "A" else high, unit.code


def _evidence(
    case: MarkerCase, marker: BoundaryMarker, proper: DivisionCode, actual: DivisionCode
) -> Evidence:
    who = called(case, marker)
    here = case.unit_names.get(actual) or actual
    there = case.unit_names.get(proper) or proper
    return Evidence(
        message=Text(
            f"{who.zh}立在{here}一侧，按字母应在{there}一侧：A 属代码较小的一方，B 属较大的一方。",
            f"{who.en} stands on the side of {here}; by its letter it belongs to {there}: A is the "
            "side with the smaller code, B the larger.",
        ),
        subject=marker_subject(marker),
        related=case.sides(marker.line_code),
        geometry=marker.position,
        suggestion=Text(
            "核对同号两桩的字母是否互换。", "See whether the two stones changed letters."
        ),
    )


RULE: Rule[MarkerCase, BoundaryContext] = Rule(
    id="MK-POS-02",
    slug="wrong_bank",
    version=1,
    title=Text("双立界桩字母与所在岸不符", "Letters of a pair on the wrong bank"),
    category="岸别错误",
    quality=Quality.THEMATIC,
    basis=(Basis("ISO19157", "65", Severity.INFO),),
    check=_check,
    examples=(
        flagged(
            stones(stone("001A", 1000, -30), stone("001B", 1000, 30)),
            Severity.INFO,
            Text("A 在乙区一侧", "A on the side of the larger code"),
        ),
        flagged(
            stones(stone("001A", 1000, 30), stone("001B", 1000, 60)),
            Severity.INFO,
            Text("B 也在甲区一侧", "B on the side of the smaller code as well"),
        ),
        clean(
            stones(stone("001A", 1000, 30), stone("001B", 1000, -30)),
            Text("A 在甲区，B 在乙区", "A in 甲区, B in 乙区"),
        ),
        clean(stones(stone("001Q", 1000, 2)), Text("单立界桩没有岸别", "a single marker has none")),
    ),
    trap=Text(
        "区划代码变更后大小次序可能颠倒：字母按立桩时的代码，不必改。",
        "After a change of codes their order may turn: letters follow the codes of the day the "
        "stones were set and stay.",
    ),
    handling=Text(
        "内业对照登记表改正记录；桩面注记有误的列入外业。",
        "Correct the record by the marker form; a wrong letter on the stone is for the field trip.",
    ),
    needs=frozenset({"lines", "units"}),
)
