"""Names that read like foreign words written by sound are told from Chinese ones."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.language.transliteration import strongest_run, transliterated_run
from geo_service.lexicons import lexicon

WEIGHTS = {"斯": 6.0, "特": 5.0, "林": -1.0, "城": -2.5}

# Small places abroad or made up; none stands among the listed foreign names.
FOREIGN = ["克雷斯皮埃", "韦尔比耶", "埃吉斯海姆", "萨法尼亚", "特雷斯维索", "奥尔恰蒂科"]
CHINESE = [
    *("东海", "福寿", "常德", "安德", "明德", "泰安", "大理", "文登", "德惠", "兴隆", "长青"),
    *("观海", "尚德", "丽景", "维明", "林萃", "兰亭"),
]


@pytest.mark.parametrize("name", FOREIGN)
def test_what_follows_a_foreign_sound_is_seen_on_no_list(name: str) -> None:
    run = transliterated_run(name)
    assert run is not None
    assert name[run.start : run.end] == run.text


@pytest.mark.parametrize("name", CHINESE)
def test_chinese_names_with_one_such_character_are_left_alone(name: str) -> None:
    assert transliterated_run(name) is None


def test_the_made_up_names_are_on_no_list() -> None:
    listed = {row["name"] for row in lexicon("foreign_names", "name").rows}
    assert not listed & set(FOREIGN)


def test_the_run_stops_at_characters_that_no_transliteration_uses() -> None:
    assert strongest_run("水斯特滨", WEIGHTS).text == "斯特"
    assert strongest_run("斯滨特", WEIGHTS).score == 0.0
    assert strongest_run("斯城特", WEIGHTS).text == "斯城特"


def test_a_single_character_is_no_run() -> None:
    assert strongest_run("斯", WEIGHTS).text == ""
    assert strongest_run("", WEIGHTS).text == ""


def _never_in_debt(part: str) -> bool:
    sums = list(accumulate(WEIGHTS.get(c, float("-inf")) for c in part))
    return all(total > 0 for total in sums)


@given(st.text(st.sampled_from("斯特林城水"), max_size=12))
def test_no_run_whose_sum_stays_positive_scores_higher(text: str) -> None:
    best = strongest_run(text, WEIGHTS).score
    for start in range(len(text)):
        for end in range(start + 2, len(text) + 1):
            if _never_in_debt(part := text[start:end]):
                assert sum(WEIGHTS[c] for c in part) <= best + 1e-9


def test_the_weights_are_what_their_counts_say() -> None:
    rows = lexicon("transliteration_syllables", "character").rows
    by_ratio = sorted(rows, key=lambda r: (int(r["foreign"]) + 2) / (int(r["chinese"]) + 2))
    weights = [float(row["weight"]) for row in by_ratio]
    assert weights == sorted(weights)


def test_the_limits_let_through_few_chinese_names() -> None:
    rows = lexicon("transliteration_limits", "characters").rows
    assert sum(float(row["false_alarms"]) for row in rows) <= 0.003
