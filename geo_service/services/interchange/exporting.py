"""Records and findings into files that are whole or not there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import Transformer
from pyproj.exceptions import ProjError

from geo_service.domain.change import RecordKind
from geo_service.errors import InputError
from geo_service.geometry.crs import REGISTER_EPSG, is_equated, name_of, read_crs
from geo_service.messages import message
from geo_service.services.interchange.content import Content
from geo_service.services.interchange.fields import Row, geometry_of, notice_of, row_of
from geo_service.services.interchange.geodatabases import SUFFIX as GEODATABASE
from geo_service.services.interchange.geodatabases import write_geodatabase
from geo_service.services.interchange.issues import Issues
from geo_service.services.interchange.kml_files import write_kml
from geo_service.services.interchange.linked_places import SUFFIX as LINKED_PLACES
from geo_service.services.interchange.linked_places import write_linked_places
from geo_service.services.interchange.parquet_files import write_parquet
from geo_service.services.interchange.shapefiles import PACKED
from geo_service.services.interchange.table_files import write_csv, write_xlsx
from geo_service.services.interchange.unfit import refuse_unfit
from geo_service.services.wording import citations_text
from geo_service.store.disk import export_refused, failed_writing, flush
from geo_service.store.drafts import draft_of
from geo_service.store.exporting import export_copy
from geo_service.store.preparing import holds_register
from geo_service.store.protocol import Store

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geo_service.domain.finding import Finding
    from geo_service.domain.text import Lang, Text
    from geo_service.geometry.arrays import Geometries

REGISTER = f"EPSG:{REGISTER_EPSG}"


def export_records(
    store: Store,
    kind: RecordKind,
    path: Path,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
    crs: str = REGISTER,
    told: Issues | None = None,
) -> int:
    """Write all records of a kind that hold on the day; returns how many.

    The suffix of `path` chooses GeoPackage, GeoJSON, CSV, XLSX, KML, GeoParquet or File Geodatabase
    (`.gdb.zip`), for place names also Linked Places (`.jsonld`). Every row says where it comes from
    and that the file is for internal use. What the format makes otherwise than the register has it
    is told in `told`, with its row. Raises InputError for an unfit target (`check_target`) or an
    unknown system, `export_text_unfit` and `export_text_too_long` for a text that the format cannot
    hold, `export_failed` when the disk refuses; the old file stands until the new one is whole.
    """
    records = store.records(kind, as_of=as_of, known_at=known_at)
    rows = [row_of(record) | {"notice": notice_of(record)} for record in records]
    shapes = as_array(geometry_of(record) for record in records)
    _write(path, Content(kind.value, rows, shapes, crs), told)
    return len(records)


def export_register(
    store: Store,
    path: Path,
    *,
    as_of: date,
    now: datetime,
    known_at: datetime | None = None,
) -> int:
    """Write everything that holds on the day as one GeoPackage, a layer for each kind.

    For work in a GIS, which never gets the register itself. Labelled and refused as in
    `export_records`; EPSG:4490. Returns the number of records.
    """
    check_target(path, formats=(".gpkg",))
    notice = message("import.notice").zh
    return export_copy(
        store, path, as_of=as_of, known_at=known_at, now=now, notice=notice, notice_of=notice_of
    )


def export_findings(
    findings: Sequence[Finding], path: Path, notice: Text, *, lang: Lang = "zh"
) -> int:
    """Write findings with their places (EPSG:4490); the suffix chooses as in `export_records`.

    `notice` is what the review says of itself and its data; it stands in every row.
    """
    rows = [{**_finding_row(finding, lang), "notice": notice.in_(lang)} for finding in findings]
    shapes = as_array(finding.geometry for finding in findings)
    _write(path, Content("findings", rows, shapes, REGISTER))
    return len(rows)


@dataclass(frozen=True, slots=True)
class Layer:
    """Rows with their places (EPSG:4490) under one name."""

    name: str
    rows: Sequence[Row]
    shapes: Sequence[BaseGeometry | None]


def export_layers(layers: Sequence[Layer], path: Path, notice: Text, *, lang: Lang = "zh") -> int:
    """Write several layers: apart in a GeoPackage, else in one list with a column `layer`.

    Empty layers are left out. Returns the number of rows; labelled and refused as in
    `export_findings`.
    """
    check_target(path)
    filled = [layer for layer in layers if layer.rows]
    if path.suffix.lower() != ".gpkg":
        filled = [_joined(filled)]
    with written_whole(path) as draft:
        for layer in filled:
            rows = [{**row, "notice": notice.in_(lang)} for row in layer.rows]
            writer = WRITERS[suffix_of(path)]
            refuse_unfit(suffix_of(path), rows)
            content = Content(layer.name, rows, as_array(layer.shapes), REGISTER)
            writer(draft, content, Issues(path.name))
    return sum(len(layer.rows) for layer in filled)


def _joined(layers: Sequence[Layer]) -> Layer:
    rows = [{"layer": layer.name, **row} for layer in layers for row in layer.rows]
    return Layer("layers", rows, [shape for layer in layers for shape in layer.shapes])


def _finding_row(finding: Finding, lang: Lang) -> Row:
    measure = finding.measure
    return {
        "id": finding.id,
        "rule_id": finding.rule_id,
        "severity": finding.severity.word,
        "category": finding.category,
        "title": finding.title.in_(lang),
        "message": finding.message.in_(lang),
        "subject_kind": finding.subject.kind,
        "subject_id": finding.subject.id,
        "subject_name": finding.subject.name,
        "related": " ".join(related.id for related in finding.related),
        "measured": None if measure is None else measure.measured,
        "limit": None if measure is None else measure.limit,
        "unit": None if measure is None else measure.unit,
        "basis": citations_text(finding.citations, lang),
        "fingerprint": finding.fingerprint,
        "state": finding.state.value,
    }


def as_array(geometries: Iterable[Any]) -> Geometries:
    """Geometries, or None, one to a row."""
    listed = list(geometries)
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array


Writer = Callable[[Path, Content, Issues], None]


def check_target(path: Path, *, sources: Iterable[Path] = (), formats: Iterable[str] = ()) -> None:
    """Refuse what may not be written: another format, a register, a file that was read.

    `formats` are the suffixes that will do, by default all.

    Raises InputError. Done before the work, so that nobody waits for a report that cannot land.
    """
    known = tuple(formats) or tuple(WRITERS)
    if suffix_of(path) not in known:
        raise InputError("export_format_unknown", suffix=path.suffix, known=" ".join(known))
    if holds_register(path):
        raise InputError("export_onto_register", file=path)
    if path.resolve() in {source.resolve() for source in sources}:
        raise InputError("export_onto_source", file=path)


def suffix_of(path: Path) -> str:
    """What a target shall be, by the end of its name in small letters."""
    name = path.name.lower()
    packed = (suffix for suffix in (GEODATABASE, PACKED) if name.endswith(suffix))
    return next(packed, path.suffix.lower())


def _write(path: Path, content: Content, told: Issues | None = None) -> None:
    writers = _OF_PLACES if content.layer == RecordKind.PLACE_NAMES else WRITERS
    check_target(path, formats=writers)
    writer = writers[suffix_of(path)]
    refuse_unfit(suffix_of(path), content.rows)
    placed = replace(content, shapes=in_system(content.shapes, content.crs))
    with written_whole(path) as draft:
        writer(draft, placed, told or Issues(path.name))


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A draft to write to, which takes the place of the file once all is well.

    Raises InputError where the disk will not have it.
    """
    try:
        with draft_of(path) as draft:
            yield draft
            _settle(draft, path)
    except OSError as error:
        raise export_refused(path, error) from error


