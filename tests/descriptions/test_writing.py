"""What is written from a line comes back as the same legs and contradicts nothing."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiLineString, Point

sys.path.insert(0, str(Path(__file__).parent))

import seeded

from geo_service.cities import city
from geo_service.domain.alignment import Landmark
from geo_service.domain.identity import MarkerNumber
from geo_service.errors import InputError
from geo_service.geometry.course import course_of
from geo_service.language.alignment import parse
from geo_service.rules.descriptions import DescriptionCase
from geo_service.services.description_check import check_description
from geo_service.services.descriptions import describe

CITY = city("990100")


def _drawn(seed: int) -> seeded.Layers:
    return seeded.layers(seeded.world(Random(seed)))  # noqa: S311 - a reproducible draw


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_a_written_description_contradicts_nothing(seed: int) -> None:
    drawn = _drawn(seed)
    written = describe(drawn.line, drawn.markers, drawn.landmarks, drawn.features, city=CITY)
    case = DescriptionCase(
        parse(written.text),
        CITY.plane_epsg,
        drawn.line,
        drawn.markers,
        drawn.landmarks,
        drawn.features,
    )
    report = check_description(case, CITY, date(2024, 6, 1))
    assert report.counts["unparsed"] == 0
    assert not report.findings, written.text
    assert not written.left_out


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_the_legs_that_come_back_add_up_to_the_line(seed: int) -> None:
    drawn = _drawn(seed)
    written = describe(drawn.line, drawn.markers, city=CITY)
    segments = parse(written.text)
    course = course_of(drawn.line.geometry, CITY.plane_epsg)
    assert course is not None
    assert [(s.start and s.start.serial, s.end and s.end.serial) for s in segments] == [
        (number, number + 1) for number in range(1, len(drawn.markers))
    ]
    stated = [clause.length_m for segment in segments for clause in segment.clauses]
    assert all(length is not None for length in stated)
    assert sum(filter(None, stated)) == pytest.approx(course.length_m, abs=0.06 * len(stated))
    for segment in segments:
        words = [clause.direction for clause in segment.clauses]
        assert all(words)
        assert all(one != other for one, other in pairwise(words))


def test_numbers_give_the_direction_not_the_drawing() -> None:
    drawn = _drawn(7)
    assert drawn.line.geometry is not None
    turned = replace(drawn.line, geometry=drawn.line.geometry.reverse())
    assert describe(turned, drawn.markers, city=CITY) == describe(
        drawn.line, drawn.markers, city=CITY
    )


def test_without_markers_the_ends_are_named_as_ends() -> None:
    (segment, *_) = parse(describe(_drawn(7).line, (), city=CITY).text)
    assert segment.start is not None
    assert segment.end is not None
    assert (segment.start.text, segment.end.text) == ("界线首端", "界线末端")


def test_a_name_that_would_be_misread_is_left_out_and_told() -> None:
    drawn = _drawn(7)
    assert isinstance(drawn.line.geometry, LineString)
    middle = drawn.line.geometry.interpolate(0.5, normalized=True)
    assert isinstance(middle, Point)
    written = describe(
        drawn.line,
        drawn.markers,
        [Landmark("过驾村", middle), Landmark("石岭村", middle)],
        city=CITY,
    )
    assert written.left_out == ("过驾村",)
    assert "石岭村" in written.text


def test_a_line_in_pieces_is_refused() -> None:
    drawn = _drawn(7)
    pieces = MultiLineString([[(120, 38), (120.1, 38)], [(120.2, 38), (120.3, 38)]])
    with pytest.raises(InputError) as refusal:
        describe(replace(drawn.line, geometry=pieces), drawn.markers, city=CITY)
    assert refusal.value.code == "line_in_pieces"


def test_markers_of_another_line_are_not_written_in() -> None:
    drawn = _drawn(7)
    foreign = tuple(
        replace(marker, line_code="990101-990103", number=MarkerNumber("077Q"))
        for marker in drawn.markers
    )
    alone = describe(drawn.line, drawn.markers, city=CITY)

    assert describe(drawn.line, (*foreign, *drawn.markers), city=CITY) == alone
