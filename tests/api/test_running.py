"""The server as a process: several workers, a graceful stop, its log, slow senders, TLS."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from geo_service.api.workers import Workers
from geo_service.errors import Busy
from geo_service.settings import Settings
from geo_service.store.opening import open_store

BODY = '{"name": "台湾路", "feature_type": "road", "register": false}'.encode()
HEAD = (
    "POST /api/v1/names/check?lang=en HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
).encode()


@dataclass
class Served:
    """A running server."""

    process: subprocess.Popen[str]
    port: int
    log: Path

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def workers(self) -> set[int]:
        """The processes that answer: children that hold the listening socket."""
        pid = self.process.pid
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        return {
            child
            for child in map(int, told.split())
            if "spawn_main" in Path(f"/proc/{child}/cmdline").read_text(encoding="utf-8")
        }

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def events(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until(what: Callable[[], object], seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "did not come about in time"
        time.sleep(0.1)


def answers(served: Served, **options: object) -> bool:
    try:
        return httpx.get(f"{served.base}/healthz", **options).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """`serve(workers=2, graceful_s=1)` runs the server with these settings until the test ends."""
    store = f"gpkg:{tmp_path / 'register.gpkg'}"
    open_store(store, create=True).close()
    running: list[Served] = []

    def start(*, wait: bool = True, **settings: object) -> Served:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GEO_SERVICE_")}
        environment |= {f"GEO_SERVICE_{k.upper()}": str(v) for k, v in settings.items()}
        environment |= {"GEO_SERVICE_CITY": "990100", "GEO_SERVICE_LOG_FORM": "json"}
        environment |= {"GEO_SERVICE_AUTH": "off"}
        port, log = free_port(), tmp_path / f"log{len(running)}"
        words = ["-m", "geo_service", "serve", "--store", store, "--port", str(port)]
        with log.open("w") as written:
            process = subprocess.Popen(
                [sys.executable, *words],
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=written,
                text=True,
            )
        served = Served(process, port, log)
        running.append(served)
        if wait:
            wait_until(lambda: answers(served))
        return served

    yield start
    for served in running:
        for pid in served.workers() if served.process.poll() is None else ():
            os.kill(pid, signal.SIGKILL)
        served.process.kill()
        served.process.wait()


@pytest.mark.parametrize(
    "sent",
    [b"NONSENSE\r\n\r\n", b"GET /?q=" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"],
    ids=["no HTTP", "endless address"],
)
def test_bytes_that_are_no_request_are_answered_with_a_problem(serve, sent):
    served = serve()
    with served.connect() as connection:
        connection.sendall(sent)
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in head
    assert json.loads(body)["code"] == "request_refused"
    assert f"Content-Length: {len(body)}".encode() in head


def test_workers_share_the_port_and_the_figures_and_a_dead_one_is_replaced(serve):
    served = serve(workers=2)
    wait_until(lambda: len(served.workers()) == 2)
    for _ in range(30):
        assert httpx.get(f"{served.base}/nope").status_code == 404
    line = 'requests_total{method="GET",route="(unmatched)",status="404"} '
    for _ in range(5):
        told = httpx.get(f"{served.base}/metrics").text
        assert f"{line}30.0" in told, "whichever worker is asked answers for both"
    lost, kept = sorted(served.workers())
    os.kill(lost, signal.SIGKILL)
    wait_until(lambda: len(served.workers() - {lost}) == 2)
    assert kept in served.workers()
    wait_until(lambda: answers(served))
    assert f"{line}30.0" in httpx.get(f"{served.base}/metrics").text, "counters never go back"
    assert served.stop() == 0
    (told_of,) = [e for e in served.events() if e["event"] == "worker_lost"]
    assert (told_of["pid"], told_of["level"]) == (lost, "error")
    assert not answers(served)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_stop_lets_a_running_request_finish_and_takes_no_other(serve, workers):
    served = serve(workers=workers)
    with served.connect() as under_way:
        under_way.sendall(HEAD + BODY[:10])
        time.sleep(0.5)
        served.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not answers(served))
        under_way.sendall(BODY[10:])
        answer = under_way.recv(65536)
    assert answer.startswith(b"HTTP/1.1 200")
    assert served.process.wait(timeout=60) == 0


@pytest.mark.parametrize("workers", [1, 2])
def test_a_stop_does_not_wait_longer_than_it_says(serve, workers):
    served = serve(workers=workers, graceful_s=1)
    with served.connect() as under_way:
        under_way.sendall(HEAD + BODY[:10])
        time.sleep(0.5)
        began = time.monotonic()
        assert served.stop() == 0
        assert time.monotonic() - began < 15
        answer = under_way.recv(65536)
    assert b'"code":"stopping"' in answer
    assert "cut_off" in {event["event"] for event in served.events()}


def test_workers_do_not_outlive_who_keeps_them(serve):
    served = serve(workers=2)
    wait_until(lambda: len(served.workers()) == 2)
    served.process.kill()
    served.process.wait()
    wait_until(lambda: not answers(served))


def test_workers_that_never_come_to_serve_end_the_service():
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(Busy) as failed:
        Workers(Settings(host="192.0.2.1", workers=2, auth=False), listener).run()
    assert failed.value.code == "workers_failing"


def test_the_log_tells_of_each_request_without_what_was_asked(serve):
    served = serve()
    httpx.get(f"{served.base}/names?name=某个名称", headers={"x-request-id": "trace-0001"})
    httpx.get(f"{served.base}/某个名称", headers={"authorization": "Bearer s3cr3t-t0ken"})
    httpx.get(f"{served.base}/rules/某个名称")
    assert served.stop() == 0
    written = served.log.read_text(encoding="utf-8")
    for private in ("某", "%E6", "\\u67d0", "s3cr3t"):
        assert private not in written
    requests = [event for event in served.events() if event["event"] == "request"]
    first = next(event for event in requests if event["request_id"] == "trace-0001")
    assert (first["method"], first["route"], first["status"]) == ("GET", "/names", 200)
    assert first["client"] == "127.0.0.1"
    assert all(event["request_id"] and event["time"] for event in requests)


def test_requests_are_not_logged_where_that_is_switched_off(serve):
    served = serve(log_requests="off")
    assert served.stop() == 0
    assert served.events() == []


def test_who_sends_slowly_is_let_go(serve):
    served = serve(head_timeout_s=1, body_timeout_s=1)
    with served.connect() as no_head, served.connect() as half_head, served.connect() as drips:
        half_head.sendall(HEAD[:40])
        drips.sendall(HEAD + BODY[:10])
        began = time.monotonic()
        answer = drips.recv(65536)
        assert answer.startswith(b"HTTP/1.1 408")
        assert b"connection: close" in answer.lower()
        assert no_head.recv(10) == b""
        assert half_head.recv(10) == b""
        assert time.monotonic() - began < 15
    assert answers(served), "and everybody else is served"


def test_who_takes_no_answer_is_let_go(serve):
    served = serve(body_timeout_s=1)
    page = b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with socket.socket() as stuck:
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.connect(("127.0.0.1", served.port))
        stuck.settimeout(20)
        with pytest.raises(ConnectionError):
            for _ in range(2000):  # far more than the buffers between the two hold
                stuck.sendall(page)
                time.sleep(0.005)
    assert answers(served)


def test_who_sends_a_head_without_end_is_let_go(serve):
    served = serve(address_bytes=300, header_bytes=2000)
    with served.connect() as endless, pytest.raises(ConnectionError):
        endless.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        for number in range(100_000):
            endless.sendall(f"x-{number}: {'x' * 100}\r\n".encode())
    assert answers(served)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    key, chain = tmp_path / "key.pem", tmp_path / "chain.pem"
    words = [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    words += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(chain)]
    subprocess.run(["openssl", *words], check=True, capture_output=True)
    return key, chain


@pytest.mark.parametrize("workers", [1, 2])
def test_it_serves_by_tls(serve, certificate, workers):
    key, chain = certificate
    served = serve(wait=False, workers=workers, tls_key=key, tls_certificate=chain)
    trust = ssl.create_default_context(cafile=str(chain))
    address = f"https://127.0.0.1:{served.port}/healthz"

    def secure() -> httpx.Response | None:
        try:
            return httpx.get(address, verify=trust)
        except httpx.TransportError:
            return None

    wait_until(lambda: secure() is not None)
    told = secure()
    assert told is not None
    assert told.json() == {"status": "ok"}
    assert "max-age=" in told.headers["strict-transport-security"]
    assert served.stop() == 0


def test_a_certificate_that_cannot_be_used_is_told_before_anything_is_served(serve, certificate):
    key, chain = certificate
    cases = [
        {"tls_certificate": chain},
        {"tls_certificate": key, "tls_key": chain},
        {"tls_certificate": chain, "tls_key": chain.parent / "missing.pem"},
    ]
    for settings in cases:
        served = serve(wait=False, **settings)
        assert served.process.wait(timeout=30) == 2
