"""`geo-service register history|lineage`: what was, why, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from geo_service.cli.options import (
    JsonOption,
    KnownAtOption,
    LangOption,
    RecordsAsOfOption,
    StoreOption,
    print_json,
    say,
    tell,
)
from geo_service.cli.register_options import (
    IdArgument,
    KindArgument,
    SpokenOfOption,
)
from geo_service.cli.register_running import kind_of, opened, period_text

if TYPE_CHECKING:
    from geo_service.domain.text import Lang
    from geo_service.services.register.differences import Difference
    from geo_service.services.register.history import Step
    from geo_service.services.register.lineage import Event


def history(
    kind: KindArgument,
    record_id: IdArgument,
    as_of: SpokenOfOption = None,
    known_at: KnownAtOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """一个记录的全部版本：时间、何人、理由、文号、差异 / every version of a record."""
    from geo_service.services.register.history import history as told
    from geo_service.services.register.telling import step_json

    with opened(store) as services:
        steps = told(
            services.store,
            kind_of(kind),
            record_id,
            plane_epsg=services.city.plane_epsg,
            as_of=as_of,
            known_at=known_at,
        )
    if json_:
        print_json([step_json(step) for step in steps])
        return
    for step in steps:
        for line in _step_lines(step, lang):
            tell(line)
    if not steps:
        tell(say("register.no_steps", lang))


def _step_lines(step: Step, lang: Lang) -> Iterator[str]:
    from geo_service.domain.change import Operation
    from geo_service.domain.clock import china_text
    from geo_service.services.register.acts import label_of
    from geo_service.services.register.evidence import kept_text

    entry, basis = step.entry, step.basis
    word = f"act_{basis.act.value}" if basis else f"operation_{entry.operation.value}"
    facts = {"version": entry.version, "name": label_of(step.record)}
    period = period_text(step.period or entry.period, lang)
    act = say(f"register.{word}", lang)
    yield say("register.step", lang, act=act, event=basis.event if basis else "—", **facts)
    annulled = entry.operation is Operation.VOID
    standing = "annulled" if annulled else "stands" if step.period else "taken_back"
    gone = china_text(step.superseded_at) if step.superseded_at else ""
    yield say(f"register.{standing}", lang, period=period, gone=gone)
    recorded = china_text(entry.recorded_at)
    signed = {"actor": entry.actor, "reason": entry.reason, "document": step.document_no or "—"}
    yield say("register.signed", lang, recorded=recorded, **signed)
    if basis is not None and basis.check:
        yield say("register.check", lang, check=kept_text(basis.check, lang))
    if step.differs is not None:
        yield from _difference_lines(step.differs, lang)


def _difference_lines(differs: Difference, lang: Lang) -> Iterator[str]:
    from geo_service.services.register.change_sheet import shape_texts

    for change in differs.fields:
        before, after = change.before or "—", change.after or "—"
        yield say("register.field", lang, field=change.field, before=before, after=after)
    if differs.geometry is not None:
        yield from shape_texts(differs.geometry, lang)


def lineage(
    kind: KindArgument,
    record_id: IdArgument,
    as_of: RecordsAsOfOption = None,
    known_at: KnownAtOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """沿革：由何而来、变为何物（更名、迁移、拆分、合并）/ what it came from, what became of it."""
    from geo_service.services.register.lineage import lineage as followed
    from geo_service.services.register.telling import lineage_json

    with opened(store) as services:
        day = as_of or services.today()
        found = followed(services.store, kind_of(kind), record_id, as_of=day, known_at=known_at)
    if json_:
        print_json(lineage_json(found))
        return
    for key, events in (("predecessors", found.predecessors), ("successors", found.successors)):
        tell(say(f"register.{key}", lang, id=record_id, day=day, count=len(events)))
        for event in events:
            tell(_event_line(event, lang))


def _event_line(event: Event, lang: Lang) -> str:
    comma = "、" if lang == "zh" else ", "
    before, after = (
        comma.join(f"{node.name} {node.id}" for node in nodes)
        for nodes in (event.before, event.after)
    )
    act = say(f"register.act_{event.act.value}", lang)
    facts = {"event": event.number, "document": event.document_no}
    return say("register.event", lang, day=event.day, act=act, before=before, after=after, **facts)
