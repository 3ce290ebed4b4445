"""How easily names are confused: what must be alike, what must not, and that none is missed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.cities import city
from geo_service.domain.place import FeatureType
from geo_service.errors import InputError
from geo_service.language.likeness import Likeness, likeness
from geo_service.language.likeness_forms import PLAIN, Profile, profile_of
from geo_service.language.likeness_keys import filing_keys, probe_keys
from geo_service.language.likeness_tables import (
    dialects,
    lookalikes_of,
    sound_class,
    syllables_of,
    threshold,
    weight,
)
from geo_service.language.sound import sound_keys
from geo_service.lexicons import lexicon
from geo_service.messages import message

ROAD, ESTATE, VILLAGE = FeatureType.ROAD, FeatureType.ESTATE, FeatureType.VILLAGE
QINGDAO = profile_of(city("370200"), date(2026, 1, 1))
JIAOLIAO = Profile("jiaoliao")

# Characters that meet each other by every confusion of the tables, with numbers and prefixes.
NEAR = (
    "新兴信星大老青岛市南王汪荣龙隆农村"
    "福湖富虎飞辉三山上早找春存长常乐月行杭未末己已晴睛13一十两二幺东"
)
NAMES = st.text(NEAR, max_size=5)
PROFILES = st.sampled_from((PLAIN, QINGDAO, JIAOLIAO, Profile("jiaoliao", ("青岛",))))


def road(one: str, other: str, profile: Profile | None = None) -> Likeness:
    return likeness(f"{one}路", f"{other}路", ROAD, ROAD, profile)


def codes(found: Likeness) -> set[str]:
    return {reason.code for reason in found.reasons}


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        ("文登", "文灯", "same_sound"),
        ("安康", "安抗", "tone"),
        ("金水", "京水", "nasal"),
        ("成武", "陈武", "nasal"),
        ("南山", "囊山", "nasal"),
        ("张村", "脏村", "retroflex"),
        ("泥河", "梨河", "l_n_r"),
        ("荣成", "龙成", "l_n_r"),
        ("方山", "黄山", "f_h"),
        ("府前", "虎前", "f_h"),
        ("长征", "常征", "same_sound"),
        ("未明", "末明", "lookalike"),
        ("冶源", "治源", "lookalike"),
        ("平安", "安平", "order"),
        ("1三里", "13里", "spoken_number"),
        ("十三里", "13里", "spoken_number"),
        ("两河", "二河", "spoken_number"),
        ("1里", "幺里", "spoken_number"),
        ("新昌乐", "昌乐", "affix"),
        ("大昌乐", "老昌乐", "affix"),
        ("湘江东", "香江西", "derived"),
        ("昌邑", "昌邑", "same_specific"),
    ],
)
def test_confusable_for_a_stated_reason(one: str, other: str, code: str) -> None:
    found = road(one, other)
    assert found.confusable
    assert code in codes(found)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("山东", "山西"),
        ("昌邑", "昌乐"),
        ("王家庄", "李家庄"),
        ("东王家庄", "西王家庄"),
        ("昌邑", "昌"),
        ("大王", "新王"),
        ("末已", "未己"),
    ],
)
def test_one_clear_difference_keeps_names_apart(one: str, other: str) -> None:
    found = road(one, other)
    assert not found.confusable
    assert found.reasons


@pytest.mark.parametrize(
    "pair",
    [
        "中原/中园",
        "北新/北兴",
        "建新/建兴",
        "新荣/兴隆",
        "富元/富源",
        "新福/兴福",
        "大兴/大新",
        "龙新/龙兴",
        "龙源/龙元",
        "福新/福兴",
    ],
)
def test_pairs_that_an_office_called_confusable_stand_above_the_threshold(pair: str) -> None:
    assert road(*pair.split("/")).confusable


def test_two_near_syllables_are_still_near() -> None:
    assert road("金荣", "京龙").confusable
    assert road("成民", "陈明").confusable


def test_more_differences_are_never_more_alike() -> None:
    steps = ["金荣", "斤荣", "锦荣", "景荣", "景龙", "景东"]
    scores = [road("金荣", step).score for step in steps]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)


def test_members_of_a_family_are_a_system_and_no_confusion() -> None:
    found = road("昌邑东", "昌邑西")
    assert found.has("same_family")
    assert not found.confusable


def test_generics_do_not_count() -> None:
    assert likeness("昌邑路", "昌邑花园", ROAD, ESTATE).score == 1
    assert likeness("昌邑花园二期", "昌邑苑", ESTATE, ESTATE).score == 1
    assert likeness("昌邑村", "昌邑村民委员会", VILLAGE, VILLAGE).score == 1


def test_a_heteronym_may_be_alike_in_one_reading_only() -> None:
    certain, possible = road("长乐", "常乐"), road("长乐", "常月")
    assert possible.confusable
    assert possible.has("other_reading")
    assert possible.score < certain.score


@pytest.mark.parametrize(("one", "other"), [("荣昌", "榮昌"), ("囍山", "喜山")])
def test_traditional_and_rare_characters_are_heard_as_well(one: str, other: str) -> None:
    assert road(one, other).confusable


def test_the_same_pinyin_is_confusable_however_many_tones_differ() -> None:
    assert road("王家庄园", "往假装远").confusable


def test_places_of_the_city_count_as_prefixes_only_when_the_city_is_given() -> None:
    assert not road("青岛昌邑", "昌邑").confusable
    assert road("青岛昌邑", "昌邑", QINGDAO).has("affix")
    assert road("青岛市昌邑", "昌逸", QINGDAO).confusable


def test_a_dialect_counts_only_when_asked_for() -> None:
    assert dialects() == ("jiaoliao",)
    assert not road("仁和", "银河").confusable
    assert road("仁和", "银河", JIAOLIAO).has("dialect")


def test_a_dialect_without_a_table_is_refused() -> None:
    with pytest.raises(InputError):
        profile_of(city("370200"), date(2026, 1, 1), "cantonese")


def test_every_reason_can_be_read_in_both_languages() -> None:
    for code in {row["reason"] for row in _rows("likeness_confusions")}:
        assert message(f"likeness.{code}", one="甲", other="乙").zh
    for pair in (("长乐", "常月"), ("新昌", "昌"), ("两河", "二河"), ("平安", "安平")):
        assert all(reason.text.zh and reason.text.en for reason in road(*pair).reasons)


def _rows(table: str) -> tuple[dict[str, str], ...]:
    keys = {
        "likeness_confusions": ("profile", "kind", "one", "other"),
        "lookalike_characters": ("one", "other"),
    }
    return lexicon(table, *keys[table]).rows


def test_weights_keep_what_the_sidecar_promises() -> None:
    assert weight("other_initial") < threshold() > weight("other_final")
    assert weight("lookalike") ** 2 < threshold() < weight("lookalike")
    dialect = [
        float(r["similarity"]) for r in _rows("likeness_confusions") if r["profile"] != "standard"
    ]
    assert max(dialect) ** 3 < threshold() <= min(dialect) * weight("tone")
    standard = [
        float(r["similarity"]) for r in _rows("likeness_confusions") if r["profile"] == "standard"
    ]
    assert min(standard) * weight("tone") >= threshold()


def test_pairs_of_the_tables_are_written_in_one_order() -> None:
    for table in ("likeness_confusions", "lookalike_characters"):
        assert all(row["one"] < row["other"] for row in _rows(table))
    assert "末" in lookalikes_of("未")
    assert "未" in lookalikes_of("末")


def test_confusions_name_sounds_that_exist() -> None:
    sounds = {
        s.sound
        for row in lexicon("standard_characters", "character").rows
        for s in syllables_of(row["character"])
    }
    for row in _rows("likeness_confusions"):
        if row["kind"] == "syllable":
            assert {row["one"], row["other"]} <= sounds


def test_classes_join_what_is_confused_and_nothing_else() -> None:
    assert sound_class("xin") == sound_class("xing")
    assert sound_class("rong") == sound_class("long") == sound_class("nong")
    assert sound_class("fei") == sound_class("hui")
    assert sound_class("ba") != sound_class("pa")
    assert sound_class("ri") != sound_class("yi")


@given(NAMES, NAMES, PROFILES)
def test_likeness_is_symmetric_and_between_nought_and_one(
    one: str, other: str, profile: Profile
) -> None:
    there, back = road(one, other, profile), road(other, one, profile)
    assert there.score == back.score
    assert there.confusable == back.confusable
    assert 0 <= there.score <= 1
    assert there.reasons
    assert road(one, one, profile).score == 1


@given(NAMES, NAMES, PROFILES, st.sampled_from((ROAD, ESTATE, VILLAGE)))
@settings(max_examples=1000)
def test_whatever_is_confusable_is_found_by_its_keys(
    one: str, other: str, profile: Profile, kind: FeatureType
) -> None:
    generic = {ROAD: "路", ESTATE: "花园", VILLAGE: "村"}[kind]
    a, b = one + generic, other + generic
    if likeness(a, b, kind, kind, profile).score >= threshold():
        assert set(probe_keys(a, kind, profile)) & set(filing_keys(b, kind))


@given(st.text(NEAR, min_size=1, max_size=4), st.data())
@settings(max_examples=500)
def test_small_changes_are_found_by_their_keys(name: str, data: st.DataObject) -> None:
    """Pairs that differ little, which two independent texts seldom do."""
    place = data.draw(st.integers(0, len(name) - 1))
    near = data.draw(st.sampled_from(NEAR))
    other = data.draw(st.sampled_from(("", "新", "青岛"))) + name[:place] + near + name[place + 1 :]
    profile = data.draw(PROFILES)
    if road(name, other, profile).score >= threshold():
        probes = probe_keys(f"{name}路", ROAD, profile)
        assert set(probes) & set(filing_keys(f"{other}路", ROAD))


@given(st.text(NEAR, min_size=1, max_size=4))
def test_names_of_the_same_reading_share_a_filing_key(name: str) -> None:
    twin = "".join({"新": "信", "富": "福", "长": "常", "己": "已"}.get(c, c) for c in name)
    if set(sound_keys(name)) & set(sound_keys(twin)):
        assert set(filing_keys(f"{name}路", ROAD)) & set(filing_keys(f"{twin}路", ROAD))


def test_a_name_is_filed_under_few_keys() -> None:
    assert filing_keys("昌邑路", ROAD) == filing_keys("逸昌街", ROAD)
    assert len(filing_keys("昌邑路", ROAD)) == 1
    assert len(filing_keys("长乐行重朝路", ROAD)) <= 8


@given(st.text(max_size=12), st.text(max_size=12), st.sampled_from(FeatureType))
def test_any_text_can_be_compared(one: str, other: str, kind: FeatureType) -> None:
    assert 0 <= likeness(one, other, kind, kind).score <= 1
    assert filing_keys(one, kind)
    assert probe_keys(one, kind, Profile("jiaoliao", ("青岛",)))


@pytest.mark.parametrize(
    "name", ["", "路", "长" * 100_000, "1" * 100_000, "\ud800路", "🙂路", "\u202e路"]
)
def test_hostile_names_are_compared_like_others(name: str) -> None:
    assert road(name, name).score == 1
    assert road(name, "昌邑").score < 1
    assert sum(map(len, probe_keys(name, ROAD, JIAOLIAO))) < 10_000
