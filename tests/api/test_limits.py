"""How much may be asked at a time, in which time, and what a refusal says."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import replace

import pytest
from fastapi import APIRouter, Request
from fastapi.testclient import TestClient

from geo_service import compose
from geo_service.api.app import create_app
from geo_service.api.exchange import takes_upload
from geo_service.api.limits import Buckets, Limits
from geo_service.api.metrics import Metrics
from geo_service.settings import Settings

CHECK = "/api/v1/names/check"
ROAD = {"name": "台湾路", "feature_type": "road"}
CLERK = {"x-forwarded-for": "192.0.2.7"}


@pytest.fixture
def limited(services):
    """`limited(answer_timeout_s=1, …)` makes a client of an application with these settings."""

    def make(**changed: object) -> TestClient:
        app = create_app(services, replace(services.settings, **changed))
        return TestClient(app, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 50000))

    return make


def test_an_address_and_headers_have_a_longest_length(limited):
    client = limited(address_bytes=300, header_bytes=1200)
    assert client.get("/api/v1/names/search", params={"q": "甲"}).status_code == 200
    long = client.get("/api/v1/names/search", params={"q": "x" * 300})
    assert (long.status_code, long.json()["code"]) == (414, "address_too_long")
    assert "300" in long.json()["detail"]
    large = client.get("/healthz", headers={"cookie": "x" * 1200})
    assert (large.status_code, large.json()["code"]) == (431, "headers_too_large")


def test_who_asks_too_often_waits_and_nobody_else(limited, monkeypatch):
    monkeypatch.setattr("geo_service.api.limits.monotonic", lambda: 100.0)
    client = limited(rate_per_s=1, rate_burst=3)
    answers = [client.get("/healthz/nope", headers=CLERK) for _ in range(5)]
    assert [a.status_code for a in answers] == [404, 404, 404, 429, 429]
    refused = answers[-1]
    assert refused.json()["code"] == "rate_exceeded"
    assert 1 <= int(refused.headers["retry-after"]) <= 3
    other = client.get("/healthz/nope", headers={"x-forwarded-for": "192.0.2.7, 192.0.2.8"})
    assert other.status_code == 404, "the address that the proxy saw itself counts"
    assert {client.get("/nope").status_code for _ in range(9)} == {404}, "this machine is free"
    assert client.get("/healthz", headers=CLERK).status_code == 200, "who watches is free"


def test_a_bucket_fills_again_and_only_so_far():
    buckets = Buckets(rate_per_s=2, burst=4)
    assert [buckets.wait_s("a", 100.0) for _ in range(4)] == [0, 0, 0, 0]
    assert buckets.wait_s("a", 100.0) == pytest.approx(0.5)
    assert buckets.wait_s("a", 100.5) == 0
    assert buckets.wait_s("a", 100.5) > 0, "a refusal takes no token"
    assert [buckets.wait_s("a", 900.0) > 0 for _ in range(5)] == [False] * 4 + [True]


def test_senders_that_are_not_heard_of_are_forgotten():
    buckets = Buckets(rate_per_s=1, burst=1)
    for number in range(30_000):
        buckets.wait_s(str(number), 1.0)
    assert len(buckets._full_at) <= 20_000


def test_more_at_once_than_a_worker_takes_are_told_to_come_back():
    async def run() -> list[int]:
        hold = asyncio.Event()

        async def app(scope, receive, send):
            await hold.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        limits = Limits(app, Settings(concurrency=2), Metrics())
        shell = type("App", (), {"state": type("State", (), {"settings": Settings()})})
        seen: list[int] = []

        async def ask(path: str = "/") -> None:
            async def send(part):
                if part["type"] == "http.response.start":
                    seen.append(part["status"])

            scope = {"type": "http", "method": "GET", "path": path, "query_string": b""}
            scope |= {"headers": [], "client": ("127.0.0.1", 1), "app": shell}
            await limits(scope, asyncio.sleep, send)

        tasks = [asyncio.create_task(ask()) for _ in range(2)]
        await asyncio.sleep(0)
        await ask()
        watching = asyncio.create_task(ask("/readyz"))
        await asyncio.sleep(0)
        hold.set()
        await asyncio.gather(*tasks, watching)
        await ask()
        return seen

    assert asyncio.run(run()) == [503, 200, 200, 200, 200]


def test_an_answer_that_takes_too_long_is_given_up(limited, monkeypatch):
    monkeypatch.setattr("geo_service.api.names.check_name", lambda *_: time.sleep(1.5))
    client = limited(answer_timeout_s=1)
    answer = client.post(CHECK, json=ROAD)
    assert (answer.status_code, answer.json()["code"]) == (504, "answer_timeout")
    assert client.get("/metrics").text.count('refused_total{limit="answer_timeout"} 1.0') == 1


def test_only_a_route_that_takes_files_takes_a_large_body(services):
    router = APIRouter(include_in_schema=False)

    @router.post("/small")
    async def small(request: Request) -> int:
        return len(await request.body())

    @router.post("/large")
    @takes_upload
    async def large(request: Request) -> int:
        return len(await request.body())

    app = create_app(services, replace(services.settings, body_kb=10, upload_mb=1))
    app.include_router(router)
    client = TestClient(app, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 50000))

    def sent(path: str, size: int, *, declared: bool) -> int:
        content = b"x" * size
        pieces = (content[i : i + 4096] for i in range(0, size, 4096))
        return client.post(path, content=content if declared else pieces).status_code

    for declared in (True, False):
        assert sent("/small", 10_000, declared=declared) == 200
        assert sent("/small", 10_001, declared=declared) == 413
        assert sent("/large", 1_000_000, declared=declared) == 200
        assert sent("/large", 1_000_001, declared=declared) == 413


@pytest.mark.parametrize("brought", ["a1b2c3d4", "trace.2026-11-28_01", "x" * 64])
def test_a_request_keeps_the_id_it_brings(client, brought):
    answer = client.get("/nope", headers={"x-request-id": brought})
    assert answer.headers["x-request-id"] == brought
    assert answer.json()["request_id"] == brought


@pytest.mark.parametrize(
    "brought", ["", "short", "x" * 65, "a b c d e f", '"},{"level":"x', "é" * 9]
)
def test_an_id_that_is_none_is_replaced(client, brought):
    answer = client.get("/nope", headers={"x-request-id": brought.encode()})
    made = answer.headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{16}", made)
    assert answer.json()["request_id"] == made


def test_every_answer_has_an_id_and_a_page_says_it(client, monkeypatch):
    page = client.get("/nope", headers={"accept": "text/html"})
    assert page.headers["x-request-id"] in page.text
    ids = {
        client.get(p).headers["x-request-id"] for p in ("/", "/healthz", "/static/pages/site.css")
    }
    assert len(ids) == 3
    monkeypatch.setattr("geo_service.api.names.check_name", lambda *_: 1 / 0)
    broken = client.post(CHECK, json=ROAD)
    assert broken.status_code == 500
    assert broken.json()["request_id"] == broken.headers["x-request-id"]
    assert broken.headers["x-content-type-options"] == "nosniff", "dressed as every answer is"


def test_a_browser_that_is_refused_gets_a_page(limited, monkeypatch):
    monkeypatch.setattr("geo_service.api.limits.monotonic", lambda: 100.0)
    client = limited(rate_per_s=1, rate_burst=1)
    asked = {**CLERK, "accept": "text/html", "accept-language": "en"}
    assert client.get("/nope", headers=asked).status_code == 404
    page = client.get("/nope", headers=asked)
    assert (page.status_code, page.headers["content-type"]) == (429, "text/html; charset=utf-8")
    assert "Too many requests" in page.text
    assert page.headers["x-request-id"] in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'self'")


def test_what_keeps_the_service_from_its_work_is_said_without_where_it_lies(tmp_path):
    settings = Settings(
        city="990100", auth=False, store=f"gpkg:{tmp_path / 'secret.gpkg'}", disk_free_mb=10**7
    )
    app = create_app(compose.build(settings), settings)
    visitor = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 1))
    answer = visitor.get("/readyz", params={"lang": "en"})
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    wrong = {fault["pointer"]: fault["detail"] for fault in answer.json()["errors"]}
    assert set(wrong) == {"#/store", "#/disk"}
    assert "store_missing" in wrong["#/store"]
    assert "secret" not in answer.text
    assert str(tmp_path) not in answer.text
    assert visitor.get("/healthz").json() == {"status": "ok"}
    assert "geo_service_store_ready" in visitor.get("/metrics").text


def test_a_service_that_can_work_is_ready(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert answer.json()["checks"] == ["store", "disk", "assets"]


@pytest.mark.parametrize("path", ["/readyz", "/metrics"])
def test_how_the_service_runs_is_not_for_everybody(client, path):
    assert client.get(path).status_code == 200
    assert client.get(path, headers=CLERK).status_code == 401


def test_figures_name_routes_by_template_and_never_what_was_asked(limited):
    client = limited()
    client.get("/rules/NM-001", params={"lang": "en"})
    client.get("/nope/某个名称")
    client.get("/names", params={"name": "某个名称"})
    client.get("/static/pages/site.css")
    client.request("MADEUP", "/healthz")
    client.post(CHECK, json=ROAD)
    told = client.get("/metrics")
    assert told.headers["content-type"].startswith("text/plain; version=0.0.4")
    counted = set(
        re.findall(r'requests_total\{method="(\w+)",route="([^"]+)",status="(\d+)"', told.text)
    )
    assert ("GET", "(unmatched)", "404") in counted
    assert ("GET", "/static", "200") in counted
    assert ("POST", CHECK, "200") in counted
    assert any(method == "other" for method, _, _ in counted)
    assert any(route == "/rules/{rule_id}" for _, route, _ in counted)
    assert "某" not in told.text
    assert "%E6" not in told.text
    assert "NM-001" not in told.text
    assert "geo_service_requests_running 1.0" in told.text
