"""Verdicts on names: the words of the law, its dates, and the register within the legal area."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import shapely

from geo_service.cities import city
from geo_service.domain.change import Change, Operation, Record
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.finding import Outcome, Severity, Verdict
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus
from geo_service.domain.provenance import Provenance
from geo_service.errors import InputError
from geo_service.lexicons import lexicon
from geo_service.messages import explain
from geo_service.resources import data_dir
from geo_service.rules.names import Standing
from geo_service.services.names import MAX_LENGTH, NameRequest, check_name
from geo_service.services.wire import verdict_json
from geo_service.store.opening import open_store
from geo_service.store.protocol import Store

QINGDAO = city("370200")
DAY = date(2024, 6, 1)
ROAD, ESTATE, BUILDING = FeatureType.ROAD, FeatureType.ESTATE, FeatureType.BUILDING
VILLAGE, UNIT = FeatureType.VILLAGE, FeatureType.UNIT
NEW, OLD, KEPT = Standing.PROPOSED, Standing.EXISTING, Standing.PROTECTED
SOURCE = Provenance("test")


def verdict(
    name: str,
    kind: FeatureType,
    standing: Standing = NEW,
    *,
    on: date = DAY,
    store: Store | None = None,
    position: tuple[float, float] | None = None,
    unit: str = "",
    record: str = "",
) -> Verdict:
    code = DivisionCode(unit) if unit else None
    request = NameRequest(name, kind, standing, on, position, code, record)
    return check_name(request, QINGDAO, store)


def rules(found: Verdict, at_least: Severity = Severity.HUMAN) -> set[str]:
    return {finding.rule_id for finding in found.findings if finding.severity >= at_least}


# --- the four names the bureau asked for, and ten of our own ---------------------------------

FAILS = [
    ("曼哈顿广场", ESTATE, NEW, "NM-FOR-01"),
    ("EE新城", ESTATE, NEW, "NM-CHAR-03"),
    ("巴黎之春花园", ESTATE, NEW, "NM-FOR-01"),
    ("Ω海岸公寓", ESTATE, NEW, "NM-CHAR-03"),
    ("澄澜66大厦", BUILDING, NEW, "NM-CHAR-03"),
    ("鳌嶺三路", ROAD, NEW, "NM-CHAR-01"),
    ("小夏威夷街", ROAD, NEW, "NM-FOR-01"),
]

PASSES = [
    ("台湾路", ROAD, NEW),
    ("玉皇庙村", VILLAGE, OLD),
    ("澄澜花园", ESTATE, NEW),
    ("鳌岭三路", ROAD, NEW),
    ("安泰国际中学", FeatureType.FACILITY, NEW),
    ("二〇八号界石村", VILLAGE, OLD),
    ("皇甫家疃", VILLAGE, OLD),
    ("零陵路", ROAD, NEW),
    ("京东路", ROAD, NEW),
]


REVIEWS = [
    ("碧澜壹号公寓", ESTATE, NEW, "NM-ODD-01"),
    ("澄波花园大厦", BUILDING, NEW, "NM-FORM-02"),
    ("规划七路", ROAD, NEW, "NM-TEMP-01"),
    ("海澜环球中心", BUILDING, NEW, "NM-BIG-01"),
    ("淼岚路", ROAD, NEW, "NM-CHAR-02"),
    ("澜庭御府", ESTATE, NEW, "NM-FEU-01"),
    ("零零九大厦", BUILDING, NEW, "NM-ODD-02"),
    ("亚细亚大厦", BUILDING, NEW, "NM-BIG-01"),
]


@pytest.mark.parametrize(("name", "kind", "standing", "rule"), FAILS)
def test_a_breach_of_the_law_fails_with_article_and_reason(
    name: str, kind: FeatureType, standing: Standing, rule: str
) -> None:
    found = verdict(name, kind, standing)
    assert found.outcome is Outcome.FAIL
    assert rule in rules(found, Severity.PROHIBITED)
    for lang in ("zh", "en"):
        report = verdict_json(found, lang)
        assert report["verdict"] == "fail"
        worst = report["findings"][0]
        assert worst["citations"][0]["article"]
        assert worst["citations"][0]["gist"]
        assert worst["message"]


@pytest.mark.parametrize(("name", "kind", "standing", "rule"), REVIEWS)
def test_what_the_law_advises_against_or_leaves_open_goes_to_a_person(
    name: str, kind: FeatureType, standing: Standing, rule: str
) -> None:
    found = verdict(name, kind, standing)
    assert found.outcome is Outcome.REVIEW
    assert rule in rules(found)
    for lang in ("zh", "en"):
        worst = verdict_json(found, lang)["findings"][0]
        assert worst["citations"][0]["gist"]
        assert worst["question"]


@pytest.mark.parametrize(("name", "kind", "standing"), PASSES)
def test_a_sound_name_passes(name: str, kind: FeatureType, standing: Standing) -> None:
    found = verdict(name, kind, standing)
    assert found.outcome is Outcome.PASS, found.findings
    assert found.notice.zh == "辅助审查意见，不替代行政决定"


def test_the_examples_of_our_own_stand_in_no_lexicon() -> None:
    tables = (data_dir() / "lexicons").glob("*.csv")
    cells = {cell for path in tables for cell in path.read_text(encoding="utf-8").split(",")}
    assert "曼哈顿" in "".join(cells), "the tables have been read"
    listed = {cell.strip() for line in cells for cell in line.splitlines()}
    assert not listed & {name for name, *_ in [*FAILS, *PASSES, *REVIEWS]}


# --- law by date and by standing ---------------------------------------------------------------


def cited(found: Verdict) -> set[str]:
    return {c.instrument_id for finding in found.findings for c in finding.citations}


def test_the_law_of_the_day_is_cited() -> None:
    before, after = (
        verdict("曼哈顿广场", ESTATE, on=date(2022, 4, 30)),
        verdict("曼哈顿广场", ESTATE),
    )
    assert "L22" not in cited(before)
    assert before.outcome is Outcome.REVIEW
    assert {"L22", "N18"} <= cited(after)
    assert verdict("曼哈顿广场", ESTATE, on=date(2022, 5, 1)).outcome is Outcome.FAIL


def test_a_day_without_law_gets_no_verdict() -> None:
    assert verdict("曼哈顿广场", ESTATE, on=date(1986, 1, 23)).outcome
    with pytest.raises(InputError) as refusal:
        verdict("曼哈顿广场", ESTATE, on=date(1986, 1, 22))
    assert refusal.value.code == "day_without_law"


def test_the_regulation_of_1986_ends_where_that_of_2022_begins() -> None:
    on_the_last_day = verdict("嵊泗㵘路", ROAD, on=date(2022, 4, 30))
    on_the_first_day = verdict("嵊泗㵘路", ROAD, on=date(2022, 5, 1))
    assert "L86" in cited(on_the_last_day)
    assert "L22" not in cited(on_the_last_day)
    assert "L22" in cited(on_the_first_day)
    assert "L86" not in cited(on_the_first_day)


def test_a_draft_says_so_and_is_only_a_question() -> None:
    (finding,) = verdict("碧波壹号公寓", ESTATE).findings
    assert finding.severity is Severity.HUMAN
    (draft,) = [row for row in finding.citations if row.instrument_id == "SDB"]
    assert draft.caveat is not None
    assert "征求意见稿" in draft.caveat.zh
    assert finding.question is not None


@pytest.mark.parametrize("standing", [OLD, KEPT])
@pytest.mark.parametrize(
    "name", ["玉皇庙村", "关帝庙村", "王府庄村", "东罗马村", "中华村", "A庄村", "紅岛村"]
)
def test_an_existing_village_is_never_more_than_noted(name: str, standing: Standing) -> None:
    assert verdict(name, VILLAGE, standing).outcome is Outcome.PASS


@pytest.mark.parametrize("name", ["曼哈顿广场", "帝都花园", "宇宙大厦", "A区花园"])
def test_a_protected_name_is_never_against_the_rules(name: str) -> None:
    assert verdict(name, ESTATE, KEPT).outcome is Outcome.PASS
    assert verdict(name, ESTATE, OLD).outcome is Outcome.REVIEW


@pytest.mark.parametrize(
    "word",
    [
        row["word"]
        for row in lexicon("foreign_homographs", "word").rows
        if row["kind"] == "homograph"
    ],
)
def test_chinese_homographs_are_not_foreign(word: str) -> None:
    for name, kind in ((f"{word}路", ROAD), (f"{word}花园", ESTATE), (f"{word}国际大厦", BUILDING)):
        assert "NM-FOR-01" not in rules(verdict(name, kind), Severity.INFO)


# --- what cannot be a name ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "name_empty"),
        (" \u3000\u200b ", "name_empty"),
        ("香" * (MAX_LENGTH + 1), "name_too_long"),
        ("香" * 100_000, "name_too_long"),
        ("香港\n中路", "name_unreadable"),
        ("香港\x00路", "name_unreadable"),
        ("香港\ud800路", "name_unreadable"),
    ],
    ids=["empty", "blank", "long", "very long", "line break", "null", "surrogate"],
)
def test_what_is_no_name_is_refused(name: str, code: str) -> None:
    with pytest.raises(InputError) as refusal:
        verdict(name, ROAD)
    assert refusal.value.code == code


@pytest.mark.parametrize("name", ["ABC", "123", "。。", "🙂🙂路", "\u0301路"])
def test_a_name_without_chinese_gets_a_finding(name: str) -> None:
    assert verdict(name, ESTATE).outcome is Outcome.FAIL


@pytest.mark.parametrize("position", [(36.07, 120.38), (float("nan"), 36.0), (181.0, 0.0)])
def test_impossible_positions_are_refused(position: tuple[float, float]) -> None:
    with pytest.raises(InputError) as refusal:
        verdict("云霄路", ROAD, position=position)
    assert refusal.value.code == "position_impossible"


def test_a_position_outside_the_city_is_refused() -> None:
    with pytest.raises(InputError) as refusal:
        verdict("云霄路", ROAD, position=(12.038, 36.07))
    assert refusal.value.code == "position_outside_city"
    assert "119.4–121.2" in explain(refusal.value, "zh")
    verdict("云霄路", ROAD, position=(120.38, 36.07))


# --- the register --------------------------------------------------------------------------------


def place(
    record: str,
    name: str,
    kind: FeatureType,
    unit: str,
    at: tuple[float, float] | None = None,
    *,
    status: NameStatus = NameStatus.STANDARD,
) -> NamedPlace:
    return NamedPlace(
        id=record,
        name=name,
        feature_type=kind,
        provenance=SOURCE,
        status=status,
        unit_code=DivisionCode(unit) if unit else None,
        geometry=shapely.Point(at) if at else None,
    )


def district(code: str, west: float) -> AdministrativeUnit:
    box = shapely.box(west, 36.0, west + 0.1, 36.2)
    return AdministrativeUnit(code=DivisionCode(code), name=code, provenance=SOURCE, geometry=box)


REGISTER: tuple[Record, ...] = (
    district("370202", 120.3),
    district("370281", 120.0),
    place("R1", "云霄路", ROAD, "370202", (120.35, 36.05)),
    place("R2", "即发路", ROAD, "370215"),
    place("R3", "胶东路", ROAD, "370281", (120.05, 36.1)),
    place("R4", "澄澜花园", ESTATE, "370203"),
    place("R5", "王家庄村", VILLAGE, "370283"),
    place("R6", "王家庄村", VILLAGE, "370285"),
    place("R7", "望海路", ROAD, "370202", status=NameStatus.FORMER),
    place("R8", "听涛路", ROAD, "370202", status=NameStatus.RESERVED),
    place("RB", "观澜路", ROAD, "370202", status=NameStatus.PROPOSED),
    place("RA", "常家村村民委员会", VILLAGE, "370283"),
    place("R9", "无码路", ROAD, ""),
    place("RD", "听澜花园", ESTATE, "370200"),
)


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path: Path = tmp_path_factory.mktemp("register") / "register.gpkg"
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    store = open_store(f"gpkg:{path}", create=True, clock=lambda: moment)
    with store.begin() as unit:
        unit.append(
            Change(operation=Operation.CREATE, record=record, actor="test", reason="set up")
            for record in REGISTER
        )
    yield store
    store.close()


def test_a_road_repeats_a_name_of_the_built_up_area(register: Store) -> None:
    found = verdict("云霄路", ROAD, store=register, unit="370202")
    assert found.outcome is Outcome.FAIL
    (finding,) = found.findings
    assert finding.rule_id == "NM-DUP-01"
    assert {"L22", "QDR"} <= {c.instrument_id for c in finding.citations}
    assert [row.id for row in finding.related] == ["R1"]
    (near,) = found.near
    assert (near.id, near.likeness) == ("R1", 1.0)


def test_blanks_do_not_hide_a_duplicate(register: Store) -> None:
    assert "NM-DUP-01" in rules(verdict("云 霄\u200b路", ROAD, store=register))


def test_a_homophone_is_advised_against(register: Store) -> None:
    found = verdict("云肖路", ROAD, store=register)
    assert found.outcome is Outcome.REVIEW
    (finding,) = found.findings
    assert (finding.rule_id, finding.severity) == ("NM-DUP-02", Severity.ADVISED_AGAINST)


def test_the_city_rule_reaches_all_urban_districts_the_national_one_does_not(
    register: Store,
) -> None:
    (finding,) = verdict("即发路", ROAD, store=register).findings
    assert finding.severity is Severity.PROHIBITED
    assert {c.instrument_id for c in finding.citations} == {"QDR"}
    earlier = verdict("即发路", ROAD, store=register, on=date(2020, 1, 1))
    assert earlier.outcome is Outcome.PASS


def test_another_town_is_outside_but_near(register: Store) -> None:
    found = verdict("胶东路", ROAD, store=register, unit="370202", on=date(2020, 1, 1))
    assert found.outcome is Outcome.PASS
    assert [near.id for near in found.near] == ["R3"]
    inside = verdict("胶东路", ROAD, store=register, unit="370281")
    assert inside.outcome is Outcome.FAIL


@pytest.mark.parametrize("unit", ["", "370202", "370283"])
def test_a_road_elsewhere_in_the_city_is_advised_against(register: Store, unit: str) -> None:
    found = verdict("胶东路", ROAD, store=register, unit=unit)
    assert found.outcome is Outcome.REVIEW
    (finding,) = found.findings
    assert (finding.rule_id, finding.severity) == ("NM-DUP-01", Severity.ADVISED_AGAINST)
    assert [(c.instrument_id, c.article) for c in finding.citations] == [("QDR", "5(8)")]
    assert "全市" in finding.message.zh


def test_within_the_town_the_national_rule_is_cited_before_that_of_the_city(
    register: Store,
) -> None:
    (finding,) = verdict("胶东路", ROAD, store=register, unit="370281").findings
    assert finding.severity is Severity.PROHIBITED
    cited = [(c.instrument_id, c.article) for c in finding.citations]
    assert cited == [("L22", "9(8)"), ("QDR", "5(8)")]


@pytest.mark.parametrize(
    ("name", "kind", "unit"),
    [("交东路", ROAD, "370202"), ("胶东路", ROAD, "370683"), ("王家庄村", VILLAGE, "370202")],
    ids=["only the sound", "another city", "no road"],
)
def test_the_rule_for_the_whole_city_is_about_the_same_names_of_its_roads(
    register: Store, name: str, kind: FeatureType, unit: str
) -> None:
    assert verdict(name, kind, store=register, unit=unit).outcome is Outcome.PASS


def test_the_position_tells_the_unit_and_the_distance(register: Store) -> None:
    found = verdict("胶东路", ROAD, store=register, position=(120.06, 36.1))
    assert found.outcome is Outcome.FAIL
    (near,) = found.near
    # 0.01° of longitude at 36.1° N on the CGCS2000 ellipsoid
    assert near.distance_m == pytest.approx(900.6, abs=1.0)
    assert found.findings[0].related[0].distance_m == near.distance_m
    away = verdict("胶东路", ROAD, store=register, position=(120.35, 36.1))
    assert away.outcome is Outcome.REVIEW


def test_an_estate_is_compared_with_buildings_too_but_not_with_roads(register: Store) -> None:
    found = verdict("澄澜花园", BUILDING, store=register, unit="370203")
    assert found.outcome is Outcome.FAIL
    assert "NM-DUP-01" not in rules(verdict("澄澜花园", ROAD, store=register))


@pytest.mark.parametrize("unit", ["", "370202"])
def test_a_clash_across_an_unconfirmed_built_up_area_is_for_a_person(
    register: Store, unit: str
) -> None:
    area = city("370200").built_up_area(DAY)
    assert area is not None
    assert not area.confirmed
    found = verdict("澄澜花园", ESTATE, store=register, unit=unit)
    assert found.outcome is Outcome.REVIEW
    (finding,) = found.findings
    assert (finding.rule_id, finding.severity) == ("NM-DUP-01", Severity.HUMAN)
    assert finding.question is not None


def test_villages_may_repeat_in_another_county(register: Store) -> None:
    assert verdict("王家庄村", VILLAGE, store=register, unit="370283").outcome is Outcome.FAIL
    assert verdict("王家庄村", VILLAGE, store=register, unit="370202").outcome is Outcome.PASS


@pytest.mark.parametrize("name", ["常家村", "常家村委会", "常家村村民委员会", "常嘉村"])
def test_a_village_is_told_from_its_committee_by_nothing(register: Store, name: str) -> None:
    found = verdict(name, VILLAGE, store=register, unit="370283")
    assert [near.id for near in found.near] == ["RA"]
    assert rules(found) == {"NM-DUP-02" if name == "常嘉村" else "NM-DUP-01"}


def test_where_the_county_is_not_known_a_person_is_asked(register: Store) -> None:
    found = verdict("王家庄村", VILLAGE, store=register)
    assert found.outcome is Outcome.REVIEW
    assert all(finding.question is not None for finding in found.findings)


def test_an_existing_name_is_not_its_own_duplicate(register: Store) -> None:
    assert verdict("云霄路", ROAD, OLD, store=register).outcome is Outcome.PASS
    assert verdict("云霄路", ROAD, OLD, store=register, record="R1").outcome is Outcome.PASS
    assert "NM-DUP-01" in rules(verdict("云霄路", ROAD, OLD, store=register, record="other"))


def test_reserved_names_count_and_former_ones_are_for_a_person(register: Store) -> None:
    reserved = verdict("听涛路", ROAD, store=register)
    assert reserved.outcome is Outcome.FAIL
    assert "地名方案预留" in reserved.findings[0].message.zh
    former = verdict("望海路", ROAD, store=register)
    (finding,) = former.findings
    assert (finding.rule_id, finding.severity) == ("NM-DUP-01", Severity.HUMAN)
    assert "旧名" in finding.message.zh
    assert [near.id for near in former.near] == ["R7"]


@pytest.mark.parametrize("unit", ["370202", "370281", ""])
def test_a_name_that_another_application_asks_for_is_for_a_person(
    register: Store, unit: str
) -> None:
    found = verdict("观澜路", ROAD, store=register, unit=unit)
    assert found.outcome is Outcome.REVIEW
    (finding,) = found.findings
    assert (finding.rule_id, finding.severity) == ("NM-DUP-01", Severity.HUMAN)
    assert "另有申报中的同名“观澜路”（RB）" in finding.message.zh
    assert finding.question is not None
    assert "QDR" in {c.instrument_id for c in finding.citations}


def test_an_application_is_not_its_own_rival_nor_that_of_a_name_that_stands(
    register: Store,
) -> None:
    assert verdict("观澜路", ROAD, store=register, record="RB").outcome is Outcome.PASS
    for standing in (OLD, KEPT):
        standing_name = verdict("观澜路", ROAD, standing, store=register, record="X")
        assert "NM-DUP-01" not in rules(standing_name, Severity.INFO)
    elsewhere = verdict("观澜路", ROAD, store=register, unit="370281", on=date(2020, 1, 1))
    assert elsewhere.outcome is Outcome.PASS


def test_a_name_without_a_unit_is_a_question(register: Store) -> None:
    (finding,) = verdict("无码路", ROAD, store=register).findings
    assert finding.severity is Severity.HUMAN
    assert finding.question is not None


@pytest.mark.parametrize("name", ["听澜花园", "听岚花园"])
def test_a_name_known_to_lie_in_the_city_and_no_closer_is_asked_about(
    register: Store, name: str
) -> None:
    (finding,) = verdict(name, ESTATE, store=register, unit="370202").findings
    assert finding.severity is Severity.HUMAN
    assert [related.id for related in finding.related] == ["RD"]


def test_without_a_register_duplicates_are_not_looked_for() -> None:
    found = verdict("云霄路", ROAD)
    assert found.outcome is Outcome.PASS
    assert found.near == ()


# --- replaying --------------------------------------------------------------------------------


def test_the_same_question_gets_the_same_answer(register: Store) -> None:
    once, twice = (verdict("曼哈顿云霄路", ROAD, store=register) for _ in range(2))
    assert verdict_json(once, "zh") == verdict_json(twice, "zh")
    assert len(once.digest.rules) == len(once.digest.data) == 64
    assert once.digest.code


def test_another_city_stands_on_other_data() -> None:
    request = NameRequest("云霄路", ROAD, NEW, DAY)
    here = check_name(request, QINGDAO, None).digest
    there = check_name(request, city("370600"), None).digest
    assert here.rules == there.rules
    assert here.data != there.data
