"""Series of names: what belongs to which, and which one a set of specifics follows."""

from __future__ import annotations

import pytest

from geo_service.domain.place import FeatureType
from geo_service.language.family import family_of
from geo_service.language.series import followed_series, series_of, words_of
from geo_service.lexicons import lexicon
from geo_service.messages import message

KINDS = lexicon("name_series_kinds", "series").rows
SERIES = [row["series"] for row in KINDS]


@pytest.mark.parametrize(
    ("specific", "series"),
    [
        ("江西", {"provinces", "divisions"}),
        ("福州", {"cities", "divisions"}),
        ("莘县", {"counties", "divisions"}),
        ("泰山", {"mountains", "landforms"}),
        ("月亮湖", {"lakes", "landforms", "waters"}),
        ("青龙峡", {"gorges", "landforms"}),
        ("银杏", {"trees", "plants"}),
        ("锦绣", set()),
        ("山", set()),
        ("", set()),
    ],
)
def test_a_specific_belongs_by_its_word_or_by_its_ending(specific: str, series: set[str]) -> None:
    assert series_of(specific) == series


@pytest.mark.parametrize("specific", ["香港", "澳门", "台湾"])
def test_hong_kong_macao_and_taiwan_stand_among_the_provinces(specific: str) -> None:
    assert series_of(specific) == series_of("山东")


def test_places_of_taiwan_province_stand_among_those_of_china() -> None:
    assert {"台北", "高雄"} <= set(words_of("cities"))
    assert {"宜兰", "澎湖"} <= set(words_of("counties"))


@pytest.mark.parametrize("specific", ["中山", "台湾", "银河"])
def test_what_only_ends_like_a_series_is_none_of_it(specific: str) -> None:
    assert "landforms" not in series_of(specific)
    assert "waters" not in series_of(specific)


def test_the_greatest_share_counts_and_the_narrower_of_equal_ones() -> None:
    first, wider = followed_series(["江西", "香港", "锦绣"], 0.5)
    assert (first.series, first.specifics) == ("provinces", ("江西", "香港"))
    assert wider.series == "divisions"
    assert first.share == pytest.approx(2 / 3)
    mixed = followed_series(["江西", "香港", "福州", "泉城"], 0.5)
    assert [row.series for row in mixed] == ["divisions", "provinces"]


def test_no_series_without_enough_of_it() -> None:
    assert followed_series(["江西", "锦绣", "听澜"], 0.5) == ()
    assert followed_series([], 0.5) == ()
    assert followed_series(["江西", "江西", "锦绣", "听澜"], 0.5) == ()


def test_every_series_has_its_name_and_its_parts_exist() -> None:
    for row in KINDS:
        assert message(f"series.{row['series']}").zh
        assert set(row["parts"].split()) <= set(SERIES)
        assert row["parts"] or row["endings"] or words_of(row["series"])
    listed = {row["series"] for row in lexicon("name_series", "series", "word").rows}
    assert listed <= set(SERIES)


@pytest.mark.parametrize(
    ("series", "generic"),
    [("divisions", "路"), *(("provinces", g) for g in ("东路", "中路", "二路", "支路"))],
)
def test_a_road_of_a_division_keeps_its_specific_whole(series: str, generic: str) -> None:
    roots = {word: family_of(word + generic, FeatureType.ROAD).root for word in words_of(series)}
    assert {word: root for word, root in roots.items() if root != word} == {}
