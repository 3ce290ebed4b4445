"""`geo-service register correct|undo`: the register was wrong, not the world."""

from __future__ import annotations

from geo_service.cli.options import (
    DrawingCrsOption,
    JsonOption,
    LangOption,
    ReasonOption,
    StoreOption,
)
from geo_service.cli.register_options import (
    ActArgument,
    DryRunOption,
    ExpectOption,
    GeometryOption,
    IdArgument,
    KindArgument,
    NoDocumentOption,
    OfDayOption,
    OnlyOfDayOption,
    SetOption,
)
from geo_service.cli.register_running import carry, drawing, kind_of, opened, signed, typed_fields


def correct(
    kind: KindArgument,
    record_id: IdArgument,
    reason: ReasonOption,
    day: OfDayOption = None,
    document: NoDocumentOption = "",
    fields: SetOption = None,
    geometry: GeometryOption = None,
    crs: DrawingCrsOption = "",
    expect: ExpectOption = None,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """更正：登记有误，原登记仍可查 / mend a slip; what was written stays known."""
    from geo_service.services.register import mending, planning
    from geo_service.services.register.fields import altered

    of, by = kind_of(kind), signed(reason, document, expect, record_id)
    with opened(store) as services:
        shape = drawing(geometry, of, crs, services, lang)
        by = planning.as_seen(services.store, of, [record_id], by)
        former = planning.in_force(services.store, of, record_id, day or services.today())
        record = altered(of, former, typed_fields(fields), shape)
        carry(
            services, lambda s: mending.correct(s, record, by), lang, dry_run=dry_run, json_=json_
        )


def void(
    kind: KindArgument,
    record_id: IdArgument,
    reason: ReasonOption,
    day: OnlyOfDayOption = None,
    document: NoDocumentOption = "",
    expect: ExpectOption = None,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """作废：误登的记录自始无效，曾经如何登记仍可查 / entered in error: it never held."""
    from geo_service.services.register import mending

    of, by = kind_of(kind), signed(reason, document, expect, record_id)
    with opened(store) as services:
        carry(
            services,
            lambda s: mending.void(s, of, record_id, by, day),
            lang,
            dry_run=dry_run,
            json_=json_,
        )


def undo(
    event: ActArgument,
    reason: ReasonOption,
    document: NoDocumentOption = "",
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """撤回一个事项：所涉记录恢复原值，新增的记录作废 / an act taken back as one."""
    from geo_service.services.register import mending

    by = signed(reason, document)
    with opened(store) as services:
        carry(services, lambda s: mending.undo(s, event, by), lang, dry_run=dry_run, json_=json_)
