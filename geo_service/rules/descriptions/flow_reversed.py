"""Upstream is said where the line runs downstream, or the other way round."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.alignment import Sense
from geo_service.domain.finding import Evidence, Related, Severity
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.descriptions import DescriptionCase, DescriptionContext, on_leg
from geo_service.rules.descriptions._drawing import clean, flagged, told
from geo_service.rules.descriptions._following import advance

_WITH_WATER = {Sense.DOWNSTREAM: 1, Sense.UPSTREAM: -1}


def _check(case: DescriptionCase, context: DescriptionContext) -> Iterator[Evidence]:
    for leg, feature in case.followed(context):
        if leg.clause.feature_kind != "watercourse" or leg.clause.sense not in _WITH_WATER:
            continue
        gained = advance(leg, feature, case.plane_epsg)
        if abs(gained) <= context.line_tolerance_m:
            continue
        if gained * _WITH_WATER[leg.clause.sense] < 0:
            up, down = Text("溯流", "upstream"), Text("顺流", "downstream")
            said, found = (down, up) if leg.clause.sense is Sense.DOWNSTREAM else (up, down)
            yield on_leg(
                leg,
                Text(
                    f"写作{said.zh}，按{feature.name}的流向应为{found.zh}",
                    f"it says {said.en}; by the flow of {feature.name} it is {found.en}",
                ),
                related=(Related("feature", feature.name, feature.name),),
            )


_LINE = "LINESTRING(0 0, 1000 0)"
_ENDS = {1: (0.0, 0.0), 2: (1000.0, 0.0)}
_EAST = {"清水河": "LINESTRING(-50 0, 1050 0)"}

RULE: Rule[DescriptionCase, DescriptionContext] = Rule(
    id="DS-FLOW-01",
    slug="flow_reversed",
    version=1,
    title=Text("顺流、溯流与水流方向相反", "Upstream and downstream are exchanged"),
    category="流向",
    quality=Quality.THEMATIC,
    basis=(
        Basis("GOOD_PRACTICE", "description", Severity.INFO),
        Basis("ISO19157", "65", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            told("从1号界桩起，沿清水河溯流而上至2号界桩止。", _LINE, _ENDS, features=_EAST),
            Severity.INFO,
            Text("河水向东流，界线也向东", "the river runs east, and so does the line"),
        ),
        flagged(
            told(
                "从1号界桩起，沿清水河顺流而下至2号界桩止。",
                _LINE,
                _ENDS,
                features={"清水河": "LINESTRING(1050 0, -50 0)"},
            ),
            Severity.INFO,
            Text("河水向西流", "the river runs west"),
        ),
        clean(
            told("从1号界桩起，顺清水河而下至2号界桩止。", _LINE, _ENDS, features=_EAST),
            Text("与水流方向一致", "with the water"),
        ),
        clean(
            told("从1号界桩起，沿清水河至2号界桩止。", _LINE, _ENDS, features=_EAST),
            Text("没有写流向", "no sense is stated"),
        ),
    ),
    trap=Text(
        "河流图形的节点应按水流方向排列；画反的河会误报。山坡上下要有高程模型，这里不查。",
        "The vertices of a river must run with the water: one drawn backwards looks wrong. Up and "
        "down a slope would need a height model and is not looked at.",
    ),
    handling=Text("核对水流方向，更正说明。", "Check the flow and correct the text."),
    needs=frozenset({"line", "features"}),
)
