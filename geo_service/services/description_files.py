"""A description and what it is held against, from files; nothing is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry import LineString, MultiLineString, Point

from geo_service.domain.alignment import (
    AlignmentClause,
    AlignmentSegment,
    ClauseKind,
    FollowedFeature,
    Landmark,
)
from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.change import RecordKind
from geo_service.domain.marker import BoundaryMarker
from geo_service.domain.place import NamedPlace, NameStatus
from geo_service.errors import InputError
from geo_service.geometry import crs
from geo_service.geometry.measure import distances_m
from geo_service.language.alignment import parse
from geo_service.rules.descriptions._stones import markers_of_one_line
from geo_service.services.interchange.issues import Issue, Issues
from geo_service.services.interchange.readers.encodings import decode
from geo_service.services.interchange.readers.secrecy import is_mark, path_secret
from geo_service.services.interchange.readers.table import Unreadable
from geo_service.services.interchange.reading import read_records

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geo_service.cities import CityProfile
    from geo_service.domain.change import Record
    from geo_service.store.protocol import Box, Store

MAX_TEXT_BYTES = 4 << 20
"""A description of a whole line runs to some tens of kilobytes."""

_CODES_TOLD = 5
"""Line codes that an issue names."""

_SUPERSEDED = (NameStatus.FORMER, NameStatus.VARIANT)


@dataclass(frozen=True, slots=True)
class Beside:
    """What a description is held against; what was not handed in is None or empty."""

    line: AdministrativeBoundary | None = None
    markers: tuple[BoundaryMarker, ...] = ()
    landmarks: tuple[Landmark, ...] = ()
    features: tuple[FollowedFeature, ...] = ()

    @property
    def drawn(self) -> AdministrativeBoundary:
        """The line. Raises InputError `line_not_one` where none was handed in."""
        if self.line is None:
            raise InputError("line_not_one", file="", count=0)
        return self.line


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads files for one review and keeps what is wrong with them.

    Geometry comes out in EPSG:4490. Nothing is raised for a wrong file: see `issues`.
    """

    city: CityProfile
    today: date
    crs: str = ""
    encoding: str = ""
    issues: list[Issue] = field(default_factory=list)
    refused: list[Path] = field(default_factory=list)

    def text(self, path: Path) -> str:
        """The text of a file, its encoding told where it was guessed; "" where it is refused."""
        issues = Issues(path.name)
        text = _text(path, self.encoding, issues)
        self._keep(path, issues.all(), refused=issues.refused)
        return text

    def description(self, path: Path) -> tuple[AlignmentSegment, ...]:
        """The text of a file read into segments; told where none of it says how a line runs."""
        segments = parse(self.text(path))
        told = any(_tells(clause) for segment in segments for clause in segment.clauses)
        if path not in self.refused and not told:
            issues = Issues(path.name)
            issues.warning("nothing_described")
            self._keep(path, issues.all(), refused=False)
        return segments

    def beside(self, line: Path | None, markers: Path | None, landmarks: Path | None) -> Beside:
        """The line, the markers and the names. Raises InputError `line_not_one`."""
        lines = self._records(line, RecordKind.BOUNDARY_LINES)
        if line is not None and not self.refused and len(lines) != 1:
            raise InputError("line_not_one", file=line.name, count=len(lines))
        drawn = next((r for r in lines if isinstance(r, AdministrativeBoundary)), None)
        stones = self._stones(markers, drawn)
        names = self._records(landmarks, RecordKind.PLACE_NAMES)
        places, followed = named_places(names, self.city)
        return Beside(
            line=drawn,
            markers=stones,
            landmarks=places,
            features=followed,
        )

    def _stones(
        self, path: Path | None, line: AdministrativeBoundary | None
    ) -> tuple[BoundaryMarker, ...]:
        """The markers of the line; a file of several lines that leaves it open is refused."""
        records = self._records(path, RecordKind.MARKERS)
        stones = tuple(r for r in records if isinstance(r, BoundaryMarker))
        own = markers_of_one_line(line, stones)
        if own is None and path is not None:
            issues = Issues(path.name)
            codes = sorted({stone.line_code for stone in stones})
            issues.error(
                "markers_of_lines", field="line_code", codes="、".join(codes[:_CODES_TOLD])
            )
            self._keep(path, issues.all(), refused=True)
        return own or ()

    def _records(self, path: Path | None, kind: RecordKind) -> tuple[Record, ...]:
        if path is None:
            return ()
        # The option on encodings is for the text: the files of records find theirs.
        read = read_records(path, kind, city=self.city, today=self.today, crs=self.crs)
        self._keep(path, read.issues, refused=read.refused)
        return () if read.refused else read.records

    def _keep(self, path: Path, issues: Sequence[Issue], *, refused: bool) -> None:
        self.issues.extend(issues)
        if refused:
            self.refused.append(path)


