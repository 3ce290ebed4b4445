"""For those who run the service: whether it can work (`/readyz`), and its figures (`/metrics`)."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from starlette.requests import HTTPConnection

from geo_service import __version__
from geo_service.api.audience import is_here
from geo_service.api.deps import LangDep, ServicesDep
from geo_service.api.metrics import MEDIA_TYPE
from geo_service.api.problems import problem_of, problem_response
from geo_service.api.rights import Demand
from geo_service.api.schemas import ReadyBody, problem_answers
from geo_service.domain.access import Right
from geo_service.domain.change import RecordKind
from geo_service.errors import Busy, ConfigError, GeoServiceError
from geo_service.jobs.job import JobState
from geo_service.maps.offline import vendored_assets
from geo_service.messages import message
from geo_service.store.addresses import is_server, store_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.api.deps import Services
    from geo_service.settings import Settings

_COUNTED = (RecordKind.UNITS, RecordKind.BOUNDARY_LINES, RecordKind.PLACE_NAMES)


class _Operators(Demand):
    """Whoever sits at this machine, as those do who watch it, and who has the right."""

    def is_optional(self, settings: Settings) -> bool:  # noqa: ARG002
        """Those who sit at this machine need not sign in."""
        return True

    async def __call__(self, request: HTTPConnection) -> None:
        """Let the request pass. Raises Forbidden."""
        if not is_here(request):
            await super().__call__(request)


router = APIRouter(tags=["health"], dependencies=[Depends(_Operators((Right.METRICS_READ,)))])


def _file(settings: Settings) -> Path | None:
    """The file of the store; None for one on a server."""
    return None if is_server(settings.store) else store_path(settings.store)


def _folder(settings: Settings) -> Path:
    """The nearest folder that is there on the way to the files of the service."""
    file = _file(settings) or Path(settings.backups) / "any"
    return next(folder for folder in file.absolute().parents if folder.is_dir())


def _check_disk(settings: Settings) -> None:
    if shutil.disk_usage(_folder(settings)).free < settings.disk_free_mb * 1_000_000:
        raise Busy("disk_low")


def _check_assets() -> None:
    assets = vendored_assets()
    for file in assets.files.values():
        if not (assets.folder / file).is_file():
            raise ConfigError("web_asset_missing", asset=file, folder=assets.folder)


def _fault(check: Callable[[], object]) -> str:
    """The code of what is wrong, "" where nothing is. What a refusal knows besides stays here."""
    try:
        check()
    except GeoServiceError as error:
        return error.code
    return ""


def _faults(services: Services, settings: Settings) -> dict[str, str]:
    """What the service needs, and what is wrong with it."""
    return {
        "store": _fault(lambda: services.store.info()),  # noqa: PLW0108 - opened when asked
        "disk": _fault(lambda: _check_disk(settings)),
        "assets": _fault(_check_assets),
    }


@router.get(
    "/readyz",
    response_model=ReadyBody,
    responses=problem_answers(403, 503),
    summary="服务是否就绪 / ready",
)
def ready(request: Request, services: ServicesDep, lang: LangDep) -> Any:
    """Whether store, disk and assets are as they must be; a 503 problem with what is not."""
    faults = _faults(services, request.app.state.settings)
    wrong = [
        {"pointer": f"#/{name}", "detail": message(f"api.ready_{name}", code=code).in_(lang)}
        for name, code in faults.items()
        if code
    ]
    if wrong:
        problem = replace(problem_of(Busy("not_ready"), lang), errors=tuple(wrong))
        return problem_response(problem, request.url.path)
    return JSONResponse({"status": "ready", "version": __version__, "checks": list(faults)})


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "figures"},
        **problem_answers(403),
    },
    summary="运行指标 / metrics",
)
def metrics(request: Request, services: ServicesDep) -> Response:
    """Requests, refusals and sizes in the text format of Prometheus; all workers together."""
    gauges: dict[str, tuple[str, dict[str, float]]] = {}
    settings = request.app.state.settings
    file = _file(settings)
    if file is not None and file.is_file():
        gauges["store_bytes"] = "Size of the store on disk", {"file": file.stat().st_size}
    free = shutil.disk_usage(_folder(settings)).free
    gauges["disk_free_bytes"] = "Free space beside the store", {"store": free}
    try:
        kept = request.app.state.jobs.book.counts()
        jobs = {state.value: float(kept.get(state.value, 0)) for state in JobState}
        gauges["jobs"] = "Jobs that are kept, by state", jobs
        counts = services.store.info()
    except GeoServiceError:
        gauges["store_ready"] = "Whether the store can be read", {"store": 0}
    else:
        gauges["store_ready"] = "Whether the store can be read", {"store": 1}
        gauges["records"] = "Records", {kind.value: float(counts[kind]) for kind in _COUNTED}
    return Response(request.app.state.metrics.text(gauges), media_type=MEDIA_TYPE)
