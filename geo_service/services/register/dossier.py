"""All that the register tells of one record: its value on a day, its versions, lineage, papers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from geo_service.domain.change import RecordKind
from geo_service.errors import NotFound
from geo_service.services.register.acts import approved_number
from geo_service.services.register.attaching import attached
from geo_service.services.register.history import Step, history
from geo_service.services.register.lineage import Event, Lineage, lineage

if TYPE_CHECKING:
    from datetime import date, datetime

    from geo_service.domain.document import Attachment, OfficialDocument
    from geo_service.services.register.acts import Kept
    from geo_service.store.protocol import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """One record as of a day, as known at a moment (None: now).

    `record` is None where it does not hold on the day. `steps` are all its versions, the newest
    first; `documents` the papers whose numbers they name; `days` those on which its value changes.
    """

    kind: RecordKind
    id: str
    as_of: date
    known_at: datetime | None
    record: Kept | None
    steps: tuple[Step, ...]
    lineage: Lineage | None
    attachments: tuple[Attachment, ...]
    documents: tuple[OfficialDocument, ...]
    days: tuple[date, ...]

    @property
    def events(self) -> tuple[Event, ...]:
        """The acts of its lineage by day, each once: a renaming lies behind and ahead of its id."""
        if self.lineage is None:
            return ()
        told = {e.number: e for e in (*self.lineage.predecessors, *self.lineage.successors)}
        return tuple(sorted(told.values(), key=lambda event: event.order))

    @property
    def newest(self) -> Kept:
        """The value written last: how the record is called whatever the day."""
        return self.record or self.steps[0].record


def dossier(
    store: Store,
    kind: RecordKind,
    record_id: str,
    *,
    as_of: date,
    known_at: datetime | None,
    plane_epsg: int,
) -> Dossier:
    """The dossier of a record. Raises NotFound for one that was never registered."""
    steps = history(store, kind, record_id, plane_epsg=plane_epsg, known_at=known_at)
    subject = (kind, record_id)
    numbers = {
        step.document_no
        for step in steps
        if step.document_no and (step.basis or approved_number(step.entry))
    }
    return Dossier(
        kind=kind,
        id=record_id,
        as_of=as_of,
        known_at=known_at,
        record=_on_the_day(store, kind, record_id, as_of, known_at),
        steps=tuple(reversed(steps)),
        lineage=_lineage(store, kind, record_id, as_of, known_at),
        attachments=attached(store, subject, as_of=as_of, known_at=known_at),
        documents=_documents(store, numbers, known_at),
        days=_days(steps),
    )


def _on_the_day(
    store: Store, kind: RecordKind, record_id: str, as_of: date, known_at: datetime | None
) -> Kept | None:
    try:
        found = store.get(kind, record_id, as_of=as_of, known_at=known_at)
    except NotFound:
        return None
    return cast("Kept", found)


def _lineage(
    store: Store, kind: RecordKind, record_id: str, as_of: date, known_at: datetime | None
) -> Lineage | None:
    """None where there is nothing to tell: no act, or the record had not begun on the day."""
    try:
        found = lineage(store, kind, record_id, as_of=as_of, known_at=known_at)
    except NotFound:
        return None
    return found if found.predecessors or found.successors else None


def _documents(
    store: Store, numbers: set[str], known_at: datetime | None
) -> tuple[OfficialDocument, ...]:
    if not numbers:
        return ()
    papers = cast("list[OfficialDocument]", store.records(RecordKind.DOCUMENTS, known_at=known_at))
    return tuple(paper for paper in papers if paper.number in numbers)


def _days(steps: tuple[Step, ...]) -> tuple[date, ...]:
    periods = [step.period for step in steps if step.period is not None]
    told = {day for period in periods for day in (period.start, period.end) if day is not None}
    return tuple(sorted(told))
