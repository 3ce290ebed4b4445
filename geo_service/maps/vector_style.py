"""The style by which MapLibre draws the tiles of the collections, from the table of looks.

No glyphs and no sprites are named: characters are drawn with fonts of the machine, signs are
characters, and nothing is asked of anybody but this server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from geo_service.domain.finding import Severity
from geo_service.maps.style import style
from geo_service.maps.swatches import dot_swatch, fill_swatch, line_swatch, mark_swatch
from geo_service.messages import message
from geo_service.services.tiles.plan import tile_plan
from geo_service.services.wording import BOUNDARIES, severity_words

if TYPE_CHECKING:
    from geo_service.cities import CityProfile
    from geo_service.domain.text import Lang, Text
    from geo_service.maps.style import Dot, Mark, Stroke

Layer = dict[str, Any]
FONTS = ("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "sans-serif")
_NAME = ["get", "name"]
_IS_POINT = ["==", ["geometry-type"], "Point"]
_IS_LINE = ["!=", ["geometry-type"], "Point"]
_IS_AREA = ["==", ["geometry-type"], "Polygon"]
_MARKS_FROM, _NUMBERS_FROM, _SECTIONS_FROM = 9, 12, 10


@dataclass(frozen=True, slots=True)
class Group:
    """How one collection is drawn: its layers from below, and signs with words for the legend."""

    layers: tuple[Layer, ...]
    legend: tuple[tuple[str, Text], ...]
    shown: bool = field(default=True)


def groups(city: CityProfile, lang: Lang) -> Mapping[str, Group]:
    """The collections that are drawn, from below."""
    return {
        "units": _units(city),
        "boundary-lines": _lines(),
        "segments": _sections(),
        "roads": _roads(),
        "place-names": _names(lang),
        "junctions": _junctions(),
        "markers": _markers(),
        "findings": _findings(),
    }


def vector_style(base: str, query: str, city: CityProfile, lang: Lang) -> dict[str, Any]:
    """The whole style; `base` and `query` are those of the addresses of the tiles."""
    drawn = groups(city, lang)
    ground: Layer = {"id": "ground", "type": "background", "paint": {"background-color": "#fff"}}
    return {
        "version": 8,
        "name": message("tiles.page_title").in_(lang),
        "sources": {name: _source(base, name, query) for name in drawn},
        "layers": [
            ground,
            *(_placed(name, layer) for name in drawn for layer in drawn[name].layers),
        ],
    }


def _source(base: str, name: str, query: str) -> dict[str, Any]:
    address = f"{base}/ogc/collections/{name}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}{query}"
    return {"type": "vector", "tiles": [address], "maxzoom": tile_plan().max_zoom}


def _placed(name: str, layer: Layer) -> Layer:
    return {**layer, "id": f"{name}-{layer['id']}", "source": name, "source-layer": name}


_UNIT_NAME_ROOM_PX = 12
"""Around the name of a unit: it keeps off the names of the same unit in the tiles beside it."""


def _units(city: CityProfile) -> Group:
    looks = style()
    fills = [fill.fill for fill in looks.unit_fills]
    turn = ["%", ["to-number", ["get", "code"]], len(fills)]
    pairs = [part for number, fill in enumerate(fills) for part in (number, fill)]
    numbered: Any = ["match", turn, *pairs, fills[0]]
    inside: Any = ["==", ["slice", ["get", "code"], 0, 4], city.code[:4]]
    color = ["case", inside, numbered, looks.neighbour.fill]
    county = ["==", ["get", "level"], "county"]
    paint = {"fill-color": color, "fill-opacity": looks.unit_fills[0].opacity}
    named = _label(15)
    named["layout"]["text-padding"] = _UNIT_NAME_ROOM_PX
    layers = (
        {"id": "area", "type": "fill", "filter": county, "paint": paint},
        {**named, "id": "name", "filter": county},
    )
    legend = (
        (fill_swatch(looks.unit_fills[0]), message("maps.units")),
        (fill_swatch(looks.neighbour), message("tiles.legend_neighbours")),
    )
    return Group(layers, legend)


def _lines() -> Group:
    looks = style()
    left, right = (["slice", ["get", side], 0, 4] for side in ("left_code", "right_code"))
    inner: Any = ["==", left, right]
    layers = (
        {"id": "internal", "type": "line", "filter": inner, **_stroke(looks.internal)},
        {"id": "external", "type": "line", "filter": ["!", inner], **_stroke(looks.external)},
    )
    legend = (
        (line_swatch(looks.internal), message("maps.lines_internal")),
        (line_swatch(looks.external), message("maps.lines_external")),
    )
    return Group(layers, legend)


def _sections() -> Group:
    look = style().copy_a
    layer = {"id": "line", "type": "line", "minzoom": _SECTIONS_FROM, **_stroke(look)}
    return Group((layer,), ((line_swatch(look), message("serving.collection_segments")),), False)


def _roads() -> Group:
    look = style().copy_b
    named = {**_label(12, along=True), "id": "name", "minzoom": _NUMBERS_FROM}
    layers = ({"id": "line", "type": "line", **_stroke(look)}, named)
    return Group(layers, ((line_swatch(look), message("serving.collection_roads")),))


def _names(lang: Lang) -> Group:
    looks = style()
    both = ["concat", _NAME, "\n", ["get", "romanization"]]
    text = _NAME if lang == "zh" else ["case", ["has", "romanization"], both, _NAME]
    area = {"fill-color": looks.near_unit.fill, "fill-opacity": looks.near_unit.opacity}
    layers = (
        {"id": "area", "type": "fill", "filter": _IS_AREA, "paint": area},
        {"id": "line", "type": "line", "filter": _IS_LINE, **_stroke(looks.alone, 2)},
        _dot("dot", looks.near.color, "#fff", 4),
        {**_label(12, offset=0.8), "id": "name", "layout": {**_text(12, 0.8), "text-field": text}},
    )
    return Group(layers, ((mark_swatch(looks.near), message("serving.collection_place_names")),))


def _junctions() -> Group:
    looks = style()
    kinds: tuple[tuple[str, Dot], ...] = (
        ("tripoint", looks.tripoint),
        ("sea_end", looks.sea_end),
    )
    layers = tuple(
        {**_dot(kind, dot.color, dot.fill, dot.radius), "filter": ["==", ["get", "kind"], kind]}
        for kind, dot in kinds
    )
    return Group(layers, tuple((dot_swatch(dot), message(f"maps.nodes_{k}")) for k, dot in kinds))


def _markers() -> Group:
    look = style().external
    dot = {**_dot("dot", "#fff", look.color, 3.5), "minzoom": _MARKS_FROM}
    text = {**_text(11, 0.8), "text-field": ["get", "number"]}
    number = {**_label(11), "id": "number", "minzoom": _NUMBERS_FROM, "layout": text}
    swatch = (
        '<svg width="28" height="14" aria-hidden="true"><circle cx="14" cy="7" r="4" '
        f'fill="{look.color}"/></svg>'
    )
    return Group((dot, number), ((swatch, message("serving.collection_markers")),))


def _findings() -> Group:
    marks = style().severities
    levels = sorted(Severity, reverse=True)
    color = _by_severity(marks, "color")
    layers = (
        {
            "id": "line",
            "type": "line",
            "filter": _IS_LINE,
            "paint": {"line-color": color, "line-width": 4, "line-opacity": 0.55},
        },
        {**_dot("dot", "#fff", "#fff", 9), "paint": {"circle-color": color, "circle-radius": 9}},
        {
            "id": "mark",
            "type": "symbol",
            "filter": _IS_POINT,
            "layout": {**_text(12, 0), "text-field": _by_severity(marks, "mark")},
            "paint": {"text-color": "#fff"},
        },
    )
    legend = tuple((mark_swatch(marks[s]), severity_words(s, BOUNDARIES)) for s in levels)
    return Group(layers, legend, False)


def _by_severity(marks: Mapping[Severity, Mark], part: str) -> list[Any]:
    pairs = [word for s in Severity for word in (s.word, getattr(marks[s], part))]
    return ["match", ["get", "severity"], *pairs, getattr(marks[Severity.INFO], part)]


def _stroke(look: Stroke, width: float | None = None) -> Layer:
    paint: dict[str, Any] = {"line-color": look.color, "line-width": width or look.weight}
    if look.dash:  # counted in widths of the line here
        paint["line-dasharray"] = [int(part) / look.weight for part in look.dash.split()]
    return {"layout": {"line-join": "round"}, "paint": paint}


def _dot(name: str, rim: str, fill: str, radius: float) -> Layer:
    paint = {
        "circle-color": fill,
        "circle-radius": radius,
        "circle-stroke-color": rim,
        "circle-stroke-width": 2,
    }
    return {"id": name, "type": "circle", "filter": _IS_POINT, "paint": paint}


def _text(size: int, offset: float) -> dict[str, Any]:
    return {
        "text-font": list(FONTS),
        "text-size": size,
        "text-anchor": "top" if offset else "center",
        "text-offset": [0, offset],
        "text-allow-overlap": False,
    }


def _label(size: int, *, offset: float = 0, along: bool = False) -> Layer:
    layout = {**_text(size, offset), "text-field": _NAME}
    if along:
        layout["symbol-placement"] = "line"
    paint = {"text-color": "#1c2733", "text-halo-color": "#fff", "text-halo-width": 1.5}
    return {"type": "symbol", "layout": layout, "paint": paint}
