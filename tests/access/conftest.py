"""An application with sign-in on, its accounts, a clock that can be moved, and browsers to ask."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient

from geo_service import compose
from geo_service.api.app import create_app
from geo_service.compose import Services
from geo_service.domain.access import Role
from geo_service.services.access import passwords
from geo_service.settings import Settings
from geo_service.store.opening import open_store

PASSWORD = "kelp harbour 71 lantern"
CSRF = re.compile(r'name="csrf" value="([\w-]{43})"')


class MovedClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 6, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


class Browser(TestClient):
    """Keeps cookies and sends forms as a page of ours does."""

    def csrf(self, path: str = "/account") -> str:
        found = CSRF.search(self.get(path, headers={"accept": "text/html"}).text)
        assert found is not None
        return found[1]

    def form(self, path: str, csrf: str | None = None, **entries: str | list[str]):
        sent = dict(entries) if csrf == "" else {"csrf": csrf or self.csrf(), **entries}
        return self.post(path, data=sent, follow_redirects=False, headers={"accept": "text/html"})

    def sign_in(self, name: str, password: str = PASSWORD, next: str = "/"):
        return self.form("/sign-in", "", name=name, password=password, next=next)


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hash of the program, at a price at which hundreds can be made."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=1024))


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        city="990100",
        auth=True,
        store=f"gpkg:{tmp_path / 'register.gpkg'}",
        accounts=str(tmp_path / "accounts.sqlite"),
        jobs=str(tmp_path / "jobs"),
        kept_checks=str(tmp_path / "kept-checks.sqlite"),
        rate_per_s=0,
        log_requests=False,
    )


@pytest.fixture
def services(settings: Settings, clock: MovedClock) -> Iterator[Services]:
    open_store(settings.store, create=True).close()
    made = compose.build(settings, clock=clock)
    for role in Role:
        made.office.accounts.add(f"{role.value}-1", "某人", [role], actor="test", password=PASSWORD)
    yield made
    made.close()


@pytest.fixture
def browser(services: Services) -> Callable[..., Browser]:
    """`browser(name)` is signed in by that account, `browser()` by none."""
    app = create_app(services, services.settings)

    def make(name: str = "", *, address: str = "127.0.0.1", base: str = "http://127.0.0.1:8000"):
        made = Browser(app, base_url=base, client=(address, 50000), raise_server_exceptions=False)
        made.headers["accept-language"] = "zh-CN"
        if name:
            assert made.sign_in(name).status_code == 303
        return made

    return make
