"""The invented city: units, lines, markers and planned names, with or without seeded faults.

Everything is made anew from the seed; nothing of it stands for a real unit (NEVER 6).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import shapely
from shapely.geometry import Point

from geo_service.cities import CityProfile, city
from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.identity import DivisionCode, MarkerNumber
from geo_service.domain.marker import BoundaryMarker, MarkerKind
from geo_service.domain.period import Period
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus
from geo_service.domain.provenance import Force, Provenance
from geo_service.errors import ConfigError
from geo_service.geometry.network import Network, derive_network
from geo_service.lexicons import read_table
from geo_service.resources import data_dir
from geo_service.services.samples import faults as inject
from geo_service.services.samples.answers import FaultKind, SeededFault
from geo_service.services.samples.draft import Draft
from geo_service.services.samples.names import line_name, provenance
from geo_service.services.samples.tiling import brick_cells

SYNTHETIC_CITY = "990100"
DEFAULT_SEED = 753
SINCE = date(2000, 1, 1)
AS_OF = date(2026, 1, 1)
"""The day the answer key holds for."""

_ATTEMPTS = 20
_MARKER_STEP = 6
_UNKNOWN_CODE = "990199"


@dataclass(frozen=True, slots=True)
class SyntheticLayer:
    """The records of the invented city; `answer_key` is empty for the clean layer."""

    seed: int
    units: tuple[AdministrativeUnit, ...]
    lines: tuple[AdministrativeBoundary, ...]
    nodes: tuple[BoundaryNode, ...]
    markers: tuple[BoundaryMarker, ...]
    places: tuple[NamedPlace, ...]
    answer_key: tuple[SeededFault, ...]


def synthetic_layer(seed: int = DEFAULT_SEED, *, faults: bool = True) -> SyntheticLayer:
    """The layer of one seed, the same whenever it is asked for; EPSG:4490, force `synthetic`.

    Raises ConfigError (`sample_unplaceable`) for a seed whose ground has no room for all faults.
    """
    for attempt in range(_ATTEMPTS):
        random = np.random.default_rng([seed, attempt])
        try:
            return _layer(seed, random, faults=faults)
        except _NoRoomError:
            continue
    raise ConfigError("sample_unplaceable", seed=seed)


class _NoRoomError(Exception):
    """The faults placed so far left no room for the next one."""


def _layer(seed: int, random: np.random.Generator, *, faults: bool) -> SyntheticLayer:
    profile = city(SYNTHETIC_CITY)
    told = provenance(Force.SYNTHETIC, "synthetic", seed=seed)
    own, outer = _units(profile, told, seed)
    draft = Draft({unit.code: unit for unit in own}, {}, {}, random)
    if faults:
        _place(draft, _code_faults(profile))
    network = _network([*draft.units.values()], outer, told)
    draft.lines = {line.code: line for line in network.lines}
    draft.nodes = {node.id: node for node in network.nodes}
    markers = tuple(mark for line in network.lines for mark in _markers(line, told))
    if faults:
        twice = inject.doubled_line(_former(profile))
        _place(draft, (*_GEOMETRY_FAULTS, twice, twice))
    return SyntheticLayer(
        seed=seed,
        units=tuple(draft.units[code] for code in sorted(draft.units)),
        lines=tuple(draft.lines[code] for code in sorted(draft.lines)),
        nodes=tuple(draft.nodes[key] for key in sorted(draft.nodes)),
        markers=markers,
        places=_planned_roads(own, told, seed),
        answer_key=tuple(draft.faults),
    )


_GEOMETRY_FAULTS: tuple[inject.Injector, ...] = (
    inject.lost_line,
    inject.lost_line,
    inject.knotted_coast(400.0),
    inject.spiked_coast(300.0),
    inject.short_of_the_sea(30.0),
    inject.short_of_the_sea(1500.0),
    inject.strayed_line(300.0),
    inject.strayed_line(500.0),
    inject.shifted_end(12.0),
    inject.shifted_end(-35.0),
    inject.shifted_node(8.0),
    inject.redrawn_edge(FaultKind.OVERLAP, -400.0),
    inject.redrawn_edge(FaultKind.OVERLAP, -150.0),
    inject.redrawn_edge(FaultKind.UNASSIGNED_GAP, 400.0),
    inject.redrawn_edge(FaultKind.UNASSIGNED_GAP, 150.0),
    inject.redrawn_edge(FaultKind.SLIVER, 4.0),
    inject.redrawn_edge(FaultKind.SLIVER, -4.0),
    inject.redrawn_edge(FaultKind.SLIVER, 2.5),
    inject.edge_redrawn_by_both(60.0),
    inject.edge_redrawn_by_both(9.0),
    inject.beyond_the_sea_end(4.0),
    inject.beyond_the_sea_end(8.0),
    inject.node_short_of_a_unit,
    inject.node_short_of_a_unit,
    inject.looped_line(120.0),
    inject.looped_line(60.0),
    inject.doubled_vertex,
    inject.doubled_vertex,
    inject.misnamed_unit("某县"),
    inject.misnamed_unit("某区"),
    inject.parted_line,
    inject.parted_line,
    inject.reversed_line,
    inject.reversed_line,
    inject.exchanged_sides,
    inject.exchanged_sides,
)
"""The widest-reaching faults come first, while there is room; what turns a line about, last."""


Codes = dict[DivisionCode, tuple[str, str]]


def _former(profile: CityProfile) -> Codes:
    """For a code the one it alone succeeded, with its name."""
    return {
        row.successors[0]: (row.code, row.name) for row in profile.codes if len(row.successors) == 1
    }


def _code_faults(profile: CityProfile) -> tuple[inject.Injector, ...]:
    current = profile.units_in_force(AS_OF)
    elsewhere: Codes = {row.code: (f"9903{row.code[4:]}", row.name) for row in current}
    unknown: Codes = {row.code: (_UNKNOWN_CODE, row.name) for row in current}
    return (
        inject.recoded_unit(FaultKind.UNIT_CODE_NOT_IN_FORCE, _former(profile)),
        inject.recoded_unit(FaultKind.UNIT_CODE_NOT_IN_FORCE, unknown),
        inject.recoded_unit(FaultKind.CODE_PREFIX, elsewhere),
        inject.recoded_unit(FaultKind.CODE_PREFIX, elsewhere),
    )


def _place(draft: Draft, injectors: tuple[inject.Injector, ...]) -> None:
    for injector in injectors:
        if not injector(draft):
            raise _NoRoomError


def _units(
    profile: CityProfile, told: Provenance, seed: int
) -> tuple[list[AdministrativeUnit], list[AdministrativeUnit]]:
    """The city's own units and its neighbours, which fill the western column."""
    cells = brick_cells(profile.extent, seed)
    period = Period(SINCE, None)
    labels = [(row.code, row.name) for row in profile.units_in_force(AS_OF)]
    outside = [(code, profile.neighbour_names[code]) for code in profile.neighbours]
    split: tuple[list[AdministrativeUnit], list[AdministrativeUnit]] = ([], [])
    for target, wanted, names in (
        (split[0], [cell for cell in cells if cell.column > 0], labels),
        (split[1], [cell for cell in cells if cell.column == 0], outside),
    ):
        for cell, (code, name) in zip(wanted, names, strict=True):
            unit = AdministrativeUnit(
                code=code, name=name, provenance=told, geometry=cell.polygon, period=period
            )
            target.append(unit)
    return split


