"""Why a geometry is not valid, in words, and where."""

from __future__ import annotations

import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.domain.text import Text
from geo_service.geometry.arrays import Bools, Geometries

_REASONS = {
    "Self-intersection": Text("边界自相交", "the outline crosses itself"),
    "Ring Self-intersection": Text("环与自身相接", "a ring touches itself"),
    "Hole lies outside shell": Text("内环落在外环之外", "a hole lies outside its shell"),
    "Holes are nested": Text("内环套内环", "a hole lies within a hole"),
    "Interior is disconnected": Text("内部被内环隔断", "holes cut the interior in two"),
    "Nested shells": Text("外环套外环", "a part lies within another part"),
    "Duplicate Rings": Text("环重复", "a ring is drawn twice"),
    "Too few points in geometry component": Text("顶点不足", "it has too few vertices"),
}
_OTHER = Text("几何无效", "the geometry is not valid")


def reason_of(geometry: BaseGeometry | None) -> tuple[Text, shapely.Point | None]:
    """The reason why an invalid geometry is so, and the place, in its own coordinates."""
    return reason_said(str(shapely.is_valid_reason(geometry)))


def reason_said(said: str) -> tuple[Text, shapely.Point | None]:
    """The same from what GEOS says: `Self-intersection[119.5 38.5]`."""
    kind, _, place = said.partition("[")
    numbers = place.rstrip("]").split()
    at = shapely.Point(float(numbers[0]), float(numbers[1])) if len(numbers) > 1 else None
    return _REASONS.get(kind, _OTHER), at


def invalid(reason: Text, at: shapely.Point | None) -> dict[str, object]:
    """Reason and place as a message has them."""
    return {"reason": reason, "place": "-" if at is None else f"{round(at.x, 7)}, {round(at.y, 7)}"}


def solid_copies(polygons: Geometries, valid: Bools) -> Geometries:
    """The polygons for overlays: where the rings are unsound, a copy split at the crossings.

    Such a copy is never stored: an invalid unit must not hide what it does to its neighbours.
    """
    if valid.all():
        return polygons
    copies = polygons.copy()
    copies[~valid] = shapely.make_valid(copies[~valid], method="structure", keep_collapsed=False)
    return copies
