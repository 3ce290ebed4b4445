"""A line drawn too coarsely for what it is compared with: its vertices stand far apart."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.text import Text
from geo_service.geometry.measure import distances_m
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import DEFAULT_SCALE, BoundaryCase, BoundaryContext, line_subject
from geo_service.rules.boundaries._drawing import clean, drawing, flagged, lines_told
from geo_service.rules.boundaries._wording import length


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    """Only lines with a stated length: these are held against their agreement."""
    limit = context.threshold("generalised_spacing_m") * context.scale / DEFAULT_SCALE
    for line in case.lines:
        if not line.length_km or line.geometry is None or not context.concerns(*line.parties):
            continue
        steps = _steps_m(line)
        if len(steps) < context.threshold("generalised_least"):
            continue
        spacing = float(np.median(steps))
        if spacing > limit:
            yield _evidence(context, line, spacing, limit)


def _steps_m(line: AdministrativeBoundary) -> np.ndarray:
    """Distances between neighbouring vertices of each part."""
    parts = shapely.get_parts(line.geometry)
    places, part = shapely.get_coordinates(parts, return_index=True)
    joined = part[1:] == part[:-1]
    return distances_m(places[:-1][joined], places[1:][joined])


def _evidence(
    context: BoundaryContext, line: AdministrativeBoundary, spacing: float, limit: float
) -> Evidence:
    apart, most = length(spacing), length(limit)
    return Evidence(
        message=Text(
            f"界线{line.name}折点中位间距 {apart.zh}，超过 1:{context.scale} 的 {most.zh}："
            "疑为综合取舍过的线，量得的长度偏短，与协议长度、面边界的比较只供参考。",
            f"Vertices of line {line.name} stand {apart.en} apart (median), more than {most.en} at "
            f"1:{context.scale}: it seems generalised; it measures short, and what is held "
            "against it is for information.",
        ),
        subject=line_subject(line),
        measure=Measure(
            round(spacing, 1),
            limit,
            "m",
            f"data/cities/{context.city.code}: generalised_spacing_m × 1:{context.scale}",
        ),
        geometry=line.geometry,
        suggestion=Text(
            "用勘界成果或同比例尺的界线；只有小比例尺的线时，用 --scale 指明。",
            "Use the line of the demarcation or one of that scale; give --scale for a line of a "
            "smaller one.",
        ),
    )


def _vertices(count: int, metres: float) -> BoundaryCase:
    """A zigzag with so many steps of about so many metres; its length stands in the agreement."""
    course = ", ".join(f"{n * metres} {(n % 2) * metres / 10}" for n in range(count + 1))
    drawn = drawing(lines={"甲区|乙区": f"LINESTRING({course})"})
    return lines_told(drawn, length_km=count * metres / 1000)


RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-CRS-02",
    slug="line_generalised",
    version=1,
    title=Text("界线疑经综合取舍", "Line seems generalised"),
    category="综合取舍",
    quality=Quality.USABILITY,
    basis=(
        Basis("GOOD_PRACTICE", "crs", Severity.INFO),
        Basis("ISO19157", "28", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(_vertices(40, 120.0), Severity.INFO, Text("折点相距 120 米", "120 m apart")),
        flagged(_vertices(12, 600.0), Severity.INFO, Text("折点相距 600 米", "600 m apart")),
        clean(_vertices(100, 45.0), Text("折点相距 45 米", "45 m apart")),
        clean(
            _vertices(4, 500.0),
            Text("折点太少，直线段本来就长", "too few vertices: straight stretches are long"),
        ),
        clean(
            lines_told(_vertices(40, 120.0), length_km=None),
            Text("没有协议长度可比", "no stated length to compare with"),
        ),
    ),
    trap=Text(
        "沿直线道路、渠道的界线折点本来就少，间距大不等于取舍过。",
        "A line along a straight road or canal has few vertices though nobody generalised it.",
    ),
    handling=Text(
        "提示性意见：先换用合适比例尺的线，再看长度和面边界的差异。",
        "A hint: take a line of the right scale before judging lengths and edges.",
    ),
    needs=frozenset({"lines", "agreements"}),
)
