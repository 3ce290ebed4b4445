"""Sound papers beside a correct tiling have no findings; one fault is found, and nothing beside."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
import archive_injectors
from archive_injectors import AS_OF, Archive
from tilings import build as build_tiling

from geo_service import cities
from geo_service.domain.supporting import Supporting
from geo_service.rules.boundaries import BoundaryCase
from geo_service.services.boundaries import check_boundaries
from geo_service.services.inspections import with_inspections

CITY = cities.city("990100")
LAYERS = {
    *("units", "lines", "nodes", "junctions", "markers", "agreements"),
    *("sections", "agreement-records", "junction-agreements", "junction-entries", "map-sheets"),
    *("inspections", "open-items", "tracks", "photos", "events"),
    "boundary-points",
}
"""What a sound archive holds."""


@st.composite
def archives(draw: st.DrawFn) -> Archive:
    tiling = build_tiling(
        draw(st.integers(2, 3)),
        draw(st.integers(2, 3)),
        draw(st.integers(0, 3)),
        draw(st.integers(0, 10_000)),
    )
    return archive_injectors.build(tiling, draw(st.integers(0, 10_000)))


steady = settings(
    deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


def run(archive: Archive, random: np.random.Generator | None = None):
    kinds = [archive.tiling.units, archive.tiling.lines, archive.tiling.nodes]
    units, lines, nodes = (tuple(kind.values()) for kind in kinds)
    records, markers = list(archive.records.values()), list(archive.markers.values())
    if random is not None:
        records = [records[i] for i in random.permutation(len(records))]
        markers = [markers[i] for i in random.permutation(len(markers))]
    case = BoundaryCase(units, lines, nodes, CITY.plane_epsg, supporting=Supporting.of(records))
    report = check_boundaries(case, CITY, AS_OF)
    return with_inspections(report, case, markers, CITY)


@given(archive=archives())
@settings(steady, max_examples=20)
def test_a_sound_archive_has_no_findings(archive):
    report = run(archive)

    # Lengths are rounded off roughly where the drawing is not official: that is told as such.
    told = [f.message.en for f in report.findings if f.rule_id != "BD-AGR-01"]
    assert told == []
    assert not {layer for _, layer in report.rules_not_run} & LAYERS


@pytest.mark.parametrize("inject", archive_injectors.INJECTORS, ids=lambda inject: inject.__name__)
@given(archive=archives(), seed=st.integers(0, 10_000))
@settings(steady, max_examples=12)
def test_one_fault_is_found_and_nothing_beside_it(inject, archive, seed):
    fault = inject(archive, np.random.default_rng(seed))

    found = [f for f in run(fault.archive).findings if f.rule_id != "BD-AGR-01"]

    told = [(f.rule_id, f.message.en) for f in found]
    assert {f.rule_id for f in found} <= {fault.required, *fault.also}, told
    named = [f.subject.id for f in found if f.rule_id == fault.required]
    assert fault.subject in named, told


@given(archive=archives(), seed=st.integers(0, 10_000))
@settings(steady, max_examples=15)
def test_the_order_of_papers_changes_nothing(archive, seed):
    random = np.random.default_rng(seed)
    inject = archive_injectors.INJECTORS[seed % len(archive_injectors.INJECTORS)]
    spoilt = inject(archive, random).archive

    assert run(spoilt).findings == run(spoilt, random).findings


@pytest.mark.parametrize(
    ("inject", "metres"),
    [
        (archive_injectors.junction_apart, 0.8),
        (archive_injectors.photo_elsewhere, 45.0),
        (archive_injectors.flood, 550.0),
        (archive_injectors.point_aside, 2.5),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
@given(archive=archives(), seed=st.integers(0, 10_000))
@settings(steady, max_examples=8)
def test_what_is_off_by_less_than_its_limit_is_no_fault(inject, metres, archive, seed):
    fault = inject(archive, np.random.default_rng(seed), metres)

    told = {(f.rule_id, f.subject.id) for f in run(fault.archive).findings}
    assert (fault.required, fault.subject) not in told


def test_injectors_know_nothing_of_the_rules():
    source = (Path(__file__).parent / "archive_injectors.py").read_text(encoding="utf-8")
    assert "geo_service.rules" not in source.replace("`geo_service.rules`", "")
