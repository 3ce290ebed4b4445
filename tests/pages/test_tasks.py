"""The main tasks of the three groups of staff, from end to end, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page

from geo_service import compose
from geo_service.api.app import create_app
from geo_service.compose import Services
from geo_service.domain.change import RecordKind
from geo_service.domain.finding import Outcome
from geo_service.messages import message
from geo_service.pages.render import address
from geo_service.services.wording import outcome_text

from .conftest import NOW, opened, serving, writable

pytestmark = pytest.mark.browser
LANGUAGES = pytest.mark.parametrize("lang", ["zh", "en"])
PASSWORD = "kelp harbour 71 lantern"
NEW = "lantern meadow 52 kelp"


class Desk:
    """The page of one member of staff, and the words that it shows in one language."""

    def __init__(self, page: Page, home: str, lang: str) -> None:
        self.page, self.home, self.lang = page, home, lang

    def word(self, key: str, area: str = "pages", **values: object) -> str:
        return message(f"{area}.{key}", **values).in_(self.lang)

    def go(self, path: str, **parameters: str) -> None:
        self.page.goto(self.home + address(path, {**parameters, "lang": self.lang}))

    def press(self, key: str, area: str = "pages", **values: object) -> None:
        self.page.get_by_role("button", name=self.word(key, area, **values), exact=True).click()

    def follow(self, key: str, **values: object) -> None:
        self.page.get_by_role("link", name=self.word(key, **values)).first.click()

    def fill(self, key: str, text: str, area: str = "pages") -> None:
        label = re.compile(rf"^{re.escape(self.word(key, area))}(\s*[（(].*)?$")
        self.page.locator("main").get_by_label(label).fill(text)

    def says(self, key: str, area: str = "pages", **values: object) -> None:
        self.page.get_by_text(self.word(key, area, **values)).first.wait_for()

    def until(self, key: str, **values: object) -> None:
        """A job has come to an answer; the page follows it by itself."""
        said = self.page.get_by_text(self.word(key, **values)).first
        said.wait_for(timeout=120_000)


@pytest.fixture(scope="module")
def desk_services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    made = writable(tmp_path_factory.mktemp("tasks"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def home(desk_services: Services) -> Iterator[str]:
    with serving(create_app(desk_services, desk_services.settings)) as told:
        yield told


@pytest.fixture
def desk(chromium, home: str, lang: str) -> Iterator[Desk]:
    locale = "zh-CN" if lang == "zh" else "en-GB"
    with opened(chromium, home, locale=locale) as (page, witness):
        yield Desk(page, home, lang)
        witness.assert_clean()


@LANGUAGES
def test_naming_staff_try_a_name_choose_another_keep_and_print_it(desk: Desk):
    desk.go("/names")
    desk.fill("field_name", "環海EE花園")
    desk.page.get_by_label(desk.word("field_type"), exact=True).select_option("estate")
    desk.fill("field_lon", "119.7")
    desk.fill("field_lat", "38.5")
    desk.press("submit")
    verdict = desk.page.locator(".verdict-fail")
    cited = verdict.locator(".citations li").first
    article = "第九条" if desk.lang == "zh" else "art. 9"
    assert article in cited.inner_text()
    assert cited.locator(".gist").inner_text()
    desk.page.get_by_role("link", name=desk.word("try_name")).first.click()
    chosen = desk.page.locator(".verdict-pass .checked-name").inner_text()
    desk.page.emulate_media(media="print")
    assert desk.page.locator(".on-paper").is_visible()
    for form in desk.page.locator("form.form").all():
        form.wait_for(state="hidden")
    assert not desk.page.get_by_role("button", name=desk.word("keep_check")).is_visible()
    desk.page.emulate_media(media="screen")
    desk.press("keep_check")
    desk.page.wait_for_url("**/names/kept/*")
    assert desk.page.get_by_role("heading", level=1, name=chosen).is_visible()
    desk.follow("kept_ask_again")
    desk.says("kept_identical")
    desk.go("/names/kept")
    assert desk.page.get_by_role("link", name=chosen).first.is_visible()


@LANGUAGES
def test_naming_staff_read_the_names_near_by_with_their_distances(desk: Desk, desk_services):
    near = desk_services.store.get(RecordKind.PLACE_NAMES, "SYN-R001")
    desk.go("/names")
    desk.fill("field_name", near.name)
    spot = near.geometry.centroid
    desk.fill("field_lon", f"{spot.x + 0.01:.5f}")
    desk.fill("field_lat", f"{spot.y:.5f}")
    desk.press("submit")
    row = desk.page.get_by_role("row", name=re.compile(f"^{near.name}"))
    assert re.search(r"\d+ m\b", row.first.inner_text())
    row.first.get_by_role("link", name=near.name).click()
    drawn = desk.page.frame_locator("iframe[name=map]")
    drawn.locator(".leaflet-popup h2", has_text=near.name).wait_for()
    with desk.page.expect_download() as taken:
        desk.follow("map_file")
    assert taken.value.suggested_filename == "names-990100-2026-11-23.html"


@LANGUAGES
def test_naming_staff_hand_in_a_list(desk: Desk, tmp_path: Path):
    sheet = tmp_path / "名称表.csv"
    sheet.write_text("名称,类别\n曼哈顿广场,住宅区\n福安路,道路\n,道路\n", encoding="utf-8")
    desk.go("/names/batch")
    desk.page.locator("input[type=file]").set_input_files(sheet)
    desk.press("batch_show")
    row = desk.page.get_by_role("row", name="曼哈顿广场")
    assert outcome_text(Outcome.FAIL, desk.lang) in row.inner_text()
    row.get_by_role("link", name="曼哈顿广场").click()
    assert desk.page.locator(".verdict-fail").is_visible()


@LANGUAGES
def test_a_record_is_searched_slid_through_its_days_and_its_history_read(desk: Desk):
    desk.go("/register")
    desk.fill("register_q", "听泉路")
    desk.press("search_submit")
    desk.page.locator("table.hits a").first.click()
    slider = desk.page.get_by_role("slider", name=desk.word("times_slide"))
    assert slider.count() == 0 or slider.is_visible()
    day = desk.page.get_by_label(desk.word("times_day"), exact=True)
    day.fill("2020-01-01")
    desk.press("times_show")
    desk.page.wait_for_url("**as_of=2020-01-01**")
    history = desk.page.locator("section[aria-labelledby=history]")
    assert history.locator(".step").count() >= 1


@LANGUAGES
def test_survey_team_go_from_the_list_of_lines_to_findings_decided(desk: Desk):
    desk.go("/boundaries/lines")
    desk.page.locator("tbody tr:has(.tag) th a").nth(0 if desk.lang == "zh" else 8).click()
    assert desk.page.locator("section[aria-labelledby=stones]").is_visible()
    drawn = desk.page.frame_locator("iframe[name=map]")
    drawn.locator('path.leaflet-interactive:not([d="M0 0"])').first.wait_for()  # not off the map
    desk.follow("finding_open")
    desk.page.get_by_label(desk.word("act_confirm")).check()
    desk.fill("decide_reason", "双方现场核对")
    desk.press("decide_submit")
    states = desk.page.locator("section[aria-labelledby=states]")
    assert "双方现场核对" in states.inner_text()
    desk.page.get_by_label(desk.word("act_withdraw")).check()
    desk.fill("decide_reason", "重新核对")
    desk.press("decide_submit")
    assert desk.page.locator("section[aria-labelledby=states] .step").count() >= 2


@LANGUAGES
def test_survey_team_waive_a_finding_and_see_it_in_the_list(desk: Desk):
    desk.go("/boundaries", severity="advised_against")
    links = desk.page.get_by_role("link", name=desk.word("finding_open"))
    addresses = [link.get_attribute("href") for link in links.all()]
    waive = desk.page.get_by_label(desk.word("act_waive"))
    for each in addresses:
        desk.page.goto(desk.home + each)
        if waive.count():
            break
    waive.check()
    reason = f"双方约定保留 {desk.lang}"
    desk.fill("decide_reason", reason)
    desk.press("decide_submit")
    desk.go("/boundaries", severity="advised_against")
    assert desk.page.get_by_text(reason).first.is_visible()


@LANGUAGES
def test_survey_team_read_a_marker_of_a_line(desk: Desk):
    desk.go("/boundaries/lines")
    desk.page.locator("tbody th a").first.click()
    desk.page.locator("section[aria-labelledby=stones] tbody th a").first.click()
    desk.page.wait_for_url("**/register/markers/**")
    assert desk.page.locator("section[aria-labelledby=history] .step").count() == 1


@LANGUAGES
def test_survey_team_take_the_map_along(desk: Desk, chromium, tmp_path: Path):
    desk.go("/boundaries")
    with desk.page.expect_download() as taken:
        desk.follow("map_file")
    kept = tmp_path / "map.html"
    taken.value.save_as(kept)
    with opened(chromium, kept.as_uri()) as (page, witness):
        page.goto(kept.as_uri(), wait_until="load")
        page.locator(".leaflet-marker-icon .mark").first.wait_for()
        witness.assert_clean()


def _sheet(folder: Path, name: str, *rows: str) -> Path:
    sheet = folder / name
    sheet.write_text("\n".join(["地名,类别,经度,纬度", *rows, ""]), encoding="utf-8")
    return sheet


def _tried(desk: Desk, sheet: Path) -> None:
    desk.page.locator("input[type=file]").set_input_files(sheet)
    desk.press("imports_send")
    desk.press("columns_try")


@LANGUAGES
def test_records_staff_mend_a_refused_file_and_find_the_record(desk: Desk, tmp_path: Path):
    name = "翠湖家园" if desk.lang == "zh" else "碧湖家园"
    desk.go("/imports")
    _tried(desk, _sheet(tmp_path, "表一.csv", f"{name},住宅区,38.2,119.7", ",道路,119.7,38.2"))
    desk.until("import_rejected")
    issues = desk.page.locator("section[aria-labelledby=issues] tbody tr")
    assert issues.count() >= 2
    assert all(row.locator("td").last.inner_text() for row in issues.all()), "each with its remedy"
    desk.follow("imports_again")
    _tried(desk, _sheet(tmp_path, "表二.csv", f"{name},住宅区,119.7,38.2"))
    desk.until("import_would", count=1)
    desk.press("import_confirm", count=1)
    desk.until("import_see")
    desk.follow("import_see")
    desk.fill("register_q", name)
    desk.press("search_submit")
    desk.page.get_by_role("link", name=name, exact=True).click()
    history = desk.page.locator("section[aria-labelledby=history]")
    assert "表二.csv" in history.inner_text()


@LANGUAGES
def test_a_job_is_left_and_come_back_to(desk: Desk, tmp_path: Path):
    desk.go("/imports")
    rows = [f"甲村{number}组,居民点,119.7,38.2" for number in range(200)]
    _tried(desk, _sheet(tmp_path, "很多.csv", *rows))
    desk.page.wait_for_url("**/imports/*")
    left = desk.page.url
    desk.go("/rules")
    desk.go("/imports")
    desk.page.locator("section[aria-labelledby=past] tbody a").first.click()
    assert desk.page.url.partition("?")[0] == left.partition("?")[0]
    desk.page.locator("#issues").wait_for(timeout=120_000)


def _tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus, which must be seen."""
    for _ in range(80):
        if page.evaluate("s => !!document.activeElement?.matches(s)", selector):
            style = "getComputedStyle(document.activeElement).outlineStyle"
            assert page.evaluate(style) != "none", selector
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"not reached by Tab: {selector}")


