"""How the commands of `geo-service register` run: what was typed read, an act carried out, told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from geo_service.cli.options import actor, print_json, say, settings_for, tell
from geo_service.domain.change import RecordKind

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geo_service.compose import Services
    from geo_service.domain.period import Period
    from geo_service.domain.provenance import Provenance
    from geo_service.domain.text import Lang
    from geo_service.services.register.acts import Signed
    from geo_service.services.register.fields import Typed
    from geo_service.services.register.planning import Plan
    from geo_service.services.register.writing import Done
    from geo_service.store.protocol import Store


def kind_of(word: str) -> RecordKind:
    """The kind that a word names. Raises InputError for one that is not kept by hand."""
    from geo_service.errors import InputError
    from geo_service.services.register.acts import KEPT_KINDS

    if word not in KEPT_KINDS:
        raise InputError("register_kind_not_kept", kind=word, known=" ".join(KEPT_KINDS))
    return RecordKind(word)


def typed_fields(told: list[str] | None) -> Typed:
    """Fields typed as FIELD=VALUE, each once."""
    found: dict[str, str] = {}
    for word in told or ():
        name, sign, value = word.partition("=")
        if not sign or not name.strip() or name.strip() in found:
            raise typer.BadParameter(f"应写作 项=值，每项一次 / expected FIELD=VALUE once: {word}")
        found[name.strip()] = value
    return found


def signed(
    reason: str, document: str, expected: list[str] | None = None, record_id: str = ""
) -> Signed:
    """Who acts, why, by what, and which versions they had seen."""
    from geo_service.services.register.acts import Signed

    versions: dict[str, int] = {}
    for word in expected or ():
        name, _, number = word.rpartition("=")
        if not number.isdecimal() or not (name or record_id):
            raise typer.BadParameter(f"应写作 [编号=]版本号 / expected [ID=]VERSION: {word}")
        versions[name or record_id] = int(number)
    return Signed(actor=actor(), reason=reason, document_no=document, expected=versions)


@contextmanager
def opened(store: str | None) -> Iterator[Services]:
    """The services, closed again."""
    from geo_service import compose

    services = compose.build(settings_for(store))
    try:
        yield services
    finally:
        services.close()


def source_of(services: Services) -> Provenance:
    """Where a record typed in comes from; of an invented city it is invented, and labelled so."""
    from geo_service.domain.provenance import Force, Provenance

    force = Force.SYNTHETIC if services.city.synthetic else Force.OFFICIAL
    return Provenance(source=actor(), force=force)


def period_text(period: Period, lang: Lang) -> str:
    """A span of valid time in words."""
    start = period.start or say("register.always", lang)
    end = period.end or say("register.open_end", lang)
    return say("register.period", lang, start=start, end=end)


def drawing(
    path: Path | None, kind: RecordKind, crs: str, services: Services, lang: Lang
) -> BaseGeometry | None:
    """The geometry of a file, None for no file. Raises InputError as `read_feature` does."""
    if path is None:
        return None
    from geo_service.services.drawn_feature import read_feature

    city, today = services.city, services.today()
    return read_feature(path, city=city, today=today, lang=lang, crs=crs, kind=kind)


def carry(
    services: Services,
    planned: Callable[[Store], Plan],
    lang: Lang,
    *,
    dry_run: bool,
    json_: bool,
) -> None:
    """Work an act out, have its new names examined, write it, and tell what was done."""
    from geo_service.services.register.advice import advice_on
    from geo_service.services.register.evidence import evidence_for
    from geo_service.services.register.telling import done_json
    from geo_service.services.register.writing import carry_out

    store = services.store
    plan = planned(store)
    found = evidence_for(plan, services.city, store, services.restricted)
    advice = advice_on(plan, services.city, store)
    done = carry_out(store, plan, found, advice, dry_run=dry_run)
    if json_:
        print_json(done_json(done, lang))
        return
    for line in _lines(done, lang):
        tell(line)


def _lines(done: Done, lang: Lang) -> Iterator[str]:
    from geo_service.services.register.acts import label_of
    from geo_service.services.wording import outcome_text

    act = say(f"register.act_{done.plan.act.value}", lang)
    manner = "already" if done.plan.already else "done" if done.entries else "tried"
    yield say(f"register.{manner}", lang, act=act, event=done.event)
    for change in done.changes:
        record = change.record
        yield say(
            f"register.wrote_{change.operation.value}",
            lang,
            id=record.id,
            name=label_of(record),  # type: ignore[arg-type]
            start=record.period.start or "",
            end=record.period.end or "",
            version=change.expected_version + 1,
        )
    for left in done.plan.left:
        yield say("register.left_to_do", lang, text=left.in_(lang))
    for advice in done.advice:
        yield say("register.advice", lang, text=advice.in_(lang))
    for told in done.evidence:
        if told.verdict is None:
            yield say("register.not_examined", lang, name=told.name, why=told.why)
            continue
        outcome = outcome_text(told.verdict.outcome, lang)
        yield say("register.examined", lang, name=told.name, outcome=outcome)
        for finding in told.verdict.findings:
            facts = {"rule": finding.rule_id, "message": finding.message.in_(lang)}
            yield say("register.finding", lang, **facts)
    if done.evidence:
        yield say("name.notice", lang)
