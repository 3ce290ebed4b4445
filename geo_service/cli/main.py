"""The command `geo-service`: mounts the groups and turns refusals into messages and exit codes.

Exit codes: 0 done, 1 findings at or above `--fail-on`, 2 usage or settings, 3 input refused,
4 store or conflict. The code of a refusal stands on its class in `geo_service.errors`.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Annotated, Any

import typer
from typer._click.exceptions import UsageError  # typer shows it nowhere else
from typer.core import TyperGroup

from geo_service import __version__
from geo_service.cli.late import mount
from geo_service.cli.options import META_JSON, META_LANG, print_json, tell
from geo_service.domain.text import Lang
from geo_service.errors import GeoServiceError

_BAD_REQUEST = 400


def _lang(context: typer.Context) -> Lang:
    chosen = context.meta.get(META_LANG, os.environ.get("GEO_SERVICE_LANG"))
    return "en" if chosen == "en" else "zh"


def _report(error: GeoServiceError, context: typer.Context) -> None:
    from geo_service.messages import explain

    detail = explain(error, _lang(context))
    if context.meta.get(META_JSON):
        _problem(type(error).__name__, error.http_status, error.code, detail)
    else:
        tell(detail, err=True)


def _problem(title: str, status: int, code: str, detail: str) -> None:
    """A refusal as the API tells it (RFC 9457)."""
    problem = {"type": "about:blank", "title": title, "status": status, "code": code}
    print_json({**problem, "detail": detail})


@contextmanager
def _told(context: typer.Context) -> Iterator[None]:
    """What is raised inside becomes a message, or with `--json` an object, and an exit code."""
    try:
        yield
    except GeoServiceError as error:
        _report(error, context)
        raise typer.Exit(error.exit_code) from error
    except UsageError as error:
        if not context.meta.get(META_JSON):
            raise  # typer prints it with the usage of the command
        from geo_service.messages import message

        said = message("errors.usage_error", detail=error.format_message()).in_(_lang(context))
        _problem(type(error).__name__, _BAD_REQUEST, "usage_error", said)
        raise typer.Exit(error.exit_code) from error


class _Root(TyperGroup):
    """Tells a refusal in the language and form that the command was asked for."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Note form and language before anything is read: words that follow may be wrong."""
        ctx.meta[META_JSON] = "--json" in args
        if "--lang=en" in args or ("--lang", "en") in pairwise(args):
            ctx.meta[META_LANG] = "en"
        with _told(ctx):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what it refuses becomes a message and an exit code."""
        with _told(ctx):
            return super().invoke(ctx)


_COMMANDS = {
    "accounts": "accounts:app",
    "audit": "audit:app",
    "bench": "bench:app",
    "boundary": "boundary:group",
    "demo": "demo:demo",
    "export": "files:export_command",
    "finding": "finding:app",
    "draft": "draft:app",
    "import": "files:import_command",
    "map": "sharing:app",
    "mapping": "mapping:app",
    "name": "name:group",
    "person": "person:app",
    "register": "register:group",
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
    mount(app, _COMMANDS, words)
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
    build_app(tuple(sys.argv[1:3]))()
