"""Two names that the bureau lets stand beside each other although they are alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.domain.period import ALWAYS, Period

if TYPE_CHECKING:
    from datetime import date

    from geo_service.domain.provenance import Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedPair:
    """A pair of names as written, who accepted it, on which day, why and by which document.

    The order of the two does not matter. A pair with another signer or reason is a new version of
    the record; taken back, it ends its period. A slip that is taken back on its own day never held:
    its record is corrected to one that nobody signed, and the log keeps who had.
    """

    id: str
    one: str
    other: str
    signer: str
    accepted_on: date
    reason: str
    provenance: Provenance
    document_no: str = ""
    period: Period = ALWAYS

    @property
    def stands(self) -> bool:
        """Whether somebody accepts the pair."""
        return bool(self.signer)

    @property
    def geometry(self) -> None:
        """A pair of names lies nowhere."""
