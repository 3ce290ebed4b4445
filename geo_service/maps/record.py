"""The map of one record: where it lies on the units and lines of the city, on the day asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_service.domain.marker import BoundaryMarker
from geo_service.maps import popups, swatches
from geo_service.maps.ground import BoundaryLayers, Ground, base_layers, layer_label, shape_of
from geo_service.maps.shapes import Box, bounds_of, drawable, mark_position, screen_json
from geo_service.maps.sheet import RecordLayer, draw, feature
from geo_service.maps.style import style
from geo_service.maps.words import words_around
from geo_service.messages import message
from geo_service.services.register.acts import label_of
from geo_service.services.register.differences import geometry_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from geo_service.cities import CityProfile
    from geo_service.domain.text import Lang
    from geo_service.maps.offline import Assets
    from geo_service.services.register.acts import Kept

Json = dict[str, Any]
_LEAST_DEG = 0.2
"""Width of the smallest ground shown, some seventeen kilometres: units are what lies around."""


def record_map(
    records: Sequence[Kept],
    markers: Sequence[BoundaryMarker],
    case: BoundaryLayers,
    *,
    as_of: date,
    city: CityProfile,
    lang: Lang,
    assets: Assets,
) -> str:
    """An HTML page with records marked out on their ground, and the markers that go with them.

    The map opens on the first record that can be drawn, else on the city. Geometry is EPSG:4490;
    what lies neither in the city nor beside it is not drawn. Raises ConfigError when assets are
    missing.
    """
    ground = Ground(case, city)
    drawn = [record for record in records if _may_be_drawn(record, ground)]
    stones = [m for m in markers if _may_be_drawn(m, ground)]
    layers = [
        *base_layers(ground, lang),
        _record_layer(drawn, lang),
        *([_marker_layer(stones, lang)] if stones else []),
    ]
    title = "、".join(label_of(record) for record in records[:3]) + ("…" if records[3:] else "")
    words = words_around(
        message("maps.record_title", name=title),
        as_of=as_of,
        provenances=[*ground.provenances(), *(record.provenance for record in records)],
        notices=[message("name.notice")],
        lang=lang,
    )
    shapes = [shape_of(geometry_of(record)) for record in drawn]
    box = _roomy(bounds_of(shapes, ground.box(city)))
    return draw(layers, box, words, lang=lang, assets=assets)


def _roomy(box: Box) -> Box:
    """The box, wide enough that a single place is seen with what lies around it."""
    west, south, east, north = box
    air = max(0.0, _LEAST_DEG - max(east - west, north - south)) / 2
    return west - air, south - air, east + air, north + air


def _may_be_drawn(record: Kept | BoundaryMarker, ground: Ground) -> bool:
    shape = drawable(geometry_of(record))
    return shape is not None and ground.frame.admits((), shape, record.provenance)


def _record_layer(records: Sequence[Kept], lang: Lang) -> RecordLayer:
    """Each record in outline, and a mark on it that a pointer and a keyboard find."""
    look = style().near
    features: list[Json] = []
    for record in records:
        shape, popup = shape_of(geometry_of(record)), popups.record_popup(record, lang)
        drawn = {"color": look.color, "weight": 5, "fillColor": look.color, "fillOpacity": 0.15}
        if shape.geom_type != "Point":
            features.append(feature(screen_json(shape, style().decimals), style=drawn, popup=popup))
        features.append(
            feature(
                screen_json(mark_position(shape), style().decimals),
                id=record.id,
                mark=look.mark,
                hint=label_of(record),
                style={"color": look.color},
                popup=popup,
            )
        )
    label = layer_label("record", len(records), lang)
    return RecordLayer(label, features, "findings", swatches.mark_swatch(look))


def _marker_layer(markers: Sequence[BoundaryMarker], lang: Lang) -> RecordLayer:
    dot = style().tripoint
    look = {"color": dot.color, "fillColor": dot.color, "fillOpacity": 1, "weight": 1, "radius": 4}
    features = [
        feature(
            screen_json(shape_of(marker.position), style().decimals),
            id=marker.id,
            style=look,
            popup=popups.record_popup(marker, lang),
        )
        for marker in markers
    ]
    return RecordLayer(
        layer_label("markers", len(markers), lang), features, "nodes", swatches.dot_swatch(dot)
    )
