"""Checks and searches against a register as large as the nation: `python bench_names_nation.py`.

The rows are filled straight into the tables **without change log** (which would take most of an
hour), so this shows what reading costs, not writing; `geo-service bench names` does all the rest.
Takes 8 GB of disk while it runs.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import shapely

from geo_service import cities
from geo_service.domain.change import RecordKind
from geo_service.domain.provenance import Force, Label
from geo_service.rules.engine import rules_of
from geo_service.services.benching.names import measure_store
from geo_service.services.benching.register import PART, draw
from geo_service.store import ddl, spatial_index
from geo_service.store.blobs import blob
from geo_service.store.bulk import insert_rows
from geo_service.store.connection import connect
from geo_service.store.opening import open_store
from geo_service.store.projector import name_keys
from geo_service.store.schema import LAYER_OF, NAME_INDEX

SIZE = 14_000_000
SORTED = 50
"""Parts whose keys are sorted together, so that the index is filled page by page."""
LAYER = LAYER_OF[RecordKind.PLACE_NAMES]
MOMENT = "2024-06-01T00:00:00.000Z"
TAIL = (
    "",
    "guessed",
    None,
    "",
    "",
    "",
    "示例",
    "CC0-1.0",
    str(Force.SYNTHETIC),
    str(Label.INTERNAL),
    "",
)
CITY = cities.city("370200")


def fill(db: sqlite3.Connection, size: int) -> None:
    db.execute(f"DROP TRIGGER {LAYER.rtree}_insert")
    keys: list[tuple[str, str, str, int]] = []
    columns = tuple(column.name for column in NAME_INDEX.columns)
    boxes = []
    for part in range(size // PART):
        drawn = draw(part, CITY)
        wkb = shapely.to_wkb(shapely.points(drawn.positions), flavor="iso")
        edges = np.concatenate([drawn.positions, drawn.positions], axis=1)
        boxes.append(edges)
        rows = []
        for at, (shape, box) in enumerate(zip(wkb, edges.tolist(), strict=True)):
            fid = part * PART + at + 1
            name, kind, unit = drawn.names[at], drawn.types[at].value, str(drawn.units[at])
            versions = (f"B-{fid:08d}", 1, fid, None, None, MOMENT, None)
            rows.append((fid, blob(shape, box), *versions, name, kind, "standard", unit, *TAIL))
            keys += name_keys((name, kind, unit), fid)
        insert_rows(db, LAYER.table, LAYER.columns, rows)
        if part % SORTED == SORTED - 1 or part == size // PART - 1:
            insert_rows(db, NAME_INDEX.name, columns, sorted(keys))
            keys.clear()
            print(f"{(part + 1) * PART:,}", file=sys.stderr, flush=True)
    ids = np.arange(1, len(boxes) * PART + 1, dtype=np.int64)
    spatial_index.fill(db, LAYER.rtree, ids, np.concatenate(boxes))
    db.execute(ddl.rtree_triggers(LAYER)[f"{LAYER.rtree}_insert"])


def main(size: int) -> None:
    rules_of("names")  # now, and not after a quarter of an hour
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "nation.gpkg"
        open_store(f"gpkg:{path}", create=True).close()
        db = connect(path)
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA cache_size = -2000000")
        start = time.perf_counter()
        db.execute("BEGIN")
        fill(db, size)
        db.execute("COMMIT")
        db.close()
        filled = time.perf_counter() - start
        store = open_store(f"gpkg:{path}")
        report = measure_store(size, store, CITY, calls=200, told=lambda _step: None)
        figures = {
            "names": size,
            "fill_s_without_log": round(filled),
            "file_mb": round(path.stat().st_size / 2**20),
            "index_s": round(report.index_s, 1),
            "index_mb": round(report.index_mb),
            **{t.title.en: [round(t.p50, 3), round(t.p99, 3)] for t in report.timings},
        }
        print(json.dumps(figures, ensure_ascii=False, indent=1))
        store.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIZE)
