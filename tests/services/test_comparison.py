"""Two copies of the lines of the invented city: shifted, redrawn, renamed, cut."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import shapely
from shapely.geometry import LineString

from geo_service.cities import city
from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.finding import Severity
from geo_service.domain.identity import DivisionCode
from geo_service.domain.marker import MarkerTally
from geo_service.domain.provenance import Force
from geo_service.errors import InputError
from geo_service.services.comparison import ComparisonReport, compare_copies, comparison_json
from geo_service.services.comparison_layers import layers_of
from geo_service.services.comparison_pairs import PairedBy, lines_of
from geo_service.services.samples.synthetic import SYNTHETIC_CITY, synthetic_layer

CITY = city(SYNTHETIC_CITY)
QINGDAO = city("370200")
DAY = date(2026, 1, 1)
CLEAN = synthetic_layer(faults=False)
SOME = CLEAN.lines[:6]
Lines = tuple[AdministrativeBoundary, ...]


def moved(lines: Lines, east_deg: float, north_deg: float) -> Lines:
    by = np.array([east_deg, north_deg])
    return tuple(
        replace(line, geometry=shapely.transform(line.geometry, lambda points: points + by))
        for line in lines
    )


def compare(a: Lines, b: Lines, scale: int = 10_000) -> ComparisonReport:
    return compare_copies(a, b, CITY, DAY, scale=scale)


def rule_ids(report: ComparisonReport) -> set[str]:
    return {finding.rule_id for finding in report.findings}


def test_a_copy_compared_with_itself_has_no_findings() -> None:
    report = compare(SOME, SOME)

    assert report.findings == ()
    assert len(report.lines) == len(SOME)
    assert all(line.paired_by is PairedBy.CODE for line in report.lines)
    assert report.offset is not None
    assert not report.offset.constant
    assert report.rules_run == ("BD-CMP-01", "BD-CMP-02", "BD-CMP-03", "BD-CRS-03")


def test_one_shift_of_all_lines_is_told_and_taken_out() -> None:
    report = compare(SOME, moved(SOME, 0.1282, 0.1294))

    offset = report.offset
    assert offset is not None
    assert offset.constant
    assert offset.common.in_degrees
    assert offset.common.shift.lon_deg == pytest.approx(-0.1282, abs=2e-5)
    assert offset.common.shift.lat_deg == pytest.approx(-0.1294, abs=2e-5)
    assert offset.common.spread_m < 5
    assert offset.before_m > 10_000
    assert offset.after_m < 2
    assert len(report.findings) == len(SOME)


def test_redrawn_lines_have_no_common_shift() -> None:
    noise = np.random.default_rng(3)
    redrawn = tuple(
        replace(
            line,
            geometry=shapely.transform(
                line.geometry, lambda points: points + noise.normal(size=points.shape) * 1e-4
            ),
        )
        for line in SOME
    )

    report = compare(SOME, redrawn)

    assert report.offset is not None
    assert not report.offset.constant
    assert rule_ids(report) == {"BD-CMP-01"}
    assert all(line.copies.measured.departures for line in report.lines if line.copies.measured)


@pytest.mark.parametrize(("swapped", "displaced"), [(False, "b"), (True, "a")])
def test_an_obfuscated_copy_is_named(swapped: bool, displaced: str) -> None:
    # Over Qingdao the ground moves some 455 m at 88 degrees under that system.
    home = tuple(
        replace(line, left_code=DivisionCode("370211"), right_code=DivisionCode("370281"))
        for line in moved(SOME[:3], 0.2, -2.5)
    )
    other = moved(home, 455 * math.sin(math.radians(88)) / 90_000, 0.00015)
    copies = (other, home) if swapped else (home, other)

    report = compare_copies(*copies, QINGDAO, DAY)

    assert report.offset is not None
    assert report.offset.constant
    assert (report.offset.like, report.offset.displaced) == ("GCJ-02", displaced)
    (finding,) = [f for f in report.findings if f.rule_id == "BD-CRS-03"]
    assert finding.severity is Severity.PROHIBITED
    # No answer holds a figure by which the shift could be undone.
    told = comparison_json(report, "zh")
    assert told["offset"]["shift"] is None
    assert {line["measured"]["shift"] for line in told["lines"]} == {None}


def test_the_limit_follows_the_map_scale() -> None:
    other = moved(SOME, 0.0, 0.00005)  # 5.5 m

    assert "BD-CMP-01" in rule_ids(compare(SOME, other))
    assert rule_ids(compare(SOME, other, scale=50_000)) == {"BD-CMP-02"}


def test_lines_of_other_codes_pair_by_parties_then_by_place() -> None:
    recoded = tuple(replace(line, code=f"L{number}") for number, line in enumerate(SOME))
    strange = tuple(
        replace(line, left_code=DivisionCode("990301"), right_code=DivisionCode("990302"))
        for line in recoded
    )

    by_parties, by_place = compare(SOME, recoded), compare(SOME, strange)

    assert {line.paired_by for line in by_parties.lines} == {PairedBy.PARTIES}
    assert {line.paired_by for line in by_place.lines} == {PairedBy.PLACE}
    assert all(line.copies.a.geometry == line.copies.b.geometry for line in by_place.lines)
    assert rule_ids(by_parties) == {"BD-CMP-03"}


def test_a_line_of_one_copy_only_is_listed() -> None:
    report = compare(SOME, SOME[1:])

    assert [line.code for line in report.only_a] == [SOME[0].code]
    assert report.only_b == ()


def test_attributes_that_differ_are_told_with_both_values() -> None:
    stated = tuple(replace(line, length_km=12.3, agreement_no="1号") for line in SOME[:1])
    other = tuple(replace(line, length_km=12.5, agreement_no="2号") for line in SOME[:1])

    report = compare(stated, other)

    told = " ".join(finding.message.zh for finding in report.findings)
    assert len(report.findings) == 2
    for value in ("12.3 km", "12.5 km", "1号", "2号"):
        assert value in told


def test_counts_of_markers_that_differ_are_told() -> None:
    code = SOME[0].code

    report = compare_copies(
        SOME,
        SOME,
        CITY,
        DAY,
        tallies_a=[MarkerTally(line_code=code, singles=8, stones=10)],
        tallies_b=[MarkerTally(line_code=code, singles=8, stones=11)],
    )

    (finding,) = report.findings
    assert finding.rule_id == "BD-CMP-03"
    assert "界桩颗数" in finding.message.zh
    assert "10" in finding.message.zh
    assert "11" in finding.message.zh


def test_the_order_of_the_lines_does_not_matter() -> None:
    other = moved(SOME, 0.0, 0.001)

    assert comparison_json(compare(SOME, other), "zh") == comparison_json(
        compare(SOME[::-1], other[::-1]), "zh"
    )


def test_units_that_share_edges_stand_for_their_lines() -> None:
    lines = lines_of(CLEAN.units, CITY)
    internal = {line.code for line in CLEAN.lines if len(line.parties) == 2} & {
        line.code for line in lines
    }

    report = compare(lines, CLEAN.lines)

    assert len(report.lines) == len(lines) == len(internal)
    assert report.findings == ()


@pytest.mark.parametrize(
    "shape",
    [None, LineString(), LineString([(120.0, 38.5), (math.nan, 38.6)])],
    ids=["not drawn", "empty", "NaN"],
)
def test_a_line_that_is_not_drawn_is_compared_by_attributes_alone(
    shape: LineString | None,
) -> None:
    bare = replace(SOME[0], geometry=shape, length_km=3.0)

    report = compare((replace(SOME[0], length_km=4.0),), (bare,))

    assert report.offset is None
    assert report.lines[0].copies.measured is None
    assert rule_ids(report) == {"BD-CMP-03"}


def test_copies_without_a_common_line_are_refused() -> None:
    with pytest.raises(InputError) as refusal:
        compare(SOME[:2], CLEAN.lines[30:33])

    assert refusal.value.code == "copies_without_common_line"
    assert refusal.value.context == {"count_a": 2, "count_b": 3}


def test_layers_hold_every_stretch_and_the_json_its_chainage() -> None:
    report = compare(SOME, moved(SOME, 0.0, 0.0005))
    layers = {layer.name: layer for layer in layers_of(report)}
    told = comparison_json(report, "en")["lines"]

    assert set(layers) == {"lines", "matched", "departures", "lonely_vertices"}
    departures = [stretch for line in told for stretch in line["measured"]["departures"]]
    assert len(layers["departures"].rows) == len(departures)
    assert all(len(layer.rows) == len(layer.shapes) for layer in layers.values())
    assert all(stretch["own"]["from_m"] <= stretch["own"]["to_m"] for stretch in departures)
    assert report.forces == {Force.SYNTHETIC}
    assert "示例" in report.notice.zh
