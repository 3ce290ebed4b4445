"""Records out of what a person typed: field by field, each problem said with what was expected."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from geo_service.domain.boundary import (
    AdministrativeBoundary,
    BoundaryNode,
    LegalStatus,
    NodeKind,
)
from geo_service.domain.change import RecordKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.document import DocumentKind, OfficialDocument
from geo_service.domain.identity import DivisionCode, DivisionLevel, LineCode, MarkerNumber
from geo_service.domain.marker import BoundaryMarker, MarkerKind
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus, ReadingSource
from geo_service.domain.road import Road
from geo_service.errors import InputError
from geo_service.services.names import checked_name
from geo_service.services.register.acts import label_of
from geo_service.store.codec import CODECS

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geo_service.domain.period import Period
    from geo_service.domain.provenance import Provenance
    from geo_service.services.register.acts import Kept

Typed = Mapping[str, str]
"""Fields as typed, by their names in the register."""


def _text(value: str) -> str:
    return value


def _optional(read: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda value: read(value) if value else None


def _number(value: str) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(value)
    return number


def _units(value: str) -> tuple[DivisionCode, ...]:
    """Codes with blanks or commas between, in order."""
    words = re.split(r"[\s,，、]+", value)
    return tuple(sorted(DivisionCode.parse(word) for word in words if word))


_EXTENTS = frozenset(("length_km", "length_m", "width_m"))
"""Nothing on the ground is shorter or narrower than nought; heights may lie below the sea."""

_Readers = Mapping[str, Callable[[str], Any]]

_PLACE: _Readers = {
    "id": _text,
    "name": checked_name,
    "feature_type": FeatureType,
    "status": NameStatus,
    "unit_code": _optional(DivisionCode.parse),
    "romanization": _text,
    "reading_source": ReadingSource,
    "approved_on": _optional(date.fromisoformat),
    "document_no": _text,
    "meaning": _text,
    "origin": _text,
}
_UNIT: _Readers = {"code": DivisionCode.parse, "name": checked_name}
_LINE: _Readers = {
    "code": LineCode,
    "name": checked_name,
    "left_code": DivisionCode.parse,
    "right_code": DivisionCode.parse,
    "level": _optional(DivisionLevel),
    "length_km": _optional(_number),
    "agreement_no": _text,
    "legal_status": LegalStatus,
}
_NODE: _Readers = {"id": _text, "kind": NodeKind, "units": _units}
_DOCUMENT: _Readers = {
    "id": _text,
    "kind": DocumentKind,
    "title": _text,
    "number": _text,
    "issued_on": _optional(date.fromisoformat),
    "issuer": _text,
}
_MARKER: _Readers = {
    "number": MarkerNumber,
    "line_code": LineCode,
    "kind": MarkerKind,
    "height_m": _optional(_number),
    "material": _text,
    "responsible_side": _optional(DivisionCode.parse),
}
_ROAD: _Readers = {
    "id": _text,
    "name": checked_name,
    "grade": _text,
    "width_m": _optional(_number),
    "length_m": _optional(_number),
    "unit_code": _optional(DivisionCode.parse),
    "status": NameStatus,
}
_READERS: Mapping[RecordKind, _Readers] = {
    RecordKind.PLACE_NAMES: _PLACE,
    RecordKind.UNITS: _UNIT,
    RecordKind.BOUNDARY_LINES: _LINE,
    RecordKind.BOUNDARY_NODES: _NODE,
    RecordKind.MARKERS: _MARKER,
    RecordKind.ROADS: _ROAD,
    RecordKind.DOCUMENTS: _DOCUMENT,
}
_REQUIRED: Mapping[RecordKind, tuple[str, ...]] = {
    RecordKind.PLACE_NAMES: ("id", "name", "feature_type"),
    RecordKind.UNITS: ("code", "name"),
    RecordKind.BOUNDARY_LINES: ("code", "name", "left_code", "right_code"),
    RecordKind.BOUNDARY_NODES: ("id", "kind", "units"),
    RecordKind.MARKERS: ("number", "line_code", "kind"),
    RecordKind.ROADS: ("id", "name"),
    RecordKind.DOCUMENTS: ("id", "kind", "title"),
}
_CLASSES: Mapping[RecordKind, Callable[..., Kept]] = {
    RecordKind.PLACE_NAMES: NamedPlace,
    RecordKind.UNITS: AdministrativeUnit,
    RecordKind.BOUNDARY_LINES: AdministrativeBoundary,
    RecordKind.BOUNDARY_NODES: BoundaryNode,
    RecordKind.MARKERS: BoundaryMarker,
    RecordKind.ROADS: Road,
    RecordKind.DOCUMENTS: OfficialDocument,
}


def fields_of(kind: RecordKind) -> tuple[str, ...]:
    """The fields that can be typed for a kind."""
    return tuple(_READERS[kind])


def typed_record(
    kind: RecordKind,
    typed: Typed,
    geometry: BaseGeometry | None,
    provenance: Provenance,
    period: Period,
) -> Kept:
    """A record of what was typed.

    Raises InputError for a field that is missing, unknown or unreadable.
    """
    missing = [name for name in _REQUIRED[kind] if not typed.get(name, "").strip()]
    if missing:
        raise InputError("register_field_missing", kind=kind.value, fields=", ".join(missing))
    if kind is RecordKind.BOUNDARY_NODES and geometry is None:
        raise InputError("register_place_missing", kind=kind.value)
    told = _read(kind, typed) | _shape(kind, geometry)
    return _CLASSES[kind](provenance=provenance, period=period, **told)


def altered(kind: RecordKind, record: Kept, typed: Typed, geometry: BaseGeometry | None) -> Kept:
    """The record with what was typed in the place of what it held.

    Another name takes with it the spelling and the approval of the former one, unless they were
    typed anew: they were said of that name only. Raises InputError as `typed_record` does.
    """
    told = _read(kind, typed) | ({} if geometry is None else _shape(kind, geometry))
    after = replace(record, **told)
    if isinstance(after, NamedPlace) and label_of(after) != label_of(record):
        blank: dict[str, Any] = {
            "romanization": "",
            "reading_source": ReadingSource.GUESSED,
            "approved_on": None,
            "document_no": "",
        }
        after = replace(after, **{name: told.get(name, value) for name, value in blank.items()})
    return after


def part_of(kind: RecordKind, record: Kept, typed: Typed, geometry: BaseGeometry | None) -> Kept:
    """A part of a record that is split, or what several become: as `altered`, its shape its own."""
    shapeless = replace(record, **_shape(kind, None))
    return altered(kind, shapeless, typed, geometry)


def _shape(kind: RecordKind, geometry: BaseGeometry | None) -> dict[str, Any]:
    if kind is RecordKind.DOCUMENTS:
        return {}
    return {CODECS[kind].geometry: geometry}


def _read(kind: RecordKind, typed: Typed) -> dict[str, Any]:
    readers = _READERS[kind]
    unknown = [name for name in typed if name not in readers]
    if unknown:
        facts = {"fields": ", ".join(unknown), "known": ", ".join(readers)}
        raise InputError("register_field_unknown", kind=kind.value, **facts)
    return {name: _value(name, value.strip(), readers[name]) for name, value in typed.items()}


def _value(name: str, value: str, read: Callable[[str], Any]) -> Any:
    try:
        found = read(value)
    except ValueError as error:
        words = isinstance(read, type) and issubclass(read, StrEnum)
        expected = " ".join(cast("type[StrEnum]", read)) if words else "2024-06-01 / 12.5"
        facts = {"field": name, "value": value, "expected": expected}
        raise InputError("register_field_unreadable", **facts) from error
    if name in _EXTENTS and found is not None and found < 0:
        raise InputError("register_number_negative", field=name, value=value)
    return found
