"""A verdict can be replayed only if its digest changes with every limit of the city profile."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from geo_service import cities
from geo_service.resources import data_dir
from geo_service.services.digests import data_digest

SAMPLE = "990100"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("geo_service.cities.data_dir", lambda: tmp_path)
    return tmp_path / "cities"


def copy(folder: Path, code: str, file: str = "profile.toml", old: str = "", new: str = "") -> str:
    shutil.copytree(data_dir() / "cities" / SAMPLE, folder / code)
    path = folder / code / file
    before = path.read_text(encoding="utf-8")
    assert old in before
    path.write_text(before.replace(old, new), encoding="utf-8")
    return cities.city(code).digest


def test_limits_names_and_codes_all_count(folder: Path) -> None:
    plain = copy(folder, "990301")
    same = copy(folder, "990302")
    limit = copy(folder, "990303", old="gap_min_area_m2 = 1.0", new="gap_min_area_m2 = 2.0")
    codes = copy(folder, "990304", "codes.csv", "甲区", "甲乙区")
    assert plain == same
    assert len({plain, limit, codes}) == 3


def test_the_digest_of_a_verdict_tells_cities_apart() -> None:
    assert len({data_digest(cities.city(code)) for code in cities.city_codes()}) == len(
        cities.city_codes()
    )
