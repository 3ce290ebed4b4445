"""A line ends where nothing meets it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo_service.domain.finding import Evidence, Measure, Related, Severity
from geo_service.domain.text import Text
from geo_service.geometry.arrays import Bools, Floats
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


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    limit, search = context.point_tolerance_m, context.threshold("dangle_search_m")
    to_nodes = gaps_m(case.ends.plane, case.plane_junctions)
    to_lines = _to_lines(case, search)
    free = (to_nodes.min(axis=1, initial=np.inf) > limit) & (to_lines.min(axis=1) > limit)
    free &= ~_meets_an_end(case, limit)
    for row in np.flatnonzero(free).tolist():
        line = case.lines[case.ends.line[row]]
        if not context.concerns(*line.parties):
            continue
        if _missed_tripoint(case, context, row, to_nodes[row] <= search):
            continue  # The three-way junction itself is at fault: BD-NET-04 says so.
        nearest, distance_m = _nearest(case, to_nodes[row], to_lines[row])
        yield Evidence(
            message=_message(line.name, nearest, distance_m, search),
            key=case.ends.label[row],
            subject=line_subject(line),
            related=(nearest,) if distance_m <= search else (),
            measure=_measure(distance_m, context),
            geometry=case.ends.position[row],
            suggestion=Text(
                "接到交会点，或登记为入海点。",
                "Join it to its junction, or register a sea end.",
            ),
        )


def _meets_an_end(case: BoundaryCase, within_m: float) -> Bools:
    """Which ends another end meets, be it of another part of the same line (BD-NET-09)."""
    points = np.asarray(shapely.points(case.ends.plane), dtype=object)
    end, _ = shapely.STRtree(points).query(points, predicate="dwithin", distance=within_m)
    return np.bincount(end, minlength=len(points)) > 1


def _to_lines(case: BoundaryCase, within_m: float) -> Floats:
    """Distance of every end to every other line, infinite beyond `within_m`."""
    points = np.asarray(shapely.points(case.ends.plane), dtype=object)
    apart = np.full((len(points), len(case.lines)), np.inf)
    end, line = shapely.STRtree(case.plane_lines).query(
        points, predicate="dwithin", distance=within_m
    )
    end, line = end[line != case.ends.line[end]], line[line != case.ends.line[end]]
    apart[end, line] = shapely.distance(points[end], case.plane_lines[line])
    return apart


def _missed_tripoint(case: BoundaryCase, context: BoundaryContext, row: int, near: Bools) -> bool:
    parties = {context.current(code) for code in case.lines[case.ends.line[row]].parties}
    return any(
        len(case.junctions[i].units) > 2
        and parties <= {context.current(code) for code in case.junctions[i].units}
        for i in np.flatnonzero(near).tolist()
    )


def _nearest(case: BoundaryCase, to_nodes: Floats, to_lines: Floats) -> tuple[Related, float]:
    if len(to_nodes) and to_nodes.min() <= to_lines.min():
        distance_m = float(to_nodes.min())
        return node_related(case, case.junctions[to_nodes.argmin()], distance_m), distance_m
    distance_m = float(to_lines.min())
    return line_related(case.lines[to_lines.argmin()], distance_m), distance_m


def _measure(distance_m: float, context: BoundaryContext) -> Measure:
    measured = round(distance_m, 3) if np.isfinite(distance_m) else None
    return Measure(measured, context.point_tolerance_m, "m", f"0.1 mm × 1:{context.scale}")


def _message(name: str, nearest: Related, distance_m: float, search_m: float) -> Text:
    if distance_m > search_m:
        return Text(
            f"界线{name}的一端悬空，{search_m:g} 米内没有交会点、入海点或其他界线。",
            f"One end of line {name} hangs free: no node and no line within {search_m:g} m.",
        )
    away = length(distance_m)
    what = Text("节点", "node") if nearest.kind == "boundary-node" else Text("界线", "line")
    return Text(
        f"界线{name}的一端悬空，距最近的{what.zh}（{nearest.name}）{away.zh}。",
        f"One end of line {name} hangs free, {away.en} from the nearest {what.en} "
        f"({nearest.name}).",
    )


_NORTH = "LINESTRING(0 1000, 0 0)"
_WEST = "LINESTRING(-1000 -500, 0 0)"
_EAST = "LINESTRING(0 0, 1000 -500)"
_ENDS = {
    "甲区|乙区|丙区": "POINT(0 0)",
    "甲区|乙区": "POINT(0 1000)",
    "甲区|丙区": "POINT(-1000 -500)",
    "乙区|丙区": "POINT(1000 -500)",
}
_STAR = {"乙区|甲区": _NORTH, "甲区|丙区": _WEST, "乙区|丙区": _EAST}

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-NET-01",
    slug="dangle",
    version=2,
    title=Text("界线端点悬空", "Dangling line end"),
    category="悬挂",
    quality=Quality.TOPOLOGICAL,
    basis=(
        Basis("ISO19157", "23", Severity.ADVISED_AGAINST),
        Basis("GOOD_PRACTICE", "topology", Severity.ADVISED_AGAINST),
    ),
    check=_check,
    examples=(
        flagged(
            drawing(lines={**_STAR, "乙区|甲区": "LINESTRING(0 980, 0 0)"}, nodes=_ENDS),
            Severity.ADVISED_AGAINST,
            Text("离入海点差 20 米", "20 m short of its sea end"),
        ),
        flagged(
            drawing(lines={**_STAR, "乙区|甲区": "LINESTRING(0 1000, 0 200)"}, nodes=_ENDS),
            Severity.ADVISED_AGAINST,
            Text("离交会点差 200 米就断了", "stops 200 m before the junction"),
        ),
        clean(drawing(lines=_STAR, nodes=_ENDS), Text("各端都有着落", "every end has its node")),
        clean(
            drawing(lines={**_STAR, "乙区|甲区": "LINESTRING(0 999.2, 0 0)"}, nodes=_ENDS),
            Text("差 0.8 米，在 1 米限差内", "0.8 m off, within the limit of 1 m"),
        ),
        clean(
            drawing(
                lines={**_STAR, "乙区|甲区": "MULTILINESTRING((0 1000, 0 400), (0 400, 0 0))"},
                nodes=_ENDS,
            ),
            Text("一条界线的两部分相接", "two parts of one line meet"),
        ),
        clean(
            drawing(lines={**_STAR, "乙区|甲区": "LINESTRING(0 1000, 0 20)"}, nodes=_ENDS),
            Text(
                "三交点旁差 20 米，由三交点规则报告，不重复",
                "20 m short at a three-way junction: that rule reports it, not twice",
            ),
        ),
    ),
    trap=Text(
        "入海点未登记、或界线伸到资料范围之外时，好端点也会被报为悬空。",
        "A sea end that was not registered, or a line that leaves the area of the data, looks like "
        "a dangle.",
    ),
    handling=Text(
        "内业核对：接到三交点，或登记入海点；坐标以成果表为准。",
        "Desk: join to the junction or register the sea end; the coordinate tables decide.",
    ),
    needs=frozenset({"lines", "junctions"}),
)
