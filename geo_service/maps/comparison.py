"""The map of two copies of boundary lines: both as drawn, and where they part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geo_service.maps import popups, swatches
from geo_service.maps.ground import line_features, shape_of
from geo_service.maps.shapes import Frame, bounds_of, drawable, screen_json
from geo_service.maps.sheet import RecordLayer, draw, feature
from geo_service.maps.style import Stroke, style
from geo_service.maps.words import words_around
from geo_service.messages import message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.cities import CityProfile
    from geo_service.domain.boundary import AdministrativeBoundary
    from geo_service.domain.text import Lang
    from geo_service.maps.offline import Assets
    from geo_service.maps.sheet import Words
    from geo_service.services.comparison import ComparedLine, ComparisonReport

Json = dict[str, Any]


def comparison_map(
    report: ComparisonReport, *, city: CityProfile, lang: Lang, assets: Assets
) -> str:
    """An HTML page, one file, with both copies and the stretches on which they differ.

    Geometry is EPSG:4490. Only lines of the city and its neighbours are drawn, and the page counts
    what it left out. Raises ConfigError when the assets were not fetched at set-up.
    """
    sheet = sheet_of(report, city, lang)
    lines, words = sheet.lines, sheet.words
    copies_a = [line.copies.a for line in lines]
    copies_b = [line.copies.b for line in lines]
    looks = style()
    layers = [
        _layer("layer_a", line_features(copies_a, looks.copy_a, lang), looks.copy_a, lang),
        _layer("layer_b", line_features(copies_b, looks.copy_b, lang), looks.copy_b, lang),
        _departures(lines, alone=False, look=looks.departure, lang=lang),
        _departures(lines, alone=True, look=looks.alone, lang=lang),
    ]
    box = bounds_of([shape_of(line.geometry) for line in copies_a + copies_b], city.extent)
    return draw(layers, box, words, lang=lang, assets=assets, single_file=True)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The lines that may be drawn, and what is written around them."""

    lines: list[ComparedLine]
    words: Words


def sheet_of(report: ComparisonReport, city: CityProfile, lang: Lang) -> Sheet:
    """What of a comparison is drawn: lines of the city and its neighbours; the rest is counted."""
    frame = Frame(city)
    lines = [line for line in report.lines if _admitted(line, frame)]
    notices = [report.notice]
    if len(lines) < len(report.lines):
        notices.append(message("maps.records_left_out", count=len(report.lines) - len(lines)))
    words = words_around(
        message("compare.map_title", city=city.name.in_(lang)),
        as_of=report.as_of,
        provenances=[x.provenance for line in lines for x in (line.copies.a, line.copies.b)],
        notices=notices,
        lang=lang,
    )
    return Sheet(lines, words)


def _admitted(line: ComparedLine, frame: Frame) -> bool:
    def fits(copy: AdministrativeBoundary) -> bool:
        shape = drawable(copy.geometry)
        return shape is not None and frame.admits(copy.parties, shape, copy.provenance)

    return fits(line.copies.a) and fits(line.copies.b)


def _departures(
    lines: Sequence[ComparedLine], *, alone: bool, look: Stroke, lang: Lang
) -> RecordLayer:
    drawn = {"color": look.color, "weight": look.weight, "dashArray": look.dash, "fill": False}
    features = [
        feature(
            screen_json(stretch.geometry, style().decimals),
            style={**drawn, "opacity": 0.6, "radius": 4},
            popup=popups.departure_popup(line.copies.name, stretch, lang),
        )
        for line in lines
        if line.copies.measured is not None
        for stretch in line.copies.measured.departures
        if stretch.alone is alone
    ]
    return _layer("layer_alone" if alone else "layer_departures", features, look, lang)


def _layer(key: str, features: list[Json], look: Stroke, lang: Lang) -> RecordLayer:
    name = message(f"compare.{key}").in_(lang)
    label = message("maps.layer", name=name, count=len(features)).in_(lang)
    pane = "lines" if key in ("layer_a", "layer_b") else "findings"
    return RecordLayer(label, features, pane, swatches.line_swatch(look))
