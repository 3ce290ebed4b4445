"""Our server beside tipg and pygeoapi: `python benchmarks/serve_beside_peers.py --peers PYTHON`.

An invented register of names and of towns that fill the ground is written into a GeoPackage, which
we serve, and copied with all its columns into PostGIS, which tipg and pygeoapi serve; each server
has one worker and is loaded in turn by wrk with four connections, in rounds. Before it is loaded
each must give the same answer. PYTHON is that of an environment of their own
(`pip install tipg pygeoapi psycopg2-binary geoalchemy2 uvicorn httptools uvloop`). wrk is a
package of Debian.
--write keeps the figures in docs/evidence.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import mapbox_vector_tile
import numpy as np
import shapely

from geo_service import cities
from geo_service.domain.change import Change, Operation
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.identity import DivisionCode
from geo_service.domain.provenance import Force, Label, Provenance
from geo_service.services.benching.private_server import PrivateServer
from geo_service.services.benching.register import changes
from geo_service.store.opening import open_store

CITY = "990100"
ROOT = Path(__file__).parents[1]
OURS, CHECK = "geo-service", "names/check"
NAMES, SIDE, BENDS = 200_000, 54, 5
BOX = "119.4,38.2,119.8,38.6"
ZOOM, COLUMN, ROW = 10, 852, 393
"""A tile in the middle of the city."""
CONNECTIONS, PATIENCE_S = 4, 120
ANY_BOX = "BOX"
"""Stands in an address for a box that is another one in each request."""
BOXES = """
math.randomseed(20261128)
local path = "%s"
request = function()
  local west, south = 119.2 + 0.4 * math.random(), 38.1 + 0.4 * math.random()
  local box = string.format("%%.4f,%%.4f,%%.4f,%%.4f", west, south, west + 0.3, south + 0.3)
  return wrk.format("GET", (string.gsub(path, "BOX", box)))
end
"""
CHECKS = """
local bodies, number = {%s}, 0
request = function()
  number = number %% #bodies + 1
  return wrk.format("POST", nil, {["Content-Type"] = "application/json"}, bodies[number])
end
"""
NAMES_CHECKED = 5_000


def edge(start: tuple[float, float], end: tuple[float, float], chance: np.random.Generator) -> list:
    """A crooked line between two corners: its middle moved, and that of each half, and so on."""
    line = np.array([start, end])
    for _ in range(BENDS):
        steps = np.diff(line, axis=0)
        moved = chance.normal(0, 0.12, (len(steps), 1)) * steps[:, ::-1] * (1, -1)
        middle = line[:-1] + steps / 2 + moved
        whole = np.empty((len(line) + len(middle), 2))
        whole[::2], whole[1::2] = line, middle
        line = whole
    return line.tolist()


def towns() -> Iterator[AdministrativeUnit]:
    """Towns that fill the ground of the city, each with some 130 corners."""
    west, south, east, north = cities.city(CITY).extent
    chance = np.random.default_rng(20261128)
    xs, ys = np.linspace(west, east, SIDE + 1), np.linspace(south, north, SIDE + 1)
    across = [[edge((a, y), (b, y), chance) for a, b in pairwise(xs)] for y in ys]
    upward = [[edge((x, a), (x, b), chance) for x in xs] for a, b in pairwise(ys)]
    source = Provenance(source="示例", licence="CC0-1.0", force=Force.SYNTHETIC, label=Label.PUBLIC)
    for i in range(SIDE):
        for j in range(SIDE):
            ring = [*across[i][j], *upward[i][j + 1][1:]]
            ring += [*across[i + 1][j][::-1][1:], *upward[i][j][::-1][1:]]
            number = i * SIDE + j
            yield AdministrativeUnit(
                code=DivisionCode(f"9901{number // 100 + 1:02d}{number % 100 + 1:03d}"),
                name=f"示例镇{number + 1}",
                provenance=source,
                geometry=shapely.MultiPolygon([shapely.Polygon(ring)]),
            )


@dataclass(frozen=True, slots=True)
class Layers:
    """Where one server has the two layers, and how it writes what is asked."""

    base: str
    names: str
    towns: str
    plain: str
    tile: str

    def urls(self, one: tuple[str, str]) -> dict[str, str]:
        """What is loaded: title and address. `one` is the id of a name and of a town."""
        at = {"z": ZOOM, "x": COLUMN, "y": ROW}
        found = {
            "items?limit=100": f"{self.names}/items?limit=100{self.plain}",
            "bbox, limit=100": f"{self.names}/items?limit=100&bbox={BOX}{self.plain}",
            "bbox, each another": f"{self.names}/items?limit=100&bbox={ANY_BOX}{self.plain}",
            "one name": f"{self.names}/items/{one[0]}?{self.plain[1:]}",
            "one town": f"{self.towns}/items/{one[1]}?{self.plain[1:]}",
        }
        if self.tile:
            found["tile, towns"] = self.towns + self.tile.format(**at)
            found["tile, names"] = self.names + self.tile.format(**at)
        return {title: self.base + path for title, path in found.items()}


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk says of one address."""

    per_s: float
    p50_ms: float
    p99_ms: float
    refused: int