def _enter(page: Page) -> None:
    """Press Enter, which leads to another page."""
    with page.expect_navigation(wait_until="networkidle"):
        page.keyboard.press("Enter")


@LANGUAGES
def test_a_name_is_tried_and_kept_by_keyboard_alone(desk: Desk):
    desk.go("/names")
    _tab_to(desk.page, "[name=name]")
    desk.page.keyboard.type("台湾路")
    _enter(desk.page)
    assert desk.page.locator(".verdict-pass").is_visible()
    _tab_to(desk.page, ".keep-check button")
    _enter(desk.page)
    desk.page.wait_for_url("**/names/kept/*")


@LANGUAGES
def test_a_finding_is_decided_by_keyboard_alone(desk: Desk):
    desk.go("/boundaries/lines")
    _tab_to(desk.page, "tbody tr:has(.tag) th a")
    _enter(desk.page)
    _tab_to(desk.page, "a[href*='/findings/F-']")
    _enter(desk.page)
    _tab_to(desk.page, "[name=act]")
    desk.page.keyboard.press("Space")
    _tab_to(desk.page, "[name=reason]")
    desk.page.keyboard.type(f"键盘 {desk.lang}")
    _tab_to(desk.page, ".decide button")
    _enter(desk.page)
    desk.page.get_by_text(f"键盘 {desk.lang}").first.wait_for()


