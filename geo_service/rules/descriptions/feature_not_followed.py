"""The line leaves the river, road or other feature it is said to follow."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from geo_service.domain.finding import Evidence, Related, Severity
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.descriptions import DescriptionCase, DescriptionContext, on_leg
from geo_service.rules.descriptions._drawing import clean, flagged, told
from geo_service.rules.descriptions._following import distances_along
from geo_service.rules.descriptions._placing import Leg


def _check(case: DescriptionCase, context: DescriptionContext) -> Iterator[Evidence]:
    limit, share = (context.threshold(f"description_{n}") for n in ("feature_m", "follow_share"))
    for leg, feature in case.followed(context):
        off = distances_along(leg, feature, case.plane_epsg)
        if float(np.mean(off > limit)) > share:
            yield _evidence(leg, feature.name, float(off.max()), context)
    for leg in case.placing.legs(context.landmark_reach_m):
        for name in leg.clause.cross:
            crossed = case.features_named.get(name)
            if crossed is None:
                continue
            apart = float(distances_along(leg, crossed, case.plane_epsg).min())
            if apart > limit:
                yield on_leg(
                    leg,
                    Text(
                        f"写作穿过{name}，界线此段离它最近 {apart:,.0f} 米",
                        f"it says the line crosses {name}; it comes no nearer than {apart:,.0f} m",
                    ),
                    measure=context.measure(apart, "description_feature_m", "m"),
                    related=(Related("feature", name, name, round(apart, 1)),),
                )


def _evidence(leg: Leg, name: str, off: float, context: DescriptionContext) -> Evidence:
    return on_leg(
        leg,
        Text(
            f"写作沿{name}，界线离它最远 {off:,.0f} 米",
            f"it says the line follows {name}; it lies up to {off:,.0f} m away",
        ),
        measure=context.measure(off, "description_feature_m", "m"),
        related=(Related("feature", name, name, round(off, 1)),),
        suggestion=Text(
            "地物已移动的，界线不随之变动（条例第七条）。",
            "Where the feature has moved, the line stays (art. 7).",
        ),
    )


_LINE = "LINESTRING(0 0, 1000 0)"
_ENDS = {1: (0.0, 0.0), 2: (1000.0, 0.0)}
_TEXT = "从1号界桩起，沿清水河向东至2号界桩止。"

RULE: Rule[DescriptionCase, DescriptionContext] = Rule(
    id="DS-FTR-01",
    slug="feature_not_followed",
    version=1,
    title=Text(
        "界线不在所说的河、路等地物上", "The line is not on the feature it is said to follow"
    ),
    category="沿行",
    quality=Quality.POSITIONAL,
    basis=(
        Basis("GOOD_PRACTICE", "description", Severity.ADVISED_AGAINST),
        Basis("ISO19157", "28", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            told(_TEXT, _LINE, _ENDS, features={"清水河": "LINESTRING(0 5, 400 200, 1000 5)"}),
            Severity.ADVISED_AGAINST,
            Text("河离界线最远200米", "the river is up to 200 m away"),
        ),
        flagged(
            told(
                "从1号界桩起，向东，跨清水河，至2号界桩止。",
                _LINE,
                _ENDS,
                features={"清水河": "LINESTRING(500 100, 500 900)"},
            ),
            Severity.ADVISED_AGAINST,
            Text("说跨河，河在100米外", "said to be crossed, but 100 m off"),
        ),
        clean(
            told(_TEXT, _LINE, _ENDS, features={"清水河": "LINESTRING(-50 5, 500 20, 1050 5)"}),
            Text("都在25米以内", "within 25 m all along"),
        ),
        clean(
            told(
                "从1号界桩起，向东，跨清水河，至2号界桩止。",
                _LINE,
                _ENDS,
                features={"清水河": "LINESTRING(500 -100, 500 900)"},
            ),
            Text("界线确实穿过", "it does cross"),
        ),
    ),
    trap=Text(
        "河流改道、道路改线后，界线仍在原处，这是地物变化，不是界线错误。",
        "Where a river or road was moved the line stays: a change of the feature, no fault.",
    ),
    handling=Text(
        "分清是地物变化还是界线画错；地物变化的，修测并说明，界线不动。",
        "Tell change from drawing error; for a change survey and describe, the line stays.",
    ),
    needs=frozenset({"line", "features"}),
)
