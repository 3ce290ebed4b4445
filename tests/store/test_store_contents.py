"""Files attached to records, in every store: kept once, named by digest, found out when changed."""

from __future__ import annotations

import random
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from geo_service.cities import city
from geo_service.domain.change import RecordKind
from geo_service.domain.period import Period
from geo_service.domain.provenance import Label, Provenance
from geo_service.errors import Forbidden, InputError, NotFound, StoreError
from geo_service.services.persons.desk import erase, erased, find
from geo_service.services.register import attaching, mending, planning
from geo_service.services.register.acts import Signed
from geo_service.services.register.writing import carry_out
from geo_service.store.backups import back_up
from geo_service.store.connection import connect
from geo_service.store.copying import copy_store
from geo_service.store.erasures import read_erasures, save_erasures
from geo_service.store.opening import open_store
from geo_service.store.restoring import restore

UNITS = RecordKind.UNITS
NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)
SEED = 20261128
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
    attaching.write_out(filled, file, tmp_path / "out.png", Label.INTERNAL)
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


PUT = "UPDATE content SET data = '\\x{}'"


def past_the_program(request, store, statement):
    if store.url.startswith("gpkg:"):
        with closing(connect(Path(store.url.removeprefix("gpkg:")))) as db:
            db.execute(statement.replace("'\\x", "x'"))
    else:
        server, database = map(request.getfixturevalue, ("server", "database"))
        server.sql(statement.replace("content", "geo_service.content", 1), database)


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
    past_the_program(request, filled, statement)
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


# --- erased ---------------------------------------------------------------------------------


def test_an_erased_file_is_gone_and_the_log_says_who_and_why(filled, picture, tmp_path):
    (file,) = attaching.attached(filled, SUBJECT, as_of=Y2024)
    before = filled.log_mark().sequence
    (record,) = erase(filled, [file.digest], "经办人甲", "本人要求")
    (entry,) = filled.log(after=before)
    assert (entry.record_id, entry.actor, entry.reason) == (file.digest, "经办人甲", "本人要求")
    assert attaching.erasure(filled, file.digest) == entry
    assert (record.subject_kind, record.subject_id) == SUBJECT
    assert erased(filled) == (file.digest,)
    assert [found.mask for found in find(filled, subject=SUBJECT)] == [""]

    with pytest.raises(NotFound, match="content_erased"):
        filled.content(file.digest)
    with pytest.raises(NotFound, match="content_erased"):
        attaching.write_out(filled, file, tmp_path / "out.png", Label.INTERNAL)
    assert not (tmp_path / "out.png").exists()
    assert attaching.attached(filled, SUBJECT, as_of=Y2024) == (file,)
    with pytest.raises(InputError, match="attachment_erased"):
        attach(filled, picture, on=Y2020)
    assert filled.verify().sound
    filled.rebuild()
    assert filled.verify().sound


def test_only_what_is_there_is_erased_and_all_or_nothing(filled):
    (file,) = attaching.attached(filled, SUBJECT, as_of=Y2024)
    unknown = "sha256:" + "0" * 64
    before = filled.log_mark()
    for names, code in (
        ([file.digest, unknown], "content_not_found"),
        ([file.digest[:20]], "content_not_found"),
        ([file.digest, "p0123456789abcdef"], "person_unknown"),
    ):
        with pytest.raises(NotFound, match=code):
            erase(filled, names, "甲", "测试")
    with pytest.raises(InputError, match="person_unreasoned"):
        erase(filled, [file.digest], "甲", " ")
    assert filled.log_mark() == before
    assert filled.content(file.digest) == PNG
    erase(filled, [file.digest, file.digest], "甲", "测试")
    with pytest.raises(InputError, match="person_erased"):
        erase(filled, [file.digest], "甲", "再次")


@pytest.mark.parametrize(
    "case",
    [
        (PUT.format(PNG.hex()), "content_unerased"),
        (PUT.format("0001"), "content_unerased"),
        ("DELETE FROM content", "content_missing"),
    ],
)
def test_erased_is_told_from_lost_and_from_come_back(request, filled, case):
    statement, problem = case
    (file,) = attaching.attached(filled, SUBJECT, as_of=Y2024)
    erase(filled, [file.digest], "甲", "测试")
    past_the_program(request, filled, statement)
    assert filled.verify().problem.startswith(f"{problem} sha256:")


def test_zeros_without_an_act_are_a_loss(request, filled):
    past_the_program(request, filled, PUT.format(bytes(len(PNG)).hex()))
    assert filled.verify().problem.startswith("content_differs sha256:")


