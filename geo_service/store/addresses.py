"""Addresses of stores: `gpkg:PATH` or `postgresql://…`, and what of one may be shown."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from geo_service.errors import StoreError

_FILE = "gpkg:"
_SERVER = "postgresql://"
_SECRETS = (
    re.compile(r"^(\w*:/*[^:/?]*:).*(?=@)"),
    re.compile(r"([?&](?:password|sslpassword)=)[^&]*", re.IGNORECASE),
)
"""From the colon after the user to the last @: rather too much than a part of a password."""


def is_server(url: str) -> bool:
    """Whether a store URL names a database on a server."""
    return url.startswith(_SERVER)


def shown(url: str) -> str:
    """A store URL as it may be printed and logged: without passwords."""
    if url.startswith(_FILE):
        return url
    for secret in _SECRETS:
        url = secret.sub(r"\1***", url)
    return url


def store_path(url: str) -> Path:
    """The file that a store URL names. Raises StoreError for anything but `gpkg:PATH`."""
    path = url.removeprefix(_FILE)
    if not url.startswith(_FILE) or not path:
        raise StoreError("store_url_unknown", url=shown(url))
    return Path(path)


def server_url(url: str) -> str:
    """The URL of a server, once nothing in it can be mistaken.

    An @ or / of a password that is not written %40 or %2F would make a piece of the password a
    host name, and that would be printed. Raises StoreError store_url_malformed.
    """
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        raise malformed() from None  # whose text repeats what it could not read
    if parts.netloc.count("@") > 1 or "@" in parts.path or parts.fragment:
        raise malformed()
    return url


def malformed() -> StoreError:
    """The refusal of a URL of which nobody can tell where its password is: none of it is shown."""
    return StoreError("store_url_malformed", url=f"{_SERVER}…")
