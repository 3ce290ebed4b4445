"""All coordinates of a layer were rounded to a coarse step: places are lost for good."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.domain.finding import Evidence, Measure, Severity, Subject
from geo_service.domain.text import Text
from geo_service.geometry import crs
from geo_service.geometry.arrays import Floats
from geo_service.geometry.measure import distances_m
from geo_service.geometry.precision import rounded_to
from geo_service.geometry.track import as_points, to_degrees
from geo_service.messages import message
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext
from geo_service.rules.boundaries._drawing import clean, drawing, flagged, lines_told
from geo_service.rules.boundaries._wording import length

_FINE, _COARSE = "fine", "coarse"
_DEGREES = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
"""Five decimals and fewer; the sixth is a tenth of a metre."""
_METRES = (1.0, 10.0, 100.0, 1000.0)


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    layers: dict[str, list[BaseGeometry | None]] = {
        "units": [unit.geometry for unit in case.units],
        "lines": [line.geometry for line in case.lines],
        "nodes": [node.position for node in case.nodes],
    }
    for name, shapes in layers.items():
        found = shapely.get_coordinates(np.array(shapes, dtype=object))
        places = np.unique(found[np.isfinite(found).all(axis=1)], axis=0)
        if len(places) >= context.threshold("precision_least"):
            yield from _rounded(case, context, name, places)


def _rounded(
    case: BoundaryCase, context: BoundaryContext, name: str, places: Floats
) -> Iterator[Evidence]:
    share = context.threshold("precision_share")
    degrees = rounded_to(places.ravel(), _DEGREES, share)
    if degrees is not None:
        metres = distances_m(places[:1], places[:1] + np.array([0.0, degrees]))
        decimals = round(-np.log10(degrees))
        how = Text(f"只写到小数 {decimals} 位度", f"are given to {decimals} decimals of a degree")
        yield _evidence(context, name, places, (how, float(metres[0])))
        return
    plane = shapely.get_coordinates(crs.to_plane(as_points(places), case.plane_epsg))
    step = rounded_to(plane.ravel(), _METRES, share)
    if step is not None:
        said = length(step)
        how = Text(f"取整到 {said.zh}", f"are rounded to {said.en}")
        yield _evidence(context, name, places, (how, step))


def _evidence(
    context: BoundaryContext, name: str, places: Floats, step: tuple[Text, float]
) -> Evidence:
    how, metres = step
    layer, apart = message(f"rules.word_{name}"), length(metres)
    return Evidence(
        message=Text(
            f"图层“{layer.zh}”的 {len(places)} 处坐标{how.zh}，即每 {apart.zh}一格，"
            "位置误差可达其一半。",
            f"The {len(places)} places of the layer “{layer.en}” {how.en}, in steps of "
            f"{apart.en}: a place may be off by half of that.",
        ),
        key=name,
        aspect=_COARSE if metres / 2 > context.line_tolerance_m else _FINE,
        subject=Subject("layer", name, layer.zh),
        measure=Measure(
            round(metres, 3),
            context.threshold("precision_step_m"),
            "m",
            f"data/cities/{context.city.code}: precision_step_m",
        ),
        geometry=shapely.box(*places.min(axis=0), *places.max(axis=0)),
        question=Text(
            "是否有未取舍的原始坐标？", "Are there coordinates from before they were rounded?"
        ),
        suggestion=Text(
            "请提供方按原始精度重新导出：度保留六位以上小数，米保留两位。",
            "Have the data exported anew as surveyed: six decimals of a degree or more, two of a "
            "metre.",
        ),
    )


def _moved(case: BoundaryCase, by: Callable[[Floats], Floats]) -> BoundaryCase:
    (line,) = case.lines
    return lines_told(case, geometry=shapely.transform(line.geometry, by))


def _zigzag(decimals: int) -> BoundaryCase:
    """A line of thirty vertices whose degrees are rounded."""
    steps = ", ".join(f"{n * 317} {(n * 7919) % 613}" for n in range(30))
    case = drawing(lines={"甲区|乙区": f"LINESTRING({steps})"})
    return _moved(case, lambda places: np.round(places, decimals))


def _in_metres(step: float) -> BoundaryCase:
    """The same line with eastings and northings rounded."""
    case = _zigzag(9)

    def rounded(places: Floats) -> Floats:
        plane = shapely.get_coordinates(crs.to_plane(as_points(places), case.plane_epsg))
        return to_degrees(np.round(plane / step) * step, case.plane_epsg)

    return _moved(case, rounded)


RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-CRS-01",
    slug="coordinates_rounded",
    version=1,
    title=Text("坐标取位不足", "Coordinates rounded"),
    category="精度损失",
    quality=Quality.POSITIONAL,
    basis=(
        Basis("GOOD_PRACTICE", "crs", Severity.INFO, _FINE),
        Basis("ISO19157", "28", Severity.INFO, _FINE),
        Basis("GOOD_PRACTICE", "crs", Severity.HUMAN, _COARSE),
        Basis("ISO19157", "28", Severity.INFO, _COARSE),
    ),
    check=_check,
    examples=(
        flagged(_zigzag(5), Severity.INFO, Text("度只写五位小数", "five decimals of a degree")),
        flagged(_zigzag(3), Severity.HUMAN, Text("度只写三位小数", "three decimals of a degree")),
        flagged(_in_metres(1.0), Severity.INFO, Text("米取整", "whole metres")),
        flagged(_in_metres(100.0), Severity.HUMAN, Text("取整到百米", "whole hundreds of metres")),
        clean(_zigzag(6), Text("六位小数约 0.1 米", "six decimals are a tenth of a metre")),
        clean(_in_metres(0.1), Text("米保留一位", "one decimal of a metre")),
        clean(
            drawing(lines={"甲区|乙区": "LINESTRING(0 0, 1000 0)"}),
            Text("点太少，整数可能是巧合", "too few places: round numbers may be chance"),
        ),
    ),
    trap=Text(
        "显示时取舍、存储时未取舍的文件不在此列：看的是文件里的数。",
        "A file that only shows rounded numbers is no case: what counts is what it holds.",
    ),
    handling=Text(
        "向提供方索取原始精度的数据；已取舍的坐标不能恢复，也不作法定成果。",
        "Ask for the data as surveyed; what was rounded cannot be restored and is no legal result.",
    ),
)
