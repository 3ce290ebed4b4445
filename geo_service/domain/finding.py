"""Findings: what a rule saw, under which article, with the evidence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from shapely.geometry.base import BaseGeometry

    from geo_service.domain.law import Citation
    from geo_service.domain.place import FeatureType, ReadingSource
    from geo_service.domain.text import Text


class Severity(IntEnum):
    """How much a finding weighs; comparable, written in lower case (`advised_against`)."""

    INFO = 0
    HUMAN = 1
    """Only a person can decide; the rule asks the precise question."""
    ADVISED_AGAINST = 2
    """避免, 一般不, 未经批准."""
    PROHIBITED = 3
    """A prohibition in force."""

    @property
    def word(self) -> str:
        """The word used in JSON and on the command line."""
        return self.name.lower()

    @classmethod
    def from_word(cls, word: str) -> Severity:
        """The severity written as `word`. Raises KeyError for any other word."""
        return cls[word.upper()]


class Outcome(StrEnum):
    """Verdict on a name. `pass` is shown as 未发现问题: the program decides nothing."""

    PASS = "pass"
    REVIEW = "review"
    FAIL = "fail"


class FindingState(StrEnum):
    """Life cycle of a finding over runs."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    WAIVED = "waived"
    MENDED = "mended"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided on a finding: who signed, when, why, by which document.

    `document_no` is "" where none was named; `ends_on` the last day on which a waiver holds, None
    where it holds until withdrawn.
    """

    signer: str
    signed_on: date
    reason: str
    document_no: str = ""
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a finding is about."""

    kind: str
    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Related:
    """Another record that takes part in the finding; distance in metres where it has a place."""

    kind: str
    id: str
    name: str = ""
    distance_m: float | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """What was measured against which limit, and who set the limit."""

    measured: float | None = None
    limit: float | None = None
    unit: str = ""
    limit_source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a check yields; the engine turns it into a Finding.

    `key` tells this evidence from others of the same rule on the same subject, and must not move
    with small changes of measurement (a matched word, the ids of the units, never a length).
    `aspect` picks the bases of the rule that this evidence rests on (see `rules.base.Basis`).
    `geometry` is EPSG:4490.
    """

    message: Text
    key: str = ""
    aspect: str = ""
    subject: Subject | None = None
    related: tuple[Related, ...] = ()
    measure: Measure | None = None
    geometry: BaseGeometry | None = None
    question: Text | None = None
    suggestion: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A fault, or a question, with its rule, its legal basis in force on the day and its evidence.

    `fingerprint` is the same whenever the same fault is found again in the same subject. `state`
    and `decision` come from the register, where one was asked (see `services.life_cycle`).
    """

    id: str
    rule_id: str
    rule_version: int
    severity: Severity
    category: str
    title: Text
    message: Text
    subject: Subject
    related: tuple[Related, ...]
    measure: Measure | None
    geometry: BaseGeometry | None
    citations: tuple[Citation, ...]
    question: Text | None
    suggestion: Text | None
    fingerprint: str
    state: FindingState = FindingState.OPEN
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class NearName:
    """A registered name that looks or sounds like the one checked. `likeness` is 0–1."""

    id: str
    name: str
    likeness: float
    reasons: tuple[Text, ...]
    distance_m: float | None = None


@dataclass(frozen=True, slots=True)
class Romanization:
    """A Hanyu Pinyin spelling and whether its reading is approved or computed.

    `alternatives` are the spellings under the other readings of its characters.
    """

    text: str
    reading_source: ReadingSource
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Digest:
    """What a verdict rests on, so that it can be replayed: rule set, data tables, program."""

    rules: str
    data: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer to "may this name stand", as of a day."""

    name: str
    feature_type: FeatureType
    as_of: date
    outcome: Outcome
    findings: tuple[Finding, ...]
    near: tuple[NearName, ...]
    romanization: Romanization
    digest: Digest
    notice: Text


def outcome_of(severities: Iterable[Severity]) -> Outcome:
    """fail if anything is prohibited, review if a person must look, else pass."""
    worst = max(severities, default=Severity.INFO)
    if worst is Severity.PROHIBITED:
        return Outcome.FAIL
    return Outcome.REVIEW if worst >= Severity.HUMAN else Outcome.PASS
