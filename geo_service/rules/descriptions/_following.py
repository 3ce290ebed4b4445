"""A leg beside the feature it follows: how far off, which way along it, on which side."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely

from geo_service.domain.alignment import FollowedFeature
from geo_service.geometry import crs
from geo_service.geometry.arrays import Floats, Geometries
from geo_service.geometry.chainage import stations
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


def distances_along(leg: Leg, feature: FollowedFeature, plane_epsg: int) -> Floats:
    """Distance from the feature at places spread over the leg, metres, shape (k,)."""
    found = stations(feature.geometry, _samples(leg), plane_epsg)
    return np.abs(found.offset_m)


def advance(leg: Leg, feature: FollowedFeature, plane_epsg: int) -> float:
    """Metres gained along the feature from the start of the leg to its end; below 0 backwards."""
    return _gained(feature, _samples(leg), plane_epsg)


def _gained(feature: FollowedFeature, samples: Floats, plane_epsg: int) -> float:
    """Metres gained on the parts of a feature, from part to part nothing."""
    parts = shapely.get_parts(feature.geometry)
    found = [stations(part, samples, plane_epsg) for part in parts]
    nearest = np.argmin([np.abs(beside.offset_m) for beside in found], axis=0)
    steps = np.diff([beside.chainage_m for beside in found], axis=1)
    on_one = nearest[1:] == nearest[:-1]
    return float(steps[nearest[1:], np.arange(len(on_one))][on_one].sum())


def displacement(leg: Leg, feature: FollowedFeature, plane_epsg: int) -> Displacement:
    """The mean way from the feature to the leg; its ends, which join other legs, count little."""
    samples = _samples(leg)
    found = stations(feature.geometry, samples, plane_epsg)
    plane = _plane_points(samples, plane_epsg)
    (drawn,) = crs.to_plane(np.array([feature.geometry], dtype=object), plane_epsg)
    feet = np.array([drawn.interpolate(drawn.project(point)).coords[0] for point in plane])
    here = np.array([point.coords[0] for point in plane])
    east, north = np.median(here - feet, axis=0)
    forward = 1 if _gained(feature, samples, plane_epsg) >= 0 else -1
    return Displacement(float(east), float(north), float(np.median(found.offset_m)), forward)


def _samples(leg: Leg) -> Floats:
    return leg.course.at(np.linspace(leg.start_m, leg.end_m, _SAMPLES))


def _plane_points(points: Floats, plane_epsg: int) -> Geometries:
    return crs.to_plane(np.asarray(shapely.points(points), dtype=object), plane_epsg)
