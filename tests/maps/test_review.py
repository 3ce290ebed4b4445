"""The review map: what is drawn, what is written around it, and that nothing breaks out of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
import shapely
from shapely.geometry import box

from geo_service import cities
from geo_service.domain.provenance import Force, Provenance
from geo_service.maps.offline import check_offline
from geo_service.maps.review import boundary_map

AS_OF = date(2026, 11, 1)
_LAYER = re.compile(r"recordLayer\((\{.*?\}), \"(\w+)\"\);")


class Tags(HTMLParser):
    """Names and attributes of all elements, the text of the page outside scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._mute = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._mute = tag in ("script", "style")

    def handle_endtag(self, tag):  # noqa: ARG002 - the parser's signature
        self._mute = False

    def handle_data(self, data):
        if not self._mute:
            self.text += data


def layers(html: str) -> list[tuple[str, list[dict]]]:
    """Pane and features of every layer, in drawing order."""
    return [
        (match.group(2), json.loads(match.group(1))["features"]) for match in _LAYER.finditer(html)
    ]


@pytest.fixture
def draw(case, findings, city, assets):
    def run(**changes):
        values = {
            "case": case,
            "findings": findings,
            "city": city,
            "as_of": AS_OF,
            "lang": "zh",
            "assets": assets,
        } | changes
        return boundary_map(values.pop("case"), values.pop("findings"), **values)

    return run


def test_nothing_is_loaded_from_outside_in_either_form(draw):
    assert check_offline(draw()) == []
    whole = draw(single_file=True)
    assert check_offline(whole) == []
    assert "/static/" not in whole, "a single file needs no server"


def test_the_same_records_in_any_order_give_the_same_bytes(draw, case):
    shuffled = replace(case, units=case.units[::-1], lines=case.lines[::-1], nodes=case.nodes[::-1])
    assert draw() == draw() == draw(case=shuffled)


def test_layers_hold_every_record_once(draw):
    panes = [(pane, len(features)) for pane, features in layers(draw())]
    # an area or line finding is drawn as shape and mark; two findings have no place to draw
    assert panes == [
        ("units", 3),
        ("lines", 3),
        ("lines", 0),
        ("nodes", 1),
        ("nodes", 1),
        ("findings", 2),
        ("findings", 2),
        ("findings", 1),
        ("findings", 2),
    ]


def test_borders_are_drawn_as_lines_and_never_as_outlines_of_units(draw):
    drawn = layers(draw())
    assert all(f["properties"]["style"]["stroke"] is False for f in drawn[0][1])
    assert {f["geometry"]["type"] for _, fs in drawn[1:3] for f in fs} == {"LineString"}


def test_units_that_meet_have_different_fillings(draw):
    fills = [f["properties"]["style"]["fillColor"] for f in layers(draw())[0][1]]
    assert len(set(fills)) == 3


def test_findings_on_one_spot_stand_side_by_side(draw, findings):
    twin = replace(findings[2], id="F-0009", fingerprint="9" * 64)
    marks = layers(draw(findings=(findings[2], twin)))[7][1]
    assert [mark["properties"].get("shift") for mark in marks] == [None, 1]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_hostile_names_stay_text(draw, hostile, lang):
    html = draw(lang=lang)
    page = Tags(html)
    assert not any(tag == "img" for tag, _ in page.tags)
    assert not any(name.startswith("on") for _, attrs in page.tags for name in attrs)
    assert hostile not in html
    popups = [f["properties"]["popup"] for _, fs in layers(html) for f in fs]
    assert any("&lt;img src=x" in popup for popup in popups)
    assert not any("<img" in popup for popup in popups)
    assert any(hostile in f["properties"].get("label", "") for f in layers(html)[0][1])


@pytest.mark.parametrize(
    "name", ["{{7919*7907}}区", "{% if 1 %}7919{% endif %}区", "{# 7919 #}{{{区"]
)
def test_a_name_is_never_run_as_a_template(draw, case, findings, name):
    """folium reads what our templates gave as another template."""
    units = tuple(replace(unit, name=name) for unit in case.units)
    said = tuple(replace(f, subject=replace(f.subject, name=name)) for f in findings)
    html = draw(case=replace(case, units=units), findings=said)
    labels = [f["properties"].get("label", "") for f in layers(html)[0][1]]
    assert labels
    assert set(labels) == {name}
    assert any(name in f["properties"]["popup"] for _, fs in layers(html) for f in fs)


def test_popup_tells_severity_measure_limit_article_caveat_and_question(draw):
    popup = layers(draw())[5][1][0]["properties"]["popup"]
    for words in (
        "✕ 不得报送",
        "1,234.5 m²（限值 1 m²，城市配置）",
        "《某条例》（某号令）第四条第（二）项",
        "没有法律依据",
        "以哪一方协议书为准？",
        "BD-TEST-01 · F-0001",
        "辅助审查意见，不替代行政决定",
    ):
        assert words in popup


def test_the_sheet_says_what_the_map_is(draw):
    page = Tags(draw())
    assert ("html", {"lang": "zh-CN"}) in page.tags
    for words in (
        "示例市界线检查图",
        "审图号：无。内部工作用图，未经审核，不得公开",
        "2026-11-01",
        "示例",
        "均为虚构",
        "CGCS2000",
        "辅助审查意见，不替代行政决定",
        "另有 2 条问题没有位置",
    ):
        assert words in page.text
    english = Tags(draw(lang="en"))
    assert ("html", {"lang": "en"}) in english.tags
    assert "内部工作用图，未经审核，不得公开" in english.text


def test_open_data_are_marked_as_without_legal_force(draw, case):
    open_data = Provenance("开放数据", force=Force.EVALUATION)
    units = tuple(replace(unit, provenance=open_data) for unit in case.units)
    text = Tags(draw(case=replace(case, units=units, lines=(), nodes=()))).text
    assert "仅供评估，无法律效力" in text
    assert "均为虚构" not in text


def test_only_the_city_and_its_neighbours_are_drawn(draw, make_unit, case):
    qingdao = cities.city("370200")
    own = Provenance("本单位登记")
    near, far = box(120.2, 36.2, 120.4, 36.4), box(100, 30, 101, 31)
    units = (
        make_unit("370202", "市内的区", near, own),
        make_unit("370285", "以前的县级市", far, own),
        make_unit("370682", "相邻的县级市", far, own),
        make_unit("370299", "代码有误但位于本市", near, own),
        make_unit("110101", "远处的区", far, own),
        make_unit("370000", "全省", near, own),
        make_unit("370200", "全市", near, own),
    )
    html = draw(case=replace(case, units=units, lines=(), nodes=()), findings=(), city=qingdao)
    drawn = {f["properties"]["label"] for f in layers(html)[0][1]}
    assert drawn == {"市内的区", "以前的县级市", "相邻的县级市", "代码有误但位于本市"}
    assert "3 条记录不属于本市及毗邻县级单位，未绘制" in html


def test_an_empty_case_opens_on_the_city(draw, case, city):
    html = draw(case=replace(case, units=(), lines=(), nodes=()), findings=())
    west, south, east, north = city.extent
    assert f", [[{south},{west}],[{north},{east}]]);" in html


def test_drawing_leaves_the_records_alone(draw, case):
    before = [shapely.to_wkb(unit.geometry) for unit in case.units]
    draw()
    assert [shapely.to_wkb(unit.geometry) for unit in case.units] == before


def test_no_foreign_prefix_and_a_metric_scale(draw):
    html = draw()
    assert "attributionControl.setPrefix(false)" in html
    assert "L.control.scale({imperial: false})" in html
