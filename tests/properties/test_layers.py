"""Sound layers beside a correct tiling have no findings; one fault is found, nothing beside it."""

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
import layer_injectors
from layer_injectors import Fault, Ground
from tilings import build as build_tiling

from geo_service import cities
from geo_service.domain.supporting import Supporting
from geo_service.geometry.measure import distances_m
from geo_service.rules.boundaries import BoundaryCase
from geo_service.services.boundaries import check_boundaries

CITY = cities.city("990100")
AS_OF = date(2026, 1, 1)
REACH_M = 300.0
LAYERS = {
    *("detailed-map", "other-copies", "feature-epochs", "buildings", "placed-names", "projects"),
    *("named-roads", "signs", "coast", "islands", "tidal-land", "units", "lines"),
}
"""What sound ground holds."""


@st.composite
def grounds(draw: st.DrawFn) -> Ground:
    tiling = build_tiling(
        2,
        draw(st.integers(2, 3)),
        draw(st.integers(0, 3)),
        draw(st.integers(0, 10_000)),
    )
    return layer_injectors.build(tiling, draw(st.integers(0, 10_000)))


seeds = st.integers(0, 10_000)
steady = settings(
    deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


def run(ground: Ground, random: np.random.Generator | None = None):
    kinds = [ground.tiling.units, ground.tiling.lines, ground.tiling.nodes]
    units, lines, nodes = (tuple(kind.values()) for kind in kinds)
    records = list(ground.records.values())
    if random is not None:
        records = [records[i] for i in random.permutation(len(records))]
    case = BoundaryCase(units, lines, nodes, CITY.plane_epsg, supporting=Supporting.of(records))
    return check_boundaries(case, CITY, AS_OF)


def is_told(fault: Fault, finding) -> bool:
    """By the required rule, of the subject, in its place."""
    if finding.rule_id != fault.required or finding.subject.id != fault.subject:
        return False
    link = shapely.shortest_line(shapely.Point(fault.place), finding.geometry)
    ends = shapely.get_coordinates(link)
    return bool(distances_m(ends[:1], ends[1:])[0] <= REACH_M)


@given(ground=grounds())
@settings(steady, max_examples=15)
def test_sound_ground_has_no_findings(ground):
    report = run(ground)

    assert [(f.rule_id, f.message.en) for f in report.findings] == []
    assert not {layer for _, layer in report.rules_not_run} & LAYERS


@pytest.mark.parametrize("inject", layer_injectors.INJECTORS, ids=lambda inject: inject.__name__)
@given(ground=grounds(), seed=seeds)
@settings(steady, max_examples=8)
def test_one_fault_is_found_in_its_place_and_nothing_beside_it(inject, ground, seed):
    fault = inject(ground, np.random.default_rng(seed))

    found = run(fault.ground).findings

    told = [(f.rule_id, f.message.en) for f in found]
    assert {f.rule_id for f in found} <= {fault.required, *fault.also}, told
    assert any(is_told(fault, f) for f in found), told


@pytest.mark.parametrize(
    ("inject", "limit_m", "band"),
    [(inject, limit, under) for inject, limit, _, under in layer_injectors.BY_SIZE],
    ids=lambda value: getattr(value, "__name__", None),
)
@given(ground=grounds(), seed=seeds)
@settings(steady, max_examples=5)
def test_what_is_within_its_limit_is_no_fault(inject, limit_m, band, ground, seed):
    random = np.random.default_rng(seed)
    fault = inject(ground, random, limit_m * random.uniform(*band))

    assert [(f.rule_id, f.message.en) for f in run(fault.ground).findings] == []


@given(ground=grounds(), seed=seeds)
@settings(steady, max_examples=10)
def test_the_order_of_rows_changes_nothing(ground, seed):
    random = np.random.default_rng(seed)
    inject = layer_injectors.INJECTORS[seed % len(layer_injectors.INJECTORS)]
    spoilt = inject(ground, random).ground

    assert run(spoilt).findings == run(spoilt, random).findings


def test_every_rule_on_the_ground_has_its_injector():
    from geo_service.rules.engine import rules_of

    ground = layer_injectors.build(build_tiling(2, 2, 1, 1), 1)
    seeded = {
        inject(ground, np.random.default_rng(1)).required for inject in layer_injectors.INJECTORS
    }

    layers = LAYERS - {"units", "lines"}
    assert seeded == {rule.id for rule in rules_of("boundaries") if rule.needs & layers}


def test_injectors_know_nothing_of_the_rules():
    source = (Path(__file__).parent / "layer_injectors.py").read_text(encoding="utf-8")
    assert "geo_service.rules" not in source.replace("`geo_service.rules`", "")
