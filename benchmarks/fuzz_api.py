"""Requests nobody would think of, against our own description: `python benchmarks/fuzz_api.py`.

Schemathesis makes them from the OpenAPI documents of a server that runs over the invented city:
right and wrong ones, each alone and in sequences that follow links. No answer may be a server
error, undocumented, or other than its schema says. It goes on until there were --cases of them
with sign-in off; then a server with sign-in on is asked with a token that may only read, and must
let nobody in without it. Exit 1 where anything was found. --write keeps the figures in
docs/evidence.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
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
from uuid import uuid4

import httpx

from geo_service import cities, compose
from geo_service.domain.access import Right, Role
from geo_service.services.samples.loading import load_sample
from geo_service.settings import Settings
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
_TOOL = """
[checks.negative_data_rejection]
# 4xx are refusals: an address may be too long (414) before anybody looks what is wrong with it.
expected-statuses = ["4xx", "5xx"]
"""
"""Settings of Schemathesis."""
_HOOKS = "fuzz_hooks"
_PATIENCE_S = 60
_WIDTH = 600
"""Of a line that is printed: some requests are very long."""
_READS = (Right.CONTENT_READ, Right.RULES_READ)
_ACCOUNTS = "accounts.sqlite"
_OWN = {
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
    links: int
    failures: dict[str, int]
    phases: dict[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of whom: a document, for so many seconds, with these words beside."""

    document: str
    seconds: int
    seed: int
    words: tuple[str, ...] = ()


def _environment(folder: Path, auth: str) -> dict[str, str]:
    """In which the program runs over the register of a folder."""
    settings = {"CITY": CITY, "STORE": _store(folder), "AUTH": auth, "ACCOUNTS": _ACCOUNTS, **_OWN}
    own = {f"GEO_SERVICE_{name}": value for name, value in settings.items()}
    return os.environ | own | {"PYTHONPATH": str(ROOT)}


def _store(folder: Path) -> str:
    return f"gpkg:{folder / 'register.gpkg'}"


