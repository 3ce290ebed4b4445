"""Maps of names: those that come near a proposal, or those that a search found."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
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

    from shapely.geometry.base import BaseGeometry

    from geo_service.cities import CityProfile
    from geo_service.domain.finding import Verdict
    from geo_service.domain.place import NamedPlace
    from geo_service.domain.text import Lang
    from geo_service.maps.offline import Assets
    from geo_service.maps.sharing import Sharing
    from geo_service.services.search import SearchPage

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Spot:
    """A registered name to be shown, with what its pop-up says."""

    name: str
    place: NamedPlace
    popup: str


def _point_features(spots: Sequence[_Spot]) -> list[Json]:
    look = style().near
    return [
        feature(
            screen_json(mark_position(shape_of(spot.place.geometry)), style().decimals),
            id=spot.place.id,
            mark=look.mark,
            hint=spot.name,
            style={"color": look.color},
            popup=spot.popup,
        )
        for spot in spots
    ]


def _unit_features(spots: Sequence[_Spot], kind: str, ground: Ground, lang: Lang) -> list[Json]:
    """The counties of names without a place of their own: shaded, never a made-up point."""
    names: dict[str, list[str]] = defaultdict(list)
    for spot in spots:
        if spot.place.unit_code is not None:
            names[spot.place.unit_code.county].append(spot.name)
    look = style().near_unit
    return [
        feature(
            screen_json(shape_of(unit.geometry), style().decimals),
            style={"stroke": False, "fillColor": look.fill, "fillOpacity": look.opacity},
            popup=popups.names_in_unit_popup(unit, names[unit.id], kind, lang),
        )
        for unit in ground.units
        if unit.id in names
    ]


def _layers(
    spots: Sequence[_Spot], kind: str, ground: Ground, lang: Lang
) -> tuple[RecordLayer, ...]:
    """Ground, units that hold names without a place, and the names with one.

    `kind` is the word of the catalogue for these names: `near` or `found`.
    """
    looks = style()
    placed = [spot for spot in spots if drawable(spot.place.geometry)]
    shaded = _unit_features([s for s in spots if s not in placed], kind, ground, lang)
    return (
        *base_layers(ground, lang),
        RecordLayer(
            layer_label(f"{kind}_units", len(shaded), lang),
            shaded,
            "units",
            swatches.fill_swatch(looks.near_unit),
        ),
        RecordLayer(
            layer_label(kind, len(placed), lang),
            _point_features(placed),
            "findings",
            swatches.mark_swatch(looks.near),
        ),
    )


def _proposed_layer(
    verdict: Verdict, position: tuple[float, float], drawn: BaseGeometry | None, lang: Lang
) -> RecordLayer:
    look = style().proposed
    marked = feature(
        screen_json(Point(position), style().decimals),
        id="proposed",
        mark=look.mark,
        hint=verdict.name,
        style={"color": look.color},
        popup=popups.proposed_popup(verdict.name, lang),
    )
    shapes = (
        [] if drawn is None or isinstance(drawn, Point) else [_drawn_feature(verdict, drawn, lang)]
    )
    return RecordLayer(
        layer_label("proposed", 1, lang), [*shapes, marked], "findings", swatches.mark_swatch(look)
    )


def _drawn_feature(verdict: Verdict, drawn: BaseGeometry, lang: Lang) -> Json:
    color = style().proposed.color
    return feature(
        screen_json(drawn, style().decimals),
        style={"color": color, "weight": 4, "opacity": 0.8, "fillColor": color, "fillOpacity": 0.1},
        popup=popups.proposed_popup(verdict.name, lang),
    )


def names_map(
    verdict: Verdict,
    places: Mapping[str, NamedPlace],
    case: BoundaryLayers,
    *,
    position: tuple[float, float] | None,
    drawn: BaseGeometry | None = None,
    city: CityProfile,
    lang: Lang,
    assets: Assets,
    single_file: bool = False,
    sharing: Sharing | None = None,
) -> str:
    """An HTML page with the near names of a verdict on the units and lines of the city.

    `places` holds the registered places by the ids of `verdict.near`; `position` is where the name
    was proposed (lon, lat in degrees, EPSG:4490) and `drawn` its shape, where it has one.
    `sharing` makes one file for its audience. Raises ConfigError when assets are missing.
    """
    if sharing is not None:
        case = sharing.layers(case)
        places = {place.id: place for place in sharing.records(list(places.values()))}
    ground = Ground(case, city)
    spots = [
        _Spot(near.name, places[near.id], popups.near_popup(near, places[near.id], lang))
        for near in verdict.near
        if near.id in places
    ]
    layers = [
        *_layers(spots, "near", ground, lang),
        *([] if position is None else [_proposed_layer(verdict, position, drawn, lang)]),
    ]
    words = words_around(
        message("maps.names_title", name=verdict.name),
        as_of=verdict.as_of,
        provenances=[*ground.provenances(), *(spot.place.provenance for spot in spots)],
        notices=[verdict.notice],
        lang=lang,
        sharing=sharing,
    )
    if sharing is not None:
        sharing.require_real(ground.provenances())
    return draw(
        layers,
        ground.box(city),
        words,
        lang=lang,
        assets=assets,
        single_file=single_file or sharing is not None,
    )


def search_map(
    found: SearchPage,
    case: BoundaryLayers,
    *,
    city: CityProfile,
    lang: Lang,
    assets: Assets,
) -> str:
    """An HTML page with the names a search found on the units and lines of the city.

    Raises ConfigError when assets are missing.
    """
    ground = Ground(case, city)
    spots = [_Spot(hit.place.name, hit.place, popups.hit_popup(hit, lang)) for hit in found.hits]
    words = words_around(
        message("maps.found_title", query=found.request.text),
        as_of=found.request.as_of,
        provenances=[*ground.provenances(), *(spot.place.provenance for spot in spots)],
        notices=[message("name.notice")],
        lang=lang,
    )
    layers = _layers(spots, "found", ground, lang)
    return draw(layers, ground.box(city), words, lang=lang, assets=assets)
