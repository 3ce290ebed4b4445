"""Mounting commands late: building all of them takes longer than checking a name."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import typer

GROUP = "group"
"""Name of a function that builds a group from the words that follow its own."""


def mount(app: typer.Typer, commands: Mapping[str, str], words: tuple[str, ...]) -> None:
    """Put commands into `app`; where the first word names one, that one only.

    `commands` maps a word to `module:attribute` of this package: a function is a command, a Typer
    or a function called `group` (words → Typer) a group of them.
    """
    wanted = [word for word in words[:1] if word in commands]
    for word in wanted or commands:
        module, _, attribute = commands[word].partition(":")
        part = getattr(import_module(f"geo_service.cli.{module}"), attribute)
        if attribute == GROUP:
            part = part(words[1:] if wanted else ())
        if isinstance(part, typer.Typer):
            app.add_typer(part, name=word)
        else:
            app.command(word)(part)
