"""How fast features are served: `pytest benchmarks/bench_ogc.py`.

Requests go through the whole application without a socket, so that the figures are those of the
program; a server on a socket adds what its HTTP parser takes. 100,000 invented names in a file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from bench_store import changes

from geo_service import compose
from geo_service.api.app import create_app
from geo_service.settings import Settings
from geo_service.store.opening import open_store

ITEMS = "/ogc/collections/place-names/items"
ROWS = 100_000


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    url = f"gpkg:{tmp_path_factory.mktemp('bench') / 'register.gpkg'}"
    store = open_store(url, create=True)
    with store.begin() as work:
        work.append(changes(ROWS))
    store.close()
    settings = Settings(city="990100", auth=False, store=url, log_requests=False)
    services = compose.build(settings)
    yield create_app(services, settings)
    services.close()


def answer(app: Any, path: str, query: str = "") -> int:
    """Ask once; the number of bytes answered."""

    async def ask() -> int:
        sent: list[dict[str, Any]] = []
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(b"host", b"127.0.0.1:8000"), (b"accept", b"*/*")],
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 8000),
        }

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(part: dict[str, Any]) -> None:
            sent.append(part)

        await app(scope, receive, send)
        assert sent[0]["status"] == 200
        return sum(len(part.get("body", b"")) for part in sent)

    return loop.run_until_complete(ask())


loop = asyncio.new_event_loop()


ASKED = {
    "items": (ITEMS, "limit=100"),
    "bbox": (ITEMS, "limit=100&bbox=120.2,36.0,120.5,36.3"),
    "one": (f"{ITEMS}/P-0000777", ""),
    "plane": (ITEMS, "limit=100&crs=http://www.opengis.net/def/crs/EPSG/0/4549"),
    "filter": (ITEMS, "limit=100&filter=name LIKE '香%25' AND valid_to IS NULL"),
}


@pytest.mark.parametrize("name", ASKED)
def test_requests(benchmark: Any, app: Any, name: str) -> None:
    path, query = ASKED[name]
    assert answer(app, path, query)  # made ready before the clock runs
    benchmark.extra_info["bytes"] = benchmark(answer, app, path, query)


def test_a_collection_made_ready(benchmark: Any, app: Any) -> None:
    features = app.state.services.features

    def read() -> int:
        features._kept.clear()
        return answer(app, ITEMS, "limit=1")

    assert benchmark.pedantic(read, rounds=3)
