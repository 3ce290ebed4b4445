"""Every example of a rule on boundaries is drawn from its own geometry."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from geo_service.maps.example_drawing import example_drawings
from geo_service.rules.engine import rules_of

FAMILIES = ("boundaries", "markers", "inspections")
RULES = [rule for family in FAMILIES for rule in rules_of(family)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_an_example_is_a_whole_picture_that_fits_its_frame(rule) -> None:
    drawings = example_drawings(rule.id, "zh")
    assert len(drawings) == len(rule.examples)
    for drawing, example in zip(drawings, rule.examples, strict=True):
        root = ElementTree.fromstring(drawing)  # noqa: S314 - our own words
        assert root.get("aria-label") == example.why.zh
        assert "://" not in drawing
        _, _, width, height = map(float, root.get("viewBox").split())
        ways = [node.get("d") for node in root.iter("path")]
        numbers = [pair.split() for way in ways for pair in re.split("[ML]", way) if pair.strip()]
        for x, y in numbers:
            assert -1 <= float(x) <= width + 1
            assert -1 <= float(y) <= height + 1


def test_what_the_rule_says_is_marked_in_flagged_examples_only() -> None:
    rule = next(rule for rule in RULES if rule.id == "BD-TOP-02")
    marked = ['class="found' in drawing for drawing in example_drawings(rule.id, "en")]
    assert marked == [example.severity is not None for example in rule.examples]


def test_rules_on_names_and_unknown_rules_have_no_pictures() -> None:
    assert example_drawings("NM-DUP-01", "zh") == ()
    assert example_drawings("BD-XXX-99", "zh") == ()