def _network(
    own: list[AdministrativeUnit], outer: list[AdministrativeUnit], told: Provenance
) -> Network:
    """Lines and nodes in which one of our own units takes part, whatever code it goes by."""
    units = [*own, *outer]
    network = derive_network(units, home=None, provenance=told, period=Period(SINCE, None))
    ours = {unit.code for unit in own}
    names = {unit.code: unit.name for unit in units}
    lines = tuple(
        replace(line, name=line_name(*(names[code] for code in sorted(line.parties))))
        for line in network.lines
        if line.parties & ours
    )
    return Network(lines, tuple(node for node in network.nodes if ours.intersection(node.units)))


def _markers(line: AdministrativeBoundary, told: Provenance) -> list[BoundaryMarker]:
    """Single markers along the line in its direction, each kept by one side in turn."""
    points = shapely.get_coordinates(line.geometry)[_MARKER_STEP:-1:_MARKER_STEP]
    sides = (line.left_code, line.right_code)
    return [
        BoundaryMarker(
            number=MarkerNumber(f"{serial:03d}Q"),
            line_code=line.code,
            kind=MarkerKind.SINGLE,
            provenance=told,
            position=Point(point),
            responsible_side=sides[serial % 2],
            period=line.period,
        )
        for serial, point in enumerate(points, start=1)
    ]


def _planned_roads(
    units: list[AdministrativeUnit], told: Provenance, seed: int
) -> tuple[NamedPlace, ...]:
    """Proposed road names, each at a point inside an urban district."""
    table = read_table(data_dir() / "samples" / "planned_roads.csv", ("name",))
    random = np.random.default_rng([seed, 2])
    districts = [unit for unit in units if unit.code[4:] <= "20"]
    places = []
    for number, row in enumerate(table.rows, start=1):
        unit = districts[int(random.integers(len(districts)))]
        spot = shapely.get_coordinates(shapely.point_on_surface(unit.geometry))[0]
        spot = spot + random.uniform(-0.01, 0.01, 2)
        places.append(
            NamedPlace(
                id=f"SYN-R{number:03d}",
                name=row["name"],
                feature_type=FeatureType.ROAD,
                provenance=told,
                status=NameStatus.PROPOSED,
                unit_code=DivisionCode(unit.code),
                geometry=Point(np.round(spot, 6)),
                meaning=row["meaning"],
                origin=row["origin"],
            )
        )
    return tuple(places)
