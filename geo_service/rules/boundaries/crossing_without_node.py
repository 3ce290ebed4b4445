"""Two lines cross, touch or run together where no node is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.text import Text
from geo_service.geometry import crs
from geo_service.geometry.arrays import Bools, Floats, Geometries
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import (
    BoundaryCase,
    BoundaryContext,
    line_related,
    line_subject,
)
from geo_service.rules.boundaries._drawing import clean, drawing, flagged
from geo_service.rules.boundaries._network import free_ends, gaps_m
from geo_service.rules.boundaries._wording import length


@dataclass(frozen=True, slots=True)
class _Meeting:
    """Where two lines meet without a node: places in the plane, and length run together."""

    places: Floats
    together_m: float


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    limit = context.point_tolerance_m
    one, other = shapely.STRtree(case.plane_lines).query(
        case.plane_lines, predicate="dwithin", distance=limit
    )
    for i, j in sorted(zip(one.tolist(), other.tolist(), strict=True)):
        if i >= j or not context.concerns(*case.lines[i].parties, *case.lines[j].parties):
            continue
        meeting = _meeting(case, i, j, limit)
        if len(meeting.places):
            yield _evidence(case, context, (i, j), meeting)


def _meeting(case: BoundaryCase, i: int, j: int, limit_m: float) -> _Meeting:
    """Common points that are neither an end of both lines nor a node, within the limit."""
    places, together = case.kept.once(_common, case.plane_lines[i], case.plane_lines[j], limit_m)
    loose = ~_near(places, case.plane_junctions, limit_m)
    kept = np.concatenate((places[loose], shapely.get_coordinates(together)))
    return _Meeting(np.unique(kept, axis=0), float(shapely.length(together).sum()))


def _common(one: BaseGeometry, other: BaseGeometry, limit_m: float) -> tuple[Floats, Geometries]:
    """Common points of two lines that are no end of both, and what they run together."""
    common = shapely.intersection(one, other)
    parts = shapely.get_parts(common)
    ends, other_ends = free_ends(one), free_ends(other)
    near_other = shapely.dwithin(shapely.points(ends), other, limit_m)
    near_one = shapely.dwithin(shapely.points(other_ends), one, limit_m)
    met = shapely.get_coordinates(common), ends[near_other], other_ends[near_one]
    places = np.concatenate(met)
    joined = _near(places, ends, limit_m) & _near(places, other_ends, limit_m)
    return places[~joined], parts[shapely.length(parts) > limit_m]


def _near(points: Floats, others: Floats, limit_m: float) -> Bools:
    return np.asarray((gaps_m(points, others) <= limit_m).any(axis=1))


def _evidence(
    case: BoundaryCase, context: BoundaryContext, pair: tuple[int, int], meeting: _Meeting
) -> Evidence:
    one, other = (case.lines[i] for i in pair)
    points = np.array([shapely.MultiPoint(meeting.places)], dtype=object)
    if meeting.together_m:
        along = length(meeting.together_m)
        message = Text(
            f"界线{one.name}与{other.name}有 {along.zh} 画在一处。",
            f"Lines {one.name} and {other.name} run together for {along.en}.",
        )
    else:
        message = Text(
            f"界线{one.name}与{other.name}相交或相接 {len(meeting.places)} 处，该处没有节点。",
            f"Lines {one.name} and {other.name} meet in {len(meeting.places)} place(s) "
            "without a node.",
        )
    return Evidence(
        message=message,
        key=other.code,
        subject=line_subject(one),
        related=(line_related(other),),
        measure=Measure(len(meeting.places), 0, "places", f"0.1 mm × 1:{context.scale}"),
        geometry=crs.from_plane(points, case.plane_epsg)[0],
        suggestion=Text(
            "在交点设节点并分段，或改正其中一条；有争议的先查协议书。",
            "Set a node and split there, or correct one of the lines; where disputed, see the "
            "agreement.",
        ),
    )


_ACROSS = "LINESTRING(-1000 0, 1000 0)"

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-NET-02",
    slug="crossing_without_node",
    version=1,
    title=Text("界线相交处无节点", "Crossing without node"),
    category="无节点相交",
    quality=Quality.TOPOLOGICAL,
    basis=(
        Basis("ISO19157", "21", Severity.ADVISED_AGAINST),
        Basis("ISO19157", "10", Severity.ADVISED_AGAINST),
        Basis("GOOD_PRACTICE", "topology", Severity.ADVISED_AGAINST),
    ),
    check=_check,
    examples=(
        flagged(
            drawing(lines={"甲区|乙区": _ACROSS, "丙区|丁区": "LINESTRING(0 1000, 0 -1000)"}),
            Severity.ADVISED_AGAINST,
            Text("两条界线十字相交", "two lines cross"),
        ),
        flagged(
            drawing(lines={"甲区|乙区": _ACROSS, "乙区|丙区": "LINESTRING(0 0, 0 -1000)"}),
            Severity.ADVISED_AGAINST,
            Text("一条的端点接在另一条中间，没有节点", "one ends on the middle of the other"),
        ),
        flagged(
            drawing(
                lines={
                    "甲区|乙区": _ACROSS,
                    "甲区|丙区": "LINESTRING(-500 900, -500 0, 500 0, 500 900)",
                }
            ),
            Severity.ADVISED_AGAINST,
            Text("两条有 1 公里画在一处", "two lines share one kilometre"),
        ),
        clean(
            drawing(
                lines={"甲区|乙区": _ACROSS, "乙区|丙区": "LINESTRING(0 0, 0 -1000)"},
                nodes={"甲区|乙区|丙区": "POINT(0 0)"},
            ),
            Text("该处登记有三交点", "a junction is registered there"),
        ),
        clean(
            drawing(
                lines={
                    "甲区|乙区": "LINESTRING(-1000 0, 0 0)",
                    "乙区|丙区": "LINESTRING(0 0, 9 -900)",
                }
            ),
            Text("端点相接", "the lines meet end to end"),
        ),
        clean(
            drawing(lines={"甲区|乙区": _ACROSS, "乙区|丙区": "LINESTRING(0 -2, 0 -1000)"}),
            Text("相距 2 米，不相接", "2 m apart, they do not meet"),
        ),
    ),
    trap=Text(
        "界线沿同一条河来回时两条线可能极近而不相交；限差内的相接按相交处理。",
        "Two lines along one river may run very close without meeting; touching within the limit "
        "counts as meeting.",
    ),
    handling=Text(
        "内业核对后增设节点；因双方对走向认定不一致造成的，按边界争议处理程序办理。",
        "Desk: set the node; where the sides disagree on the course, the procedure for boundary "
        "disputes applies.",
    ),
    needs=frozenset({"lines"}),
)
