"""Units split and merged: shapes, lines and junctions follow in the same act, or are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely import LineString, box
from shapely.affinity import translate

from geo_service.cities import city
from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode, LegalStatus, NodeKind
from geo_service.domain.change import RecordKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.identity import DivisionCode, LineCode, MarkerNumber
from geo_service.domain.marker import BoundaryMarker, MarkerKind
from geo_service.domain.period import Period
from geo_service.domain.provenance import Provenance
from geo_service.errors import GeoServiceError
from geo_service.geometry.network import derive_network
from geo_service.services.register import mending, planning, several
from geo_service.services.register.acts import Signed
from geo_service.services.register.advice import advice_on
from geo_service.services.register.history import history
from geo_service.services.register.lineage import lineage
from geo_service.services.register.writing import Done, carry_out
from geo_service.store.opening import open_store
from geo_service.store.protocol import Store

UNITS, LINES = RecordKind.UNITS, RecordKind.BOUNDARY_LINES
NODES, MARKERS = RecordKind.BOUNDARY_NODES, RecordKind.MARKERS
SOURCE = Provenance(source="示例")
Y2010, Y2015, Y2020, Y2024 = (date(year, 1, 1) for year in (2010, 2015, 2020, 2024))
BY = Signed(actor="经办人甲", reason="测试", document_no="示例文 1 号")
CITY = city("990100")
A, B, C, D = (DivisionCode(f"99010{n}") for n in (1, 2, 3, 4))
NEW, OTHER = DivisionCode("990108"), DivisionCode("990109")
AB, AC, BC, BD, CD = (LineCode.between(*pair) for pair in ((A, B), (A, C), (B, C), (B, D), (C, D)))


class Ticking:
    def __init__(self) -> None:
        self.now = datetime(2025, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Store]:
    made = open_store(f"gpkg:{tmp_path}/r.gpkg", create=True, clock=Ticking())
    yield made
    made.close()


def unit(code: DivisionCode, name: str = "", geometry: Any = None) -> AdministrativeUnit:
    told = name or f"{code[-2:]} 区"
    return AdministrativeUnit(
        code=code, name=told, provenance=SOURCE, geometry=geometry, period=Period(Y2010)
    )


LAND = {
    A: shapely.Polygon([(119, 38.1), (119.1, 38.1), (119.1, 38.2), (119, 38.2)]),
    B: shapely.Polygon([(119.1, 38.1), (119.2, 38.1), (119.2, 38.2), (119.1, 38.2)]),
    C: shapely.Polygon([(119, 38), (119.1, 38), (119.1, 38.1), (119, 38.1)]),
    D: shapely.Polygon([(119.1, 38), (119.2, 38), (119.2, 38.1), (119.1, 38.1)]),
}
"""Four units of a square, A and B in the north, C and D in the south; they meet in one place."""


@pytest.fixture
def store(bare: Store) -> Store:
    units = [unit(code, geometry=shape) for code, shape in LAND.items()]
    found = derive_network(units, home=None, provenance=SOURCE, period=Period(Y2010))
    lines = [
        replace(line, agreement_no=f"示例 {n} 号", length_km=11.0, legal_status=LegalStatus.AGREED)
        for n, line in enumerate(found.lines)
    ]
    stone = BoundaryMarker(
        number=MarkerNumber("001Q"),
        line_code=AB,
        kind=MarkerKind.SINGLE,
        position=shapely.Point(119.1, 38.15),
        provenance=SOURCE,
        period=Period(Y2010),
    )
    for record in (*units, *lines, *found.nodes, stone):
        carry_out(bare, planning.create(bare, record, BY))
    return bare


def held(store: Store, kind: RecordKind, day: date = Y2024) -> dict[str, Any]:
    return {record.id: record for record in store.records(kind, as_of=day)}


def left(done: Done) -> str:
    return "\n".join(text.zh for text in done.plan.left)


def refusal(act: Any, *words: Any, **options: Any) -> str:
    with pytest.raises(GeoServiceError) as caught:
        act(*words, **options)
    return caught.value.code


def merged(store: Store, ids: list[str], into: AdministrativeUnit, on: date = Y2020) -> Done:
    return carry_out(store, several.merge(store, ids, into, on, BY, city=CITY))


def cut(store: Store, line: Any, *parts: AdministrativeUnit, code: str = A) -> Done:
    sides = ("left", "right")
    plan = several.split(store, code, parts, Y2020, BY, city=CITY, line=line, sides=sides)
    return carry_out(store, plan)


NORTH_SOUTH = LineString([(119.04, 38.3), (119.04, 37.9)])
"""To its left, as it runs to the south, lies the east."""


def test_a_merge_joins_the_shapes_and_ends_the_line_between(store: Store) -> None:
    done = merged(store, [A, B], unit(A, "甲乙区"))
    whole = held(store, UNITS)[A].geometry
    assert (whole.geom_type, whole.equals(box(119, 38.1, 119.2, 38.2))) == ("Polygon", True)
    lines = held(store, LINES)
    assert AB not in lines
    assert lines[AC].geometry.equals(held(store, LINES, Y2015)[AC].geometry)
    ad = LineCode.between(A, D)
    assert lines[ad].parties == {A, D}
    assert lines[ad].agreement_no == held(store, LINES, Y2015)[BD].agreement_no
    assert BD not in lines
    assert len({entry.recorded_at for entry in done.entries}) == 1
    told = left(done)
    assert AB in told
    assert "001Q" in told, "the marker of the line that ended"
    assert ad in told, "its name and agreement have to be looked at"


def test_a_junction_loses_who_is_no_more(store: Store) -> None:
    merged(store, [A, B], unit(A, "甲乙区"))
    nodes = held(store, NODES)
    (middle,) = [node for node in nodes.values() if node.kind is NodeKind.TRIPOINT]
    assert middle.units == (A, C, D)
    before = held(store, NODES, Y2015)
    (was,) = [node for node in before.values() if node.kind is NodeKind.TRIPOINT]
    assert was.units == (A, B, C, D)
    ends = {node.units for node in nodes.values() if node.kind is NodeKind.SEA_END}
    assert ends == {(A, C), (A, D), (C, D)}, "that of the two who became one is gone"


def test_two_lines_that_become_one_are_for_a_person(store: Store) -> None:
    # What A and D become borders B along two lines, each with its own agreement.
    done = merged(store, [A, D], unit(NEW, "甲丁区"))
    lines = held(store, LINES)
    assert {AB, BD, AC, CD} <= lines.keys()
    assert lines[AB].parties == {A, B}, "left as it was"
    assert f"{AB} {BD}" in left(done)
    assert f"{AC} {CD}" in left(done)


def test_a_split_by_a_line_cuts_lines_and_sets_junctions(store: Store) -> None:
    done = cut(store, NORTH_SOUTH, unit(NEW, "新区"), unit(A, "甲区"))
    units = held(store, UNITS)
    assert units[A].geometry.equals(box(119, 38.1, 119.04, 38.2))
    assert units[NEW].geometry.equals(box(119.04, 38.1, 119.1, 38.2))
    lines = held(store, LINES)
    between, to_c = LineCode.between(A, NEW), LineCode.between(C, NEW)
    assert lines[between].legal_status is LegalStatus.UNKNOWN
    assert lines[between].agreement_no == ""
    assert between in left(done)
    before = held(store, LINES, Y2015)[AC]
    assert shapely.union_all([lines[AC].geometry, lines[to_c].geometry]).equals(before.geometry)
    assert lines[AC].agreement_no == lines[to_c].agreement_no == before.agreement_no
    assert (lines[AC].length_km, lines[to_c].length_km, before.length_km) == (None, None, 11.0)
    assert AB not in lines
    assert lines[LineCode.between(NEW, B)].parties == {NEW, B}
    (junction,) = [n for n in held(store, NODES).values() if n.units == (A, C, NEW)]
    assert junction.position.equals(shapely.Point(119.04, 38.1))
    ends = {tuple(p) for p in shapely.get_coordinates(lines[between].geometry).tolist()}
    assert tuple(shapely.get_coordinates(junction.position)[0].tolist()) in ends
    assert "38.200000" in left(done), "the northern end lies on no line of the register"


def test_left_and_right_of_a_line_stay_right_when_it_is_handed_on(store: Store) -> None:
    cut(store, NORTH_SOUTH, unit(NEW, "新区"), unit(A, "甲区"))
    units = held(store, UNITS)
    for line in held(store, LINES).values():
        (x1, y1), (x2, y2) = shapely.get_coordinates(line.geometry)[:2].tolist()
        middle = ((x1 + x2) / 2, (y1 + y2) / 2)
        beside = shapely.Point(middle[0] - (y2 - y1) / 100, middle[1] + (x2 - x1) / 100)
        assert units[line.left_code].geometry.contains(beside), line.code


def test_a_split_and_what_followed_from_it_are_undone_as_one(store: Store) -> None:
    kinds = (UNITS, LINES, NODES)
    before = [held(store, kind) for kind in kinds]
    done = cut(store, NORTH_SOUTH, unit(NEW, "新区"), unit(A, "甲区"))
    assert [held(store, kind) for kind in kinds] != before
    carry_out(store, mending.undo(store, done.event, BY))
    after = [held(store, kind) for kind in kinds]
    for was, now in zip(before, after, strict=True):
        assert was.keys() == now.keys()
        assert all(replace(now[k], period=was[k].period) == was[k] for k in was)
    assert store.verify().sound


def test_a_split_merged_again_gives_the_ground_back_without_a_sliver(store: Store) -> None:
    slanted = LineString([(119.013, 38.3), (119.087, 37.9)])
    cut(store, slanted, unit(NEW, "新区"), unit(A, "甲区"))
    merged(store, [A, NEW], unit(A, "甲区"), Y2024)
    whole = held(store, UNITS)[A].geometry
    assert (whole.geom_type, len(whole.interiors)) == ("Polygon", 0)
    assert whole.symmetric_difference(LAND[A]).area < 1e-15
    merged(store, [A, C], unit(A, "甲区"), date(2025, 1, 1))
    wider = held(store, UNITS, date(2025, 1, 1))[A].geometry
    assert (wider.geom_type, len(wider.interiors)) == ("Polygon", 0)


def test_the_lineage_of_units_is_not_mixed_with_that_of_their_lines(store: Store) -> None:
    done = cut(store, NORTH_SOUTH, unit(NEW, "新区"), unit(A, "甲区"))
    (event,) = lineage(store, UNITS, NEW, as_of=Y2024).predecessors
    assert [node.id for node in event.before + event.after] == [A, A, NEW]
    between = LineCode.between(A, NEW)
    assert lineage(store, LINES, between, as_of=Y2024).predecessors == ()
    (step,) = history(store, LINES, between, plane_epsg=CITY.plane_epsg)
    assert step.basis is not None
    assert step.basis.event == done.event


def test_shapes_given_by_a_person_must_make_up_the_unit(store: Store) -> None:
    west, east = box(119, 38.1, 119.04, 38.2), box(119.04, 38.1, 119.1, 38.2)
    for wrong in (box(119.05, 38.1, 119.1, 38.2), box(119.03, 38.1, 119.1, 38.2)):
        parts = [unit(A, geometry=west), unit(NEW, geometry=wrong)]
        code = refusal(several.split, store, A, parts, Y2020, BY, city=CITY)
        assert code == "register_parts_do_not_fill"
    parts = [unit(A, geometry=west), unit(NEW, geometry=east)]
    carry_out(store, several.split(store, A, parts, Y2020, BY, city=CITY))
    assert LineCode.between(A, NEW) in held(store, LINES)


def test_what_cannot_be_parted_is_refused_and_nothing_is_written(store: Store) -> None:
    before = store.log_mark()
    short = LineString([(119.04, 38.3), (119.04, 38.15)])
    parts = [unit(NEW, "新区"), unit(A, "甲区")]
    given = {"city": CITY, "line": short, "sides": ("left", "right")}
    act = (store, A, parts, Y2020, BY)
    assert refusal(several.split, *act, **given) == "parting_line_stops_inside"
    told = given | {"sides": ("left", "")}
    assert refusal(several.split, *act, **told) == "register_sides_unclear"
    apart = replace(unit(B, geometry=box(119.10002, 38.1, 119.2, 38.2)))
    carry_out(store, planning.change(store, apart, Y2015, BY))
    assert refusal(several.merge, store, [A, B], unit(A, "甲"), Y2020, BY, city=CITY) == (
        "areas_do_not_match"
    )
    assert store.log_mark().sequence == before.sequence + 1


def test_without_lines_or_shapes_it_is_told_what_is_left_to_do(bare: Store, store: Store) -> None:
    parts = [unit(A, "甲区"), unit(NEW, "新区")]
    done = carry_out(store, several.split(store, A, parts, Y2020, BY, city=CITY))
    assert {change.record.id for change in done.changes} == {A, NEW}
    assert all(code in left(done) for code in (AB, AC))


def test_a_register_without_lines_is_left_without(bare: Store) -> None:
    for code in (A, B):
        carry_out(bare, planning.create(bare, unit(code, geometry=LAND[code]), BY))
    done = merged(bare, [A, B], unit(A, "甲乙区"))
    assert held(bare, LINES) == {}
    assert "没有" in left(done)
    assert held(bare, UNITS)[A].geometry.equals(box(119, 38.1, 119.2, 38.2))


def test_a_line_that_began_on_the_same_day_is_for_a_person(store: Store) -> None:
    ab = held(store, LINES)[AB]
    carry_out(store, planning.change(store, replace(ab, agreement_no="示例 9 号"), Y2020, BY))
    done = merged(store, [A, B], unit(A, "甲乙区"))
    assert AB in held(store, LINES)
    assert f"{AB} 自 2020-01-01" in left(done)


def test_a_junction_is_kept_by_hand(bare: Store) -> None:
    node = BoundaryNode(
        id="T-1",
        kind=NodeKind.TRIPOINT,
        units=(A, B, C),
        position=shapely.Point(119.1, 38.1),
        provenance=SOURCE,
        period=Period(Y2010),
    )
    carry_out(bare, planning.create(bare, node, BY))
    moved = replace(node, position=shapely.Point(119.1, 38.1001))
    carry_out(bare, planning.move(bare, "T-1", moved, Y2020, BY))
    first, second = history(bare, NODES, "T-1", plane_epsg=CITY.plane_epsg)
    assert second.differs is not None
    assert second.differs.geometry is not None
    assert second.differs.geometry.moved_m == pytest.approx(11.1, abs=0.1)
    carry_out(bare, mending.void(bare, NODES, "T-1", BY))
    assert held(bare, NODES) == {}
    assert isinstance(first.record, BoundaryNode | AdministrativeBoundary)


def test_a_line_along_two_parts_that_no_new_line_meets_stays_and_is_told(store: Store) -> None:
    # Drawn apart from the edges, as surveyed lines are: three metres to the north.
    ac = held(store, LINES)[AC]
    aside = replace(ac, geometry=translate(ac.geometry, yoff=0.00003))
    carry_out(store, planning.change(store, aside, Y2015, BY))
    for parts in ((unit(NEW), unit(A)), (unit(NEW), unit(OTHER))):
        given = {"city": CITY, "line": NORTH_SOUTH, "sides": ("left", "right")}
        plan = several.split(store, A, parts, Y2020, BY, **given)
        changed = {change.record.id for change in plan.changes}
        assert changed.isdisjoint({AC, LineCode.between(C, NEW), LineCode.between(C, OTHER)})
        assert any(AC in text.zh and str(NEW) in text.zh for text in plan.left)
        assert LineCode.between(NEW, B) in changed, "of which it is clear who takes it over"


def test_markers_on_a_stretch_that_is_another_line_now_are_told(store: Store) -> None:
    for number, lon in (("011Q", 119.02), ("012Q", 119.08)):
        stone = BoundaryMarker(
            number=MarkerNumber(number),
            line_code=AC,
            kind=MarkerKind.SINGLE,
            position=shapely.Point(lon, 38.1),
            provenance=SOURCE,
            period=Period(Y2010),
        )
        carry_out(store, planning.create(store, stone, BY))
    told = left(cut(store, NORTH_SOUTH, unit(NEW, "新区"), unit(A, "甲区")))
    assert f"{AC}/012Q" in told
    assert f"{AC}/011Q" not in told, "it stands where the line still is"


def test_advice_names_nothing_that_the_act_itself_changes(store: Store) -> None:
    parts = [unit(NEW, "新区"), unit(OTHER, "旧区")]
    given = {"city": CITY, "line": NORTH_SOUTH, "sides": ("left", "right")}
    plan = several.split(store, A, parts, Y2020, BY, **given)
    told = "\n".join(text.zh for text in advice_on(plan, CITY, store))
    assert "界桩" in told
    changed = {change.record.id for change in plan.changes} - {A}
    assert [record for record in changed if f"例如 {record}，" in told] == []


def test_a_shape_of_other_ground_for_what_units_became_is_told(store: Store) -> None:
    half = unit(A, "甲乙区", box(119, 38.1, 119.1, 38.2))
    assert "缺少" in left(merged(store, [A, B], half))
    exact = unit(C, "丙丁区", box(119, 38, 119.2, 38.1))
    assert "缺少" not in left(merged(store, [C, D], exact))
