"""A line is cut at its markers, in the direction of their numbers, and comes back from a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from shapely.geometry import LineString, MultiLineString, Point

from geo_service.cities import city
from geo_service.domain.alignment import FollowedFeature
from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.identity import DivisionCode, MarkerNumber
from geo_service.domain.marker import BoundaryMarker, MarkerKind
from geo_service.domain.provenance import Force, Provenance
from geo_service.domain.supporting.papers import BoundarySection
from geo_service.domain.text import Text
from geo_service.errors import InputError
from geo_service.services.interchange.exporting import export_layers
from geo_service.services.interchange.layers import read_layers
from geo_service.services.sections import section_layer, sections_of

CITY = city("990100")
INVENTED = Provenance("示例", force=Force.SYNTHETIC)
LEFT, RIGHT = DivisionCode("990101"), DivisionCode("990102")
COURSE = LineString([(119.6, 38.5), (119.62, 38.501), (119.64, 38.5), (119.66, 38.502)])


def line(course=COURSE) -> AdministrativeBoundary:
    return AdministrativeBoundary(
        code="99010001010102",
        name="甲乙线",
        left_code=LEFT,
        right_code=RIGHT,
        provenance=INVENTED,
        geometry=course,
    )


def marker(number: str, lon: float, lat: float) -> BoundaryMarker:
    kind = MarkerKind.SINGLE if number.endswith("Q") else MarkerKind.PAIRED
    return BoundaryMarker(
        number=MarkerNumber(number),
        line_code="99010001010102",
        kind=kind,
        provenance=INVENTED,
        position=Point(lon, lat),
    )


MARKERS = (
    marker("001Q", 119.6, 38.5),
    marker("002A", 119.62, 38.5012),
    marker("002B", 119.62, 38.5008),
    marker("003Q", 119.66, 38.502),
)


def test_a_pair_of_stones_ends_one_section_and_the_lengths_add_up() -> None:
    first, second = sections_of(line(), MARKERS, city=CITY)
    assert (first.start_marker, first.end_marker) == ("001", "002")
    assert (second.start_marker, second.end_marker) == ("002", "003")
    assert (first.left_code, first.right_code) == (LEFT, RIGHT)
    (whole,) = sections_of(line(), (), city=CITY)
    assert first.length_km + second.length_km == pytest.approx(whole.length_km, abs=0.002)
    assert first.moves_with_feature is None


def test_numbers_that_grow_against_the_drawing_change_the_sides() -> None:
    drawn_backwards = line(LineString(COURSE.coords[::-1]))
    first, second = sections_of(drawn_backwards, MARKERS, city=CITY)
    assert (first.start_marker, second.end_marker) == ("001", "003")
    assert (first.left_code, first.right_code) == (RIGHT, LEFT)
    assert first.geometry.coords[0] == pytest.approx((119.6, 38.5))


def test_ends_without_a_marker_are_named_as_such() -> None:
    (first, last) = sections_of(line(), MARKERS[1:3], city=CITY)
    assert (first.start_marker, first.end_marker) == ("界线首端", "002")
    assert (last.start_marker, last.end_marker) == ("002", "界线末端")


def test_a_feature_counts_where_the_whole_section_keeps_to_it() -> None:
    river = FollowedFeature("清河", LineString([*COURSE.coords[:2], (119.64, 38.52)]))
    first, second = sections_of(line(), MARKERS, (river,), city=CITY)
    assert (first.feature, second.feature) == ("清河", "")


def test_a_line_in_pieces_is_refused() -> None:
    pieces = MultiLineString([COURSE.coords[:2], [(119.7, 38.5), (119.72, 38.5)]])
    with pytest.raises(InputError, match="line_in_pieces"):
        sections_of(line(pieces), MARKERS, city=CITY)


@pytest.mark.parametrize("name", ["sections.gpkg", "sections.geojson", "sections.csv"])
def test_sections_come_back_from_a_file(tmp_path: Path, name: str) -> None:
    river = FollowedFeature("清河", COURSE)
    written = sections_of(line(), MARKERS, (river,), city=CITY)
    export_layers([section_layer(written)], tmp_path / name, Text("示例", "example"))
    # A table says nothing of its system: whoever hands it in has to.
    system = "EPSG:4490" if name.endswith(".csv") else ""
    files = [("sections", tmp_path / name)]
    read = read_layers(files, city=CITY, today=date(2026, 1, 1), crs=system)
    assert not read.refused, read.issues
    back = read.supporting.all(BoundarySection)
    assert [s.id for s in back] == [s.id for s in written]
    for one, other in zip(written, back, strict=True):
        for field in ("start_marker", "end_marker", "left_code", "right_code", "feature"):
            assert getattr(one, field) == getattr(other, field)
        assert one.length_km == other.length_km
        assert other.provenance.force is Force.SYNTHETIC
