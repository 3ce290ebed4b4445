"""Every page in every state that staff can meet it in, by name: for axe, widths and screenshots."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page

EMPTY = "empty"
"""The server over a register that holds nothing."""
FORMS = "forms"
"""The server with sign-in on."""

Steps = Callable[[Page], None]


@dataclass(frozen=True)
class State:
    """One page in one state: its address, and what is done there before anybody looks.

    `{...}` in the address stands for what the world of the tests holds under that name.
    """

    name: str
    path: str
    server: str = ""
    signed_in: str = ""
    steps: Steps | None = None
    is_refusal: bool = False
    """The answer is an error by intent, of which a browser complains on its console."""

    @property
    def in_english(self) -> bool:
        """Whether it is kept as a picture in English too."""
        return self.name in ENGLISH

    def address(self, held: dict[str, str], lang: str) -> str:
        """The path of the page in one language."""
        path = self.path.format(**held)
        return f"{path}{'&' if '?' in path else '?'}lang={lang}"


def _drawn(page: Page) -> None:
    page.locator("#map[data-ready]").wait_for()
    page.locator("#list:not([hidden]) tbody tr").first.wait_for()


def _asked(page: Page) -> None:
    _drawn(page)
    for _ in range(20):  # a tile that is not drawn yet has nothing to tell
        page.locator(".maplibregl-canvas").press("Enter")
        if page.locator(".maplibregl-popup").is_visible():
            return
        page.wait_for_timeout(500)
    raise AssertionError(page.locator("#map-state").inner_text())


def _without_tiles(page: Page) -> None:
    page.route("**/tiles/**", lambda route: route.abort())
    page.reload()
    page.get_by_role("alert").wait_for()


def _waiting(page: Page) -> None:
    """The list that follows the page is kept waiting."""
    page.route("**/overview/findings*", lambda _: None)
    page.reload(wait_until="load")
    page.locator("#found ~ div .loading").wait_for()


def _folded_out(page: Page) -> None:
    button = page.locator(".menu-button")
    if button.is_visible():
        button.click()


def _slid(page: Page) -> None:
    page.locator("#f-slide").press("Home")
    page.wait_for_url("**as_of=*")


def _all_told(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")


def _file(name: str, content: str) -> list[dict[str, object]]:
    return [{"name": name, "mimeType": "text/csv", "buffer": content.encode()}]


def _sent_names(page: Page) -> None:
    rows = "名称,类别\n曼哈顿广场,住宅区\n福安路,道路\n台湾路,道路\n,道路\n"
    page.locator("#f-file").set_input_files(_file("名称表.csv", rows))
    page.locator("button[value=show]").click()
    page.locator("#answers").wait_for()


def _sent_no_table(page: Page) -> None:
    page.locator("#f-file").set_input_files(_file("名单.pdf", "x"))
    page.locator("button[value=show]").click()
    page.locator("#e-file").wait_for()


def _sent_to_import(page: Page) -> None:
    rows = "地名,类别,备注甲\n翠湖家园,住宅区,无\n"
    page.locator("#f-file").set_input_files(_file("地名表.csv", rows))
    page.locator("main form button").last.click()
    page.locator("#c-1").wait_for()


def _sent_no_import(page: Page) -> None:
    page.locator("#f-file").set_input_files(_file("名单.exe", "x"))
    page.locator("main form button").last.click()
    page.locator("#e-file").wait_for()


def _decided_without_reason(page: Page) -> None:
    page.locator("input[name=act]").first.check()
    page.locator("[name=reason]").evaluate("field => field.removeAttribute('required')")
    page.locator(".decide button").click()
    page.wait_for_load_state()


def _entered_wrongly(page: Page) -> None:
    page.locator("#f-name").fill("nobody")
    page.locator("#f-password").fill("not the password")
    page.locator("main form button").click()
    page.get_by_role("alert").wait_for()


def _name(name: str, **told: str) -> str:
    return "/names?" + "&".join(f"{k}={quote(v)}" for k, v in {"name": name, **told}.items())


PROHIBITED = _name("環海EE花園", type="estate", site_area_m2="3000", lon="119.7", lat="38.5")
NEAR = _name("听泉路", type="road", lon="119.75", lat="38.55")

ENGLISH = (
    "overview",
    "names-fail",
    "names-batch-done",
    "boundaries",
    "line",
    "finding",
    "record",
    "layers-asked",
    "import-refused",
    "rule",
    "missing",
    "accounts",
)
STATES = (
    State("overview", "/"),
    State("overview-menu", "/", steps=_folded_out),
    State("overview-loading", "/", steps=_waiting),
    State("overview-empty", "/", EMPTY),
    State("names", "/names"),
    State("names-fault", "/names?name=&type=road&lon=999&lat=38", is_refusal=True),
    State("names-fail", PROHIBITED),
    State("names-near", NEAR),
    State("names-pass", _name("台湾路", type="road"), steps=_all_told),
    State("names-kept", "/names/kept"),
    State("names-kept-empty", "/names/kept", EMPTY),
    State("names-kept-one", "/names/kept/{check}"),
    State("names-kept-again", "/names/kept/{check}?again=true"),
    State("names-batch", "/names/batch"),
    State("names-batch-done", "/names/batch", steps=_sent_names),
    State("names-batch-fault", "/names/batch", steps=_sent_no_table, is_refusal=True),
    State("search", "/names/search"),
    State("search-found", "/names/search?q=hemu"),
    State("search-none", "/names/search?q=%E6%9F%A5%E6%97%A0%E6%AD%A4%E5%90%8D"),
    State("boundaries", "/boundaries"),
    State("boundaries-filtered-none", "/boundaries?severity=prohibited&unit=990105"),
    State("boundaries-empty", "/boundaries", EMPTY),
    State("lines", "/boundaries/lines"),
    State("lines-empty", "/boundaries/lines", EMPTY),
    State("line", "/boundaries/lines/{line}"),
    State("finding", "/findings/{finding}"),
    State("finding-fault", "/findings/{finding}", steps=_decided_without_reason, is_refusal=True),
    State("finding-waived", "/findings/{waived}"),
    State("register", "/register"),
    State("register-none", "/register?q=%E6%9F%A5%E6%97%A0%E6%AD%A4%E5%90%8D"),
    State("register-empty", "/register", EMPTY),
    State("record", "/register/place-names/{road}"),
    State("record-slid", "/register/place-names/{road}", steps=_slid),
    State("record-name", "/register/place-names/SYN-R002"),
    State("record-unit", "/register/units/990102"),
    State("record-marker", "/register/markers/{marker}"),
    State("record-missing", "/register/place-names/none", is_refusal=True),
    State("changes", "/register/changes"),
    State(
        "changes-found",
        "/register/changes?unit=990100&start=2024-01-01&end=2026-11-23",
    ),
    State("changes-empty", "/register/changes", EMPTY),
    State("layers", "/maps/layers", steps=_drawn),
    State("layers-asked", "/maps/layers", steps=_asked),
    State("layers-fault", "/maps/layers", steps=_without_tiles, is_refusal=True),
    State("layers-empty", "/maps/layers", EMPTY),
    State("imports", "/imports"),
    State("imports-empty", "/imports", EMPTY),
    State("imports-fault", "/imports", steps=_sent_no_import, is_refusal=True),
    State("imports-columns", "/imports", steps=_sent_to_import),
    State("import-waiting", "/imports/{waiting}", EMPTY),
    State("import-refused", "/imports/{refused}"),
    State("import-tried", "/imports/{tried}"),
    State("import-stored", "/imports/{stored}"),
    State("rules", "/rules"),
    State("rule", "/rules/NM-CHAR-01"),
    State("rule-boundaries", "/rules/{rule}"),
    State("coverage", "/rules/coverage"),
    State("ogc", "/ogc?f=html"),
    State("ogc-collections", "/ogc/collections?f=html"),
    State("ogc-collection", "/ogc/collections/place-names?f=html"),
    State("ogc-items", "/ogc/collections/place-names/items?f=html"),
    State("ogc-item", "/ogc/collections/place-names/items/{road}?f=html"),
    State("map-boundaries", "/map/boundaries"),
    State("map-names", "/map/names?name=%E5%90%AC%E6%B3%89%E8%B7%AF"),
    State("missing", "/nothing-here", is_refusal=True),
    State("bad-parameter", "/register?colour=red", is_refusal=True),
    State("sign-in", "/sign-in", FORMS),
    State("sign-in-fault", "/sign-in", FORMS, steps=_entered_wrongly, is_refusal=True),
    State("accounts", "/accounts", FORMS, "administrator-1"),
    State("account", "/account", FORMS, "clerk-1"),
    State("sign-ins", "/sign-ins", FORMS, "auditor-1"),
    State("overview-administrator", "/", FORMS, "administrator-1"),
    State("no-right-register", "/register", FORMS, "administrator-1", is_refusal=True),
    State("no-right-map", "/maps/layers", FORMS, "viewer-1", is_refusal=True),
    State("finding-no-right", "/findings/{finding}", FORMS, "clerk-1"),
)


def rule_of(html: str) -> str:
    """The rule a page of a finding tells."""
    return re.findall(r"/rules/([A-Z0-9-]+)", html)[0]


def shot(page: Page, target: Path, tallest: int) -> None:
    """The page as WebP: whole, or its upper part where it is longer than `tallest`."""
    import base64

    size = page.evaluate(
        "[document.documentElement.clientWidth, document.documentElement.scrollHeight]"
    )
    clip = {"x": 0, "y": 0, "width": size[0], "height": min(size[1], tallest), "scale": 1}
    session = page.context.new_cdp_session(page)
    taken = session.send(
        "Page.captureScreenshot",
        {"format": "webp", "quality": 45, "captureBeyondViewport": True, "clip": clip},
    )
    target.write_bytes(base64.b64decode(taken["data"]))
