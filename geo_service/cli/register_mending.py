"""`geo-service register correct|undo`: the register was wrong, not the world."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from geo_service.cli.options import JsonOption, LangOption, StoreOption, day_of
from geo_service.cli.register_options import (
    CrsOption,
    DryRunOption,
    ExpectOption,
    GeometryOption,
    IdArgument,
    KindArgument,
    ReasonOption,
    SetOption,
    carry,
    drawing,
    kind_of,
    opened,
    signed,
    typed_fields,
)

NoDocumentOption = Annotated[
    str, typer.Option("--document", metavar="NO", help="文号，可不写 / document, if any")
]


def correct(
    kind: KindArgument,
    record_id: IdArgument,
    reason: ReasonOption,
    day: Annotated[
        date | None,
        typer.Option(
            "--of",
            metavar="DATE",
            parser=day_of,
            help="更正该日有效的那一版，默认今天 / the version in force on this day",
        ),
    ] = None,
    document: NoDocumentOption = "",
    fields: SetOption = None,
    geometry: GeometryOption = None,
    crs: CrsOption = "",
    expect: ExpectOption = None,
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """更正：登记有误，原登记仍可查 / mend a slip; what was written stays known."""
    from geo_service.services.register import planning
    from geo_service.services.register.fields import altered

    of, by = kind_of(kind), signed(reason, document, expect, record_id)
    with opened(store) as services:
        shape = drawing(geometry, of, crs, services, lang)
        by = planning.as_seen(services.store, of, [record_id], by)
        former = planning.in_force(services.store, of, record_id, day or services.today())
        record = altered(of, former, typed_fields(fields), shape)
        carry(
            services, lambda s: planning.correct(s, record, by), lang, dry_run=dry_run, json_=json_
        )


def undo(
    event: Annotated[
        int, typer.Argument(metavar="ACT", help="事项编号，见 register history / number of the act")
    ],
    reason: ReasonOption,
    document: NoDocumentOption = "",
    dry_run: DryRunOption = False,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """撤回一个事项：所涉记录恢复原值，作为新的更正 / its records get their former values back."""
    from geo_service.services.register import planning

    by = signed(reason, document)
    with opened(store) as services:
        carry(services, lambda s: planning.undo(s, event, by), lang, dry_run=dry_run, json_=json_)
