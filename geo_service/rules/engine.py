"""Runs rules: finds them, picks the law in force on the day, turns evidence into findings."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from geo_service import statutes
from geo_service.domain.finding import Finding, Subject
from geo_service.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from geo_service.domain.finding import Evidence, Severity
    from geo_service.domain.identity import DivisionCode
    from geo_service.domain.law import Citation
    from geo_service.rules.base import Basis, Rule

FAMILIES = ("names", "boundaries", "markers", "descriptions", "inspections")


class CaseLike(Protocol):
    """What every family's case tells the engine about itself."""

    @property
    def subject(self) -> Subject:
        """What a finding is about unless the evidence says otherwise."""
        ...

    @property
    def standing(self) -> str:
        """Word compared with `Basis.standings`."""
        ...

    @property
    def feature_type(self) -> str:
        """Word compared with `Basis.feature_types`."""
        ...


CaseT = TypeVar("CaseT", bound=CaseLike)
ContextT = TypeVar("ContextT")


def _module_names(family: str) -> list[str]:
    package = import_module(f"geo_service.rules.{family}")
    return sorted(m.name for m in iter_modules(package.__path__) if not m.name.startswith("_"))


@cache
def rules_of(family: str) -> tuple[Rule[Any, Any], ...]:
    """All rules of a family in the order of their ids.

    Raises ConfigError when two files claim one id or a file is not named after its fault.
    """
    found: dict[str, Rule[Any, Any]] = {}
    for name in _module_names(family):
        rule: Rule[Any, Any] = import_module(f"geo_service.rules.{family}.{name}").RULE
        if rule.id in found or rule.slug != name:
            raise ConfigError("rule_misdeclared", rule=rule.id, module=name)
        found[rule.id] = rule
    return tuple(found[key] for key in sorted(found))


@cache
def rules_digest(family: str) -> str:
    """SHA-256 over the source of a family's rules: changes whenever any rule does."""
    package = import_module(f"geo_service.rules.{family}")
    digest = hashlib.sha256()
    for path in sorted(p for folder in package.__path__ for p in Path(folder).glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


@lru_cache(maxsize=4096)
def bases_in_force(
    rule: Rule[Any, Any], day: date, jurisdiction: DivisionCode
) -> tuple[Basis, ...]:
    """The bases of a rule whose article is in force on the day in that city.

    Kept, because a register of names asks the same of every name.
    """
    return tuple(
        basis
        for basis in rule.basis
        if statutes.article(basis.instrument, basis.article).in_force.covers(day)
        and jurisdiction.startswith(statutes.instrument(basis.instrument).territory)
    )


@dataclass(frozen=True, slots=True)
class _Ground:
    """What the law of the day makes of one kind of evidence on one kind of case."""

    severity: Severity
    citations: tuple[Citation, ...]


def _ground(bases: list[Basis]) -> _Ground:
    cited = dict.fromkeys(statutes.citation(b.instrument, b.article) for b in bases)
    return _Ground(max(basis.severity for basis in bases), tuple(cited))


def _grounds(
    rule: Rule[Any, Any], day: date, jurisdiction: DivisionCode, standing: str, feature_type: str
) -> Mapping[str, _Ground]:
    """By aspect of the evidence; empty where no base in force speaks of such a case."""
    found: dict[str, list[Basis]] = {}
    for basis in bases_in_force(rule, day, jurisdiction):
        if basis.speaks_of(standing, feature_type):
            found.setdefault(basis.aspect, []).append(basis)
    return {aspect: _ground(bases) for aspect, bases in found.items()}


@lru_cache(maxsize=1024)
def _speaking(
    rules: tuple[Rule[Any, Any], ...],
    day: date,
    jurisdiction: DivisionCode,
    standing: str,
    feature_type: str,
) -> tuple[tuple[Rule[Any, Any], Mapping[str, _Ground]], ...]:
    """The rules that can say anything of such a case on the day, each with its grounds."""
    held = ((rule, _grounds(rule, day, jurisdiction, standing, feature_type)) for rule in rules)
    return tuple((rule, grounds) for rule, grounds in held if grounds)


def fingerprint(rule_id: str, subject: Subject, key: str) -> str:
    """Identity of a fault over runs: rule, subject and key, nothing that is measured."""
    parts = "\x1f".join((rule_id, subject.kind, subject.id, key))
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()


def _finding(
    rule: Rule[Any, Any], evidence: Evidence, subject: Subject, ground: _Ground
) -> Finding:
    mark = fingerprint(rule.id, subject, evidence.key)
    return Finding(
        id=f"F-{mark[:16]}",
        rule_id=rule.id,
        rule_version=rule.version,
        severity=ground.severity,
        category=rule.category,
        title=rule.title,
        message=evidence.message,
        subject=subject,
        related=evidence.related,
        measure=evidence.measure,
        geometry=evidence.geometry,
        citations=ground.citations,
        question=evidence.question,
        suggestion=evidence.suggestion,
        fingerprint=mark,
    )


def _found(
    rule: Rule[CaseT, ContextT], grounds: Mapping[str, _Ground], case: CaseT, context: ContextT
) -> Iterator[Finding]:
    for evidence in rule.check(case, context):
        ground = grounds.get(evidence.aspect)
        if ground is not None:
            yield _finding(rule, evidence, evidence.subject or case.subject, ground)


def findings_of(
    rule: Rule[CaseT, ContextT],
    case: CaseT,
    context: ContextT,
    *,
    as_of: date,
    jurisdiction: DivisionCode,
) -> Iterator[Finding]:
    """The findings of one rule on one case; none where no article in force speaks of the case."""
    grounds = _grounds(rule, as_of, jurisdiction, case.standing, case.feature_type)
    return _found(rule, grounds, case, context) if grounds else iter(())


def evaluate(
    rules: Iterable[Rule[CaseT, ContextT]],
    case: CaseT,
    context: ContextT,
    *,
    as_of: date,
    jurisdiction: DivisionCode,
) -> tuple[Finding, ...]:
    """All findings, gravest first, then by rule and fingerprint: the order never depends on input.

    Rules that cannot speak of such a case on the day are not asked: most names pass most rules.
    The same fault reported twice by one rule counts once, as the graver of the two.
    """
    speaking = _speaking(tuple(rules), as_of, jurisdiction, case.standing, case.feature_type)
    found = [f for rule, grounds in speaking for f in _found(rule, grounds, case, context)]
    found.sort(key=lambda f: (-f.severity, f.rule_id, f.fingerprint, f.message.zh))
    gravest: dict[str, Finding] = {}
    for finding in found:
        gravest.setdefault(finding.fingerprint, finding)
    return tuple(gravest.values())
