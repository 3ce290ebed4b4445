"""Renders a page: one template environment, the words of the catalogue, addresses within."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from geo_service import __version__
from geo_service.api import request_ids
from geo_service.api.audience import asker_of, audience_of, session_of
from geo_service.api.deps import language_of, services_of
from geo_service.domain.access import Manner, Right
from geo_service.domain.clock import china_text
from geo_service.domain.finding import Measure, Outcome, Severity
from geo_service.domain.provenance import Label
from geo_service.errors import Forbidden
from geo_service.maps.offline import vendored_assets
from geo_service.maps.style import style
from geo_service.messages import message
from geo_service.pages.menu import MENU, here, open_to
from geo_service.services import wording
from geo_service.services.register.acts import label_of
from geo_service.services.register.differences import geometry_of
from geo_service.services.rule_wording import category_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from geo_service.api.problems import Problem
    from geo_service.domain.text import Lang

Parameters = dict[str, "str | Sequence[str]"]
Place = tuple[str, "Sequence[tuple[str, str]]"]
"""Path and parameters of a page."""
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("geo_service.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["outcomes"] = Outcome
    environment.globals["severity_of"] = Severity.from_word
    environment.globals["marks"] = style().severities
    environment.globals["version"] = __version__
    environment.filters["number"] = wording.number_text
    environment.filters["moment"] = china_text
    environment.filters["stamp"] = lambda text: china_text(datetime.fromisoformat(text))
    environment.filters["label"] = label_of
    environment.filters["placed"] = lambda record: geometry_of(record) is not None
    return environment


def address(path: str, parameters: Parameters) -> str:
    """An address of ours; parameters that are empty are left out."""
    query = urlencode({k: v for k, v in parameters.items() if v}, doseq=True)
    return f"{path}?{query}" if query else path


def _words(lang: Lang) -> dict[str, Callable[..., str]]:
    """The functions that templates use to say things in one language."""
    return {
        "m": lambda key, **values: message(f"pages.{key}", **values).in_(lang),
        "a": lambda key, **values: message(f"access.{key}", **values).in_(lang),
        "category_text": lambda category: category_words(category).in_(lang),
        "tx": lambda text: "" if text is None else text.in_(lang),
        "outcome_word": lambda outcome: wording.outcome_text(outcome, lang),
        "severity_word": lambda severity, rule: wording.severity_text(severity, rule, lang),
        "state_text": lambda state: wording.state_text(state, lang),
        "decision_text": lambda state, decision: wording.decision_text(state, decision, lang),
        "measure_text": lambda measure: wording.measure_text(measure, lang),
        "stored_measure": lambda row: wording.measure_text(Measure(**row), lang),
        "citations_text": lambda citations: wording.citations_text(citations, lang),
        "stored_citation": lambda row: wording.stored_citation_text(row, lang),
        "citation_text": lambda citation: wording.citation_text(citation, lang),
    }


def _switch(place: Place, lang: Lang) -> str:
    """The address of a page in the other language; parameters that are empty are left out."""
    path, parameters = place
    kept = [(k, v) for k, v in parameters if k != "lang" and v]
    other = "en" if lang == "zh" else "zh"
    return f"{path}?{urlencode([*kept, ('lang', other)])}"


def asked_lang(request: Request) -> str:
    """The language chosen in the address, "" where it was left to the browser."""
    asked = request.query_params.get("lang", "")
    return asked if asked in ("zh", "en") else ""


def in_language_of(request: Request, path: str) -> str:
    """An address of ours with the language that was chosen, if one was."""
    lang, parts = asked_lang(request), urlsplit(path)
    if not lang:
        return path
    kept = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k != "lang"]
    return parts._replace(query=urlencode([*kept, ("lang", lang)])).geturl()


def onward(request: Request, path: str) -> RedirectResponse:
    """On to another page of ours after a form, in the language that was chosen."""
    return RedirectResponse(in_language_of(request, path), 303)


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    lang_chosen: Lang | None = None,
    switch_to: Place | None = None,
    **context: Any,
) -> HTMLResponse:
    """A page in the language of the request. `asked_lang` is carried along by links.

    `lang_chosen` is a language that was chosen before and that the address cannot say; `switch_to`
    is where the page is had in the other language, where that is not the address of the request.
    """
    lang = lang_chosen or language_of(request)
    asked = lang_chosen or asked_lang(request)
    place = switch_to or (request.url.path, request.query_params.multi_items())

    def href(path: str, **parameters: str | Sequence[str]) -> str:
        return address(path, {**parameters, "lang": asked})

    asker, session = asker_of(request), session_of(request)
    csrf = "" if session is None else session.csrf
    column = here(MENU, request.url.path)
    words = {**_words(lang), "href": href}
    html = (
        _environment()
        .get_template(template)
        .render(
            **words,
            words=words,
            **context,
            notice=message("maps.notice").in_(lang),
            lang="zh-CN" if lang == "zh" else "en",
            other_lang="en" if lang == "zh" else "zh-CN",
            asked_lang=asked,
            switch=_switch(place, lang),
            path=request.url.path,
            asker=asker,
            csrf=csrf,
            csrf_field=lambda: _csrf_field(csrf),
            menu=open_to(MENU, asker),
            column=column,
            below=() if column is None else open_to(column.below, asker),
            row=None if column is None else here(column.below, request.url.path),
            is_demo=asker.manner is Manner.DEMO,
            htmx=vendored_assets().url("htmx"),
            city=services_of(request).city.name.in_(lang),
        )
    )
    return HTMLResponse(html, status_code=status, headers={"Content-Language": lang})


def _csrf_field(csrf: str) -> Markup:
    """The field by which a form of ours is known; it stands first in the form."""
    field = Markup('<input type="hidden" name="csrf" value="{}">')
    return field.format(csrf) if csrf else Markup("")


def error_page(request: Request, problem: Problem) -> HTMLResponse:
    """A refusal in the look of the other pages."""
    return page(
        request,
        "error.html",
        status=problem.status,
        problem=problem,
        request_id=request_ids.current(),
    )


def map_address(request: Request, path: str, parameters: Parameters) -> str:
    """The address of a map for a page to frame; "" for those who may see none."""
    if audience_of(request) is Label.PUBLIC:
        return ""
    return address(path, parameters)


def map_file_address(request: Request, path: str, parameters: Parameters) -> str:
    """The address of a map as one file to take along; "" for those who may export none."""
    may = asker_of(request).may(Right.EXPORT_RUN)
    return map_address(request, path, parameters) if may else ""


def _refuse_public_map(request: Request) -> None:
    """Every map shows lines and junctions. Raises Forbidden for those who see public data alone."""
    if audience_of(request) is Label.PUBLIC:
        raise Forbidden("map_not_public")


INTERNAL_MAP = Depends(_refuse_public_map)
"""Stands before every route that answers with a map."""


def map_response(html: str) -> HTMLResponse:
    """A map page with a policy that runs its own scripts, known by their digests, and no other.

    Inline styles are allowed there, because Leaflet and the legend set sizes and colours so.
    """
    digests = (
        hashlib.sha256(match.group(1).encode("utf-8")).digest()
        for match in _INLINE_SCRIPT.finditer(html)
    )
    allowed = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    policy = (
        f"default-src 'self'; script-src 'self' {allowed}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'"
    )
    return HTMLResponse(html, headers={"Content-Security-Policy": policy})


def options(keys: Iterable[str], area: str, lang: Lang) -> list[tuple[str, str]]:
    """Values with their words, for a list of choices."""
    return [(key, message(f"pages.{area}_{key}").in_(lang)) for key in keys]
