"""The fields of served features: names, types and units, each with how a record tells it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from geo_service.domain.provenance import Force, Label
from geo_service.messages import message

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.domain.text import Lang, Text

Scalar = str | int | float | None


class FieldType(StrEnum):
    """Types of values, as JSON Schema names them; a date is a string of its own format."""

    TEXT = "string"
    NUMBER = "number"
    INTEGER = "integer"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Field:
    """One property of a feature. `unit` is that of a number; `choices` all words it may hold.

    `read` takes the value from a record, as JSON writes it; an empty text is served as null, for
    the register writes "" where nothing is known.
    """

    name: str
    read: Callable[[Any], Scalar]
    type: FieldType = FieldType.TEXT
    unit: str = ""
    choices: tuple[str, ...] = ()

    @property
    def title(self) -> Text:
        """What people call it."""
        return message(f"serving.field_{self.name}")

    @property
    def about(self) -> Text:
        """What it means, where the name does not say all."""
        return message(f"serving.about_field_{self.name}")


def text(name: str, path: str = "", *, choices: type[StrEnum] | None = None) -> Field:
    """A text, a code or a word of an enumeration."""
    get = attrgetter(path or name)

    def read(record: Any) -> str | None:
        value = get(record)
        return str(value) if value else None  # codes and words are served as plain text

    words = tuple(choice.value for choice in choices) if choices else ()
    return Field(name, read, choices=words)


def number(name: str, unit: str) -> Field:
    """A figure with its unit."""
    return Field(name, attrgetter(name), FieldType.NUMBER, unit)


def integer(name: str) -> Field:
    """A whole number."""
    return Field(name, attrgetter(name), FieldType.INTEGER)


def day(name: str, path: str = "") -> Field:
    """A day in China."""
    get = attrgetter(path or name)

    def read(record: Any) -> str | None:
        value = get(record)
        return None if value is None else str(value.isoformat())

    return Field(name, read, FieldType.DATE)


@cache
def _said_of(force: Force) -> str | None:
    return None if force is Force.OFFICIAL else message(f"serving.standing_{force}").zh


def _standing(record: Any) -> str | None:
    return _said_of(record.provenance.force)


def standing_words(lang: Lang) -> dict[str, str]:
    """What `standing` says, as it is served, in the language of a reader."""
    told = [message(f"serving.standing_{force}") for force in Force if force is not Force.OFFICIAL]
    return {text.zh: text.in_(lang) for text in told}


VALID_FROM, VALID_TO = "valid_from", "valid_to"
"""First day of validity, and the first day after it: the end does not belong to the period."""

COMMON = (
    day(VALID_FROM, "period.start"),
    day(VALID_TO, "period.end"),
    text("source", "provenance.source"),
    text("licence", "provenance.licence"),
    text("force", "provenance.force", choices=Force),
    Field("standing", _standing),
    text("label", "provenance.label", choices=Label),
)
"""What every feature carries: when it holds, where it comes from, how far it may be relied on.

The note of a provenance is not served: it is free text for the bureau's own use.
"""
