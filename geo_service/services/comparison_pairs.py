"""Which line of one file is which line of the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.geometry import crs
from geo_service.geometry.network import derive_network
from geo_service.geometry.reconciliation import is_comparable
from geo_service.services.boundaries import case_of

if TYPE_CHECKING:
    from geo_service.cities import CityProfile
    from geo_service.domain.change import Record
    from geo_service.geometry.arrays import Floats, Geometries
    from geo_service.rules.boundaries import BoundaryContext

_PROBES = 50
"""Points of a line by which lines of unlike codes are known to be one."""

MISPLACED = frozenset({"outside_city"})
"""Errors of reading that a comparison is asked about: a copy that lies elsewhere as a whole."""

Line = AdministrativeBoundary


class PairedBy(StrEnum):
    """What two lines have in common, the strongest first."""

    CODE = "code"
    PARTIES = "parties"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two copies of one line."""

    a: Line
    b: Line
    by: PairedBy


@dataclass(frozen=True, slots=True)
class Pairing:
    """The pairs in the order of copy A's codes, and the lines without a partner."""

    pairs: tuple[Pair, ...]
    only_a: tuple[Line, ...]
    only_b: tuple[Line, ...]


def lines_of(records: Iterable[Record], city: CityProfile) -> tuple[Line, ...]:
    """The lines among the records, else those that units of one level show by their shared edges.

    Only such as the city takes part in, and none for units drawn apart: they share no edge, and no
    line is guessed between them.
    """
    case = case_of(records, city)
    if case.lines:
        return case.lines
    return tuple(
        line
        for layer in case.layers.values()
        for line in derive_network(
            layer.units, home=city.code, provenance=layer.units[0].provenance
        ).lines
    )


def pair_lines(a: Sequence[Line], b: Sequence[Line], context: BoundaryContext) -> Pairing:
    """Pair lines by code, then by parties of today, then by place.

    A key that two lines of one file share pairs nothing. By place two lines are one where each is
    the other's nearest and half of either lies within `copy_reach_m` of the other.
    """
    left, right = sorted(a, key=lambda x: x.code), sorted(b, key=lambda x: x.code)

    def parties(line: Line) -> Hashable:
        return frozenset(context.current(code) for code in line.parties)

    pairs = _by_key(left, right, PairedBy.CODE, lambda line: line.code)
    pairs += _by_key(*_rest(left, right, pairs), PairedBy.PARTIES, parties)
    pairs += _by_place(*_rest(left, right, pairs), context)
    only_a, only_b = _rest(left, right, pairs)
    return Pairing(tuple(sorted(pairs, key=lambda p: p.a.code)), tuple(only_a), tuple(only_b))


def _rest(
    a: Sequence[Line], b: Sequence[Line], pairs: Sequence[Pair]
) -> tuple[list[Line], list[Line]]:
    taken = {id(line) for pair in pairs for line in (pair.a, pair.b)}
    return [x for x in a if id(x) not in taken], [x for x in b if id(x) not in taken]


def _by_key(
    a: Sequence[Line], b: Sequence[Line], by: PairedBy, key: Callable[[Line], Hashable]
) -> list[Pair]:
    counts = [Counter(map(key, lines)) for lines in (a, b)]
    others = {key(line): line for line in b}
    return [
        Pair(line, others[key(line)], by)
        for line in a
        if all(count[key(line)] == 1 for count in counts)
    ]


def _by_place(a: Sequence[Line], b: Sequence[Line], context: BoundaryContext) -> list[Pair]:
    left = [line for line in a if is_comparable(line.geometry)]
    right = [line for line in b if is_comparable(line.geometry)]
    if not (left and right):
        return []
    apart = _apart_m(left, right, context.city.plane_epsg)
    nearest = apart.argmin(axis=1)
    return [
        Pair(left[i], right[j], PairedBy.PLACE)
        for i, j in enumerate(nearest.tolist())
        if apart[:, j].argmin() == i and apart[i, j] <= context.threshold("copy_reach_m")
    ]


def _apart_m(a: Sequence[Line], b: Sequence[Line], plane_epsg: int) -> Floats:
    """The median distance of points of one line from the other, the larger way; (n, m)."""
    one, other = (
        crs.to_plane(np.array([line.geometry for line in lines], dtype=object), plane_epsg)
        for lines in (a, b)
    )
    return np.maximum(_medians(one, other), _medians(other, one).T)


def _medians(lines: Geometries, others: Geometries) -> Floats:
    shares = np.linspace(0, 1, _PROBES)
    probes = shapely.line_interpolate_point(
        shapely.line_merge(lines)[:, None], shares[None, :], normalized=True
    )
    result = [np.median(shapely.distance(probes, other), axis=1) for other in others]
    return np.stack(result, axis=1)
