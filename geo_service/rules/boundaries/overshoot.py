"""A line runs a little beyond the node or the line at which it should end."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo_service.domain.finding import Evidence, Measure, Related, Severity
from geo_service.domain.text import Text
from geo_service.geometry.arrays import Floats, Geometries
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import (
    BoundaryCase,
    BoundaryContext,
    line_related,
    line_subject,
    node_related,
)
from geo_service.rules.boundaries._drawing import clean, drawing, flagged
from geo_service.rules.boundaries._network import gaps_m
from geo_service.rules.boundaries._wording import length

_Passed = tuple[float, Related]
"""How far the end lies beyond what it passed, along the line, and what that is."""


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    limit = context.point_tolerance_m
    to_nodes = gaps_m(case.ends.plane, case.plane_junctions).min(axis=1, initial=np.inf)
    for row in np.flatnonzero(to_nodes > limit).tolist():
        line = case.lines[case.ends.line[row]]
        passed = [*_nodes_passed(case, context, row), *_lines_passed(case, context, row)]
        if passed and context.concerns(*line.parties):
            # The first one met from the inside is where the line should have ended.
            yield _evidence(case, context, row, max(passed, key=lambda each: each[0]))


def _nodes_passed(case: BoundaryCase, context: BoundaryContext, row: int) -> Iterator[_Passed]:
    line, reach = case.plane_lines[case.ends.line[row]], context.threshold("overshoot_max_m")
    near = gaps_m(case.ends.plane[row : row + 1], case.plane_junctions)[0] <= reach
    places = np.asarray(shapely.points(case.plane_junctions[near]), dtype=object)
    on_line = shapely.dwithin(places, line, context.point_tolerance_m)
    beyond_m = _beyond(case, row, places[on_line]).tolist()
    for i, beyond in zip(np.flatnonzero(near)[on_line].tolist(), beyond_m, strict=True):
        if context.point_tolerance_m < beyond <= reach and _is_where_registered(case, context, i):
            yield beyond, node_related(case, case.junctions[i], beyond)


def _is_where_registered(case: BoundaryCase, context: BoundaryContext, node: int) -> bool:
    """Whether another line ends at that tripoint: else the node is off, not the line."""
    if len(case.junctions[node].units) < 3:
        return True
    away = gaps_m(case.ends.plane, case.plane_junctions[node : node + 1])
    return bool((away <= context.point_tolerance_m).any())


def _lines_passed(case: BoundaryCase, context: BoundaryContext, row: int) -> Iterator[_Passed]:
    own, reach = int(case.ends.line[row]), context.threshold("overshoot_max_m")
    end = shapely.Point(case.ends.plane[row])
    near = shapely.STRtree(case.plane_lines).query(end, predicate="dwithin", distance=reach)
    for i in sorted(set(near.tolist()) - {own}):
        common = shapely.intersection(case.plane_lines[own], case.plane_lines[i])
        places = np.asarray(shapely.points(shapely.get_coordinates(common)), dtype=object)
        beyond = _beyond(case, row, places)
        met = beyond[(beyond > context.point_tolerance_m) & (beyond <= reach)]
        if len(met):
            yield float(met.max()), line_related(case.lines[i], float(met.max()))


def _beyond(case: BoundaryCase, row: int, places: Geometries) -> Floats:
    """Way along the line from each place to the end of that row, in metres of the plane."""
    parts = shapely.get_parts(case.plane_lines[case.ends.line[row]])
    end = shapely.Point(case.ends.plane[row])
    part = parts[shapely.distance(parts, end).argmin()]
    ways = shapely.line_locate_point(part, places)
    at_start = shapely.distance(shapely.get_point(part, 0), end) == 0
    return np.asarray(ways if at_start else shapely.length(part) - ways)


def _evidence(case: BoundaryCase, context: BoundaryContext, row: int, passed: _Passed) -> Evidence:
    beyond_m, what = passed
    line = case.lines[case.ends.line[row]]
    beyond = length(beyond_m)
    kind = Text("节点", "node") if what.kind == "boundary-node" else Text("界线", "line")
    return Evidence(
        message=Text(
            f"界线{line.name}的一端越过{kind.zh}（{what.name}）{beyond.zh}。",
            f"One end of line {line.name} runs {beyond.en} beyond the {kind.en} ({what.name}).",
        ),
        key=case.ends.label[row],
        subject=line_subject(line),
        related=(what,),
        measure=Measure(
            round(beyond_m, 3), context.point_tolerance_m, "m", f"0.1 mm × 1:{context.scale}"
        ),
        geometry=case.ends.position[row],
        suggestion=Text("截去多出的一段。", "Trim what lies beyond."),
    )


_NODE = {"甲区|乙区": "POINT(0 0)"}

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-NET-07",
    slug="overshoot",
    version=1,
    title=Text("界线端点过头", "Overshoot"),
    category="过头",
    quality=Quality.TOPOLOGICAL,
    basis=(
        Basis("ISO19157", "24", Severity.INFO),
        Basis("GOOD_PRACTICE", "topology", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            drawing(lines={"甲区|乙区": "LINESTRING(-1000 0, 0 0, 6 0)"}, nodes=_NODE),
            Severity.INFO,
            Text("越过入海点 6 米", "6 m beyond its sea end"),
        ),
        flagged(
            drawing(
                lines={
                    "甲区|乙区": "LINESTRING(-1000 0, 4 0)",
                    "乙区|丙区": "LINESTRING(0 1000, 0 -1000)",
                },
                nodes={"乙区|丙区": "POINT(0 1000)"},
            ),
            Severity.INFO,
            Text("越过另一条界线 4 米", "4 m beyond another line"),
        ),
        clean(
            drawing(lines={"甲区|乙区": "LINESTRING(-1000 0, 0.6 0)"}, nodes=_NODE),
            Text("多出 0.6 米，在限差内", "0.6 m, within the limit"),
        ),
        clean(
            drawing(lines={"甲区|乙区": "LINESTRING(-1000 0, -5 0)"}, nodes=_NODE),
            Text("差 5 米未到，是悬空不是过头", "5 m short: a dangle, no overshoot"),
        ),
        clean(
            drawing(lines={"甲区|乙区": "LINESTRING(-1000 0, 40 0)"}, nodes=_NODE),
            Text("越过 40 米，由悬空规则报告", "40 m beyond: the rule on dangles reports it"),
        ),
    ),
    trap=Text(
        "三交点处的过头同时由三交点规则按端点不合报告；滩涂变化使入海点外移的，不是过头。",
        "At a three-way junction the rule on tripoints reports the same end as off; where the "
        "shore moved and the sea end with it, there is no overshoot.",
    ),
    handling=Text(
        "内业截去，登记新旧端点；端点坐标以成果表为准。",
        "Desk: trim and log both ends; the coordinate tables decide.",
    ),
    needs=frozenset({"lines", "junctions"}),
)
