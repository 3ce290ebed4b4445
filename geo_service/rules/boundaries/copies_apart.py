"""Two copies of one line lie farther apart than the map scale allows."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.text import Text
from geo_service.geometry.copies import LineCopies
from geo_service.geometry.reconciliation import Departure, Reconciliation
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import (
    BoundaryCase,
    BoundaryContext,
    line_related,
    line_subject,
)
from geo_service.rules.boundaries._drawing import clean, flagged, two_copies
from geo_service.rules.boundaries._wording import area, length

_SIDES = {"a": Text("甲份", "copy A"), "b": Text("乙份", "copy B")}


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    for copies in case.copies:
        measured = copies.measured
        if measured is None or not context.concerns(*copies.a.parties):
            continue
        if not measured.within_tolerance:
            yield _evidence(copies, measured, context)


def _evidence(copies: LineCopies, measured: Reconciliation, context: BoundaryContext) -> Evidence:
    limit = measured.tolerance_m
    farthest, between = length(measured.hausdorff_m), _between(measured)
    worst = max(measured.departures, key=lambda d: d.largest_m, default=None)
    where = Text("", "") if worst is None else _where(worst)
    count = len(measured.departures)
    return Evidence(
        message=Text(
            f"{copies.name}的甲、乙两份画法不一：相差最大 {farthest.zh}，限差 {limit:g} 米；"
            f"超限 {count} 段{where.zh}；{between.zh}。",
            f"The two copies of {copies.name} are drawn differently: up to {farthest.en} apart, "
            f"limit {limit:g} m; {count} stretch(es) over it{where.en}; {between.en}.",
        ),
        subject=line_subject(copies.a),
        related=(line_related(copies.a), line_related(copies.b, measured.hausdorff_m)),
        measure=Measure(round(measured.hausdorff_m, 3), limit, "m", f"0.2 mm × 1:{context.scale}"),
        geometry=None if worst is None else worst.geometry,
        suggestion=Text(
            "双方对照协议书、附图和界桩成果表逐段核对；本程序不替双方选定哪一份。",
            "Both sides compare stretch by stretch with the agreement, its map and the table of "
            "markers; the program chooses neither copy.",
        ),
    )


def _between(measured: Reconciliation) -> Text:
    if not measured.matched:
        return Text("没有一段相对应", "no stretch has a counterpart")
    size = area(measured.area_m2)
    return Text(f"两线之间 {size.zh}", f"{size.en} between them")


def _where(worst: Departure) -> Text:
    side = _SIDES[worst.side]
    start, end = length(worst.own.from_m), length(worst.own.to_m)
    return Text(
        f"，最大处在{side.zh}里程 {start.zh} 至 {end.zh}",
        f", the largest from {start.en} to {end.en} of {side.en}",
    )


_STRAIGHT = "LINESTRING(0 0, 1000 0)"

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-CMP-01",
    slug="copies_apart",
    version=1,
    title=Text("同一界线的两份资料不一致", "Two copies of one line differ"),
    category="两份不一",
    quality=Quality.POSITIONAL,
    basis=(
        Basis("B02", "2", Severity.ADVISED_AGAINST),
        Basis("ISO19157", "30", Severity.INFO),
        Basis("INSPIRE", "technicalStatus", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            two_copies(_STRAIGHT, "LINESTRING(0 0, 400 0, 500 20, 600 0, 1000 0)"),
            Severity.ADVISED_AGAINST,
            Text("乙份在中段凸出 20 米", "copy B bulges by 20 m in the middle"),
        ),
        flagged(
            two_copies(_STRAIGHT, "LINESTRING(0 0, 800 0)"),
            Severity.ADVISED_AGAINST,
            Text("乙份少画 200 米", "copy B stops 200 m short"),
        ),
        clean(
            two_copies(_STRAIGHT, "LINESTRING(1000 1.5, 0 1.5)"),
            Text(
                "相差 1.5 米，在限差内；画的方向相反不算差别",
                "1.5 m apart, within the limit; drawn the other way is no difference",
            ),
        ),
        clean(
            two_copies(_STRAIGHT, "LINESTRING(0 0, 300 0, 1000 0)"),
            Text("多一个顶点，形状相同", "one more vertex, the same shape"),
        ),
    ),
    trap=Text(
        "一份整体平移（坐标系弄错、GCJ-02）会使每条线都超限，先看比对报告中的整体偏移；"
        "网络地图与成果的出入是绘图差异，不是争议。",
        "One copy moved as a whole (a wrong system, GCJ-02) puts every line over the limit: look "
        "at the common shift of the report first; a web map differs by drawing, not by dispute.",
    ),
    handling=Text(
        "双方以批准的协议书及附图为准共同核对，各自改正并记录；意见不一的报批准机关。",
        "Both sides compare with the approved agreement and map, correct their own copy and log "
        "it; what stays open goes to the approving authority.",
    ),
    needs=frozenset({"copies"}),
)
