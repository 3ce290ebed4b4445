"""Marked files are refused unread wherever the mark stands; ordinary words refuse nothing."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyogrio.raw
import pytest
import shapely
from openpyxl.worksheet.worksheet import Worksheet

from geo_service.domain.change import RecordKind
from geo_service.services.interchange.exporting import export_records
from geo_service.services.interchange.readers.secrecy import is_mark, named_secret
from geo_service.services.interchange.report import ImportReport
from geo_service.store.protocol import Store

Importer = Callable[..., ImportReport]
HEADER = "编号,名称,类型,经度,纬度\n"
GOOD = "1,仙霞路,道路,120.39,36.065\n"
MARK = "机密★10年"

NAMES = [
    "界线（秘密）.csv",
    "机密名单.csv",
    "秘 密 资料.csv",
    "机\u3000密.csv",
    "秘_密.csv",
    "机密★10年.csv",
    "【绝密】a.csv",
    "機密級.csv",
    "秘\u200b密.csv",
    "手机密码与绝密名单.csv",
]
ORDINARY_NAMES = [
    "秘密谷地名.csv",
    "计算机密码路.csv",
    "有机 密度.csv",
    "保密科.csv",
    "非密.csv",
    "非秘密.csv",
    "已解密.csv",
    "不属于国家秘密.csv",
    "商业秘密.csv",
    "密云路.csv",
]
MARKS = [
    "秘密",
    "秘 密",
    "机\u3000密",
    "机密级",
    "（机密）",
    "【绝密】",
    "国家秘密",
    "机密★20年",
    "绝密 30年",
    "绝密★长期",
    "秘密（十年）",
    "密级：绝密",
    "密级:（机密）",
    "编号：01  密级：机密",
    "本图为机密★长期，不得外传",
    "标题\n机密",
]
ORDINARY_TEXTS = [
    "秘密花园",
    "秘密谷",
    "秘密通道入口",
    "传说中秘密会议的旧址",
    "密级",
    "密级：内部",
    "密级：非密",
    "非秘密",
    "保密",
    "已解密",
    "计算机密码",
    "密级分为秘密、机密、绝密三级",
]


def _refused(report: ImportReport, store: Store) -> None:
    assert [issue.code for issue in report.errors] == ["classified"]
    told = json.dumps([report.to_json("zh"), report.to_json("en")], ensure_ascii=False)
    assert "仙霞路" not in told and MARK not in told
    assert store.verify().entries == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_mark_in_a_name(name: str) -> None:
    assert named_secret(name)


@pytest.mark.parametrize("name", ORDINARY_NAMES)
def test_an_ordinary_word_in_a_name(name: str) -> None:
    assert not named_secret(name)


@pytest.mark.parametrize("text", MARKS)
def test_a_mark_in_a_text(text: str) -> None:
    assert is_mark(text)


@pytest.mark.parametrize("text", ORDINARY_TEXTS)
def test_an_ordinary_word_in_a_text(text: str) -> None:
    assert not is_mark(text)


def test_places_named_so_are_stored(tmp_path: Path, bring: Importer) -> None:
    rows = [f"{i},{name},小区,120.39,36.065\n" for i, name in enumerate(["秘密谷", "解密花园"])]
    path = tmp_path / "秘密谷地名.csv"
    path.write_text(HEADER + "".join(rows), encoding="utf-8")

    assert bring(path, "place-names").stored == 2


def test_the_name_of_a_folder_counts(tmp_path: Path, bring: Importer, store: Store) -> None:
    path = tmp_path / "2021年 机 密" / "乙" / "a.csv"
    path.parent.mkdir(parents=True)
    path.write_text(HEADER + GOOD, encoding="utf-8")

    _refused(bring(path, "place-names"), store)


@pytest.mark.parametrize("heading", ["密级", "密 级", "保密等级", "Security_Class", "密级："])
@pytest.mark.parametrize("value", ["机密", "秘密级", "绝密★30年"])
def test_a_column_of_levels_counts_in_every_row(
    heading: str, value: str, tmp_path: Path, bring: Importer, store: Store
) -> None:
    rows = [f"{i},仙霞路,道路,120.39,36.065,内部\n" for i in range(30)]
    path = tmp_path / "a.csv"
    last = f"31,仙霞路,道路,120.39,36.065,{value}\n"
    path.write_text(HEADER.strip() + f",{heading}\n" + "".join(rows) + last, encoding="utf-8")

    _refused(bring(path, "place-names"), store)


def _classified(book: openpyxl.Workbook) -> None:
    book.properties.keywords = MARK


def _header(book: openpyxl.Workbook) -> None:
    _sheet(book).oddHeader.center.text = MARK


def _comment(book: openpyxl.Workbook) -> None:
    _sheet(book)["A1"].comment = openpyxl.comments.Comment(MARK, "甲")


def _other_sheet(book: openpyxl.Workbook) -> None:
    book.create_sheet("readme")["A3"] = "密级：秘密"


def _hidden_sheet(book: openpyxl.Workbook) -> None:
    book.create_sheet("附件（机密）").sheet_state = "hidden"


def _sheet(book: openpyxl.Workbook) -> Worksheet:
    assert isinstance(book.active, Worksheet)
    return book.active


@pytest.mark.parametrize("mark", [_classified, _header, _comment, _other_sheet, _hidden_sheet])
def test_a_mark_anywhere_in_a_workbook(
    mark: Callable[[openpyxl.Workbook], None], tmp_path: Path, bring: Importer, store: Store
) -> None:
    book, path = openpyxl.Workbook(), tmp_path / "a.xlsx"
    for row in (HEADER, GOOD):
        _sheet(book).append(row.strip().split(","))
    book.properties.title = "秘密谷地名表"
    book.save(path)
    assert bring(path, "place-names", dry_run=True).accepted

    mark(book)
    book.save(path)

    _refused(bring(path, "place-names"), store)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xml", f"<meta><级别>{MARK}</级别></meta>"),
        ("A.CSV.XML", "<密级><![CDATA[<b>密级：机密</b>]]></密级>"),
        ("a.csv.xml", '<x><gmd:MD_ClassificationCode codeList="c" codeListValue="secret"/></x>'),
        ("a.csv.xml", '<x><SecConsts><class><ClasscationCd value="004"/></class></SecConsts></x>'),
        ("a.qmd", "<qgis><rights>国家秘密</rights></qgis>"),
    ],
)
def test_a_metadata_file_beside_it(
    name: str, content: str, tmp_path: Path, bring: Importer, store: Store
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER + GOOD, encoding="utf-8")
    (tmp_path / "b.xml").write_text(MARK, encoding="utf-8")
    (tmp_path / name).write_bytes(content.encode("gb18030"))

    _refused(bring(path, "place-names"), store)


def test_a_metadata_file_that_says_otherwise(tmp_path: Path, bring: Importer) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER + GOOD, encoding="utf-8")
    about = '<x><MD_ClassificationCode codeListValue="unclassified"/><t>秘密谷</t></x>'
    (tmp_path / "a.csv.xml").write_text(about, encoding="utf-8")
    first = bring(path, "place-names")
    (tmp_path / "a.csv.xml").write_text("<x/>", encoding="utf-8")

    assert first.stored == 1
    assert bring(path, "place-names").repeated, "what is written about a file is not the file"


def _shapefile(folder: Path) -> list[Path]:
    pyogrio.raw.write(
        folder / "names.shp",
        geometry=shapely.to_wkb(np.array([shapely.Point(120.39, 36.065)], dtype=object)),
        field_data=[np.array(["仙霞路"], dtype=object), np.array(["道路"], dtype=object)],
        fields=np.array(["name", "type"]),
        crs="EPSG:4490",
        geometry_type="Point",
        driver="ESRI Shapefile",
        encoding="UTF-8",
    )
    return sorted(folder.glob("names.*"))


@pytest.mark.parametrize(
    "added",
    [
        ("机密/说明.pdf", b"", b""),
        ("names.shp.xml", f"<x>{MARK}</x>".encode(), b""),
        ("说明.txt", "一\n  密级：秘密\n".encode("gb18030"), b""),
        ("readme.md", b"", MARK.encode("gb18030")),
    ],
)
def test_a_mark_anywhere_in_an_archive(
    added: tuple[str, bytes, bytes], tmp_path: Path, bring: Importer, store: Store
) -> None:
    member, content, comment = added
    path, parts = tmp_path / "in.zip", _shapefile(tmp_path)
    with zipfile.ZipFile(path, "w") as archive:
        for part in parts:
            archive.write(part, part.name)
    assert bring(path, "place-names", dry_run=True).accepted

    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(member, content)
        archive.comment = comment

    _refused(bring(path, "place-names"), store)


def test_a_member_named_in_unannounced_utf8(tmp_path: Path, bring: Importer, store: Store) -> None:
    path = tmp_path / "in.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in _shapefile(tmp_path):
            archive.write(part, part.name)
        archive.writestr("X" * len("机密.pdf".encode()), b"")
    content = path.read_bytes().replace(b"X" * len("机密.pdf".encode()), "机密.pdf".encode())
    path.write_bytes(content)

    _refused(bring(path, "place-names"), store)


def test_a_kml_says_it_anywhere(tmp_path: Path, bring: Importer, store: Store) -> None:
    path = tmp_path / "a.kml"
    path.write_text(
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><ExtendedData><Data name="密级">'
        f"<value>{MARK}</value></Data></ExtendedData><Placemark><name>仙霞路</name>"
        "<Point><coordinates>120.39,36.065</coordinates></Point></Placemark></Document></kml>",
        encoding="utf-8",
    )

    _refused(bring(path, "place-names"), store)


@pytest.mark.parametrize(
    "said", [{"metadata": {"定密": [MARK]}}, {"properties": {"密级": "机密级别"}}]
)
def test_a_geojson_says_it_beside_its_features(
    said: dict[str, Any], tmp_path: Path, geojson: Any, bring: Importer, store: Store
) -> None:
    point = {"type": "Point", "coordinates": [120.39, 36.065]}
    path = geojson([({"name": "仙霞路", "type": "道路"}, point)])
    document = json.loads(path.read_text(encoding="utf-8")) | said
    path.write_text(json.dumps(document), encoding="utf-8")

    _refused(bring(path, "place-names"), store)


def test_a_drawing_says_it_in_a_text(tmp_path: Path, bring: Importer, store: Store) -> None:
    pairs = "0 SECTION 2 ENTITIES 0 TEXT 8 图框 1 {T} 0 LINE 8 99010199010202 10 120.1 20 36"
    pairs += " 11 120.2 21 36 0 ENDSEC 0 EOF"
    path = tmp_path / "a.dxf"
    text = "\n".join(pairs.split()).replace("{T}", r"\U+673A\U+5BC6★10年")
    path.write_text(text + "\n", encoding="utf-8")

    _refused(bring(path, "boundary-lines", crs="EPSG:4490"), store)


def test_a_geopackage_says_it_in_its_title(tmp_path: Path, bring: Importer, store: Store) -> None:
    path = tmp_path / "a.gpkg"
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array([shapely.Point(120.39, 36.065)], dtype=object)),
        field_data=[np.array(["仙霞路"], dtype=object), np.array(["道路"], dtype=object)],
        fields=np.array(["name", "type"]),
        crs="EPSG:4490",
        geometry_type="Point",
        driver="GPKG",
    )
    assert bring(path, "place-names", dry_run=True).accepted
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE gpkg_metadata (id INTEGER PRIMARY KEY, metadata TEXT)")
        db.execute("INSERT INTO gpkg_metadata (metadata) VALUES (?)", (f"<x>{MARK}</x>",))
    db.close()

    _refused(bring(path, "place-names"), store)


@pytest.mark.parametrize("suffix", [".csv", ".gpkg", ".geojson", ".kml", ".parquet"])
def test_what_this_program_writes_can_be_read_again(
    suffix: str, tmp_path: Path, bring: Importer, store: Store
) -> None:
    source, out = tmp_path / "a.csv", tmp_path / f"out{suffix}"
    source.write_text(HEADER + GOOD.replace("仙霞路", "秘密谷"), encoding="utf-8")
    assert bring(source, "place-names").accepted
    export_records(store, RecordKind.PLACE_NAMES, out)

    assert bring(out, "place-names", crs="EPSG:4490" if suffix == ".csv" else "").accepted
