"""Features of a collection, many or one: the hot path. Answers are joins of ready bytes."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

import numpy as np
from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from geo_service import __version__
from geo_service.api.audience import audience_of
from geo_service.api.deps import language_of, services_of
from geo_service.api.ogc import describing, documents, editing, negotiation, parameters, serving
from geo_service.api.ogc.negotiation import Form
from geo_service.api.ogc.ready_answers import lasting
from geo_service.api.ogc.routing import serve
from geo_service.api.ogc.stamped import Stamped
from geo_service.errors import NotFound
from geo_service.services.drafts.collections import kind_of
from geo_service.services.serving.selecting import is_quick, select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.api.ogc.negotiation import Link
    from geo_service.api.ogc.parameters import Asked, Page, When
    from geo_service.geometry.arrays import Ints
    from geo_service.services.serving.cache import Ready
    from geo_service.services.serving.collections import Collection
    from geo_service.services.serving.snapshot import Snapshot
    from geo_service.services.serving.systems import System

_JSON = json.JSONEncoder(ensure_ascii=False)
QUICK_FEATURES, QUICK_BYTES = 1_000, 200_000
"""The longest answer that is put together, and packed, between two others."""


class Part:
    """The rows of one page, with what links to the pages beside it need."""

    def __init__(self, snapshot: Snapshot, rows: Ints | None, page: Page) -> None:
        self.snapshot = snapshot
        self.total = len(snapshot) if rows is None else len(rows)
        start = _start(snapshot, rows, page, self.total)
        end = min(start + page.limit, self.total)
        if page.before is not None:
            start, end = max(0, start - page.limit), start
        self.rows: Sequence[int] = range(start, end) if rows is None else rows[start:end].tolist()
        self.before = snapshot.ids[self.rows[0]] if self.rows and start else None
        self.after = snapshot.ids[self.rows[-1]] if self.rows and end < self.total else None


def _start(snapshot: Snapshot, rows: Ints | None, page: Page, total: int) -> int:
    """The number, among the rows meant, of the first one on the page, or after a page before."""
    if page.after is not None:
        place = bisect_right(snapshot.ids, page.after)
    elif page.before is not None:
        place = bisect_left(snapshot.ids, page.before)
    else:
        place = 0
    first = place if rows is None else int(np.searchsorted(rows, place))
    return min(first + (0 if page.before is not None else page.offset), total)


def _links(request: Request, wanted: Collection, asked: Asked, part: Part) -> list[Link]:
    lang = language_of(request)
    path = f"{negotiation.base_of(request)}/collections/{wanted.id}"
    query = serving.query_of(request)
    made = [
        negotiation.link(
            f"{path}/items?{query}" if query else f"{path}/items",
            "self",
            negotiation.GEOJSON,
            None,
            lang,
        ),
        negotiation.link(
            negotiation.with_parameters(f"{path}/items", _as_page(asked)),
            "alternate",
            negotiation.HTML,
            None,
            lang,
        ),
        negotiation.link(path, "collection", negotiation.JSON, wanted.title, lang),
    ]
    for rel, name, edge in (("next", "after", part.after), ("prev", "before", part.before)):
        if edge is not None:
            href = negotiation.with_parameters(f"{path}/items", [*asked.kept, (name, edge)])
            made.append(negotiation.link(href, rel, negotiation.GEOJSON, None, lang))
    return made


def _as_page(asked: Asked) -> list[tuple[str, str]]:
    return [*(pair for pair in asked.kept if pair[0] != "f"), ("f", Form.HTML)]


def _collected(snapshot: Snapshot, asked: Asked, part: Part, links: list[Link]) -> Stamped:
    features = snapshot.written(part.rows, asked.system)
    head = (
        f'","numberMatched":{part.total},"numberReturned":{len(features)},'
        f'"links":{_JSON.encode(links)},"features":['
    )
    rest = b"".join((head.encode(), b",".join(features), b"]}"))
    return Stamped(rest, b'{"type":"FeatureCollection","timeStamp":"')


def _tag(request: Request, ready: Ready, form: Form, day: object) -> str:
    """Names the state of the collection, the question and the form: equal tag, equal features.

    And the audience, which one state may show different features, and how coarse.
    """
    lang, decimals = language_of(request), request.app.state.settings.public_decimals
    shown = (audience_of(request), decimals, __version__)
    state = (ready.changed.sequence, ready.changed.hash, day, *shown)
    return negotiation.tag_of(
        *state,
        negotiation.base_of(request),
        request.scope["path"],
        serving.query_of(request),
        form,
        lang,
    )


def _is_light(snapshot: Snapshot, rows: Sequence[int], system: System) -> bool:
    """Whether features are written out in a few milliseconds at most."""
    if len(rows) > QUICK_FEATURES or not snapshot.is_at_hand(rows, system):
        return False
    return sum(map(len, snapshot.written(rows, system))) <= QUICK_BYTES


def _items_at_once(request: Request, wanted: Collection, asked: Asked) -> Response | None:
    """The answer where all of it lies ready: a thread takes longer to be sent there and back."""
    view = serving.view_of(request, asked.when)
    ready = serving.ready_at_once(request, wanted, view)
    if ready is None or not is_quick(ready.snapshot, asked.question):
        return None
    part = Part(ready.snapshot, select(ready.snapshot, asked.question), asked.page)
    if not _is_light(ready.snapshot, part.rows, asked.system):
        return None
    return _items_of(request, wanted, asked, Form.JSON, ready)


def _answer_items(request: Request, wanted: Collection, asked: Asked, form: Form) -> Response:
    ready = serving.ready(request, wanted, serving.view_of(request, asked.when))
    return _items_of(request, wanted, asked, form, ready)


def _items_of(
    request: Request, wanted: Collection, asked: Asked, form: Form, ready: Ready
) -> Response:
    tag = _tag(request, ready, form, serving.view_of(request, asked.when).as_of)
    if negotiation.unchanged(request, tag):
        return negotiation.not_modified(tag)
    snapshot = ready.snapshot
    part = Part(snapshot, select(snapshot, asked.question), asked.page)
    links = _links(request, wanted, asked, part)
    if form is Form.HTML:
        return documents.items_page(request, wanted, asked, part, links)
    text = _collected(snapshot, asked, part, links)
    headers = {"ETag": tag, "Content-Crs": f"<{asked.system.uri}>"}
    mark = ready.mark if kind_of(wanted) is None else None  # drafts are for few, and never kept
    return lasting(request, text, mark, negotiation.GEOJSON, headers)


@serve(editing.ITEMS, describing.ITEMS, allowed=editing.allowed_of_items)
async def items(request: Request) -> Response:
    """Features of a collection, by id."""
    wanted = serving.collection_of(request)
    plane = services_of(request).city.plane_epsg
    asked = parameters.read_items(wanted.id, serving.query_of(request), plane)
    form = negotiation.form_of(request)
    found = None if form is Form.HTML else _items_at_once(request, wanted, asked)
    if found is not None:
        return found
    return await run_in_threadpool(_answer_items, request, wanted, asked, form)


def _item_at_once(
    request: Request, wanted: Collection, when: When, system: System
) -> Response | None:
    """The answer where it lies ready; that to a draft asks the store for more."""
    if kind_of(wanted) is not None:
        return None
    ready = serving.ready_at_once(request, wanted, serving.view_of(request, when))
    if ready is None or not _is_light(ready.snapshot, [_row(request, wanted, ready)], system):
        return None
    return _item_of(request, wanted, system, Form.JSON, ready)


def _answer_item(
    request: Request, wanted: Collection, when: When, system: System, form: Form
) -> Response:
    ready = serving.ready(request, wanted, serving.view_of(request, when))
    return _item_of(request, wanted, system, form, ready)


def _row(request: Request, wanted: Collection, ready: Ready) -> int:
    """The row of the feature of the address. Raises NotFound."""
    feature_id = request.path_params["featureId"]
    row = ready.snapshot.find(feature_id)
    if row is None:
        raise NotFound("feature_not_found", collection=wanted.id, feature=feature_id[:80])
    return row


def _item_of(
    request: Request, wanted: Collection, system: System, form: Form, ready: Ready
) -> Response:
    snapshot, row = ready.snapshot, _row(request, wanted, ready)
    if form is Form.HTML:
        return documents.item_page(request, wanted, snapshot, row)
    links = _item_links(request, wanted, snapshot.ids[row])
    (feature,) = snapshot.written([row], system)
    told = _JSON.encode(links).encode()
    body = b"".join((feature[:-1], b',"links":', told, b"}"))
    if kind_of(wanted) is not None:
        tag, answer = editing.item_answer(snapshot, row, body, system)
        return negotiation.not_modified(tag) if negotiation.unchanged(request, tag) else answer
    tag = negotiation.tag_of(body)
    if negotiation.unchanged(request, tag):
        return negotiation.not_modified(tag)
    headers = {"ETag": tag, "Content-Crs": f"<{system.uri}>"}
    return lasting(request, Stamped(body), ready.mark, negotiation.GEOJSON, headers)


def _item_links(request: Request, wanted: Collection, feature_id: str) -> list[Link]:
    lang = language_of(request)
    path = f"{negotiation.base_of(request)}/collections/{wanted.id}"
    own = f"{path}/items/{negotiation.encoded(feature_id)}"
    query = serving.query_of(request)
    return [
        negotiation.link(
            f"{own}?{query}" if query else own, "self", negotiation.GEOJSON, None, lang
        ),
        negotiation.link(f"{own}?f=html", "alternate", negotiation.HTML, None, lang),
        negotiation.link(path, "collection", negotiation.JSON, wanted.title, lang),
    ]


@serve(editing.ITEM, describing.ITEM, allowed=editing.allowed_of_item)
async def item(request: Request) -> Response:
    """One feature."""
    wanted = serving.collection_of(request)
    plane = services_of(request).city.plane_epsg
    when, system = parameters.read_item(serving.query_of(request), plane)
    form = negotiation.form_of(request)
    found = None if form is Form.HTML else _item_at_once(request, wanted, when, system)
    if found is not None:
        return found
    return await run_in_threadpool(_answer_item, request, wanted, when, system, form)
