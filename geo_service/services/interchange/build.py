"""Rows into records of the domain, kind by kind."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Any

from geo_service.cities import CityProfile
from geo_service.domain.boundary import (
    AdministrativeBoundary,
    BoundaryNode,
    LegalStatus,
    NodeKind,
)
from geo_service.domain.change import Record, RecordKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.identity import DivisionCode, DivisionLevel, LineCode, MarkerNumber
from geo_service.domain.marker import BoundaryMarker, MarkerKind
from geo_service.domain.period import Period
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus, ReadingSource
from geo_service.domain.provenance import Force, Label, Provenance
from geo_service.domain.road import Road
from geo_service.errors import InputError
from geo_service.language.split import generic_of
from geo_service.services.codes import code_problem
from geo_service.services.interchange.cells import Cells

_OF_PROVENANCE = ("source", "licence", "force", "label", "note")
_LETTER_KINDS = {
    "Q": MarkerKind.SINGLE,
    "A": MarkerKind.PAIRED,
    "B": MarkerKind.PAIRED,
    "C": MarkerKind.TRIPLE,
    "D": MarkerKind.TRIPLE,
    "E": MarkerKind.TRIPLE,
}


_HISTORIC = (NameStatus.FORMER, NameStatus.LISTED)
"""Standings of names whose papers tell time by reigns."""


def provenance(cells: Cells, file: Provenance) -> Provenance:
    """The file's provenance; a row that says its own (an export of ours does) keeps it.

    What was invented stays invented: a synthetic row never comes back as official.
    """
    told = tuple([cells.raw(field) for field in _OF_PROVENANCE])
    words = tuple(cells.sheet.words.get(cells.number, ()))
    return cells.sheet.once(provenance, (file, told, words), lambda: _provenance(cells, file))


def _provenance(cells: Cells, file: Provenance) -> Provenance:
    force, label = cells.choice("force"), cells.choice("label")
    return replace(
        file,
        source=cells.text("source") or file.source,
        licence=cells.text("licence") or file.licence,
        force=Force(force) if force else file.force,
        label=Label(label) if label else file.label,
        note=cells.noted() or file.note,
    )


def _in_force(
    cells: Cells, field: str, code: DivisionCode | None, city: CityProfile, period: Period
) -> None:
    """Warn of a code that the city does not have, or not at that time, and name its successor."""
    if code is not None:
        tell = partial(_tell_code, cells, field, code, city, period)
        cells.sheet.once((_in_force, field), (code, period), tell)


def _tell_code(
    cells: Cells, field: str, code: DivisionCode, city: CityProfile, period: Period
) -> None:
    problem = code_problem(code, city, period, cells.sheet.today)
    if problem is not None:
        key, facts = problem
        cells.warning(key, field, **facts)
    elif code.prefecture not in _prefectures(city.code, city.neighbours):
        cells.warning("code_elsewhere", field, value=str(code), city=city.name.zh)


@cache
def _prefectures(city: DivisionCode, neighbours: tuple[DivisionCode, ...]) -> frozenset[str]:
    """Prefectures whose codes are looked for in a file: the city's and those it borders."""
    return frozenset({city.prefecture, *(code.prefecture for code in neighbours)})


def _named_so(
    cells: Cells, code: DivisionCode, name: str, city: CityProfile, period: Period
) -> None:
    """Warn of a unit under a name that its code did not have at the time."""
    day = period.start or cells.sheet.today
    names = {row.name for row in city.code_history(code) if row.period.covers(day)}
    if name and names and name not in names:
        cells.warning("unit_name_differs", "name", value=name, unit=str(code), says=min(names))


def _derived_id(prefix: str, *parts: object) -> str:
    """An id for a record that came without one: the same record gets the same id every time."""
    digest = hashlib.sha256("|".join(str(part) for part in parts).encode()).hexdigest()[:16]
    return f"{prefix}-{digest}"


def _feature_type(cells: Cells, name: str) -> FeatureType | None:
    value = cells.choice("feature_type")
    if value:
        return FeatureType(value)
    if cells.raw("feature_type").strip():
        return None
    likely = _likely_type(name)
    cells.assumed("feature_type_missing", "feature_type", likely)
    return likely


