"""The line lies on the other bank or side than the description says."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Measure, Related, Severity
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.descriptions import DescriptionCase, DescriptionContext, on_leg
from geo_service.rules.descriptions._drawing import clean, flagged, told
from geo_service.rules.descriptions._following import displacement, side_of_part


def _check(case: DescriptionCase, context: DescriptionContext) -> Iterator[Evidence]:
    for leg, feature in case.followed(context):
        kind, side = side_of_part(leg.clause.part)
        if not side:
            continue
        found = displacement(leg, feature, case.plane_epsg)
        reach = found.towards(side, along_text=kind == "side")
        if reach < -context.point_tolerance_m:
            yield on_leg(
                leg,
                Text(
                    f"写作{feature.name}{leg.clause.part}，界线在另一侧，离中线 {-reach:,.0f} 米",
                    f"it says {leg.clause.part} of {feature.name}; the line lies on the other "
                    f"side, {-reach:,.0f} m from its middle",
                ),
                measure=Measure(round(reach, 1), -context.point_tolerance_m, "m", "t1"),
                related=(Related("feature", feature.name, feature.name),),
            )


_LINE = "LINESTRING(0 0, 1000 0)"
_ENDS = {1: (0.0, 0.0), 2: (1000.0, 0.0)}
_NORTH = {"清水河": "LINESTRING(-50 12, 1050 12)", "石岭公路": "LINESTRING(-50 12, 1050 12)"}

RULE: Rule[DescriptionCase, DescriptionContext] = Rule(
    id="DS-SIDE-01",
    slug="wrong_side",
    version=1,
    title=Text("河岸或路侧写反", "The wrong bank or side is named"),
    category="左右",
    quality=Quality.THEMATIC,
    basis=(
        Basis("GOOD_PRACTICE", "description", Severity.ADVISED_AGAINST),
        Basis("ISO19157", "65", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            told("从1号界桩起，沿清水河左岸向东至2号界桩止。", _LINE, _ENDS, features=_NORTH),
            Severity.ADVISED_AGAINST,
            Text("顺流看界线在右岸", "looking downstream the line is on the right"),
        ),
        flagged(
            told("从1号界桩起，沿石岭公路北侧向东至2号界桩止。", _LINE, _ENDS, features=_NORTH),
            Severity.ADVISED_AGAINST,
            Text("界线在公路南侧", "the line is south of the road"),
        ),
        clean(
            told("从1号界桩起，沿清水河右岸向东至2号界桩止。", _LINE, _ENDS, features=_NORTH),
            Text("右岸，相符", "the right bank it is"),
        ),
        clean(
            told("从1号界桩起，沿清水河中心线向东至2号界桩止。", _LINE, _ENDS, features=_NORTH),
            Text("中心线没有左右", "a centre line has no side"),
        ),
    ),
    trap=Text(
        "左岸、右岸面向下游而定；河流图形画反会误报。",
        "Banks are named looking downstream; a river drawn backwards looks wrong.",
    ),
    handling=Text("对照附图更正左右，或查界线来源。", "Correct the side from the agreement map."),
    needs=frozenset({"line", "features"}),
)
