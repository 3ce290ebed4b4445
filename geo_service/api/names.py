"""Names over HTTP: may this name stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from geo_service.api.deps import LangDep, Services, ServicesDep
from geo_service.api.schemas import NameCheckBody, VerdictBody, problem_answers
from geo_service.domain.identity import DivisionCode
from geo_service.domain.proposal import NOTHING_TOLD, FeatureFacts
from geo_service.services.names import NameRequest, check_name
from geo_service.services.wire import verdict_json

if TYPE_CHECKING:
    from geo_service.domain.finding import Verdict

router = APIRouter(prefix="/api/v1/names", tags=["names"])


def verdict_of(request: NameRequest, services: Services, *, use_register: bool) -> Verdict:
    """The verdict on a request, put beside the register unless told not to."""
    store = services.store if use_register else None
    return check_name(request, services.city, store, services.restricted)


def _request(body: NameCheckBody, services: Services) -> NameRequest:
    return NameRequest(
        name=body.name,
        feature_type=body.feature_type,
        standing=body.status,
        as_of=body.as_of or services.today(),
        position=None if body.position is None else (body.position.lon, body.position.lat),
        unit_code=None if body.unit_code is None else DivisionCode.parse(body.unit_code),
        facts=NOTHING_TOLD if body.facts is None else FeatureFacts(**body.facts.model_dump()),
    )


@router.post(
    "/check",
    response_model=VerdictBody,
    responses=problem_answers(400, 413, 422, 503),
    summary="检查一个地名 / check one name",
)
def check(body: NameCheckBody, services: ServicesDep, lang: LangDep) -> Any:
    """Check a name against the rules in force on a day, and against the names of the register.

    The same answer as `geo-service name check --json`. Advice for reviewers, never a decision.
    """
    verdict = verdict_of(_request(body, services), services, use_register=body.use_register)
    return JSONResponse(verdict_json(verdict, lang))
