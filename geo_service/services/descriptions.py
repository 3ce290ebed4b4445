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
from geo_service.geometry.course import turns
from geo_service.language.alignment import parse
from geo_service.messages import message
from geo_service.rules.descriptions._legs import WindLeg, joined
from geo_service.rules.descriptions._whole import whole_features
from geo_service.services.sections import Stop, followed, walk_along

if TYPE_CHECKING:
    from geo_service.cities import CityProfile
    from geo_service.domain.boundary import AdministrativeBoundary
    from geo_service.domain.marker import BoundaryMarker
    from geo_service.geometry.track import Track


@dataclass(frozen=True, slots=True)
class Description:
    """A description in Chinese, and the names near the line that it does not mention."""

    text: str
    left_out: tuple[str, ...]


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
    walk = walk_along(line, markers, city)
    writer = _Writer(walk.course, landmarks, features, city)
    text = "".join(writer.segment(start, end) for start, end in pairwise(walk.stops))
    return Description(text, tuple(sorted(writer.left_out)))


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

    def _near(self, landmarks: Sequence[Landmark]) -> Iterator[Stop]:
        if not landmarks:
            return
        at = self._course.refer(np.array([[m.position.x, m.position.y] for m in landmarks]))
        near = np.abs(at.offset_m) <= self._city.threshold("description_landmark_m")
        for number in np.flatnonzero(near).tolist():
            name = landmarks[number].name
            if self._kept(name, _reads_as_landmark(name)):
                yield Stop(name, float(at.chainage_m[number]))

    def _kept(self, name: str, usable: bool) -> bool:
        if not usable:
            self.left_out.add(name)
        return usable

    def segment(self, start: Stop, end: Stop) -> str:
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
        limit = self._city.threshold("description_feature_m")
        name = followed(self._course, leg.start_m, leg.end_m, self._features, limit)
        return message("alignment.followed", name=name).zh if name else ""


def _reads_as_landmark(name: str) -> bool:
    """Whether a name comes back as one name from between the verbs."""
    segments = parse(message("alignment.trial", name=name).zh)
    clauses = [clause for segment in segments for clause in segment.clauses]
    return len(clauses) == 1 and clauses[0].via == (name,) and clauses[0].to == name


def _reads_as_feature(name: str) -> bool:
    segments = parse(message("alignment.feature_trial", name=name).zh)
    clauses = [clause for segment in segments for clause in segment.clauses]
    return len(clauses) == 1 and clauses[0].along == name and not clauses[0].part
