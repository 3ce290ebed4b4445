"""Place names under the fields of the national record and of the census form, out and in again."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import openpyxl
import pytest
import shapely
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from geo_service import cities
from geo_service.domain.change import Record, RecordKind
from geo_service.domain.identity import DivisionCode
from geo_service.domain.period import ALWAYS, Period
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus, ReadingSource
from geo_service.domain.provenance import Force, Label, Provenance
from geo_service.errors import InputError
from geo_service.services.interchange.dictionary import dictionary
from geo_service.services.interchange.exchanging import export_exchange
from geo_service.services.interchange.reading import ReadResult, read_records
from geo_service.store.protocol import Store

CITY = cities.city("990100")
WEST, SOUTH, EAST, NORTH = CITY.extent
KIND = RecordKind.PLACE_NAMES
TODAY = date(2026, 11, 23)
CENSUS, RECORD = "census-practice", "dmk-practice"


class Held:
    def __init__(self, records: list[NamedPlace]) -> None:
        self._records = records

    def records(self, _kind: RecordKind, **_moment: Any) -> list[Record]:
        return list(self._records)


def write(path: Path, name: str, *records: NamedPlace) -> Path:
    store = cast("Store", Held(list(records)))
    assert export_exchange(store, KIND, path, name, city=CITY) == len(records)
    return path


def read(path: Path, **options: str) -> ReadResult:
    return read_records(path, KIND, city=CITY, today=TODAY, **options)


def place(**changes: Any) -> NamedPlace:
    plain = NamedPlace(
        id="D1",
        name="甲路",
        feature_type=FeatureType.ROAD,
        provenance=Provenance(source="甲区"),
        unit_code=DivisionCode("990101"),
        geometry=shapely.Point(119.61, 38.5),
    )
    return replace(plain, **changes)


WORDS = st.text(st.sampled_from("甲乙丙山河路村Aa7，。𠮷㐂䶮"), max_size=8)
POINTS = st.tuples(
    st.floats(WEST + 0.01, EAST - 0.01).map(lambda value: round(value, 9)),
    st.floats(SOUTH + 0.01, NORTH - 0.01).map(lambda value: round(value, 9)),
)
SHAPES = st.one_of(
    st.none(),
    POINTS.map(shapely.Point),
    st.lists(POINTS, min_size=2, max_size=4, unique=True).map(shapely.LineString),
)
DAYS = st.one_of(st.none(), st.dates(date(1950, 1, 1), date(2026, 1, 1)))


@st.composite
def places(draw: st.DrawFn) -> list[NamedPlace]:
    return [
        NamedPlace(
            id=f"D{n}",
            name=draw(WORDS) + "路",
            feature_type=draw(st.sampled_from(FeatureType)),
            provenance=Provenance(
                source="甲区",
                licence=draw(WORDS),
                force=draw(st.sampled_from(Force)),
                label=draw(st.sampled_from(Label)),
                note=draw(WORDS),
            ),
            status=draw(st.sampled_from(NameStatus)),
            unit_code=draw(st.sampled_from([None, DivisionCode("990101")])),
            geometry=draw(SHAPES),
            romanization=draw(st.sampled_from(["", "Jiǎ Lù"])),
            reading_source=draw(st.sampled_from(ReadingSource)),
            approved_on=draw(DAYS),
            document_no=draw(WORDS),
            meaning=draw(WORDS),
            origin=draw(WORDS),
            period=draw(st.one_of(st.just(ALWAYS), st.builds(Period, DAYS))),
        )
        for n in range(draw(st.integers(1, 4)))
    ]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".gpkg", ".geojson"])
@pytest.mark.parametrize("name", [CENSUS, RECORD])
@settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],
)
@given(records=places())
def test_what_goes_out_comes_back_the_same(
    name: str, suffix: str, records: list[NamedPlace]
) -> None:
    if suffix == ".xlsx" and name == CENSUS:
        records = [
            r if isinstance(r.geometry, shapely.Point) else replace(r, geometry=None)
            for r in records
        ]
    with TemporaryDirectory() as folder:
        path = write(Path(folder) / f"out{suffix}", name, *records)
        encoding = "GB18030" if suffix == ".csv" else ""
        crs = "EPSG:4490" if suffix in (".csv", ".xlsx") else ""
        back = read(path, encoding=encoding, crs=crs)

    assert not back.refused, [issue.message.zh for issue in back.issues]
    for before, after in zip(records, back.records, strict=True):
        assert after == before


@pytest.mark.parametrize("name", [CENSUS, RECORD])
def test_it_is_said_that_no_standard_was_checked(name: str, tmp_path: Path) -> None:
    path = write(tmp_path / "out.csv", name, place())
    with path.open(encoding="gb18030", newline="") as file:
        head, row = csv.reader(file)
    assert head[:-1] == [field.column for field in dictionary(name, KIND)]
    assert "依实践所见，未对照标准核对" in row[-1]

    book = openpyxl.load_workbook(write(tmp_path / "out.xlsx", name, place()))
    about = [[cell.value for cell in row] for row in book.worksheets[1].iter_rows()]
    assert "未对照标准核对" in about[0][0]
    assert {row[2] for row in about[2:]} <= {"实践所见", "按所见写法推定", "本系统附加"}


def test_a_form_of_the_census_comes_in_with_its_own_words(tmp_path: Path) -> None:
    path = tmp_path / "census.csv"
    path.write_text(
        "代码,标准名称,罗马字母,使用时间,命名时间,密级,东经,北纬,坐标系,类别名称,含义,登记人\n"
        "D1,甲家庄,Jiǎjiāzhuāng,历史,1985-03-01,,119°36′36″,38°30′00″,2000,农村居民点,以姓为名,某\n",
        encoding="utf-8",
    )

    result = read(path)

    assert not result.refused, [issue.message.zh for issue in result.issues]
    (old,) = cast("tuple[NamedPlace]", result.records)
    assert (old.status, old.feature_type) == (NameStatus.FORMER, FeatureType.VILLAGE)
    assert old.geometry is not None and old.geometry.equals_exact(shapely.Point(119.61, 38.5), 1e-9)
    told = {issue.code: issue for issue in result.issues}
    assert "未对照标准核对" in told["exchange_field_missing"].message.zh
    assert "登记人" in told["column_ignored"].message.zh


def test_a_record_of_the_national_service_brings_its_drawing(tmp_path: Path) -> None:
    path = tmp_path / "records.csv"
    drawing = '"{""type"": ""Point"", ""coordinates"": [119.61, 38.5]}"'
    path.write_text(
        f"id,standard_name,place_type,area_code,gdm,place_meaning\nD1,甲路,道路,990101,{drawing},甲\n",
        encoding="utf-8",
    )

    result = read(path)

    assert not result.refused, [issue.message.zh for issue in result.issues]
    (back,) = cast("tuple[NamedPlace]", result.records)
    assert (back.name, back.meaning, back.unit_code) == ("甲路", "甲", DivisionCode("990101"))
    assert back.geometry == shapely.Point(119.61, 38.5)
    assert "crs_presumed" in {issue.code for issue in result.issues}


@pytest.mark.parametrize("datum", ["西安80", "1954北京坐标系", "GCJ-02", "百度坐标"])
def test_a_row_in_another_system_is_never_read_as_cgcs2000(datum: str, tmp_path: Path) -> None:
    path = tmp_path / "n.csv"
    path.write_text(
        f"名称,类型,经度,纬度,坐标系\n甲路,道路,119.6,38.5,2000\n乙路,道路,119.6,38.5,{datum}\n",
        encoding="utf-8",
    )

    result = read(path)

    assert [(i.code, i.row, i.field) for i in result.issues if i.level == "error"] == [
        ("datum_differs", 3, "datum")
    ]
    issue = next(i for i in result.issues if i.code == "datum_differs")
    assert datum in issue.message.zh


def test_long_names_of_columns_do_not_go_into_a_shapefile(tmp_path: Path) -> None:
    for name in (CENSUS, RECORD):
        with pytest.raises(InputError) as refusal:
            write(tmp_path / "out.shp", name, place())
        assert refusal.value.code == "export_columns_too_long"
    assert list(tmp_path.iterdir()) == []


def test_a_plain_table_is_not_taken_for_one_of_these(tmp_path: Path) -> None:
    path = tmp_path / "n.csv"
    path.write_text("编号,名称,类型,状态,批准日期,备注\n1,甲路,道路,在用,,\n", encoding="utf-8")

    assert "exchange_field_missing" not in {issue.code for issue in read(path).issues}
