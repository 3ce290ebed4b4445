"""A road goes on across a line under another name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from geo_service.domain.finding import Evidence, Related, Severity
from geo_service.domain.supporting.ground import NamedRoad
from geo_service.domain.text import Text
from geo_service.geometry import crs
from geo_service.geometry.arrays import Bools, Floats, Geometries, Ints
from geo_service.geometry.track import as_points, to_degrees
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext
from geo_service.rules.boundaries._drawing import beside, clean, drawing, flagged, said
from geo_service.rules.boundaries._ground import (
    along,
    along_each,
    both_sides,
    judged_lines,
    nearest_lines,
    record_subject,
    shapes_of,
)
from geo_service.rules.boundaries._wording import chainage, length


@dataclass(frozen=True, slots=True)
class _Ends:
    """Ends of roads near a line, one row each, in the plane.

    `road` and `line` are numbers; `way` (n, 2) is the direction in which the road comes to its
    end; `offset_m` is how far left of the line the road lies a little way back from its end.
    """

    road: Ints
    line: Ints
    at: Floats
    way: Floats
    offset_m: Floats


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    roads = case.supporting.all(NamedRoad)
    ends = _ends(case, context, shapes_of(roads))
    names = np.array([road.name.strip() for road in roads])
    one, other = _going_on(ends, context)
    renamed = names[ends.road[one]] != names[ends.road[other]]
    for i, j in zip(one[renamed].tolist(), other[renamed].tolist(), strict=True):
        yield _evidence(case, roads, ends, i, j)


def _ends(case: BoundaryCase, context: BoundaryContext, shapes: Geometries) -> _Ends:
    reach = context.threshold("road_across_m")
    parts, road = shapely.get_parts(shapes, return_index=True)
    parts, road = parts[~shapely.is_closed(parts)], road[~shapely.is_closed(parts)]
    numbers = judged_lines(case, context)
    found = []
    for last in (False, True):
        tips = shapely.get_point(parts, -1 if last else 0)
        at = shapely.get_coordinates(crs.to_plane(tips, case.plane_epsg))
        line, _ = nearest_lines(case, numbers, at, reach)
        near = np.flatnonzero(line >= 0)
        # Only roads that end by a line are taken to the plane whole.
        plane = crs.to_plane(parts[near], case.plane_epsg)
        back = shapely.line_interpolate_point(plane, -reach if last else reach)
        places = shapely.get_coordinates(back)
        way = at[near] - places
        way /= np.maximum(np.hypot(*way.T), np.finfo(float).tiny)[:, None]
        beside_line = along_each(case, line[near], to_degrees(places, case.plane_epsg))
        found.append(_Ends(road[near], line[near], at[near], way, beside_line.offset_m))
    both = ((getattr(one, column) for one in found) for column in _Ends.__slots__)
    return _Ends(*(np.concatenate(list(column)) for column in both))


def _going_on(ends: _Ends, context: BoundaryContext) -> tuple[Ints, Ints]:
    """Pairs of ends of which each is the straightest way on from the other across one line."""
    reach = context.threshold("road_across_m")
    points = as_points(ends.at)
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=reach)
    turned = _turn_deg(ends.way[one], -ends.way[other])
    fits = (ends.road[one] != ends.road[other]) & (ends.line[one] == ends.line[other])
    fits &= _across(ends.offset_m[one], ends.offset_m[other], context.line_tolerance_m)
    fits &= turned <= context.threshold("road_across_deg")
    one, other, turned = one[fits], other[fits], turned[fits]
    order = np.lexsort((other, turned, one))
    one, other = one[order], other[order]
    first = np.insert(one[1:] != one[:-1], 0, True) if len(one) else np.zeros(0, dtype=bool)
    best = dict(zip(one[first].tolist(), other[first].tolist(), strict=True))
    mutual = sorted((i, j) for i, j in best.items() if i < j and best.get(j) == i)
    pairs = np.array(mutual, dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _across(one_m: Floats, other_m: Floats, least_m: float) -> Bools:
    """Whether two places lie on two sides of a line; a road along it is on neither."""
    return (np.minimum(np.abs(one_m), np.abs(other_m)) > least_m) & (one_m * other_m < 0)


def _turn_deg(one: Floats, other: Floats) -> Floats:
    return np.asarray(np.degrees(np.arccos(np.clip((one * other).sum(axis=1), -1.0, 1.0))))


def _evidence(
    case: BoundaryCase, roads: tuple[NamedRoad, ...], ends: _Ends, i: int, j: int
) -> Evidence:
    line = case.lines[ends.line[i]]
    here, there = sorted((roads[ends.road[i]], roads[ends.road[j]]), key=lambda road: road.id)
    gap_m = float(np.hypot(*(ends.at[i] - ends.at[j])))
    middle = to_degrees((ends.at[[i]] + ends.at[[j]]) / 2, case.plane_epsg)
    met = along(case, line, middle)
    where, gap = chainage(met.chainage_m), length(gap_m)
    return Evidence(
        message=Text(
            f"{here.name}过{line.name}后接{there.name}，名称不同（{where.zh}，两端"
            f"相距 {gap.zh}）。",
            f"{here.name} goes on across {line.name} as {there.name} ({where.en}, ends {gap.en} "
            "apart).",
        ),
        key=f"{line.code}|{there.id}",
        subject=record_subject(here, here.name),
        related=(
            Related(there.LAYER, there.id, there.name, round(gap_m, 3)),
            *both_sides(case, line, round(float(np.abs(met.offset_m[0])), 3)),
        ),
        geometry=as_points(middle)[0],
        suggestion=Text(
            "告知两侧地名主管部门；是否统一由其按地名规定商定。",
            "Tell the name authorities on both sides; whether to use one name is theirs to agree.",
        ),
    )


_LINE = {"甲区|乙区": "LINESTRING(0 0, 2000 0)"}


def _roads(**courses: str) -> BoundaryCase:
    rows = (said(NamedRoad, n, wkt, name=name) for n, (name, wkt) in enumerate(courses.items()))
    return beside(drawing(lines=_LINE), *rows)


RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-GND-05",
    slug="road_changes_name",
    version=1,
    title=Text("道路过界后名称不同", "Road changes its name at the line"),
    category="过界异名",
    quality=Quality.THEMATIC,
    basis=(Basis("GOOD_PRACTICE", "ground", Severity.INFO),),
    check=_check,
    examples=(
        flagged(
            _roads(示例路="LINESTRING(500 600, 500 0)", 样例路="LINESTRING(500 0, 480 -600)"),
            Severity.INFO,
            Text("同一条路在界线处换名", "one road, another name from the line on"),
        ),
        flagged(
            _roads(示例路="LINESTRING(500 600, 500 20)", 样例路="LINESTRING(510 -600, 510 -15)"),
            Severity.INFO,
            Text("两侧各画到界线附近，相距 36 米", "each drawn up to the line, 36 m apart"),
        ),
        clean(
            _roads(示例路="LINESTRING(500 600, 500 0)", 样例路="LINESTRING(500 0, 1100 -20)"),
            Text("在界线处相交成直角的另一条路", "another road, met at a right angle"),
        ),
        clean(
            _roads(示例路="LINESTRING(500 600, 500 30)", 样例路="LINESTRING(500 -600, 500 -30)"),
            Text("两端相距 60 米，不算相接", "60 m apart is no continuation"),
        ),
        clean(
            beside(
                drawing(lines=_LINE),
                said(NamedRoad, 1, "LINESTRING(500 600, 500 0)", name="示例路"),
                said(NamedRoad, 2, "LINESTRING(500 0, 500 -600)", name="示例路"),
                said(NamedRoad, 3, "LINESTRING(500 0, 700 -600)", name="样例路"),
            ),
            Text("过界后同名，旁边还有一条岔路", "the same name beyond, and a branch beside it"),
        ),
    ),
    trap=Text(
        "以方位、序数区分的派生名称（某某东路）也算不同名；两侧各有历史名称的，不必强求统一。",
        "Derived names (… East Road) count as different; two names of long standing need not be "
        "made one.",
    ),
    handling=Text(
        "转地名主管部门参考；不影响界线。", "For the name authorities; it does not touch the line."
    ),
    needs=frozenset({"lines", "named-roads"}),
)
