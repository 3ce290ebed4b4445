"""Sound papers beside a correct tiling, and ways to spoil them, one fault at a time.

Written from the trade, not from the program: nothing of `geo_service.rules` is imported here.
Each injector says which rule must report the fault, which others may, and what it must name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from shapely import box
from shapely.geometry import LineString, Point
from tilings import INVENTED, Tiling

from geo_service.domain.boundary import AdministrativeBoundary, NodeKind
from geo_service.domain.identity import DivisionLevel, MarkerNumber
from geo_service.domain.marker import BoundaryMarker, MarkerKind
from geo_service.domain.supporting import SupportingRecord
from geo_service.domain.supporting.fieldwork import FieldPhoto, JointInspection, OpenItem, Track
from geo_service.domain.supporting.ground import GroundEvent
from geo_service.domain.supporting.papers import (
    BoundaryAgreement,
    BoundaryPoint,
    BoundarySection,
    JunctionAgreement,
    JunctionEntry,
    MapSheet,
)

METRES = np.array([87_000.0, 111_000.0])
"""About one degree of longitude and latitude at 38.5°N, in metres."""
AS_OF = date(2026, 1, 1)
MARKERS = 3


@dataclass(frozen=True)
class Archive:
    """A tiling with the papers and the field work on its lines; every line has three markers."""

    tiling: Tiling
    records: dict[str, SupportingRecord]
    markers: dict[str, BoundaryMarker]

    def of(self, kind: type, line: str = "") -> list[str]:
        """Ids of the rows of a layer, of one line where asked."""
        return sorted(
            key
            for key, row in self.records.items()
            if isinstance(row, kind) and line in ("", getattr(row, "line_code", ""))
        )

    def with_row(self, key: str, **fields) -> Archive:
        return replace(self, records={**self.records, key: replace(self.records[key], **fields)})

    def without(self, *keys: str) -> Archive:
        return replace(self, records={k: v for k, v in self.records.items() if k not in keys})


@dataclass(frozen=True)
class Fault:
    """A spoilt archive: the required rule must speak, naming `subject`."""

    archive: Archive
    required: str
    subject: str
    also: frozenset[str] = frozenset()


def build(tiling: Tiling, seed: int) -> Archive:
    random = np.random.default_rng(seed)
    lines = {code: _told(line) for code, line in tiling.lines.items()}
    tiling = replace(tiling, lines=lines)
    markers = {m.id: m for line in lines.values() for m in _markers(line)}
    rows = [row for line in lines.values() for row in _of_line(line, markers, random)]
    rows += [row for node in tiling.nodes.values() for row in _of_node(node, lines)]
    rows.append(MapSheet(id="sheet", provenance=INVENTED, geometry=box(119.4, 38.1, 120.4, 38.9)))
    flood = {"name": "洪水", "happened_on": date(2025, 7, 1), "geometry": Point(119.3, 38.5)}
    rows.append(GroundEvent(id="event", provenance=INVENTED, **flood))
    return Archive(tiling, {f"{row.LAYER}:{row.id}": row for row in rows}, markers)


def _told(line: AdministrativeBoundary) -> AdministrativeBoundary:
    steps = np.diff(np.array(line.geometry.coords), axis=0) * METRES
    length_km = round(float(np.hypot(*steps.T).sum()) / 1000, 2)
    return replace(line, length_km=length_km, level=DivisionLevel.COUNTY)


def _markers(line: AdministrativeBoundary) -> list[BoundaryMarker]:
    return [
        BoundaryMarker(
            number=MarkerNumber(f"{n:03d}Q"),
            line_code=line.code,
            kind=MarkerKind.SINGLE,
            provenance=INVENTED,
            position=line.geometry.interpolate(n / (MARKERS + 1), normalized=True),
        )
        for n in range(1, MARKERS + 1)
    ]


def _of_line(
    line: AdministrativeBoundary, markers: dict[str, BoundaryMarker], random: np.random.Generator
) -> list[SupportingRecord]:
    code, base = line.code, {"provenance": INVENTED}
    day = date(2023, 5, 1) + timedelta(days=int(random.integers(120)))
    share = round(line.length_km / 2, 2)
    held = [
        JointInspection(
            id=f"{code}/{side}",
            line_code=code,
            inspected_on=day,
            round=6,
            held_by=side,
            report_no=f"示例-{code}",
            signed_by=tuple(sorted(line.parties)),
            photos=9,
            table_filed=True,
            filed_on=day + timedelta(days=30),
            **base,
        )
        for side in sorted(line.parties)
    ]
    papers = [
        BoundaryAgreement(
            id=code,
            line_code=code,
            agreement_no="示例-1",
            approval_no="示例-2",
            map_no="示例-3",
            **base,
        ),
        OpenItem(
            id=code,
            line_code=code,
            name="描红",
            due_on=date(2024, 1, 1),
            settled_on=date(2023, 12, 1),
            **base,
        ),
        Track(id=code, recorded_on=day, geometry=line.geometry, **base),
    ]
    sections = [
        BoundarySection(
            id=f"{code}/{n}",
            line_code=code,
            start_marker=f"{n:03d}",
            end_marker=f"{n + 1:03d}",
            length_km=length,
            **base,
        )
        for n, length in enumerate((share, round(line.length_km - share, 2)))
    ]
    photos = [
        FieldPhoto(
            id=marker.id,
            line_code=code,
            marker=marker.number,
            taken_on=day,
            geometry=marker.position,
            **base,
        )
        for marker in markers.values()
        if marker.line_code == code
    ]
    points = [
        BoundaryPoint(
            id=f"{code}/B{n}",
            number=f"B{n}",
            line_code=code,
            geometry=line.geometry.interpolate(n / 3, normalized=True),
            **base,
        )
        for n in (1, 2)
    ]
    return [*held, *papers, *sections, *photos, *points]


def _of_node(node, lines: dict[str, AdministrativeBoundary]) -> list[SupportingRecord]:
    if node.kind is not NodeKind.TRIPOINT:
        return []
    base = {"provenance": INVENTED, "units": node.units}
    own = [code for code, line in lines.items() if line.parties <= set(node.units)]
    return [
        JunctionAgreement(id=node.id, signed_by=node.units, **base),
        *(
            JunctionEntry(id=f"{node.id}/{code}", line_code=code, geometry=node.position, **base)
            for code in own
        ),
    ]


def _pick(random: np.random.Generator, items: list[str]) -> str:
    return items[random.integers(len(items))]


def _line(archive: Archive, random: np.random.Generator) -> str:
    return _pick(random, sorted(archive.tiling.lines))


def _moved(point: Point, metres: float, random: np.random.Generator) -> Point:
    turn = random.uniform(0, 2 * np.pi)
    step = np.array([np.cos(turn), np.sin(turn)]) * metres / METRES
    return Point(np.array(point.coords[0]) + step)


def lost_section(archive: Archive, random: np.random.Generator) -> Fault:
    """A section is given twice, or shorter than it is."""
    code = _line(archive, random)
    key = _pick(random, archive.of(BoundarySection, code))
    row = archive.records[key]
    longer = archive.with_row(key, length_km=row.length_km + random.uniform(0.03, 0.5))
    return Fault(longer, "BD-AGR-03", code)


def lost_paper(archive: Archive, random: np.random.Generator) -> Fault:
    """The list lacks a number, or the whole line."""
    code = _line(archive, random)
    (key,) = archive.of(BoundaryAgreement, code)
    number = _pick(random, ["agreement_no", "approval_no", "map_no", ""])
    spoilt = archive.with_row(key, **{number: ""}) if number else archive.without(key)
    return Fault(spoilt, "BD-AGR-04", code)


def short_sheet(archive: Archive, random: np.random.Generator) -> Fault:
    """The only sheet ends before the line that reaches farthest east does."""
    (key,) = archive.of(MapSheet)
    code = max(archive.tiling.lines, key=lambda c: archive.tiling.lines[c].geometry.bounds[2])
    east = archive.tiling.lines[code].geometry.bounds[2] - random.uniform(0.001, 0.01)
    return Fault(archive.with_row(key, geometry=box(119.4, 38.1, east, 38.9)), "BD-AGR-05", code)


def unsigned_junction(archive: Archive, random: np.random.Generator) -> Fault:
    """One of the sides has not signed, or there is no agreement."""
    key = _pick(random, archive.of(JunctionAgreement))
    row = archive.records[key]
    if random.random() < 0.5:
        spoilt = archive.with_row(key, signed_by=row.signed_by[:-1])
    else:
        spoilt = archive.without(key)
    return Fault(spoilt, "BD-NET-12", row.id)


def junction_apart(
    archive: Archive, random: np.random.Generator, metres: float | None = None
) -> Fault:
    """One table has the junction elsewhere."""
    key = _pick(random, archive.of(JunctionEntry))
    row = archive.records[key]
    place = _moved(row.geometry, metres or random.uniform(1.2, 20), random)
    return Fault(archive.with_row(key, geometry=place), "BD-NET-13", "-".join(sorted(row.units)))


def wrong_level(archive: Archive, random: np.random.Generator) -> Fault:
    """A line between counties of one city, entered as that of a city, a town or a province."""
    code = _line(archive, random)
    levels = [DivisionLevel.PROVINCE, DivisionLevel.PREFECTURE, DivisionLevel.TOWN]
    line = replace(archive.tiling.lines[code], level=levels[random.integers(3)])
    spoilt = replace(archive, tiling=archive.tiling.with_line(line))
    return Fault(spoilt, "BD-LEV-02", code)


def overdue(archive: Archive, random: np.random.Generator) -> Fault:
    """The last inspection is more than five years ago."""
    code, spoilt = _line(archive, random), archive
    day = AS_OF - timedelta(days=int(random.integers(1830, 4000)))
    for key in archive.of(JointInspection, code):
        spoilt = spoilt.with_row(key, inspected_on=day)
    # Photos of the round are then out of its time.
    return Fault(spoilt, "IN-DUE-01", code, frozenset({"IN-PHO-01"}))


def due_soon(archive: Archive, random: np.random.Generator) -> Fault:
    """The five years are over within a hundred days."""
    code, spoilt = _line(archive, random), archive
    day = date(2021, 1, 1) + timedelta(days=int(random.integers(1, 100)))
    for key in archive.of(JointInspection, code):
        spoilt = spoilt.with_row(key, inspected_on=day)
    return Fault(spoilt, "IN-DUE-01", code, frozenset({"IN-PHO-01"}))


def registers_apart(archive: Archive, random: np.random.Generator) -> Fault:
    """One side has another day, or another number, for the round."""
    code = _line(archive, random)
    key = _pick(random, archive.of(JointInspection, code))
    row = archive.records[key]
    if random.random() < 0.5:
        spoilt = archive.with_row(key, report_no="示例-另号")
    else:
        spoilt = archive.with_row(key, inspected_on=row.inspected_on - timedelta(days=20))
    return Fault(spoilt, "IN-REC-01", code)


def half_a_report(archive: Archive, random: np.random.Generator) -> Fault:
    """A signature, the filing, the photos or the table is missing in both registers."""
    code, spoilt = _line(archive, random), archive
    side = sorted(archive.tiling.lines[code].parties)[0]
    lacking = [{"signed_by": (side,)}, {"filed_on": None}, {"photos": 0}, {"table_filed": False}]
    said = lacking[random.integers(4)]
    for key in archive.of(JointInspection, code):
        spoilt = spoilt.with_row(key, **said)
    return Fault(spoilt, "IN-RPT-01", code)


def item_open(archive: Archive, random: np.random.Generator) -> Fault:
    """Something is still open past its day."""
    code = _line(archive, random)
    (key,) = archive.of(OpenItem, code)
    return Fault(archive.with_row(key, settled_on=None), "IN-OPN-01", code)


def not_visited(archive: Archive, random: np.random.Generator) -> Fault:
    """The track turns back before the last marker."""
    code = _line(archive, random)
    (key,) = [k for k in archive.of(Track) if archive.records[k].id == code]
    course = archive.tiling.lines[code].geometry
    half = LineString(
        [course.interpolate(share, normalized=True) for share in (0.0, 0.25, 0.3, 0.5)]
    )
    del random
    # Tracks of other lines end at the same nodes, never near a marker in the middle of a line.
    return Fault(archive.with_row(key, geometry=half), "IN-VIS-01", f"{code}/003Q")


def photo_elsewhere(
    archive: Archive, random: np.random.Generator, metres: float | None = None
) -> Fault:
    """A photo from far away, or from years before."""
    key = _pick(random, archive.of(FieldPhoto))
    row = archive.records[key]
    if metres or random.random() < 0.5:
        place = _moved(row.geometry, metres or random.uniform(60, 2000), random)
        spoilt = archive.with_row(key, geometry=place)
    else:
        spoilt = archive.with_row(key, taken_on=row.taken_on - timedelta(days=800))
    return Fault(spoilt, "IN-PHO-01", row.id)


def point_aside(
    archive: Archive, random: np.random.Generator, metres: float | None = None
) -> Fault:
    """A boundary point beside the middle of the longest step of its line."""
    key = _pick(random, archive.of(BoundaryPoint))
    row = archive.records[key]
    middle, aside = _beside_the_line(archive, row.line_code)
    place = middle + aside * (metres or random.uniform(4, 60)) / METRES
    return Fault(archive.with_row(key, geometry=Point(place)), "BD-PNT-01", row.id)


def _beside_the_line(archive: Archive, code: str) -> tuple[np.ndarray, np.ndarray]:
    """The middle of the longest step of a line, and a step of one metre to its left."""
    points = np.array(archive.tiling.lines[code].geometry.coords)
    at = int(np.hypot(*(np.diff(points, axis=0) * METRES).T).argmax())
    along = (points[at + 1] - points[at]) * METRES
    return (points[at] + points[at + 1]) / 2, np.array([-along[1], along[0]]) / np.hypot(*along)


def flood(archive: Archive, random: np.random.Generator, metres: float | None = None) -> Fault:
    """A flood beside the middle of a line, after its last inspection."""
    (key,) = archive.of(GroundEvent)
    code = _line(archive, random)
    middle, aside = _beside_the_line(archive, code)
    place = middle + aside * (metres or random.uniform(5, 400)) / METRES
    return Fault(archive.with_row(key, geometry=Point(place)), "IN-EVT-01", code)


Injector = Callable[[Archive, np.random.Generator], Fault]
INJECTORS: tuple[Injector, ...] = (
    lost_section,
    lost_paper,
    short_sheet,
    unsigned_junction,
    junction_apart,
    wrong_level,
    overdue,
    due_soon,
    registers_apart,
    half_a_report,
    item_open,
    not_visited,
    photo_elsewhere,
    flood,
    point_aside,
)