@LANGUAGES
def test_a_record_is_found_and_slid_by_keyboard_alone(desk: Desk):
    desk.go("/register")
    _tab_to(desk.page, "[name=q]")
    desk.page.keyboard.type("明湖路")
    _enter(desk.page)
    desk.page.wait_for_url("**q=%E6%98%8E**")
    _tab_to(desk.page, "table.hits th a")
    _enter(desk.page)
    desk.page.wait_for_url("**/register/place-names/SYN-R003**")
    _tab_to(desk.page, "details.more summary")


@pytest.fixture
def guarded(tmp_path: Path, desk_services: Services) -> Iterator[tuple[str, str]]:
    """A server with sign-in on that nobody has entered yet, and its one-time secret."""
    settings = replace(
        desk_services.settings, auth=True, accounts=str(tmp_path / "accounts.sqlite")
    )
    made = compose.build(settings, clock=lambda: NOW)
    with serving(create_app(made, settings)) as told:
        yield told, made.office.first_secret()
    made.close()


def _changed_at_first_sign_in(desk: Desk, name: str, given: str) -> None:
    desk.fill("name", name, "access")
    desk.fill("password", given, "access")
    desk.press("sign_in", "access")
    desk.page.wait_for_url("**/account*")
    desk.page.locator("#f-old").fill(given)
    desk.page.locator("#f-new").fill(NEW)
    desk.page.locator("#f-again").fill(NEW)
    desk.press("change_password", "access")


