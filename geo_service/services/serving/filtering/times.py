"""Relations of times in filters (ISO 19108, Allen). Times are closed spans of whole days.

The register writes the first day on which something no longer holds: in an interval that ends with
`valid_to` the last day is therefore the one before. A side that is null or ".." is open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geo_service.errors import InputError
from geo_service.services.serving.fields import VALID_TO, FieldType
from geo_service.services.serving.filtering.scalars import Kind, Reader, ordinal, quoted
from geo_service.services.serving.filtering.truth import Asked, Truth

if TYPE_CHECKING:
    from geo_service.geometry.arrays import Bools, Floats
    from geo_service.services.serving.filtering.truth import Predicate

_OPEN = ".."


@dataclass(frozen=True, slots=True)
class _Span:
    """First and last day of each row; NaN where an instant is null."""

    start: Floats
    end: Floats


_Read = Callable[[Asked], _Span]

RELATIONS: dict[str, Callable[[_Span, _Span], Any]] = {
    "t_after": lambda a, b: a.start > b.end,
    "t_before": lambda a, b: a.end < b.start,
    "t_contains": lambda a, b: (a.start < b.start) & (a.end > b.end),
    "t_disjoint": lambda a, b: (a.start > b.end) | (a.end < b.start),
    "t_during": lambda a, b: (a.start > b.start) & (a.end < b.end),
    "t_equals": lambda a, b: (a.start == b.start) & (a.end == b.end),
    "t_finishedby": lambda a, b: (a.start < b.start) & (a.end == b.end),
    "t_finishes": lambda a, b: (a.start > b.start) & (a.end == b.end),
    "t_intersects": lambda a, b: (a.start <= b.end) & (a.end >= b.start),
    "t_meets": lambda a, b: a.end == b.start,
    "t_metby": lambda a, b: a.start == b.end,
    "t_overlappedby": lambda a, b: (a.start > b.start) & (a.start < b.end) & (a.end > b.end),
    "t_overlaps": lambda a, b: (a.start < b.start) & (a.end > b.start) & (a.end < b.end),
    "t_startedby": lambda a, b: (a.start == b.start) & (a.end > b.end),
    "t_starts": lambda a, b: (a.start == b.start) & (a.end < b.end),
}


def relation(op: str, args: list[Any], scalars: Reader) -> Predicate:
    """A relation of two times. Raises InputError as `read_filter` does."""
    one, other = (_read(arg, scalars) for arg in args)

    def found(asked: Asked) -> Truth:
        left, right = one(asked), other(asked)
        holds = RELATIONS[op](left, right)
        return Truth.where_known(holds, _known(left) & _known(right))

    return found


def _known(span: _Span) -> Bools:
    return np.asarray(~np.isnan(span.start) & ~np.isnan(span.end))


def _read(part: Any, scalars: Reader) -> _Read:
    if isinstance(part, dict) and "interval" in part:
        return _interval(part["interval"], scalars)
    expression = scalars.several([part, {"date": "2000-01-01"}])[0]
    if expression.kind is not Kind.DAY:
        raise InputError("filter_types_differ", kinds=f"{expression.kind}, {Kind.DAY}")

    def instant(asked: Asked) -> _Span:
        days = expression.of(asked)
        return _Span(days, days)

    return instant


def _interval(ends: Any, scalars: Reader) -> _Read:
    if not isinstance(ends, list) or len(ends) != 2:
        raise InputError("filter_malformed", detail="interval")
    first, last = _end(ends[0], -np.inf, scalars), _end(ends[1], np.inf, scalars)
    is_fixed = all(isinstance(end, float) for end in (first, last))
    if is_fixed and first > last:  # type: ignore[operator]  # both are figures
        raise InputError("filter_value_malformed", value=quoted(ends))

    def span(asked: Asked) -> _Span:
        return _Span(_spread(first, asked), _spread(last, asked))

    return span


_End = float | Callable[[Asked], "Floats"]


def _spread(end: _End, asked: Asked) -> Floats:
    return end(asked) if callable(end) else np.full(len(asked), end)


def _end(part: Any, open_side: float, scalars: Reader) -> _End:
    if part == _OPEN:
        return open_side
    if isinstance(part, dict) and "property" in part:
        return _field_end(part["property"], open_side, scalars)
    if isinstance(part, dict):
        part = part.get("date", part.get("timestamp"))
    return ordinal(part)


def _field_end(name: Any, open_side: float, scalars: Reader) -> _End:
    if scalars.read({"property": name}).kind is not Kind.DAY:
        raise InputError("filter_types_differ", kinds=f"{quoted(name)}, {FieldType.DATE}")
    after = 1.0 if name == VALID_TO and open_side > 0 else 0.0
    return lambda asked: asked.days(name, open_side) - after
