"""Backup, loss, restore: what comes back is what was there, or nothing comes back at all."""

from __future__ import annotations

import json
import os
import random
import re
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from geo_service.cli.main import app
from geo_service.domain.change import RecordKind
from geo_service.errors import InputError, StoreError
from geo_service.store.backups import back_up
from geo_service.store.connection import connect
from geo_service.store.drilling import drill
from geo_service.store.manifests import MANIFEST, STORE, file_digest, read_manifest
from geo_service.store.opening import open_store
from geo_service.store.protocol import ImportReceipt
from geo_service.store.restoring import restore

PLACES = RecordKind.PLACE_NAMES
SEED = 20240601


def ticked(store, build, *ids: str) -> None:
    with store.begin() as work:
        work.append([build.change(build.place(id=number)) for number in ids])


@pytest.fixture
def filled(store, build):
    ticked(store, build, *(f"P-{n}" for n in range(30)))
    with store.begin() as work:
        work.append([build.change(build.unit()), build.change(build.marker())])
    return store


@pytest.fixture
def backup(file_store, build, tmp_path, clock) -> Path:
    ticked(file_store, build, *(f"P-{n}" for n in range(30)))
    return back_up(file_store, tmp_path / "kept", clock())[0]


def test_a_lost_store_comes_back_as_it_was(filled, tmp_path, clock):
    anchor = filled.anchor()
    folder, manifest = back_up(filled, tmp_path / "kept", clock())
    assert sorted(path.name for path in folder.iterdir()) == [MANIFEST, STORE]
    assert (manifest.entries, manifest.head) == (anchor.entries, anchor.head)
    assert manifest.rows["place_names"] == 30
    assert manifest.rows["change"] == 32
    new = tmp_path / "new" / "s.gpkg"
    done = restore(folder, f"gpkg:{new}", clock())
    assert (done.aside, file_digest(new)) == (None, manifest.file_sha256)
    back = open_store(f"gpkg:{new}")
    assert back.verify([anchor]).sound
    assert [r.id for r in back.records(PLACES)] == [r.id for r in filled.records(PLACES)]
    back.close()
    assert not list(tmp_path.rglob("*.part"))


def reads(store) -> dict[str, object]:
    return {
        "records": {kind: store.records(kind) for kind in RecordKind},
        "log": list(store.log()),
        "receipts": store.receipt("digest"),
        "anchor": [getattr(store.anchor(), name) for name in ("store", "head", "receipts_head")],
    }


def test_a_backup_restored_to_a_server_takes_the_place_of_what_stands_there(
    filled, build, server, tmp_path, clock
):
    with filled.begin() as work:
        work.keep_receipt(ImportReceipt("digest", 1, "{}", clock()))
    before = reads(filled)
    folder, manifest = back_up(filled, tmp_path / "kept", clock())
    with server.database("bare") as name:
        url = server.url(name)
        assert restore(folder, url, clock()).aside is None
        with closing(open_store(url)) as back:
            assert (reads(back), back.verify().sound) == (before, True)
            ticked(back, build, "Q-1")
            later = back.anchor()
            with back.transaction(write=False) as reader:
                assert reader.execute("SELECT count(*) FROM change").fetchone() == (33,)
                with pytest.raises(StoreError) as caught:
                    restore(folder, url, clock())
                assert caught.value.code == "store_busy"
            assert back.count(PLACES) == 31
        done = restore(folder, url, clock())
        with closing(open_store(url)) as back:
            assert (reads(back), back.verify().sound) == (before, True)
            assert back.verify([later]).problem.startswith("rolled_back 33/")
        server.sql(f"ALTER SCHEMA {done.aside} RENAME TO former", name)
        assert server.sql("SELECT max(sequence) FROM former.change", name) == [(33,)]
        assert (done.manifest.head, done.url) == (manifest.head, url)


