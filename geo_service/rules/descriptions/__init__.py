"""Rules on alignment descriptions: what a case is, and what it is judged against."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice

from shapely.geometry.base import BaseGeometry

from geo_service.cities import CityProfile
from geo_service.domain.alignment import (
    AlignmentClause,
    AlignmentSegment,
    FollowedFeature,
    Landmark,
)
from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.finding import Evidence, Measure, Related, Subject
from geo_service.domain.marker import BoundaryMarker
from geo_service.domain.text import Text
from geo_service.geometry import tolerance
from geo_service.geometry.course import course_of
from geo_service.geometry.track import Track
from geo_service.rules.descriptions._placing import Leg, Placing, Stretch
from geo_service.rules.descriptions._stones import markers_of_one_line
from geo_service.rules.descriptions._whole import whole_features

DEFAULT_SCALE = 10_000
"""Scale of the agreement maps of county lines: 1:10 000."""

_QUOTED = 40
"""Characters of a clause that a message quotes."""


@dataclass(frozen=True, eq=False)
class DescriptionCase:
    """A description beside what it describes. Geometry: EPSG:4490; distances in `plane_epsg`.

    What is not at hand is empty or None: rules that need it do not run. `landmarks` and
    `features` are names with places, former names among them.
    """

    segments: tuple[AlignmentSegment, ...]
    plane_epsg: int
    line: AdministrativeBoundary | None = None
    markers: tuple[BoundaryMarker, ...] = ()
    landmarks: tuple[Landmark, ...] = ()
    features: tuple[FollowedFeature, ...] = ()

    @cached_property
    def subject(self) -> Subject:
        """The description, by the line it belongs to."""
        line = self.line
        clauses = (clause for part in self.segments for clause in part.clauses)
        name = (line.name if line else "") or "".join(map(quoted, islice(clauses, _QUOTED)))
        name = name[:_QUOTED]
        return Subject("alignment-description", line.id if line else "", name)

    @property
    def standing(self) -> str:
        """Descriptions have no standings."""
        return ""

    @property
    def feature_type(self) -> str:
        """Descriptions have no feature types."""
        return ""

    @cached_property
    def present(self) -> frozenset[str]:
        """The layers there are, in the words of `Rule.needs`."""
        there = {
            "line": self.course is not None,
            "markers": bool(self.own_markers),
            "landmarks": bool(self.landmarks),
            "features": bool(self.features),
        }
        return frozenset(name for name, is_there in there.items() if is_there)

    @cached_property
    def course(self) -> Track | None:
        """The line by its chainage; None where there is none, or it is in pieces."""
        return course_of(self.line.geometry if self.line else None, self.plane_epsg)

    @cached_property
    def told(self) -> tuple[AlignmentSegment, ...]:
        """The segments that tell the course of the line; statements on markers stay out."""
        return tuple(segment for segment in self.segments if segment.course)

    @cached_property
    def placing(self) -> Placing:
        """Where the segments and clauses lie on the line."""
        return Placing(self.course, self.told, self.own_markers, self.landmarks)

    @cached_property
    def own_markers(self) -> tuple[BoundaryMarker, ...]:
        """The markers of the line; none where they are of several lines and it is not told which.

        Reading files asks for the line in that case.
        """
        return markers_of_one_line(self.line, self.markers) or ()

    @cached_property
    def landmarks_named(self) -> dict[str, list[Landmark]]:
        """The landmarks by name; several may bear one."""
        named: dict[str, list[Landmark]] = {}
        for landmark in self.landmarks:
            named.setdefault(landmark.name, []).append(landmark)
        return named

    @cached_property
    def features_named(self) -> dict[str, FollowedFeature]:
        """The rivers, roads and other lines by name, the pieces of one name made one."""
        return {feature.name: feature for feature in whole_features(self.features)}

    def followed(self, context: DescriptionContext) -> Iterator[tuple[Leg, FollowedFeature]]:
        """The placed legs that follow a feature of the layer by name."""
        for leg in self.placing.legs(context.landmark_reach_m):
            feature = self.features_named.get(leg.clause.along)
            if feature is not None:
                yield leg, feature


@dataclass(frozen=True, slots=True)
class DescriptionContext:
    """What a description is judged against: the city with its limits, the day, the map scale."""

    city: CityProfile
    as_of: date
    scale: int = DEFAULT_SCALE

    def threshold(self, name: str) -> float:
        """A limit of the city profile. Raises ConfigError where the profile lacks it."""
        return self.city.threshold(name)

    @property
    def landmark_reach_m(self) -> float:
        """How near the line a landmark of the text stands."""
        return self.threshold("description_landmark_m")

    @property
    def point_tolerance_m(self) -> float:
        """t1: how far apart points that should be one may lie."""
        return tolerance.point_tolerance_m(self.scale)

    @property
    def line_tolerance_m(self) -> float:
        """t2: how far apart lines that should be one may lie."""
        return tolerance.line_tolerance_m(self.scale)

    def measure(self, value: float, name: str, unit: str) -> Measure:
        """A value beside a limit of the city profile."""
        source = f"data/cities/{self.city.code}: {name}"
        return Measure(round(value, 3), self.threshold(name), unit, source)


def quoted(clause: AlignmentClause) -> str:
    """The words of a clause as a message quotes them, on one line and not too long."""
    words = "".join(sign for sign in clause.quote if sign.isprintable() and not sign.isspace())
    return words if len(words) <= _QUOTED else words[: _QUOTED - 1] + "…"


def on_stretch(stretch: Stretch, said: Text, *, measure: Measure, aspect: str = "") -> Evidence:
    """Evidence on a segment as a whole."""
    name = stretch.segment.name
    return Evidence(
        message=Text(
            f"{name}段：{said.zh}（里程 {_where(stretch)}）。",
            f"{name}: {said.en} (chainage {_where(stretch)}).",
        ),
        key=name,
        aspect=aspect,
        measure=measure,
        geometry=stretch.course.stretch(stretch.start_m, stretch.end_m).line,
    )


def _where(placed: Leg | Stretch) -> str:
    return f"K{placed.start_m / 1000:.3f}–K{placed.end_m / 1000:.3f}"


def on_leg(
    leg: Leg,
    said: Text,
    *,
    measure: Measure | None = None,
    related: tuple[Related, ...] = (),
    suggestion: Text | None = None,
    aspect: str = "",
) -> Evidence:
    """Evidence on a placed leg: the segment, the words, and where on the line they stand."""
    where = _where(leg)
    return on_clause(
        leg.segment,
        leg.clause,
        Text(f"{said.zh}（里程 {where}）", f"{said.en} (chainage {where})"),
        measure=measure,
        related=related,
        suggestion=suggestion,
        geometry=leg.geometry,
        aspect=aspect,
    )


def on_clause(
    segment: AlignmentSegment,
    clause: AlignmentClause,
    said: Text,
    *,
    key: str = "",
    measure: Measure | None = None,
    related: tuple[Related, ...] = (),
    suggestion: Text | None = None,
    geometry: BaseGeometry | None = None,
    aspect: str = "",
) -> Evidence:
    """Evidence on the words of a clause."""
    number = segment.clauses.index(clause) + 1
    quote = quoted(clause)
    return Evidence(
        message=Text(
            f"{segment.name}段“{quote}”：{said.zh}。", f"{segment.name}, '{quote}': {said.en}."
        ),
        key=f"{segment.name}|{number}|{key}",
        aspect=aspect,
        related=related,
        measure=measure,
        geometry=geometry,
        suggestion=suggestion,
    )
