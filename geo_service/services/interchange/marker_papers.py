"""界桩成果表 and 界桩登记表 out of the register, as workbooks to be completed and signed by people.

Nothing is invented: what the register does not keep, signatures and dates are left blank. The
items are a table (`paper_fields`); their order and layout are ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from shapely.geometry import Point

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.change import RecordKind
from geo_service.domain.marker import BoundaryMarker
from geo_service.domain.provenance import Force
from geo_service.errors import InputError
from geo_service.geometry.crs import read_crs
from geo_service.lexicons import lexicon
from geo_service.messages import message
from geo_service.services.interchange.dictionary import spoken
from geo_service.services.interchange.exporting import (
    as_array,
    check_target,
    in_system,
    written_whole,
)
from geo_service.services.interchange.fields import Row, Value, notice_of, row_of
from geo_service.services.interchange.forms import OBJECTS, cell_name
from geo_service.services.interchange.workbooks import Sheet, write_workbook

if TYPE_CHECKING:
    from geo_service.cities import CityProfile
    from geo_service.store.protocol import Store

FORMATS = (".xlsx",)
_PAIRS = 3
"""Items beside each other on a form, each a label and its value."""
_DEGREE_DIGITS, _METRE_DIGITS = 9, 3


@dataclass(frozen=True, slots=True)
class _Markers:
    """The markers of one line in the order of their numbers, and the system of their plane."""

    line: AdministrativeBoundary | None
    code: str
    markers: Sequence[BoundaryMarker]
    plane: str

    @property
    def name(self) -> str:
        """The line as a title names it."""
        return self.line.name if self.line is not None and self.line.name else self.code

    @property
    def notice(self) -> str:
        """What every page says: standing, use, items not checked."""
        said = dict.fromkeys(notice_of(marker) for marker in self.markers)
        return "；".join((*said, message("import.notice_fields").zh))

    def title(self, key: str) -> str:
        """The title of a paper, with 示例 before it where anything of it is invented."""
        invented = any(m.provenance.force is Force.SYNTHETIC for m in self.markers)
        mark = message("papers.sample").zh if invented else ""
        return mark + message(f"papers.{key}", line=self.name).zh

    def rows(self) -> Iterator[Row]:
        """Each marker in the words of a paper, with plane coordinates."""
        words = spoken("paper", RecordKind.MARKERS.value)
        places = as_array(marker.position for marker in self.markers)
        for number, (marker, placed) in enumerate(
            zip(self.markers, in_system(places, self.plane), strict=True), start=1
        ):
            row = row_of(marker) | {"serial": number, "line_name": self.name}
            if marker.position is not None and isinstance(placed, Point):
                row |= {"easting": round(placed.x, _METRE_DIGITS)}
                row |= {"northing": round(placed.y, _METRE_DIGITS)}
                row |= {"lon": round(marker.position.x, _DEGREE_DIGITS)}
                row |= {"lat": round(marker.position.y, _DEGREE_DIGITS)}
            for field, word in words.items():
                row[field] = word.get(str(row[field]))
            yield row


def export_marker_table(
    store: Store,
    path: Path,
    *,
    city: CityProfile,
    as_of: date | None = None,
    known_at: datetime | None = None,
    crs: str = "",
    line_code: str = "",
) -> int:
    """Write a 界桩成果表 as XLSX, one sheet to a line; returns the number of markers.

    Plane coordinates are in the plane `crs`, else in the city's zone. Raises InputError as
    `export_records` does, `papers_need_plane` for a system in degrees and `papers_no_markers`.
    """
    lines = _lines(store, path, city, crs, (as_of, known_at, line_code))
    _write(path, lines, [_table(line) for line in lines])
    return sum(len(line.markers) for line in lines)


def export_marker_forms(
    store: Store,
    path: Path,
    *,
    city: CityProfile,
    line_code: str,
    as_of: date | None = None,
    known_at: datetime | None = None,
    crs: str = "",
) -> int:
    """Write the 界桩登记表 of one line as XLSX, one sheet to a marker; returns how many.

    Raises InputError as `export_marker_table` does, `papers_need_line` without a line.
    """
    if not line_code:
        raise InputError("papers_need_line")
    (line,) = _lines(store, path, city, crs, (as_of, known_at, line_code))
    _write(path, [line], [_form(line, row) for row in line.rows()])
    return len(line.markers)


def _lines(
    store: Store,
    path: Path,
    city: CityProfile,
    crs: str,
    which: tuple[date | None, datetime | None, str],
) -> list[_Markers]:
    check_target(path, formats=FORMATS)
    plane = crs or f"EPSG:{city.plane_epsg}"
    if not read_crs(plane).is_projected:
        raise InputError("papers_need_plane", crs=plane, plane=city.plane_epsg)
    as_of, known_at, only = which
    lines = store.records(RecordKind.BOUNDARY_LINES, as_of=as_of, known_at=known_at)
    known = {line.id: line for line in lines}
    by_line: dict[str, list[BoundaryMarker]] = {}
    for marker in store.records(RecordKind.MARKERS, as_of=as_of, known_at=known_at):
        if isinstance(marker, BoundaryMarker) and only in ("", marker.line_code):
            by_line.setdefault(marker.line_code, []).append(marker)
    if not by_line:
        raise InputError("papers_no_markers", line=only or "-")
    return [
        _Markers(
            line if isinstance(line := known.get(code), AdministrativeBoundary) else None,
            code,
            sorted(markers, key=lambda marker: marker.number),
            plane,
        )
        for code, markers in sorted(by_line.items())
    ]


def _write(path: Path, lines: Sequence[_Markers], sheets: Sequence[Sheet]) -> None:
    notice = "；".join(dict.fromkeys(line.notice for line in lines))
    with written_whole(path) as draft:
        write_workbook(draft, sheets, notice)


def _items(paper: str) -> list[tuple[str, str]]:
    rows = lexicon("paper_fields", "paper", "position").rows
    return [(row["title"], row["field"]) for row in rows if row["paper"] == paper]


def _blank_signatures() -> list[Value]:
    """Labels of what people fill in and sign: never anything behind them."""
    names = ("made_by", "checked_by", "dated")
    return [cell for name in names for cell in (message(f"papers.{name}").zh, None)]


def _table(line: _Markers) -> Sheet:
    items = _items("table")
    width = len(items)
    about = message("papers.about", code=line.code, plane=line.plane).zh
    rows: list[list[Value]] = [[line.title("table")], [about], [line.notice]]
    rows.append([title for title, _ in items])
    rows += [[row.get(field) if field else None for _, field in items] for row in line.rows()]
    rows.append(_blank_signatures())
    merged = [f"A{n}:{cell_name(n, width - 1)}" for n in (1, 2, 3)]
    return Sheet(line.name, rows, header=4, merged=merged)


def _form(line: _Markers, row: Row) -> Sheet:
    """Items in pairs of label and value, then three rows for reference objects, then signatures."""
    width = 2 * _PAIRS
    rows: list[list[Value]] = [[line.title("form")], [line.notice]]
    cells = [c for t, f in _items("form") for c in (t, row.get(f) if f else None)]
    rows += [cells[i : i + width] for i in range(0, len(cells), width)]
    rows.append([message(f"papers.object_{name}").zh for name in _OBJECT])
    rows += [[n + 1] for n in range(OBJECTS)]
    merged = [f"A{n}:{cell_name(n, width - 1)}" for n in (1, 2)]
    for name in ("sketch", "photo", "side_a", "side_b", "side_c"):
        rows.append([message(f"papers.{name}").zh])
        merged.append(f"B{len(rows)}:{cell_name(len(rows), width - 1)}")
    rows.append(_blank_signatures())
    full = [[*cells, *[None] * (width - len(cells))] for cells in rows]
    return Sheet(str(row["number"]), full, merged=merged, landscape=False, boxed=True)


_OBJECT = ("serial", "name", "azimuth", "distance")
