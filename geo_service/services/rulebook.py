"""The rule book: which rules there are, what each rests on, and what the law leaves unwatched.

Reads the rules themselves and the dated law, so it can never say anything else than what a check
does. Listing or explaining a rule on names loads no geometry: families are opened one by one, and
only as far as needed.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from geo_service import statutes
from geo_service.domain.proposal import NOTHING_TOLD
from geo_service.domain.text import Text
from geo_service.errors import ConfigError, NotFound
from geo_service.lexicons import lexicon
from geo_service.rules.engine import FAMILIES, rules_of
from geo_service.rules.names import Beside
from geo_service.rules.names._scopes import case_of
from geo_service.services.wire import Json, citation_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from geo_service.domain.finding import Severity
    from geo_service.domain.law import Article, Citation, Instrument, Rank, Reading
    from geo_service.domain.text import Lang
    from geo_service.rules.base import Basis, Example, Rule


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """An article a rule rests on, how much a breach weighs, and to what it is narrowed.

    `reading` tells a draft, whose date is the day it was made public, from law in force.
    """

    citation: Citation
    rank: Rank
    reading: Reading
    severity: Severity
    aspect: str
    standings: tuple[str, ...]
    feature_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Weight:
    """How much a breach weighs in some cases, standings and feature types; empty means all.

    `cases` are those that the rule tells apart; "" among them is what is none of the others.
    """

    severity: Severity
    cases: tuple[str, ...]
    standings: tuple[str, ...]
    feature_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CitedArticle:
    """An article told once, with what a breach weighs for which subjects, gravest first."""

    citation: Citation
    rank: Rank
    reading: Reading
    weights: tuple[Weight, ...]


@dataclass(frozen=True, slots=True)
class RuleSummary:
    """One line of the list of rules; severities run from the mildest to the gravest basis."""

    id: str
    family: str
    slug: str
    version: int
    title: Text
    category: str
    quality: str
    mildest: Severity
    gravest: Severity
    basis: tuple[LegalBasis, ...]

    @property
    def articles(self) -> tuple[CitedArticle, ...]:
        """The articles the rule rests on, each once, in the order the rule names them."""
        groups: dict[tuple[str, str], list[LegalBasis]] = {}
        for basis in self.basis:
            key = basis.citation.instrument_id, basis.citation.article
            groups.setdefault(key, []).append(basis)
        told = frozenset(case_of(basis.aspect) for basis in self.basis)
        return tuple(_cited_article(bases, told) for bases in groups.values())


@dataclass(frozen=True, slots=True)
class WorkedExample:
    """An example with the answer the rule gives; `answer` is None where it is silent.

    `beside` are the registered names the case was put beside, where the rule compares; `facts` are
    those of size and nature that were told of the subject.
    """

    subject: str
    feature_type: str
    standing: str
    on: date
    answer: Severity | None
    why: Text
    beside: tuple[str, ...]
    facts: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class RuleExplanation:
    """The manual page of one rule."""

    summary: RuleSummary
    needs: tuple[str, ...]
    trap: Text
    handling: Text
    examples: tuple[WorkedExample, ...]


@dataclass(frozen=True, slots=True)
class ArticleCoverage:
    """An article and the ids of the rules that rest on it, none where nothing watches it."""

    article: Article
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InstrumentCoverage:
    """An instrument with all its articles on file."""

    instrument: Instrument
    articles: tuple[ArticleCoverage, ...]

    @property
    def uncovered(self) -> tuple[str, ...]:
        """Numbers of the articles no rule rests on."""
        return tuple(row.article.number for row in self.articles if not row.rules)


def _legal_basis(basis: Basis) -> LegalBasis:
    source = statutes.instrument(basis.instrument)
    return LegalBasis(
        citation=statutes.citation(basis.instrument, basis.article),
        rank=source.rank,
        reading=source.reading,
        severity=basis.severity,
        aspect=basis.aspect,
        standings=tuple(sorted(basis.standings)),
        feature_types=tuple(sorted(basis.feature_types)),
    )


def _cited_article(bases: Sequence[LegalBasis], told: frozenset[str]) -> CitedArticle:
    """An article of a rule that tells these cases apart."""
    types: dict[tuple[Severity, str, tuple[str, ...]], dict[str, None]] = {}
    for basis in sorted(bases, key=lambda basis: -basis.severity):
        kind = basis.severity, case_of(basis.aspect), basis.standings
        types.setdefault(kind, {}).update(dict.fromkeys(basis.feature_types))
    cases: dict[tuple[Severity, tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for (severity, case, standings), kinds in types.items():
        cases.setdefault((severity, standings, tuple(kinds)), []).append(case)
    weights = tuple(
        Weight(severity, () if told.issubset(among) else tuple(among), standings, kinds)
        for (severity, standings, kinds), among in cases.items()
    )
    return CitedArticle(bases[0].citation, bases[0].rank, bases[0].reading, weights)


def _summary(family: str, rule: Rule[Any, Any]) -> RuleSummary:
    severities = [basis.severity for basis in rule.basis]
    return RuleSummary(
        id=rule.id,
        family=family,
        slug=rule.slug,
        version=rule.version,
        title=rule.title,
        category=rule.category,
        quality=rule.quality.value,
        mildest=min(severities),
        gravest=max(severities),
        basis=tuple(_legal_basis(basis) for basis in rule.basis),
    )


def _worked(example: Example[Any]) -> WorkedExample:
    case, context = example.subject, example.context
    return WorkedExample(
        subject=case.subject.name or case.subject.id,
        feature_type=str(case.feature_type),
        standing=str(case.standing),
        on=example.on,
        answer=example.severity,
        why=example.why,
        beside=_beside(context),
        facts=_told(case),
    )


def _told(case: Any) -> tuple[tuple[str, Any], ...]:
    """Facts of size and nature that an example of the names family tells of its subject."""
    facts = getattr(case, "facts", NOTHING_TOLD)
    told = ((field.name, getattr(facts, field.name)) for field in fields(facts))
    return tuple((name, value) for name, value in told if value not in (None, ""))


def _beside(context: Any) -> tuple[str, ...]:
    if isinstance(context, Beside):
        return context.names
    names = context if isinstance(context, tuple) else ()
    return tuple(name for name in names if isinstance(name, str))


def _all_rules() -> Iterator[tuple[str, Rule[Any, Any]]]:
    for family in FAMILIES:
        for rule in rules_of(family):
            yield family, rule


def list_rules(family: str | None = None) -> tuple[RuleSummary, ...]:
    """All rules, or those of one family (see `FAMILIES`), in the order of their ids.

    Raises NotFound for a family that does not exist.
    """
    if family is None:
        return tuple(_summary(name, rule) for name, rule in _all_rules())
    if family not in FAMILIES:
        raise NotFound("family_unknown", family=family, known=", ".join(FAMILIES))
    return tuple(_summary(family, rule) for rule in rules_of(family))


def explain(rule_id: str) -> RuleExplanation:
    """The manual page of one rule. Raises NotFound for an id no rule has."""
    for family, rule in _all_rules():
        if rule.id == rule_id:
            return RuleExplanation(
                summary=_summary(family, rule),
                needs=tuple(sorted(rule.needs)),
                trap=rule.trap,
                handling=rule.handling,
                examples=tuple(_worked(example) for example in rule.examples),
            )
    raise NotFound("rule_unknown", rule=rule_id)


def coverage() -> tuple[InstrumentCoverage, ...]:
    """Every instrument and article on file with the rules that rest on it."""
    resting: dict[tuple[str, str], set[str]] = {}
    for _, rule in _all_rules():
        for basis in rule.basis:
            resting.setdefault((basis.instrument, basis.article), set()).add(rule.id)
    return tuple(
        InstrumentCoverage(
            source,
            tuple(
                ArticleCoverage(row, tuple(sorted(resting.get((source.id, row.number), ()))))
                for row in source.articles
            ),
        )
        for source in map(statutes.instrument, statutes.instrument_ids())
    )


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked of a name, or a fault of boundaries, and what watches it; `id` is permanent."""

    id: str
    title: Text
    rules: tuple[str, ...]
    elsewhere: Text | None


