"""What the records that a finding names held when it was seen: by it a decision lapses, or not.

A record is known by its content: attributes and exact geometry, without where it comes from and
since when it holds, so that the same line read again from another file is the same. What papers
say of a marker beside the register has keys of its own, for a run without papers knows nothing
of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from shapely.geometry.base import BaseGeometry

from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode
from geo_service.domain.change import RecordKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.kept_finding import ASIDE, SAID
from geo_service.domain.marker import BoundaryMarker, MarkerDocument, MarkerEntry, MarkerTally
from geo_service.domain.place import NamedPlace
from geo_service.domain.provenance import Provenance
from geo_service.domain.road import RoadName
from geo_service.domain.supporting import NO_LAYERS, Supporting, SupportingRecord
from geo_service.domain.supporting.catalogue import LAYER_CLASSES
from geo_service.store.codec import CODECS, KIND_OF

if TYPE_CHECKING:
    from datetime import date

    from geo_service.domain.change import Record
    from geo_service.domain.finding import Finding, Subject

Named = tuple[tuple[str, str], ...]
"""Keys of the records that a finding names, each with the digest of its content, by key."""

_WORDS: Mapping[type[Any], str] = {
    AdministrativeUnit: "unit",
    AdministrativeBoundary: "boundary-line",
    BoundaryNode: "boundary-node",
    BoundaryMarker: "marker",
    NamedPlace: NamedPlace.SUBJECT,
    RoadName: RoadName.SUBJECT,
}
"""The kinds of subjects in findings."""
_WORDS_BEFORE: Mapping[type[Any], str] = {RoadName: NamedPlace.SUBJECT}
"""What findings called them that are kept since then: a decision does not lapse for the word."""

_LAYER = f"{ASIDE}layer:"
_NOWHERE = Provenance("")


def _is_loose(layer: type[SupportingRecord]) -> bool:
    named = ("line_code", "units")
    return not any(f.name in named and f.default is MISSING for f in fields(layer))


LOOSE = frozenset(word for word, layer in LAYER_CLASSES.items() if _is_loose(layer))
"""Layers whose rows need not say on which line or junction they bear (floods, rivers, tracks):
another file of them may speak of other ground, and only what a finding says tells whether they are
the same."""


def subject_key(subject: Subject) -> str:
    """The key of a subject."""
    return f"{subject.kind}/{subject.id}"


def undated(text: str, as_of: date) -> str:
    """What a finding says without the day it was judged by: another day alone is no news."""
    return text.replace(as_of.isoformat(), "")


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: Any) -> Any:
    """What JSON does not know: a place as its exact bytes, a part by its fields, a day as text."""
    if isinstance(value, BaseGeometry):
        return value.wkb_hex
    return _told(value) if is_dataclass(value) else str(value)


def _told(item: Any, *aside: str) -> dict[str, Any]:
    return {f.name: getattr(item, f.name) for f in fields(item) if f.name not in aside}


def _json(value: Any) -> str:
    """Text that is the same for the same content under every version of Python and its tables."""
    return json.dumps(value, default=_plain, sort_keys=True)


def content_digest(record: Record) -> str:
    """SHA-256 over what a record says, without provenance and period."""
    kind = RecordKind.PLACE_NAMES if isinstance(record, NamedPlace) else KIND_OF[type(record)]
    codec = CODECS[kind]
    values = codec.values(replace(record, provenance=_NOWHERE))
    return _digest(_json([values, getattr(record, codec.geometry)]))


def _content(item: Record | MarkerEntry | MarkerTally | SupportingRecord) -> str:
    match item:
        case MarkerEntry():
            # Whenever it is said: a second round that agrees is no news.
            said = _told(item, "marker", "document", "dated")
            return _digest(content_digest(item.marker), _json(said))
        case MarkerTally():
            return _digest(_json(_told(item)))
        case SupportingRecord():
            # Its number in the file is no part of what a row says.
            return _digest(_json(_told(item, "id", "provenance")))
    return content_digest(item)


class SubjectDigests:
    """The records that a run looked at, each digested once and only if a finding names it."""

    def __init__(
        self,
        as_of: date,
        records: Iterable[Record],
        entries: Iterable[MarkerEntry] = (),
        tallies: Iterable[MarkerTally] = (),
        supporting: Supporting = NO_LAYERS,
    ) -> None:
        self._as_of = as_of
        self._held: dict[str, dict[str, list[Any]]] = {}
        self._known: dict[str, str] = {}
        for record in records:
            for words in (_WORDS, _WORDS_BEFORE):
                if word := words.get(type(record)):
                    self._hold(f"{word}/{record.id}", "", record)
        for entry in entries:
            about = f"marker/{entry.marker.id}"
            if entry.document is MarkerDocument.REGISTER:
                self._hold(about, "", entry.marker)
            if entry != MarkerEntry(marker=entry.marker):
                self._hold(about, f"{ASIDE}{entry.document}", entry)
        for tally in tallies:
            self._hold(f"boundary-line/{tally.line_code}", f"{ASIDE}tally", tally)
        for row in supporting.records:
            if code := getattr(row, "line_code", ""):
                self._hold(f"boundary-line/{code}", f"{_LAYER}{row.LAYER}", row)

    def _hold(self, about: str, aside: str, item: Any) -> None:
        self._held.setdefault(about, {}).setdefault(about + aside, []).append(item)

    def holds(self, about: str) -> bool:
        """Whether the run looked at a record, by the key that `named_by` gives it."""
        base = about.partition(ASIDE)[0]
        return about in self._held.get(base, ()) if base != about else base in self._held

    def named_by(self, finding: Finding, needs: frozenset[str] = frozenset()) -> Named:
        """The records that a finding names, with their digests as the run had them.

        `needs` are the layers that its rule reads: rows beside the register on a line that is named
        count where they are of these. A subject that is no record (a city, a name that is only
        proposed) is what is said of it, and so is what a rule reads off a loose layer.
        """
        subject = subject_key(finding.subject)
        found: dict[str, str] = {}
        for about in (subject, *(f"{r.kind}/{r.id}" for r in finding.related)):
            found[about] = ""
            for key in self._held.get(about, ()):
                layer = key.partition(_LAYER)[2]
                if not layer or layer in needs:
                    found[key] = self._digest(about, key)
        if not self.holds(subject) or not needs.isdisjoint(LOOSE):
            found[subject + SAID] = _digest(undated(finding.message.zh, self._as_of))
        return tuple(sorted(found.items()))

    def now(self, named: Named) -> Named:
        """The same records as this run has them, "" for those it has not."""
        return tuple((key, self._digest(key.partition(ASIDE)[0], key)) for key, _ in named)

    def has_all(self, named: Named) -> bool:
        """Whether the run looked at every record of a finding that was there when it was seen."""
        return all(self.holds(key) for key, digest in named if digest and not key.endswith(SAID))

    def _digest(self, about: str, key: str) -> str:
        items = self._held.get(about, {}).get(key, ())
        if items and key not in self._known:
            # Two rows under one id are one content, whichever comes first.
            self._known[key] = _digest(*sorted({_content(item) for item in items}))
        return self._known.get(key, "")


def changed_names(before: Named, now: Named, *, whole: bool) -> tuple[str, ...]:
    """Keys of the records that are not what they were.

    What one of the two runs did not know proves nothing; but after a run over the whole register
    (`whole`) a record that it no longer has is gone.
    """
    current = dict(now)
    gone = "gone" if whole else ""
    return tuple(
        key
        for key, digest in before
        if digest
        and (standing := current.get(key, "") or (gone if ASIDE not in key else ""))
        and standing != digest
    )


def joined(before: Named, now: Named) -> Named:
    """The records named now; where this run knew nothing of one, what was known before stands."""
    known = dict(before)
    kept = {key: digest for key, digest in before if ASIDE in key}
    return tuple(
        sorted({**kept, **{key: value or known.get(key, "") for key, value in now}}.items())
    )
