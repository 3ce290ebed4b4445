"""Where a record comes from and how far it may be relied on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Force(StrEnum):
    """What a record may be used for."""

    OFFICIAL = "official"
    """Entered or imported by the bureau as its own record."""
    EVALUATION = "evaluation"
    """From open data: for trying the program, without legal force."""
    SYNTHETIC = "synthetic"
    """Invented: labelled 示例 wherever it is shown."""


class Label(StrEnum):
    """Who may see a record."""

    PUBLIC = "public"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Source, licence and standing of a record."""

    source: str
    licence: str = ""
    force: Force = Force.OFFICIAL
    label: Label = Label.INTERNAL
    note: str = ""
