"""Personal values beside the log: erased without a trace, the log sound before and after."""

from __future__ import annotations

import json
import random
import secrets
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from geo_service import cities
from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.person import (
    SALT_LENGTH,
    ClearValue,
    PersonalAct,
    PersonalKind,
    PersonalValue,
    digest_of,
)
from geo_service.domain.provenance import Provenance
from geo_service.errors import InputError, StoreError
from geo_service.services.interchange.importing import import_file
from geo_service.services.persons.desk import erase, find, show
from geo_service.store import sql
from geo_service.store.backups import back_up
from geo_service.store.connection import connect
from geo_service.store.copying import copy_store
from geo_service.store.erasures import read_erasures, save_erasures
from geo_service.store.manifests import STORE
from geo_service.store.opening import open_store
from geo_service.store.restoring import restore

NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)
SEED = 20261128
TELEPHONE = "甲某 13800001111"


def keep(store, *values: str) -> list[str]:
    """Keep values as a service does; returns their ids."""
    clear = [
        ClearValue(f"p{secrets.token_hex(8)}", secrets.token_hex(SALT_LENGTH // 2), value)
        for value in values
    ]
    records = [
        PersonalValue(
            id=kept.id,
            kind=PersonalKind.OTHER,
            subject_kind="place-names",
            subject_id="P-1",
            field="备注",
            digest=digest_of(kept),
            act=PersonalAct.KEPT,
            provenance=Provenance(source="示例"),
        )
        for kept in clear
    ]
    with store.begin() as work:
        work.append(
            Change(operation=Operation.CREATE, record=record, actor="甲", reason="测试")
            for record in records
        )
        work.keep_clear(clear)
    return [kept.id for kept in clear]


def clear_texts(store) -> list[str]:
    return [kept.value for kept in store.clear_values()]


def test_what_is_kept_is_read_and_what_is_erased_is_gone(store):
    one, other = keep(store, TELEPHONE, "乙某")
    assert [kept.value for kept in store.clear_values([other])] == ["乙某"]
    erase(store, [one], "甲", "本人要求")
    assert clear_texts(store) == ["乙某"]
    assert store.clear_values([one]) == []
    assert store.get(RecordKind.PERSONAL_VALUES, one).act is PersonalAct.ERASED
    assert store.verify().sound
    store.rebuild()
    assert store.verify().sound
    assert clear_texts(store) == ["乙某"]


def test_the_log_says_who_and_why_but_not_what(store):
    (one,) = keep(store, TELEPHONE)
    erase(store, [one], "经办人甲", "本人要求")
    *_, last = store.log(record_id=one)
    assert (last.actor, last.reason, last.basis) == ("经办人甲", "本人要求", "person:erased")


@pytest.mark.parametrize("field", ["reason", "basis"])
def test_no_number_of_a_person_enters_the_log_in_a_reason(store, build, field):
    change = Change(
        operation=Operation.CREATE,
        record=build.place(),
        actor="甲",
        **{"reason": "测试", field: "据 13800001111 来电"},
    )
    with pytest.raises(InputError) as refused, store.begin() as work:
        work.append([change])
    assert refused.value.code == "personal_in_log"
    assert "13800001111" not in str(refused.value)
    assert store.verify().entries == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE person SET value = '丙某'",
        "UPDATE person SET salt = 'ab'",
        "DELETE FROM person",
        "INSERT INTO person (number, id, salt, value) VALUES (9, 'p9', 'ab', '丁某')",
    ],
)
def test_values_altered_past_the_program_are_found(store, request, statement):
    keep(store, TELEPHONE)
    if store.url.startswith("gpkg:"):
        with closing(connect(Path(store.url.removeprefix("gpkg:")))) as db:
            db.execute(statement)
    else:
        server, database = (request.getfixturevalue(name) for name in ("server", "database"))
        server.sql(f"SET search_path = geo_service, public; {statement}", database)
    assert store.verify().problem.startswith("person_differs ")


