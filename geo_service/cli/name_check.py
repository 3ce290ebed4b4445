"""`geo-service name check`: may this name stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.name_request import (
    AtOption,
    FactOption,
    GeometryOption,
    NoRegisterOption,
    StatusOption,
    TypeOption,
    drawn,
    facts_of,
    type_of,
)
from geo_service.cli.options import (
    FINDINGS_EXIT,
    AsOfOption,
    DrawingCrsOption,
    FailOnOption,
    JsonOption,
    KeepOption,
    KnownAtOption,
    LangOption,
    StoreOption,
    actor,
    position_of,
    print_json,
    say,
    settings_for,
    tell,
)
from geo_service.domain.finding import FindingState, Severity
from geo_service.rules.names import Standing

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.compose import Services
    from geo_service.domain.finding import Finding, NearName, Verdict
    from geo_service.domain.text import Lang
    from geo_service.services.names import NameRequest
    from geo_service.store.protocol import LogMark

Lines = Iterator[str]


def _finding_lines(finding: Finding, lang: Lang) -> Lines:
    from geo_service.services.wording import citation_text, severity_text, standing_text

    yield say(
        "name.finding",
        lang,
        severity=severity_text(finding.severity, finding.rule_id, lang),
        title=finding.title.in_(lang),
        message=finding.message.in_(lang),
        rule=finding.rule_id,
    )
    if finding.state is not FindingState.OPEN:
        yield say("name.state", lang, state=standing_text(finding, lang))
    for citation in finding.citations:
        cited, gist = citation_text(citation, lang), citation.gist.in_(lang)
        yield say("name.basis", lang, cited=cited, gist=gist)
        if citation.caveat is not None:
            yield say("name.caveat", lang, caveat=citation.caveat.in_(lang))
    if finding.question is not None and finding.severity < Severity.PROHIBITED:
        yield say("name.question", lang, question=finding.question.in_(lang))
    if finding.suggestion is not None:
        yield say("name.suggestion", lang, suggestion=finding.suggestion.in_(lang))


def _near_lines(near: tuple[NearName, ...], lang: Lang) -> Lines:
    if near:
        yield say("name.near_head", lang)
    comma = "、" if lang == "zh" else ", "
    for row in near:
        metres = (
            "" if row.distance_m is None else say("name.away", lang, metres=round(row.distance_m))
        )
        reasons = comma.join(reason.in_(lang) for reason in row.reasons)
        told = {"name": row.name, "id": row.id, "likeness": f"{row.likeness:.2f}"}
        yield say("name.near", lang, reasons=reasons, away=metres, **told)


def _examined_lines(request: NameRequest, services: Services, asked: bool, lang: Lang) -> Lines:
    """Which rules looked at the name and on what they rest: a pass, too, has its reasons."""
    from geo_service.services.examination import examined_rules
    from geo_service.services.wording import citations_text

    restricted = services.restricted is not None
    yield say("name.examined_head", lang)
    for rule in examined_rules(request, services.city, register=asked, restricted=restricted):
        facts = {"title": rule.title.in_(lang), "rule": rule.id}
        if rule.lacking:
            yield say(f"name.not_examined_{rule.lacking}", lang, **facts)
        else:
            yield say("name.examined", lang, articles=citations_text(rule.citations, lang), **facts)


def _verdict_lines(verdict: Verdict, lang: Lang) -> Lines:
    from geo_service.services.wording import outcome_text

    yield say(
        "name.head",
        lang,
        name=verdict.name,
        kind=say(f"name.kind_{verdict.feature_type.value}", lang),
        as_of=verdict.as_of,
        verdict=outcome_text(verdict.outcome, lang),
    )
    for finding in verdict.findings:
        yield from _finding_lines(finding, lang)
    yield from _near_lines(verdict.near, lang)
    spelling = verdict.romanization
    yield say(f"name.spelling_{spelling.reading_source.value}", lang, text=spelling.text)
    if spelling.alternatives:
        others = ("；" if lang == "zh" else "; ").join(spelling.alternatives)
        yield say("name.other_readings", lang, others=others)


def _stated(verdict: Verdict, request: NameRequest, services: Services, *, follow: bool) -> Verdict:
    """The verdict with the states that the register keeps of its findings; kept if asked."""
    from geo_service.services import name_states

    if not follow:
        return name_states.stated(verdict, request, services.city, services.store)
    return name_states.follow(
        verdict,
        request,
        services.city,
        services.store,
        restricted=services.restricted is not None,
        actor=actor(),
        today=services.today(),
    )


def _keep(
    path: Path,
    verdict: Verdict,
    request: NameRequest,
    services: Services,
    mark: LogMark | None,
    lang: Lang,
) -> None:
    """The verdict as the rules gave it: states are the register's, and change without a rule."""
    from geo_service.services.name_record import kept_verdicts, record_json

    with kept_verdicts(path) as write:
        write(record_json(verdict, request, lang, city=services.city.code, mark=mark))


