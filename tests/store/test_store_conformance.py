"""What every store must do, asked through the protocol only."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
import shapely

from geo_service.domain.change import Operation, RecordKind
from geo_service.domain.identity import DivisionCode
from geo_service.domain.period import Period
from geo_service.domain.place import FeatureType, NameStatus
from geo_service.domain.provenance import Label
from geo_service.errors import Conflict, InputError, NotFound, StoreError
from geo_service.language.likeness_keys import probe_keys
from geo_service.language.normalise import normal_form
from geo_service.store.protocol import ImportReceipt

PLACES, LINES = RecordKind.PLACE_NAMES, RecordKind.BOUNDARY_LINES

with np.errstate(invalid="ignore"):
    NOWHERE = shapely.LineString([(120, 36), (float("nan"), 36)])


def ids(records):
    return [record.id for record in records]


def test_every_kind_comes_back_as_it_went_in(store, write, build):
    stored = {
        RecordKind.PLACE_NAMES: build.place(),
        RecordKind.UNITS: build.unit(),
        RecordKind.BOUNDARY_LINES: build.line(length_km=12.345678901234567),
        RecordKind.BOUNDARY_NODES: build.node(),
        RecordKind.MARKERS: build.marker(responsible_side=DivisionCode("370203")),
        RecordKind.ROADS: build.road(length_m=1234.5678901234567),
        RecordKind.FINDINGS: build.finding(),
        RecordKind.REVIEW_RUNS: build.run(),
        RecordKind.DRAFTS: build.draft(),
    }
    write(*stored.values())
    for kind, record in stored.items():
        assert store.get(kind, record.id) == record
        assert store.records(kind) == [record]
        assert store.count(kind) == 1
        assert store.version(kind, record.id) == 1
    assert store.verify().sound


def test_a_record_without_geometry_is_kept_without_one(store, write, build):
    write(build.place(geometry=None))
    assert store.get(PLACES, "P-1").geometry is None
    assert store.records(PLACES, box=(-180, -90, 180, 90)) == []


def test_text_beyond_the_basic_plane_survives(store, write, build):
    write(build.place(id="𠮷-1", name="𠮷䶮村", meaning='引号"与\\反斜线\n换行'))
    found = store.get(PLACES, "𠮷-1")
    assert (found.name, found.meaning) == ("𠮷䶮村", '引号"与\\反斜线\n换行')
    assert store.verify().sound


def test_records_come_by_id_and_in_pages(store, write, build):
    write(*(build.place(id=f"P-{number}") for number in (3, 1, 5, 2, 4)))
    assert ids(store.records(PLACES)) == ["P-1", "P-2", "P-3", "P-4", "P-5"]
    assert ids(store.records(PLACES, limit=2, offset=1)) == ["P-2", "P-3"]
    assert ids(store.records(PLACES, offset=4)) == ["P-5"]


def test_a_box_takes_what_meets_it_to_the_last_digit(store, write, build):
    edge = 120.38000000000001
    write(build.place(id="on"), build.place(id="off", geometry=shapely.Point(edge, 36.06)))
    assert ids(store.records(PLACES, box=(120, 36, 120.38, 37))) == ["on"]
    assert ids(store.records(PLACES, box=(edge, 36, 121, 37))) == ["off"]
    assert ids(store.records(PLACES, box=(120, 36, 121, 37), limit=1, offset=1)) == ["on"]


def test_roads_and_names_are_found_by_name_apart_from_each_other(store, write, build):
    write(build.place(), build.road(), build.road("RD-2", name="延安三路", unit_code=None))
    road = {"written": [normal_form("香港中路")], "keys": probe_keys("香港中路", FeatureType.ROAD)}
    assert ids(store.places_like(**road)) == ["P-1"]
    assert ids(store.roads_like(**road)) == ["RD-1"]
    assert store.roads_like(**road, within=[DivisionCode("370203")]) == []
    renamed = build.road(name="延安三路", period=Period(date(2010, 1, 1)))
    write(build.change(renamed, Operation.REVISE, 1))
    asked = {"written": [normal_form("延安三路")], "within": [DivisionCode("370202")]}
    assert ids(store.roads_like(**asked, as_of=date(2009, 1, 1))) == ["RD-2"]
    assert ids(store.roads_like(**asked, as_of=date(2011, 1, 1))) == ["RD-1", "RD-2"]
    assert store.names_indexed()
    store.rebuild()
    assert store.names_indexed()
    assert ids(store.roads_like(**asked, as_of=date(2011, 1, 1))) == ["RD-1", "RD-2"]


def test_within_takes_a_unit_with_all_below_it(store, write, build):
    places = {"a": "370202", "b": "370202001", "c": "370203", "d": "370602"}
    write(*(build.place(id=id, unit_code=DivisionCode(code)) for id, code in places.items()))
    write(build.place(id="e", unit_code=None))
    assert ids(store.records(PLACES, within=DivisionCode("370202"))) == ["a", "b"]
    assert ids(store.records(PLACES, within=DivisionCode("370200"))) == ["a", "b", "c"]
    assert ids(store.records(PLACES, within=DivisionCode("370000"))) == ["a", "b", "c", "d"]


def test_records_are_narrowed_and_counted_by_the_words_of_their_fields(store, write, build):
    former, estate = NameStatus.FORMER, FeatureType.ESTATE
    write(
        build.place(id="a"),
        build.place(id="b", status=former),
        build.place(id="c", status=former, feature_type=estate),
        build.place(id="d", feature_type=estate, unit_code=DivisionCode("370203")),
    )

    for having, wanted in (
        ({"status": "former"}, ["b", "c"]),
        ({"status": "former", "feature_type": "estate"}, ["c"]),
        ({"feature_type": "estate"}, ["c", "d"]),
        ({"feature_type": "' OR 1 = 1"}, []),
        ({"no_such_field": "estate"}, []),
    ):
        assert ids(store.records(PLACES, having=having)) == wanted
        assert store.count(PLACES, having=having) == len(wanted)
    inside = {"within": DivisionCode("370202"), "having": {"feature_type": "estate"}}
    assert ids(store.records(PLACES, **inside)) == ["c"] and store.count(PLACES, **inside) == 1
    assert ids(store.records(PLACES, having={"status": "former"}, limit=1, offset=1)) == ["c"]
    seen = store.seen_by(Label.PUBLIC)
    public = seen.records(PLACES, having={"status": "former"})
    assert seen.count(PLACES, having={"status": "former"}) == len(public)


@pytest.mark.parametrize("side", ["370202", "370203"])
def test_a_line_node_and_marker_lie_within_each_of_their_units(store, write, build, side):
    write(build.line(), build.line("370212", "370214"), build.node(), build.marker())
    for kind in (LINES, RecordKind.BOUNDARY_NODES, RecordKind.MARKERS):
        assert len(store.records(kind, within=DivisionCode(side))) == 1
        assert store.records(kind, within=DivisionCode("370602")) == []


def test_names_are_found_by_written_form_and_by_likeness(store, write, build):
    write(
        build.place(id="same", name="香港 中路"),
        build.place(id="sounds", name="香港钟路"),
        build.place(id="order", name="港香中路"),
        build.place(id="other", name="延安三路"),
    )
    form, keys = [normal_form("香港中路")], probe_keys("香港中路", FeatureType.ROAD)
    assert ids(store.places_like(written=form)) == ["same"]
    assert ids(store.places_like(written=[], keys=keys)) == ["order", "same", "sounds"]
    assert ids(store.places_like(written=form, keys=keys)) == ["order", "same", "sounds"]
    assert store.places_like(written=[]) == []


def test_names_are_sought_within_the_units_and_the_day_asked_for(store, write, build):
    write(
        build.place(id="old", period=Period(None, date(2010, 1, 1))),
        build.place(id="here"),
        build.place(id="below", unit_code=DivisionCode("370202001")),
        build.place(id="there", unit_code=DivisionCode("370602")),
        build.place(id="far", unit_code=DivisionCode("440300")),
        build.place(id="nowhere", unit_code=None),
    )
    form = [normal_form("香港中路")]
    shandong = [DivisionCode("370202"), DivisionCode("370602")]
    found = ids(store.places_like(written=form, within=shandong))
    assert found == ["below", "here", "nowhere", "there"]
    province = ids(store.places_like(written=form, within=[DivisionCode("370000")]))
    assert province == found
    assert ids(store.places_like(written=form, within=[])) == ["nowhere"]
    past = store.places_like(written=form, as_of=date(2009, 1, 1))
    assert "old" in ids(past)


def test_names_are_listed_by_their_status(store, write, build):
    write(
        build.place("kept", status=NameStatus.RESERVED),
        build.place("apart", status=NameStatus.RESERVED, unit_code=DivisionCode("370602")),
        build.place("gone", status=NameStatus.RESERVED, period=Period(None, date(2010, 1, 1))),
        build.place("once", status=NameStatus.FORMER),
        build.place("now"),
    )
    assert ids(store.places_of_status([NameStatus.RESERVED])) == ["apart", "kept"]
    both = [NameStatus.FORMER, NameStatus.RESERVED]
    assert ids(store.places_of_status(both)) == ["apart", "kept", "once"]
    assert ids(store.places_of_status(both, within=DivisionCode("370202"))) == ["kept", "once"]
    assert ids(store.places_of_status(both, limit=1)) == ["apart"]
    assert ids(store.places_of_status(both, as_of=date(2009, 1, 1))) == [
        "apart", "gone", "kept", "once",
    ]  # fmt: skip
    assert store.places_of_status([]) == []


def test_names_are_sought_in_a_box_and_only_so_many(store, write, build):
    write(
        *(build.place(f"P-{n}", geometry=shapely.Point(120 + n, 36)) for n in range(5)),
        build.place("ROAD", geometry=shapely.LineString([(119, 30), (130, 40)])),
        build.place("NONE", geometry=None),
    )
    form, keys = [normal_form("香港中路")], probe_keys("香港中路", FeatureType.ROAD)
    asked = {"written": form, "keys": keys}
    assert ids(store.places_like(**asked, box=(120.5, 35, 122.5, 37))) == ["P-1", "P-2", "ROAD"]
    assert ids(store.places_like(**asked, limit=3)) == ["P-0", "P-1", "P-2"]
    assert len(store.places_like(**asked, limit=50)) == 7
    near = store.places_like(**asked, box=(120.5, 35, 122.5, 37), limit=1, within=[])
    assert near == []


def test_a_renamed_place_is_found_under_its_former_name_only_in_the_past(store, write, build):
    write(build.place(name="甲乙路", period=Period(date(2000, 1, 1))))
    (first,) = store.log()
    past_moment = first.recorded_at
    renamed = build.place(name="丙丁路", period=Period(date(2020, 1, 1)))
    write(build.change(renamed, Operation.REVISE, 1))
    old = [normal_form("甲乙路")]
    assert store.places_like(written=old) == []
    (past,) = store.places_like(written=old, as_of=date(2010, 1, 1))
    assert past.period == Period(date(2000, 1, 1), date(2020, 1, 1))
    (unrevised,) = store.places_like(written=old, known_at=past_moment)
    assert unrevised.period == Period(date(2000, 1, 1))


def test_a_stale_version_is_refused_with_the_record_named(store, write, build):
    write(build.place())
    write(build.change(build.place(name="甲路"), Operation.CORRECT, 1))
    with pytest.raises(Conflict) as caught:
        write(build.place(id="P-2"), build.change(build.place(), Operation.CORRECT, 1))
    assert caught.value.context["record"] == "P-1"
    assert (caught.value.context["expected"], caught.value.context["actual"]) == (1, 2)
    assert store.get(PLACES, "P-1").name == "甲路"
    assert store.version(PLACES, "P-2") == 0, "the whole transaction is undone"


def test_creating_what_exists_is_a_conflict_and_changing_what_does_not_is_not_found(
    store, write, build
):
    write(build.place())
    with pytest.raises(Conflict):
        write(build.place())
    with pytest.raises(NotFound):
        write(build.change(build.place(id="P-9"), Operation.CORRECT))
    with pytest.raises(NotFound):
        store.get(PLACES, "P-9")


def test_one_batch_may_change_a_record_several_times(store, write, build):
    write(
        build.place(name="一路"),
        build.change(build.place(name="二路"), Operation.CORRECT, 1),
        build.place(id="P-2"),
        build.change(build.place(name="三路"), Operation.CORRECT, 2),
    )
    assert store.get(PLACES, "P-1").name == "三路"
    assert [entry.version for entry in store.log(record_id="P-1")] == [1, 2, 3]
    assert store.verify().sound


def test_nothing_is_kept_when_the_work_is_broken_off(store, build):
    with pytest.raises(RuntimeError), store.begin() as work:
        work.append([build.change(build.place())])
        raise RuntimeError
    assert store.count(PLACES) == 0
    assert list(store.log()) == []


def test_work_that_has_ended_takes_no_more(store, build):
    with store.begin() as work:
        pass
    with pytest.raises(StoreError) as caught:
        work.append([build.change(build.place())])
    assert caught.value.code == "transaction_closed"


def test_the_log_tells_who_when_why_and_leads_to_the_former_entry(store, write, build, clock):
    write(build.place(name="甲路"), build.unit())
    write(build.change(build.place(name="乙路"), Operation.CORRECT, 1))
    first, unit, second = store.log()
    assert (first.sequence, unit.sequence, second.sequence) == (1, 2, 3)
    assert (second.actor, second.reason, second.basis) == ("经办人甲", "测试", "示例文件")
    assert second.recorded_at == clock.now
    assert (first.before_sequence, second.before_sequence) == (None, 1)
    assert [entry.kind for entry in store.log(kind=RecordKind.UNITS)] == [RecordKind.UNITS]
    assert [entry.sequence for entry in store.log(after=1)] == [2, 3]
    assert unit.previous_hash == first.hash


def test_recorded_time_never_runs_backwards(store, write, build, clock):
    write(build.place())
    clock.now = datetime(2020, 1, 1, tzinfo=UTC)
    write(build.change(build.place(name="乙路"), Operation.CORRECT, 1))
    first, second = store.log()
    assert second.recorded_at >= first.recorded_at


def test_an_import_receipt_is_kept_once_and_only_with_its_rows(store, build, clock):
    receipt = ImportReceipt("sha256:ab", 1, '{"状态": "accepted"}', clock())
    with pytest.raises(RuntimeError), store.begin() as work:
        work.keep_receipt(receipt)
        raise RuntimeError
    assert store.receipt("sha256:ab") is None
    with store.begin() as work:
        work.append([build.change(build.place())])
        work.keep_receipt(receipt)
    assert store.receipt("sha256:ab") == replace(receipt, number=1, sequence=1)
    with pytest.raises(Conflict), store.begin() as work:
        work.keep_receipt(receipt)


@pytest.mark.parametrize(
    "geometry",
    [shapely.Point(), NOWHERE, shapely.Point(1e400, 0)],
    ids=["empty", "nan", "infinite"],
)
def test_geometry_that_is_nowhere_is_refused(store, write, build, geometry):
    with pytest.raises(InputError) as caught:
        write(build.place(id="good"), build.place(id="bad", geometry=geometry))
    assert caught.value.context["record"] == "bad"
    assert store.count(PLACES) == 0


@pytest.mark.parametrize("fields", [{"name": "坏\ud800"}, {"id": "坏\udfff"}])
def test_text_that_is_no_text_is_refused(store, write, build, fields):
    with pytest.raises(InputError):
        write(build.place(**fields))


def test_a_word_that_is_no_text_is_refused_in_a_question_as_well(store):
    kind = RecordKind.PLACE_NAMES
    for ask in (
        lambda: store.get(kind, "R\udc80"),
        lambda: store.version(kind, "R\udc80"),
        lambda: list(store.log(kind=kind, record_id="R\udc80")),
        lambda: store.places_like(written=["路\udc80"]),
    ):
        with pytest.raises(InputError) as refused:
            ask()
        assert refused.value.code == "text_not_unicode"


def test_a_height_that_is_no_number_is_refused(store, write, build):
    with pytest.raises(InputError):
        write(build.marker(height_m=float("nan")))


def test_rebuilding_from_the_log_changes_nothing_that_can_be_read(store, write, build):
    write(*(build.place(id=f"P-{n}", period=Period(date(2000, 1, 1))) for n in range(20)))
    later = Period(date(2015, 6, 1))
    write(
        *(
            build.change(build.place(id=f"P-{n}", name="新路", period=later), Operation.REVISE, 1)
            for n in range(0, 20, 3)
        )
    )
    days = (date(2010, 1, 1), date(2020, 1, 1))

    def read():
        boxed = store.records(PLACES, box=(120, 36, 121, 37))
        named = store.places_like(written=[normal_form("新路")])
        return [store.records(PLACES, as_of=day) for day in days], boxed, named

    before = read()
    assert store.rebuild() == 27
    assert read() == before
    assert store.verify().sound
