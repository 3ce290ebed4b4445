"""The page where a name is tried, and the map beside its verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from geo_service.api.audience import asker_of
from geo_service.api.deps import LangDep, Services, ServicesDep, needs
from geo_service.api.names import verdict_of
from geo_service.domain.access import Right
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.errors import InputError
from geo_service.maps.names import names_map
from geo_service.maps.offline import vendored_assets
from geo_service.messages import explain, message
from geo_service.pages.drawing import DECIMALS, MOST_VERTICES, shape_text, uploaded_text
from geo_service.pages.name_form import Faults, FormDep, NameForm, fact_fields, form_of, read_form
from geo_service.pages.render import (
    INTERNAL_MAP,
    address,
    map_address,
    map_file_address,
    map_response,
    options,
    page,
)
from geo_service.pages.upload import UploadDep
from geo_service.rules.names import Standing
from geo_service.services.boundaries import case_from_store
from geo_service.services.examination import ExaminedRule, examined_rules
from geo_service.services.name_suggestions import Suggestions, suggest
from geo_service.services.names import MAX_LENGTH, NameRequest
from geo_service.services.road_names import near_places
from geo_service.services.romanising import SpelledName, difference_text, romanise_name
from geo_service.services.wire import finding_json

if TYPE_CHECKING:
    from geo_service.domain.finding import Verdict
    from geo_service.domain.text import Lang

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_FIELD_OF = {"day": "as_of", "name": "name", "position": "lon", "spelling": "spelling"}
_DRAW_WORDS = ("none", "told_point", "told_line", "told_area", "full")
_OFFERED = 8
"""Alternatives shown on the page; more come from the command line."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page shows of a name: the verdict, the rules behind it, spelling, alternatives."""

    request: NameRequest
    verdict: Verdict
    spelled: SpelledName
    suggestions: Suggestions
    rules: tuple[ExaminedRule, ...]


def judged(form: NameForm, services: Services) -> tuple[NameRequest | None, Verdict | None, Faults]:
    """The request and its verdict, or the faults of the form, those the service finds included."""
    asked, faults = read_form(form, services.today())
    if asked is None:
        return None, None, faults
    try:
        use_register = not form.entries.no_register
        return asked, verdict_of(asked, services, use_register=use_register), {}
    except InputError as error:
        return None, None, _fault_of(error)


def _fault_of(error: InputError) -> Faults:
    """What the service says of an entry, at the field it speaks of."""
    field_name = _FIELD_OF.get(error.code.partition("_")[0], "name")
    return {field_name: Text(explain(error, "zh"), explain(error, "en"))}


def _answer(form: NameForm, services: Services) -> tuple[Answer | None, Faults]:
    asked, verdict, faults = judged(form, services)
    if asked is None or verdict is None:
        return None, faults
    try:
        spelled = romanise_name(asked.name, asked.feature_type, form.entries.spelling)
    except InputError as error:
        return None, _fault_of(error)
    store = None if form.entries.no_register else services.store
    found = suggest(asked, verdict, services.city, store, services.restricted, limit=_OFFERED)
    rules = examined_rules(
        asked,
        services.city,
        register=store is not None,
        restricted=services.restricted is not None,
    )
    return Answer(asked, verdict, spelled, found, rules), {}


@router.get("/names", dependencies=[needs(Right.NAME_CHECK)])
def name_page(
    request: Request, form: FormDep, services: ServicesDep, lang: LangDep
) -> HTMLResponse:
    """The form, and below it the verdict once a name was sent."""
    answer: Answer | None = None
    faults: Faults = {}
    if "name" in request.query_params:
        answer, faults = _answer(form, services)
    return _page(request, form, services, lang, answer=answer, faults=faults)


@router.post("/names/drawing", dependencies=[needs(Right.NAME_CHECK)])
def upload_drawing(
    request: Request, upload: UploadDep, services: ServicesDep, lang: LangDep
) -> Response:
    """Read a file with the thing to be named and go on to its check, the other entries kept."""
    form = form_of(upload.entries)
    told = uploaded_text(
        upload.files.get("file"),
        city=services.city,
        today=services.today(),
        crs=upload.entries.get("crs", "")[:100],
        lang=lang,
    )
    if isinstance(told, Text):
        return _page(request, form, services, lang, answer=None, faults={"file": told})
    there = form.parameters(drawn=told, lang=request.query_params.get("lang", ""))
    return RedirectResponse(f"{address('/names', there)}#draw", status_code=303)


def _page(
    request: Request,
    form: NameForm,
    services: Services,
    lang: Lang,
    *,
    answer: Answer | None,
    faults: Faults,
) -> HTMLResponse:
    verdict = None if answer is None else answer.verdict
    places = near_places(verdict, services.store) if verdict is not None and verdict.near else {}
    entries = form.entries
    has_map = verdict is not None and bool(places or entries.lon.strip() or entries.drawn.strip())
    today = services.today()
    return page(
        request,
        "name.html",
        status=400 if faults else 200,
        form=form,
        faults=faults,
        answer=answer,
        verdict=verdict,
        stored_findings=[finding_json(f, lang) for f in verdict.findings] if verdict else [],
        places=places,
        unit_names=services.city.unit_names,
        units=[(row.code, row.name) for row in services.city.units_in_force(today)],
        facts=fact_fields(lang),
        types=options(FeatureType, "type", lang),
        standings=options(Standing, "status", lang),
        today=today,
        max_length=MAX_LENGTH,
        may_keep=asker_of(request).may(Right.NAME_KEEP),
        difference_text=difference_text,
        origin_text=lambda origin: message(f"suggest.origin_{origin.value}"),
        level_text=lambda level: message(f"romanise.level_{level.value}"),
        leaflet={
            "js": vendored_assets().url("leaflet"),
            "css": vendored_assets().url("leaflet_css"),
        },
        drawing=_drawing(services, lang),
        shape_text=lambda drawn: shape_text(drawn, lang),
        d=lambda key, **facts: message(f"draw.{key}", **facts).in_(lang),
        map_src=map_address(request, "/map/names", form.parameters(lang=lang)) if has_map else "",
        file_src=map_file_address(request, "/map/names/file", form.parameters(lang=lang))
        if has_map
        else "",
    )


def _drawing(services: Services, lang: Lang) -> dict[str, object]:
    """What the script of the drawing is told: where the city lies, its words, its limit."""
    west, south, east, north = services.city.extent
    return {
        "bounds": [[south, west], [north, east]],
        "ground": ["/ogc/collections/units/items", "/ogc/collections/roads/items"],
        "decimals": DECIMALS,
        "most": MOST_VERTICES,
        "words": {word: message(f"draw.{word}").in_(lang) for word in _DRAW_WORDS},
    }


@router.get("/map/names", dependencies=[needs(Right.NAME_CHECK), INTERNAL_MAP])
def names_map_page(form: FormDep, services: ServicesDep, lang: LangDep) -> HTMLResponse:
    """The map beside a verdict. Raises InputError for a form that cannot be read."""
    asked, verdict, faults = judged(form, services)
    if asked is None or verdict is None:
        raise InputError("form_invalid", fields=", ".join(sorted(faults)))
    html = names_map(
        verdict,
        near_places(verdict, services.store),
        case_from_store(services.store, services.city, asked.as_of),
        position=asked.position,
        drawn=asked.geometry,
        city=services.city,
        lang=lang,
        assets=vendored_assets(),
    )
    return map_response(html)
