"""`geo-service boundary check-description`: a description read, and held against its line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.boundary_check import ScaleOption
from geo_service.cli.boundary_description import (
    CrsOption,
    LandmarksOption,
    LineOption,
    MarkersOption,
    refuse,
    tell_issues,
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
    from collections.abc import Sequence

    from geo_service.domain.alignment import AlignmentSegment
    from geo_service.domain.text import Lang
    from geo_service.services.description_check import DescriptionReport
    from geo_service.services.interchange.issues import Issue

EncodingOption = Annotated[
    str, typer.Option("--encoding", help="说明文字编码 / encoding of the text, e.g. GB18030")
]


def check_description(
    text_file: Annotated[
        Path,
        typer.Argument(metavar="TEXT_FILE", help="走向说明，纯文本 / the description as text"),
    ],
    line: LineOption = None,
    markers: MarkersOption = None,
    landmarks: LandmarksOption = None,
    scale: ScaleOption = 10_000,
    crs: CrsOption = "",
    encoding: EncodingOption = "",
    as_of: AsOfOption = None,
    fail_on: FailOnOption = Severity.ADVISED_AGAINST,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """读走向说明；给出界线的，逐句核对 / read a description, hold it against its line.

    不给界线、界桩、地名时只解析文字。有达到 --fail-on 的问题时以 1 退出，文件不能用时以 3 退出。
    Without any layer the text is parsed only. Exit 1 with findings at or above --fail-on, 3 when a
    file cannot be used.
    """
    from geo_service import compose
    from geo_service.rules.descriptions import DescriptionCase
    from geo_service.services import description_check as checking
    from geo_service.services.description_files import Reader

    services = compose.build(settings_for())
    reader = Reader(services.city, services.today(), crs, encoding)
    segments = reader.description(text_file)
    beside = reader.beside(line, markers, landmarks)
    if reader.refused:
        refuse(reader.issues, lang, json_=json_)
    if line is markers is landmarks is None:
        _tell_parsed(segments, reader.issues, lang, json_=json_)
        return
    case = DescriptionCase(
        segments,
        services.city.plane_epsg,
        beside.line,
        beside.markers,
        beside.landmarks,
        beside.features,
    )
    day = as_of or services.today()
    report = checking.check_description(case, services.city, day, scale=scale)
    _tell(report, reader.issues, lang, json_=json_)
    if any(finding.severity >= fail_on for finding in report.findings):
        raise typer.Exit(FINDINGS_EXIT)


def _tell_parsed(
    segments: tuple[AlignmentSegment, ...], issues: Sequence[Issue], lang: Lang, *, json_: bool
) -> None:
    from geo_service.services.description_check import segment_json

    if json_:
        told = issues_json(issues, lang)
        shown = [segment_json(segment) for segment in segments]
        print_json({"status": "parsed", "issues": told, "segments": shown})
        return
    tell_issues(issues, lang)
    _tell_segments(segments, lang)


def _tell_segments(segments: tuple[AlignmentSegment, ...], lang: Lang) -> None:
    from geo_service.domain.alignment import ClauseKind
    from geo_service.rules.descriptions import quoted
    from geo_service.services.description_check import unparsed

    for segment in segments:
        typer.echo(say("alignment.cli_segment", lang, name=segment.name))
        for clause in segment.clauses:
            understood = clause.kind is not ClauseKind.UNPARSED
            form = "cli_clause" if understood else "cli_unparsed"
            bearing = "" if clause.bearing_deg is None else f"{clause.bearing_deg:.2f}°"
            typer.echo(say(f"alignment.{form}", lang, quote=quoted(clause), bearing=bearing))
    facts = {"segments": len(segments), "clauses": sum(len(s.clauses) for s in segments)}
    typer.echo(say("alignment.cli_parsed", lang, **facts, unparsed=len(unparsed(segments))))


def _tell(report: DescriptionReport, issues: Sequence[Issue], lang: Lang, *, json_: bool) -> None:
    from geo_service.services.description_check import report_json
    from geo_service.services.wording import severity_text

    if json_:
        told = issues_json(issues, lang)
        print_json({"status": "checked", "issues": told, **report_json(report, lang)})
        return
    tell_issues(issues, lang)
    _tell_segments(report.segments, lang)
    for finding in report.findings:
        grade = severity_text(finding.severity, finding.rule_id, lang)
        typer.echo(f"[{grade}] {finding.rule_id} {finding.message.in_(lang)}")
    for rule_id, layer in report.rules_not_run:
        missing = say(f"rules.word_{layer}", lang)
        typer.echo(say("boundary.not_run", lang, rule_id=rule_id, layer=missing))
    facts = {
        "count": len(report.findings),
        "rules": len(report.rules_run),
        "placed": report.counts["placed"],
        "segments": report.counts["segments"],
    }
    typer.echo(say("alignment.cli_checked", lang, **facts))
    typer.echo(report.notice.in_(lang))
