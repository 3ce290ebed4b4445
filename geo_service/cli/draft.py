"""`geo-service draft`: acts on the register proposed here, and decided on by another person."""

from __future__ import annotations

import typer

from geo_service.cli.draft_files import approve_file, lay, recheck
from geo_service.cli.draft_words import (
    ActOption,
    DraftArgument,
    FilesOption,
    FromOption,
    KindArgument,
    NumberOption,
    StateOption,
    TargetOption,
    VersionOption,
    WaitingOption,
    WhyOption,
    asker,
    desk_of,
    line_of,
    told,
)
from geo_service.cli.options import (
    DrawingCrsOption,
    JsonOption,
    LangOption,
    StoreOption,
    print_json,
    say,
    tell,
)
from geo_service.cli.register_options import DryRunOption, GeometryOption, SetOption
from geo_service.cli.register_running import drawing, opened, typed_fields

app = typer.Typer(help="草稿的起草和批准 / drafts", no_args_is_help=True, rich_markup_mode=None)


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
        found = drafts(services.store, asker(), states=states, waiting=waiting)
    if json_:
        print_json([draft_json(kept) for kept in found])
        return
    for kept in found:
        tell(line_of(kept, lang))
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
    from geo_service.services.register.evidence import kept_text

    with opened(store) as services:
        kept = seen_draft(services.store, draft, asker())
        told = review(desk_of(services), kept, asker())
        steps = history(services.store, draft)
    problem = "" if told.problem is None else explain(told.problem, lang)
    if json_:
        versions = [step_json(step) for step in steps]
        print_json({**review_json(told, lang, problem), "versions": versions})
        return
    tell(line_of(kept, lang))
    for change in told.differs.fields if told.differs else ():
        tell(f"  {change.field}: {change.before or '—'} → {change.after or '—'}")
    if told.differs and told.differs.geometry:
        tell(say("drafts.geometry_differs", lang))
    for each in told.trial.report.written if told.trial else ():
        tell(f"  {say(f'drafts.operation_{each.operation}', lang)} {each.id} {each.name}")
    for line in told.moved:
        tell(say("drafts.moved_line", lang, line=str(line)))
    for found in told.evidence:
        tell(say("drafts.checked_line", lang, name=found.name, word=kept_text(found.word, lang)))
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

    from geo_service.domain.draft import RECORD_ACTS, DraftAct
    from geo_service.services.drafts.kinds import draft_kind
    from geo_service.services.drafts.proposal import Proposal

    of = draft_kind(kind)
    if act and act not in set(RECORD_ACTS):
        raise typer.BadParameter(f"可用 / one of: {' '.join(RECORD_ACTS)}")
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
        kept = desk_of(services).propose(f"D-{secrets.token_hex(8)}", proposal, asker())
    told(kept, lang, json_=json_)


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
        kept = desk_of(services).submit(draft, expect, asker())
    told(kept, lang, json_=json_)


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
        kept = desk_of(services).withdraw(draft, expect, asker(), reason)
    told(kept, lang, json_=json_)


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
        kept = desk_of(services).reject(draft, expect, asker(), reason)
    told(kept, lang, json_=json_)


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
    from geo_service.domain.draft import DraftAct
    from geo_service.services.drafts.files import Decision
    from geo_service.services.drafts.reading import seen_draft
    from geo_service.services.drafts.review import draft_json
    from geo_service.services.register.telling import done_json

    with opened(store) as services:
        if seen_draft(services.store, draft, asker()).draft.act is DraftAct.IMPORT:
            decision = Decision(document_no=document, files=file or (), reason=reason)
            approve_file(services, draft, expect, lang, decision, dry_run=dry_run, json_=json_)
            return
        done = desk_of(services).approve(
            draft,
            expect,
            asker(),
            document_no=document,
            files=file or (),
            reason=reason,
            dry_run=dry_run,
        )
    if json_:
        print_json({"draft": draft_json(done.kept), "act": done_json(done.done, lang)})
        return
    tell(line_of(done.kept, lang))
    key = "drafts.would_write" if dry_run else "drafts.written"
    tell(say(key, lang, event=done.done.event))


app.command()(lay)
app.command()(recheck)
