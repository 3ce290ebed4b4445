"""Exchange files of lines and markers: out under a field dictionary, back, and checked (Q01)."""

from __future__ import annotations

import csv
import itertools
import json
import os
import signal
import subprocess
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import openpyxl
import pyogrio.raw
import pytest
import shapely
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from geo_service import cities
from geo_service import lexicons as tables
from geo_service.cli.main import app
from geo_service.domain.boundary import AdministrativeBoundary, LegalStatus
from geo_service.domain.change import Change, Operation, Record, RecordKind
from geo_service.domain.identity import DivisionCode, DivisionLevel, LineCode, MarkerNumber
from geo_service.domain.marker import BoundaryMarker, MarkerKind
from geo_service.domain.period import ALWAYS, Period
from geo_service.domain.provenance import Force, Label, Provenance
from geo_service.errors import InputError
from geo_service.geometry.crs import to_plane
from geo_service.resources import data_dir
from geo_service.services.interchange import columns
from geo_service.services.interchange import dictionary as dictionaries
from geo_service.services.interchange.columns import FACTS_OF, fact_columns, match_columns
from geo_service.services.interchange.dictionary import dictionary, dictionary_names
from geo_service.services.interchange.drawing import export_drawing
from geo_service.services.interchange.exchanging import EXCHANGED, FORMATS, export_exchange
from geo_service.services.interchange.exporting import as_array
from geo_service.services.interchange.issues import Issues
from geo_service.services.interchange.reading import ReadResult, read_records
from geo_service.services.interchange.report import ImportReport
from geo_service.store.opening import open_store
from geo_service.store.protocol import Store

Importer = Callable[..., ImportReport]
CITY = cities.city("990100")
TODAY = date(2026, 11, 23)
NAME = "mzt-practice"
LINE = "99010001010102"
UNCHECKED = "字段依实践所见，未对照标准核对"
WEST, SOUTH, EAST, NORTH = CITY.extent


class Held:
    """As much of a store as an export asks for."""

    def __init__(self, *records: Record) -> None:
        self._records = records

    def records(
        self, _kind: RecordKind, *, as_of: date | None = None, known_at: datetime | None = None
    ) -> tuple[Record, ...]:
        assert as_of is known_at is None
        return self._records


def held(*records: Record) -> Store:
    return cast("Store", Held(*records))


def line(**changes: Any) -> AdministrativeBoundary:
    plain = AdministrativeBoundary(
        code=LINE,
        name="甲乙线",
        left_code=DivisionCode("990102"),
        right_code=DivisionCode("990101"),
        provenance=Provenance(source="甲区"),
        geometry=shapely.LineString([(119.6, 38.5), (119.7, 38.55), (119.75, 38.5)]),
    )
    return replace(plain, **changes)


def marker(number: str = "001Q", **changes: Any) -> BoundaryMarker:
    plain = BoundaryMarker(
        number=MarkerNumber(number),
        line_code=LINE,
        kind=MarkerKind.SINGLE,
        provenance=Provenance(source="甲区"),
        position=shapely.Point(119.61, 38.5),
    )
    return replace(plain, **changes)


def read(path: Path, kind: RecordKind, crs: str = "EPSG:4490", encoding: str = "") -> ReadResult:
    return read_records(path, kind, city=CITY, today=TODAY, crs=crs, encoding=encoding)


def told(issues: Iterable[Any]) -> list[tuple[str, str, int | None, str]]:
    return [(i.level.value, i.code, i.row, i.field) for i in issues]


