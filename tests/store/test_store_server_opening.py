"""Opening a store on a server: what is made, what is refused, and with which words."""

from __future__ import annotations

import subprocess
import sys

import psycopg
import pytest

from geo_service.domain.change import Operation, RecordKind
from geo_service.errors import ConfigError, GeoServiceError, StoreError
from geo_service.messages import explain
from geo_service.store import migrations
from geo_service.store.addresses import shown
from geo_service.store.dialects import POSTGIS
from geo_service.store.opening import open_store
from geo_service.store.schema import LAYERS

PLACES = RecordKind.PLACE_NAMES
SECRET = "S3cr3t"


def refused(url: str, **options: object) -> GeoServiceError:
    with pytest.raises((StoreError, ConfigError)) as caught:
        open_store(url, **options)
    for lang in ("zh", "en"):
        assert explain(caught.value, lang)
        assert SECRET not in explain(caught.value, lang)
    assert SECRET not in str(caught.value)
    return caught.value


@pytest.fixture
def bare(server):
    """A database with the extension and nothing of ours."""
    with server.database("bare") as name:
        yield name


def test_a_database_becomes_a_store_only_when_asked(server, bare, build):
    url = server.url(bare)
    error = refused(url)
    assert error.code == "server_empty"
    assert "store init" in explain(error, "zh")
    store = open_store(url, create=True)
    with store.begin() as work:
        work.append([build.change(build.place())])
    store.close()
    again = open_store(url, create=True)
    assert again.count(PLACES) == 1
    assert again.verify().sound
    again.close()


def test_what_else_lies_in_the_database_is_left_alone(server, bare):
    server.sql("CREATE TABLE place_names (theirs text)", bare)
    server.sql("INSERT INTO place_names VALUES ('别人的')", bare)
    store = open_store(server.url(bare), create=True)
    assert store.count(PLACES) == 0
    assert store.verify().sound
    store.close()
    assert server.sql("SELECT * FROM public.place_names", bare) == [("别人的",)]


@pytest.mark.parametrize("create", [False, True])
def test_a_schema_of_somebody_else_under_our_name_is_refused(server, bare, create):
    server.sql("CREATE SCHEMA geo_service CREATE TABLE meta (key text, value text)", bare)
    assert refused(server.url(bare), create=create).code == "store_foreign"
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'geo_service'"
    assert server.sql(tables, bare) == [("meta",)]


@pytest.mark.parametrize("create", [False, True])
def test_a_newer_schema_is_refused(server, database, create):
    future = "INSERT INTO geo_service.migration VALUES (9999, '9999_future', 'x', '2030-01-01')"
    server.sql(future, database)
    error = refused(server.url(database), create=create)
    assert (error.code, error.context["found"]) == ("store_too_new", 9999)


def test_a_store_made_by_other_steps_is_refused(server, database):
    server.sql("UPDATE geo_service.migration SET checksum = 'other'", database)
    assert refused(server.url(database)).code == "migration_changed"


