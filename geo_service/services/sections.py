"""A line cut at its markers: the sections (界段) that agreements and descriptions speak of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from geo_service.domain.supporting.papers import BoundarySection
from geo_service.errors import InputError
from geo_service.geometry.course import course_of
from geo_service.geometry.track import Track
from geo_service.messages import message
from geo_service.rules.descriptions._stones import markers_of_one_line
from geo_service.rules.descriptions._whole import whole_features
from geo_service.services.interchange.exporting import Layer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from geo_service.cities import CityProfile
    from geo_service.domain.alignment import FollowedFeature
    from geo_service.domain.boundary import AdministrativeBoundary
    from geo_service.domain.marker import BoundaryMarker
    from geo_service.services.interchange.fields import Row

_SAMPLES = 21
"""Places of a stretch at which it is asked whether it follows a feature."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A place along a line that has a name; `serial` where it is a marker."""

    name: str
    chainage_m: float
    serial: int | None = None

    @property
    def label(self) -> str:
        """The serial as forms write it, or the name."""
        return self.name if self.serial is None else f"{self.serial:03d}"


@dataclass(frozen=True, slots=True)
class Walk:
    """A line in the direction in which its numbers grow, and its stops from end to end."""

    course: Track
    stops: tuple[Stop, ...]
    turned: bool
    """Whether that is against the direction in which it was drawn."""


def walk_along(
    line: AdministrativeBoundary, markers: Sequence[BoundaryMarker], city: CityProfile
) -> Walk:
    """The line with the markers that stand on it; an end without one is a stop as such.

    Raises InputError `line_in_pieces` where the line is missing or not one piece.
    """
    course = course_of(line.geometry, city.plane_epsg)
    if course is None or course.length_m == 0:
        raise InputError("line_in_pieces", line=line.id)
    markers = markers_of_one_line(line, markers) or ()
    stops = _on_the_line(course, markers, city)
    serials = [stop.serial or 0 for stop in stops]
    turned = bool(serials) and serials[0] > serials[-1]
    if turned:
        course = course.stretch(course.length_m, 0.0)
        stops = _on_the_line(course, markers, city)
    reach = city.threshold("dangle_search_m")
    if not stops or stops[0].chainage_m > reach:
        stops.insert(0, Stop(message("alignment.first_end").zh, 0.0))
    if len(stops) == 1 or stops[-1].chainage_m < course.length_m - reach:
        stops.append(Stop(message("alignment.last_end").zh, course.length_m))
    return Walk(course, tuple(stops), turned)


def _on_the_line(course: Track, markers: Sequence[BoundaryMarker], city: CityProfile) -> list[Stop]:
    """The markers in the order of the line; a pair of stones is one."""
    stones = [(m.number.serial, m.position) for m in markers if m.position is not None]
    found: dict[int, list[float]] = {}
    if stones:
        at = course.refer(np.array([[place.x, place.y] for _, place in stones]))
        near = np.abs(at.offset_m) <= city.threshold("dangle_search_m")
        for number in np.flatnonzero(near).tolist():
            found.setdefault(stones[number][0], []).append(float(at.chainage_m[number]))
    stops = [
        Stop(message("alignment.marker", serial=serial).zh, sum(places) / len(places), serial)
        for serial, places in found.items()
    ]
    return sorted(stops, key=lambda stop: (stop.chainage_m, stop.serial))


def followed(
    course: Track, start_m: float, end_m: float, features: Iterable[FollowedFeature], limit_m: float
) -> str:
    """The name of the first feature that a stretch keeps within `limit_m` of, "" for none."""
    samples = course.positions(np.linspace(start_m, end_m, _SAMPLES))
    for feature in features:
        beside = Track.of(feature.geometry, course.plane_epsg).refer(samples)
        if float(np.abs(beside.offset_m).max()) <= limit_m:
            return feature.name
    return ""


def sections_of(
    line: AdministrativeBoundary,
    markers: Sequence[BoundaryMarker],
    features: Sequence[FollowedFeature] = (),
    *,
    city: CityProfile,
) -> tuple[BoundarySection, ...]:
    """The sections of a line from stop to stop, with their sides, lengths and geometry.

    Whether a section moves with its feature is for the agreement to say and stays open. Raises
    InputError `line_in_pieces`.
    """
    walk = walk_along(line, markers, city)
    left, right = line.left_code, line.right_code
    if walk.turned:
        left, right = right, left
    whole, limit = whole_features(features), city.threshold("description_feature_m")
    return tuple(
        BoundarySection(
            id=f"{line.code}/{start.label}-{end.label}",
            provenance=line.provenance,
            geometry=walk.course.stretch(start.chainage_m, end.chainage_m).line,
            line_code=line.code,
            start_marker=start.label,
            end_marker=end.label,
            left_code=left,
            right_code=right,
            feature=followed(walk.course, start.chainage_m, end.chainage_m, whole, limit),
            length_km=round((end.chainage_m - start.chainage_m) / 1000, 3),
        )
        for start, end in pairwise(walk.stops)
    )


def section_rows(sections: Iterable[BoundarySection]) -> Iterator[Row]:
    """Sections as flat rows, in the words that `--layer sections=FILE` reads."""
    for section in sections:
        yield {
            "id": section.id,
            "line_code": section.line_code,
            "start_marker": section.start_marker,
            "end_marker": section.end_marker,
            "left_code": section.left_code,
            "right_code": section.right_code,
            "feature": section.feature or None,
            "length_km": section.length_km,
            "source": section.provenance.source,
            "force": section.provenance.force.value,
            "label": section.provenance.label.value,
        }


def section_layer(sections: Sequence[BoundarySection]) -> Layer:
    """Sections as a layer for a GIS."""
    return Layer("sections", list(section_rows(sections)), [s.geometry for s in sections])
