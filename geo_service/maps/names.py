"""The map beside a verdict: the proposed place and the registered names that come near it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from shapely.geometry import Point

from geo_service.maps import popups, swatches
from geo_service.maps.ground import BoundaryLayers, Ground, base_layers, layer_label, shape_of
from geo_service.maps.shapes import drawable, mark_position, screen_json
from geo_service.maps.sheet import RecordLayer, draw, feature
from geo_service.maps.style import style
from geo_service.maps.words import words_around
from geo_service.messages import message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_service.cities import CityProfile
    from geo_service.domain.finding import NearName, Verdict
    from geo_service.domain.place import NamedPlace
    from geo_service.domain.text import Lang
    from geo_service.maps.offline import Assets

Json = dict[str, Any]
Pairs = list[tuple["NearName", "NamedPlace"]]


def _point_features(pairs: Pairs, lang: Lang) -> list[Json]:
    look = style().near
    return [
        feature(
            screen_json(mark_position(shape_of(place.geometry)), style().decimals),
            id=near.id,
            mark=look.mark,
            hint=near.name,
            style={"color": look.color},
            popup=popups.near_popup(near, place, lang),
        )
        for near, place in pairs
    ]


def _unit_features(pairs: Pairs, ground: Ground, lang: Lang) -> list[Json]:
    """The counties of near names without a place of their own: shaded, never a made-up point."""
    names: dict[str, list[str]] = defaultdict(list)
    for near, place in pairs:
        if place.unit_code is not None:
            names[place.unit_code.county].append(near.name)
    look = style().near_unit
    return [
        feature(
            screen_json(shape_of(unit.geometry), style().decimals),
            style={"stroke": False, "fillColor": look.fill, "fillOpacity": look.opacity},
            popup=popups.near_unit_popup(unit, names[unit.id], lang),
        )
        for unit in ground.units
        if unit.id in names
    ]


def _proposed_layer(verdict: Verdict, position: tuple[float, float], lang: Lang) -> RecordLayer:
    look = style().proposed
    marked = feature(
        screen_json(Point(position), style().decimals),
        id="proposed",
        mark=look.mark,
        hint=verdict.name,
        style={"color": look.color},
        popup=popups.proposed_popup(verdict.name, lang),
    )
    return RecordLayer(
        layer_label("proposed", 1, lang), [marked], "findings", swatches.mark_swatch(look)
    )


def names_map(
    verdict: Verdict,
    places: Mapping[str, NamedPlace],
    case: BoundaryLayers,
    *,
    position: tuple[float, float] | None,
    city: CityProfile,
    lang: Lang,
    assets: Assets,
    single_file: bool = False,
) -> str:
    """An HTML page with the near names of a verdict on the units and lines of the city.

    `places` holds the registered places by the ids of `verdict.near`; `position` is where the name
    was proposed (lon, lat in degrees, EPSG:4490). Raises ConfigError when assets are missing.
    """
    ground = Ground(case, city)
    pairs = [(near, places[near.id]) for near in verdict.near if near.id in places]
    placed = [(near, place) for near, place in pairs if drawable(place.geometry)]
    unplaced = [(near, place) for near, place in pairs if not drawable(place.geometry)]
    shaded = _unit_features(unplaced, ground, lang)
    looks = style()
    layers: Sequence[RecordLayer] = [
        *base_layers(ground, lang),
        RecordLayer(
            layer_label("near_units", len(shaded), lang),
            shaded,
            "units",
            swatches.fill_swatch(looks.near_unit),
        ),
        RecordLayer(
            layer_label("near", len(placed), lang),
            _point_features(placed, lang),
            "findings",
            swatches.mark_swatch(looks.near),
        ),
        *([] if position is None else [_proposed_layer(verdict, position, lang)]),
    ]
    words = words_around(
        message("maps.names_title", name=verdict.name),
        as_of=verdict.as_of,
        provenances=[*ground.provenances(), *(place.provenance for _, place in pairs)],
        notices=[verdict.notice],
        lang=lang,
    )
    return draw(layers, ground.box(city), words, lang=lang, assets=assets, single_file=single_file)
