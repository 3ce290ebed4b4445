"""What an applicant tells of size and nature, told in figures or drawn in a file."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from geo_service.cities import CityProfile, city
from geo_service.cli.main import app
from geo_service.domain.place import FeatureType
from geo_service.domain.proposal import NOTHING_TOLD, FeatureFacts, RoadClass
from geo_service.errors import InputError
from geo_service.messages import explain, message
from geo_service.rules.names import Standing
from geo_service.services.drawn_feature import as_drawn, read_feature
from geo_service.services.facts import checked_facts, fact_names, read_facts
from geo_service.services.names import NameRequest, check_name

DAY = date(2024, 6, 1)
FIGURES = [name for name in fact_names() if name not in ("road_class", "seat", "applicant")]


def run(*arguments: str) -> Result:
    runner = CliRunner(env={"GEO_SERVICE_LANG": "zh", "GEO_SERVICE_STORE": None})
    return runner.invoke(app, ["name", "check", *arguments, "--no-register"])


def test_every_fact_can_be_told_and_is_worded() -> None:
    told = read_facts(
        dict.fromkeys(FIGURES, "12") | {"road_class": "lane", "seat": "甲村", "applicant": " "}
    )
    assert told.site_area_m2 == 12.0
    assert told.road_class is RoadClass.LANE
    assert (told.seat, told.applicant) == ("甲村", "")
    assert set(fact_names()) == {field.name for field in fields(FeatureFacts)}
    for name in fact_names():
        assert message(f"facts.{name}").zh


@given(st.sampled_from(FIGURES), st.floats(min_value=0, max_value=1e12))
def test_a_figure_comes_back_as_told(name: str, value: float) -> None:
    assert getattr(read_facts({name: repr(value)}), name) == value


@given(st.sampled_from(FIGURES), st.floats().filter(lambda x: not (math.isfinite(x) and x >= 0)))
def test_an_impossible_figure_is_refused_however_it_is_told(name: str, value: float) -> None:
    for attempt in (
        lambda: read_facts({name: repr(value)}),
        lambda: checked_facts(FeatureFacts(**{name: value})),  # type: ignore[arg-type]
        lambda: check_name(
            NameRequest(
                "云霄路",
                FeatureType.ROAD,
                Standing.PROPOSED,
                DAY,
                facts=FeatureFacts(**{name: value}),  # type: ignore[arg-type]
            ),
            city("370200"),
            None,
        ),
    ):
        with pytest.raises(InputError) as refusal:
            attempt()
        assert refusal.value.code == "fact_impossible"


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"width": "3"}, "fact_unknown"),
        ({"width_m": "thirty"}, "fact_malformed"),
        ({"road_class": "alley"}, "fact_malformed"),
    ],
)
def test_what_cannot_be_read_is_told(told: dict[str, str], code: str) -> None:
    with pytest.raises(InputError) as refusal:
        read_facts(told)
    assert refusal.value.code == code


def test_a_figure_is_shown_as_the_fact_would_be_written() -> None:
    figures = [name for name in fact_names() if name not in ("road_class", "seat", "applicant")]
    for name in figures:
        with pytest.raises(InputError) as refusal:
            read_facts({name: "abc"})
        written = explain(refusal.value, "zh").partition("如 ")[2].rstrip("。")
        assert read_facts({name: written}) != NOTHING_TOLD
    assert "12000" not in written


@pytest.mark.parametrize("text", ["width=3", "width_m", "=3", "width_m 3"])
def test_a_slip_on_the_command_line_lists_the_known_facts(text: str) -> None:
    result = run("云霄路", "--fact", text)
    assert result.exit_code == 2
    assert "site_area_m2" in result.stderr
    assert "road_class" in result.stderr


def test_the_same_fact_twice_is_a_slip_and_a_bad_figure_is_refused() -> None:
    assert run("云霄路", "--fact", "width_m=3", "--fact", "width_m=4").exit_code == 2
    assert run("云霄路", "--fact", "width_m=-3").exit_code == 3
    assert run("云霄路", "--fact", "width_m\uff1d30", "--fact", "road_class=lane").exit_code == 0


# --- drawn ---------------------------------------------------------------------------------------


def drawn(path: Path, profile: CityProfile, **facts: Any) -> NameRequest:
    geometry = read_feature(path, city=profile, today=DAY, lang="zh")
    request = NameRequest(
        "云霄路", FeatureType.ROAD, Standing.PROPOSED, DAY, facts=FeatureFacts(**facts)
    )
    return as_drawn(request, geometry)


Maker = Callable[..., Path]
CORNER = {"type": "LineString", "coordinates": [[120.38, 36.0], [120.39, 36.0], [120.39, 36.01]]}
SQUARE = {
    "type": "Polygon",
    "coordinates": [
        [[120.38, 36.0], [120.39, 36.0], [120.39, 36.01], [120.38, 36.01], [120.38, 36.0]]
    ],
}


def test_a_line_tells_length_sinuosity_and_middle(geojson: Maker, city: CityProfile) -> None:
    request = drawn(geojson([({}, CORNER)]), city)
    # 0.01° of longitude and of latitude at 36° N on the CGCS2000 ellipsoid: 901.7 m and 1109.6 m
    assert request.facts.length_m == pytest.approx(2011.2, abs=1.0)
    assert request.facts.sinuosity == pytest.approx(2011.2 / math.hypot(901.7, 1109.6), abs=0.01)
    assert request.position == pytest.approx((120.39, 36.0), abs=0.001)


def test_an_area_tells_its_site_and_a_point_only_its_place(
    geojson: Maker, city: CityProfile
) -> None:
    site = drawn(geojson([({}, SQUARE)]), city)
    assert site.facts.site_area_m2 == pytest.approx(901.7 * 1109.6, rel=1e-3)
    point = drawn(geojson([({}, {"type": "Point", "coordinates": [120.38, 36.0]})]), city)
    assert point.facts == FeatureFacts()
    assert point.position == (120.38, 36.0)


def test_what_the_applicant_told_is_not_overwritten(geojson: Maker, city: CityProfile) -> None:
    assert drawn(geojson([({}, CORNER)]), city, length_m=2000.0).facts.length_m == 2000.0


@pytest.mark.parametrize("count", [0, 2])
def test_a_file_must_hold_one_feature(geojson: Maker, city: CityProfile, count: int) -> None:
    with pytest.raises(InputError) as refusal:
        read_feature(geojson([({}, CORNER)] * count), city=city, today=DAY, lang="zh")
    assert refusal.value.code in ("feature_file_not_one", "feature_file_refused")


def test_the_command_line_measures_a_file(geojson: Maker, tmp_path: Path) -> None:
    assert run("云霄路", "--geometry", str(geojson([({}, CORNER)]))).exit_code == 0
    missing = run("云霄路", "--geometry", str(tmp_path / "none.geojson"), "--json")
    assert missing.exit_code == 3
    assert json.loads(missing.stdout)["code"] == "feature_file_refused"


def test_a_check_says_what_it_could_not_look_at() -> None:
    untold = run("云杉花园", "--type", "estate").stdout
    assert "未提供规模、性质）：通名与规模" in untold
    assert "所在区划不明）：冠他处行政区划名" in untold
    told = run("云杉花园", "--type", "estate", "--fact", "storeys=3").stdout
    assert "未提供规模" not in told


def test_a_file_without_a_system_is_refused_until_one_is_told(tmp_path: Path) -> None:
    path = tmp_path / "road.csv"
    wkt = "LINESTRING (500000 4000000, 501000 4000000)"
    path.write_text(f'name,geometry\n云霄路,"{wkt}"\n', encoding="utf-8")
    refused = run("云霄路", "--geometry", str(path), "--json")
    assert refused.exit_code == 3
    assert json.loads(refused.stdout)["code"] == "feature_file_refused"
    assert run("云霄路", "--geometry", str(path), "--crs", "EPSG:4549").exit_code == 0
