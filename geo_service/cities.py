"""City profiles: everything the program knows of one city, as data under `data/cities/<code>/`.

`profile.toml` holds names, extent, zone, neighbours, built-up area, thresholds and policy;
`codes.csv` the county-level codes with their periods and successors. No code knows any city.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from geo_service.domain.identity import DivisionCode
from geo_service.domain.period import Period
from geo_service.domain.text import Text
from geo_service.errors import ConfigError
from geo_service.lexicons import Cells, read_table
from geo_service.resources import data_dir


@dataclass(frozen=True, slots=True)
class CodePeriod:
    """One county-level code under one name for one period, and what came after it."""

    code: DivisionCode
    name: str
    period: Period
    successors: tuple[DivisionCode, ...]
    source: str


@dataclass(frozen=True, slots=True)
class BuiltUpArea:
    """The units whose built-up land counts as one area for duplicate names, and who said so."""

    units: frozenset[DivisionCode]
    period: Period
    basis: str
    confirmed: bool


@dataclass(frozen=True)
class CityProfile:
    """One city. `extent` is west, south, east, north in degrees (EPSG:4490).

    `plane_epsg` is the Gauss–Krüger zone for plane figures; `expected` the published counts a
    complete register must show (lines, junctions, sea ends), empty where none are known.
    `digest` is the SHA-256 over the whole profile, limits and built-up area included.
    `neighbour_names` names the neighbours as far as the profile knows them (code to name).
    `policy` holds choices the city makes where the law leaves one, each described in its profile.
    `synthetic` marks the invented city of the sample: everything of it is labelled 示例.
    """

    code: DivisionCode
    name: Text
    extent: tuple[float, float, float, float]
    plane_epsg: int
    neighbours: tuple[DivisionCode, ...]
    codes: tuple[CodePeriod, ...]
    built_up_areas: tuple[BuiltUpArea, ...]
    thresholds: Mapping[str, float]
    expected: Mapping[str, int]
    digest: str
    neighbour_names: Mapping[str, str] = field(default_factory=dict)
    policy: Mapping[str, str] = field(default_factory=dict)
    synthetic: bool = False

    def threshold(self, name: str) -> float:
        """A limit of the profile. Raises ConfigError where the profile lacks it."""
        try:
            return self.thresholds[name]
        except KeyError as error:
            raise ConfigError("threshold_missing", city=self.code, name=name) from error

    @property
    def unit_names(self) -> dict[str, str]:
        """What every unit of the city is called, or was last, and each known neighbour, by code."""
        return {**self.neighbour_names, **{row.code: row.name for row in self.codes}}

    def units_in_force(self, day: date) -> tuple[CodePeriod, ...]:
        """The city's own county-level units on that day, by code."""
        return tuple(row for row in self.codes if row.period.covers(day))

    def code_history(self, code: DivisionCode) -> tuple[CodePeriod, ...]:
        """All periods of one code, oldest first; empty for a code the city never had."""
        return self._histories.get(code, ())

    @cached_property
    def _histories(self) -> Mapping[DivisionCode, tuple[CodePeriod, ...]]:
        # Asked for every unit of every line by most rules.
        found: dict[DivisionCode, list[CodePeriod]] = {}
        for row in sorted(self.codes, key=lambda row: row.period.start or date.min):
            found.setdefault(row.code, []).append(row)
        return {code: tuple(rows) for code, rows in found.items()}

    def built_up_area(self, day: date) -> BuiltUpArea | None:
        """The built-up area on that day, None where the profile does not know it."""
        return next((area for area in self.built_up_areas if area.period.covers(day)), None)

    def urban_districts(self, day: date) -> frozenset[DivisionCode]:
        """The districts (市辖区) on that day: codes of the city ending in 01–20 (GB/T 2260)."""
        own = (row.code for row in self.units_in_force(day) if row.code.is_within(self.code))
        return frozenset(code for code in own if "01" <= code[4:] <= "20")


def _day(cell: str) -> date | None:
    return date.fromisoformat(cell) if cell else None


def _code_period(cells: Cells) -> CodePeriod:
    return CodePeriod(
        code=DivisionCode(cells["code"]),
        name=cells["name"],
        period=Period(_day(cells["valid_from"]), _day(cells["valid_to"])),
        successors=tuple(DivisionCode(code) for code in cells["successors"].split()),
        source=cells["source"],
    )


def _built_up(table: dict[str, Any]) -> BuiltUpArea:
    return BuiltUpArea(
        units=frozenset(DivisionCode(code) for code in table["units"]),
        period=Period(table.get("valid_from"), table.get("valid_to")),
        basis=table["basis"],
        confirmed=table["confirmed"],
    )


def _profile(folder: Path) -> CityProfile:
    content = (folder / "profile.toml").read_bytes()
    table = tomllib.loads(content.decode())
    codes = read_table(folder / "codes.csv", ("code", "name", "valid_from"))
    west, south, east, north = table["extent"]
    return CityProfile(
        code=DivisionCode(table["code"]),
        name=Text(**table["name"]),
        extent=(west, south, east, north),
        plane_epsg=table["plane_epsg"],
        neighbours=tuple(DivisionCode(code) for code in table["neighbours"]),
        codes=codes.typed(_code_period),
        built_up_areas=tuple(_built_up(row) for row in table.get("built_up_area", ())),
        thresholds=table.get("thresholds", {}),
        expected=table.get("expected", {}),
        digest=hashlib.sha256(content + codes.digest.encode()).hexdigest(),
        neighbour_names=table.get("neighbour_names", {}),
        policy=table.get("policy", {}),
        synthetic=table.get("synthetic", False),
    )


def city_codes() -> tuple[str, ...]:
    """Codes of all profiles on file, sorted."""
    return tuple(sorted(p.parent.name for p in (data_dir() / "cities").glob("*/profile.toml")))


@cache
def city(code: str) -> CityProfile:
    """The profile of a city. Raises ConfigError when there is none or it is malformed."""
    if code not in city_codes():
        raise ConfigError("city_unknown", city=code, known=", ".join(city_codes()))
    folder = data_dir() / "cities" / code
    try:
        return _profile(folder)
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError("city_malformed", file=folder, detail=repr(error)) from error
