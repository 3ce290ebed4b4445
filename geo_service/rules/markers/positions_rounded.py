"""A paper gives the positions of a line's markers in steps too coarse for a marker."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import shapely
from shapely.geometry import Point

from geo_service.domain.finding import Evidence, Severity, Subject
from geo_service.domain.marker import MarkerDocument
from geo_service.domain.text import Text
from geo_service.geometry.arrays import Floats
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.boundaries._rounding import Rounding, rounding_of
from geo_service.rules.markers import MarkerCase
from geo_service.rules.markers._drawing import at, clean, flagged, stone, stones
from geo_service.rules.markers._wording import document_name, line_name

_FINE, _COARSE = "fine", "coarse"


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    papers: dict[tuple[str, MarkerDocument], list[Point | None]] = {}
    for entry in case.entries:
        key = entry.marker.line_code, entry.document
        papers.setdefault(key, []).append(entry.marker.position)
    for (line, document), places in papers.items():
        rounding = rounding_of(places, case.plane_epsg, context)
        if rounding is not None:
            yield _evidence(case, context, (line, document), rounding)


def _evidence(
    case: MarkerCase,
    context: BoundaryContext,
    paper: tuple[str, MarkerDocument],
    rounding: Rounding,
) -> Evidence:
    line, document = paper
    name, said, told = line_name(case, line), document_name(document), rounding.told
    count = rounding.count
    return Evidence(
        message=Text(
            f"{name}{said.zh}的 {count} 个界桩坐标{told.zh}。",
            f"{name}: the {count} positions in {said.en} {told.en}.",
        ),
        key=document,
        aspect=_COARSE if rounding.metres / 2 > context.point_tolerance_m else _FINE,
        subject=Subject("boundary-line", line, name),
        related=case.sides(line)[1:],
        measure=context.measure(rounding.metres, "precision_step_m", "m"),
        geometry=shapely.MultiPoint(rounding.places),
        question=Text(
            "是否有未取舍的签字成果？", "Is there a signed table from before they were rounded?"
        ),
        suggestion=Text(
            "按签字成果重新录入：度保留六位以上小数或秒保留三位，米保留两位。",
            "Enter them anew from the signed table: six decimals of a degree, three of a second or "
            "two of a metre.",
        ),
    )


def _table(count: int, by: Callable[[Floats], Floats]) -> MarkerCase:
    """Markers along the line at uneven distances, with positions as a paper writes them."""
    entries = [
        stone(f"{n:03d}Q", document=MarkerDocument.TABLE, position=_place(n, by))
        for n in range(1, count + 1)
    ]
    return stones(*entries)


def _place(number: int, by: Callable[[Floats], Floats]) -> Point:
    spot = at(number * 713.37, (number * 7919 % 13) / 10)
    return Point(by(shapely.get_coordinates(spot)[0]))


RULE: Rule[MarkerCase, BoundaryContext] = Rule(
    id="MK-POS-08",
    slug="positions_rounded",
    version=1,
    title=Text("界桩坐标取位不足", "Positions of markers rounded"),
    category="精度损失",
    quality=Quality.POSITIONAL,
    basis=(
        Basis("GOOD_PRACTICE", "crs", Severity.INFO, _FINE),
        Basis("GOOD_PRACTICE", "crs", Severity.HUMAN, _COARSE),
        Basis("ISO19157", "28", Severity.INFO, _FINE),
        Basis("ISO19157", "28", Severity.INFO, _COARSE),
    ),
    check=_check,
    examples=(
        flagged(
            _table(10, lambda place: np.round(place * 36000) / 36000),
            Severity.HUMAN,
            Text("只写到 0.1 秒，约 3 米", "to a tenth of a second, some 3 m"),
        ),
        flagged(
            _table(10, lambda place: np.round(place, 5)),
            Severity.INFO,
            Text("五位小数，约 1 米", "five decimals, some 1 m"),
        ),
        flagged(
            _table(10, lambda place: np.round(place, 3)),
            Severity.HUMAN,
            Text("三位小数，约百米", "three decimals, some 100 m"),
        ),
        clean(
            _table(10, lambda place: np.round(place, 6)),
            Text("六位小数，约 0.1 米", "six decimals, a tenth of a metre"),
        ),
        clean(
            _table(10, lambda place: np.round(place * 3.6e6) / 3.6e6),
            Text("秒保留三位", "seconds to three decimals"),
        ),
        clean(
            _table(4, lambda place: np.round(place, 3)),
            Text("界桩太少，整数可能是巧合", "too few markers: round numbers may be chance"),
        ),
    ),
    trap=Text(
        "登记表的位置说明常把经纬度写到秒，成果表另有全数：以成果表为准。",
        "Forms often give whole seconds in their note on position; the marker table has the whole "
        "figures and decides.",
    ),
    handling=Text(
        "向双方索取签字的成果表；取舍过的坐标不作比对依据。",
        "Ask both sides for the signed table; rounded positions are held against nothing.",
    ),
    needs=frozenset({"markers"}),
)