def test_a_former_store_on_a_server_can_be_put_back_by_its_name(backup, server, build, clock):
    with server.database() as name:
        with closing(open_store(server.url(name))) as former:
            ticked(former, build, "Q-1", "Q-2")
            anchor = former.anchor()
        aside = restore(backup, server.url(name), clock()).aside
        server.sql("DROP SCHEMA geo_service CASCADE", name)
        server.sql(f"ALTER SCHEMA {aside} RENAME TO geo_service", name)
        with closing(open_store(server.url(name))) as former:
            assert former.verify([anchor]).sound


def test_a_restore_on_a_server_that_fails_leaves_what_was_there(
    backup, server, build, clock, monkeypatch
):
    with server.database() as name:
        with closing(open_store(server.url(name))) as former:
            ticked(former, build, "Q-1")
        monkeypatch.setattr(
            "geo_service.store.restoring.auditing.rebuild_or_refuse", lambda _db, _url: None
        )
        with pytest.raises(StoreError) as caught:
            restore(backup, server.url(name), clock())
        assert caught.value.code == "restore_differs"
        monkeypatch.undo()
        with closing(open_store(server.url(name))) as former:
            assert (former.count(PLACES), former.verify().sound) == (1, True)
        assert server.sql("SELECT 1 FROM pg_namespace WHERE nspname ~ 'replaced'", name) == []


def test_a_restore_on_a_server_keeps_the_rights_of_the_clerks(backup, server, clock):
    with server.database() as name:
        server.sql("CREATE ROLE clerk3 LOGIN", name)
        try:
            server.sql("GRANT USAGE ON SCHEMA geo_service TO clerk3", name)
            server.sql("GRANT SELECT ON ALL TABLES IN SCHEMA geo_service TO clerk3", name)
            server.sql("GRANT INSERT ON geo_service.change TO clerk3 WITH GRANT OPTION", name)
            asked = "SELECT relname, relacl::text FROM pg_class WHERE relnamespace = "
            asked += "'geo_service'::regnamespace AND relacl IS NOT NULL ORDER BY 1"
            before = server.sql(asked, name)
            restore(backup, server.url(name), clock())
            assert server.sql(asked, name) == before
            with closing(open_store(server.url(name).replace("geo@", "clerk3@"))) as theirs:
                assert theirs.count(PLACES) == 30
        finally:
            server.sql("DROP OWNED BY clerk3", name)
            server.sql("DROP ROLE clerk3")


def test_a_schema_of_somebody_else_is_not_moved_aside(backup, server, clock):
    with server.database("bare") as name:
        server.sql("CREATE SCHEMA geo_service CREATE TABLE meta (key text, value text)", name)
        with pytest.raises(StoreError) as caught:
            restore(backup, server.url(name), clock())
        assert caught.value.code == "store_foreign"


def test_the_former_store_is_kept_beside_the_restored_one(backup, file_store, build, clock):
    ticked(file_store, build, "Q-1")
    later = file_store.anchor()
    file_store.close()
    done = restore(backup, file_store.url, clock())
    former = open_store(f"gpkg:{done.aside}")
    assert former.verify([later]).sound
    assert former.count(PLACES) == 31
    former.close()
    restored = open_store(file_store.url)
    assert restored.count(PLACES) == 30
    assert restored.verify([later]).problem.startswith("rolled_back 31/")
    restored.close()


def test_a_broken_store_and_its_journal_give_way_to_the_backup(backup, file_store, clock):
    path = Path(file_store.url.removeprefix("gpkg:"))
    file_store.close()
    path.write_bytes(path.read_bytes()[:4096] + os.urandom(8192))
    journal = path.with_name(f"{path.name}-journal")
    journal.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + os.urandom(600))
    done = restore(backup, file_store.url, clock())
    assert done.aside is not None
    assert Path(done.aside).is_file()
    assert not journal.exists()
    assert file_digest(path) == done.manifest.file_sha256


def test_a_store_in_use_is_not_replaced(backup, file_store, clock):
    path = Path(file_store.url.removeprefix("gpkg:"))
    before = file_digest(path)
    with file_store.begin(), pytest.raises(StoreError) as caught:
        restore(backup, file_store.url, clock())
    assert caught.value.code == "store_busy"
    assert file_digest(path) == before
    assert not list(path.parent.glob("*replaced*"))


