"""`geo-service store`: making, checking, rebuilding, backing up and restoring the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo_service.cli.options import (
    JsonOption,
    LangOption,
    StoreOption,
    print_json,
    settings_for,
)
from geo_service.domain.clock import china_text

if TYPE_CHECKING:
    from geo_service.domain.text import Lang
    from geo_service.store.checkup import Check

app = typer.Typer(help="数据库 / the store", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def init(store: StoreOption = None, json_: JsonOption = False, lang: LangOption = "zh") -> None:
    """建立空库，或把旧库升级 / make an empty store, or bring an older one up to date."""
    from geo_service.messages import message
    from geo_service.store.opening import open_store

    settings = settings_for(store)
    opened = open_store(
        settings.store, create=True, digest=settings.digest, backups=Path(settings.backups)
    )
    info = dict(opened.info())
    opened.close()
    if json_:
        print_json(info)
    else:
        typer.echo(message("store.ready", **info).in_(lang))


@app.command()
def check(store: StoreOption = None, json_: JsonOption = False, lang: LangOption = "zh") -> None:
    """检查数据库并给出处理办法 / check the store and say what to do."""
    from geo_service.errors import StoreError
    from geo_service.messages import message
    from geo_service.store.addresses import shown
    from geo_service.store.checkup import State, check_store

    failed = False
    checks = []
    for answer in check_store(settings_for(store).store):
        failed |= answer.state is State.FAIL
        title = message(f"store.check_{answer.key}").in_(lang)
        hint = "" if answer.state is State.OK else _hint(answer, lang)
        checks.append(
            {"key": answer.key, "state": answer.state.value, "title": title, "hint": hint}
        )
        if not json_:
            state = message(f"store.state_{answer.state.value}").in_(lang)
            typer.echo(f"{title} … {state}" + (f"\n  {hint}" if hint else ""))
    if json_:
        print_json({"url": shown(settings_for(store).store), "sound": not failed, "checks": checks})
    if failed:
        raise typer.Exit(StoreError.exit_code)


def _hint(answer: Check, lang: Lang) -> str:
    from geo_service.messages import explain, message
    from geo_service.services.audit import problem_text

    facts: dict[str, Any] = dict(answer.facts)
    if "error" in facts:
        facts["reason"] = explain(facts["error"], lang)
    if facts.get("problem"):
        facts["problem"] = problem_text(facts["problem"], facts["first_bad"], lang)
    return message(f"store.hint_{answer.hint}", **facts).in_(lang)


@app.command()
def rebuild(store: StoreOption = None, json_: JsonOption = False, lang: LangOption = "zh") -> None:
    """按变更日志重建各表和索引 / write tables and indexes anew from the change log."""
    from geo_service.messages import message
    from geo_service.store.opening import open_store

    opened = open_store(settings_for(store).store)
    entries = opened.rebuild()
    opened.close()
    if json_:
        print_json({"entries": entries})
    else:
        typer.echo(message("store.rebuilt", entries=entries).in_(lang))


@app.command()
def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="原库 / the store to copy")],
    target: Annotated[str, typer.Argument(metavar="TO", help="新库，须为空 / an empty store")],
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """把整个库连同变更日志复制到另一个空库 / copy a store with its log into an empty one."""
    from contextlib import closing

    from geo_service.messages import message
    from geo_service.store.copying import copy_store
    from geo_service.store.opening import open_store

    with closing(open_store(source)) as old, closing(open_store(target, create=True)) as new:
        entries, head = copy_store(old, new), new.log_mark().hash
        facts = {"source": old.url, "target": new.url, "entries": entries, "head": head}
    if json_:
        print_json(facts)
    else:
        typer.echo(message("store.copied", **facts).in_(lang))


@app.command()
def backup(
    target: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER",
            help="新目录；已有目录则在其中按日期新建 / a new folder; in an old one, a dated one",
        ),
    ],
    store: StoreOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """备份整个库，不妨碍他人使用 / back the whole store up while others work."""
    from contextlib import closing
    from dataclasses import asdict

    from geo_service.messages import message
    from geo_service.store.backups import back_up
    from geo_service.store.opening import open_store, utc_now

    chosen = settings_for(store)
    with closing(open_store(chosen.store)) as opened:
        folder, manifest = back_up(opened, target, utc_now(), chosen.beside_register)
    if json_:
        print_json({"backup": str(folder), **asdict(manifest)})
        return
    facts = {"entries": manifest.entries, "head": manifest.head, "schema": manifest.schema}
    rows = sum(manifest.rows.values())
    typer.echo(message("store.backed_up", path=folder, rows=rows, **facts).in_(lang))
    if manifest.beside:
        typer.echo(message("store.backed_up_beside", names=" ".join(manifest.beside)).in_(lang))


@app.command()
def drill(
    place: Annotated[
        Path | None,
        typer.Option("--in", metavar="FOLDER", help="演练所用的目录 / where there is room for it"),
    ] = None,
    store: StoreOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """演练：备份、恢复、逐项核对摘要，不动原库 / try backup and restore; the store is only read."""
    import tempfile
    from contextlib import closing

    from geo_service.messages import message
    from geo_service.store.drilling import drill as practise
    from geo_service.store.opening import open_store, utc_now

    folder = place or Path(tempfile.gettempdir())
    with closing(open_store(settings_for(store).store)) as opened:
        done = practise(opened, folder, utc_now())
    facts: dict[str, Any] = {
        "entries": done.manifest.entries,
        "head": done.manifest.head,
        "receipts": done.receipts,
        "file_sha256": done.manifest.file_sha256,
        "backup_s": round(done.backup_s, 1),
        "restore_s": round(done.restore_s, 1),
    }
    if json_:
        print_json(facts)
    else:
        typer.echo(message("store.drilled", **facts).in_(lang))


@app.command()
def restore(
    backup: Annotated[Path, typer.Argument(metavar="BACKUP", help="备份目录 / folder of a backup")],
    to: Annotated[str, typer.Option("--to", metavar="URL", help="恢复到 / the store to restore")],
    erasures: Annotated[
        Path | None,
        typer.Option(
            "--erasures",
            metavar="FILE",
            help="清除清单，所列个人信息不再恢复 / list of erased personal values",
        ),
    ] = None,
    everything: Annotated[
        bool,
        typer.Option(
            "--everything",
            help="连同账号和留存的检查 / accounts and kept checks as well",
        ),
    ] = False,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """先停止服务；核对无误才启用，原库改名保留 / stop serving, then put a proven backup in use."""
    from dataclasses import asdict
    from datetime import datetime

    from geo_service.messages import message
    from geo_service.store.erasures import read_erasures
    from geo_service.store.opening import utc_now
    from geo_service.store.restoring import restore as put_back

    erased = frozenset[str]() if erasures is None else read_erasures(erasures)
    beside = settings_for(to).beside_register if everything else None
    done = put_back(backup, to, utc_now(), erased, beside)
    if json_:
        facts = {"url": done.url, "schema": done.schema, "aside": done.aside}
        facts |= {"erased": done.erased, "former_unread": done.unread}
        facts |= {"beside": [str(path) for path in done.beside]}
        print_json({**facts, "manifest": asdict(done.manifest)})
        return
    facts = {"url": done.url, "entries": done.manifest.entries, "head": done.manifest.head}
    made = china_text(datetime.fromisoformat(done.manifest.created_at))
    typer.echo(message("store.restored", made=made, **facts).in_(lang))
    if done.schema != done.manifest.schema:
        steps = {"old": done.manifest.schema, "new": done.schema}
        typer.echo(message("store.restored_upgraded", **steps).in_(lang))
    if done.erased:
        typer.echo(message("store.restored_erased", count=done.erased).in_(lang))
    if done.unread and erasures is None:
        typer.echo(message("store.restored_unread").in_(lang))
    if done.aside is not None:
        typer.echo(message("store.restored_aside", path=done.aside).in_(lang))
    for path in done.beside:
        typer.echo(message("store.restored_beside", path=path).in_(lang))
    if done.manifest.beside and not everything:
        names = " ".join(done.manifest.beside)
        typer.echo(message("store.restored_alone", names=names).in_(lang))
