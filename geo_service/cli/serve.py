"""`geo-service serve`: the pages and the API on this machine."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from geo_service.cli.options import LangOption, StoreOption, settings_for


def serve(
    host: Annotated[
        str | None,
        typer.Option("--host", metavar="ADDRESS", help="监听地址，仅限本机 / loopback only"),
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, help="监听端口 / port")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, max=64, help="工作进程数 / worker processes"),
    ] = None,
    store: StoreOption = None,
    lang: LangOption = "zh",
) -> None:
    """在本机提供网页和接口 / serve pages and API on this machine."""
    from geo_service import compose
    from geo_service.api.serving import run

    settings = settings_for(store)
    settings = replace(
        settings,
        host=host or settings.host,
        port=port or settings.port,
        workers=workers or settings.workers,
        lang=lang,
    )
    run(compose.build(settings), settings, typer.echo)
