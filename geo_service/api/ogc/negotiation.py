"""In which form an answer is given, and how it is sent: links, packing, conditional requests."""

from __future__ import annotations

import gzip
import hashlib
import json
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from starlette.responses import Response

from geo_service.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.requests import Request

    from geo_service.domain.text import Lang, Text

GEOJSON = "application/geo+json"
JSON = "application/json"
SCHEMA_JSON = "application/schema+json"
HTML = "text/html"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
_WORTH_GZIP = 4096
_GZIP_LEVEL = 4

Link = dict[str, str]


class Form(StrEnum):
    """The two forms of every answer; the words of the parameter `f`."""

    JSON = "json"
    HTML = "html"


@lru_cache(maxsize=512)
def _preferred(accept: str) -> Form:
    """The form an Accept header asks for; JSON where it asks for neither."""
    best = {Form.JSON: 0.0, Form.HTML: 0.0}
    for part in accept.split(","):
        media, *parameters = [piece.strip().lower() for piece in part.split(";")]
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    weight = float(parameter[2:])
                except ValueError:
                    weight = 0.0
        form = Form.HTML if media in (HTML, "application/xhtml+xml", "text/*") else Form.JSON
        best[form] = max(best[form], weight)
    return Form.HTML if best[Form.HTML] > best[Form.JSON] or _is_browser(accept) else Form.JSON


def _is_browser(accept: str) -> bool:
    """Browsers put HTML first and take anything else as well."""
    return accept.lstrip().lower().startswith(HTML)


def form_of(request: Request) -> Form:
    """The form asked for by `f`, else by Accept. Raises InputError query_value_unknown."""
    asked = request.query_params.get("f")
    if asked is None:
        return _preferred(request.headers.get("accept", ""))
    try:
        return Form(asked)
    except ValueError as error:
        raise InputError("query_value_unknown", name="f", known=", ".join(Form)) from error


def base_of(request: Request) -> str:
    """The address of the API, as the asker reaches it."""
    scope = request.scope
    host = request.headers.get("host") or "localhost"
    return f"{scope['scheme']}://{host}{scope.get('root_path', '')}/ogc"


def link(href: str, rel: str, media: str, title: Text | None, lang: Lang) -> Link:
    """A link of an answer."""
    made = {"href": href, "rel": rel, "type": media}
    if title is not None:
        made |= {"title": title.in_(lang), "hreflang": "zh-CN" if lang == "zh" else "en"}
    return made


def encoded(feature_id: str) -> str:
    """An id as a part of a path: some hold a slash."""
    return quote(feature_id, safe="")


def with_parameters(path: str, parameters: Iterable[tuple[str, str]]) -> str:
    """An address with a query, or without one where there are none."""
    query = urlencode(list(parameters), safe=",/:")
    return f"{path}?{query}" if query else path


def tag_of(*parts: object) -> str:
    """A weak entity tag: equal for answers that say the same, packed or not."""
    told = "\n".join(map(str, parts)).encode()
    return f'W/"{hashlib.blake2b(told, digest_size=12).hexdigest()}"'


def unchanged(request: Request, tag: str) -> bool:
    """Whether the asker has what the tag names."""
    known = request.headers.get("if-none-match")
    if known is None:
        return False
    bare = tag.removeprefix("W/")
    return known.strip() == "*" or bare in (
        part.strip().removeprefix("W/") for part in known.split(",")
    )


def not_modified(tag: str) -> Response:
    """The asker has it already."""
    return Response(status_code=304, headers={"ETag": tag, "Vary": "Accept, Accept-Language"})


def accepts_gzip(request: Request) -> bool:
    """Whether the asker takes packed answers."""
    return "gzip" in request.headers.get("accept-encoding", "")


def send(
    request: Request, body: bytes, media: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Ready bytes, packed where that is worth its time and the asker takes it."""
    sent = {"Vary": "Accept, Accept-Language, Accept-Encoding", **(headers or {})}
    if len(body) >= _WORTH_GZIP and accepts_gzip(request):
        body = gzip.compress(body, _GZIP_LEVEL, mtime=0)
        sent["Content-Encoding"] = "gzip"
    return Response(body, headers=sent, media_type=media)


def send_json(
    request: Request, value: Any, media: str = JSON, headers: Mapping[str, str] | None = None
) -> Response:
    """A value as JSON, with a tag of its own."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    tag = tag_of(body)
    if unchanged(request, tag):
        return not_modified(tag)
    return send(request, body, media, {"ETag": tag, **(headers or {})})
