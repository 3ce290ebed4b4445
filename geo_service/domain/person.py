"""Personal data that the register holds: where it belongs, and what was done with it.

The value itself is no part of the record. It stands in a table beside the log, with a salt of its
own, and can be erased there; the record, which the log keeps for ever, holds a digest of both, that
says nothing once they are gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

from geo_service.domain.period import ALWAYS, Period

if TYPE_CHECKING:
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


@dataclass(frozen=True, slots=True)
class ClearValue:
    """A value as it is, with the salt of its digest: the part that can be erased."""

    id: str
    salt: str
    value: str


def digest_of(clear: ClearValue) -> str:
    """The digest by which a kept value is known to be the one that came in."""
    return sha256(f"{clear.salt}\n{clear.value}".encode()).hexdigest()
