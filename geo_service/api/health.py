"""Whether the service answers, and from what."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from geo_service import __version__
from geo_service.api.audience import AskerDep
from geo_service.api.deps import ServicesDep, open_to_all
from geo_service.api.schemas import HealthBody, problem_answers
from geo_service.domain.access import Right
from geo_service.domain.change import RecordKind

router = APIRouter(tags=["health"])


@router.get(
    "/healthz",
    dependencies=[open_to_all],
    response_model=HealthBody,
    responses=problem_answers(503),
    summary="服务状态 / health",
)
def health(services: ServicesDep, asker: AskerDep) -> Any:
    """Answers ok once the register can be read; a problem with its reason otherwise.

    From what it answers is told to those alone who may read it.
    """
    counts = services.store.info()
    answer: dict[str, Any] = {"status": "ok", "version": __version__}
    if asker.may(Right.CONTENT_READ):
        answer |= {
            "city": services.city.code,
            "units": int(counts[RecordKind.UNITS]),
            "place_names": int(counts[RecordKind.PLACE_NAMES]),
        }
    return JSONResponse(answer)
