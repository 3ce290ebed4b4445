"""Acts, histories and lineage as JSON-ready values: the one shape of all interfaces."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from geo_service.messages import message
from geo_service.services.register.acts import basis_of, label_of
from geo_service.services.wire import verdict_json
from geo_service.store.codec import KIND_OF

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.domain.change import Change, LoggedChange
    from geo_service.domain.document import Attachment
    from geo_service.domain.period import Period
    from geo_service.domain.text import Lang
    from geo_service.services.register.changes import Happening, KindChanges, RecordChange
    from geo_service.services.register.differences import Difference
    from geo_service.services.register.evidence import NameEvidence
    from geo_service.services.register.history import Step
    from geo_service.services.register.lineage import Event, Lineage
    from geo_service.services.register.writing import Done
    from geo_service.services.wire import Json


def done_json(done: Done, lang: Lang) -> Json:
    """An act as it was written, or would be."""
    return {
        "act": done.plan.act.value,
        "event": done.event,
        "dry_run": not done.entries and not done.plan.already,
        "already_done": bool(done.plan.already),
        "undoes": done.plan.undone or None,
        "kind": done.plan.kind.value,
        "changes": [_change_json(change) for change in done.changes],
        "advice": [told.in_(lang) for told in done.advice],
        "left_to_do": [told.in_(lang) for told in done.plan.left],
        "names": [evidence_json(told, lang) for told in done.evidence],
        "notice": message("name.notice").in_(lang),
    }


def _change_json(change: Change) -> Json:
    record = change.record
    return {
        "operation": change.operation.value,
        "kind": KIND_OF[type(record)].value,
        "id": record.id,
        "name": label_of(record),  # type: ignore[arg-type]
        "version": change.expected_version + 1,
        **_period_json(record.period),
    }


def _period_json(period: Period | None) -> Json:
    start, end = (period.start, period.end) if period else (None, None)
    return {"valid_from": _day(start), "valid_to": _day(end)}


def evidence_json(told: NameEvidence, lang: Lang) -> Json:
    """The verdict on a new name, or why there is none."""
    verdict = None if told.verdict is None else verdict_json(told.verdict, lang)
    refused = {"id": told.record_id, "name": told.name, "not_examined": told.refused or None}
    return {**refused, "verdict": verdict}


def difference_json(differs: Difference | None) -> Json | None:
    """What differs: fields, and the shape in metres; None where there was nothing to compare."""
    if differs is None:
        return None
    shape = differs.geometry
    measured = {} if shape is None else asdict(shape)
    return {
        "fields": [asdict(change) for change in differs.fields],
        "geometry": None
        if shape is None
        else {name: _rounded(value) for name, value in measured.items() if value is not None},
    }


def step_json(step: Step) -> Json:
    """One version of a record."""
    entry, basis = step.entry, step.basis
    return {
        "version": entry.version,
        "sequence": entry.sequence,
        "operation": entry.operation.value,
        "act": None if basis is None else basis.act.value,
        "event": None if basis is None else basis.event,
        "undoes": (basis.undone or None) if basis else None,
        "name": label_of(step.record),
        "written": _period_json(entry.period),
        "stands": None if step.period is None else _period_json(step.period),
        "recorded_at": entry.recorded_at.isoformat(),
        "superseded_at": step.superseded_at.isoformat() if step.superseded_at else None,
        "superseded_by": step.superseded_by,
        "actor": entry.actor,
        "reason": entry.reason,
        "document_no": step.document_no,
        "name_check": basis.check if basis else "",
        "differs": difference_json(step.differs),
    }


def attachment_json(file: Attachment, erasure: LoggedChange | None = None) -> Json:
    """A file that belongs to a record, and by which entry of the log its content was erased."""
    return {
        "id": file.id,
        "digest": file.digest,
        "media_type": file.media_type,
        "size": file.size,
        "file_name": file.file_name,
        "title": file.title,
        **_period_json(file.period),
        "erased": None if erasure is None else _erasure_json(erasure),
    }


def _erasure_json(entry: LoggedChange) -> Json:
    return {
        "by": entry.actor,
        "recorded_at": entry.recorded_at.isoformat(),
        "reason": entry.reason,
        "sequence": entry.sequence,
    }


def event_json(event: Event) -> Json:
    """One act of lineage."""
    return {
        "event": event.number,
        "act": event.act.value,
        "day": event.day.isoformat(),
        "before": [asdict(node) for node in event.before],
        "after": [asdict(node) for node in event.after],
        "document_no": event.document_no,
        "reason": event.reason,
        "actor": event.actor,
        "recorded_at": event.recorded_at.isoformat(),
    }


def lineage_json(found: Lineage) -> Json:
    """What a record came from and what became of it."""
    return {
        "kind": found.kind.value,
        "id": found.id,
        "as_of": found.as_of.isoformat(),
        "predecessors": [event_json(event) for event in found.predecessors],
        "successors": [event_json(event) for event in found.successors],
    }


def changes_json(found: Sequence[KindChanges]) -> list[Json]:
    """What changed, kind by kind; a kind of which nothing changed is left out.

    `differing` are the records that are not the same in both states, `happened` what befell
    records in between, in order.
    """
    return [
        {
            "kind": of.kind.value,
            "differing": [record_change_json(change) for change in of.differing],
            "happened": [happening_json(one) for one in of.happened],
        }
        for of in found
        if of.differing or of.happened
    ]


def happening_json(one: Happening) -> Json:
    """One change of one record, on a day or with an entry."""
    basis = basis_of(one.entry)
    return {
        "id": one.record.id,
        "name": label_of(one.record),
        "change": one.manner.value,
        "day": _day(one.day),
        "act": None if basis is None else basis.act.value,
        "event": None if basis is None else basis.event,
        "differs": difference_json(one.differs),
        "sequence": one.entry.sequence,
        "actor": one.entry.actor,
        "reason": one.entry.reason,
        "basis": one.entry.basis,
        "recorded_at": one.entry.recorded_at.isoformat(),
    }


def record_change_json(change: RecordChange) -> Json:
    """A record that is not the same in two states."""
    manner = "came" if change.before is None else "went" if change.after is None else "changed"
    record = change.after or change.before
    return {
        "kind": change.kind.value,
        "id": change.id,
        "name": label_of(record) if record is not None else "",
        "change": manner,
        "differs": difference_json(change.differs),
        "actor": change.entry.actor,
        "reason": change.entry.reason,
        "basis": change.entry.basis,
        "recorded_at": change.entry.recorded_at.isoformat(),
    }


def _day(day: object) -> str | None:
    return None if day is None else str(day)


def _rounded(value: float) -> float:
    return round(value, 2)
