"""An outline made to agree with its neighbour's where no line decides.

Between two vertices that both outlines have, each goes its own way where they disagree. Whoever
gives way takes over the other's vertices, so that afterwards both share the edge bit for bit and
no vertex comes up that nobody drew. Only where they never meet in a vertex is ground cut or joined
where their edges cross.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geo_service.geometry.arrays import Bools, Floats, Ints
from geo_service.geometry.mending.rings import is_among, keys, open_rings, redrawn

_NEAR_DEG = 1e-9
"""A tenth of a millimetre: a place within a sliver may come to lie on its edge."""

_STRAIGHT_DEG = 1e-12
"""A tenth of a micrometre: what an overlay rounds where an edge is cut."""


@dataclass(frozen=True, slots=True)
class _Parting:
    """A stretch of a ring, both shared vertices included, and the neighbour's way between them."""

    first: int
    steps: int
    course: Floats
    between: BaseGeometry


def following(
    own: BaseGeometry, other: BaseGeometry, places: Sequence[BaseGeometry]
) -> BaseGeometry | None:
    """`own` with the other's edge in place of its own wherever they part at one of the places.

    None where the two share no vertex on both sides of a place, so that nobody can say from where
    to where one should follow the other.
    """
    rings = list(open_rings(other))
    # What lies between them is less than either: else it is the way around both.
    most = min(shapely.area(own), shapely.area(other))
    met: set[int] = set()

    def follow(ring: Floats) -> Floats | None:
        wanted = []
        for parting in _partings(ring, rings):
            here = _at(parting.between, places) if _size(parting.between) < most else set()
            met.update(here)
            if here:
                wanted.append(parting)
        return _replaced(ring, wanted) if wanted else None

    done = redrawn(own, follow)
    return done if len(met) == len(places) else None


def joined(own: BaseGeometry, face: BaseGeometry, drawn: Sequence[BaseGeometry]) -> BaseGeometry:
    """`own` with a face that belongs to nobody.

    Its vertices are those of the `drawn` polygons, and those where their edges cross.
    """
    return _of_vertices(shapely.union(own, face), drawn)


def yielded(own: BaseGeometry, face: BaseGeometry, drawn: Sequence[BaseGeometry]) -> BaseGeometry:
    """`own` without a face that another claims.

    Its vertices are those of the `drawn` polygons, and those where their edges cross.
    """
    return _of_vertices(shapely.difference(own, face), drawn)


def _of_vertices(polygon: BaseGeometry, drawn: Sequence[BaseGeometry]) -> BaseGeometry:
    """The polygon without the vertices that the overlay made where nothing turns."""
    known = shapely.get_coordinates(list(drawn))

    def of_known(ring: Floats) -> Floats | None:
        kept = is_among(ring, known) | ~_on_the_way(ring)
        return None if kept.all() else ring[kept]

    done = redrawn(polygon, of_known)
    return polygon if done is None else done


def _on_the_way(ring: Floats) -> Bools:
    """Which vertices lie on the straight way between the ones beside them."""
    before, after = np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0)
    ways = shapely.linestrings(np.stack((before, after), axis=1))
    return np.asarray(shapely.dwithin(shapely.points(ring), ways, _STRAIGHT_DEG))


def _size(between: BaseGeometry) -> float:
    return float(shapely.area(between))


def _at(between: BaseGeometry, places: Sequence[BaseGeometry]) -> set[int]:
    near = shapely.dwithin(between, np.array(places, dtype=object), _NEAR_DEG)
    return set(np.flatnonzero(near).tolist())


def _partings(ring: Floats, others: Sequence[Floats]) -> Iterator[_Parting]:
    for other in others:
        shared = np.flatnonzero(is_among(ring, other))
        if len(shared) < 2:
            continue
        ends = np.roll(shared, -1)
        for first, last in zip(shared.tolist(), ends.tolist(), strict=True):
            steps = (last - first) % len(ring)
            own = ring[np.arange(first, first + steps + 1) % len(ring)]
            for course in _ways(other, own, ring):
                if len(course) != len(own) or (course != own).any():
                    yield _Parting(first, steps, course, _between(own, course))


def _ways(other: Floats, own: Floats, ring: Floats) -> list[Floats]:
    """The other's ways from the first vertex to the last that touch the ring nowhere between.

    Of the two, the one that leaves less ground between is meant.
    """
    names = keys(other)
    at = int(np.flatnonzero(names == keys(own[:1])[0])[0])
    target = keys(own[-1:])[0]
    meets = is_among(other, ring)
    found = []
    for turn in (1, -1):
        order = (at + turn * np.arange(len(other) + 1)) % len(other)
        stop = _first(meets[order[1:]])
        if stop is not None and names[order[stop + 1]] == target:
            found.append(other[order[: stop + 2]])
    found.sort(key=lambda way: _size(_between(own, way)))
    return found[:1]


def _first(flags: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> int | None:
    hits: Ints = np.flatnonzero(flags)
    return int(hits[0]) if len(hits) else None


def _between(own: Floats, course: Floats) -> BaseGeometry:
    """The ground between two ways from one vertex to another."""
    around = np.vstack([own, course[-2:0:-1]])
    if len(around) < 3:
        return LineString(own)
    ground: BaseGeometry = shapely.make_valid(Polygon(around))
    return ground


def _replaced(ring: Floats, partings: Sequence[_Parting]) -> Floats:
    """The ring with every stretch replaced; stretches meet at shared vertices at most."""
    by_start = {parting.first: parting for parting in partings}
    result, at = [], 0
    # Begin where no stretch runs past the end of the array.
    start = min(by_start)
    turned = np.roll(ring, -start, axis=0)
    while at < len(turned):
        parting = by_start.get((at + start) % len(ring))
        if parting is None:
            result.append(turned[at : at + 1])
            at += 1
        else:
            result.append(parting.course[:-1])
            at += parting.steps
    return np.vstack(result)
