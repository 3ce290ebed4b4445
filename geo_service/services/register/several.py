"""Units split and merged, with the shapes and lines that follow from what they were."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import shapely

from geo_service.domain.change import RecordKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.errors import InputError
from geo_service.geometry.measure import areas_m2
from geo_service.geometry.parting import joined, parted
from geo_service.messages import message
from geo_service.services.register import planning
from geo_service.services.register.redrawing import with_network

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from shapely.geometry.base import BaseGeometry

    from geo_service.cities import CityProfile
    from geo_service.domain.text import Text
    from geo_service.services.register.acts import Kept, Signed
    from geo_service.services.register.planning import Plan
    from geo_service.store.protocol import Store

SIDES = ("left", "right")


def merge(
    store: Store, ids: Sequence[str], into: Kept, on: date, by: Signed, *, city: CityProfile
) -> Plan:
    """Several records as one; of units without a shape of its own it is that of all of them.

    Raises InputError as `planning.merge` and `geometry.parting.joined` do.
    """
    if not isinstance(into, AdministrativeUnit):
        return planning.merge(store, ids, into, on, by)
    by = planning.as_seen(store, RecordKind.UNITS, ids, by)
    shapes = [_unit(store, record_id, on).geometry for record_id in ids]
    told = [shape for shape in shapes if shape is not None]
    lacking = [record_id for record_id, shape in zip(ids, shapes, strict=True) if shape is None]
    left: tuple[Text, ...] = ()
    if into.geometry is not None and not lacking:
        left = _other_ground(told, into.id, into.geometry, city.threshold("gap_min_area_m2"))
    elif not lacking and len(set(ids)) > 1:
        into = replace(into, geometry=joined(told, city.threshold("narrow_gap_m")))
    elif into.geometry is None:
        left = (message("register.left_shapeless", units=" ".join(lacking)),)
    plan = planning.merge(store, ids, into, on, by)
    return with_network(store, replace(plan, left=left), on)


def split(
    store: Store,
    record_id: str,
    parts: Sequence[Kept],
    on: date,
    by: Signed,
    *,
    city: CityProfile,
    line: BaseGeometry | None = None,
    sides: Sequence[str] = (),
) -> Plan:
    """One record as several; units by shapes of their own, or by a line from rim to rim.

    `sides` says of each part on which side of the line it lies (`SIDES`). Raises InputError as
    `planning.split` and `geometry.parting.parted` do, `register_sides_unclear`, and
    `register_parts_do_not_fill` for shapes that overlap or leave ground over.
    """
    units = [part for part in parts if isinstance(part, AdministrativeUnit)]
    if len(units) < len(parts):
        return planning.split(store, record_id, parts, on, by)
    by = planning.as_seen(store, RecordKind.UNITS, [record_id], by)
    whole = _unit(store, record_id, on)
    if line is not None:
        units = _by_line(whole, units, line, sides)
    else:
        _require_filled(whole, units, city.threshold("gap_min_area_m2"))
    return with_network(store, planning.split(store, record_id, units, on, by), on)


def _unit(store: Store, record_id: str, on: date) -> AdministrativeUnit:
    return cast("AdministrativeUnit", planning.in_force(store, RecordKind.UNITS, record_id, on))


def _by_line(
    whole: AdministrativeUnit,
    units: Sequence[AdministrativeUnit],
    line: BaseGeometry,
    sides: Sequence[str],
) -> list[AdministrativeUnit]:
    if whole.geometry is None:
        raise InputError("register_shape_missing", record=whole.id)
    given = any(unit.geometry is not None for unit in units)
    if given or sorted(sides) != sorted(SIDES) or len(units) != len(SIDES):
        raise InputError("register_sides_unclear", sides=" ".join(sides) or "—")
    found = parted(whole.geometry, line)
    return [
        replace(unit, geometry=getattr(found, side))
        for unit, side in zip(units, sides, strict=True)
    ]


def _require_filled(
    whole: AdministrativeUnit, units: Sequence[AdministrativeUnit], least_m2: float
) -> None:
    shapes = [unit.geometry for unit in units if unit.geometry is not None]
    if whole.geometry is None or len(shapes) < len(units):
        return
    together = shapely.union_all(shapes)
    doubled = areas_m2(shapes).sum() - areas_m2([together]).sum()
    beyond, missing = _apart_m2(together, whole.geometry)
    if max(beyond, missing, doubled) >= least_m2:
        facts = {"beyond": beyond, "missing": missing, "doubled": doubled}
        told = {name: f"{value:.1f}" for name, value in facts.items()}
        raise InputError("register_parts_do_not_fill", record=whole.id, **told)


def _other_ground(
    shapes: Sequence[BaseGeometry], record_id: str, whole: BaseGeometry, least_m2: float
) -> tuple[Text, ...]:
    """What to say where a shape typed in is not the ground of the units that it comes from.

    It may be: the way out where their own shapes do not meet.
    """
    areas = _apart_m2(whole, shapely.union_all(shapes))
    if max(areas) < least_m2:
        return ()
    beyond, missing = (f"{area:.1f}" for area in areas)
    return (message("register.left_ground", id=record_id, beyond=beyond, missing=missing),)


def _apart_m2(shape: BaseGeometry, whole: BaseGeometry) -> tuple[float, float]:
    """The area of a shape that lies beyond another, and what of that one it leaves over, in m²."""
    apart = [shapely.difference(shape, whole), shapely.difference(whole, shape)]
    beyond, missing = areas_m2(apart).tolist()
    return beyond, missing