@contextmanager
def serving(folder: Path, auth: str = "off") -> Iterator[str]:
    """A server over the invented city."""
    store = open_store(_store(folder), create=True)
    load_sample(store, cities.city(CITY))
    store.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    words = [sys.executable, "-m", "geo_service", "serve", "--port", str(port)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(  # noqa: S603 - our own words
            words, cwd=folder, env=_environment(folder, auth), stdout=log, stderr=log
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


def token(folder: Path) -> str:
    """Of an account that may look, for reading alone."""
    settings = Settings(city=CITY, store=_store(folder), accounts=str(folder / _ACCOUNTS))
    services = compose.build(settings)
    try:
        accounts = services.office.accounts
        accounts.add("reader", "甲", [Role.VIEWER], actor="fuzz", password=uuid4().hex)
        held = accounts.get("reader")
        return services.office.tokens.make(held, "fuzz", _READS, 1, actor="fuzz")
    finally:
        services.close()


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


def run(base: str, folder: Path, asked: Asked) -> Found:
    """Ask for so long; what was found is printed."""
    report = folder / "report.json"
    program = Path(sys.executable).with_name("schemathesis")
    config = folder / "schemathesis.toml"
    config.write_text(_TOOL, encoding="utf-8")
    words = [
        str(program),
        "--config-file",
        str(config),
        "run",
        base + asked.document,
        "--no-color",
        "--continue-on-failure",
    ]
    words += ["--max-time", str(asked.seconds), "--seed", str(asked.seed)]
    words += ["--request-timeout", "120"]  # the machine may be busy
    words += ["--report", "json", "--report-json-path", str(report), *asked.words]
    hooks = {"SCHEMATHESIS_HOOKS": _HOOKS, "PYTHONPATH": str(Path(__file__).parent)}
    process = subprocess.run(  # noqa: S603 - our own words
        words, cwd=folder, env=os.environ | hooks, stdout=subprocess.PIPE, text=True, check=False
    )
    told = process.stdout
    whole: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    failures = {failure["title"]: failure["count"] for failure in whole["failures"]}
    if whole["errors"]:
        failures["errors of the tool"] = len(whole["errors"])
    if failures:
        print("\n".join(line[:_WIDTH] for line in told.splitlines()))
    links = re.search(r"API Links: +([0-9]+) covered", told)
    return Found(
        whole["operations"]["tested"],
        whole["test_cases"]["generated"],
        int(links[1]) if links else 0,
        failures,
        {name: phase["status"] for name, phase in whole["phases"].items()},
    )


def told_of(asked: Asked, found: Found) -> str:
    """A run in one line."""
    phases = ", ".join(f"{phase} {status}" for phase, status in found.phases.items())
    failures = "; ".join(f"{title}: {count}" for title, count in found.failures.items()) or "none"
    counts = f"{found.operations} operations, {found.cases:,} cases, {found.links} links followed"
    return f"`{asked.document}`, seed {asked.seed}: {counts} ({phases}); failures: {failures}"


class Tally:
    """The runs so far."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.cases = 0
        self.failed = False

    def say(self, line: str) -> None:
        """A line to be kept."""
        self.lines.append(line)
        print(line, flush=True)

    def add(self, asked: Asked, found: Found) -> None:
        """Count a run, and say so."""
        self.say(told_of(asked, found))
        self.cases += found.cases
        self.failed = self.failed or bool(found.failures)


def fuzz(tally: Tally, seconds: int, seed: int, cases: int) -> None:
    """Both documents with sign-in off, round after round."""
    checks = ("--checks", ",".join(CHECKS))
    with tempfile.TemporaryDirectory(prefix="fz") as name, serving(Path(name)) as base:
        prepare(base)
        while tally.cases < cases and not tally.failed:
            for document, share in zip(DOCUMENTS, (0.8, 0.2), strict=True):
                asked = Asked(document, max(1, int(seconds * share)), seed, checks)
                tally.add(asked, run(base, Path(name), asked))
            seed += 1


def fuzz_signed_in(tally: Tally, seconds: int, seed: int) -> None:
    """Our document with sign-in on, by a token for reading."""
    checks = ("--checks", ",".join((*CHECKS, "ignored_auth")))
    with tempfile.TemporaryDirectory(prefix="fz") as name, serving(Path(name), "on") as base:
        header = ("--header", f"Authorization: Bearer {token(Path(name))}")
        asked = Asked(DOCUMENTS[0], seconds, seed, (*checks, *header))
        tally.say("sign-in on, a token for reading, also the check ignored_auth:")
        tally.add(asked, run(base, Path(name), asked))


def main(seconds: int, seed: int, cases: int, *, write: bool) -> int:
    tally = Tally()
    fuzz(tally, seconds, seed, cases)
    tally.say(f"{tally.cases:,} cases with sign-in off")
    fuzz_signed_in(tally, max(1, seconds // 4), seed)
    if write:
        kept(tally.lines, seconds, seed)
    return 1 if tally.failed else 0


def kept(found: list[str], seconds: int, seed: int) -> None:
    today = date.today()  # noqa: DTZ011 - the day on the wall
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    machine = f"{os.cpu_count()} cores ({platform.machine()}), {system}"
    text = (
        f"`python benchmarks/fuzz_api.py --seconds {seconds} --seed {seed} --write`: Schemathesis"
        f" {version('schemathesis')} against the OpenAPI documents of a server over the"
        f" invented city; checks: {', '.join(CHECKS)}."
    )
    lines = [f"# 接口的随机请求 / random requests to the API, {today}", "", text, ""]
    lines += [f"Machine: {machine}, Python {platform.python_version()}.", ""]
    lines += [f"- {line}" for line in found]
    path = ROOT / "docs" / "evidence" / f"{today}-api-fuzz.md"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=300, help="of a round")
    parser.add_argument("--cases", type=int, default=LEAST, help="rounds go on until so many")
    parser.add_argument("--seed", type=int, default=20261128)
    parser.add_argument("--write", action="store_true", help="keep the figures in docs/evidence")
    given = parser.parse_args()
    sys.exit(main(given.seconds, given.seed, given.cases, write=given.write))
