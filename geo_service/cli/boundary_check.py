"""`geo-service boundary check`: whether units, lines and junctions hold together."""

from __future__ import annotations

from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.boundary_states import state_lines
from geo_service.cli.options import (
    FINDINGS_EXIT,
    AsOfOption,
    FailOnOption,
    JsonOption,
    KnownAtOption,
    LangOption,
    StoreOption,
    actor,
    issues_json,
    print_json,
    say,
    settings_for,
)
from geo_service.domain.finding import FindingState, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console
    from rich.table import Table

    from geo_service.domain.finding import Finding
    from geo_service.domain.kept_finding import ReviewRun
    from geo_service.domain.text import Lang
    from geo_service.rules.boundaries import BoundaryCase
    from geo_service.services.boundaries import BoundaryReport, Progress
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
MarkersOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--markers",
        metavar="FILE",
        help="界桩成果表、登记表、联检记录，可多次 / papers on markers, may be repeated",
    ),
]
MarkersCrsOption = Annotated[
    str,
    typer.Option(
        "--markers-crs",
        metavar="EPSG:n",
        help="界桩文件坐标系，不写同 --crs / system of the marker files, else that of --crs",
    ),
]
LayerOption = Annotated[
    list[str] | None,
    typer.Option(
        "--layer",
        metavar="KIND=FILE",
        help="旁证图层或表格，可多次，如 inspections=a.xlsx / layers and papers beside, repeatable",
    ),
]
LayersCrsOption = Annotated[
    str,
    typer.Option(
        "--layers-crs",
        metavar="EPSG:n",
        help="旁证图层坐标系，不写同 --crs / system of the layers beside, else that of --crs",
    ),
]
PublicOption = Annotated[
    bool,
    typer.Option(
        "--public",
        help="只给可公开的部分，不含界桩、协议、位置 / the public part: no markers, no positions",
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="问题写成 .geojson .gpkg .csv / findings as a file"),
]
KeepRunOption = Annotated[
    bool,
    typer.Option(
        "--keep",
        help="把结果存入数据库，跟踪问题状态 / keep the review: findings are followed over runs",
    ),
]


