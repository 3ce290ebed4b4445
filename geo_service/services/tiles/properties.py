"""Attributes of features as a vector tile keeps them: every key and every value once."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

import numpy as np

from geo_service.geometry.arrays import Ints
from geo_service.geometry.ragged import Ragged
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


class Properties:
    """Keys, distinct values, and which of these each feature has; -1 for none.

    `columns` hold one value to each of `rows` features, None or empty text for none.
    """

    def __init__(self, columns: Mapping[str, Sequence[Value | None]], rows: int) -> None:
        self.keys = [key.encode() for key in columns]
        numbers: dict[tuple[type, Value], int] = {}
        self._places = np.empty((rows, len(columns)), dtype=np.int64)
        for column, values in enumerate(columns.values()):
            # Numbers are looked up for what is distinct in the column, which is of one type.
            table: dict[Value | None, int] = dict.fromkeys(values, -1)
            for value in table:
                if value is not None and value != "":
                    table[value] = numbers.setdefault((type(value), value), len(numbers))
            found = map(table.__getitem__, values)
            self._places[:, column] = np.fromiter(found, dtype=np.int64, count=rows)
        self._values = [value for _, value in numbers]
        self._messages: list[bytes | None] = [None] * len(numbers)

    def tagged(self, features: Ints) -> tuple[Ragged, list[bytes]]:
        """Tags of some features, and the messages of the values that these count from 0."""
        places = self._places[features]
        given = places >= 0
        used, numbers = np.unique(places[given], return_inverse=True)
        pairs = np.stack([np.nonzero(given)[1], numbers.ravel()], axis=1)
        tags = Ragged(pairs.ravel(), given.sum(axis=1) * 2)
        return tags, [self._messages[n] or self._written(n) for n in used.tolist()]

    def _written(self, number: int) -> bytes:
        """The message of a value, written when a tile first needs it."""
        written = self._messages[number] = _message(self._values[number])
        return written
