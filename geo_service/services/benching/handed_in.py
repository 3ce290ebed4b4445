"""A GeoParquet file of invented names, as a bureau might hand it in: the same at every run."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo_service.lexicons import lexicon
from geo_service.services.benching.register import AS_OF, SEED
from geo_service.services.interchange.parquet_files import write_parquet

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from geo_service.cities import CityProfile

_POPULAR = 40_000
"""Specifics that many places share; the rest is drawn anew, so that about half are distinct."""
_POPULAR_SHARE = 0.5
_TYPES = ("road", "village", "estate", "building", "natural", "facility")
_SHARES = (0.4, 0.25, 0.12, 0.1, 0.08, 0.05)
_FIRST_DAY = date(1980, 1, 1)
_DAYS = (AS_OF - _FIRST_DAY).days


def write_names(path: Path, size: int, city: CityProfile) -> None:
    """Write so many names with points inside the city's extent, EPSG:4490. Raises OSError."""
    chance = np.random.default_rng((SEED, size))
    kinds = chance.choice(len(_TYPES), size, p=_SHARES)
    west, south, east, north = city.extent
    spots = np.round(chance.uniform((west, south), (east, north), (size, 2)), 7)
    columns = {
        "id": np.char.add("N-", np.char.zfill(np.arange(size).astype(str), 8)),
        "name": _names(chance, kinds),
        "feature_type": np.array(_TYPES)[kinds],
        "status": chance.choice(["standard", "former"], size, p=[0.95, 0.05]),
        "unit_code": chance.choice(_units(city), size),
        "approved_on": _days(chance, size),
        "document_no": _documents(chance, size),
        "origin": chance.choice(["", "以山得名", "以水得名", "以方位得名"], size),
        "licence": np.full(size, "CC0-1.0"),
        "force": np.full(size, "synthetic"),
    }
    write_parquet(path, "names", columns, np.asarray(shapely.points(spots)), "EPSG:4490")


def _names(chance: np.random.Generator, kinds: NDArray[np.int64]) -> NDArray[np.str_]:
    return np.char.add(_specifics(chance, len(kinds)), _generics(chance, kinds))


def _characters() -> NDArray[np.str_]:
    rows = lexicon("standard_characters", "character").rows
    return np.array([row["character"] for row in rows if row["level"] == "1"])


def _specifics(chance: np.random.Generator, size: int) -> NDArray[np.str_]:
    drawn = _drawn(chance, size)
    popular = _drawn(chance, _POPULAR)
    often = popular[(chance.random(size) ** 3 * _POPULAR).astype(int)]
    return np.where(chance.random(size) < _POPULAR_SHARE, often, drawn)


def _drawn(chance: np.random.Generator, size: int) -> NDArray[np.str_]:
    """Specifics of two or three characters; invented, whatever they happen to mean."""
    first, second, third = chance.choice(_characters(), (3, size))
    third[chance.random(size) < 0.6] = ""
    return np.char.add(np.char.add(first, second), third)


def _generics(chance: np.random.Generator, kinds: NDArray[np.int64]) -> NDArray[np.str_]:
    """A generic to each type, short ones first, each rarer than the one before (Zipf)."""
    rows = lexicon("generics", "generic", "feature_type").rows
    ends: NDArray[Any] = np.empty(len(kinds), dtype="U12")
    for number, kind in enumerate(_TYPES):
        known = sorted((r["generic"] for r in rows if r["feature_type"] == kind), key=len)
        shares, here = 1 / np.arange(1, len(known) + 1), kinds == number
        ends[here] = chance.choice(known, int(here.sum()), p=shares / shares.sum())
    return ends


def _units(city: CityProfile) -> list[str]:
    return [str(row.code) for row in city.units_in_force(AS_OF) if row.code != city.code]


def _days(chance: np.random.Generator, size: int) -> list[date]:
    return [_FIRST_DAY + timedelta(days=n) for n in chance.integers(0, _DAYS, size).tolist()]


def _documents(chance: np.random.Generator, size: int) -> NDArray[np.str_]:
    """Numbers that say of themselves that they are no real ones."""
    return np.char.add("示例文号", chance.integers(1, 20_000, size).astype(str))
