"""Single flipped bits in the file: whatever changes a stored value or the structure is seen."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from geo_service.services.benching.store_faults import MISSED, UNUSED, flipped
from geo_service.store.checkup import State, check_store
from geo_service.store.connection import connect
from geo_service.store.opening import open_store
from geo_service.store.protocol import ImportReceipt

SEED = 20240601
NOW = datetime(2024, 6, 1, tzinfo=UTC)


@pytest.fixture
def path(file_store, build, tmp_path):
    with file_store.begin() as work:
        work.append(build.change(build.place(id=f"P-{n}")) for n in range(400))
        work.append([build.change(build.unit()), build.change(build.marker())])
        work.keep_receipt(ImportReceipt("a" * 64, 402, '{"说明":"示例"}' * 500, NOW))
    file_store.close()
    return tmp_path / "s.gpkg"


@pytest.mark.heavy
def test_a_flipped_bit_that_changes_anything_is_seen_by_one_of_the_checks(path, tmp_path):
    found = list(flipped(path, tmp_path, 80, SEED))
    counted = Counter(seen for _bit, seen, _said in found)
    assert [said for _bit, seen, said in found if seen == MISSED] == []
    assert counted["audit"] >= 5
    assert counted.total() - counted[UNUSED] >= 15


def test_a_column_that_became_another_is_told(path):
    """One bit of the schema: the file opens, and its log reads as if it had no such column."""
    db = connect(path)
    db.execute("PRAGMA writable_schema = ON")
    db.execute("UPDATE sqlite_master SET sql = replace(sql, 'actor TEXT', 'actos TEXT')")
    db.close()
    assert [check.key for check in check_store(f"gpkg:{path}") if check.state is State.FAIL]


def test_a_column_renamed_in_the_schema_is_told(path):
    db = connect(path)
    db.execute("ALTER TABLE receipt RENAME COLUMN stored TO kept")
    db.close()
    store = open_store(f"gpkg:{path}")
    assert store.verify().problem == "schema_differs receipt"
    store.close()
