"""Alternatives to a name over HTTP, every one already checked."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from geo_service.api.deps import LangDep, ServicesDep, needs
from geo_service.api.names import request_of, verdict_of
from geo_service.api.schemas import (
    NearBody,
    PlaceBody,
    RelatedBody,
    RomanizationBody,
    problem_answers,
)
from geo_service.api.values import Day, Truth, Whole
from geo_service.domain.access import Right
from geo_service.domain.finding import Outcome
from geo_service.domain.place import FeatureType
from geo_service.services.name_suggestions import MAX_LIMIT, suggest, suggestions_json
from geo_service.services.names import MAX_LENGTH
from geo_service.services.suggesting.candidate import Origin

router = APIRouter(prefix="/api/v1/names", tags=["names"])


class SuggestBody(PlaceBody):
    """A name in question, or a place that needs one: then without a name."""

    name: Annotated[str, Field(max_length=MAX_LENGTH, examples=["規劃二路"])] = ""
    as_of: Day | None = None
    use_register: Annotated[
        Truth, Field(alias="register", description="draw on and compare with the register")
    ] = True
    limit: Annotated[Whole, Field(ge=1, le=MAX_LIMIT)] = 10


class SuggestionBody(BaseModel):
    """A name in which the check found nothing, whence it comes and why."""

    rank: int
    name: str
    origin: Origin
    grounds: list[str]
    source: RelatedBody | None
    verdict: Outcome
    romanization: RomanizationBody
    near: list[NearBody]


class SuggestionsBody(BaseModel):
    """Alternatives, best first; `verdict` is that on the name asked about."""

    name: str
    feature_type: FeatureType
    as_of: date
    verdict: Outcome | None
    checked: Annotated[int, Field(description="names that were tried")]
    suggestions: list[SuggestionBody]
    notice: str


@router.post(
    "/suggest",
    dependencies=[needs(Right.NAME_CHECK)],
    response_model=SuggestionsBody,
    responses=problem_answers(400, 413, 422, 503),
    summary="建议可用的名称 / suggest names",
)
def suggest_names(body: SuggestBody, services: ServicesDep, lang: LangDep) -> Any:
    """Alternatives to a name with findings, or names for a place, each checked as a new name.

    The same answer as `geo-service name suggest --json`. Advice for reviewers, never a decision.
    """
    request = request_of(body, body.name.strip(), body.as_of or services.today())
    verdict = None
    if request.name:
        verdict = verdict_of(request, services, use_register=body.use_register)
    store = services.store if body.use_register else None
    found = suggest(request, verdict, services.city, store, services.restricted, limit=body.limit)
    return JSONResponse(suggestions_json(found, lang))
