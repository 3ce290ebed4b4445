"""Bearings in words and in figures, from true and from grid north, against the line."""

from __future__ import annotations

from datetime import date

import pytest

from geo_service.cities import city
from geo_service.domain.finding import Finding
from geo_service.geometry.course import grid_chord_deg, true_azimuth_deg
from geo_service.rules.descriptions import DescriptionCase
from geo_service.rules.descriptions._drawing import told
from geo_service.rules.markers._wording import dms
from geo_service.services.description_check import check_description

CITY = city("990100")
DAY = date(2024, 6, 1)
FAR_EAST = "LINESTRING(60000 0, 70000 8000)"
"""Where grid north is 0.4° off true north."""
ENDS = {1: (60000.0, 0.0), 2: (70000.0, 8000.0)}


def directions(case: DescriptionCase) -> list[Finding]:
    report = check_description(case, CITY, DAY)
    return [finding for finding in report.findings if finding.rule_id == "DS-DIR-01"]


def bearings_of(line: str) -> tuple[float, float]:
    """True and grid azimuth of a straight line."""
    course = told("", line).course
    assert course is not None
    first, last = course.points[[0, -1]]
    return true_azimuth_deg(first, last), grid_chord_deg(course, 0, course.length_m)


@pytest.mark.parametrize(("word", "own"), [("真方位角", 0), ("坐标方位角", 1), ("方位角", 1)])
def test_an_azimuth_is_held_against_the_north_it_is_counted_from(word: str, own: int) -> None:
    bearings = bearings_of(FAR_EAST)
    assert abs(bearings[0] - bearings[1]) > 0.3
    right = told(f"从1号界桩起，以{word}{dms(bearings[own])}至2号界桩止。", FAR_EAST, ENDS)
    wrong = told(f"从1号界桩起，以{word}{dms(bearings[1 - own])}至2号界桩止。", FAR_EAST, ENDS)

    assert directions(right) == []
    (finding,) = directions(wrong)
    assert f"疑为{('坐标方位角', '真方位角')[own]}" in finding.message.zh
    assert finding.measure is not None
    assert finding.measure.limit < 0.2


def test_figures_between_landmarks_are_allowed_what_the_landmarks_are_off() -> None:
    line, ends = "LINESTRING(0 0, 1000 0)", {1: (0.0, 0.0), 2: (1000.0, 0.0)}
    text = "从1号界桩起，以坐标方位角92度10分至石岭村，再向东至2号界桩止。"
    near = {"石岭村": (500.0, 20.0)}

    assert directions(told(text, line, ends, near)) == []
    assert directions(told(text.replace("92度", "99度"), line, ends, near)) != []


def test_a_turn_nobody_named_is_told_as_fitted() -> None:
    bent = "LINESTRING(0 0, 1000 0, 1000 -1000)"
    ends = {1: (0.0, 0.0), 2: (1000.0, -1000.0)}
    text = "从1号界桩起，向东至白石桥，转向北至2号界桩止。"

    (measured,) = directions(told(text, bent, ends, {"白石桥": (1000.0, 0.0)}))
    fitted = directions(told(text, bent, ends))

    assert "拟合" not in measured.message.zh
    assert fitted
    assert all("按走向拟合的转折点" in finding.message.zh for finding in fitted)
    assert all("turning points fitted" in finding.message.en for finding in fitted)


def test_azimuths_in_a_row_are_fitted_from_grid_north() -> None:
    bent = "LINESTRING(60000 0, 62000 0, 62000 -2500)"
    ends = {1: (60000.0, 0.0), 2: (62000.0, -2500.0)}
    _, first = bearings_of("LINESTRING(60000 0, 62000 0)")
    _, second = bearings_of("LINESTRING(62000 0, 62000 -2500)")

    def text(turned: float) -> str:
        return (
            f"从1号界桩起，以坐标方位角{dms(first)}直行，"
            f"转以坐标方位角{dms(second + turned)}至2号界桩止。"
        )

    assert directions(told(text(0), bent, ends)) == []
    assert directions(told(text(20), bent, ends)) != []
