"""What must hold of the word lists behind the rules, beyond the examples of each rule."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.cities import city
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType
from geo_service.language.sound import sounds_of, toneless
from geo_service.lexicons import lexicon, read_table
from geo_service.resources import data_dir
from geo_service.rules.names import NameCase, NameContext, Standing, central_organ_name, odd_number
from geo_service.rules.names._firms import trade_name

PLACES = frozenset(("青岛", "崂山"))
LISTED = Path(__file__).parents[2] / "benchmarks" / "data" / "nonstandard_names_dev.csv"
TABLES = sorted((data_dir() / "lexicons").glob("*.csv"))
WORDS = (
    "exaggeration_words",
    "feudal_titles",
    "comparing_numbers",
    "taboo_words",
    "central_organ_names",
    "protected_marks",
    "chinese_persons",
    "firm_names",
)


@pytest.mark.parametrize(
    ("applicant", "expected"),
    [
        ("青岛澄澜置业有限公司", "澄澜"),
        ("山东省青岛市崂山区澄澜房地产开发集团有限公司", "澄澜"),
        ("澄澜（青岛）城市建设有限责任公司", "澄澜"),
        ("青岛城市建设投资集团有限公司", ""),
        ("青岛市某某局", ""),
        ("甄示例", ""),
        ("", ""),
        ("公司", ""),
    ],
)
def test_the_trade_name_stands_between_division_and_line_of_business(
    applicant: str, expected: str
) -> None:
    assert trade_name(applicant, PLACES) == expected


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_no_name_of_the_scored_lists_stands_in_a_table(path: Path) -> None:
    with LISTED.open(encoding="utf-8", newline="") as lines:
        listed = {cells["name"] for cells in csv.DictReader(lines)}
    assert listed
    assert not listed & {cell for cells in read_table(path, ()).body for cell in cells}


@pytest.mark.parametrize("table", WORDS)
def test_every_word_has_a_source(table: str) -> None:
    assert all(row["source"] for row in lexicon(table, "word").rows)


def test_a_taboo_reading_is_one_of_its_characters() -> None:
    for row in lexicon("taboo_words", "word").rows:
        assert bool(row["by_sound"]) == bool(row["reading"])
        if row["reading"]:
            syllables = toneless(row["reading"]).split()
            spoken = zip(syllables, row["word"], strict=True)
            assert all(syllable in sounds_of(character) for syllable, character in spoken), row


def test_no_compound_repeats_a_title_of_the_list() -> None:
    titles = {row["word"] for row in lexicon("feudal_titles", "word").rows}
    for row in lexicon("feudal_compounds", "head").rows:
        tails = row["tails"]
        assert len(set(tails)) == len(tails)
        assert not titles & {row["head"] + tail for tail in tails}


@given(st.text("一二两半十百千米克升海里杯加00", max_size=100))
def test_any_heap_of_numbers_and_measures_is_read_to_its_end(name: str) -> None:
    case = NameCase(name, FeatureType.ESTATE, Standing.PROPOSED)
    context = NameContext(city("370200"), date(2024, 6, 1))
    found = list(odd_number.RULE.check(case, context))
    assert all(evidence.key in name for evidence in found)


@pytest.mark.parametrize(("code", "asked"), [("370200", True), ("110100", False)])
def test_central_organs_are_asked_about_outside_the_capital_only(code: str, asked: bool) -> None:
    case = NameCase("新华门公寓", FeatureType.ESTATE, Standing.PROPOSED)
    profile = replace(city("370200"), code=DivisionCode(code))
    context = NameContext(profile, date(2024, 6, 1))
    assert bool(list(central_organ_name.RULE.check(case, context))) is asked
