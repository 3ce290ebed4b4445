"""From the tree of a filter to what evaluates it, each part typed before anything is evaluated."""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any

import numpy as np

from geo_service.errors import InputError
from geo_service.services.serving.filtering import places, scalars, times
from geo_service.services.serving.filtering.likeness import like
from geo_service.services.serving.filtering.scalars import COMPARISONS, Kind
from geo_service.services.serving.filtering.truth import Asked, Predicate, Truth

if TYPE_CHECKING:
    from geo_service.services.serving.collections import Collection
    from geo_service.services.serving.filtering.scalars import Expression
    from geo_service.services.serving.systems import System

GEOMETRY = "geometry"


class Compiler:
    """Makes predicates over one collection; coordinates in filters are in `system`."""

    def __init__(self, collection: Collection, system: System) -> None:
        self._scalars = scalars.Reader(collection)
        self._places = places.Reader(system)

    def predicate(self, tree: Any) -> Predicate:
        """A condition. Raises InputError as `read_filter` does."""
        if isinstance(tree, bool):
            return _constant(tree)
        if not isinstance(tree, dict) or "op" not in tree:
            raise InputError("filter_malformed", detail=scalars.quoted(tree))
        op, args = str(tree["op"]).lower(), tree.get("args")
        if not isinstance(args, list):
            raise InputError("filter_malformed", detail=op)
        if op in COMPARISONS:
            return self._comparison(op, _counted(args, 2, op))
        special = {
            "and": self._all,
            "or": self._any,
            "not": self._not,
            "like": self._like,
            "in": self._in,
            "between": self._between,
            "isnull": self._is_null,
        }
        if op in special:
            return special[op](args)
        if op in places.RELATIONS:
            return self._places.relation(op, _counted(args, 2, op))
        if op in times.RELATIONS:
            return times.relation(op, _counted(args, 2, op), self._scalars)
        raise InputError("filter_unknown_function", name=op[:40])

    def _all(self, args: list[Any]) -> Predicate:
        return self._joined(args, and_, "and")

    def _any(self, args: list[Any]) -> Predicate:
        return self._joined(args, or_, "or")

    def _joined(self, args: list[Any], by: Any, op: str) -> Predicate:
        if len(args) < 2:
            raise InputError("filter_malformed", detail=op)
        parts = [self.predicate(arg) for arg in args]
        return lambda asked: reduce(by, (part(asked) for part in parts))

    def _not(self, args: list[Any]) -> Predicate:
        (inner,) = _counted(args, 1, "not")
        part = self.predicate(inner)
        return lambda asked: ~part(asked)

    def _comparison(self, op: str, args: list[Any]) -> Predicate:
        one, other = self._alike(args)
        return lambda asked: _compared(op, one, other, asked)

    def _alike(self, args: list[Any]) -> list[Expression]:
        """Values that can be compared: all texts, all figures or all days."""
        found = self._scalars.several(args)
        kinds = {expression.kind for expression in found}
        if len(kinds) > 1:
            raise InputError("filter_types_differ", kinds=", ".join(sorted(kinds)))
        return found

    def _like(self, args: list[Any]) -> Predicate:
        value, pattern = _counted(args, 2, "like")
        one = self._scalars.read(value)
        plain, folded = scalars.pattern(pattern)
        if one.kind is not Kind.TEXT or plain is None:
            raise InputError("filter_types_differ", kinds=f"{one.kind}, like")
        matches = like(folded)

        def found(asked: Asked) -> Truth:
            texts = one.of(asked)
            holds = np.array([t is not None and matches(t) for t in texts.tolist()], dtype=bool)
            return Truth.where_known(holds, one.known(texts))

        return found

    def _in(self, args: list[Any]) -> Predicate:
        value, choices = _counted(args, 2, "in")
        if not isinstance(choices, list) or not choices:
            raise InputError("filter_malformed", detail="in")
        one, *others = self._alike([value, *choices])
        return lambda asked: reduce(or_, (_compared("=", one, o, asked) for o in others))

    def _between(self, args: list[Any]) -> Predicate:
        value, low, high = self._alike(_counted(args, 3, "between"))
        return lambda asked: (
            _compared(">=", value, low, asked) & _compared("<=", value, high, asked)
        )

    def _is_null(self, args: list[Any]) -> Predicate:
        (value,) = _counted(args, 1, "isNull")
        if value == {"property": GEOMETRY}:
            return lambda asked: _sure(np.isnan(asked.snapshot.boxes[asked.rows, 0]))
        one = self._scalars.read(value)
        return lambda asked: _sure(~one.known(one.of(asked)))


def _counted(args: list[Any], number: int, op: str) -> list[Any]:
    if len(args) != number:
        raise InputError("filter_malformed", detail=op)
    return args


def _constant(value: bool) -> Predicate:
    return lambda asked: _sure(np.full(len(asked), value))


def _sure(holds: Any) -> Truth:
    return Truth(holds, ~holds)


def _compared(op: str, one: Expression, other: Expression, asked: Asked) -> Truth:
    left, right = one.of(asked), other.of(asked)
    known = one.known(left) & other.known(right)
    holds = np.zeros(len(asked), dtype=bool)
    holds[known] = COMPARISONS[op](left[known], right[known]).astype(bool)
    return Truth.where_known(holds, known)