def got(url: str | urllib.request.Request) -> bytes:
    """An answer. Raises URLError."""
    with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:  # noqa: S310 - our own address
        return bytes(answer.read())


def loaded(url: str, seconds: int, script: str = "") -> Load:
    """Load one address with four connections; a script in Lua says what each request is."""
    words = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "--timeout", "20s"]
    if ANY_BOX in url:
        parts = urlsplit(url)
        script = BOXES % f"{parts.path}?{parts.query}"
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        words += ["-s", file.name] if script else []
        told = subprocess.run([*words, url], check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603
    ms = {"us": 1e-3, "ms": 1, "s": 1e3, "m": 6e4}

    def at(share: str) -> float:
        number, unit = re.search(rf"{share}%\s+([\d.]+)(us|ms|s|m)\n", told).groups()  # type: ignore[union-attr]
        return float(number) * ms[unit]

    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    failed = re.search(
        r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", told
    )
    errors = int(refused[1]) if refused else 0
    errors += sum(map(int, failed.groups())) if failed else 0
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    return Load(float(rate[1]) if rate else 0, at("50"), at("99"), errors)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def serving(
    words: list[str], url: str, log: Path, environ: dict[str, str]
) -> Iterator[subprocess.Popen]:
    """A server for a while. Raises SystemExit where it does not answer."""
    with log.open("w") as out:
        process = subprocess.Popen(words, env=environ, stdout=out, stderr=out)  # noqa: S603
        try:
            until = time.monotonic() + PATIENCE_S
            while True:
                try:
                    got(url)
                    break
                except (urllib.error.URLError, ConnectionError) as error:
                    if process.poll() is not None or time.monotonic() > until:
                        sys.exit(f"{words}: {error}\n{log.read_text()[-2000:]}")
                    time.sleep(0.2)
            yield process
        finally:
            process.terminate()
            process.wait()


def memory_mb(process: subprocess.Popen) -> float:
    """Resident memory of a server and of those it started."""
    total, todo = 0, [process.pid]
    while todo:
        pid = todo.pop()
        status = Path(f"/proc/{pid}/status").read_text()
        total += int(re.search(r"VmRSS:\s+(\d+)", status)[1])  # type: ignore[index]
        todo += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    return total / 1024


def copied(store: str, server: PrivateServer, folder: Path) -> None:
    """The layers, with all columns of an export, in PostGIS as its users would have them."""
    server.sql("CREATE DATABASE peers")
    server.sql("CREATE EXTENSION postgis", "peers")
    server.sql("ALTER USER geo PASSWORD 'geo'")
    for kind, table in (("place-names", "names"), ("units", "towns")):
        file = folder / f"{table}.gpkg"
        export = [sys.executable, "-m", "geo_service", "export", kind, str(file), "--store", store]
        told_by(export, ours_environ(store))
        target = ["-f", "PostgreSQL", f"PG:{server.url('peers')}", str(file), "-nln", table]
        how = ["-lco", "GEOMETRY_NAME=geom", "-lco", "FID=fid", "-a_srs", "EPSG:4326"]
        told_by(["ogr2ogr", *target, *how], os.environ | {"PG_USE_COPY": "YES"})
        server.sql(f"VACUUM ANALYZE {table}", "peers")


def ours_environ(store: str) -> dict[str, str]:
    own = {"GEO_SERVICE_CITY": CITY, "GEO_SERVICE_STORE": store, "PYTHONPATH": str(ROOT)}
    return os.environ | own


def pygeoapi_config(folder: Path, server: PrivateServer, port: int) -> Path:
    """Its configuration: both layers from PostGIS, with tiles."""
    data = {"host": "127.0.0.1", "port": server.port, "dbname": "peers", "user": "geo"}
    data |= {"password": "geo", "search_path": ["public"]}

    def collection(table: str) -> dict[str, object]:
        provider = {"name": "PostgreSQL", "data": data, "table": table, "geom_field": "geom"}
        feature = provider | {"type": "feature", "id_field": "fid"}
        storage = {"options": {"zoom": {"min": 0, "max": 16}}, "id_field": "fid"}
        format_ = {"name": "pbf", "mimetype": "application/vnd.mapbox-vector-tile"}
        tile = provider | storage | {"type": "tile", "name": "MVT-postgresql", "format": format_}
        box = {"bbox": [-180, -90, 180, 90], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}
        links = [{"type": "text/html", "rel": "about", "title": "x", "href": "http://127.0.0.1/"}]
        about = {"type": "collection", "title": table, "description": table, "keywords": [table]}
        return about | {"links": links, "extents": {"spatial": box}, "providers": [feature, tile]}

    bind = {"host": "127.0.0.1", "port": port}
    served = {"bind": bind, "url": f"http://127.0.0.1:{port}", "mimetype": "application/json"}
    served |= {"encoding": "utf-8", "language": "en-US", "limits": {"max_items": 10000}}
    served |= {"map": {"url": "http://127.0.0.1/{z}/{x}/{y}.png", "attribution": "x"}}
    contact = {"name": "x", "url": "http://127.0.0.1/"}
    metadata = {
        "identification": {
            "title": "x",
            "description": "x",
            "keywords": ["x"],
            "keywords_type": "theme",
            "terms_of_service": "x",
            "url": "http://127.0.0.1/",
        },
        "license": {"name": "x", "url": "http://127.0.0.1/"},
        "provider": contact,
        "contact": contact,
    }
    resources = {"names": collection("names"), "towns": collection("towns")}
    whole = {"server": served, "logging": {"level": "ERROR"}, "metadata": metadata}
    path = folder / "pygeoapi.yml"
    path.write_text(json.dumps(whole | {"resources": resources}))  # JSON is YAML too
    return path


def checked(layers: Layers, one: tuple[str, str]) -> None:
    """Every answer is what was asked for. Raises AssertionError."""
    west, south, east, north = (float(part) for part in BOX.split(","))
    for title, asked in layers.urls(one).items():
        url = asked.replace(ANY_BOX, BOX)
        body = got(url)
        if title.startswith("tile"):
            layer = next(iter(mapbox_vector_tile.decode(body).values()))
            assert len(layer["features"]) > 50, (url, len(layer["features"]))
            continue
        answer = json.loads(body)
        if title.startswith("one"):
            assert answer["type"] == "Feature", url
            continue
        assert len(answer["features"]) == 100, (url, len(answer["features"]))
        if title.startswith("bbox"):
            places = np.array([f["geometry"]["coordinates"] for f in answer["features"]])
            assert ((places >= (west, south)) & (places <= (east, north))).all(), url


def names_checked(layers: Layers, seconds: int) -> Load:
    """Names of the register, every other one altered, most with a place: may they stand?"""
    answer = json.loads(got(f"{layers.base}{layers.names}/items?limit={NAMES_CHECKED}"))
    chance = np.random.default_rng(20261128)
    west, south, east, north = (float(part) for part in BOX.split(","))
    bodies = []
    for number, feature in enumerate(answer["features"]):
        told = feature["properties"]
        name = told["name"]
        if number % 2:
            name = name[0] + chance.choice(list("平安和顺兴")) + name[1:]
        body = {"name": name, "feature_type": told["feature_type"], "status": "proposed"}
        if number % 3:
            body["position"] = {
                "lon": chance.uniform(west, east),
                "lat": chance.uniform(south, north),
            }
        bodies.append(json.dumps(body))
    chance.shuffle(bodies)
    url = f"{layers.base}/api/v1/names/check"
    first = urllib.request.Request(url, bodies[0].encode(), {"Content-Type": "application/json"})  # noqa: S310
    got(first)  # reads the rules
    return loaded(url, seconds, CHECKS % ",".join(f"[[{body}]]" for body in bodies))


def first_ids(layers: Layers) -> tuple[str, str]:
    """The ids of a name and of a town in the middle of the layers, as the server tells them."""
    asked = {layers.names: "offset=777", layers.towns: "offset=1500"}
    ids = []
    for path, offset in asked.items():
        answer = json.loads(got(f"{layers.base}{path}/items?limit=1&{offset}{layers.plain}"))
        ids.append(str(answer["features"][0]["id"]))
    return ids[0], ids[1]


def main(size: int, peers: str, seconds: int, rounds: int, *, write: bool) -> None:
    if shutil.which("wrk") is None:
        sys.exit("wrk is missing: apt-get install wrk")
    with tempfile.TemporaryDirectory(prefix="sv") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the server, another user, has its folder in it
        (folder / "pg").mkdir()
        url = f"gpkg:{folder / 'register.gpkg'}"
        store = open_store(url, create=True)
        with store.begin() as work:
            work.append(changes(size, cities.city(CITY)))
            work.append(
                Change(operation=Operation.CREATE, record=town, actor="示例", reason="性能测量")
                for town in towns()
            )
        store.close()
        server = PrivateServer(folder / "pg")
        server.make()
        server.start()
        try:
            copied(url, server, folder)
            print(machine(), flush=True)
            table = list(measured(contenders(url, server, folder, peers), folder, seconds, rounds))
        finally:
            server.stop()
    print("\n".join(table))
    if write:
        kept(size, table, seconds, rounds)


@dataclass(frozen=True, slots=True)
class Contender:
    """One server: how it is started, what it answers when it is ready, and its layers."""

    words: list[str]
    ready: str
    environ: dict[str, str]
    layers: Layers


def contenders(url: str, server: PrivateServer, folder: Path, peers: str) -> dict[str, Contender]:
    """The three, each with a port of its own."""
    ports = [free_port() for _ in range(3)]
    bases = [f"http://127.0.0.1:{port}" for port in ports]
    uvicorn = [peers, "-m", "uvicorn", "--workers", "1", "--log-level", "warning", "--port"]
    config, description = pygeoapi_config(folder, server, ports[2]), folder / "openapi.json"
    environ = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(description)}
    make = [str(Path(peers).with_name("pygeoapi")), "openapi", "generate", str(config)]
    description.write_bytes(told_by(make, os.environ | environ))
    tile = "/tiles/WebMercatorQuad/{z}/{y}/{x}"
    database = f"postgresql://geo:geo@127.0.0.1:{server.port}/peers"
    ours = [sys.executable, "-m", "geo_service", "serve", "--auth", "off", "--port", str(ports[0])]
    collections = "/ogc/collections/place-names", "/ogc/collections/units"
    tables = "/collections/public.names", "/collections/public.towns"
    turned = "/tiles/WebMercatorQuad/{z}/{x}/{y}"
    return {
        OURS: Contender(
            ours, "/healthz", ours_environ(url), Layers(bases[0], *collections, "&f=json", tile)
        ),
        "tipg": Contender(
            [*uvicorn, str(ports[1]), "tipg.main:app"],
            "/healthz",
            os.environ | {"DATABASE_URL": database},
            Layers(bases[1], *tables, "&f=geojson", turned),
        ),
        "pygeoapi": Contender(
            [*uvicorn, str(ports[2]), "pygeoapi.starlette_app:APP"],
            "/conformance?f=json",
            os.environ | environ,
            Layers(
                bases[2], "/collections/names", "/collections/towns", "&f=json", f"{tile}?f=mvt"
            ),
        ),
    }


