"""A landmark of the description is unknown, or stands away from the line."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from shapely.geometry import Point

from geo_service.domain.alignment import AlignmentClause, AlignmentSegment
from geo_service.domain.finding import Evidence, Related, Severity
from geo_service.domain.text import Text
from geo_service.language.alignment.words import is_particular
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.descriptions import DescriptionCase, DescriptionContext, on_clause
from geo_service.rules.descriptions._drawing import clean, flagged, told


def _check(case: DescriptionCase, context: DescriptionContext) -> Iterator[Evidence]:
    seen: set[str] = set()
    for segment in case.told:
        for clause in segment.course:
            for name in (*clause.via, clause.to):
                if name and name not in seen and is_particular(name):
                    seen.add(name)
                    yield from _one(case, segment, clause, name, context)


def _one(
    case: DescriptionCase,
    segment: AlignmentSegment,
    clause: AlignmentClause,
    name: str,
    context: DescriptionContext,
) -> Iterator[Evidence]:
    if name not in case.landmarks_named:
        said = Text(f"地标“{name}”不在地标资料中", f"the landmark {name} is not on file")
        yield on_clause(segment, clause, said, key=name, aspect="missing")
        return
    _, off = case.placing.of_landmarks[name][0]
    if off > context.landmark_reach_m:
        yield on_clause(
            segment,
            clause,
            Text(f"地标“{name}”离界线 {off:,.0f} 米", f"{name} stands {off:,.0f} m from the line"),
            key=name,
            measure=context.measure(off, "description_landmark_m", "m"),
            related=(Related("landmark", name, name, round(off, 1)),),
            geometry=_nearest(case, name),
        )


def _nearest(case: DescriptionCase, name: str) -> Point:
    """Of the landmarks of one name the one nearest to the line."""
    places = [landmark.position for landmark in case.landmarks_named[name]]
    if case.course is None:
        return places[0]
    found = case.course.refer(np.array([[place.x, place.y] for place in places]))
    return places[int(np.abs(found.offset_m).argmin())]


_LINE = "LINESTRING(0 0, 1000 0)"
_ENDS = {1: (0.0, 0.0), 2: (1000.0, 0.0)}
_TEXT = "从1号界桩起，向东，经625米高地至2号界桩止。"

RULE: Rule[DescriptionCase, DescriptionContext] = Rule(
    id="DS-LMK-01",
    slug="landmark_off_the_line",
    version=1,
    title=Text("地标查不到或不在界线上", "A landmark is unknown or away from the line"),
    category="地标",
    quality=Quality.OMISSION,
    basis=(
        Basis("GOOD_PRACTICE", "description", Severity.INFO, aspect="missing"),
        Basis("GOOD_PRACTICE", "description", Severity.INFO),
        Basis("ISO19157", "5", Severity.INFO, aspect="missing"),
    ),
    check=_check,
    examples=(
        flagged(
            told(_TEXT, _LINE, _ENDS, {"630米高地": (500, 0)}),
            Severity.INFO,
            Text("资料中只有630米高地", "only the height of 630 m is on file"),
        ),
        flagged(
            told(_TEXT, _LINE, _ENDS, {"625米高地": (500, 80)}),
            Severity.INFO,
            Text("离界线80米", "80 m from the line"),
        ),
        clean(
            told(_TEXT, _LINE, _ENDS, {"625米高地": (500, 30)}),
            Text("30米，在50米以内", "30 m is within 50 m"),
        ),
        clean(
            told("从1号界桩起，向东，经一鞍部至2号界桩止。", _LINE, _ENDS, {"石桥": (500, 0)}),
            Text("“一鞍部”没有名称，无从查找", "'a saddle' has no name to look up"),
        ),
    ),
    trap=Text(
        "大的地物（山、村）以一点表示时，该点可以离界线很远；说明里的老地名可能已改。",
        "A point that stands for a large object (a hill, a village) may lie far off; old names may "
        "have changed.",
    ),
    handling=Text(
        "核对地标是否改名、消失；需更换标志物的，按条例第八条修测、备案。",
        "See whether it was renamed or is gone; new signs are surveyed and filed (art. 8).",
    ),
    needs=frozenset({"line", "landmarks"}),
)
