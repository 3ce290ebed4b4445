"""Anchors: where a log ended one day, kept on paper or elsewhere, out of reach of the database.

Whoever can write to a database can write its log anew with all seals, or put back an old copy;
only what is kept outside shows it. The text holds nothing of the register itself.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from geo_service.errors import InputError, StoreError
from geo_service.store import auditing, digests, log, receipts, sql
from geo_service.store.protocol import Anchor, AuditReport

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from geo_service.store.chain import Chain
    from geo_service.store.engine import Database

_FIRST = ("store", "entries", "head", "recorded_at", "made_at", "digest")
_FIELDS = {
    "geo-service anchor 1": _FIRST,
    "geo-service anchor 2": (*_FIRST, "receipts", "receipts_head"),
}
_NEWEST = "geo-service anchor 2"
_COUNTS = {"entries", "receipts"}
_HASH = re.compile(r"[0-9a-f]{64}")


def anchor_of(db: Database, url: str, made_at: datetime) -> Anchor:
    """Where the log ends now.

    Raises StoreError log_unsound or receipts_unsound: what is broken is not to be anchored. Run
    inside one read transaction.
    """
    entries, head = auditing.require_sound_log(db, url)
    receipts.require_sound(db, url)
    number, receipts_head = receipts.head_of(db)
    _sequence, _hash, recorded_at = log.head_of(db)
    return Anchor(
        store=_first(db),
        entries=entries,
        head=head,
        recorded_at=recorded_at,
        made_at=log.stamp(made_at),
        digest=digests.name_of(db),
        receipts=number,
        receipts_head=receipts_head,
    )


def _first(db: Database) -> str:
    """The hash of the first entry: by it a log is known, also after a copy to another engine."""
    row = db.execute(sql.HASH_OF, (1,)).fetchone()
    return log.GENESIS if row is None else str(row[0])


def text_of(anchor: Anchor, title: str = _NEWEST) -> str:
    """The anchor as text to print; its last line seals it against slips of copying."""
    lines = [title, *(f"{name}: {getattr(anchor, name)}" for name in _FIELDS[title])]
    body = "\n".join(lines)
    return f"{body}\nseal: {digests.sha256(body.encode())}\n"


def save_anchor(anchor: Anchor, file: Path) -> None:
    """Write the text to a new file and see it on disk. Raises InputError anchor_unsaved."""
    try:
        with file.open("x", encoding="utf-8") as target:
            target.write(text_of(anchor))
            target.flush()
            os.fsync(target.fileno())
    except OSError as error:
        detail = error.strerror or str(error)
        raise InputError("anchor_unsaved", file=file, detail=detail) from error


def read_anchor(text: str, file: object) -> Anchor:
    """An anchor out of its text. Raises InputError anchor_unreadable, naming the file."""
    lines = [line.strip() for line in text.removeprefix("\ufeff").splitlines() if line.strip()]
    title, *rest = lines or [""]
    parts = (line.partition(":") for line in rest)
    facts: dict[str, Any] = {name.strip(): value.strip() for name, _colon, value in parts}
    counts = {name for name in facts if name in _COUNTS and facts[name].isdecimal()}
    expected = _FIELDS.get(title, ())
    if tuple(facts) != (*expected, "seal") or counts != _COUNTS & set(expected):
        raise InputError("anchor_unreadable", file=file)
    seal = facts.pop("seal")
    anchor = Anchor(**facts | {name: int(facts[name]) for name in counts})
    if not _HASH.fullmatch(anchor.head) or text_of(anchor, title).split()[-1] != seal:
        raise InputError("anchor_unreadable", file=file)
    return anchor


def held_against(db: Database, report: AuditReport, anchors: Iterable[Anchor]) -> AuditReport:
    """The report of an audit, with what the anchors show that the log itself cannot.

    A log that ends before an anchor was cut off, or the whole database is an older one: the
    latter where the rest is in order. One with another entry at an anchor was written anew.
    """
    agreed = 0
    for anchor in sorted(anchors, key=lambda anchor: anchor.entries):
        (newest,) = db.execute(sql.NEWEST_ENTRY).fetchone()
        there = db.execute(sql.HASH_OF, (anchor.entries,)).fetchone()
        ends = (_first(db), newest, None if there is None else there[0])
        bad, problem = _departure(report, anchor, agreed, ends)
        if problem and (report.first_bad is None or bad <= report.first_bad):
            return AuditReport(report.entries, report.head, bad, problem)
        problem = problem or _receipts_departure(db, anchor)
        if problem and report.sound:
            return AuditReport(report.entries, report.head, None, problem)
        agreed = anchor.entries
    return report


def _receipts_departure(db: Database, anchor: Anchor) -> str:
    subject = f"{anchor.receipts}/{anchor.made_at}"
    if receipts.head_of(db)[0] < anchor.receipts:
        return f"receipts_truncated {subject}"
    row = db.execute(sql.RECEIPT_HASH_OF, (anchor.receipts,)).fetchone()
    return "" if row is None or row[0] == anchor.receipts_head else f"receipts_rewritten {subject}"


def _departure(
    report: AuditReport, anchor: Anchor, agreed: int, ends: tuple[str, int, str | None]
) -> tuple[int, str]:
    """Where a log departs from an anchor. `ends`: the hash of its first entry, the number of its
    last, and the hash at the number of the anchor."""
    subject = f"{anchor.entries}/{anchor.made_at}"
    if anchor.entries == 0:
        return 0, ""
    first, newest, there = ends
    if first not in {anchor.store, log.GENESIS}:
        return 1, f"anchor_of_another {subject}"
    if newest < anchor.entries:
        what = "rolled_back" if report.sound else "log_truncated"
        return newest + 1, f"{what} {subject}"
    if there != anchor.head:
        return agreed + 1, f"log_rewritten {subject}"
    return 0, ""


def anchor_of_chain(db: sqlite3.Connection, chain: Chain, path: Path, made_at: datetime) -> Anchor:
    """Where the log of a file beside the register ends now.

    Raises StoreError log_unsound: what is broken is not to be anchored.
    """
    report = chain.verify(db)
    if not report.sound:
        raise StoreError("log_unsound", path=path, sequence=report.first_bad or 0)
    first = chain.hash_of(db, 1) or log.GENESIS
    moment, digest = log.stamp(made_at), digests.DEFAULT
    return Anchor(first, report.entries, report.head, moment, moment, digest, 0, log.GENESIS)


def chain_verified(db: sqlite3.Connection, chain: Chain, anchors: Iterable[Anchor]) -> AuditReport:
    """The walk through a log of a file beside the register, and what the anchors show of it."""
    report, agreed = chain.verify(db), 0
    newest, _head = chain.end(db)
    for anchor in sorted(anchors, key=lambda anchor: anchor.entries):
        first = chain.hash_of(db, 1) or log.GENESIS
        ends = (first, newest, chain.hash_of(db, anchor.entries))
        bad, problem = _departure(report, anchor, agreed, ends)
        if problem and (report.first_bad is None or bad <= report.first_bad):
            return AuditReport(report.entries, report.head, bad, problem)
        agreed = anchor.entries
    return report
