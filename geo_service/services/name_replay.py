"""Stored verdicts asked again: as of their day, against the register as it was known then.

Asked with all rules, or with one rule only after it was changed: the findings of the others are
taken as stored then, which gives the same flips as asking everything anew, at a fraction of the
cost.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geo_service.domain.change import RecordKind
from geo_service.domain.finding import Severity, outcome_of
from geo_service.errors import GeoServiceError, InputError, NotFound
from geo_service.messages import message
from geo_service.rules.engine import evaluate, rules_of
from geo_service.services import names
from geo_service.services.name_record import RecordedVerdict, recorded
from geo_service.services.register_then import as_known
from geo_service.services.wire import Json, finding_json, verdict_json

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.cities import CityProfile
    from geo_service.domain.restricted import RestrictedNames
    from geo_service.domain.text import Lang, Text
    from geo_service.rules.base import Rule
    from geo_service.store.protocol import LogMark, Store

_FINDINGS = "findings"
_NAMES = RecordKind.PLACE_NAMES
_ROW_WITHOUT_VERDICT = {"row", "problem"}
_RESTS_ON = ("digest", "request", "row")
"""What a verdict says of its making: it differs with every release and decides nothing."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """One stored verdict asked again. `line` counts from 1.

    `gained` and `lost` are findings as JSON; `altered` names other parts of the verdict that
    differ. With a `problem` it could not be asked.
    """

    line: int
    name: str
    before: str = ""
    after: str = ""
    gained: tuple[Json, ...] = ()
    lost: tuple[Json, ...] = ()
    altered: tuple[str, ...] = ()
    problem: Text | None = None

    @property
    def flips(self) -> bool:
        """Whether the outcome is another."""
        return self.problem is None and self.before != self.after

    @property
    def identical(self) -> bool:
        """Whether nothing differs."""
        same = not (self.gained or self.lost or self.altered)
        return self.problem is None and same and not self.flips


def stored_verdicts(path: Path) -> list[Json]:
    """The verdicts of a file as `check --keep` and `check-file --keep` write them.

    Rows that had a problem and no verdict are left out; what is none of ours comes along, to be
    told by `Replay`. Raises InputError for a file that is no such text.
    """
    try:
        # Names may hold line separators of Unicode: a line ends at the line feed alone.
        lines = path.read_text(encoding="utf-8").split("\n")
        values: list[Any] = [json.loads(line) for line in lines if line.strip()]
    except (OSError, ValueError, RecursionError) as error:
        raise InputError("verdicts_unreadable", file=path.name) from error
    if not all(isinstance(value, dict) for value in values):
        raise InputError("verdicts_unreadable", file=path.name)
    return [value for value in values if value.keys() != _ROW_WITHOUT_VERDICT]


def asks_register(lines: Iterable[Json]) -> bool:
    """Whether a verdict among the lines rests on a register."""
    asked = (line.get("request") for line in lines)
    return any(isinstance(request, dict) and bool(request.get("register")) for request in asked)


@dataclass(frozen=True, slots=True)
class Replay:
    """What verdicts are asked again by. `store` is None where there is no register."""

    city: CityProfile
    store: Store | None
    restricted: RestrictedNames | None = None

    def all(self, lines: Iterable[Json], rule_id: str = "") -> Iterator[Replayed]:
        """Each stored verdict asked again, with all rules or with one.

        Raises NotFound for a rule that does not exist.
        """
        rule = _rule(rule_id) if rule_id else None
        known: dict[LogMark, Text | None] = {}
        for number, line in enumerate(lines, start=1):
            name = str(line.get("name", ""))
            try:
                stored = recorded(line)
                problem = self._unfit(stored, known)
                if problem is None:
                    yield self._one(number, stored, rule)
            except GeoServiceError as error:
                problem = message(f"errors.{error.code}", **error.context)
            if problem is not None:
                yield Replayed(number, name, problem=problem)

    def _unfit(self, stored: RecordedVerdict, known: dict[LogMark, Text | None]) -> Text | None:
        """Why the verdict cannot be asked here: another city, or another register."""
        if stored.city != self.city.code:
            return message("errors.verdict_other_city", city=stored.city, own=self.city.code)
        mark = stored.mark
        if mark is None:
            return None
        if mark not in known:
            held = self.store is not None and self.store.names_withdrawn(_NAMES, mark) is not None
            url = "-" if self.store is None else self.store.url
            known[mark] = (
                None
                if held
                else message("errors.verdict_other_register", sequence=mark.sequence, url=url)
            )
        return known[mark]

    def _one(self, number: int, stored: RecordedVerdict, rule: Rule[Any, Any] | None) -> Replayed:
        then = self._register_of(stored)
        now = self._anew(stored, then) if rule is None else self._by_rule(stored, then, rule)
        before = stored.answer
        gained, lost = _differing(before[_FINDINGS], now[_FINDINGS])
        parts = before.keys() | now.keys()
        altered = [k for k in parts - {_FINDINGS, "verdict"} if before.get(k) != now.get(k)]
        return Replayed(
            number,
            stored.request.name,
            before["verdict"],
            now["verdict"],
            gained,
            lost,
            tuple(sorted(set(altered) - set(_RESTS_ON))),
        )

    def _register_of(self, stored: RecordedVerdict) -> Store | None:
        if stored.mark is None or self.store is None:
            return None
        return as_known(self.store, stored.mark.recorded_at)

    def _anew(self, stored: RecordedVerdict, then: Store | None) -> Json:
        verdict = names.check_name(
            stored.request, self.city, then, self.restricted, mates=stored.mates
        )
        return _plain(verdict_json(verdict, stored.lang))

    def _by_rule(self, stored: RecordedVerdict, then: Store | None, rule: Rule[Any, Any]) -> Json:
        """The stored verdict with the findings of one rule put in anew."""
        case, context = names.examined(
            stored.request, self.city, then, self.restricted, stored.mates
        )
        day = stored.request.as_of
        found = evaluate((rule,), case, context, as_of=day, jurisdiction=self.city.code)
        kept = [f for f in stored.answer[_FINDINGS] if f["rule_id"] != rule.id]
        findings = [*kept, *(_plain(finding_json(f, stored.lang)) for f in found)]
        return stored.answer | {_FINDINGS: findings, "verdict": _outcome(findings)}


def _rule(rule_id: str) -> Rule[Any, Any]:
    found = {rule.id: rule for rule in rules_of("names")}
    if rule_id not in found:
        raise NotFound("rule_unknown", rule=rule_id)
    return found[rule_id]


def _plain(value: Json) -> Json:
    """A value as it comes out of the file: what JSON cannot tell apart is not different."""
    result: Json = json.loads(json.dumps(value))
    return result


def _outcome(findings: list[Json]) -> str:
    return outcome_of(Severity.from_word(finding["severity"]) for finding in findings).value


def _differing(before: list[Json], after: list[Json]) -> tuple[tuple[Json, ...], tuple[Json, ...]]:
    """Findings that are new, and those that are gone; one that changed is both."""
    gained = tuple(finding for finding in after if finding not in before)
    lost = tuple(finding for finding in before if finding not in after)
    return gained, lost


def replayed_json(row: Replayed, lang: Lang) -> Json:
    """One line of the report."""
    return {
        "line": row.line,
        "name": row.name,
        "before": row.before,
        "after": row.after,
        "identical": row.identical,
        "gained": list(row.gained),
        "lost": list(row.lost),
        "altered": list(row.altered),
        "problem": None if row.problem is None else row.problem.in_(lang),
    }