def told_by(words: list[str], environ: dict[str, str]) -> bytes:
    """What a program prints. Raises CalledProcessError."""
    return subprocess.run(words, check=True, env=environ, stdout=subprocess.PIPE).stdout  # noqa: S603


def measured(
    contenders: dict[str, Contender], folder: Path, seconds: int, rounds: int
) -> Iterator[str]:
    """Each in turn, as often as there are rounds: a table, and what else was seen."""
    results: dict[tuple[str, str], list[Load]] = {}
    seen: dict[str, str] = {}
    for _round in range(rounds):
        for who, one in contenders.items():
            ready, log = one.layers.base + one.ready, folder / f"{who}.log"
            with serving(one.words, ready, log, one.environ) as process:
                began = time.perf_counter()
                ids = first_ids(one.layers)
                cold = time.perf_counter() - began
                checked(one.layers, ids)
                for title, address in one.layers.urls(ids).items():
                    load = loaded(address, seconds)
                    results.setdefault((title, who), []).append(load)
                    print(who, title, load, flush=True)
                if who == OURS:
                    load = names_checked(one.layers, seconds)
                    results.setdefault((CHECK, who), []).append(load)
                    print(who, CHECK, load, flush=True)
                memory = memory_mb(process)
            seen[who] = f"- {who}: {memory:,.0f} MB resident, first two answers in {cold:.2f} s"
    yield from told(results, list(contenders))
    yield ""
    yield from seen.values()


