"""Names of the register held against a case: by status, class, likeness, and what was accepted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import shapely

from geo_service.cities import city
from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.finding import Finding, Outcome, Severity, Verdict
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus
from geo_service.domain.provenance import Provenance
from geo_service.errors import InputError, NotFound
from geo_service.lexicons import lexicon
from geo_service.rules.names import Standing
from geo_service.services.accepted_pairs import (
    accept_pair,
    accepted_pairs,
    pair_record_json,
    withdraw_pair,
)
from geo_service.services.names import NameRequest, check_name
from geo_service.store.opening import open_store
from geo_service.store.protocol import Store

QINGDAO, YANTAI = city("370200"), city("370600")
DAY = date(2024, 6, 1)
ROAD, ESTATE, BUILDING = FeatureType.ROAD, FeatureType.ESTATE, FeatureType.BUILDING
NEW, OLD, KEPT = Standing.PROPOSED, Standing.EXISTING, Standing.PROTECTED
HERE = (120.35, 36.05)
Register = Callable[..., Store]


def place(name: str, kind: FeatureType = ROAD, **fields: object) -> NamedPlace:
    told = {"unit_code": DivisionCode("370202"), "id": f"R-{name}", **fields}
    return NamedPlace(name=name, feature_type=kind, provenance=Provenance("test"), **told)  # type: ignore[arg-type]


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    made: list[Store] = []

    def make(*places: NamedPlace) -> Store:
        moment = datetime(2024, 1, 1, tzinfo=UTC)
        url = f"gpkg:{tmp_path / f'{len(made)}.gpkg'}"
        store = open_store(url, create=True, clock=lambda: moment)
        made.append(store)
        with store.begin() as work:
            work.append(
                Change(operation=Operation.CREATE, record=p, actor="test", reason="set up")
                for p in places
            )
        return store

    yield make
    for store in made:
        store.close()


def verdict(
    name: str,
    store: Store,
    kind: FeatureType = ROAD,
    standing: Standing = NEW,
    *,
    unit: str = "370202",
    at: tuple[float, float] | None = None,
    on: date = DAY,
    profile: object = QINGDAO,
) -> Verdict:
    request = NameRequest(name, kind, standing, on, at, DivisionCode(unit) if unit else None)
    return check_name(request, profile, store)  # type: ignore[arg-type]


def of_register(found: Verdict) -> list[Finding]:
    return [f for f in found.findings if f.rule_id.startswith(("NM-DUP", "NM-ALI"))]


# --- the same specific, and what is near ------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "rule", "severity"),
    [
        ("云霄路", "NM-DUP-01", Severity.PROHIBITED),
        ("云肖路", "NM-DUP-02", Severity.ADVISED_AGAINST),
        ("云霄街", "NM-DUP-03", Severity.ADVISED_AGAINST),
        ("新云霄路", "NM-DUP-03", Severity.ADVISED_AGAINST),
        ("青岛云霄路", "NM-DUP-03", Severity.ADVISED_AGAINST),
        ("市南云霄大街", "NM-DUP-03", Severity.ADVISED_AGAINST),
        ("云霄东街", "NM-DUP-03", Severity.ADVISED_AGAINST),
        ("云肖东街", "NM-DUP-04", Severity.ADVISED_AGAINST),
        ("云小路", "NM-DUP-02", Severity.ADVISED_AGAINST),
        ("霄云路", "NM-DUP-04", Severity.HUMAN),
    ],
)
def test_a_road_of_the_districts_is_held_against_another_by_one_rule(
    register: Register, name: str, rule: str, severity: Severity
) -> None:
    (finding,) = of_register(verdict(name, register(place("云霄路"))))
    assert (finding.rule_id, finding.severity) == (rule, severity)
    assert "QDR" in {c.instrument_id for c in finding.citations} or severity is Severity.HUMAN
    assert [row.id for row in finding.related] == ["R-云霄路"]


@pytest.mark.parametrize("name", ["云霄东路", "云霄西路", "云霄支路", "云霄一路", "碧海路"])
def test_a_family_and_what_is_unlike_raise_nothing(register: Register, name: str) -> None:
    assert of_register(verdict(name, register(place("云霄路")))) == []


def test_near_sound_is_forbidden_by_the_city_and_asked_about_elsewhere(register: Register) -> None:
    (here,) = of_register(verdict("云宁路", register(place("云陵路"))))
    assert here.severity is Severity.ADVISED_AGAINST
    assert here.measure is not None
    assert (here.measure.measured, here.measure.limit) == (0.85, 0.6)
    before = of_register(verdict("云宁路", register(place("云陵路")), on=date(2020, 1, 1)))
    assert [f.severity for f in before] == [Severity.HUMAN]
    yantai = register(place("云陵路", unit_code=DivisionCode("370602")))
    (there,) = of_register(verdict("云宁路", yantai, unit="370602", profile=YANTAI))
    assert there.severity is Severity.HUMAN
    assert {c.instrument_id for c in there.citations} == {"GOOD_PRACTICE"}
    assert there.question is not None


def test_what_resembles_is_no_reason_to_touch_a_name_that_stands(register: Register) -> None:
    store = register(place("云陵路"), place("云宁路"), place("云霄街"), place("云霄路"))
    for name in ("云宁路", "云霄街"):
        for standing in (OLD, KEPT):
            found = verdict(name, store, standing=standing)
            assert found.outcome is Outcome.PASS
            assert of_register(found)


def test_outside_the_area_a_name_is_shown_when_it_is_the_same(register: Register) -> None:
    store = register(place("云霄路", unit_code=DivisionCode("371302")))
    found = verdict("云霄路", store)
    assert of_register(found) == []
    (near,) = found.near
    assert "不在法定比较范围内" in [reason.zh for reason in near.reasons]


# --- status and class ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "severity", "said"),
    [
        (NameStatus.STANDARD, Severity.PROHIBITED, "已有同名地名"),
        (NameStatus.RESERVED, Severity.PROHIBITED, "地名方案预留"),
        (NameStatus.PROPOSED, Severity.HUMAN, "申报中"),
        (NameStatus.REFUSED, Severity.HUMAN, "该名称曾被否决：市区（市辖区）“云霄路”（R-云霄路）"),
        (NameStatus.VARIANT, Severity.HUMAN, "别名"),
        (NameStatus.FORMER, Severity.HUMAN, "旧名"),
    ],
)
def test_the_status_of_the_other_name_decides_weight_and_wording(
    register: Register, status: NameStatus, severity: Severity, said: str
) -> None:
    (finding,) = of_register(verdict("云霄路", register(place("云霄路", status=status))))
    assert finding.severity is severity
    assert finding.question is not None
    if status is not NameStatus.REFUSED:
        assert said in finding.message.zh


def test_a_refusal_is_told_with_its_document_day_and_reason(register: Register) -> None:
    refused = place(
        "云霄路",
        status=NameStatus.REFUSED,
        document_no="甲民2020-1号",
        approved_on=date(2020, 1, 2),
        origin="与云肖路同音",
    )
    (finding,) = of_register(verdict("云霄路", register(refused)))
    assert finding.message.zh.startswith("该名称曾被否决：")
    for part in ("甲民2020-1号", "2020-01-02", "与云肖路同音"):
        assert part in finding.message.zh


def test_tables_weigh_every_status_and_every_pair_of_classes() -> None:
    statuses = {row["status"] for row in lexicon("name_statuses", "status").rows}
    assert statuses == {status.value for status in NameStatus}
    pairs = {
        frozenset((row["one"], row["other"])) for row in lexicon("class_pairs", "one", "other").rows
    }
    kinds = [kind.value for kind in FeatureType]
    assert pairs == {frozenset((a, b)) for a in kinds for b in kinds}


def test_an_estate_shares_a_specific_with_a_road_and_is_only_shown(register: Register) -> None:
    found = verdict("云霄花园", register(place("云霄路")), ESTATE)
    assert of_register(found) == []
    (near,) = found.near
    assert near.likeness == 0.9
    assert "不同类别" in [reason.zh for reason in near.reasons]


def test_estates_and_buildings_are_compared(register: Register) -> None:
    (finding,) = of_register(verdict("云霄大厦", register(place("云霄花园", ESTATE)), BUILDING))
    assert (finding.rule_id, finding.severity) == ("NM-DUP-03", Severity.HUMAN)


def test_near_names_come_likest_first_then_nearest(register: Register) -> None:
    far, close = shapely.Point(120.38, 36.05), shapely.Point(120.36, 36.05)
    store = register(
        place("云陵路", geometry=close),
        place("云宁路", id="far", geometry=far),
        place("云宁路", id="close", geometry=close),
    )
    near = verdict("云宁路", store, at=HERE).near
    assert [row.id for row in near] == ["close", "far", "R-云陵路"]
    assert near[0].likeness == near[1].likeness == 1.0 > near[2].likeness
    distances = [row.distance_m or 0.0 for row in near]
    assert distances[0] == pytest.approx(distances[2])
    assert distances[0] < distances[1]
    for row in near:
        assert all(reason.zh and reason.en for reason in row.reasons)


# --- pairs the bureau accepted -----------------------------------------------------------------


def _accept(store: Store, **told: object) -> None:
    facts = {"signer": "张三", "reason": "相距较远", "accepted_on": date(2024, 3, 1), **told}
    accept_pair(store, "云陵路", "云宁路", actor="test", **facts)  # type: ignore[arg-type]


def test_an_accepted_pair_is_noted_with_signer_and_reason(register: Register) -> None:
    store = register(place("云陵路"))
    assert verdict("云宁路", store).outcome is Outcome.REVIEW
    _accept(store, document_no="甲民2024-2号")
    found = verdict("云宁路", store)
    assert found.outcome is Outcome.PASS
    (finding,) = of_register(found)
    assert finding.severity is Severity.INFO
    for part in ("张三", "2024-03-01", "相距较远", "甲民2024-2号"):
        assert part in finding.message.zh
    assert verdict("云宁路", store, on=date(2024, 2, 1)).outcome is Outcome.REVIEW


def test_an_acceptance_is_of_that_pair_alone(register: Register) -> None:
    store = register(place("云陵路"), place("云领路"))
    _accept(store)
    weights = {f.related[0].name: f.severity for f in of_register(verdict("云宁路", store))}
    assert weights == {"云陵路": Severity.INFO, "云领路": Severity.ADVISED_AGAINST}


def test_an_acceptance_can_be_corrected_taken_back_and_given_again(register: Register) -> None:
    store = register(place("云陵路"))
    _accept(store)
    _accept(store, signer="李四")
    assert [pair.signer for pair in accepted_pairs(store, DAY)] == ["李四"]
    withdraw_pair(store, "云宁路", "云陵路", from_day=date(2024, 5, 1), reason="有误", actor="test")
    assert accepted_pairs(store, DAY) == ()
    assert verdict("云宁路", store).outcome is Outcome.REVIEW
    assert verdict("云宁路", store, on=date(2024, 4, 1)).outcome is Outcome.PASS
    _accept(store, accepted_on=date(2024, 5, 20))
    assert verdict("云宁路", store).outcome is Outcome.PASS
    assert verdict("云宁路", store, on=date(2024, 5, 10)).outcome is Outcome.REVIEW
    assert store.verify().sound


def test_a_slip_is_taken_back_on_its_own_day_and_the_log_keeps_it(register: Register) -> None:
    store = register(place("云陵路"))
    _accept(store, accepted_on=DAY)
    pair = ("云宁路", "云陵路")
    slip = withdraw_pair(store, *pair, from_day=DAY, reason="录错", actor="test")
    assert pair_record_json(slip)["withdrawn_on"] == DAY.isoformat()
    assert accepted_pairs(store, DAY) == ()
    assert verdict("云宁路", store).outcome is Outcome.REVIEW
    with pytest.raises(NotFound):
        withdraw_pair(store, *pair, from_day=DAY, reason="再撤", actor="test")
    _accept(store, accepted_on=DAY, signer="李四")
    assert [held.signer for held in accepted_pairs(store, DAY)] == ["李四"]
    log = list(store.log(kind=RecordKind.ACCEPTED_PAIRS))
    assert [(entry.operation, entry.reason) for entry in log] == [
        (Operation.CREATE, "相距较远"),
        (Operation.CORRECT, "录错"),
        (Operation.CORRECT, "相距较远"),
    ]
    assert store.verify().sound


def test_an_acceptance_needs_two_names_a_signer_and_a_reason(register: Register) -> None:
    store = register()
    for told in ({"signer": " "}, {"reason": ""}):
        with pytest.raises(InputError, match="pair_unsigned"):
            _accept(store, **told)
    with pytest.raises(InputError, match="pair_of_one"):
        accept_pair(
            store, "云宁路", " 云宁路", signer="a", reason="b", accepted_on=DAY, actor="test"
        )
    with pytest.raises(NotFound):
        withdraw_pair(store, "云宁路", "云陵路", from_day=DAY, reason="x", actor="test")


# --- a name in use ------------------------------------------------------------------------------


@pytest.fixture
def estates(register: Register) -> Store:
    point = shapely.Point(HERE)
    return register(
        place("海澜花园", ESTATE, geometry=point),
        place("云霄天境", ESTATE, status=NameStatus.VARIANT, geometry=point),
        place("听涛苑", ESTATE, status=NameStatus.PROPOSED),
        place("望海轩", ESTATE, status=NameStatus.REFUSED),
    )


@pytest.mark.parametrize(
    ("name", "said", "severity"),
    [
        ("海澜天境", "批而不用", Severity.HUMAN),
        ("海澜", "缺少通名", Severity.HUMAN),
        ("海澜公寓", "用而不全", Severity.HUMAN),
        ("海兰花园", "一名多写", Severity.HUMAN),
        ("云霄天境", "一地多名", Severity.ADVISED_AGAINST),
        ("听涛苑", "未批先用", Severity.ADVISED_AGAINST),
        ("望海轩", "曾被否决", Severity.ADVISED_AGAINST),
    ],
)
def test_a_name_in_use_is_told_from_the_standard_one(
    estates: Store, name: str, said: str, severity: Severity
) -> None:
    found = verdict(name, estates, ESTATE, OLD, at=HERE)
    (finding,) = [f for f in found.findings if f.rule_id == "NM-ALI-01"]
    assert said in finding.message.zh
    assert finding.severity is severity
    assert {"L22", "N18"} <= {c.instrument_id for c in finding.citations}
    assert "海澜花园" in finding.message.zh


def test_the_standard_name_and_a_new_one_are_not_asked(estates: Store) -> None:
    for name, standing in (("海澜花园", OLD), ("海澜天境", NEW)):
        found = verdict(name, estates, ESTATE, standing, at=HERE)
        assert "NM-ALI-01" not in {f.rule_id for f in found.findings}


def test_elsewhere_the_name_is_only_noted_as_unregistered(estates: Store) -> None:
    found = verdict("碧海天境", estates, ESTATE, OLD, at=(120.40, 36.10))
    (finding,) = [f for f in found.findings if f.rule_id == "NM-ALI-01"]
    assert finding.severity is Severity.INFO
    assert "海澜花园" not in finding.message.zh
