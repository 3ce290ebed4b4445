"""`geo-service boundary describe`: a description written from the line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.boundary_description import (
    CrsOption,
    LandmarksOption,
    MarkersOption,
    refuse,
    tell_issues,
)
from geo_service.cli.options import (
    JsonOption,
    KnownAtOption,
    LangOption,
    RecordsAsOfOption,
    StoreOption,
    print_json,
    say,
    settings_for,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.domain.supporting.papers import BoundarySection
    from geo_service.domain.text import Lang
    from geo_service.services.descriptions import Description


def describe(
    line: Annotated[
        str,
        typer.Argument(metavar="LINE", help="库内界线代码或文件 / id in the store, or a file"),
    ],
    markers: MarkersOption = None,
    landmarks: LandmarksOption = None,
    sections: Annotated[
        Path | None,
        typer.Option(
            "--sections",
            metavar="FILE",
            help="界段写成 .gpkg .geojson .csv / sections, marker to marker, as a file",
        ),
    ] = None,
    crs: CrsOption = "",
    as_of: RecordsAsOfOption = None,
    known_at: KnownAtOption = None,
    store: StoreOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """由界线、界桩和地标写出走向说明 / write the alignment text of a line.

    库内界线带上库内的界桩、地名，文件带上另给的；说明为中文，按十六方位、真北。
    A line of the store comes with its markers and names, a file with those given. The text is
    Chinese, with the sixteen winds from true north.
    """
    from geo_service import compose
    from geo_service.services.description_files import Reader, from_store
    from geo_service.services.descriptions import describe as write
    from geo_service.services.interchange.exporting import check_target
    from geo_service.services.sections import sections_of

    if sections is not None:
        check_target(sections, sources=[Path(line), *filter(None, (markers, landmarks))])
    services = compose.build(settings_for(store), known_at=known_at)
    reader, city, path = Reader(services.city, services.today(), crs), services.city, Path(line)
    try:
        if path.is_file():
            beside = reader.beside(path, markers, landmarks)
        else:
            beside = from_store(services.store, line, city, as_of or services.today())
    finally:
        services.close()
    if reader.refused:
        refuse(reader.issues, lang, json_=json_)
    written = write(beside.drawn, beside.markers, beside.landmarks, beside.features, city=city)
    cut = sections_of(beside.drawn, beside.markers, beside.features, city=city)
    if sections is not None:
        _write_sections(cut, sections, lang)
    if json_:
        _print_json(beside.drawn.id, written, cut, lang)
        return
    tell_issues(reader.issues, lang)
    typer.echo(written.text)
    if written.left_out:
        names = "、".join(written.left_out)
        typer.echo(say("alignment.cli_left_out", lang, names=names), err=True)
    typer.echo(say("alignment.notice", lang), err=True)


def _write_sections(cut: Sequence[BoundarySection], path: Path, lang: Lang) -> None:
    from geo_service.messages import message
    from geo_service.services.interchange.exporting import export_layers
    from geo_service.services.sections import section_layer

    export_layers([section_layer(cut)], path, message("alignment.notice"), lang=lang)


def _print_json(
    line: str, written: Description, cut: Sequence[BoundarySection], lang: Lang
) -> None:
    from geo_service.language.alignment import parse
    from geo_service.services.description_check import segment_json
    from geo_service.services.sections import section_rows

    print_json(
        {
            "line": line,
            "text": written.text,
            "left_out": list(written.left_out),
            "sections": list(section_rows(cut)),
            "segments": [segment_json(segment) for segment in parse(written.text)],
            "notice": say("alignment.notice", lang),
        }
    )
