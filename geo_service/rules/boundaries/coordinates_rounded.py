"""All coordinates of a layer were rounded to a coarse step: places are lost for good."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.domain.finding import Evidence, Severity, Subject
from geo_service.domain.text import Text
from geo_service.geometry import crs
from geo_service.geometry.arrays import Floats
from geo_service.geometry.track import as_points, to_degrees
from geo_service.messages import message
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext
from geo_service.rules.boundaries._drawing import clean, drawing, flagged, lines_told
from geo_service.rules.boundaries._rounding import Rounding, rounding_of

_FINE, _COARSE = "fine", "coarse"


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    layers: dict[str, list[BaseGeometry | None]] = {
        "units": [unit.geometry for unit in case.units],
        "lines": [line.geometry for line in case.lines],
        "nodes": [node.position for node in case.nodes],
    }
    for name, shapes in layers.items():
        rounding = rounding_of(shapes, case.plane_epsg, context)
        if rounding is not None:
            yield _evidence(context, name, rounding)


def _evidence(context: BoundaryContext, name: str, rounding: Rounding) -> Evidence:
    layer, told, count = message(f"rules.word_{name}"), rounding.told, rounding.count
    return Evidence(
        message=Text(
            f"图层“{layer.zh}”的 {count} 处坐标{told.zh}。",
            f"The {count} places of the layer “{layer.en}” {told.en}.",
        ),
        key=name,
        aspect=_COARSE if rounding.metres / 2 > context.line_tolerance_m else _FINE,
        subject=Subject("layer", name, layer.zh),
        measure=context.measure(rounding.metres, "precision_step_m", "m"),
        geometry=shapely.box(*rounding.places.min(axis=0), *rounding.places.max(axis=0)),
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
        flagged(
            _moved(_zigzag(9), lambda places: np.round(places * 36000) / 36000),
            Severity.INFO,
            Text("只写到 0.1 秒，约 3 米", "to a tenth of a second, some 3 m"),
        ),
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
