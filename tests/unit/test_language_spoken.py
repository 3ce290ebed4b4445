"""Sound and spelling: readings, sound keys, romanisation by the rules of 1984."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.domain.place import FeatureType, ReadingSource
from geo_service.language.readings import read
from geo_service.language.romanisation import ordinal_value, romanise
from geo_service.language.sound import MAX_KEYS, sound_keys, toneless
from geo_service.lexicons import lexicon

ROAD, ESTATE, VILLAGE = FeatureType.ROAD, FeatureType.ESTATE, FeatureType.VILLAGE


def share_a_sound(one: str, other: str) -> bool:
    return bool(set(sound_keys(one)) & set(sound_keys(other)))


def test_tones_do_not_count_and_umlauts_do() -> None:
    assert toneless("lǜ") == "lv"
    assert toneless("shān") == "shan"
    assert sound_keys("绿山路")[0] != sound_keys("鹿山路")[0]


def test_same_sound_in_other_characters_shares_a_key() -> None:
    assert share_a_sound("云霄路", "云肖路")
    assert share_a_sound("湘江路", "香江路")
    assert not share_a_sound("云岭路", "云宁路")


def test_every_reading_of_a_heteronym_counts() -> None:
    assert share_a_sound("长乐路", "常月路")
    assert share_a_sound("长乐路", "常勒路")


def test_blanks_do_not_change_the_sound() -> None:
    assert sound_keys("香港 中路") == sound_keys("香港中路")


@given(st.text(alphabet="长乐行重都阿朝单会中大", min_size=1, max_size=30))
def test_the_number_of_keys_is_bounded(name: str) -> None:
    keys = sound_keys(name)
    assert 1 <= len(keys) <= MAX_KEYS
    assert len(set(keys)) == len(keys)
    assert all(len(key.split()) == len(name) for key in keys)


def test_unknown_characters_stand_for_themselves() -> None:
    assert sound_keys("A路") == ("A lu",)


# Spellings published by Haiyan, Xiuzhou, Jiashan and Zhangjiagang, and the examples of the rules.
@pytest.mark.parametrize(
    ("name", "kind", "spelling"),
    [
        ("紫薇路", ROAD, "Zǐwēi Lù"),
        ("长南路", ROAD, "Chángnán Lù"),
        ("稻丰路", ROAD, "Dàofēng Lù"),
        ("曲泾路", ROAD, "Qǔjīng Lù"),
        ("紫云路", ROAD, "Zǐyún Lù"),
        ("荫家桥路", ROAD, "Yīnjiāqiáo Lù"),
        ("高科路", ROAD, "Gāokē Lù"),
        ("圆航路", ROAD, "Yuánháng Lù"),
        ("天生港路", ROAD, "Tiānshēnggǎng Lù"),
        ("缪家堰桥", FeatureType.FACILITY, "Miàojiāyàn Qiáo"),
        ("珑港华庭", ESTATE, "Lónggǎng Huátíng"),
        ("凤桐雅苑", ESTATE, "Fèngtóng Yǎyuàn"),
        ("学府南路", ROAD, "Xuéfǔ Nánlù"),
        ("景山后街", ROAD, "Jǐngshān Hòujiē"),
        ("三八路", ROAD, "Sānbā Lù"),
        ("经五路", ROAD, "Jīng 5 Lù"),
        ("延安三路", ROAD, "Yán'ān 3 Lù"),
        ("西安路", ROAD, "Xī'ān Lù"),
        ("太行山", FeatureType.NATURAL, "Tàiháng Shān"),
        ("王村", VILLAGE, "Wángcūn"),
        ("周口店", VILLAGE, "Zhōukǒudiàn"),
        ("单县", FeatureType.UNIT, "Shàn Xiàn"),
        ("市南区", FeatureType.UNIT, "Shìnán Qū"),
    ],
)
def test_spelling(name: str, kind: FeatureType, spelling: str) -> None:
    assert romanise(name, kind).text == spelling


@pytest.mark.parametrize("name", ["乐陵路", "单县路", "即墨路", "泊里路", "六安路"])
def test_listed_names_have_a_stored_reading(name: str) -> None:
    assert romanise(name, ROAD).reading_source is ReadingSource.STORED


def test_other_readings_are_said_to_be_guessed() -> None:
    assert romanise("云霄路", ROAD).reading_source is ReadingSource.GUESSED


def test_the_longest_listed_name_wins() -> None:
    assert [reading.syllable for reading in read("太行山")] == ["tài", "háng", "shān"]
    assert [reading.syllable for reading in read("银行")] == ["yín", "háng"]


def test_readings_of_the_table_match_their_characters() -> None:
    for cells in lexicon("place_readings", "name").rows:
        syllables = [toneless(s) for s in cells["reading"].split()]
        assert len(syllables) == len(cells["name"])
        assert all(syllable.isalpha() and syllable.isascii() for syllable in syllables)


@pytest.mark.parametrize(
    ("numeral", "value"),
    [("三", 3), ("十", 10), ("二十一", 21), ("一百零", None), ("一二", 12), ("12", 12), ("", None)],
)
def test_ordinals(numeral: str, value: int | None) -> None:
    assert ordinal_value(numeral) == value


@given(st.text(max_size=30), st.sampled_from(FeatureType))
def test_any_text_can_be_spelt(text: str, kind: FeatureType) -> None:
    spelling = romanise(text, kind).text
    assert spelling == spelling.strip()
