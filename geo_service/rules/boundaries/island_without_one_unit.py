"""An island belongs to no unit, or to two."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.supporting.ground import Island
from geo_service.domain.text import Text
from geo_service.geometry.arrays import Geometries
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext, unit_related
from geo_service.rules.boundaries._drawing import beside, clean, drawing, flagged, said
from geo_service.rules.boundaries._ground import record_subject, shapes_of
from geo_service.rules.boundaries._shores import nearest_unit, shares
from geo_service.rules.boundaries._wording import length, names


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    islands = case.supporting.all(Island)
    shapes = shapes_of(islands)
    least = context.threshold("ground_side_share")
    held = np.asarray(shapely.is_empty(shapes))  # an outline without any ground lies nowhere
    for layer in case.layers.values():
        own = shares(shapes, layer) > least
        held |= own.any(axis=1)
        for number in np.flatnonzero(own.sum(axis=1) > 1).tolist():
            units = [layer.units[i] for i in np.flatnonzero(own[number]).tolist()]
            concerned = context.concerns(*(unit.code for unit in units))
            if concerned and not _is_parted(case, context, shapes[number], units):
                yield _by_two(islands[number], units)
    for number in np.flatnonzero(~held).tolist():
        unit, apart_m = nearest_unit(case, shapes[number])
        if context.concerns(unit.code):
            yield _by_none(islands[number], unit, apart_m)


def _is_parted(
    case: BoundaryCase,
    context: BoundaryContext,
    island: Geometries,
    units: list[AdministrativeUnit],
) -> bool:
    """Whether a line between these units runs over the island: then it is shared by agreement."""
    holders = {context.current(unit.code) for unit in units}
    between = [
        line.geometry
        for line in case.lines
        if line.geometry is not None and {context.current(c) for c in line.parties} <= holders
    ]
    return bool(shapely.intersects(np.array(between, dtype=object), island).any())


def _by_two(island: Island, units: list[AdministrativeUnit]) -> Evidence:
    name, who = island.name or island.id, names(unit.name for unit in units)
    return Evidence(
        message=Text(
            f"海岛{name}同时在{who.zh}的范围内，岛上没有这些单位之间的界线。",
            f"Island {name} lies in {who.en} alike, and no line between them runs over it.",
        ),
        aspect="two",
        key="-".join(unit.code for unit in units),
        subject=record_subject(island, island.name),
        related=tuple(map(unit_related, units)),
        geometry=island.geometry,
        suggestion=Text(
            "查协议书、决定和海岛名录，明确隶属；有争议的由批准机关依据协议决定。",
            "See the agreement, decisions and the list of islands for the unit it belongs to; a "
            "dispute is decided by the approving authority.",
        ),
    )


def _by_none(island: Island, unit: AdministrativeUnit, apart_m: float) -> Evidence:
    name, away = island.name or island.id, length(apart_m)
    return Evidence(
        message=Text(
            f"海岛{name}不在所检查的任何单位范围内；最近的是{unit.name}，相距 {away.zh}。",
            f"Island {name} lies in none of the units checked; the nearest is {unit.name}, "
            f"{away.en} away.",
        ),
        aspect="none",
        key="none",
        subject=record_subject(island, island.name),
        related=(unit_related(unit),),
        geometry=island.geometry,
        question=Text(
            f"海岛{name}隶属哪个单位？该单位的面是否漏画了它？",
            f"To which unit does island {name} belong, and does the outline of that unit leave it "
            "out?",
        ),
    )


_UNITS = {
    "甲区": "POLYGON((0 0, 1000 0, 1000 1000, 0 1000, 0 0))",
    "乙区": "POLYGON((1000 0, 2000 0, 2000 1000, 1000 1000, 1000 0))",
}
_LINES = {"乙区|甲区": "LINESTRING(1000 1000, 1000 0)"}


def _island(wkt: str, *, with_line: bool = False) -> BoundaryCase:
    drawn = drawing(_UNITS, _LINES if with_line else None)
    return beside(drawn, said(Island, 1, wkt, name="示例岛"))


RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-SEA-03",
    slug="island_without_one_unit",
    version=1,
    title=Text("海岛没有单位或有两个单位", "Island without a unit, or with two"),
    category="海岛隶属",
    quality=Quality.OMISSION,
    basis=(
        Basis("ISO19157", "11", Severity.ADVISED_AGAINST, aspect="two"),
        Basis("GOOD_PRACTICE", "topology", Severity.ADVISED_AGAINST, aspect="two"),
        Basis("ISO19157", "5", Severity.HUMAN, aspect="none"),
        Basis("GOOD_PRACTICE", "ground", Severity.HUMAN, aspect="none"),
    ),
    check=_check,
    examples=(
        flagged(
            _island("POLYGON((900 300, 1100 300, 1100 500, 900 500, 900 300))"),
            Severity.ADVISED_AGAINST,
            Text("海岛一半在甲区、一半在乙区，没有界线", "half in each unit, and no line over it"),
        ),
        flagged(
            _island("POLYGON((300 -400, 500 -400, 500 -200, 300 -200, 300 -400))"),
            Severity.HUMAN,
            Text("海岛在各单位之外 200 米", "200 m outside every unit"),
        ),
        clean(
            _island("POLYGON((300 300, 500 300, 500 500, 300 500, 300 300))"),
            Text("在甲区之内", "inside 甲区"),
        ),
        clean(
            _island("POLYGON((805 300, 1005 300, 1005 500, 805 500, 805 300))"),
            Text("2.5% 越到乙区，是岸线画法不同", "2.5 % in 乙区: the shore is drawn otherwise"),
        ),
        clean(
            _island("POLYGON((900 300, 1100 300, 1100 500, 900 500, 900 300))", with_line=True),
            Text("岛上有两区之间的界线", "a line between the two runs over it"),
        ),
    ),
    trap=Text(
        "只给了部分单位的面时，别处的海岛都不在其中；先给全市的面。面与海岛取自不同资料时岸线不重合。",
        "Where only some units are given, islands elsewhere lie in none of them: give the whole "
        "city. Outlines and islands of two sources do not share their shores.",
    ),
    handling=Text(
        "查海岛名录和协议，补画或改正面；涉及海岛隶属的变更须报国务院批准。",
        "See the list of islands and the agreements, and add or correct the polygon; a change of "
        "whose island it is goes to the State Council.",
    ),
    needs=frozenset({"units", "islands"}),
)