def test_values_go_along_into_another_store(file_store, server_store):
    one, other = keep(server_store, TELEPHONE, "乙某")
    erase(server_store, [other], "甲", "测试")
    copy_store(server_store, file_store)
    assert file_store.clear_values() == server_store.clear_values()
    assert [kept.id for kept in file_store.clear_values()] == [one]
    assert file_store.verify().sound


# --- bytes ----------------------------------------------------------------------------------


def traces(folder: Path, values: list[str]) -> list[str]:
    """Values that stand somewhere in the bytes of a file or of those in a folder.

    Told by their first characters: a long value is spread over pages.
    """
    files = [folder] if folder.is_file() else folder.rglob("*")
    content = b"".join(path.read_bytes() for path in files if path.is_file())
    return [value for value in values if value[:15].encode() in content]


def value_of(chance: random.Random) -> str:
    words = "".join(chance.choices("甲乙丙丁戊己庚辛", k=chance.choice((3, 12, 300, 2500))))
    return f"{chance.randrange(10**12):012}{words}"


def history(store, seed: int) -> tuple[list[str], list[str]]:
    """Values kept and erased in random order, some of many pages: those that stand, those gone."""
    chance, standing, gone = random.Random(seed), dict[str, str](), list[str]()  # noqa: S311
    for _ in range(14):
        if not standing or chance.random() < 0.6:
            new = [value_of(chance) for _ in range(chance.randrange(1, 40))]
            standing |= dict(zip(keep(store, *new), new, strict=True))
        else:
            ids = chance.sample(sorted(standing), chance.randrange(1, len(standing) + 1))
            erase(store, ids, "甲", "测试")
            gone += [standing.pop(value_id) for value_id in ids]
    return list(standing.values()), gone


@pytest.mark.parametrize("seed", range(SEED, SEED + 6))
def test_nothing_erased_is_left_in_the_bytes_of_a_file(file_store, tmp_path, seed):
    standing, gone = history(file_store, seed)
    folder, _manifest = back_up(file_store, tmp_path / "backup", NOON)
    file_store.close()

    assert gone and traces(tmp_path, gone) == []
    assert traces(folder, standing) == standing


def test_nothing_erased_is_left_in_the_tables_of_a_server(server, database, server_store, tmp_path):
    _standing, gone = history(server_store, SEED)
    (place,) = server.sql("SELECT pg_relation_filepath('geo_service.person')", database)[0]
    server.sql("CHECKPOINT", database)
    ((folder,),) = server.sql("SHOW data_directory")
    content = (Path(folder) / place).read_bytes()

    assert gone and [value for value in gone if value.encode() in content] == []
    folder, _manifest = back_up(server_store, tmp_path / "backup", NOON)
    assert traces(folder, gone) == []


def test_a_table_in_use_is_swept_later_and_said(server, database, server_store, monkeypatch):
    import psycopg

    (one,) = keep(server_store, TELEPHONE)
    monkeypatch.setattr("geo_service.store.postgis.BUSY_TIMEOUT_S", 0.2)
    with psycopg.connect(server.url(database)) as other:
        other.execute("SELECT * FROM geo_service.person")
        with pytest.raises(StoreError) as told:
            erase(server_store, [one], "甲", "测试")
    assert told.value.code == "person_unswept"
    assert clear_texts(server_store) == []
    assert server_store.verify().sound
    (two,) = keep(server_store, "乙某")
    erase(server_store, [two], "甲", "测试")


def test_a_table_of_another_owner_is_not_swept_and_it_is_said(server, database, server_store):
    (one,), clerk = keep(server_store, TELEPHONE), f"clerk_{database}"
    server.sql(
        f"CREATE ROLE {clerk} LOGIN; GRANT USAGE ON SCHEMA geo_service TO {clerk}; GRANT SELECT,"
        f" INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA geo_service TO {clerk}",
        database,
    )
    split = urlsplit(server.url(database))
    url = split._replace(netloc=f"{clerk}@{split.netloc.rpartition('@')[2]}").geturl()
    with closing(open_store(url)) as theirs, pytest.raises(StoreError) as told:
        erase(theirs, [one], "甲", "测试")
    assert (told.value.code, told.value.context["detail"]) == ("person_unswept", "server_forbidden")
    assert clear_texts(server_store) == []


