"""`geo-service name check-file`: a sheet of names in, the same rows with their verdicts out."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.name_request import NoRegisterOption
from geo_service.cli.options import (
    FINDINGS_EXIT,
    REFUSED_EXIT,
    AsOfOption,
    EncodingOption,
    FailOnOption,
    JsonOption,
    KeepOption,
    KnownAtOption,
    LangOption,
    StoreOption,
    print_json,
    say,
    settings_for,
    tell,
)
from geo_service.domain.finding import Severity
from geo_service.domain.place import FeatureType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from geo_service.compose import Services
    from geo_service.domain.text import Lang
    from geo_service.services.name_batch import Batch, RowAnswer
    from geo_service.services.name_file import FileReport, Watcher


@contextmanager
def _progress(lang: Lang) -> Iterator[Watcher]:
    """A bar on standard error, for whoever sits before it; nothing where nobody does."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(say("batch.working", lang), total=None)
        yield lambda done, rows: bar.update(task, completed=done, total=rows)


def _show(report: FileReport, target: Path, lang: Lang) -> None:
    counts = report.count.to_json()
    for notice in report.notices:
        tell(notice.in_(lang), err=True)
    tell(say("batch.done", lang, file=target, pass_=counts.pop("pass"), **counts))
    for row, problem in report.problems:
        tell(say("batch.problem", lang, row=row, problem=problem.in_(lang)))
    hidden = report.count.problems - len(report.problems)
    if hidden:
        tell(say("batch.more_problems", lang, count=hidden))
    tell(say("name.notice", lang))


def _batch(services: Services, known_at: datetime | None, *, no_register: bool) -> Batch:
    """What the names are held against; a register of then has no mark to replay them by."""
    from geo_service.services.name_batch import Batch, batch_of

    asked = None if no_register else services.store
    if known_at is not None:
        return Batch(services.city, services.restricted, asked)
    return batch_of(services.city, asked, services.restricted)


@contextmanager
def _keeping(
    path: Path | None, batch: Batch, lang: Lang
) -> Iterator[Callable[[RowAnswer], object]]:
    """Writes the verdicts that it is given to the file, where one was named."""
    from geo_service.services.name_batch import line_of
    from geo_service.services.name_record import kept_verdicts

    if path is None:
        yield lambda _answer: None
        return
    with kept_verdicts(path) as write:
        yield lambda answer: write(line_of(answer, batch, lang))


def _leave(report: FileReport, fail_on: Severity) -> None:
    if report.count.problems == report.count.rows:
        raise typer.Exit(REFUSED_EXIT)
    if report.count.worst is not None and report.count.worst >= fail_on:
        raise typer.Exit(FINDINGS_EXIT)


def check_file(
    source: Annotated[Path, typer.Argument(metavar="IN", help="名称表 CSV/XLSX / sheet of names")],
    target: Annotated[
        Path, typer.Argument(metavar="OUT", help="结果文件 CSV/XLSX / file to be written")
    ],
    kind: Annotated[
        FeatureType | None,
        typer.Option("--type", help="未写类型的行按此类型，默认按通名推断 / type of rows without"),
    ] = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    no_register: NoRegisterOption = False,
    encoding: EncodingOption = "",
    keep: KeepOption = None,
    fail_on: FailOnOption = Severity.PROHIBITED,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """逐行检查一个名称表，原样写回并附上结果 / check a sheet of names, row by row.

    列名中文、英文均可：name，可有 feature_type、status、lon、lat、unit_code 和规模各列。
    as_of 列写明该行按哪一天的法规。不能检查的行写明原因，其余照常；没有一行能检查的以 3 退出。
    与同表其他名称也作比较。
    """
    if known_at is not None and keep is not None:
        raise typer.BadParameter("--known-at --keep")
    from geo_service import compose
    from geo_service.services.name_file import check_file as run
    from geo_service.services.name_file import report_json

    services = compose.build(settings_for(store), known_at=known_at)
    try:
        batch = _batch(services, known_at, no_register=no_register)
        with _keeping(keep, batch, lang) as kept, _progress(lang) as watch:
            report = run(
                source,
                target,
                batch,
                as_of=as_of or services.today(),
                today=services.today(),
                kind=kind,
                lang=lang,
                encoding=encoding,
                watch=watch,
                keep=kept,
            )
    finally:
        services.close()
    if json_:
        print_json({"file": str(target), **report_json(report, lang)})
    else:
        _show(report, target, lang)
    _leave(report, fail_on)