def _likely_type(name: str) -> FeatureType:
    """The only type whose generic the name ends in, the longest deciding; else a facility."""
    lengths = {kind: len(generic_of(name, kind)) for kind in FeatureType}
    longest = max(lengths.values())
    winners = [kind for kind, length in lengths.items() if length == longest > 0]
    return winners[0] if len(winners) == 1 else FeatureType.FACILITY


def _reading(cells: Cells, romanization: str) -> ReadingSource:
    said = cells.choice("reading_source")
    if said:
        return ReadingSource(said)
    return ReadingSource.STORED if romanization else ReadingSource.GUESSED


def _place(cells: Cells, shape: Any, city: CityProfile, file: Provenance) -> Record | None:
    name = cells.name(required=True)
    feature_type = _feature_type(cells, name)
    status = cells.choice("status")
    unit_code = cells.code("unit_code", DivisionCode)
    historic = status in _HISTORIC
    romanization, period = cells.text("romanization"), cells.period(historic=historic)
    approved_on = cells.day("approved_on", historic=historic)
    _in_force(cells, "unit_code", unit_code, city, period)
    record_id = cells.single("id") or _derived_id("PN", name, feature_type, unit_code, shape)
    if not name or feature_type is None:
        return None
    return NamedPlace(
        id=record_id,
        name=name,
        feature_type=feature_type,
        provenance=provenance(cells, file),
        status=NameStatus(status) if status else NameStatus.STANDARD,
        unit_code=unit_code,
        geometry=shape,
        romanization=romanization,
        reading_source=_reading(cells, romanization),
        approved_on=approved_on,
        document_no=cells.text("document_no"),
        meaning=cells.text("meaning"),
        origin=cells.text("origin"),
        period=period,
    )


def _unit(cells: Cells, shape: Any, city: CityProfile, file: Provenance) -> Record | None:
    code = cells.code("code", DivisionCode)
    name, period, level = cells.name(required=True), cells.period(), cells.choice("level")
    _in_force(cells, "code", code, city, period)
    if code is None:
        if not cells.raw("code").strip():
            cells.error("value_missing", "code")
        return None
    _named_so(cells, code, name, city, period)
    if level and level != code.level.value:
        cells.warning("level_differs", "level", value=level, unit=str(code), says=code.level.value)
    return AdministrativeUnit(
        code=code,
        name=name,
        provenance=provenance(cells, file),
        geometry=shape,
        period=period,
    )


def _sides(cells: Cells) -> tuple[str, DivisionCode, DivisionCode] | None:
    """Line code, left and right unit, each from the others where the file leaves one out."""
    code = cells.code("code", LineCode)
    left, right = cells.code("left_code", DivisionCode), cells.code("right_code", DivisionCode)
    if left is None and right is None and code is not None:
        return code, *code.sides
    if left is None or right is None:
        _name_the_gap(cells)
        return None
    return _agreed(cells, code, left, right)


def _name_the_gap(cells: Cells) -> None:
    sides = [field for field in ("left_code", "right_code") if cells.raw(field).strip()]
    for field in ("left_code", "right_code") if sides else ("code",):
        if not cells.raw(field).strip():
            cells.error("value_missing", field)


def _agreed(
    cells: Cells, code: LineCode | None, left: DivisionCode, right: DivisionCode
) -> tuple[str, DivisionCode, DivisionCode] | None:
    try:
        between = LineCode.between(left, right)
    except InputError as refusal:
        cells.error("code_unreadable", "left_code", value=f"{left}, {right}", detail=refusal.code)
        return None
    if code is not None and set(code.sides) != {left.county, right.county}:
        cells.error("line_code_differs", "code", value=str(code), sides=f"{left}, {right}")
        return None
    return code or between, left, right


def _extent(cells: Cells, field: str) -> float | None:
    """A length or width: nothing on the ground has less than none."""
    value = cells.decimal(field)
    if value is not None and value < 0:
        cells.error("number_negative", field, value=cells.raw(field))
    return value


def _line(cells: Cells, shape: Any, city: CityProfile, file: Provenance) -> Record | None:
    sides = _sides(cells)
    level, status = cells.choice("level"), cells.choice("legal_status")
    length_km, period = _extent(cells, "length_km"), cells.period()
    name, agreement = cells.name(), cells.text("agreement_no")
    if sides is None:
        return None
    code, left, right = sides
    for side, field in ((left, "left_code"), (right, "right_code")):
        _in_force(cells, field, side, city, period)
    return AdministrativeBoundary(
        code=code,
        name=name,
        left_code=left,
        right_code=right,
        provenance=provenance(cells, file),
        geometry=shape,
        level=DivisionLevel(level) if level else None,
        length_km=length_km,
        agreement_no=agreement,
        legal_status=LegalStatus(status) if status else LegalStatus.UNKNOWN,
        period=period,
    )


