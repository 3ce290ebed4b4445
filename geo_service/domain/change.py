"""Changes: the append-only source of everything the register says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from geo_service.domain.accepted_pair import AcceptedPair
from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.document import Attachment, OfficialDocument
from geo_service.domain.draft import Draft
from geo_service.domain.kept_finding import KeptFinding, ReviewRun
from geo_service.domain.marker import BoundaryMarker
from geo_service.domain.period import ALWAYS, Period
from geo_service.domain.person import PersonalValue
from geo_service.domain.place import NamedPlace
from geo_service.domain.road import Road

if TYPE_CHECKING:
    from datetime import datetime

Record = (
    NamedPlace
    | AdministrativeUnit
    | AdministrativeBoundary
    | BoundaryNode
    | BoundaryMarker
    | Road
    | AcceptedPair
    | KeptFinding
    | ReviewRun
    | PersonalValue
    | OfficialDocument
    | Attachment
    | Draft
)


class RecordKind(StrEnum):
    """The kinds of record the register keeps; the words of `import --as` and `export`."""

    PLACE_NAMES = "place-names"
    UNITS = "units"
    BOUNDARY_LINES = "boundary-lines"
    BOUNDARY_NODES = "boundary-nodes"
    MARKERS = "markers"
    ROADS = "roads"
    ACCEPTED_PAIRS = "accepted-pairs"
    FINDINGS = "findings"
    REVIEW_RUNS = "review-runs"
    PERSONAL_VALUES = "personal-values"
    DOCUMENTS = "documents"
    ATTACHMENTS = "attachments"
    DRAFTS = "drafts"


RECORD_CLASSES: dict[RecordKind, type[Record]] = {
    RecordKind.PLACE_NAMES: NamedPlace,
    RecordKind.UNITS: AdministrativeUnit,
    RecordKind.BOUNDARY_LINES: AdministrativeBoundary,
    RecordKind.BOUNDARY_NODES: BoundaryNode,
    RecordKind.MARKERS: BoundaryMarker,
    RecordKind.ROADS: Road,
    RecordKind.ACCEPTED_PAIRS: AcceptedPair,
    RecordKind.FINDINGS: KeptFinding,
    RecordKind.REVIEW_RUNS: ReviewRun,
    RecordKind.PERSONAL_VALUES: PersonalValue,
    RecordKind.DOCUMENTS: OfficialDocument,
    RecordKind.ATTACHMENTS: Attachment,
    RecordKind.DRAFTS: Draft,
}

BOOKKEEPING = frozenset(
    {
        RecordKind.FINDINGS,
        RecordKind.REVIEW_RUNS,
        RecordKind.PERSONAL_VALUES,
        RecordKind.DOCUMENTS,
        RecordKind.ATTACHMENTS,
        RecordKind.DRAFTS,
    }
)
"""Kinds that record what was found, filed or proposed: no rule reads them, so they change no
finding."""


class Operation(StrEnum):
    """What a change does to a record. Nothing is deleted: `retire` ends its validity, and what was
    annulled by `void` stays known as what the register once said."""

    CREATE = "create"
    CORRECT = "correct"
    """The register was wrong: the new value holds for the same valid time."""
    REVISE = "revise"
    """The world changed: the former value holds until the new one begins."""
    RETIRE = "retire"
    VOID = "void"
    """The register was wrong to say it at all: the version of that valid time never held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What somebody wants written: the record as it shall stand, who says so, and why.

    `expected_version` is the version the person saw (0 for a new record); the store answers
    Conflict when the record has moved on. `basis` names the document or file digest it rests on.
    """

    operation: Operation
    record: Record
    actor: str
    reason: str
    basis: str = ""
    expected_version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedChange:
    """A change as the log keeps it: numbered, timed (UTC) and chained to the one before.

    `period` is the valid time that the change wrote; `before_sequence` the entry that wrote the
    former value of the same record, None for the first.
    """

    sequence: int
    kind: RecordKind
    record_id: str
    version: int
    operation: Operation
    actor: str
    reason: str
    basis: str
    recorded_at: datetime
    previous_hash: str
    hash: str
    period: Period = ALWAYS
    before_sequence: int | None = None
