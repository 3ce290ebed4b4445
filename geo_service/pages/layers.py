"""The map of large layers: all collections as vector tiles, drawn in the browser."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from geo_service.api.deps import LangDep, ServicesDep
from geo_service.api.rights import needs
from geo_service.domain.access import Right
from geo_service.domain.provenance import Force
from geo_service.errors import InputError
from geo_service.maps.offline import vendored_assets
from geo_service.maps.vector_style import groups, vector_style
from geo_service.messages import message
from geo_service.pages.record_words import value_text
from geo_service.pages.render import INTERNAL_MAP, page
from geo_service.services.serving.cache import View
from geo_service.services.serving.collections import COLLECTIONS
from geo_service.services.serving.fields import standing_words
from geo_service.services.tiles.description import shown_fields
from geo_service.services.tiles.matrices import in_degrees

if TYPE_CHECKING:
    from geo_service.api.deps import Services
    from geo_service.domain.text import Lang
    from geo_service.geometry.tiling import Box
    from geo_service.maps.vector_style import Group

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
_RECORD_OF = {"segments": ("boundary-lines", "line_code"), "junctions": ("boundary-nodes", "id")}
"""Of which record the page is that a popup leads to, where it is not the feature's own."""
_UNSAID = (
    "source",
    "force",
    "label",
    "valid_from",
    "valid_to",
    "reading_source",
    "origin",
    "cause",
)
_LOCALE = {
    "NavigationControl.ZoomIn": "maps.zoom_in",
    "NavigationControl.ZoomOut": "maps.zoom_out",
    "FullscreenControl.Enter": "maps.full_screen",
    "FullscreenControl.Exit": "maps.full_screen_leave",
    "Popup.Close": "tiles.close",
    "Map.Title": "tiles.page_title",
}
_WORDS = ("record", "nothing_here", "failed", "no_webgl", "listed")


def _day(written: str) -> date | None:
    """The day of the form. Raises InputError for what is none."""
    try:
        return date.fromisoformat(written.strip()) if written.strip() else None
    except ValueError as error:
        raise InputError("form_invalid", fields="as_of") from error


@router.get("/maps/layers", dependencies=[needs(Right.CONTENT_READ), INTERNAL_MAP])
def layers_page(
    *,
    request: Request,
    services: ServicesDep,
    lang: LangDep,
    as_of: Annotated[str, Query(description="该日有效 / in force on that day")] = "",
) -> HTMLResponse:
    """The layers with their switches and legend, on a day."""
    day = _day(as_of)
    view = View(day or services.today())
    drawn = groups(services.city, lang)
    counts, extents, forces = _told(services, view, drawn)
    assets = vendored_assets()
    base = str(request.base_url).rstrip("/")
    query = f"?as_of={day}" if day else ""
    data = {
        "library": assets.url("maplibre"),
        "style": vector_style(base, query, services.city, lang),
        "bounds": None if extents is None else in_degrees(extents),
        "groups": {name: _ids(name, group) for name, group in drawn.items()},
        "titles": {name: COLLECTIONS[name].title.in_(lang) for name in drawn},
        "fields": {name: _fields(name, lang) for name in drawn},
        "values": {name: _values(name, lang) for name in drawn},
        "records": {name: _record_of(name) for name in drawn},
        "words": {word: message(f"tiles.{word}").in_(lang) for word in _WORDS},
        "locale": {key: message(word).in_(lang) for key, word in _LOCALE.items()},
        "lang": request.query_params.get("lang", ""),
    }
    return page(
        request,
        "layers.html",
        data=data,
        style_sheet=assets.url("maplibre_css"),
        as_of=view.as_of,
        today=services.today(),
        layers=[
            (name, COLLECTIONS[name].title.in_(lang), drawn[name], counts[name]) for name in drawn
        ],
        empty=extents is None,
        forces=forces,
        w=lambda key, **facts: message(f"tiles.{key}", **facts).in_(lang),
        maps=lambda key: message(f"maps.{key}").in_(lang),
    )


def _told(
    services: Services, view: View, drawn: dict[str, Group] | Any
) -> tuple[dict[str, int], Box | None, set[str]]:
    """How many features each layer has, what all of them cover, and which are no official ones."""
    counts, boxes, forces = {}, [], set()
    for name in drawn:
        layer = services.tiles.layer(COLLECTIONS[name], view)
        counts[name] = len(layer.boxes)
        forces |= set(services.features.ready(COLLECTIONS[name], view).snapshot.column("force"))
        if layer.extent is not None:
            boxes.append(layer.extent)
    if not boxes:
        return counts, None, forces
    west, north, east, south = zip(*boxes, strict=True)
    told = {force for force in forces if force and force != Force.OFFICIAL}
    return counts, (min(west), min(north), max(east), max(south)), told


def _ids(name: str, group: Group) -> list[str]:
    return [f"{name}-{layer['id']}" for layer in group.layers]


def _fields(name: str, lang: Lang) -> list[tuple[str, str]]:
    fields = shown_fields(COLLECTIONS[name])
    return [(key, f.title.in_(lang)) for key, f in fields.items() if key not in _UNSAID]


def _values(name: str, lang: Lang) -> dict[str, dict[str, str]]:
    """The words of fields that hold one of several codes, and of the warning on a record."""
    fields = shown_fields(COLLECTIONS[name])
    words = {
        key: {code: value_text(key, code, lang) for code in field.choices}
        for key, field in fields.items()
        if field.choices
    }
    return {**words, "standing": standing_words(lang)}


def _record_of(name: str) -> tuple[str, str]:
    kind, field = _RECORD_OF.get(name, (name, "id"))
    return f"/register/{kind}/", field
