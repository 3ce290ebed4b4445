"""A boundary point of the table of results does not lie on its line."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.supporting.papers import BoundaryPoint
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext
from geo_service.rules.boundaries._drawing import beside, clean, drawing, flagged, said
from geo_service.rules.boundaries._ground import (
    along_each,
    both_sides,
    judged_lines,
    record_subject,
)
from geo_service.rules.boundaries._wording import length


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    judged = {case.lines[i].code: i for i in judged_lines(case, context).tolist()}
    points = [
        point
        for point in case.supporting.all(BoundaryPoint)
        if point.line_code in judged and point.geometry is not None
    ]
    if not points:
        return
    numbers = np.array([judged[point.line_code] for point in points], dtype=np.int64)
    places = shapely.get_coordinates([point.geometry for point in points])
    at = along_each(case, numbers, places)
    limit = context.point_tolerance_m + context.line_tolerance_m
    for row in np.flatnonzero(np.abs(at.offset_m) > limit).tolist():
        metres = float(at.offset_m[row]), float(at.chainage_m[row])
        yield _evidence(case, context, int(numbers[row]), points[row], metres)


def _evidence(
    case: BoundaryCase,
    context: BoundaryContext,
    number: int,
    point: BoundaryPoint,
    metres: tuple[float, float],
) -> Evidence:
    line, limit = case.lines[number], context.point_tolerance_m + context.line_tolerance_m
    apart, chainage = length(abs(metres[0])), length(metres[1])
    side = Text("左", "left") if metres[0] > 0 else Text("右", "right")
    return Evidence(
        message=Text(
            f"{line.name}边界点 {point.number}（里程 {chainage.zh}）在界线{side.zh}侧 {apart.zh}，"
            f"限差 {limit:g} 米。",
            f"Boundary point {point.number} of {line.name} (chainage {chainage.en}) lies "
            f"{apart.en} to the {side.en} of the line, limit {limit:g} m.",
        ),
        subject=record_subject(point, point.number),
        related=both_sides(case, line, abs(metres[0])),
        measure=Measure(
            round(abs(metres[0]), 3), limit, "m", f"(0.1 + 0.2) mm × 1:{context.scale}"
        ),
        geometry=point.geometry,
        suggestion=Text(
            "对照边界点成果表和协议书附图核对；不以点改线，也不以线改点。",
            "Compare with the table of boundary points and the map of the agreement; neither "
            "point nor line is moved to the other.",
        ),
    )


_LINE = drawing(lines={"甲区|乙区": "LINESTRING(0 0, 5000 0)"})


def _point(wkt: str, line_code: str = "990101-990102") -> BoundaryCase:
    return beside(_LINE, said(BoundaryPoint, 1, wkt, number="B12", line_code=line_code))


RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-PNT-01",
    slug="boundary_point_off_line",
    version=1,
    title=Text("边界点不在界线上", "Boundary point off its line"),
    category="点线不符",
    quality=Quality.POSITIONAL,
    # The measure of ISO 19157 for it is known from memory only, the standard of results unread.
    basis=(
        Basis("GOOD_PRACTICE", "topology", Severity.ADVISED_AGAINST),
        Basis("GBT17796", "results", Severity.HUMAN),
    ),
    check=_check,
    examples=(
        flagged(
            _point("POINT(1200 8)"),
            Severity.ADVISED_AGAINST,
            Text("在界线北侧 8 米", "8 m north of the line"),
        ),
        flagged(
            _point("POINT(5010 0)"),
            Severity.ADVISED_AGAINST,
            Text("超出界线末端 10 米", "10 m beyond the end of the line"),
        ),
        clean(
            _point("POINT(1200 2.5)"),
            Text("差 2.5 米，在 3 米限差内", "2.5 m off, within the limit of 3 m"),
        ),
        clean(
            _point("POINT(1200 800)", "990101-990103"),
            Text("是另一条界线的边界点", "a point of another line"),
        ),
    ),
    trap=Text(
        "双线河、宽路上的边界点可以立在岸边或路边，与水中、路中的界线相距河宽、路宽的一半。",
        "On a broad river or road a boundary point may stand on the bank, half the width from the "
        "line in the middle.",
    ),
    handling=Text(
        "内业核对成果表；确有出入的，由双方复测后更正成果。",
        "Desk check of the table; where it stands, both sides re-measure and correct the results.",
    ),
    needs=frozenset({"lines", "boundary-points"}),
)
