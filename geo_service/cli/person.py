"""`geo-service person`: personal data found masked, read for a reason, erased for good."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.options import (
    JsonOption,
    LangOption,
    StoreOption,
    actor,
    print_json,
    say,
    tell,
)
from geo_service.cli.register_running import opened

if TYPE_CHECKING:
    from geo_service.domain.person import PersonalValue
    from geo_service.domain.text import Lang

app = typer.Typer(help="个人信息 / personal data", no_args_is_help=True, rich_markup_mode=None)

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="编号 p… / id of the value")]
ReasonOption = Annotated[str, typer.Option("--reason", help="理由，记入日志 / why, for the log")]


def _facts(record: PersonalValue) -> dict[str, str]:
    return {
        "id": record.id,
        "kind": str(record.kind),
        "subject_kind": record.subject_kind,
        "subject_id": record.subject_id,
        "field": record.field,
        "act": str(record.act),
    }


def _words(record: PersonalValue, lang: Lang) -> dict[str, str]:
    return {
        "id": record.id,
        "kind": say(f"person.kind_{record.kind}", lang),
        "subject": f"{record.subject_kind}/{record.subject_id}",
        "field": record.field,
        "act": say(f"person.act_{record.act}", lang),
    }


@app.command()
def find(
    value: Annotated[
        str,
        typer.Option(
            "--value", help="按内容查，- 从标准输入读 / by its text; - reads it from stdin"
        ),
    ] = "",
    record: Annotated[
        str, typer.Option("--record", metavar="KIND/ID", help="按所属记录 / of a record")
    ] = "",
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """查找个人信息，只显示遮盖后的内容 / find personal values; shown masked."""
    from geo_service.services.persons.desk import find as found_in

    kind, _, record_id = record.partition("/")
    subject = (kind, record_id) if record else None
    text = typer.get_text_stream("stdin").readline().strip() if value == "-" else value
    with opened(store) as services:
        entries = found_in(services.store, value=text, subject=subject)
    if json_:
        print_json([{**_facts(e.record), "masked": e.mask or None} for e in entries])
        return
    for entry in entries:
        mask = entry.mask or say("person.erased", lang)
        tell(say("person.line", lang, mask=mask, **_words(entry.record, lang)))
    if not entries:
        tell(say("person.none", lang))


@app.command()
def show(
    value_id: IdArgument,
    reason: ReasonOption,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """查看一项原文，何人、为何均记入日志 / read one in clear; who and why goes to the log."""
    from geo_service.services.persons.desk import show as shown

    with opened(store) as services:
        record, value = shown(services.store, value_id, actor(), reason)
    if json_:
        print_json({**_facts(record), "value": value})
        return
    tell(say("person.shown", lang, value=value, **_words(record, lang)))


@app.command()
def erase(
    value_ids: Annotated[
        list[str],
        typer.Argument(
            metavar="ID...",
            help="编号 p…，或附件的完整摘要 sha256:… / ids, or whole digests of attached files",
        ),
    ],
    reason: ReasonOption,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """永久清除个人信息或附件内容，日志只记其事 / erase for good; the log keeps that, not what."""
    from geo_service.services.persons.desk import erase as erased

    with opened(store) as services:
        records = erased(services.store, value_ids, actor(), reason)
    if json_:
        print_json({"erased": [record.id for record in records]})
        return
    tell(say("person.erased_now", lang, count=len(records)))


@app.command()
def erasures(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="新文件 / a new file")],
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """写出清除清单，与备份一同保存 / write the list of erasures, to be kept with the backups."""
    from geo_service.services.persons.desk import erased
    from geo_service.store.erasures import save_erasures

    with opened(store) as services:
        ids = erased(services.store)
    save_erasures(ids, file)
    if json_:
        print_json({"file": str(file), "erasures": len(ids)})
        return
    tell(say("person.listed", lang, count=len(ids), path=file))
