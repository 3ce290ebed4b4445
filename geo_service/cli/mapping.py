"""`geo-service mapping`: which columns of a sender's files are which fields."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo_service.cli.options import (
    JsonOption,
    LangOption,
    ReasonOption,
    print_json,
    say,
    settings_for,
    tell,
)
from geo_service.domain.change import RecordKind
from geo_service.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_service.compose import Services
    from geo_service.domain.text import Lang
    from geo_service.services.interchange.mappings import ColumnMapping, MappingBook

app = typer.Typer(
    help="报送单位的列名对应 / columns of senders", no_args_is_help=True, rich_markup_mode=None
)
_KINDS = "place-names units boundary-lines markers roads"


def _kind(value: str) -> RecordKind:
    if value not in _KINDS.split():
        raise typer.BadParameter(f"{value}: 可用 / one of: {_KINDS}")
    return RecordKind(value)


SenderArgument = Annotated[str, typer.Argument(metavar="SENDER", help="报送单位 / the sender")]
KindOption = Annotated[
    RecordKind,
    typer.Option("--as", metavar="KIND", parser=_kind, help=f"种类 / kind: {_KINDS}"),
]
SignerOption = Annotated[str, typer.Option("--signer", help="核对人 / who confirms it")]


@app.callback()
def _group() -> None:
    """报送单位的列名对应 / columns of senders."""


def _book(services: Services) -> MappingBook:
    from geo_service.services.interchange.mappings import MappingBook

    return MappingBook(Path(services.settings.column_mappings), str(services.city.code))


def mapping_for(
    services: Services, sender: str, file: Path | None, kind: RecordKind
) -> ColumnMapping | None:
    """The mapping an import was asked to use, None where it was not. Raises InputError."""
    from geo_service.services.interchange.mappings import given_mapping

    if sender and file is not None:
        raise InputError("mapping_both")
    if file is not None:
        return given_mapping(file, kind)
    return _book(services).find(sender, kind) if sender else None


def _services() -> Services:
    from geo_service import compose

    return compose.build(settings_for())


def _json(mapping: ColumnMapping) -> dict[str, Any]:
    return {
        "sender": mapping.sender,
        "kind": mapping.kind.value,
        "version": mapping.version,
        "signer": mapping.signer,
        "saved_at": mapping.saved_at,
        "reason": mapping.reason,
        "fields": dict(mapping.fields),
    }


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], title: str = "") -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, title=title or None)
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console(highlight=False, markup=False, emoji=False).print(table)


def _show(mapping: ColumnMapping, lang: Lang) -> None:
    unused = say("import.mapping_unused", lang)
    title = say("import.mapping_title", lang, sender=mapping.sender, kind=mapping.kind.value)
    heads = [say(f"import.{key}", lang) for key in ("report_column", "cli_field")]
    _table(heads, [(header, field or unused) for header, field in mapping.fields.items()], title)


@app.command("list")
def list_(
    every: Annotated[
        bool, typer.Option("--all", help="包括以前各版 / earlier versions too")
    ] = False,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """列出已保存的对应 / list the saved mappings."""
    book = _book(_services())
    found = book.versions() if every else book.all()
    if json_:
        print_json({"mappings": [_json(mapping) for mapping in found]})
        return
    if not found:
        tell(say("import.mapping_none", lang))
        return
    names = ("mapping_sender", "report_kind", "mapping_version", "mapping_saved", "mapping_signer")
    heads = [say(f"import.{name}", lang) for name in (*names, "mapping_reason")]
    rows = [
        (m.sender, m.kind.value, str(m.version), m.saved_text, m.signer, m.reason) for m in found
    ]
    _table(heads, rows)


@app.command()
def show(
    sender: SenderArgument, kind: KindOption, json_: JsonOption = False, lang: LangOption = "zh"
) -> None:
    """显示一个单位的对应 / show the mapping of one sender."""
    mapping = _book(_services()).find(sender, kind)
    if json_:
        print_json(_json(mapping))
    else:
        _show(mapping, lang)


@app.command()
def save(
    sender: SenderArgument,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="该单位的一份文件 / a file of theirs")
    ],
    kind: KindOption,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="HEADER=FIELD", help="列名=字段，可多次 / several"),
    ] = None,
    layer: Annotated[str, typer.Option("--layer", help="图层或工作表 / layer or sheet")] = "",
    encoding: Annotated[str, typer.Option("--encoding", help="文字编码 / encoding")] = "",
    signer: SignerOption = "",
    reason: ReasonOption = "",
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """按一份文件的列名核对并保存；不加签署人只显示 / check the columns of a file and save them."""
    from geo_service.services.interchange.proposing import proposed_mapping

    services = _services()
    asked = _asked(column or ())
    mapping = proposed_mapping(file, sender, kind, asked, layer=layer, encoding=encoding, lang=lang)
    confirmed = bool(signer or reason)
    if confirmed:
        now = services.clock()
        mapping = _book(services).save(
            sender, kind, mapping.fields, signer=signer, reason=reason, now=now
        )
    if json_:
        print_json({**_json(mapping), "saved": confirmed})
        return
    _show(mapping, lang)
    key = "mapping_kept" if confirmed else "mapping_proposed"
    tell(say(f"import.{key}", lang, sender=sender, version=mapping.version))


def _asked(written: Sequence[str]) -> Mapping[str, str]:
    result = {}
    for text in written:
        header, equals, field = text.rpartition("=")
        if not equals or not header.strip():
            raise InputError("mapping_column_form", value=text)
        result[header.strip()] = field.strip()
    return result


@app.command()
def remove(
    sender: SenderArgument,
    kind: KindOption,
    signer: SignerOption,
    reason: ReasonOption,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """撤销一个单位的对应，历史仍保留 / withdraw a mapping; its history stays."""
    services = _services()
    now = services.clock()
    gone = _book(services).withdraw(sender, kind, signer=signer, reason=reason, now=now)
    if json_:
        print_json(_json(gone))
    else:
        tell(say("import.mapping_withdrawn", lang, sender=sender))
