"""The devices in markers: what each reported last."""

from __future__ import annotations

from collections.abc import Iterator

from shapely.geometry import Point

from geo_service.domain.finding import Subject
from geo_service.domain.supporting.fieldwork import DeviceMessage
from geo_service.domain.text import Text
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.markers import MarkerCase, marker_subject
from geo_service.rules.markers._wording import called, line_name


def last_messages(case: MarkerCase, context: BoundaryContext) -> Iterator[DeviceMessage]:
    """The last message of each marker up to the day of the review."""
    found: dict[tuple[str, str], DeviceMessage] = {}
    for said in case.supporting.all(DeviceMessage):
        key = said.line_code, said.marker
        if said.sent_on <= context.as_of and (
            key not in found or said.sent_on >= found[key].sent_on
        ):
            found[key] = said
    yield from found.values()


def standing_at(case: MarkerCase, said: DeviceMessage) -> Point | None:
    """Where the marker of a message stands, None where no paper says so."""
    known = {marker.id: marker.position for marker in case.markers}
    return known.get(f"{said.line_code}/{said.marker}")


def sender(case: MarkerCase, said: DeviceMessage) -> tuple[Subject, Text]:
    """The marker a message speaks of, on record or not, and what it is called."""
    entries = case.by_marker.get(f"{said.line_code}/{said.marker}")
    if entries:
        return marker_subject(entries[0].marker), called(case, entries[0].marker)
    line = line_name(case, said.line_code)
    subject = Subject("marker", f"{said.line_code}/{said.marker}", said.marker)
    return subject, Text(f"{line} {said.marker} 号界桩", f"Marker {said.marker} of {line}")