def test_no_file_is_handed_out_where_the_public_is_served(filled, tmp_path):
    (file,) = attaching.attached(filled, SUBJECT, as_of=Y2024)
    with pytest.raises(Forbidden, match="attachment_not_public"):
        attaching.write_out(filled, file, tmp_path / "out.png", Label.PUBLIC)
    assert not (tmp_path / "out.png").exists()


def scans(store, folder, seed):
    """Files of many sizes attached and erased in random order: those that stand, those gone."""
    chance, standing, gone = random.Random(seed), dict[str, bytes](), list[bytes]()  # noqa: S311
    for i in range(40):
        if standing and chance.random() < 0.4:
            name = chance.choice(sorted(standing))
            erase(store, [name], "甲", "测试")
            gone.append(standing.pop(name))
            continue
        data = b"\x89PNG\r\n\x1a\n" + chance.randbytes(chance.choice((30, 900, 5000, 120_000)))
        path = folder / f"扫描件{i}.png"
        path.write_bytes(data)
        attach(store, path)
        path.unlink()
        standing[store.content_name(data)] = data
    return list(standing.values()), gone


def pieces(data):
    """Parts of a file that stand together on a page, wherever pages begin."""
    return [data[at : at + 20] for at in range(8, max(9, len(data) - 20), 400)]


def traces(folder, files):
    paths = [folder] if folder.is_file() else [p for p in folder.rglob("*") if p.is_file()]
    content = b"".join(path.read_bytes() for path in paths)
    return [data[:30] for data in files if any(piece in content for piece in pieces(data))]


@pytest.mark.parametrize("seed", range(SEED, SEED + 4))
def test_nothing_of_an_erased_file_is_left_in_the_bytes_of_a_store(
    file_store, build, tmp_path, seed
):
    record = build.unit("990101", name="甲区", period=Period(date(2000, 1, 1)))
    carry_out(file_store, planning.create(file_store, record, BY))
    standing, gone = scans(file_store, tmp_path, seed)
    assert file_store.verify().sound
    back_up(file_store, tmp_path / "backup", NOON)
    file_store.close()
    assert gone and traces(tmp_path, gone) == []
    assert len(traces(tmp_path, standing)) == len(standing)


def test_nothing_of_an_erased_file_is_left_in_the_tables_of_a_server(
    server, database, server_store, build, tmp_path
):
    record = build.unit("990101", name="甲区", period=Period(date(2000, 1, 1)))
    carry_out(server_store, planning.create(server_store, record, BY))
    standing, gone = scans(server_store, tmp_path, SEED)
    files = server.sql(
        "SELECT pg_relation_filepath(c.oid), pg_relation_filepath(nullif(c.reltoastrelid, 0))"
        " FROM pg_class AS c WHERE c.oid = 'geo_service.content'::regclass",
        database,
    )
    server.sql("CHECKPOINT", database)
    ((folder,),) = server.sql("SHOW data_directory")
    content = b"".join((Path(folder) / file).read_bytes() for file in files[0])
    assert gone and [data[:20] for data in gone if data[8:28] in content] == []
    assert [data[:20] for data in standing if data[8:28] not in content] == []
    assert server_store.verify().sound


def test_a_copy_knows_what_was_erased(filled, tmp_path):
    (file,) = attaching.attached(filled, SUBJECT, as_of=Y2024)
    erase(filled, [file.digest], "甲", "测试")
    with closing(open_store(f"gpkg:{tmp_path}/copy.gpkg", create=True)) as copy:
        copy_store(filled, copy)
        assert copy.verify().sound
        with pytest.raises(NotFound, match="content_erased"):
            copy.content(file.digest)


def test_an_older_backup_brings_no_file_back(filled, tmp_path, server):
    (file,) = attaching.attached(filled, SUBJECT, as_of=Y2024)
    folder, _manifest = back_up(filled, tmp_path / "backup", NOON)
    erase(filled, [file.digest], "甲", "本人要求")
    save_erasures(erased(filled), tmp_path / "erasures.txt")
    wanted = read_erasures(tmp_path / "erasures.txt")
    url = f"gpkg:{tmp_path}/new.gpkg"
    assert restore(folder, url, NOON).erased == 0
    with closing(open_store(url)) as restored:
        erase(restored, [file.digest], "甲", "本人要求")
    with server.database() as name:
        # The second time the store that is replaced tells it, the third the list alone does.
        for target, told in ((url, frozenset()), (server.url(name), wanted)):
            assert restore(folder, target, NOON, told).erased == 1
            with closing(open_store(target)) as restored:
                assert restored.verify().sound
                with pytest.raises(NotFound, match="content_erased"):
                    restored.content(file.digest)
                entry = attaching.erasure(restored, file.digest)
                assert entry.actor == "geo-service store restore"
    assert traces(tmp_path / "new.gpkg", [PNG]) == []
