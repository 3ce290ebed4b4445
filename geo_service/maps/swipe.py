"""Two copies of boundary lines for a page on which a slider parts them: features and words."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from geo_service.maps.comparison import Sheet, sheet_of
from geo_service.maps.ground import shape_of
from geo_service.maps.shapes import bounds_of, screen_json
from geo_service.maps.style import style
from geo_service.messages import message
from geo_service.services.comparison_words import offset_text
from geo_service.services.wording import number_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from geo_service.cities import CityProfile
    from geo_service.domain.boundary import AdministrativeBoundary
    from geo_service.domain.text import Lang
    from geo_service.services.comparison import ComparisonReport

Json = dict[str, Any]


def swipe_json(report: ComparisonReport, *, city: CityProfile, lang: Lang) -> Json:
    """Both copies, the stretches on which they part, and what is written around the map.

    Geometry is EPSG:4490, rounded for the screen. What the map of the comparison leaves out is
    left out here.
    """
    sheet = sheet_of(report, city, lang)
    looks = style()
    drawn = [copy for line in sheet.lines for copy in (line.copies.a, line.copies.b)]
    west, south, east, north = bounds_of([shape_of(x.geometry) for x in drawn], city.extent)
    strokes = ("copy_a", "copy_b", "departure", "alone")
    return {
        "a": _lines(line.copies.a for line in sheet.lines),
        "b": _lines(line.copies.b for line in sheet.lines),
        "stretches": _collection(_stretches(sheet, lang)),
        "bounds": [[south, west], [north, east]],
        "strokes": {name: asdict(getattr(looks, name)) for name in strokes},
        "words": asdict(sheet.words),
        "offset": "" if report.offset is None else offset_text(report.offset, lang),
    }


def _collection(features: Iterable[Json]) -> Json:
    return {"type": "FeatureCollection", "features": list(features)}


def _lines(copies: Iterable[AdministrativeBoundary]) -> Json:
    return _collection(
        {
            "type": "Feature",
            "properties": {"name": copy.name or copy.code, "code": copy.code},
            "geometry": screen_json(shape_of(copy.geometry), style().decimals),
        }
        for copy in copies
    )


def _stretches(sheet: Sheet, lang: Lang) -> Iterator[Json]:
    for line in sheet.lines:
        found = line.copies.measured
        for number, stretch in enumerate(found.departures if found is not None else ()):
            start, end = (number_text(round(m, 1)) for m in (stretch.own.from_m, stretch.own.to_m))
            yield {
                "type": "Feature",
                "id": f"{line.copies.a.code}-{number}",
                "properties": {
                    "name": line.copies.name,
                    "copy": message(f"compare.layer_{stretch.side}").in_(lang),
                    "chainage": f"{start}–{end} m",
                    "largest": f"{number_text(round(stretch.largest_m, 2))} m",
                    "alone": stretch.alone,
                },
                "geometry": screen_json(stretch.geometry, style().decimals),
            }
