"""The pages in a real Chromium that can reach nothing but this server, with and without scripts."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page

from geo_service.domain.change import RecordKind
from geo_service.maps.offline import vendored_assets
from geo_service.maps.review import boundary_map
from geo_service.services.boundaries import case_from_store, check_boundaries
from geo_service.services.register import planning
from geo_service.services.register.acts import Signed
from geo_service.services.register.writing import carry_out
from tests.pages.test_copies_page import LINES, copy

from .conftest import opened

pytestmark = pytest.mark.browser
PATHS = (
    "/",
    "/names",
    "/names?name=曼哈顿广场&type=estate",
    "/names?name=和睦路&type=road&lon=119.7&lat=38.5",
    "/names?name=環海EE花園&type=estate&site_area_m2=3000&lon=119.7&lat=38.5",
    "/names/search",
    "/names/search?q=hemu",
    "/names/batch",
    "/map/search?q=hemu",
    "/boundaries",
    "/boundaries?severity=info",
    "/boundaries/lines",
    "/boundaries/compare",
    "/names/kept",
    "/names/sheet?name=和睦路&type=road&drawn=119.7 38.54 119.8 38.56",
    "/register",
    "/register?kind=boundary-lines",
    "/register/place-names/T1",
    "/register/changes",
    "/imports",
    "/rules",
    "/rules/coverage",
    "/rules/NM-CHAR-01",
    "/maps/layers",
    "/map/boundaries",
    "/map/names?name=和睦路",
)


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_asked_from_outside_and_nothing_complained_of(chromium, server, path):
    with opened(chromium, server) as (page, witness):
        page.goto(server + path, wait_until="networkidle")
        witness.assert_clean()


def test_a_name_is_tried_and_its_verdict_read(chromium, server):
    with opened(chromium, server) as (page, witness):
        page.goto(server + "/names")
        page.get_by_role("textbox", name="名称 （必填）").fill("曼哈顿广场")
        page.get_by_label("类别").select_option("estate")
        page.get_by_role("button", name="审查").click()
        verdict = page.get_by_role("region", name="曼哈顿广场 发现禁止性问题")
        assert verdict.is_visible()
        assert page.get_by_role("heading", name="曼哈顿广场").evaluate(
            "h => { const b = h.getBoundingClientRect(); return b.top >= 0 && b.top < 200 }"
        ), "the answer is what one sees first"
        assert "《地名管理条例（2022年修订）》" in verdict.inner_text()
        assert "辅助审查意见，不替代行政决定" in verdict.inner_text()
        page.get_by_role("link", name="English").click()
        assert page.get_by_role("region", name="曼哈顿广场 a prohibition found").is_visible()
        witness.assert_clean()


def test_near_names_are_shown_on_the_map(chromium, server):
    with opened(chromium, server) as (page, witness):
        page.goto(server + "/names?name=和睦路&type=road", wait_until="networkidle")
        drawn = page.frame_locator("iframe[name=map]")
        page.get_by_role("link", name="和睦路").click()
        drawn.locator(".leaflet-popup h2", has_text="和睦路").wait_for()
        witness.assert_clean()


def test_an_alternative_is_tried_with_the_same_facts(chromium, server):
    with opened(chromium, server, java_script_enabled=False) as (page, witness):
        page.goto(server + "/names")
        page.get_by_role("textbox", name="名称 （必填）").fill("環海EE花園")
        page.get_by_label("类别").select_option("estate")
        page.get_by_text("规模与性质、更名、送审拼写（选填）").click()
        page.get_by_label("层数").fill("6")
        page.get_by_role("button", name="审查").click()
        page.get_by_role("link", name="试此名 环海花园").click()
        assert page.get_by_role("region", name="环海花园 未发现问题").is_visible()
        assert page.get_by_label("层数").input_value() == "6"
        witness.assert_clean()


def test_a_name_is_searched_and_shown_on_the_map(chromium, server):
    with opened(chromium, server) as (page, witness):
        page.goto(server + "/names/search")
        page.get_by_label("汉字、拼音或首字母").fill("hemu lu")
        page.keyboard.press("Enter")
        page.get_by_role("link", name="和睦路").click()
        drawn = page.frame_locator("iframe[name=map]")
        drawn.locator(".leaflet-popup h2", has_text="和睦路").wait_for()
        witness.assert_clean()


def test_a_list_is_handed_in_and_comes_back_with_answers(chromium, server, tmp_path):
    sheet = tmp_path / "名称表.csv"
    sheet.write_text("名称,备注\n曼哈顿广场,甲\n福安路,乙\n", encoding="utf-8")
    with opened(chromium, server, java_script_enabled=False) as (page, witness):
        page.goto(server + "/names/batch")
        page.locator("input[type=file]").set_input_files(sheet)
        page.get_by_role("button", name="检查并查看").click()
        assert "发现禁止性问题" in page.get_by_role("row", name="曼哈顿广场").inner_text()
        page.locator("input[type=file]").set_input_files(sheet)
        with page.expect_download() as download:
            page.get_by_role("button", name="下载 CSV").click()
        assert download.value.suggested_filename == "名称表-checked.csv"
        written = download.value.path().read_text(encoding="utf-8-sig")
        assert written.splitlines()[1].startswith("曼哈顿广场,甲,fail,")
        witness.assert_clean()


def test_findings_are_seen_on_the_map_and_found_from_the_table(chromium, server):
    with opened(chromium, server, viewport={"width": 1400, "height": 900}) as (page, witness):
        page.goto(server + "/boundaries", wait_until="networkidle")
        drawn = page.frame_locator("iframe[name=map]")
        drawn.locator(".leaflet-marker-icon .mark").first.wait_for()
        assert drawn.locator(".leaflet-control-layers-overlays label").count() == 9
        assert drawn.locator(".unit-label").count() == 21
        row = page.locator("tbody tr").first
        row.get_by_role("link", name="在图上看").click()
        popup = drawn.locator(".leaflet-popup")
        popup.wait_for()
        assert row.locator(".title").inner_text() in popup.inner_text()
        assert row.get_attribute("id") in popup.inner_text()
        legend = drawn.locator(".leaflet-control-layers-overlays")
        assert not legend.is_visible(), "the pop-up takes the place of the legend"
        drawn.locator(".leaflet-popup-close-button").click()
        legend.wait_for()
        witness.assert_clean()


def test_a_layer_can_be_switched_off(chromium, server):
    with opened(chromium, server, viewport={"width": 1400, "height": 900}) as (page, witness):
        page.goto(server + "/map/boundaries", wait_until="networkidle")
        marks = page.locator(".leaflet-marker-icon .mark")
        before = marks.count()
        gravest = page.locator(".leaflet-control-layers-overlays label", has_text="不得报送")
        gravest.locator("input").uncheck()
        assert 0 < marks.count() < before
        page.mouse.move(500, 400)
        assert "°E" in page.locator(".leaflet-control-mouseposition").inner_text()
        witness.assert_clean()


def test_hostile_names_run_nothing(chromium, server):
    hostile = "</script><img src=x onerror=alert(1)><script>alert(2)</script>"
    with opened(chromium, server) as (page, witness):
        page.goto(server + "/names")
        page.get_by_role("textbox", name="名称 （必填）").fill(hostile)
        page.get_by_label("经度", exact=True).fill("119.7")
        page.get_by_label("纬度", exact=True).fill("38.5")
        page.get_by_role("button", name="审查").click()
        drawn = page.frame_locator("iframe[name=map]")
        drawn.locator(".leaflet-marker-icon .mark").first.click()
        drawn.locator(".leaflet-popup h2").wait_for()
        assert drawn.locator(".leaflet-popup h2").inner_text() == hostile
        assert page.locator(".checked-name").inner_text() == hostile
        assert drawn.locator("img").count() == page.locator("img").count() == 0
        witness.assert_clean()


def test_without_scripts_the_form_and_the_table_still_work(chromium, server):
    with opened(chromium, server, java_script_enabled=False) as (page, witness):
        page.goto(server + "/names")
        page.get_by_role("textbox", name="名称 （必填）").fill("EE新城")
        page.get_by_label("类别").select_option("estate")
        page.get_by_role("button", name="审查").click()
        assert "发现禁止性问题" in page.locator(".verdict").inner_text()
        page.goto(server + "/boundaries")
        before = page.locator("tbody tr").count()
        page.get_by_label("严重程度").select_option("info")
        page.get_by_role("button", name="筛选").click()
        assert 0 < page.locator("tbody tr").count() < before
        told = page.frame_locator("iframe[name=map]").locator("noscript")
        told.wait_for()
        assert "未启用脚本" in told.inner_text()
        witness.assert_clean()


def test_the_form_works_from_the_keyboard_with_a_visible_focus(chromium, server):
    with opened(chromium, server) as (page, witness):
        page.goto(server + "/names")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == "name"
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(outline) == "solid"
        page.keyboard.type("台湾路")
        page.keyboard.press("Enter")
        page.wait_for_url("**name=*")
        assert "未发现问题" in page.locator(".verdict h2").inner_text()
        witness.assert_clean()


def test_nothing_runs_over_the_edge_of_a_narrow_screen(chromium, server):
    with opened(chromium, server, viewport={"width": 360, "height": 740}) as (page, witness):
        for path in PATHS:
            page.goto(server + path, wait_until="networkidle")
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= 360, path
        witness.assert_clean()


def test_a_single_file_opens_from_a_disk(chromium, services, tmp_path: Path):
    day = services.today()
    case = case_from_store(services.store, services.city, day)
    findings = check_boundaries(case, services.city, day).findings
    target = tmp_path / "map.html"
    target.write_text(
        boundary_map(
            case,
            findings,
            city=services.city,
            as_of=day,
            lang="zh",
            assets=vendored_assets(),
            single_file=True,
        ),
        encoding="utf-8",
    )
    with opened(chromium, target.as_uri()) as (page, witness):
        page.goto(target.as_uri(), wait_until="load")
        page.locator(".leaflet-marker-icon .mark").first.wait_for()
        assert page.get_by_text("内部工作用图，未经审核，不得公开").is_visible()
        witness.assert_clean()


def test_a_record_is_found_and_slid_through_its_days(chromium, writable_server, fresh_register):
    services, _ = fresh_register
    place = services.store.get(RecordKind.PLACE_NAMES, "SYN-R001")
    by = Signed(actor="经办人甲", reason="测试", document_no="示例文 1 号")
    day, after = date(2024, 3, 1), replace(place, name="云柏路")
    carry_out(services.store, planning.rename(services.store, place.id, after, day, by))
    with opened(chromium, writable_server) as (page, witness):
        page.goto(writable_server + "/register")
        page.get_by_label("名称、编号").fill("yunbai")
        page.keyboard.press("Enter")
        page.get_by_role("link", name="云柏路", exact=True).click()
        fields = page.get_by_role("region", name=re.compile("的登记内容"))
        assert "云柏路" in fields.inner_text()
        slider = page.get_by_role("slider", name="拖动看各日")
        slider.focus()
        page.keyboard.press("Home")
        page.get_by_role("region", name=re.compile("^2023-03-02")).wait_for()
        assert place.name in fields.inner_text()
        assert slider.get_attribute("aria-valuetext") == "2023-03-02"
        assert "as_of=2023-03-02" in page.url, "the address can be kept and sent on"
        drawn = page.frame_locator("iframe[name=map]")
        drawn.get_by_role("heading", name=f"登记记录：{place.name}").wait_for()
        witness.assert_clean()


def test_a_finding_is_waived_with_a_reason(chromium, writable_server):
    with opened(chromium, writable_server, java_script_enabled=False) as (page, witness):
        page.goto(writable_server + "/boundaries/lines")
        page.locator("tbody a").first.click()
        page.get_by_role("link", name="查看和处理").first.click()
        page.get_by_label("豁免：问题可以保留").check()
        page.get_by_label("理由").fill("双方约定保留")
        page.get_by_role("button", name="签署并存入").click()
        assert "双方约定保留" in page.get_by_role("region", name="经过").inner_text()
        assert "已豁免" in page.locator("h2").first.inner_text()
        witness.assert_clean()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_file_is_imported_step_by_step(chromium, writable_server, tmp_path, scripts):
    sheet = tmp_path / "地名表.csv"
    sheet.write_text("地名,类别,经度,纬度\n翠湖家园,住宅区,119.7,38.2\n", encoding="utf-8")
    options = {"java_script_enabled": scripts}
    with opened(chromium, writable_server, **options) as (page, witness):

        def wait_for(name: str) -> None:
            for _ in range(120):
                button = page.get_by_role("button", name=name)
                if button.or_(page.get_by_role("link", name=name)).count():
                    return
                page.wait_for_timeout(250)
                if not scripts:
                    page.reload()
            raise AssertionError(page.locator("main").inner_text())

        page.goto(writable_server + "/imports")
        page.locator("input[type=file]").set_input_files(sheet)
        page.get_by_role("button", name="上传并核对列名").click()
        assert page.get_by_label("类别").input_value() == "feature_type"
        page.get_by_role("button", name="试导入").click()
        wait_for("确认存入 1 条")
        page.get_by_role("button", name="确认存入 1 条").click()
        wait_for("在登记库中查看")
        assert "已存入 1 条记录" in page.locator("main").inner_text()
        witness.assert_clean()


def test_the_menu_folds_on_a_phone_and_opens_by_keyboard(chromium, server):
    with opened(chromium, server, viewport={"width": 390, "height": 800}) as (page, witness):
        page.goto(server + "/")
        menu = page.get_by_role("navigation", name="主要栏目")
        assert not menu.is_visible()
        page.get_by_role("button", name="菜单").press("Enter")
        menu.get_by_role("link", name="登记库").click()
        page.wait_for_url("**/register")
        assert not menu.is_visible()
        witness.assert_clean()


def drawn_layers(page: Page, home: str, query: str = "") -> None:
    page.goto(f"{home}/maps/layers{query}")
    page.locator("#map[data-ready]").wait_for()
    page.locator("#list:not([hidden]) tbody tr").first.wait_for()


def test_layers_are_drawn_switched_and_asked_by_keyboard(chromium, server):
    with opened(chromium, server) as (page, witness):
        drawn_layers(page, server)
        assert page.locator("#map-state").inner_text() == ""
        listed = page.get_by_role("region", name="地图上的要素")
        assert "行政区划" in listed.inner_text()
        page.get_by_role("checkbox", name="行政区划").press("Space")
        units = listed.get_by_role("cell", name="行政区划", exact=True)
        units.first.wait_for(state="detached")
        page.get_by_role("checkbox", name="行政区划").press("Space")
        canvas = page.locator(".maplibregl-canvas")
        canvas.press("Enter")
        card = page.locator(".maplibregl-popup")
        card.get_by_role("link", name="查看记录").first.wait_for()
        assert "示例" in card.inner_text()
        assert "审图号：无" in page.locator(".margin").inner_text()
        witness.assert_clean()


def test_a_popup_leads_to_the_record(chromium, server):
    with opened(chromium, server) as (page, witness):
        drawn_layers(page, server)
        page.locator(".maplibregl-canvas").press("Enter")
        page.locator(".maplibregl-popup").get_by_role("link", name="查看记录").first.click()
        page.wait_for_url("**/register/**")
        assert page.get_by_role("heading", level=1).is_visible()
        witness.assert_clean()


def test_tiles_that_do_not_come_are_told(chromium, server):
    with opened(chromium, server) as (page, _):
        page.route("**/ogc/collections/units/tiles/**", lambda route: route.abort())
        page.goto(f"{server}/maps/layers?lang=en")
        page.get_by_role("alert").get_by_text("Part of the map could not be loaded").wait_for()


def test_a_browser_without_webgl_is_told_where_the_records_are(chromium, server):
    with opened(chromium, server) as (page, _):
        page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
        page.goto(f"{server}/maps/layers?lang=en")
        page.get_by_role("alert").get_by_text("no WebGL").wait_for()


def test_layers_can_be_used_on_a_phone_and_print(chromium, server):
    with opened(chromium, server, viewport={"width": 390, "height": 844}) as (page, witness):
        drawn_layers(page, server)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.emulate_media(media="print")
        assert page.locator("canvas").is_visible()
        assert not page.locator(".maplibregl-ctrl-zoom-in").is_visible()
        witness.assert_clean()


def test_a_road_is_drawn_by_mouse_and_by_keyboard_and_judged(chromium, server):
    with opened(chromium, server) as (page, witness):
        page.goto(f"{server}/names")
        page.fill("#f-name", "和睦路")
        page.click("#draw summary")
        page.wait_for_selector("#draw-map[data-ready]")
        for x in (500, 540):
            page.locator("#draw-map").click(position={"x": x, "y": 150})
        page.focus("#draw-map")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")  # the same vertex is not set twice
        assert len(page.input_value("#f-drawn").splitlines()) == 3
        page.click("[data-act=undo]")
        assert "2 个折点" in page.inner_text("#draw-state")
        page.click("[data-act=finish]")
        page.keyboard.press("Enter")
        page.wait_for_selector("#verdict")
        assert "线，2 个折点" in page.inner_text(".verdict")
        witness.assert_clean()


def test_two_copies_are_swiped_over_by_keyboard(chromium, writable_server, tmp_path):
    file = tmp_path / "b.geojson"
    file.write_bytes(copy(LINES[:3], 0.001))
    with opened(chromium, writable_server) as (page, witness):
        page.goto(f"{writable_server}/boundaries/compare")
        page.check("input[value=register]")
        page.set_input_files("#f-file_b", file)
        page.click(".copies-form button[type=submit]")
        page.wait_for_selector("#swipe[data-ready]", timeout=90_000)
        slider = page.get_by_role("slider")
        slider.focus()
        page.keyboard.press("ArrowRight")
        assert slider.get_attribute("aria-valuetext") == "左边 51% 为甲份"
        shown = "pane => getComputedStyle(document.querySelector(`.leaflet-${pane}-pane`)).display"
        page.get_by_label("只看乙份").check()
        assert page.evaluate(shown, "copy-a") == "none"
        assert page.evaluate(shown, "copy-b") != "none"
        assert slider.count() == 0
        witness.assert_clean()
