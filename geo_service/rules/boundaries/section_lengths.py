"""The lengths of the sections of a line do not add up to the length of the whole."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.supporting.papers import BoundarySection
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext, line_subject
from geo_service.rules.boundaries._drawing import (
    beside,
    clean,
    drawing,
    flagged,
    lines_told,
    said,
)


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    sections: dict[str, list[float | None]] = {}
    for section in case.supporting.all(BoundarySection):
        sections.setdefault(section.line_code, []).append(section.length_km)
    for line in case.lines:
        lengths = sections.get(line.code, [])
        stated = [length for length in lengths if length is not None]
        # A sum over sections of which one gives no length says nothing.
        if line.length_km is None or not stated or len(stated) < len(lengths):
            continue
        limit = context.threshold("section_rounding_km") * len(stated)
        if abs(sum(stated) - line.length_km) > limit and context.concerns(*line.parties):
            yield _evidence(context, line, stated, limit)


def _evidence(
    context: BoundaryContext, line: AdministrativeBoundary, stated: list[float], limit: float
) -> Evidence:
    total, whole = sum(stated), line.length_km or 0.0
    return Evidence(
        message=Text(
            f"界线{line.name}各界段长度之和 {total:.3f} 公里（{len(stated)} 段），"
            f"全长写为 {whole:.3f} 公里，相差 {abs(total - whole):.3f} 公里。",
            f"Line {line.name}: its {len(stated)} sections add up to {total:.3f} km, the whole is "
            f"given as {whole:.3f} km, {abs(total - whole):.3f} km apart.",
        ),
        subject=line_subject(line),
        measure=Measure(
            round(abs(total - whole), 3),
            limit,
            "km",
            f"data/cities/{context.city.code}: section_rounding_km × {len(stated)}",
        ),
        geometry=line.geometry,
        suggestion=Text(
            "逐段核对走向说明所写长度，查漏段、重段和抄录错误。",
            "Go through the lengths in the description: a section left out, doubled or miscopied.",
        ),
    )


_LINE = lines_told(drawing(lines={"甲区|乙区": "LINESTRING(0 5000, 0 0)"}), length_km=5.0)


def _sections(*lengths: float | None) -> BoundaryCase:
    rows = (
        said(
            BoundarySection,
            number,
            line_code="990101-990102",
            start_marker=f"{number:03d}",
            end_marker=f"{number + 1:03d}",
            length_km=length,
        )
        for number, length in enumerate(lengths, start=1)
    )
    return beside(_LINE, *rows)


RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-AGR-03",
    slug="section_lengths",
    version=1,
    title=Text("各段长度之和与全长不符", "Sections do not add up to the whole"),
    category="长度不符",
    quality=Quality.CONCEPTUAL,
    basis=(
        Basis("ISO19157", "10", Severity.INFO),
        Basis("GOOD_PRACTICE", "description", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            _sections(2.5, 2.0),
            Severity.INFO,
            Text("两段共 4.5 公里，全长写 5 公里", "4.5 km in two sections, 5 km in all"),
        ),
        flagged(
            _sections(2.5, 2.503, 0.03),
            Severity.INFO,
            Text("多出 33 米，三段允许 30 米", "33 m too long, 30 m allowed for three"),
        ),
        clean(
            _sections(2.5, 2.509),
            Text("相差 9 米，两段的取位误差可达 20 米", "9 m apart, two roundings may make 20 m"),
        ),
        clean(
            _sections(2.5, None),
            Text("有一段没有写长度，不作推断", "one section gives no length: nothing is inferred"),
        ),
    ),
    trap=Text(
        "全长取整到公里、各段取到米时，差值是取位而不是错误。",
        "Where the whole is rounded to kilometres and the sections to metres, the difference is "
        "rounding.",
    ),
    handling=Text(
        "内业核对文本；协议数字不改，改正走向说明须经双方。",
        "Desk check of the texts; agreed figures stay, a description is corrected by both sides.",
    ),
    needs=frozenset({"sections", "agreements"}),
)
