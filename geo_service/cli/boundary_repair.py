"""`geo-service boundary repair`: mends proposed, and applied only as recorded changes."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.boundary_check import (
    CrsOption,
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
    KnownAtOption,
    LangOption,
    StoreOption,
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
    from geo_service.compose import Services
    from geo_service.domain.change import LoggedChange
    from geo_service.domain.repair import Effect, RepairProposal, Unmended
    from geo_service.domain.text import Lang, Text
    from geo_service.services.interchange.issues import Issue
    from geo_service.services.repairing.proposing import Asked, Progress, RepairPlan

FilesArgument = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[FILE]...",
        help="单位、界线、节点文件，只预览；不写则用数据库 / files, preview only; none: the store",
    ),
]
LockOption = Annotated[
    list[str] | None,
    typer.Option("--lock", metavar="CODE", help="该单位或界线不动，可多次 / this record stays"),
]
UnlockOption = Annotated[
    list[str] | None,
    typer.Option(
        "--unlock", metavar="LINE", help="该条已有协议的界线可以改登记 / an agreed line may change"
    ),
]
OnlyOption = Annotated[
    str,
    typer.Option("--only", metavar="ID", help="只试这一问题或提议 / one finding or proposal only"),
]
ApplyOption = Annotated[
    str, typer.Option("--apply", metavar="ID", help="把该提议写入数据库 / write it to the store")
]
RevertOption = Annotated[
    str, typer.Option("--revert", metavar="ID", help="撤回已应用的提议 / take an applied one back")
]
ActorOption = Annotated[
    str, typer.Option("--actor", metavar="NAME", help="应用或撤回的人 / who applies or takes back")
]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="理由 / why")]
LayersOption = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="FILE", help="改前改后写成 .gpkg .geojson .csv / before and after"
    ),
]
MapOption = Annotated[
    Path | None, typer.Option("--map", metavar="FILE", help="地图写成 .html / the map as a page")
]


def repair(
    files: FilesArgument = None,
    lock: LockOption = None,
    unlock: UnlockOption = None,
    only: OnlyOption = "",
    apply: ApplyOption = "",
    revert: RevertOption = "",
    actor: ActorOption = "",
    reason: ReasonOption = "",
    scale: ScaleOption = 10_000,
    crs: CrsOption = "",
    encoding: EncodingOption = "",
    out: LayersOption = None,
    map_: MapOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    fail_on: FailOnOption = Severity.PROHIBITED,
    store: StoreOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """预览对检查问题的修复，由人应用并记录 / preview mends; a person applies one, on record.

    每条提议都在全部资料上试过。外市资料和已有协议的界线默认不动。预览时有达到 --fail-on 的问题以 1
    退出；文件不能用、没有该提议以 3 退出；预览后登记已变以 4 退出。
    Every proposal was tried on all records. Other cities' copies and agreed lines stay unless
    unlocked. A preview exits 1 with findings at or above --fail-on; 3 for unusable files or an
    unknown proposal; 4 where the register has changed since.
    """
    from geo_service import compose
    from geo_service.errors import NotFound
    from geo_service.services.repairing.proposing import Asked

    _check_request(files or [], apply, revert, out, map_)
    if known_at is not None and (apply or revert):
        raise typer.BadParameter("--known-at --apply/--revert")
    services = compose.build(settings_for(store), known_at=known_at)
    try:
        if revert:
            _take_back(services, revert, actor, reason, lang, json_=json_)
            return
        day = as_of or services.today()
        asked = Asked(scale, tuple(lock or ()), tuple(unlock or ()), apply or only)
        if apply:
            _apply(services, day, asked, (actor, reason), lang, json_=json_)
            return
        form = (crs, encoding)
        issues, plan = _preview(files or [], services, day, asked, form, lang, json_=json_)
        if only and not plan.proposals and not plan.unmended:
            raise NotFound("repair_unknown", repair=only)
        _tell(plan, issues, lang, json_=json_)
        _write(plan, services.city, out, map_, lang, quiet=json_)
    finally:
        services.close()
    if any(finding.severity >= fail_on for finding in plan.report.findings):
        raise typer.Exit(FINDINGS_EXIT)


def _check_request(
    files: Sequence[Path], apply: str, revert: str, out: Path | None, map_: Path | None
) -> None:
    from geo_service.errors import InputError
    from geo_service.services.interchange.exporting import check_target

    if files and (apply or revert):
        raise InputError("repair_files_are_evidence")
    if apply and revert:
        raise typer.BadParameter(
            "--apply 与 --revert 不能同用 / give --apply or --revert, not both"
        )
    if out is not None:
        check_target(out, sources=files)
    if map_ is not None:
        check_target(map_, sources=files, formats=(".html",))


def _preview(
    files: Sequence[Path],
    services: Services,
    day: date,
    asked: Asked,
    form: tuple[str, str],
    lang: Lang,
    *,
    json_: bool,
) -> tuple[Sequence[Issue], RepairPlan]:
    """What was noticed in the files, and the plan for them or for the store."""
    from geo_service.services.boundaries import case_of
    from geo_service.services.boundary_files import read_files
    from geo_service.services.repairing.proposing import plan_for_store, plan_repairs

    city = services.city
    if not files:
        with _progress(lang) as progress:
            return (), plan_for_store(services.store, city, day, asked, progress=progress)
    crs, encoding = form
    given = read_files(files, city=city, today=services.today(), crs=crs, encoding=encoding)
    if given.refused:
        refuse(given.issues, lang, json_=json_)
    with _progress(lang) as progress:
        case = case_of(given.records, city)
        return given.issues, plan_repairs(case, city, day, asked, progress=progress)


@contextmanager
def _progress(lang: Lang) -> Iterator[Progress]:
    """Tells the finding at work on standard error, where that is a terminal."""
    with terminal(stderr=True).status("") as status:

        def told(number: int, total: int, finding: str) -> None:
            said = say("repair.trying", lang, finding=finding, number=number + 1, total=total)
            status.update(said)

        yield told


def _apply(
    services: Services,
    day: date,
    asked: Asked,
    by: tuple[str, str],
    lang: Lang,
    *,
    json_: bool,
) -> None:
    from geo_service.services.repairing.applying import apply_repair, proposal_of, require_signed
    from geo_service.services.repairing.proposing import plan_for_store

    actor, reason = by
    require_signed(actor, reason)
    store = services.store
    since = store.log_mark()
    with _progress(lang) as progress:
        plan = plan_for_store(store, services.city, day, asked, progress=progress)
    proposal = proposal_of(plan, asked.only)
    written = apply_repair(store, proposal, since=since, as_of=day, actor=actor, reason=reason)
    title = proposal.title.in_(lang)
    _tell_written("applied", proposal.id, written, lang, json_=json_, title=title)


def _take_back(
    services: Services, repair: str, actor: str, reason: str, lang: Lang, *, json_: bool
) -> None:
    from geo_service.services.repairing.applying import revert_repair

    written = revert_repair(services.store, repair, actor=actor, reason=reason)
    _tell_written("reverted", repair, written, lang, json_=json_)


def _tell_written(
    status: str,
    repair: str,
    written: Sequence[LoggedChange],
    lang: Lang,
    *,
    json_: bool,
    title: str = "",
) -> None:
    from geo_service.services.repairing.telling import changes_json

    if json_:
        print_json({"status": status, "repair": repair, "changes": changes_json(written)})
        return
    typer.echo(say(f"repair.{status}", lang, repair=repair, title=title))
    for entry in written:
        facts = {"kind": entry.kind.value, "record": entry.record_id, "version": entry.version}
        typer.echo(say("repair.entry", lang, sequence=entry.sequence, **facts))


def _tell(plan: RepairPlan, issues: Sequence[Issue], lang: Lang, *, json_: bool) -> None:
    from geo_service.services.repairing.telling import plan_json

    if json_:
        told = issues_json(issues, lang)
        print_json({"status": "previewed", "issues": told, **plan_json(plan, lang)})
        return
    tell_issues(issues, lang)
    desk, report = terminal(), plan.report
    facts = {"as_of": report.as_of, "scale": report.scale, "findings": len(report.findings)}
    counts = {name: report.counts[name] for name in ("units", "lines", "nodes")}
    desk.print(say("repair.title", lang, **counts, **facts), soft_wrap=True)
    for proposal in plan.proposals:
        for line in _lines(proposal, lang):
            desk.print(line, soft_wrap=True)
    if plan.unmended:
        desk.print(_unmended(plan.unmended, lang))
    numbers = {"proposals": len(plan.proposals), "unmended": len(plan.unmended)}
    desk.print(say("repair.total", lang, **numbers), soft_wrap=True)
    desk.print(say("repair.preview", lang), soft_wrap=True)
    if plan.proposals:
        desk.print(say("repair.how_to_apply", lang), soft_wrap=True)
    for remark in dict.fromkeys(proposal.remark for proposal in plan.proposals):
        desk.print(remark.in_(lang), soft_wrap=True)
    desk.print(report.notice.in_(lang), soft_wrap=True)


def _lines(proposal: RepairProposal, lang: Lang) -> Iterator[str]:
    """A proposal in words: what goes, what changes, whose ground it is then, what stays."""
    yield say("repair.proposal", lang, id=proposal.id, title=proposal.title.in_(lang))
    for key, findings in (("removes", proposal.answers), ("brings", proposal.brings)):
        for finding in findings:
            told = finding.message.in_(lang)
            yield say(f"repair.{key}", lang, rule=finding.rule_id, id=finding.id, told=told)
    for effect in proposal.effects:
        yield from _effect(effect, lang)
    yield from _transfers(proposal, lang)
    for held in proposal.held:
        hold = say(f"repair.hold_{held.hold}", lang)
        yield say("repair.stays", lang, name=held.name, id=held.id, hold=hold)


def _effect(effect: Effect, lang: Lang) -> Iterator[str]:
    figures = {
        "id": effect.id,
        "name": effect.before.name,
        "largest": f"{effect.largest_m:,.2f}",
        "added": effect.vertices_added,
        "removed": effect.vertices_removed,
    }
    if effect.gained is None:
        yield say("repair.effect_line", lang, **figures)
    else:
        areas = {"gained": f"{effect.gained_m2:,.1f}", "lost": f"{effect.lost_m2:,.1f}"}
        yield say("repair.effect", lang, **figures, **areas)
    for field, before, after in effect.attributes:
        name = say(f"repair.field_{field}", lang)
        yield say("repair.attribute", lang, field=name, before=before, after=after)


def _transfers(proposal: RepairProposal, lang: Lang) -> Iterator[str]:
    nobody = say("repair.nobody", lang)
    for transfer in proposal.transfers:
        area = f"{transfer.area_m2:,.1f}"
        giver, taker = transfer.giver or nobody, transfer.taker or nobody
        yield say("repair.transfer", lang, giver=giver, taker=taker, area=area)


def _unmended(unmended: Sequence[Unmended], lang: Lang) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    for column in ("rule", "finding", "reasons"):
        table.add_column(say(f"repair.column_{column}", lang), overflow="fold")
    alike: dict[tuple[str, tuple[Text, ...]], list[Unmended]] = {}
    for left in unmended:
        alike.setdefault((left.finding.rule_id, left.reasons), []).append(left)
    for (rule_id, reasons), group in alike.items():
        told = group[0].finding.message.in_(lang)
        if len(group) > 1:
            told = say("repair.several", lang, count=len(group), told=told)
        table.add_row(rule_id, told, "\n".join(reason.in_(lang) for reason in reasons))
    return table


def _write(
    plan: RepairPlan,
    city: CityProfile,
    out: Path | None,
    map_: Path | None,
    lang: Lang,
    *,
    quiet: bool,
) -> None:
    if out is not None:
        from geo_service.services.interchange.exporting import export_layers
        from geo_service.services.repairing.telling import layers_of

        count = export_layers(layers_of(plan, lang), out, plan.report.notice, lang=lang)
        if not quiet:
            typer.echo(say("repair.written", lang, count=count, file=out))
    if map_ is not None:
        from geo_service.maps.offline import vendored_assets
        from geo_service.maps.repair import repair_map
        from geo_service.services.interchange.exporting import written_whole

        page = repair_map(plan, city=city, lang=lang, assets=vendored_assets())
        with written_whole(map_) as draft:
            draft.write_text(page, encoding="utf-8")
        if not quiet:
            typer.echo(say("repair.map_written", lang, file=map_))
