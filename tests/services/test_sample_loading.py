"""Loading a sample into a store: complete, once, and without touching what people changed."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from geo_service import cities
from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.identity import DivisionCode
from geo_service.domain.period import Period
from geo_service.domain.place import NamedPlace
from geo_service.domain.provenance import Force
from geo_service.domain.text import Text
from geo_service.errors import InputError
from geo_service.services.samples.loading import SampleSummary, load_names, load_sample
from geo_service.store.opening import open_store
from geo_service.store.protocol import Store


def a_store(path: Path) -> Store:
    clock = lambda: datetime(2026, 1, 1, tzinfo=UTC)  # noqa: E731
    return open_store(f"gpkg:{path}", create=True, clock=clock)


@pytest.fixture(scope="module")
def qingdao(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, SampleSummary]:
    store = a_store(tmp_path_factory.mktemp("qingdao") / "store.gpkg")
    return store, load_sample(store, cities.city("370200"))


def test_the_city_is_complete(qingdao: tuple[Store, SampleSummary]) -> None:
    _, summary = qingdao

    assert summary.counts["names"] >= 2000
    assert summary.counts["townships"] == 141
    assert summary.counts["villages"] == 2120
    assert summary.differences == ()
    assert summary.added == sum(
        summary.counts[kind]
        for kind in (
            "units",
            "internal_lines",
            "external_lines",
            "internal_tripoints",
            "edge_tripoints",
            "sea_ends",
            "names",
        )
    )


def test_the_store_holds_what_the_summary_says(qingdao: tuple[Store, SampleSummary]) -> None:
    store, summary = qingdao

    assert store.count(RecordKind.UNITS) == 10
    assert store.count(RecordKind.BOUNDARY_LINES) == 28
    assert store.count(RecordKind.BOUNDARY_NODES) == 27
    assert store.count(RecordKind.PLACE_NAMES) == summary.counts["names"]
    assert store.verify().sound


def test_records_come_back_with_their_standing(qingdao: tuple[Store, SampleSummary]) -> None:
    store, _ = qingdao
    (village,) = store.places_like(written=["青岛高新技术产业开发区"])

    assert village.unit_code == "370214400"
    assert village.provenance.force is Force.EVALUATION
    assert "不是法定乡级行政区" in village.provenance.note


def test_loading_again_adds_nothing(qingdao: tuple[Store, SampleSummary]) -> None:
    store, first = qingdao
    before = store.info()

    again = load_sample(store, cities.city("370200"))

    assert again.added == 0
    assert again.counts == first.counts
    assert store.info() == before


def test_corrected_and_retired_records_stay_as_people_left_them(tmp_path: Path) -> None:
    store = a_store(tmp_path / "store.gpkg")
    load_sample(store, cities.city("990100"))
    roads = {r.id: r for r in store.records(RecordKind.PLACE_NAMES) if isinstance(r, NamedPlace)}
    first, second = sorted(roads)[:2]
    corrected = replace(roads[first], name="改正路")
    retired = replace(roads[second], period=Period(None, date(2025, 1, 1)))
    with store.begin() as work:
        work.append(
            [
                Change(
                    operation=operation,
                    record=record,
                    actor="tester",
                    reason="test",
                    expected_version=1,
                )
                for operation, record in (
                    (Operation.CORRECT, corrected),
                    (Operation.RETIRE, retired),
                )
            ]
        )

    assert load_sample(store, cities.city("990100")).added == 0
    assert store.get(RecordKind.PLACE_NAMES, first) == corrected
    assert second not in {r.id for r in store.records(RecordKind.PLACE_NAMES)}


def test_a_difference_to_the_expected_counts_is_told(tmp_path: Path) -> None:
    city = replace(cities.city("990100"), expected={"units": 20, "markers": 168})

    summary = load_sample(a_store(tmp_path / "store.gpkg"), city)

    assert [(d.name, d.expected, d.found) for d in summary.differences] == [("units", 20, 21)]


def test_progress_is_told_in_both_languages(tmp_path: Path) -> None:
    told: list[Text] = []

    load_sample(a_store(tmp_path / "store.gpkg"), cities.city("990100"), progress=told.append)

    assert told[0].zh == "正在准备 示例市 / Example City 的样例数据"
    assert told[-1].en.endswith("records added")


def test_nothing_is_stored_when_the_lists_are_missing(tmp_path: Path) -> None:
    store = a_store(tmp_path / "store.gpkg")

    with pytest.raises(InputError):
        load_sample(store, cities.city("370200"), divisions_dir=tmp_path)

    assert store.count(RecordKind.UNITS) == 0
    assert not list(store.log())


def test_names_within_a_unit_can_be_asked_for(qingdao: tuple[Store, SampleSummary]) -> None:
    store, _ = qingdao

    inside = store.records(RecordKind.PLACE_NAMES, within=DivisionCode("370202"))

    assert len(inside) > 10
    assert all(record.id.startswith("370202") for record in inside)


def test_names_can_be_loaded_alone_and_the_rest_later(tmp_path: Path) -> None:
    store = a_store(tmp_path / "store.gpkg")

    names = load_names(store, cities.city("370200"))
    rest = load_sample(store, cities.city("370200"))

    assert names.added == names.counts["names"] == 2271
    assert rest.added == 10 + 28 + 27
    assert store.count(RecordKind.PLACE_NAMES) == 2271
