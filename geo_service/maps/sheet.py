"""The sheet a map is drawn on: title, notes and legend around a folium map of our records.

Everything that differs from plain folium is here: our own page around the map, no foreign flag in
the corner, a metric scale, texts in the reader's language, pop-ups as escaped HTML, and element
ids that are counted instead of drawn by lot, so that the same data give the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import folium
from branca.element import Figure
from folium.map import CustomPane, Layer, LayerControl
from folium.plugins import Fullscreen, MousePosition
from folium.template import Template
from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from geo_service.domain.text import Lang
from geo_service.maps.offline import Assets, elements_of, inlined, localise
from geo_service.messages import message

Json = dict[str, Any]
Box = tuple[float, float, float, float]

PANES = {"units": 350, "lines": 420, "nodes": 450, "findings": 500}
_MAX_ZOOM = 18
_TEMPLATE_OPENS = re.compile(r"\{(?=[{%#])")
_DEGREES = "function(value) {{ return value.toFixed(5) + '°{0}'; }}"


@cache
def templates() -> Environment:
    """The templates of this package; every value in them is escaped."""
    return Environment(
        loader=PackageLoader("geo_service.maps"), autoescape=True, keep_trailing_newline=True
    )


@cache
def _static(name: str) -> Markup:
    text = (files("geo_service.maps") / "static" / name).read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704 - our own file


def script_json(value: object) -> str:
    """A value as a JavaScript literal that cannot end the script element it stands in.

    Nor can it begin an expression of a template: folium reads what our templates gave as another
    template, and would run what a name holds. Outside a string no brace is followed by these.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    text = _TEMPLATE_OPENS.sub(r"\\u007b", text)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


@dataclass(frozen=True, slots=True)
class Badge:
    """A word in the head of the sheet; `kind` is "sample" or "evaluation"."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """All that is written around the map. `review_number` words the 审图号 or its absence."""

    lang: str
    title: str
    day: str
    badges: tuple[Badge, ...]
    watermark: str
    review_number: str
    notes: tuple[str, ...]
    no_script: str


class Sheet(Figure):
    """The HTML page: what `Words` say around whatever map is added."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._name = "Sheet"
        self.words = words

    def render(self, **kwargs: object) -> str:
        """The whole page."""
        for child in self._children.values():
            child.render(**kwargs)
        parts = {
            name: Markup(part.render(**kwargs))  # noqa: S704 - folium's own markup and our JSON
            for name, part in (
                ("header", self.header),
                ("body", self.html),
                ("script", self.script),
            )
        }
        return (
            templates()
            .get_template("sheet.html")
            .render(sheet=self.words, css=_static("map.css"), js=_static("layers.js"), **parts)
        )


