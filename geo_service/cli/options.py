"""What all commands share: options, reading of their values, and printing.

Every command takes `json_: JsonOption = False` and `lang: LangOption = "zh"`, and where it touches
a store `store: StoreOption = None`. Language and form are noted on the context as soon as they
are read, so that an error raised anywhere later is told in the same way (see `main`).
"""

from __future__ import annotations

import getpass
import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo_service.domain.finding import Severity
from geo_service.domain.text import Lang

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo_service.services.interchange.issues import Issue
    from geo_service.settings import Settings

META_LANG = "geo_service.lang"
META_JSON = "geo_service.json"
FINDINGS_EXIT = 1
REFUSED_EXIT = 3


def _note_lang(context: typer.Context, value: Lang) -> Lang:
    context.meta[META_LANG] = value
    return value


def _note_json(context: typer.Context, value: bool) -> bool:
    context.meta[META_JSON] = value
    return value


def _day(value: str | date) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise typer.BadParameter(f"日期应写作 2024-06-01 / expected YYYY-MM-DD: {value}") from error


def moment_of(value: str | datetime) -> datetime:
    """A moment with its zone, read in the command itself."""
    if isinstance(value, datetime):
        return value
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        text = f"时刻应写作 2024-06-01T12:00:00+08:00 / expected an ISO 8601 time: {value}"
        raise typer.BadParameter(text) from error
    if moment.tzinfo is None:
        raise typer.BadParameter(f"时刻须带时区 / the time needs a zone, as +08:00: {value}")
    return moment


def _severity(value: str | Severity) -> Severity:
    if isinstance(value, Severity):  # the default of the command comes through here as well
        return value
    try:
        return Severity.from_word(value)
    except KeyError as error:
        known = " ".join(severity.word for severity in Severity)
        raise typer.BadParameter(f"可用 / one of: {known}") from error


JsonOption = Annotated[
    bool,
    typer.Option("--json", callback=_note_json, is_eager=True, help="输出 JSON / print JSON"),
]
LangOption = Annotated[
    Lang,
    typer.Option(
        "--lang",
        callback=_note_lang,
        is_eager=True,
        envvar="GEO_SERVICE_LANG",
        help="输出语言 / language of messages",
    ),
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store", metavar="URL", help="数据库地址 / store URL (gpkg:PATH, postgresql://…)"
    ),
]
AsOfOption = Annotated[
    date | None,
    typer.Option("--as-of", metavar="DATE", parser=_day, help="按该日有效的法规 / law of that day"),
]
RecordsAsOfOption = Annotated[
    date | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        parser=_day,
        help="该日有效的记录，默认今天 / records valid on that day, by default today",
    ),
]
FromDayOption = Annotated[
    date, typer.Option("--from", metavar="DATE", parser=_day, help="变更前的日期 / the day before")
]
ToDayOption = Annotated[
    date | None,
    typer.Option("--to", metavar="DATE", parser=_day, help="变更后的日期，默认今天 / after; today"),
]
KnownAtOption = Annotated[
    datetime | None,
    typer.Option(
        "--known-at",
        metavar="TIME",
        parser=moment_of,
        help="登记簿当时所知，如 2024-06-01T12:00:00+08:00 / as the register knew it then",
    ),
]
FailOnOption = Annotated[
    Severity,
    typer.Option(
        "--fail-on",
        metavar="SEVERITY",
        parser=_severity,
        show_default="prohibited",
        help="达到此级别即以 1 退出 / exit 1 at or above: info human advised_against prohibited",
    ),
]


KeepOption = Annotated[
    Path | None,
    typer.Option(
        "--keep",
        metavar="FILE",
        help="把结果连同请求追加到文件，供 name replay 重演 / append verdicts, to be replayed",
    ),
]


ReasonOption = Annotated[str, typer.Option("--reason", help="理由 / why")]
DocumentOption = Annotated[str, typer.Option("--document", metavar="NO", help="文号 / document")]
DrawingCrsOption = Annotated[
    str, typer.Option("--crs", metavar="EPSG:n", help="图形文件的坐标系 / system of that file")
]
EncodingOption = Annotated[
    str, typer.Option("--encoding", help="文字编码 / encoding of the text, e.g. GB18030")
]


def position_of(value: str | None) -> tuple[float, float] | None:
    """A position written LON,LAT, read in the command itself: as a pair it would take two words."""
    if value is None:
        return None
    try:
        # A Chinese keyboard gives the full-width comma.
        lon, lat = map(float, value.replace("，", ",").split(","))
    except ValueError as error:
        raise typer.BadParameter(f"应写作 120.38,36.07 / expected LON,LAT: {value}") from error
    return lon, lat


def day_of(value: str) -> date:
    """A day written YYYY-MM-DD, read in the command itself."""
    return _day(value)


def actor() -> str:
    """Who runs the command, as the change log names it."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # a container may know no name for the user
        return "cli"


def settings_for(store: str | None = None) -> Settings:
    """The settings of the environment, with the store named on the command line, if any."""
    from geo_service.settings import load

    settings = load()
    return settings if store is None else replace(settings, store=store)


def say(key: str, lang: Lang, **values: object) -> str:
    """A message of the catalogue in the language asked for."""
    from geo_service.messages import message

    return message(key, **values).in_(lang)


def tell(line: str, *, err: bool = False) -> None:
    """A line for a person: what a terminal would hide, or turn about, is shown by its code."""
    from geo_service.language.normalise import visible

    typer.echo(visible(line), err=err)


def print_notices(notices: Iterable[str]) -> None:
    """What a reader should know of how a file was understood, on standard error."""
    for notice in notices:
        tell(notice, err=True)


_LINE_ENDS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}
"""Ends of lines to Unicode, not to JSON: written as they are, they part the one line in two."""


def issues_json(issues: Iterable[Issue], lang: Lang) -> list[dict[str, Any]]:
    """What was found in files that were read, its hints in terms of options and commands."""
    return [issue.to_json(lang, command=True) for issue in issues]


def print_json(value: Any) -> None:
    """One JSON value on one line of standard output, Chinese kept readable and nothing changed."""
    typer.echo(json.dumps(value, ensure_ascii=False).translate(_LINE_ENDS))
