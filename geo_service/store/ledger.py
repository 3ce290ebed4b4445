"""The seal of the ledger: what a store says of itself, and a file to GIS programs.

These rows are written only when a store is made, upgraded or filled by a copy; each has its digest
in one row of `meta`. It shows slips, bad disks and edits by hand; somebody who knows the program
can seal anew, but finds nothing of the register here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from geo_service.errors import StoreError
from geo_service.store import digests, sql
from geo_service.store.codec import canonical, canonical_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.store.digests import Digest
    from geo_service.store.engine import Database


def seal(db: Database) -> None:
    """Write the seal anew, inside the caller's write transaction."""
    text = canonical(_rows(db))
    if db.execute(sql.CHANGE_SEAL, (text,)).rowcount == 0:
        db.execute(sql.ADD_SEAL, (text,))


def fault(db: Database) -> str | None:
    """The first row that is not as it was sealed ("meta/created_at"), None where all are."""
    row = db.execute(sql.SEAL).fetchone()
    try:
        sealed = dict(json.loads("" if row is None else row[0]))
    except (TypeError, ValueError):  # JSON, but no mapping
        return "meta/seal"
    if canonical(sealed) != row[0]:
        return "meta/seal"
    found = _rows(db)
    differing = (name for name in sorted(found | sealed) if found.get(name) != sealed.get(name))
    return next(differing, None)


def require_sound(db: Database, url: str) -> None:
    """Raises StoreError ledger_unsound where a row is not as it was sealed."""
    row = fault(db)
    if row is not None:
        raise StoreError("ledger_unsound", path=url, row=row)


def _rows(db: Database) -> dict[str, str]:
    """The digest of each row, by table and the first column."""
    digest = digests.of(db)
    return {
        f"{table}/{row[0]}": _sealed(row, digest)
        for table, query in db.dialect.ledger.items()
        for row in db.execute(query)
    }


def _sealed(row: Sequence[Any], digest: Digest) -> str:
    try:
        return digest(canonical_list(row).encode())
    except (TypeError, ValueError):  # no text or number that the program would have written
        return ""
