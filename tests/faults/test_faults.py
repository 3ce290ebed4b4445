"""Every bad file is refused or warned about as `expected.csv` says; none ends in a traceback."""

from __future__ import annotations

import csv
import importlib.util
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from geo_service import cities
from geo_service.domain.change import RecordKind
from geo_service.services.interchange.reading import read_records

HERE = Path(__file__).parent
TODAY = date(2026, 11, 23)
LEVELS = {"refused": "error", "warned": "warning"}


def _corpus() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fault_corpus", HERE / "build.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CORPUS = _corpus()
with (HERE / "expected.csv").open(encoding="utf-8", newline="") as _file:
    EXPECTED = list(csv.DictReader(_file))


def test_the_table_names_every_file_once() -> None:
    assert sorted(row["file"] for row in EXPECTED) == sorted(CORPUS.FILES)
    assert len(EXPECTED) >= 120
    assert all(row["rule"] for row in EXPECTED)
    assert {row["outcome"] for row in EXPECTED} == set(LEVELS)


@pytest.mark.filterwarnings("ignore")  # GDAL's words on the bad layers while they are built
@pytest.mark.parametrize("row", [pytest.param(row, id=row["file"]) for row in EXPECTED])
def test_a_bad_file_is_told_as_the_table_says(row: dict[str, str], tmp_path: Path) -> None:
    if row["file"].endswith(".parquet") and "vrt" not in row["file"]:
        pytest.importorskip("pyarrow")
    path = CORPUS.build(row["file"], tmp_path)
    city = cities.city("370200")

    result = read_records(path, RecordKind(row["as"]), city=city, today=TODAY)

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
        one, other = CORPUS.build(name, tmp_path / "a"), CORPUS.build(name, tmp_path / "b")
        assert one.read_bytes() == other.read_bytes()
