"""A description that contradicts its line is found out; one that agrees with it is let pass."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import seeded

from geo_service.cities import city
from geo_service.language.alignment import parse
from geo_service.rules.descriptions import DescriptionCase
from geo_service.services.description_check import DescriptionReport, check_description, report_json

CITY = city("990100")
DAY = date(2024, 6, 1)
WORLDS = 20


def check(given: seeded.World, *, layers: bool = True) -> DescriptionReport:
    drawn = seeded.layers(given)
    case = DescriptionCase(
        parse(given.text),
        seeded.PLANE_EPSG,
        drawn.line,
        drawn.markers,
        drawn.landmarks if layers else (),
        drawn.features if layers else (),
    )
    return check_description(case, CITY, DAY)


@pytest.mark.parametrize("kind", seeded.CONTRADICTIONS)
def test_a_contradiction_is_found(kind: str) -> None:
    _, required = seeded.CONTRADICTIONS[kind]
    found = sum(
        any(f.rule_id in required for f in check(seeded.seeded(kind, seed)).findings)
        for seed in range(WORLDS)
    )
    assert found >= 0.9 * WORLDS


@pytest.mark.parametrize("layers", [True, False])
def test_a_description_that_agrees_is_let_pass(layers: bool) -> None:
    for seed in range(2 * WORLDS):
        given = seeded.consistent(seed)
        report = check(given, layers=layers)
        assert not report.findings, given.text
        assert report.counts["unparsed"] == 0


def test_a_finding_points_at_the_words_and_the_place() -> None:
    given = seeded.seeded("wrong bank or side", 3)
    (finding,) = check(given).findings
    assert finding.rule_id == "DS-SIDE-01"
    assert "里程 K" in finding.message.zh
    assert finding.geometry is not None
    quote = finding.message.zh.partition("“")[2].partition("”")[0].rstrip("…")
    assert quote in given.text


def test_rules_without_their_layers_are_told_as_not_run() -> None:
    case = DescriptionCase(parse(seeded.consistent(1).text), seeded.PLANE_EPSG)
    report = check_description(case, CITY, DAY)
    assert report.rules_run == ("DS-CHN-01",)
    lacking = {
        (row["rule_id"], row["missing"]) for row in report_json(report, "zh")["rules_not_run"]
    }
    assert {("DS-DIR-01", "line"), ("DS-LMK-01", "landmarks"), ("DS-NODE-01", "markers")} <= lacking


def test_the_order_of_layers_does_not_matter() -> None:
    given = seeded.seeded("segments that do not join", 5)
    drawn = seeded.layers(given)
    turned = DescriptionCase(
        parse(given.text),
        seeded.PLANE_EPSG,
        drawn.line,
        drawn.markers[::-1],
        drawn.landmarks[::-1],
        drawn.features[::-1],
    )
    assert check_description(turned, CITY, DAY).findings == check(given).findings


def test_the_worlds_know_nothing_of_the_rules() -> None:
    source = Path(seeded.__file__).read_text(encoding="utf-8")
    assert "geo_service.rules" not in source
    assert "geo_service.language" not in source


def test_without_markers_a_single_segment_is_the_line_in_either_direction() -> None:
    given = next(w for w in map(seeded.consistent, range(50)) if len(w.segments) == 1)
    drawn = seeded.layers(given)
    assert drawn.line.geometry is not None
    for geometry in (drawn.line.geometry, drawn.line.geometry.reverse()):
        line = replace(drawn.line, geometry=geometry)
        case = DescriptionCase(
            parse(given.text), seeded.PLANE_EPSG, line, landmarks=drawn.landmarks
        )
        report = check_description(case, CITY, DAY)
        assert report.counts["placed"] == 1
        assert [f.message.zh for f in report.findings] == []


def test_segments_that_cannot_be_placed_are_counted() -> None:
    given = next(w for w in map(seeded.consistent, range(50)) if len(w.segments) == 2)
    drawn = seeded.layers(given)
    case = DescriptionCase(parse(given.text), seeded.PLANE_EPSG, drawn.line)
    report = check_description(case, CITY, DAY)
    assert (report.counts["segments"], report.counts["placed"]) == (2, 0)
