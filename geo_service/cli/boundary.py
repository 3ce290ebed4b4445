"""`geo-service boundary`: the commands on boundary lines, one module each."""

from __future__ import annotations

import typer

from geo_service.cli.late import mount

_COMMANDS = {
    "check": "boundary_check:check",
    "compare": "boundary_compare:compare",
    "describe": "boundary_describe:describe",
    "repair": "boundary_repair:repair",
    "check-description": "boundary_check_description:check_description",
}


def _about() -> None:
    """界线 / boundaries."""


def group(words: tuple[str, ...]) -> typer.Typer:
    """The group, with the command that `words` ask for, else with all."""
    app = typer.Typer(help="界线 / boundaries", no_args_is_help=True, rich_markup_mode=None)
    app.callback()(_about)
    mount(app, _COMMANDS, words)
    return app
