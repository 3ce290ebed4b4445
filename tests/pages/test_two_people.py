"""A file of boundaries in a real browser: one person lays it, another decides."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import shapely
from playwright.sync_api import Page

from geo_service import compose
from geo_service.api.app import create_app
from geo_service.compose import Services
from geo_service.domain.change import RecordKind
from geo_service.messages import message

from .conftest import NOW, opened, serving, writable

pytestmark = [pytest.mark.browser, pytest.mark.heavy]
PASSWORD = "kelp harbour 71 lantern"
LINES = RecordKind.BOUNDARY_LINES


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Services]]:
    """A service with sign-in, and two people of the boundary office."""
    folder = tmp_path_factory.mktemp("two")
    sample = writable(folder)
    settings = replace(sample.settings, auth=True, accounts=str(folder / "accounts.sqlite"))
    sample.close()
    made = compose.build(settings, clock=lambda: NOW)
    for name, person in (("zhao-1", "赵界线"), ("qian-2", "钱界线")):
        made.office.accounts.add(name, person, ["boundary-office"], actor="test", password=PASSWORD)
    with serving(create_app(made, settings)) as home:
        yield home, made
    made.close()


def redrawn(services: Services, folder: Path) -> tuple[Path, str]:
    """A file that moves the middle of a line of the sample by some metres, and its code."""
    lines = services.store.records(LINES)
    line = next(each for each in lines if len(shapely.get_coordinates(each.geometry)) > 9)
    spots = shapely.get_coordinates(line.geometry)
    spots[len(spots) // 2] += 1e-4
    feature = {
        "type": "Feature",
        "properties": {"code": line.code, "name": line.name},
        "geometry": {"type": "LineString", "coordinates": spots.tolist()},
    }
    path = folder / "联检成果.geojson"
    told = {"type": "FeatureCollection", "features": [feature]}
    path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    return path, line.code


def signed_in(page: Page, home: str, name: str, lang: str) -> None:
    page.goto(f"{home}/sign-in?lang={lang}")
    page.locator("[name=name]").fill(name)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button").click()
    page.wait_for_url(re.compile(r"^(?!.*sign-in)"))


def said(lang: str, area: str, key: str, **values: object) -> str:
    return message(f"{area}.{key}", **values).in_(lang)


def test_one_person_lays_a_file_and_another_stores_it(chromium, office, tmp_path) -> None:
    home, services = office
    path, code = redrawn(services, tmp_path)
    before = services.store.get(LINES, code).geometry
    with opened(chromium, home) as (page, witness):
        signed_in(page, home, "zhao-1", "zh")
        page.goto(f"{home}/imports?lang=zh")
        page.locator("[name=file]").set_input_files(path)
        page.locator("[name=kind]").select_option("boundary-lines")
        page.locator("[name=crs]").fill("EPSG:4490")
        page.locator("main form button[type=submit]").click()
        page.get_by_role("button", name=said("zh", "pages", "columns_try")).click()
        page.locator("form[action*='/lay'] [name=reason]").wait_for(timeout=120_000)
        page.locator("form[action*='/lay'] [name=reason]").fill("联合检查后重测")
        page.locator("form[action*='/lay'] button").click()
        page.wait_for_url("**/drafts/D-*")
        own = page.locator("[name=act]").evaluate_all("all => all.map(each => each.value)")
        assert own == ["withdraw"]
        draft = page.url.partition("?")[0].rpartition("/")[2]
        witness.assert_clean()
    assert services.store.get(LINES, code).geometry == before
    with opened(chromium, home, locale="en-GB") as (page, witness):
        signed_in(page, home, "qian-2", "en")
        page.goto(f"{home}/drafts?lang=en")
        page.get_by_role("link", name=path.name).click()
        page.frame_locator("iframe.map").last.locator(".leaflet-container").wait_for()
        page.locator("[name=act][value=approve]").check()
        page.locator("[name=document_no]").fill("示例文2号")
        page.locator("form.decide button").click()
        page.get_by_text(said("en", "drafts", "state_approved")).first.wait_for(timeout=120_000)
        page.goto(f"{home}/register/boundary-lines/{code}?lang=en")
        page.get_by_text("示例文2号").first.wait_for()
        witness.assert_clean()
    assert services.store.get(LINES, code).geometry != before
    *_, entry = services.store.log(kind=LINES, record_id=code)
    assert (entry.actor, draft in entry.basis) == ("qian-2", True)
    assert "zhao-1" in entry.reason
