"""`geo-service boundary compare`: two copies of the same lines laid beside each other."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.boundary_check import (
    EncodingOption,
    ScaleOption,
    refuse,
    tell_issues,
    terminal,
)
from geo_service.cli.options import (
    FINDINGS_EXIT,
    AsOfOption,
    FailOnOption,
    JsonOption,
    LangOption,
    issues_json,
    print_json,
    say,
    settings_for,
)
from geo_service.domain.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from rich.table import Table

    from geo_service.cities import CityProfile
    from geo_service.domain.boundary import AdministrativeBoundary
    from geo_service.domain.finding import Finding
    from geo_service.domain.text import Lang
    from geo_service.geometry.reconciliation import Reconciliation
    from geo_service.services.boundary_files import FileCase
    from geo_service.services.comparison import (
        ComparedLine,
        ComparisonReport,
        Progress,
    )
    from geo_service.services.interchange.issues import Issue

_COLUMNS = (
    "line",
    "matched",
    "median",
    "p95",
    "max",
    "area",
    "departures",
    "worst",
    "left",
    "vertices",
)

FileArgument = Annotated[
    Path, typer.Argument(help="界线文件，或共边的面文件 / lines, or units that share their edges")
]
CrsOption = Annotated[str, typer.Option(metavar="EPSG:n", help="该份坐标系 / system of that copy")]
LayersOption = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="FILE", help="各段写成 .gpkg .geojson .csv / stretches as a file"
    ),
]
MapOption = Annotated[
    Path | None, typer.Option("--map", metavar="FILE", help="地图写成 .html / the map as a page")
]


def compare(
    file_a: FileArgument,
    file_b: FileArgument,
    crs_a: CrsOption = "",
    crs_b: CrsOption = "",
    encoding: EncodingOption = "",
    scale: ScaleOption = 10_000,
    out: LayersOption = None,
    map_: MapOption = None,
    as_of: AsOfOption = None,
    fail_on: FailOnOption = Severity.PROHIBITED,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """逐条比对两份界线资料，只列差别不作取舍 / compare two copies of lines, choosing neither.

    有达到 --fail-on 的问题时以 1 退出；文件不能用或没有共同界线时以 3 退出。
    Exit 1 with findings at or above --fail-on, 3 when a file cannot be used or no line is common.
    """
    from geo_service import compose
    from geo_service.services.comparison import compare_copies

    files = (file_a, file_b)
    _check_targets(out, map_, files)
    services = compose.build(settings_for())
    city, today = services.city, services.today()
    read = [
        _read(file, crs, encoding, city, today)
        for file, crs in zip(files, (crs_a, crs_b), strict=True)
    ]
    issues = [issue for given in read for issue in given.issues]
    if any(given.refused for given in read):
        refuse(issues, lang, json_=json_)
    a, b = (_lines(given, file, city) for given, file in zip(read, files, strict=True))
    with _progress(lang) as progress:
        report = compare_copies(
            a,
            b,
            city,
            as_of or today,
            scale=scale,
            tallies_a=read[0].tallies,
            tallies_b=read[1].tallies,
            progress=progress,
        )
    _tell(report, files, issues, lang, json_=json_)
    if out is not None:
        _write(report, out, lang, quiet=json_)
    if map_ is not None:
        _draw(report, map_, city, lang, quiet=json_)
    if any(finding.severity >= fail_on for finding in report.findings):
        raise typer.Exit(FINDINGS_EXIT)


def _check_targets(out: Path | None, map_: Path | None, files: Sequence[Path]) -> None:
    from geo_service.services.interchange.exporting import check_target

    if out is not None:
        check_target(out, sources=files)
    if map_ is not None:
        check_target(map_, sources=files, formats=(".html",))


def _read(file: Path, crs: str, encoding: str, city: CityProfile, today: date) -> FileCase:
    from geo_service.services.boundary_files import read_files
    from geo_service.services.comparison_pairs import MISPLACED

    return read_files(
        [file], city=city, today=today, crs=crs, encoding=encoding, let_through=MISPLACED
    )


def _lines(given: FileCase, file: Path, city: CityProfile) -> tuple[AdministrativeBoundary, ...]:
    from geo_service.errors import InputError
    from geo_service.services.comparison_pairs import lines_of

    lines = lines_of(given.records, city)
    if not lines:
        raise InputError("copy_without_lines", file=file.name)
    return lines


@contextmanager
def _progress(lang: Lang) -> Iterator[Progress]:
    """Tells the line at work on standard error, where that is a terminal."""
    with terminal(stderr=True).status("") as status:

        def told(number: int, total: int, name: str) -> None:
            status.update(say("compare.comparing", lang, name=name, number=number + 1, total=total))

        yield told


def _tell(
    report: ComparisonReport,
    files: Sequence[Path],
    issues: Sequence[Issue],
    lang: Lang,
    *,
    json_: bool,
) -> None:
    from geo_service.geometry.tolerance import line_tolerance_m
    from geo_service.services.comparison import comparison_json

    if json_:
        told = issues_json(issues, lang)
        print_json({"status": "compared", "issues": told, **comparison_json(report, lang)})
        return
    tell_issues(issues, lang)
    desk = terminal()
    desk.print(
        say(
            "compare.title",
            lang,
            file_a=files[0].name,
            file_b=files[1].name,
            lines=len(report.lines),
            as_of=report.as_of,
            scale=report.scale,
            tolerance=f"{line_tolerance_m(report.scale):g}",
        ),
        soft_wrap=True,
    )
    desk.print(_table(report.lines, lang))
    for sentence in _remarks(report, lang):
        desk.print(sentence, soft_wrap=True)


def _table(lines: Sequence[ComparedLine], lang: Lang) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    for column in _COLUMNS:
        told = column in ("line", "worst")
        heading = say(f"compare.column_{column}", lang)
        table.add_column(heading, justify="left" if told else "right", overflow="fold")
    for line in lines:
        by = say(f"compare.by_{line.paired_by}", lang)
        name = say("compare.paired", lang, name=line.copies.name, by=by)
        found = line.copies.measured
        if found is None:
            table.add_row(name, say("compare.not_drawn", lang))
        else:
            table.add_row(name, *_figures(found, line, lang))
    return table


def _figures(found: Reconciliation, line: ComparedLine, lang: Lang) -> Iterator[str]:
    """The figures of a line in the order of the columns; each way the larger distance."""
    ways = (found.a_to_b, found.b_to_a)
    yield f"{found.matched_m / 1000:,.2f}/{found.length_a_m / 1000:,.2f}"
    yield f"{max(way.median_m for way in ways):,.2f}"
    yield f"{max(way.p95_m for way in ways):,.2f}"
    yield f"{found.hausdorff_m:,.2f}"
    yield f"{found.area_m2 / 1e4:,.2f}"
    yield str(len(found.departures))
    yield _worst(found, lang)
    left = line.residual
    yield "" if left is None else f"{max(way.median_m for way in left):,.2f}"
    yield f"{found.vertices_a.equal}/{found.vertices_a.count}"


def _worst(found: Reconciliation, lang: Lang) -> str:
    if not found.departures:
        return ""
    worst = max(found.departures, key=lambda stretch: stretch.largest_m)
    side = say(f"compare.side_{worst.side}", lang)
    start, end = (f"{metres / 1000:.2f}" for metres in (worst.own.from_m, worst.own.to_m))
    return say("compare.worst", lang, side=side, start=start, end=end)


def _remarks(report: ComparisonReport, lang: Lang) -> Iterator[str]:
    """What is said under the table."""
    from geo_service.services.comparison_words import offset_text

    for side, lines in (("a", report.only_a), ("b", report.only_b)):
        if lines:
            names = ("、" if lang == "zh" else ", ").join(line.name or line.code for line in lines)
            yield say("compare.only", lang, side=say(f"compare.side_{side}", lang), names=names)
    if report.offset is not None:
        yield offset_text(report.offset, lang)
    yield from _findings(report.findings, lang)
    yield _total(report, lang)
    yield report.notice.in_(lang)


def _findings(findings: Sequence[Finding], lang: Lang) -> Iterator[str]:
    """Each rule with its basis; what the table has in figures is not said again line by line."""
    from itertools import groupby

    from geo_service.services.wording import citations_text

    for rule_id, grouped in groupby(findings, key=lambda finding: finding.rule_id):
        alike = list(grouped)
        yield say(
            "compare.rule",
            lang,
            rule_id=rule_id,
            title=alike[0].title.in_(lang),
            count=len(alike),
            basis=citations_text(alike[0].citations, lang),
        )
        for finding in alike:
            if finding.measure is None:
                yield f"  {finding.message.in_(lang)}"


def _total(report: ComparisonReport, lang: Lang) -> str:
    from geo_service.services.wording import BOUNDARIES, severity_text

    if not report.findings:
        return say("compare.none", lang)
    parts = [
        f"{severity_text(Severity.from_word(word), BOUNDARIES, lang)} {count}"
        for word, count in report.by_severity.items()
        if count
    ]
    listed = ("、" if lang == "zh" else ", ").join(parts)
    return say("compare.total", lang, count=len(report.findings), parts=listed)


def _write(report: ComparisonReport, out: Path, lang: Lang, *, quiet: bool) -> None:
    from geo_service.services.comparison_layers import layers_of
    from geo_service.services.interchange.exporting import export_layers

    count = export_layers(layers_of(report), out, report.notice, lang=lang)
    if not quiet:
        typer.echo(say("compare.written", lang, count=count, file=out))


def _draw(
    report: ComparisonReport, map_: Path, city: CityProfile, lang: Lang, *, quiet: bool
) -> None:
    from geo_service.maps.comparison import comparison_map
    from geo_service.maps.offline import vendored_assets
    from geo_service.services.interchange.exporting import written_whole

    page = comparison_map(report, city=city, lang=lang, assets=vendored_assets())
    with written_whole(map_) as draft:
        draft.write_text(page, encoding="utf-8")
    if not quiet:
        typer.echo(say("compare.map_written", lang, file=map_))
