"""What a file leaves out stays as the register has it: a column that is not there says nothing.

A column that is there and blank says that there is no value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

from geo_service.domain.change import Record
from geo_service.domain.period import Period

_PLACE = ("geometry", "lon", "easting", "x")
_COLUMNS: dict[str, tuple[str, ...]] = {
    "kind": ("type",),
    "height_m": ("height",),
    "length_m": ("length_m", "length_km"),
    "geometry": _PLACE,
    "position": _PLACE,
    "reading_source": ("reading_source", "romanization"),
}
"""Fields of records that columns of other names fill."""
_OF_PROVENANCE = ("licence", "force", "label", "note")
"""The source is always told: where no column does, it is the file."""
_APART = frozenset({"period", "provenance"})
"""Fields of several columns, each of which is told or not by itself."""


def merged(told: Record, known: Record, said: frozenset[str]) -> Record:
    """The record of a file, with what its columns (`said`) do not speak of as it is known."""
    kept: dict[str, Any] = {name: getattr(known, name) for name in _left_out(told, said)}
    own = {n: getattr(known.provenance, n) for n in _OF_PROVENANCE if n not in said}
    days = days_of(told.period, known.period, said)
    return replace(told, **kept, period=days, provenance=replace(told.provenance, **own))


def days_of(told: Period, known: Period, said: frozenset[str]) -> Period:
    """First and last day, each from the file if it has a column for it. Raises InputError."""
    return Period(
        told.start if "valid_from" in said else known.start,
        told.end if "valid_to" in said else known.end,
    )


def _left_out(told: Record, said: frozenset[str]) -> Iterator[str]:
    for field in fields(told):
        columns = _COLUMNS.get(field.name, (field.name,))
        if field.name not in _APART and said.isdisjoint(columns):
            yield field.name


def kept_fields(told: Record, stored: Record) -> set[str]:
    """The fields in which a stored record differs from what the file alone would have said."""
    return {
        field.name
        for field in fields(told)
        if getattr(told, field.name) != getattr(stored, field.name)
    }