def _tells(clause: AlignmentClause) -> bool:
    """Whether a clause tells of a course or a marker; a bare length does not."""
    if clause.kind is not ClauseKind.COURSE:
        return clause.kind is not ClauseKind.UNPARSED
    places = (clause.along, clause.to, *clause.via, *clause.cross)
    return clause.bearing_deg is not None or any(places)


def from_store(store: Store, code: str, city: CityProfile, as_of: date) -> Beside:
    """A line of the register with its own markers and the names around it.

    Raises NotFound where the register has no such line on that day.
    """
    line = store.get(RecordKind.BOUNDARY_LINES, code, as_of=as_of)
    markers = store.records(RecordKind.MARKERS, as_of=as_of)
    if not isinstance(line, AdministrativeBoundary) or line.geometry is None:
        raise InputError("line_in_pieces", line=code)
    names = store.records(RecordKind.PLACE_NAMES, as_of=as_of, box=_around(line.geometry, city))
    places, followed = named_places(names, city)
    return Beside(
        line=line,
        markers=tuple(m for m in markers if isinstance(m, BoundaryMarker) and m.line_code == code),
        landmarks=places,
        features=followed,
    )


def named_places(
    records: Iterable[Record], city: CityProfile
) -> tuple[tuple[Landmark, ...], tuple[FollowedFeature, ...]]:
    """Names with points as landmarks, names with lines as features to follow.

    A former or other name is tied to the standard name at its place.
    """
    places = [record for record in records if isinstance(record, NamedPlace)]
    points = [place for place in places if isinstance(place.geometry, Point)]
    lines = [place for place in places if isinstance(place.geometry, LineString | MultiLineString)]
    return (
        tuple(
            Landmark(place.name, place.geometry, _current(place, points, city))
            for place in points
            if isinstance(place.geometry, Point)
        ),
        tuple(
            FollowedFeature(place.name, place.geometry, _current(place, lines, city))
            for place in lines
            if isinstance(place.geometry, LineString | MultiLineString)
        ),
    )


def _around(geometry: BaseGeometry, city: CityProfile) -> Box:
    """The box of what may be a landmark of a line."""
    plane = crs.to_plane(np.array([geometry], dtype=object), city.plane_epsg)
    wide = shapely.buffer(plane, city.threshold("description_landmark_m"))
    west, south, east, north = shapely.total_bounds(crs.from_plane(wide, city.plane_epsg))
    return float(west), float(south), float(east), float(north)


def _current(place: NamedPlace, among: Sequence[NamedPlace], city: CityProfile) -> str:
    if place.status not in _SUPERSEDED:
        return ""
    standard = [other for other in among if other.status is NameStatus.STANDARD]
    if not standard:
        return ""
    here = np.array([_middle(place)] * len(standard))
    apart = distances_m(here, np.array([_middle(other) for other in standard]))
    nearest = int(apart.argmin())
    return standard[nearest].name if apart[nearest] <= city.threshold("same_place_m") else ""


def _middle(place: NamedPlace) -> tuple[float, float]:
    shape = place.geometry
    point = (
        shape.interpolate(0.5, normalized=True)
        if isinstance(shape, LineString | MultiLineString)
        else shape
    )
    return (point.x, point.y) if isinstance(point, Point) else (np.nan, np.nan)


def _text(path: Path, encoding: str, issues: Issues) -> str:
    content = _content(path, issues)
    if issues.refused:
        return ""
    try:
        text, found = decode(content, encoding)
    except Unreadable as refusal:
        issues.error(refusal.code, refusal.row, refusal.field, **refusal.values)
        return ""
    if any(is_mark(line) for line in text.splitlines()):
        issues.error("classified")
        return ""
    if found.guessed:
        issues.info("encoding_guessed", encoding=found.codec)
    return text


def _content(path: Path, issues: Issues) -> bytes:
    if path_secret(path):
        issues.error("classified")
    elif not path.exists():
        issues.error("file_missing")
    elif not path.is_file():
        issues.error("file_not_regular")
    if issues.refused:
        return b""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_TEXT_BYTES + 1)
    except OSError as error:
        issues.error("file_unreadable", detail=error.strerror or type(error).__name__)
        return b""
    if len(content) > MAX_TEXT_BYTES:
        issues.error("file_too_large", limit_mb=MAX_TEXT_BYTES >> 20)
    elif not content.strip():
        issues.error("file_empty")
    return content
