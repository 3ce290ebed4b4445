"""Alignment descriptions (走向说明): what a text says of the course of a boundary line.

A text is a chain of segments from node to node; a segment is a chain of clauses. Everything keeps
the words it came from and where they stand (`quote`, `span`: characters from, to), so that a
finding can point at them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shapely.geometry import LineString, MultiLineString, Point

Span = tuple[int, int]
"""First character and the one after the last, in the text as handed in."""


class ClauseKind(StrEnum):
    """What a clause tells."""

    COURSE = "course"
    """How the line runs."""
    POSITION = "position"
    """What a marker is and where it stands."""
    REFERENCE = "reference"
    """An object by azimuth and distance from the marker (方位物)."""
    UNPARSED = "unparsed"
    """Words that were not understood; kept as they are."""


class North(StrEnum):
    """The north a bearing is counted from: winds from true north, 方位物 from grid north.

    Magnetic north moves: what was counted from it is kept and not compared.
    """

    TRUE = "true"
    GRID = "grid"
    MAGNETIC = "magnetic"


class Sense(StrEnum):
    """Which way a feature is followed: with or against its water, or by its slope."""

    DOWNSTREAM = "downstream"
    UPSTREAM = "upstream"
    UP = "up"
    DOWN = "down"


class NodeKind(StrEnum):
    """What a segment begins or ends on."""

    MARKER = "marker"
    JUNCTION = "junction"
    LANDMARK = "landmark"


@dataclass(frozen=True, slots=True)
class AlignmentNode:
    """An end of a segment. `number` is the marker's number as written, "" for other nodes."""

    kind: NodeKind
    text: str
    span: Span
    number: str = ""

    @property
    def serial(self) -> int | None:
        """The number as a serial along the line, None for auxiliary numbers and other nodes."""
        digits = self.number.rstrip("QABCDE")
        return int(digits) if digits.isdigit() else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignmentClause:
    """One leg of the course, or one statement on a marker.

    `direction` is a word of the sixteen-point rose, "" where none is given; `bearing_deg` its
    middle, or the azimuth written out in figures (`in_figures`). `along` is the feature followed,
    `feature_kind` its kind, `part` what of it (centre line, bank, side). `length_m` is the length
    the clause states.
    """

    kind: ClauseKind
    quote: str
    span: Span
    direction: str = ""
    bearing_deg: float | None = None
    north: North = North.TRUE
    in_figures: bool = False
    approximate: bool = False
    along: str = ""
    feature_kind: str = ""
    part: str = ""
    sense: Sense | None = None
    via: tuple[str, ...] = ()
    cross: tuple[str, ...] = ()
    to: str = ""
    length_m: float | None = None
    length_approximate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignmentSegment:
    """A stretch of the line from one node to the next; an end the text does not name is None.

    `length_km` is the length the text states for the whole stretch; texts state what was measured
    on the agreement map.
    """

    start: AlignmentNode | None
    end: AlignmentNode | None
    clauses: tuple[AlignmentClause, ...]
    length_km: float | None = None

    @property
    def name(self) -> str:
        """The segment by its ends."""
        return "–".join("?" if node is None else node.text for node in (self.start, self.end))

    @property
    def course(self) -> tuple[AlignmentClause, ...]:
        """The clauses that tell how the line runs."""
        return tuple(clause for clause in self.clauses if clause.kind is ClauseKind.COURSE)


@dataclass(frozen=True, slots=True)
class Landmark:
    """A named point a description may mention. Position: EPSG:4490.

    `current` is the name in force where `name` is a former one, else "".
    """

    name: str
    position: Point
    current: str = ""


@dataclass(frozen=True, slots=True)
class FollowedFeature:
    """A named river, road or other line that a description may follow or cross. EPSG:4490.

    The vertices of a watercourse run downstream. `current` as in `Landmark`. One name may come as
    one feature in parts or as several.
    """

    name: str
    geometry: LineString | MultiLineString
    current: str = ""
