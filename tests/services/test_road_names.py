"""Roads of the register as names in use. All places are invented (示例市)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo_service.cities import city
from geo_service.domain.change import Change, Operation, Record, RecordKind
from geo_service.domain.finding import Finding, Severity, Verdict
from geo_service.domain.identity import DivisionCode
from geo_service.domain.kept_finding import KeptFinding
from geo_service.domain.period import Period
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus
from geo_service.domain.proposal import FeatureFacts
from geo_service.domain.provenance import Provenance
from geo_service.domain.road import Road
from geo_service.rules.names import Standing
from geo_service.services.name_states import follow
from geo_service.services.names import NameRequest, check_name
from geo_service.services.register import planning
from geo_service.services.register.acts import Signed
from geo_service.services.register.evidence import evidence_for
from geo_service.services.road_names import as_name
from geo_service.services.subject_digests import SubjectDigests, changed_names
from geo_service.store.opening import open_store
from geo_service.store.protocol import Store

CITY = city("990100")
DAY = date(2024, 6, 1)
ROAD = FeatureType.ROAD
SOURCE = Provenance("示例")
HERE = (119.6, 38.5)
AXIS = shapely.LineString([(119.595, 38.5), (119.605, 38.5)])
FAR = shapely.LineString([(119.8, 38.5), (119.81, 38.5)])
SIGNED = Signed(actor="经办人甲", reason="测试", document_no="示例文 1 号")
Register = Callable[..., Store]


def road(name: str, shape: Any = FAR, **fields: Any) -> Road:
    told = {"id": f"RD-{name}", "unit_code": DivisionCode("990101"), **fields}
    return Road(name=name, provenance=SOURCE, geometry=shape, **told)


def place(name: str, shape: Any = None, **fields: Any) -> NamedPlace:
    told = {"id": f"PN-{name}", "unit_code": DivisionCode("990101"), **fields}
    return NamedPlace(name=name, feature_type=ROAD, provenance=SOURCE, geometry=shape, **told)


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    made: list[Store] = []

    def make(*records: Record) -> Store:
        moment = datetime(2024, 1, 1, tzinfo=UTC)
        url = f"gpkg:{tmp_path / f'{len(made)}.gpkg'}"
        made.append(open_store(url, create=True, clock=lambda: moment))
        with made[-1].begin() as work:
            work.append(
                Change(operation=Operation.CREATE, record=record, actor="甲", reason="测试")
                for record in records
            )
        return made[-1]

    yield make
    for store in made:
        store.close()


def verdict(name: str, store: Store, at: Any = HERE, **fields: Any) -> Verdict:
    told = {"feature_type": ROAD, "standing": Standing.PROPOSED, "as_of": DAY, **fields}
    unit = DivisionCode("990101")
    return check_name(NameRequest(name=name, position=at, unit_code=unit, **told), CITY, store)


def found(told: Verdict, rule: str) -> list[Finding]:
    return [finding for finding in told.findings if finding.rule_id == rule]


def test_a_road_of_the_same_name_is_a_duplicate_as_a_registered_name_is(
    register: Register,
) -> None:
    as_road = verdict("松月路", register(road("松月路")))
    as_name = verdict("松月路", register(place("松月路", FAR)))

    (one,), (other,) = found(as_road, "NM-DUP-01"), found(as_name, "NM-DUP-01")
    assert one.severity is other.severity is Severity.PROHIBITED
    assert one.message.zh == other.message.zh.replace("PN-", "RD-")
    assert [row.id for row in one.related] == ["RD-松月路"]
    assert as_road.near[0].distance_m == pytest.approx(as_name.near[0].distance_m)


def test_a_road_that_sounds_alike_is_told_as_a_registered_name_is(register: Register) -> None:
    names = ("松乐路", "颂月路", "甲丁街")
    as_roads = verdict("松月路", register(*(road(name) for name in names)))
    as_names = verdict("松月路", register(*(place(name, FAR) for name in names)))

    assert [(n.name, n.likeness) for n in as_roads.near] == [
        (n.name, n.likeness) for n in as_names.near
    ]
    assert "颂月路" in {near.name for near in as_roads.near}
    rules = [[f.rule_id for f in told.findings] for told in (as_roads, as_names)]
    assert rules[0] == rules[1]


@pytest.mark.parametrize("shape", [None, FAR, FAR.interpolate(0.5, normalized=True)])
def test_a_road_that_is_a_registered_name_too_counts_once(register: Register, shape: Any) -> None:
    told = verdict("松月路", register(place("松月路", shape), road("松月路")))

    assert [row.id for row in told.near] == ["PN-松月路"]
    assert len(found(told, "NM-DUP-01")) == 1
    assert told.near[0].distance_m is not None, "the road tells where the name lies"


def test_a_namesake_elsewhere_is_another_road(register: Register) -> None:
    elsewhere = shapely.Point(119.9, 38.6)
    told = verdict("松月路", register(place("松月路", elsewhere), road("松月路")))

    assert {row.id for row in told.near} == {"PN-松月路", "RD-松月路"}


def test_the_road_that_is_asked_about_is_no_rival_of_its_own_name(register: Register) -> None:
    store = register(road("松月路", AXIS))

    assert verdict("松月路", store).near == ()
    assert found(verdict("松月路", store, at=(119.8, 38.6)), "NM-DUP-01")
    assert found(verdict("松月路", store, at=None), "NM-DUP-01")


def test_only_roads_in_force_and_their_status_count(register: Register) -> None:
    gone = road("松月路", period=Period(None, date(2020, 1, 1)))
    assert verdict("松月路", register(gone)).near == ()

    former = verdict("松月路", register(road("松月路", status=NameStatus.FORMER)))
    as_name = verdict("松月路", register(place("松月路", FAR, status=NameStatus.FORMER)))
    assert [(f.rule_id, f.severity) for f in former.findings] == [
        (f.rule_id, f.severity) for f in as_name.findings
    ]


def beside(number: int, metres: float = 800) -> shapely.LineString:
    y = 38.5 + (number + 1) * 200 / 110_990
    return shapely.LineString([(119.6, y), (119.6 + metres / 87_200, y)])


def test_roads_around_set_a_series_once_each(register: Register) -> None:
    names = ("江西路", "台湾路", "湖南路", "听澜路")
    roads = [road(name, beside(n)) for n, name in enumerate(names)]
    named = [place(name, beside(n)) for n, name in enumerate(names)]

    by_roads = verdict("锦绣路", register(*roads))
    by_both = verdict("锦绣路", register(*named, *roads))

    (one,), (both,) = found(by_roads, "NM-SER-01"), found(by_both, "NM-SER-01")
    assert one.message == both.message
    assert [row.name for row in one.related] == ["江西路", "台湾路", "湖南路"]


def test_an_avenue_is_held_against_the_lengths_of_roads_around(register: Register) -> None:
    roads = [road(f"样{n}路", beside(n, 900 + n)) for n in range(11)]
    points = [place(f"样{n}路", beside(n).interpolate(0.5, normalized=True)) for n in range(11)]
    facts = FeatureFacts(length_m=300)

    for store in (register(*roads), register(*points, *roads)):
        told = verdict("锦绣大道", store, facts=facts)
        assert any("11" in finding.message.zh for finding in told.findings), told.findings
    assert not any(
        "11" in finding.message.zh
        for finding in verdict("锦绣大道", register(*points), facts=facts).findings
    )


def test_the_name_of_a_new_road_is_examined_unless_it_is_registered_as_one(
    register: Register,
) -> None:
    new = road("松月路", AXIS, id="RD-9", period=Period(DAY))

    store = register(road("松月路"))
    (told,) = evidence_for(planning.create(store, new, SIGNED), CITY, store)
    assert told.verdict is not None
    assert found(told.verdict, "NM-DUP-01")

    store = register(place("松月路", AXIS))
    assert evidence_for(planning.create(store, new, SIGNED), CITY, store) == ()


def test_roads_are_found_by_name_after_a_rebuild_and_a_change(
    register: Register, tmp_path: Path
) -> None:
    store = register(road("松月路"), road("甲丁街", unit_code=None))
    asked = {"written": ["松月路"], "as_of": DAY}
    assert [r.id for r in store.roads_like(**asked)] == ["RD-松月路"]
    assert store.places_like(**asked) == []
    assert store.names_indexed()
    store.rebuild()
    assert store.names_indexed()
    assert [r.id for r in store.roads_like(**asked)] == ["RD-松月路"]
    assert [r.id for r in store.roads_like(**asked, within=[DivisionCode("990102")])] == []


def test_a_finding_names_a_road_as_a_road_and_its_fingerprint_stays(register: Register) -> None:
    (told,) = found(verdict("松月路", register(road("松月路"))), "NM-DUP-01")
    (row,) = told.related
    assert (row.kind, row.id) == ("road", "RD-松月路")
    assert told.id == "F-89145347ad5ac2f8", "as when roads were called place names"


def test_a_decision_kept_when_roads_were_called_names_does_not_lapse_for_the_word() -> None:
    bearer = as_name(road("松月路"))
    called = place("松月路", FAR, id="RD-松月路")
    before = SubjectDigests(DAY, [called]).now((("place-name/RD-松月路", ""),))
    digests = SubjectDigests(DAY, [bearer])
    assert changed_names(before, digests.now(before), whole=True) == ()
    moved = SubjectDigests(DAY, [replace(bearer, name="松云路")])
    assert changed_names(before, moved.now(before), whole=True) == ("place-name/RD-松月路",)


def test_a_decision_beside_a_road_lapses_when_the_road_changes(register: Register) -> None:
    store = register(road("松月路"))
    asked = NameRequest("松月路", ROAD, Standing.PROPOSED, DAY, HERE, DivisionCode("990101"))
    told = check_name(asked, CITY, store)

    follow(told, asked, CITY, store, restricted=False, actor="甲", today=DAY)

    kept = store.records(RecordKind.FINDINGS, as_of=DAY)
    named = {
        key for finding in kept if isinstance(finding, KeptFinding) for key, _ in finding.named
    }
    assert "road/RD-松月路" in named