@LANGUAGES
def test_from_the_one_time_secret_to_a_clerk_who_sees_what_he_may(chromium, guarded, lang):
    home, secret = guarded
    locale = "zh-CN" if lang == "zh" else "en-GB"
    with opened(chromium, home, locale=locale) as (page, witness):
        desk = Desk(page, home, lang)
        desk.go("/first-run")
        desk.fill("first_secret", secret, "access")
        desk.fill("name", "guanli-1", "access")
        desk.fill("person", "管理员甲", "access")
        desk.page.locator("#f-password").fill(PASSWORD)
        desk.press("first_submit", "access")
        page.wait_for_url("**/accounts*")
        page.locator("#add ~ form [name=name]").fill("jingban-1")
        page.locator("#add ~ form [name=person]").fill("经办人甲")
        page.locator("#add ~ form [value=clerk]").check()
        desk.press("add", "access")
        given = page.get_by_role("status").locator("code").inner_text()
        menu = page.get_by_role("navigation", name=desk.word("nav"), exact=True)
        assert menu.get_by_role("link", name=desk.word("nav_register")).count() == 0
        desk.press("sign_out", "access")
        page.wait_for_url("**/sign-in*")
        _changed_at_first_sign_in(desk, "jingban-1", given)
        desk.go("/register")
        assert menu.get_by_role("link", name=desk.word("nav_accounts"), exact=True).count() == 0
        desk.go("/boundaries/lines")
        page.locator("tbody tr:has(.tag) th a").first.click()
        desk.follow("finding_open")
        desk.says("decide_no_right")
        witness.assert_clean()
        desk.go("/accounts")
        assert page.locator(".error-page").is_visible()
        assert page.locator(".error-page .status").inner_text() == "403"
