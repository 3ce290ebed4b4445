"""Clients of others page through every collection: GDAL, pyogrio and OWSLib, over HTTP."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pyogrio
import pytest
import shapely
from owslib.ogcapi.features import Features

from geo_service import cities
from geo_service.services.samples.loading import load_sample
from geo_service.store.opening import open_store

CITY = "990100"
PAGE = 37
"""Small and odd, so that every collection of any size takes several pages."""
_PATIENCE_S = 60


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server as it is run, with the invented city."""
    folder = tmp_path_factory.mktemp("clients")
    store = open_store(f"gpkg:{folder}/register.gpkg", create=True)
    load_sample(store, cities.city(CITY))
    store.close()
    port = _free_port()
    words = [sys.executable, "-m", "geo_service", "serve", "--auth", "off", "--port", str(port)]
    own = {"GEO_SERVICE_CITY": CITY, "GEO_SERVICE_STORE": f"gpkg:{folder}/register.gpkg"}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            words, cwd=folder, env=os.environ | own, stdout=log, stderr=log, text=True
        )
        try:
            _wait(f"http://127.0.0.1:{port}/healthz", process, folder / "log")
            yield f"http://127.0.0.1:{port}/ogc"
        finally:
            process.terminate()
            process.wait(_PATIENCE_S)


def _wait(url: str, process: subprocess.Popen[str], log: Path) -> None:
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            httpx.get(url, timeout=5).raise_for_status()
        except httpx.HTTPError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.1)
        else:
            return


def _got(url: str) -> Any:
    return httpx.get(url, timeout=30).raise_for_status().json()


@pytest.fixture(scope="module")
def expected(base: str) -> dict[str, dict[str, Any]]:
    """What each collection holds, by id, in one page as large as it takes."""
    found = {}
    for collection in _got(f"{base}/collections?f=json")["collections"]:
        answer = _got(f"{base}/collections/{collection['id']}/items?limit=10000&f=json")
        assert answer["numberReturned"] == answer["numberMatched"]
        found[collection["id"]] = {
            feature["id"]: None
            if feature["geometry"] is None
            else shapely.from_geojson(json.dumps(feature["geometry"]))
            for feature in answer["features"]
        }
    assert sum(map(len, found.values())) > 100
    return found


def _agrees(ids: list[str], shapes: list[Any], expected: dict[str, Any]) -> None:
    """Every feature once, each where it lies, to 1e-9 degrees."""
    assert sorted(ids) == sorted(expected)
    for one, shape in zip(ids, shapes, strict=True):
        if expected[one] is None:
            assert shape is None
            continue
        told, wanted = shapely.normalize(shape), shapely.normalize(expected[one])
        places = (shapely.get_coordinates(told), shapely.get_coordinates(wanted))
        np.testing.assert_allclose(*places, rtol=0, atol=1e-9, err_msg=one)


def test_gdal_tells_every_collection(base: str, expected: dict[str, dict[str, Any]]) -> None:
    program = shutil.which("ogrinfo")
    assert program, "ogrinfo is missing: see .ci/system-packages"
    told = subprocess.run(
        [program, "-ro", "-so", "-al", f"OAPIF:{base}", "-oo", f"PAGE_SIZE={PAGE}"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    counts = {}
    for part in told.split("Layer name: ")[1:]:
        name, _, rest = part.partition("\n")
        counts[name.strip()] = int(rest.partition("Feature Count: ")[2].split()[0])
    assert counts == {name: len(features) for name, features in expected.items()}


def test_pyogrio_reads_every_feature(base: str, expected: dict[str, dict[str, Any]]) -> None:
    for name, features in expected.items():
        if not features:
            continue
        frame = pyogrio.read_dataframe(f"OAPIF:{base}", layer=name, PAGE_SIZE=PAGE)
        assert frame.crs is not None
        assert len(frame) == len(features), name
        _agrees(list(frame["id"]), list(frame.geometry), features)


def test_pyogrio_asks_for_a_box(base: str, expected: dict[str, dict[str, Any]]) -> None:
    box = (119.4, 38.2, 119.8, 38.6)
    wanted = {
        one for one, shape in expected["units"].items() if shape.intersects(shapely.box(*box))
    }
    assert 0 < len(wanted) < len(expected["units"])
    frame = pyogrio.read_dataframe(f"OAPIF:{base}", layer="units", bbox=box)
    assert set(frame["id"]) == wanted


def test_owslib_pages_through_every_collection(
    base: str, expected: dict[str, dict[str, Any]]
) -> None:
    client = Features(base)
    assert set(client.feature_collections()) == set(expected)
    for name, features in expected.items():
        ids: list[str] = []
        shapes: list[Any] = []
        while len(ids) < len(features):
            page = client.collection_items(name, limit=PAGE, offset=len(ids))
            assert page["features"], name
            ids += [feature["id"] for feature in page["features"]]
            shapes += [
                None
                if feature["geometry"] is None
                else shapely.from_geojson(json.dumps(feature["geometry"]))
                for feature in page["features"]
            ]
        _agrees(ids, shapes, features)


def test_owslib_reads_the_description(base: str) -> None:
    client = Features(base)
    assert (
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"
        in client.conformance()["conformsTo"]
    )
    assert client.api()["openapi"].startswith("3.0")
    assert client.collection("units")["storageCrs"].endswith("/4490")
    assert "properties" in client.collection_queryables("units")
