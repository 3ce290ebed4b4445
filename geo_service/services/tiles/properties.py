"""Attributes of features as a vector tile keeps them: every key and every value once."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Properties:
    """Keys, distinct values, and which of these each feature has; -1 for none.

    `places` has one row to a feature and one column to a key.
    """

    keys: tuple[bytes, ...]
    values: tuple[bytes, ...]
    places: Ints

    @classmethod
    def of(cls, columns: Mapping[str, Sequence[Value | None]], rows: int) -> Properties:
        """From columns of values; None and empty text are left out."""
        numbers: dict[tuple[type, Value], int] = {}
        places = np.full((rows, len(columns)), -1, dtype=np.int64)
        for column, values in enumerate(columns.values()):
            places[:, column] = [
                -1 if v is None or v == "" else numbers.setdefault((type(v), v), len(numbers))
                for v in values
            ]
        messages = tuple(_message(value) for _, value in numbers)
        return cls(tuple(key.encode() for key in columns), messages, places)

    def tagged(self, features: Ints) -> tuple[Ragged, list[bytes]]:
        """Tags of some features, and the values that these tags count from 0."""
        places = self.places[features]
        given = places >= 0
        used, numbers = np.unique(places[given], return_inverse=True)
        pairs = np.stack([np.nonzero(given)[1], numbers.ravel()], axis=1)
        return Ragged(pairs.ravel(), given.sum(axis=1) * 2), [self.values[v] for v in used]
