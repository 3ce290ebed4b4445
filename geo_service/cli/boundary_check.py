"""`geo-service boundary check`: whether units, lines and junctions hold together."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.options import (
    FINDINGS_EXIT,
    AsOfOption,
    FailOnOption,
    JsonOption,
    LangOption,
    StoreOption,
    print_json,
    say,
    settings_for,
)
from geo_service.domain.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from rich.console import Console
    from rich.table import Table

    from geo_service.compose import Services
    from geo_service.domain.change import Record
    from geo_service.domain.finding import Finding
    from geo_service.domain.text import Lang
    from geo_service.rules.boundaries import BoundaryCase
    from geo_service.services.boundaries import BoundaryReport, Progress
    from geo_service.services.boundary_files import FileCase
    from geo_service.services.interchange.issues import Issue

REFUSED_EXIT = 3
_STYLES = {"prohibited": "red", "advised_against": "yellow", "human": "cyan", "info": "dim"}


FilesArgument = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[FILE]...",
        help="单位、界线、节点文件；不写则检查数据库 / files; none checks the store",
    ),
]
ScaleOption = Annotated[
    int,
    typer.Option(
        "--scale",
        min=500,
        max=1_000_000,
        help="测绘比例尺分母，决定限差 / map scale that sets the tolerances",
    ),
]
AgainstStoreOption = Annotated[
    bool,
    typer.Option(
        "--against-store", help="文件与数据库合并检查 / check files together with the store"
    ),
]
CrsOption = Annotated[
    str, typer.Option("--crs", metavar="EPSG:n", help="文件坐标系 / system of the files")
]
EncodingOption = Annotated[
    str, typer.Option("--encoding", help="文件文字编码 / encoding of the files")
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="问题写成 .geojson .gpkg .csv / findings as a file"),
]


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


def check(
    files: FilesArgument = None,
    scale: ScaleOption = 10_000,
    against_store: AgainstStoreOption = False,
    crs: CrsOption = "",
    encoding: EncodingOption = "",
    out: OutOption = None,
    as_of: AsOfOption = None,
    fail_on: FailOnOption = Severity.PROHIBITED,
    store: StoreOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """检查面、界线、三交点和代码是否一致 / check units, lines, junctions and codes.

    有达到 --fail-on 的问题时以 1 退出；文件不能用或当日没有记录时以 3 退出。
    Exit 1 with findings at or above --fail-on, 3 when a file cannot be used or nothing is there.
    """
    from geo_service import compose
    from geo_service.services.boundaries import check_boundaries, require_records

    if out is not None:
        _check_target(out, files or [])
    services = compose.build(settings_for(store))
    try:
        given = _read(files or [], services, crs, encoding)
        issues = () if given is None else given.issues
        if given is not None and given.refused:
            _refuse(issues, lang, json_=json_)
        day = as_of or services.today()
        case = _case(given, services, day, against_store=against_store)
        require_records(case, day)
        with _progress(lang) as progress:
            report = check_boundaries(case, services.city, day, scale=scale, progress=progress)
    finally:
        services.close()
    _tell(report, issues, lang, json_=json_)
    if out is not None:
        _write(report, out, lang, quiet=json_)
    if any(finding.severity >= fail_on for finding in report.findings):
        raise typer.Exit(FINDINGS_EXIT)


def _read(files: Sequence[Path], services: Services, crs: str, encoding: str) -> FileCase | None:
    from geo_service.services.boundary_files import read_files

    if not files:
        return None
    return read_files(files, city=services.city, today=services.today(), crs=crs, encoding=encoding)


def _case(
    given: FileCase | None, services: Services, day: date, *, against_store: bool
) -> BoundaryCase:
    from geo_service.services.boundaries import case_from_store, case_of
    from geo_service.services.boundary_files import merged

    if given is None:
        return case_from_store(services.store, services.city, day)
    if not against_store:
        return case_of(given.records, services.city)
    register = case_from_store(services.store, services.city, day)
    kept: list[Record] = [*register.units, *register.lines, *register.nodes]
    return case_of(merged(given.records, kept), services.city)


@contextmanager
def _progress(lang: Lang) -> Iterator[Progress]:
    """Tells the rule at work on standard error, where that is a terminal."""
    console = _console(stderr=True)
    with console.status("") as status:

        def told(number: int, total: int, rule_id: str) -> None:
            status.update(
                say("boundary.checking", lang, rule_id=rule_id, number=number + 1, total=total)
            )

        yield told


def _refuse(issues: Sequence[Issue], lang: Lang, *, json_: bool) -> None:
    if json_:
        print_json({"status": "rejected", "issues": [issue.to_json(lang) for issue in issues]})
    else:
        _tell_issues(issues, lang)
        typer.echo(say("boundary.refused", lang), err=True)
    raise typer.Exit(REFUSED_EXIT)


def _tell_issues(issues: Sequence[Issue], lang: Lang) -> None:
    for issue in issues:
        row = "" if issue.row is None else say("boundary.file_row", lang, row=issue.row)
        place = " ".join(part for part in (issue.file, row, issue.field) if part)
        said = say("boundary.file_issue", lang, place=place, message=issue.message, hint=issue.hint)
        typer.echo(said, err=True)


def _tell(report: BoundaryReport, issues: Sequence[Issue], lang: Lang, *, json_: bool) -> None:
    from geo_service.services.boundaries import report_json

    if json_:
        told = [issue.to_json(lang) for issue in issues]
        print_json({"status": "checked", "issues": told, **report_json(report, lang)})
        return
    _tell_issues(issues, lang)
    console = _console()
    console.print(
        say("boundary.title", lang, **report.counts, as_of=report.as_of, scale=report.scale)
    )
    if report.findings:
        console.print(_table(report.findings, lang))
    console.print(_total(report, lang))
    for rule_id, layer in report.rules_not_run:
        missing = say(f"boundary.layer_{layer}", lang)
        console.print(say("boundary.not_run", lang, rule_id=rule_id, layer=missing))
    console.print(report.notice.in_(lang), soft_wrap=True)


def _table(findings: Sequence[Finding], lang: Lang) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text as Styled

    from geo_service.services.wording import severity_text

    table = Table(box=SIMPLE_HEAD)
    for column in ("severity", "rule", "message", "place"):
        table.add_column(say(f"boundary.column_{column}", lang), overflow="fold")
    for finding in findings:
        style = _STYLES[finding.severity.word]
        table.add_row(
            Styled(severity_text(finding.severity, finding.rule_id, lang), style=style),
            finding.rule_id,
            finding.message.in_(lang),
            _place(finding),
        )
    return table


def _place(finding: Finding) -> str:
    if finding.geometry is None:
        return ""
    at = finding.geometry.representative_point()
    return f"{at.x:.6f}, {at.y:.6f}"


def _total(report: BoundaryReport, lang: Lang) -> str:
    if not report.findings:
        return say("boundary.none", lang, rules=len(report.rules_run))
    from geo_service.services.wording import BOUNDARIES, severity_text

    parts = [
        f"{severity_text(Severity.from_word(word), BOUNDARIES, lang)} {count}"
        for word, count in report.by_severity.items()
        if count
    ]
    listed = ("、" if lang == "zh" else ", ").join(parts)
    facts = {"count": len(report.findings), "rules": len(report.rules_run)}
    return say("boundary.total", lang, parts=listed, **facts)


def _check_target(out: Path, files: Sequence[Path]) -> None:
    from geo_service.services.interchange.exporting import check_target

    check_target(out, sources=files)


def _write(report: BoundaryReport, out: Path, lang: Lang, *, quiet: bool) -> None:
    from geo_service.services.interchange.exporting import export_findings

    count = export_findings(report.findings, out, report.notice, lang=lang)
    if not quiet:
        typer.echo(say("boundary.written", lang, count=count, file=out))
