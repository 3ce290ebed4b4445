"""The rules on markers agree with one another, whatever order the papers come in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from shapely.geometry import Point

from geo_service import cities
from geo_service.domain.finding import Severity
from geo_service.domain.identity import DivisionCode
from geo_service.domain.marker import MarkerDocument
from geo_service.geometry.measure import ellipsoid
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.boundaries._drawing import drawing
from geo_service.rules.engine import evaluate, rules_of
from geo_service.rules.markers import MarkerCase
from geo_service.rules.markers._drawing import at, row, stone, stones, thing

RULES = rules_of("markers")
CASES = [
    pytest.param(rule, example, id=f"{rule.id}-{number}")
    for rule in RULES
    for number, example in enumerate(rule.examples)
]


def found(rules, case, example):
    return evaluate(
        rules, case, example.context, as_of=example.on, jurisdiction=example.context.city.code
    )


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_the_order_of_papers_lines_and_units_does_not_matter(rule, example):
    case = example.subject
    turned = replace(
        case,
        entries=case.entries[::-1],
        lines=case.lines[::-1],
        units=case.units[::-1],
        tallies=case.tallies[::-1],
    )

    assert found(RULES, turned, example) == found(RULES, case, example)


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_a_finding_names_its_line_and_both_sides(rule, example):
    for finding in found([rule], example.subject, example):
        named = {finding.subject.id, *(related.id for related in finding.related)}
        assert {"990101-990102", "990101", "990102"} <= named


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_an_example_has_the_layers_its_rule_needs_or_is_clean(rule):
    for example in rule.examples:
        assert example.severity is None or rule.needs <= example.subject.present


def test_nothing_said_is_nothing_found():
    example = RULES[0].examples[0]

    for entries in ((), (stone("001Q"),)):
        case = MarkerCase(entries, (), (), 4549)
        assert found(RULES, case, example) == ()


def test_a_moved_stone_is_named_once_and_its_neighbours_are_not():
    entries = row(1000, 2000, 5500, 4000, 5000, 6000)
    example = RULES[0].examples[0]

    told = [f for f in found(RULES, stones(*entries), example) if f.rule_id == "MK-NUM-01"]

    assert [f.subject.name for f in told] == ["003Q"]
    assert (told[0].measure.measured, told[0].measure.limit) == (5, 3)


@pytest.mark.parametrize(
    "line",
    [
        "MULTILINESTRING((6000 0, 10000 0), (0 0, 2000 0), (2000 0, 6000 0))",
        "MULTILINESTRING((6000 0, 2000 0), (6000 0, 10000 0), (0 0, 2000 0))",
        "MULTILINESTRING((6500 0, 10000 0), (2000 0, 0 0), (2000 0, 6000 0))",
        # Most of the length is drawn towards the east, though the longest way is not.
        "MULTILINESTRING((0 0, 2000 0), (7000 0, 2000 0), (7000 0, 8000 2000, 9000 0, 10000 0))",
    ],
)
def test_stones_stand_in_order_on_a_line_stored_in_parts_of_any_order(line):
    example = RULES[0].examples[0]
    case = stones(*row(1000, 3000, 5500, 6000, 9500), line=line)

    told = [f.rule_id for f in found(RULES, case, example)]

    assert "MK-NUM-01" not in told


def test_an_azimuth_from_true_north_is_told_as_such():
    """Half a degree from the central meridian the two norths are 0.3° apart."""
    tower = thing("水塔", 89.7, 1000.0, at(41_000, 0))
    entry = stone("001Q", 40_000, document=MarkerDocument.FORM, references=(tower,))
    case = stones(entry, line="LINESTRING(0 0, 50000 0)")
    rule = next(rule for rule in RULES if rule.id == "MK-REF-02")
    example = rule.examples[0]

    grid = found([rule], case, example)
    by_true = replace(entry, references=(replace(tower, azimuth_deg=90.0),))
    true = found([rule], stones(by_true, line="LINESTRING(0 0, 50000 0)"), example)

    assert grid == ()
    assert ["真北" in finding.message.zh for finding in true] == [True]


def _at_the_junction(*witnesses):
    """A triple where the lines of 甲, 乙 and 丙 meet, kept by 甲, repaired with those present."""
    drawn = drawing(
        lines={
            "甲区|乙区": "LINESTRING(0 0, 1000 0)",
            "乙区|丙区": "LINESTRING(1000 0, 1500 -800)",
            "甲区|丙区": "LINESTRING(1000 0, 1500 800)",
        }
    )
    entry = stone("001C", 1000, 5, repaired_on=date(2023, 6, 1), witness_sides=witnesses)
    return MarkerCase((entry,), drawn.lines, (), drawn.plane_epsg)


@pytest.mark.parametrize(
    ("witnesses", "severities"),
    [
        (("990102",), []),
        (("990103",), []),
        (("990101", "990103"), []),
        (("990101",), [Severity.PROHIBITED]),
        (("990104",), [Severity.PROHIBITED]),
        ((), [Severity.PROHIBITED]),
    ],
)
def test_at_a_junction_any_other_of_the_three_sides_may_be_present(witnesses, severities):
    rule = next(rule for rule in RULES if rule.id == "MK-STA-02")
    case = _at_the_junction(*map(DivisionCode, witnesses))

    assert [f.severity for f in found([rule], case, rule.examples[0])] == severities


def test_a_line_nobody_knows_leaves_open_who_the_other_side_is():
    rule = next(rule for rule in RULES if rule.id == "MK-STA-02")
    entry = stone("001Q", repaired_on=date(2023, 6, 1), witness_sides=(DivisionCode("990102"),))
    case = MarkerCase((entry,), (), (), 4549)

    assert [f.severity for f in found([rule], case, rule.examples[0])] == [Severity.HUMAN]


def test_a_repair_in_papers_without_a_place_for_witnesses_lacks_its_layer():
    entry = stone("001Q", 1000, repaired_on=date(2023, 6, 1))

    assert "repairs" in stones(entry).present
    assert "witnesses" not in stones(entry).present


def _in_qingdao(shift_m: float, bearing_deg: float) -> MarkerCase:
    """Six markers on an invented line within the extent of a real profile, all found off alike."""
    entries = []
    for serial in range(1, 7):
        lon, lat = 120.2 + 0.02 * serial, 36.4
        to_lon, to_lat, _ = ellipsoid().fwd(lon, lat, bearing_deg, shift_m + serial)
        for document, place in (
            (MarkerDocument.TABLE, Point(lon, lat)),
            (MarkerDocument.INSPECTION, Point(to_lon, to_lat)),
        ):
            entry = stone(f"{serial:03d}Q", document=document)
            entries.append(replace(entry, marker=replace(entry.marker, position=place)))
    return MarkerCase(tuple(entries), (), (), 4549)


@pytest.mark.parametrize(
    ("shift_m", "bearing_deg", "said"),
    [
        (455, 87, "实测坐标疑为 GCJ-02"),
        (455, 267, "成果坐标疑为 GCJ-02"),
        (1240, 57, "实测坐标疑为 BD-09"),
        (455, 180, ""),
    ],
)
def test_a_round_in_obfuscated_coordinates_is_told_once_and_barred(shift_m, bearing_deg, said):
    """Metres differ from marker to marker, as they do in such systems."""
    context = BoundaryContext(cities.city("370200"), date(2024, 6, 1))
    told = evaluate(
        RULES,
        _in_qingdao(shift_m, bearing_deg),
        context,
        as_of=context.as_of,
        jurisdiction=context.city.code,
    )

    moved = [f for f in told if f.rule_id in ("MK-POS-03", "MK-POS-06")]
    assert [f.rule_id for f in moved] == ["MK-POS-06"]
    assert said in moved[0].message.zh
    assert moved[0].severity is (Severity.PROHIBITED if said else Severity.HUMAN)
    # No figure that could serve to undo it.
    assert ("方位" in moved[0].message.zh) is not bool(said)
    assert (moved[0].measure is None) is bool(said)
