"""Every rule of every family keeps its word: it is declared whole, its examples come true."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from geo_service import statutes
from geo_service.cities import city
from geo_service.domain.finding import Severity
from geo_service.domain.identity import DivisionCode
from geo_service.domain.law import Rank, Reading
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Provenance
from geo_service.domain.text import Text
from geo_service.rules.engine import FAMILIES, bases_in_force, evaluate, findings_of, rules_of
from geo_service.rules.names import Beside, NameContext, Neighbour, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo_service.domain.finding import Finding
    from geo_service.rules.base import Example, Rule

CITY = city("370200")
PREFIX = {
    "names": "NM",
    "boundaries": "BD",
    "markers": "MK",
    "descriptions": "DS",
    "inspections": "IN",
}
LEAST = {"names": 38, "boundaries": 43, "markers": 16, "descriptions": 10, "inspections": 7}
"""How many rules a family has at least: none is lost unseen."""
SCOPES = {
    FeatureType.VILLAGE: "county",
    FeatureType.UNIT: "nation",
    FeatureType.NATURAL: "nation",
}
"""The legal area in which the registered names of an example lie with its subject."""
UNFILLED = re.compile(r"\{\w*\}")


def _neighbours(example: Example[Any]) -> tuple[Neighbour, ...]:
    source = Provenance(source="test")
    scope = SCOPES.get(example.subject.feature_type, "built_up_area")
    return tuple(
        Neighbour(
            NamedPlace(
                id=f"PN-{number}",
                name=name,
                feature_type=example.subject.feature_type,
                provenance=source,
            ),
            scope=scope,
        )
        for number, name in enumerate(example.context)
    )


def _context(family: str, example: Example[Any]) -> Any:
    if family != "names":
        return example.context
    if isinstance(example.context, Beside):
        return NameContext(
            city=replace(CITY, policy={**CITY.policy, **dict(example.context.policy)}),
            as_of=example.on,
            neighbours=example.context.neighbours,
            in_use=example.context.in_use,
            surroundings=example.context.surroundings,
            listed=example.context.listed,
            restricted=example.context.restricted,
        )
    return NameContext(
        city=CITY,
        as_of=example.on,
        neighbours=_neighbours(example),
        scope=Text("同一建成区", "the same built-up area"),
    )


def _run(family: str, rule: Rule[Any, Any], example: Example[Any]) -> list[Finding]:
    context = _context(family, example)
    found = findings_of(
        rule,
        example.subject,
        context,
        as_of=example.on,
        jurisdiction=context.city.code,
    )
    return list(found)


RULES = [(family, rule) for family in FAMILIES for rule in rules_of(family)]
EXAMPLES = [(family, rule, example) for family, rule in RULES for example in rule.examples]
every_rule = pytest.mark.parametrize(("family", "rule"), RULES, ids=[r.id for _, r in RULES])
every_example = pytest.mark.parametrize(
    ("family", "rule", "example"),
    EXAMPLES,
    ids=[f"{rule.id}-{number}" for _, rule in RULES for number, _ in enumerate(rule.examples)],
)


def _complete(texts: Iterable[Text]) -> bool:
    return all(text.zh.strip() and text.en.strip() and text.zh != text.en for text in texts)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_has_rules_in_the_order_of_their_ids(family: str) -> None:
    ids = [rule.id for rule in rules_of(family)]
    assert len(ids) >= LEAST[family]
    assert ids == sorted(ids)


@every_rule
def test_id_tells_the_family(family: str, rule: Rule[Any, Any]) -> None:
    assert re.fullmatch(rf"{PREFIX[family]}-[A-Z]{{3,4}}-[0-9]{{2}}", rule.id)
    assert rule.version >= 1


@every_rule
def test_the_file_is_named_after_the_fault(family: str, rule: Rule[Any, Any]) -> None:
    assert rule.check.__module__ == f"geo_service.rules.{family}.{rule.slug}"


@every_rule
def test_texts_speak_both_languages(family: str, rule: Rule[Any, Any]) -> None:
    texts = [rule.title, rule.trap, rule.handling, *(example.why for example in rule.examples)]
    assert _complete(texts)
    assert rule.category


def test_titles_tell_the_rules_apart() -> None:
    for language in ("zh", "en"):
        titles = [getattr(rule.title, language) for _, rule in RULES]
        assert len(set(titles)) == len(titles)


@every_rule
def test_examples_show_both_answers(family: str, rule: Rule[Any, Any]) -> None:
    flagged = [example for example in rule.examples if example.severity is not None]
    clean = [example for example in rule.examples if example.severity is None]
    assert len(flagged) >= 2
    assert len(clean) >= 2


@every_example
def test_an_example_gets_the_answer_it_declares(
    family: str, rule: Rule[Any, Any], example: Example[Any]
) -> None:
    found = _run(family, rule, example)
    assert max((finding.severity for finding in found), default=None) == example.severity


@every_example
def test_findings_of_examples_can_be_read_and_traced(
    family: str, rule: Rule[Any, Any], example: Example[Any]
) -> None:
    for finding in _run(family, rule, example):
        texts = [finding.message, finding.question, finding.suggestion]
        told = [text for text in texts if text is not None]
        assert _complete(told)
        assert not any(UNFILLED.search(text.zh + text.en) for text in told)
        assert finding.citations
        assert all(citation.in_force.covers(example.on) for citation in finding.citations)


@every_example
def test_what_only_a_person_can_decide_comes_with_the_question(
    family: str, rule: Rule[Any, Any], example: Example[Any]
) -> None:
    subjects = [example.subject]
    if family == "names":
        subjects = [replace(example.subject, standing=standing) for standing in Standing]
    for subject in subjects:
        for finding in _run(family, rule, replace(example, subject=subject)):
            asks = finding.severity is Severity.HUMAN
            assert finding.question is not None or not asks, (subject, finding.message.zh)


@every_example
def test_asking_twice_gives_the_same_answer(
    family: str, rule: Rule[Any, Any], example: Example[Any]
) -> None:
    assert _run(family, rule, example) == _run(family, rule, example)


@every_rule
def test_every_basis_is_an_article_on_file(family: str, rule: Rule[Any, Any]) -> None:
    assert rule.basis
    for basis in rule.basis:
        assert statutes.article(basis.instrument, basis.article).gist.zh


@every_rule
def test_what_nobody_has_read_is_never_a_prohibition(family: str, rule: Rule[Any, Any]) -> None:
    for basis in rule.basis:
        source = statutes.instrument(basis.instrument)
        row = statutes.article(basis.instrument, basis.article)
        if source.reading in (Reading.DRAFT, Reading.UNREAD):
            assert basis.severity <= Severity.HUMAN, basis
        if not row.confirmed:
            assert basis.severity < Severity.PROHIBITED, basis


ENGINEERING = (Rank.STANDARD, Rank.PRACTICE)
"""Ranks of instruments on topology, systems and codes: these may bar a filing, never a name."""


@every_rule
def test_only_what_somebody_has_read_advises_or_forbids(family: str, rule: Rule[Any, Any]) -> None:
    """The severity of a finding is that of its gravest basis: one unread text would carry it.

    Above a question a basis is a text read in full, or an article of another that was seen itself.
    On boundaries only a law read in full forbids; a standard may bar a filing.
    """
    for basis in rule.basis:
        source = statutes.instrument(basis.instrument)
        row = statutes.article(basis.instrument, basis.article)
        if basis.severity > Severity.HUMAN:
            assert row.confirmed, basis
            assert source.reading in (Reading.FULL, Reading.PART), basis
        if basis.severity is Severity.PROHIBITED and family != "names":
            assert source.reading is Reading.FULL or source.rank in ENGINEERING, basis


@every_rule
def test_standards_and_our_own_defaults_never_forbid_a_name(
    family: str, rule: Rule[Any, Any]
) -> None:
    ranks = {statutes.instrument(basis.instrument).rank for basis in rule.basis}
    gravest = max(basis.severity for basis in rule.basis)
    if family == "names" and ranks <= {Rank.STANDARD, Rank.PRACTICE}:
        assert gravest < Severity.PROHIBITED


@every_rule
def test_before_there_was_any_law_no_article_applies(family: str, rule: Rule[Any, Any]) -> None:
    dated = [b for b in rule.basis if statutes.article(b.instrument, b.article).in_force.start]
    in_force = bases_in_force(rule, date(1949, 10, 1), CITY.code)
    assert not set(in_force) & set(dated)


@every_rule
def test_another_province_does_not_answer_to_the_law_of_this_one(
    family: str, rule: Rule[Any, Any]
) -> None:
    elsewhere = bases_in_force(rule, date(2024, 6, 1), DivisionCode("440300"))
    assert all(statutes.instrument(b.instrument).territory in ("", "44", "4403") for b in elsewhere)


NAME_RULES = rules_of("names")
NAME_EXAMPLES = [(rule, example) for rule in NAME_RULES for example in rule.examples]
every_name_example = pytest.mark.parametrize(
    ("rule", "example"),
    NAME_EXAMPLES,
    ids=[f"{rule.id}-{number}" for rule in NAME_RULES for number, _ in enumerate(rule.examples)],
)


@every_name_example
def test_a_protected_name_is_never_forbidden(rule: Rule[Any, Any], example: Example[Any]) -> None:
    protected = replace(example.subject, standing=Standing.PROTECTED)
    found = _run("names", rule, replace(example, subject=protected))
    assert all(finding.severity < Severity.PROHIBITED for finding in found)


@every_name_example
def test_the_order_of_rules_and_register_does_not_matter(
    rule: Rule[Any, Any], example: Example[Any]
) -> None:
    context = _context("names", example)
    random = Random(rule.id)  # noqa: S311 - a reproducible shuffle, no secret
    rules, neighbours = list(NAME_RULES), list(context.neighbours)
    random.shuffle(rules)
    random.shuffle(neighbours)
    shuffled = replace(context, neighbours=tuple(neighbours))
    subject, day = example.subject, example.on
    once = evaluate(NAME_RULES, subject, context, as_of=day, jurisdiction=CITY.code)
    assert evaluate(rules, subject, shuffled, as_of=day, jurisdiction=CITY.code) == once


@every_name_example
def test_a_fault_keeps_its_fingerprint_from_day_to_day(
    rule: Rule[Any, Any], example: Example[Any]
) -> None:
    later = replace(example, on=date(2026, 11, 1))
    today = {finding.fingerprint for finding in _run("names", rule, later)}
    tomorrow = _run("names", rule, replace(example, on=date(2026, 11, 2)))
    assert {finding.fingerprint for finding in tomorrow} == today


BOUNDARY_RULES = rules_of("boundaries")


@pytest.mark.parametrize(
    ("rule", "example"),
    [(rule, example) for rule in BOUNDARY_RULES for example in rule.examples],
    ids=[f"{rule.id}-{n}" for rule in BOUNDARY_RULES for n, _ in enumerate(rule.examples)],
)
def test_the_order_of_units_lines_and_nodes_does_not_matter(
    rule: Rule[Any, Any], example: Example[Any]
) -> None:
    case = example.subject
    turned = replace(case, units=case.units[::-1], lines=case.lines[::-1], nodes=case.nodes[::-1])
    assert _run("boundaries", rule, replace(example, subject=turned)) == _run(
        "boundaries", rule, example
    )
