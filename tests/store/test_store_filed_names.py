"""What an index beside the store lives on: the names that stand, and which no longer do."""

from __future__ import annotations

from datetime import date

import pytest
import shapely

from geo_service.domain.change import Operation, RecordKind
from geo_service.domain.period import Period
from geo_service.domain.place import NameStatus
from geo_service.errors import NotFound
from geo_service.store.protocol import LogMark

PLACES, ROADS = RecordKind.PLACE_NAMES, RecordKind.ROADS


def test_names_come_by_row_in_pages(store, write, build):
    write(*(build.place(f"P-{n}", name=f"第{n}路") for n in range(5)), build.unit())
    first = store.filed_names(PLACES, limit=3)
    rest = store.filed_names(PLACES, after=first[-1].row, limit=3)
    assert [filed.name for filed in first + rest] == [f"第{n}路" for n in range(5)]
    assert store.filed_names(PLACES, after=rest[-1].row, limit=3) == []
    assert [place.id for place in store.records_in_rows(PLACES, [rest[0].row, first[0].row])] == [
        "P-3",
        "P-0",
    ]


def test_a_name_carries_what_a_search_needs(store, write, build):
    line = shapely.LineString([(120, 36), (120.5, 36.25)])
    period = Period(date(2020, 1, 1), date(2030, 1, 1))
    write(
        build.place("A", geometry=line, status=NameStatus.FORMER, period=period),
        build.place("B", geometry=None, unit_code=None),
    )
    one, other = store.filed_names(PLACES, limit=9)
    assert one.position == pytest.approx((120.25, 36.125), abs=1e-4)
    assert (one.status, one.unit_code, one.period) == (NameStatus.FORMER, "370202", period)
    assert (other.position, other.unit_code, other.period) == (None, None, Period())


def test_versions_taken_back_are_told_once_the_mark_is_passed(store, write, build):
    write(build.place("A", name="旧路"), build.place("B"))
    rows = {filed.name: filed.row for filed in store.filed_names(PLACES, limit=9)}
    mark = store.log_mark()
    assert store.names_withdrawn(PLACES, mark) == []
    write(build.change(build.place("A", name="新路"), Operation.CORRECT, 1))
    assert store.names_withdrawn(PLACES, mark) == [rows["旧路"]]
    [new] = store.filed_names(PLACES, after=max(rows.values()), limit=9)
    assert new.name == "新路"
    assert store.log_mark().sequence == mark.sequence + 1
    assert store.names_withdrawn(PLACES, store.log_mark()) == []


def test_roads_have_rows_of_their_own(store, write, build):
    write(build.place("P-1", name="甲路"), build.road("RD-1", name="乙路"))
    [filed] = store.filed_names(ROADS, limit=9)
    assert (filed.name, filed.unit_code, filed.spelling) == ("乙路", "370202", "")
    assert filed.position == pytest.approx((120.39, 36.06), abs=1e-4)
    assert [road.id for road in store.records_in_rows(ROADS, [filed.row])] == ["RD-1"]
    mark = store.log_mark()
    write(build.change(build.road("RD-1", name="丙路"), Operation.CORRECT, 1))
    assert store.names_withdrawn(ROADS, mark) == [filed.row]
    assert store.names_withdrawn(PLACES, mark) == []


def test_names_are_told_as_they_were_known(store, write, build, clock):
    empty, before = store.log_mark(), clock.now
    write(build.place("A", name="旧路"))
    believed, mark = clock.now, store.log_mark()
    write(build.change(build.place("A", name="新路"), Operation.CORRECT, 1))
    told = {
        moment: [filed.name for filed in store.filed_names(PLACES, known_at=moment, limit=9)]
        for moment in (before, believed, None)
    }
    assert told == {before: [], believed: ["旧路"], None: ["新路"]}
    assert store.log_mark(known_at=believed) == mark
    assert store.log_mark(known_at=before) == empty
    assert store.log_mark(known_at=clock.now) == store.log_mark() != mark


def test_a_mark_of_another_register_is_recognised(store, write, build):
    write(build.place("A"))
    assert store.names_withdrawn(PLACES, LogMark(1, "0" * 64)) is None
    assert store.names_withdrawn(PLACES, LogMark(7, store.log_mark().hash)) is None


def test_a_row_that_is_not_there_is_refused(store):
    with pytest.raises(NotFound):
        store.records_in_rows(PLACES, [1])
