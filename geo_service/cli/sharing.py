"""`geo-service map`: maps as single files that open anywhere without a network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.name_request import AtOption, TypeOption, type_of
from geo_service.cli.options import (
    AsOfOption,
    FromDayOption,
    JsonOption,
    KnownAtOption,
    LangOption,
    RecordsAsOfOption,
    StoreOption,
    ToDayOption,
    position_of,
    print_json,
    say,
    settings_for,
)

if TYPE_CHECKING:
    from datetime import datetime

    from geo_service.compose import Services
    from geo_service.domain.text import Lang
    from geo_service.maps.sharing import Sharing

app = typer.Typer(help="可分发的地图 / maps as files", no_args_is_help=True, rich_markup_mode=None)

FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="目标文件 / the map to be written: .html")
]
NumberOption = Annotated[
    str | None,
    typer.Option(
        "--review-number",
        metavar="NO",
        help="审核机关给出的审图号，默认取设置，无则留空 / as the authority gave it",
    ),
]
PublicOption = Annotated[
    bool,
    typer.Option(
        "--public",
        help="只含公开的记录，坐标取约百米，须有审图号 / public records alone, coordinates rounded",
    ),
]


@app.callback()
def _group() -> None:
    """可分发的地图：单个网页文件，不联网可看 / maps as single files."""


@contextmanager
def _services(
    store: str | None, file: Path, *sources: Path, known_at: datetime | None
) -> Iterator[Services]:
    """What a map is made from; the target is checked before anything is looked at."""
    from geo_service import compose
    from geo_service.services.interchange.exporting import check_target

    check_target(file, sources=sources, formats=(".html",))
    services = compose.build(settings_for(store), known_at=known_at)
    try:
        yield services
    finally:
        services.close()


def _sharing(services: Services, number: str | None, *, public: bool = False) -> Sharing:
    from geo_service.domain.provenance import Label
    from geo_service.maps.sharing import Sharing

    given = services.settings.review_number if number is None else number
    return Sharing(Label.PUBLIC if public else Label.INTERNAL, given.strip())


def _write(page: str, file: Path, lang: Lang, *, json_: bool) -> None:
    from geo_service.services.interchange.exporting import written_whole

    with written_whole(file) as draft:
        draft.write_text(page, encoding="utf-8")
    if json_:
        print_json({"file": str(file), "bytes": file.stat().st_size})
    else:
        typer.echo(say("maps.written", lang, file=file))


@app.command()
def boundaries(
    file: FileArgument,
    as_of: RecordsAsOfOption = None,
    known_at: KnownAtOption = None,
    review_number: NumberOption = None,
    store: StoreOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """界线检查图：单位、界线和检查发现的问题，内部用 / boundary review map, internal."""
    from geo_service.maps.offline import vendored_assets
    from geo_service.maps.review import boundary_map
    from geo_service.services.appraisal import review_city, with_states

    with _services(store, file, known_at=known_at) as services:
        sharing = _sharing(services, review_number)
        review = review_city(services.store, services.city, as_of or services.today())
        review = with_states(review, services.store)
        page = boundary_map(
            review.case,
            review.report.findings,
            city=services.city,
            as_of=review.report.as_of,
            lang=lang,
            assets=vendored_assets(),
            sharing=sharing,
        )
    _write(page, file, lang, json_=json_)


@app.command()
def name(
    name: Annotated[str, typer.Argument(metavar="NAME", help="要检查的名称 / the name")],
    file: FileArgument,
    kind: TypeOption = None,
    at: AtOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    public: PublicOption = False,
    review_number: NumberOption = None,
    store: StoreOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """一个名称及相近地名的分布图 / a name and the registered names near to it."""
    from geo_service.maps.names import names_map
    from geo_service.maps.offline import vendored_assets
    from geo_service.rules.names import Standing
    from geo_service.services.boundaries import case_from_store
    from geo_service.services.names import NameRequest, check_name, checked_name
    from geo_service.services.road_names import near_places

    with _services(store, file, known_at=known_at) as services:
        sharing = _sharing(services, review_number, public=public)
        register = services.store.seen_by(sharing.audience)
        day, position, wanted = as_of or services.today(), position_of(at), checked_name(name)
        kind = type_of(wanted, kind)
        request = NameRequest(wanted, kind, Standing.PROPOSED, day, position)
        verdict = check_name(request, services.city, register, services.restricted)
        page = names_map(
            verdict,
            near_places(verdict, register),
            case_from_store(register, services.city, day),
            position=position,
            city=services.city,
            lang=lang,
            assets=vendored_assets(),
            sharing=sharing,
        )
    _write(page, file, lang, json_=json_)


@app.command()
def plan(
    names: Annotated[
        Path,
        typer.Argument(
            metavar="NAMES", help="拟用名称表 / the planned names: .csv .xlsx, with lon and lat"
        ),
    ],
    file: FileArgument,
    kind: TypeOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    review_number: NumberOption = None,
    store: StoreOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """拟用名称分布图：逐个检查，按结论标出，内部用 / planned names, each checked, internal."""
    from geo_service.maps.offline import vendored_assets
    from geo_service.maps.plan import plan_map
    from geo_service.services.boundaries import case_from_store
    from geo_service.services.name_batch import answered, batch_of
    from geo_service.services.name_sheet import read_names

    with _services(store, file, names, known_at=known_at) as services:
        sharing = _sharing(services, review_number)
        today = services.today()
        day = as_of or today
        sheet = read_names(names, as_of=day, today=today, kind=kind, lang=lang)
        batch = batch_of(services.city, services.store, services.restricted)
        page = plan_map(
            list(answered(sheet.rows, batch)),
            case_from_store(services.store, services.city, day),
            source=names.name,
            city=services.city,
            as_of=day,
            lang=lang,
            assets=vendored_assets(),
            sharing=sharing,
        )
    _write(page, file, lang, json_=json_)


@app.command()
def changes(
    file: FileArgument,
    before: FromDayOption,
    after: ToDayOption = None,
    known_at: KnownAtOption = None,
    public: PublicOption = False,
    review_number: NumberOption = None,
    store: StoreOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """变更对照图：两个日期之间单位、界线、地名的变更 / before and after, by two days."""
    from geo_service.maps.changes import changes_map, moments
    from geo_service.maps.offline import vendored_assets

    with _services(store, file, known_at=known_at) as services:
        sharing = _sharing(services, review_number, public=public)
        register = services.store.seen_by(sharing.audience)
        was, now = moments(register, services.city, before, after or services.today())
        page = changes_map(
            was, now, city=services.city, lang=lang, assets=vendored_assets(), sharing=sharing
        )
    _write(page, file, lang, json_=json_)
