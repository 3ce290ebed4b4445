"""The child process that reads: few drivers, no network, limits, and no way to other files."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely

from geo_service.services.interchange import sandbox
from geo_service.services.interchange.issues import Issues
from geo_service.services.interchange.report import ImportReport
from geo_service.store.protocol import Store

Importer = Callable[..., ImportReport]
ROOT = Path(__file__).parents[2]
GOOD = "name,lon,lat\n中山路,120.32,36.06\n"


def _python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
    )


def test_gdal_offers_two_drivers_only() -> None:
    done = _python(
        "from geo_service.services.interchange.readers.drivers import gdal\n"
        "gdal()\nimport pyogrio, sys\n"
        "print(sorted(pyogrio.list_drivers()), sys.modules.get('pandas'))"
    )

    assert done.stdout.strip() == "['ESRI Shapefile', 'GPKG'] None"


def test_child_has_no_network_where_the_kernel_allows_it() -> None:
    allowed = subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False)
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = _python(
            "from geo_service.services.interchange import child\n"
            "import socket\nchild._limit()\n"
            "try:\n"
            f"    socket.create_connection(('127.0.0.1', {server.getsockname()[1]}), 2)\n"
            "    print('connected')\n"
            "except OSError:\n"
            "    print('cut off')"
        )

    assert done.stdout.strip() == ("cut off" if allowed.returncode == 0 else "connected")


def test_child_has_a_memory_limit() -> None:
    done = _python(
        "from geo_service.services.interchange import child\n"
        "child._limit()\n"
        "try:\n"
        "    bytearray(3 << 30)\n"
        "except MemoryError:\n"
        "    print('stopped')"
    )

    assert done.stdout.strip() == "stopped"


def test_out_of_time(
    tmp_path: Path, bring: Importer, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "n.csv"
    path.write_text(GOOD, encoding="utf-8")
    monkeypatch.setattr(sandbox, "WALL_SECONDS", 0.001)

    report = bring(path, "place-names")

    assert [issue.code for issue in report.errors] == ["parse_timeout"]
    assert store.verify().entries == 0


def test_child_that_dies_is_told_without_a_traceback(
    tmp_path: Path, bring: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "n.csv"
    path.write_text(GOOD, encoding="utf-8")
    monkeypatch.setattr(sys, "executable", "/bin/false")

    assert [issue.code for issue in bring(path, "place-names").errors] == ["parse_failed"]


def test_too_large_and_empty(tmp_path: Path, bring: Importer) -> None:
    path = tmp_path / "n.csv"
    with path.open("wb") as file:
        file.truncate(sandbox.MAX_BYTES + 1)
    assert [issue.code for issue in bring(path, "place-names").errors] == ["file_too_large"]

    path.write_bytes(b"")
    assert [issue.code for issue in bring(path, "place-names").errors] == ["file_empty"]


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    path = tmp_path / "n.csv"
    path.write_text(GOOD, encoding="utf-8")

    parsed = sandbox.parse(path, Issues("n.csv"))

    assert parsed is not None
    assert list(folder.iterdir()) == []


def test_geopackage_with_a_reaching_table(tmp_path: Path, bring: Importer, store: Store) -> None:
    """A virtual table can name any file of the server as its source."""
    secret = tmp_path / "server.geojson"
    secret.write_text(
        json.dumps(
            {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "properties": {"name": "不得外泄"},
                        "geometry": {"type": "Point", "coordinates": [120.3, 36.1]},
                    }
                ],
            }
        ),
        encoding="utf-8",
    )
    path = tmp_path / "in.gpkg"
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array([shapely.Point(120.3, 36.1)], dtype=object)),
        field_data=[np.array(["中山路"], dtype=object)],
        fields=np.array(["name"]),
        crs="EPSG:4490",
        geometry_type="Point",
        driver="GPKG",
    )
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA writable_schema = ON")
        db.execute(
            "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES"
            " ('table', 'v', 'v', 0, ?)",
            (f"CREATE VIRTUAL TABLE v USING VirtualOGR('{secret}')",),
        )

    report = bring(path, "place-names")

    assert not report.accepted
    assert report.errors[0].code in {"gpkg_virtual_table", "content_broken"}
    assert "不得外泄" not in json.dumps(report.to_json("zh"), ensure_ascii=False)
    assert store.verify().entries == 0


def test_damaged_geopackage(tmp_path: Path, bring: Importer) -> None:
    path = tmp_path / "in.gpkg"
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)

    assert [issue.code for issue in bring(path, "units").errors] == ["content_broken"]
