"""Roads in and out of the register: what is kept as told, what is asked, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely

from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.place import NameStatus
from geo_service.domain.provenance import Provenance
from geo_service.domain.road import Road
from geo_service.geometry.obfuscation import shifts_of
from geo_service.services.interchange.exporting import export_records
from geo_service.services.interchange.report import ImportReport
from geo_service.store.copying import copy_store
from geo_service.store.opening import open_store
from geo_service.store.protocol import Store

Importer = Callable[..., ImportReport]
ROADS = RecordKind.ROADS
CRS = {"crs": "EPSG:4490"}
# 900.5 m along the parallel.
EAST = "LINESTRING (120.30 36.1, 120.31 36.1)"
NORTH = "LINESTRING (120.30 36.1, 120.30 36.11)"


def table(path: Path, head: str, *rows: str) -> Path:
    path.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
    return path


def codes(report: ImportReport, level: str = "warning") -> list[tuple[str, int | None, str]]:
    return [(i.code, i.row, i.field) for i in report.issues if i.level.value == level]


def the_road(store: Store, **asked: Any) -> Road:
    (road,) = store.records(ROADS, **asked)
    assert isinstance(road, Road)
    return road


@pytest.mark.parametrize(
    "head",
    [
        "编号,道路名称,道路等级,宽度(米),长度(米),所属政区代码,道路状态,几何",
        "BSM,DLMC,DLDJ,KD,CD,XZQDM,DLZT,wkt",
        "id,name,grade,width_m,length_m,unit_code,status,geometry",
        "ID,ROAD_NAME,Class,Width,LENGTH,AdCode,Status,the_geom",
    ],
)
def test_columns_are_known_in_chinese_initials_and_english(
    head: str, tmp_path: Path, bring: Importer, store: Store
) -> None:
    path = table(tmp_path / "in.csv", head, f'R-1,甲路,主干路,40,900,370202,在用,"{EAST}"')

    report = bring(path, "roads", **CRS)

    assert (report.accepted, report.stored, codes(report)) == (True, 1, [])
    road = the_road(store)
    assert (road.id, road.name, road.grade) == ("R-1", "甲路", "主干路")
    assert (road.width_m, road.length_m) == (40, 900)
    assert (road.unit_code, road.status) == ("370202", NameStatus.STANDARD)
    assert road.geometry == shapely.from_wkt(EAST)


def test_a_road_without_an_id_has_the_same_one_every_time(
    tmp_path: Path, bring: Importer, store: Store
) -> None:
    head = "name,grade,geometry"
    bring(table(tmp_path / "a.csv", head, f'甲路,支路,"{EAST}"'), "roads", **CRS)
    first = the_road(store)

    again = table(tmp_path / "b.csv", head, f'甲路,次干路,"{EAST}"', f'甲路,支路,"{NORTH}"')
    report = bring(again, "roads", **CRS)

    assert first.id.startswith("RD-")
    assert report.stored == 2
    assert store.version(ROADS, first.id) == 2
    assert store.count(ROADS) == 2


def test_the_same_road_twice_in_a_file_is_refused(tmp_path: Path, bring: Importer) -> None:
    path = table(tmp_path / "a.csv", "name,geometry", f'甲路,"{EAST}"', f'甲路,"{EAST}"')

    assert codes(bring(path, "roads", **CRS), "error") == [("row_repeated", 3, "id")]


@pytest.mark.parametrize(
    ("column", "told", "code"),
    [
        ("长度(米)", "901", None),
        ("长度", "940", None),
        ("长度", "960", "road_length_differs"),
        ("长度", "0.9", "road_length_unit"),
        ("长度(公里)", "0.9", None),
        ("长度(公里)", "901", "road_length_unit"),
        ("长度(公里)", "1.5", "road_length_differs"),
        ("长度", "0", "road_length_nought"),
        ("长度", "", None),
    ],
)
def test_a_told_length_is_held_against_the_line(
    column: str, told: str, code: str | None, *, tmp_path: Path, bring: Importer, store: Store
) -> None:
    path = table(tmp_path / "a.csv", f"name,{column},geometry", f'甲路,{told},"{EAST}"')

    report = bring(path, "roads", **CRS)

    field = "length_km" if "公里" in column else "length_m"
    assert codes(report) == ([(code, 2, field)] if code else [])
    metres = None if not told else float(told) * (1000 if "公里" in column else 1)
    assert the_road(store).length_m == metres, "kept as told, in metres"


def test_a_warning_of_length_says_both_figures_and_the_limit(
    tmp_path: Path, bring: Importer
) -> None:
    path = table(tmp_path / "a.csv", "name,长度,geometry", f'甲路,1960,"{EAST}"')

    (said,) = [i for i in bring(path, "roads", **CRS).issues if i.code == "road_length_differs"]

    for figure in ("1,960", "900.5", "5%"):
        assert figure in said.message.zh
        assert figure in said.message.en


@pytest.mark.parametrize(
    ("width", "code"),
    [
        ("40", None),
        ("1.2", None),
        ("0", "road_width_implausible"),
        ("400", "road_width_implausible"),
        ("4000", "road_wider_than_long"),
        ("", None),
    ],
)
def test_a_width_that_no_road_has_is_asked_about(
    width: str, code: str | None, tmp_path: Path, bring: Importer, store: Store
) -> None:
    path = table(tmp_path / "a.csv", "name,width,geometry", f'甲路,{width},"{EAST}"')

    report = bring(path, "roads", **CRS)

    assert codes(report) == ([(code, 2, "width_m")] if code else [])
    assert the_road(store).width_m == (float(width) if width else None)


def test_a_table_without_lines_is_refused_and_told_how_to_mend(
    tmp_path: Path, bring: Importer, store: Store
) -> None:
    csv = table(tmp_path / "a.csv", "name,width,length", "甲路,40,900")
    points = table(tmp_path / "b.csv", "name,lon,lat", "甲路,120.3,36.1")
    book = openpyxl.Workbook()
    for row in (["道路名称", "宽度"], ["甲路", 40]):
        book.active.append(row)
    book.save(tmp_path / "c.xlsx")
    blank = table(tmp_path / "d.csv", "name,geometry", "甲路,", f'乙路,"{EAST}"')

    for path in (csv, points, tmp_path / "c.xlsx"):
        report = bring(path, "roads", **CRS)
        assert codes(report, "error") == [("geometry_column_missing", None, "geometry")]
        assert any("LINESTRING" in issue.hint.zh for issue in report.issues)
    assert codes(bring(blank, "roads", **CRS), "error") == [("geometry_missing", 2, "geometry")]
    assert store.count(ROADS) == 0


@pytest.mark.parametrize(
    ("row", "options", "told"),
    [
        (f'甲路,"{EAST}"', {}, ("crs_missing", None, "crs")),
        (',"POINT (120.3 36.1)"', CRS, ("geometry_type", 2, "geometry")),
        ('甲路,"LINESTRING (36.1 120.3, 36.1 120.4)"', CRS, ("axes_swapped", 2, "geometry")),
        ('甲路,"LINESTRING (110 36, 110.1 36)"', CRS, ("outside_city", 2, "geometry")),
        ('甲路,"LINESTRING EMPTY"', CRS, ("geometry_empty", 2, "geometry")),
        (
            '甲路,"LINESTRING (120.3 36.1, 120.3 36.1)"',
            CRS,
            ("geometry_invalid", 2, "geometry"),
        ),
        (f',"{EAST}"', CRS, ("value_missing", 2, "name")),
        (f'甲路,"{EAST}",-7', CRS, ("number_negative", 2, "width_m")),
        (f'甲路,"{EAST}",,-0.9', CRS, ("number_negative", 2, "length_km")),
    ],
)
def test_the_guards_of_lines_guard_roads(
    row: str,
    options: dict[str, str],
    told: tuple[str, int | None, str],
    *,
    tmp_path: Path,
    bring: Importer,
    store: Store,
) -> None:
    head = "name,geometry,width_m,length_km"
    report = bring(table(tmp_path / "a.csv", head, row), "roads", **options)

    assert told in codes(report, "error")
    assert not report.accepted
    assert store.count(ROADS) == 0


def test_another_name_from_a_later_day_is_a_renaming(
    tmp_path: Path, bring: Importer, store: Store
) -> None:
    head = "id,name,former_name,valid_from,geometry"
    bring(table(tmp_path / "a.csv", head, f'R-1,甲路,,2010-01-01,"{EAST}"'), "roads", **CRS)

    report = bring(
        table(tmp_path / "b.csv", head, f'R-1,乙路,丙路,2020-01-01,"{EAST}"'), "roads", **CRS
    )

    assert codes(report) == [("former_name_differs", 2, "former_name")]
    assert the_road(store, as_of=date(2015, 1, 1)).name == "甲路"
    assert the_road(store, as_of=date(2021, 1, 1)).name == "乙路"
    assert list(store.log())[-1].operation is Operation.REVISE


def test_what_a_file_has_no_column_for_stays(tmp_path: Path, bring: Importer, store: Store) -> None:
    path = table(
        tmp_path / "a.csv", "id,name,width,长度(公里),geometry", f'R-1,甲路,40,0.9,"{EAST}"'
    )
    bring(path, "roads", **CRS)

    bring(
        table(tmp_path / "b.csv", "id,name,grade,geometry", f'R-1,甲路,支路,"{EAST}"'),
        "roads",
        **CRS,
    )

    road = the_road(store)
    assert (road.grade, road.width_m, road.length_m) == ("支路", 40, 900)


def test_roads_shifted_as_obfuscated_ones_are_refused(
    tmp_path: Path, bring: Importer, store: Store, city: Any
) -> None:
    shift = next(iter(shifts_of(city)))
    east, north = next(iter(shift.vectors()))
    head = "id,name,geometry"

    def rows(x: float, y: float) -> list[str]:
        lines = [f"LINESTRING ({x + n / 100} {y}, {x + n / 100 + 0.01} {y})" for n in range(5)]
        return [f'R-{n},第{n}路,"{line}"' for n, line in enumerate(lines)]

    bring(table(tmp_path / "a.csv", head, *rows(120.3, 36.1)), "roads", **CRS)
    moved = rows(120.3 + east / 90_000, 36.1 + north / 111_000)
    report = bring(table(tmp_path / "b.csv", head, *moved), "roads", **CRS)

    assert codes(report, "error") == [("shifted", None, "geometry")]
    assert store.version(ROADS, "R-1") == 1


def test_roads_are_copied_and_rebuilt_alike(tmp_path: Path, bring: Importer, store: Store) -> None:
    head = "id,name,width,unit_code,geometry"
    bring(table(tmp_path / "a.csv", head, f'R-1,甲路,40,370202,"{EAST}"'), "roads", **CRS)
    before = store.records(ROADS)

    store.rebuild()
    with closing(open_store(f"gpkg:{tmp_path / 'other.gpkg'}", create=True)) as other:
        copy_store(store, other)
        assert other.records(ROADS) == store.records(ROADS) == before
        assert other.verify().sound
        assert other.records(ROADS, within=before[0].unit_code) == before  # type: ignore[union-attr]
        assert other.records(ROADS, box=(120.3, 36.0, 120.4, 36.2)) == before


def test_an_export_carries_every_field_and_the_notice(tmp_path: Path, store: Store) -> None:
    road = Road(
        id="R-1",
        name="甲路",
        provenance=Provenance(source="示例"),
        geometry=shapely.from_wkt(NORTH),
        grade="主干路",
        width_m=40.5,
        length_m=1100,
        status=NameStatus.RESERVED,
    )
    with store.begin() as work:
        work.append([Change(operation=Operation.CREATE, record=road, actor="甲", reason="测试")])
    path = tmp_path / "out.csv"

    assert export_records(store, ROADS, path) == 1

    head, row = path.read_text(encoding="utf-8-sig").splitlines()
    for field in ("id", "name", "grade", "width_m", "length_m", "unit_code", "status", "notice"):
        assert field in head.split(",")
    for told in ("R-1", "甲路", "主干路", "40.5", "1100", "reserved", "LINESTRING"):
        assert told in row


def test_one_name_twice_in_a_unit_is_asked_about(
    tmp_path: Path, bring: Importer, store: Store
) -> None:
    head = "name,unit_code,valid_to,geometry"
    rows = (
        f'甲路,370202,,"{EAST}"',
        f'甲路,370202,,"{NORTH}"',
        f'甲路,370203,,"{NORTH}"',
        '乙路,370202,,"LINESTRING (120.32 36.1, 120.33 36.1)"',
    )

    report = bring(table(tmp_path / "a.csv", head, *rows), "roads", **CRS)

    asked = [found for found in codes(report) if found[0] == "road_name_repeated"]
    assert asked == [("road_name_repeated", 3, "name")]
    assert store.count(ROADS) == 4, "stretches are not joined by the program"
