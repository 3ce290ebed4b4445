"""Papers as bureaus print them: titles, headers of two rows, feet, merged cells, forms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook

from geo_service import cities
from geo_service.domain.change import RecordKind
from geo_service.domain.marker import MarkerDocument, MarkerKind
from geo_service.domain.supporting.papers import BoundaryPoint
from geo_service.services.interchange.layers import LayerFiles, read_layers
from geo_service.services.interchange.reading import ReadResult, read_records
from geo_service.services.marker_files import MarkerFiles, read_marker_files
from geo_service.services.samples.synthetic import AS_OF

CITY = cities.city("990100")
LINE = "99010001010102"
OTHER = "99010001010103"
GRID = "EPSG:4549"


def book(path: Path, *sheets: tuple[str, Sequence[Sequence[Any]], Sequence[str]]) -> Path:
    """A workbook of (title, rows, merged areas)."""
    out = Workbook()
    out.remove(out.active)
    for title, rows, merged in sheets:
        sheet = out.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
        for area in merged:
            sheet.merge_cells(area)
    out.save(path)
    return path


def papers(*paths: Path, crs: str = GRID) -> MarkerFiles:
    return read_marker_files(paths, city=CITY, today=AS_OF, crs=crs)


def records(path: Path, crs: str = GRID, layer: str = "") -> ReadResult:
    return read_records(path, RecordKind.MARKERS, city=CITY, today=AS_OF, crs=crs, layer=layer)


def told(issues: Sequence[Any]) -> list[tuple[str, str, int | None, str]]:
    return [(i.code, i.file, i.row, i.field) for i in issues]


def errors(read: MarkerFiles | ReadResult | LayerFiles) -> list[tuple[str, str, int | None, str]]:
    return told([i for i in read.issues if i.level.value == "error"])


# --- tables ---------------------------------------------------------------------------------

TABLE = (
    ["甲乙线界桩成果表", *[None] * 6],
    [f"界线代码：{LINE}", *[None] * 4, "坐标系：2000国家大地坐标系", None],
    ["序号", "界桩编号", "界桩类型", "坐标", None, "高程\n(m)", "备注"],
    [None, None, None, "X", "Y", None, None],
    [1, 2, 3, 4, 5, 6, 7],
    [1, "001Q", "单立双面型", 4262000.125, 466000.5, 12.3, None],
    [2, "002Q", "单立双面型", 4262100, 466100, 13, "水泥路旁"],
    ["甲乙线界桩成果表", *[None] * 6],
    ["序号", "界桩编号", "界桩类型", "坐标", None, "高程\n(m)", "备注"],
    [None, None, None, "X", "Y", None, None],
    [3, "003A", "双立单面型", 4262200, 466200, 14, None],
    ["制表人：", None, None, "审核：", None, "日期：2020年6月1日", None],
    ["注：高程为1985国家高程基准。", *[None] * 6],
)
MERGED = ("A1:G1", "A2:E2", "A3:A4", "B3:B4", "C3:C4", "D3:E3", "F3:F4", "G3:G4", "A8:G8")


@pytest.mark.parametrize("merged", [MERGED, ()], ids=["merged", "unmerged"])
def test_a_table_is_found_between_its_title_and_its_foot(merged, tmp_path):
    path = book(tmp_path / "资料.xlsx", ("甲乙线", TABLE, merged))

    given = papers(path)

    assert not given.refused, errors(given)
    assert [e.marker.id for e in given.entries] == [
        f"{LINE}/001Q",
        f"{LINE}/002Q",
        f"{LINE}/003A",
    ]
    assert {e.document for e in given.entries} == {MarkerDocument.TABLE}
    assert [e.marker.height_m for e in given.entries] == [12.3, 13, 14]
    first = given.entries[0].marker
    assert first.kind is MarkerKind.SINGLE
    assert 119 < first.position.x < 120
    assert given.entries[1].marker.provenance.note == "水泥路旁"
    passed = next(i for i in given.issues if i.code == "rows_passed_over")
    assert passed.values["rows"] == "5, 8–10, 12–13"
    taken = next(i for i in given.issues if i.code == "line_code_taken")
    assert taken.values["value"] == LINE


def test_the_same_table_in_a_text_file(tmp_path):
    path = tmp_path / "甲乙线界桩成果表.csv"
    lines = [",".join("" if c is None else str(c).replace("\n", "") for c in r) for r in TABLE]
    path.write_bytes("\r\n".join(lines).encode("gb18030"))

    given = papers(path)

    assert not given.refused, errors(given)
    assert len(given.entries) == 3


def test_faults_of_a_table_are_told_by_the_row_of_the_sheet(tmp_path):
    rows = [list(row) for row in TABLE]
    rows[6][1], rows[10][5] = "2Q", "十四米"
    path = book(tmp_path / "成果表.xlsx", ("甲乙线", rows, MERGED))

    given = papers(path)

    assert ("code_unreadable", "成果表.xlsx", 7, "number") in errors(given)
    assert ("number_unreadable", "成果表.xlsx", 11, "height") in errors(given)


def test_sheets_of_several_lines_are_read_together_and_told_apart(tmp_path):
    head = ["界桩编号", "界线代码", "JD", "WD"]
    one = [["表一"], head, ["001Q", LINE, 119.61, 38.5]]
    two = [
        ["桩号", "界线编号", "经度", "纬度"],
        ["001Q", OTHER, 119.62, 38.5],
        ["九", OTHER, 119.6, 38.5],
    ]
    cover = [["界线资料"], ["2020年"]]
    path = book(
        tmp_path / "成果表.xlsx",
        ("封面", cover, ()),
        ("甲乙线", one, ()),
        ("甲丙线", two, ()),
        ("填表说明", [["怎样填写"]], ()),
    )

    given = records(path, "EPSG:4490")

    assert [r.id for r in given.records] == [f"{LINE}/001Q", f"{OTHER}/001Q"]
    assert errors(given) == [("code_unreadable", "成果表.xlsx [甲丙线]", 3, "number")]
    ignored = next(i for i in given.issues if i.code == "sheets_ignored")
    assert ignored.values["sheets"] == "封面"
    assert len(records(path, "EPSG:4490", layer="甲乙线").records) == 1


def test_a_number_in_two_sheets_is_told_with_both_places(tmp_path):
    rows = [["界桩编号", "界线代码", "经度", "纬度"], ["001Q", LINE, 119.61, 38.5]]
    path = book(tmp_path / "in.xlsx", ("一", rows, ()), ("二", rows, ()))

    (issue,) = [i for i in records(path, "EPSG:4490").issues if i.level.value == "error"]

    assert (issue.code, issue.file, issue.row) == ("id_repeated", "in.xlsx [二]", 2)
    assert "一!2" in issue.message.zh


def test_x_and_y_the_wrong_way_about_are_told_as_with_any_file(tmp_path):
    rows = [["界桩编号", "界线代码", "纵坐标", "横坐标"], ["001Q", LINE, 466000, 4262000]]
    path = book(tmp_path / "成果表.xlsx", ("甲", rows, ()))

    assert errors(papers(path)) == [("axes_swapped", "成果表.xlsx", 2, "easting")]
    assert [code for code, *_ in errors(papers(path, crs=""))] == ["crs_missing"]


def test_a_formula_without_a_value_is_told_with_its_cell(tmp_path):
    rows = [["成果表"], ["界桩编号", "界线代码", "经度", "纬度"], ["001Q", LINE, 119.61, "=1+1"]]
    path = book(tmp_path / "in.xlsx", ("甲", rows, ()))

    assert ("formula_without_value", "in.xlsx", 3, "D3") in errors(records(path, "EPSG:4490"))


@pytest.mark.parametrize(
    ("sheets", "code"),
    [
        ([("空", [], ())], "header_missing"),
        ([("甲", [["没有认得的列"], ["1"]], ())], "column_missing"),
        ([("甲", [["a"]], ()), ("乙", [["b"]], ())], "layer_ambiguous"),
        ([("甲", [["界桩编号", "界线代码", "经度", "纬度"]], ())], "no_rows"),
        ([("甲", [["密级：秘密"], ["界桩编号", "界线代码"]], ())], "classified"),
    ],
    ids=["empty", "unknown", "several-unknown", "header-alone", "secret"],
)
def test_sheets_without_markers_are_refused(sheets, code, tmp_path):
    given = records(book(tmp_path / "in.xlsx", *sheets))

    assert given.refused
    assert code in {c for c, *_ in errors(given)}


def test_a_mark_of_secrecy_far_down_is_seen(tmp_path):
    rows = [["界桩编号", "界线代码", "经度", "纬度"]]
    rows += [[f"{n:03d}Q", LINE, 119.61, 38.5] for n in range(1, 40)]
    path = book(tmp_path / "in.xlsx", ("甲", [*rows, ["机密★10年"]], ()))

    given = records(path, "EPSG:4490")

    assert [code for code, *_ in errors(given)] == ["classified"]
    assert given.records == ()


def test_ten_thousand_rows_under_a_title(tmp_path):
    rows: list[list[Any]] = [["甲乙线界桩成果表"], ["界桩编号", "界线代码", "经度", "纬度"]]
    rows += [
        [f"{line:04d}{n:03d}Q", LINE, 119.6 + n / 1e5, 38.5]
        for line in range(10)
        for n in range(1, 1000)
    ]
    path = book(tmp_path / "in.xlsx", ("甲", rows, ()))

    assert len(records(path, "EPSG:4490").records) == 9990


def test_hidden_sheets_are_left_alone_and_told(tmp_path):
    rows = [["界桩编号", "界线代码", "经度", "纬度"], ["001Q", LINE, 119.61, 38.5]]
    old = [rows[0], ["009Q", LINE, 119.61, 38.5]]
    path = book(tmp_path / "in.xlsx", ("甲", rows, ()), ("旧", old, ()))
    out = load_workbook(path)
    out["旧"].sheet_state = "hidden"
    out.save(path)

    given = records(path, "EPSG:4490")

    assert [r.id for r in given.records] == [f"{LINE}/001Q"]
    assert next(i for i in given.issues if i.code == "sheets_hidden").values == {"sheets": "旧"}
    assert [r.id for r in records(path, "EPSG:4490", layer="旧").records] == [f"{LINE}/009Q"]


def test_a_merged_area_without_end_costs_nothing(tmp_path):
    rows = [["成果表"], ["界桩编号", "界线代码", "经度", "纬度"], ["001Q", LINE, 119.61, 38.5]]
    small = book(tmp_path / "small.xlsx", ("甲", rows, ("A1:D1", "A5:B6")))
    path = tmp_path / "in.xlsx"
    with ZipFile(small) as source, ZipFile(path, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            content = content.replace(b"A1:D1", b"A1:XFD1").replace(b"A5:B6", b"A5:XFD1048576")
            target.writestr(name, content)

    assert len(records(path, "EPSG:4490").records) == 1


def test_a_title_above_columns_between_tabs(tmp_path):
    path = tmp_path / "成果表.txt"
    head = "界桩编号\t界线代码\t经度\t纬度"
    path.write_text(f"甲乙线成果表\n{head}\n001Q\t{LINE}\t119.61\t38.5\n", encoding="utf-8")

    assert len(records(path, "EPSG:4490").records) == 1


# --- forms ----------------------------------------------------------------------------------


def form(number: str = "001Q", **cells: Any) -> list[list[Any]]:
    said = {"高程": 12.3, "方位角": "227°10′", "距离": 88.5} | cells
    return [
        ["界桩登记表", *[None] * 5],
        ["界桩编号", number, "界桩类型", "单立双面型", "界桩材质", "花岗石"],
        ["界线名称", "甲乙线", "界线代码", LINE, "埋设日期", "2001-05-01"],
        ["坐标", "纵坐标X", 4262000.5, "横坐标Y", 466000.25, None],
        ["高程(m)", said["高程"], "所在地1", "甲区甲村", "所在地2", "乙区乙村"],
        ["方位物", "序号", "方位物名称", "坐标方位角", "距离(m)", None],
        [None, 1, "水塔", said["方位角"], said["距离"], None],
        [None, 2, "桥头西北角", "57°10′30″", 120, None],
        [None, 3, "公里碑238", 180.25, 60, None],
        ["位置略图", None, None, None, None, None],
        ["甲方（签字）", None, None, "乙方（签字）", None, None],
        ["填表人", None, "日期", None, None, None],
    ]


FORM_MERGED = ("A1:F1", "A6:A9", "B10:F10")


def test_a_form_is_read_by_its_labels(tmp_path):
    path = book(tmp_path / "in.xlsx", ("001Q", form(), FORM_MERGED))

    given = papers(path)

    assert not given.refused, errors(given)
    (entry,) = given.entries
    assert entry.document is MarkerDocument.FORM
    assert entry.marker.id == f"{LINE}/001Q"
    assert (entry.marker.material, entry.marker.height_m) == ("花岗石", 12.3)
    assert str(entry.marker.period.start) == "2001-05-01"
    assert [(o.name, o.distance_m) for o in entry.references] == [
        ("水塔", 88.5),
        ("桥头西北角", 120),
        ("公里碑238", 60),
    ]
    assert [o.azimuth_deg for o in entry.references] == pytest.approx([227 + 1 / 6, 57.175, 180.25])


def test_objects_written_in_rows_of_pairs(tmp_path):
    rows = [
        *form()[:5],
        ["一号方位物", "位置", "水塔", "方位角", "227°10′", None],
        [None, "距离", 88.5, None, None, None],
        ["二号方位物", "位置", "桥头", "方位角", "57°10′", None],
        ["三号方位物", "位置", None, "方位角", None, None],
    ]
    rows[5] += ["距离", 88.5]
    path = book(tmp_path / "登记表.xlsx", ("001Q", rows, ()))

    (entry,) = papers(path).entries

    assert [(o.name, o.distance_m) for o in entry.references] == [("水塔", 88.5), ("桥头", None)]


def test_labels_with_a_colon_hold_their_value_themselves(tmp_path):
    rows = [
        ["界桩登记表"],
        ["界桩编号：001Q", f"界线代码：{LINE}"],
        ["经度：119°36′36″", "北纬:38°30′"],
    ]
    path = book(tmp_path / "in.xlsx", ("甲", [*rows, ["纬度：38°30′", "材质：石"]], ()))

    given = papers(path, crs="EPSG:4490")

    assert not given.refused, errors(given)
    (entry,) = given.entries
    assert entry.marker.position.x == pytest.approx(119.61)
    assert entry.marker.material == "石"


def test_a_workbook_of_many_forms_names_sheet_and_cell_of_what_is_wrong(tmp_path):
    sheets = [(f"{n:03d}Q", form(f"{n:03d}Q"), FORM_MERGED) for n in range(1, 29)]
    sheets[4] = ("005Q", form("005Q", 方位角="东北", 高程="十二"), FORM_MERGED)
    sheets[6] = ("007Q", form(""), FORM_MERGED)
    path = book(tmp_path / "甲乙线.xlsx", ("封面", [["登记表"]], ()), *sheets)

    given = papers(path)

    assert len(given.entries) == 27
    assert set(errors(given)) == {
        ("number_unreadable", "甲乙线.xlsx [005Q]", 5, "height B5"),
        ("angle_unreadable", "甲乙线.xlsx [005Q]", 7, "object1_azimuth D7"),
        ("value_missing", "甲乙线.xlsx [007Q]", 2, "number B2"),
    }


def test_several_labels_in_one_cell(tmp_path):
    rows = [
        ["界桩编号：001Q  界桩类型：单立双面型"],
        [f"界线代码：{LINE}"],
        ["经度：119°36′36″ 纬度：38°30′0″"],
    ]

    given = papers(book(tmp_path / "登记表.xlsx", ("甲", rows, ())), crs="EPSG:4490")

    assert not given.refused, errors(given)
    assert given.entries[0].marker.kind is MarkerKind.SINGLE


def test_a_fourth_object_is_told(tmp_path):
    rows = form()
    rows.insert(9, [None, 4, "大树", "10°", 5, None])

    given = papers(book(tmp_path / "登记表.xlsx", ("甲", rows, ())))

    assert len(given.entries[0].references) == 3
    assert [(i.code, i.row) for i in given.issues] == [("form_objects_more", 10)]


def test_a_form_with_two_numbers_is_refused_with_both_cells(tmp_path):
    rows = form()
    rows.insert(2, ["界桩编号", "002Q", None, None, None, None])
    path = book(tmp_path / "登记表.xlsx", ("甲", rows, ()))

    given = papers(path)

    assert given.refused
    (issue,) = [i for i in given.issues if i.code == "form_two_values"]
    assert (issue.row, issue.field) == (3, "number B3")
    assert "B2 001Q, B3 002Q" in issue.message.zh


def test_two_numbers_in_one_cell_are_no_number(tmp_path):
    path = book(tmp_path / "登记表.xlsx", ("甲", form("001A、001B"), FORM_MERGED))

    assert ("code_unreadable", "登记表.xlsx", 2, "number B2") in errors(papers(path))


def test_merged_labels_and_values_are_one_cell_each(tmp_path):
    rows = [
        ["界桩登记表", None, None, None],
        ["界桩编号", None, "001Q", None],
        ["界线代码", None, LINE, None],
        ["经度", None, 119.61, None],
        ["纬度", None, 38.5, None],
        ["高程", None, None, None],
    ]
    merged = ["A1:D1", *(f"{a}{n}:{b}{n}" for n in range(2, 7) for a, b in ("AB", "CD"))]
    path = book(tmp_path / "登记表.xlsx", ("甲", rows, merged))

    given = papers(path, crs="EPSG:4490")

    assert not given.refused, errors(given)
    assert given.entries[0].marker.height_m is None


def test_the_line_may_stand_in_the_name_of_the_file(tmp_path):
    rows = [["界桩编号", "经度", "纬度"], ["001Q", 119.61, 38.5]]

    known = records(book(tmp_path / f"{LINE}成果表.xlsx", ("甲", rows, ())), "EPSG:4490")
    unknown = records(book(tmp_path / "成果表.xlsx", ("甲", rows, ())), "EPSG:4490")

    assert [r.id for r in known.records] == [f"{LINE}/001Q"]
    assert [(code, field) for code, _, _, field in errors(unknown)] == [
        ("column_missing", "line_code"),
        ("value_missing", "line_code"),
    ]


# --- boundary points ------------------------------------------------------------------------


def points(path: Path, crs: str = GRID) -> LayerFiles:
    return read_layers([("boundary-points", path)], city=CITY, today=AS_OF, crs=crs)


def test_a_table_of_boundary_points(tmp_path):
    rows = [
        ["甲乙线边界点成果表"],
        ["界线代码", LINE],
        ["点号", "平面坐标", None, "高程（m）", "位置说明"],
        [None, "X(m)", "Y(m)", None, None],
        ["J1", 4262000, 466000, 12.5, "河中心线"],
        ["J2", 4262050, 466050, None, None],
        ["填表：", None, "校核：", None, None],
    ]
    path = book(tmp_path / "边界点.xlsx", ("甲", rows, ("A1:E1", "B3:C3")))

    given = points(path)

    assert not given.refused, errors(given)
    first, second = given.supporting.all(BoundaryPoint)
    assert (first.number, first.line_code, first.height_m) == ("J1", LINE, 12.5)
    assert first.described == "河中心线"
    assert 119 < first.geometry.x < 120
    assert (second.height_m, second.described) == (None, "")


def test_the_place_of_a_boundary_point_has_legal_weight(tmp_path):
    path = tmp_path / "边界点成果表.csv"
    path.write_text(f"点号,界线代码,经度,纬度\nJ1,{LINE},119.6,38.5\n", encoding="utf-8")

    assert [code for code, *_ in errors(points(path, crs=""))] == ["crs_missing"]
    assert not points(path, crs="EPSG:4490").refused
