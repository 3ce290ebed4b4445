"""`geo-service serve`: says where it is, answers, stops when told, and never serves others."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from geo_service.services.samples.loading import load_sample


@pytest.fixture
def run(tmp_path: Path):
    """Starts `geo-service serve` over a store of its own; ends it if the test did not."""
    started: list[subprocess.Popen[str]] = []
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GEO_SERVICE_")}
    environment |= {"GEO_SERVICE_CITY": "990100", "GEO_SERVICE_AUTH": "off"}

    def start(*arguments: str) -> subprocess.Popen[str]:
        store = f"gpkg:{tmp_path / 'register.gpkg'}"
        process = subprocess.Popen(
            [sys.executable, "-m", "geo_service", "serve", "--store", store, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def taken() -> Iterator[int]:
    """A port somebody else listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(address: str) -> httpx.Response:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            return httpx.get(address)
        except httpx.ConnectError:
            time.sleep(0.1)
    raise TimeoutError(address)


@pytest.mark.parametrize(("lang", "word"), [("zh", "界线检查"), ("en", "boundaries")])
def test_it_tells_its_addresses_answers_and_stops_on_interrupt(run, fresh, tmp_path, lang, word):
    services, _ = fresh(False)
    load_sample(services.store, services.city)
    services.close()
    (tmp_path / "0.gpkg").rename(tmp_path / "register.gpkg")
    port = free_port()
    process = run("--port", str(port), "--lang", lang)
    answer = wait_for(f"http://127.0.0.1:{port}/healthz")
    assert answer.json() == {"status": "ok"}
    figures = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    assert 'geo_service_records{of="units"} 21.0' in figures
    page = httpx.get(
        f"http://127.0.0.1:{port}/names?name=某个名称", headers={"accept": "text/html"}
    )
    assert page.status_code == 200
    process.send_signal(signal.SIGINT)
    said, complained = process.communicate(timeout=20)
    assert f"http://127.0.0.1:{port}/boundaries" in said
    assert word in said
    assert "某个名称" not in said + complained, "names that people try are not logged"
    assert "%E6%9F%90" not in said + complained


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org"])  # noqa: S104
def test_it_refuses_to_serve_others(run, host):
    process = run("--host", host, "--port", str(free_port()))
    said, complained = process.communicate(timeout=30)
    assert process.returncode == 2
    assert host in complained
    assert "http://" not in said


def test_a_port_in_use_is_told_before_anything_is_said_to_be_served(run, taken):
    process = run("--port", str(taken))
    said, complained = process.communicate(timeout=30)
    assert process.returncode == 2
    assert str(taken) in complained
    assert said == ""
