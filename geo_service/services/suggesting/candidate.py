"""A name that might stand in the place of another, before it is checked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo_service.domain.place import NamedPlace
    from geo_service.domain.text import Text


class Origin(StrEnum):
    """Whence a candidate comes, nearest to the wish of the applicant first: the order of ranks."""

    CORRECTION = "correction"
    POOL = "pool"
    KIN = "kin"
    FORMER = "former"
    LOCAL = "local"
    SERIES = "series"
    THEME = "theme"


@dataclass(frozen=True, slots=True)
class Local:
    """A registered name around; `distance_m` is None where one of the two has no place."""

    place: NamedPlace
    distance_m: float | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name, whence it comes and why.

    `source` is the registered name it rests on. A candidate that is itself a registered name of
    the pool, or a former one, is not compared with that record (`itself`).
    """

    name: str
    origin: Origin
    grounds: tuple[Text, ...]
    source: Local | None = None
    itself: bool = False

    @property
    def record_id(self) -> str:
        """The registered record that the candidate is, empty for a new name."""
        return self.source.place.id if self.itself and self.source else ""