def _settle(draft: Path, path: Path) -> None:
    """Onto the disk, then under its name, then the name onto the disk."""
    flush(draft)
    draft.replace(path)
    flush(path.parent)


def in_system(shapes: Geometries, crs: str) -> Geometries:
    """Geometries of EPSG:4490 in another system. Raises InputError as `export_records` does."""
    if read_crs(crs) == read_crs(REGISTER):
        return shapes
    try:
        by = Transformer.from_crs(
            REGISTER_EPSG, read_crs(crs), always_xy=True, allow_ballpark=is_equated(crs)
        )
    except ProjError as error:
        raise InputError("crs_ballpark", crs=crs) from error
    moved = shapely.transform(shapes, lambda xy: np.stack(by.transform(xy[:, 0], xy[:, 1]), axis=1))
    return np.asarray(moved, dtype=object)


# --- formats --------------------------------------------------------------------------------


def _write_csv(path: Path, content: Content, _told: Issues) -> None:
    write_csv(path, content)


def _write_geojson(path: Path, content: Content, _told: Issues) -> None:
    columns = content.columns
    authority, number = name_of(content.crs).split(":")
    features = [
        {
            "type": "Feature",
            "properties": {name: row.get(name) for name in columns},
            "geometry": None if shape is None else json.loads(shapely.to_geojson(shape)),
        }
        for row, shape in zip(content.rows, content.shapes, strict=True)
    ]
    document = {
        "type": "FeatureCollection",
        "name": content.layer,
        "crs": {"type": "name", "properties": {"name": f"urn:ogc:def:crs:{authority}::{number}"}},
        "notice": message("import.notice").zh,
        "features": features,
    }
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def _column(rows: Sequence[Row], name: str) -> Any:
    values = [row.get(name) for row in rows]
    numbers = [value for value in values if value is not None]
    if numbers and all(isinstance(value, int | float) for value in numbers):
        return np.array([np.nan if value is None else value for value in values], dtype=float)
    return np.array([None if v is None else str(v) for v in values], dtype=object)


