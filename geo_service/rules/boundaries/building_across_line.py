"""A building, parcel or village lies on both sides of a line."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.identity import DivisionCode
from geo_service.domain.supporting.ground import BuiltFeature
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext, line_related
from geo_service.rules.boundaries._drawing import beside, clean, drawing, flagged, said
from geo_service.rules.boundaries._ground import (
    Crossing,
    crossings,
    record_subject,
    units_related,
)
from geo_service.rules.boundaries._wording import area


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    unregistered = [row for row in case.supporting.all(BuiltFeature) if not row.register_no]
    least = context.threshold("ground_side_share")
    for row, crossing in crossings(case, context, unregistered):
        whole = sum(crossing.area_m2.values())
        shares = {code: size / whole for code, size in sorted(crossing.area_m2.items())}
        sides = {code: share for code, share in shares.items() if share > least}
        if len(sides) > 1:
            yield _evidence(case, context, row, crossing, sides)


def _evidence(
    case: BoundaryCase,
    context: BoundaryContext,
    row: BuiltFeature,
    crossing: Crossing,
    sides: dict[DivisionCode, float],
) -> Evidence:
    name, where = row.name or row.id, crossing.where(case)
    told = [
        (case.unit_names.get(c, str(c)), area(crossing.area_m2[c]), s) for c, s in sides.items()
    ]
    zh = "、".join(f"{unit} {size.zh}（{share:.0%}）" for unit, size, share in told)
    en = ", ".join(f"{unit} {size.en} ({share:.0%})" for unit, size, share in told)
    return Evidence(
        message=Text(
            f"{name}跨在界线两侧：{zh}；{where.zh}。",
            f"{name} lies on both sides of a line: {en}; {where.en}.",
        ),
        key="-".join(sides),
        subject=record_subject(row, row.name),
        related=(*map(line_related, crossing.lines), *units_related(case, list(sides))),
        measure=context.measure(min(sides.values()), "ground_side_share", ""),
        geometry=row.geometry,
        suggestion=Text(
            "查有无协议或决定；没有的由双方商定归属和管理，登记后填写登记号。",
            "Look for an agreement or decision; where there is none both sides agree on who "
            "manages it, register it and note the number.",
        ),
    )


_LINE = {"甲区|乙区": "LINESTRING(0 0, 2000 0)"}


def _built(wkt: str, **fields: str) -> BoundaryCase:
    return beside(drawing(lines=_LINE), said(BuiltFeature, 1, wkt, name="示例楼", **fields))


RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-GND-02",
    slug="building_across_line",
    version=1,
    title=Text("建筑、宗地或村庄跨界", "Building, parcel or village across the line"),
    category="跨界地物",
    quality=Quality.CONCEPTUAL,
    basis=(
        Basis("B02", "11", Severity.INFO),
        Basis("B02", "10", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            _built("POLYGON((100 -10, 140 -10, 140 10, 100 10, 100 -10))"),
            Severity.INFO,
            Text("一半在界线南侧", "half of it lies south of the line"),
        ),
        flagged(
            _built("POLYGON((100 -2, 140 -2, 140 18, 100 18, 100 -2))"),
            Severity.INFO,
            Text("一成在界线南侧", "a tenth of it lies south of the line"),
        ),
        clean(
            _built("POLYGON((100 -0.8, 140 -0.8, 140 19.2, 100 19.2, 100 -0.8))"),
            Text("越过 4%，在绘图误差内", "4 % of it beyond the line: within drawing"),
        ),
        clean(
            _built("POLYGON((100 0, 140 0, 140 20, 100 20, 100 0))"),
            Text("墙贴着界线", "its wall stands on the line"),
        ),
        clean(
            _built("POLYGON((100 -10, 140 -10, 140 10, 100 10, 100 -10))", register_no="示例-1"),
            Text("跨界已登记", "that it lies across is registered"),
        ),
    ),
    trap=Text(
        "建筑物资料的坐标系或屋顶投影差会使整片房屋偏到界线另一侧；先用控制点核对，再登记。",
        "Another coordinate system, or the lean of roofs on imagery, puts whole rows of houses "
        "across the line: check control points first.",
    ),
    handling=Text(
        "飞地和使用对方土地的，按协议或者决定管理；生产建设用地跨界须事先征得毗邻政府同意。",
        "Enclaves and land used inside the other side follow the agreement or decision; works "
        "across the line need consent beforehand.",
    ),
    needs=frozenset({"lines", "buildings"}),
)
