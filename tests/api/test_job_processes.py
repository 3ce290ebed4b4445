"""The service killed, two services over one queue, and a job cancelled while it is at work."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from geo_service.client import GeoService, Refused
from geo_service.jobs.book import JobBook
from geo_service.jobs.job import JobState
from geo_service.services.samples.loading import load_sample

NAMES = "名称,类型\n" + "".join(f"测试{n}号路,road\n" for n in range(4000))


def free_port() -> int:
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def folder(fresh, tmp_path: Path) -> Path:
    services, _ = fresh(False)
    load_sample(services.store, services.city)
    services.close()
    (tmp_path / "0.gpkg").rename(tmp_path / "register.gpkg")
    return tmp_path


@pytest.fixture
def serve(folder: Path):
    """`serve()` starts a service over the one register and the one queue."""
    started: list[subprocess.Popen[bytes]] = []
    own = {
        "ACCOUNTS": str(folder / "accounts.sqlite"),
        "CITY": "990100",
        "AUTH": "off",
        "STORE": f"gpkg:{folder / 'register.gpkg'}",
        "JOBS": str(folder / "jobs"),
        "JOBS_AT_ONCE": "1",
        "KEPT_CHECKS": str(folder / "checks.sqlite"),
    }
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GEO_SERVICE_")}
    environment |= {f"GEO_SERVICE_{name}": value for name, value in own.items()}

    def start() -> tuple[subprocess.Popen[bytes], GeoService]:
        port = free_port()
        process = subprocess.Popen(
            [sys.executable, "-m", "geo_service", "serve", "--port", str(port)],
            umask=0,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        started.append(process)
        base = f"http://127.0.0.1:{port}"
        until(lambda: answers(base))
        return process, GeoService(base)

    yield start
    for process in started:
        process.kill()
        process.wait()


def answers(base: str) -> bool:
    try:
        return httpx.get(f"{base}/healthz").status_code == 200
    except httpx.TransportError:
        return False


def until(true: Callable[[], Any], seconds: float = 60) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := true():
            return found
        time.sleep(0.1)
    raise TimeoutError(true)


@pytest.fixture
def long_job(folder: Path) -> Callable[[GeoService], dict[str, Any]]:
    """`long_job(service)` starts the check of a long list and waits until it is at work."""
    sheet = folder / "名单.csv"
    sheet.write_text(NAMES, encoding="utf-8")

    def begin(service: GeoService) -> dict[str, Any]:
        upload = service.upload(sheet)["id"]
        job = service.start("/api/v1/names/check-file", {"upload": upload})
        return until(lambda: at_work(service.job(job["id"])))

    return begin


def at_work(job: dict[str, Any]) -> dict[str, Any] | None:
    assert job["state"] in ("queued", "running"), job
    return job if job["progress"]["stage"] == "names" and job["progress"]["done"] else None


def processes_of(job_id: str) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes()
        except OSError:
            continue
        if job_id.encode() in words:
            found.append(entry.parent.name)
    return found


@pytest.mark.heavy
def test_a_killed_service_leaves_an_interrupted_job_and_the_queue_goes_on(
    serve, folder, long_job
) -> None:
    process, service = serve()
    job = long_job(service)
    assert 0 < job["progress"]["done"] < job["progress"]["total"] == 4000
    waiting = service.start("/api/v1/audit/verify", {})
    assert service.job(waiting["id"])["state"] == "queued", "one at a time"
    process.send_signal(signal.SIGKILL)
    process.wait()
    until(lambda: not processes_of(job["id"]), 10)
    book = JobBook(folder / "jobs", lambda: datetime.now(UTC))
    assert book.get(job["id"]).state is JobState.INTERRUPTED
    assert book.get(waiting["id"]).state is JobState.QUEUED

    _, again = serve()
    assert again.job(job["id"])["state"] == "interrupted"
    assert again.wait(again.job(waiting["id"]))["state"] == "done"
    with pytest.raises(Refused) as refused:
        again.result(again.job(job["id"]))
    assert refused.value.code == "job_interrupted"


@pytest.mark.heavy
def test_a_service_that_is_told_to_stop_interrupts_its_jobs(serve, folder, long_job) -> None:
    process, service = serve()
    job = long_job(service)
    process.send_signal(signal.SIGTERM)
    process.wait(30)
    assert not processes_of(job["id"])
    book = JobBook(folder / "jobs", lambda: datetime.now(UTC))
    assert book.get(job["id"]).state is JobState.INTERRUPTED


@pytest.mark.heavy
def test_what_a_server_and_its_jobs_write_is_their_owners_alone(serve, folder) -> None:
    _, service = serve()
    sheet = folder / "名单.csv"
    sheet.write_text("名称,类型\n测试一路,road\n", encoding="utf-8")
    upload = service.upload(sheet)["id"]
    body = {"upload": upload, "kind": "place-names", "dry_run": False}
    job = service.wait(service.start("/api/v1/imports", body))
    assert (job["state"], len(job["files"])) == ("done", 3)
    kept = [path for path in (folder / "jobs").rglob("*") if path.is_file()]
    assert len(kept) > 5
    assert [path for path in kept if path.stat().st_mode & 0o077] == []


@pytest.mark.heavy
def test_a_register_is_not_put_back_while_it_is_served(serve, folder) -> None:
    url, kept = f"gpkg:{folder / 'register.gpkg'}", str(folder / "kept")
    assert command("store", "backup", kept, "--store", url).returncode == 0
    process, service = serve()
    before = (folder / "register.gpkg").stat().st_ino
    refused = command("store", "restore", kept, "--to", url, "--json")
    assert (refused.returncode, json.loads(refused.stdout)["code"]) == (4, "store_served")
    assert (folder / "register.gpkg").stat().st_ino == before
    assert service.wait(service.start("/api/v1/audit/verify", {}))["summary"]["sound"]
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert command("store", "restore", kept, "--to", url).returncode == 0
    _, again = serve()
    assert again.wait(again.start("/api/v1/audit/verify", {}))["summary"]["sound"]


@pytest.mark.heavy
def test_a_file_put_there_by_hand_is_noticed_and_nothing_is_written_to_the_one_before(
    serve, folder
) -> None:
    register, aside = folder / "register.gpkg", folder / "aside.gpkg"
    process, _ = serve()
    base = f"http://127.0.0.1:{process.args[-1]}"
    paths = ("/ogc/collections/units/items?limit=3", "/api/v1/names/search?q=甲", "/readyz")
    assert [httpx.get(f"{base}{path}").status_code for path in paths * 2] == [200] * 6
    copy = folder / "copy.gpkg"
    copy.write_bytes(register.read_bytes())
    register.rename(aside)
    copy.rename(register)
    told = [httpx.get(f"{base}{path}") for path in paths]
    assert [answer.status_code for answer in told] == [503] * 3
    assert told[0].json()["code"] == "store_replaced"
    body = {"name": "测试路", "feature_type": "road"}
    assert httpx.post(f"{base}/api/v1/names/check", json=body).status_code == 503


def command(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GEO_SERVICE_")}
    line = [sys.executable, "-m", "geo_service", *words]
    return subprocess.run(line, capture_output=True, text=True, env=environment, check=False)


@pytest.mark.heavy
def test_two_services_share_one_queue(serve, long_job) -> None:
    (_, one), (_, other) = serve(), serve()
    job = long_job(one)
    second = other.start("/api/v1/audit/verify", {})
    time.sleep(1)
    assert other.job(second["id"])["state"] == "queued", "the limit counts for both"
    assert other.job(job["id"])["state"] == "running"
    assert processes_of(job["id"])
    assert other.cancel(job["id"])["state"] == "cancelled"
    until(lambda: not processes_of(job["id"]), 10)
    assert one.job(job["id"])["state"] == "cancelled"
    assert one.wait(one.job(second["id"]))["state"] == "done"
    assert [each["id"] for each in one.jobs()] == [second["id"], job["id"]]