def _show(
    verdict: Verdict, request: NameRequest, services: Services, lang: Lang, *, asked: bool
) -> None:
    """The verdict for a person: what was found, which rules looked, and what it is not."""
    for line in _verdict_lines(verdict, lang):
        tell(line)
    for line in _examined_lines(request, services, asked, lang):
        tell(line)
    tell(verdict.notice.in_(lang))


def _leave(verdict: Verdict, fail_on: Severity) -> None:
    """Exit 1 for a finding at or above the severity that nobody has waived."""
    if any(f.severity >= fail_on and f.state is not FindingState.WAIVED for f in verdict.findings):
        raise typer.Exit(FINDINGS_EXIT)


FollowOption = Annotated[
    bool,
    typer.Option(
        "--follow",
        help="问题存入数据库，跟踪处理 / keep the findings in the store, to be decided on",
    ),
]


def check(
    name: Annotated[str, typer.Argument(metavar="NAME", help="要检查的名称 / the name")],
    kind: TypeOption = None,
    status: StatusOption = Standing.PROPOSED,
    at: AtOption = None,
    geometry: GeometryOption = None,
    crs: DrawingCrsOption = "",
    fact: FactOption = None,
    replaces: Annotated[
        str,
        typer.Option("--replaces", metavar="NAME", help="更名的，现用名称 / the name it replaces"),
    ] = "",
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    no_register: NoRegisterOption = False,
    keep: KeepOption = None,
    follow: FollowOption = False,
    fail_on: FailOnOption = Severity.PROHIBITED,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """按当日有效的法规检查一个地名 / check one name under the law of the day."""
    if follow and no_register:
        raise typer.BadParameter("--follow --no-register")
    if known_at is not None and (follow or keep is not None):
        raise typer.BadParameter("--known-at --follow/--keep")
    from geo_service import compose
    from geo_service.services.name_batch import batch_of
    from geo_service.services.names import NameRequest, check_name, checked_name
    from geo_service.services.wire import verdict_json

    services = compose.build(settings_for(store), known_at=known_at)
    name = checked_name(name)
    request = NameRequest(
        name,
        type_of(name, kind),
        status,
        as_of or services.today(),
        position_of(at),
        facts=facts_of(fact),
        replaces=checked_name(replaces) if replaces else "",
    )
    request = drawn(request, geometry, crs, services, lang)
    try:
        asked = None if no_register else services.store
        register, mark = asked, None
        if keep is not None:  # what is written meanwhile is not seen: a replay could not repeat it
            by = batch_of(services.city, asked, services.restricted)
            register, mark = by.register, by.mark
        found = check_name(request, services.city, register, services.restricted)
        verdict = found if asked is None else _stated(found, request, services, follow=follow)
    finally:
        services.close()
    if keep is not None:
        _keep(keep, found, request, services, mark, lang)
    if json_:
        print_json(verdict_json(verdict, lang))
    else:
        _show(verdict, request, services, lang, asked=not no_register)
    _leave(verdict, fail_on)
