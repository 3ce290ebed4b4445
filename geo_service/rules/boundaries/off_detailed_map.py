"""A line is drawn otherwise than on the detailed map."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Measure, Severity, Subject
from geo_service.domain.supporting.ground import DetailedLine
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext, line_subject
from geo_service.rules.boundaries._drawing import beside, clean, drawing, flagged, said
from geo_service.rules.boundaries._drawn_elsewhere import (
    Drawing,
    drawings,
    place_of,
    span_here,
    stretch,
)
from geo_service.rules.boundaries._ground import both_sides, judged_lines
from geo_service.rules.boundaries._wording import length


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    rows, limit = case.supporting.all(DetailedLine), context.line_tolerance_m
    lines = [case.lines[number] for number in judged_lines(case, context).tolist()]
    if lines and not {line.code for line in lines} & {row.line_code for row in rows}:
        yield _of_other_lines(context, lines[0].code, rows[0].line_code)
    for drawn in drawings(case, context, rows, limit):
        if drawn.apart:
            yield _apart(case, context, drawn)
        if drawn.unmatched:
            yield _unmatched(case, drawn)


def _apart(case: BoundaryCase, context: BoundaryContext, drawn: Drawing) -> Evidence:
    line, worst, limit = drawn.line, drawn.worst, context.line_tolerance_m
    farthest, where, count = length(worst.largest_m), stretch(worst), len(drawn.apart)
    return Evidence(
        message=Text(
            f"{line.name}的画法与详图不一致：最远相差 {farthest.zh}，限差 {limit:g} 米；"
            f"超限 {count} 段，最大处{where.zh}。",
            f"{line.name} is drawn otherwise than on the detailed map: up to {farthest.en} apart, "
            f"limit {limit:g} m; {count} stretch(es) over it, the largest {where.en}.",
        ),
        aspect="apart",
        key="apart",
        subject=line_subject(line),
        related=both_sides(case, line, round(worst.largest_m, 3)),
        measure=Measure(round(worst.largest_m, 3), limit, "m", f"0.2 mm × 1:{context.scale}"),
        geometry=place_of(drawn.apart),
        suggestion=Text(
            "界线画法以详图为准；本资料先对照协议书及附图核对，认为详图有误的报批准机关。",
            "Lines are drawn as on the detailed map; check this drawing against the agreement and "
            "its map first, and tell the approving authority where the detailed map seems wrong.",
        ),
    )


def _unmatched(case: BoundaryCase, drawn: Drawing) -> Evidence:
    line = drawn.line
    spans = [span_here(one) for one in drawn.unmatched]
    lacking = length(sum(span.length_m for span in spans))
    where = stretch(max(drawn.unmatched, key=lambda one: span_here(one).length_m))
    return Evidence(
        message=Text(
            f"所给详图中没有{line.name}的 {lacking.zh}，最长一段{where.zh}。",
            f"The detailed map as given lacks {lacking.en} of {line.name}, the longest stretch "
            f"{where.en}.",
        ),
        aspect="unmatched",
        key="unmatched",
        subject=line_subject(line),
        related=both_sides(case, line),
        geometry=place_of(drawn.unmatched),
        question=Text(
            "所给详图是否只是部分图幅？若是全图，该段为何没有？",
            "Is the detailed map as given some of the sheets only? If not, why does it lack this "
            "stretch?",
        ),
    )


def _of_other_lines(context: BoundaryContext, ours: str, theirs: str) -> Evidence:
    return Evidence(
        message=Text(
            f"所给详图中没有受检的界线：资料的界线代码如 {ours}，详图的如 {theirs}。",
            f"The detailed map as given has none of the lines checked: codes here are like {ours}, "
            f"on the detailed map like {theirs}.",
        ),
        aspect="none",
        key="none",
        subject=Subject("city", context.city.code, context.city.name.zh),
        question=Text(
            "详图的界线代码与资料的写法是否一致？是否给错了图？",
            "Are the codes of the lines written alike in both, and is this the right map?",
        ),
    )


_LINE = {"甲区|乙区": "LINESTRING(0 0, 2000 0)"}


def _detailed(*parts: str, code: str = "990101-990102") -> BoundaryCase:
    rows = (said(DetailedLine, n, part, line_code=code) for n, part in enumerate(parts))
    return beside(drawing(lines=_LINE), *rows)


RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-CMP-04",
    slug="off_detailed_map",
    version=1,
    title=Text("界线画法与详图不一致", "Line drawn otherwise than on the detailed map"),
    category="详图不符",
    quality=Quality.POSITIONAL,
    basis=(
        Basis("B02", "14", Severity.ADVISED_AGAINST, aspect="apart"),
        Basis("ISO19157", "30", Severity.INFO, aspect="apart"),
        Basis("B02", "14", Severity.HUMAN, aspect="unmatched"),
        Basis("B02", "14", Severity.HUMAN, aspect="none"),
    ),
    check=_check,
    examples=(
        flagged(
            _detailed("LINESTRING(0 0, 900 0, 1000 6, 1100 0, 2000 0)"),
            Severity.ADVISED_AGAINST,
            Text("详图在中段凸出 6 米", "the detailed map bulges by 6 m in the middle"),
        ),
        flagged(
            _detailed("LINESTRING(-300 0, 2000 0)"),
            Severity.ADVISED_AGAINST,
            Text("详图的界线多出 300 米", "the line of the detailed map runs on for 300 m"),
        ),
        flagged(
            _detailed("LINESTRING(0 0, 1200 0)"),
            Severity.HUMAN,
            Text("详图少 800 米，可能只给了一幅", "800 m less on it: it may be one sheet only"),
        ),
        flagged(
            _detailed("LINESTRING(0 0, 2000 0)", code="甲乙线"),
            Severity.HUMAN,
            Text("详图用名称、资料用代码，一条也对不上", "names there and codes here: none match"),
        ),
        clean(
            _detailed("LINESTRING(2000 0, 1000 1.7, 0 0)"),
            Text(
                "最远 1.7 米，在 2 米限差内；方向相反",
                "1.7 m at most, limit 2 m; drawn the other way",
            ),
        ),
        clean(
            _detailed("LINESTRING(0 0, 1000 0)", "LINESTRING(1000 0, 2000 0)"),
            Text("详图分两幅，合起来一致", "on two sheets, which together agree"),
        ),
    ),
    trap=Text(
        "详图与资料坐标系或比例尺不同时处处超限：先看差值是否一致，再用 --scale 指明比例尺。"
        "只给部分图幅时会问到缺少的一段。",
        "Another coordinate system or scale puts every stretch over the limit: see first whether "
        "the difference is the same everywhere, and give the scale by --scale. Where only some "
        "sheets are given, the stretch they lack is asked about.",
    ),
    handling=Text(
        "各类地图的界线画法须与详图一致：以详图为准改正资料并记录；协议书与详图不符的报批准机关。",
        "Every map draws the lines as the detailed map does: correct the drawing by it and log "
        "it; where agreement and detailed map differ, tell the approving authority.",
    ),
    needs=frozenset({"lines", "detailed-map"}),
)
