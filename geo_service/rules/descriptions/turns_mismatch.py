"""The description tells many more or fewer turns than the line makes."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.descriptions import DescriptionCase, DescriptionContext
from geo_service.rules.descriptions._drawing import clean, flagged, told
from geo_service.rules.descriptions._legs import legs_of


def _check(case: DescriptionCase, context: DescriptionContext) -> Iterator[Evidence]:
    for stretch in case.placing.stretches(context.landmark_reach_m):
        words = [clause.direction for clause in stretch.segment.course if clause.direction]
        if not words:
            continue
        way = stretch.course.stretch(stretch.start_m, stretch.end_m)
        made = len(legs_of(way, context.threshold("description_turn_share")))
        apart = abs(made - len(words))
        if apart <= context.threshold("description_turns"):
            continue
        yield Evidence(
            message=Text(
                f"{stretch.segment.name}段写了 {len(words)} 个方向，"
                f"界线概括后有 {made} 个方向不同的折段。",
                f"{stretch.segment.name} tells {len(words)} direction(s); the generalised line "
                f"has {made} legs of different direction.",
            ),
            key=stretch.segment.name,
            measure=context.measure(apart, "description_turns", ""),
            geometry=way.line,
        )


_STEPS = "LINESTRING(0 0, 500 0, 500 500, 1000 500, 1000 1000, 1500 1000)"
_ENDS = {1: (0.0, 0.0), 2: (1500.0, 1000.0)}

RULE: Rule[DescriptionCase, DescriptionContext] = Rule(
    id="DS-TURN-01",
    slug="turns_mismatch",
    version=1,
    title=Text("说明的转折数与界线相差较多", "The number of turns differs from the line"),
    category="转折",
    quality=Quality.THEMATIC,
    basis=(Basis("GOOD_PRACTICE", "description", Severity.INFO),),
    check=_check,
    examples=(
        flagged(
            told("从1号界桩起，大体向东偏东北至2号界桩止。", _STEPS, _ENDS),
            Severity.INFO,
            Text("界线有五个折段，只写了一个方向", "five legs, one direction told"),
        ),
        flagged(
            told(
                "从1号界桩起，向东，转向北，转向东，转向北至2号界桩止。",
                "LINESTRING(0 0, 1500 1000)",
                _ENDS,
            ),
            Severity.INFO,
            Text("界线是直的，却写了四个方向", "a straight line with four directions told"),
        ),
        clean(
            told("从1号界桩起，向东，转向北，转向东，转向北，转向东至2号界桩止。", _STEPS, _ENDS),
            Text("一一对应", "leg by leg"),
        ),
        clean(
            told("从1号界桩起，沿山脊至2号界桩止。", _STEPS, _ENDS),
            Text("没有写方向", "no direction is told"),
        ),
    ),
    trap=Text(
        "“沿山脊大体向东”概括了许多小弯，本条只作提示。",
        "'Along the ridge, roughly east' sums up many bends: this rule only points things out.",
    ),
    handling=Text("查看图上有无漏写的转折。", "See on the map whether a turn was left out."),
    needs=frozenset({"line"}),
)
