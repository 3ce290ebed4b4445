"""One name for several things: the answer does not hang on which comes last in a file."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from itertools import permutations
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import seeded
from shapely.geometry import LineString, MultiLineString, Point

from geo_service.cities import city
from geo_service.domain.alignment import FollowedFeature, Landmark
from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.identity import DivisionCode, MarkerNumber
from geo_service.domain.marker import BoundaryMarker, MarkerKind
from geo_service.domain.provenance import Force, Provenance
from geo_service.language.alignment import parse
from geo_service.rules.descriptions import DescriptionCase
from geo_service.services.description_check import check_description

CITY = city("990100")
DAY = date(2024, 6, 1)
CODE = "990101-990102"
OWN = Provenance("示例")


def at(*places: tuple[float, float]) -> list[tuple[float, float]]:
    """Degrees of places in metres from a corner of the grid."""
    easting, northing = seeded._ORIGIN
    return seeded._degrees(tuple((easting + x, northing + y) for x, y in places))


def line(*places: tuple[float, float], provenance: Provenance = OWN) -> AdministrativeBoundary:
    return AdministrativeBoundary(
        code=CODE,
        name="甲乙线",
        left_code=DivisionCode("990101"),
        right_code=DivisionCode("990102"),
        provenance=provenance,
        geometry=LineString(at(*places)),
    )


def stone(serial: int, place: tuple[float, float], code: str = CODE) -> BoundaryMarker:
    return BoundaryMarker(
        number=MarkerNumber(f"{serial:03d}Q"),
        line_code=code,
        kind=MarkerKind.SINGLE,
        provenance=OWN,
        position=Point(at(place)[0]),
    )


EAST = DescriptionCase(
    (),
    seeded.PLANE_EPSG,
    line((0, 0), (1000, 0)),
    (stone(1, (0, 0)), stone(2, (1000, 0))),
)


def found(case: DescriptionCase, text: str) -> list[tuple[str, str]]:
    report = check_description(replace(case, segments=parse(text)), CITY, DAY)
    return [(finding.rule_id, finding.severity.name.lower()) for finding in report.findings]


def landmark(name: str, place: tuple[float, float], current: str = "") -> Landmark:
    return Landmark(name, Point(at(place)[0]), current)


def test_of_landmarks_of_one_name_the_nearest_counts() -> None:
    text = "从1号界桩起，向东，经白石桥至2号界桩止。"
    both = (landmark("白石桥", (500, 10)), landmark("白石桥", (500, 3000)))
    for landmarks in permutations(both):
        assert found(replace(EAST, landmarks=landmarks), text) == []
    assert found(replace(EAST, landmarks=both[1:]), text) == [("DS-LMK-01", "info")]


def test_a_name_is_renamed_only_where_nothing_bears_it_any_more() -> None:
    text = "从1号界桩起，向东，经白石桥至2号界桩止。"
    both = (landmark("白石桥", (500, 10)), landmark("白石桥", (500, 12), "新桥"))
    for landmarks in permutations(both):
        assert found(replace(EAST, landmarks=landmarks), text) == []


@pytest.mark.parametrize("name", ["白石桥", "石桥"])
def test_a_landmark_far_off_or_without_a_name_ends_no_leg(name: str) -> None:
    far = replace(EAST, landmarks=(landmark(name, (400, 3000)),))
    near = replace(EAST, landmarks=(landmark(name, (400, 5)),))
    text = f"从1号界桩起，向东行500米至{name}，再向东行500米至2号界桩止。"
    assert not {rule for rule, _ in found(far, text)} & {"DS-LEN-01", "DS-DIR-01"}
    lengths = [rule for rule, _ in found(near, text) if rule == "DS-LEN-01"]
    assert len(lengths) == (2 if name == "白石桥" else 0)


def river(*places: tuple[float, float]) -> FollowedFeature:
    return FollowedFeature("清水河", LineString(at(*places)))


PIECES = (river((-50, 5), (300, 5)), river((300, 5), (600, 5)), river((610, 5), (1050, 5)))


@pytest.mark.parametrize("way", ["顺流而下", "溯流而上"])
def test_a_river_in_pieces_is_one_river(way: str) -> None:
    text = f"从1号界桩起，沿清水河{way}至2号界桩止。"
    parts = MultiLineString([piece.geometry.coords for piece in PIECES])
    expected = [] if way == "顺流而下" else [("DS-FLOW-01", "info")]
    for features in (*permutations(PIECES), (FollowedFeature("清水河", parts),)):
        assert found(replace(EAST, features=features), text) == expected


def test_markers_of_another_line_move_no_marker_of_this_one() -> None:
    text = "从1号界桩起，向东至2号界桩止。该段界线长度为1.000千米。"
    others = (
        stone(1, (5000, 4000), "990101-990103"),
        stone(2, (0, 3000), "990101-990103"),
        stone(3, (500, 0), "990101-990103"),
    )
    for markers in permutations((*EAST.markers, *others)):
        assert found(replace(EAST, markers=markers), text) == []
    third = replace(EAST, markers=(*EAST.markers, *others))
    assert set(found(third, text.replace("2号", "3号"))) == {("DS-NODE-01", "advised_against")}


def test_markers_of_several_lines_none_of_which_is_this_one_are_nobodys() -> None:
    text = "从1号界桩起，向东至2号界桩止。"
    markers = tuple(stone(n, (n * 100, 0), f"990101-99010{n}") for n in (2, 3))
    case = replace(EAST, line=replace(line((0, 0), (1000, 0)), code="990101-990104"))
    assert found(replace(case, markers=markers), text) == []


@pytest.mark.parametrize(
    ("force", "severity"),
    [(Force.OFFICIAL, "advised_against"), (Force.EVALUATION, "info"), (Force.SYNTHETIC, "info")],
)
def test_a_length_against_open_data_is_for_information(force: Force, severity: str) -> None:
    text = "从1号界桩起，向东至2号界桩止。该段界线长度为{}千米。"
    drawn = line((0, 0), (1000, 0), provenance=Provenance("示例", force=force))
    for stated in ("1.241", "0.800"):
        case = replace(EAST, line=drawn)
        assert found(case, text.format(stated)) == [("DS-LEN-01", severity)]
