"""The OGC answers as pages: the same facts, Chinese first, with a map from our own server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_service.api.deps import language_of
from geo_service.api.ogc import negotiation
from geo_service.maps.offline import vendored_assets
from geo_service.messages import message
from geo_service.pages.record_words import value_text
from geo_service.pages.render import page
from geo_service.services.serving.fields import standing_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from geo_service.api.ogc.items import Part
    from geo_service.api.ogc.negotiation import Link
    from geo_service.api.ogc.parameters import Asked
    from geo_service.domain.text import Lang
    from geo_service.services.serving.collections import Collection
    from geo_service.services.serving.fields import Field
    from geo_service.services.serving.snapshot import Snapshot

_COLUMNS = 6
"""Fields of a list; the page of a feature shows all."""


def _page(request: Request, template: str, **context: Any) -> Response:
    lang = language_of(request)
    made = page(
        request,
        template,
        s=lambda key, **values: message(f"serving.{key}", **values).in_(lang),
        base=negotiation.base_of(request),
        encoded=negotiation.encoded,
        said=lambda field, value: _said(field, value, lang),
        standing=standing_words(lang),
        **context,
    )
    made.headers["Vary"] = "Accept, Accept-Language"
    return made


def _said(field: Field, value: Any, lang: Lang) -> Any:
    """A word of a field in the language of the page; figures stand as they are served."""
    return value_text(field.name, value, lang) if isinstance(value, str) else value


def _map_assets() -> dict[str, str]:
    assets = vendored_assets()
    return {"leaflet_js": assets.url("leaflet"), "leaflet_css": assets.url("leaflet_css")}


def landing_page(request: Request, told: dict[str, Any]) -> Response:
    """The landing page."""
    return _page(request, "ogc.html", told=told)


def conformance_page(request: Request, classes: Sequence[str]) -> Response:
    """The classes of the standards that are met."""
    return _page(request, "ogc_conformance.html", classes=classes)


def api_page(request: Request, told: dict[str, Any]) -> Response:
    """The routes with their parameters and answers."""
    return _page(request, "ogc_api.html", told=told)


def collections_page(request: Request, found: list[dict[str, Any]]) -> Response:
    """All collections."""
    return _page(request, "ogc_collections.html", collections=found)


def collection_page(request: Request, wanted: Collection, told: dict[str, Any]) -> Response:
    """One collection."""
    return _page(request, "ogc_collection.html", wanted=wanted, told=told)


def schema_page(request: Request, wanted: Collection, told: dict[str, Any], name: str) -> Response:
    """The fields of a collection."""
    return _page(request, "ogc_schema.html", wanted=wanted, told=told, name=name)


def items_page(
    request: Request,
    wanted: Collection,
    asked: Asked,
    part: Part,
    links: list[Link],
) -> Response:
    """Features of a collection, as a list and on a map."""
    pages = {link["rel"]: link["href"] for link in links if link["rel"] in ("next", "prev")}
    snapshot = part.snapshot
    rows = [(snapshot.ids[row], snapshot.values[row][:_COLUMNS]) for row in part.rows]
    plain = [pair for pair in asked.kept if pair[0] not in ("f", "lang", "crs")]
    edges = [("after", asked.page.after), ("before", asked.page.before)]
    plain += [(name, edge) for name, edge in edges if edge is not None]
    if asked.page.offset:
        plain.append(("offset", str(asked.page.offset)))
    path = f"/ogc/collections/{wanted.id}/items"
    return _page(
        request,
        "ogc_items.html",
        wanted=wanted,
        rows=rows,
        total=part.total,
        pages=pages,
        columns=wanted.fields[:_COLUMNS],
        data=negotiation.with_parameters(path, [*plain, ("f", "json")]),
        **_map_assets(),
    )


def item_page(
    request: Request,
    wanted: Collection,
    snapshot: Snapshot,
    row: int,
) -> Response:
    """One feature with all it tells."""
    query = [
        pair for pair in request.query_params.multi_items() if pair[0] in ("as_of", "known_at")
    ]
    feature_id = snapshot.ids[row]
    path = f"/ogc/collections/{wanted.id}/items/{negotiation.encoded(feature_id)}"
    return _page(
        request,
        "ogc_item.html",
        wanted=wanted,
        feature_id=feature_id,
        values=list(zip(wanted.fields, snapshot.values[row], strict=True)),
        data=negotiation.with_parameters(path, [*query, ("f", "json")]),
        **_map_assets(),
    )
