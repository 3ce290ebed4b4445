"""Makes the web application: JSON API, pages and static files, behind the guards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import Depends, FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.staticfiles import StaticFiles

from geo_service import __version__
from geo_service.api import (
    boundaries,
    health,
    names,
    ogc,
    openapi,
    operations,
    problems,
    suggestions,
    v1,
)
from geo_service.api.audience import is_loopback
from geo_service.api.deps import refuse_unknown_parameters
from geo_service.api.doorman import Doorman
from geo_service.api.findings import ReviewDesk
from geo_service.api.guards import Gate, SecurityHeaders
from geo_service.api.limits import Limits
from geo_service.api.logs import ServerLog, standard_error
from geo_service.api.metrics import Metrics
from geo_service.api.ogc.ready_answers import Answers, ReadyAnswers
from geo_service.api.proxies import Proxies, proxies_of
from geo_service.api.rights import require_demands
from geo_service.api.watch import Watch
from geo_service.errors import ConfigError
from geo_service.jobs.desk import job_desk
from geo_service.maps.offline import BASE_URL, vendored_assets
from geo_service.pages import account as account_pages
from geo_service.pages import accounts as accounts_pages
from geo_service.pages import batch as batch_pages
from geo_service.pages import beside as beside_pages
from geo_service.pages import boundaries as boundary_pages
from geo_service.pages import copies as copy_pages
from geo_service.pages import draft_form as draft_form_pages
from geo_service.pages import drafts as draft_pages
from geo_service.pages import findings as finding_pages
from geo_service.pages import imports as import_pages
from geo_service.pages import kept_checks as kept_check_pages
from geo_service.pages import layers as layer_pages
from geo_service.pages import line_sheets as line_sheet_pages
from geo_service.pages import lines as line_pages
from geo_service.pages import map_files
from geo_service.pages import names as name_pages
from geo_service.pages import overview as overview_pages
from geo_service.pages import record as record_pages
from geo_service.pages import register as register_pages
from geo_service.pages import register_changes as change_pages
from geo_service.pages import rules as rule_pages
from geo_service.pages import search as search_pages
from geo_service.pages import sheets as sheet_pages
from geo_service.pages import sign_in as sign_in_pages
from geo_service.pages.render import error_page

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from geo_service.api.deps import Services
    from geo_service.settings import Settings

_PAGES = Path(boundary_pages.__file__).parent
_ROUTERS = (
    ogc,  # asked most often, by far
    sign_in_pages,
    account_pages,
    accounts_pages,
    health,
    openapi,
    operations,
    names,
    suggestions,
    boundaries,
    *v1.RESOURCES,
    overview_pages,
    name_pages,
    sheet_pages,
    kept_check_pages,
    search_pages,
    batch_pages,
    boundary_pages,
    copy_pages,
    line_pages,
    line_sheet_pages,
    finding_pages,
    draft_form_pages,
    draft_pages,
    map_files,
    layer_pages,
    register_pages,
    change_pages,
    record_pages,
    beside_pages,
    import_pages,
    rule_pages,
)


@asynccontextmanager
async def _working(app: FastAPI) -> AsyncIterator[None]:
    """Jobs that waited when the service ended are taken up again; those at work end with it."""
    app.state.jobs.runner.resume()
    yield
    await run_in_threadpool(app.state.jobs.runner.stop)


class _App(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """The description of the API."""
        return openapi.describe(self)

    def build_middleware_stack(self) -> ASGIApp:
        """The guards of the framework within ours, which see what it answers to a fault too."""
        settings, state = self.state.settings, self.state
        inner = SecurityHeaders(super().build_middleware_stack())
        return Watch(inner, state.metrics, state.log, log_requests=settings.log_requests)


def create_app(services: Services, settings: Settings, log: ServerLog | None = None) -> FastAPI:
    """The application over these services; it writes to `log`, by default to standard error.

    Nothing is read from the store or the accounts before the first request. Raises ConfigError
    when the settings would serve others without sign-in or in the clear, or when the assets of the
    maps were not fetched at set-up.
    """
    _require_safe(settings)
    app = _App(
        title="geo-service",
        version=__version__,
        description="地名与行政区域界线：辅助审查意见，不替代行政决定。",
        openapi_url=None,  # a route of ours, that demands as the others do
        docs_url=None,  # FastAPI's own pages load scripts from outside
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_working,
        dependencies=[Depends(refuse_unknown_parameters)],
    )
    app.state.services = services
    app.state.settings = settings
    app.state.desk = ReviewDesk()
    app.state.office = services.office
    app.state.answers = Answers()
    app.state.metrics = Metrics()
    app.state.log = log or ServerLog(standard_error, settings.log_form)
    app.state.jobs = job_desk(settings, services.clock)
    problems.install(app, error_page)
    for module in _ROUTERS:
        app.include_router(require_demands(module.router))
    app.mount(BASE_URL, StaticFiles(directory=vendored_assets().folder))
    app.mount("/static/pages", StaticFiles(directory=_PAGES / "static"))
    # The last one added stands outermost, but for `_App.build_middleware_stack`.
    app.add_middleware(ReadyAnswers, answers=app.state.answers)
    app.add_middleware(Doorman, office=app.state.office, settings=settings)
    app.add_middleware(Limits, settings=settings, metrics=app.state.metrics)
    app.add_middleware(Gate, settings=settings)
    app.add_middleware(Proxies, settings=settings)
    return app


def _require_safe(settings: Settings) -> None:
    """Raises ConfigError where others than this machine would be served as they must not be."""
    proxies = proxies_of(settings)
    if is_loopback(settings.host):
        return
    if not settings.auth:
        raise ConfigError("serve_not_loopback", host=settings.host)
    if not settings.tls_certificate and not proxies:
        raise ConfigError("serve_in_the_clear", host=settings.host)
