"""A line crosses itself or runs back over its own course."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.text import Text
from geo_service.geometry.track import Track
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext, line_subject
from geo_service.rules.boundaries._drawing import clean, drawing, flagged
from geo_service.rules.boundaries._wording import chainage


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    drawn = np.array([line.geometry for line in case.lines], dtype=object)
    # A missing geometry counts as not simple for shapely: ask only those that are there.
    tangled = ~shapely.is_simple(drawn) & ~shapely.is_missing(drawn)
    for i in np.flatnonzero(tangled).tolist():
        line = case.lines[i]
        if not context.concerns(*line.parties):
            continue
        places = _places(cast("BaseGeometry", line.geometry))
        count = shapely.get_num_geometries(places)
        met = shapely.get_coordinates(places)
        track = Track.of(cast("BaseGeometry", line.geometry), case.plane_epsg)
        where = chainage(track.refer(met).chainage_m)
        yield Evidence(
            message=Text(
                f"界线{line.name}与自身相交或折回，共 {count} 处，{where.zh}。",
                f"Line {line.name} crosses itself or runs back over itself in {count} place(s), "
                f"{where.en}.",
            ),
            subject=line_subject(line),
            measure=Measure(float(count), 0, "places", "ISO 19157 D.26"),
            geometry=places,
            suggestion=Text(
                "多为测点次序颠倒或重复采集：按边界点成果表改正次序。",
                "Points in the wrong order or taken twice, as a rule: restore the order of the "
                "table of boundary points.",
            ),
        )


def _places(line: BaseGeometry) -> BaseGeometry:
    """Where the course meets itself: ends of its noded pieces that are no ends of the line."""
    pieces = shapely.get_parts(shapely.node(line))
    ends = shapely.get_coordinates([shapely.get_point(pieces, at) for at in (0, -1)])
    parts = shapely.get_parts(line)
    own = shapely.get_coordinates([shapely.get_point(parts, at) for at in (0, -1)])
    met, times = np.unique(ends, axis=0, return_counts=True)
    is_own = (met[:, None, :] == own[None, :, :]).all(axis=2).any(axis=1)
    # At an end of the line one piece is expected; elsewhere none ends unless the course is met.
    return cast("BaseGeometry", shapely.multipoints(met[~is_own | (times > 1)]))


RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-NET-06",
    slug="line_self_crossing",
    version=1,
    title=Text("界线自相交", "Line crosses itself"),
    category="界线自相交",
    quality=Quality.TOPOLOGICAL,
    basis=(
        Basis("ISO19157", "26", Severity.ADVISED_AGAINST),
        Basis("ISO19157", "27", Severity.ADVISED_AGAINST),
        Basis("GOOD_PRACTICE", "topology", Severity.ADVISED_AGAINST),
    ),
    check=_check,
    examples=(
        flagged(
            drawing(lines={"甲区|乙区": "LINESTRING(0 0, 1000 0, 1000 500, 500 500, 500 -500)"}),
            Severity.ADVISED_AGAINST,
            Text("走向绕回，与前段相交", "the course loops back across itself"),
        ),
        flagged(
            drawing(lines={"甲区|乙区": "LINESTRING(0 0, 600 0, 600 300, 600 0, 1000 0)"}),
            Severity.ADVISED_AGAINST,
            Text("折回原处的毛刺", "a spur out and back"),
        ),
        clean(
            drawing(lines={"甲区|乙区": "LINESTRING(0 0, 1000 0, 1000 500, 10 500, 10 1)"}),
            Text("绕回而相距 1 米，不相交", "it loops back to within 1 m without crossing"),
        ),
        clean(
            drawing(lines={"甲区|乙区": "LINESTRING(0 0, 1000 0, 1000 1000, 0 0)"}),
            Text("飞地的界线首尾闭合", "the line around an exclave closes on itself"),
        ),
    ),
    trap=Text(
        "环绕飞地的界线首尾相接是正常的；河曲的颈部可以极窄而不相交。",
        "A line around an exclave closes on itself as it should; the neck of a meander may be very "
        "narrow without a crossing.",
    ),
    handling=Text(
        "内业对照边界点成果表改正测点次序；无法判明的列入外业实测。",
        "Desk: restore the order of points by the table; what stays unclear is measured in the "
        "field.",
    ),
    needs=frozenset({"lines"}),
)
