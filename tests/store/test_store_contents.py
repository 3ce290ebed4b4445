"""Files attached to records, in every store: kept once, named by digest, found out when changed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from geo_service.cities import city
from geo_service.domain.change import RecordKind
from geo_service.domain.period import Period
from geo_service.domain.provenance import Provenance
from geo_service.errors import NotFound, StoreError
from geo_service.services.register import attaching, mending, planning
from geo_service.services.register.acts import Signed
from geo_service.services.register.writing import carry_out
from geo_service.store.connection import connect
from geo_service.store.copying import copy_store
from geo_service.store.opening import open_store

UNITS = RecordKind.UNITS
Y2010, Y2020, Y2024 = (date(year, 1, 1) for year in (2010, 2020, 2024))
BY = Signed(actor="经办人甲", reason="测试", document_no="示例文 1 号")
SUBJECT = (UNITS, "990101")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 5


def attach(store, path, on=Y2010):
    given = {"city": city("990100"), "source": Provenance(source="示例")}
    return carry_out(store, attaching.attach(store, SUBJECT, path, on, BY, **given))


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "界桩照片.png"
    path.write_bytes(PNG)
    return path


@pytest.fixture
def filled(store, build, picture):
    record = build.unit("990101", name="甲区", period=Period(date(2000, 1, 1)))
    carry_out(store, planning.create(store, record, BY))
    attach(store, picture)
    return store


def test_a_file_is_kept_by_its_digest_and_comes_back_byte_by_byte(filled, tmp_path):
    (file,) = attaching.attached(filled, SUBJECT, as_of=Y2024)
    assert (file.media_type, file.size, file.file_name) == ("image/png", len(PNG), "界桩照片.png")
    assert file.digest == filled.content_name(PNG)
    assert filled.content(file.digest) == PNG
    attaching.write_out(filled, file, tmp_path / "out.png")
    assert (tmp_path / "out.png").read_bytes() == PNG
    with pytest.raises(NotFound):
        filled.content("sha256:" + "0" * 64)
    assert filled.verify().sound


def test_a_file_attached_again_is_kept_once_and_writes_nothing(filled, picture):
    before = filled.log_mark()
    again = attach(filled, picture)
    assert (again.entries, again.plan.already > 0) == ((), True)
    assert filled.log_mark() == before


def test_a_detached_file_belongs_no_more_and_is_still_there(filled, picture):
    (file,) = attaching.attached(filled, SUBJECT, as_of=Y2024)
    done = carry_out(filled, attaching.detach(filled, SUBJECT, file.digest[:15], Y2020, BY))
    assert attaching.attached(filled, SUBJECT, as_of=Y2024) == ()
    assert len(attaching.attached(filled, SUBJECT, as_of=Y2010)) == 1
    assert filled.content(file.digest) == PNG
    assert filled.verify().sound
    carry_out(filled, mending.undo(filled, done.event, BY))
    assert len(attaching.attached(filled, SUBJECT, as_of=Y2024)) == 1
    carry_out(filled, attaching.detach(filled, SUBJECT, file.digest, Y2020, BY))
    attach(filled, picture, on=date(2022, 1, 1))
    assert [len(attaching.attached(filled, SUBJECT, as_of=day)) for day in (Y2020, Y2024)] == [0, 1]


@pytest.mark.parametrize(
    "case",
    [
        ("UPDATE content SET data = '\\x00'", "content_differs"),
        ("DELETE FROM content", "content_missing"),
        ("INSERT INTO content VALUES (2, 'sha256:ab', '\\x00')", "content_differs"),
    ],
)
def test_what_was_done_to_a_file_past_the_program_is_found(request, filled, case):
    statement, problem = case
    (file,) = attaching.attached(filled, SUBJECT, as_of=Y2024)
    if filled.url.startswith("gpkg:"):
        db = connect(Path(filled.url.removeprefix("gpkg:")))
        db.execute(statement.replace("'\\x00'", "x'00'"))
        db.close()
    else:
        server, database = map(request.getfixturevalue, ("server", "database"))
        server.sql(statement.replace("content", "geo_service.content", 1), database)
    report = filled.verify()
    assert not report.sound
    assert report.problem.startswith(problem)
    if statement.startswith("UPDATE"):
        with pytest.raises(StoreError):
            filled.content(file.digest)


def test_a_file_that_no_record_names_is_found(store, build):
    with store.begin() as work:
        work.keep_content(b"%PDF-1.7")
    assert store.verify().problem.startswith("content_foreign sha256:")


def test_a_copy_has_the_files_too(filled, tmp_path):
    with_files = open_store(f"gpkg:{tmp_path}/copy.gpkg", create=True)
    copy_store(filled, with_files)
    (file,) = attaching.attached(with_files, SUBJECT, as_of=Y2024)
    assert with_files.content(file.digest) == PNG
    assert with_files.verify().sound
    with_files.close()


def test_a_store_sealed_by_sm3_names_its_files_so(tmp_path, build, picture):
    store = open_store(f"gpkg:{tmp_path}/sm3.gpkg", create=True, digest="sm3")
    record = build.unit("990101", name="甲区", period=Period(date(2000, 1, 1)))
    carry_out(store, planning.create(store, record, BY))
    attach(store, picture)
    (file,) = attaching.attached(store, SUBJECT, as_of=Y2024)
    assert file.digest.startswith("sm3:")
    assert store.verify().sound
    store.close()
