"""Lines laid beside the same lines as another map draws them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.supporting.ground import DetailedLine, OtherCopy
from geo_service.domain.text import Text
from geo_service.geometry.beside import joined
from geo_service.geometry.reconciliation import Departure, Span, is_comparable, reconcile
from geo_service.geometry.track import SAME_M
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext
from geo_service.rules.boundaries._ground import judged_lines
from geo_service.rules.boundaries._wording import length


@dataclass(frozen=True, slots=True)
class Drawing:
    """A line as drawn here beside another map, where they differ.

    `apart` are stretches on which both draw it and differ, and those only the other map has;
    `unmatched` those only this drawing has: the other map may be a sheet of the line.
    """

    line: AdministrativeBoundary
    owner: str
    apart: tuple[Departure, ...]
    unmatched: tuple[Departure, ...]

    @property
    def worst(self) -> Departure:
        """The stretch that differs most, of those that differ."""
        return max(self.apart, key=lambda one: one.largest_m)


def drawings(
    case: BoundaryCase,
    context: BoundaryContext,
    rows: Iterable[DetailedLine | OtherCopy],
    limit_m: float,
) -> Iterator[Drawing]:
    """Every line laid beside its rows, all rows of one owner as one drawing; equal ones are left.

    Chainage runs along the line of the case.
    """
    drawn: dict[str, dict[str, list[BaseGeometry]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if is_comparable(row.geometry):
            owner = row.owner if isinstance(row, OtherCopy) else ""
            drawn[row.line_code][owner].append(row.geometry)
    for number in judged_lines(case, context).tolist():
        line = case.lines[number]
        for owner, shapes in sorted(drawn.get(line.code, {}).items()):
            if is_comparable(line.geometry):
                other = case.kept.once(joined, tuple(shapes))
                measured = case.kept.once(
                    reconcile,
                    line.geometry,
                    other,
                    plane_epsg=case.plane_epsg,
                    tolerance_m=limit_m,
                    reach_m=context.threshold("copy_reach_m"),
                )
                if measured.departures:
                    yield Drawing(line, owner, *_sorted(measured.departures))


def _sorted(
    departures: Sequence[Departure],
) -> tuple[tuple[Departure, ...], tuple[Departure, ...]]:
    """Stretches that differ, and those that only the line of the case has."""
    lonely = [one for one in departures if one.alone and one.side == "a"]
    # Where the other drawing ends a little aside, the last metres still seem to be beside it.
    tails = [
        one
        for one in departures
        if not one.alone
        and one.side == "a"
        and one.opposite.length_m <= SAME_M
        and any(_adjoin(one.own, other.own) for other in lonely)
    ]
    ours = [*lonely, *tails]
    return tuple(one for one in departures if one not in ours), tuple(lonely)


def _adjoin(one: Span, other: Span) -> bool:
    return min(abs(one.from_m - other.to_m), abs(one.to_m - other.from_m)) <= SAME_M


def span_here(departure: Departure) -> Span:
    """Where a stretch lies along the line of the case."""
    return departure.own if departure.side == "a" else departure.opposite


def place_of(departures: Iterable[Departure]) -> BaseGeometry | None:
    """The stretches as one geometry, EPSG:4490; a stretch without length is left out."""
    parts = [d.geometry for d in departures if shapely.get_dimensions(d.geometry) == 1]
    return joined(parts) if parts else None


def stretch(departure: Departure) -> Text:
    """A stretch by its chainages."""
    span = span_here(departure)
    start, end = length(span.from_m), length(span.to_m)
    return Text(
        f"距起点 {start.zh}至 {end.zh}之间", f"between {start.en} and {end.en} from its start"
    )
