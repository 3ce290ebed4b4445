"""What goes into one layer of an exported file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo_service.geometry.arrays import Geometries
    from geo_service.services.interchange.fields import Row


@dataclass(frozen=True, slots=True)
class Content:
    """Rows under one name with their places, one (or None) to a row, in `crs` already."""

    layer: str
    rows: Sequence[Row]
    shapes: Geometries
    crs: str

    @property
    def columns(self) -> list[str]:
        """All fields in the order of their first appearance, the notice last."""
        names = dict.fromkeys(name for row in self.rows for name in row if name != "notice")
        return [*names, "notice"]