# --- imports --------------------------------------------------------------------------------


def card(chance: random.Random) -> str:
    """A number of nobody: of a place that is none, with the right check character."""
    digits = f"990101{chance.randrange(1950, 2010)}{chance.randrange(1, 13):02}"
    digits += f"{chance.randrange(1, 29):02}{chance.randrange(1000):03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(d) * w for d, w in zip(digits, weights, strict=True))
    return digits + "10X98765432"[total % 11]


def application(path: Path, chance: random.Random, rows: int) -> list[str]:
    """A file of place names with persons in columns and in texts; returns their values."""
    name = lambda: "".join(chance.choices("赵钱孙李周吴郑王冯陈褚卫", k=6))  # noqa: E731
    mobile = lambda: f"1{chance.choice('3456789')}{chance.randrange(10**9):09}"  # noqa: E731
    lines, values = ["编号,名称,类型,经度,纬度,申请人,身份证号,手机,地名来历,随手记"], list[str]()
    for i in range(rows):
        told = [name(), card(chance), mobile(), mobile(), card(chance)]
        texts = f"{told[0]},{told[1]},{told[2]},据传，电{told[3]}。,问{told[4]}号"
        lines.append(f"{i},示例{i}路,道路,120.39,36.065,{texts}")
        values += told
    path.write_text("\n".join(lines), encoding="utf-8")
    return values


@pytest.mark.parametrize("seed", range(SEED, SEED + 3))
def test_what_was_imported_is_nowhere_once_it_is_erased(store, tmp_path, seed):
    chance, city = random.Random(seed), cities.city("370200")  # noqa: S311 - a repeatable draw
    path = tmp_path / "in" / "a.csv"
    path.parent.mkdir()
    values = application(path, chance, 30)
    report = import_file(
        store,
        path,
        RecordKind.PLACE_NAMES,
        city=city,
        actor="甲",
        now=NOON,
        today=date(2024, 6, 1),
    )
    shown = json.dumps(report.to_json("zh"), ensure_ascii=False)
    assert report.accepted and [value for value in values if value in shown] == []
    assert sorted(clear_texts(store)) == sorted(values)
    before, _manifest = back_up(store, tmp_path / "before", NOON)
    with closing(connect(before / STORE)) as db:
        tables = [name for (name,) in db.execute(sql.TABLE_NAMES) if name != "person"]
        text = "".join(str(db.execute(f"SELECT * FROM {t}").fetchall()) for t in tables)  # noqa: S608
    assert [value for value in values if value in text] == []

    erase(store, [kept.id for kept in store.clear_values()], "甲", "测试")

    after, _manifest = back_up(store, tmp_path / "after", NOON)
    assert traces(after, values) == []
    assert store.verify().sound


# --- backups --------------------------------------------------------------------------------


@pytest.fixture
def backed(file_store, tmp_path):
    """A store with one value erased after a backup and one kept: store, backup, both ids."""
    one, other = keep(file_store, TELEPHONE, "乙某")
    folder, _manifest = back_up(file_store, tmp_path / "backup", NOON)
    erase(file_store, [one], "甲", "本人要求")
    return file_store, folder, one, other


def test_an_older_backup_brings_nothing_back(backed):
    store, folder, one, other = backed
    url = store.url
    store.close()

    done = restore(folder, url, NOON)

    assert done.erased == 1
    with closing(open_store(url)) as restored:
        assert [kept.id for kept in restored.clear_values()] == [other]
        assert restored.verify().sound
        *_, last = restored.log(record_id=one)
        assert last.basis == "person:erased"
    assert done.aside is not None


