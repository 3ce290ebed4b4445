"""`geo-service register`: records kept by hand, their lineage and history, one module each."""

from __future__ import annotations

import typer

from geo_service.cli.late import mount

_COMMANDS = {
    "create": "register_acts:create",
    "change": "register_acts:change",
    "rename": "register_acts:rename",
    "move": "register_acts:move",
    "retire": "register_acts:retire",
    "split": "register_several:split",
    "merge": "register_several:merge",
    "correct": "register_mending:correct",
    "void": "register_mending:void",
    "undo": "register_mending:undo",
    "attach": "register_files:attach",
    "detach": "register_files:detach",
    "attachments": "register_files:attachments",
    "extract": "register_files:extract",
    "history": "register_history:history",
    "lineage": "register_history:lineage",
    "changes": "register_changes:changes",
}


def _about() -> None:
    """登记簿：设立、变更、更名、拆并、沿革 / the register: changes and their history."""


def group(words: tuple[str, ...]) -> typer.Typer:
    """The group, with the command that `words` ask for, else with all."""
    help_ = "登记、变更和沿革 / the register"
    app = typer.Typer(help=help_, no_args_is_help=True, rich_markup_mode=None)
    app.callback()(_about)
    mount(app, _COMMANDS, words)
    return app
