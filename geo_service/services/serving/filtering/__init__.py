"""Filters in CQL2: read by a grammar, typed against the collection, evaluated over its arrays.

Nothing of a filter ever becomes SQL or code: it is a tree of known operations over the fields that
the collection declares, and every mistake in it is told before a feature is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geo_service.services.serving.filtering.compiling import Compiler
from geo_service.services.serving.filtering.reading import Language, tree_of
from geo_service.services.serving.filtering.truth import Asked

if TYPE_CHECKING:
    from geo_service.geometry.arrays import Bools, Ints
    from geo_service.services.serving.collections import Collection
    from geo_service.services.serving.filtering.truth import Predicate
    from geo_service.services.serving.snapshot import Snapshot
    from geo_service.services.serving.systems import System

__all__ = ["Filter", "Language", "read_filter"]


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on features; two are equal that were written alike."""

    text: str
    language: Language
    crs: str
    _predicate: Predicate = field(compare=False, repr=False)

    def holds(self, snapshot: Snapshot, rows: Ints) -> Bools:
        """For which of the rows it is true: what is unknown is not."""
        return self._predicate(Asked(snapshot, rows)).yes


def read_filter(text: str, language: Language, collection: Collection, system: System) -> Filter:
    """The filter as written; `system` is that of its coordinates.

    Raises InputError filter_too_long, filter_too_deep, filter_malformed, filter_unknown_property,
    filter_unknown_function, filter_types_differ, filter_value_malformed.
    """
    predicate = Compiler(collection, system).predicate(tree_of(text, language))
    return Filter(text, language, system.uri, predicate)
