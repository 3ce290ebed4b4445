"""After any row of edits the review says what a review from nothing says."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from edits import edited
from tilings import build

from geo_service import cities
from geo_service.rules.boundaries import BoundaryCase
from geo_service.services.boundaries import check_boundaries, report_json
from geo_service.services.recheck import Review, reviewed
from geo_service.services.samples.synthetic import AS_OF, synthetic_layer

CITY = cities.city("990100")
steady = settings(
    deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


def case_of_records(records: list[Any]) -> BoundaryCase:
    kinds: dict[str, list[Any]] = {
        "AdministrativeUnit": [],
        "AdministrativeBoundary": [],
        "BoundaryNode": [],
    }
    for record in records:
        kinds[type(record).__name__].append(record)
    return BoundaryCase(*map(tuple, kinds.values()), CITY.plane_epsg)


def from_nothing(review: Review) -> Review:
    case = review.case
    return reviewed(
        BoundaryCase(case.units, case.lines, case.nodes, case.plane_epsg),
        CITY,
        review.report.as_of,
        scale=review.report.scale,
    )


def assert_same(review: Review) -> None:
    fresh = from_nothing(review)
    assert report_json(review.report, "zh") == report_json(fresh.report, "zh")
    assert review.report == fresh.report


def random_edits(first: list[Any], seed: int, steps: int) -> None:
    """Edits of one or two records each; some are taken out, some come back as they were."""
    random = np.random.default_rng(seed)
    records = {(type(r).__name__, r.id): r for r in first}
    review = reviewed(case_of_records(first), CITY, AS_OF)
    for _ in range(steps):
        at = random.choice(len(first), size=int(random.integers(1, 3)), replace=False)
        changed, removed = [], []
        for original in (first[i] for i in at):
            key = type(original).__name__, original.id
            now = records.get(key)
            choice = random.random()
            if now is None or choice < 0.25:
                records[key] = original
                changed.append(original)
            elif choice < 0.4:
                removed.append(records.pop(key))
            else:
                records[key] = edited(now, random)
                changed.append(records[key])
        review = review.with_changes(changed, removed)
        assert_same(review)
    shown = [*review.case.units, *review.case.lines, *review.case.nodes]
    assert {(type(r).__name__, r.id) for r in shown} == set(records)


@given(
    rows=st.integers(2, 3),
    columns=st.integers(2, 3),
    bends=st.integers(0, 3),
    shape=st.integers(0, 10_000),
    seed=st.integers(0, 10_000),
)
@settings(steady, max_examples=40)
def test_a_row_of_edits_of_a_tiling(rows, columns, bends, shape, seed):
    tiling = build(rows, columns, bends, shape)
    records = [*tiling.units.values(), *tiling.lines.values(), *tiling.nodes.values()]
    random_edits(records, seed, steps=4)


@pytest.mark.parametrize("faults", [False, True])
@given(seed=st.integers(0, 10_000))
@settings(steady, max_examples=4)
def test_a_row_of_edits_of_the_invented_city(faults, seed):
    layer = synthetic_layer(faults=faults)
    random_edits([*layer.units, *layer.lines, *layer.nodes], seed, steps=3)


def test_what_an_edit_does_to_the_findings_is_told():
    layer = synthetic_layer(faults=False)
    before = reviewed(
        BoundaryCase(layer.units, layer.lines, layer.nodes, CITY.plane_epsg), CITY, AS_OF
    )
    line = next(line for line in layer.lines if line.is_internal)
    lost = before.with_changes((), removed=[line])
    effect = lost.effect_on(before)

    assert "BD-NET-03" in [finding.rule_id for finding in effect.appeared]
    assert effect.vanished == () == effect.remaining
    back = lost.with_changes([line])
    assert back.report == before.report
    assert back.effect_on(lost).vanished == effect.appeared


def test_the_case_before_the_edit_stays_as_it_was():
    layer = synthetic_layer(faults=False)
    case = BoundaryCase(layer.units, layer.lines, layer.nodes, CITY.plane_epsg)
    before = reviewed(case, CITY, AS_OF)
    before.with_changes((), removed=layer.units[:3])

    assert check_boundaries(case, CITY, AS_OF) == before.report
