"""Papers that the register rests on, and files attached to its records."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from geo_service.domain.period import ALWAYS, Period

if TYPE_CHECKING:
    from datetime import date

    from geo_service.domain.provenance import Provenance


class DocumentKind(StrEnum):
    """What a paper is."""

    APPROVAL = "approval"
    """批复: an authority approves a name, a change of units, a line."""
    AGREEMENT = "agreement"
    """协议书: the two sides of a line agree on it."""
    NOTICE = "notice"
    """公告, 通知: what was made known."""
    REPORT = "report"
    """报告, 请示, 记录: an inspection, an application, minutes."""
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialDocument:
    """A paper: what it is, its number ("" where it has none), day, issuer and title.

    Acts name it by its number (文号); its scans are attachments of this record. Its period is the
    time in which it holds.
    """

    id: str
    kind: DocumentKind
    title: str
    provenance: Provenance
    number: str = ""
    issued_on: date | None = None
    issuer: str = ""
    period: Period = ALWAYS

    @property
    def name(self) -> str:
        """What people call it: its title."""
        return self.title

    @property
    def geometry(self) -> None:
        """A paper lies nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that belongs to a record, by the digest of its bytes (`sha256:…` or `sm3:…`).

    `media_type` is what the bytes say, `file_name` what the file was called, `size` in bytes. It
    belongs to the record for its period: detached, the period ends and the bytes stay.
    """

    id: str
    subject_kind: str
    subject_id: str
    digest: str
    media_type: str
    size: int
    file_name: str
    provenance: Provenance
    title: str = ""
    period: Period = ALWAYS

    @property
    def name(self) -> str:
        """What people call it: its title, else its file."""
        return self.title or self.file_name

    @property
    def geometry(self) -> None:
        """A file lies nowhere."""


def attachment_id(subject_kind: str, subject_id: str, digest: str) -> str:
    """One file is attached to one record once, whatever it is called."""
    return f"{subject_kind}/{subject_id}#{digest}"
