"""From records to features: as they stand, cut at their markers, or placed where they speak of."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from geo_service.domain.change import RecordKind
from geo_service.domain.place import NamedPlace
from geo_service.domain.road import RoadName
from geo_service.errors import InputError
from geo_service.services.sections import sections_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from shapely.geometry.base import BaseGeometry

    from geo_service.cities import CityProfile
    from geo_service.domain.boundary import AdministrativeBoundary
    from geo_service.domain.change import Record
    from geo_service.domain.kept_finding import KeptFinding
    from geo_service.domain.marker import BoundaryMarker
    from geo_service.domain.period import Period
    from geo_service.domain.supporting.papers import BoundarySection
    from geo_service.store.protocol import Store


@dataclass(frozen=True, slots=True)
class Source:
    """A view of the register on one day, of one audience, and the city it belongs to."""

    store: Store
    as_of: date
    city: CityProfile

    def records(self, kind: RecordKind) -> list[Record]:
        """The records of a kind that hold on the day, by id."""
        return self.store.records(kind, as_of=self.as_of)


class Served(NamedTuple):
    """One feature: its id, where it lies (EPSG:4490), and what the fields are read from."""

    id: str
    geometry: BaseGeometry | None
    record: Any


def served(record: Record) -> Served:
    """A record as a feature."""
    place = record.position if hasattr(record, "position") else record.geometry
    return Served(record.id, place, record)


def of_records(source: Source, kind: RecordKind) -> Iterator[Served]:
    """The records of a kind."""
    return map(served, source.records(kind))


class _SectionOfPeriod(NamedTuple):
    """A section holds as long as its line does."""

    section: BoundarySection
    period: Period

    def __getattr__(self, name: str) -> Any:
        return getattr(self.section, name)


def sections(source: Source) -> Iterator[Served]:
    """The stretches of lines from marker to marker; a line in pieces has none that are sure."""
    markers: defaultdict[str, list[BoundaryMarker]] = defaultdict(list)
    for marker in cast("list[BoundaryMarker]", source.records(RecordKind.MARKERS)):
        markers[marker.line_code].append(marker)
    lines = cast("list[AdministrativeBoundary]", source.records(RecordKind.BOUNDARY_LINES))
    for line in lines:
        try:
            found = sections_of(line, markers[line.code], city=source.city)
        except InputError:  # line_in_pieces: it is for the checks to tell, not for a list
            continue
        for section in found:
            record = _SectionOfPeriod(section, line.period)
            yield Served(section.id, section.geometry, record)


_KIND_OF_SUBJECT = {
    "unit": RecordKind.UNITS,
    "boundary-line": RecordKind.BOUNDARY_LINES,
    "boundary-node": RecordKind.BOUNDARY_NODES,
    "marker": RecordKind.MARKERS,
    NamedPlace.SUBJECT: RecordKind.PLACE_NAMES,
    RoadName.SUBJECT: RecordKind.ROADS,
}


def findings(source: Source) -> Iterator[Served]:
    """What was found, each where its subject lies; nowhere, where that is no record of the day."""
    found = cast("list[KeptFinding]", source.records(RecordKind.FINDINGS))
    places: dict[tuple[str, str], BaseGeometry | None] = {}
    for word in {finding.subject_kind for finding in found} & set(_KIND_OF_SUBJECT):
        for record in of_records(source, _KIND_OF_SUBJECT[word]):
            places[word, record.id] = record.geometry
    for finding in found:
        place = places.get((finding.subject_kind, finding.subject_id))
        yield Served(finding.id, place, finding)
