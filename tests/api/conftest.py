"""The application over a store with the invented city, asked as from this machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from geo_service import compose
from geo_service.api.app import create_app
from geo_service.compose import Services
from geo_service.services.samples.loading import load_sample
from geo_service.settings import Settings
from geo_service.store.opening import open_store

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)


def ticking() -> Callable[[], datetime]:
    """A clock that never tells the same moment twice, as a register relies on."""
    ticks = count()
    return lambda: NOW + timedelta(milliseconds=next(ticks))


def services_over(path: Path, *, sample: bool) -> Services:
    settings = Settings(
        city="990100",
        auth=False,
        store=f"gpkg:{path}",
        jobs=str(path.with_suffix(".jobs")),
        kept_checks=str(path.with_suffix(".checks")),
        column_mappings=str(path.with_suffix(".mappings.csv")),
    )
    open_store(settings.store, create=True).close()
    services = compose.build(settings, clock=ticking())
    if sample:
        load_sample(services.store, services.city)
    return services


def client_of(services: Services) -> TestClient:
    return TestClient(
        create_app(services, services.settings),
        base_url="http://127.0.0.1:8000",
        client=("127.0.0.1", 50000),
        raise_server_exceptions=False,
    )


@pytest.fixture
def ended() -> Callable[[TestClient, Any], dict[str, Any]]:
    """`ended(client, answer)`: the job that an answer of 202 started, once it has ended."""

    def wait(client: TestClient, answer: Any) -> dict[str, Any]:
        assert answer.status_code == 202, answer.text
        until = time.monotonic() + 90
        while time.monotonic() < until:
            job: dict[str, Any] = client.get(answer.headers["location"]).json()
            if job["state"] not in ("queued", "running"):
                return job
            time.sleep(0.1)
        raise TimeoutError(job)

    return wait


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The invented city with its seeded faults; tests only read it."""
    made = services_over(tmp_path_factory.mktemp("api") / "register.gpkg", sample=True)
    yield made
    made.close()


@pytest.fixture
def client(services: Services) -> TestClient:
    return client_of(services)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Callable[[bool], tuple[Services, TestClient]]]:
    """`fresh(sample)` makes an application over a store of its own."""
    made: list[Services] = []

    def make(sample: bool) -> tuple[Services, TestClient]:
        services = services_over(tmp_path / f"{len(made)}.gpkg", sample=sample)
        made.append(services)
        return services, client_of(services)

    yield make
    for services in made:
        services.close()
