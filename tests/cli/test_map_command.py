"""`geo-service map`: files that open from a disk, in a browser that reaches nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from typer.testing import CliRunner

from geo_service import cities
from geo_service.cli.main import build_app
from geo_service.services.samples.loading import load_sample
from geo_service.store.opening import open_store

CHROMIUM = "/usr/bin/chromium"
ROWS = ("松涛路,road,119.5,38.5", "曼哈顿广场,estate,119.8,38.6", "无处路,road,,")
PLAN = "\n".join(("name,feature_type,lon,lat", *ROWS))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("maps")
    store = open_store(f"gpkg:{made / 'register.gpkg'}", create=True)
    load_sample(store, cities.city("990100"))
    store.close()
    (made / "plan.csv").write_text(PLAN, encoding="utf-8")
    return made


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """`run("boundaries", "x.html")` runs the command in the folder, over its register."""
    monkeypatch.setenv("GEO_SERVICE_CITY", "990100")
    monkeypatch.chdir(folder)

    def call(*words: str):
        return CliRunner().invoke(build_app(), ["map", *words, "--store", "gpkg:register.gpkg"])

    return call


KINDS = {
    "boundaries": ("boundaries", "boundaries.html"),
    "name": ("name", "和睦路", "name.html", "--at", "119.7,38.5"),
    "plan": ("plan", "plan.csv", "plan.html"),
    "changes": ("changes", "changes.html", "--from", "1999-01-01"),
}
TITLES = {
    "boundaries": "界线检查图",
    "name": "和睦路",
    "plan": "拟用名称分布图",
    "changes": "变更对照图",
}


@pytest.mark.browser
@pytest.mark.parametrize("kind", KINDS)
def test_a_map_opens_from_a_disk_without_any_request(run, folder, kind):
    made = run(*KINDS[kind], "--json")
    assert made.exit_code == 0, made.output
    file = folder / json.loads(made.output.splitlines()[-1])["file"]
    asked: list[str] = []
    complaints: list[str] = []
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda told: complaints.append(told.text))
        page.route(lambda url: not url.startswith(("file:", "data:")), lambda route: route.abort())
        page.goto(file.as_uri())
        page.wait_for_selector(".leaflet-control-scale-line")
        assert page.locator(".leaflet-pane path").count() > 20, "units and lines are drawn"
        legend = page.locator(".leaflet-control-layers-overlays label")
        assert legend.count() >= 5
        text = page.inner_text("body")
        browser.close()
    for said in (TITLES[kind], "示例", "审图号", "未经审核，不得公开", "截至", "数据：", "km"):
        assert said in text, said
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert complaints == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("changes", "x.html", "--from", "2026-01-01", "--to", "2026-01-01"), 3, "同一天"),
        (("changes", "x.html", "--from", "2026-01-01", "--public"), 3, "审图号"),
        (("changes", "x.html", "--from", "2026-01-01", "--review-number", "示例"), 3, "示例"),
        (("boundaries", "x.geojson"), 3, ".html"),
        (("plan", "missing.csv", "x.html"), 3, "missing.csv"),
        (("changes", "x.html"), 2, "--from"),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_leaves_no_file(run, folder, words, code, said):
    refused = run(*words)
    assert refused.exit_code == code, refused.output
    assert said in refused.output
    assert not list(folder.glob("x.*"))
