"""Drafts: acts on the register that somebody proposes and another person decides on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from geo_service.domain.period import ALWAYS, Period

if TYPE_CHECKING:
    from datetime import date

    from shapely.geometry.base import BaseGeometry

    from geo_service.domain.provenance import Provenance


class DraftAct(StrEnum):
    """What is proposed; the words are those of the acts on the register."""

    CREATE = "create"
    CHANGE = "change"
    RENAME = "rename"
    MOVE = "move"
    RETIRE = "retire"
    IMPORT = "import"
    """A whole file of records, kept with the draft."""


RECORD_ACTS = tuple(act for act in DraftAct if act is not DraftAct.IMPORT)
"""What is proposed of one record."""


class DraftState(StrEnum):
    """How far a draft has come."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    """Waits for another person; an edit makes it a draft again."""
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"

    @property
    def is_open(self) -> bool:
        """Whether something can still become of it."""
        return self in (DraftState.DRAFT, DraftState.SUBMITTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A proposed act on one record, or a proposed file; all its versions are in the log.

    `target_kind` and `target_id` name the record, which a creation has yet to make; `seen` is its
    version that the draft was worked out against (0 for none). `body` are the fields as typed, by
    name: what is not told stays as it is. `geometry` (EPSG:4490) None leaves the place as it is;
    `given_crs` is the system in which it was handed in, "" for EPSG:4490 itself.

    `effective_on` is the first day of effect, `reason` and `document_no` stand for the act. `files`
    are digests of the papers it rests on. `authors` are all who wrote a version of it or submitted
    it, the proposer first: none of them decides. `checked` is the verdict on the new name as the
    log keeps it. `event` is the number of the act that an approval carried out, 0 before.

    Of a file `target_id` is the digest by which the store keeps it, and `body` says how it is read
    and what its trial came to; it has no geometry of its own.
    """

    id: str
    target_kind: str
    target_id: str
    act: DraftAct
    body: tuple[tuple[str, str], ...]
    effective_on: date
    authors: tuple[str, ...]
    provenance: Provenance
    geometry: BaseGeometry | None = None
    given_crs: str = ""
    seen: int = 0
    reason: str = ""
    document_no: str = ""
    files: tuple[str, ...] = ()
    checked: str = ""
    state: DraftState = DraftState.DRAFT
    decided_by: str = ""
    decided_on: date | None = None
    decision: str = ""
    event: int = 0
    period: Period = ALWAYS

    @property
    def proposer(self) -> str:
        """Who began it."""
        return self.authors[0] if self.authors else ""

    @property
    def name(self) -> str:
        """What it is about, for a list: the name told, else the record."""
        told = dict(self.body)
        return told.get("name") or told.get("number") or self.target_id
