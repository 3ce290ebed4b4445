"""The command `geo-service`: mounts the groups and turns refusals into messages and exit codes.

Exit codes: 0 done, 1 findings at or above `--fail-on`, 2 usage or settings, 3 input refused,
4 store or conflict. The code of a refusal stands on its class in `geo_service.errors`.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from geo_service import __version__
from geo_service.cli.options import META_JSON, META_LANG, print_json
from geo_service.domain.text import Lang
from geo_service.errors import GeoServiceError


def _lang(context: typer.Context) -> Lang:
    chosen = context.meta.get(META_LANG, os.environ.get("GEO_SERVICE_LANG"))
    return "en" if chosen == "en" else "zh"


def _report(error: GeoServiceError, context: typer.Context) -> None:
    from geo_service.messages import explain

    detail = explain(error, _lang(context))
    if not context.meta.get(META_JSON):
        typer.echo(detail, err=True)
        return
    problem = {
        "type": "about:blank",
        "title": type(error).__name__,
        "status": error.http_status,
        "code": error.code,
        "detail": detail,
    }
    print_json(problem)


class _Root(TyperGroup):
    """Tells a refusal in the language and form that the command was asked for."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a GeoServiceError becomes its message and its exit code."""
        try:
            return super().invoke(ctx)
        except GeoServiceError as error:
            _report(error, ctx)
            raise typer.Exit(error.exit_code) from error


_COMMANDS = {
    "audit": "audit:app",
    "boundary": "boundary:app",
    "demo": "demo:demo",
    "export": "files:export_command",
    "import": "files:import_command",
    "name": "name:app",
    "rules": "rules:app",
    "serve": "serve:serve",
    "store": "store:app",
}
"""What the command is made of: module of this package, and the group or function in it."""


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


def _root(
    _version_wanted: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="版本 / version"),
    ] = False,
) -> None:
    """地名与行政区域界线管理 / place names and administrative boundaries."""


def build_app(words: tuple[str, ...] = ()) -> typer.Typer:
    """The command line; where the first word names a command, with that command only.

    Building all commands takes longer than checking a name, so a start pays for one.
    """
    app = typer.Typer(
        name="geo-service",
        cls=_Root,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,  # plain help: rich would double the cost of every start
        pretty_exceptions_enable=False,
    )
    app.callback()(_root)
    wanted = [name for name in words[:1] if name in _COMMANDS]
    for name in wanted or _COMMANDS:
        module, _, attribute = _COMMANDS[name].partition(":")
        part = getattr(import_module(f"geo_service.cli.{module}"), attribute)
        if isinstance(part, typer.Typer):
            app.add_typer(part, name=name)
        else:
            app.command(name)(part)
    return app


def __getattr__(name: str) -> typer.Typer:
    """`app`, the whole command line, is built when somebody asks for it (docs, tests)."""
    if name != "app":
        raise AttributeError(name)
    return build_app()


def main() -> None:
    """Run the command line and leave with its exit code."""
    # Tables and rules make many objects that all live on: the usual threshold of 700 spends a
    # quarter of a short command on looking for garbage that is not there.
    gc.set_threshold(50_000)
    for stream in (sys.stdout, sys.stderr):
        # A name may hold characters that the terminal cannot show: print their code points.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    build_app(tuple(sys.argv[1:2]))()
