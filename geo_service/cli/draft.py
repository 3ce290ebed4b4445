"""`geo-service draft`: acts on the register proposed here, and decided on by another person."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.options import (
    DrawingCrsOption,
    JsonOption,
    LangOption,
    StoreOption,
    actor,
    day_of,
    print_json,
    say,
    tell,
)
from geo_service.cli.register_options import DryRunOption, GeometryOption, SetOption
from geo_service.cli.register_running import drawing, opened, typed_fields

if TYPE_CHECKING:
    from geo_service.compose import Services
    from geo_service.domain.access import Asker
    from geo_service.domain.text import Lang
    from geo_service.services.drafts.desk import DraftDesk
    from geo_service.services.drafts.reading import Kept

app = typer.Typer(help="草稿的起草和批准 / drafts", no_args_is_help=True, rich_markup_mode=None)

DraftArgument = Annotated[str, typer.Argument(metavar="DRAFT", help="草稿编号 D-… / id of a draft")]
KindArgument = Annotated[
    str,
    typer.Argument(
        metavar="KIND",
        help="place-names | roads | units | boundary-lines | markers | junctions",
    ),
]
VersionOption = Annotated[
    int, typer.Option("--expect", metavar="VERSION", help="所见版本号 / the version you saw")
]
TargetOption = Annotated[
    str, typer.Option("--record", metavar="ID", help="所改记录，新设不写 / record, if there is one")
]
ActOption = Annotated[
    str,
    typer.Option("--act", help="create | change | rename | move | retire，不写则推定 / else told"),
]
FromOption = Annotated[
    date | None,
    typer.Option("--on", metavar="DATE", parser=day_of, help="自该日起，默认今天 / from this day"),
]
WhyOption = Annotated[str, typer.Option("--reason", help="理由 / why")]
NumberOption = Annotated[str, typer.Option("--document", metavar="NO", help="文号 / document")]
FilesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--file", metavar="DIGEST", help="文件摘要，可多次 / digest of a file, repeatable"
    ),
]
StateOption = Annotated[
    list[str] | None,
    typer.Option(
        "--state", help="draft submitted approved rejected withdrawn，可多次 / repeatable"
    ),
]
WaitingOption = Annotated[bool, typer.Option("--waiting", help="待本人决定的 / waiting for me")]


def _desk(services: Services) -> DraftDesk:
    from geo_service.services.drafts.desk import DraftDesk

    return DraftDesk(services.store, services.city, services.today(), services.restricted)


def _asker() -> Asker:
    """Whoever runs the command: he has the files, so rights do not bind him; his name does."""
    from geo_service.domain.access import Asker, Manner, Right
    from geo_service.domain.provenance import Label

    return Asker(actor(), Manner.DEMO, frozenset(Right), audience=Label.INTERNAL)


def _told(kept: Kept, lang: Lang, *, json_: bool) -> None:
    from geo_service.services.drafts.review import draft_json

    if json_:
        print_json(draft_json(kept))
        return
    tell(_line(kept, lang))


def _line(kept: Kept, lang: Lang) -> str:
    draft = kept.draft
    return say(
        "drafts.line",
        lang,
        id=draft.id,
        version=kept.version,
        state=say(f"drafts.state_{draft.state}", lang),
        act=say(f"register.act_{draft.act}", lang),
        kind=say(f"register.kind_{draft.target_kind}", lang),
        record=draft.target_id,
        name=draft.name,
        day=draft.effective_on,
        proposer=draft.proposer,
    )


@app.command("list")
def list_command(
    state: StateOption = None,
    waiting: WaitingOption = False,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """列出草稿 / list drafts."""
    from geo_service.domain.draft import DraftState
    from geo_service.services.drafts.reading import drafts
    from geo_service.services.drafts.review import draft_json

    try:
        states = [DraftState(word) for word in state or ()]
    except ValueError as error:
        raise typer.BadParameter(f"可用 / one of: {' '.join(DraftState)}") from error
    with opened(store) as services:
        found = drafts(services.store, _asker(), states=states, waiting=waiting)
    if json_:
        print_json([draft_json(kept) for kept in found])
        return
    for kept in found:
        tell(_line(kept, lang))
    if not found:
        tell(say("drafts.none", lang))


@app.command()
def show(
    draft: DraftArgument,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """一份草稿与现状的差别、名称审查和经过 / one draft against the record as it is."""
    from geo_service.messages import explain
    from geo_service.services.drafts.reading import history, seen_draft
    from geo_service.services.drafts.review import review, review_json, step_json

    with opened(store) as services:
        kept = seen_draft(services.store, draft, _asker())
        told = review(_desk(services), kept, _asker())
        steps = history(services.store, draft)
    problem = "" if told.problem is None else explain(told.problem, lang)
    if json_:
        versions = [step_json(step) for step in steps]
        print_json({**review_json(told, lang, problem), "versions": versions})
        return
    tell(_line(kept, lang))
    for change in told.differs.fields if told.differs else ():
        tell(f"  {change.field}: {change.before or '—'} → {change.after or '—'}")
    if told.differs and told.differs.geometry:
        tell(say("drafts.geometry_differs", lang))
    for line in told.moved:
        tell(say("drafts.moved_line", lang, line=line))
    for found in told.evidence:
        tell(say("drafts.checked_line", lang, name=found.name, word=found.word))
    if problem:
        tell(problem)
    for step in steps:
        tell(f"  {step.entry.version}. {step.entry.actor} {say(f'drafts.deed_{step.deed}', lang)}")


@app.command()
def propose(
    kind: KindArgument,
    record: TargetOption = "",
    act: ActOption = "",
    on: FromOption = None,
    reason: WhyOption = "",
    document: NumberOption = "",
    fields: SetOption = None,
    file: FilesOption = None,
    geometry: GeometryOption = None,
    crs: DrawingCrsOption = "",
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """起草：新设、变更、更名、迁移或注销 / propose an act on a record."""
    import secrets

    from geo_service.domain.draft import DraftAct
    from geo_service.services.drafts.kinds import draft_kind
    from geo_service.services.drafts.proposal import Proposal

    of = draft_kind(kind)
    if act and act not in set(DraftAct):
        raise typer.BadParameter(f"可用 / one of: {' '.join(DraftAct)}")
    with opened(store) as services:
        proposal = Proposal(
            of=of,
            target_id=record,
            act=DraftAct(act) if act else None,
            body=typed_fields(fields),
            geometry=drawing(geometry, of.kind, crs, services, lang),
            given_crs=crs,
            effective_on=on,
            reason=reason,
            document_no=document,
            files=tuple(file or ()),
        )
        kept = _desk(services).propose(f"D-{secrets.token_hex(8)}", proposal, _asker())
    _told(kept, lang, json_=json_)


@app.command()
def submit(
    draft: DraftArgument,
    expect: VersionOption,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """提交，由另一人决定 / put a draft before another person."""
    with opened(store) as services:
        kept = _desk(services).submit(draft, expect, _asker())
    _told(kept, lang, json_=json_)


@app.command()
def withdraw(
    draft: DraftArgument,
    expect: VersionOption,
    reason: WhyOption = "",
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """撤回，仍存档 / take a draft back; it stays on file."""
    with opened(store) as services:
        kept = _desk(services).withdraw(draft, expect, _asker(), reason)
    _told(kept, lang, json_=json_)


@app.command()
def reject(
    draft: DraftArgument,
    expect: VersionOption,
    reason: WhyOption = "",
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """退回，须写理由 / send a draft back, with the reason."""
    with opened(store) as services:
        kept = _desk(services).reject(draft, expect, _asker(), reason)
    _told(kept, lang, json_=json_)


@app.command()
def approve(
    draft: DraftArgument,
    expect: VersionOption,
    reason: WhyOption = "",
    document: NumberOption = "",
    file: FilesOption = None,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """批准并写入登记库，不能批准本人起草的 / approve and carry out; never one's own."""
    from geo_service.services.drafts.review import draft_json
    from geo_service.services.register.telling import done_json

    with opened(store) as services:
        done = _desk(services).approve(
            draft,
            expect,
            _asker(),
            document_no=document,
            files=file or (),
            reason=reason,
            dry_run=dry_run,
        )
    if json_:
        print_json({"draft": draft_json(done.kept), "act": done_json(done.done, lang)})
        return
    tell(_line(done.kept, lang))
    key = "drafts.would_write" if dry_run else "drafts.written"
    tell(say(key, lang, event=done.done.event))
