"""Which features of a collection are asked for: by box, by time, by values and by filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.services.serving.boxes import meets
from geo_service.services.serving.fields import FieldType

if TYPE_CHECKING:
    from geo_service.geometry.arrays import Bools, Ints
    from geo_service.services.serving.fields import Field, Scalar
    from geo_service.services.serving.filtering import Filter
    from geo_service.services.serving.snapshot import Snapshot
    from geo_service.store.protocol import Box

QUICK = 40_000
"""Features and corners of their outlines that are looked at in a few milliseconds."""


@dataclass(frozen=True, slots=True)
class Area:
    """Where features are asked for, EPSG:4490: boxes, or an outline that no box is."""

    boxes: tuple[Box, ...] = ()
    outline: shapely.Polygon | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a collection; what is not given lets everything through.

    `days` are ordinals of the first and the last day of a time; features of which the validity
    shares a day with it are meant.
    """

    area: Area | None = None
    days: tuple[float, float] | None = None
    values: tuple[tuple[Field, Scalar], ...] = ()
    filter: Filter | None = None

    @property
    def is_open(self) -> bool:
        """Whether all features are meant."""
        return self.area is None and self.days is None and not self.values and self.filter is None


def is_quick(snapshot: Snapshot, question: Question) -> bool:
    """Whether the rows are found in a few milliseconds at most: all of them, or those in boxes."""
    if question.days is not None or question.values or question.filter is not None:
        return False
    if question.area is None:
        return True
    return question.area.outline is None and snapshot.effort(question.area.boxes) <= QUICK


def select(snapshot: Snapshot, question: Question) -> Ints | None:
    """The rows that are meant, by id; None for all of them."""
    if question.is_open:
        return None
    return snapshot.chosen(question, lambda: _chosen(snapshot, question))


def _chosen(snapshot: Snapshot, question: Question) -> Ints:
    area = question.area
    rows: Ints = np.arange(len(snapshot)) if area is None else _within(snapshot, area)
    if question.days is not None:
        first, last = question.days
        days = snapshot.days[rows]
        rows = rows[(days[:, 0] <= last) & (days[:, 1] > first)]
    for field, value in question.values:
        rows = rows[_equal(snapshot, field, value, rows)]
    if question.filter is not None:
        rows = rows[question.filter.holds(snapshot, rows)]
    return rows


def _equal(snapshot: Snapshot, field: Field, value: Scalar, rows: Ints) -> Bools:
    if field.type in (FieldType.NUMBER, FieldType.INTEGER):
        return np.asarray(snapshot.numbers(field.name)[rows] == value)
    column = snapshot.column(field.name)
    return np.array([column[row] == value for row in rows.tolist()], dtype=bool)


def _within(snapshot: Snapshot, area: Area) -> Ints:
    """What meets the area, and what lies nowhere (OGC 17-069, /req/core/fc-bbox-response)."""
    if area.outline is not None:
        rows, _inside = snapshot.index.query(shapely.bounds(area.outline).tolist())
        found = [rows[intersects(snapshot, rows, area.outline)]]
    else:
        found = [_in_box(snapshot, box) for box in area.boxes]
    found += [snapshot.nowhere] if len(snapshot.nowhere) else []
    return found[0] if len(found) == 1 else np.unique(np.concatenate(found))


def _in_box(snapshot: Snapshot, box: Box) -> Ints:
    rows, inside = snapshot.index.query(box)
    # A thing whose own box lies inside is inside; only what crosses an edge has to be looked at.
    crossing = np.flatnonzero(~inside)
    if len(crossing):
        inside[crossing] = intersects(snapshot, rows[crossing], shapely.box(*box))
    return rows[inside]


def intersects(snapshot: Snapshot, rows: Ints, shape: shapely.Geometry) -> Bools:
    """Which features of rows share a point with a geometry of EPSG:4490."""
    shapely.prepare(shape)
    return np.asarray(shapely.intersects(shape, snapshot.shapes(rows)), dtype=bool)


def near(snapshot: Snapshot, rows: Ints, box: Box) -> Bools:
    """Which features of rows have a box that meets another."""
    return meets(snapshot.boxes[rows], box)
