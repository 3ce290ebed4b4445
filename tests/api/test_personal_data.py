"""No page and no answer holds a personal value that came in with a file, whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from geo_service import compose
from geo_service.api import app as app_module
from geo_service.api.app import create_app
from geo_service.domain.change import RecordKind
from geo_service.domain.provenance import Label
from geo_service.services.interchange.importing import import_file
from geo_service.settings import Settings
from geo_service.store.opening import open_store

MOBILE, CARD, NAME, HOME = "13987654321", "990101199001010019", "金丝雀", "甲街道丙号丁室"
CANARIES = (MOBILE, CARD, NAME, HOME)
FILE = (
    "编号,名称,类型,经度,纬度,地名来历,申请人,身份证号,住址\n"
    f"1,仙霞路,道路,120.39,36.065,邻人讲述，电{MOBILE}。,{NAME},{CARD},{HOME}\n"
)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[compose.Services]:
    config = Settings(city="990100", auth=False, store=f"gpkg:{tmp_path / 'register.gpkg'}")
    open_store(config.store, create=True).close()
    path = tmp_path / "a.csv"
    path.write_text(FILE, encoding="utf-8")
    services = compose.build(config)
    report = import_file(
        services.store,
        path,
        RecordKind.PLACE_NAMES,
        city=services.city,
        actor="test",
        now=datetime(2026, 11, 28, tzinfo=UTC),
        today=date(2026, 11, 28),
    )
    assert report.accepted
    yield services
    services.close()


def _addresses() -> list[str]:
    asked = {
        route.path
        for module in app_module._ROUTERS
        for route in module.router.routes
        if "GET" in route.methods and "{" not in route.path
    }
    return sorted(asked)


@pytest.mark.parametrize("audience", [Label.PUBLIC, Label.INTERNAL])
def test_no_answer_holds_a_value(made: compose.Services, audience: Label) -> None:
    client = TestClient(
        create_app(made, replace(made.settings, audience=audience)),
        base_url="http://127.0.0.1:8000",
        client=("127.0.0.1", 50000),
    )
    answers = [client.get(path, params={"q": "仙霞路"}) for path in _addresses()]
    answers += [client.get(path, params={"name": "仙霞路"}) for path in _addresses()]
    answers += [client.get(path) for path in _addresses()]
    answers.append(client.post("/api/v1/names/check", json={"name": "仙霞路"}))
    assert sum(answer.is_success for answer in answers) > 10
    assert any("仙霞路" in answer.text for answer in answers)
    told = "".join(answer.text for answer in answers)
    assert [canary for canary in CANARIES if canary in told] == []
