"""Whose ground goes to whom: the account of a mend, which must come out even."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np
import shapely

from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.repair import Effect, Transfer
from geo_service.geometry.arrays import Geometries
from geo_service.geometry.measure import areas_m2, lengths_m
from geo_service.geometry.mending.change import shift_between
from geo_service.geometry.validity import solid_copies
from geo_service.services.repairing.locks import kind_of

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geo_service.domain.repair import Mendable
    from geo_service.rules.boundaries import BoundaryCase
    from geo_service.services.repairing.desk import Draft

_FIELDS = ("left_code", "right_code")


@dataclass(frozen=True)
class Ground:
    """The polygons of a review, sound throughout, before anything is mended."""

    case: BoundaryCase

    @cached_property
    def units(self) -> list[AdministrativeUnit]:
        """The units with a polygon."""
        return [unit for unit in self.case.units if unit.geometry]

    @cached_property
    def solid(self) -> Geometries:
        """Their polygons for overlays."""
        return _solid([unit.geometry for unit in self.units])

    @cached_property
    def by_id(self) -> dict[str, BaseGeometry]:
        """The polygons by the id of their unit."""
        return dict(zip([unit.id for unit in self.units], self.solid, strict=True))

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index of the polygons."""
        return shapely.STRtree(self.solid)

    def at(self, ground: BaseGeometry) -> list[AdministrativeUnit]:
        """The units whose polygon meets the ground, in the order of their codes."""
        return [self.units[i] for i in sorted(self.tree.query(ground, "intersects").tolist())]


@dataclass(frozen=True)
class Account:
    """What a draft gives and takes; places narrower than `thinnest_m` are rounding."""

    ground: Ground
    draft: Draft
    thinnest_m: float

    @cached_property
    def effects(self) -> tuple[Effect, ...]:
        """Every record that changes, with the figures."""
        return tuple(self._effect(before, after) for before, after in self.draft.changes)

    def _effect(self, before: Mendable, after: Mendable) -> Effect:
        old, new = cast("BaseGeometry", before.geometry), cast("BaseGeometry", after.geometry)
        shift = shift_between(old, new, self.ground.case.plane_epsg)
        gained, lost = None, None
        if isinstance(before, AdministrativeUnit):
            gained, lost = self._gained(before), self._lost(before)
        sizes = areas_m2(np.array([gained, lost], dtype=object)).tolist()
        told = [(name, getattr(before, name, ""), getattr(after, name, "")) for name in _FIELDS]
        return Effect(
            kind=kind_of(before),
            before=before,
            after=after,
            largest_m=shift.largest_m,
            gained_m2=sizes[0],
            lost_m2=sizes[1],
            vertices_added=shift.added,
            vertices_removed=shift.removed,
            gained=gained,
            lost=lost,
            attributes=tuple((name, str(a), str(b)) for name, a, b in told if a != b),
        )

    @cached_property
    def transfers(self) -> tuple[Transfer, ...]:
        """Ground that changes hands, in the order of the codes."""
        found = [*self._given(), *self._out_of_nothing()]
        return tuple(sorted(found, key=lambda t: (t.giver or "", t.taker or "")))

    @property
    def abandoned_m2(self) -> float:
        """Ground that somebody held before and nobody holds after."""
        return sum(transfer.area_m2 for transfer in self.transfers if transfer.taker is None)

    def _given(self) -> Iterator[Transfer]:
        for unit in self._changed:
            rest = self._lost(unit)
            for other in self._beside(unit, rest):
                held = self._after[other.id]
                if (area := self._area(shapely.intersection(rest, held))) > 0:
                    yield Transfer(unit.code, other.code, area)
                    rest = shapely.difference(rest, held)
            if (area := self._area(rest)) > 0:
                yield Transfer(unit.code, None, area)

    def _out_of_nothing(self) -> Iterator[Transfer]:
        for unit in self._changed:
            gained = self._gained(unit)
            for other in self._beside(unit, gained):
                gained = shapely.difference(gained, self.ground.by_id[other.id])
            if (area := self._area(gained)) > 0:
                yield Transfer(None, unit.code, area)

    def _area(self, ground: BaseGeometry) -> float:
        """Geodesic area of the parts that are wider than rounding."""
        parts = shapely.get_parts(ground)
        parts = parts[shapely.get_dimensions(parts) == 2]
        areas = areas_m2(parts)
        wide = 2 * areas > self.thinnest_m * lengths_m(parts)
        return float(areas[wide].sum())

    @cached_property
    def _changed(self) -> list[AdministrativeUnit]:
        return [old for old, _ in self.draft.changes if isinstance(old, AdministrativeUnit)]

    def _beside(
        self, unit: AdministrativeUnit, ground: BaseGeometry
    ) -> Sequence[AdministrativeUnit]:
        """Others that may hold the ground: those there and those redrawn with it, peers first.

        At the edge of a city its peer may have no polygon here, and one of its counties has.
        """
        there = {other.id: other for other in (*self.ground.at(ground), *self._changed)}
        others = [other for other in there.values() if not _is_one_in_the_other(unit, other)]
        return sorted(others, key=lambda other: (other.level is not unit.level, other.code))

    @cached_property
    def _after(self) -> Mapping[str, BaseGeometry]:
        new = [n for _, n in self.draft.changes if isinstance(n, AdministrativeUnit)]
        copies = _solid([unit.geometry for unit in new])
        return {**self.ground.by_id, **{u.id: c for u, c in zip(new, copies, strict=True)}}

    def _gained(self, unit: AdministrativeUnit) -> BaseGeometry:
        return shapely.difference(self._after[unit.id], self.ground.by_id[unit.id])

    def _lost(self, unit: AdministrativeUnit) -> BaseGeometry:
        return shapely.difference(self.ground.by_id[unit.id], self._after[unit.id])


def _is_one_in_the_other(one: AdministrativeUnit, other: AdministrativeUnit) -> bool:
    return one.code.is_within(other.code) or other.code.is_within(one.code)


def _solid(polygons: Sequence[BaseGeometry | None]) -> Geometries:
    drawn = np.array(polygons, dtype=object)
    return solid_copies(drawn, np.asarray(shapely.is_valid(drawn)))
