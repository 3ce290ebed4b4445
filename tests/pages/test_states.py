"""Every page in every state: axe-core finds nothing serious, nothing runs over a phone's edge.

With SCREENSHOTS=<folder> each page is taken as it was looked at: `make screenshots`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import axe_playwright_python
import pytest

from .conftest import opened
from .states import STATES, State, settled, shot
from .world import World, inhabited

pytestmark = [pytest.mark.browser, pytest.mark.heavy]
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
WIDTHS = {"narrow": {"width": 390, "height": 844}, "wide": {"width": 1280, "height": 900}}
PAPER = {"paper": {"width": 688, "height": 971}}
"""What A4 leaves between its margins, at 96 pixels to the inch."""
TAKEN = os.environ.get("SCREENSHOTS", "")
TALLEST = 1500
RUN = """async () => {
  const told = await axe.run(document, { resultTypes: ["violations"], iframes: true });
  return told.violations;
}"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with inhabited(tmp_path_factory.mktemp("states")) as made:
        yield made


def serious(page) -> list[str]:
    """What axe-core calls serious or critical, in a page and in the maps that it frames."""
    return [
        f"{fault['id']}: {fault['help']} — {node['html'][:200]} {node['target']}"
        for fault in page.evaluate(RUN)
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"][:3]
    ]


def looked_at(page, state: State, lang: str, width: str) -> list[str]:
    """What is wrong with a page as it stands; it is taken where that is asked for."""
    page.emulate_media(media="print" if state.on_paper else "screen")
    page.wait_for_timeout(200)
    if TAKEN and (lang == "zh" or width != "narrow"):
        shot(page, Path(TAKEN, f"{state.name}-{width}-{lang}.webp"), TALLEST)
    wrong = [f"{lang} {width}: {fault}" for fault in serious(page)]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        wrong.append(f"{lang} {width}: runs over the edge")
    return wrong


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_a_page_can_be_used_by_everybody_at_any_width(chromium, world, state: State):
    home = world.servers[state.server]
    wrong = []
    with opened(chromium, home, bypass_csp=True) as (page, witness):
        page.add_init_script(AXE)
        if state.signed_in:
            cookie = {"name": "session", "value": world.sessions[state.signed_in], "url": home}
            page.context.add_cookies([cookie])
        for lang, width in product(("zh", "en"), PAPER if state.on_paper else WIDTHS):
            page.set_viewport_size({**WIDTHS, **PAPER}[width])
            page.goto(home + state.address(world.held, lang), wait_until="load")
            if state.steps:
                state.steps(page)
            else:
                settled(page)
            wrong += looked_at(page, state, lang, width)
    assert wrong == []
    assert witness.foreign == []
    assert state.is_refusal or witness.complaints == []
