"""What was done to a log, as far as the place where its chain breaks can tell.

Whoever moves, adds or takes out entries must renumber the rest; an entry still fits the number
that it was sealed under.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_service.store import digests, log, sql

if TYPE_CHECKING:
    from geo_service.store.engine import Database

_REACH = 2000
"""Numbers tried on either side: more entries taken out at once are told as a broken chain."""


def named(db: Database, sequence: int, previous: str, problem: str) -> tuple[int, str]:
    """The first bad entry and what was done, of a walk that ended at `sequence` with `problem`.

    `previous` is the hash of the last good entry.
    """
    if problem not in {"chain_broken", "entry_changed"}:
        return sequence, problem
    (row,) = next(log.pages(db, after=sequence - 1))[:1]
    sealed_as = _sealed_as(db, row)
    if sealed_as is not None and sealed_as < sequence:
        same = db.execute(sql.HASH_OF, (sealed_as,)).fetchone() == (row[-1],)
        return (sequence if same else sealed_as), "entry_inserted"
    if db.execute(sql.LATER_CHAINED_TO, (sequence, previous)).fetchone():
        return sequence, "entry_inserted" if sealed_as is None else "entry_swapped"
    return sequence, problem if sealed_as is None else "entry_missing"


def _sealed_as(db: Database, row: tuple[Any, ...]) -> int | None:
    """The number that an entry was sealed under, where that is another than it has now."""
    number, digest = row[0], digests.of(db)
    for other in range(max(1, number - _REACH), number + _REACH + 1):
        try:
            if log.seal(row[14], (other, *row[1:12]), row[12], row[13], digest) == row[15]:
                return None if other == number else other
        except (TypeError, ValueError):
            return None
    return None
