"""Opening: what is made, what is refused, and with which words."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from geo_service.domain.change import RecordKind
from geo_service.errors import StoreError
from geo_service.messages import explain
from geo_service.store import migrations
from geo_service.store.opening import open_store
from geo_service.store.protocol import Store

PLACES = RecordKind.PLACE_NAMES
NEWEST = str(max(step.number for step in migrations.all_migrations()))


def refused(url: str, **options: object) -> StoreError:
    with pytest.raises(StoreError) as caught:
        open_store(url, **options)
    assert explain(caught.value, "zh")
    assert explain(caught.value, "en")
    return caught.value


def alter(path: Path, *statements: str) -> None:
    db = sqlite3.connect(path)
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "var" / "s.gpkg"
    open_store(f"gpkg:{made}", create=True).close()
    return made


def test_a_missing_store_is_not_made_by_opening_it(tmp_path):
    error = refused(f"gpkg:{tmp_path}/none.gpkg")
    assert error.code == "store_missing"
    assert "store init" in explain(error, "zh")
    assert "geo-service demo" in explain(error, "zh")
    assert list(tmp_path.iterdir()) == []


def test_making_a_store_makes_its_folder_and_doing_so_again_keeps_what_is_there(path, build):
    store: Store = open_store(f"gpkg:{path}")
    with store.begin() as work:
        work.append([build.change(build.place())])
    store.close()
    again = open_store(f"gpkg:{path}", create=True)
    assert again.count(PLACES) == 1
    again.close()


@pytest.mark.parametrize("url", ["s.gpkg", "gpkg:", "sqlite:s.gpkg", ""])
def test_an_address_of_another_form_is_refused(url):
    assert refused(url, create=True).code == "store_url_unknown"


@pytest.mark.parametrize("create", [False, True])
@pytest.mark.parametrize(
    "content", [b"hello, this is no database at all" * 40, b"PK\x03\x04" * 500]
)
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path, content, create):
    file = tmp_path / "s.gpkg"
    file.write_bytes(content)
    assert refused(f"gpkg:{file}", create=create).code == "store_foreign"
    assert file.read_bytes() == content


@pytest.mark.parametrize("create", [False, True])
def test_somebody_elses_database_is_refused_and_left_alone(tmp_path, create):
    file = tmp_path / "s.gpkg"
    alter(file, "CREATE TABLE meta (key, value)", "CREATE TABLE gpkg_contents (table_name)")
    before = file.read_bytes()
    assert refused(f"gpkg:{file}", create=create).code == "store_foreign"
    assert file.read_bytes() == before


def test_an_empty_file_becomes_a_store_only_when_asked(tmp_path):
    """A killed `store init` leaves an empty file behind."""
    file = tmp_path / "s.gpkg"
    file.touch()
    assert refused(f"gpkg:{file}").code == "store_foreign"
    open_store(f"gpkg:{file}", create=True).close()
    assert open_store(f"gpkg:{file}").verify().sound


@pytest.mark.parametrize("create", [False, True])
def test_a_newer_schema_is_refused(path, create):
    alter(path, "INSERT INTO migration VALUES (9999, '9999_future', 'x', '2030-01-01')")
    error = refused(f"gpkg:{path}", create=create)
    assert error.code == "store_too_new"
    assert error.context["found"] == 9999


def test_a_store_made_by_other_steps_is_refused(path):
    alter(path, "UPDATE migration SET checksum = 'other'")
    assert refused(f"gpkg:{path}").code == "migration_changed"


def test_an_older_schema_is_told_how_to_upgrade(path):
    alter(path, "DELETE FROM migration")
    error = refused(f"gpkg:{path}")
    assert error.code == "store_outdated"
    assert "store init" in explain(error, "zh")


def test_a_damaged_file_is_refused_or_its_check_fails(path, build):
    store = open_store(f"gpkg:{path}")
    with store.begin() as work:
        work.append(build.change(build.place(id=f"P-{n}")) for n in range(300))
    store.close()
    data = bytearray(path.read_bytes())
    data[4096 * 3 : -4096] = os.urandom(len(data) - 4096 * 4)
    path.write_bytes(data)
    with pytest.raises(StoreError) as caught:
        opened = open_store(f"gpkg:{path}")
        assert opened.integrity() != "ok"
        opened.verify()
    assert caught.value.code in {"store_corrupt", "store_failed", "store_foreign"}


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").touch()
    assert refused(f"gpkg:{tmp_path}/file/s.gpkg", create=True).code == "store_unreachable"


def test_the_released_migrations_never_change():
    """Changed on purpose before the first release only: write the next number instead."""
    recorded = {step.name: step.checksum[:16] for step in migrations.all_migrations()}
    assert recorded == {
        "0001_create": "0352a9bbf5839a15",
        "0002_file_names_by_likeness": "ee4a8ccb1ea32537",
        "0003_keep_accepted_pairs": "c892e2f195db4571",
        "0004_keep_findings": "d3727bb7649a7e64",
        "0005_seal_receipts": "71af28f7bd72f868",
        "0006_keep_persons_apart": "dea8138cee617f14",
        "0007_keep_documents": "8bb93c41e72da17d",
        "0008_keep_roads": "ed3c9d4a035054cf",
        "0009_keep_drafts": "35932a133dc50cea",
    }


def test_info_tells_what_a_helper_will_ask_for(path):
    store = open_store(f"gpkg:{path}")
    info = store.info()
    assert info["schema"] == NEWEST
    assert info["entries"] == "0"
    assert set(map(str, RecordKind)) <= set(info)
    assert info["sqlite"] == sqlite3.sqlite_version
    store.close()
