"""Written forms: normal form, hidden characters, standard characters, splitting."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geo_service.domain.place import FeatureType
from geo_service.language.characters import (
    is_han,
    is_local,
    is_standard,
    standard_character,
    standard_form,
)
from geo_service.language.normalise import (
    Alteration,
    altered_characters,
    hidden_characters,
    normal_form,
    visible,
)
from geo_service.language.split import likely_type, split_name, stacked_generics
from geo_service.lexicons import lexicon


@pytest.mark.parametrize(
    "written",
    [
        "香港中路",
        " 香港中路 ",
        "香港 中路",
        "香港\u200b中路",
        "\u202e香港中路\u202c",
        "香港\u3000中路",
    ],
)
def test_blanks_and_invisible_characters_do_not_tell_names_apart(written: str) -> None:
    assert normal_form(written) == "香港中路"


def test_width_and_compatibility_forms_are_one() -> None:
    assert normal_form("Ａ座１号") == "A座1号"
    assert normal_form("\uf96a\ufa0c") == "索兀"


def test_different_characters_stay_different() -> None:
    assert normal_form("云霄路") != normal_form("云肖路")
    assert normal_form("崂山") != normal_form("嶗山")


@given(st.text(max_size=40))
@example("A\u00b4")
def test_normal_form_is_stable_and_visible(text: str) -> None:
    once = normal_form(text)
    assert normal_form(once) == once
    assert not hidden_characters(once)
    assert once == unicodedata.normalize("NFKC", once)


def test_radicals_are_the_characters_they_look_like() -> None:
    assert normal_form("\u2ee2家\u2f2d路") == "马家山路"
    other = standard_form("\u2ee2")
    assert other is not None
    assert (other.standard, other.variant) == ("马", False)


def test_every_alteration_is_told_with_its_code_point() -> None:
    found = altered_characters("\u2ee2家\u2f2d嶗霑\u200b\uff21\uf96a")
    assert [(a.position, a.code_point, a.becomes, a.why) for a in found] == [
        (0, "U+2EE2", "马", Alteration.RADICAL),
        (2, "U+2F2D", "山", Alteration.RADICAL),
        (3, "U+5D97", "崂", Alteration.TRADITIONAL),
        (4, "U+9711", "沾", Alteration.VARIANT),
        (5, "U+200B", "", Alteration.HIDDEN),
        (6, "U+FF21", "A", Alteration.WIDTH),
        (7, "U+F96A", "索", Alteration.COMPATIBILITY),
    ]
    assert [a.position for a in found if not a.applied] == [3, 4]
    assert altered_characters("香港中路A1") == ()


@given(st.text(max_size=40))
def test_what_is_not_altered_is_compared_as_it_stands(text: str) -> None:
    altered = {a.position for a in altered_characters(text) if a.applied}
    kept = "".join(c for i, c in enumerate(text) if i not in altered)
    assert all(normal_form(c) == c for c in kept)


@given(st.text())
def test_what_is_shown_hides_nothing_but_blanks(text: str) -> None:
    shown = visible(text)
    assert all(c in "\n\t" or c.isspace() for c in shown if hidden_characters(c))
    assert visible(shown) == shown
    assert (shown == text) or hidden_characters(text)


def test_hidden_characters_are_told_with_code_point_and_place() -> None:
    (hidden,) = hidden_characters("香港\u200b中路")
    assert (hidden.position, hidden.code_point) == (2, "U+200B")
    assert hidden.title == "ZERO WIDTH SPACE"


def test_the_table_has_all_characters_in_three_levels() -> None:
    table = lexicon("standard_characters", "character")
    rows = [standard_character(cells["character"]) for cells in table.rows]
    levels = [row.level for row in rows if row]
    assert len(rows) == 8105
    assert (levels.count(1), levels.count(2), levels.count(3)) == (3500, 3000, 1605)
    assert sorted(row.number for row in rows if row) == list(range(1, 8106))
    assert all(row and row.readings for row in rows)


def test_traditional_forms_have_their_standard_form_and_standard_ones_none() -> None:
    for traditional, standard in zip("嶗島灣興", "崂岛湾兴", strict=True):
        other = standard_form(traditional)
        assert other is not None
        assert (other.standard, other.variant) == (standard, False)
    variant = standard_form("霑")
    assert variant is not None
    assert variant.variant
    for kept in "乾藉崂岛":
        assert is_standard(kept)
        assert standard_form(kept) is None


def test_every_other_form_leads_into_the_table_from_outside() -> None:
    for cells in lexicon("traditional_forms", "character").rows:
        assert not is_standard(cells["character"])
        assert is_standard(cells["standard"])


def test_local_characters_belong_to_their_city() -> None:
    assert is_local("琊", "370200")
    assert not is_local("琊", "110000")
    assert not is_local("嶺", "370200")


def test_han_is_told_from_marks_and_letters() -> None:
    assert all(map(is_han, "中〇㐀𠀀\u2f00\uf900"))
    assert not any(map(is_han, "A1·・（,ㄅあ한"))


@pytest.mark.parametrize(
    ("name", "kind", "parts"),
    [
        ("香港中路", FeatureType.ROAD, ("香港", "", "中", "路")),
        ("延安三路", FeatureType.ROAD, ("延安", "三", "", "路")),
        ("五四路", FeatureType.ROAD, ("五四", "", "", "路")),
        ("山东路", FeatureType.ROAD, ("山东", "", "", "路")),
        ("侯马路", FeatureType.ROAD, ("侯马", "", "", "路")),
        ("玉环路", FeatureType.ROAD, ("玉环", "", "", "路")),
        ("黔东南路", FeatureType.ROAD, ("黔东南", "", "", "路")),
        ("二马路", FeatureType.ROAD, ("", "二", "", "马路")),
        ("侯马大马路", FeatureType.ROAD, ("侯马大", "", "", "马路")),
        ("库车站", FeatureType.FACILITY, ("库车", "", "", "站")),
        ("库车火车站", FeatureType.FACILITY, ("库车", "", "", "火车站")),
        ("滨海大道", FeatureType.ROAD, ("滨海", "", "", "大道")),
        ("凤桐雅苑", FeatureType.ESTATE, ("凤桐", "", "", "雅苑")),
        ("沙子口街道", FeatureType.UNIT, ("沙子口", "", "", "街道")),
        ("大厦", FeatureType.BUILDING, ("", "", "", "大厦")),
        ("云栖蝶谷", FeatureType.ESTATE, ("云栖蝶谷", "", "", "")),
        ("", FeatureType.ROAD, ("", "", "", "")),
    ],
)
def test_names_fall_into_their_parts(
    name: str, kind: FeatureType, parts: tuple[str, str, str, str]
) -> None:
    found = split_name(name, kind)
    assert (found.specific, found.ordinal, found.modifier, found.generic) == parts


@given(
    st.text(alphabet="香港中东三五路街大道广场花园厦村山", max_size=8), st.sampled_from(FeatureType)
)
def test_the_parts_join_to_the_whole(name: str, kind: FeatureType) -> None:
    parts = split_name(name, kind)
    assert parts.root + parts.generic == name


def test_stacks_are_of_buildings_only() -> None:
    assert stacked_generics("海信花园大厦", FeatureType.BUILDING) == ("花园", "大厦")
    assert stacked_generics("翠苑公寓", FeatureType.ESTATE) == ("苑", "公寓")
    assert stacked_generics("连城广场", FeatureType.ESTATE) is None
    assert stacked_generics("桂花园小区", FeatureType.ESTATE) is None
    assert stacked_generics("福雅苑公寓", FeatureType.ESTATE) == ("苑", "公寓")
    assert stacked_generics("花园小区", FeatureType.ESTATE) == ("花园", "小区")
    assert stacked_generics("解放路南小街", FeatureType.ROAD) is None


def test_the_generic_tells_the_likely_type() -> None:
    assert likely_type("香港中路") is FeatureType.ROAD
    assert likely_type("玉皇庙村") is FeatureType.VILLAGE
    assert likely_type("王府村") is FeatureType.VILLAGE
    assert likely_type("文化新村") is FeatureType.ESTATE
    assert likely_type("滨海花园") is FeatureType.ESTATE
    assert likely_type("无名") is None
