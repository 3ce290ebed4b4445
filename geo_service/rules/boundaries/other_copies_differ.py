"""Other offices or web maps draw a line otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.supporting.ground import OtherCopy
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext, line_subject
from geo_service.rules.boundaries._drawing import beside, clean, drawing, flagged, said
from geo_service.rules.boundaries._drawn_elsewhere import Drawing, drawings, place_of, stretch
from geo_service.rules.boundaries._ground import both_sides
from geo_service.rules.boundaries._wording import length


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    limit = context.threshold("other_copy_times") * context.line_tolerance_m
    for drawn in drawings(case, context, case.supporting.all(OtherCopy), limit):
        # A copy that shows part of a line differs in nothing it shows.
        if drawn.apart:
            yield _evidence(case, context, drawn, limit)


def _evidence(
    case: BoundaryCase, context: BoundaryContext, drawn: Drawing, limit: float
) -> Evidence:
    line, worst, times = drawn.line, drawn.worst, context.threshold("other_copy_times")
    farthest, where, count = length(worst.largest_m), stretch(worst), len(drawn.apart)
    return Evidence(
        message=Text(
            f"{drawn.owner}所画的{line.name}与本资料有绘图差异：最远相差 {farthest.zh}，"
            f"超过 {limit:g} 米的 {count} 段，最大处{where.zh}。",
            f"{line.name} as drawn by {drawn.owner} differs in drawing: up to {farthest.en} apart, "
            f"{count} stretch(es) over {limit:g} m, the largest {where.en}.",
        ),
        key=drawn.owner,
        subject=line_subject(line),
        related=both_sides(case, line, round(worst.largest_m, 3)),
        measure=Measure(
            round(worst.largest_m, 3), limit, "m", f"{times:g} × 0.2 mm × 1:{context.scale}"
        ),
        geometry=place_of(drawn.apart),
        suggestion=Text(
            f"可函告{drawn.owner}按详图更新其资料；本资料不因此改动。",
            f"{drawn.owner} may be told to bring its copy up to the detailed map; this drawing is "
            "not changed for it.",
        ),
    )


_LINE = {"甲区|乙区": "LINESTRING(0 0, 2000 0)"}


def _copied(*parts: str, owner: str = "某统计机构") -> BoundaryCase:
    rows = (
        said(OtherCopy, n, part, line_code="990101-990102", owner=owner)
        for n, part in enumerate(parts)
    )
    return beside(drawing(lines=_LINE), *rows)


RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-CMP-05",
    slug="other_copies_differ",
    version=1,
    title=Text("其他部门所画界线有绘图差异", "Other offices draw the line otherwise"),
    category="他图差异",
    quality=Quality.POSITIONAL,
    basis=(
        Basis("B02", "14", Severity.INFO),
        Basis("ISO19157", "30", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            _copied("LINESTRING(0 0, 900 0, 1000 25, 1100 0, 2000 0)"),
            Severity.INFO,
            Text("他图在中段相差 25 米", "the other map is 25 m off in the middle"),
        ),
        flagged(
            _copied("LINESTRING(450 15, 2450 15)", owner="某网络地图"),
            Severity.INFO,
            Text("网络地图整体偏东 450 米", "a web map moved 450 m to the east as a whole"),
        ),
        clean(
            _copied("LINESTRING(0 8, 2000 8)"),
            Text("相差 8 米，不到 5 倍限差", "8 m apart, under five times the tolerance"),
        ),
        clean(
            _copied("LINESTRING(500 0, 1500 0)"),
            Text("他图只有中间一段，与本资料一致", "the other map has the middle only, and agrees"),
        ),
    ),
    trap=Text(
        "网络地图经过偏移（GCJ-02）和化简，必有差异；差异只说明绘图不同，不是争议，也不是谁有错。",
        "Web maps are shifted (GCJ-02) and generalised and always differ. A difference tells of "
        "drawing, not of a dispute nor of anybody's fault.",
    ),
    handling=Text(
        "记入台账，必要时函告资料的持有单位按详图更新；不据以改动界线。",
        "Log it; where it matters tell the owner of the copy to follow the detailed map. No line "
        "is changed after it.",
    ),
    needs=frozenset({"lines", "other-copies"}),
)
