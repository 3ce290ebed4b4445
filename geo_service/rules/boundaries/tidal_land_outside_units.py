"""Land won from the sea, or a tidal flat, lies outside every unit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo_service.domain.finding import Evidence, Related, Severity
from geo_service.domain.supporting.ground import TidalLand
from geo_service.domain.text import Text
from geo_service.geometry.measure import areas_m2
from geo_service.geometry.track import SAME_M
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext
from geo_service.rules.boundaries._drawing import beside, clean, drawing, flagged, said
from geo_service.rules.boundaries._ground import record_subject, shapes_of
from geo_service.rules.boundaries._shores import nearest_unit, outside, shares
from geo_service.rules.boundaries._wording import area, length


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    lands = [
        land
        for land in case.supporting.all(TidalLand)
        if land.observed_on is None or land.observed_on <= context.as_of
    ]
    shapes = shapes_of(lands)
    whole = np.asarray(shapely.is_empty(shapes))  # an outline without any ground lies nowhere
    for layer in case.layers.values():
        whole |= (shares(shapes, layer) >= 1.0).any(axis=1)
    least = context.threshold("ground_side_share")
    for number in np.flatnonzero(~whole).tolist():
        beyond = outside(shapes[number], case)
        size_m2, all_m2 = areas_m2([beyond, shapes[number]]).tolist()
        unit, apart_m = nearest_unit(case, beyond)
        if size_m2 <= least * all_m2 or not context.concerns(unit.code):
            continue
        land, share, size = lands[number], size_m2 / all_m2, area(size_m2)
        name, by = land.name or land.id, _beside(unit.name, apart_m)
        yield Evidence(
            message=Text(
                f"{name}有 {size.zh}（{share:.0%}）不在任何单位范围内；{by.zh}。",
                f"{size.en} ({share:.0%}) of {name} lies in no unit; {by.en}.",
            ),
            subject=record_subject(land, land.name),
            related=(Related("unit", unit.id, unit.name, round(apart_m, 3)),),
            measure=context.measure(share, "ground_side_share", ""),
            geometry=beyond,
            suggestion=Text(
                "新成陆地的归属由有权机关确定后，再改单位的面；入海点仍以协议书为准。",
                "Once the competent authority has settled to whom new land belongs, redraw the "
                "unit; the sea end stays where the agreement has it.",
            ),
        )


def _beside(unit: str, apart_m: float) -> Text:
    away = length(apart_m)
    if apart_m < SAME_M:
        return Text(f"它与{unit}相接", f"it adjoins {unit}")
    return Text(f"最近的是{unit}，相距 {away.zh}", f"the nearest is {unit}, {away.en} away")


_UNITS = {
    "甲区": "POLYGON((0 0, 1000 0, 1000 1000, 0 1000, 0 0))",
    "乙区": "POLYGON((1000 0, 2000 0, 2000 1000, 1000 1000, 1000 0))",
}


def _land(wkt: str) -> BoundaryCase:
    return beside(drawing(_UNITS), said(TidalLand, 1, wkt, name="示例围垦区"))


RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-SEA-04",
    slug="tidal_land_outside_units",
    version=1,
    title=Text("新成陆地、潮滩不在单位范围内", "New or tidal land outside every unit"),
    category="新成陆地",
    quality=Quality.OMISSION,
    basis=(Basis("GOOD_PRACTICE", "ground", Severity.INFO),),
    check=_check,
    examples=(
        flagged(
            _land("POLYGON((300 -200, 700 -200, 700 0, 300 0, 300 -200))"),
            Severity.INFO,
            Text("海堤外围出的一块", "a piece won outside the dike"),
        ),
        flagged(
            _land("POLYGON((800 -50, 1300 -50, 1300 200, 800 200, 800 -50))"),
            Severity.INFO,
            Text("两区之外有五分之一", "a fifth of it lies outside both units"),
        ),
        clean(
            _land("POLYGON((800 0, 1300 0, 1300 200, 800 200, 800 0))"),
            Text("合在两区之内", "inside the two units together"),
        ),
        clean(
            _land("POLYGON((300 -8, 700 -8, 700 200, 300 200, 300 -8))"),
            Text("越出 3.8%，是岸线画法不同", "3.8 % beyond: the shore is drawn otherwise"),
        ),
    ),
    trap=Text(
        "面按平均大潮高潮线画时，潮滩本来就在面外；只说明两种资料的岸线不同。",
        "Where outlines follow the high-water line a tidal flat lies outside by nature: the two "
        "sources only have another shore.",
    ),
    handling=Text(
        "记录备查；归属未定前不改面、不划给任何一方。",
        "Note it; until it is settled no outline is changed and the land is given to neither side.",
    ),
    needs=frozenset({"units", "tidal-land"}),
)
