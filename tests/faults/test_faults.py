"""Every bad file is refused or warned about as `expected.csv` says; none ends in a traceback."""

from __future__ import annotations

import csv
import importlib.util
import os
import warnings
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from geo_service import cities
from geo_service.domain.change import RecordKind
from geo_service.services.interchange.reading import ReadResult, read_records

HERE = Path(__file__).parent
TODAY = date(2026, 11, 23)
LEVELS = {"refused": "error", "warned": "warning"}


def _corpus(script: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"fault_corpus_{script}", HERE / f"{script}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _rows(table: str) -> list[dict[str, str]]:
    with (HERE / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


FIRST, SECOND, ROADS = _corpus("build"), _corpus("second"), _corpus("roads")
OTHERS = {"second": SECOND, "roads": ROADS}
"""What lies in a folder of this name; these are for the invented city."""
EXPECTED = _rows("expected.csv")


def _build(name: str, folder: Path) -> Path:
    corpus: ModuleType = OTHERS.get(name.partition("/")[0], FIRST)
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    corpus.FILES[name](path)
    return path


def _read(row: Mapping[str, str], path: Path) -> ReadResult:
    city = cities.city("990100" if row["file"].partition("/")[0] in OTHERS else "370200")
    return read_records(path, RecordKind(row["as"]), city=city, today=TODAY)


@pytest.fixture(scope="module")
def read(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, ReadResult]:
    """What is said of every file asked for; each is read by a process of its own anyway."""
    folder = tmp_path_factory.mktemp("faults")
    asked = [
        item.callspec.params["row"]
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and item.path == Path(__file__)
        and "read" in item.fixturenames
    ]
    with warnings.catch_warnings():  # GDAL's words on the bad layers while they are built
        warnings.simplefilter("ignore")
        paths = [_build(row["file"], folder) for row in asked]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(_read, asked, paths)
        return {row["file"]: result for row, result in zip(asked, results, strict=True)}


def test_the_table_names_every_file_once() -> None:
    files = sorted([*FIRST.FILES, *SECOND.FILES, *ROADS.FILES])
    assert sorted(row["file"] for row in EXPECTED) == files
    assert len(files) >= 350
    assert all(row["rule"] for row in EXPECTED)
    assert {row["outcome"] for row in EXPECTED} == set(LEVELS)


def test_every_class_cites_the_sentence_that_decides_it() -> None:
    sentences = {row["code"]: row for row in _rows("sentences.csv")}

    assert {row["code"] for row in EXPECTED} <= sentences.keys()
    assert all(row["sentence"] and row["where"] for row in sentences.values())


@pytest.mark.parametrize("row", [pytest.param(row, id=row["file"]) for row in EXPECTED])
def test_a_bad_file_is_told_as_the_table_says(
    row: dict[str, str], read: dict[str, ReadResult]
) -> None:
    if row["file"].endswith(".parquet") and "vrt" not in row["file"]:
        pytest.importorskip("pyarrow")
    result = read[row["file"]]

    assert result.refused is (row["outcome"] == "refused")
    told = {
        (issue.level.value, issue.code, "" if issue.row is None else str(issue.row), issue.field)
        for issue in result.issues
    }
    assert (LEVELS[row["outcome"]], row["code"], row["row"], row["field"]) in told
    for issue in result.issues:
        for lang in ("zh", "en"):
            said = issue.to_json(lang)
            assert said["message"] and said["hint"]
            assert "{" not in said["message"] + said["hint"]
            assert "Traceback" not in said["message"]


def test_the_same_seed_makes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("encodings/noise.csv", "geopackage/noise.gpkg", "archives/checksum.kmz"):
        one, other = _build(name, tmp_path / "a"), _build(name, tmp_path / "b")
        assert one.read_bytes() == other.read_bytes()
