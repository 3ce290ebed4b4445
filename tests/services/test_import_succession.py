"""What an import says of the past is in the register as if done by hand: renamed, split, merged."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import pytest
import shapely

from geo_service.cities import city
from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.change import Operation, RecordKind
from geo_service.domain.identity import DivisionCode, LineCode
from geo_service.domain.period import Period
from geo_service.domain.place import NamedPlace
from geo_service.domain.provenance import Provenance
from geo_service.services.interchange.importing import import_file
from geo_service.services.interchange.report import ImportReport
from geo_service.services.persons.tokens import ids_in
from geo_service.services.register import mending, planning
from geo_service.services.register.acts import Act, Signed, basis_of
from geo_service.services.register.lineage import lineage
from geo_service.services.register.writing import carry_out
from geo_service.store.opening import open_store
from geo_service.store.protocol import Store

UNITS, PLACES = RecordKind.UNITS, RecordKind.PLACE_NAMES
NOW, TODAY = datetime(2026, 11, 23, 6, tzinfo=UTC), date(2026, 11, 23)
Y2005, Y2015, Y2020 = (date(year, 1, 1) for year in (2005, 2015, 2020))
Bring = Callable[..., ImportReport]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(f"gpkg:{tmp_path}/r.gpkg", create=True)
    yield made
    made.close()


@pytest.fixture
def bring(store: Store, tmp_path: Path) -> Bring:
    numbers = iter(range(100))

    def units(*rows: dict[str, Any]) -> ImportReport:
        features = []
        for row in rows:
            west = 119.0 + int(row["code"][-2:]) / 100
            shape = shapely.box(west, 38.1, west + 0.01, 38.2)
            geometry = json.loads(shapely.to_geojson(shape))
            features.append({"type": "Feature", "properties": row, "geometry": geometry})
        path = tmp_path / f"units{next(numbers)}.geojson"
        told = {"type": "FeatureCollection", "features": features}
        path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        return read(path, UNITS)

    def read(path: Path, kind: RecordKind = PLACES) -> ImportReport:
        given: dict[str, Any] = {
            "city": city("990100"),
            "actor": "导入",
            "now": NOW,
            "today": TODAY,
        }
        report = import_file(store, path, kind, **given)
        assert report.accepted, report.errors
        return report

    def names(text: str) -> ImportReport:
        path = tmp_path / f"names{next(numbers)}.csv"
        path.write_text(text, encoding="utf-8")
        return read(path)

    def brought(*told: Any) -> ImportReport:
        return names(told[0]) if isinstance(told[0], str) else units(*told)

    return brought


def unit(code: str, name: str, start: str = "2001-01-01", **more: str) -> dict[str, Any]:
    return {"code": code, "name": name, "启用日期": start, **more}


def held(store: Store, day: date, kind: RecordKind = UNITS) -> dict[str, str]:
    return {r.id: getattr(r, "name", "") for r in store.records(kind, as_of=day)}


def codes(report: ImportReport) -> set[str]:
    return {issue.code for issue in report.issues}


def test_another_name_from_a_later_day_is_a_renaming(store: Store, bring: Bring) -> None:
    bring("id,name,类型,启用日期\nR-1,云岭路,道路,2001-01-01\nR-2,海月路,道路,2001-01-01\n")
    report = bring("id,name,类型,启用日期,原名\nR-1,云山路,道路,2015-01-01,云岭路\n")
    assert (report.stored, "former_name_differs" in codes(report)) == (1, False)
    assert held(store, Y2005, PLACES)["R-1"] == "云岭路"
    assert held(store, Y2015, PLACES)["R-1"] == "云山路"
    (event,) = lineage(store, PLACES, "R-1", as_of=Y2020).predecessors
    assert (event.act, event.day, event.before[0].name) == (Act.RENAME, Y2015, "云岭路")
    assert event.document_no.startswith("sha256:")
    carry_out(store, mending.undo(store, event.number, Signed(actor="甲", reason="误导入")))
    assert held(store, Y2020, PLACES)["R-1"] == "云岭路"
    assert store.verify().sound


def test_another_name_for_the_same_days_is_a_correction(store: Store, bring: Bring) -> None:
    bring("id,name,类型,启用日期\nR-1,云岺路,道路,2001-01-01\n")
    bring("id,name,类型,启用日期\nR-1,云岭路,道路,2001-01-01\n")
    assert held(store, Y2005, PLACES) == {"R-1": "云岭路"}
    assert lineage(store, PLACES, "R-1", as_of=Y2020).predecessors == ()


def test_a_former_name_that_the_register_does_not_have_is_told(store: Store, bring: Bring) -> None:
    bring("id,name,类型,启用日期\nR-1,云岭路,道路,2001-01-01\n")
    report = bring("id,name,类型,启用日期,曾用名\nR-1,云山路,道路,2015-01-01,云峰路\n")
    assert "former_name_differs" in codes(report)
    assert len(lineage(store, PLACES, "R-1", as_of=Y2020).predecessors) == 1


def test_units_of_a_file_succeed_those_they_name(store: Store, bring: Bring) -> None:
    bring(unit("990101", "甲区"), unit("990102", "乙区"), unit("990103", "丙区"))
    report = bring(
        unit("990101", "甲区", "2015-01-01", 原代码="990101"),
        unit("990109", "新区", "2015-01-01", 原代码="990101"),
        unit("990104", "丁区", "2015-01-01", 原代码="990102、990103"),
        unit("990105", "戊区", "2015-01-01"),
    )
    assert report.stored == 4
    assert held(store, Y2005) == {"990101": "甲区", "990102": "乙区", "990103": "丙区"}
    after = {"990101": "甲区", "990104": "丁区", "990105": "戊区", "990109": "新区"}
    assert held(store, Y2015) == after
    (split,) = lineage(store, UNITS, "990109", as_of=Y2020).predecessors
    assert (split.act, [n.id for n in split.after]) == (Act.SPLIT, ["990101", "990109"])
    (merge,) = lineage(store, UNITS, "990104", as_of=Y2020).predecessors
    assert (merge.act, [n.id for n in merge.before]) == (Act.MERGE, ["990102", "990103"])
    assert lineage(store, UNITS, "990105", as_of=Y2020).predecessors == ()
    events = {told.event for entry in store.log() if (told := basis_of(entry))}
    assert events == {split.number, merge.number}
    carry_out(store, mending.undo(store, merge.number, Signed(actor="甲", reason="误导入")))
    assert "990104" not in held(store, Y2020)
    assert store.verify().sound


def test_a_unit_under_a_new_code_is_renamed_where_its_code_had_ended(
    store: Store, bring: Bring
) -> None:
    bring(unit("990141", "前庚县", "1981-01-01"), unit("990142", "前辛县", "1981-01-01"))
    bring(
        unit("990121", "庚县", "2000-01-01", 原行政区划代码="990141"),
        unit("990122", "前辛县", "2000-01-01", 原行政区划代码="990142"),
    )
    (renamed,) = lineage(store, UNITS, "990121", as_of=Y2005).predecessors
    (moved,) = lineage(store, UNITS, "990122", as_of=Y2005).predecessors
    assert (renamed.act, moved.act) == (Act.RENAME, Act.MOVE)
    assert held(store, Y2005).keys() == {"990121", "990122"}


def test_what_the_file_leaves_open_is_told_and_stored_without_lineage(
    store: Store, bring: Bring
) -> None:
    bring(unit("990101", "甲区"), unit("990102", "乙区"))
    report = bring(
        unit("990109", "新区", "2015-01-01", 原代码="990101"),
        unit("990103", "丙区", "2015-01-01", 原代码="990102,990101"),
        unit("990104", "丁区", "2015-01-01", 原代码="990102,990101"),
        unit("990105", "戊区", "2015-01-01", 原代码="990105,990106"),
    )
    assert {"predecessors_unclear", "predecessors_refused"} <= codes(report)
    (refused,) = [issue for issue in report.issues if issue.code == "predecessors_refused"]
    assert "沿革未登记：units 记录“990105”在 2015-01-01 未生效或不存在。" in refused.message.zh
    assert "was recorded: Record '990105' among units is not in force" in refused.message.en
    assert report.stored == 4
    assert len(held(store, Y2015)) == 6
    assert lineage(store, UNITS, "990109", as_of=Y2020).predecessors == ()


def test_another_file_that_says_the_same_writes_nothing(store: Store, bring: Bring) -> None:
    bring(unit("990101", "甲区"), unit("990102", "乙区"))
    bring(unit("990104", "丁区", "2015-01-01", 原代码="990101 990102"))
    before = store.log_mark()
    again = bring(unit("990104", "丁区", "2015-01-01", 原代码="990101、990102"))
    assert again.stored == 0
    assert "predecessors_refused" not in codes(again)
    assert store.log_mark() == before


def test_a_record_that_was_annulled_comes_back_and_it_is_told(store: Store, bring: Bring) -> None:
    bring("id,name,类型\nR-1,云岭路,道路\n")
    by = Signed(actor="甲", reason="重复录入")
    carry_out(store, mending.void(store, PLACES, "R-1", by))
    report = bring("id,name,类型,含义\nR-1,云岭路,道路,以山得名\n")
    assert "record_annulled" in codes(report)
    assert held(store, Y2005, PLACES) == {"R-1": "云岭路"}
    assert [e.operation for e in store.log()][1:] == [Operation.VOID, Operation.CORRECT]


def test_lines_that_a_file_of_units_leaves_behind_are_named(store: Store, bring: Bring) -> None:
    bring(*(unit(f"99010{n}", f"{name}区") for n, name in enumerate("甲乙丙丁", start=1)))
    a, b, c, d = (DivisionCode(f"99010{n}") for n in (1, 2, 3, 4))
    by = Signed(actor="甲", reason="测试", document_no="示例文 1 号")
    for one, other in ((a, b), (b, c), (c, d)):
        line = AdministrativeBoundary(
            code=LineCode.between(one, other),
            name="示例线",
            left_code=one,
            right_code=other,
            provenance=Provenance(source="示例"),
            period=Period(date(2001, 1, 1)),
        )
        carry_out(store, planning.create(store, line, by))
    ab, bc, cd = (LineCode.between(*pair) for pair in ((a, b), (b, c), (c, d)))
    whole = bring(unit("990101", "甲一区", "2015-01-01", 原代码="990101"))
    assert "lines_left" not in codes(whole), "under its own code its lines are right"
    report = bring(
        unit("990101", "甲一区", "2016-01-01", 原代码="990101"),
        unit("990109", "新区", "2016-01-01", 原代码="990101"),
        unit("990105", "戊区", "2016-01-01", 原代码="990103 990104"),
    )
    told = {i.row: i.message.zh for i in report.issues if i.code == "lines_left"}
    assert told.keys() == {1, 3}
    assert (ab in told[1], bc in told[1]) == (True, False)
    assert (ab in told[3], bc in told[3], cd in told[3]) == (False, True, True)


def test_a_unit_that_goes_on_keeps_the_personal_values_it_had(store: Store, bring: Bring) -> None:
    said = {"备注": "联系电话 13800001111"}
    bring(unit("990101", "甲区", **said))
    bring(
        unit("990101", "甲区", "2015-01-01", 原代码="990101", **said),
        unit("990109", "新区", "2015-01-01", 原代码="990101"),
    )
    kept = {clear.id for clear in store.clear_values()}
    notes = [r.provenance.note for r in store.records(UNITS, as_of=Y2020)]
    named = set().union(*map(ids_in, notes))
    assert named == kept, "a token that names nothing would be shown as erased"


def test_a_file_without_a_column_of_ends_brings_nothing_back(store: Store, bring: Bring) -> None:
    bring("id,name,类型,启用日期\nR-1,云岭路,道路,2001-01-01\nR-2,海月路,道路,2001-01-01\n")
    by = Signed(actor="甲", reason="撤销", document_no="示例文 1 号")
    carry_out(store, planning.retire(store, PLACES, "R-1", Y2015, by))
    other = replace(cast("NamedPlace", store.get(PLACES, "R-2")), name="海星路")
    carry_out(store, planning.rename(store, "R-2", other, Y2015, by))
    again = "R-1,云岭路,道路,2001-01-01,以山得名\nR-2,海月路,道路,2001-01-01,以月得名\n"
    assert bring(f"id,name,类型,启用日期,含义\n{again}").stored == 2
    assert held(store, Y2005, PLACES) == {"R-1": "云岭路", "R-2": "海月路"}
    assert held(store, Y2020, PLACES) == {"R-2": "海星路"}
    meanings = {r.id: getattr(r, "meaning", "") for r in store.records(PLACES, as_of=Y2005)}
    assert meanings == {"R-1": "以山得名", "R-2": "以月得名"}


def test_an_earlier_first_day_corrects_the_day_and_nothing_else(store: Store, bring: Bring) -> None:
    head = "id,name,类型,启用日期"
    bring(f"{head},含义,lon,lat\nR-1,云岭路,道路,2005-01-01,以山得名,119.1,38.1\n")
    by = Signed(actor="甲", reason="撤销", document_no="示例文 1 号")
    carry_out(store, planning.retire(store, PLACES, "R-1", Y2015, by))
    bring(f"{head}\nR-1,云岭路,道路,2001-01-01\n")
    (road,) = store.records(PLACES, as_of=date(2002, 1, 1))
    assert (getattr(road, "meaning", ""), road.geometry is None) == ("以山得名", False)
    assert road.period == Period(date(2001, 1, 1), Y2015)


@pytest.mark.parametrize(
    "days",
    ["2001-01-01,", "2005-01-01,2022-01-01", "2022-01-01,"],
    ids=["before several", "over several", "after the last"],
)
@pytest.mark.parametrize("dry_run", [True, False])
def test_a_row_that_would_wipe_out_a_version_refuses_the_file(
    store: Store, bring: Bring, tmp_path: Path, days: str, dry_run: bool
) -> None:
    bring("id,name,类型,启用日期,停用日期\nR-1,云岭路,道路,2005-01-01,2020-01-01\n")
    other = replace(cast("NamedPlace", store.get(PLACES, "R-1", as_of=Y2005)), name="云山路")
    by = Signed(actor="甲", reason="更名", document_no="示例文 1 号")
    carry_out(store, planning.rename(store, "R-1", other, Y2015, by))
    before = store.log_mark()
    path = tmp_path / "a.csv"
    path.write_text(f"id,name,类型,启用日期,停用日期\nR-1,云岭路,道路,{days}\n", encoding="utf-8")
    given: dict[str, Any] = {"city": city("990100"), "actor": "甲", "now": NOW, "today": TODAY}
    report = import_file(store, path, PLACES, dry_run=dry_run, **given)
    (told,) = report.errors
    assert (told.code, told.row, "R-1" in told.message.zh) == ("version_unclear", 2, True)
    assert store.log_mark() == before


def test_a_file_without_days_brings_back_nothing_that_ended(store: Store, bring: Bring) -> None:
    bring("id,name,类型,启用日期\nR-1,云岭路,道路,2005-01-01\n")
    by = Signed(actor="甲", reason="撤销", document_no="示例文 1 号")
    carry_out(store, planning.retire(store, PLACES, "R-1", Y2015, by))
    same = bring("id,name,类型\nR-1,云岭路,道路\n")
    assert (same.stored, codes(same)) == (0, {"record_ended"})
    assert bring("id,name,类型,含义\nR-1,云岭路,道路,以山得名\n").stored == 1
    assert held(store, Y2020, PLACES) == {}
    (road,) = store.records(PLACES, as_of=date(2010, 1, 1))
    assert getattr(road, "meaning", "") == "以山得名"
    assert road.period == Period(Y2005, Y2015)
