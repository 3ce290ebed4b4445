"""The rule book: what it lists, explains and finds uncovered, on two rules made for the purpose."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.errors import NotFound
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, clean, flagged
from geo_service.services import rule_wording, rulebook

if TYPE_CHECKING:
    from collections.abc import Iterator


def _check(case: NameCase, context: object) -> Iterator[Evidence]:
    if "甲" in case.name:
        yield Evidence(message=Text("有甲", "has 甲"))


def _rule(rule_id: str, slug: str, *basis: Basis) -> Rule[Any, Any]:
    return Rule(
        id=rule_id,
        slug=slug,
        version=3,
        title=Text("甲字", "the character 甲"),
        category="怪",
        quality=Quality.THEMATIC,
        basis=basis,
        check=_check,
        examples=(
            flagged(
                "甲路",
                FeatureType.ROAD,
                Severity.PROHIBITED,
                Text("有甲", "has it"),
                neighbours=("甲子路",),
            ),
            clean("乙路", FeatureType.ROAD, Text("无甲", "has it not"), on=date(2021, 5, 1)),
        ),
        trap=Text("甲子年", "the cycle of sixty"),
        handling=Text("改名", "take another name"),
        needs=frozenset({"register", "built-up area"}),
    )


FIRST = _rule(
    "NM-TST-01",
    "first",
    Basis("L22", "9(5)", Severity.PROHIBITED, feature_types=frozenset({"road"})),
    Basis("SDB", "7(3)", Severity.HUMAN, aspect="draft"),
)
SECOND = _rule("NM-TST-02", "second", Basis("L22", "9(5)", Severity.INFO))


@pytest.fixture(autouse=True)
def _two_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    families = {"names": (FIRST, SECOND)}
    monkeypatch.setattr(rulebook, "rules_of", lambda family: families.get(family, ()))


def test_the_list_shows_range_of_severity_and_citations() -> None:
    first, second = rulebook.list_rules()
    assert (first.id, first.family, first.version) == ("NM-TST-01", "names", 3)
    assert (first.mildest, first.gravest) == (Severity.HUMAN, Severity.PROHIBITED)
    assert (second.mildest, second.gravest) == (Severity.INFO, Severity.INFO)
    assert [basis.citation.article for basis in first.basis] == ["9(5)", "7(3)"]


def test_one_family_only() -> None:
    assert len(rulebook.list_rules("names")) == 2
    assert rulebook.list_rules("boundaries") == ()
    with pytest.raises(NotFound) as refusal:
        rulebook.list_rules("rivers")
    assert refusal.value.code == "family_unknown"


def test_an_explanation_holds_law_trap_and_worked_examples() -> None:
    page = rulebook.explain("NM-TST-01")
    assert page.needs == ("built-up area", "register")
    assert page.trap.en == "the cycle of sixty"
    reported, silent = page.examples
    assert (reported.subject, reported.answer) == ("甲路", Severity.PROHIBITED)
    assert reported.beside == ("甲子路",)
    assert (silent.answer, silent.beside, silent.on) == (None, (), date(2021, 5, 1))
    law, draft = page.summary.basis
    assert law.feature_types == ("road",)
    assert law.citation.in_force.start == date(2022, 5, 1)
    assert law.citation.caveat is None
    assert draft.citation.caveat is not None


def test_an_article_is_told_once_with_its_weights_gravest_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    new, old = frozenset({"proposed"}), frozenset({"existing"})
    rule = _rule(
        "NM-TST-03",
        "third",
        Basis("L22", "9(8)", Severity.INFO, "x", old, frozenset({"road"})),
        Basis("L22", "9(8)", Severity.PROHIBITED, "x", new, frozenset({"road"})),
        Basis("L86", "4(3)", Severity.HUMAN),
        Basis("L22", "9(8)", Severity.PROHIBITED, "y", new, frozenset({"estate"})),
    )
    monkeypatch.setattr(rulebook, "rules_of", lambda _family: (rule,))
    current, former = rulebook.list_rules("names")[0].articles
    assert [
        (weight.severity, weight.cases, weight.standings, weight.feature_types)
        for weight in current.weights
    ] == [
        (Severity.PROHIBITED, ("x",), ("proposed",), ("road",)),
        (Severity.PROHIBITED, ("y",), ("proposed",), ("estate",)),
        (Severity.INFO, ("x",), ("existing",), ("road",)),
    ]
    assert [weight.cases for weight in former.weights] == [("",)]
    assert former.citation.instrument_id == "L86"


def test_cases_of_one_weight_are_told_together_and_all_of_them_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rule = _rule(
        "NM-TST-03",
        "third",
        *(Basis("L22", "9(8)", Severity.HUMAN, aspect) for aspect in ("x", "y")),
        *(Basis("L86", "4(3)", Severity.HUMAN, aspect) for aspect in ("x", "y", "z")),
    )
    monkeypatch.setattr(rulebook, "rules_of", lambda _family: (rule,))
    some, every = rulebook.list_rules("names")[0].articles
    assert [weight.cases for weight in some.weights] == [("x", "y")]
    assert [weight.cases for weight in every.weights] == [()]


def test_a_draft_is_never_worded_as_law_in_force() -> None:
    law, draft = rulebook.list_rules()[0].articles
    assert rule_wording.in_force(law) == Text("2022-05-01 起施行", "in force from 2022-05-01")
    assert "未" in rule_wording.in_force(draft).zh
    assert "not in force" in rule_wording.in_force(draft).en


def test_an_unknown_rule_is_not_found() -> None:
    with pytest.raises(NotFound) as refusal:
        rulebook.explain("NM-TST-99")
    assert refusal.value.code == "rule_unknown"
    assert refusal.value.context == {"rule": "NM-TST-99"}


def test_coverage_tells_watched_articles_from_unwatched_ones() -> None:
    book = {covered.instrument.id: covered for covered in rulebook.coverage()}
    l22 = {row.article.number: row.rules for row in book["L22"].articles}
    assert l22["9(5)"] == ("NM-TST-01", "NM-TST-02")
    assert l22["9(6)"] == ()
    assert "9(5)" not in book["L22"].uncovered
    assert "9(6)" in book["L22"].uncovered
    assert len(book["B02"].uncovered) == 20


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_json_forms_carry_plain_values_in_one_language(lang: Any) -> None:
    page = rulebook.explanation_json(rulebook.explain("NM-TST-01"), lang)
    assert json.loads(json.dumps(page)) == page
    assert page["title"] == FIRST.title.in_(lang)
    assert page["severity"] == {"mildest": "human", "gravest": "prohibited"}
    assert page["basis"][0]["citation"]["in_force_from"] == "2022-05-01"
    assert [example["answer"] for example in page["examples"]] == ["prohibited", None]
    listed = rulebook.summary_json(rulebook.list_rules()[0], lang)
    assert {key: page[key] for key in listed} == listed
    covered = [rulebook.coverage_json(row, lang) for row in rulebook.coverage()]
    assert json.loads(json.dumps(covered)) == covered
    old = next(row for row in covered if row["id"] == "L86")
    assert (old["in_force_from"], old["in_force_to"]) == ("1986-01-23", "2022-05-01")


def test_rules_on_names_are_explained_without_loading_geometry() -> None:
    script = (
        "import sys; from geo_service.services import rulebook as book;"
        "first = book.list_rules('names')[0]; book.explain(first.id);"
        "print([name for name in ('shapely', 'numpy', 'pyproj') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
