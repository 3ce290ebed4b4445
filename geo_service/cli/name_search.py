"""`geo-service name search`: the search box on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.options import (
    JsonOption,
    KnownAtOption,
    LangOption,
    RecordsAsOfOption,
    StoreOption,
    position_of,
    print_json,
    say,
    settings_for,
    tell,
)

if TYPE_CHECKING:
    from geo_service.domain.text import Lang
    from geo_service.services.search import SearchHit, SearchPage


def _hit_line(hit: SearchHit, lang: Lang) -> str:
    place, metres = hit.place, hit.distance_m
    comma = "、" if lang == "zh" else ", "
    return say(
        "search.hit",
        lang,
        name=place.name,
        type=say(f"name.kind_{place.feature_type.value}", lang),
        status=say(f"search.status_{place.status.value}", lang),
        kind=say(f"register.kind_{hit.kind.value}", lang),
        id=place.id,
        unit="" if place.unit_code is None else say("search.unit", lang, unit=place.unit_code),
        reasons=comma.join(reason.in_(lang) for reason in hit.reasons),
        away="" if metres is None else say("name.away", lang, metres=round(metres)),
    )


def _lines(page: SearchPage, lang: Lang) -> Iterator[str]:
    request = page.request
    if not page.hits:
        yield say("search.beyond" if page.total else "search.none", lang, total=page.total)
        return
    last = request.offset + len(page.hits)
    facts = {"total": page.total, "first": request.offset + 1, "last": last}
    yield say("search.head", lang, as_of=request.as_of, **facts)
    for hit in page.hits:
        yield _hit_line(hit, lang)


def search(
    text: Annotated[
        str,
        typer.Argument(
            metavar="TEXT",
            help="汉字、拼音（声调可有可无）或首字母 / characters, pinyin, initials",
        ),
    ] = "",
    near: Annotated[
        str | None,
        typer.Option("--near", metavar="LON,LAT", help="近者在前 / nearer first"),
    ] = None,
    unit: Annotated[
        str | None,
        typer.Option("--unit", metavar="CODE", help="只查该区划内 / names in this unit only"),
    ] = None,
    as_of: RecordsAsOfOption = None,
    known_at: KnownAtOption = None,
    limit: Annotated[int, typer.Option("--limit", help="每页条数 / names on a page")] = 20,
    offset: Annotated[int, typer.Option("--offset", help="从第几条起，0 为首 / first one")] = 0,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """查找登记的地名和道路，并说明各名因何列出 / search names and roads, each with the reason why.

    --known-at 查当时登记的名称：为一问重建索引，名称多时较慢 / names as the register knew them
    then, from an index built for the one question: slow over many names.
    """
    from geo_service import compose
    from geo_service.domain.identity import DivisionCode
    from geo_service.services.search import SearchRequest, search_json
    from geo_service.services.search import search as find

    services = compose.build(settings_for(store), known_at=known_at)
    request = SearchRequest(
        text,
        as_of or services.today(),
        position_of(near),
        None if unit is None else DivisionCode.parse(unit),
        limit,
        offset,
    )
    try:
        page = find(request, services.name_index, services.store)
    finally:
        services.close()
    if json_:
        print_json(search_json(page, lang))
        return
    for line in _lines(page, lang):
        tell(line)
