"""Rows of different lengths in one flat array, put together without a loop over them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geo_service.geometry.arrays import Bools, Ints


class Ragged(NamedTuple):
    """Rows one after the other: their numbers, and how many each row has."""

    values: Ints
    counts: Ints

    @property
    def begins(self) -> Ints:
        """Where each row begins."""
        return np.cumsum(self.counts) - self.counts


def same(value: int, rows: int) -> Ragged:
    """The same number as the whole of every row."""
    return Ragged(np.full(rows, value, dtype=np.int64), np.ones(rows, dtype=np.int64))


def single(values: Ints) -> Ragged:
    """One number to a row."""
    return Ragged(values, np.ones(len(values), dtype=np.int64))


def beside(*columns: Ragged) -> Ragged:
    """Rows that hold what each of the columns has in that row, in the order given."""
    counts: Ints = np.stack([column.counts for column in columns]).sum(axis=0)
    ends = np.cumsum(counts)
    out = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.int64)
    starts = ends - counts
    for values, lengths in columns:
        shifts = starts - (np.cumsum(lengths) - lengths)
        out[np.repeat(shifts, lengths) + np.arange(len(values))] = values
        starts = starts + lengths
    return Ragged(out, counts)


def sums(values: Ints, groups: Ints, number: int) -> Ints:
    """Sum of the values of each of `number` groups."""
    return np.bincount(groups, weights=values, minlength=number).astype(np.int64)


def firsts(groups: Ints) -> Bools:
    """Where a new group begins; members of a group stand together."""
    result = np.ones(len(groups), dtype=bool)
    result[1:] = groups[1:] != groups[:-1]
    return result


def lasts(groups: Ints) -> Bools:
    """Where a group ends; members of a group stand together."""
    result = np.ones(len(groups), dtype=bool)
    result[:-1] = groups[1:] != groups[:-1]
    return result
