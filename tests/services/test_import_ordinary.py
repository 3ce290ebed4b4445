"""Files as offices really hand them in: read, or refused with the row and the way out."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import openpyxl
import pytest

from geo_service.domain.change import RecordKind
from geo_service.domain.place import NamedPlace
from geo_service.services.interchange.report import ImportReport
from geo_service.services.interchange.sent import HEADER
from geo_service.store.protocol import Store

Importer = Callable[..., ImportReport]
NAMES = "place-names"
HEAD = ["序号", "标准名称", "地名类别", "行政区划代码", "批准日期", "经度", "纬度"]
ONE = [1, "甲一路", "道路", "370202", "2021/3/5", 120.3, 36.1]
TWO = [2, "甲二路", "道路", 370202, "2021年3月5日", 120.31, 36.1]
TITLE = ["甲区地名普查成果表"]
Table = Callable[..., Path]


@pytest.fixture(params=[".xlsx", ".csv"])
def table(request: pytest.FixtureRequest, tmp_path: Path) -> Table:
    """`table(rows)` writes a workbook, or a CSV in GBK as a spreadsheet program saves it."""

    def write(*rows: Sequence[Any], name: str = "in") -> Path:
        path = tmp_path / f"{name}{request.param}"
        if path.suffix == ".csv":
            lines = [",".join("" if c is None else str(c) for c in row) for row in rows]
            path.write_bytes("\r\n".join(lines).encode("gbk"))
        else:
            book = openpyxl.Workbook()
            for row in rows:
                book.active.append(list(row))
            book.save(path)
        return path

    return write


def _codes(report: ImportReport) -> list[str]:
    return [issue.code for issue in report.issues]


def _names(report: ImportReport) -> list[str]:
    return [row["name"] for row in report.rows]


@pytest.mark.parametrize(
    "above",
    [
        [TITLE],
        [[None]],
        [[*TITLE, *[None] * 6], [], ["填报单位：甲区民政局", None, None, "2021年3月"]],
    ],
)
def test_what_stands_above_the_header_is_told_and_the_rows_are_checked_all_the_same(
    table: Table, bring: Importer, above: list[list[Any]]
) -> None:
    report = bring(table(*above, HEAD, ONE, [*TWO[:4], "2021-2-30", *TWO[5:]]), NAMES)

    row = len(above) + 1
    assert [(issue.code, issue.row) for issue in report.errors] == [
        ("header_not_first", row),
        ("date_impossible", row + 2),
    ]


def test_blank_rows_are_no_records(table: Table, bring: Importer) -> None:
    assert _names(bring(table(HEAD, ONE, [], [" "], TWO), NAMES)) == ["甲一路", "甲二路"]


def test_a_mark_in_a_title_still_refuses_the_file(table: Table, bring: Importer) -> None:
    report = bring(table(["机密★10年"], HEAD, ONE), NAMES)

    assert _codes(report) == ["classified"]


@pytest.mark.parametrize(
    "foot",
    [
        ["合计", 2],
        [None, "合 计", "2"],
        ["填表人：张三", "审核人：李四"],
        [None, "填表人：张三"],
        ["注：", "甲一路含支路"],
    ],
)
def test_totals_and_signatures_below_are_no_names(
    table: Table, bring: Importer, foot: list[Any]
) -> None:
    report = bring(table(HEAD, ONE, TWO, [], foot), NAMES)

    assert ("row_of_totals", 5) in [(issue.code, issue.row) for issue in report.errors]
    told = " ".join(issue.message.zh for issue in report.issues if issue.code == "row_of_totals")
    assert "张三" not in told


def test_a_name_that_begins_like_such_a_line_is_a_name(table: Table, bring: Importer) -> None:
    names = ["第一中学", "检查站路", "时间广场"]
    rows = [[None, name, *ONE[2:]] for name in names]

    assert _names(bring(table(HEAD, *rows), NAMES)) == names


@pytest.mark.parametrize(
    "written",
    [
        "2021/3/5 0:00",
        "2021/3/5 0:00:00",
        "2021-3-5",
        "2021.03.05",
        "\uff12\uff10\uff12\uff11\uff0f\uff13\uff0f\uff15",
        "2021\uff0d03\uff0d05",
    ],
)
def test_dates_as_spreadsheets_and_input_methods_write_them(
    table: Table, bring: Importer, written: str
) -> None:
    report = bring(table(HEAD, [*ONE[:4], written, *ONE[5:]]), NAMES)

    assert report.rows[0]["approved_on"] == "2021-03-05"


def test_numbers_of_full_width_are_told_once(table: Table, bring: Importer) -> None:
    report = bring(table(HEAD, [*ONE[:5], "120\uff0e3", "\uff13\uff16.1"]), NAMES)

    assert (report.rows[0]["lon"], report.rows[0]["lat"]) == (120.3, 36.1)
    assert [(said["field"], said["stored"]) for said in report.normalised] == [
        ("lon", "120.3"),
        ("lat", "36.1"),
    ]


def test_a_header_of_two_rows_is_told_as_one(table: Table, bring: Importer) -> None:
    first = ["序号", "标准名称", "地名类别", None, None, "坐标", None]
    second = [None] * 5 + ["经度", "纬度"]

    report = bring(table(first, second, ONE), NAMES)

    assert [(i.code, i.row) for i in report.errors] == [("header_in_two_rows", 2)]


def test_a_column_without_a_name_is_not_dropped_unsaid(table: Table, bring: Importer) -> None:
    report = bring(table([None, *HEAD[1:]], [7, *ONE[1:]]), NAMES)

    [told] = [issue for issue in report.issues if issue.code == "column_unnamed"]
    assert told.values["columns"] == "1"


def test_degrees_in_the_heading(table: Table, bring: Importer) -> None:
    report = bring(table([*HEAD[:5], "经度（°）", "纬度(°)"], ONE), NAMES)

    assert (report.rows[0]["lon"], report.rows[0]["lat"]) == (120.3, 36.1)


@pytest.mark.parametrize(("asked", "accepted"), [("", False), ("EPSG:4490", True)])
def test_a_system_named_in_other_words_is_never_another_one(
    table: Table, bring: Importer, asked: str, accepted: bool
) -> None:
    report = bring(table([*HEAD, "crs"], [*ONE, "Xian 1980"]), NAMES, crs=asked)

    assert report.accepted is accepted
    if not accepted:
        assert [(i.code, i.row, i.field) for i in report.errors] == [("crs_unreadable", 2, "crs")]


# --- ids that are row numbers ---------------------------------------------------------------

NUMBERED = ["编号", "名称", "类别", "经度", "纬度"]


@pytest.mark.parametrize(
    "other",
    [
        [1, "乙村", "村", 120.3, 36.1],
        [1, "乙路", "道路", 120.4, 36.2],
    ],
)
def test_the_running_number_of_another_sender_overwrites_nothing(
    table: Table, bring: Importer, store: Store, other: list[Any]
) -> None:
    bring(table(NUMBERED, [1, "甲一路", "道路", 120.3, 36.1], name="a"), NAMES)

    report = bring(table(NUMBERED, other, name="b"), NAMES)

    assert [(i.code, i.row, i.field) for i in report.errors] == [("id_of_another", 2, "id")]
    place = cast("NamedPlace", store.get(RecordKind.PLACE_NAMES, "1"))
    assert place.name == "甲一路"


def test_a_corrected_name_is_told(table: Table, bring: Importer) -> None:
    bring(table(NUMBERED, [1, "甲一路", "道路", 120.3, 36.1], name="a"), NAMES)

    report = bring(table(NUMBERED, [1, "甲壹路", "道路", 120.3, 36.1], name="b"), NAMES)

    [told] = [issue for issue in report.issues if issue.code == "name_corrected"]
    assert report.stored == 1
    assert (told.row, told.values["known"], told.values["value"]) == (2, "甲一路", "甲壹路")


def test_who_tells_the_former_name_means_the_same_place(table: Table, bring: Importer) -> None:
    bring(table(NUMBERED, [1, "甲一路", "道路", 120.3, 36.1], name="a"), NAMES)
    row = [1, "乙路", "道路", 120.4, 36.2, "甲一路"]

    report = bring(table([*NUMBERED, "曾用名"], row, name="b"), NAMES)

    assert (report.stored, report.errors) == (1, ())


# --- other formats --------------------------------------------------------------------------


def test_how_a_placemark_was_looked_at_is_not_when_it_was(tmp_path: Path, bring: Importer) -> None:
    """Google Earth keeps the time of the image and the author beside the place."""
    path = tmp_path / "in.kml"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"'
        ' xmlns:atom="http://www.w3.org/2005/Atom"><Document><Placemark><name>甲村</name>'
        "<LookAt><gx:TimeSpan><begin>2014-01-01</begin><end>2015-01-01</end></gx:TimeSpan>"
        "<longitude>120</longitude></LookAt><atom:author><atom:name>某人</atom:name></atom:author>"
        "<Point><coordinates>120.3,36.1,0</coordinates></Point></Placemark></Document></kml>",
        encoding="utf-8",
    )

    report = bring(path, NAMES)

    assert _names(report) == ["甲村"]
    assert (report.rows[0]["valid_from"], report.rows[0]["valid_to"]) == (None, None)


def test_a_fault_on_the_second_sheet_is_shown_there(tmp_path: Path, bring: Importer) -> None:
    head = ["界桩号", "界线代码", "纵坐标", "横坐标", "高程"]
    code, north, east = "37020002020203", 3998000.0, 527000.0
    book = openpyxl.Workbook()
    for row in (head, *([f"00{n}", code, north, east + n, 5] for n in range(1, 5))):
        book.active.append(row)
    sheet = book.create_sheet("乙段")
    for row in (["成果表"], head, ["006", code, north, east, "#N/A"], ["007", code, 1, 2, 3, "多"]):
        sheet.append(row)
    sheet["E3"].data_type = "e"
    path = tmp_path / "m.xlsx"
    book.save(path)

    report = bring(path, "markers", crs="EPSG:4549")

    told = {issue.code: issue for issue in report.errors}
    assert (told["cell_error"].file, told["cell_error"].row) == ("m.xlsx [乙段]", 3)
    assert (told["row_ragged"].file, told["row_ragged"].row) == ("m.xlsx [乙段]", 4)
    sent = report.sent
    assert sent is not None
    at = {noted.issue.code: noted.row for noted in sent.told if noted.row != HEADER}
    assert sent.rows[at["cell_error"]].label == "乙段!3"
    assert sent.rows[at["row_ragged"]].label == "乙段!4"


def test_linked_places_drop_nothing_unsaid(tmp_path: Path, bring: Importer) -> None:
    feature = {
        "type": "Feature",
        "@id": "p1",
        "properties": {"title": "甲山"},
        "names": [{"toponym": "甲山", "lang": "zh", "citations": [{"label": "旧志"}]}],
        "types": [{"label": "mountain"}, {"label": "temple"}],
        "geometry": {"type": "Point", "coordinates": [120.3, 36.1], "certainty": "uncertain"},
        "relations": [{"relationType": "gvp:broaderPartitive", "relationTo": "wd:Q170247"}],
    }
    context = "https://example.org/linkedplaces-context-v1.1.jsonld"
    document = {"type": "FeatureCollection", "@context": context, "features": [feature]}
    path = tmp_path / "in.jsonld"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")

    row = bring(path, NAMES).rows[0]

    assert row["unit_code"] is None
    for word in ("旧志", "temple", "uncertain", "Q170247"):
        assert word in row["note"]


def test_a_label_with_empty_brackets_is_no_traceback(table: Table, bring: Importer) -> None:
    report = bring(table(["界桩号", "所在地()"], ["001", "甲()"]), "markers", dry_run=True)

    assert "column_missing" in _codes(report)
