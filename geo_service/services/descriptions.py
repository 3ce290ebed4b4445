"""Writing an alignment description from the line, its markers and what stands along it.

What is written is read back before it is handed out: a name that would not come back as one name
is left out and told, so that text and line never say two things.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from geo_service.domain.alignment import FollowedFeature, Landmark
from geo_service.errors import InputError
from geo_service.geometry.course import course_of, turns
from geo_service.geometry.track import Track
from geo_service.language.alignment import parse
from geo_service.messages import message
from geo_service.rules.descriptions._legs import WindLeg, joined
from geo_service.rules.descriptions._whole import whole_features

if TYPE_CHECKING:
    from geo_service.cities import CityProfile
    from geo_service.domain.boundary import AdministrativeBoundary
    from geo_service.domain.marker import BoundaryMarker

_SAMPLES = 21
"""Places of a leg at which it is asked whether it follows a feature."""


@dataclass(frozen=True, slots=True)
class Description:
    """A description in Chinese, and the names near the line that it does not mention."""

    text: str
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Stop:
    """A place along the line that has a name."""

    name: str
    chainage_m: float


def describe(
    line: AdministrativeBoundary,
    markers: Sequence[BoundaryMarker],
    landmarks: Sequence[Landmark] = (),
    features: Sequence[FollowedFeature] = (),
    *,
    city: CityProfile,
) -> Description:
    """The course of a line in words: marker to marker, leg by leg, with winds and lengths.

    Without markers near the line its two ends are described as such. Raises InputError
    `line_in_pieces` where the line is missing or not one piece.
    """
    course = course_of(line.geometry, city.plane_epsg)
    if course is None or course.length_m == 0:
        raise InputError("line_in_pieces", line=line.id)
    course, stops = _oriented(course, markers, city)
    writer = _Writer(course, landmarks, features, city)
    text = "".join(writer.segment(start, end) for start, end in pairwise(stops))
    return Description(text, tuple(sorted(writer.left_out)))


def _oriented(
    course: Track, markers: Sequence[BoundaryMarker], city: CityProfile
) -> tuple[Track, list[_Stop]]:
    """The line in the direction in which the numbers grow, with the markers that stand on it."""
    stops = _on_the_line(course, markers, city)
    serials = [serial for serial, _ in stops]
    if serials and serials[0] > serials[-1]:
        course = course.stretch(course.length_m, 0.0)
        stops = _on_the_line(course, markers, city)
    named = [
        _Stop(message("alignment.marker", serial=serial).zh, chainage) for serial, chainage in stops
    ]
    reach = city.threshold("dangle_search_m")
    if not named or named[0].chainage_m > reach:
        named.insert(0, _Stop(message("alignment.first_end").zh, 0.0))
    if len(named) == 1 or named[-1].chainage_m < course.length_m - reach:
        named.append(_Stop(message("alignment.last_end").zh, course.length_m))
    return course, named


def _on_the_line(
    course: Track, markers: Sequence[BoundaryMarker], city: CityProfile
) -> list[tuple[int, float]]:
    """Serials with chainages, in the order of the line; a pair of stones is one."""
    stones = [(m.number.serial, m.position) for m in markers if m.position is not None]
    found: dict[int, list[float]] = {}
    if stones:
        at = course.refer(np.array([[place.x, place.y] for _, place in stones]))
        near = np.abs(at.offset_m) <= city.threshold("dangle_search_m")
        for number in np.flatnonzero(near).tolist():
            found.setdefault(stones[number][0], []).append(float(at.chainage_m[number]))
    placed = [(serial, sum(places) / len(places)) for serial, places in found.items()]
    return sorted(placed, key=lambda stop: (stop[1], stop[0]))


class _Writer:
    """Writes segment after segment of one line and keeps the names it could not use."""

    def __init__(
        self,
        course: Track,
        landmarks: Sequence[Landmark],
        features: Sequence[FollowedFeature],
        city: CityProfile,
    ) -> None:
        self._course, self._city = course, city
        self.left_out: set[str] = set()
        self._landmarks = sorted(self._near(landmarks), key=lambda stop: stop.chainage_m)
        self._features = [
            f for f in whole_features(features) if self._kept(f.name, _reads_as_feature(f.name))
        ]

    def _near(self, landmarks: Sequence[Landmark]) -> Iterator[_Stop]:
        if not landmarks:
            return
        at = self._course.refer(np.array([[m.position.x, m.position.y] for m in landmarks]))
        near = np.abs(at.offset_m) <= self._city.threshold("description_landmark_m")
        for number in np.flatnonzero(near).tolist():
            name = landmarks[number].name
            if self._kept(name, _reads_as_landmark(name)):
                yield _Stop(name, float(at.chainage_m[number]))

    def _kept(self, name: str, usable: bool) -> bool:
        if not usable:
            self.left_out.add(name)
        return usable

    def segment(self, start: _Stop, end: _Stop) -> str:
        """One sentence on a stretch and one on its length."""
        legs = self._legs(start.chainage_m, end.chainage_m)
        said = [self._leg(leg, first=not number) for number, leg in enumerate(legs)]
        length = (end.chainage_m - start.chainage_m) / 1000
        return message(
            "alignment.segment",
            start=start.name,
            course="，".join(said),
            end=end.name,
            length_km=f"{length:.3f}",
        ).zh

    def _legs(self, start: float, end: float) -> tuple[WindLeg, ...]:
        """The legs, turning at a landmark where one stands at the turn."""
        way = self._course.stretch(start, end)
        share = self._city.threshold("description_turn_share")
        bends = [start + float(turn) for turn in turns(way, share * way.length_m)]
        inner = [self._snapped(turn) for turn in bends[1:-1]]
        places = sorted({place for place in inner if start < place < end})
        return joined(self._course, [start, *places, end])

    def _snapped(self, turn: float) -> float:
        limit = self._city.threshold("description_landmark_m")
        near = [stop for stop in self._landmarks if abs(stop.chainage_m - turn) <= limit]
        return min(near, key=lambda stop: abs(stop.chainage_m - turn)).chainage_m if near else turn

    def _leg(self, leg: WindLeg, *, first: bool) -> str:
        words = message(
            "alignment.first_leg" if first else "alignment.next_leg", wind=leg.wind.word
        )
        passed = [s.name for s in self._landmarks if leg.start_m < s.chainage_m < leg.end_m]
        reached = [s.name for s in self._landmarks if s.chainage_m == leg.end_m]
        parts = [words.zh + self._followed(leg)]
        parts.append(message("alignment.walked", length_m=f"{leg.length_m:.1f}").zh)
        if passed:
            parts.append(message("alignment.passed", names="、".join(passed)).zh)
        if reached:
            parts.append(message("alignment.reached", name=reached[0]).zh)
        return "".join(parts)

    def _followed(self, leg: WindLeg) -> str:
        samples = self._course.positions(np.linspace(leg.start_m, leg.end_m, _SAMPLES))
        limit = self._city.threshold("description_feature_m")
        for feature in self._features:
            beside = Track.of(feature.geometry, self._city.plane_epsg).refer(samples)
            if float(np.abs(beside.offset_m).max()) <= limit:
                return message("alignment.followed", name=feature.name).zh
        return ""


def _reads_as_landmark(name: str) -> bool:
    """Whether a name comes back as one name from between the verbs."""
    segments = parse(message("alignment.trial", name=name).zh)
    clauses = [clause for segment in segments for clause in segment.clauses]
    return len(clauses) == 1 and clauses[0].via == (name,) and clauses[0].to == name


def _reads_as_feature(name: str) -> bool:
    segments = parse(message("alignment.feature_trial", name=name).zh)
    clauses = [clause for segment in segments for clause in segment.clauses]
    return len(clauses) == 1 and clauses[0].along == name and not clauses[0].part
