"""What a verdict or a review rests on, so that it can be replayed exactly years later."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING

from geo_service.resources import data_dir

if TYPE_CHECKING:
    from geo_service.cities import CityProfile


@cache
def _tables_digest() -> str:
    digest = hashlib.sha256()
    for folder in ("law", "lexicons"):
        for path in sorted((data_dir() / folder).iterdir()):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def data_digest(city: CityProfile) -> str:
    """SHA-256 over the law, the lexicons and the city profile."""
    return hashlib.sha256(f"{_tables_digest()}:{city.code}:{city.digest}".encode()).hexdigest()
