"""One store into another of either kind, without loss: the log as it is, the tables from it.

Entries are copied with their seals, so that head and hashes are those of the source; the tables
are written by the same projection as ever. The target takes everything or nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.errors import Conflict, StoreError
from geo_service.store import auditing, contents, digests, ledger, log, persons, receipts
from geo_service.store.schema import CHANGE, RECEIPT

if TYPE_CHECKING:
    from geo_service.store.engine import Database
    from geo_service.store.sql_store import SqlStore


def copy_store(source: SqlStore, target: SqlStore) -> int:
    """Copy log, receipts, personal values and files into an empty store and build its tables.

    Returns the number of entries. Raises Conflict copy_target_filled where the target holds
    anything, and StoreError log_unsound where the log of the source cannot be relied on or did not
    arrive as it was; receipts_unsound, ledger_unsound and content_damaged likewise.
    """
    with source.transaction(write=False) as old, target.transaction(write=True) as new:
        if log.head_of(new)[0] or receipts.head_of(new)[0]:
            raise Conflict("copy_target_filled", path=target.url)
        sealed = auditing.require_sound_log(old, source.url)
        receipts.require_sound(old, source.url)
        ledger.require_sound(old, source.url)
        fill(old, new, source.url, target.url)
        arrived = log.Walk(new).to_the_end()
        if (arrived.entries, arrived.head) != sealed:
            bad = arrived.bad or arrived.entries
            raise StoreError("log_unsound", path=target.url, sequence=bad)
        receipts.require_sound(new, target.url)
    return arrived.entries


def fill(old: Database, new: Database, source: str, target: str) -> None:
    """Copy what makes a store from one into an empty one, and build its tables.

    Inside the caller's transactions. Raises StoreError log_unsound naming the target, and
    content_damaged naming the source.
    """
    digests.choose(new, digests.name_of(old))
    ledger.seal(new)
    _copy_log(old, new)
    _copy_receipts(old, new)
    persons.copy(old, new)
    contents.copy(old, new, source)
    auditing.rebuild_or_refuse(new, target)


def _copy_log(old: Database, new: Database) -> None:
    for page in log.pages(old):
        with new.appending():
            new.insert_rows(CHANGE.name, log.COLUMNS, page)


def _copy_receipts(old: Database, new: Database) -> None:
    for page in receipts.pages(old):
        new.insert_rows(RECEIPT.name, receipts.COLUMNS, page)
