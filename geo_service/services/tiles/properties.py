"""Attributes of features as a vector tile keeps them: every key and every value once."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_service.geometry.arrays import Ints
from geo_service.geometry.ragged import Ragged
from geo_service.services.tiles.changes import RowChange
from geo_service.services.tiles.varints import field, varint

Value = str | bool | int | float
_STRING, _DOUBLE, _SIGNED, _BOOL = 1, 3 << 3 | 1, 6 << 3, 7 << 3


def _message(value: Value) -> bytes:
    """The message of one value (clause 4.4 of the format)."""
    if isinstance(value, bool):
        return bytes((_BOOL, value))
    if isinstance(value, int):
        return bytes((_SIGNED,)) + varint((value << 1) ^ (value >> 63))
    if isinstance(value, float):
        return bytes((_DOUBLE,)) + struct.pack("<d", value)
    return field(_STRING, value.encode())


@dataclass(frozen=True, slots=True)
class Properties:
    """Keys, distinct values, and which of these each feature has in `places`; -1 for none.

    `messages` are those of the values, None until a tile first needs one.
    """

    keys: list[bytes]
    places: NDArray[np.int32]
    values: list[Value]
    messages: list[bytes | None]

    @classmethod
    def of(cls, columns: Mapping[str, Sequence[Value | None]], rows: int) -> Properties:
        """One value of each column to each of `rows` features, None or empty text for none."""
        numbers: dict[tuple[type, Value], int] = {}
        places = np.empty((rows, len(columns)), dtype=np.int32)
        for column, values in enumerate(columns.values()):
            # Numbers are looked up for what is distinct in the column, which is of one type.
            table: dict[Value | None, int] = dict.fromkeys(values, -1)
            for value in table:
                if value is not None and value != "":
                    table[value] = numbers.setdefault((type(value), value), len(numbers))
            found = map(table.__getitem__, values)
            places[:, column] = np.fromiter(found, dtype=np.int32, count=rows)
        distinct = [value for _, value in numbers]
        return cls([key.encode() for key in columns], places, distinct, [None] * len(distinct))

    def with_changed(self, change: RowChange, added: Properties) -> Properties:
        """The same keys after a change; a value that no feature has any more keeps its number."""
        wanted = set(added.values)
        known = np.fromiter(map(wanted.__contains__, self.values), dtype=bool)
        held = ((n, self.values[n]) for n in np.flatnonzero(known).tolist())
        numbers = {(type(value), value): n for n, value in held}
        fresh = [v for v in added.values if (type(v), v) not in numbers]
        numbers |= {(type(v), v): n for n, v in enumerate(fresh, start=len(self.values))}
        moved = np.array([*(numbers[type(v), v] for v in added.values), -1], dtype=np.int32)
        return Properties(
            self.keys,
            change.made(self.places, moved[added.places]),
            self.values + fresh,
            self.messages + [None] * len(fresh),
        )

    def tagged(self, features: Ints) -> tuple[Ragged, list[bytes]]:
        """Tags of some features, and the messages of the values that these count from 0.

        Values stand in the order of their first use, so that a tile does not tell how its layer
        came about.
        """
        places = self.places[features]
        given = places >= 0
        used, found = np.unique(places[given], return_inverse=True)
        first = np.empty(len(used), dtype=np.int64)
        first[found[::-1]] = np.arange(len(found))[::-1]  # what is written last stays
        order = np.argsort(first)
        pairs = np.stack([np.nonzero(given)[1], np.argsort(order)[found]], axis=1)
        tags = Ragged(pairs.ravel(), given.sum(axis=1) * 2)
        return tags, [self.messages[n] or self._written(n) for n in used[order].tolist()]

    def _written(self, number: int) -> bytes:
        """The message of a value, written when a tile first needs it."""
        written = self.messages[number] = _message(self.values[number])
        return written
