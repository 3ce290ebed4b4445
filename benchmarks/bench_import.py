"""A large file into both stores, beside `ogr2ogr`: `python benchmarks/bench_import.py [NAMES]`.

A GeoParquet file of invented names is brought in by the command a clerk uses, with every check,
log entry, spatial index and name key, into a GeoPackage and into PostGIS; the log is then walked.
Beside it `ogr2ogr` copies the same rows, with none of that. PostgreSQL is started for this run
alone, with its default settings, unless --server names a database (the register in it is dropped).
--write keeps the figures in docs/evidence.
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import psycopg
import pyarrow
import pyarrow.parquet as pq
import pyogrio.raw
import shapely

from geo_service import cities
from geo_service.services.benching.handed_in import write_names
from geo_service.services.benching.private_server import PrivateServer
from geo_service.store.opening import open_store

CITY, SIZE = "990100", 1_000_000
ROOT = Path(__file__).parents[1]
ASKED = {"GeoPackage": 120, "PostGIS": 150}


@dataclass(frozen=True, slots=True)
class Run:
    """One process: seconds on the wall and of the CPU, and its peak memory."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def run(*words: str | Path, **environment: str) -> Run:
    """A command with all that it starts and waits for. Raises SystemExit where it fails."""
    started = time.perf_counter()
    environ = os.environ | {"GEO_SERVICE_CITY": CITY, "PYTHONPATH": str(ROOT)} | environment
    command = [str(word) for word in words]
    with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL) as process:  # noqa: S603
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)}: exit {process.returncode}")
    wall = time.perf_counter() - started
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def told(*words: str | Path, folder: Path = ROOT) -> str:
    """What a command prints. Raises CalledProcessError where it fails."""
    done = subprocess.run(words, cwd=folder, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    return done.stdout


def ours(file: Path, url: str, *options: str) -> Run:
    command = [sys.executable, "-m", "geo_service", "import", file, "--as", "place-names"]
    return run(*command, "--store", url, "--json", *options)


def proved(url: str, size: int) -> float:
    """Seconds to walk the log and hold every row against it; every name must have its entry."""
    with closing(open_store(url)) as store:
        started = time.perf_counter()
        audit = store.verify()
        assert audit.sound, audit.problem
        assert audit.entries == size, audit.entries
        return time.perf_counter() - started


def made(file: Path, size: int) -> None:
    write_names(file, size, cities.city(CITY))


def readable(file: Path) -> tuple[Path, str]:
    """The same rows as this machine's `ogr2ogr` reads them, and the name of that format."""
    if "Parquet" in told("ogr2ogr", "--formats"):
        return file, "GeoParquet"
    table, copy = pq.read_table(file), file.with_suffix(".fgb")
    names = [name for name in table.column_names if name != "geometry"]
    pyogrio.raw.write(
        copy,
        table["geometry"].to_numpy(),
        [table[name].to_numpy() for name in names],
        names,
        driver="FlatGeobuf",
        geometry_type="Point",
        crs="EPSG:4490",
        SPATIAL_INDEX="NO",
    )
    return copy, "FlatGeobuf"


class AsInstalled(PrivateServer):
    """With the settings that PostgreSQL comes with: synced, vacuumed, few checkpoints."""

    def options(self) -> list[str]:
        return ["-k", str(self.folder), "-p", str(self.port), "-c", "listen_addresses="]


@contextmanager
def database(given: str, folder: Path) -> Iterator[str]:
    if not given:
        server = AsInstalled(folder)
        server.make()
        server.start()
        try:
            server.sql("CREATE DATABASE bench")
            yield server.url("bench")
        finally:
            server.stop()
        return
    with psycopg.connect(given) as db:
        db.execute("DROP SCHEMA IF EXISTS geo_service CASCADE")
    yield given


def apart() -> ProcessPoolExecutor:
    """A process for what takes memory: a command's peak counts that of the one it starts from."""
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


def measured(size: int, folder: Path, url: str) -> Iterator[tuple[str, Run, str]]:
    """What was done, what it took, and a word on it."""
    file = folder / "names.parquet"
    with apart() as worker:
        worker.submit(made, file, size).result()
        source, form = worker.submit(readable, file).result()
    register = f"gpkg:{folder / 'register.gpkg'}"
    open_store(register, create=True).close()
    open_store(url, create=True).close()
    yield "checks alone (dry run)", ours(file, register, "--dry-run"), ""
    for name, to in (("GeoPackage", register), ("PostGIS", url)):
        taken = ours(file, to)
        with apart() as worker:
            seconds = worker.submit(proved, to, size).result()
        yield f"import into {name}", taken, f"log and tables proved in {seconds:.0f} s"
    copy = folder / "copy.gpkg"
    yield "ogr2ogr into GeoPackage", run("ogr2ogr", "-f", "GPKG", copy, source), f"from {form}"
    target = f"PG:{url}"
    with psycopg.connect(url) as db:
        db.execute("DROP TABLE IF EXISTS public.copied")
    copied = run("ogr2ogr", "-f", "PostgreSQL", target, source, "-nln", "copied", PG_USE_COPY="YES")
    yield "ogr2ogr into PostGIS", copied, f"from {form}"


def machine() -> str:
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = (
        f"{os.cpu_count()} cores ({platform.machine()}), {memory_gb:.0f} GiB, "
        f"{platform.freedesktop_os_release()['PRETTY_NAME']}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, shapely {shapely.__version__}, "
        f"pyarrow {pyarrow.__version__}, {told('ogr2ogr', '--version').split(',')[0]}"
    )
    return f"{versions}; load {os.getloadavg()[0]:.1f} before"


def main(size: int, given: str, *, write: bool) -> None:
    lines = [f"Machine: {machine()}."]
    with tempfile.TemporaryDirectory(prefix="im") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the server, another user, has its folder in it
        place = folder / "pg"
        place.mkdir()
        with database(given, place) as url, psycopg.connect(url) as db:
            (version,) = db.execute("SHOW server_version").fetchone() or ("",)
            lines[0] = f"{lines[0][:-1]}; PostgreSQL {version}."
            print(lines[0], flush=True)
            lines += ["", "| | wall, s | CPU, s | peak, MB | |", "|---|---|---|---|---|"]
            for what, took, note in measured(size, folder, url):
                asked = next((s for name, s in ASKED.items() if what == f"import into {name}"), 0)
                limit = f"asked ≤ {asked} s; " if asked and size == SIZE else ""
                figures = f"{took.wall_s:.1f} | {took.cpu_s:.1f} | {took.peak_mb:,.0f}"
                lines.append(f"| {what} | {figures} | {limit}{note} |")
                print(lines[-1], flush=True)
    if write:
        kept(size, lines)


def kept(size: int, lines: list[str]) -> None:
    today = date.today()  # noqa: DTZ011 - the day on the wall
    title = f"# 批量导入的速度 / speed of a large import, {today}"
    text = (
        f"`python benchmarks/bench_import.py {size} --write`: {size:,} invented names of city"
        f" {CITY} from GeoParquet, by the command `geo-service import` with start-up, every check,"
        " log entry, spatial index and name key, in one transaction, on disk when it answers."
        " `ogr2ogr` copies the same rows and checks nothing. CPU is that of the command, without"
        " the server's; no peak is told below that of the process that starts the commands."
    )
    path = ROOT / "docs" / "evidence" / f"{today}-import-speed.md"
    path.write_text("\n".join([title, "", text, "", *lines]) + "\n", encoding="utf-8")
    print(path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="?", type=int, default=SIZE)
    parser.add_argument("--server", metavar="URL", default="", help="an empty PostGIS database")
    parser.add_argument("--write", action="store_true", help="keep the figures in docs/evidence")
    arguments = parser.parse_args()
    main(arguments.names, arguments.server, write=arguments.write)
