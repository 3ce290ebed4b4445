"""GeoParquet of others: what it says of itself is believed only where it can be."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
import shapely

from geo_service.domain.change import RecordKind
from geo_service.domain.place import NamedPlace
from geo_service.services.interchange.report import ImportReport
from geo_service.store.protocol import Store

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

Importer = Callable[..., ImportReport]
POINT = shapely.to_wkb(shapely.Point(120.3, 36.1))
WKB = {"encoding": "WKB", "geometry_types": ["Point"]}


def _file(path: Path, columns: dict[str, Any], geo: Any = None) -> Path:
    table = pa.table(columns)
    if geo is not None:
        said = geo if isinstance(geo, str) else json.dumps(geo)
        table = table.replace_schema_metadata({"geo": said})
    pq.write_table(table, path)
    return path


def _geo(**column: Any) -> dict[str, Any]:
    columns = {"geometry": {**WKB, **column}}
    return {"version": "1.1.0", "primary_column": "geometry", "columns": columns}


PLACE = {"name": ["甲路"], "type": ["道路"], "geometry": [POINT]}


@pytest.mark.parametrize(
    ("geo", "code"),
    [
        pytest.param("{", "parquet_geo_broken", id="no-json"),
        pytest.param({"version": "1.1.0"}, "parquet_geo_broken", id="no-column-named"),
        pytest.param(
            {"primary_column": "g", "columns": {"g": WKB}},
            "parquet_geo_broken",
            id="no-such-column",
        ),
        pytest.param(_geo(encoding="point"), "parquet_encoding", id="not-wkb"),
        pytest.param(_geo(crs=None), "crs_missing", id="system-unknown"),
        pytest.param(_geo(crs="ABC"), "crs_unreadable", id="system-unreadable"),
    ],
)
def test_what_it_says_of_its_geometry_is_refused(
    geo: Any, code: str, tmp_path: Path, bring: Importer, store: Store
) -> None:
    report = bring(_file(tmp_path / "in.parquet", PLACE, geo), "place-names")

    assert [issue.code for issue in report.errors] == [code]
    for lang in ("zh", "en"):
        told = report.errors[0].to_json(lang)
        assert told["message"] and told["hint"]
    assert store.verify().entries == 0


def test_without_a_system_it_is_crs84(tmp_path: Path, bring: Importer, store: Store) -> None:
    report = bring(_file(tmp_path / "in.geoparquet", PLACE, _geo()), "place-names")

    assert report.accepted, report.errors
    [row] = report.rows
    place = cast("NamedPlace", store.get(RecordKind.PLACE_NAMES, str(row["id"])))
    assert shapely.equals(place.geometry, shapely.Point(120.3, 36.1))


def test_typed_columns_are_read_as_what_they_are(tmp_path: Path, bring: Importer) -> None:
    columns = {
        **PLACE,
        "approved_on": [date(2020, 2, 28)],
        "lon": [Decimal("120.3")],
        "memo": [datetime(2020, 2, 28, 8, 30)],  # noqa: DTZ001 - a column without a zone
        "list": [[1, 2]],
        "photo": [b"\xff\xd8"],
    }

    report = bring(_file(tmp_path / "in.parquet", columns, _geo()), "place-names")

    assert report.accepted, report.errors
    assert report.rows[0]["approved_on"] == "2020-02-28"
    [told] = [issue for issue in report.issues if issue.code == "column_binary"]
    assert told.field == "photo"
    assert "photo" in told.message.zh


def test_a_table_without_places_has_its_columns(tmp_path: Path, bring: Importer) -> None:
    columns = {"name": ["甲路"], "type": ["道路"], "lon": [36.1], "lat": [120.3]}

    report = bring(_file(tmp_path / "in.parquet", columns), "place-names", crs="EPSG:4490")

    assert [(issue.code, issue.row) for issue in report.errors] == [("axes_swapped", 1)]


@pytest.mark.heavy
def test_many_rows_in_few_bytes_meet_the_limits(
    tmp_path: Path, bring: Importer, store: Store
) -> None:
    count = 40_000_000
    path = tmp_path / "in.parquet"
    run = pa.DictionaryArray.from_arrays(pa.array([0] * 1, pa.int8()), pa.array(["甲路" * 20]))
    one = pa.concat_arrays([run] * 1000).cast(pa.dictionary(pa.int32(), pa.string()))
    with pq.ParquetWriter(path, pa.schema([("name", one.type)])) as out:
        part = pa.table({"name": pa.chunked_array([one] * 1000)})
        for _ in range(count // len(part)):
            out.write_table(part)

    report = bring(path, "place-names")

    assert path.stat().st_size < 5 << 20
    assert report.errors[0].code == "rows_too_many"
    assert store.verify().entries == 0
