"""History of a record, and what of a unit differs between two days: fields, metres, both clocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.identity import DivisionCode, LineCode, MarkerNumber
from geo_service.domain.marker import BoundaryMarker, MarkerKind
from geo_service.domain.period import Period
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Provenance
from geo_service.errors import NotFound
from geo_service.services.register import mending, planning
from geo_service.services.register.acts import Signed
from geo_service.services.register.changes import (
    Manner,
    changes_recorded,
)
from geo_service.services.register.changes import changes_between as told_between
from geo_service.services.register.differences import difference
from geo_service.services.register.history import history
from geo_service.services.register.writing import carry_out
from geo_service.store.opening import open_store
from geo_service.store.protocol import Store

PLANE = 4549
"""CGCS2000, three-degree zone of central meridian 120° E."""
SOURCE = Provenance(source="示例")
Y2010, Y2015, Y2020, Y2024 = (date(year, 1, 1) for year in (2010, 2015, 2020, 2024))
BY = Signed(actor="经办人甲", reason="测试", document_no="示例文 1 号")
ONE, OTHER = DivisionCode("990101"), DivisionCode("990102")
LINE = LineCode.between(ONE, OTHER)


class Ticking:
    def __init__(self) -> None:
        self.now = datetime(2025, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(f"gpkg:{tmp_path}/r.gpkg", create=True, clock=Ticking())
    yield made
    made.close()


def unit(code: DivisionCode = ONE, name: str = "甲区", **fields: Any) -> AdministrativeUnit:
    told: dict[str, Any] = {"period": Period(Y2010), "geometry": shapely.box(120, 36, 120.1, 36.1)}
    return AdministrativeUnit(code=code, name=name, provenance=SOURCE, **told | fields)


def line(**fields: Any) -> AdministrativeBoundary:
    told: dict[str, Any] = {
        "name": "甲乙线",
        "geometry": shapely.LineString([(120.1, 36.1), (120.1, 36)]),
        "period": Period(Y2010),
    }
    return AdministrativeBoundary(
        code=LINE, left_code=OTHER, right_code=ONE, provenance=SOURCE, **told | fields
    )


def marker(**fields: Any) -> BoundaryMarker:
    told: dict[str, Any] = {"position": shapely.Point(120.1, 36.05), "period": Period(Y2010)}
    return BoundaryMarker(
        number=MarkerNumber("001Q"),
        line_code=LINE,
        kind=MarkerKind.SINGLE,
        provenance=SOURCE,
        **told | fields,
    )


def road(id: str, unit_code: DivisionCode) -> NamedPlace:
    return NamedPlace(
        id=id,
        name="云岭路",
        feature_type=FeatureType.ROAD,
        unit_code=unit_code,
        provenance=SOURCE,
        period=Period(Y2010),
    )


def made(store: Store, *records: Any) -> None:
    for record in records:
        carry_out(store, planning.create(store, record, BY))


def changes_between(
    store: Store, code: DivisionCode, *days: date, **options: Any
) -> tuple[Any, ...]:
    """The records that differ, of all kinds in order."""
    found = told_between(store, code, (days[0], days[1]), plane_epsg=PLANE, **options)
    return tuple(change for of in found for change in of.differing)


def happened(found: Any) -> list[tuple[str, str, Manner, date | None]]:
    return [(of.kind, o.record.id, o.manner, o.day) for of in found for o in of.happened]


def test_a_point_is_told_by_the_ground_it_moved() -> None:
    told = difference(marker(), marker(position=shapely.Point(120.1, 36.051)), PLANE)
    assert told.fields == ()
    assert told.geometry is not None
    # One thousandth of a degree of latitude at 36° N is 110.96 m on the ellipsoid.
    assert told.geometry.moved_m == pytest.approx(110.96, abs=0.02)


def test_a_line_is_told_by_its_length_and_its_farthest_shift() -> None:
    bent = shapely.LineString([(120.1, 36.1), (120.101, 36.05), (120.1, 36)])
    told = difference(line(), line(geometry=bent, length_km=11.1), PLANE)
    assert [(c.field, c.before, c.after) for c in told.fields] == [("length_km", "", "11.1")]
    assert told.geometry is not None
    # One thousandth of a degree of longitude at 36.05° N is 90.1 m.
    assert told.geometry.moved_m == pytest.approx(90.1, abs=0.2)
    assert told.geometry.length_before_m == pytest.approx(11_097, abs=5)
    assert (told.geometry.length_after_m or 0) > (told.geometry.length_before_m or 0)


def test_an_area_is_told_by_what_it_gained_and_lost() -> None:
    wider = shapely.box(120.01, 36, 120.12, 36.1)
    told = difference(unit(), unit(geometry=wider), PLANE).geometry
    assert told is not None
    assert told.area_before_m2
    assert told.area_after_m2
    assert told.gained_m2 == pytest.approx(0.2 * told.area_before_m2, rel=1e-3)
    assert told.lost_m2 == pytest.approx(0.1 * told.area_before_m2, rel=1e-3)
    balance = told.area_before_m2 + told.gained_m2 - told.lost_m2
    assert balance == pytest.approx(told.area_after_m2, rel=1e-6)


def test_a_shape_given_or_taken_has_a_size_and_no_shift() -> None:
    told = difference(unit(geometry=None), unit(), PLANE).geometry
    assert told is not None
    assert (told.moved_m, told.area_before_m2, told.gained_m2) == (None, None, None)
    assert told.area_after_m2
    assert not difference(unit(), unit(), PLANE).is_any
    assert not difference(unit(period=Period(Y2020)), unit(), PLANE).is_any


def test_every_version_is_there_with_both_clocks_and_what_it_rests_on(store: Store) -> None:
    made(store, unit())
    carry_out(store, planning.rename(store, ONE, unit(name="申市"), Y2015, BY))
    slip = unit(name="甲市", period=Period(Y2015))
    carry_out(store, mending.correct(store, slip, Signed(actor="经办人乙", reason="错字")))
    first, second, third = history(store, RecordKind.UNITS, ONE, plane_epsg=PLANE)
    assert (first.period, second.period, third.period) == (
        Period(Y2010, Y2015), None, Period(Y2015),
    )  # fmt: skip
    assert second.superseded_by == third.entry.sequence
    assert second.superseded_at == third.entry.recorded_at
    assert first.superseded_at is None, "closed, but still what the register says of its days"
    assert [step.document_no for step in (first, second, third)] == ["示例文 1 号"] * 2 + [""]
    assert third.differs is not None
    assert [(c.before, c.after) for c in third.differs.fields] == [("申市", "甲市")]


def test_history_of_a_day_or_a_moment_leaves_out_what_does_not_speak_of_it(store: Store) -> None:
    made(store, unit())
    done = carry_out(store, planning.rename(store, ONE, unit(name="甲市"), Y2015, BY))
    carry_out(store, planning.retire(store, RecordKind.UNITS, ONE, Y2020, BY))
    told = history(store, RecordKind.UNITS, ONE, plane_epsg=PLANE, as_of=Y2024)
    assert [step.entry.version for step in told] == [1, 2]
    moment = done.entries[0].recorded_at
    known = history(store, RecordKind.UNITS, ONE, plane_epsg=PLANE, known_at=moment)
    assert [step.entry.version for step in known] == [1, 2]
    assert known[1].period == Period(Y2015)
    with pytest.raises(NotFound):
        history(store, RecordKind.UNITS, OTHER, plane_epsg=PLANE)


def test_what_came_in_by_import_is_told_by_the_log_alone(store: Store) -> None:
    change = Change(
        operation=Operation.CREATE, record=unit(), actor="import", reason="导入", basis="ab12"
    )
    with store.begin() as work:
        work.append([change])
    (step,) = history(store, RecordKind.UNITS, ONE, plane_epsg=PLANE)
    assert (step.basis, step.document_no, step.entry.reason) == (None, "ab12", "导入")


def test_all_that_belongs_to_a_unit_is_compared_between_two_days(store: Store) -> None:
    made(store, unit(), unit(OTHER, "乙区"), line(), marker(), road("R-1", ONE), road("R-2", OTHER))
    kinds = RecordKind
    wider = unit(geometry=shapely.box(120, 36, 120.2, 36.1))
    carry_out(store, planning.change(store, wider, Y2020, BY))
    carry_out(store, planning.change(store, line(agreement_no="示例 2 号"), Y2020, BY))
    moved = marker(position=shapely.Point(120.1, 36.06))
    carry_out(store, planning.move(store, marker().id, moved, Y2020, BY))
    carry_out(store, planning.retire(store, kinds.PLACE_NAMES, "R-1", Y2020, BY))
    carry_out(store, planning.create(store, replace(road("R-3", ONE), period=Period(Y2020)), BY))
    found = changes_between(store, ONE, Y2015, Y2024)
    assert [(c.kind, c.id, c.before is None, c.after is None) for c in found] == [
        (kinds.PLACE_NAMES, "R-1", False, True),
        (kinds.PLACE_NAMES, "R-3", True, False),
        (kinds.UNITS, ONE, False, False),
        (kinds.BOUNDARY_LINES, LINE, False, False),
        (kinds.MARKERS, f"{LINE}/001Q", False, False),
    ]
    assert changes_between(store, ONE, Y2010, Y2015) == ()
    moment = next(store.log(after=5)).recorded_at
    earlier = changes_between(store, ONE, Y2015, Y2024, known_at=moment)
    assert earlier == (), "in that moment nobody knew of the changes"


def test_a_name_that_moved_to_another_unit_left_the_first(store: Store) -> None:
    made(store, road("R-1", ONE))
    carry_out(store, planning.move(store, "R-1", road("R-1", OTHER), Y2020, BY))
    (left,) = changes_between(store, ONE, Y2015, Y2024)
    (came,) = changes_between(store, OTHER, Y2015, Y2024)
    assert (left.after, came.before) == (None, None)
    assert left.entry.operation is Operation.REVISE


def test_what_came_and_went_between_the_days_is_listed_though_neither_state_has_it(
    store: Store,
) -> None:
    made(store, unit())
    kinds = RecordKind
    short = replace(road("R-1", ONE), period=Period(date(2016, 1, 1)))
    made(store, short)
    carry_out(store, planning.retire(store, kinds.PLACE_NAMES, "R-1", date(2018, 1, 1), BY))
    carry_out(store, planning.rename(store, ONE, unit(name="甲市"), date(2017, 1, 1), BY))
    carry_out(store, planning.rename(store, ONE, unit(name="甲区"), date(2019, 1, 1), BY))
    found = told_between(store, ONE, (Y2015, Y2020), plane_epsg=PLANE)
    assert [change for of in found for change in of.differing] == []
    assert happened(found) == [
        (kinds.PLACE_NAMES, "R-1", Manner.BEGAN, date(2016, 1, 1)),
        (kinds.PLACE_NAMES, "R-1", Manner.ENDED, date(2018, 1, 1)),
        (kinds.UNITS, ONE, Manner.CHANGED, date(2017, 1, 1)),
        (kinds.UNITS, ONE, Manner.CHANGED, date(2019, 1, 1)),
    ]
    moment = store.log_mark().recorded_at
    done = carry_out(store, mending.void(store, kinds.PLACE_NAMES, "R-1", BY))
    assert len(happened(told_between(store, ONE, (Y2015, Y2020), plane_epsg=PLANE))) == 2
    then = told_between(store, ONE, (Y2015, Y2020), plane_epsg=PLANE, known_at=moment)
    assert len(happened(then)) == 4
    assert done.entries


def test_an_act_that_was_undone_did_not_happen_in_the_world(store: Store) -> None:
    made(store, unit())
    done = carry_out(store, planning.rename(store, ONE, unit(name="甲市"), Y2020, BY))
    carry_out(store, mending.undo(store, done.event, BY))
    assert happened(told_between(store, ONE, (Y2015, Y2024), plane_epsg=PLANE)) == []


def test_what_the_register_came_to_say_otherwise_is_told_by_recorded_time(store: Store) -> None:
    made(store, unit(), unit(OTHER, "乙区"))
    first = store.log_mark().recorded_at
    assert first is not None
    slip = Signed(actor="经办人乙", reason="错字")
    carry_out(store, mending.correct(store, unit(name="申区"), slip))
    made(store, road("R-1", ONE))
    carry_out(store, mending.void(store, RecordKind.PLACE_NAMES, "R-1", slip))
    carry_out(store, planning.retire(store, RecordKind.UNITS, ONE, Y2020, BY))
    last = store.log_mark().recorded_at
    assert last is not None
    found = changes_recorded(store, ONE, (first, last), as_of=Y2015, plane_epsg=PLANE)
    assert [
        (c.id, c.differs and c.differs.fields[0].after) for of in found for c in of.differing
    ] == [(ONE, "申区")]
    assert happened(found) == [
        (RecordKind.PLACE_NAMES, "R-1", Manner.BEGAN, Y2010),
        (RecordKind.PLACE_NAMES, "R-1", Manner.ANNULLED, Y2010),
        (RecordKind.UNITS, ONE, Manner.CORRECTED, Y2010),
        (RecordKind.UNITS, ONE, Manner.ENDED, Y2020),
    ]
    gone = changes_recorded(store, ONE, (first, last), as_of=Y2024, plane_epsg=PLANE)
    assert [(c.id, c.after) for of in gone for c in of.differing] == [(ONE, None)]
    before = last - timedelta(seconds=1)
    later = changes_recorded(store, ONE, (before, last), as_of=Y2015, plane_epsg=PLANE)
    assert [o[2] for o in happened(later)] == [Manner.ENDED]
