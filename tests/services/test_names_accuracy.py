"""The verdict on listed and on approved names is right often enough (benchmarks/accuracy_names)."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from geo_service.lexicons import read_table
from geo_service.resources import data_dir

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "accuracy_names.py"

WORD_LISTS = [
    table
    for table in sorted((data_dir() / "lexicons").glob("*.csv"))
    if {"source"} <= (head := set(read_table(table, ()).header)) and head & {"word", "name"}
]


@pytest.fixture(scope="module")
def accuracy() -> ModuleType:
    spec = importlib.util.spec_from_file_location("accuracy_names", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Its worker processes look the module up by this name.
    sys.modules["accuracy_names"] = module
    spec.loader.exec_module(module)
    return module


def _share(part: int, rows: list[object]) -> float:
    return part / len(rows)


def test_most_names_listed_as_nonstandard_do_not_pass(accuracy: ModuleType) -> None:
    rows = [row for row in accuracy.nonstandard() if row.kind != "other"]
    assert len(rows) == 77
    scored = accuracy.score(rows)
    assert _share(sum(s.is_flagged for s in scored), rows) >= 0.8


@pytest.mark.parametrize("standing", ["proposed", "existing"])
def test_approved_names_are_neither_forbidden_nor_often_questioned(
    accuracy: ModuleType, standing: str
) -> None:
    rows = accuracy.approved()
    assert len(rows) == 212
    scored = accuracy.score([accuracy.replace(row, standing=standing) for row in rows])
    assert sum(s.outcome == "fail" for s in scored) == 0
    assert _share(sum(s.is_flagged for s in scored), rows) <= 0.05
    hard = [s for s in scored if s.row.is_hard]
    assert _share(sum(s.is_flagged for s in hard), hard) <= 0.15


@pytest.mark.parametrize("table", WORD_LISTS, ids=lambda table: table.stem)
def test_no_word_rests_on_the_list_of_a_city_alone(accuracy: ModuleType, table: Path) -> None:
    cities = {mark: names for mark, names in accuracy.CITED_AS.items() if mark.endswith("市")}
    assert len(cities) >= 5
    rows = accuracy.read_table(table, ()).rows
    resting = [
        r for r in rows for marks in cities.values() if accuracy.cites_only(r["source"], marks)
    ]
    assert resting == []
