"""`geo-service name suggest`: what could stand in the place of a name, each already checked."""

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
    AsOfOption,
    DrawingCrsOption,
    JsonOption,
    KnownAtOption,
    LangOption,
    StoreOption,
    position_of,
    print_json,
    say,
    settings_for,
    tell,
)
from geo_service.rules.names import Standing

if TYPE_CHECKING:
    from geo_service.domain.text import Lang
    from geo_service.services.name_suggestions import Suggestion, Suggestions


UnitOption = Annotated[
    str | None,
    typer.Option("--unit", metavar="CODE", help="所在区划代码 / unit the place lies in"),
]


def _row(rank: int, row: Suggestion, lang: Lang) -> str:
    candidate, source = row.candidate, row.candidate.source
    away = None if source is None else source.distance_m
    grounds = ("；" if lang == "zh" else "; ").join(g.in_(lang) for g in candidate.grounds)
    return say(
        "suggest.row",
        lang,
        rank=rank,
        name=candidate.name,
        spelling=row.verdict.romanization.text,
        origin=say(f"suggest.origin_{candidate.origin.value}", lang),
        grounds=grounds + ("" if away is None else say("suggest.away", lang, metres=round(away))),
    )


def _lines(found: Suggestions, asked: bool, lang: Lang) -> Iterator[str]:
    if found.verdict is not None:
        from geo_service.services.wording import outcome_text

        outcome = outcome_text(found.verdict.outcome, lang)
        yield say("suggest.verdict", lang, name=found.verdict.name, verdict=outcome)
    if not found.needed:
        yield say("suggest.not_needed", lang)
    elif not found.offered:
        yield say("suggest.none", lang, tried=found.checked)
    else:
        head = "suggest.head" if asked else "suggest.head_no_register"
        yield say(head, lang, as_of=found.request.as_of, tried=found.checked)
    for rank, row in enumerate(found.offered, start=1):
        yield _row(rank, row, lang)
    yield say("name.notice", lang)


def suggest(
    name: Annotated[
        str,
        typer.Argument(
            metavar="[NAME]",
            help="有问题的名称；不写则按位置取名 / the name in question, or none for a place",
        ),
    ] = "",
    kind: TypeOption = None,
    status: StatusOption = Standing.PROPOSED,
    at: AtOption = None,
    unit: UnitOption = None,
    geometry: GeometryOption = None,
    crs: DrawingCrsOption = "",
    fact: FactOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    no_register: NoRegisterOption = False,
    limit: Annotated[int, typer.Option("--limit", help="最多几个 / how many at most")] = 10,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """建议可用的名称，逐个检查过并说明来由 / names that passed the same check, with their grounds.

    来源：原名改正、方案预留名称、同系派生、当地旧名和地名、附近路名系列、同类字替换。
    """
    from geo_service import compose
    from geo_service.domain.identity import DivisionCode
    from geo_service.services.name_suggestions import suggest as alternatives
    from geo_service.services.name_suggestions import suggestions_json
    from geo_service.services.names import NameRequest, check_name

    services = compose.build(settings_for(store), known_at=known_at)
    request = NameRequest(
        name.strip(),
        type_of(name, kind),
        status,
        as_of or services.today(),
        position_of(at),
        None if unit is None else DivisionCode.parse(unit),
        facts=facts_of(fact),
    )
    request = drawn(request, geometry, crs, services, lang)
    try:
        asked = None if no_register else services.store
        verdict = None
        if request.name:
            verdict = check_name(request, services.city, asked, services.restricted)
        found = alternatives(
            request, verdict, services.city, asked, services.restricted, limit=limit
        )
    finally:
        services.close()
    if json_:
        print_json(suggestions_json(found, lang))
        return
    for line in _lines(found, not no_register, lang):
        tell(line)
