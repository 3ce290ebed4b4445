"""Every page in every state: axe-core finds nothing serious, nothing runs over a phone's edge.

With SCREENSHOTS=<folder> each page is taken as it was looked at: `make screenshots`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import axe_playwright_python
import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient

from geo_service import compose
from geo_service.api.app import create_app
from geo_service.domain.access import Role
from geo_service.domain.change import RecordKind
from geo_service.jobs.runner import Runner
from geo_service.services.access import passwords
from geo_service.services.register import planning
from geo_service.services.register.acts import Signed
from geo_service.services.register.writing import carry_out
from geo_service.store.opening import open_store

from .conftest import NOW, opened, serving, writable
from .states import EMPTY, FORMS, STATES, State, rule_of, shot
from .test_import_pages import BAD, GOOD, ended, entries, sent

pytestmark = [pytest.mark.browser, pytest.mark.heavy]
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
PASSWORD = "kelp harbour 71 lantern"
WIDTHS = {"narrow": {"width": 390, "height": 844}, "wide": {"width": 1280, "height": 900}}
TAKEN = os.environ.get("SCREENSHOTS", "")
TALLEST = 1500
RUN = """async () => {
  const told = await axe.run(document, { resultTypes: ["violations"], iframes: false });
  return told.violations;
}"""


@dataclass(frozen=True)
class World:
    """The servers by name, what the register holds, and the cookies of who is signed in."""

    servers: dict[str, str]
    held: dict[str, str]
    sessions: dict[str, str]


def _client(services) -> TestClient:
    return TestClient(
        create_app(services, services.settings),
        base_url="http://127.0.0.1:8000",
        client=("127.0.0.1", 1),
        headers={"accept": "text/html", "accept-language": "zh-CN"},
    )


def _renamed(services) -> str:
    """A road with a history."""
    road = services.store.get(RecordKind.PLACE_NAMES, "SYN-R001")
    by = Signed(actor="经办人甲", reason="测试", document_no="示例文 1 号")
    change = planning.rename(
        services.store, road.id, replace(road, name="云柏路"), date(2024, 3, 1), by
    )
    carry_out(services.store, change)
    return road.id


def _worked(services, client: TestClient) -> dict[str, str]:
    """What staff did before: names kept, findings decided, files refused and stored."""
    kept = client.post("/names/kept?name=環海EE花園&type=estate", data={"x": ""})
    lines = re.findall(r'href="/boundaries/lines/(\w+)"', client.get("/boundaries/lines").text)
    pages = {line: client.get(f"/boundaries/lines/{line}").text for line in lines}
    found = [each for text in pages.values() for each in re.findall(r"/findings/(F-\w+)", text)]
    waived = next(
        each for each in found[1:] if 'value="waive"' in client.get(f"/findings/{each}").text
    )
    client.post(f"/findings/{waived}", data={"act": "waive", "reason": "双方约定保留"})
    refused = ended(client, client.post("/imports/try", data=entries(sent(client, BAD))))
    tried = ended(client, client.post("/imports/try", data=entries(sent(client, GOOD))))
    confirm = re.search(r'action="(/imports/[^"]+/confirm)"', tried.text)[1]
    stored = ended(client, client.post(confirm, data={"x": ""}))
    markers = client.get("/register?kind=markers").text
    return {
        "check": str(kept.url).rpartition("/")[2].partition("?")[0],
        "line": next(line for line, text in pages.items() if text.count("/findings/F-") > 2),
        "finding": found[0],
        "waived": waived,
        "rule": rule_of(client.get(f"/findings/{found[0]}").text),
        "marker": re.findall(r'/register/markers/([^"?]+)', markers)[0],
        "refused": str(refused.url).rpartition("/")[2],
        "tried": str(tried.url).rpartition("/")[2],
        "stored": str(stored.url).rpartition("/")[2],
    }


def _empty(folder: Path, settings) -> tuple:
    made = replace(
        settings,
        store=f"gpkg:{folder / 'empty.gpkg'}",
        jobs=str(folder / "none"),
        kept_checks=str(folder / "none.sqlite"),
    )
    open_store(made.store, create=True).close()
    return compose.build(made, clock=lambda: NOW)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("states")
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=1024))
        services = writable(folder)
        stack.callback(services.close)
        held = {"road": _renamed(services)} | _worked(services, _client(services))
        servers = {"": stack.enter_context(serving(create_app(services, services.settings)))}

        patch.setattr(Runner, "wake", lambda _: None)
        empty = _empty(folder, services.settings)
        stack.callback(empty.close)
        client = _client(empty)
        waiting = client.post("/imports/try", data=entries(sent(client, GOOD)))
        held["waiting"] = str(waiting.url).rpartition("/")[2]
        servers[EMPTY] = stack.enter_context(serving(create_app(empty, empty.settings)))

        guarded = replace(services.settings, auth=True, accounts=str(folder / "accounts.sqlite"))
        office = compose.build(guarded, clock=lambda: NOW)
        stack.callback(office.close)
        for role in Role:
            office.office.accounts.add(
                f"{role.value}-1", "某人", [role], actor="test", password=PASSWORD
            )
        servers[FORMS] = stack.enter_context(serving(create_app(office, guarded)))
        sessions = {
            f"{role.value}-1": office.office.sessions.sign_in(
                f"{role.value}-1", PASSWORD, "127.0.0.1", "test"
            )[0]
            for role in Role
        }
        yield World(servers, held, sessions)


def serious(page) -> list[str]:
    """What axe-core calls serious or critical, in a page; framed maps are states of their own."""
    return [
        f"{fault['id']}: {fault['help']} — {node['html'][:200]} {node['target']}"
        for fault in page.evaluate(RUN)
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"][:3]
    ]


def looked_at(page, state: State, lang: str) -> list[str]:
    """What is wrong at either width; the page is taken on the way where that is asked for."""
    wrong = []
    for width, size in WIDTHS.items():
        page.set_viewport_size(size)
        page.wait_for_timeout(200)
        if TAKEN and (lang == "zh" or (state.in_english and width == "wide")):
            shot(page, Path(TAKEN, f"{state.name}-{width}-{lang}.webp"), TALLEST)
        wrong += [f"{lang} {width}: {fault}" for fault in serious(page)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append(f"{lang} {width}: runs over the edge")
    return wrong


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_a_page_can_be_used_by_everybody_at_any_width(chromium, world, state: State):
    home = world.servers[state.server]
    with opened(chromium, home, viewport=WIDTHS["narrow"], bypass_csp=True) as (page, witness):
        page.add_init_script(AXE)
        if state.signed_in:
            cookie = {"name": "session", "value": world.sessions[state.signed_in], "url": home}
            page.context.add_cookies([cookie])
        wrong = []
        for lang in ("zh", "en"):
            page.goto(home + state.address(world.held, lang), wait_until="load")
            if state.steps:
                state.steps(page)
            else:
                page.wait_for_load_state("networkidle")
            wrong += looked_at(page, state, lang)
        assert wrong == []
        assert witness.foreign == []
        assert state.is_refusal or witness.complaints == []
