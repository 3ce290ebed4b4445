"""Lines and nodes read off units drawn as one coverage."""

import pytest
import shapely

from geo_service.domain.boundary import NodeKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.identity import DivisionCode, LineCode
from geo_service.domain.provenance import Provenance
from geo_service.geometry.network import derive_network, line_code, runs_backwards

SAID = Provenance("示例")
HOME = DivisionCode("990100")


def unit(code: str, wkt: str) -> AdministrativeUnit:
    shape = shapely.transform(shapely.from_wkt(wkt), lambda xy: xy * 0.01 + (120, 38))
    return AdministrativeUnit(code=DivisionCode(code), name=code, provenance=SAID, geometry=shape)


WEST = unit("990101", "POLYGON((0 0, 1 0, 1 1, 1 2, 0 2, 0 0))")
SOUTH = unit("990102", "POLYGON((1 0, 2 0, 2 1, 1 1, 1 0))")
NORTH = unit("990103", "POLYGON((1 1, 2 1, 2 2, 1 2, 1 1))")
ABROAD = unit("990201", "POLYGON((2 0, 3 0, 3 2, 2 2, 2 1, 2 0))")


def test_three_units_meet_in_one_tripoint_and_their_lines_end_at_the_sea():
    network = derive_network([NORTH, WEST, SOUTH], home=HOME, provenance=SAID)

    assert [line.code for line in network.lines] == [
        LineCode("99010001010102"),
        LineCode("99010001010103"),
        LineCode("99010001020103"),
    ]
    kinds = [(node.id, node.kind) for node in network.nodes]
    assert kinds == [
        ("S-990101-990102", NodeKind.SEA_END),
        ("S-990101-990103", NodeKind.SEA_END),
        ("S-990102-990103", NodeKind.SEA_END),
        ("T-990101-990102-990103", NodeKind.TRIPOINT),
    ]
    assert all(line.geometry.geom_type == "LineString" for line in network.lines)


def test_lines_run_from_west_to_east_or_north_to_south_with_their_sides_right():
    network = derive_network([NORTH, WEST, SOUTH, ABROAD], home=HOME, provenance=SAID)

    for line in network.lines:
        (x0, y0), (x1, y1) = line.geometry.coords[0], line.geometry.coords[-1]
        assert x1 > x0 or y1 < y0
    sides = {line.code[-8:]: (line.left_code, line.right_code) for line in network.lines}
    assert sides["01010103"] == ("990103", "990101")  # southward: east is on the left
    assert sides["01020103"] == ("990103", "990102")  # eastward: north is on the left


def test_neighbours_count_with_us_but_not_among_themselves():
    further = unit("990202", "POLYGON((3 0, 4 0, 4 2, 3 2, 3 0))")
    network = derive_network([NORTH, WEST, SOUTH, ABROAD, further], home=HOME, provenance=SAID)

    pairs = {tuple(sorted(line.parties)) for line in network.lines}
    assert ("990102", "990201") in pairs
    assert ("990201", "990202") not in pairs
    everything = derive_network([ABROAD, further], home=None, provenance=SAID)
    assert len(everything.lines) == 1


def test_an_enclave_has_a_closed_line_and_no_nodes():
    outer = unit("990101", "POLYGON((0 0, 9 0, 9 9, 0 9, 0 0), (3 3, 3 6, 6 6, 6 3, 3 3))")
    inner = unit("990102", "POLYGON((3 3, 6 3, 6 6, 3 6, 3 3))")
    network = derive_network([outer, inner], home=HOME, provenance=SAID)

    assert network.lines[0].geometry.is_closed
    assert network.nodes == ()


def test_units_that_meet_twice_have_two_parts_and_numbered_nodes():
    outer = unit("990101", "POLYGON((0 0, 1 0, 1 1, 1 2, 1 3, 0 3, 0 0))")
    across = unit("990102", "POLYGON((1 0, 2 0, 2 3, 1 3, 1 2, 1.5 2, 1.5 1, 1 1, 1 0))")
    third = unit("990103", "POLYGON((1 1, 1.5 1, 1.5 2, 1 2, 1 1))")
    network = derive_network([outer, across, third], home=HOME, provenance=SAID)

    line = next(line for line in network.lines if line.parties == {"990101", "990102"})
    assert shapely.get_num_geometries(line.geometry) == 2
    tripoints = [node.id for node in network.nodes if node.kind is NodeKind.TRIPOINT]
    assert tripoints == ["T-990101-990102-990103", "T-990101-990102-990103-2"]


def test_units_that_do_not_adjoin_have_no_network():
    alone = derive_network([WEST], home=HOME, provenance=SAID)
    apart = derive_network([WEST, ABROAD], home=HOME, provenance=SAID)

    assert (alone.lines, alone.nodes) == ((), ())
    assert (apart.lines, apart.nodes) == ((), ())


@pytest.mark.parametrize(
    ("wkt", "backwards"),
    [
        ("LINESTRING(0 0, 10 5)", False),
        ("LINESTRING(10 5, 0 0)", True),
        ("LINESTRING(0 10, 5 0)", False),
        ("LINESTRING(5 0, 0 10)", True),
    ],
)
def test_the_dominant_axis_decides_the_direction(wkt, backwards):
    assert runs_backwards(shapely.from_wkt(wkt)) is backwards


def test_line_codes_beyond_what_is_known_are_plain():
    county, abroad = DivisionCode("990101"), DivisionCode("980101")
    town, next_town = DivisionCode("990101001"), DivisionCode("990101002")

    assert line_code(DivisionCode("990201"), county) == "99000001010201"
    assert line_code(county, abroad) == "980101-990101"
    assert line_code(next_town, town) == "990101001-990101002"
