"""Personal data that the register holds: where it belongs, and what was done with it.

The value itself is no part of the record. It stands in a table beside the log, with a salt of its
own, and can be erased there; the record, which the log keeps for ever, holds a digest of both, that
says nothing once they are gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from geo_service.domain.period import ALWAYS, Period
from geo_service.domain.provenance import Provenance

SALT_LENGTH = 32
"""Hexadecimal digits of the salt of a value."""


class PersonalKind(StrEnum):
    """What a value tells of a person."""

    NAME = "name"
    ID_CARD = "id-card"
    MOBILE = "mobile"
    PHONE = "phone"
    ADDRESS = "address"
    OTHER = "other"
    FILE = "file"
    """All that an attached file holds; its value stands among the files, not among the texts."""


class PersonalAct(StrEnum):
    """What was done last with a value."""

    KEPT = "kept"
    SHOWN = "shown"
    """Somebody read it in clear."""
    ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalValue:
    """A value that somebody's file or hand brought in: of which record, in which of its fields.

    `digest` is that of `digest_of`. Each reading and the erasure is a new version of the record,
    whose log entry says who and why.
    """

    id: str
    kind: PersonalKind
    subject_kind: str
    subject_id: str
    field: str
    digest: str
    act: PersonalAct
    provenance: Provenance
    period: Period = ALWAYS

    @property
    def geometry(self) -> None:
        """A value lies nowhere."""
        return


def erased_file(name: str, subject: tuple[str, str], actor: str) -> PersonalValue:
    """That a file attached to a record (kind, id) was erased. It is known by its digest (`name`).

    Only an erased file has such a record: what it held is as personal as its reader finds it.
    """
    return PersonalValue(
        id=name,
        kind=PersonalKind.FILE,
        subject_kind=subject[0],
        subject_id=subject[1],
        field="content",
        digest=name,
        act=PersonalAct.ERASED,
        provenance=Provenance(source=actor),
    )


@dataclass(frozen=True, slots=True)
class ClearValue:
    """A value as it is, with the salt of its digest: the part that can be erased."""

    id: str
    salt: str
    value: str


def digest_of(clear: ClearValue) -> str:
    """The digest by which a kept value is known to be the one that came in."""
    return sha256(f"{clear.salt}\n{clear.value}".encode()).hexdigest()
