"""Names of the real city: county-level units, townships and villages, from lists without places."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from geo_service.cities import CityProfile
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Force, Provenance
from geo_service.errors import InputError
from geo_service.messages import message
from geo_service.services.samples.names import both, provenance

_PSEUDO = range(400, 600)
"""Serials of units that statistics count like townships (统计用区划代码编制规则)."""


def city_names(city: CityProfile, divisions_dir: Path) -> tuple[NamedPlace, ...]:
    """All names of the city by code: units of today's codes, townships, villages.

    No record has a position, since the lists give none. Raises InputError (`divisions_missing`)
    when the lists have not been fetched, or hold nothing of this city.
    """
    listed = provenance(Force.EVALUATION, "list")
    places = [
        *_county_units(city),
        *_townships(_rows(divisions_dir / "streets.csv", city), listed),
        *_villages(_rows(divisions_dir / "villages.csv", city), listed),
    ]
    return tuple(sorted(places, key=lambda place: place.id))


def _rows(path: Path, city: CityProfile) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            wanted = city.code.significant
            rows = [row for row in csv.DictReader(file) if row["cityCode"] == wanted]
    except FileNotFoundError:
        rows = []
    if not rows:
        raise InputError("divisions_missing", file=path, city=city.code)
    return rows


def _county_units(city: CityProfile) -> Iterator[NamedPlace]:
    licence = both(message("samples.code_licence"))
    for row in city.codes:
        if row.period.end is None:
            source = message("samples.code_source", city=city.code, source=row.source)
            yield NamedPlace(
                id=row.code,
                name=row.name,
                feature_type=FeatureType.UNIT,
                provenance=Provenance(both(source), licence, Force.EVALUATION),
                unit_code=row.code,
                period=row.period,
            )


def _townships(rows: Iterable[dict[str, str]], listed: Provenance) -> Iterator[NamedPlace]:
    pseudo = replace(listed, note=both(message("samples.pseudo_unit_note")))
    for row in rows:
        code = DivisionCode(row["code"])
        yield NamedPlace(
            id=code,
            name=row["name"],
            feature_type=FeatureType.UNIT,
            provenance=pseudo if int(code[6:]) in _PSEUDO else listed,
            unit_code=code,
        )


def _villages(rows: Iterable[dict[str, str]], listed: Provenance) -> Iterator[NamedPlace]:
    for row in rows:
        code = DivisionCode(row["code"])
        yield NamedPlace(
            id=code,
            name=row["name"],
            feature_type=FeatureType.VILLAGE,
            provenance=listed,
            unit_code=code,
        )
