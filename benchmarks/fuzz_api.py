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
DOCUMENTS = ("/openapi.json", "/ogc/api")
"""Our description, and the part of it that OGC clients read, in OpenAPI 3.0."""
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "use_after_free",
    "ensure_resource_availability",
)
"""All that Schemathesis has but two: positive_data_acceptance, because a schema cannot say which
units there are or that two dates exclude each other, so that a 400 or 422 may be right; and
object_level_authorization, which wants two people (tests/api tries every role)."""
_PATIENCE_S = 60
_WIDTH = 600
"""Of a line that is printed: some requests are very long."""
_OWN = {
    "AUTH": "off",
    "LOG_REQUESTS": "off",
    "RATE_PER_S": "0",  # a refusal for too many requests would hide what the request deserves
    "CONCURRENCY": "10000",
    "JOBS_AT_ONCE": "1",
}
"""Settings of the server for the run."""


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
    settings = {"CITY": CITY, "STORE": address, **_OWN}
    own = {f"GEO_SERVICE_{name}": value for name, value in settings.items()}
    own["PYTHONPATH"] = str(ROOT)
    words = [sys.executable, "-m", "geo_service", "serve", "--port", str(port)]
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


def prepare(base: str) -> None:
    """Findings that are kept, and a job that has ended: what ids in requests can then mean."""
    job = httpx.post(f"{base}/api/v1/boundaries/check", json={"keep": True}).headers["location"]
    until = time.monotonic() + _PATIENCE_S
    while httpx.get(f"{base}{job}").json()["state"] in ("queued", "running"):
        if time.monotonic() > until:
            sys.exit(f"{job} does not end")
        time.sleep(0.2)


def run(url: str, folder: Path, seconds: int, seed: int) -> tuple[Found, str]:
    """Ask for so long. What was found, and how Schemathesis tells it."""
    report = folder / "report.json"
    program = Path(sys.executable).with_name("schemathesis")
    words = [str(program), "run", url, "--checks", ",".join(CHECKS)]
    words += ["--max-time", str(seconds), "--seed", str(seed), "--continue-on-failure"]
    words += ["--request-timeout", "120"]  # the machine may be busy
    words += ["--report", "json", "--report-json-path", str(report), "--no-color"]
    told = subprocess.run(words, cwd=folder, stdout=subprocess.PIPE, text=True, check=False).stdout  # noqa: S603
    whole: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    failures = {failure["title"]: failure["count"] for failure in whole["failures"]}
    if whole["errors"]:
        failures["errors of the tool"] = len(whole["errors"])
    phases = {name: phase["status"] for name, phase in whole["phases"].items()}
    operations, cases = whole["operations"]["tested"], whole["test_cases"]["generated"]
    return Found(operations, cases, failures, phases), told


def told_of(document: str, found: Found) -> str:
    """A run in one line."""
    phases = ", ".join(f"{phase} {status}" for phase, status in found.phases.items())
    failures = "; ".join(f"{title}: {count}" for title, count in found.failures.items()) or "none"
    counts = f"{found.operations} operations, {found.cases:,} cases"
    return f"`{document}`: {counts} ({phases}); failures: {failures}"


def main(seconds: int, seed: int, *, write: bool) -> int:
    lines, cases, failed = [], 0, False
    with tempfile.TemporaryDirectory(prefix="fz") as name, serving(Path(name)) as base:
        prepare(base)
        for document, share in zip(DOCUMENTS, (0.8, 0.2), strict=True):
            found, told = run(f"{base}{document}", Path(name), int(seconds * share), seed)
            lines.append(told_of(document, found))
            cases += found.cases
            failed = failed or bool(found.failures)
            if found.failures:
                print("\n".join(line[:_WIDTH] for line in told.splitlines()))
    lines.append(f"{cases:,} cases in all")
    print(*lines, sep="\n")
    if write:
        kept(lines, seconds, seed)
    return 1 if failed else 0


def kept(found: list[str], seconds: int, seed: int) -> None:
    today = date.today()  # noqa: DTZ011 - the day on the wall
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    machine = f"{os.cpu_count()} cores ({platform.machine()}), {system}"
    text = (
        f"`python benchmarks/fuzz_api.py --seconds {seconds} --seed {seed} --write`: Schemathesis"
        f" {version('schemathesis')} against the OpenAPI documents of a server over the"
        f" invented city, sign-in off; checks: {', '.join(CHECKS)}. At least {LEAST:,} cases are"
        " asked for."
    )
    lines = [f"# 接口的随机请求 / random requests to the API, {today}", "", text, ""]
    lines += [f"Machine: {machine}, Python {platform.python_version()}.", ""]
    lines += [f"- {line}." for line in found]
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
