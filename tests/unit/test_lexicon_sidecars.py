"""Every word list says what its columns mean, whence it comes and under which licence."""

from __future__ import annotations

import csv
import tomllib
from datetime import date
from pathlib import Path

import pytest

from geo_service.lexicons import lexicon
from geo_service.resources import data_dir

TABLES = sorted((data_dir() / "lexicons").glob("*.csv"))
FACTS = ("title", "source", "licence", "curator", "version")


def sidecar(table: Path) -> dict[str, object]:
    return tomllib.loads(table.with_suffix(".toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.stem)
def test_a_table_is_described_keyed_and_sorted(table: Path) -> None:
    about = sidecar(table)
    assert all(str(about[fact]).strip() for fact in FACTS)
    assert date.fromisoformat(str(about["date"])) <= date(2026, 12, 31)
    with table.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    columns, key = about["columns"], about["key"]
    assert isinstance(columns, dict)
    assert isinstance(key, list)
    assert list(columns) == header
    rows = lexicon(table.stem, *key).rows
    keys = [tuple(row[column] for column in key) for row in rows]
    assert keys == sorted(keys)


def test_every_sidecar_has_its_table() -> None:
    described = {path.stem for path in (data_dir() / "lexicons").glob("*.toml")}
    assert described == {table.stem for table in TABLES}


def test_words_of_titles_are_never_single_characters() -> None:
    for name in ("feudal_titles", "exaggeration_words", "comparing_numbers"):
        assert all(len(row["word"]) > 1 for row in lexicon(name, "word").rows)


def test_every_word_of_a_list_has_a_source_and_drafts_are_marked() -> None:
    for name in ("feudal_titles", "exaggeration_words"):
        for row in lexicon(name, "word").rows:
            assert row["source"]
            assert (row["aspect"] == "notice") == row["source"].startswith("N18")
            assert not (row["source"].startswith("SDB") and row["aspect"] != "draft")


def test_no_listed_homograph_stands_among_the_foreign_names() -> None:
    foreign = {row["name"] for row in lexicon("foreign_names", "name").rows}
    rows = lexicon("foreign_homographs", "word").rows
    assert not foreign & {row["word"] for row in rows if row["kind"] != "crossing"}
