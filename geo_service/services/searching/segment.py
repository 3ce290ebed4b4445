"""One batch of names in sorted arrays, never changed once made, save for which names still stand.

Measured on a million names of six characters: some 140 MB, of which half are the keys with one
syllable left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from geo_service.domain.change import RecordKind
from geo_service.domain.place import NameStatus
from geo_service.services.searching.query import spelt
from geo_service.services.searching.space import PointIndex
from geo_service.services.searching.syllables import (
    BITS,
    INITIAL_BITS,
    INITIALS,
    UNREAD,
    WIDTH,
    Keys,
    Syllables,
    alphabet,
    codes_of,
    heard,
    key_of,
    packed,
    sounds,
)
from geo_service.store.protocol import FiledName

Places = NDArray[np.intp]
"""Places of names in a segment, counted from 0."""

_STATUSES = tuple(NameStatus)
_ARRAYS = ("row", "lon", "lat", "unit", "start", "end", "status", "spelt")
_NOWHERE = (float("nan"), float("nan"))


def _ordinal(day: date | None, otherwise: date) -> int:
    return (day or otherwise).toordinal()


@dataclass(frozen=True, eq=False)
class Columns:
    """What is kept of each name, one array or text a column.

    `text` holds the names in standard characters, each with a line break after it. `unit` is the
    code filled up to twelve digits, 0 without one. Points are degrees, NaN without one. `spelt`
    is the key of the approved reading, 0 without one.
    """

    text: str
    row: NDArray[np.uint32]
    lon: NDArray[np.float32]
    lat: NDArray[np.float32]
    unit: NDArray[np.int64]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    status: NDArray[np.uint8]
    spelt: Keys

    @staticmethod
    def of(names: Sequence[FiledName], forms: Sequence[str]) -> Columns:
        """The columns of some names; `forms` are the names in standard characters."""
        points = [name.position or _NOWHERE for name in names]
        return Columns(
            "".join(f"{form}\n" for form in forms),
            np.array([name.row for name in names], dtype=np.uint32),
            np.array([lon for lon, _ in points], dtype=np.float32),
            np.array([lat for _, lat in points], dtype=np.float32),
            np.array([int((name.unit_code or "0").ljust(12, "0")) for name in names], np.int64),
            np.array([_ordinal(name.period.start, date.min) for name in names], dtype=np.int32),
            np.array([_ordinal(name.period.end, date.max) for name in names], dtype=np.int32),
            np.array([_STATUSES.index(name.status) for name in names], dtype=np.uint8),
            np.array(
                [
                    key_of(spelt(name.spelling, form))
                    for name, form in zip(names, forms, strict=True)
                ],
                dtype=np.uint64,
            ),
        )

    @staticmethod
    def joined(parts: Sequence[Columns]) -> Columns:
        """Columns one under the other."""
        return Columns(
            "".join(part.text for part in parts),
            *(np.concatenate([getattr(part, name) for part in parts]) for name in _ARRAYS),
        )

    def rounded(self, decimals: int) -> Columns:
        """The same with positions rounded to decimals of a degree."""
        return replace(self, lon=self.lon.round(decimals), lat=self.lat.round(decimals))

    def where(self, kept: NDArray[np.bool_]) -> Columns:
        """The names that are kept."""
        lines = self.text.split("\n")
        text = "".join(f"{line}\n" for line, keep in zip(lines, kept, strict=False) if keep)
        return Columns(
            text,
            *(getattr(self, name)[kept] for name in _ARRAYS),
        )


@dataclass(frozen=True, eq=False)
class KeyIndex:
    """Sorted packed keys, each with the place of its name."""

    keys: Keys
    places: NDArray[np.uint32]

    @staticmethod
    def of(keys: Keys, places: NDArray[np.uint32]) -> KeyIndex:
        """The index of keys given in any order."""
        order = np.argsort(keys, kind="stable")
        return KeyIndex(keys[order], places[order])

    def between(self, low: int, high: int) -> Places:
        """Places of the names with a key from low to high, both included."""
        start = np.searchsorted(self.keys, np.uint64(low), "left")
        end = np.searchsorted(self.keys, np.uint64(high), "right")
        return self.places[start:end].astype(np.intp)

    @property
    def nbytes(self) -> int:
        """Memory of the two arrays in bytes."""
        return self.keys.nbytes + self.places.nbytes


class Segment:
    """Names of one kind of records with their sorted keys: sound, one syllable left out, initials;
    and their points.
    """

    def __init__(self, columns: Columns, kind: RecordKind) -> None:
        self.columns, self.kind = columns, kind
        self.alive = np.ones(len(columns.row), dtype=np.bool_)
        codes = codes_of(columns.text)
        breaks = np.flatnonzero(codes == ord("\n"))
        self.starts = np.concatenate(([0], breaks + 1)).astype(np.uint32)
        sounded = heard(columns.text)
        lengths = np.diff(self.starts) - 1
        said = _rows(sounded, self.starts, WIDTH).astype(np.uint64)
        self.said = packed(said)
        every = np.arange(len(lengths), dtype=np.uint32)
        keys, places = _with_second_readings(said, every, codes, self.starts)
        approved = np.flatnonzero((columns.spelt > 0) & (columns.spelt != self.said))
        self.sound = KeyIndex.of(
            np.concatenate([keys, columns.spelt[approved]]),
            np.concatenate([places, every[approved]]),
        )
        self.shortened = KeyIndex.of(*_shortened(said, lengths, every))
        self.initials = KeyIndex.of(_initials(sounded, self.starts), every)

    def __len__(self) -> int:
        return len(self.alive)

    @property
    def nbytes(self) -> int:
        """Memory of text and arrays in bytes, the R-tree of points aside."""
        columns = [getattr(self.columns, name) for name in _ARRAYS]
        arrays = sum(column.nbytes for column in (*columns, self.alive, self.starts, self.said))
        keys = self.sound.nbytes + self.shortened.nbytes + self.initials.nbytes
        return int(arrays + keys + self.columns.text.__sizeof__())

    @cached_property
    def points(self) -> PointIndex:
        """The points of the names, indexed when first asked for."""
        return PointIndex(self.columns.lon, self.columns.lat)

    @property
    def placed(self) -> NDArray[np.bool_]:
        """Which names have a point."""
        return ~np.isnan(self.columns.lon)

    def lengths(self, places: Places) -> NDArray[np.intp]:
        """How many characters the names have."""
        return self.starts[places + 1].astype(np.intp) - self.starts[places] - 1

    def name(self, place: int) -> str:
        """One name in standard characters."""
        return self.columns.text[self.starts[place] : self.starts[place + 1] - 1]

    def holding(self, written: str) -> tuple[Places, NDArray[np.bool_]]:
        """Names that hold the text, and whether they begin with it."""
        at = [found.start() for found in re.finditer(re.escape(written), self.columns.text)]
        spots = np.array(at, dtype=np.uint32)
        places = np.searchsorted(self.starts, spots, "right") - 1
        return places, self.starts[places] == spots

    def standing_on(
        self, places: Places, day: int, units: tuple[int, int] | None
    ) -> NDArray[np.bool_]:
        """Which of the names stand on the day (ordinal), in a unit of the code range."""
        columns = self.columns
        kept = self.alive[places] & (columns.start[places] <= day) & (day < columns.end[places])
        if units is not None:
            kept &= (columns.unit[places] >= units[0]) & (columns.unit[places] <= units[1])
        return kept

    def syllables(self, places: Places) -> Syllables:
        """The first syllables of names as they are read (n, WIDTH), 0 after the end."""
        shifts = np.arange((WIDTH - 1) * BITS, -1, -BITS, dtype=np.uint64)
        numbers = self.said[places, None] >> shifts & np.uint64(UNREAD)
        return numbers.astype(np.uint16)

    def characters(self, places: Places, width: int) -> NDArray[np.uint32]:
        """The first characters of names as code points (n, width), 0 after the end."""
        names = (self.name(place)[:width].ljust(width, "\0") for place in places.tolist())
        return codes_of("".join(names)).reshape(len(places), width)


def _rows(values: Syllables, starts: NDArray[np.uint32], width: int) -> Syllables:
    """The first values of each name (n, width), 0 after the end."""
    result = np.zeros((len(starts) - 1, width), dtype=np.uint16)
    ends = starts[1:] - 1
    for column in range(width):
        inside = np.flatnonzero(starts[:-1] + column < ends)
        result[inside, column] = values[starts[inside] + column]
    return result


def _with_second_readings(
    said: NDArray[np.uint64],
    every: NDArray[np.uint32],
    codes: NDArray[np.uint32],
    starts: NDArray[np.uint32],
) -> tuple[Keys, NDArray[np.uint32]]:
    """Keys of the usual readings, and those where one character is read in another way."""
    keys, places = [packed(said)], [every]
    for table in sounds():
        others = _rows(table[codes], starts, WIDTH)
        others[(others == said) | (others == UNREAD)] = 0
        for column in range(WIDTH):
            found = np.flatnonzero(others[:, column])
            if len(found):
                changed = said[found]
                changed[:, column] = others[found, column]
                keys.append(packed(changed))
                places.append(every[found])
    return np.concatenate(keys), np.concatenate(places)


def _shortened(
    said: NDArray[np.uint64], lengths: NDArray[np.integer], every: NDArray[np.uint32]
) -> tuple[Keys, NDArray[np.uint32]]:
    """Keys with one syllable left out, of names that fit a key and have three syllables or more."""
    keys, places = [np.zeros(0, np.uint64)], [np.zeros(0, np.uint32)]
    for column in range(WIDTH):
        found = np.flatnonzero((lengths > max(column, 2)) & (lengths <= WIDTH))
        kept = [other for other in range(WIDTH) if other != column]
        keys.append(packed(said[found][:, kept]) << np.uint64(BITS))
        places.append(every[found])
    return np.concatenate(keys), np.concatenate(places)


def _initials(sounded: Syllables, starts: NDArray[np.uint32]) -> Keys:
    """Keys of the first letters: a = 1 … z = 26, 0 for what has no reading."""
    table = np.zeros(UNREAD + 1, dtype=np.uint16)
    table[1 : len(alphabet()) + 1] = [ord(syllable[0]) - ord("a") + 1 for syllable in alphabet()]
    return packed(_rows(table[sounded], starts, INITIALS).astype(np.uint64), INITIAL_BITS)