def ogrinfo(path: Path, *options: str) -> str:
    command = ["ogrinfo", "-al", *options, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


PLACE_DICTIONARIES = ("census-practice", "dmk-practice")

# --- there and back -------------------------------------------------------------------------

COMMON = st.sampled_from("甲乙丙丁区县界桩线村山河路岭东西南北号Aa7。，、")
RARE = st.one_of(
    st.characters(min_codepoint=0x3400, max_codepoint=0x4DBF),
    st.characters(min_codepoint=0x9FA6, max_codepoint=0x9FEF),
    st.characters(min_codepoint=0x20000, max_codepoint=0x2A6DF),
    st.sampled_from("𬇙𠮷㐂䶮龘"),
)
TEXTS = st.text(st.one_of(COMMON, RARE), max_size=12)


def numbers(low: float, high: float, digits: int) -> st.SearchStrategy[float]:
    """Numbers as surveys give them: a sheet keeps 15 digits, a DBF 15 decimals."""
    return st.floats(low, high).map(lambda value: round(value, digits))


POINTS = st.tuples(
    numbers(WEST + 0.01, EAST - 0.01, 9),
    numbers(SOUTH + 0.01, NORTH - 0.01, 9),
)
DAYS = st.dates(date(1950, 1, 1), date(2026, 1, 1))
PERIODS = st.one_of(
    st.just(ALWAYS),
    st.builds(Period, DAYS),
    st.builds(lambda day: Period(None, day), DAYS),
)
ORIGINS = st.builds(
    Provenance,
    source=st.just("甲区"),
    licence=TEXTS,
    force=st.sampled_from(Force),
    label=st.sampled_from(Label),
    note=TEXTS,
)
UNITS = [DivisionCode(f"9901{n:02d}") for n in range(1, 7)]


@st.composite
def a_path(draw: st.DrawFn) -> Any:
    parts = draw(
        st.lists(st.lists(POINTS, min_size=2, max_size=4, unique=True), min_size=1, max_size=3)
    )
    lines = [shapely.LineString(points) for points in parts]
    return lines[0] if len(lines) == 1 else shapely.MultiLineString(lines)


@st.composite
def lines(draw: st.DrawFn) -> list[Record]:
    pairs = draw(
        st.lists(
            st.tuples(st.sampled_from(UNITS), st.sampled_from(UNITS)).filter(
                lambda pair: pair[0] != pair[1]
            ),
            min_size=1,
            max_size=8,
            unique_by=frozenset,
        )
    )
    return [
        AdministrativeBoundary(
            code=LineCode.between(*pair),
            name=draw(TEXTS),
            left_code=pair[0],
            right_code=pair[1],
            provenance=draw(ORIGINS),
            geometry=draw(a_path()),
            level=draw(st.sampled_from([None, *DivisionLevel])),
            length_km=draw(st.one_of(st.none(), numbers(0, 999, 3))),
            agreement_no=draw(TEXTS),
            legal_status=draw(st.sampled_from(LegalStatus)),
            period=draw(PERIODS),
        )
        for pair in pairs
    ]


@st.composite
def markers(draw: st.DrawFn) -> list[Record]:
    letters = {"Q": MarkerKind.SINGLE, "A": MarkerKind.PAIRED, "C": MarkerKind.TRIPLE}
    made = [
        (MarkerNumber(f"{n:03d}{letter}"), letters[letter])
        for n, letter in enumerate(draw(st.lists(st.sampled_from("QAC"), min_size=1, max_size=9)))
    ]
    return [
        BoundaryMarker(
            number=number,
            line_code=LINE,
            kind=kind,
            provenance=draw(ORIGINS),
            position=shapely.Point(draw(POINTS)),
            height_m=draw(st.one_of(st.none(), numbers(-99, 999, 3))),
            material=draw(TEXTS),
            responsible_side=draw(st.sampled_from([None, *UNITS])),
            period=draw(PERIODS),
        )
        for number, kind in made
    ]


@pytest.mark.parametrize("suffix", FORMATS)
@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],  # a child process reads each: nothing is shrunk
)
@given(records=st.one_of(lines(), markers()))
def test_what_goes_out_comes_back_the_same(suffix: str, records: list[Record]) -> None:
    is_line = isinstance(records[0], AdministrativeBoundary)
    kind = RecordKind.BOUNDARY_LINES if is_line else RecordKind.MARKERS
    if suffix == ".xlsx" and is_line:
        return  # a workbook holds no geometry of lines
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"out{suffix}"

        assert export_exchange(held(*records), kind, path, NAME, city=CITY) == len(records)
        # A CSV of rare characters alone is not believed to be GB 18030 unless it is said.
        back = read(path, kind, encoding="GB18030" if suffix == ".csv" else "")

    assert not back.refused, [issue.message.zh for issue in back.issues]
    for before, after in zip(records, back.records, strict=True):
        assert after == before


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("kind", EXCHANGED)
def test_every_row_says_that_the_fields_are_not_checked(
    kind: RecordKind, suffix: str, tmp_path: Path
) -> None:
    path = tmp_path / f"out{suffix}"
    sample = Provenance(source="生成器", force=Force.SYNTHETIC)
    record = line() if kind is RecordKind.BOUNDARY_LINES else marker()

    export_exchange(held(replace(record, provenance=sample)), kind, path, NAME, city=CITY)

    if suffix == ".csv":
        with path.open(encoding="gb18030", newline="") as file:
            (row,) = csv.DictReader(file)
        columns, notice = list(row), row["notice"]
    elif suffix == ".xlsx":
        rows = list(openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True))
        columns, notice = list(rows[0]), rows[1][-1]
    else:
        encoding = "GB18030" if suffix == ".shp" else None
        meta, _, _, fields = pyogrio.raw.read(path, encoding=encoding)
        columns, notice = list(meta["fields"]), fields[-1][0]
    assert UNCHECKED in notice
    assert notice.startswith("示例（虚构数据）；内部工作用图")
    wanted = [field.column for field in dictionary(NAME, kind)]
    assert columns[: len(wanted)] == wanted


