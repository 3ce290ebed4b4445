"""The pages over a store with the invented city, and a reader of HTML."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
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
