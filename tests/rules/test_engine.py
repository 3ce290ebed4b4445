"""The engine and the word search take short cuts; here is the long way, with the same answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service import statutes
from geo_service.cities import city
from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.rules.base import Basis
from geo_service.rules.engine import evaluate, rules_of
from geo_service.rules.names import NameCase, NameContext, Standing
from geo_service.rules.names._words import Hit, occurrences, unguarded, untouched

RULES = rules_of("names")
DAYS = (date(1990, 1, 1), date(2019, 3, 1), date(2021, 6, 1), date(2024, 6, 1))
CITY = city("370200")
LETTERS = st.text("新西兰泰国际东方", max_size=8)
WORDS = st.frozensets(st.text("新西兰泰国际东方", min_size=1, max_size=4), max_size=8)


def by_the_long_way(case: NameCase, context: NameContext) -> list[dict[str, Any]]:
    """Every rule asked, every base of every evidence weighed one by one."""
    seen = {}
    for rule, evidence in [(r, e) for r in RULES for e in r.check(case, context)]:
        bases = [
            basis
            for basis in rule.basis
            if statutes.article(basis.instrument, basis.article).in_force.covers(context.as_of)
            and CITY.code.startswith(statutes.instrument(basis.instrument).territory)
            and basis.aspect == evidence.aspect
            and case.standing in (basis.standings or set(Standing))
            and case.feature_type in (basis.feature_types or set(FeatureType))
        ]
        if bases:
            cited = [statutes.citation(b.instrument, b.article) for b in bases]
            seen[rule.id, evidence.key] = {
                "rule": rule.id,
                "severity": max(basis.severity for basis in bases),
                "message": evidence.message,
                "citations": tuple(dict.fromkeys(cited)),
                "question": evidence.question,
            }
    return list(seen.values())


def told(case: NameCase, context: NameContext) -> list[dict[str, Any]]:
    found = evaluate(RULES, case, context, as_of=context.as_of, jurisdiction=CITY.code)
    assert [f.severity for f in found] == sorted((f.severity for f in found), reverse=True)
    return [
        {
            "rule": f.rule_id,
            "severity": f.severity,
            "message": f.message,
            "citations": f.citations,
            "question": f.question,
        }
        for f in found
    ]


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_what_is_skipped_would_have_said_nothing(day: date) -> None:
    names = sorted({example.subject.name for rule in RULES for example in rule.examples})
    context, flagged = NameContext(CITY, day), 0
    for name, kind, standing in product(names, FeatureType, Standing):
        case = NameCase(name, kind, standing)
        found = told(case, context)
        flagged += bool(found)
        key = lambda row: (row["rule"], row["message"].zh)  # noqa: E731
        assert sorted(found, key=key) == sorted(by_the_long_way(case, context), key=key)
    assert flagged


@pytest.mark.parametrize("aspects", [("question", "breach"), ("breach", "question")], ids=str)
def test_of_one_fault_told_twice_the_graver_stands(aspects: tuple[str, str]) -> None:
    def check(case: NameCase, context: NameContext) -> Iterator[Evidence]:
        for aspect in aspects:
            yield Evidence(message=Text(aspect, aspect), key="one", aspect=aspect)
        yield Evidence(message=Text("another", "another"), key="two", aspect="question")

    bases = (
        Basis("L22", "9(1)", Severity.HUMAN, "question"),
        Basis("L22", "9(5)", Severity.PROHIBITED, "breach"),
    )
    rule = replace(RULES[0], basis=bases, check=check)
    context = NameContext(CITY, DAYS[-1])

    found = evaluate(
        [rule], NameCase("甲路", FeatureType.ROAD), context, as_of=DAYS[-1], jurisdiction=CITY.code
    )

    assert [(f.severity, f.message.zh) for f in found] == [
        (Severity.PROHIBITED, "breach"),
        (Severity.HUMAN, "another"),
    ]


def every_hit(name: str, words: frozenset[str]) -> tuple[Hit, ...]:
    spans = [(i, j) for i in range(len(name)) for j in range(len(name), i, -1)]
    return tuple(Hit(name[i:j], i) for i, j in spans if name[i:j] in words)


@given(LETTERS, WORDS)
def test_every_listed_word_is_found_in_order(name: str, words: frozenset[str]) -> None:
    assert occurrences(name, words) == every_hit(name, words)


@given(LETTERS, WORDS, WORDS)
def test_guards_take_away_what_they_hold_or_cross(
    name: str, words: frozenset[str], guards: frozenset[str]
) -> None:
    def inside(hit: Hit, other: Hit) -> bool:
        return other.start <= hit.start and hit.end <= other.end

    def crosses(hit: Hit, guard: Hit) -> bool:
        return guard.start < hit.end and hit.start < guard.end

    hits, held = every_hit(name, words), every_hit(name, guards)
    longest = [h for h in hits if not any(inside(h, o) for o in hits if o != h)]
    assert list(unguarded(name, words, guards)) == [
        h for h in longest if not any(inside(h, g) for g in held)
    ]
    assert list(untouched(name, words, guards)) == [
        h for h in longest if not any(crosses(h, g) and (g == h or not inside(g, h)) for g in held)
    ]
