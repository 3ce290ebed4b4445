"""Papers on markers (界桩成果表, 登记表, 联检记录) from files, for a review that stores nothing.

A row gives the marker as an import reads it, and beside it what only a check judges: plane
coordinates, reference objects, state and repair. Field names are those found in practice, not
checked against MZ/T 149.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

from shapely.geometry import Point

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.change import RecordKind
from geo_service.domain.identity import DivisionCode
from geo_service.domain.marker import (
    BoundaryMarker,
    MarkerDocument,
    MarkerEntry,
    MarkerState,
    MarkerTally,
    ReferenceObject,
)
from geo_service.services.interchange.angles import is_signed, signed_angle
from geo_service.services.interchange.cells import Cells, Sheet
from geo_service.services.interchange.columns import FACTS_OF, choices, fact_columns, folded
from geo_service.services.interchange.issues import Issue, Issues, Level, located
from geo_service.services.interchange.reading import ReadResult, ReadRow, read_records

if TYPE_CHECKING:
    from geo_service.cities import CityProfile

_FOR_THE_RULES = frozenset({"id_repeated", "row_repeated"})
"""Errors that bar a file from the register, but are the very thing a review is asked about."""

_AS_THEY_LIE: Mapping[Path, str] = {}
_OBJECTS = (1, 2, 3)
_PARTS = ("name", "azimuth", "distance")


@dataclass(frozen=True, slots=True)
class MarkerFiles:
    """What the papers say, with every issue of every file; `refused` where one cannot be used."""

    entries: tuple[MarkerEntry, ...]
    issues: tuple[Issue, ...]
    refused: bool


def read_marker_files(
    paths: Iterable[Path],
    *,
    city: CityProfile,
    today: date,
    crs: str = "",
    encoding: str = "",
    called: Mapping[Path, str] = _AS_THEY_LIE,
) -> MarkerFiles:
    """Read papers on markers. Positions come out in EPSG:4490; nothing is raised for a wrong file.

    Which paper a row comes from is told by its column `document`, else by the title above the data
    or the name of the file. Forms, titles and several sheets are read as `interchange.papers` says.
    `called` tells what a sender calls a file that lies here under another name.
    """
    entries: list[MarkerEntry] = []
    issues: list[Issue] = []
    for path in paths:
        read = read_records(
            path,
            RecordKind.MARKERS,
            city=city,
            today=today,
            crs=crs,
            encoding=encoding,
            facts=True,
            called=called.get(path, ""),
        )
        named = Path(called.get(path, path.name))
        beside = Issues(named.name)
        entries += [
            _entry(row, _document_of(row, named), _cells(row, read.kind, beside, today), city)
            for row in read.rows
        ]
        places = {row.number: row.place for row in read.rows if row.place is not None}
        issues += [*read.issues, *(located(issue, places) for issue in beside.all())]
    return MarkerFiles(tuple(entries), tuple(issues), any(map(_bars, issues)))


@dataclass(frozen=True, slots=True)
class Tallies:
    """The counts of markers that a file of lines states, and what is wrong with them."""

    tallies: tuple[MarkerTally, ...]
    issues: tuple[Issue, ...]


def tallies_of(read: ReadResult, today: date) -> Tallies:
    """The counts in the rows of a file of lines; none in a file of another kind."""
    issues = Issues(read.file)
    tallies = [
        _tally(_cells(row, read.kind, issues, today), row.record.code)
        for row in read.rows
        if isinstance(row.record, AdministrativeBoundary)
    ]
    return Tallies(tuple(tally for tally in tallies if tally is not None), issues.all())


def _tally(cells: Cells, line_code: str) -> MarkerTally | None:
    counts = {name: _count(cells, name) for name in ("singles", "pairs", "triples", "stones")}
    told = any(count is not None for count in counts.values())
    return MarkerTally(line_code=line_code, **counts) if told else None


def _bars(issue: Issue) -> bool:
    return issue.level is Level.ERROR and issue.code not in _FOR_THE_RULES


def _cells(row: ReadRow, kind: RecordKind, issues: Issues, today: date) -> Cells:
    headers = list(row.raw)
    columns = fact_columns(headers, kind) | fact_columns(headers, FACTS_OF[kind])
    return Cells(Sheet(kind, columns, issues, today), row.number, list(row.raw.values()))


def _document_of(row: ReadRow, path: Path) -> MarkerDocument:
    """The paper whose Chinese name stands above the data or in the name of the file.

    The longest name decides. A form that does not say what it is, is a form.
    """
    words = choices(RecordKind.MARKERS, "document")
    for text in ("" if row.place is None else row.place.title, path.stem):
        said = [word for word in words if not word.isascii() and word in text]
        if said:
            return MarkerDocument(words[max(said, key=len)])
    is_form = row.place is not None and row.place.cells
    return MarkerDocument.FORM if is_form else MarkerDocument.REGISTER


def _entry(row: ReadRow, named: MarkerDocument, cells: Cells, city: CityProfile) -> MarkerEntry:
    document, state = cells.choice("document"), cells.choice("state")
    return MarkerEntry(
        marker=cast("BoundaryMarker", row.record),
        document=MarkerDocument(document) if document else named,
        dated=cells.day("observed_on"),
        faces=_faces(cells),
        plane=_plane(cells),
        references=_references(cells, city),
        state=MarkerState(state) if state else None,
        repaired_on=cells.day("repaired_on"),
        witness_sides=_witnesses(cells),
    )


def _witnesses(cells: Cells) -> tuple[DivisionCode, ...] | None:
    """The units present at a repair, several in one cell where several were there."""
    if "witness_side" not in cells.sheet.columns:
        return None
    return cells.codes("witness_side")


def _faces(cells: Cells) -> int | None:
    """The faces that the type of the stone tells: 单立双面型 has two."""
    said = choices(RecordKind.MARKERS, "faces").get(folded(cells.raw("faces")))
    return None if said is None else int(said)


def _plane(cells: Cells) -> tuple[float, float] | None:
    """Easting and northing where they stand beside longitude and latitude or a geometry.

    Columns named x and y are left alone: which of them points north nobody says.
    """
    columns = cells.sheet.columns
    if "geometry" not in columns and not columns.keys() >= {"lon", "lat"}:
        return None
    easting, northing = cells.decimal("easting"), cells.decimal("northing")
    return None if easting is None or northing is None else (easting, northing)


def _references(cells: Cells, city: CityProfile) -> tuple[ReferenceObject, ...] | None:
    fields = [f"object{n}_{part}" for n in _OBJECTS for part in _PARTS]
    if not cells.sheet.columns.keys() & set(fields):
        return None
    objects = (_reference(cells, city, n) for n in _OBJECTS)
    return tuple(one for one in objects if one is not None)


def _reference(cells: Cells, city: CityProfile, n: int) -> ReferenceObject | None:
    name, azimuth = cells.text(f"object{n}_name"), _azimuth(cells, f"object{n}_azimuth")
    distance = cells.decimal(f"object{n}_distance")
    lon, lat = cells.degrees(f"object{n}_lon"), cells.degrees(f"object{n}_lat")
    if not name and azimuth is None and distance is None:
        return None
    position = (
        None
        if lon is None or lat is None
        else _placed(cells, city, f"object{n}_lon", Point(lon, lat))
    )
    return ReferenceObject(name=name, azimuth_deg=azimuth, distance_m=distance, position=position)


def _placed(cells: Cells, city: CityProfile, field: str, place: Point) -> Point | None:
    """The place of an object, in longitude and latitude whatever system the markers are in."""
    west, south, east, north = city.extent
    if west <= place.x <= east and south <= place.y <= north:
        return place
    where = {"x": str(round(place.x, 6)), "y": str(round(place.y, 6))}
    cells.error("outside_city", field, city=city.name.zh, **where)
    return None


def _azimuth(cells: Cells, field: str) -> float | None:
    """Degrees from 227°10'30" or a decimal number."""
    text = cells.text(field)
    if not text:
        return None
    value = signed_angle(text) if is_signed(text) else _decimal(text)
    if value is not None and 0 <= value <= 360:
        return value
    cells.error("angle_unreadable", field, value=text)
    return None


def _decimal(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _count(cells: Cells, field: str) -> int | None:
    value = cells.decimal(field)
    if value is not None and (value < 0 or not value.is_integer()):
        cells.error("number_unreadable", field, value=cells.raw(field))
        return None
    return None if value is None else int(value)
