"""The rule book as pages: every rule with its legal basis, examples and false alarms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from geo_service.api.deps import LangDep
from geo_service.domain.law import Reading
from geo_service.maps.wording import citation_text
from geo_service.messages import message
from geo_service.pages.render import page
from geo_service.services import rulebook

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geo_service.domain.finding import Severity
    from geo_service.domain.law import Citation
    from geo_service.domain.text import Lang

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@dataclass(frozen=True, slots=True)
class CitedArticle:
    """An article told once, with what a breach weighs and for which names."""

    citation: Citation
    in_force: str
    weights: tuple[tuple[Severity, str], ...]


def _words(words: Iterable[str], lang: Lang) -> str:
    joint = message("rules.and").in_(lang)
    return joint.join(message(f"rules.word_{word}").in_(lang) for word in words)


def _in_force(basis: rulebook.LegalBasis, lang: Lang) -> str:
    period = basis.citation.in_force
    if period.start is None:
        return message("rules.in_force_unknown").in_(lang)
    if basis.reading is Reading.DRAFT:
        return message("rules.made_public", start=period.start).in_(lang)
    form = "in_force_open" if period.end is None else "in_force_closed"
    return message(f"rules.{form}", start=period.start, end=period.end).in_(lang)


def _weights(bases: Sequence[rulebook.LegalBasis], lang: Lang) -> tuple[tuple[Severity, str], ...]:
    kinds: dict[tuple[Severity, tuple[str, ...]], dict[str, None]] = {}
    for basis in sorted(bases, key=lambda basis: -basis.severity):
        group = kinds.setdefault((basis.severity, basis.standings), {})
        group.update(dict.fromkeys(basis.feature_types))
    return tuple(
        (
            severity,
            "；".join(part for part in (_words(standings, lang), _words(types, lang)) if part),
        )
        for (severity, standings), types in kinds.items()
    )


def cited_articles(basis: Iterable[rulebook.LegalBasis], lang: Lang) -> tuple[CitedArticle, ...]:
    """The articles a rule rests on, each once, in the order the rule names them."""
    groups: dict[tuple[str, str], list[rulebook.LegalBasis]] = {}
    for each in basis:
        key = each.citation.instrument_id, each.citation.article
        groups.setdefault(key, []).append(each)
    return tuple(
        CitedArticle(bases[0].citation, _in_force(bases[0], lang), _weights(bases, lang))
        for bases in groups.values()
    )


@router.get("/rules")
def rules_page(request: Request, lang: LangDep) -> HTMLResponse:
    """All rules, family by family, each with the articles it rests on."""
    families: dict[str, list[tuple[rulebook.RuleSummary, list[str]]]] = {}
    for rule in rulebook.list_rules():
        cited = dict.fromkeys(citation_text(basis.citation, lang) for basis in rule.basis)
        families.setdefault(rule.family, []).append((rule, list(cited)))
    return page(request, "rules.html", families=families)


@router.get("/rules/{rule_id}")
def rule_page(request: Request, rule_id: str, lang: LangDep) -> HTMLResponse:
    """The manual page of one rule. Raises NotFound for an id no rule has."""
    rule = rulebook.explain(rule_id)
    return page(
        request,
        "rule.html",
        rule=rule,
        articles=cited_articles(rule.summary.basis, lang),
        needs=_words(rule.needs, lang),
        kinds=[
            _words((e.feature_type, e.standing), lang) if e.standing else "" for e in rule.examples
        ],
    )
