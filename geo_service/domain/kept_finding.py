"""What the register keeps of a finding from run to run, and of the runs themselves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from geo_service.domain.finding import Decision, FindingState, Severity
from geo_service.domain.period import ALWAYS, Period

if TYPE_CHECKING:
    from datetime import date

    from geo_service.domain.provenance import Provenance


ASIDE = "#"
"""In the key of a record that a finding names: what follows is said of it beside the register."""
SAID = f"{ASIDE}said"
"""The subject is no record: what the finding says of it."""


class Origin(StrEnum):
    """What a run looked at."""

    REGISTER = "register"
    """The register alone, and all of it."""
    FILES = "files"
    """Files, with or without the register beside them: what they leave out is unknown."""
    SUBJECT = "subject"
    """One subject alone (a name that is asked about): of any other it says nothing."""


class Cause(StrEnum):
    """Why a finding is in its state: what the last change of its record was."""

    FOUND = "found"
    FOUND_AGAIN = "found_again"
    """It was mended, and is back."""
    SAID_ANEW = "said_anew"
    """Still there, in other words, with another severity or of other records."""
    GONE = "gone"
    """A run that could have found it did not, and a record that it named has changed."""
    GONE_UNCHANGED = "gone_unchanged"
    """As before, but the records it named are the same: rules, tables or others have changed."""
    SUBJECT_CHANGED = "subject_changed"
    """A person's decision lapsed: what it was signed on is no longer what is there."""
    GRAVER = "graver"
    """A person's decision lapsed: the finding weighs more than when it was signed."""
    ENDED = "ended"
    """A waiver's last day has passed."""
    CONFIRMED = "confirmed"
    WAIVED = "waived"
    WITHDRAWN = "withdrawn"
    """A person took the decision back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFinding:
    """One finding under its fingerprint, as it was last seen, with its state and who decided.

    A record is written when something changes, never for a run that sees the same again; `run_id`
    is the run that wrote it last. `named` pairs each record that the finding names with a digest
    of its content ("" where the run had no such record): a decision holds as long as these stand.
    `changed` are those of them that the last change was about. `city`, `scale` (denominator, 0 for
    none) and `origin` say against what it was judged, for only such a run can find it mended.

    The decision of a person is part of the record (`signer` "" for none): it belongs to this one
    fingerprint, and a record of its own could contradict the state. `ends_on` is its last day,
    None where it holds until withdrawn. Earlier decisions are in the log.
    """

    id: str
    rule_id: str
    family: str
    city: str
    scale: int
    origin: Origin
    subject_kind: str
    subject_id: str
    subject_name: str
    severity: Severity
    title: str
    title_en: str
    message: str
    message_en: str
    named: tuple[tuple[str, str], ...]
    state: FindingState
    cause: Cause
    run_id: str
    first_seen: date
    last_seen: date
    provenance: Provenance
    changed: tuple[str, ...] = ()
    signer: str = ""
    signed_on: date | None = None
    reason: str = ""
    document_no: str = ""
    ends_on: date | None = None
    period: Period = ALWAYS

    @property
    def short_id(self) -> str:
        """The id that reports show."""
        return f"F-{self.id[:16]}"

    @property
    def decision(self) -> Decision | None:
        """What a person decided on it, None while nobody has."""
        if not self.signer or self.signed_on is None:
            return None
        return Decision(self.signer, self.signed_on, self.reason, self.document_no, self.ends_on)

    def state_on(self, day: date) -> FindingState:
        """The state on a day: a waiver whose last day has passed waives nothing more."""
        over = self.ends_on is not None and day > self.ends_on
        return FindingState.REOPENED if over and self.decision else self.state

    @property
    def geometry(self) -> None:
        """The place of a finding is that of its subject, and not kept twice."""
        return


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRun:
    """One run of rules that was kept: what it looked at, by which rules, and what came of it.

    `period` begins on the day the run judged by. `counts` are the records looked at, by layer,
    `tally` what became of findings, by word; `found` is their digest: equal for equal findings.
    """

    id: str
    families: tuple[str, ...]
    city: str
    scale: int
    origin: Origin
    rules: tuple[str, ...]
    counts: tuple[tuple[str, int], ...]
    tally: tuple[tuple[str, int], ...]
    found: str
    rules_digest: str
    data_digest: str
    code: str
    provenance: Provenance
    period: Period = ALWAYS

    @property
    def geometry(self) -> None:
        """A run lies nowhere."""
        return


def may_be_waived(family: str, severity: Severity) -> bool:
    """Whether a person may waive a finding of this weight.

    A name that the law forbids stays forbidden whoever signs: only the authority under the article
    itself can let it stand, and it does not do so in this program. Engineering faults are
    `prohibited` for filing only. The two sides may agree to live with one (an old survey, a file
    of another office), so a waiver with a reason is taken; that the file cannot be submitted as it
    is remains true, and the reports go on saying so.
    """
    return not (family == "names" and severity is Severity.PROHIBITED)
