"""The pages over a store with the invented city, and a reader of HTML."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page, sync_playwright
from shapely.geometry import Point

from geo_service import compose
from geo_service.api.app import create_app
from geo_service.compose import Services
from geo_service.domain.change import Change, Operation
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Force, Provenance
from geo_service.services.samples.loading import load_sample
from geo_service.settings import Settings
from geo_service.store.opening import open_store

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
PLACED = Point(119.75, 38.55)
CHROMIUM = "/usr/bin/chromium"
DRAWN = ("--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
"""WebGL without a graphics card."""


def _place(
    key: str, name: str, position: Point | None, kind: FeatureType = FeatureType.ROAD
) -> NamedPlace:
    return NamedPlace(
        id=key,
        name=name,
        feature_type=kind,
        provenance=Provenance("示例数据", force=Force.SYNTHETIC),
        unit_code=DivisionCode("990102"),
        geometry=position,
    )


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The invented city, two roads of one name, one of them with a position, and some villages."""
    path = tmp_path_factory.mktemp("pages") / "register.gpkg"
    settings = Settings(
        city="990100",
        auth=False,
        store=f"gpkg:{path}",
        jobs=str(path.with_suffix(".jobs")),
        kept_checks=str(path.with_suffix(".checks")),
        column_mappings=str(path.with_suffix(".csv")),
    )
    open_store(settings.store, create=True).close()
    made = compose.build(settings, clock=lambda: NOW)
    load_sample(made.store, made.city)
    with made.store.begin() as work:
        work.append(
            Change(operation=Operation.CREATE, record=place, actor="test", reason="测试")
            for place in (
                _place("T1", "和睦路", PLACED),
                _place("T2", "和睦路", None),
                *(
                    _place(f"V{number}", f"{family}家埠", None, FeatureType.VILLAGE)
                    for number, family in enumerate("赵钱孙李周吴郑王冯陈卫蒋沈韩杨朱秦许何吕施张")
                ),
            )
        )
    yield made
    made.close()


@pytest.fixture(scope="session")
def app(services: Services) -> FastAPI:
    return create_app(services, services.settings)


@pytest.fixture
def browser_client(app: FastAPI) -> TestClient:
    """Asks for pages as a browser set to Chinese does."""
    return TestClient(
        app,
        base_url="http://127.0.0.1:8000",
        client=("127.0.0.1", 50000),
        headers={"accept": "text/html,*/*;q=0.8", "accept-language": "zh-CN"},
        raise_server_exceptions=False,
    )


@pytest.fixture
def empty_client(tmp_path: Path) -> Iterator[TestClient]:
    """The pages over a register that holds nothing."""
    settings = Settings(city="990100", auth=False, store=f"gpkg:{tmp_path / 'empty.gpkg'}")
    open_store(settings.store, create=True).close()
    made = compose.build(settings, clock=lambda: NOW)
    yield TestClient(
        create_app(made, settings), base_url="http://127.0.0.1", client=("127.0.0.1", 1)
    )
    made.close()


def writable(folder: Path) -> Services:
    """A register of the invented city, with jobs and mappings of its own."""
    settings = Settings(
        city="990100",
        auth=False,
        store=f"gpkg:{folder / 'fresh.gpkg'}",
        jobs=str(folder / "jobs"),
        kept_checks=str(folder / "checks.sqlite"),
        column_mappings=str(folder / "mappings.csv"),
    )
    open_store(settings.store, create=True).close()
    made = compose.build(settings, clock=lambda: NOW)
    load_sample(made.store, made.city)
    return made


@pytest.fixture
def fresh_register(tmp_path: Path) -> Iterator[tuple[Services, TestClient]]:
    """The pages over a register of the invented city that a test may write to."""
    made = writable(tmp_path)
    settings = made.settings
    yield (
        made,
        TestClient(
            create_app(made, settings),
            base_url="http://127.0.0.1:8000",
            client=("127.0.0.1", 1),
            headers={"accept": "text/html", "accept-language": "zh-CN"},
        ),
    )
    made.close()


@dataclass
class Witness:
    """What a page tried to reach, complained of, or asked for aloud."""

    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def assert_clean(self) -> None:
        assert self.foreign == []
        assert self.complaints == []


@contextmanager
def serving(app) -> Iterator[str]:
    """The address of a running server."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    running = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    for _ in range(200):
        if running.started:
            break
        time.sleep(0.05)
    assert running.started
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    running.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="session")
def server(app) -> Iterator[str]:
    with serving(app) as address:
        yield address


@pytest.fixture
def writable_server(fresh_register) -> Iterator[str]:
    """A server of its own, whose register a test may write to."""
    services, _ = fresh_register
    with serving(create_app(services, services.settings)) as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(DRAWN))
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, home: str, **options: object) -> Iterator[tuple[Page, Witness]]:
    """A page in a context of its own; requests to anywhere but `home` are aborted and noted."""
    witness = Witness()
    context = browser.new_context(**{"locale": "zh-CN", **options})

    def guard(route):
        address = route.request.url
        if address.startswith((home, "data:", "about:")):
            route.continue_()
        else:
            witness.foreign.append(address)
            route.abort()

    context.route("**/*", guard)
    page = context.new_page()
    page.on(
        "console",
        lambda said: (
            witness.complaints.append(said.text) if said.type in ("error", "warning") else None
        ),
    )
    page.on("pageerror", lambda error: witness.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (witness.complaints.append("dialog"), dialog.dismiss()))
    yield page, witness
    context.close()