def terminal(*, stderr: bool = False) -> Console:
    """A terminal that prints text as it is."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


def check(
    files: FilesArgument = None,
    markers: MarkersOption = None,
    scale: ScaleOption = 10_000,
    against_store: AgainstStoreOption = False,
    crs: CrsOption = "",
    markers_crs: MarkersCrsOption = "",
    layer: LayerOption = None,
    layers_crs: LayersCrsOption = "",
    encoding: EncodingOption = "",
    out: OutOption = None,
    public: PublicOption = False,
    keep: KeepRunOption = False,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    fail_on: FailOnOption = Severity.PROHIBITED,
    store: StoreOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """检查面、界线、三交点、代码和界桩是否一致 / check units, lines, junctions, codes, markers.

    有达到 --fail-on 且未豁免的问题时以 1 退出；文件不能用或当日没有记录时以 3 退出。
    Exit 1 with findings not waived at or above --fail-on, 3 when a file cannot be used.
    """
    from geo_service import compose
    from geo_service.services.boundary_review import Papers, followed, read_papers, review

    beside = [_layer(word) for word in layer or ()]
    if out is not None:
        _check_target(out, [*(files or ()), *(markers or ()), *(path for _, path in beside)])
    if known_at is not None and keep:
        raise typer.BadParameter("--known-at --keep")
    papers = Papers(
        files=files or (),
        markers=markers or (),
        layers=beside,
        crs=crs,
        markers_crs=markers_crs,
        layers_crs=layers_crs,
        encoding=encoding,
    )
    with closing(compose.build(settings_for(store), known_at=known_at)) as services:
        city, today = services.city, services.today()
        handed = read_papers(papers, city=city, today=today)
        if handed.refused:
            refuse(handed.issues, lang, json_=json_)
        register = services.store if against_store or not files else None
        with _progress(lang) as progress:
            reviewed = review(
                handed, register, city=city, as_of=as_of or today, scale=scale, progress=progress
            )
        report, run = reviewed.report, None
        if keep or register is not None:
            report, run = followed(reviewed, services.store, keep=keep, actor=actor(), today=today)
    shown = _public(report, reviewed.case) if public else report
    _tell(shown, run, () if public else handed.issues, lang, json_=json_)
    if out is not None:
        _write(shown, out, lang, quiet=json_)
    _exit_if_found(report, fail_on)


def _exit_if_found(report: BoundaryReport, fail_on: Severity) -> None:
    """Exit 1 where a finding of that weight was not waived."""
    if any(f.severity >= fail_on and f.state is not FindingState.WAIVED for f in report.findings):
        raise typer.Exit(FINDINGS_EXIT)


def _layer(word: str) -> tuple[str, Path]:
    """The word of a layer and its file. Raises BadParameter, InputError for an unknown layer."""
    from geo_service.services.interchange.layers import layer_class

    kind, equals, path = word.partition("=")
    if not equals or not path:
        raise typer.BadParameter(f"{word}: KIND=FILE", param_hint="--layer")
    return layer_class(kind).LAYER, Path(path)


@contextmanager
def _progress(lang: Lang) -> Iterator[Progress]:
    """Tells the rule at work on standard error, where that is a terminal."""
    console = terminal(stderr=True)
    with console.status("") as status:

        def told(number: int, total: int, rule_id: str) -> None:
            status.update(
                say("boundary.checking", lang, rule_id=rule_id, number=number + 1, total=total)
            )

        yield told


def refuse(issues: Sequence[Issue], lang: Lang, *, json_: bool) -> None:
    """Tell why the files cannot be used, and end with `REFUSED_EXIT`."""
    if json_:
        print_json({"status": "rejected", "issues": issues_json(issues, lang)})
    else:
        tell_issues(issues, lang)
        typer.echo(say("boundary.refused", lang), err=True)
    raise typer.Exit(REFUSED_EXIT)


def tell_issues(issues: Sequence[Issue], lang: Lang) -> None:
    """What was noticed in reading the files, on standard error."""
    for issue in issues:
        row = "" if issue.row is None else say("boundary.file_row", lang, row=issue.row)
        place = " ".join(part for part in (issue.file, row, issue.field) if part)
        said = say(
            "boundary.file_issue", lang, place=place, message=issue.message, hint=issue.command_hint
        )
        typer.echo(said, err=True)


def _tell(
    report: BoundaryReport,
    run: ReviewRun | None,
    issues: Sequence[Issue],
    lang: Lang,
    *,
    json_: bool,
) -> None:
    from geo_service.services.boundaries import report_json

    if json_:
        told = issues_json(issues, lang)
        kept = {} if run is None else {"kept": {"run": run.id, **dict(run.tally)}}
        print_json({"status": "checked", "issues": told, **report_json(report, lang), **kept})
        return
    tell_issues(issues, lang)
    console = terminal()
    console.print(
        say("boundary.title", lang, **report.counts, as_of=report.as_of, scale=report.scale)
    )
    checked = "markers_checked" if "markers" in report.counts else "no_markers"
    console.print(say(f"boundary.{checked}", lang, markers=report.counts.get("markers", 0)))
    if report.findings:
        console.print(_table(report.findings, lang))
    console.print(_total(report, lang))
    for line in state_lines(report, run, lang):
        console.print(line)
    for line in _not_run(report, lang):
        console.print(line)
    console.print(report.notice.in_(lang), soft_wrap=True)


def _not_run(report: BoundaryReport, lang: Lang) -> Iterator[str]:
    """The rules that lacked a layer, one line to a layer."""
    from geo_service.services.rule_wording import words

    lacking: dict[str, list[str]] = {}
    for rule_id, layer in report.rules_not_run:
        lacking.setdefault(layer, []).append(rule_id)
    for layer, rules in lacking.items():
        missing, listed = words([layer]).in_(lang), " ".join(rules)
        yield say("boundary.not_run", lang, rule_id=listed, layer=missing)


def _table(findings: Sequence[Finding], lang: Lang) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text as Styled

    from geo_service.services.wording import severity_text, standing_text

    table = Table(box=SIMPLE_HEAD)
    followed = any(finding.state is not FindingState.OPEN for finding in findings)
    for column in ("severity", *(["state"] if followed else []), "rule", "message", "place"):
        table.add_column(say(f"boundary.column_{column}", lang), overflow="fold")
    for finding in findings:
        style = _STYLES[finding.severity.word]
        table.add_row(
            Styled(severity_text(finding.severity, finding.rule_id, lang), style=style),
            *([standing_text(finding, lang)] if followed else []),
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


def _public(report: BoundaryReport, case: BoundaryCase) -> BoundaryReport:
    from geo_service.domain.provenance import Label
    from geo_service.services.disclosure import shown_to

    return shown_to(Label.PUBLIC, report, case)


def _check_target(out: Path, files: Sequence[Path]) -> None:
    from geo_service.services.interchange.exporting import check_target

    check_target(out, sources=files)


def _write(report: BoundaryReport, out: Path, lang: Lang, *, quiet: bool) -> None:
    from geo_service.services.interchange.exporting import export_findings

    count = export_findings(report.findings, out, report.notice, lang=lang)
    if not quiet:
        typer.echo(say("boundary.written", lang, count=count, file=out))
