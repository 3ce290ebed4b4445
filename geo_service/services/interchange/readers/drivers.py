"""GDAL with a driver or two and nothing else: the others are switched off before it is loaded."""

from __future__ import annotations

import os
import sys
from typing import Any

from geo_service.lexicons import lexicon
from geo_service.services.interchange.readers.table import Unreadable

ALLOWED = frozenset({"GPKG", "ESRI Shapefile"})
_OPTIONS = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
    "GDAL_HTTP_PROXY": "127.0.0.1:9",
    "GDAL_DRIVER_PATH": "disable",
    "PROJ_NETWORK": "OFF",
    "SHAPE_RESTORE_SHX": "NO",
    "OGR_SQLITE_LOAD_EXTENSIONS": "",
}


def gdal(allowed: frozenset[str] = ALLOWED) -> Any:
    """`pyogrio.raw` with the allowed drivers only; the first call of a process decides.

    Raises Unreadable `drivers_open` when GDAL offers one that our list of drivers does not know:
    reading on would mean trusting it.
    """
    banned = sorted({row["driver"] for row in lexicon("gdal_drivers", "driver").rows} - allowed)
    os.environ.update(_OPTIONS)
    os.environ["OGR_SKIP"] = ",".join(banned)
    # pyogrio tries to import both if they are there; reading raw rows needs neither.
    sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]
    sys.modules.setdefault("geopandas", None)  # type: ignore[arg-type]
    import pyogrio  # noqa: PLC0415 - must come after the skip lists
    import pyogrio.raw  # noqa: PLC0415

    if open_too := set(pyogrio.list_drivers()) - allowed:
        raise Unreadable("drivers_open", drivers=", ".join(sorted(open_too)))
    return pyogrio.raw
