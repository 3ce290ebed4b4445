"""To which step the coordinates of a layer were rounded, and how a finding says it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.domain.text import Text
from geo_service.geometry import crs
from geo_service.geometry.arrays import Floats
from geo_service.geometry.measure import distances_m
from geo_service.geometry.precision import rounded_to
from geo_service.geometry.track import as_points
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.boundaries._wording import length


def _decimals(count: int) -> Text:
    return Text(f"以度计只写到小数 {count} 位", f"are given to {count} decimals of a degree")


def _seconds(written: str) -> Text:
    return Text(f"只写到 {written} 秒", f"are given to {written} seconds of arc")


_DEGREES = {
    1e-1: _decimals(1),
    1 / 60: Text("只写到整分", "are given to whole minutes of arc"),
    1e-2: _decimals(2),
    1e-3: _decimals(3),
    1 / 3600: _seconds("1"),
    1e-4: _decimals(4),
    1 / 36000: _seconds("0.1"),
    1e-5: _decimals(5),
}
"""What is coarser than the sixth decimal, a tenth of a metre."""
_METRES = (1.0, 10.0, 100.0, 1000.0)
_ENOUGH = 200
"""Places looked at: what was rounded as a whole shows in any of them."""


@dataclass(frozen=True, slots=True)
class Rounding:
    """A step in metres by which places lie apart, and how they were written.

    `count` are all the places, `places` of shape (n, 2) those that were looked at.
    """

    count: int
    places: Floats
    how: Text
    metres: float

    @property
    def told(self) -> Text:
        """How they were written, and what it costs."""
        apart = length(self.metres)
        return Text(
            f"{self.how.zh}，即每 {apart.zh}一格，位置误差可达其一半",
            f"{self.how.en}, in steps of {apart.en}: a place may be off by half of that",
        )


def rounding_of(
    shapes: Iterable[BaseGeometry | None], plane_epsg: int, context: BoundaryContext
) -> Rounding | None:
    """The step of the coordinates, in degrees or in the city's plane; None where they have none.

    None too for a few places, which may be round by chance.
    """
    found = shapely.get_coordinates(np.array(list(shapes), dtype=object))
    some = found[:: len(found) // _ENOUGH + 1]
    places = np.unique(some[np.isfinite(some).all(axis=1)], axis=0)
    if len(places) < context.threshold("precision_least"):
        return None
    share = context.threshold("precision_share")
    degrees = rounded_to(places.ravel(), tuple(_DEGREES), share)
    if degrees is not None:
        (metres,) = distances_m(places[:1], places[:1] + np.array([0.0, degrees]))
        return Rounding(len(found), places, _DEGREES[degrees], float(metres))
    plane = shapely.get_coordinates(crs.to_plane(as_points(places), plane_epsg))
    step = rounded_to(plane.ravel(), _METRES, share)
    if step is None:
        return None
    said = length(step)
    how = Text(f"取整到 {said.zh}", f"are rounded to {said.en}")
    return Rounding(len(found), places, how, step)