def test_a_list_of_erasures_stands_in_for_a_store_that_is_lost(backed, tmp_path, server):
    _store, folder, one, other = backed
    save_erasures([one], tmp_path / "erasures.txt")
    wanted = read_erasures(tmp_path / "erasures.txt")
    with server.database() as name:
        for url in (f"gpkg:{tmp_path}/new.gpkg", server.url(name)):
            assert restore(folder, url, NOON, wanted).erased == 1
            with closing(open_store(url)) as restored:
                assert [kept.id for kept in restored.clear_values()] == [other]
                assert restored.verify().sound
    assert traces(tmp_path / "new.gpkg", [TELEPHONE]) == []


def test_a_backup_that_knows_of_the_erasure_is_left_as_it_is(file_store, tmp_path):
    (one,) = keep(file_store, TELEPHONE)
    erase(file_store, [one], "甲", "测试")
    folder, manifest = back_up(file_store, tmp_path / "backup", NOON)
    done = restore(folder, f"gpkg:{tmp_path}/new.gpkg", NOON, frozenset([one]))
    assert (done.erased, done.manifest.head) == (0, manifest.head)


@pytest.mark.parametrize("damage", [("p", "q"), ("seal", "sea"), ("geo", "neo")])
def test_a_damaged_list_is_refused(tmp_path, damage):
    file = tmp_path / "erasures.txt"
    save_erasures(["p0123456789abcdef"], file)
    assert read_erasures(file) == {"p0123456789abcdef"}
    file.write_text(file.read_text().replace(*damage))
    with pytest.raises(InputError) as refused:
        read_erasures(file)
    assert refused.value.code == "erasures_unreadable"
    with pytest.raises(InputError) as refused:
        save_erasures([], file)
    assert refused.value.code == "erasures_unsaved"


def test_a_former_store_of_another_schema_still_says_what_was_erased(
    server, database, server_store, tmp_path
):
    one, other = keep(server_store, TELEPHONE, "乙某")
    folder, _manifest = back_up(server_store, tmp_path / "backup", NOON)
    erase(server_store, [one], "甲", "本人要求")
    url = server.url(database)
    server_store.close()
    newer = "INSERT INTO geo_service.migration VALUES (99, '0099_later', 'ab', '2030-01-01')"
    server.sql(newer, database)

    assert restore(folder, url, NOON).erased == 1
    with closing(open_store(url)) as restored:
        assert [kept.id for kept in restored.clear_values()] == [other]


def test_a_former_store_in_use_is_waited_for_not_passed_over(backed, monkeypatch):
    store, folder, _one, _other = backed
    url, path = store.url, Path(store.url.removeprefix("gpkg:"))
    store.close()
    monkeypatch.setattr("geo_service.store.connection.BUSY_TIMEOUT_S", 0.1)
    with closing(connect(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError) as refused:
            restore(folder, url, NOON)
    assert refused.value.code == "store_busy"
    assert restore(folder, url, NOON).erased == 1


def test_a_former_store_beyond_reading_is_told(backed):
    store, folder, one, _other = backed
    path = Path(store.url.removeprefix("gpkg:"))
    store.close()
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * 8000)
    done = restore(folder, store.url, NOON)
    assert (done.erased, done.unread) == (0, True)
    assert not restore(folder, store.url, NOON + timedelta(minutes=1)).unread
    with closing(open_store(store.url)) as restored:
        assert one in {kept.id for kept in restored.clear_values()}


def test_a_value_that_is_erased_while_it_is_asked_for_stays_erased(store, monkeypatch):
    (one,) = keep(store, TELEPHONE)
    begin = store.begin

    def late():
        monkeypatch.setattr(store, "begin", begin)
        erase(store, [one], "乙", "本人要求")
        return begin()

    monkeypatch.setattr(store, "begin", late)
    with pytest.raises(InputError) as refused:
        show(store, one, "甲", "核对")
    assert refused.value.code == "person_erased"
    assert store.get(RecordKind.PERSONAL_VALUES, one).act is PersonalAct.ERASED
    assert store.verify().sound


def test_a_search_for_no_letter_or_digit_finds_nobody(store):
    keep(store, TELEPHONE)
    assert len(find(store)) == 1
    assert find(store, value="—— ") == ()
