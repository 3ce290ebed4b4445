"""A server's tables as they are, of whatever schema, into a file of the same schema.

For the backup before an upgrade: the usual copy reads the newest schema only, and what is kept
must be what the older program would read. Rows are taken over as they stand; the log is proved
afterwards, as in every backup.
"""

from __future__ import annotations

from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, Any

from geo_service.store import digests, migrations, sql
from geo_service.store.blobs import blob, boxes, extent
from geo_service.store.connection import connect, transaction, translated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geo_service.store.connection import FileConnection
    from geo_service.store.session import Session

_BATCH = 2000
Row = tuple[Any, ...]


def keep_tables(db: Session, path: Path, now: str) -> None:
    """Write a new file with every row, inside the caller's transaction on the server.

    Raises StoreError and psycopg.Error.
    """
    schema = max(migrations.applied(db))
    with translated(path), closing(connect(path, create=True)) as new, transaction(new, write=True):
        migrations.create_ledger(new, now, digests.name_of(db))
        migrations.upgrade(new, path, now, upto=schema)
        for (table,) in new.execute(sql.OUR_TABLES).fetchall():
            columns = tuple(name for (name,) in new.execute(sql.COLUMNS_OF, (table,)))
            _copy(db, new, table, columns)


def _copy(db: Session, new: FileConnection, table: str, columns: tuple[str, ...]) -> None:
    rows = db.stream(sql.whole(table, columns, db.dialect))
    while batch := list(islice(rows, _BATCH)):
        if "geom" in columns:
            batch = list(_placed(new, table, columns, batch))
        new.insert_rows(table, columns, batch)


def _placed(
    new: FileConnection, table: str, columns: tuple[str, ...], rows: list[Row]
) -> Iterator[Row]:
    """Rows of a layer with geometries as a file keeps them; its extent is widened."""
    geom, recorded = columns.index("geom"), columns.index("recorded_at")
    edges = boxes([row[geom] for row in rows])
    newest = max(row[recorded] for row in rows)
    new.execute(sql.WIDEN_EXTENT, (newest, *extent(edges), table))
    for row, box in zip(rows, edges.tolist(), strict=True):
        yield (*row[:geom], blob(row[geom], box), *row[geom + 1 :])
