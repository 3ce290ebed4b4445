"""`geo-service name`: the commands on place names, one module each."""

from __future__ import annotations

import typer

from geo_service.cli.late import mount

_COMMANDS = {
    "accept-pair": "name_pairs:accept_pair",
    "accepted-pairs": "name_pairs:accepted_pairs",
    "check": "name_check:check",
    "check-file": "name_check_file:check_file",
    "confusable": "name_confusable:confusable",
    "replay": "name_replay:replay",
    "romanise": "name_romanise:romanise",
    "search": "name_search:search",
    "sign": "name_sign:sign",
    "suggest": "name_suggest:suggest",
}


def _about() -> None:
    """地名检查 / names."""


def group(words: tuple[str, ...]) -> typer.Typer:
    """The group, with the command that `words` ask for, else with all."""
    app = typer.Typer(help="地名检查 / names", no_args_is_help=True, rich_markup_mode=None)
    app.callback()(_about)
    mount(app, _COMMANDS, words)
    return app