def _typed(content: Content) -> dict[str, Any]:
    return {name: _column(content.rows, name) for name in content.columns}


def _geometry_type(shapes: Geometries) -> str:
    kinds = {shape.geom_type for shape in shapes if shape is not None}
    return kinds.pop() if len(kinds) == 1 else "Unknown"


def _write_gpkg(path: Path, content: Content, _told: Issues) -> None:
    import pyogrio.raw  # noqa: PLC0415 - GDAL costs a second that a CSV need not pay
    from pyogrio.errors import DataLayerError, DataSourceError  # noqa: PLC0415

    typed, notice = _typed(content), message("import.notice")
    try:
        pyogrio.raw.write(
            path,
            geometry=shapely.to_wkb(content.shapes),
            field_data=list(typed.values()),
            fields=np.array(list(typed)),
            crs=content.crs,
            geometry_type=_geometry_type(content.shapes),
            driver="GPKG",
            dataset_options={"VERSION": "1.3"},  # the newest that long-lived systems read
            layer=content.layer,
            layer_options={"DESCRIPTION": f"{notice.zh} / {notice.en}"},
            layer_metadata={"notice": notice.zh},
        )
    except (DataSourceError, DataLayerError) as error:
        raise failed_writing(error, path.parent) from error


def _write_kml(path: Path, content: Content, _told: Issues) -> None:
    write_kml(path, content)


def _write_parquet(path: Path, content: Content, _told: Issues) -> None:
    write_parquet(path, content.layer, _typed(content), content.shapes, content.crs)


def _write_gdb(path: Path, content: Content, told: Issues) -> None:
    write_geodatabase(path, content, _typed(content), told)


def _write_linked(path: Path, content: Content, _told: Issues) -> None:
    write_linked_places(path, content)


WRITERS: dict[str, Writer] = {
    ".gpkg": _write_gpkg,
    ".geojson": _write_geojson,
    ".csv": _write_csv,
    ".xlsx": write_xlsx,
    ".kml": _write_kml,
    ".parquet": _write_parquet,
    GEODATABASE: _write_gdb,
}
_OF_PLACES: dict[str, Writer] = {**WRITERS, LINKED_PLACES: _write_linked}
