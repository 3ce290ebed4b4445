"""How the rule book is worded, for the terminal and the pages alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_service.domain.law import Reading
from geo_service.domain.text import Text
from geo_service.errors import ConfigError
from geo_service.messages import message
from geo_service.rules.names._scopes import SCOPE_TEXTS
from geo_service.services.wording import number_text, severity_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo_service.domain.finding import Severity
    from geo_service.services.rulebook import CitedArticle, Weight, WorkedExample

_COMMON_CASES = {"": "other", ":human": "only_human", ":info": "only_info"}
"""Cases that any rule may tell apart, and their words."""


def answer(severity: Severity | None, rule: str) -> Text:
    """The severity that a rule answers with; None where it is silent."""
    return message("rules.silent") if severity is None else severity_words(severity, rule)


def words(keys: Iterable[str]) -> Text:
    """Feature types, standings and needed layers in the reader's words, in a row."""
    each = [message(f"rules.word_{key}") for key in keys if key]
    joint = message("rules.and")
    return Text(joint.zh.join(text.zh for text in each), joint.en.join(text.en for text in each))


def quality(element: str) -> Text:
    """What the ISO 19157 quality element of a rule is called."""
    return message(f"rules.quality_{element}")


def category_words(category: str) -> Text:
    """What kind of fault it is; a kind without an English word keeps its Chinese one."""
    try:
        return message(f"categories.{category}")
    except ConfigError:
        return Text(category, category)


def subject(example: WorkedExample) -> Text:
    """What an example is about, and what was told of its size and nature, in the reader's words."""
    told = [
        message("rules.fact", label=_label(name), value=_fact(name, value))
        for name, value in example.facts
    ]
    if not told:
        return Text(example.subject, example.subject)
    facts = Text("；".join(text.zh for text in told), "; ".join(text.en for text in told))
    return message("rules.subject_told", subject=example.subject, facts=facts)


def _label(name: str) -> Text:
    return message("pages.road_class" if name == "road_class" else f"facts.{name}")


def _fact(name: str, value: Any) -> Text | str:
    if name == "road_class":
        return message(f"pages.class_{value}")
    return number_text(value) if isinstance(value, float | int) else str(value)


def in_force(article: CitedArticle) -> Text:
    """Since when and until when; a draft was never in force and says so."""
    period = article.citation.in_force
    if period.start is None:
        return message("rules.in_force_unknown")
    if article.reading is Reading.DRAFT:
        return message("rules.made_public", start=period.start)
    form = "in_force_open" if period.end is None else "in_force_closed"
    return message(f"rules.{form}", start=period.start, end=period.end)


def narrowed(weight: Weight, rule: str) -> Text:
    """In which cases, and for which standings and feature types a weight of a rule counts.

    Empty texts where in all and for all.
    """
    kinds = [text for text in map(words, (weight.standings, weight.feature_types)) if text.zh]
    if weight.cases:
        told = [_case_words(rule, case) for case in weight.cases]
        zh, en = (text.zh for text in told), (text.en for text in told)
        kinds.insert(0, Text(" / ".join(zh), " / ".join(en)))
    return Text("；".join(text.zh for text in kinds), "; ".join(text.en for text in kinds))


def _case_words(rule: str, case: str) -> Text:
    """A case that a rule tells apart; of names that repeat, the area they are compared in."""
    if case in _COMMON_CASES:
        return message(f"aspects.{_COMMON_CASES[case]}")
    try:
        return message(f"aspects.{rule}_{case}")
    except ConfigError:
        return SCOPE_TEXTS[case]
