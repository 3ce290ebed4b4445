"""What the modules of the store ask of an engine, so that none of them is written twice.

An SQLite connection (`connection.FileConnection`) and a PostgreSQL session (`session.Session`)
both fit. Statements come from `sql` in the engine's dialect, with question marks for parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    import numpy as np
    from numpy.typing import NDArray

    from geo_service.store.dialects import Dialect
    from geo_service.store.schema import Layer


class Rows(Protocol):
    """The answer to a statement."""

    @property
    def rowcount(self) -> int:
        """How many rows a change has touched."""
        ...

    def fetchone(self) -> Any:
        """The next row, None after the last."""
        ...

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        ...

    def __iter__(self) -> Iterator[Any]: ...


class Placing(Protocol):
    """The spatial index of one layer while rows are added to it."""

    def add(self, fids: list[int], boxes: NDArray[np.float64]) -> None:
        """Boxes (n, 4: west, south, east, north) of new rows, NaN where there is no geometry."""
        ...

    def repeat(self, old: int, new: int) -> None:
        """The new row has the geometry of the old one."""
        ...

    def note(self, boxes: NDArray[np.float64], recorded_at: str) -> None:
        """The layer was changed then, and by records with these boxes."""
        ...


class Database(Protocol):
    """A connection to a store, of one thread at a time."""

    @property
    def dialect(self) -> Dialect:
        """How statements are written for it."""
        ...

    def execute(self, statement: str, parameters: Sequence[Any] = ..., /) -> Rows:
        """Run one statement. Raises the error of the engine."""
        ...

    def insert_rows(
        self, table: str, columns: tuple[str, ...], rows: Sequence[Sequence[Any]]
    ) -> None:
        """INSERT rows in order, as fast as the engine takes them."""
        ...

    def appending(self) -> AbstractContextManager[None]:
        """Let log entries be added inside; their order is asked at the latest on leaving."""
        ...

    def placing(self, layer: Layer, /) -> AbstractContextManager[Placing]:
        """Let rows be added to a layer inside, and be found by place afterwards."""
        ...

    def empty_layer(self, layer: Layer) -> None:
        """Take all rows out of a layer and of its spatial index."""
        ...

    def misplaced(self, layer: Layer) -> str | None:
        """What a search by place would miss, or is told wrongly of a layer: a problem, or None."""
        ...

    def misshapen(self) -> str | None:
        """A part of the schema that is not as the migrations made it, None where all is well."""
        ...

    def undeclared(self) -> list[str]:
        """Tables, indexes and the like among ours that the migrations did not make."""
        ...

    def stored(self, wkb: bytes | None, box: Sequence[float], /) -> bytes | None:
        """A geometry (ISO WKB, its box) as a layer keeps it."""
        ...

    def shapes(self, values: Iterable[bytes | None]) -> list[Any]:
        """Shapely geometries out of what `sql.select` reads, None for None."""
        ...