def test_two_that_make_the_same_store_at_once_make_one(server, bare):
    script = (
        "import sys; from geo_service.store.opening import open_store as made;"
        " made(sys.argv[1], create=True)"
    )
    words = [sys.executable, "-c", script, server.url(bare)]
    both = [subprocess.Popen(words, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [(one.communicate()[1], one.returncode) for one in both] == [("", 0)] * 2


def test_a_database_without_the_extension_gets_it_from_an_administrator_only(server):
    server.sql("DROP ROLE IF EXISTS clerk")
    server.sql("CREATE ROLE clerk LOGIN")
    server.sql("CREATE DATABASE plain TEMPLATE template0 OWNER clerk")
    try:
        assert refused(server.url("plain")).code == "server_without_postgis"
        clerk = server.url("plain").replace("geo@", "clerk@")
        error = refused(clerk, create=True)
        assert error.code == "server_without_postgis"
        assert "CREATE EXTENSION" in explain(error, "zh")
        open_store(server.url("plain"), create=True).close()
        assert open_store(server.url("plain")).verify().sound
    finally:
        server.sql("DROP DATABASE plain WITH (FORCE)")
        server.sql("DROP ROLE clerk")


def test_an_encoding_without_chinese_is_refused(server):
    server.sql("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    try:
        error = refused(server.url("latin"), create=True)
        assert (error.code, error.context["found"]) == ("server_encoding", "LATIN1")
    finally:
        server.sql("DROP DATABASE latin")


def test_a_clerk_who_may_only_read_reads_and_is_told_why_he_cannot_write(server, database, build):
    server.sql("CREATE ROLE reader LOGIN", database)
    try:
        server.sql("GRANT USAGE ON SCHEMA geo_service TO reader", database)
        server.sql("GRANT SELECT ON ALL TABLES IN SCHEMA geo_service TO reader", database)
        store = open_store(server.url(database).replace("geo@", "reader@"))
        assert store.count(PLACES) == 0
        assert store.verify().sound
        with pytest.raises(StoreError) as caught, store.begin() as work:
            work.append([build.change(build.place())])
        assert caught.value.code == "server_forbidden"
        store.close()
    finally:
        server.sql("DROP OWNED BY reader", database)
        server.sql("DROP ROLE reader")


def test_a_clerk_needs_no_right_to_change_the_log(server, database, build):
    """The log is guarded by rights as well where the tables belong to somebody else."""
    rights = (
        "GRANT USAGE ON SCHEMA geo_service TO clerk2",
        "GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA geo_service TO clerk2",
        "GRANT UPDATE ON geo_service.meta TO clerk2",
        *(f"GRANT UPDATE ON geo_service.{layer.table} TO clerk2" for layer in LAYERS),
    )
    server.sql("CREATE ROLE clerk2 LOGIN", database)
    try:
        for right in rights:
            server.sql(right, database)
        store = open_store(server.url(database).replace("geo@", "clerk2@"))
        for operation, version in ((Operation.CREATE, 0), (Operation.CORRECT, 1)):
            with store.begin() as work:
                work.append([build.change(build.place(), operation, version)])
        assert store.verify().sound
        store.close()
        theirs = "SET ROLE clerk2; ALTER TABLE geo_service.change DISABLE TRIGGER USER"
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            server.sql(theirs, database)
    finally:
        server.sql("DROP OWNED BY clerk2", database)
        server.sql("DROP ROLE clerk2")


def test_the_extension_may_lie_in_a_schema_of_its_own(server, build):
    server.sql("CREATE DATABASE apart TEMPLATE template0")
    try:
        server.sql("CREATE SCHEMA gis", "apart")
        server.sql("CREATE EXTENSION postgis SCHEMA gis", "apart")
        store = open_store(server.url("apart"), create=True)
        with store.begin() as work:
            work.append([build.change(build.place())])
        assert store.records(PLACES, box=(120, 36, 121, 37)) == [build.place()]
        assert store.verify().sound
        store.close()
    finally:
        server.sql("DROP DATABASE apart WITH (FORCE)")


def test_a_server_that_does_not_answer_is_told(tmp_path):
    error = refused(f"postgresql://geo:{SECRET}@/x?host={tmp_path}")
    assert error.code == "server_unreachable"
    assert "***" in explain(error, "zh")


def test_a_database_that_is_not_there_is_told(server):
    error = refused(server.url("none"))
    assert error.code == "server_unreachable"
    assert "none" in explain(error, "zh")


def test_a_wrong_password_is_told_and_not_repeated(server, database):
    server.sql("CREATE ROLE sesame LOGIN PASSWORD 'right' SUPERUSER")
    try:
        address = f"127.0.0.1:{server.port}/{database}"
        error = refused(f"postgresql://sesame:{SECRET}@{address}")
        assert error.code == "server_unreachable"
        assert "sesame" in explain(error, "en")
        store = open_store(f"postgresql://sesame:right@{address}")
        assert store.url == f"postgresql://sesame:***@{address}"
        assert store.info()["url"] == store.url
        store.close()
    finally:
        server.sql("DROP ROLE sesame")


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://geo:a@{SECRET}@host/x",
        f"postgresql://geo:a/{SECRET}@host/x",
        f"postgresql://geo:a?{SECRET}@host/x",
        f"postgresql://geo:a#{SECRET}@host/x",
        f"postgresql://geo@host:{SECRET}/x",
        f"postgresql://geo@host/x?secret={SECRET}",
        f"postgresql://geo:{SECRET}@host/x?nonsense=1",
        f"postgresql://[geo:{SECRET}@host/x",
    ],
)
def test_an_address_that_may_be_misread_is_refused_without_showing_a_password(url):
    assert refused(url, create=True).code == "store_url_malformed"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("gpkg:a:b@c", "gpkg:a:b@c"),
        ("postgresql://geo@host/x", "postgresql://geo@host/x"),
        ("postgres://geo:pw@host/x", "postgres://geo:***@host/x"),
        ("postgresql:geo:pw@host/x", "postgresql:geo:***@host/x"),
        ("postgresql://geo:pw@host:5432/x", "postgresql://geo:***@host:5432/x"),
        ("postgresql://geo:p:w@d@host/x?a=1", "postgresql://geo:***@host/x?a=1"),
        ("postgresql://h/x?password=pw&user=geo", "postgresql://h/x?password=***&user=geo"),
    ],
)
def test_an_address_is_shown_without_its_password(url, said):
    assert shown(url) == said


def test_a_missing_driver_names_the_extra_and_costs_a_file_nothing(tmp_path):
    script = f"""
import sys
sys.modules["psycopg"] = None
from geo_service.errors import ConfigError
from geo_service.messages import explain
from geo_service.store.opening import open_store
open_store("gpkg:{tmp_path}/s.gpkg", create=True).close()
try:
    open_store("postgresql://geo@host/x")
except ConfigError as error:
    print(explain(error, "zh"))
"""
    words = [sys.executable, "-c", script]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "pip install 'geo-service[postgis]'" in done.stdout


def test_a_server_that_goes_away_is_told_and_found_again(server, database, build):
    store = open_store(server.url(database))
    assert store.count(PLACES) == 0
    cut = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = "
    with pytest.raises(StoreError) as caught, store.begin() as work:
        work.append([build.change(build.place())])
        server.sql(f"{cut}'{database}'")
        work.append([build.change(build.place("P-2"))])
    assert caught.value.code == "server_unreachable"
    assert store.count(PLACES) == 0
    with store.begin() as work:
        work.append([build.change(build.place())])
    server.sql(f"{cut}'{database}'")
    assert store.count(PLACES) == 1, "a session cut off while idle is replaced"
    store.close()


def test_the_released_migrations_never_change_on_the_server_either():
    recorded = {step.name: step.checksum[:16] for step in migrations.all_migrations(POSTGIS)}
    assert recorded == {
        "0001_create": "eb8aa8b341d44a22",
        "0002_file_names_by_likeness": "74b077800caadc80",
        "0003_keep_accepted_pairs": "398607dc69e58bea",
        "0004_keep_findings": "39bad5fda0a534ac",
        "0005_seal_receipts": "edbecac14bf82f57",
        "0006_keep_persons_apart": "4a648a9c21156a59",
        "0007_keep_documents": "9332a59fb42b926d",
        "0008_keep_roads": "d9342c864493bb39",
        "0009_keep_drafts": "6b0d1d60393125e6",
    }
