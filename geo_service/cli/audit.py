"""`geo-service audit`: whether the change log can be relied on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.options import (
    JsonOption,
    LangOption,
    StoreOption,
    print_json,
    settings_for,
)

if TYPE_CHECKING:
    from geo_service.store.protocol import Anchor

app = typer.Typer(help="审计 / audit", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """审计 / audit."""


def _read(path: Path) -> Anchor:
    from geo_service.errors import InputError
    from geo_service.store.anchors import read_anchor

    try:
        return read_anchor(path.read_text("utf-8"), path)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("anchor_unreadable", file=path) from error


@app.command()
def verify(
    anchor: Annotated[
        list[Path] | None,
        typer.Option(
            "--anchor", metavar="FILE", help="另行保存的锚定记录，可多份 / kept anchors, several"
        ),
    ] = None,
    store: StoreOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """核对变更日志和各表；有异则以 4 退出 / verify log and tables; exit 4 when not sound."""
    from geo_service.errors import StoreError
    from geo_service.messages import message
    from geo_service.services.audit import audit_json
    from geo_service.store.opening import open_store

    anchors = [_read(path) for path in anchor or ()]
    opened = open_store(settings_for(store).store)
    report = opened.verify(anchors)
    opened.close()
    told = audit_json(report, len(anchors), lang)
    if json_:
        print_json(told)
    elif report.sound:
        counts = {"entries": report.entries, "head": report.head}
        typer.echo(message("store.audit_sound", **counts).in_(lang))
        if anchors:
            typer.echo(message("store.audit_anchored", count=len(anchors)).in_(lang))
    else:
        typer.echo(message("store.audit_unsound", problem=told["problem"]).in_(lang), err=True)
    if not report.sound:
        raise typer.Exit(StoreError.exit_code)


@app.command()
def anchor(
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="另存为新文件 / save as a new file as well"),
    ] = None,
    store: StoreOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """输出日志末条的锚定记录，打印或另处保存 / the head of the log, to be kept elsewhere."""
    from dataclasses import asdict

    from geo_service.messages import message
    from geo_service.store.anchors import save_anchor, text_of
    from geo_service.store.opening import open_store

    opened = open_store(settings_for(store).store)
    made = opened.anchor()
    opened.close()
    if out is not None:
        save_anchor(made, out)
    if json_:
        print_json({**asdict(made), "text": text_of(made), "file": out and str(out)})
        return
    typer.echo(text_of(made), nl=False)
    typer.echo(message("store.anchor_keep").in_(lang), err=True)
