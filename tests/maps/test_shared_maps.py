"""Maps that go out as files: whole in themselves, for their audience, with a place for 审图号."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date

import pytest
from shapely.geometry import LineString, Point

from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Force, Label, Provenance
from geo_service.errors import InputError
from geo_service.maps.changes import Moment, changes_map
from geo_service.maps.offline import check_offline
from geo_service.maps.plan import plan_map
from geo_service.maps.review import boundary_map
from geo_service.maps.sharing import Sharing
from geo_service.rules.names import Standing
from geo_service.services.name_batch import answered, batch_of
from geo_service.services.name_sheet import NameRow
from geo_service.services.names import NameRequest

_LAYER = re.compile(r"recordLayer\((\{.*?\}), \"(\w+)\"\);")
BEFORE, AFTER = date(2020, 1, 1), date(2026, 11, 1)
NUMBER = "示例S(2026)000号"
REGISTERED = Provenance("本单位登记", force=Force.OFFICIAL)
OPEN = replace(REGISTERED, label=Label.PUBLIC)


def drawn(html: str) -> list[dict]:
    """All features of a map but those of its ground."""
    return [
        feature
        for text, pane in _LAYER.findall(html)
        if pane == "findings"
        for feature in json.loads(text)["features"]
    ]


def hints(html: str) -> set[str]:
    return {feature["properties"].get("hint", "") for feature in drawn(html)} - {""}


def place(key: str, name: str, spot: tuple[float, float], provenance=REGISTERED) -> NamedPlace:
    return NamedPlace(
        id=key,
        name=name,
        feature_type=FeatureType.VILLAGE,
        provenance=provenance,
        geometry=Point(spot),
    )


def of_bureau(case, provenance=REGISTERED):
    """The case as if it stood in the register of the bureau: no sample."""
    return replace(
        case,
        units=tuple(replace(unit, provenance=provenance) for unit in case.units),
        lines=tuple(replace(line, provenance=provenance) for line in case.lines),
        nodes=tuple(replace(node, provenance=provenance) for node in case.nodes),
    )


@pytest.fixture
def change(city, assets):
    """`change(before, after, places=(old, new), sharing=…)` draws the map of two days."""

    def make(before, after, places=((), ()), sharing=None, lang="zh") -> str:
        was, now = Moment(BEFORE, before, places[0]), Moment(AFTER, after, places[1])
        return changes_map(was, now, city=city, lang=lang, assets=assets, sharing=sharing)

    return make


def test_a_public_map_needs_a_number_and_a_sample_takes_none(case, city, assets, findings):
    with pytest.raises(InputError) as refused:
        Sharing(Label.PUBLIC)
    assert refused.value.code == "map_number_needed"
    with pytest.raises(InputError) as refused:
        boundary_map(
            case,
            findings,
            city=city,
            as_of=AFTER,
            lang="zh",
            assets=assets,
            sharing=Sharing(review_number=NUMBER),
        )
    assert refused.value.code == "map_number_on_sample"


@pytest.mark.parametrize(("lang", "word"), [("zh", "未经审核，不得公开"), ("en", "not reviewed")])
def test_without_a_number_its_place_is_empty_and_the_sheet_says_so(change, case, lang, word):
    html = change(case, case, sharing=Sharing(), lang=lang)
    assert "\uff3f" * 8 in html
    assert word in html
    assert check_offline(html) == []
    assert "/static/vendor" not in html, "everything is inside"
    assert html == change(case, case, sharing=Sharing(), lang=lang), "the same data, the same bytes"


def test_a_number_that_is_given_stands_on_the_map(change, case):
    case = of_bureau(case)
    html = change(case, case, sharing=Sharing(review_number=NUMBER))
    assert f"审图号：{NUMBER}" in html
    assert "不得公开" not in html


def test_before_and_after_show_what_is_new_gone_renamed_and_redrawn(change, case, make_unit):
    a, b, c = case.units
    renamed, new = replace(a, name="甲市"), make_unit("990104", "丁县", a.geometry)
    moved = replace(case.lines[0], geometry=LineString([(120.2, 36), (120.21, 36.2)]))
    after = replace(case, units=(renamed, b, new), lines=(moved, case.lines[1]))
    old = (place("P1", "旧村", (120.1, 36.1)), place("P2", "留村", (120.1, 36.15)))
    now = (place("P2", "留村", (120.1, 36.15)), place("P3", "新村", (120.3, 36.1)))
    html = change(case, after, (old, now))
    assert hints(html) == {"甲市", "丁县", c.name, "旧村", "新村"}
    popups = " ".join(feature["properties"]["popup"] for feature in drawn(html))
    assert "更名" in popups
    assert "变更前没有" in popups
    assert "变更后不再有" in popups
    lines = [f for f in drawn(html) if f["geometry"]["type"] == "LineString"]
    courses = [line["geometry"]["coordinates"] for line in lines]
    assert [[120.2, 36], [120.2, 36.2]] in courses, "where the moved line ran before"
    assert len(lines) == 2, "the moved one and the one that is gone"
    assert "有变更的单位 3 个、界线 2 条、地名 2 个" in html


def test_two_days_that_say_the_same_change_nothing(change, case):
    html = change(case, case, ((place("P", "村", (120, 36)),),) * 2)
    assert drawn(html) == []
    assert "有变更的单位 0 个、界线 0 条、地名 0 个" in html


def test_the_public_sees_public_records_alone_and_no_exact_place(change, case):
    whole = of_bureau(case, OPEN)
    canary = replace(whole.units[1], name="内部甲", provenance=REGISTERED)
    secret = replace(whole.lines[1], name="内部乙", provenance=REGISTERED)
    shown = replace(
        whole, units=(whole.units[0], canary), lines=(whole.lines[0], secret), nodes=whole.nodes
    )
    hidden = (
        place("P8", "内部丙", (120.1234567, 36.1)),
        place("P9", "公开村", (120.1234567, 36.1), OPEN),
    )
    sharing = Sharing(Label.PUBLIC, NUMBER)
    html = change(replace(shown, units=(), lines=()), shown, ((), hidden), sharing)
    assert "公开村" in html
    assert "内部" not in re.sub(r"\(function|内部工作用图", "", html)
    assert '"nodes");' not in "".join(
        m.group(0) for m in _LAYER.finditer(html) if '"features":[{' in m.group(0)
    )
    assert "120.1234567" not in html
    assert "120.123," in html


@pytest.fixture
def plan(case, city, assets, hostile):
    """A plan of three names with a place and one without."""

    def ask(number: int, name: str, spot: tuple[float, float] | None) -> NameRow:
        return NameRow(number, NameRequest(name, FeatureType.ROAD, Standing.PROPOSED, AFTER, spot))

    rows = [
        ask(2, "松涛路", (119.5, 38.5)),
        ask(3, "台湾路", (119.7, 38.5)),
        ask(4, "曼哈顿路", (119.9, 38.5)),
        ask(5, "无处路", None),
    ]
    return plan_map(
        list(answered(rows, batch_of(city, None))),
        case,
        source=f"plan{hostile}.csv",
        city=city,
        as_of=AFTER,
        lang="zh",
        assets=assets,
        sharing=Sharing(),
    )


def test_a_plan_shows_each_name_by_how_it_came_out(plan, hostile):
    marks = {f["properties"]["hint"]: f["properties"]["mark"] for f in drawn(plan)}
    assert set(marks) == {"松涛路", "台湾路", "曼哈顿路"}
    assert marks["松涛路"] == "✓"
    assert marks["曼哈顿路"] == "✕"
    assert "另有 1 个名称没有位置" in plan
    assert "辅助审查意见，不替代行政决定" in plan
    assert hostile not in plan
    assert check_offline(plan) == []
    assert DivisionCode("990101") in plan
