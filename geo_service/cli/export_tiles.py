"""`geo-service export tiles FILE.pmtiles`: collections as one file of vector tiles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.options import print_json, say, tell
from geo_service.domain.provenance import Label

if TYPE_CHECKING:
    from geo_service.compose import Services
    from geo_service.domain.text import Lang
    from geo_service.services.tiles.archive import Told

KIND = "tiles"

CollectionOption = Annotated[
    list[str] | None,
    typer.Option(
        "--collection",
        metavar="NAME",
        help="切片的图层，可重复，默认全部 / layers of tiles, may be repeated; otherwise all",
    ),
]
MaxZoomOption = Annotated[
    int | None,
    typer.Option(
        "--max-zoom", min=0, help="切片的最大级别，默认 14 / nearest zoom of tiles, else 14"
    ),
]
LabelOption = Annotated[
    Label,
    typer.Option(
        "--label",
        help="切片给谁看 / for whom tiles are: public 只含公开记录 / public records alone",
    ),
]


@dataclass(frozen=True, slots=True)
class TilesOrder:
    """What is to be cut into tiles, and how."""

    file: Path
    collections: tuple[str, ...]
    max_zoom: int | None
    label: Label
    as_of: date | None
    known_at: datetime | None


def write_tiles(order: TilesOrder, services: Services, lang: Lang, *, json_: bool) -> None:
    """Cut, write and say what was written."""
    from geo_service.services.serving.cache import View
    from geo_service.services.tiles.archive import (
        chosen_collections,
        chosen_zoom,
        export_tiles,
    )

    view = View(order.as_of or services.today(), order.known_at)
    with _bar(lang) as told:
        written = export_tiles(
            services.seen_by(order.label).features,
            order.file,
            chosen_collections(order.collections, order.label),
            view,
            services.city,
            label=order.label,
            max_zoom=chosen_zoom(order.max_zoom),
            told=told,
        )
    facts = {
        "tiles": written.tiles,
        "features": written.features,
        "max_zoom": written.max_zoom,
        "file": str(order.file),
    }
    if json_:
        print_json({"kind": KIND, **facts})
    else:
        tell(say("tiles.cli_exported", lang, **facts))


@contextmanager
def _bar(lang: Lang) -> Iterator[Told]:
    """A bar on standard error, for whoever sits before it; nothing where nobody does."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(say("tiles.cli_exporting", lang), total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
