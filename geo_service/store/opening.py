"""Opening a store by its address, making it where that is asked for.

Kept light: a name may be checked without a store, and asking for one that is not there must not
load the geometry libraries.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service.errors import StoreError

if TYPE_CHECKING:
    from geo_service.store.geopackage import GeoPackageStore

_SCHEME = "gpkg:"

Clock = Callable[[], datetime]
"""Gives the present moment with its zone."""


def utc_now() -> datetime:
    """The present moment, UTC."""
    return datetime.now(UTC)


def store_path(url: str) -> Path:
    """The file that a store URL names. Raises StoreError for anything but `gpkg:PATH`."""
    path = url.removeprefix(_SCHEME)
    if not url.startswith(_SCHEME) or not path:
        raise StoreError("store_url_unknown", url=url)
    return Path(path)


def open_store(url: str, *, create: bool = False, clock: Clock = utc_now) -> GeoPackageStore:
    """The store at `gpkg:PATH`.

    `create` makes file and folders where there is no file yet, and brings an older schema up to
    date. Raises StoreError: store_missing, store_foreign (not a store of ours), store_corrupt,
    store_too_new, store_outdated, store_busy.
    """
    path = store_path(url)
    if not create and not path.is_file():
        raise StoreError("store_missing", path=path)
    from geo_service.store.geopackage import GeoPackageStore  # noqa: PLC0415 - loads shapely
    from geo_service.store.preparing import prepare  # noqa: PLC0415 - loads shapely

    prepare(path, create=create, now=clock())
    return GeoPackageStore(path, clock)
