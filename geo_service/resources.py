"""Where the tables, laws and assets of the program lie, in a wheel and in a checkout alike."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from geo_service.errors import ConfigError

_PACKAGE = Path(__file__).resolve().parent


@cache
def data_dir() -> Path:
    """The folder `data/` with laws, lexicons, cities and messages.

    A wheel carries it inside the package as `_data`; a checkout has it beside the package.
    Raises ConfigError when neither is there.
    """
    for folder in (_PACKAGE / "_data", _PACKAGE.parent / "data"):
        if (folder / "law").is_dir():
            return folder
    raise ConfigError("data_missing", path=_PACKAGE.parent / "data")


def vendor_dir() -> Path:
    """The folder of third-party files fetched at set-up: web assets and division code lists."""
    return _PACKAGE / "_vendor"