class RecordLayer(Layer):
    """One layer of records; see `static/layers.js` for what the features' properties mean."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "const {{ this.get_name() }} = recordLayer({{ this.features }}, {{ this.pane }});"
        "{% endmacro %}"
    )

    def __init__(self, label: str, features: Sequence[Json], pane: str, swatch: str = "") -> None:
        super().__init__(name=f'<span class="legend">{swatch}{label}</span>', overlay=True)
        self._name = "RecordLayer"
        self.features = script_json({"type": "FeatureCollection", "features": list(features)})
        self.pane = script_json(pane)


class Legend(LayerControl):
    """Legend and layer switch in one: each entry shows the sign it switches."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "const {{ this.get_name() }} = L.control.layers({}, { "
        "{% for label, layer in this.overlays.items() %}{{ this.literal(label) }}: {{ layer }},"
        "{% endfor %} }, {collapsed: !LEGEND_OPEN})"
        ".addTo({{ this._parent.get_name() }});"
        "{{ this.get_name() }}.getContainer().querySelector('.leaflet-control-layers-overlays')"
        ".dataset.title = {{ this.literal(this.title) }};"
        "makeRoom({{ this._parent.get_name() }}, {{ this.get_name() }});"
        "{% endmacro %}"
    )
    literal = staticmethod(script_json)

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title


class OfflineMap(folium.Map):
    """A folium map without web tiles, foreign flag or imperial scale.

    It needs Leaflet alone: the lists below are its own, those of `folium.Map` stay untouched.
    """

    literal = staticmethod(script_json)
    _template = Template(
        "{% macro html(this, kwargs) %}"
        '<div class="folium-map" id="{{ this.get_name() }}"></div>'
        "{% endmacro %}"
        "{% macro script(this, kwargs) %}"
        "const {{ this.get_name() }} = L.map({{ this.literal(this.get_name()) }}, "
        "{{ this.literal(this.leaflet) }});"
        "{{ this.get_name() }}.attributionControl.setPrefix(false);"
        "L.control.zoom({{ this.literal(this.zoom) }}).addTo({{ this.get_name() }});"
        "L.control.scale({imperial: false}).addTo({{ this.get_name() }});"
        "fitBeside({{ this.get_name() }}, {{ this.literal(this.bounds) }});"
        "{% endmacro %}"
    )

    def __init__(self, box: Box, lang: Lang) -> None:
        west, south, east, north = box
        super().__init__(location=[(south + north) / 2, (west + east) / 2], tiles=None)
        self.default_js = [("leaflet", "")]
        self.default_css = [("leaflet_css", "")]
        self.bounds = [[south, west], [north, east]]
        margin_lat, margin_lon = north - south, east - west
        self.leaflet = {
            "maxZoom": _MAX_ZOOM,
            "zoomControl": False,
            "zoomSnap": 0.25,
            "maxBounds": [
                [south - margin_lat, west - margin_lon],
                [north + margin_lat, east + margin_lon],
            ],
        }
        self.zoom = {
            "zoomInTitle": message("maps.zoom_in").in_(lang),
            "zoomOutTitle": message("maps.zoom_out").in_(lang),
        }


class _FollowHash(folium.MacroElement):
    _template = Template(
        "{% macro script(this, kwargs) %}followHash({{ this._parent.get_name() }});{% endmacro %}"
    )


def _controls(lang: Lang) -> Iterable[Any]:
    yield Fullscreen(  # type: ignore[no-untyped-call]
        title=message("maps.full_screen").in_(lang),
        title_cancel=message("maps.full_screen_leave").in_(lang),
    )
    yield MousePosition(  # type: ignore[no-untyped-call]
        position="bottomleft",
        separator="  ",
        empty_string=message("maps.coordinates_empty").in_(lang),
        lng_first=True,
        prefix="CGCS2000",
        lng_formatter=_DEGREES.format("E"),
        lat_formatter=_DEGREES.format("N"),
    )
    yield Legend(message("maps.legend").in_(lang))
    yield _FollowHash()  # type: ignore[no-untyped-call]


def _count_ids(root: Any) -> None:
    for number, element in enumerate(elements_of(root)):
        element._id = str(number)


def draw(
    layers: Sequence[RecordLayer],
    box: Box,
    words: Words,
    *,
    lang: Lang,
    assets: Assets,
    single_file: bool = False,
) -> str:
    """The page of a map with these layers, fitted to `box` (W, S, E, N in degrees).

    Linked to the assets on our server, or with `single_file` holding them. The same input gives
    the same bytes. Raises ConfigError for an asset that was not fetched at set-up.
    """
    sheet = Sheet(words)
    sheet.header._children.clear()
    drawn = OfflineMap(box, lang)
    sheet.add_child(drawn)
    panes = [CustomPane(name, z, pointer_events=True) for name, z in PANES.items()]
    for child in (*panes, *layers, *_controls(lang)):
        drawn.add_child(child)
    _count_ids(sheet)
    localise(sheet, assets)
    html = sheet.render()
    return inlined(html, assets) if single_file else html


def feature(geometry: Mapping[str, Any], **properties: object) -> Json:
    """A GeoJSON feature; properties that are None are left out."""
    kept = {key: value for key, value in properties.items() if value is not None}
    return {"type": "Feature", "geometry": geometry, "properties": kept}
