"""Layers handed in beside a review (see `domain.supporting`) from files; nothing is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from geo_service.domain.identity import DivisionCode, LineCode
from geo_service.domain.provenance import Provenance
from geo_service.domain.supporting import Supporting, SupportingRecord
from geo_service.domain.supporting.catalogue import LAYER_CLASSES
from geo_service.errors import InputError
from geo_service.lexicons import lexicon
from geo_service.services.interchange.build import provenance
from geo_service.services.interchange.cells import Cells, Sheet
from geo_service.services.interchange.columns import LAYER, Words, folded, match_columns
from geo_service.services.interchange.issues import Issue, Issues, located
from geo_service.services.interchange.papers import parse_papers
from geo_service.services.interchange.placement import place
from geo_service.services.interchange.sandbox import SHEETS, Parsed, parse
from geo_service.services.interchange.shapes import read_shapes, refuse_unfit

if TYPE_CHECKING:
    from geo_service.cities import CityProfile

_AS_THEY_LIE: Mapping[Path, str] = {}
_OF_EVERY_LAYER = frozenset({"id", "provenance", "geometry"})


@dataclass(frozen=True, slots=True)
class LayerFiles:
    """The layers that files hold, with every issue of every file; `refused` where one is no use."""

    supporting: Supporting
    issues: tuple[Issue, ...]
    refused: bool


def layer_class(word: str) -> type[SupportingRecord]:
    """The class of a layer. Raises InputError `supporting_layer_unknown` for any other word."""
    try:
        return LAYER_CLASSES[word]
    except KeyError as error:
        known = " ".join(sorted(LAYER_CLASSES))
        raise InputError("supporting_layer_unknown", layer=word, known=known) from error


def read_layers(
    files: Iterable[tuple[str, Path]],
    *,
    city: CityProfile,
    today: date,
    crs: str = "",
    encoding: str = "",
    called: Mapping[Path, str] = _AS_THEY_LIE,
) -> LayerFiles:
    """Read files, each with the word of its layer; several may hold one layer.

    Geometry comes out in EPSG:4490. Nothing is raised for a wrong file: see `issues`. `called` as
    in `marker_files`. Raises InputError `supporting_layer_unknown`.
    """
    records: list[SupportingRecord] = []
    issues: list[Issue] = []
    refused = False
    ids: Counter[tuple[str, str]] = Counter()
    for word, path in files:
        told, layer = Issues(called.get(path, path.name)), layer_class(word)
        parsed = _parsed(layer, path, told, encoding)
        if parsed is not None:
            read = _read(layer, parsed, Sheet(word, {}, told, today), crs, city)
            records += _told_apart(read, ids, told)
        places = {} if parsed is None else parsed.places
        issues += (located(issue, places) for issue in told.all())
        refused |= told.refused
    return LayerFiles(Supporting.of(records), tuple(issues), refused)


def _told_apart(
    records: Iterable[SupportingRecord], ids: Counter[tuple[str, str]], issues: Issues
) -> list[SupportingRecord]:
    """Every row under an id of its own: two files both count from 1, and no row may hide another.

    `ids` counts those of each layer so far.
    """
    apart, repeated = [], []
    for record in records:
        key = record.LAYER, record.id
        ids[key] += 1
        if ids[key] == 1:
            apart.append(record)
        else:
            repeated.append(record.id)
            apart.append(replace(record, id=f"{record.id}~{ids[key]}"))
    if repeated:
        issues.info("layer_ids_repeated", field="id", count=len(repeated), value=repeated[0])
    return apart


def _parsed(
    layer: type[SupportingRecord], path: Path, issues: Issues, encoding: str
) -> Parsed | None:
    if layer.KEY and path.suffix.lower() in SHEETS:
        words = Words(LAYER, layer.KEY, _columns_of(layer.LAYER))
        return parse_papers(path, issues, words, encoding=encoding)
    return parse(path, issues, encoding=encoding)


def _read(
    layer: type[SupportingRecord], parsed: Parsed, sheet: Sheet, crs: str, city: CityProfile
) -> list[SupportingRecord]:
    if not parsed.rows:
        sheet.issues.error("no_rows")
        return []
    required = tuple((f.name,) for f in fields(layer) if _is_required(f))
    sheet.columns = match_columns(
        LAYER, parsed.headers, sheet.issues, among=_columns_of(layer.LAYER), required=required
    )
    return _records(layer, parsed, sheet, crs, city)


def _is_required(field: Any) -> bool:
    return field.name not in _OF_EVERY_LAYER and field.default is MISSING


@cache
def _columns_of(word: str) -> frozenset[str]:
    """Fields that a column may fill: those of the class, of its place and of its provenance."""
    layer = LAYER_CLASSES[word]
    own = {field.name for field in fields(layer)}
    place = {"geometry", "lon", "lat", "x", "y", "easting", "northing"}
    return frozenset(own | (place if layer.SHAPES else set()) | {"source", "force", "label"})


def _records(
    layer: type[SupportingRecord], parsed: Parsed, sheet: Sheet, crs: str, city: CityProfile
) -> list[SupportingRecord]:
    rows = [Cells(sheet, row.number, row.cells) for row in parsed.rows]
    if layer.SHAPES:
        shapes = read_shapes(parsed, rows, sheet)
        refuse_unfit(shapes, sheet)
        place(parsed, crs, shapes, sheet, city)
        geometries = list(shapes.geometries)
    else:
        geometries = [None] * len(rows)
    file = Provenance(source=f"{sheet.issues.file} sha256:{parsed.digest[:16]}")
    records = []
    for cells, geometry in zip(rows, geometries, strict=True):
        record = _record(layer, cells, file)
        if record is not None:
            name = cells.text("id") or f"{sheet.issues.file}#{cells.number}"
            records.append(layer(id=name, geometry=geometry, **record))
    return records


def _record(layer: type[SupportingRecord], cells: Cells, file: Provenance) -> dict[str, Any] | None:
    """The fields of a row, None where one that is required is missing or cannot be read."""
    values: dict[str, Any] = {"provenance": provenance(cells, file)}
    whole = True
    for field in fields(layer):
        if field.name in _OF_EVERY_LAYER or field.name not in cells.sheet.columns:
            whole &= not _is_required(field)
            continue
        value = _reader(layer, field.name)(cells, field.name)
        if value not in (None, "", ()):
            values[field.name] = value
        elif _is_required(field):
            if not cells.raw(field.name).strip() or _says_none(cells.raw(field.name)):
                cells.error("value_missing", field.name)
            whole = False
    return values if whole else None


@cache
def _types(word: str) -> dict[str, Any]:
    """The types of the fields; where a field may be None, that without the None."""
    found = {}
    for name, hint in get_type_hints(LAYER_CLASSES[word]).items():
        said = get_args(hint)
        found[name] = said[0] if type(None) in said else hint
    return found


def _whole(cells: Cells, field: str) -> int | None:
    value = cells.decimal(field)
    if value is not None and not value.is_integer():
        cells.error("number_unreadable", field, value=cells.text(field))
        return None
    return None if value is None else int(value)


def _reader(layer: type[SupportingRecord], field: str) -> Callable[[Cells, str], Any]:
    # Rows are laid beside lines by code: one written otherwise would look like a line that lacks.
    if field == "line_code":
        return _line_code
    return _number if field.endswith("_no") else _READERS[_types(layer.LAYER)[field]]


def _number(cells: Cells, field: str) -> str:
    """The number of a paper; blank where the cell only says that there is none."""
    text = cells.text(field)
    if not text or not _says_none(text):
        return text
    cells.sheet.issues.info("number_none", cells.number, field, value=text)
    return ""


def _says_none(text: str) -> bool:
    return not any(sign.isalnum() for sign in text) or folded(text) in _blank_words()


@cache
def _blank_words() -> frozenset[str]:
    return frozenset(folded(row["word"]) for row in lexicon("blank_words", "word").rows)


def _line_code(cells: Cells, field: str) -> LineCode | None:
    return cells.code(field, LineCode)


_READERS: dict[Any, Callable[[Cells, str], Any]] = {
    str: lambda cells, field: cells.text(field),
    float: lambda cells, field: cells.decimal(field),
    int: _whole,
    date: lambda cells, field: cells.day(field),
    bool: lambda cells, field: {"yes": True, "no": False}.get(cells.choice(field)),
    DivisionCode: lambda cells, field: cells.code(field, DivisionCode),
    tuple[DivisionCode, ...]: lambda cells, field: cells.codes(field),
}
