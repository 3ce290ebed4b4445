"""What guards an import against nonsense, against two positions, and against entries made twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service import cities
from geo_service.domain.change import RecordKind
from geo_service.services.interchange import issues as of_import
from geo_service.services.interchange.cells import Cells, Sheet
from geo_service.services.interchange.issues import Issues
from geo_service.services.interchange.readers.table import MOST_NOTES, RawTable
from geo_service.services.interchange.reading import ReadResult, read_records
from geo_service.services.interchange.report import ImportReport

Importer = Callable[..., ImportReport]
ROOT = Path(__file__).parents[2]
LINE = "99010001010102"
HEAD = "number,line_code,type,x,y,lon,lat"


def _read(path: Path, kind: str = "place-names", crs: str = "") -> ReadResult:
    return read_records(
        path, RecordKind(kind), city=cities.city("990100"), today=date(2026, 11, 23), crs=crs
    )


def _child(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
    )


def test_rows_that_are_read_earn_time() -> None:
    done = _child(
        "import resource, signal\n"
        "from geo_service.services.interchange.readers import allowance as a\n"
        "a.earn(0, 10**6)\n"
        "before = resource.getrlimit(resource.RLIMIT_CPU)[0]\n"
        "a.begin()\n"
        "a.earn(0, 2 * a.ROWS_A_SECOND)\n"
        "print(before, resource.getrlimit(resource.RLIMIT_CPU)[0] - a.CPU_SECONDS,\n"
        "      signal.alarm(0) - a.WALL_SECONDS)\n"
        "a.earn(0, 10**9)\n"
        "print(resource.getrlimit(resource.RLIMIT_CPU)[0] == a.MOST_SECONDS)"
    )

    assert done.stdout.split() == ["-1", "2", "2", "True"]


def test_a_process_that_reads_no_row_is_ended_within_half_a_minute() -> None:
    done = _child(
        "from geo_service.services.interchange.readers import allowance as a\n"
        "assert a.CPU_SECONDS < a.WALL_SECONDS < 30\n"
        "a.CPU_SECONDS = 1\n"
        "a.begin()\n"
        "while True: pass"
    )

    assert done.returncode < 0


def test_a_file_of_faults_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_import, "MOST_TOLD", 100)
    path = tmp_path / "nonsense.csv"
    path.write_text("name,lon,lat\n" + "甲路,东,北\n" * 500, encoding="utf-8")

    result = _read(path)

    assert result.refused and not result.rows
    assert [i.code for i in result.issues if i.level == "info"] == ["rest_unread"]
    assert sum(issue.code == "number_unreadable" for issue in result.issues) == 100


def test_what_the_reading_process_refuses_is_not_told_to_its_end_either() -> None:
    table = RawTable(["name"], list(range(1, 60_001)), [["甲"]] * 60_000)
    for number in range(1, 60_001):
        table.note("info", "heights_dropped", number)
    assert not table.full and table.rows_told == 60_000

    for number in range(1, 60_001):
        table.note("error", "geometry_unreadable", number)

    errors = [note for note in table.notes if note.level == "error"]
    assert table.full and len(errors) == MOST_NOTES + 1
    assert table.rows_told == errors[-1].row == MOST_NOTES + 1


_NUMBERS = st.one_of(
    st.floats(allow_nan=True).map(str),
    st.floats(),
    st.integers(),
    st.text("0123456789.-+eE,， °′'１", max_size=12),
    st.from_regex(r"-?[0-9]{1,12}(\.[0-9]{0,22})?", fullmatch=True),
)


@given(_NUMBERS, st.booleans())
def test_a_number_seen_at_a_glance_is_the_one_that_is_read(value: object, guarded: bool) -> None:
    sheet = Sheet("place-names", {"lon": 0}, Issues("a.csv"), date(2026, 11, 23), guarded=guarded)
    cells = Cells(sheet, 2, [value])

    at_a_glance = cells.plain_number("lon")

    if at_a_glance is not None:
        assert at_a_glance == cells.degrees("lon") == cells.decimal("lon")
        assert not sheet.issues.count and not sheet.normalised


def test_two_positions_that_agree_are_one_place(tmp_path: Path) -> None:
    path = tmp_path / "markers.csv"
    path.write_text(f"{HEAD}\n001,{LINE},single,4263117.1,456383.5,119.5,38.5\n", encoding="utf-8")

    result = _read(path, "markers", "EPSG:4549")

    assert "positions_agree" in {issue.code for issue in result.issues}
    assert not result.refused


def test_two_positions_that_differ_are_asked_back(tmp_path: Path) -> None:
    path = tmp_path / "markers.csv"
    path.write_text(f"{HEAD}\n001,{LINE},single,4263117.1,456383.5,119.52,38.5\n", encoding="utf-8")

    result = _read(path, "markers", "EPSG:4549")

    (told,) = [issue for issue in result.issues if issue.level == "error"]
    assert (told.code, told.row, told.field) == ("positions_differ", 2, "lon")


def test_a_name_that_stands_under_another_id_is_told(tmp_path: Path, bring: Importer) -> None:
    one, other, far = (tmp_path / name for name in ("one.csv", "other.csv", "far.csv"))
    one.write_text("id,name,kind,lon,lat\nA1,甲一路,道路,120.32,36.06\n", encoding="utf-8")
    other.write_text("id,name,kind,lon,lat\nB1,甲一路,道路,120.32,36.06\n", encoding="utf-8")
    far.write_text("id,name,kind,lon,lat\nC1,甲一路,道路,120.42,36.06\n", encoding="utf-8")
    first = bring(one, "place-names")

    again, elsewhere = bring(other, "place-names"), bring(far, "place-names")

    told = [
        (issue.level, issue.row, issue.values["other"])
        for issue in again.issues
        if issue.code == "record_standing"
    ]
    assert told == [("warning", 2, "A1")]
    for report in (first, elsewhere):
        assert "record_standing" not in {issue.code for issue in report.issues}


def test_a_parquet_file_that_lies_of_its_shapes_is_told(tmp_path: Path) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    shapely = pytest.importorskip("shapely")
    point = shapely.Point(119.5, 38.5).wkb

    def written(types: list[str]) -> ReadResult:
        column = {"encoding": "WKB", "geometry_types": types}
        geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
        table = pa.table({"name": ["甲路"], "geometry": [point]})
        path = tmp_path / "names.parquet"
        pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
        return _read(path)

    assert "parquet_types" in {issue.code for issue in written(["Polygon"]).issues}
    for sound in (["Point"], ["Point Z", "Point"], []):
        assert "parquet_types" not in {issue.code for issue in written(sound).issues}
