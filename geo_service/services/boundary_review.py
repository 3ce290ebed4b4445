"""One review of boundaries from what was handed in, the register, or both: files in, findings out.

The steps that `boundary check` and the job of the same name share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service.domain.kept_finding import Origin
from geo_service.services import inspections, life_cycle
from geo_service.services.boundaries import (
    BoundaryReport,
    case_of,
    check_boundaries,
    checked_records,
    require_records,
)
from geo_service.services.boundary_files import FileCase, read_files
from geo_service.services.boundary_files import merged as with_files
from geo_service.services.boundary_states import sighting_of, stated
from geo_service.services.interchange.layers import LayerFiles, read_layers
from geo_service.services.marker_files import MarkerFiles, read_marker_files
from geo_service.services.markers import (
    entries_from_store,
    marker_case,
    merged,
    with_markers,
)

if TYPE_CHECKING:
    from datetime import date

    from geo_service.cities import CityProfile
    from geo_service.domain.change import Record
    from geo_service.domain.kept_finding import ReviewRun
    from geo_service.rules.boundaries import BoundaryCase
    from geo_service.rules.markers import MarkerCase
    from geo_service.services.boundaries import Progress
    from geo_service.services.interchange.issues import Issue
    from geo_service.store.protocol import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """Files for a review, and the system of each group of them ("" where the file declares it).

    `files` are units, lines or nodes, `markers` papers on markers, `layers` pairs of a layer's word
    and a file. `called` tells what a sender calls a file that lies here under another name.
    """

    files: Sequence[Path] = ()
    markers: Sequence[Path] = ()
    layers: Sequence[tuple[str, Path]] = ()
    crs: str = ""
    markers_crs: str = ""
    layers_crs: str = ""
    encoding: str = ""
    called: Mapping[Path, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What the files hold; `lines` is None where there was no file of units, lines or nodes."""

    lines: FileCase | None
    markers: MarkerFiles
    layers: LayerFiles

    @property
    def issues(self) -> tuple[Issue, ...]:
        """Everything that was noticed in reading."""
        lines = () if self.lines is None else self.lines.issues
        return (*lines, *self.markers.issues, *self.layers.issues)

    @property
    def refused(self) -> bool:
        """Whether a file cannot be used."""
        lines = self.lines is not None and self.lines.refused
        return lines or self.markers.refused or self.layers.refused


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A report with the records that were judged."""

    report: BoundaryReport
    case: BoundaryCase
    markers: MarkerCase
    origin: Origin


def read_papers(papers: Papers, *, city: CityProfile, today: date) -> HandedIn:
    """Read what was handed in. Nothing is raised for a wrong file: see `HandedIn.issues`.

    Raises InputError `supporting_layer_unknown`.
    """
    crs, encoding, called = papers.crs, papers.encoding, papers.called
    lines = None
    if papers.files:
        lines = read_files(
            papers.files, city=city, today=today, crs=crs, encoding=encoding, called=called
        )
    markers = read_marker_files(
        papers.markers,
        city=city,
        today=today,
        crs=papers.markers_crs or crs,
        encoding=encoding,
        called=called,
    )
    layers = read_layers(
        papers.layers,
        city=city,
        today=today,
        crs=papers.layers_crs or crs,
        encoding=encoding,
        called=called,
    )
    return HandedIn(lines, markers, layers)


def review(
    handed: HandedIn,
    register: Store | None,
    *,
    city: CityProfile,
    as_of: date,
    scale: int,
    progress: Progress | None = None,
) -> Reviewed:
    """Run every rule on what was handed in, beside or over the records of the register.

    `register` is None where the files stand for themselves. Raises InputError `nothing_to_check`,
    ConfigError where the city profile lacks a limit.
    """
    case = _case(handed, register, city, as_of)
    said = _marker_case(handed, register, case, as_of)
    if not said.entries:
        require_records(case, as_of)
    report = check_boundaries(case, city, as_of, scale=scale, progress=progress)
    if said.entries or said.tallies:
        report = with_markers(report, said, city, progress=progress)
    if inspections.LAYERS & case.supporting.layers:
        report = inspections.with_inspections(report, case, said.markers, city, progress=progress)
    from_files = handed.lines is not None or bool(handed.markers.entries)
    return Reviewed(report, case, said, Origin.FILES if from_files else Origin.REGISTER)


def followed(
    reviewed: Reviewed, register: Store, *, keep: bool, actor: str, today: date
) -> tuple[BoundaryReport, ReviewRun | None]:
    """The report with the states that the register keeps of its findings.

    With `keep` the review itself is kept, and the run is told.
    """
    report, said = reviewed.report, reviewed.markers
    sighting = sighting_of(report, reviewed.case, reviewed.origin, said.entries, said.tallies)
    if not keep:
        return stated(report, sighting, register), None
    kept = life_cycle.keep(register, sighting, actor=actor, today=today)
    return replace(report, findings=kept.findings), kept.run


def _case(handed: HandedIn, register: Store | None, city: CityProfile, as_of: date) -> BoundaryCase:
    known: list[Record] = []
    if register is not None:
        known = list(checked_records(register, as_of))
    records = known if handed.lines is None else with_files(handed.lines.records, known)
    return case_of(records, city, handed.layers.supporting)


def _marker_case(
    handed: HandedIn, register: Store | None, case: BoundaryCase, as_of: date
) -> MarkerCase:
    entries = list(handed.markers.entries)
    if register is not None:
        entries = merged(entries, entries_from_store(register, as_of))
    return marker_case(entries, case, () if handed.lines is None else handed.lines.tallies)
