"""Proposals to mend a finding on a boundary: seen first, and applied by a person or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geo_service.domain.boundary import AdministrativeBoundary
    from geo_service.domain.change import RecordKind
    from geo_service.domain.division import AdministrativeUnit
    from geo_service.domain.finding import Finding
    from geo_service.domain.identity import DivisionCode
    from geo_service.domain.law import Citation
    from geo_service.domain.text import Text

    Mendable = AdministrativeUnit | AdministrativeBoundary


class RepairKind(StrEnum):
    """What a proposal does."""

    OUTLINE_FROM_LINE = "outline_from_line"
    """Polygons take their edge from the boundary line, which stays."""
    EDGE_FROM_NEIGHBOUR = "edge_from_neighbour"
    """No line decides: one polygon takes over the edge of the other."""
    GROUND_ASSIGNED = "ground_assigned"
    """No line decides: ground of none goes to one unit."""
    CLAIM_YIELDED = "claim_yielded"
    """No line decides: one unit gives up ground that another claims too."""
    PARENT_FOLLOWS = "parent_follows"
    """The outline of a higher unit takes over the edge of a lower one: it is their union."""
    RING_UNTANGLED = "ring_untangled"
    """Spurs taken off, vertices in the wrong order set right."""
    RING_SPLIT = "ring_split"
    """The parts between crossings stand for themselves."""
    VERTICES_DROPPED = "vertices_dropped"
    LINE_TRIMMED = "line_trimmed"
    LINE_EXTENDED = "line_extended"
    END_MOVED = "end_moved"
    """The end of a line comes to its registered junction."""
    PARTS_JOINED = "parts_joined"
    LINE_REVERSED = "line_reversed"
    """Course and sides turned about together."""
    COURSE_REVERSED = "course_reversed"
    """The course alone turned about, the codes of the sides being right."""
    SIDES_EXCHANGED = "sides_exchanged"


class Hold(StrEnum):
    """Why a record may not be changed by a repair."""

    LOCKED = "locked"
    """The person said so."""
    FOREIGN = "foreign"
    """The copy of another city is not ours to change."""
    AGREED = "agreed"
    """An agreed line: only the person who unlocks it may have it changed."""


@dataclass(frozen=True, slots=True)
class Held:
    """A record that stays as it is, bit for bit, and why."""

    kind: RecordKind
    id: str
    name: str
    hold: Hold


@dataclass(frozen=True, slots=True)
class Transfer:
    """Ground that changes hands. None for ground that no unit of the review holds."""

    giver: DivisionCode | None
    taker: DivisionCode | None
    area_m2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One record before and after, and what that means on the ground.

    `largest_m` is how far a vertex moves at most. `gained` and `lost` are the ground (EPSG:4490)
    and its geodesic area, none for lines. `attributes` lists the fields that change, with both
    values.
    """

    kind: RecordKind
    before: Mendable
    after: Mendable
    largest_m: float
    gained_m2: float
    lost_m2: float
    vertices_added: int
    vertices_removed: int
    gained: BaseGeometry | None = None
    lost: BaseGeometry | None = None
    attributes: tuple[tuple[str, str, str], ...] = ()

    @property
    def id(self) -> str:
        """Identity of the record in the register."""
        return self.before.id


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairProposal:
    """A mend that was tried on the whole review and made nothing worse.

    `id` is drawn from the content: the same id is the same change of the same records, bit for
    bit. `answers` are the findings that are gone with it, `brings` new ones that only inform.
    `keeps` names who keeps an edge or gets ground where several answers are offered and none is
    preferred.
    `held` are the parties it leaves alone, `transfers` the ground that changes hands, and `remark`
    with `citations` what the law has to say.
    """

    id: str
    kind: RepairKind
    title: Text
    effects: tuple[Effect, ...]
    answers: tuple[Finding, ...]
    brings: tuple[Finding, ...]
    held: tuple[Held, ...]
    transfers: tuple[Transfer, ...]
    remark: Text
    citations: tuple[Citation, ...]
    keeps: str = ""


@dataclass(frozen=True, slots=True)
class Unmended:
    """A finding for which nothing is offered, with every reason."""

    finding: Finding
    reasons: tuple[Text, ...]
