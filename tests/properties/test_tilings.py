"""A correct tiling has no findings; one fault is found where it was put, and nothing beside it."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
import injectors
from tilings import INVENTED, Tiling, build

from geo_service import cities
from geo_service.domain.identity import DivisionCode
from geo_service.geometry.measure import distances_m
from geo_service.geometry.network import derive_network
from geo_service.rules.boundaries import BoundaryCase
from geo_service.services.boundaries import check_boundaries, report_json

CITY = cities.city("990100")
AS_OF = date(2026, 1, 1)
REACH_M = 500.0
LAYERS = {"units", "lines", "nodes", "junctions"}
"""What a tiling holds."""

tilings = st.builds(
    build,
    rows=st.integers(2, 3),
    columns=st.integers(2, 3),
    bends=st.integers(0, 3),
    seed=st.integers(0, 10_000),
)
seeds = st.integers(0, 10_000)
steady = settings(
    deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


def findings(tiling: Tiling, random: np.random.Generator | None = None):
    records = [
        list(tiling.units.values()),
        list(tiling.lines.values()),
        list(tiling.nodes.values()),
    ]
    if random is not None:
        records = [[kind[i] for i in random.permutation(len(kind))] for kind in records]
    units, lines, nodes = map(tuple, records)
    return check_boundaries(BoundaryCase(units, lines, nodes, CITY.plane_epsg), CITY, AS_OF)


def distance_m(finding, place) -> float:
    link = shapely.shortest_line(shapely.Point(place), finding.geometry)
    ends = shapely.get_coordinates(link)
    return float(distances_m(ends[:1], ends[1:])[0])


@given(tiling=tilings)
@settings(steady, max_examples=40)
def test_a_correct_tiling_has_no_findings(tiling):
    report = findings(tiling)

    assert [f.message.en for f in report.findings] == []
    assert not {layer for _, layer in report.rules_not_run} & LAYERS


@pytest.mark.parametrize("inject", injectors.INJECTORS, ids=lambda inject: inject.__name__)
@given(tiling=tilings, seed=seeds)
@settings(steady, max_examples=25)
def test_one_fault_is_found_in_its_place_and_nothing_beside_it(inject, tiling, seed):
    fault = inject(tiling, np.random.default_rng(seed))

    found = findings(fault.tiling).findings

    told = [(f.rule_id, f.message.en) for f in found]
    assert {f.rule_id for f in found} <= fault.allowed, told
    for rule_id in fault.required:
        hits = [
            f
            for f in found
            if f.rule_id == rule_id
            and fault.names & {f.subject.id, *(related.id for related in f.related)}
            and distance_m(f, fault.place) <= REACH_M
        ]
        assert hits, (rule_id, told)


@given(tiling=tilings, seed=seeds, number=st.integers(0, len(injectors.INJECTORS) - 1))
@settings(steady, max_examples=30)
def test_the_order_of_records_changes_nothing(tiling, seed, number):
    spoilt = injectors.INJECTORS[number](tiling, np.random.default_rng(seed)).tiling

    first = report_json(findings(spoilt), "zh")
    second = report_json(findings(spoilt, np.random.default_rng(seed)), "zh")

    assert first == second


@given(tiling=tilings)
@settings(steady, max_examples=40)
def test_lines_and_nodes_are_read_off_the_units(tiling):
    network = derive_network(
        tuple(tiling.units.values()), home=DivisionCode("990100"), provenance=INVENTED
    )

    drawn = {frozenset(line.parties): line for line in tiling.lines.values()}
    read = {frozenset(line.parties): line for line in network.lines}
    assert read.keys() == drawn.keys()
    for pair, line in read.items():
        assert line.geometry.normalize().equals_exact(drawn[pair].geometry.normalize(), 0)
        same_way = line.geometry.coords[0] == drawn[pair].geometry.coords[0]
        assert (line.left_code == drawn[pair].left_code) is same_way
    expected = {(n.kind, n.units, n.position.coords[0]) for n in tiling.nodes.values()}
    assert {(n.kind, n.units, n.position.coords[0]) for n in network.nodes} == expected


@given(tiling=tilings)
@settings(steady, max_examples=20)
def test_without_nodes_the_units_show_the_junctions(tiling):
    bare = BoundaryCase(
        tuple(tiling.units.values()), tuple(tiling.lines.values()), (), CITY.plane_epsg
    )

    report = check_boundaries(bare, CITY, AS_OF)

    assert report.findings == ()
    assert not {layer for _, layer in report.rules_not_run} & (LAYERS - {"nodes"})


def test_injectors_know_nothing_of_the_rules():
    for name in ("injectors.py", "tilings.py"):
        source = (Path(__file__).parent / name).read_text(encoding="utf-8")
        assert "from geo_service.rules" not in source
        assert "import geo_service" not in source
