"""What pages say of the fields of a record: their titles, their values in words, where it lies."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from shapely.geometry import Point

from geo_service.domain.change import RecordKind
from geo_service.domain.document import DocumentKind
from geo_service.errors import ConfigError
from geo_service.messages import message
from geo_service.services.register.change_sheet import shape_texts
from geo_service.services.register.differences import geometry_of
from geo_service.services.serving.collections import COLLECTIONS
from geo_service.services.serving.fields import COMMON, Field, day, standing_words, text
from geo_service.services.wording import number_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from geo_service.domain.period import Period
    from geo_service.domain.text import Lang
    from geo_service.services.register.acts import Kept
    from geo_service.services.register.differences import Difference

_PAPER = (
    text("title"),
    text("kind", choices=DocumentKind),
    text("number"),
    day("issued_on"),
    text("issuer"),
    *COMMON,
)
_VALUES = {
    "feature_type": "pages.type",
    "status": "search.status",
    "reading_source": "pages.reading",
    "legal_status": "maps.legal",
    "force": "maps.force",
    "level": "pages.level",
    "kind": "pages.kind",
    "label": "pages.label",
    "severity": "findings.severity",
    "state": "states.state",
}
"""Where the words of a field stand in the catalogue, by field."""
_SENTENCES = ("standing", "start_marker", "end_marker")
"""Fields that may hold a Chinese word of ours rather than a code."""
FIRST = ("name", "number", "code", "title")
_UNITS = ("unit_code", "left_code", "right_code", "responsible_side")
"""Fields that hold the code of a unit, which people know by its name."""


def fields_of(kind: RecordKind) -> tuple[Field, ...]:
    """The fields of a kind, as they are served."""
    if kind is RecordKind.DOCUMENTS:
        return _PAPER
    own = (c for c in COLLECTIONS.values() if c.kinds[0] is kind and c.derived is None)
    return next(own).fields


@cache
def _said_by_us(lang: Lang) -> dict[str, str]:
    ends = [message(f"alignment.{end}") for end in ("first_end", "last_end")]
    return {**standing_words(lang), **{end.zh: end.in_(lang) for end in ends}}


def value_text(field: str, value: object, lang: Lang) -> str:
    """A value in words, as it is where there is no word for it."""
    if value is None or value == "":
        return ""
    if isinstance(value, float):
        return number_text(value)
    if field in _SENTENCES:
        return _said_by_us(lang).get(str(value), str(value))
    if field in _VALUES:
        try:
            return message(f"{_VALUES[field]}_{value}").in_(lang)
        except ConfigError:
            return str(value)
    return str(value)


def with_unit_name(field: str, said: str, units: Mapping[str, str]) -> str:
    """What a field says; the code of a unit behind the name of the unit, where that is known."""
    return f"{units[said]} {said}" if field in _UNITS and said in units else said


def facts(
    kind: RecordKind, record: Kept, units: Mapping[str, str], lang: Lang
) -> list[tuple[str, str]]:
    """Title and value of every field that says something, and where the record lies.

    `units` are the names of units by code.
    """
    rows = []
    for field in fields_of(kind):
        said = with_unit_name(field.name, value_text(field.name, field.read(record), lang), units)
        if said:
            unit = f" {field.unit}" if field.unit else ""
            rows.append((field.title.in_(lang), said + unit))
    place = geometry_of(record)
    if isinstance(place, Point):
        rows.append((message("pages.position_cgcs").in_(lang), f"{place.x:.6f}, {place.y:.6f}"))
    return rows


def field_title(name: str, lang: Lang) -> str:
    """What people call a field or a column; its own name where nobody named it."""
    for area in ("serving.field", "pages.field_of"):
        try:
            return message(f"{area}_{name}").in_(lang)
        except ConfigError:
            continue
    return name


def difference_texts(differs: Difference, lang: Lang) -> Iterator[tuple[str, str, str]]:
    """What differs: title, before and after; of the shape the figures alone, under no `before`."""
    for change in differs.fields:
        before, after = (value_text(change.field, v, lang) for v in (change.before, change.after))
        yield field_title(change.field, lang), before, after
    if differs.geometry is not None:
        told = "；" if lang == "zh" else "; "
        yield message("pages.shape").in_(lang), "", told.join(shape_texts(differs.geometry, lang))


def period_text(period: Period, lang: Lang) -> str:
    """A span of valid time in words."""
    start = period.start or message("register.always").in_(lang)
    end = period.end or message("register.open_end").in_(lang)
    return message("register.period", start=start, end=end).in_(lang)
