"""A mixed load on `geo-service serve` while files are imported: `python benchmarks/serve_soak.py`.

Clients that keep their connections ask for pages, searches, features, tiles and checks in turn for
--minutes; beside them the command of a clerk imports one small file after another into the same
register. Told at the end: requests, errors (anything but the status that was to be expected), p50
and p99 of each kind, and how much the server's processes have grown since they were warm. What
this server does not have (a 404 before the start) is left out and named. --json FILE keeps it.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

from geo_service import cities
from geo_service.services.samples.loading import load_sample
from geo_service.store.opening import open_store

CITY = "990100"
ROOT = Path(__file__).parents[1]
_WARM_SHARE = 0.2
"""Of the time, before memory is taken as the level to grow from."""
_CHECK = json.dumps({"name": "海甲路", "feature_type": "road"}).encode()
_ITEMS = "/ogc/collections/place-names/items"
KINDS: dict[str, tuple[str, str, bytes | None]] = {
    "alive": ("GET", "/healthz", None),
    "page": ("GET", "/names", None),
    "boundaries": ("GET", "/boundaries", None),
    "findings": ("GET", "/api/v1/boundaries/findings", None),
    "search": ("GET", f"/api/v1/names/search?q={quote('甲')}", None),
    "check": ("POST", "/api/v1/names/check", _CHECK),
    "items": ("GET", f"{_ITEMS}?limit=100", None),
    "bbox": ("GET", f"{_ITEMS}?limit=100&bbox=120,35,122,38", None),
    "tile": ("GET", "/ogc/collections/units/tiles/WebMercatorQuad/9/199/428", None),
}


@dataclass
class Asked:
    """What was asked of one kind."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)

    def row(self) -> dict[str, Any]:
        times = sorted(self.seconds)
        wrong = {k: n for k, n in self.statuses.items() if k not in ("200", "204")}
        return {
            "requests": sum(self.statuses.values()),
            "errors": sum(wrong.values()),
            "wrong": wrong,
            "p50_ms": round(1e3 * times[len(times) // 2], 1) if times else None,
            "p99_ms": round(1e3 * times[int(len(times) * 0.99)], 1) if times else None,
        }


def environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GEO_SERVICE_")}
    return kept | {"GEO_SERVICE_CITY": CITY, "PYTHONPATH": str(ROOT)}


def family_of(pid: int) -> list[int]:
    """A process and all that it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(one for child in map(int, children) for one in family_of(child))]


def memory_mb(pid: int) -> float:
    """Memory of a process and its children, shared pages counted once for each."""
    pages = 0
    for one in family_of(pid):
        pages += int(Path(f"/proc/{one}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def ask(
    line: http.client.HTTPConnection, method: str, path: str, body: bytes | None
) -> tuple[str, bytes]:
    headers = {"Content-Type": "application/json"} if body else {}
    line.request(method, path, body, headers)
    answer = line.getresponse()
    return str(answer.status), answer.read()


def client(port: int, kinds: list[str], until: float, asked: dict[str, Asked]) -> None:
    """One user: asks in turn until the time is over; a broken line is an error and is renewed."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for number in count():
        if time.monotonic() >= until:
            break
        kind = kinds[number % len(kinds)]
        began = time.perf_counter()
        try:
            status, _ = ask(line, *KINDS[kind])
        except (OSError, http.client.HTTPException) as error:
            status = type(error).__name__
            line.close()
        asked[kind].seconds.append(time.perf_counter() - began)
        asked[kind].statuses[status] += 1
    line.close()


def importer(store: str, folder: Path, until: float, done: Counter[str]) -> None:
    """A clerk: one file after another, each with names of its own."""
    for number in count():
        if time.monotonic() >= until:
            return
        file = folder / f"in{number}.csv"
        rows = [
            f"soak-{number}-{row},示例{number}号{row}村,village,{120.2 + row / 1000},36.2"
            for row in range(20)
        ]
        file.write_text("id,name,feature_type,lon,lat\n" + "\n".join(rows), encoding="utf-8")
        words = ["-m", "geo_service", "import", str(file), "--as", "place-names", "--store", store]
        run = subprocess.run(  # noqa: S603
            [sys.executable, *words], env=environment(), capture_output=True, check=False
        )
        done[str(run.returncode)] += 1
        if run.returncode:
            print(run.stdout.decode()[-500:], run.stderr.decode()[-500:], file=sys.stderr)


@contextmanager
def server(store: str, workers: int) -> Iterator[tuple[int, int]]:
    """The server over the store: its process and port. It has to end with 0 when told to stop."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    words = ["-m", "geo_service", "serve", "--store", store, "--port", str(port)]
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, *words, "--workers", str(workers)],
        env=environment() | {"GEO_SERVICE_LOG_REQUESTS": "off", "GEO_SERVICE_AUTH": "off"},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process.pid, port
        process.send_signal(signal.SIGTERM)
        if process.wait(timeout=60) != 0:
            raise SystemExit(f"the server ended with {process.returncode}")
    finally:
        process.kill()
        process.wait()


def offered(port: int) -> tuple[list[str], list[str]]:
    """The kinds of request this server answers, once it answers at all, and those it has not."""
    until = time.monotonic() + 60
    while True:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            ask(line, *KINDS["alive"])
            break
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
    found = {kind: ask(line, *request)[0] for kind, request in KINDS.items()}
    line.close()
    return [k for k, s in found.items() if s != "404"], [k for k, s in found.items() if s == "404"]


def soak(minutes: float, *, workers: int = 2, clients: int = 6) -> dict[str, Any]:
    """Run it; the figures as they are told."""
    with tempfile.TemporaryDirectory(prefix="geo-service-soak-") as name:
        folder = Path(name)
        store = f"gpkg:{folder / 'register.gpkg'}"
        opened = open_store(store, create=True)
        load_sample(opened, cities.city(CITY))
        opened.close()
        with server(store, workers) as (pid, port):
            kinds, missing = offered(port)
            began = time.monotonic()
            until = began + minutes * 60
            tallies: list[dict[str, Asked]] = [{k: Asked() for k in kinds} for _ in range(clients)]
            imports: Counter[str] = Counter()
            threads = [
                threading.Thread(
                    target=client, args=(port, kinds[n % 3 :] + kinds[: n % 3], until, t)
                )
                for n, t in enumerate(tallies)
            ]
            threads.append(threading.Thread(target=importer, args=(store, folder, until, imports)))
            for thread in threads:
                thread.start()
            time.sleep(minutes * 60 * _WARM_SHARE)
            warm = memory_mb(pid)
            for thread in threads:
                thread.join()
            seconds = time.monotonic() - began
            rows = {kind: _together([t[kind] for t in tallies]).row() for kind in kinds}
            total = sum(row["requests"] for row in rows.values())
            return {
                "minutes": minutes,
                "workers": workers,
                "clients": clients,
                "requests": total,
                "per_s": round(total / seconds, 1),
                "errors": sum(row["errors"] for row in rows.values()),
                "imports": dict(imports),
                "memory_warm_mb": round(warm),
                "memory_end_mb": round(memory_mb(pid)),
                "not_here": missing,
                "kinds": rows,
            }


def _together(parts: list[Asked]) -> Asked:
    whole = Asked()
    for part in parts:
        whole.seconds += part.seconds
        whole.statuses += part.statuses
    return whole


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--clients", type=int, default=6)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    told = soak(given.minutes, workers=given.workers, clients=given.clients)
    text = json.dumps(told, ensure_ascii=False, indent=1)
    print(text)
    if given.json:
        given.json.write_text(text + "\n", encoding="utf-8")
    raise SystemExit(1 if told["errors"] or set(told["imports"]) - {"0"} else 0)


if __name__ == "__main__":
    main()
