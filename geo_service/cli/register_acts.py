"""`geo-service register create|change|rename|move|retire`: acts on one record."""

from __future__ import annotations

from geo_service.cli.options import (
    DocumentOption,
    DrawingCrsOption,
    JsonOption,
    LangOption,
    ReasonOption,
    StoreOption,
)
from geo_service.cli.register_options import (
    DryRunOption,
    ExpectOption,
    GeometryOption,
    IdArgument,
    KindArgument,
    NameArgument,
    OnOption,
    SetOption,
)
from geo_service.cli.register_running import (
    carry,
    drawing,
    kind_of,
    opened,
    signed,
    source_of,
    typed_fields,
)


def create(
    kind: KindArgument,
    on: OnOption,
    reason: ReasonOption,
    document: DocumentOption,
    fields: SetOption = None,
    geometry: GeometryOption = None,
    crs: DrawingCrsOption = "",
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """设立：登记新的地名、单位、界线或界桩 / record what was not there before."""
    from geo_service.domain.period import Period
    from geo_service.services.register import planning
    from geo_service.services.register.fields import typed_record

    of, by = kind_of(kind), signed(reason, document)
    with opened(store) as services:
        shape = drawing(geometry, of, crs, services, lang)
        typed = typed_fields(fields)
        record = typed_record(of, typed, shape, source_of(services), Period(on))
        carry(
            services, lambda s: planning.create(s, record, by), lang, dry_run=dry_run, json_=json_
        )


def change(
    kind: KindArgument,
    record_id: IdArgument,
    on: OnOption,
    reason: ReasonOption,
    document: DocumentOption,
    fields: SetOption = None,
    geometry: GeometryOption = None,
    crs: DrawingCrsOption = "",
    expect: ExpectOption = None,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """变更：自某日起有所不同，名称不变 / what is different from a day on, the name kept."""
    from geo_service.services.register import planning
    from geo_service.services.register.fields import altered

    of, by = kind_of(kind), signed(reason, document, expect, record_id)
    with opened(store) as services:
        shape = drawing(geometry, of, crs, services, lang)
        by = planning.as_seen(services.store, of, [record_id], by)
        former = planning.in_force(services.store, of, record_id, on)
        record = altered(of, former, typed_fields(fields), shape)
        carry(
            services,
            lambda s: planning.change(s, record, on, by),
            lang,
            dry_run=dry_run,
            json_=json_,
        )


def rename(
    kind: KindArgument,
    record_id: IdArgument,
    name: NameArgument,
    on: OnOption,
    reason: ReasonOption,
    document: DocumentOption,
    fields: SetOption = None,
    expect: ExpectOption = None,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """更名，代码同时改变的写 --set code=… / a new name; with a new code: --set code=…"""
    from geo_service.domain.change import RecordKind
    from geo_service.services.register import planning
    from geo_service.services.register.fields import altered

    of, by = kind_of(kind), signed(reason, document, expect, record_id)
    called = "number" if of is RecordKind.MARKERS else "name"
    typed = {called: name, **typed_fields(fields)}
    with opened(store) as services:
        by = planning.as_seen(services.store, of, [record_id], by)
        record = altered(of, planning.in_force(services.store, of, record_id, on), typed, None)
        carry(
            services,
            lambda s: planning.rename(s, record_id, record, on, by),
            lang,
            dry_run=dry_run,
            json_=json_,
        )


def move(
    kind: KindArgument,
    record_id: IdArgument,
    on: OnOption,
    reason: ReasonOption,
    document: DocumentOption,
    fields: SetOption = None,
    geometry: GeometryOption = None,
    crs: DrawingCrsOption = "",
    expect: ExpectOption = None,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """迁移或改变隶属：位置、所属单位或代码改变 / to another place, unit or code."""
    from geo_service.services.register import planning
    from geo_service.services.register.fields import altered

    of, by = kind_of(kind), signed(reason, document, expect, record_id)
    with opened(store) as services:
        shape = drawing(geometry, of, crs, services, lang)
        by = planning.as_seen(services.store, of, [record_id], by)
        former = planning.in_force(services.store, of, record_id, on)
        record = altered(of, former, typed_fields(fields), shape)
        carry(
            services,
            lambda s: planning.move(s, record_id, record, on, by),
            lang,
            dry_run=dry_run,
            json_=json_,
        )


def retire(
    kind: KindArgument,
    record_id: IdArgument,
    on: OnOption,
    reason: ReasonOption,
    document: DocumentOption,
    expect: ExpectOption = None,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """撤销、销名：自该日起不再有效 / it holds no more from a day on, and stays on file."""
    from geo_service.services.register import planning

    of, by = kind_of(kind), signed(reason, document, expect, record_id)
    with opened(store) as services:
        carry(
            services,
            lambda s: planning.retire(s, of, record_id, on, by),
            lang,
            dry_run=dry_run,
            json_=json_,
        )
