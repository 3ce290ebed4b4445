"""The legs of a line: where it turns enough for another of the sixteen winds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from geo_service.geometry.course import chord, turns
from geo_service.geometry.track import Track
from geo_service.language.alignment.words import Wind, wind_of


@dataclass(frozen=True, slots=True)
class WindLeg:
    """A part of a line that runs, as a whole, towards one wind."""

    start_m: float
    end_m: float
    wind: Wind

    @property
    def length_m(self) -> float:
        """Length along the line."""
        return self.end_m - self.start_m


def legs_of(course: Track, share: float) -> tuple[WindLeg, ...]:
    """The legs of a line generalised by a share of its length."""
    return joined(course, [float(place) for place in turns(course, share * course.length_m)])


def joined(course: Track, ends: Sequence[float]) -> tuple[WindLeg, ...]:
    """The legs between chainages, those in a row with one wind made one.

    A leg takes the wind of its chord, so legs are joined until no two neighbours name the same.
    """
    while True:
        legs = [_leg(course, start, end) for start, end in pairwise(ends)]
        same = {i for i in range(1, len(legs)) if legs[i].wind == legs[i - 1].wind}
        if not same:
            return tuple(legs)
        ends = [place for i, place in enumerate(ends) if i not in same]


def _leg(course: Track, start: float, end: float) -> WindLeg:
    bearing, _ = chord(course, start, end)
    return WindLeg(start, end, wind_of(bearing))
