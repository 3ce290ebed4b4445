"""Requests nobody would think of, against our own description: `python benchmarks/fuzz_api.py`.

Schemathesis makes them from the OpenAPI document of a server that runs over the invented city with
sign-in off: right and wrong ones, each alone and in sequences that follow links. No answer may be
a server error, undocumented, or other than its schema says. Ends with the number of cases and
exit 1 where anything was found. --write keeps the figures in docs/evidence.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx

from geo_service import cities
from geo_service.services.samples.loading import load_sample
from geo_service.store.opening import open_store

CITY = "990100"
ROOT = Path(__file__).parents[1]
LEAST = 5_000
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "use_after_free",
    "ensure_resource_availability",
)
_PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Found:
    """What a run came to: operations, cases, and each kind of failure with its count."""

    operations: int
    cases: int
    failures: dict[str, int]
    phases: dict[str, str]


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A server over the invented city."""
    address = f"gpkg:{folder / 'register.gpkg'}"
    store = open_store(address, create=True)
    load_sample(store, cities.city(CITY))
    store.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    own = {"GEO_SERVICE_CITY": CITY, "GEO_SERVICE_STORE": address, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "geo_service", "serve", "--auth", "off", "--port", str(port)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(  # noqa: S603 - our own words
            words, cwd=folder, env=os.environ | own, stdout=log, stderr=log
        )
        try:
            until = time.monotonic() + _PATIENCE_S
            while not _answers(f"{base}/healthz"):
                if process.poll() is not None or time.monotonic() > until:
                    sys.exit((folder / "log").read_text())
                time.sleep(0.1)
            yield base
            if process.poll() is not None:
                sys.exit((folder / "log").read_text())
        finally:
            process.terminate()
            process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).is_success
    except httpx.HTTPError:
        return False


def run(base: str, folder: Path, seconds: int, seed: int) -> tuple[Found, str]:
    """Ask for so long. What was found, and how Schemathesis tells it."""
    report = folder / "report.json"
    program = Path(sys.executable).with_name("schemathesis")
    words = [str(program), "run", f"{base}/openapi.json", "--checks", ",".join(CHECKS)]
    words += ["--max-time", str(seconds), "--seed", str(seed), "--continue-on-failure"]
    words += ["--report", "json", "--report-json-path", str(report), "--no-color"]
    told = subprocess.run(words, cwd=folder, stdout=subprocess.PIPE, text=True, check=False).stdout  # noqa: S603
    whole: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    failures = {failure["title"]: failure["count"] for failure in whole["failures"]}
    if whole["errors"]:
        failures["errors of the tool"] = len(whole["errors"])
    phases = {name: phase["status"] for name, phase in whole["phases"].items()}
    operations, cases = whole["operations"]["tested"], whole["test_cases"]["generated"]
    return Found(operations, cases, failures, phases), told


def main(seconds: int, seed: int, *, write: bool) -> int:
    with tempfile.TemporaryDirectory(prefix="fz") as name, serving(Path(name)) as base:
        found, told = run(base, Path(name), seconds, seed)
    phases = ", ".join(f"{phase} {status}" for phase, status in found.phases.items())
    failures = "; ".join(f"{title}: {count}" for title, count in found.failures.items()) or "none"
    line = f"{found.operations} operations, {found.cases:,} cases ({phases}); failures: {failures}"
    if found.failures:
        print(told)
    print(line)
    if write:
        kept(line, seconds, seed)
    return 1 if found.failures else 0


def kept(line: str, seconds: int, seed: int) -> None:
    today = date.today()  # noqa: DTZ011 - the day on the wall
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    machine = f"{os.cpu_count()} cores ({platform.machine()}), {system}"
    text = (
        f"`python benchmarks/fuzz_api.py --seconds {seconds} --seed {seed} --write`: Schemathesis"
        f" {version('schemathesis')} against the OpenAPI document of a server over the invented"
        f" city; checks: {', '.join(CHECKS)}. At least {LEAST:,} cases are asked for."
    )
    lines = [f"# 接口的随机请求 / random requests to the API, {today}", "", text, ""]
    lines += [f"Machine: {machine}, Python {platform.python_version()}.", "", f"{line}."]
    path = ROOT / "docs" / "evidence" / f"{today}-api-fuzz.md"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=20261128)
    parser.add_argument("--write", action="store_true", help="keep the figures in docs/evidence")
    given = parser.parse_args()
    sys.exit(main(given.seconds, given.seed, write=given.write))
