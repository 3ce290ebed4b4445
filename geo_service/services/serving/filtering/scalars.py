"""Values in filters: fields, literals, arithmetic and folded texts, each of a known kind."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from geo_service.errors import InputError
from geo_service.services.serving.fields import FieldType
from geo_service.services.serving.moments import day_of

if TYPE_CHECKING:
    from geo_service.geometry.arrays import Bools
    from geo_service.services.serving.collections import Collection
    from geo_service.services.serving.filtering.truth import Asked

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": np.equal,
    "<>": np.not_equal,
    "<": np.less,
    ">": np.greater,
    "<=": np.less_equal,
    ">=": np.greater_equal,
}


class Kind(StrEnum):
    """What can be compared with what."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "date"


@dataclass(frozen=True, slots=True)
class Expression:
    """A value of each row: texts with None, or floats (figures, ordinals of days) with NaN."""

    kind: Kind
    of: Callable[[Asked], Any]

    def known(self, values: Any) -> Bools:
        """Where the value is not null."""
        if self.kind is Kind.TEXT:
            return np.asarray(values != None, dtype=bool)  # noqa: E711 - element by element
        return np.asarray(~np.isnan(values))


def quoted(part: Any) -> str:
    """A part of a filter, short enough to be told."""
    return str(part)[:40]


def _power(one: Any, other: Any) -> Any:
    return np.power(one, other)


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "div": lambda one, other: np.trunc(np.divide(one, other)),
    "%": np.fmod,
    "^": np.power,
}


def _without_accents(text: str) -> str:
    parts = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in parts if not unicodedata.combining(c)))


_FOLDS: dict[str, Callable[[str], str]] = {"casei": str.casefold, "accenti": _without_accents}
_KINDS = {
    FieldType.TEXT: Kind.TEXT,
    FieldType.NUMBER: Kind.NUMBER,
    FieldType.INTEGER: Kind.NUMBER,
    FieldType.DATE: Kind.DAY,
}


class Reader:
    """Reads values over the fields of one collection."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    def several(self, parts: list[Any]) -> list[Expression]:
        """Values that stand beside each other: a bare text beside a day is a day."""
        found = [self.read(part) for part in parts]
        if any(expression.kind is Kind.DAY for expression in found):
            return [
                _constant_day(part) if isinstance(part, str) else expression
                for part, expression in zip(parts, found, strict=True)
            ]
        return found

    def read(self, part: Any) -> Expression:
        """One value. Raises InputError as `read_filter` does."""
        if isinstance(part, str):
            return _constant(Kind.TEXT, part)
        if isinstance(part, (int, float)) and not isinstance(part, bool):
            return _constant_number(part)
        if not isinstance(part, dict):
            raise InputError("filter_malformed", detail=quoted(part))
        if "property" in part:
            return self._field(part["property"])
        for word in ("date", "timestamp"):
            if word in part:
                return _constant_day(part[word])
        return self._function(str(part.get("op", "")).lower(), part.get("args"))

    def _field(self, name: Any) -> Expression:
        field = self._collection.field(name) if isinstance(name, str) else None
        if field is None:
            known = ", ".join(field.name for field in self._collection.fields)
            raise InputError("filter_unknown_property", name=quoted(name), known=known)
        kind = _KINDS[field.type]
        if kind is Kind.TEXT:
            return Expression(kind, lambda asked: asked.texts(field.name))
        return Expression(kind, lambda asked: asked.figures(field.name))

    def _function(self, op: str, args: Any) -> Expression:
        if not isinstance(args, list):
            raise InputError("filter_malformed", detail=op or "?")
        if op in _FOLDS and len(args) == 1:
            return _folded(_FOLDS[op], self.read(args[0]))
        if op in _ARITHMETIC and len(args) == 2:
            return _calculated(op, self.read(args[0]), self.read(args[1]))
        if op in _FOLDS or op in _ARITHMETIC:
            raise InputError("filter_malformed", detail=op)
        raise InputError("filter_unknown_function", name=op[:40])


def _constant(kind: Kind, value: Any) -> Expression:
    dtype = object if kind is Kind.TEXT else np.float64

    def spread(asked: Asked) -> Any:
        return np.full(len(asked), value, dtype=dtype)

    return Expression(kind, spread)


def _constant_number(value: float) -> Expression:
    try:
        figure = float(value)
    except OverflowError:
        figure = math.inf
    if not math.isfinite(figure):
        raise InputError("filter_value_malformed", value=quoted(value))
    return _constant(Kind.NUMBER, figure)


def _constant_day(value: Any) -> Expression:
    return _constant(Kind.DAY, ordinal(value))


def ordinal(value: Any) -> float:
    """A day or moment written in a filter, as the ordinal of its day in China."""
    found = day_of(value) if isinstance(value, str) else None
    if found is None:
        raise InputError("filter_value_malformed", value=quoted(value))
    return ordinal_of(found)


def ordinal_of(found: date) -> float:
    """A day as the figure that snapshots count by."""
    return float(np.datetime64(found).astype("datetime64[D]").astype(np.int64))


def _folded(fold: Callable[[str], str], inner: Expression) -> Expression:
    if inner.kind is not Kind.TEXT:
        raise InputError("filter_types_differ", kinds=f"{inner.kind}, {Kind.TEXT}")

    def folded(asked: Asked) -> Any:
        found = np.empty(len(asked), dtype=object)
        found[:] = [None if text is None else fold(text) for text in inner.of(asked).tolist()]
        return found

    return Expression(Kind.TEXT, folded)


def _calculated(op: str, one: Expression, other: Expression) -> Expression:
    kinds = {one.kind, other.kind}
    if kinds != {Kind.NUMBER}:
        raise InputError("filter_types_differ", kinds=", ".join(sorted(kinds)))

    def calculated(asked: Asked) -> Any:
        with np.errstate(all="ignore"):  # what has no value (a division by zero) is null
            found = _ARITHMETIC[op](one.of(asked), other.of(asked))
        return np.where(np.isfinite(found), found, np.nan)

    return Expression(Kind.NUMBER, calculated)


def pattern(part: Any) -> tuple[str | None, str]:
    """The pattern of LIKE: a text, folded or not. None first where it is none."""
    if isinstance(part, str):
        return part, part
    if isinstance(part, dict) and isinstance(part.get("args"), list) and len(part["args"]) == 1:
        fold = _FOLDS.get(str(part.get("op", "")).lower())
        plain, folded = pattern(part["args"][0])
        if fold is not None and plain is not None:
            return plain, fold(folded)
    return None, ""
