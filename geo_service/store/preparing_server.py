"""Making a database ready: extension, schema, and the refusal of what is not ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import psycopg

from geo_service.errors import StoreError
from geo_service.store import auditing, digests, migrations, sql_server
from geo_service.store.addresses import shown
from geo_service.store.dialects import POSTGIS
from geo_service.store.log import dated, stamp
from geo_service.store.session import Session, connect, translated

_PATIENCE = "1s"
"""How long a restore waits for those who use the former store, as it does with a file."""


def prepare_server(url: str, *, create: bool, now: datetime, digest: str, backups: Path) -> None:
    """See that the database holds a store of this program's schema; raises StoreError.

    With `create` a database without our schema becomes a store, whose log is sealed by `digest`,
    and an older one is brought up to date, backed up before into the folder `backups`. Other
    schemas of the database are none of our business and stay as they are.
    """
    db = connect(url)
    with closing(db.connection), translated(url):
        _require_utf8(db, url)
        if create:
            with db.connection.transaction():
                db.execute(sql_server.ONE_BUILDER)
                _require_postgis(db, url, create=True)
                _bring_up(db, url, stamp(now), digest, backups)
        _require_postgis(db, url, create=False)
        _require_current(db, url)


@contextmanager
def replacing(url: str, *, now: datetime, digest: str) -> Iterator[tuple[Session, str | None]]:
    """An empty store to be filled in the place of what stands there, and what that is called now.

    One transaction: on leaving, the new schema is in use with the rights that the old one gave, and
    the old one kept under a dated name; after an exception all is as before. Until then readers
    read the old one. Raises StoreError as `prepare_server` does, and store_busy while somebody
    uses the old one.
    """
    db = connect(url)
    with closing(db.connection), translated(url):
        _require_utf8(db, url)
        with db.connection.transaction():
            db.execute(sql_server.ONE_BUILDER)
            _require_postgis(db, url, create=True)
            aside = _put_aside(db, url, stamp(now))
            _bring_up(db, url, stamp(now), digest, None)
            yield db, aside
            if aside is not None:
                _hand_over(db, aside)


def _put_aside(db: Session, url: str, now: str) -> str | None:
    if not _tables(db):
        return None
    _require_ours(db, url)
    aside = f"{POSTGIS.stored}_replaced_{dated(now).lower()}"
    db.execute(sql_server.WAIT_AT_MOST, (_PATIENCE,))
    db.execute(sql_server.ONE_WRITER)
    db.execute(sql_server.rename_schema(aside))
    return aside


def _hand_over(db: Session, aside: str) -> None:
    """The rights of the old schema to the new one, and nobody in the old one any more."""
    for right in db.execute(sql_server.RIGHTS, (aside,)).fetchall():
        db.execute(right[0])
    for table in db.execute(sql_server.TABLES_IN, (aside,)).fetchall():
        db.execute(sql_server.lock_out(aside, table[0]))


def _require_utf8(db: Session, url: str) -> None:
    (encoding,) = db.execute(sql_server.SERVER_ENCODING).fetchone() or ("",)
    if encoding != "UTF8":
        raise StoreError("server_encoding", path=shown(url), found=encoding)


def _require_postgis(db: Session, url: str, *, create: bool) -> None:
    """The extension must be there; only an administrator can make it, which may be us."""
    if db.execute(sql_server.HAS_POSTGIS).fetchone():
        return
    if not create:
        raise StoreError("server_without_postgis", path=shown(url), detail="")
    try:
        db.execute(sql_server.CREATE_POSTGIS)
        db.execute(sql_server.SESSION)
    except psycopg.Error as error:
        detail = error.diag.message_primary or str(error)
        raise StoreError("server_without_postgis", path=shown(url), detail=detail) from error


def _tables(db: Session) -> set[str] | None:
    """Tables of our schema, None where there is no such schema."""
    if not db.execute(sql_server.HAS_SCHEMA).fetchone():
        return None
    return {name for (name,) in db.execute(sql_server.SERVED_TABLES)}


def _bring_up(db: Session, url: str, now: str, digest: str, backups: Path | None) -> None:
    found = _tables(db)
    if found is None:
        db.execute(sql_server.CREATE_SCHEMA)
    if not found:
        migrations.create_ledger(db, now, digest)
    _require_ours(db, url)
    db.execute(sql_server.ONE_WRITER)
    steps = migrations.pending(db, shown(url))
    if backups is not None and steps and migrations.applied(db):
        from geo_service.store.backups import keep_server  # noqa: PLC0415 - seldom needed

        keep_server(db, url, backups, max(step.number for step in steps), now)
    if migrations.upgrade(db, shown(url), now):
        auditing.index_names(db)


def _require_ours(db: Session, url: str) -> None:
    found = _tables(db)
    if found is None:
        raise StoreError("server_empty", path=shown(url))
    if not {"meta", "migration"} <= found or not migrations.is_ours(db):
        raise StoreError("store_foreign", path=shown(url), detail="")


def _require_current(db: Session, url: str) -> None:
    _require_ours(db, url)
    digests.of(db)
    if migrations.pending(db, shown(url)):
        raise StoreError("store_outdated", path=shown(url))
