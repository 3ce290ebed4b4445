"""What the commands on descriptions share: options, and telling what is wrong with files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.options import issues_json, print_json, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.domain.text import Lang
    from geo_service.services.interchange.issues import Issue

REFUSED_EXIT = 3

LineOption = Annotated[
    Path | None,
    typer.Option("--line", metavar="FILE", help="界线文件（一条） / the line, one of it"),
]
MarkersOption = Annotated[
    Path | None, typer.Option("--markers", metavar="FILE", help="界桩文件 / markers")
]
LandmarksOption = Annotated[
    Path | None,
    typer.Option(
        "--landmarks",
        metavar="FILE",
        help="地名文件：点为地标，线为沿行地物（河按流向画） / names: points are landmarks, "
        "lines features (rivers drawn downstream)",
    ),
]
CrsOption = Annotated[
    str, typer.Option("--crs", metavar="EPSG:n", help="图形文件坐标系 / system of the files")
]


def tell_issues(issues: Sequence[Issue], lang: Lang) -> None:
    """What is worth knowing of the files, on standard error."""
    for issue in issues:
        typer.echo(
            f"{issue.file}: {issue.message.in_(lang)} {issue.command_hint.in_(lang)}", err=True
        )


def refuse(issues: Sequence[Issue], lang: Lang, *, json_: bool) -> None:
    """Tell why a file cannot be used, and end."""
    if json_:
        print_json({"status": "rejected", "issues": issues_json(issues, lang)})
    else:
        tell_issues(issues, lang)
        typer.echo(say("alignment.refused", lang), err=True)
    raise typer.Exit(REFUSED_EXIT)
