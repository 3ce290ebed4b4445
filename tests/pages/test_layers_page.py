"""The page of the layers: what it says without scripts, on a day, and where there is nothing."""

from __future__ import annotations

import json
import re

import pytest
from fastapi.testclient import TestClient

from geo_service.maps.offline import check_offline


def data_of(html: str) -> dict:
    return json.loads(re.search(r'id="layers-data">(.*?)</script>', html, re.DOTALL)[1])


def test_an_empty_register_is_said_to_be_empty(empty_client: TestClient) -> None:
    html = empty_client.get("/maps/layers?lang=zh&as_of=2026-11-23").text
    assert "2026-11-23 没有可在地图上显示的内容" in html
    assert "layers-data" not in html


@pytest.mark.parametrize(("lang", "word"), [("zh", "图例与图层"), ("en", "Legend and layers")])
def test_the_page_names_its_layers_signs_source_and_standing(
    browser_client: TestClient, lang: str, word: str
) -> None:
    html = browser_client.get(f"/maps/layers?lang={lang}").text
    assert word in html
    assert ("审图号：无" if lang == "zh" else "Map review number: none") in html
    assert "示例" in html
    assert check_offline(html) == []


def test_the_style_asks_for_nothing_but_tiles_of_this_server(browser_client: TestClient) -> None:
    style = data_of(browser_client.get("/maps/layers?as_of=2026-11-01").text)["style"]
    assert not {"glyphs", "sprite"} & set(style)
    for source in style["sources"].values():
        [address] = source["tiles"]
        assert address.startswith("http://127.0.0.1:8000/ogc/collections/")
        assert address.endswith("?as_of=2026-11-01")


def test_a_day_that_is_none_is_refused(browser_client: TestClient) -> None:
    assert browser_client.get("/maps/layers?as_of=gestern").status_code == 422


def test_the_public_sees_no_map(browser_client: TestClient) -> None:
    answer = browser_client.get("/maps/layers", headers={"x-forwarded-for": "203.0.113.7"})
    assert answer.status_code in (401, 403)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_a_popup_says_is_in_words(browser_client: TestClient, lang: str) -> None:
    data = data_of(browser_client.get(f"/maps/layers?lang={lang}").text)
    for layer, titles in data["fields"].items():
        for key, _ in titles:
            for code, word in data["values"][layer].get(key, {}).items():
                assert word, (layer, key, code)
                assert lang == "en" or not word.isascii(), (layer, key, code)
    county = {"zh": "县级", "en": "county"}[lang]
    assert data["values"]["units"]["level"]["county"] == county