_DEMANDS = ("naming_demands", "boundary_demands")


def demands() -> tuple[Demand, ...]:
    """Every demand on names, then every check on boundaries, by id.

    Raises ConfigError where a table names a rule nobody has.
    """
    known = {rule.id for _, rule in _all_rules()}
    found = []
    for table in _DEMANDS:
        for row in lexicon(table, "demand").rows:
            rules = tuple(row["rules"].split())
            if not known.issuperset(rules):
                raise ConfigError("demand_without_rule", demand=row["demand"], rules=row["rules"])
            title = Text(row["title_zh"], row["title_en"])
            zh, _, en = row["elsewhere"].partition(" / ")
            elsewhere = Text(zh, en or zh) if zh else None
            found.append(Demand(row["demand"], title, rules, elsewhere))
    return tuple(found)


def demand_json(demand: Demand, lang: Lang) -> Json:
    """A demand as a JSON-ready value."""
    return {
        "id": demand.id,
        "title": demand.title.in_(lang),
        "rules": list(demand.rules),
        "elsewhere": "" if demand.elsewhere is None else demand.elsewhere.in_(lang),
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _basis_json(basis: LegalBasis, lang: Lang) -> Json:
    return {
        "severity": basis.severity.word,
        "rank": basis.rank.value,
        "reading": basis.reading.value,
        "aspect": basis.aspect,
        "standings": list(basis.standings),
        "feature_types": list(basis.feature_types),
        "citation": citation_json(basis.citation, lang),
    }


def summary_json(summary: RuleSummary, lang: Lang) -> Json:
    """One rule of the list as a JSON-ready value."""
    return {
        "id": summary.id,
        "family": summary.family,
        "slug": summary.slug,
        "version": summary.version,
        "title": summary.title.in_(lang),
        "category": summary.category,
        "quality": summary.quality,
        "severity": {"mildest": summary.mildest.word, "gravest": summary.gravest.word},
        "basis": [_basis_json(basis, lang) for basis in summary.basis],
    }


def _example_json(example: WorkedExample, lang: Lang) -> Json:
    told = " ".join(f"{name}={value}" for name, value in example.facts)
    return {
        "subject": f"{example.subject} [{told}]" if told else example.subject,
        "feature_type": example.feature_type,
        "standing": example.standing,
        "on": example.on.isoformat(),
        "answer": None if example.answer is None else example.answer.word,
        "why": example.why.in_(lang),
        "beside": list(example.beside),
    }


def explanation_json(page: RuleExplanation, lang: Lang) -> Json:
    """The manual page of a rule as a JSON-ready value: the summary's keys and four more."""
    return {
        **summary_json(page.summary, lang),
        "needs": list(page.needs),
        "trap": page.trap.in_(lang),
        "handling": page.handling.in_(lang),
        "examples": [_example_json(example, lang) for example in page.examples],
    }


def _article_json(row: ArticleCoverage, lang: Lang) -> Json:
    return {
        "article": row.article.number,
        "gist": row.article.gist.in_(lang),
        "in_force_from": _day(row.article.in_force.start),
        "in_force_to": _day(row.article.in_force.end),
        "confirmed": row.article.confirmed,
        "rules": list(row.rules),
    }


def coverage_json(covered: InstrumentCoverage, lang: Lang) -> Json:
    """The coverage of one instrument as a JSON-ready value."""
    source = covered.instrument
    return {
        "id": source.id,
        "title": source.title.in_(lang),
        "number": source.number,
        "rank": source.rank.value,
        "territory": source.territory,
        "reading": source.reading.value,
        "in_force_from": _day(source.in_force.start),
        "in_force_to": _day(source.in_force.end),
        "url": source.url,
        "articles": [_article_json(row, lang) for row in covered.articles],
        "uncovered": list(covered.uncovered),
    }
