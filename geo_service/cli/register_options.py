"""The options and arguments of `geo-service register`, each declared once."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from geo_service.cli.options import day_of, moment_of

KindArgument = Annotated[
    str,
    typer.Argument(
        metavar="KIND",
        help="place-names | units | boundary-lines | boundary-nodes | markers | roads | documents",
    ),
]
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="编号 / id of the record")]
OnOption = Annotated[
    date,
    typer.Option("--on", metavar="DATE", parser=day_of, help="自该日起 / from this day on"),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="项=值，可多次 / a field, repeatable"),
]
GeometryOption = Annotated[
    Path | None, typer.Option("--geometry", metavar="FILE", help="图形文件 / file of one geometry")
]
ExpectOption = Annotated[
    list[str] | None,
    typer.Option(
        "--expect",
        metavar="[ID=]VERSION",
        help="所见版本号，已被改动则拒绝，可多次 / refuse if the record has moved on from it",
    ),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="只试不存 / try it, keep nothing")]
ActArgument = Annotated[
    int, typer.Argument(metavar="ACT", help="事项编号，见 register history / number of the act")
]
NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="新名称，界桩为新编号 / new name, or number")
]
IdsArgument = Annotated[
    list[str], typer.Argument(metavar="ID...", help="编号，至少两个 / two or more")
]
UnitArgument = Annotated[
    str, typer.Argument(metavar="UNIT", help="行政区划代码 / code of the unit")
]
NoDocumentOption = Annotated[
    str, typer.Option("--document", metavar="NO", help="文号，可不写 / document, if any")
]
OfDayOption = Annotated[
    date | None,
    typer.Option(
        "--of",
        metavar="DATE",
        parser=day_of,
        help="更正该日有效的那一版，默认今天 / the version in force on this day",
    ),
]
OnlyOfDayOption = Annotated[
    date | None,
    typer.Option(
        "--of",
        metavar="DATE",
        parser=day_of,
        help="只作废该日有效的那一版，默认全部 / only the version in force on this day",
    ),
]
SpokenOfOption = Annotated[
    date | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        parser=day_of,
        help="只列说到该日的各版 / only what was said of that day",
    ),
]
PART = "code=990104;name=戊区;geometry=FILE"
PartOption = Annotated[
    list[str],
    typer.Option("--part", metavar="FIELDS", help=f"一个部分，至少两次 / one part: {PART}"),
]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="附件文件 / file to attach")]
TargetArgument = Annotated[Path, typer.Argument(metavar="OUT", help="新文件 / file to write")]
DigestArgument = Annotated[
    str,
    typer.Argument(metavar="DIGEST", help="附件摘要，可只写开头 / its digest, or how it begins"),
]
TitleOption = Annotated[str, typer.Option("--title", help="附件题名 / title of the file")]
ByLineOption = Annotated[
    Path | None,
    typer.Option(
        "--by",
        metavar="FILE",
        help="分割线文件，各部分写 side=left|right / line that parts the unit, from rim to rim",
    ),
]
IntoOption = Annotated[
    str, typer.Option("--into", metavar="FIELDS", help=f"合并为 / what they become: {PART}")
]
FromOption = Annotated[
    date | None, typer.Option("--from", metavar="DATE", parser=day_of, help="起始日 / first day")
]
ToOption = Annotated[
    date | None, typer.Option("--to", metavar="DATE", parser=day_of, help="截止日 / last day")
]
RecordedFromOption = Annotated[
    datetime | None,
    typer.Option(
        "--recorded-from",
        metavar="TIME",
        parser=moment_of,
        help="按登记时间比较：起始时刻 / by recorded time: the first moment",
    ),
]
RecordedToOption = Annotated[
    datetime | None,
    typer.Option(
        "--recorded-to",
        metavar="TIME",
        parser=moment_of,
        help="按登记时间比较：截止时刻 / by recorded time: the last moment",
    ),
]
CsvOption = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", help="另存为 CSV / write a CSV as well")
]
