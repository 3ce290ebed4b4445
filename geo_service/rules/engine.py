"""Runs rules: finds them, picks the law in force on the day, turns evidence into findings."""

from __future__ import annotations

import hashlib
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

    from geo_service.domain.finding import Evidence
    from geo_service.domain.identity import DivisionCode
    from geo_service.rules.base import Basis, Rule

FAMILIES = ("names", "boundaries")


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
def _in_force(bases: tuple[Basis, ...], day: date, jurisdiction: DivisionCode) -> tuple[Basis, ...]:
    """Kept, because a register of names asks the same of every name."""
    return tuple(
        basis
        for basis in bases
        if statutes.article(basis.instrument, basis.article).in_force.covers(day)
        and jurisdiction.startswith(statutes.instrument(basis.instrument).territory)
    )


def bases_in_force(
    rule: Rule[Any, Any], day: date, jurisdiction: DivisionCode
) -> tuple[Basis, ...]:
    """The bases of a rule whose article is in force on the day in that city."""
    return _in_force(rule.basis, day, jurisdiction)


def _applies(basis: Basis, case: CaseLike, aspect: str) -> bool:
    return (
        basis.aspect == aspect
        and (not basis.standings or case.standing in basis.standings)
        and (not basis.feature_types or case.feature_type in basis.feature_types)
    )


def fingerprint(rule_id: str, subject: Subject, key: str) -> str:
    """Identity of a fault over runs: rule, subject and key, nothing that is measured."""
    parts = "\x1f".join((rule_id, subject.kind, subject.id, key))
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()


def _finding(
    rule: Rule[Any, Any], evidence: Evidence, subject: Subject, bases: tuple[Basis, ...]
) -> Finding:
    mark = fingerprint(rule.id, subject, evidence.key)
    return Finding(
        id=f"F-{mark[:16]}",
        rule_id=rule.id,
        rule_version=rule.version,
        severity=max(basis.severity for basis in bases),
        category=rule.category,
        title=rule.title,
        message=evidence.message,
        subject=subject,
        related=evidence.related,
        measure=evidence.measure,
        geometry=evidence.geometry,
        citations=tuple(dict.fromkeys(statutes.citation(b.instrument, b.article) for b in bases)),
        question=evidence.question,
        suggestion=evidence.suggestion,
        fingerprint=mark,
    )


def findings_of(
    rule: Rule[CaseT, ContextT],
    case: CaseT,
    context: ContextT,
    *,
    as_of: date,
    jurisdiction: DivisionCode,
) -> Iterator[Finding]:
    """The findings of one rule on one case; none where no article is in force on the day."""
    in_force = bases_in_force(rule, as_of, jurisdiction)
    if not in_force:
        return
    for evidence in rule.check(case, context):
        bases = tuple(b for b in in_force if _applies(b, case, evidence.aspect))
        if bases:
            yield _finding(rule, evidence, evidence.subject or case.subject, bases)


def evaluate(
    rules: Iterable[Rule[CaseT, ContextT]],
    case: CaseT,
    context: ContextT,
    *,
    as_of: date,
    jurisdiction: DivisionCode,
) -> tuple[Finding, ...]:
    """All findings, gravest first, then by rule and fingerprint: the order never depends on input.

    The same fault reported twice by one rule counts once.
    """
    found = {
        finding.fingerprint: finding
        for rule in rules
        for finding in findings_of(rule, case, context, as_of=as_of, jurisdiction=jurisdiction)
    }
    return tuple(sorted(found.values(), key=lambda f: (-f.severity, f.rule_id, f.fingerprint)))
