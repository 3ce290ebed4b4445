"""An invented register of any size: the same names at every run, and no name of a real place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.domain.change import Change, Operation
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Force, Provenance
from geo_service.lexicons import lexicon
from geo_service.rules.names import Standing
from geo_service.services.names import NameRequest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.cities import CityProfile

AS_OF = date(2024, 6, 1)
SEED = 20240601
PART = 20_000
"""Names drawn at a time; the draw of a part depends on its number alone."""

_TYPES = (FeatureType.ROAD, FeatureType.VILLAGE, FeatureType.ESTATE, FeatureType.BUILDING)
_TYPE_SHARES = (0.5, 0.25, 0.15, 0.1)
_POPULAR = 150
"""Specifics that every city has (人民, 解放 …); three names in ten bear one of them."""
_POPULAR_SHARE = 0.3
_CITY_SHARE = 0.05
_COUNTIES = 2_900
_SOURCE = Provenance(source="示例", licence="CC0-1.0", force=Force.SYNTHETIC)


@dataclass(frozen=True, eq=False)
class Draw:
    """Names as drawn: text and type of each, whether in the city, position in degrees (n, 2)."""

    names: list[str]
    types: list[FeatureType]
    local: NDArray[np.bool_]
    positions: NDArray[np.float64]
    units: list[DivisionCode]

    def place(self, number: int, at: int) -> NamedPlace:
        """One of the names as a record."""
        return NamedPlace(
            id=f"B-{number:08d}",
            name=self.names[at],
            feature_type=self.types[at],
            unit_code=self.units[at],
            provenance=_SOURCE,
            geometry=shapely.Point(*self.positions[at]),
        )


@cache
def _characters() -> list[str]:
    rows = lexicon("standard_characters", "character").rows
    common = [row["character"] for row in rows if row["level"] == "1"]
    return list(np.random.default_rng(SEED).choice(common, 400, replace=False))


@cache
def _generics(kind: FeatureType) -> tuple[list[str], NDArray[np.float64]]:
    """Generics of a type, short ones first, each rarer than the one before (Zipf)."""
    rows = lexicon("generics", "generic", "feature_type").rows
    known = sorted((r["generic"] for r in rows if r["feature_type"] == kind.value), key=len)
    shares = 1 / np.arange(1, len(known) + 1)
    return known, shares / shares.sum()


@cache
def _specifics() -> list[str]:
    chance = np.random.default_rng(SEED)
    return ["".join(chance.choice(_characters(), 2)) for _ in range(_POPULAR)]


def draw(part: int, city: CityProfile, size: int = PART) -> Draw:
    """A part of the register: the same for the same number, city and size."""
    chance = np.random.default_rng((SEED, part))
    kinds = chance.choice(len(_TYPES), size, p=_TYPE_SHARES)
    popular = chance.random(size) < _POPULAR_SHARE
    common = chance.integers(0, _POPULAR, size)
    letters = chance.integers(0, len(_characters()), (size, 3))
    lengths = np.where(chance.random(size) < 0.15, 3, 2)
    generics = [_generics(kind) for kind in _TYPES]
    ends = [chance.choice(len(known), size, p=shares) for known, shares in generics]
    names = [
        (
            _specifics()[common[i]]
            if popular[i]
            else "".join(_characters()[c] for c in letters[i, : lengths[i]])
        )
        + generics[kinds[i]][0][ends[kinds[i]][i]]
        for i in range(size)
    ]
    local = chance.random(size) < _CITY_SHARE
    positions = np.stack((chance.uniform(95, 125, size), chance.uniform(22, 42, size)), axis=1)
    west, south, east, north = city.extent
    around = chance.uniform((west, south), (east, north), (size, 2))
    positions[local] = around[local]
    return Draw(
        names,
        [_TYPES[kind] for kind in kinds],
        local,
        positions,
        _units(local, chance, city),
    )


def _units(
    local: NDArray[np.bool_], chance: np.random.Generator, city: CityProfile
) -> list[DivisionCode]:
    own = [row.code for row in city.units_in_force(AS_OF) if row.code != city.code]
    numbers = chance.integers(0, _COUNTIES, len(local))
    return [
        own[number % len(own)]
        if here
        else DivisionCode(
            f"{11 + number // 100:02d}{1 + number // 10 % 10:02d}{1 + number % 10:02d}"
        )
        for here, number in zip(local, numbers.tolist(), strict=True)
    ]


def places(size: int, city: CityProfile) -> Iterator[NamedPlace]:
    """The first so many names of the register."""
    for part in range(-(-size // PART)):
        drawn = draw(part, city)
        first = part * PART
        for at in range(min(PART, size - first)):
            yield drawn.place(first + at, at)


def changes(size: int, city: CityProfile) -> Iterator[Change]:
    """The first so many names as changes to be logged."""
    for place in places(size, city):
        yield Change(operation=Operation.CREATE, record=place, actor="示例", reason="性能测量")


def requests(count: int, size: int, city: CityProfile) -> list[NameRequest]:
    """Proposals inside the city: every other one repeats a name of the register."""
    known = draw(0, city, PART)
    unknown = draw(-1 % (1 << 30), city, PART)
    spots = draw(1 << 29, city, PART)
    here = np.flatnonzero(spots.local)
    result = []
    for number in range(count):
        drawn, at = (known, number % min(size, PART)) if number % 2 else (unknown, number)
        spot = int(here[number % len(here)])
        result.append(
            NameRequest(
                drawn.names[at],
                drawn.types[at],
                Standing.PROPOSED,
                AS_OF,
                (float(spots.positions[spot, 0]), float(spots.positions[spot, 1])),
                spots.units[spot],
            )
        )
    return result
