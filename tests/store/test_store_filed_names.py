"""What an index beside the store lives on: the names that stand, and which no longer do."""

from __future__ import annotations

from datetime import date

import pytest
import shapely

from geo_service.domain.change import Operation
from geo_service.domain.period import Period
from geo_service.domain.place import NameStatus
from geo_service.errors import NotFound
from geo_service.store.protocol import LogMark


def test_names_come_by_row_in_pages(store, write, build):
    write(*(build.place(f"P-{n}", name=f"第{n}路") for n in range(5)), build.unit())
    first = store.filed_names(limit=3)
    rest = store.filed_names(after=first[-1].row, limit=3)
    assert [filed.name for filed in first + rest] == [f"第{n}路" for n in range(5)]
    assert store.filed_names(after=rest[-1].row, limit=3) == []
    assert [place.id for place in store.places_in_rows([rest[0].row, first[0].row])] == [
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
    one, other = store.filed_names(limit=9)
    assert one.position == pytest.approx((120.25, 36.125), abs=1e-4)
    assert (one.status, one.unit_code, one.period) == (NameStatus.FORMER, "370202", period)
    assert (other.position, other.unit_code, other.period) == (None, None, Period())


def test_versions_taken_back_are_told_once_the_mark_is_passed(store, write, build):
    write(build.place("A", name="旧路"), build.place("B"))
    rows = {filed.name: filed.row for filed in store.filed_names(limit=9)}
    mark = store.log_mark()
    assert store.names_withdrawn(mark) == []
    write(build.change(build.place("A", name="新路"), Operation.CORRECT, 1))
    assert store.names_withdrawn(mark) == [rows["旧路"]]
    [new] = store.filed_names(after=max(rows.values()), limit=9)
    assert new.name == "新路"
    assert store.log_mark().sequence == mark.sequence + 1
    assert store.names_withdrawn(store.log_mark()) == []


def test_a_mark_of_another_register_is_recognised(store, write, build):
    write(build.place("A"))
    assert store.names_withdrawn(LogMark(1, "0" * 64)) is None
    assert store.names_withdrawn(LogMark(7, store.log_mark().hash)) is None


def test_a_row_that_is_not_there_is_refused(store):
    with pytest.raises(NotFound):
        store.places_in_rows([1])
