"""`geo-service bench`: what the program costs on this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.options import JsonOption, LangOption, print_json, say

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from geo_service.domain.text import Lang
    from geo_service.services.benching.boundaries import BoundaryBench, FaultRow
    from geo_service.services.benching.names import BenchReport, SizeReport

app = typer.Typer(help="性能测量 / benchmarks", no_args_is_help=True, rich_markup_mode=None)

_LARGEST = 20_000_000
_MOST_COPIES = 20


@app.callback()
def _group() -> None:
    """性能测量 / benchmarks."""


def _sizes(text: str) -> tuple[int, ...]:
    try:
        sizes = tuple(int(part) for part in text.replace("，", ",").split(","))
    except ValueError:
        sizes = ()
    if not sizes or not all(1 <= size <= _LARGEST for size in sizes):
        raise typer.BadParameter(f"应写作 10000,100000 / expected 10000,100000: {text}")
    return sizes


def _table(report: SizeReport, lang: Lang) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    table.add_column(say("bench.what", lang), overflow="fold")
    for column in ("calls", "p50", "p99", "clock"):
        table.add_column(say(f"bench.{column}", lang), justify="right")
    for row in report.timings:
        clock = say("bench.clock_wall" if row.outside else "bench.clock_cpu", lang)
        facts = (str(row.calls), f"{row.p50:.3f}", f"{row.p99:.3f}", clock)
        table.add_row(row.title.in_(lang), *facts)
    return table


def _print(report: BenchReport, console: Console, lang: Lang) -> None:
    console.print(
        say("bench.rules", lang, rules=report.rules, speed=f"{report.rules_names_per_s:,.0f}")
    )
    for size in report.sizes:
        facts = {
            "size": f"{size.size:,}",
            "load": size.load_s,
            "file": size.file_mb,
            "index": size.index_mb,
            "million": size.index_mb / size.size * 1e6,
            "fill": size.index_s,
        }
        console.print(say("bench.size", lang, **facts))
        console.print(_table(size, lang))
        for note in size.notes:
            console.print(note.in_(lang))


def _run(sizes: tuple[int, ...], calls: int, postgres: str | None, lang: Lang) -> BenchReport:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from geo_service import cities, settings
    from geo_service.rules.engine import rules_of
    from geo_service.services.benching.names import BenchReport, measure, rules_alone

    city = cities.city(settings.load().city)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(say("bench.step_rules", lang), total=1 + len(sizes))
        speed = rules_alone(city)
        progress.advance(task)
        reports = []
        for size in sizes:

            def told(step: str, size: int = size) -> None:
                title = say(f"bench.step_{step}", lang, size=f"{size:,}")
                progress.update(task, description=title)

            reports.append(measure(size, city, calls=calls, postgres=postgres, told=told))
            progress.advance(task)
    return BenchReport(len(rules_of("names")), speed, tuple(reports))


@app.command()
def names(
    sizes: Annotated[
        str,
        typer.Option("--sizes", metavar="N,N", help="登记簿的地名数 / names in the register"),
    ] = "10000,100000,1000000",
    calls: Annotated[int, typer.Option("--calls", min=1, help="每项次数 / calls of each")] = 200,
    postgres: Annotated[
        str | None,
        typer.Option("--postgres", metavar="URL", help="与 pg_trgm 对照 / compare with pg_trgm"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="结果另存 JSON / save as JSON")
    ] = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """在虚构登记簿上测量地名检查和查找 / measure checks and searches on an invented register."""
    from rich.console import Console

    from geo_service.services.benching.names import bench_json

    report = _run(_sizes(sizes), calls, postgres, lang)
    value = bench_json(report, lang)
    if out is not None:
        out.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if json_:
        print_json(value)
        return
    console = Console(highlight=False, markup=False, emoji=False)
    _print(report, console, lang)
    if out is not None:
        console.print(say("bench.saved", lang, path=out))


def _copies(text: str) -> tuple[int, ...]:
    try:
        copies = tuple(int(part) for part in text.replace("，", ",").split(",") if part.strip())
    except ValueError:
        copies = (0,)
    if not all(1 <= number <= _MOST_COPIES for number in copies):
        raise typer.BadParameter(f"应写作 1,2,5,10 / expected 1,2,5,10: {text}")
    return copies


def _fault_table(report: BoundaryBench, lang: Lang) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    for column in ("fault", "found", "named", "width", "area"):
        table.add_column(say(f"bench.{column}", lang), overflow="fold")
    for peer in report.peers:
        table.add_column(peer, overflow="fold")
    for row in report.faults:
        table.add_row(*_fault_cells(row, lang))
    return table


def _fault_cells(row: FaultRow, lang: Lang) -> tuple[str, ...]:
    answers = {True: "bench.yes", False: "bench.no", None: "bench.failed"}
    kinds = (f"{say(f'bench.kind_{kind}', lang)} {count}" for kind, count in row.found)
    return (
        say(f"bench.fault_{row.key}", lang),
        " ".join(kinds),
        say(answers[row.named], lang),
        f"{row.width_m:,.2f}",
        f"{row.area_m2:,.0f}",
        *(say(answers[noticed], lang) for noticed in row.noticed),
    )


def _print_boundaries(report: BoundaryBench, console: Console, lang: Lang) -> None:
    from dataclasses import asdict

    console.print(say("bench.city", lang, **asdict(report.city)))
    console.print(_fault_table(report, lang))
    nation = report.nation
    if nation is None:
        console.print(say("bench.no_nation", lang))
    else:
        figures = asdict(nation)
        figures |= {"ours": min(nation.ours_ms), "geos": min(nation.geos_ms)}
        console.print(say("bench.nation", lang, **figures, ratio=nation.ratio))
        for kind, parties, width_m, area_m2 in nation.troubles:
            what = say(f"bench.kind_{kind}", lang)
            facts = {"what": what, "parties": parties, "width": width_m, "area": area_m2}
            console.print(say("bench.trouble", lang, **facts))
    for row in report.growth:
        console.print(say("bench.growth", lang, **asdict(row)))
    if len(report.growth) > 1:
        console.print(say("bench.exponent", lang, exponent=report.exponent))


@app.command()
def boundaries(
    calls: Annotated[int, typer.Option("--calls", min=1, help="每项次数 / calls of each")] = 5,
    copies: Annotated[
        str,
        typer.Option("--copies", metavar="N,N", help="拼接份数，测增长 / tiled copies, for growth"),
    ] = "",
    national: Annotated[
        bool,
        typer.Option(
            "--national/--no-national",
            help="已装的全国县级面，只计数，不绘不存 / installed outlines, counted only",
        ),
    ] = True,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="结果另存 JSON / save as JSON")
    ] = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """测量行政区域面的检查，与常用工具对照 / measure the inspection of unit polygons."""
    from rich.console import Console

    from geo_service import settings
    from geo_service.services.benching.boundaries import bench_json, measure

    progress = Console(stderr=True)
    report = measure(
        settings.load().city,
        calls,
        _copies(copies),
        national=national,
        told=lambda step: progress.print(say(f"bench.step_{step}", lang)),
    )
    value = bench_json(report)
    if out is not None:
        out.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if json_:
        print_json(value)
        return
    console = Console(highlight=False, markup=False, emoji=False)
    _print_boundaries(report, console, lang)
    if out is not None:
        console.print(say("bench.saved", lang, path=out))


@app.command("bad-files")
def bad_files(
    only: Annotated[
        str, typer.Option("--only", metavar="WORD", help="只测名称含此词的 / names with this word")
    ] = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="结果另存 JSON / save as JSON")
    ] = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """造接近上限的坏文件，测量拒收用时 / how soon large bad files are refused."""
    import tempfile
    from dataclasses import asdict

    from geo_service.services.benching.bad_files import FILES, measure

    costs = []
    with tempfile.TemporaryDirectory() as folder:
        for bad in (bad for bad in FILES if only in bad.name):
            costs.append(cost := measure(bad, Path(folder)))
            if not json_:
                said = say("bench.yes" if cost.refused else "bench.no", lang)
                facts = {**asdict(cost), "refused": said, "codes": ", ".join(cost.codes)}
                typer.echo(say("bench.bad_file", lang, **facts))
    if out is not None:
        text = json.dumps([asdict(cost) for cost in costs], ensure_ascii=False, indent=1)
        out.write_text(f"{text}\n", encoding="utf-8")
    if json_:
        print_json([asdict(cost) for cost in costs])
    elif out is not None:
        typer.echo(say("bench.saved", lang, path=out))
