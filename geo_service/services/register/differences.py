"""In what two values of a record differ: field by field, and on the ground."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo_service.domain.provenance import Provenance
from geo_service.geometry.crs import to_plane
from geo_service.geometry.measure import areas_m2, distances_m, lengths_m

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geo_service.services.register.acts import Kept

GEOMETRY_FIELDS = frozenset(("geometry", "position"))
_APART = frozenset(("period", *GEOMETRY_FIELDS))
_POINT, _LINE, _AREA = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A field that differs; `before` and `after` as text, "" for none."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GeometryChange:
    """How a shape differs, in metres and square metres; what its kind does not have is None.

    `moved_m` is the distance between two points (geodesic), or the farthest that any vertex of one
    line, or edge of one area, lies from the other (in the plane).
    """

    moved_m: float | None = None
    length_before_m: float | None = None
    length_after_m: float | None = None
    area_before_m2: float | None = None
    area_after_m2: float | None = None
    gained_m2: float | None = None
    lost_m2: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """All that differs between two values of one record."""

    fields: tuple[FieldChange, ...]
    geometry: GeometryChange | None

    @property
    def is_any(self) -> bool:
        """Whether anything differs."""
        return bool(self.fields) or self.geometry is not None


def difference(before: Kept, after: Kept, plane_epsg: int) -> Difference:
    """What differs, valid time apart; `plane_epsg` is the city's Gauss–Krüger zone."""
    told = tuple(
        FieldChange(field=name, before=_text(one), after=_text(other))
        for name in (field.name for field in fields(before))
        if name not in _APART
        for one, other in [(getattr(before, name), getattr(after, name))]
        if one != other
    )
    shapes = geometry_of(before), geometry_of(after)
    return Difference(fields=told, geometry=_geometry_change(*shapes, plane_epsg))


def geometry_of(record: Kept) -> BaseGeometry | None:
    """The shape of a record, whatever its field is called."""
    shape: Any = getattr(record, "geometry", None)
    return getattr(record, "position", None) if shape is None else shape


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Provenance):
        parts = (value.source, value.licence, value.force, value.label, value.note)
        return " | ".join(parts)
    return str(value)


def _geometry_change(
    before: BaseGeometry | None, after: BaseGeometry | None, plane_epsg: int
) -> GeometryChange | None:
    if before is after or (before is not None and after is not None and before == after):
        return None
    sizes = {**_size(before, "before"), **_size(after, "after")}
    if before is None or after is None:
        return GeometryChange(**sizes)
    dimensions = {int(shapely.get_dimensions(shape)) for shape in (before, after)}
    if dimensions == {_POINT}:
        ends = [shapely.get_coordinates(shape)[:1] for shape in (before, after)]
        return GeometryChange(moved_m=float(distances_m(*ends)[0]))
    if len(dimensions) > 1:
        return GeometryChange(**sizes)
    one, other = to_plane(np.array([before, after], dtype=object), plane_epsg)
    if dimensions == {_AREA}:
        gained, lost = (shapely.difference(*pair) for pair in ((after, before), (before, after)))
        areas = [float(area) for area in areas_m2([gained, lost])]
        sizes |= {"gained_m2": areas[0], "lost_m2": areas[1]}
    return GeometryChange(moved_m=float(shapely.hausdorff_distance(one, other)), **sizes)


def _size(shape: BaseGeometry | None, when: str) -> dict[str, float]:
    dimension = -1 if shape is None else int(shapely.get_dimensions(shape))
    if shape is None or dimension == _POINT:
        return {}
    if dimension == _LINE:
        return {f"length_{when}_m": float(lengths_m([shape])[0])}
    return {f"area_{when}_m2": float(areas_m2([shape])[0])}
