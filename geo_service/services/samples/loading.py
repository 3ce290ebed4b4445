"""Puts a sample into a store: what is missing is added, what is there is left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service.domain.boundary import NodeKind
from geo_service.domain.change import Change, Operation, Record, RecordKind
from geo_service.domain.identity import DivisionLevel
from geo_service.domain.text import Text
from geo_service.messages import message
from geo_service.resources import vendor_dir
from geo_service.services.samples.divisions import city_names
from geo_service.services.samples.names import both
from geo_service.services.samples.real import real_city
from geo_service.services.samples.synthetic import DEFAULT_SEED, SyntheticLayer, synthetic_layer

if TYPE_CHECKING:
    from geo_service.cities import CityProfile
    from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode
    from geo_service.domain.place import NamedPlace
    from geo_service.services.samples.real import Sample
    from geo_service.store.protocol import Store

Progress = Callable[[Text], None]
"""Told what is being done, in both languages."""

ACTOR = "sample-loader"


@dataclass(frozen=True, slots=True)
class Difference:
    """A count that is not what the city profile expects."""

    name: str
    expected: int
    found: int


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """What the sample holds by kind, how much of it was new to the store, and what is amiss."""

    city: str
    counts: dict[str, int]
    added: int
    differences: tuple[Difference, ...]


def load_sample(
    store: Store,
    city: CityProfile,
    *,
    divisions_dir: Path | None = None,
    progress: Progress | None = None,
) -> SampleSummary:
    """Load the sample of a city in one transaction; a second run adds nothing.

    Records that somebody has corrected or retired since are not touched. The invented city gets
    its layer with the seeded faults. Raises InputError where open data are not installed
    (`realdata_missing`, `realdata_incomplete`, `divisions_missing`), and what the store raises.
    """
    tell = progress or _say_nothing
    tell(message("samples.reading", city=both(city.name)))
    if city.synthetic:
        sample: Sample | SyntheticLayer = synthetic_layer(DEFAULT_SEED)
    else:
        sample = real_city(city, divisions_dir=divisions_dir or _divisions())
    tell(message("samples.storing"))
    added = _add(store, _records(sample))
    counts = _counts(sample)
    tell(message("samples.stored", added=added))
    return SampleSummary(city.code, counts, added, _differences(city, counts))


def load_names(
    store: Store, city: CityProfile, *, divisions_dir: Path | None = None
) -> SampleSummary:
    """Load the names alone, where the outlines are not installed; otherwise as `load_sample`.

    Raises InputError (`divisions_missing`), and what the store raises.
    """
    places = city_names(city, divisions_dir or _divisions())
    added = _add(store, ((RecordKind.PLACE_NAMES, place) for place in places))
    return SampleSummary(city.code, _name_counts(places), added, ())


def _divisions() -> Path:
    return vendor_dir() / "divisions"


def _add(store: Store, records: Iterable[tuple[RecordKind, Record]]) -> int:
    """Add what the store never had, in one transaction."""
    missing = [record for kind, record in records if store.version(kind, record.id) == 0]
    if missing:
        with store.begin() as work:
            work.append(_changes(missing))
    return len(missing)


def _say_nothing(text: Text) -> None:
    """For callers that show no progress."""


def _records(sample: Sample | SyntheticLayer) -> Iterator[tuple[RecordKind, Record]]:
    for kind, records in (
        (RecordKind.UNITS, sample.units),
        (RecordKind.BOUNDARY_LINES, sample.lines),
        (RecordKind.BOUNDARY_NODES, sample.nodes),
        (RecordKind.PLACE_NAMES, sample.places),
        (RecordKind.MARKERS, sample.markers if isinstance(sample, SyntheticLayer) else ()),
    ):
        for record in records:
            yield kind, record


def _changes(records: Iterable[Record]) -> Iterator[Change]:
    reason = both(message("samples.reason"))
    for record in records:
        yield Change(
            operation=Operation.CREATE,
            record=record,
            actor=ACTOR,
            reason=reason,
            basis=record.provenance.source,
        )


def _counts(sample: Sample | SyntheticLayer) -> dict[str, int]:
    markers = sample.markers if isinstance(sample, SyntheticLayer) else ()
    return {
        "units": len(sample.units),
        **_line_counts(sample.lines),
        **_node_counts(sample.nodes),
        **_name_counts(sample.places),
        "markers": len(markers),
    }


def _line_counts(lines: Iterable[AdministrativeBoundary]) -> dict[str, int]:
    inner = Counter(line.is_internal for line in lines)
    return {"internal_lines": inner[True], "external_lines": inner[False]}


def _node_counts(nodes: Iterable[BoundaryNode]) -> dict[str, int]:
    found = Counter((node.kind, node.is_internal) for node in nodes)
    return {
        "internal_tripoints": found[NodeKind.TRIPOINT, True],
        "edge_tripoints": found[NodeKind.TRIPOINT, False],
        "sea_ends": found[NodeKind.SEA_END, True] + found[NodeKind.SEA_END, False],
    }


def _name_counts(places: Iterable[NamedPlace]) -> dict[str, int]:
    places = list(places)
    levels = Counter(place.unit_code.level for place in places if place.id == place.unit_code)
    return {
        "names": len(places),
        "townships": levels[DivisionLevel.TOWN],
        "villages": levels[DivisionLevel.VILLAGE],
    }


def _differences(city: CityProfile, counts: dict[str, int]) -> tuple[Difference, ...]:
    return tuple(
        Difference(name, expected, counts[name])
        for name, expected in city.expected.items()
        if counts[name] != expected
    )