def told(results: dict[tuple[str, str], list[Load]], servers: list[str]) -> Iterator[str]:
    """One row for each request: req/s, p50 and p99 in ms (medians of the rounds), and our ratio."""
    yield "| request | " + " | ".join(servers) + " | ours / better peer |"
    yield "|---" * (len(servers) + 2) + "|"
    for title in dict.fromkeys(title for title, _who in results):
        cells, rates = [], []
        for who in servers:
            loads = results.get((title, who))
            if not loads:
                cells.append("–")
                continue
            rate, p50, p99 = (
                statistics.median(getattr(load, part) for load in loads)
                for part in ("per_s", "p50_ms", "p99_ms")
            )
            errors = sum(load.refused for load in loads)
            bad = f", {errors} errors" if errors else ""
            rates.append(rate)
            figures = f"{rate:,.0f} req/s, {p50:.1f} / {p99:.0f} ms" if rate else "none in time"
            cells.append(f"{figures}{bad}")
        ratio = f"{rates[0] / max(rates[1:]):.1f}×" if any(rates[1:]) else "–"
        yield f"| {title} | " + " | ".join(cells) + f" | {ratio} |"


def machine() -> str:
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {memory_gb:.0f} GiB, {system}, "
        f"Python {platform.python_version()}, shapely {shapely.__version__}; "
        f"load {os.getloadavg()[0]:.1f} before"
    )


def kept(size: int, table: list[str], seconds: int, rounds: int) -> None:
    today = date.today()  # noqa: DTZ011 - the day on the wall
    title = f"# 服务的速度 / speed of the service beside tipg and pygeoapi, {today}"
    text = (
        f"`python benchmarks/serve_beside_peers.py --names {size} --write`: {size:,} invented names"
        f" and {SIDE**2:,} invented towns of city {CITY}, with all columns; we from a GeoPackage,"
        f" tipg and pygeoapi from PostGIS with spatial indexes; one worker each, wrk with"
        f" {CONNECTIONS} connections on the same machine for {seconds} s, {rounds} rounds in turn"
        " (medians). p50 / p99."
    )
    path = ROOT / "docs" / "evidence" / f"{today}-service-speed.md"
    lines = [title, "", text, "", f"Machine: {machine()}.", "", *table]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--peers", metavar="PYTHON", required=True)
    parser.add_argument("--names", type=int, default=NAMES)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="keep the figures in docs/evidence")
    given = parser.parse_args()
    main(given.names, given.peers, given.seconds, given.rounds, write=given.write)
