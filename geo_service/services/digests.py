"""What a verdict or a review rests on, so that it can be replayed exactly years later."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING

from geo_service.resources import data_dir

if TYPE_CHECKING:
    from geo_service.cities import CityProfile
    from geo_service.domain.restricted import RestrictedNames


@cache
def _tables_digest() -> str:
    digest = hashlib.sha256()
    for folder in ("law", "lexicons"):
        for path in sorted((data_dir() / folder).iterdir()):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def data_digest(city: CityProfile, restricted: RestrictedNames | None = None) -> str:
    """SHA-256 over the law, the lexicons, the city profile and the bureau's list of names, if any.

    Of the list only its salted digest goes in.
    """
    kept = "" if restricted is None else f":{restricted.digest}"
    basis = f"{_tables_digest()}:{city.code}:{city.digest}{kept}"
    return hashlib.sha256(basis.encode()).hexdigest()
