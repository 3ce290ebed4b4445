"""Where the segments and clauses of a description lie on its line."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from shapely.geometry import LineString, Point

from geo_service.domain.alignment import (
    AlignmentClause,
    AlignmentNode,
    AlignmentSegment,
    Landmark,
    NodeKind,
)
from geo_service.domain.marker import BoundaryMarker
from geo_service.geometry.arrays import Floats
from geo_service.geometry.course import MOST_LEGS, Wanted, fit_legs
from geo_service.geometry.track import Track
from geo_service.language.alignment.words import is_particular


@dataclass(frozen=True, slots=True)
class Stretch:
    """A segment between two chainages; the first is the greater where it runs against the line.

    `by_landmark` tells of either end whether it is known by a landmark only.
    """

    segment: AlignmentSegment
    course: Track
    start_m: float
    end_m: float
    by_landmark: tuple[bool, bool] = (False, False)

    @property
    def length_m(self) -> float:
        """Length along the line."""
        return abs(self.end_m - self.start_m)


@dataclass(frozen=True, slots=True)
class Leg:
    """A clause whose both ends are known places on the line."""

    segment: AlignmentSegment
    clause: AlignmentClause
    course: Track
    start_m: float
    end_m: float

    @property
    def length_m(self) -> float:
        """Length along the line."""
        return abs(self.end_m - self.start_m)

    @property
    def way(self) -> Track:
        """The leg as a line in the direction in which the text goes."""
        return self.course.stretch(self.start_m, self.end_m)

    @property
    def geometry(self) -> LineString:
        """The leg on the ground."""
        return self.way.line


@dataclass(frozen=True, slots=True)
class Run:
    """Clauses in a row between two known places, with nothing known between them.

    `by_landmark` tells of either place whether it is known by a landmark only. `passes_m` are the
    chainages, per clause, of the landmarks it passes.
    """

    segment: AlignmentSegment
    clauses: tuple[AlignmentClause, ...]
    course: Track
    start_m: float
    end_m: float
    by_landmark: tuple[bool, bool]
    passes_m: tuple[tuple[float, ...], ...]


class Placing:
    """Puts nodes and landmarks on the line; markers by their serial, landmarks by their name."""

    def __init__(
        self,
        course: Track | None,
        segments: Sequence[AlignmentSegment],
        markers: Sequence[BoundaryMarker],
        landmarks: Sequence[Landmark],
    ) -> None:
        self._course, self._segments = course, tuple(segments)
        self._markers = _positions(markers)
        self._landmarks: dict[str, list[Point]] = {}
        for landmark in landmarks:
            self._landmarks.setdefault(landmark.name, []).append(landmark.position)

    def chainage(self, node: AlignmentNode | None, reach_m: float) -> float | None:
        """Where a node lies on the line, None where that is not known."""
        if node is None:
            return None
        if node.kind is NodeKind.MARKER:
            return None if node.serial is None else self.of_markers.get(node.serial)
        return self._standing(node.text, reach_m)

    def _standing(self, name: str, reach_m: float) -> float | None:
        """Where the line passes a landmark: one that can be looked up and stands by the line.

        One name at two places on the line tells neither.
        """
        if not is_particular(name):
            return None
        near = [at for at, off in self.of_landmarks.get(name, ()) if off <= reach_m]
        return near[0] if near and max(near) - min(near) <= reach_m else None

    @cached_property
    def of_markers(self) -> dict[int, float]:
        """Chainage of the markers by serial."""
        placed = self._placed(list(self._markers.values()))
        return {
            serial: chainage for serial, (chainage, _) in zip(self._markers, placed, strict=False)
        }

    @cached_property
    def of_landmarks(self) -> dict[str, list[tuple[float, float]]]:
        """Chainage and distance from the line, in metres, of the landmarks the text names.

        Several may bear one name: the nearest to the line comes first.
        """
        named = [
            (name, place) for name in self._mentioned() for place in self._landmarks.get(name, ())
        ]
        found: dict[str, list[tuple[float, float]]] = {}
        placed = self._placed([place for _, place in named])
        for (name, _), where in zip(named, placed, strict=False):
            found.setdefault(name, []).append(where)
        return {
            name: sorted(places, key=lambda where: (where[1], where[0]))
            for name, places in found.items()
        }

    def _mentioned(self) -> dict[str, None]:
        names: dict[str, None] = {}
        for segment in self._segments:
            nodes = (segment.start, segment.end)
            names.update(dict.fromkeys(node.text for node in nodes if node is not None))
            for clause in segment.course:
                names.update(dict.fromkeys((*clause.via, clause.to)))
        return names

    def _placed(self, points: list[Point]) -> list[tuple[float, float]]:
        """All points in one call, none where there is no line."""
        if self._course is None or not points:
            return []
        found = self._course.refer(np.concatenate([_array(point) for point in points]))
        pairs = zip(found.chainage_m, np.abs(found.offset_m), strict=True)
        return [(float(chainage), float(off)) for chainage, off in pairs]

    def stretches(self, reach_m: float) -> tuple[Stretch, ...]:
        """The segments whose ends are known; without any markers a single one is the whole line.

        Here and below a landmark counts as known within `reach_m` of the line.
        """
        if self._course is None:
            return ()
        if len(self._segments) == 1 and not self._markers:
            (only,) = self._segments
            ends = (0.0, self._course.length_m)
            start, end = ends if self._with_the_line else ends[::-1]
            return (Stretch(only, self._course, start, end),)
        return tuple(self._known(self._course, reach_m))

    @cached_property
    def _with_the_line(self) -> bool:
        return self._course is None or _goes_with(self._course, self._segments[0])

    def _known(self, course: Track, reach_m: float) -> Iterator[Stretch]:
        for segment in self._segments:
            start, end = (self.chainage(node, reach_m) for node in (segment.start, segment.end))
            if start is not None and end is not None and start != end:
                yield Stretch(
                    segment,
                    course,
                    start,
                    end,
                    (_by_landmark(segment.start), _by_landmark(segment.end)),
                )

    def runs(self, reach_m: float) -> tuple[Run, ...]:
        """The clauses between places that are known."""
        stretches = self.stretches(reach_m)
        return tuple(run for stretch in stretches for run in self._runs(stretch, reach_m))

    def legs(self, reach_m: float) -> tuple[Leg, ...]:
        """The clauses whose own ends are known."""
        return tuple(
            Leg(run.segment, run.clauses[0], run.course, run.start_m, run.end_m)
            for run in self.runs(reach_m)
            if len(run.clauses) == 1
        )

    def _runs(self, stretch: Stretch, reach_m: float) -> Iterator[Run]:
        here, waiting = stretch.start_m, list[AlignmentClause]()
        loose, loose_end = stretch.by_landmark
        course = self._going(stretch, reach_m)
        for clause in course:
            waiting.append(clause)
            last = clause is course[-1]
            there = stretch.end_m if last else self._end_of(clause, stretch, reach_m)
            if there is not None and there != here:
                ends = (loose, loose_end if last else True)
                passes = tuple(self._passed(one, (here, there), reach_m) for one in waiting)
                yield Run(
                    stretch.segment, tuple(waiting), stretch.course, here, there, ends, passes
                )
                here, waiting, loose = there, [], True

    def _going(self, stretch: Stretch, reach_m: float) -> tuple[AlignmentClause, ...]:
        """The clauses of a stretch; 至石岭村, 至2号界桩止 is one leg where both are one place."""
        course = stretch.segment.course
        if len(course) < 2 or not _only_arrives(course[-1]):
            return course
        before = self._standing(course[-2].to, reach_m)
        there = before is not None and abs(before - stretch.end_m) <= reach_m
        return course[:-1] if there else course

    def _passed(
        self, clause: AlignmentClause, ends: tuple[float, float], reach_m: float
    ) -> tuple[float, ...]:
        low, high = sorted(ends)
        found = (self._standing(name, reach_m) for name in clause.via)
        return tuple(at for at in found if at is not None and low < at < high)

    def _end_of(self, clause: AlignmentClause, stretch: Stretch, reach_m: float) -> float | None:
        found = self._standing(clause.to, reach_m)
        low, high = sorted((stretch.start_m, stretch.end_m))
        return found if found is not None and low < found < high else None


def _by_landmark(node: AlignmentNode | None) -> bool:
    return node is None or node.kind is not NodeKind.MARKER


def _only_arrives(clause: AlignmentClause) -> bool:
    told = (clause.along, clause.length_m, clause.sense, *clause.via, *clause.cross)
    return clause.bearing_deg is None and not any(told)


def _goes_with(course: Track, segment: AlignmentSegment) -> bool:
    """Whether a text goes the way the line is drawn: no marker says so, its bearings must."""
    legs = [Wanted(clause.bearing_deg, 0.0) for clause in segment.course[:MOST_LEGS]]
    turned = course.stretch(course.length_m, 0.0)
    fits = [fit_legs(way, legs) for way in (course, turned)]
    with_it, against = (math.inf if fit is None else fit[1].sum() for fit in fits)
    return bool(with_it <= against)


def _positions(markers: Sequence[BoundaryMarker]) -> dict[int, Point]:
    """A place per serial: of pairs and triples the middle between the stones."""
    found: dict[int, list[Floats]] = {}
    for marker in markers:
        if marker.position is not None:
            found.setdefault(marker.number.serial, []).append(_array(marker.position)[0])
    return {serial: Point(*np.mean(places, axis=0)) for serial, places in found.items()}


def _array(point: Point) -> Floats:
    return np.array([[point.x, point.y]])
