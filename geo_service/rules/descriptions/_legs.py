"""The legs of a line: where it turns enough for another of the sixteen winds."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from geo_service.geometry.course import Course
from geo_service.language.alignment.words import Wind, wind_of


@dataclass(frozen=True, slots=True)
class WindLeg:
    """A part of a line that runs, as a whole, towards one wind."""

    start_m: float
    end_m: float
    wind: Wind


def legs_of(course: Course, share: float) -> tuple[WindLeg, ...]:
    """The legs of a line generalised by a share of its length.

    Parts in a row with one wind are one leg. A leg takes the wind of its chord, so parts are
    joined until no two neighbours name the same.
    """
    ends = [float(place) for place in course.turns(share * course.length_m)]
    while True:
        legs = [_leg(course, start, end) for start, end in pairwise(ends)]
        same = [i for i in range(1, len(legs)) if legs[i].wind == legs[i - 1].wind]
        if not same:
            return tuple(legs)
        dropped = set(same)
        ends = [place for i, place in enumerate(ends) if i not in dropped]


def _leg(course: Course, start: float, end: float) -> WindLeg:
    bearing, _ = course.chord(start, end)
    return WindLeg(start, end, wind_of(bearing))
