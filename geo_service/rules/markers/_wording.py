"""Markers, places and days as findings write them."""

from __future__ import annotations

from geo_service.domain.marker import BoundaryMarker, MarkerDocument
from geo_service.domain.text import Text
from geo_service.messages import message
from geo_service.rules.boundaries._wording import length
from geo_service.rules.markers import MarkerCase


def line_name(case: MarkerCase, line_code: str) -> str:
    """A line by its name, its code where it has none."""
    line = case.line_of.get(line_code)
    return line.name if line is not None and line.name else line_code


def called(case: MarkerCase, marker: BoundaryMarker) -> Text:
    """A marker with its line and, where it can be told, its chainage."""
    line, at = line_name(case, marker.line_code), case.chainage_m.get(marker.id)
    if at is None:
        return Text(f"{line} {marker.number} 号界桩", f"Marker {marker.number} of {line}")
    along = length(at)
    return Text(
        f"{line} {marker.number} 号界桩（里程 {along.zh}）",
        f"Marker {marker.number} of {line} (chainage {along.en})",
    )


def document_name(document: MarkerDocument) -> Text:
    """What a document is called."""
    return message(f"markers.document_{document.value}")


def dms(degrees: float) -> str:
    """An azimuth in degrees and minutes, as forms write it."""
    whole = round(degrees * 60) % (360 * 60)
    return f"{whole // 60}°{whole % 60:02d}′"


def minutes(degrees: float) -> str:
    """A small angle in minutes."""
    return f"{degrees * 60:.0f}′"
