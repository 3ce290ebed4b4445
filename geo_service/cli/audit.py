"""`geo-service audit`: whether the change log can be relied on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from geo_service.cli.options import (
    JsonOption,
    LangOption,
    StoreOption,
    print_json,
    settings_for,
)

if TYPE_CHECKING:
    from geo_service.domain.text import Lang

app = typer.Typer(help="审计 / audit", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """审计 / audit."""


def problem_text(problem: str, sequence: int | None, lang: Lang) -> str:
    """What `AuditReport.problem` means, in one language."""
    from geo_service.messages import message

    code, _, subject = problem.partition(" ")
    return message(f"store.problem_{code}", sequence=sequence, subject=subject).in_(lang)


@app.command()
def verify(store: StoreOption = None, json_: JsonOption = False, lang: LangOption = "zh") -> None:
    """核对变更日志和各表；有异则以 4 退出 / verify log and tables; exit 4 when not sound."""
    from geo_service.errors import StoreError
    from geo_service.messages import message
    from geo_service.store.opening import open_store

    opened = open_store(settings_for(store).store)
    report = opened.verify()
    opened.close()
    said = "" if report.sound else problem_text(report.problem, report.first_bad, lang)
    if json_:
        facts = {"sound": report.sound, "entries": report.entries, "head": report.head}
        print_json({**facts, "first_bad": report.first_bad, "problem": said})
    elif report.sound:
        counts = {"entries": report.entries, "head": report.head}
        typer.echo(message("store.audit_sound", **counts).in_(lang))
    else:
        typer.echo(message("store.audit_unsound", problem=said).in_(lang), err=True)
    if not report.sound:
        raise typer.Exit(StoreError.exit_code)
