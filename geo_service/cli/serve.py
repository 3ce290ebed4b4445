"""`geo-service serve`: the pages and the API on this machine."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Annotated

import typer

from geo_service.cli.options import LangOption, StoreOption, settings_for


class Auth(StrEnum):
    """Whether one must sign in."""

    ON = "on"
    OFF = "off"


def serve(
    host: Annotated[
        str | None,
        typer.Option(
            "--host",
            metavar="ADDRESS",
            help="监听地址；本机以外须启用登录和 TLS / others only with sign-in and TLS",
        ),
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, help="监听端口 / port")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, max=64, help="工作进程数 / worker processes"),
    ] = None,
    auth: Annotated[
        Auth | None,
        typer.Option("--auth", help="须登录；off 只可在本机 / sign-in; off on this machine only"),
    ] = None,
    store: StoreOption = None,
    lang: LangOption = "zh",
) -> None:
    """提供网页和接口 / serve pages and API.

    首次运行显示一次性口令，用它在网页上设立第一个管理员。
    The first run shows a one-time secret by which the first administrator is entered on a page.
    """
    from geo_service import compose
    from geo_service.api.serving import run

    settings = settings_for(store)
    settings = replace(
        settings,
        host=host or settings.host,
        port=port or settings.port,
        workers=workers or settings.workers,
        auth=settings.auth if auth is None else auth is Auth.ON,
        lang=lang,
    )
    run(compose.build(settings), settings, typer.echo)
