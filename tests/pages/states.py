"""Every page in every state that staff can meet it in, by name: for axe, widths and screenshots."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, TimeoutError

EMPTY = "empty"
"""The server over a register that holds nothing."""
FORMS = "forms"
"""The server with sign-in on."""
FIRST = "first"
"""The server with sign-in on that nobody has entered yet."""
LIMITED = "limited"
"""The server that takes short files alone."""
BUSY = "busy"
"""The server behind a proxy that takes one request from each sender."""

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
    on_paper: bool = False
    """Looked at as it is printed, at the width of A4."""

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
    settled(page)


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


def _swiped(page: Page) -> None:
    page.locator("#swipe[data-ready]").wait_for()


def _printed(page: Page) -> None:
    _swiped(page)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")


def _both_copies(page: Page) -> None:
    _swiped(page)
    page.locator("input[name=shown][value=both]").check()


def _to_a_stretch(page: Page) -> None:
    _swiped(page)
    page.locator("[data-stretch]").first.click()
    page.locator("#swipe .leaflet-popup").wait_for()


def _stands(page: Page) -> None:
    """A page that asks for itself again and again has no quiet network."""
    page.locator("#stands").wait_for()


def _no_copies(page: Page) -> None:
    page.locator("#f-file_b").evaluate("field => field.removeAttribute('required')")
    page.locator("main form button").first.click()
    page.get_by_role("alert").wait_for()


def _drawing(page: Page) -> None:
    page.locator("#draw summary").click()
    page.locator("#draw-map[data-ready]").wait_for()
    for x, y in ((80, 150), (150, 260), (220, 220)):
        page.locator("#draw-map").click(position={"x": x, "y": y})
    page.wait_for_function("document.getElementById('f-drawn').value.split('\\n').length === 3")
    page.wait_for_load_state("networkidle")


def _wrong_secret(page: Page) -> None:
    page.locator("#f-secret").fill("not the secret")
    page.locator("#f-name").fill("guanli-1")
    page.locator("#f-person").fill("管理员甲")
    page.locator("#f-password").fill("kelp harbour 71 lantern")
    page.locator("main form button").click()
    page.get_by_role("alert").wait_for()


def _locked_out(page: Page) -> None:
    page.locator("#f-name").fill("locked-1")
    page.locator("#f-password").fill("kelp harbour 71 lantern")
    page.locator("main form button").click()
    page.get_by_role("alert").wait_for()


def _password_reset(page: Page) -> None:
    page.locator("tr", has_text="new-2").locator("form:has([value=reset]) button").click()
    page.get_by_role("status").wait_for()


def _token_made(page: Page) -> None:
    page.locator("#f-title").fill("制图组 QGIS")
    page.locator("[name=right][value='content.read']").check()
    page.locator("form:has(#f-title) button").click()
    page.get_by_role("status").wait_for()


PROXIED = {"x-forwarded-for": "192.0.2.9", "x-forwarded-proto": "https"}


def _too_often(page: Page) -> None:
    """As somebody behind a proxy, whose requests are counted."""
    page.route(
        re.compile("/sign-in[?]"),
        lambda route: route.continue_(headers={**route.request.headers, **PROXIED}),
    )
    for _ in range(20):
        page.reload()
        if page.locator(".error-page").is_visible():
            return
    raise AssertionError("never refused")


def _sent_too_much(page: Page) -> None:
    rows = "名称,类别\n" + "和睦路,道路\n" * 120_000
    page.locator("#f-file").set_input_files(_file("很长.csv", rows))
    page.locator("main form button").last.click()
    page.locator(".error-page, .fault").first.wait_for()


def _draft_refused(page: Page) -> None:
    page.locator("[name=r_name]").fill("望海路")
    page.locator("[name=r_unit_code]").fill("甲区")
    page.locator("main form button").last.click()
    page.get_by_role("alert").wait_for()


def _approved_without_number(page: Page) -> None:
    page.locator("input[name=act][value=approve]").check()
    page.locator(".decide button").click()
    page.get_by_role("alert").wait_for()
    page.locator("iframe").first.scroll_into_view_if_needed()  # it is loaded when it is near
    settled(page)


def _columns_unmapped(page: Page) -> None:
    rows = "甲,乙\n翠湖家园,住宅区\n"
    page.locator("#f-file").set_input_files(_file("无列名.csv", rows))
    page.locator("main form button").last.click()
    page.wait_for_url("**/imports/columns**")


def _name(name: str, **told: str) -> str:
    return "/names?" + "&".join(f"{k}={quote(v)}" for k, v in {"name": name, **told}.items())


PROHIBITED = _name("環海EE花園", type="estate", site_area_m2="3000", lon="119.7", lat="38.5")
NEAR = _name("听泉路", type="road", lon="119.75", lat="38.55")

DRAWN = "119.70 38.54 119.75 38.55 119.80 38.56"
COMMITTEE, CLERK, OFFICE = "committee-1", "clerk-1", "boundary-office-1"
OFFICE_TOO = "boundary-office-2"

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
    State("names-drawing", "/names", steps=_drawing),
    State("names-drawn", _name("和睦路", type="road", drawn=DRAWN)),
    State("names-drawn-fault", _name("和睦路", type="road", drawn="119.7"), is_refusal=True),
    State("sheet", "/names/sheet" + PROHIBITED.removeprefix("/names")),
    State("sheet-drawn", "/names/sheet" + _name("和睦路", drawn=DRAWN).removeprefix("/names")),
    State("sheet-kept", "/names/kept/sheet?id={check}"),
    State("names-kept", "/names/kept"),
    State("names-kept-empty", "/names/kept", EMPTY),
    State("names-kept-one", "/names/kept/{check}"),
    State("names-kept-again", "/names/kept/{check}?again=true"),
    State("names-batch", "/names/batch"),
    State("names-batch-done", "/names/batch", steps=_sent_names),
    State("names-batch-fault", "/names/batch", steps=_sent_no_table, is_refusal=True),
    State("search", "/names/search"),
    State("search-found", "/names/search?q=tingquan"),
    State("search-none", "/names/search?q=%E6%9F%A5%E6%97%A0%E6%AD%A4%E5%90%8D"),
    State("boundaries", "/boundaries"),
    State("boundaries-filtered-none", "/boundaries?severity=prohibited&unit=990105"),
    State("boundaries-empty", "/boundaries", EMPTY),
    State("lines", "/boundaries/lines"),
    State("lines-empty", "/boundaries/lines", EMPTY),
    State("line", "/boundaries/lines/{line}"),
    State("line-sheet", "/boundaries/lines/{line}/sheet"),
    State("import-filed", "/imports/filed/1"),
    State("finding", "/findings/{finding}"),
    State("finding-fault", "/findings/{finding}", steps=_decided_without_reason, is_refusal=True),
    State("finding-waived", "/findings/{waived}"),
    State("copies-form", "/boundaries/compare"),
    State("copies-form-empty", "/boundaries/compare", FORMS, "surveyor-1"),
    State("copies-form-fault", "/boundaries/compare", steps=_no_copies, is_refusal=True),
    State("copies", "/boundaries/compare/{copies}", steps=_swiped),
    State("copies-both", "/boundaries/compare/{copies}", steps=_both_copies),
    State("copies-stretch", "/boundaries/compare/{copies}", steps=_to_a_stretch),
    State("copies-same", "/boundaries/compare/{copies_same}", steps=_swiped),
    State("copies-refused", "/boundaries/compare/{copies_refused}"),
    State("copies-running", "/boundaries/compare/{copies_running}", EMPTY, steps=_stands),
    State("drafts", "/drafts?view=all", FORMS, COMMITTEE),
    State("drafts-waiting", "/drafts", FORMS, COMMITTEE),
    State("drafts-mine", "/drafts?view=mine", FORMS, CLERK),
    State("drafts-empty", "/drafts", EMPTY),
    State("drafts-no-right", "/drafts", FORMS, "surveyor-1"),
    State("draft-form", "/drafts/new/place-names", FORMS, CLERK),
    State("draft-form-record", "/drafts/new/place-names?target=SYN-R008", FORMS, CLERK),
    State(
        "draft-form-fault",
        "/drafts/new/place-names?target=SYN-R008",
        FORMS,
        CLERK,
        steps=_draft_refused,
        is_refusal=True,
    ),
    State("draft-form-line", "/drafts/new/boundary-lines", FORMS, OFFICE),
    State("draft-edit", "/drafts/{draft_own}/edit", FORMS, CLERK),
    State("draft-own", "/drafts/{draft_own}", FORMS, CLERK),
    State("draft-own-waiting", "/drafts/{draft_waiting}", FORMS, CLERK),
    State("draft-approve", "/drafts/{draft_waiting}", FORMS, COMMITTEE),
    State("draft-moved", "/drafts/{draft_moved}", FORMS, COMMITTEE),
    State("draft-declined", "/drafts/{draft_declined}", FORMS, CLERK),
    State("draft-approved", "/drafts/{draft_approved}", FORMS, CLERK),
    State("draft-withdrawn", "/drafts/{draft_withdrawn}", FORMS, CLERK),
    State("draft-line-own", "/drafts/{draft_line}", FORMS, OFFICE),
    State("draft-line-approve", "/drafts/{draft_line}", FORMS, OFFICE_TOO),
    State("draft-file-own", "/drafts/{file_waiting}", FORMS, OFFICE),
    State("draft-file-approve", "/drafts/{file_waiting}", FORMS, OFFICE_TOO),
    State(
        "draft-file-fault",
        "/drafts/{file_waiting}",
        FORMS,
        OFFICE_TOO,
        steps=_approved_without_number,
        is_refusal=True,
    ),
    State("draft-file-moved", "/drafts/{file_moved}", FORMS, OFFICE_TOO),
    State("draft-file-approved", "/drafts/{file_approved}", FORMS, OFFICE_TOO),
    State("draft-file-declined", "/drafts/{file_declined}", FORMS, OFFICE),
    State("draft-file-withdrawn", "/drafts/{file_withdrawn}", FORMS, OFFICE),
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
    State("imports-empty", "/imports", FORMS, OFFICE),
    State("imports-fault", "/imports", steps=_sent_no_import, is_refusal=True),
    State("imports-columns", "/imports", steps=_sent_to_import),
    State("imports-unmapped", "/imports", steps=_columns_unmapped),
    State("imports-jobs", "/imports", EMPTY),
    State("import-waiting", "/imports/{waiting}", EMPTY, steps=_stands),
    State("import-running", "/imports/{running}", EMPTY, steps=_stands),
    State("import-cancelled", "/imports/{cancelled}", EMPTY),
    State("import-failed", "/imports/{failed}", EMPTY),
    State("import-interrupted", "/imports/{interrupted}", EMPTY),
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
    State("map-record", "/map/record/place-names/{road}"),
    State("map-register", "/map/register"),
    State("map-search", "/map/search?q=tingquan"),
    State("map-changes", "/map/changes?from=2024-01-01&to=2026-11-23"),
    State("map-draft", "/map/draft/{draft_own}/after", FORMS, CLERK),
    State("missing", "/nothing-here", is_refusal=True),
    State("bad-parameter", "/register?colour=red", is_refusal=True),
    State("bad-value", "/register?as_of=yesterday", is_refusal=True),
    State("too-often", "/sign-in", BUSY, steps=_too_often, is_refusal=True),
    State("too-much", "/imports", LIMITED, steps=_sent_too_much, is_refusal=True),
    State("first-run", "/first-run", FIRST),
    State("first-run-fault", "/first-run", FIRST, steps=_wrong_secret, is_refusal=True),
    State("first-run-over", "/first-run", FORMS, is_refusal=True),
    State("sign-in", "/sign-in", FORMS),
    State("sign-in-fault", "/sign-in", FORMS, steps=_entered_wrongly, is_refusal=True),
    State("sign-in-locked", "/sign-in", FORMS, steps=_locked_out, is_refusal=True),
    State("accounts", "/accounts", FORMS, "administrator-1"),
    State("accounts-reset", "/accounts", FORMS, "administrator-1", steps=_password_reset),
    State("account", "/account", FORMS, CLERK),
    State("account-token", "/account", FORMS, CLERK, steps=_token_made),
    State("account-must-change", "/account", FORMS, "new-1"),
    State("sign-ins", "/sign-ins", FORMS, "auditor-1"),
    State("overview-administrator", "/", FORMS, "administrator-1"),
    State("overview-viewer", "/", FORMS, "viewer-1"),
    State("overview-clerk", "/", FORMS, CLERK),
    State("register-viewer", "/register", FORMS, "viewer-1"),
    State("record-viewer", "/register/place-names/{road}", FORMS, "viewer-1", is_refusal=True),
    State("no-right-register", "/register", FORMS, "administrator-1", is_refusal=True),
    State("no-right-map", "/maps/layers", FORMS, "viewer-1", is_refusal=True),
    State("finding-no-right", "/findings/{finding}", FORMS, CLERK),
    *(
        State(f"{name}-print", path, steps=steps, on_paper=True)
        for name, path, steps in (
            ("overview", "/", None),
            ("names-fail", PROHIBITED, None),
            ("names-kept-one", "/names/kept/{check}", None),
            ("sheet", "/names/kept/sheet?id={check}", None),
            (
                "sheet-drawn",
                "/names/sheet" + _name("和睦路", drawn=DRAWN).removeprefix("/names"),
                None,
            ),
            ("boundaries", "/boundaries", None),
            ("lines", "/boundaries/lines", None),
            ("line", "/boundaries/lines/{line}", None),
            ("line-sheet", "/boundaries/lines/{line}/sheet", None),
            ("finding", "/findings/{finding}", None),
            ("copies", "/boundaries/compare/{copies}", _printed),
            ("register", "/register", None),
            ("record", "/register/place-names/{road}", None),
            ("changes", "/register/changes?unit=990100&start=2024-01-01&end=2026-11-23", None),
            ("layers", "/maps/layers", _drawn),
            ("import-refused", "/imports/{refused}", None),
            ("rule", "/rules/NM-CHAR-01", None),
            ("map-boundaries", "/map/boundaries", None),
        )
    ),
)


def settled(page: Page) -> None:
    """The page has come and its network is quiet; that of a busy machine may never be."""
    page.wait_for_load_state("load")
    with suppress(TimeoutError):
        page.wait_for_load_state("networkidle", timeout=8000)


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
