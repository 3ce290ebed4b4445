"""Units, lines and nodes from files, for a review that stores nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo_service.services.boundaries import CHECKED_KINDS
from geo_service.services.interchange.issues import Issue, Level
from geo_service.services.interchange.reading import ReadResult, read_records
from geo_service.services.marker_files import tallies_of

if TYPE_CHECKING:
    from geo_service.cities import CityProfile
    from geo_service.domain.change import Record
    from geo_service.domain.marker import MarkerTally

_AS_THEY_LIE: Mapping[Path, str] = {}
_OTHER_KIND = frozenset({"geometry_type", "column_missing"})
"""Issues that say the file holds another kind of record."""

_FOR_THE_RULES = frozenset({"geometry_invalid"})
"""Errors that bar a file from the register, but are the very thing a review is asked about."""


@dataclass(frozen=True, slots=True)
class FileCase:
    """What the files hold, with every issue of every file; `refused` where one cannot be used.

    `tallies` are the counts of markers that files of lines state.
    """

    records: tuple[Record, ...]
    issues: tuple[Issue, ...]
    refused: bool
    tallies: tuple[MarkerTally, ...] = ()


def read_files(
    paths: Iterable[Path],
    *,
    city: CityProfile,
    today: date,
    crs: str = "",
    encoding: str = "",
    let_through: frozenset[str] = frozenset(),
    called: Mapping[Path, str] = _AS_THEY_LIE,
) -> FileCase:
    """Read files of units, lines or nodes; the kind of each is told by its geometry and columns.

    Geometry comes out in EPSG:4490. Nothing is raised for a wrong file: see `issues`. Errors named
    in `let_through` are told but do not refuse the files. `called` as in `marker_files`.
    """
    words = {"city": city, "today": today, "crs": crs, "encoding": encoding}
    reads = [_read(path, called.get(path, ""), words) for path in paths]
    beside = [tallies_of(read, today) for read in reads]
    issues = [issue for read in reads for issue in read.issues]
    issues += [issue for told in beside for issue in told.issues]
    return FileCase(
        records=tuple(record for read in reads for record in read.records),
        issues=tuple(issues),
        refused=any(_bars(issue) and issue.code not in let_through for issue in issues),
        tallies=tuple(tally for told in beside for tally in told.tallies),
    )


def merged(files: Iterable[Record], register: Iterable[Record]) -> list[Record]:
    """The register with the records of the files in place of its own under the same ids."""
    records = {(type(record), record.id): record for record in register}
    records |= {(type(record), record.id): record for record in files}
    return list(records.values())


def _bars(issue: Issue) -> bool:
    return issue.level is Level.ERROR and issue.code not in _FOR_THE_RULES


def _read(path: Path, called: str, words: dict[str, Any]) -> ReadResult:
    """The reading of the first kind that fits, else the one with the fewest errors."""
    attempts: list[ReadResult] = []
    for kind in CHECKED_KINDS:
        read = read_records(path, kind, facts=True, called=called, **words)
        attempts.append(read)
        if not any(issue.code in _OTHER_KIND for issue in read.issues):
            return read
    return min(attempts, key=lambda read: sum(_bars(issue) for issue in read.issues))
