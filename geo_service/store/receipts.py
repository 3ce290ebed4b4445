"""Receipts of imports: numbered, and each sealed with the hash of the one before, as the log is.

    hash = digest(prev_hash \n columns from `number` to `entry_hash`, as a canonical JSON list)

A receipt seals where the log stood when it was kept (`sequence`, `entry_hash`) as well: whoever
writes the log anew must write the receipts anew. Both heads stand in an anchor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_service.errors import StoreError
from geo_service.store import digests, log, sql
from geo_service.store.codec import canonical_list
from geo_service.store.protocol import ImportReceipt
from geo_service.store.schema import RECEIPT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from geo_service.store.digests import Digest
    from geo_service.store.engine import Database

COLUMNS = tuple(column.name for column in RECEIPT.columns)
SAID = COLUMNS[1 : COLUMNS.index("sequence")]
"""What a receipt says: digest, stored, report_json, recorded_at."""
PAGE = 100
"""Receipts read at a time; a report may be long."""

Row = tuple[Any, ...]


def read(row: Row) -> ImportReceipt:
    """A receipt as it stands in its table."""
    digest, stored, report_json, recorded_at, number, sequence = row
    return ImportReceipt(
        digest, stored, report_json, log.moment(recorded_at), number=number, sequence=sequence
    )


def append(db: Database, said: Iterable[Sequence[Any]]) -> None:
    """Number, seal and write receipts (`SAID`) in order, inside the caller's write transaction."""
    number, previous = head_of(db)
    sequence, entry_hash, _moment = log.head_of(db)
    digest, rows = digests.of(db), list[Row]()
    for number, facts in enumerate(said, start=number + 1):  # noqa: B020 - it goes on from there
        sealed = (number, *facts, sequence, entry_hash)
        rows.append((*sealed, previous, _seal(previous, sealed, digest)))
        previous = rows[-1][-1]
    db.insert_rows(RECEIPT.name, COLUMNS, rows)


def _seal(previous: str, sealed: Sequence[Any], digest: Digest) -> str:
    return digest(f"{previous}\n{canonical_list(sealed)}".encode())


def head_of(db: Database) -> tuple[int, str]:
    """Number and hash of the newest receipt."""
    return db.execute(sql.NEWEST_RECEIPT).fetchone() or (0, log.GENESIS)


def pages(db: Database) -> Iterator[list[Row]]:
    """All receipts in pages, every column."""
    after = 0
    while page := db.execute(sql.receipts(COLUMNS), (after, PAGE)).fetchall():
        yield page
        after = page[-1][0]


def first_break(db: Database) -> tuple[int | None, str]:
    """Walk the receipts; the number of the first that is not as it was kept, and what is wrong.

    `receipt_unlike_log` means that the log entry which it has seen is not there any more.
    """
    count, previous, digest = 0, log.GENESIS, digests.of(db)
    for page in pages(db):
        for row in page:
            count += 1
            if row[0] != count:
                return count, "receipt_missing"
            if row[-2] != previous or _resealed(previous, row[:-2], digest) != row[-1]:
                return count, "receipt_changed"
            previous = row[-1]
    unlike = db.execute(sql.RECEIPT_UNLIKE_LOG, (log.GENESIS,)).fetchone()
    return (None, "") if unlike is None else (unlike[0], "receipt_unlike_log")


def _resealed(previous: str, sealed: Sequence[Any], digest: Digest) -> str:
    try:
        return _seal(previous, sealed, digest)
    except (TypeError, ValueError):  # no text or number that the program would have written
        return ""


def require_sound(db: Database, url: str) -> None:
    """Raises StoreError receipts_unsound where a receipt is not as it was kept."""
    number, problem = first_break(db)
    if problem:
        raise StoreError("receipts_unsound", path=url, number=number)
