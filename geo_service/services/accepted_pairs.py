"""Pairs of names that the bureau lets stand beside each other: recorded, corrected, taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from geo_service.domain.accepted_pair import AcceptedPair
from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.period import Period
from geo_service.domain.provenance import Provenance
from geo_service.errors import InputError, NotFound
from geo_service.rules.names import pair_of
from geo_service.services.name_rivals import accepted_pair, pair_id, pair_record
from geo_service.services.names import checked_name

if TYPE_CHECKING:
    from datetime import date

    from geo_service.services.wire import Json
    from geo_service.store.protocol import Store

_KIND = RecordKind.ACCEPTED_PAIRS


def accept_pair(
    store: Store,
    one: str,
    other: str,
    *,
    signer: str,
    reason: str,
    accepted_on: date,
    document_no: str = "",
    actor: str,
) -> AcceptedPair:
    """Record that the two names may stand beside each other; recorded again, it is a correction.

    Raises InputError for what cannot be a name, one name twice, or without signer and reason.
    """
    names = (checked_name(one), checked_name(other))
    if len(pair_of(*names)) == 1:
        raise InputError("pair_of_one", one=names[0], other=names[1])
    missing = [word for word, told in (("signer", signer), ("reason", reason)) if not told.strip()]
    if missing:
        raise InputError("pair_unsigned", missing=", ".join(missing))
    record = AcceptedPair(
        id=pair_id(*names),
        one=names[0],
        other=names[1],
        signer=signer.strip(),
        accepted_on=accepted_on,
        reason=reason.strip(),
        document_no=document_no.strip(),
        provenance=Provenance(source=actor),
        period=Period(accepted_on),
    )
    version = store.version(_KIND, record.id)
    held = pair_record(store, *names, as_of=accepted_on) is not None
    operation = Operation.CORRECT if held else Operation.REVISE
    _write(store, record, operation if version else Operation.CREATE, actor, record.reason)
    return record


def withdraw_pair(
    store: Store, one: str, other: str, *, from_day: date, reason: str, actor: str
) -> AcceptedPair:
    """Take an acceptance back from a day on; before it, the pair stays accepted.

    Taken back on its first day it was a slip and never held. Raises NotFound where the pair is not
    accepted, InputError without a reason.
    """
    if not reason.strip():
        raise InputError("pair_unsigned", missing="reason")
    names = (checked_name(one), checked_name(other))
    record = accepted_pair(store, *names, as_of=from_day)
    if record is None:
        raise NotFound("pair_not_accepted", one=names[0], other=names[1])
    if record.period.start == from_day:
        slip = replace(record, signer="", reason=reason.strip())
        _write(store, slip, Operation.CORRECT, actor, reason.strip())
        return slip
    ended = replace(record, period=Period(record.period.start, from_day))
    _write(store, ended, Operation.RETIRE, actor, reason.strip())
    return ended


def accepted_pairs(store: Store, as_of: date) -> tuple[AcceptedPair, ...]:
    """All pairs accepted on the day, by id."""
    found = cast("list[AcceptedPair]", store.records(_KIND, as_of=as_of))
    return tuple(pair for pair in found if pair.stands)


def pair_record_json(pair: AcceptedPair) -> Json:
    """An acceptance as the CLI shows it."""
    end = pair.period.end if pair.stands else pair.period.start
    return {
        "id": pair.id,
        "one": pair.one,
        "other": pair.other,
        "signer": pair.signer,
        "accepted_on": pair.accepted_on.isoformat(),
        "reason": pair.reason,
        "document_no": pair.document_no,
        "withdrawn_on": None if end is None else end.isoformat(),
    }


def _write(
    store: Store, record: AcceptedPair, operation: Operation, actor: str, reason: str
) -> None:
    change = Change(
        operation=operation,
        record=record,
        actor=actor,
        reason=reason,
        basis=record.document_no,
        expected_version=store.version(_KIND, record.id),
    )
    with store.begin() as work:
        work.append((change,))
