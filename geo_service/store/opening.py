"""Opening a store by its address, making it where that is asked for.

Kept light: a name may be checked without a store, and asking for one that is not there must not
load the geometry libraries.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service.errors import ConfigError, StoreError
from geo_service.store.addresses import is_server, store_path

if TYPE_CHECKING:
    from geo_service.store.sql_store import SqlStore

BACKUPS = Path("var/backups")
"""Where a server is backed up before an upgrade, unless somebody says otherwise."""
Clock = Callable[[], datetime]
"""Gives the present moment with its zone."""


def utc_now() -> datetime:
    """The present moment, UTC."""
    return datetime.now(UTC)


def open_store(
    url: str,
    *,
    create: bool = False,
    clock: Clock = utc_now,
    digest: str = "sha256",
    backups: Path = BACKUPS,
) -> SqlStore:
    """The store at `gpkg:PATH` or `postgresql://…`.

    `create` makes file and folders (on a server our schema in the database) where there is no
    store yet, its log to be sealed by `digest`, and brings an older schema up to date: a file is
    backed up beside itself before, a server into the folder `backups`.

    Raises StoreError: store_missing, store_foreign (not a store of ours), store_corrupt,
    store_too_new, store_outdated, store_busy; of a server also server_unreachable, server_empty,
    server_without_postgis, server_encoding; backup_failed and the like where no backup can be made.
    Raises ConfigError driver_missing where the extra `postgis` is not installed, and
    digest_unavailable where this Python lacks the digest of the store.
    """
    if is_server(url):
        return _on_server(url, create, clock, digest, backups)
    return _in_file(url, create, clock, digest)


def _in_file(url: str, create: bool, clock: Clock, digest: str) -> SqlStore:
    path = store_path(url)
    if not create and not path.is_file():
        raise StoreError("store_missing", path=path)
    from geo_service.store.geopackage import GeoPackageStore  # noqa: PLC0415 - loads shapely
    from geo_service.store.preparing import prepare  # noqa: PLC0415 - loads shapely

    prepare(path, create=create, now=clock(), digest=digest)
    return GeoPackageStore(path, clock)


def require_driver() -> None:
    """Raises ConfigError driver_missing where the extra `postgis` is not installed."""
    try:
        import psycopg  # noqa: F401, PLC0415 - an extra, and loaded only for a server
    except ImportError as error:  # the driver, or the library of PostgreSQL below it
        raise ConfigError("driver_missing", detail=str(error)) from error


def _on_server(url: str, create: bool, clock: Clock, digest: str, backups: Path) -> SqlStore:
    require_driver()
    from geo_service.store.postgis import PostgisStore  # noqa: PLC0415 - loads shapely
    from geo_service.store.preparing_server import prepare_server  # noqa: PLC0415 - loads shapely

    prepare_server(url, create=create, now=clock(), digest=digest, backups=backups)
    return PostgisStore(url, clock)
