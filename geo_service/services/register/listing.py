"""The register as a list: records of one kind that meet what somebody asks for, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from geo_service.domain.change import RecordKind
from geo_service.errors import InputError, NotFound
from geo_service.language.normalise import normal_form
from geo_service.messages import message
from geo_service.services.register.acts import label_of
from geo_service.services.search import MAX_LIMIT, SearchHit, SearchRequest, search

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from geo_service.domain.identity import DivisionCode
    from geo_service.domain.text import Text
    from geo_service.services.register.acts import Kept
    from geo_service.services.searching.index import NameIndex
    from geo_service.store.protocol import Store

LISTED_KINDS = (
    RecordKind.PLACE_NAMES,
    RecordKind.ROADS,
    RecordKind.UNITS,
    RecordKind.BOUNDARY_LINES,
    RecordKind.MARKERS,
    RecordKind.BOUNDARY_NODES,
    RecordKind.DOCUMENTS,
)
"""The kinds that can be looked through, in the order of their use."""
SEARCHED = (RecordKind.PLACE_NAMES, RecordKind.ROADS)
"""The kinds whose names the search knows."""
MOST_HITS = 500
"""Names of a search that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for; an empty field lets everything through. `word` is a type of place.

    A text on names and roads is an id or a search by writing and sound; on other kinds a part of
    name or id.
    """

    kind: RecordKind
    as_of: date
    text: str = ""
    word: str = ""
    status: str = ""
    unit: DivisionCode | None = None
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A record that was found, and why where it was searched for."""

    record: Kept
    reasons: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """Some of the records found, and how many there are in all; `cut` where more were not seen."""

    total: int
    rows: tuple[Row, ...]
    cut: bool = False


def listed(wanted: Wanted, store: Store, index: NameIndex) -> Listing:
    """The records that meet what is asked. Raises InputError as `search` does."""
    if wanted.kind in SEARCHED and wanted.text.strip():
        return _searched(wanted, store, index)
    if wanted.text.strip():
        return _looked_through(wanted, store)
    total = store.count(wanted.kind, **_narrowed(wanted))
    page = store.records(wanted.kind, limit=wanted.limit, offset=wanted.offset, **_narrowed(wanted))
    return Listing(total, _rows(cast("list[Kept]", page)))


def _narrowed(wanted: Wanted) -> dict[str, Any]:
    """What the store itself is asked for."""
    fields = {"feature_type": wanted.word, "status": wanted.status}
    having = {name: word for name, word in fields.items() if word}
    return {"as_of": wanted.as_of, "within": wanted.unit, "having": having}


def _looked_through(wanted: Wanted, store: Store) -> Listing:
    """Records of kinds that are few, by a part of name or id."""
    form, text = normal_form(wanted.text), wanted.text.strip()
    found = cast("list[Kept]", store.records(wanted.kind, **_narrowed(wanted)))
    kept = [
        record
        for record in found
        if text in record.id or (form and form in normal_form(label_of(record)))
    ]
    return Listing(len(kept), _rows(kept[wanted.offset : wanted.offset + wanted.limit]))


def _rows(records: Sequence[Kept]) -> tuple[Row, ...]:
    return tuple(Row(record) for record in records)


def _has(record: Kept, wanted: Wanted) -> bool:
    word_fits = not wanted.word or getattr(record, "feature_type", "") == wanted.word
    return word_fits and (not wanted.status or getattr(record, "status", "") == wanted.status)


def _searched(wanted: Wanted, store: Store, index: NameIndex) -> Listing:
    """Names by the search; kind, type and status are looked at on the best of what it finds.

    The record whose id is the very text stands before them.
    """
    exact = _of_id(wanted, store)
    try:
        hits, total = _hits(wanted, store, index)
    except InputError:
        if not exact:
            raise
        hits, total = [], 0  # an id need not be a text that names are looked for by
    known = {row.record.id for row in exact}
    rows = (*exact, *(Row(hit.place, hit.reasons) for hit in hits if hit.place.id not in known))
    shown = rows[wanted.offset : wanted.offset + wanted.limit]
    return Listing(len(rows), shown, cut=total > MOST_HITS)


def _of_id(wanted: Wanted, store: Store) -> tuple[Row, ...]:
    try:
        record = cast("Kept", store.get(wanted.kind, wanted.text.strip(), as_of=wanted.as_of))
    except NotFound:
        return ()
    of_unit = getattr(record, "unit_code", None)
    inside = wanted.unit is None or (of_unit is not None and of_unit.is_within(wanted.unit))
    return (Row(record, (message("search.same_id"),)),) if inside and _has(record, wanted) else ()


def _hits(wanted: Wanted, store: Store, index: NameIndex) -> tuple[list[SearchHit], int]:
    """The best names that fit, and how many the search found in all."""
    hits: list[SearchHit] = []
    total = MOST_HITS
    for offset in range(0, MOST_HITS, MAX_LIMIT):
        if offset < total:
            asked = SearchRequest(
                wanted.text.strip(), wanted.as_of, None, wanted.unit, MAX_LIMIT, offset
            )
            found = search(asked, index, store)
            total = found.total
            hits += [h for h in found.hits if h.kind is wanted.kind and _has(h.place, wanted)]
    return hits, total
