"""How collections are cut into tiles, read from `data/styles/tiles.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache

from geo_service.errors import ConfigError
from geo_service.resources import data_dir


@dataclass(frozen=True, slots=True)
class TilePlan:
    """Limits of the tiles. Lengths are grid units (`geometry.tiling`) of the zoom in hand."""

    max_zoom: int
    buffer: int
    step: int
    cell: int
    all_from: int
    standing: tuple[str, ...]
    left_out: frozenset[str]
    export_zoom: int
    export_tiles: int

    def rank(self, status: object) -> int:
        """Place of a standing in the order in which points are drawn, low before high."""
        return self.standing.index(status) if status in self.standing else len(self.standing)

    def step_at(self, zoom: int) -> int:
        """To which multiple vertices move: none beyond the grid where nothing nearer is made."""
        return 1 if zoom >= self.max_zoom else self.step


@cache
def tile_plan() -> TilePlan:
    """The plan. Raises ConfigError when the table is malformed."""
    path = data_dir() / "styles" / "tiles.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        thinning, export = table["thinning"], table["export"]
        return TilePlan(
            max_zoom=table["grid"]["max_zoom"],
            buffer=table["grid"]["buffer"],
            step=table["simplification"]["step"],
            cell=thinning["cell"],
            all_from=thinning["all_from"],
            standing=tuple(thinning["standing"]),
            left_out=frozenset(table["properties"]["left_out"]),
            export_zoom=export["max_zoom"],
            export_tiles=export["max_tiles"],
        )
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ConfigError("style_malformed", file=path, detail=repr(error)) from error