def test_somebody_elses_file_is_not_moved_aside(backup, tmp_path, clock):
    other = tmp_path / "notes.gpkg"
    other.write_text("hello")
    with pytest.raises(StoreError) as caught:
        restore(backup, f"gpkg:{other}", clock())
    assert (caught.value.code, other.read_text()) == ("store_foreign", "hello")


def flip(path: Path, bit: int) -> None:
    with path.open("r+b") as file:
        file.seek(bit // 8)
        (byte,) = file.read(1)
        file.seek(bit // 8)
        file.write(bytes([byte ^ 1 << bit % 8]))


def test_every_flipped_bit_of_a_backup_is_refused(backup, tmp_path, clock):
    chance, new = random.Random(SEED), tmp_path / "new.gpkg"  # noqa: S311 - faults, no secrets
    for name, times in ((STORE, 40), (MANIFEST, 20)):
        size = (backup / name).stat().st_size
        for bit in (chance.randrange(size * 8) for _time in range(times)):
            flip(backup / name, bit)
            with pytest.raises((StoreError, InputError)) as caught:
                restore(backup, f"gpkg:{new}", clock())
            assert caught.value.code in {"backup_damaged", "backup_foreign"}
            assert not new.exists()
            flip(backup / name, bit)
    assert restore(backup, f"gpkg:{new}", clock()).manifest.entries == 30


def refused(folder: Path, tmp_path: Path, clock) -> str:
    before = sorted(tmp_path.iterdir())
    with pytest.raises((StoreError, InputError)) as caught:
        restore(folder, f"gpkg:{tmp_path}/new.gpkg", clock())
    assert sorted(tmp_path.iterdir()) == before
    return caught.value.code


def reseal(folder: Path, **facts: object) -> None:
    """A manifest as a newer program, or a forger, would write it."""
    from dataclasses import replace

    from geo_service.store.manifests import write_manifest

    write_manifest(folder, replace(read_manifest(folder), **facts))


def test_what_is_no_whole_backup_is_refused(backup, tmp_path, clock):
    (tmp_path / "empty").mkdir()
    assert refused(tmp_path / "empty", tmp_path, clock) == "backup_foreign"
    assert refused(tmp_path / "missing", tmp_path, clock) == "backup_foreign"
    (backup / STORE).rename(backup / "other")
    assert refused(backup, tmp_path, clock) == "backup_damaged"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"schema": 9999}, "store_too_new"),
        ({"rows": {"change": 29}}, "backup_damaged"),
        ({"entries": 29}, "backup_damaged"),
        ({"head": "0" * 64}, "backup_damaged"),
    ],
)
def test_a_manifest_that_says_something_else_is_refused(backup, tmp_path, clock, facts, code):
    reseal(backup, **facts)
    assert refused(backup, tmp_path, clock) == code


def test_a_backup_whose_rows_were_edited_is_refused_though_its_digest_fits(backup, tmp_path, clock):
    db = connect(backup / STORE)
    db.execute("UPDATE place_names SET note = '假' WHERE fid = 3")
    db.close()
    reseal(backup, file_sha256=file_digest(backup / STORE))
    assert refused(backup, tmp_path, clock) == "backup_damaged"


def test_a_store_not_to_be_relied_on_is_not_backed_up(file_store, build, tmp_path, clock):
    ticked(file_store, build, "P-1", "P-2")
    db = sqlite3.connect(file_store.url.removeprefix("gpkg:"))
    db.executescript("DROP TRIGGER change_never_updated; UPDATE change SET actor = '别人'")
    db.close()
    with pytest.raises(StoreError) as caught:
        back_up(file_store, tmp_path / "kept", clock())
    assert (caught.value.code, caught.value.context["sequence"]) == ("log_unsound", 1)
    assert not list(tmp_path.glob("*kept*"))


