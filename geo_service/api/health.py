"""Whether the service is alive: asked by whoever starts, restarts or balances it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from geo_service.api.deps import open_to_all
from geo_service.api.schemas import HealthBody

router = APIRouter(tags=["health"])


@router.get(
    "/healthz",
    dependencies=[open_to_all],
    response_model=HealthBody,
    summary="服务是否在运行 / alive",
)
async def health() -> Any:
    """Answers ok as long as the process answers; asks for nothing and tells nothing else."""
    return JSONResponse({"status": "ok"})
