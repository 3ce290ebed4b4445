"""The invented city: the same for the same seed, and every seeded fault found in its place."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo_service import cities
from geo_service.domain.boundary import NodeKind
from geo_service.domain.finding import Finding
from geo_service.domain.place import NameStatus
from geo_service.domain.provenance import Force
from geo_service.geometry.measure import distances_m
from geo_service.rules.boundaries import BoundaryCase
from geo_service.services.boundaries import case_from_store, case_of, check_boundaries
from geo_service.services.boundary_files import read_files
from geo_service.services.samples.answers import RULE_OF, FaultKind, SeededFault
from geo_service.services.samples.exporting import export_synthetic
from geo_service.services.samples.loading import load_sample
from geo_service.services.samples.synthetic import AS_OF, SyntheticLayer, synthetic_layer
from geo_service.store.opening import open_store

CITY = cities.city("990100")
SEEDS = (753, 1, 2, 3)


@pytest.fixture(scope="module", params=SEEDS)
def layer(request: pytest.FixtureRequest) -> SyntheticLayer:
    return synthetic_layer(request.param)


@pytest.fixture(scope="module")
def findings(layer: SyntheticLayer) -> tuple[Finding, ...]:
    return found_in(layer)


def found_in(layer: SyntheticLayer) -> tuple[Finding, ...]:
    case = BoundaryCase(layer.units, layer.lines, layer.nodes, CITY.plane_epsg)
    return check_boundaries(case, CITY, AS_OF).findings


def is_at(finding: Finding, fault: SeededFault) -> bool:
    """Whether a finding lies within the reach of a fault."""
    if finding.geometry is None:
        return False
    link = shapely.shortest_line(shapely.Point(fault.position), finding.geometry)
    start, end = shapely.get_coordinates(link)
    return bool(distances_m(start[None], end[None])[0] <= fault.reach_m)


def test_every_seeded_fault_is_found_in_its_place(
    layer: SyntheticLayer, findings: tuple[Finding, ...]
) -> None:
    missed = [
        fault
        for fault in layer.answer_key
        if not any(f.rule_id == fault.rule_id and is_at(f, fault) for f in findings)
    ]

    assert missed == []


def test_findings_name_the_units_of_the_fault(
    layer: SyntheticLayer, findings: tuple[Finding, ...]
) -> None:
    for fault in layer.answer_key:
        here = [f for f in findings if f.rule_id == fault.rule_id and is_at(f, fault)]
        named = " ".join(f"{f.subject.id} {' '.join(r.id for r in f.related)}" for f in here)

        assert any(code[2:] in named for code in fault.units), fault


def test_nothing_is_found_that_the_key_does_not_allow(
    layer: SyntheticLayer, findings: tuple[Finding, ...]
) -> None:
    extra = [
        (finding.rule_id, finding.message.zh)
        for finding in findings
        if not any(finding.rule_id in f.allowed and is_at(finding, f) for f in layer.answer_key)
    ]

    assert extra == []


@pytest.mark.parametrize("seed", SEEDS)
def test_the_clean_layer_has_no_findings(seed: int) -> None:
    assert found_in(synthetic_layer(seed, faults=False)) == ()


def test_all_kinds_are_seeded_several_times(layer: SyntheticLayer) -> None:
    kinds = Counter(fault.kind for fault in layer.answer_key)

    assert set(kinds) == set(FaultKind)
    assert min(kinds.values()) >= 2
    assert len(set(RULE_OF.values())) == len(FaultKind)


def test_faults_lie_apart(layer: SyntheticLayer) -> None:
    places = np.array([fault.position for fault in layer.answer_key])
    reaches = np.array([fault.reach_m for fault in layer.answer_key])
    one, other = np.triu_indices(len(places), k=1)

    assert (distances_m(places[one], places[other]) > reaches[one] + reaches[other]).all()


def test_one_seed_gives_one_layer(layer: SyntheticLayer) -> None:
    assert synthetic_layer(layer.seed) == layer
    assert synthetic_layer(layer.seed + 1000).answer_key != layer.answer_key


def test_the_clean_layer_is_complete() -> None:
    layer = synthetic_layer(faults=False)
    nodes = Counter((node.kind, node.is_internal) for node in layer.nodes)

    assert len(layer.units) == 21
    assert Counter(line.is_internal for line in layer.lines) == {True: 45, False: 11}
    assert nodes[NodeKind.TRIPOINT, True] == 25
    assert nodes[NodeKind.TRIPOINT, False] == 10
    assert nodes[NodeKind.SEA_END, True] + nodes[NodeKind.SEA_END, False] == 12
    assert layer.answer_key == ()


def test_no_real_unit_is_accused(layer: SyntheticLayer) -> None:
    codes = {unit.code for unit in layer.units}
    codes |= {code for line in layer.lines for code in line.parties}
    codes |= {code for fault in layer.answer_key for code in fault.units}

    assert all(code.startswith("99") for code in codes)
    west, south, east, north = CITY.extent
    for unit in layer.units:
        box = unit.geometry.bounds
        assert west < box[0] < box[2] < east
        assert south < box[1] < box[3] < north


def test_everything_says_that_it_is_synthetic(layer: SyntheticLayer) -> None:
    records = [*layer.units, *layer.lines, *layer.nodes, *layer.markers, *layer.places]

    assert {record.provenance.force for record in records} == {Force.SYNTHETIC}
    assert all("示例" in record.provenance.source for record in records)


def test_nothing_official_is_invented(layer: SyntheticLayer) -> None:
    assert {line.agreement_no for line in layer.lines} == {""}
    assert {place.document_no for place in layer.places} == {""}
    assert {place.approved_on for place in layer.places} == {None}


def test_markers_stand_on_their_lines_in_order() -> None:
    layer = synthetic_layer(faults=False)
    lines = {line.code: line for line in layer.lines}
    stations: dict[str, list[tuple[int, float]]] = {}
    for marker in layer.markers:
        line = lines[marker.line_code].geometry
        assert shapely.distance(line, marker.position) < 1e-9
        station = shapely.line_locate_point(line, marker.position)
        stations.setdefault(marker.line_code, []).append((marker.number.serial, station))

    assert set(stations) == set(lines)
    for entries in stations.values():
        assert [serial for serial, _ in entries] == list(range(1, len(entries) + 1))
        assert [at for _, at in entries] == sorted(at for _, at in entries)


def test_planned_roads_are_proposed_names_inside_districts(layer: SyntheticLayer) -> None:
    clean = {u.code: u.geometry for u in synthetic_layer(layer.seed, faults=False).units}

    assert {place.status for place in layer.places} == {NameStatus.PROPOSED}
    for place in layer.places:
        assert place.unit_code is not None
        assert shapely.covers(clean[place.unit_code], place.geometry)


def test_the_files_say_the_same_as_the_layer(tmp_path: Path) -> None:
    paths = export_synthetic(tmp_path / "out")
    layer = synthetic_layer()

    assert sorted(paths) == sorted((tmp_path / "out").iterdir())
    units = json.loads((tmp_path / "out/units.geojson").read_text(encoding="utf-8"))
    written = {f["properties"]["code"]: f["geometry"] for f in units["features"]}
    assert written.keys() == {unit.code for unit in layer.units}
    for unit in layer.units:
        read = shapely.from_geojson(json.dumps(written[str(unit.code)]))
        assert read.equals_exact(unit.geometry, tolerance=0)
    assert all("示例" in f["properties"]["notice"] for f in units["features"])


def test_the_files_show_all_faults_that_are_not_in_nodes_alone(tmp_path: Path) -> None:
    export_synthetic(tmp_path)
    files = [tmp_path / "units.geojson", tmp_path / "boundary-lines.geojson"]
    key = json.loads((tmp_path / "answer_key.json").read_text(encoding="utf-8"))
    layer = synthetic_layer()

    given = read_files(files, city=CITY, today=AS_OF)
    findings = check_boundaries(case_of(given.records, CITY), CITY, AS_OF).findings

    assert not given.refused
    assert {record.provenance.force for record in given.records} == {Force.SYNTHETIC}
    missed = {
        fault.id
        for fault in layer.answer_key
        if not any(f.rule_id == fault.rule_id and is_at(f, fault) for f in findings)
    }
    assert missed == {entry["id"] for entry in key["faults"] if entry["in_nodes_only"]}
    extra = [
        finding
        for finding in findings
        if not any(finding.rule_id in f.allowed and is_at(finding, f) for f in layer.answer_key)
    ]
    assert {finding.rule_id for finding in extra} <= {"BD-NET-01"}
    known = {(end["lon"], end["lat"]) for end in key["dangles_where_nodes_are_missing"]}
    assert {(f.geometry.x, f.geometry.y) for f in extra} <= known


def test_the_layer_in_a_store_shows_every_fault(tmp_path: Path) -> None:
    store = open_store(f"gpkg:{tmp_path / 'synthetic.gpkg'}", create=True)
    load_sample(store, CITY)

    report = check_boundaries(case_from_store(store, CITY, AS_OF), CITY, AS_OF)

    direct = found_in(synthetic_layer())
    assert [f.fingerprint for f in report.findings] == [f.fingerprint for f in direct]


def test_the_answer_key_is_written_beside_the_files(tmp_path: Path) -> None:
    export_synthetic(tmp_path)
    key = json.loads((tmp_path / "answer_key.json").read_text(encoding="utf-8"))

    assert "示例" in key["notice"]
    assert [entry["id"] for entry in key["faults"]] == [f.id for f in synthetic_layer().answer_key]
    assert {entry["rule_id"] for entry in key["faults"]} == set(RULE_OF.values())


def test_injectors_know_nothing_of_the_rules() -> None:
    from geo_service.services import samples

    for path in Path(samples.__path__[0]).glob("*.py"):
        assert "geo_service.rules" not in path.read_text(encoding="utf-8"), path
