"""A plain GeoPackage for other programs: one row a record, as of one day.

QGIS and GDAL get such a copy, never the live file: there every version has its row, and an edit
would stand outside the log.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import numpy as np

from geo_service.domain.change import Record
from geo_service.errors import InputError, StoreError
from geo_service.store import ddl, sql
from geo_service.store.blobs import blob, extent, to_wkb
from geo_service.store.codec import CODECS, day_text
from geo_service.store.connection import connect, transaction, translated
from geo_service.store.container import create_container, register_layer
from geo_service.store.disk import export_refused, flush
from geo_service.store.drafts import draft_of
from geo_service.store.log import stamp
from geo_service.store.protocol import Store
from geo_service.store.schema import LAYERS, Column, Layer

NoticeOf = Callable[[Record], str]


def export_copy(
    store: Store,
    path: Path,
    *,
    as_of: date,
    known_at: datetime | None = None,
    now: datetime,
    notice: str,
    notice_of: NoticeOf,
) -> int:
    """Write the records that hold on the day, a layer for each kind.

    `known_at` asks what the register knew then, by default everything recorded so far. `now` is
    noted as the time of the last change. `notice` is what each layer says of itself, `notice_of`
    what each row does, in the column `notice`. An existing file at `path` is replaced
    only when the new one is whole and on disk. Returns the number of records. Raises InputError
    export_disk_full or export_failed when the disk refuses, else StoreError.
    """
    with _replacing(path) as draft, translated(path):
        db = connect(draft, create=True)
        try:
            with transaction(db, write=True):
                create_container(db)
                return sum(
                    _write_layer(
                        db,
                        _labelled(layer, notice),
                        store.records(layer.kind, as_of=as_of, known_at=known_at),
                        stamp(now),
                        notice_of,
                    )
                    for layer in LAYERS
                )
        finally:
            db.close()


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A draft beside the file, moved onto it when all went well, else removed."""
    try:
        with draft_of(path) as draft:
            yield draft
            flush(draft)
            draft.replace(path)
            flush(path.parent)
    except OSError as error:
        raise export_refused(path, error) from error
    except StoreError as error:
        if error.code != "store_full":
            raise
        raise InputError("export_disk_full", file=path) from error


def _labelled(layer: Layer, notice: str) -> Layer:
    """The layer as it leaves the house: titled with the notice, which every row repeats."""
    return replace(
        layer,
        title=f"{layer.title}（{notice}）",
        attributes=(*layer.attributes, Column("notice")),
    )


def _write_layer(
    db: sqlite3.Connection,
    layer: Layer,
    records: Sequence[Record],
    last_change: str,
    notice_of: NoticeOf,
) -> int:
    codec = CODECS[layer.kind]
    wkb, boxes = to_wkb(getattr(record, codec.geometry) for record in records)
    edges = boxes.tolist()
    for statement in ddl.create_plain_layer(layer):
        db.execute(statement)
    register_layer(db, layer, last_change)
    columns = ("fid", "geom", *ddl.PLAIN, *layer.names)
    rows = (
        (
            fid,
            blob(data, box),
            record.id,
            day_text(record.period.start),
            day_text(record.period.end),
            *codec.values(record),
            notice_of(record),
        )
        for fid, (record, data, box) in enumerate(zip(records, wkb, edges, strict=True), start=1)
    )
    db.executemany(sql.insert(layer.table, columns), rows)
    create, *triggers = ddl.create_rtree(layer)
    db.execute(create)
    db.executemany(
        sql.insert(layer.rtree, ddl.RTREE_COLUMNS),
        ((f, w, e, s, n) for f, (w, s, e, n) in enumerate(edges, start=1) if np.isfinite(w)),
    )
    for trigger in triggers:
        db.execute(trigger)
    db.execute(sql.WIDEN_EXTENT, (last_change, *extent(boxes), layer.table))
    return len(records)
