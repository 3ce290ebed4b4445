"""The map beside a verdict."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
from shapely.geometry import Point

from geo_service.domain.finding import Digest, NearName, Outcome, Romanization, Verdict
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NamedPlace, ReadingSource
from geo_service.domain.provenance import Force, Provenance
from geo_service.domain.text import Text
from geo_service.maps.names import names_map
from geo_service.maps.offline import check_offline

_LAYER = re.compile(r"recordLayer\((\{.*?\}), \"(\w+)\"\);")


def features(html: str, pane: str) -> list[list[dict]]:
    return [
        json.loads(match.group(1))["features"]
        for match in _LAYER.finditer(html)
        if match.group(2) == pane
    ]


@pytest.fixture
def verdict(hostile) -> Verdict:
    why = (Text("读音相同", "same sound"),)
    return Verdict(
        name="幸福路" + hostile,
        feature_type=FeatureType.ROAD,
        as_of=date(2026, 11, 1),
        outcome=Outcome.REVIEW,
        findings=(),
        near=(
            NearName("P1", "幸福街", 0.9, why, 1234.5),
            NearName("P2", "兴福村" + hostile, 0.8, why),
            NearName("P3", "已注销", 0.8, why),
        ),
        romanization=Romanization("Xìngfú Lù", ReadingSource.GUESSED),
        digest=Digest("r", "d", "c"),
        notice=Text("辅助审查意见，不替代行政决定", "Advice only"),
    )


@pytest.fixture
def places() -> dict[str, NamedPlace]:
    def place(key: str, position: Point | None) -> NamedPlace:
        return NamedPlace(
            id=key,
            name=key,
            feature_type=FeatureType.ROAD,
            provenance=Provenance("示例数据", force=Force.SYNTHETIC),
            unit_code=DivisionCode("990102"),
            geometry=position,
        )

    return {"P1": place("P1", Point(120.1, 36.1)), "P2": place("P2", None)}


@pytest.fixture
def draw(verdict, places, case, city, assets):
    def run(position: tuple[float, float] | None, lang: str = "zh") -> str:
        return names_map(
            verdict, places, case, position=position, city=city, lang=lang, assets=assets
        )

    return run


def test_placed_names_are_points_others_shade_their_county(draw):
    html = draw((120.15, 36.12))
    assert check_offline(html) == []
    _, shaded = features(html, "units")
    assert len(shaded) == 1
    assert "兴福村" in shaded[0]["properties"]["popup"]
    assert "登记中没有这些地名的坐标" in shaded[0]["properties"]["popup"]
    near, proposed = features(html, "findings")
    assert [f["geometry"]["coordinates"] for f in near] == [[120.1, 36.1]]
    assert "1,234.5 m" in near[0]["properties"]["popup"]
    assert [f["geometry"]["coordinates"] for f in proposed] == [[120.15, 36.12]]


def test_without_a_position_nothing_is_marked_as_proposed(draw):
    html = draw(None, lang="en")
    assert len(features(html, "findings")) == 1
    assert "Proposed place" not in html


def test_hostile_names_stay_text(draw, hostile):
    html = draw((120.1, 36.1))
    assert hostile not in html
    assert "<img" not in html
