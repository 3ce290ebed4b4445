"""A collection as it stands in one view of the register, ready to be asked and written out.

Rows are kept by id, as tuples of what JSON holds; a point is kept as its box alone. Features are
written as GeoJSON when first asked for and kept as bytes, so that a page is a join.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from functools import cached_property
from json import dumps
from json.encoder import encode_basestring
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo_service.services.serving.boxes import BoxIndex
from geo_service.services.serving.fields import VALID_FROM, VALID_TO, FieldType

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from geo_service.geometry.arrays import Floats, Geometries, Ints
    from geo_service.services.serving.collections import Collection
    from geo_service.services.serving.fields import Scalar
    from geo_service.services.serving.sources import Served
    from geo_service.services.serving.systems import System
    from geo_service.store.protocol import Box

Values = tuple["Scalar", ...]
MAX_WRITTEN = 200_000
"""Features of a collection kept as bytes in one system; beyond it they are written anew."""
MAX_CHOSEN = 32
"""Choices of rows that are remembered: the pages of one question are asked one after another."""
QUICK_FEATURES = 20
QUICK_CORNERS = 1_000
"""Features that are written in a millisecond, and corners of them all."""
_POINT = 0
_NOWHERE = (np.nan,) * 4


def _json(value: Scalar) -> str:
    return encode_basestring(value) if type(value) is str else dumps(value)


class Snapshot:
    """The features of a collection by id. Immutable but for what it has written out.

    `ids`, `values` (in the order of the collection's fields), `boxes` (n, 4) EPSG:4490 and shapes
    go together by number.
    """

    def __init__(
        self,
        collection: Collection,
        ids: list[str],
        values: list[Values],
        shapes: Geometries,
        boxes: Floats,
    ) -> None:
        self.collection = collection
        self.ids = ids
        self.values = values
        self.boxes = boxes
        self._shapes = shapes
        self._written: dict[str, list[bytes | None]] = {}
        self._counts: dict[str, int] = {}
        self._columns: dict[str, list[Any]] = {}
        self._chosen: OrderedDict[Hashable, Ints] = OrderedDict()
        members = ",".join(f"{encode_basestring(field.name)}:%s" for field in collection.fields)
        self._template = f'{{"type":"Feature","id":%s,"geometry":%s,"properties":{{{members}}}}}'

    @classmethod
    def of(cls, collection: Collection, features: Iterable[Served]) -> Snapshot:
        """The features as they come."""
        said: dict[Any, Any] = {}
        readers = [field.read for field in collection.fields]
        ids: list[str] = []
        values: list[Values] = []
        places: list[Any] = []
        for feature in features:
            row = [read(feature.record) for read in readers]
            ids.append(feature.id)
            # Most texts are the same in most rows.
            values.append(tuple([said.setdefault(value, value) for value in row]))
            places.append(feature.geometry)
        shapes = np.array([*places, None], dtype=object)[:-1]
        boxes = shapely.bounds(shapes) if len(shapes) else np.empty((0, 4))
        shapes[shapely.get_type_id(shapes) == _POINT] = None
        made = cls(collection, ids, values, shapes, boxes)
        return made if ids == sorted(ids) else made.only(np.arange(len(ids)))

    def __len__(self) -> int:
        return len(self.ids)

    def only(self, rows: Ints) -> Snapshot:
        """Some of the rows, by id; what is written is kept."""
        order = np.array(sorted(rows.tolist(), key=self.ids.__getitem__), dtype=np.int64)
        numbers = order.tolist()
        made = Snapshot(
            self.collection,
            [self.ids[i] for i in numbers],
            [self.values[i] for i in numbers],
            self._shapes[order],
            self.boxes[order],
        )
        for uri, written in self._written.items():
            made._written[uri] = [written[i] for i in numbers]
            made._counts[uri] = self._counts[uri]
        return made

    def with_changed(self, gone: Iterable[str], fresh: Sequence[Served]) -> Snapshot:
        """The collection without some features, and with others anew; what is written is kept."""
        rows = [row for row in map(self.find, gone) if row is not None]
        kept = np.delete(np.arange(len(self)), rows)
        added = Snapshot.of(self.collection, fresh)
        both = Snapshot(
            self.collection,
            self.ids + added.ids,
            self.values + added.values,
            np.concatenate((self._shapes, added._shapes)),
            np.concatenate((self.boxes, added.boxes)),
        )
        for uri, written in self._written.items():
            both._written[uri] = [*written, *([None] * len(added))]
            both._counts[uri] = self._counts[uri]
        return both.only(np.concatenate((kept, np.arange(len(added)) + len(self))))

    def find(self, feature_id: str) -> int | None:
        """The row of a feature, None where there is none."""
        row = bisect_left(self.ids, feature_id)
        return row if row < len(self.ids) and self.ids[row] == feature_id else None

    @cached_property
    def index(self) -> BoxIndex:
        """The boxes, to be searched."""
        return BoxIndex(self.boxes, shapely.get_num_coordinates(self._shapes).astype(np.int64))

    def effort(self, boxes: Iterable[Box]) -> float:
        """Features and corners that a search of boxes looks at; infinite before the first one."""
        if "index" not in self.__dict__:
            return inf
        return sum(map(self.index.effort, boxes))

    @cached_property
    def extent(self) -> Box | None:
        """West, south, east, north of all features, None where none lies anywhere."""
        placed = self.boxes[~np.isnan(self.boxes[:, 0])]
        if not len(placed):
            return None
        west, south = placed[:, :2].min(axis=0).tolist()
        east, north = placed[:, 2:].max(axis=0).tolist()
        return west, south, east, north

    @cached_property
    def nowhere(self) -> Ints:
        """Rows of features without a geometry."""
        return np.flatnonzero(np.isnan(self.boxes[:, 0]))

    @cached_property
    def lifetime(self) -> tuple[str | None, str | None]:
        """First day on which a feature holds, and the first on which none does; None where open."""
        starts, ends = self.column(VALID_FROM), self.column(VALID_TO)
        first = None if not starts or None in starts else min(starts)
        last = None if not ends or None in ends else max(ends)
        return first, last

    @cached_property
    def days(self) -> Floats:
        """First day of validity and the first after it, as ordinals; infinite where open."""
        return np.stack((self.numbers(VALID_FROM, -np.inf), self.numbers(VALID_TO, np.inf)), axis=1)

    def column(self, name: str) -> list[Any]:
        """The values of a field, by row."""
        if name not in self._columns:
            place = [field.name for field in self.collection.fields].index(name)
            self._columns[name] = [row[place] for row in self.values]
        return self._columns[name]

    def numbers(self, name: str, nothing: float = np.nan) -> Floats:
        """The values of a figure, or of a day as ordinal, with another value for null."""
        field, found = self.collection.field(name), self.column(name)
        if field is not None and field.type is FieldType.DATE:
            days = np.array([value or "NaT" for value in found], dtype="datetime64[D]")
            told = days.astype(np.int64).astype(np.float64)
            return np.where(np.isnat(days), nothing, told)
        return np.array([nothing if value is None else value for value in found], dtype=np.float64)

    def shapes(self, rows: Ints) -> Geometries:
        """The geometries of rows, EPSG:4490; None for a feature that lies nowhere."""
        found: Geometries = self._shapes[rows].copy()
        points = np.array([shape is None for shape in found], dtype=bool)
        points &= ~np.isnan(self.boxes[rows, 0])
        found[points] = shapely.points(self.boxes[rows[points], :2])
        return found

    def is_at_hand(self, rows: Sequence[int], system: System) -> bool:
        """Whether the features of rows are written, or are so in a millisecond."""
        kept = self._written.get(system.uri)
        missing = list(rows) if kept is None else [row for row in rows if kept[row] is None]
        if not missing:
            return True
        if len(missing) > QUICK_FEATURES or system.plane_epsg is not None:
            return False
        return bool(shapely.get_num_coordinates(self._shapes[missing]).sum() <= QUICK_CORNERS)

    def written(self, rows: Sequence[int], system: System) -> list[bytes]:
        """The features of rows as GeoJSON in a system."""
        kept = self._written.get(system.uri)
        if kept is None or self._counts[system.uri] > MAX_WRITTEN:
            self._counts[system.uri] = 0  # first, for others may see the list at once
            kept = self._written[system.uri] = [None] * len(self.ids)
        found = [kept[row] for row in rows]
        if None in found:
            missing = [row for row, text in zip(rows, found, strict=True) if text is None]
            for row, text in zip(missing, self._write(missing, system), strict=True):
                kept[row] = text
            self._counts[system.uri] += len(missing)
            found = [kept[row] for row in rows]
        return found  # type: ignore[return-value]  # none is missing now

    def _write(self, rows: list[int], system: System) -> list[bytes]:
        places = _geojson(self.shapes(np.array(rows, dtype=np.int64)), system)
        template = self._template
        return [
            (template % (_json(self.ids[row]), place, *map(_json, self.values[row]))).encode()
            for row, place in zip(rows, places, strict=True)
        ]

    def chosen(self, question: Hashable, choose: Callable[[], Ints]) -> Ints:
        """The rows that answer a question, chosen once."""
        rows = self._chosen.get(question)
        if rows is None:
            rows = self._chosen[question] = choose()
            while len(self._chosen) > MAX_CHOSEN:
                self._chosen.popitem(last=False)
        return rows

    def properties(self, row: int) -> Mapping[str, Scalar]:
        """What a feature tells, by field."""
        names = (field.name for field in self.collection.fields)
        return dict(zip(names, self.values[row], strict=True))


def _geojson(shapes: Geometries, system: System) -> list[str]:
    """Geometries as GeoJSON in the order of axes of a system; null for none."""
    texts = shapely.to_geojson(system.written(shapes))
    return ["null" if text is None else str(text) for text in texts]
