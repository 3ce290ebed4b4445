"""Two lines are drawn for one stretch between the same two units."""

from __future__ import annotations

from collections.abc import Iterator

import shapely

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.text import Text
from geo_service.geometry import coverage
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import (
    BoundaryCase,
    BoundaryContext,
    line_related,
    line_subject,
)
from geo_service.rules.boundaries._drawing import clean, drawing, flagged
from geo_service.rules.boundaries._wording import length

_SAMPLES = 200
"""Points along the shorter line at which it is judged whether the other runs beside it."""


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    search = context.threshold("dangle_search_m")
    one, other = shapely.STRtree(case.plane_lines).query(
        case.plane_lines, predicate="dwithin", distance=search
    )
    for i, j in sorted(zip(one.tolist(), other.tolist(), strict=True)):
        if i >= j or not _same_sides(case, context, i, j):
            continue
        beside_m = _beside_m(case, i, j, search)
        shorter_m = min(float(shapely.length(case.plane_lines[k])) for k in (i, j))
        if beside_m >= min(context.threshold("adjacency_min_m"), shorter_m / 2):
            yield _evidence(case, context, (i, j), beside_m)


def _same_sides(case: BoundaryCase, context: BoundaryContext, i: int, j: int) -> bool:
    one, other = (case.lines[k].parties for k in (i, j))
    pairs = [{context.current(code) for code in parties} for parties in (one, other)]
    return pairs[0] == pairs[1] and context.concerns(*one)


def _beside_m(case: BoundaryCase, i: int, j: int, search_m: float) -> float:
    """How much of the shorter line has the longer one beside it."""
    short, long = sorted((case.plane_lines[i], case.plane_lines[j]), key=shapely.length)
    step_m = float(shapely.length(short)) / _SAMPLES
    return case.kept.once(coverage.length_beside_m, short, (long,), search_m, step_m=step_m)


def _evidence(
    case: BoundaryCase, context: BoundaryContext, pair: tuple[int, int], beside_m: float
) -> Evidence:
    one, other = (case.lines[i] for i in pair)
    plane = case.plane_lines[list(pair)]
    apart_m = float(shapely.hausdorff_distance(plane[0], plane[1]))
    along, apart = length(beside_m), length(apart_m)
    between = case.names_of(one.parties)
    return Evidence(
        message=Text(
            f"{between}之间同一段有两条界线：{one.code} 与 {other.code} 并行 {along.zh}，"
            f"最远相距 {apart.zh}。",
            f"Two lines stand for one stretch between {between}: {one.code} and {other.code} run "
            f"side by side for {along.en}, at most {apart.en} apart.",
        ),
        key=other.code,
        subject=line_subject(one),
        related=(line_related(other),),
        measure=context.measure(beside_m, "adjacency_min_m", "m"),
        geometry=one.geometry,
        suggestion=Text(
            "以批准的协议书及附图为准保留一条，另一条注销并留档。",
            "Keep the one of the approved agreement and map; retire the other and archive it.",
        ),
    )


_COURSE = "LINESTRING(0 1000, 0 0)"
_AGAIN = "99010001010102"

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-NET-05",
    slug="duplicate_line",
    version=1,
    title=Text("同一段界线重复", "Two lines for one stretch"),
    category="界线重复",
    quality=Quality.COMMISSION,
    basis=(
        Basis("ISO19157", "4", Severity.ADVISED_AGAINST),
        Basis("B02", "2", Severity.ADVISED_AGAINST),
    ),
    check=_check,
    examples=(
        flagged(
            drawing(lines={"甲区|乙区": _COURSE, f"甲区|乙区#{_AGAIN}": _COURSE}),
            Severity.ADVISED_AGAINST,
            Text("同一条界线登记了两次", "one line entered twice"),
        ),
        flagged(
            drawing(
                lines={
                    "甲区|乙区": _COURSE,
                    f"甲区|乙区#{_AGAIN}": "LINESTRING(30 900, 12 500, 20 100)",
                }
            ),
            Severity.ADVISED_AGAINST,
            Text("两侧各存一份，走向相差 30 米", "each side filed its copy, 30 m apart"),
        ),
        clean(
            drawing(
                lines={
                    "甲区|乙区": _COURSE,
                    f"甲区|乙区#{_AGAIN}": "LINESTRING(0 -3000, 0 -4000)",
                }
            ),
            Text(
                "同两个单位之间分开的两段，各为一条",
                "two stretches apart between the same two units",
            ),
        ),
        clean(
            drawing(lines={"甲区|乙区": _COURSE, "甲区|丙区": "LINESTRING(10 1000, 10 0)"}),
            Text("并行的是另一对单位的界线", "the line beside it belongs to another pair"),
        ),
    ),
    trap=Text(
        "区划调整后，原来两个单位各自的界线可能同属今天的一对单位：只要首尾相接而不并行，就不是重复。",
        "After a change of units two former lines may now belong to one pair: as long as they "
        "follow each other and do not run side by side, neither is a duplicate.",
    ),
    handling=Text(
        "内业核对两条的来源；两侧各执一份且不一致的，列入联检核对，不自行取舍。",
        "Desk: find where both came from; where each side holds its own copy and they differ, put "
        "it on the list for the joint inspection; the program chooses none.",
    ),
    needs=frozenset({"lines"}),
)
