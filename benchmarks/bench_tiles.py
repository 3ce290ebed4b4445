"""Vector tiles: cut cold by us and by `mapbox-vector-tile`, and served warm over HTTP.

    python benchmarks/bench_tiles.py [--names 100000] [--seconds 5]

Invented units with shared edges of 500 vertices, and invented names; one worker, four clients.
"""

from __future__ import annotations

import argparse
import http.client
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely
import uvicorn
from shapely.geometry import shape

from geo_service import compose
from geo_service.api.app import create_app
from geo_service.domain.change import Change, Operation, Record
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Force, Provenance
from geo_service.geometry.tiling import Tile, world
from geo_service.services.serving.cache import View
from geo_service.services.serving.collections import COLLECTIONS
from geo_service.settings import Settings
from geo_service.store.opening import open_store

SOURCE = Provenance("示例", force=Force.SYNTHETIC)
WEST, SOUTH, EAST, NORTH = 119.3, 38.1, 120.3, 39.0
BENDS, CLIENTS = 500, 4
CODES = [f"9901{n}" for n in range(21, 37)]


def units(random: np.random.Generator) -> list[Record]:
    """Four by four units that share every vertex of their edges."""
    side = ((EAST - WEST) / 4, (NORTH - SOUTH) / 4)
    edges: dict[Any, np.ndarray] = {}

    def edge(a: tuple[int, int], b: tuple[int, int]) -> np.ndarray:
        if a > b:
            return edge(b, a)[::-1]
        if (a, b) not in edges:
            ends = [np.array([WEST + p[0] * side[0], SOUTH + p[1] * side[1]]) for p in (a, b)]
            line = ends[0] + np.linspace(0, 1, BENDS)[:, None] * (ends[1] - ends[0])
            line[1:-1] += random.normal(0, 0.0006, (BENDS - 2, 2))
            edges[a, b] = line
        return edges[a, b]

    made: list[Record] = []
    for number, code in enumerate(CODES):
        i, j = divmod(number, 4)
        around = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1), (i, j)]
        ring = np.concatenate([edge(around[k], around[k + 1])[:-1] for k in range(4)])
        area = shapely.Polygon(ring)
        made.append(
            AdministrativeUnit(
                code=DivisionCode(code), name=f"示例{number}县", provenance=SOURCE, geometry=area
            )
        )
    return made


def names(random: np.random.Generator, count: int) -> list[Record]:
    places = random.uniform([WEST, SOUTH], [EAST, NORTH], (count, 2))
    return [
        NamedPlace(
            id=f"N-{number}",
            name=f"示例{number}村",
            feature_type=FeatureType.VILLAGE,
            provenance=SOURCE,
            geometry=shapely.Point(place),
        )
        for number, place in enumerate(places)
    ]


def tile_at(zoom: int) -> Tile:
    across, down = world(np.array([[119.85, 38.55]]))[0] * (1 << zoom)
    return Tile(zoom, int(across), int(down))


def milliseconds(work: Callable[[], Any], times: int = 7) -> float:
    took = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        took.append(time.perf_counter() - begin)
    return statistics.median(took) * 1000


def cold(services: compose.Services) -> None:
    view = View(services.today())
    for name in ("units", "place-names"):
        layer = services.tiles.layer(COLLECTIONS[name], view)
        for zoom in (6, 8, 10, 12, 14):
            data = layer.tile(tile_at(zoom))
            ours = milliseconds(lambda: layer.tile(tile_at(zoom)))  # noqa: B023 - run at once
            told = mapbox_vector_tile.decode(data)[name]["features"] if data else []
            rows = [{"geometry": shape(f["geometry"]), "properties": f["properties"]} for f in told]
            theirs = milliseconds(
                lambda: mapbox_vector_tile.encode([{"name": name, "features": rows}])  # noqa: B023
            )
            print(
                f"cold {name} z{zoom}: {len(told)} features, {len(data)} bytes, "
                f"ours {ours:.1f} ms, library (encoding alone) {theirs:.1f} ms"
            )


def asked(port: int, address: str, seconds: float) -> list[float]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    took, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        begin = time.perf_counter()
        connection.request("GET", address, headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        took.append(time.perf_counter() - begin)
    return took


def warm(services: compose.Services, seconds: float) -> None:
    """Clients in threads of this process take part of the time: a lower bound."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    app = create_app(services, services.settings)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    for name in ("units", "place-names"):
        tile = tile_at(10)
        address = f"/ogc/collections/{name}/tiles/WebMercatorQuad/10/{tile.row}/{tile.column}"
        asked(port, address, 0.5)
        found: list[float] = []
        threads = [
            threading.Thread(target=lambda: found.extend(asked(port, address, seconds)))  # noqa: B023
            for _ in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        p99 = sorted(found)[int(len(found) * 0.99)] * 1000
        print(f"warm {name} z10: {len(found) / seconds:.0f} tiles/s, p99 {p99:.1f} ms")
    server.should_exit = True


def edited(services: compose.Services) -> None:
    """The first tile after one name was edited: other rows of the layer and other tiles stay."""
    view = View(services.today())
    place = services.store.get("place-names", "N-1")
    change = Change(
        operation=Operation.CORRECT, record=place, actor="bench", reason="bench", expected_version=1
    )
    with services.store.begin() as work:
        work.append([change])
    begin = time.perf_counter()
    services.tiles.tile(COLLECTIONS["place-names"], view, tile_at(10))
    print(f"first tile after an edit: {(time.perf_counter() - begin) * 1000:.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--names", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=5)
    told = parser.parse_args()
    random = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(city="990100", auth=False, store=f"gpkg:{Path(folder) / 'r.gpkg'}")
        open_store(settings.store, create=True).close()
        services = compose.build(settings)
        with services.store.begin() as work:
            work.append(
                Change(operation=Operation.CREATE, record=record, actor="bench", reason="bench")
                for record in [*units(random), *names(random, told.names)]
            )
        cold(services)
        warm(services, told.seconds)
        edited(services)
        services.close()


if __name__ == "__main__":
    main()
