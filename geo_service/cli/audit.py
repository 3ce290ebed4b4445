"""`geo-service audit`: whether the change log can be relied on."""

from __future__ import annotations

from enum import StrEnum
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
    from geo_service.domain.text import Lang
    from geo_service.services.wire import Json
    from geo_service.store.protocol import Anchor

app = typer.Typer(help="审计 / audit", no_args_is_help=True, rich_markup_mode=None)


class Log(StrEnum):
    """The logs that are sealed: that of the register, and those of the files beside it."""

    REGISTER = "register"
    ACCOUNTS = "accounts"
    KEPT_CHECKS = "kept-checks"


OfOption = Annotated[
    Log,
    typer.Option("--of", help="登记簿、登录与账号记录或留存的检查 / which log"),
]


@app.callback()
def _group() -> None:
    """审计 / audit."""


def read_anchors(files: list[Path] | None) -> list[Anchor]:
    """Anchors that were kept elsewhere. Raises InputError `anchor_unreadable`."""
    return [_read(path) for path in files or ()]


def tell_beside(beside: dict[str, Json], lang: Lang) -> None:
    """Say of the logs of files beside the register whether they are sound."""
    from geo_service.messages import message

    for name, report in beside.items():
        what = message(f"store.beside_{name}").in_(lang)
        state = "sound" if report["sound"] else "unsound"
        if report["entries"] is None:
            state = "unsealed"
        facts = {key: report[key] for key in ("entries", "head", "problem")}
        text = message(f"store.audit_beside_{state}", what=what, **facts).in_(lang)
        typer.echo(text, err=not report["sound"])


def verify_beside(log: Log, anchors: list[Anchor], json_: bool, lang: Lang) -> None:
    """Walk the log of one file beside the register. Raises Exit 4 where it is not sound."""
    from geo_service.errors import StoreError
    from geo_service.messages import message
    from geo_service.services.audit import audit_json
    from geo_service.services.beside import verified

    report = verified(log, settings_for(None).beside_register[log], anchors)
    told = audit_json(report, len(anchors), lang)
    if json_:
        print_json(told)
    else:
        tell_beside({log: told}, lang)
        if anchors and report.sound:
            typer.echo(message("store.audit_anchored", count=len(anchors)).in_(lang))
    if not report.sound:
        raise typer.Exit(StoreError.exit_code)


AnchorOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--anchor", metavar="FILE", help="另行保存的锚定记录，可多份 / kept anchors, several"
    ),
]


def _read(path: Path) -> Anchor:
    from geo_service.errors import InputError
    from geo_service.store.anchors import read_anchor

    try:
        return read_anchor(path.read_text("utf-8"), path)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("anchor_unreadable", file=path) from error


@app.command()
def verify(
    anchor: AnchorOption = None,
    of: OfOption = Log.REGISTER,
    store: StoreOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """核对变更日志和各表；有异则以 4 退出 / verify log and tables; exit 4 when not sound.

    核对登记簿时，一并核对登录与账号记录和留存的检查。
    """
    from geo_service.errors import StoreError
    from geo_service.messages import message
    from geo_service.services.audit import audit_json
    from geo_service.services.beside import beside_json
    from geo_service.store.opening import open_store

    anchors = read_anchors(anchor)
    if of is not Log.REGISTER:
        verify_beside(of, anchors, json_, lang)
        return
    chosen = settings_for(store)
    opened = open_store(chosen.store)
    report = opened.verify(anchors)
    opened.close()
    told = audit_json(report, len(anchors), lang)
    beside = beside_json(chosen.beside_register, lang)
    if json_:
        print_json({**told, "beside": beside})
    elif report.sound:
        counts = {"entries": report.entries, "head": report.head}
        typer.echo(message("store.audit_sound", **counts).in_(lang))
        if anchors:
            typer.echo(message("store.audit_anchored", count=len(anchors)).in_(lang))
    else:
        typer.echo(message("store.audit_unsound", problem=told["problem"]).in_(lang), err=True)
    if not json_:
        tell_beside(beside, lang)
    if not report.sound or not all(each["sound"] for each in beside.values()):
        raise typer.Exit(StoreError.exit_code)


@app.command()
def anchor(
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="另存为新文件 / save as a new file as well"),
    ] = None,
    of: OfOption = Log.REGISTER,
    store: StoreOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """输出日志末条的锚定记录，打印或另处保存 / the head of the log, to be kept elsewhere."""
    from dataclasses import asdict

    from geo_service.messages import message
    from geo_service.services.beside import anchored
    from geo_service.store.anchors import save_anchor, text_of
    from geo_service.store.opening import open_store, utc_now

    chosen = settings_for(store)
    if of is Log.REGISTER:
        opened = open_store(chosen.store)
        made = opened.anchor()
        opened.close()
    else:
        made = anchored(of, chosen.beside_register[of], utc_now())
    if out is not None:
        save_anchor(made, out)
    if json_:
        print_json({**asdict(made), "text": text_of(made), "file": out and str(out)})
        return
    typer.echo(text_of(made), nl=False)
    typer.echo(message("store.anchor_keep").in_(lang), err=True)
