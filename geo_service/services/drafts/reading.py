"""Drafts as they lie in the register: one, many, every version, and what happened to the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, cast

from geo_service.domain.change import RecordKind
from geo_service.domain.clock import china_text
from geo_service.domain.draft import Draft, DraftState
from geo_service.errors import NotFound
from geo_service.services.drafts.kinds import DRAFT_KINDS
from geo_service.services.register.differences import difference

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo_service.domain.access import Asker
    from geo_service.domain.change import LoggedChange
    from geo_service.services.register.acts import Kept as KeptRecord
    from geo_service.services.register.differences import Difference
    from geo_service.store.protocol import Store


class Kept(NamedTuple):
    """A draft and the number of its version."""

    draft: Draft
    version: int


@dataclass(frozen=True, slots=True)
class Step:
    """One version of a draft: as it was, who wrote it, what was done (`propose`, `edit` …)."""

    draft: Draft
    entry: LoggedChange

    @property
    def deed(self) -> str:
        """What was done, by a word."""
        return self.entry.basis.partition(":")[2].partition(":")[0]


def draft_of(store: Store, draft_id: str) -> Kept:
    """One draft with its newest version. Raises NotFound `draft_unknown`.

    The version is asked for first: what is written in between makes it stale, never overlooked.
    """
    version = store.version(RecordKind.DRAFTS, draft_id)
    try:
        draft = cast("Draft", store.get(RecordKind.DRAFTS, draft_id))
    except NotFound as error:
        raise NotFound("draft_unknown", draft=draft_id[:80]) from error
    return Kept(draft, version)


def seen_draft(store: Store, draft_id: str, asker: Asker) -> Kept:
    """One draft, as far as it is there for the asker. Raises NotFound `draft_unknown`."""
    kept = draft_of(store, draft_id)
    if kept.draft.target_kind not in _words(asker):
        raise NotFound("draft_unknown", draft=draft_id[:80])
    return kept


def _words(asker: Asker) -> set[str]:
    return {of.kind.value for of in DRAFT_KINDS if of.seen_by(asker)}


def drafts(
    store: Store,
    asker: Asker,
    *,
    states: Iterable[DraftState] = (),
    kinds: Iterable[RecordKind] = (),
    record_id: str = "",
    mine: bool = False,
    waiting: bool = False,
) -> list[Kept]:
    """The drafts that the asker may see, the newest version last.

    `mine` are those he wrote on, `waiting` those that he may decide on.
    """
    words, wanted, of_kinds = _words(asker), set(states), {kind.value for kind in kinds}
    found = [
        draft
        for draft in cast("list[Draft]", store.records(RecordKind.DRAFTS))
        if draft.target_kind in words
        and (not wanted or draft.state in wanted)
        and (not of_kinds or draft.target_kind in of_kinds)
        and (not record_id or draft.target_id == record_id)
        and (not mine or asker.name in draft.authors)
        and (not waiting or waits_for(draft, asker))
    ]
    versions = store.versions(RecordKind.DRAFTS, [draft.id for draft in found])
    return [Kept(draft, versions.get(draft.id, 0)) for draft in found]


def waits_for(draft: Draft, asker: Asker) -> bool:
    """Whether the asker is one who may decide on it now."""
    of = next(of for of in DRAFT_KINDS if of.kind.value == draft.target_kind)
    own = asker.name.strip().casefold() in {name.strip().casefold() for name in draft.authors}
    return draft.state is DraftState.SUBMITTED and asker.may(of.approve_right) and not own


def history(store: Store, draft_id: str) -> tuple[Step, ...]:
    """Every version of a draft, as recorded."""
    entries = store.log(kind=RecordKind.DRAFTS, record_id=draft_id)
    return tuple(Step(cast("Draft", store.recorded(e.sequence)), e) for e in entries)


@dataclass(frozen=True, slots=True)
class Moved:
    """What was done to a record since a draft of it was worked out; as text, one line."""

    entry: LoggedChange
    differs: Difference | None

    def __str__(self) -> str:
        told = [] if self.differs is None else _texts(self.differs)
        when = f"{china_text(self.entry.recorded_at)} {self.entry.actor}"
        line = f"{self.entry.version}: {when} {self.entry.operation.value} {', '.join(told)}"
        return line.strip()


def moved(store: Store, draft: Draft, plane_epsg: int) -> tuple[Moved, ...]:
    """What was done to the record since the draft was worked out, entry by entry."""
    kind = RecordKind(draft.target_kind)
    if store.version(kind, draft.target_id) == draft.seen:
        return ()
    before: KeptRecord | None = None
    told = []
    for entry in store.log(kind=kind, record_id=draft.target_id):
        after = cast("KeptRecord", store.recorded(entry.sequence))
        if entry.version > draft.seen:
            differs = None if before is None else difference(before, after, plane_epsg)
            told.append(Moved(entry, differs))
        before = after
    return tuple(told)


def _texts(found: Difference) -> list[str]:
    names = [f"{change.field} {change.before}→{change.after}" for change in found.fields]
    return [*names, *(["geometry"] if found.geometry else [])]