def test_a_store_whose_rows_were_edited_is_not_backed_up(file_store, build, tmp_path, clock):
    """Such a backup would be refused on the day it is needed."""
    ticked(file_store, build, "P-1", "P-2")
    with closing(connect(Path(file_store.url.removeprefix("gpkg:")))) as db:
        db.execute("UPDATE place_names SET note = '假' WHERE id = 'P-2'")
    with pytest.raises(StoreError) as caught:
        back_up(file_store, tmp_path / "kept", clock())
    assert (caught.value.code, caught.value.context["detail"]) == (
        "tables_unsound",
        "row_differs place-names/P-2",
    )
    assert not list(tmp_path.glob("*kept*"))
    file_store.rebuild()
    back_up(file_store, tmp_path / "kept", clock())


def test_a_backup_never_overwrites(backup, file_store, clock):
    first = (backup / MANIFEST).read_text()
    second, _manifest = back_up(file_store, backup.parent, clock())
    assert second.parent == backup.parent
    assert second.name.startswith("geo-service-2024")
    taken = backup.parent / "taken"
    taken.write_text("x")
    with pytest.raises(InputError) as caught:
        back_up(file_store, taken, clock())
    assert caught.value.code == "backup_exists"
    assert (backup / MANIFEST).read_text() == first


def test_a_backup_made_while_somebody_writes_holds_whole_transactions(
    file_store, build, tmp_path, clock
):
    stop = threading.Event()

    def writing() -> None:
        number = 0
        while not stop.is_set():
            ticked(file_store, build, *(f"W-{number}-{row}" for row in range(10)))
            number += 1

    writer = threading.Thread(target=writing)
    writer.start()
    try:
        made = [back_up(file_store, tmp_path / f"kept{n}", clock())[1] for n in range(4)]
    finally:
        stop.set()
        writer.join()
    assert all(manifest.entries % 10 == 0 for manifest in made)
    assert file_store.verify().sound


def test_a_drill_reads_the_store_and_leaves_nothing_behind(filled, build, tmp_path, clock):
    before, place = reads(filled), tmp_path / "drill"
    done = drill(filled, place, clock())
    assert (done.manifest.entries, done.receipts) == (32, 0)
    assert (list(place.iterdir()), reads(filled)) == ([], before)


def test_a_drill_tells_what_did_not_come_back(filled, tmp_path, clock, monkeypatch):
    def less(_folder, url, _now):
        with closing(open_store(url, create=True)):
            pass

    monkeypatch.setattr("geo_service.store.drilling.restore", less)
    with pytest.raises(StoreError) as caught:
        drill(filled, tmp_path, clock())
    assert caught.value.code == "restore_differs"
    assert not list(tmp_path.glob("drill-*"))


def test_the_commands_back_up_and_restore(file_store, build, tmp_path):
    ticked(file_store, build, "P-1")
    kept, url = str(tmp_path / "kept"), file_store.url

    def run(*words: str):
        return CliRunner().invoke(app, list(words))

    said = run("store", "backup", kept, "--store", url)
    assert (said.exit_code, "已备份" in said.stdout) == (0, True), said.output
    again = run("store", "backup", f"{kept}/{STORE}", "--store", url, "--lang", "en")
    assert (again.exit_code, "never overwrites" in again.stderr) == (3, True)
    said = run("store", "drill", "--in", str(tmp_path), "--store", url)
    assert (said.exit_code, "前后一致" in said.stdout) == (0, True), said.output
    told = json.loads(run("store", "drill", "--store", url, "--json").stdout)
    assert (told["entries"], len(told["file_sha256"])) == (1, 64)
    file_store.close()
    said = run("store", "restore", kept, "--to", url)
    assert said.exit_code == 0, said.output
    assert "原库未删除" in said.stdout
    assert re.search(r"备份（\d{4}-\d\d-\d\d \d\d:\d\d \+08:00）", said.stdout)
    told = json.loads(run("store", "restore", kept, "--to", url + "2", "--json").stdout)
    assert (told["aside"], told["manifest"]["entries"]) == (None, 1)
    assert run("audit", "verify", "--store", url).exit_code == 0
    flip(Path(kept) / STORE, 80_000)
    bad = run("store", "restore", kept, "--to", url, "--lang", "en")
    assert (bad.exit_code, "Nothing was restored" in bad.stderr) == (4, True)