def test_a_workbook_explains_its_columns_and_is_read_without_naming_a_sheet(
    tmp_path: Path,
) -> None:
    path = tmp_path / "out.xlsx"
    export_exchange(held(marker(material="=1+1")), RecordKind.MARKERS, path, NAME, city=CITY)

    book = openpyxl.load_workbook(path)

    assert book.sheetnames == ["数据", "说明"]
    about = [row[:3] for row in book["说明"].iter_rows(values_only=True)]
    assert UNCHECKED in str(about[0][0])
    assert ("ZZB", "纵坐标", "实践所见") in about
    assert UNCHECKED in book["数据"].oddFooter.left.text
    (back,) = read(path, RecordKind.MARKERS).records
    assert cast("BoundaryMarker", back).material == "=1+1"


def test_a_workbook_of_lines_says_that_it_holds_no_geometry(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"

    export_exchange(held(line()), RecordKind.BOUNDARY_LINES, path, NAME, city=CITY)

    assert "不含图形" in str(openpyxl.load_workbook(path)["说明"]["A1"].value)


def test_plane_coordinates_are_north_first_in_the_zone_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    place = as_array([shapely.Point(119.61, 38.5)])
    ((east, north),) = shapely.get_coordinates(to_plane(place, 4528))

    export_exchange(held(marker()), RecordKind.MARKERS, path, NAME, city=CITY, crs="EPSG:4528")

    with path.open(encoding="gb18030", newline="") as file:
        (row,) = csv.DictReader(file)
    assert float(row["ZZB"]) == round(north, 3)
    assert float(row["HZB"]) == round(east, 3)
    assert row["HZB"].startswith("40")
    assert "EPSG:4528" in row["notice"]


def test_what_the_register_does_not_keep_goes_out_blank(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"

    export_exchange(held(marker()), RecordKind.MARKERS, path, NAME, city=CITY)

    with path.open(encoding="gb18030", newline="") as file:
        (row,) = csv.DictReader(file)
    for column in ("KJSJBSM", "JZMC", "SZD1", "YHFWWWZ", "WZMS", "GC", "JZCZ"):
        assert row[column] == ""


# --- files that other programs read ---------------------------------------------------------


def test_a_shapefile_reads_right_in_debians_gdal(tmp_path: Path) -> None:
    path = tmp_path / "界线.shp"
    two = shapely.MultiLineString([[(119.6, 38.5), (119.7, 38.5)], [(119.8, 38.5), (119.9, 38.4)]])
    export_exchange(
        held(line(name="甲乙线𬇙㐀", geometry=two, length_km=12.125)),
        RecordKind.BOUNDARY_LINES,
        path,
        NAME,
        city=CITY,
    )

    said = ogrinfo(path)

    assert path.with_suffix(".cpg").read_text(encoding="ascii") == "GB18030"
    assert "JXMC (String) = 甲乙线𬇙㐀" in said
    assert "JXCD (Real) = 12.125" in said
    assert "MULTILINESTRING ((119.6 38.5" in said
    assert 'ID["EPSG",4490]' in said
    assert len(list(tmp_path.iterdir())) == 5
    assert all(len(field.column.encode("gb18030")) <= 10 for field in _all_fields())


def _all_fields() -> list[Any]:
    return [field for kind in EXCHANGED for field in dictionary(NAME, kind)]


@pytest.mark.parametrize("with_cpg", [True, False])
def test_a_shapefile_in_gb18030_is_read_with_and_without_its_cpg(
    with_cpg: bool, tmp_path: Path
) -> None:
    path = tmp_path / "out.shp"
    export_exchange(held(line(name="甲乙𬇙水线")), RecordKind.BOUNDARY_LINES, path, NAME, city=CITY)
    if not with_cpg:
        path.with_suffix(".cpg").unlink()

    back = read(path, RecordKind.BOUNDARY_LINES, crs="")

    assert [cast("AdministrativeBoundary", r).name for r in back.records] == ["甲乙𬇙水线"]
    assert ("encoding_guessed" in {i.code for i in back.issues}) is not with_cpg


@pytest.mark.parametrize("suffix", [".shp", ".gpkg", ".geojson"])
def test_lines_that_ogr2ogr_rewrote_are_read(suffix: str, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.gpkg", tmp_path / f"theirs{suffix}"
    export_exchange(held(line()), RecordKind.BOUNDARY_LINES, ours, NAME, city=CITY)
    options = ["-lco", "ENCODING=GB18030"] if suffix == ".shp" else []
    command = ["ogr2ogr", str(theirs), str(ours), *options]
    subprocess.run(command, check=True, capture_output=True)

    back = read(theirs, RecordKind.BOUNDARY_LINES)

    assert back.records == (line(),)


def test_a_text_that_a_shapefile_cannot_hold_is_not_cut(tmp_path: Path) -> None:
    path = tmp_path / "out.shp"
    path.write_text("old", encoding="utf-8")

    with pytest.raises(InputError) as refusal:
        export_exchange(
            held(line(), line(name="甲" * 61)), RecordKind.BOUNDARY_LINES, path, NAME, city=CITY
        )

    assert refusal.value.code == "export_value_too_long"
    assert (refusal.value.context["row"], refusal.value.context["column"]) == (2, "JXMC")
    assert [(p.name, p.read_text(encoding="utf-8")) for p in tmp_path.iterdir()] == [
        ("out.shp", "old")
    ]


def test_a_shapefile_takes_the_place_of_a_former_one_and_its_indexes(tmp_path: Path) -> None:
    path = tmp_path / "out.shp"
    export_exchange(held(line()), RecordKind.BOUNDARY_LINES, path, NAME, city=CITY)
    path.with_suffix(".qix").write_bytes(b"index of the former file")

    export_exchange(held(marker()), RecordKind.MARKERS, path, NAME, city=CITY)

    assert read(path, RecordKind.MARKERS).records == (marker(),)
    assert {p.suffix for p in tmp_path.iterdir()} == {".shp", ".shx", ".dbf", ".prj", ".cpg"}


def test_a_full_disk_leaves_the_former_shapefile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.shp"
    export_exchange(held(line()), RecordKind.BOUNDARY_LINES, path, NAME, city=CITY)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InputError) as refusal:
        export_exchange(held(marker()), RecordKind.MARKERS, path, NAME, city=CITY)

    assert refusal.value.code == "export_disk_full"
    assert read(path, RecordKind.BOUNDARY_LINES).records == (line(),)
    assert len(list(tmp_path.iterdir())) == 5


def test_a_packed_shapefile_is_one_file_and_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "甲乙线.shp.zip"
    export_exchange(held(line()), RecordKind.BOUNDARY_LINES, path, NAME, city=CITY)
    with zipfile.ZipFile(path) as archive:
        names = {"甲乙线.shp", "甲乙线.shx", "甲乙线.dbf", "甲乙线.prj", "甲乙线.cpg"}
        assert set(archive.namelist()) == names
    assert read(path, RecordKind.BOUNDARY_LINES, crs="").records == (line(),)

    export_exchange(held(line(name="乙线")), RecordKind.BOUNDARY_LINES, path, NAME, city=CITY)
    assert read(path, RecordKind.BOUNDARY_LINES, crs="").records == (line(name="乙线"),)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InputError, match="export_disk_full"):
        export_exchange(held(line()), RecordKind.BOUNDARY_LINES, path, NAME, city=CITY)
    assert read(path, RecordKind.BOUNDARY_LINES, crs="").records == (line(name="乙线"),)
    assert list(tmp_path.iterdir()) == [path]


def _killed_at(step: int, work: Callable[[], object]) -> bool:
    """Do a piece of work in another process that is killed before its nth name changes."""
    process = os.fork()
    if process:
        return os.waitpid(process, 0)[1] != 0
    left = itertools.count(step, -1)

    def dying(act: Callable[..., Any]) -> Callable[..., Any]:
        def do(*words: Any, **options: Any) -> Any:
            if next(left) == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return act(*words, **options)

        return do

    for name in ("replace", "link", "unlink"):
        setattr(os, name, dying(getattr(os, name)))
    try:
        work()
    finally:
        os._exit(0)


def _name_in(path: Path) -> str:
    """The name of the one line in a shapefile, every part of which must be there and fit."""
    assert all(path.with_suffix(s).exists() for s in (".shp", ".shx", ".dbf", ".prj", ".cpg"))
    meta, _, _, fields = pyogrio.raw.read(path)
    (name,) = fields[list(meta["fields"]).index("JXMC")]
    return str(name)


def test_a_killed_export_of_a_shapefile_leaves_a_whole_layer_old_or_new(tmp_path: Path) -> None:
    path, former = tmp_path / "out.shp", tmp_path / "out.before-export.shp"
    seen = set()

    def write(name: str) -> None:
        lines = held(line(name=name))
        export_exchange(lines, RecordKind.BOUNDARY_LINES, path, NAME, city=CITY)

    for step in itertools.count():
        write("旧线")
        assert len(list(tmp_path.iterdir())) == 5, "what the killed one left is cleared away"
        killed = _killed_at(step, lambda: write("新线"))
        whole = path if path.exists() else former
        seen.add((whole.name, _name_in(whole)))
        if not killed:
            break
        if whole is former:  # and killed once more, at another step
            _killed_at(step % 7, lambda: write("新线"))
            assert _name_in(path if path.exists() else former) in ("旧线", "新线")
    assert seen == {("out.shp", "旧线"), ("out.before-export.shp", "旧线"), ("out.shp", "新线")}
    assert step > 20
    assert len(list(tmp_path.iterdir())) == 5


def test_drafts_of_killed_exports_are_cleared_away_and_those_at_work_left(tmp_path: Path) -> None:
    targets = [tmp_path / name for name in ("out.gpkg", "out.geojson", "out.shp.zip")]
    kind, lines = RecordKind.BOUNDARY_LINES, held(line())
    for target in targets:
        write = partial(export_exchange, lines, kind, target, NAME, city=CITY)
        assert _killed_at(1, write) and not target.exists()
    left = {part.name for part in tmp_path.iterdir()}
    assert len(left) >= 4, "a killed export leaves its draft, and its parts"
    (some,) = [name for name in left if name.endswith(".geojson")]
    at_work = tmp_path / f"{some.rpartition('-')[0]}-{os.getppid()}.geojson"
    at_work.write_text("of another process")
    for target in targets:
        export_exchange(lines, kind, target, NAME, city=CITY)
    assert set(tmp_path.iterdir()) == {*targets, at_work}


# --- the dictionary as a table --------------------------------------------------------------


@pytest.mark.parametrize("kind", EXCHANGED)
def test_every_column_and_every_title_is_recognised_on_the_way_in(kind: RecordKind) -> None:
    for field in dictionary(NAME, kind):
        for written in (field.column, field.title):
            columns = match_columns(kind, [written], Issues("x"), facts=True)
            facts = fact_columns([written], FACTS_OF[kind])
            if field.field:
                assert field.field in columns or field.field in facts, written


def test_an_unknown_dictionary_is_refused_with_those_there_are(tmp_path: Path) -> None:
    for name, kind in (("MZ/T 149", RecordKind.MARKERS), (NAME, RecordKind.UNITS)):
        with pytest.raises(InputError) as refusal:
            export_exchange(held(), kind, tmp_path / "o.csv", name, city=CITY)
        assert refusal.value.code == "dictionary_unknown"
        assert NAME in str(refusal.value.context["known"])
    assert dictionary_names() == (*PLACE_DICTIONARIES, NAME)


@pytest.fixture
def another_dictionary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bureau that holds the standard adds rows to the table, and nothing else."""
    table = data_dir() / "lexicons" / "exchange_fields.csv"
    own = tmp_path / table.name
    rows = ["own,markers,01,BH,标志号,number,12,x", "own,markers,02,XDM,线代码,line_code,14,x"]
    rows += ["own,markers,03,LON,东经度,lon,,x", "own,markers,04,LAT,北纬度,lat,,x"]
    own.write_text(table.read_text(encoding="utf-8") + "\n".join(rows) + "\n", encoding="utf-8")
    true = tables.lexicon

    def lexicon(name: str, *key: str) -> tables.Table:
        return tables.read_table(own, key) if name == own.stem else true(name, *key)

    caches = (dictionaries._dictionaries, dictionaries.exchange_columns, columns._aliases)
    monkeypatch.setattr(dictionaries, "lexicon", lexicon)
    for cache in caches:
        cache.cache_clear()
    yield "own"
    for cache in caches:
        cache.cache_clear()


def test_another_dictionary_is_rows_of_a_table(another_dictionary: str, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"

    export_exchange(held(marker()), RecordKind.MARKERS, path, another_dictionary, city=CITY)

    with path.open(encoding="gb18030", newline="") as file:
        assert next(csv.reader(file)) == ["BH", "XDM", "LON", "LAT", "notice"]
    (back,) = read(path, RecordKind.MARKERS).records
    assert back.id == marker().id
    assert dictionary_names() == (*PLACE_DICTIONARIES, NAME, another_dictionary)


# --- what is told of a file that keeps to no dictionary (Q01) --------------------------------

HEADER = [field.column for field in dictionary(NAME, RecordKind.MARKERS)]


def exchange_csv(path: Path, encoding: str = "gb18030", without: str = "", **cells: str) -> Path:
    plain = {"JZBH": "001Q", "JXDM": LINE, "JZLX": "单立", "JD": "119.61", "WD": "38.5"}
    header = [name for name in HEADER if name != without]
    row = [(plain | cells).get(name, "") for name in header]
    path.write_text(f"{','.join(header)}\n{','.join(row)}\n", encoding=encoding)
    return path


def test_a_file_that_keeps_to_the_dictionary_is_told_nothing_of_it(tmp_path: Path) -> None:
    path = exchange_csv(tmp_path / "in.csv", SXRQ="2024-06-01", JSRQ="20250101", SZD1="甲村")

    back = read(path, RecordKind.MARKERS)

    assert {code for _, code, _, _ in told(back.issues)} == {"encoding_guessed", "column_ignored"}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"without": "SZD2"}, ("warning", "exchange_field_missing", None, "SZD2")),
        ({"without": "JZBH"}, ("error", "column_missing", None, "number")),
        ({"JXDM": "9901"}, ("error", "code_unreadable", 2, "line_code")),
        ({"JZLX": "四立"}, ("error", "value_unknown", 2, "type")),
        (
            {"encoding": "utf-8", "SZD1": "甲村"},
            ("warning", "exchange_encoding", None, ""),
        ),
        ({"SXRQ": "2024年6月1日"}, ("warning", "exchange_date", 2, "valid_from")),
        ({"SXRQ": "2024/6/1"}, ("warning", "exchange_date", 2, "valid_from")),
        ({"SXRQ": "2024-13-01"}, ("error", "date_impossible", 2, "valid_from")),
    ],
    ids=["field", "key-field", "line-code", "word", "encoding", "date", "slashes", "no-date"],
)
def test_what_departs_from_the_dictionary_is_told_with_its_place_and_remedy(
    options: dict[str, str], expected: tuple[str, str, int | None, str], tmp_path: Path
) -> None:
    path = exchange_csv(tmp_path / "in.csv", **options)

    issues = read(path, RecordKind.MARKERS).issues

    assert expected in told(issues)
    (issue,) = [i for i in issues if i.code == expected[1]]
    assert issue.file == "in.csv"
    assert issue.message.zh
    assert issue.hint.zh
    if issue.code == "exchange_field_missing":
        assert "SZD2 所在地2" in issue.message.zh
        assert "未对照标准核对" in issue.message.zh
    if issue.code == "exchange_date":
        assert "2024-06-01" in issue.message.zh


def test_a_dry_run_tells_it_and_stores_nothing(tmp_path: Path, bring: Importer) -> None:
    path = tmp_path / "in.csv"
    header = ["JZBH", "JXDM", "JZLX", "JD", "WD", "SXRQ", "JZCZ"]
    cells = ["001Q", "37020002020203", "单立", "120.3", "36.1", "2024.6.1", "石"]
    path.write_text(f"{','.join(header)}\n{','.join(cells)}\n", encoding="utf-8")

    report = bring(path, "markers", crs="EPSG:4490", dry_run=True)

    assert report.accepted
    codes = {issue.code for issue in report.issues}
    assert {"exchange_field_missing", "exchange_encoding", "exchange_date"} <= codes


def test_other_files_are_not_measured_by_the_dictionary(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    header, row = "界桩编号,界线代码,经度,纬度,启用日期", f"001Q,{LINE},119.61,38.5,2024年6月1日"
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")

    issues = read(path, RecordKind.MARKERS).issues

    assert not [i for i in issues if i.code.startswith("exchange_")]


GRID = {"JD": "", "WD": ""}


@pytest.mark.parametrize(
    ("crs", "cells", "code", "fits"),
    [
        ("EPSG:4549", {"ZZB": "4262000", "HZB": "466000"}, "", ""),
        ("EPSG:4528", {"ZZB": "4262000", "HZB": "40466000"}, "", ""),
        ("EPSG:4549", {"ZZB": "4262000", "HZB": "40466000"}, "crs_mismatch", "EPSG:4528"),
        ("EPSG:4528", {"ZZB": "4262000", "HZB": "466000"}, "crs_mismatch", "EPSG:4549"),
        ("EPSG:4549", {"ZZB": "466000", "HZB": "4262000"}, "axes_swapped", ""),
        ("", {"ZZB": "4262000", "HZB": "466000"}, "crs_missing", ""),
        ("EPSG:4550", {"ZZB": "4262000", "HZB": "466000"}, "crs_mismatch", "EPSG:4549"),
    ],
    ids=["plain", "prefix", "undeclared-prefix", "prefix-missing", "swapped", "none", "zone"],
)
def test_north_and_east_with_and_without_prefix(
    crs: str, cells: dict[str, str], code: str, fits: str, tmp_path: Path
) -> None:
    path = exchange_csv(tmp_path / "in.csv", **cells)
    text = path.read_text(encoding="gb18030").replace("JD,WD", "XA,XB")
    path.write_text(text.replace("119.61,38.5", ","), encoding="gb18030")

    back = read(path, RecordKind.MARKERS, crs=crs)

    errors = [issue for issue in back.issues if issue.level.value == "error"]
    assert [issue.code for issue in errors] == ([code] if code else [])
    if fits:
        assert fits in errors[0].hint.zh
    if not code:
        (record,) = back.records
        assert 119 < cast("BoundaryMarker", record).position.x < 120


# --- drawings -------------------------------------------------------------------------------


def drawing(tmp_path: Path, *records: Record, **options: Any) -> Path:
    path = tmp_path / "out.dxf"
    export_drawing(held(*records), path, city=CITY, **options)
    return path


def test_a_drawing_opens_in_gdal_in_the_plane_with_chinese_layers(tmp_path: Path) -> None:
    path = drawing(tmp_path, line(level=DivisionLevel.COUNTY))

    said = ogrinfo(path)

    assert f"Layer (String) = 县级界线_{LINE}" in said
    assert "LINESTRING (4" in said
    text = path.read_bytes()
    assert b"ANSI_936" in text
    assert "县级界线".encode("gbk") in text


def test_a_drawing_tells_what_it_cannot_carry(tmp_path: Path) -> None:
    sample = Provenance(source="生成器", force=Force.SYNTHETIC)
    records = (line(length_km=3.0, provenance=sample), line(code="99010001010103", geometry=None))

    told_ = export_drawing(held(*records), tmp_path / "out.dxf", city=CITY)

    assert told_.count == 1
    said = {issue.code: issue.message.zh for issue in told_.issues}
    assert "length_km" in said["dxf_fields_left_out"]
    assert "left_code" in said["dxf_fields_left_out"]
    assert "EPSG:4549" in said["dxf_fields_left_out"]
    assert "示例（虚构数据）" in said["dxf_notice"]
    assert "99010001010103" in said["dxf_without_geometry"]


def test_a_drawing_in_degrees_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refusal:
        drawing(tmp_path, line(), crs="EPSG:4490")

    assert refusal.value.code == "drawing_needs_plane"
    assert not list(tmp_path.iterdir())


def test_a_drawing_comes_back_to_the_millimetre(tmp_path: Path) -> None:
    two = shapely.MultiLineString([[(119.6, 38.5), (119.7, 38.5)], [(119.8, 38.5), (119.9, 38.4)]])
    other = line(code="99010001010103", right_code=DivisionCode("990103"), geometry=two)
    path = drawing(tmp_path, line(), other)

    back = read(path, RecordKind.BOUNDARY_LINES, crs="EPSG:4549")

    assert not back.refused
    assert [r.id for r in back.records] == [LINE, "99010001010103"]
    for before, after in zip((line(), other), back.records, strict=True):
        geometry = cast("AdministrativeBoundary", after).geometry
        assert shapely.equals_exact(geometry, before.geometry, tolerance=1e-9)
    assert ("info", "dxf_pieces_joined", 2, "geometry") in told(back.issues)
    assert ("warning", "dxf_bare", None, "") in told(back.issues)


def test_a_drawing_changes_nothing_but_the_line(
    store: Store, bring: Importer, tmp_path: Path
) -> None:
    known = line(
        code="37020002020203",
        name="甲乙线",
        left_code=DivisionCode("370203"),
        right_code=DivisionCode("370202"),
        provenance=Provenance(source="生成器", force=Force.SYNTHETIC),
        geometry=shapely.LineString([(120.3, 36.1), (120.4, 36.2)]),
        agreement_no="1",
    )
    with store.begin() as work:
        work.append([Change(operation=Operation.CREATE, record=known, actor="test", reason="test")])
    moved = replace(known, geometry=shapely.LineString([(120.3, 36.1), (120.4, 36.201)]))
    path = tmp_path / "out.dxf"
    export_drawing(held(moved), path, city=cities.city("370200"))

    report = bring(path, "boundary-lines", crs="EPSG:4549")

    assert (report.accepted, report.stored) == (True, 1)
    now = store.get(RecordKind.BOUNDARY_LINES, known.id)
    assert isinstance(now, AdministrativeBoundary)
    source = replace(known.provenance, source=now.provenance.source)
    assert now.provenance.source.startswith("out.dxf")
    assert replace(now, geometry=known.geometry) == replace(known, provenance=source)
    assert "name" in next(i for i in report.issues if i.code == "fields_kept").values["fields"]
    assert report.rows[0]["name"] == "甲乙线"
    assert shapely.equals_exact(now.geometry, moved.geometry, tolerance=1e-9)


def dxf(path: Path, *entities: str, head: str = "", encoding: str = "gbk") -> Path:
    text = f"0\nSECTION\n2\nHEADER\n{head}0\nENDSEC\n0\nSECTION\n2\nENTITIES\n"
    body = "".join(entity.replace("|", "\n") + "\n" for entity in entities)
    path.write_text(f"{text}{body}0\nENDSEC\n0\nEOF\n", encoding=encoding)
    return path


CHINESE = "9\n$ACADVER\n1\nAC1018\n9\n$DWGCODEPAGE\n3\nANSI_936\n"
STRAIGHT = f"0|LINE|5|2A|8|{LINE}|10|465000|20|4262000|11|466000|21|4263000"
POLYLINE = (
    f"0|POLYLINE|5|2B|8|乡界{LINE}|66|1|70|0|0|VERTEX|8|0|10|465000|20|4262000"
    "|0|VERTEX|8|0|10|466000|20|4263000|0|SEQEND|8|0"
)


@pytest.mark.parametrize("entity", [STRAIGHT, POLYLINE])
def test_lines_of_every_age_of_drawing_are_read(entity: str, tmp_path: Path) -> None:
    path = dxf(tmp_path / "in.dxf", entity, head=CHINESE)

    back = read(path, RecordKind.BOUNDARY_LINES, crs="EPSG:4549")

    assert not back.refused, back.issues
    assert [r.id for r in back.records] == [LINE]


@pytest.mark.parametrize(
    ("entities", "crs", "code"),
    [
        ([STRAIGHT.replace(LINE, "0")], "EPSG:4549", "dxf_no_codes"),
        ([STRAIGHT], "", "crs_missing"),
        ([STRAIGHT], "EPSG:4528", "crs_mismatch"),
        ([f"0|ARC|5|2C|8|{LINE}|10|465000|20|4262000|40|9|50|0|51|90"], "EPSG:4549", "dxf_curve"),
        (
            [f"0|LWPOLYLINE|8|{LINE}|90|2|70|0|10|465000|20|4262000|42|0.5|10|466000|20|4263000"],
            "EPSG:4549",
            "dxf_curve",
        ),
        ([f"{STRAIGHT}|210|0|220|0|230|-1"], "EPSG:4549", "dxf_tilted"),
        ([STRAIGHT.replace("465000", "far")], "EPSG:4549", "dxf_broken"),
        ([STRAIGHT.replace(LINE, "99010001020101")], "EPSG:4549", "code_unreadable"),
        ([], "EPSG:4549", "dxf_no_codes"),
    ],
    ids=["no-code", "no-crs", "prefix", "arc", "bulge", "mirrored", "number", "sides", "empty"],
)
def test_drawings_that_cannot_be_used_say_why_and_what_to_do(
    entities: list[str], crs: str, code: str, tmp_path: Path
) -> None:
    path = dxf(tmp_path / "in.dxf", *entities)

    back = read(path, RecordKind.BOUNDARY_LINES, crs=crs)

    assert back.refused
    (issue,) = [i for i in back.issues if i.code == code]
    assert issue.hint.zh


def test_layers_without_a_code_and_other_entities_are_told(tmp_path: Path) -> None:
    frame, text = STRAIGHT.replace(LINE, "图廓"), "0|TEXT|8|注记|10|465000|20|4262000|1|甲村"
    path = dxf(tmp_path / "in.dxf", STRAIGHT, frame, text, "0|INSERT|8|0|2|B", head=CHINESE)

    back = read(path, RecordKind.BOUNDARY_LINES, crs="EPSG:4549")

    said = {issue.code: issue.message.zh for issue in back.issues}
    assert not back.refused
    assert "图廓" in said["dxf_layer_without_code"]
    assert "INSERT × 1, TEXT × 1" in said["dxf_ignored"]


@pytest.mark.parametrize(
    "content",
    [b"AutoCAD Binary DXF\r\n\x1a\x00", b"0\nSECTION\n2\n", b"no drawing", b"0\n"],
    ids=["binary", "cut", "text", "nothing"],
)
def test_what_is_no_drawing_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "in.dxf"
    path.write_bytes(content)

    assert read(path, RecordKind.BOUNDARY_LINES, crs="EPSG:4549").refused


# --- the command ----------------------------------------------------------------------------


@pytest.fixture
def register(tmp_path: Path) -> str:
    url = f"gpkg:{tmp_path / 'register.gpkg'}"
    opened = open_store(url, create=True)
    other = line(code="99010001010103", right_code=DivisionCode("990103"))
    with opened.begin() as work:
        work.append(
            Change(operation=Operation.CREATE, record=record, actor="test", reason="test")
            for record in (line(), other, marker(), marker("002Q", line_code=other.code))
        )
    opened.close()
    return url


def run(*arguments: object) -> Result:
    runner = CliRunner(env={"COLUMNS": "200", "GEO_SERVICE_CITY": "990100"})
    return runner.invoke(app, ["export", *map(str, arguments)])


def test_the_command_writes_under_a_dictionary(register: str, tmp_path: Path) -> None:
    path = tmp_path / "界桩.shp"

    done = run("markers", path, "--fields", NAME, "--line", LINE, "--store", register, "--json")

    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"kind": "markers", "file": str(path), "exported": 1}
    assert read(path, RecordKind.MARKERS).records == (marker(),)


def test_the_command_draws_and_tells_what_it_leaves_out(register: str, tmp_path: Path) -> None:
    done = run("boundary-lines", tmp_path / "out.dxf", "--store", register, "--json")

    answer = json.loads(done.stdout)
    assert answer["exported"] == 2
    assert "dxf_fields_left_out" in {issue["code"] for issue in answer["issues"]}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["markers", "out.shp"], "export_needs_fields"),
        (["markers", "out.csv", "--line", LINE], "export_needs_fields"),
        (["markers", "out.dxf"], "export_format_unknown"),
        (["boundary-lines", "out.dxf", "--line", "x"], "export_line_unknown"),
        (["markers", "out.csv", "--fields", NAME, "--line", "x"], "export_line_unknown"),
        (["markers", "out.csv", "--fields", "x"], "dictionary_unknown"),
        (["boundary-lines", "out.kml", "--fields", NAME], "export_format_unknown"),
    ],
)
def test_unfit_orders_are_refused(
    arguments: list[str], code: str, register: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    done = run(*arguments, "--store", register, "--json")

    assert done.exit_code == 3, done.output
    assert json.loads(done.stdout)["code"] == code
