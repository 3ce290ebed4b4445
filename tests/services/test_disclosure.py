"""A public finding says no word of an internal record, whether it lists it as related or not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from geo_service.domain.provenance import Label
from geo_service.services import appraisal
from geo_service.services.boundaries import check_boundaries
from geo_service.services.disclosure import shown_to


def _labelled(record, label: Label):
    return replace(record, provenance=replace(record.provenance, label=label))


@pytest.fixture(scope="module")
def reviewed():
    """The invented city with all labelled public, its units and lines called as nothing else is."""
    review = appraisal.review_synthetic().review
    case = review.case
    case = replace(
        case,
        units=tuple(
            replace(_labelled(unit, Label.PUBLIC), name=f"鹭{chr(0x4E00 + 7 * number)}区")
            for number, unit in enumerate(case.units)
        ),
        lines=tuple(
            replace(_labelled(line, Label.PUBLIC), name=f"线{line.id}") for line in case.lines
        ),
        nodes=tuple(_labelled(node, Label.PUBLIC) for node in case.nodes),
    )
    return case, check_boundaries(case, review.city, appraisal.AS_OF)


@pytest.mark.parametrize("layer", ["units", "lines", "nodes"])
def test_no_public_finding_says_a_word_of_an_internal_record(reviewed, layer):
    case, report = reviewed
    leaks = []
    for hidden in getattr(case, layer):
        records = [
            _labelled(record, Label.INTERNAL) if record is hidden else record
            for record in getattr(case, layer)
        ]
        words = [hidden.id, *filter(None, [getattr(hidden, "name", "")])]
        for finding in shown_to(
            Label.PUBLIC, report, replace(case, **{layer: tuple(records)})
        ).findings:
            own = [finding.subject, *finding.related]
            said = f"{finding.title} {finding.message} {finding.question} {finding.suggestion}"
            for record in own:  # the id of a public line is made of the codes of its units
                said = said.replace(f"线{record.id}", "").replace(record.id, "")
            said += " ".join(record.name for record in own if not record.name.startswith("线"))
            leaks += [(finding.rule_id, word) for word in words if word in said]
    assert not leaks


def test_where_nothing_is_internal_every_finding_on_boundaries_is_shown(reviewed):
    case, report = reviewed
    shown = shown_to(Label.PUBLIC, report, case)
    assert len(shown.findings) > 50
    assert {f.rule_id for f in shown.findings} >= {"BD-NET-01", "BD-POL-02", "BD-COD-02"}
