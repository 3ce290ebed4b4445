"""What goes out of either store comes back the same: a file does not know where it came from."""

from __future__ import annotations

import json
import sys
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely

sys.path.insert(0, str(Path(__file__).parent.parent / "properties"))
from register_records import MAKERS, records_of

from geo_service import cities
from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.services.interchange.exporting import export_records
from geo_service.services.interchange.reading import read_records

DAY, TODAY = date(2019, 6, 1), date(2026, 11, 23)


@pytest.mark.parametrize("kind", list(MAKERS))
def test_either_store_gives_the_same_file(
    kind: RecordKind, file_store: Any, server_store: Any, tmp_path: Path
) -> None:
    made = records_of(kind, 7, 10)
    rows = []
    for i, store in enumerate((file_store, server_store)):
        with store.begin() as work:
            work.append(
                Change(operation=Operation.CREATE, record=record, actor="test", reason="test")
                for record in made
            )
        path = tmp_path / f"{i}.geojson"
        export_records(store, kind, path, as_of=DAY)
        rows.append(json.loads(path.read_bytes()))  # SQLite knows no negative zero
    held = {record.id: record for record in server_store.records(kind, as_of=DAY)}

    read = read_records(path, kind, city=cities.city("990100"), today=TODAY)

    assert rows[0] == rows[1]
    assert not read.refused, read.issues
    assert {record.id for record in read.records} == held.keys()
    for record in read.records:
        for field in fields(record):
            one, other = getattr(held[record.id], field.name), getattr(record, field.name)
            if field.name in ("geometry", "position"):
                assert one is other or shapely.equals_exact(one, other, tolerance=0)
            else:
                assert one == other
