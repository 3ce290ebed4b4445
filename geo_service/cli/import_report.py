"""The report of an import as a file that goes back to the sender."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from geo_service.domain.text import Lang
    from geo_service.services.interchange.report import ImportReport
    from geo_service.services.interchange.returning import Occasion

_FORMATS = (".xlsx", ".html", ".json")

ReportOption = Annotated[
    Path | None,
    typer.Option(
        "--report",
        metavar="FILE",
        help="另存导入报告，可退回报送方 / also write the report, to send back: "
        + " ".join(_FORMATS),
    ),
]


def check_report(target: Path | None, source: Path) -> None:
    """Refuse a target that cannot be, before anything is read. Raises InputError."""
    from geo_service.services.interchange.exporting import check_target

    if target is not None:
        check_target(target, sources=[source], formats=_FORMATS)


def write_report(target: Path, report: ImportReport, occasion: Occasion, lang: Lang) -> None:
    """Write the report in the form its suffix says. Raises InputError where the disk will not."""
    from geo_service.services.interchange.exporting import written_whole
    from geo_service.services.interchange.returning import returned

    suffix = target.suffix.lower()
    if suffix == ".json":
        with written_whole(target) as draft:
            told = json.dumps(report.to_json(lang, command=True), ensure_ascii=False, indent=1)
            draft.write_text(told + "\n", encoding="utf-8")
        return
    sent = report.sent
    if sent is None:
        raise TypeError(report)
    worded = returned(report, sent, occasion, lang)
    if suffix == ".xlsx":
        from geo_service.services.interchange.report_workbook import write_report_workbook

        write_report_workbook(target, worded, sent)
        return
    from geo_service.maps.returned import returned_page

    with written_whole(target) as draft:
        draft.write_text(returned_page(worded), encoding="utf-8")