def _marker_kind(cells: Cells, number: MarkerNumber) -> MarkerKind:
    said = cells.choice("type")
    by_letter = _LETTER_KINDS.get(number.letter or "")
    if said and by_letter and said != by_letter.value:
        cells.warning("marker_type_differs", "type", value=said, number=str(number))
    if said:
        return MarkerKind(said)
    if by_letter is None:
        cells.assumed("marker_type_missing", "type", MarkerKind.SINGLE)
    return by_letter or MarkerKind.SINGLE


def _marker(cells: Cells, shape: Any, city: CityProfile, file: Provenance) -> Record | None:
    number = cells.code("number", MarkerNumber)
    line_code = cells.code("line_code", LineCode)
    side, height = cells.code("responsible_side", DivisionCode), cells.decimal("height")
    period = cells.period()
    for field in ("number", "line_code"):
        if not cells.raw(field).strip():
            cells.error("value_missing", field)
    if number is None or line_code is None:
        return None
    for unit in line_code.sides:
        _in_force(cells, "line_code", unit, city, period)
    return BoundaryMarker(
        number=number,
        line_code=line_code,
        kind=_marker_kind(cells, number),
        provenance=provenance(cells, file),
        position=shape,
        height_m=height,
        material=cells.text("material"),
        responsible_side=side,
        period=period,
    )


def _length_m(cells: Cells) -> float | None:
    """The length told, in metres; where a column says kilometres, to the millimetre."""
    metres, kilometres = _extent(cells, "length_m"), _extent(cells, "length_km")
    if metres is not None or kilometres is None:
        return metres
    return round(kilometres * 1000, 3)


def _road(cells: Cells, shape: Any, city: CityProfile, file: Provenance) -> Record | None:
    name, status = cells.name(required=True), cells.choice("status")
    unit_code, grade = cells.code("unit_code", DivisionCode), cells.text("grade")
    width_m, length_m = _extent(cells, "width_m"), _length_m(cells)
    period = cells.period(historic=status in _HISTORIC)
    _in_force(cells, "unit_code", unit_code, city, period)
    record_id = cells.single("id") or _derived_id("RD", name, unit_code, shape)
    if not name:
        return None
    return Road(
        id=record_id,
        name=name,
        provenance=provenance(cells, file),
        geometry=shape,
        grade=grade,
        width_m=width_m,
        length_m=length_m,
        unit_code=unit_code,
        status=NameStatus(status) if status else NameStatus.STANDARD,
        period=period,
    )


def _around(cells: Cells) -> tuple[DivisionCode, ...]:
    """The units of a node, written in one cell with blanks or commas between."""
    codes = []
    for word in re.split(r"[\s,;，、；|–]+", cells.text("units", required=True)):
        try:
            codes += [DivisionCode.parse(word)] if word else []
        except InputError as refusal:
            cells.error("code_unreadable", "units", value=word, detail=refusal.code)
    return tuple(sorted(codes))


def _node(cells: Cells, shape: Any, city: CityProfile, file: Provenance) -> Record | None:
    node_id, kind = cells.text("id", required=True), cells.choice("kind")
    units, period = _around(cells), cells.period()
    for unit in units:
        _in_force(cells, "units", unit, city, period)
    if not node_id or not units or shape is None:
        return None
    by_count = NodeKind.TRIPOINT if len(units) > 2 else NodeKind.SEA_END
    return BoundaryNode(
        id=node_id,
        kind=NodeKind(kind) if kind else by_count,
        units=units,
        position=shape,
        provenance=provenance(cells, file),
        period=period,
    )


Builder = Callable[[Cells, Any, CityProfile, Provenance], Record | None]
BUILDERS: dict[RecordKind, Builder] = {
    RecordKind.PLACE_NAMES: _place,
    RecordKind.UNITS: _unit,
    RecordKind.BOUNDARY_LINES: _line,
    RecordKind.MARKERS: _marker,
    RecordKind.ROADS: _road,
    RecordKind.BOUNDARY_NODES: _node,
}
