"""What was worked out for a case, kept for the next one that differs by an edit.

A step that costs something is a pure function of geometries and plain values. Its result is kept
under the function, the plain values by what they are, and the geometries by *which object* they
are: an edit replaces records and leaves the others the very same objects, which nothing changes.
So what is found here is what the function would return, and a case with kept results is judged
like one without them; nothing need be said of how far an edit reaches.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import numpy as np
from shapely.geometry.base import BaseGeometry

from geo_service.geometry.arrays import Geometries

P = ParamSpec("P")
R = TypeVar("R")


class Kept:
    """Results by function and inputs, of this case and of the one before it.

    What neither asked for is forgotten, so that a long row of edits needs no more memory than two.
    """

    def __init__(self, before: Kept | None = None) -> None:
        # Each result stands beside its inputs: while they live, no other object has their id.
        self._now: dict[Hashable, tuple[Any, Any]] = {}
        self._before = {} if before is None else before._now

    def once(self, work: Callable[P, R], *inputs: P.args, **named: P.kwargs) -> R:
        """What `work` returns for the inputs. It must be pure, and its result never changed."""
        key = (work, _key(inputs), _key(tuple(sorted(named.items()))))
        found = self._found(key)
        if found is None:
            found = self._now[key] = ((inputs, named), work(*inputs, **named))
        return cast("R", found[1])

    def each(
        self,
        work: Callable[Concatenate[Geometries, P], Any],
        geometries: Geometries,
        *inputs: P.args,
        **named: P.kwargs,
    ) -> Geometries:
        """What `work` returns for an array of geometries, row by row; only new rows go to it.

        `work` must treat every row by itself, and return as many results, of any kind.
        """
        beside = (_key(inputs), _key(tuple(sorted(named.items()))))
        keys = [(work, _key(geometry), beside) for geometry in geometries]
        new = [row for row, key in enumerate(keys) if self._found(key) is None]
        if new:
            fresh = work(geometries[new], *inputs, **named)
            for row, result in zip(new, fresh, strict=True):
                self._now[keys[row]] = (geometries[row], result)
        results = np.empty(len(keys), dtype=object)
        for row, key in enumerate(keys):
            results[row] = self._now[key][1]
        return results

    def succeeding(
        self, name: Hashable, shapes: Geometries, work: Callable[[Geometries, R | None], R]
    ) -> R:
        """What `work` makes of shapes and of its own result for the case before, if there is one.

        It must return the same with that result as without; `name` tells whose result it is.
        """
        key = (work, name)
        before = self._before.get(key, (None, None))[1]
        if key not in self._now:
            self._now[key] = (shapes, work(shapes, before))
        return cast("R", self._now[key][1])

    def _found(self, key: Hashable) -> tuple[Any, Any] | None:
        if key not in self._now and key in self._before:
            self._now[key] = self._before[key]
        return self._now.get(key)


def _key(value: Any) -> Hashable:
    if isinstance(value, BaseGeometry):
        return id(value)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return tuple(map(_key, value))
    return cast("Hashable", value)
