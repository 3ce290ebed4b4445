"""`geo-service name accept-pair`, `accepted-pairs`: names that may stand beside each other."""

from __future__ import annotations

from typing import Annotated

import typer

from geo_service.cli.options import (
    JsonOption,
    KnownAtOption,
    LangOption,
    ReasonOption,
    RecordsAsOfOption,
    StoreOption,
    actor,
    day_of,
    print_json,
    say,
    settings_for,
    tell,
)


def accept_pair(
    name_a: Annotated[str, typer.Argument(metavar="NAME_A", help="一个名称 / one name")],
    name_b: Annotated[str, typer.Argument(metavar="NAME_B", help="另一个名称 / the other")],
    reason: ReasonOption,
    signer: Annotated[str, typer.Option("--signer", help="认可人 / who accepts it")] = "",
    document: Annotated[str, typer.Option("--document", help="文号 / document")] = "",
    on: Annotated[
        str, typer.Option("--on", metavar="DATE", help="日期，默认今天 / day, by default today")
    ] = "",
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="撤销认可 / take the acceptance back")
    ] = False,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """登记两个相近名称经认可可以并存，以后检查只作提示 / accept two names that are alike."""
    from geo_service import compose
    from geo_service.services import accepted_pairs as pairs

    services = compose.build(settings_for(store))
    day = day_of(on) if on else services.today()
    try:
        if withdraw:
            pair = pairs.withdraw_pair(
                services.store, name_a, name_b, from_day=day, reason=reason, actor=actor()
            )
        else:
            pair = pairs.accept_pair(
                services.store,
                name_a,
                name_b,
                signer=signer,
                reason=reason,
                accepted_on=day,
                document_no=document,
                actor=actor(),
            )
    finally:
        services.close()
    if json_:
        print_json(pairs.pair_record_json(pair))
    else:
        facts = {"one": pair.one, "other": pair.other, "signer": pair.signer, "id": pair.id}
        key = "withdrawn" if withdraw else "accepted"
        tell(say(f"pairs.{key}", lang, day=day, **facts))


def accepted_pairs(
    as_of: RecordsAsOfOption = None,
    known_at: KnownAtOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """列出已认可的相近名称 / list the pairs of names that were accepted."""
    from geo_service import compose
    from geo_service.services import accepted_pairs as pairs

    services = compose.build(settings_for(store), known_at=known_at)
    try:
        found = pairs.accepted_pairs(services.store, as_of or services.today())
    finally:
        services.close()
    if json_:
        print_json([pairs.pair_record_json(pair) for pair in found])
        return
    for pair in found:
        told = {"one": pair.one, "other": pair.other, "signer": pair.signer}
        facts = {"day": pair.accepted_on, "reason": pair.reason, "document": pair.document_no}
        tell(say("pairs.row", lang, **told, **facts).rstrip())
    if not found:
        tell(say("pairs.none", lang))
