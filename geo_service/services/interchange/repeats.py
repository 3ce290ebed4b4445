"""The same thing twice in one file, under ids or codes that differ: told, never merged."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np
import shapely

from geo_service.cities import CityProfile
from geo_service.domain.change import Record, RecordKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.place import NamedPlace
from geo_service.geometry.arrays import Geometries
from geo_service.geometry.crs import to_plane
from geo_service.services.interchange.cells import Sheet
from geo_service.services.interchange.fields import geometry_of

Numbered = tuple[int, Record]
"""Row and record."""

_FREE_IDS = (RecordKind.PLACE_NAMES, RecordKind.ROADS)
"""Kinds whose ids the senders make up; codes and numbers have a form."""
_DASHES = re.compile("[\u2010-\u2015\u2212\u30fc\uff0d]")
_LOST_DIGITS = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]{2}")
"""A long number as a spreadsheet shows it: the digits it leaves out are gone."""
_FRACTION = re.compile(r"\.0+$")
_SAME_PLACE_DEG = 1e-6
"""A tenth of a metre: what two writings of one point may differ by."""


def tell_repeats(rows: Sequence[Numbered], sheet: Sheet, city: CityProfile) -> None:
    """Ids that look alike, one place under two ids, and units that lie over each other."""
    if sheet.kind in _FREE_IDS:
        _tell_alike(rows, sheet)
    _tell_same(rows, sheet)
    if sheet.kind == RecordKind.BOUNDARY_LINES:
        _tell_crossed(rows, sheet)
    if sheet.kind == RecordKind.UNITS:
        _tell_overlaps(rows, sheet, city)


def _tell_alike(rows: Iterable[Numbered], sheet: Sheet) -> None:
    """Ids that differ in case, width, dashes or a decimal nought only, or that lost digits."""
    first: dict[str, Numbered] = {}
    for number, record in rows:
        if _LOST_DIGITS.fullmatch(record.id):
            sheet.issues.error("id_digits_lost", number, "id", value=record.id)
        row, known = first.setdefault(_look(record.id), (number, record))
        if known.id != record.id:
            facts = {"value": record.id, "first": row, "other": known.id}
            sheet.issues.warning("id_alike", number, "id", **facts)


def _look(text: str) -> str:
    if text.isascii() and text.isdigit():
        return text
    plain = unicodedata.normalize("NFKC", _DASHES.sub("-", text)).casefold()
    return _FRACTION.sub("", plain)


def _tell_same(rows: Sequence[Numbered], sheet: Sheet) -> None:
    """Records at one place: of names only those that also read the same."""
    first: dict[tuple[object, ...], tuple[int, str]] = {}
    for (number, record), place in zip(rows, _places(rows), strict=True):
        for key in _keys(record, place):
            row, known = first.setdefault(key, (number, record.id))
            if known != record.id:
                facts = {"value": record.id, "first": row, "other": known}
                sheet.issues.warning("record_alike", number, str(key[0]), **facts)


def _keys(record: Record, place: bytes | None) -> tuple[tuple[object, ...], ...]:
    if isinstance(record, NamedPlace):
        return (("name", record.name, record.feature_type, record.unit_code, place),)
    drawn = () if place is None else (("geometry", place),)
    if isinstance(record, AdministrativeUnit):
        return (*drawn, ("name", record.name, record.period))
    return drawn


def _places(rows: Sequence[Numbered]) -> list[bytes | None]:
    """One writing for each place, wherever a line or a ring begins."""
    shapes = np.array([None, *(geometry_of(record) for _, record in rows)], dtype=object)[1:]
    written = np.full(len(shapes), None, dtype=object)
    points = (shapely.get_type_id(shapes) == 0) & ~shapely.is_empty(shapes)
    with np.errstate(over="ignore", invalid="ignore"):  # of places that are refused anyway
        at = np.round(shapely.get_coordinates(shapes[points]) / _SAME_PLACE_DEG)
        written[points] = at.astype(np.int64).view("V16").ravel().tolist()
        others = ~points & (shapes != np.array(None))
        rounded = shapely.set_precision(shapes[others], _SAME_PLACE_DEG, mode="pointwise")
    written[others] = shapely.to_wkb(shapely.normalize(rounded))
    places: list[bytes | None] = written.tolist()
    return places


def _tell_crossed(rows: Sequence[Numbered], sheet: Sheet) -> None:
    """Lines that meet themselves: sides and lengths along them cannot be told."""
    shapes = np.array([None, *(geometry_of(record) for _, record in rows)], dtype=object)[1:]
    drawn = shapes != np.array(None)
    for i in np.flatnonzero(drawn & ~shapely.is_simple(shapes)):
        number, record = rows[int(i)]
        sheet.issues.warning("line_crosses_itself", number, "geometry", value=record.id)


def _tell_overlaps(rows: Sequence[Numbered], sheet: Sheet, city: CityProfile) -> None:
    """Units over each other: stored as they came, for the line between them is not known."""
    drawn = [(n, r) for n, r in rows if isinstance(r, AdministrativeUnit) and r.geometry]
    if not drawn or sheet.issues.refused:
        return
    shapes = to_plane(np.array([r.geometry for _, r in drawn], dtype=object), city.plane_epsg)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = [
        (a, b)
        for a, b in zip(one.tolist(), other.tolist(), strict=True)
        if a < b and _both_counted(drawn[a][1], drawn[b][1])
    ]
    least = city.threshold("overlap_min_area_m2")
    over: set[int] = set()
    for a, b in pairs:
        area = float(shapely.area(shapely.intersection(shapes[a], shapes[b])))
        if area >= least:
            over |= {a, b}
            facts = {"value": drawn[b][1].id, "other": drawn[a][1].id, "first": drawn[a][0]}
            sheet.issues.warning("units_overlap", drawn[b][0], "geometry", **facts)
    _tell_gaps(drawn, shapes, over, sheet, city)


def _tell_gaps(
    drawn: Sequence[tuple[int, AdministrativeUnit]],
    shapes: Geometries,
    over: set[int],
    sheet: Sheet,
    city: CityProfile,
) -> None:
    """Narrow strips between units that belong to none of them: an open question, or drawn so."""
    width, same = city.threshold("narrow_gap_m"), city.threshold("same_vertex_m")
    beside: dict[tuple[object, ...], list[int]] = {}
    for i, (_, unit) in enumerate(drawn):
        beside.setdefault((unit.code.level, unit.period), []).append(i)
    for at in beside.values():
        edges = shapely.coverage_invalid_edges(shapes[at], gap_width=width)
        open_at = [
            (i, edge)
            for i, edge in zip(at, edges, strict=True)
            if i not in over and not shapely.is_empty(edge)
        ]
        told: set[frozenset[int]] = set()
        for i, edge in open_at:
            middle = shapely.line_interpolate_point(
                shapely.get_geometry(edge, 0), 0.5, normalized=True
            )
            others = [j for j, _ in open_at if j != i]
            ways = shapely.distance(shapes[others], middle)
            if not len(ways) or not same < ways.min() <= width:
                continue
            pair = frozenset((i, others[int(ways.argmin())]))
            if pair not in told:
                told.add(pair)
                (first, one), (row, other) = (drawn[at] for at in sorted(pair))
                facts = {"value": other.id, "other": one.id, "first": first, "width": f"{width:g}"}
                sheet.issues.warning("units_gap", row, "geometry", **facts)


def _both_counted(one: Record, other: Record) -> bool:
    """Whether two units stand beside each other: of one level, and at one time."""
    if not (isinstance(one, AdministrativeUnit) and isinstance(other, AdministrativeUnit)):
        return False
    return one.code.level == other.code.level and one.period.intersects(other.period)
