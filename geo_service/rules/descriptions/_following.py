"""A leg beside the feature it follows: how far off, which way along it, on which side."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely

from geo_service.domain.alignment import FollowedFeature
from geo_service.geometry import crs
from geo_service.geometry.arrays import Floats
from geo_service.geometry.track import Track, as_points
from geo_service.language.alignment import words
from geo_service.rules.descriptions._placing import Leg

_SAMPLES = 41
"""Places of a leg that are looked at."""

_COMPASS = {"N": 0, "NE": 45, "E": 90, "SE": 135, "S": 180, "SW": 225, "W": 270, "NW": 315}


@dataclass(frozen=True, slots=True)
class Displacement:
    """Where a leg lies beside a feature, in metres of the plane, from the feature to the leg.

    `left_m` counts to the left of the feature's own direction, `forward` is 1 where the leg goes
    that way and -1 where it goes against it.
    """

    east_m: float
    north_m: float
    left_m: float
    forward: int

    def towards(self, side: str, *, along_text: bool) -> float:
        """How far the leg lies towards a side: a compass point, or left and right.

        Left and right are those of the feature, or of the way the text goes.
        """
        if side in _COMPASS:
            angle = math.radians(_COMPASS[side])
            return self.east_m * math.sin(angle) + self.north_m * math.cos(angle)
        left = self.left_m * (self.forward if along_text else 1)
        return left if side == "left" else -left


def side_of_part(part: str) -> tuple[str, str]:
    """Kind and side of the first part named that has a side, empty texts for none."""
    here = 0
    while word := words.part_words().at(part, here, len(part)):
        kind, side = words.parts()[word]
        if side:
            return kind, side
        here += len(word)
    return "", ""


@dataclass(frozen=True, eq=False)
class _Beside:
    """Places of a leg beside the nearest of the pieces of a feature, each as it is drawn.

    `away` (n, 2) is the way from the feature to the places in the plane; `left_m` (n,) counts to
    the left of it; `forward_m` is what the leg gains along it, from piece to piece nothing.
    """

    away: Floats
    left_m: Floats
    forward_m: float

    @classmethod
    def of(cls, leg: Leg, feature: FollowedFeature, plane_epsg: int) -> _Beside:
        samples = _samples(leg)
        here = shapely.get_coordinates(crs.to_plane(as_points(samples), plane_epsg))
        # A river runs as its pieces are drawn: a track of the whole would bring them into one way.
        pieces = [Track.of(piece, plane_epsg) for piece in shapely.get_parts(feature.geometry)]
        found = [piece.refer(samples) for piece in pieces]
        feet = np.array([piece.at(piece.nearest(here)) for piece in pieces])
        offset = np.array([beside.offset_m for beside in found])
        each = np.arange(len(samples))
        nearest = np.abs(offset).argmin(axis=0)
        steps = np.diff([beside.chainage_m for beside in found], axis=1)[nearest[1:], each[1:] - 1]
        forward_m = float(steps[nearest[1:] == nearest[:-1]].sum())
        return cls(here - feet[nearest, each], offset[nearest, each], forward_m)


def distances_along(leg: Leg, feature: FollowedFeature, plane_epsg: int) -> Floats:
    """Distance from the feature at places spread over the leg, metres, shape (k,)."""
    return np.abs(Track.of(feature.geometry, plane_epsg).refer(_samples(leg)).offset_m)


def advance(leg: Leg, feature: FollowedFeature, plane_epsg: int) -> float:
    """Metres gained along the feature from the start of the leg to its end; below 0 backwards."""
    return _Beside.of(leg, feature, plane_epsg).forward_m


def displacement(leg: Leg, feature: FollowedFeature, plane_epsg: int) -> Displacement:
    """The mean way from the feature to the leg; its ends, which join other legs, count little."""
    beside = _Beside.of(leg, feature, plane_epsg)
    east, north = np.median(beside.away, axis=0)
    forward = 1 if beside.forward_m >= 0 else -1
    return Displacement(float(east), float(north), float(np.median(beside.left_m)), forward)


def _samples(leg: Leg) -> Floats:
    return leg.course.positions(np.linspace(leg.start_m, leg.end_m, _SAMPLES))
