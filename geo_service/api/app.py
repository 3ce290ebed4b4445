"""Makes the web application: JSON API, pages and static files, behind the guards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import Depends, FastAPI
from fastapi.staticfiles import StaticFiles

from geo_service import __version__
from geo_service.api import boundaries, health, names, openapi, problems, suggestions
from geo_service.api.audience import is_loopback
from geo_service.api.deps import refuse_unknown_parameters
from geo_service.api.findings import ReviewDesk
from geo_service.api.guards import BodyLimit, LoopbackOnly, SecurityHeaders
from geo_service.api.rights import require_demands
from geo_service.errors import ConfigError
from geo_service.maps.offline import BASE_URL, vendored_assets
from geo_service.pages import batch as batch_pages
from geo_service.pages import boundaries as boundary_pages
from geo_service.pages import names as name_pages
from geo_service.pages import overview as overview_pages
from geo_service.pages import rules as rule_pages
from geo_service.pages import search as search_pages
from geo_service.pages.render import error_page

if TYPE_CHECKING:
    from geo_service.api.deps import Services
    from geo_service.settings import Settings

_PAGES = Path(boundary_pages.__file__).parent
_ROUTERS = (
    health,
    openapi,
    names,
    suggestions,
    boundaries,
    overview_pages,
    name_pages,
    search_pages,
    batch_pages,
    boundary_pages,
    rule_pages,
)


class _App(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """The description of the API."""
        return openapi.describe(self)


def create_app(services: Services, settings: Settings) -> FastAPI:
    """The application over these services.

    Nothing is read from the store before the first request. Raises ConfigError when the settings
    would serve anybody but this machine (there is no sign-in yet), or when the assets of the maps
    were not fetched at set-up.
    """
    if not is_loopback(settings.host):
        raise ConfigError("serve_not_loopback", host=settings.host)
    app = _App(
        title="geo-service",
        version=__version__,
        description="地名与行政区域界线：辅助审查意见，不替代行政决定。",
        openapi_url=None,  # a route of ours, that demands as the others do
        docs_url=None,  # FastAPI's own pages load scripts from outside
        redoc_url=None,
        redirect_slashes=False,
        dependencies=[Depends(refuse_unknown_parameters)],
    )
    app.state.services = services
    app.state.settings = settings
    app.state.desk = ReviewDesk()
    problems.install(app, error_page)
    for module in _ROUTERS:
        app.include_router(require_demands(module.router))
    app.mount(BASE_URL, StaticFiles(directory=vendored_assets().folder))
    app.mount("/static/pages", StaticFiles(directory=_PAGES / "static"))
    for guard in (BodyLimit, LoopbackOnly, SecurityHeaders):  # the last one added stands outermost
        app.add_middleware(guard)
    return app
