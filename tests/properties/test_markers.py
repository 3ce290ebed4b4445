"""Sound papers on markers have no findings; one fault is found, and nothing beside it."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
import marker_injectors
from marker_injectors import Papers, build

from geo_service import cities
from geo_service.domain.supporting import Supporting
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.markers import MarkerCase
from geo_service.services.boundaries import run_family

CITY = cities.city("990100")
CONTEXT = BoundaryContext(CITY, date(2026, 1, 1))

papers = st.builds(build, count=st.integers(6, 15), seed=st.integers(0, 10_000))
seeds = st.integers(0, 10_000)
steady = settings(
    deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


def run(said: Papers):
    case = MarkerCase(
        said.entries,
        said.lines,
        said.units,
        CITY.plane_epsg,
        (said.tally,),
        Supporting.of(said.layers),
    )
    return run_family("markers", case, CONTEXT)


@given(said=papers)
@settings(steady, max_examples=40)
def test_sound_papers_have_no_findings(said):
    done = run(said)

    assert [finding.message.en for finding in done.findings] == []
    assert done.rules_not_run == ()


@pytest.mark.parametrize("inject", marker_injectors.INJECTORS, ids=lambda inject: inject.__name__)
@given(said=papers, seed=seeds)
@settings(steady, max_examples=25)
def test_one_fault_is_found_and_nothing_beside_it(inject, said, seed):
    fault = inject(said, np.random.default_rng(seed))

    found = run(fault.papers).findings

    told = [(finding.rule_id, finding.message.en) for finding in found]
    assert {finding.rule_id for finding in found} <= {fault.required, *fault.also}, told
    named = [finding.subject.id for finding in found if finding.rule_id == fault.required]
    assert named, told
    assert any(fault.subject in subject for subject in named), told


@given(said=papers, seed=seeds)
@settings(steady, max_examples=40)
def test_what_is_off_by_less_than_its_limit_is_no_fault(said, seed):
    slight = marker_injectors.within_tolerance(said, np.random.default_rng(seed))

    assert [(f.rule_id, f.message.en) for f in run(slight).findings] == []


@given(said=papers, seed=seeds, number=st.integers(0, len(marker_injectors.INJECTORS) - 1))
@settings(steady, max_examples=30)
def test_the_order_of_papers_changes_nothing(said, seed, number):
    random = np.random.default_rng(seed)
    spoilt = marker_injectors.INJECTORS[number](said, random).papers
    turned = [spoilt.entries[i] for i in random.permutation(len(spoilt.entries))]

    first, second = run(spoilt), run(replace(spoilt, entries=tuple(turned)))

    assert sorted(f.fingerprint for f in first.findings) == sorted(
        f.fingerprint for f in second.findings
    )
    assert {f.message for f in first.findings} == {f.message for f in second.findings}


def test_every_rule_on_markers_has_its_injector():
    from geo_service.rules.engine import rules_of

    seeded = {
        inject(build(9, 1), np.random.default_rng(1)).required
        for inject in marker_injectors.INJECTORS
    }

    assert seeded == {rule.id for rule in rules_of("markers")}


def test_injectors_know_nothing_of_the_rules():
    source = (Path(__file__).parent / "marker_injectors.py").read_text(encoding="utf-8")
    assert "from geo_service.rules" not in source
    assert "import geo_service" not in source
