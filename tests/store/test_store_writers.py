"""Several writers at once: one winner for each version, nothing lost, nobody hangs."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from geo_service.domain.change import Operation, RecordKind
from geo_service.errors import Conflict, StoreError
from geo_service.store import connection
from geo_service.store.opening import open_store

PLACES = RecordKind.PLACE_NAMES
WRITERS, ROUNDS = 8, 5


def test_of_many_writers_one_wins_each_version(store, write, build):
    write(build.place())
    start = threading.Barrier(WRITERS)

    def compete(writer: int) -> int:
        won = 0
        start.wait()
        for round_ in range(ROUNDS):
            seen = store.version(PLACES, "P-1")
            change = build.change(
                build.place(name=f"第{writer}人{round_}次"), Operation.CORRECT, seen
            )
            try:
                with store.begin() as work:
                    work.append([change])
                won += 1
            except Conflict as conflict:
                assert conflict.context["actual"] > seen
        return won

    with ThreadPoolExecutor(WRITERS) as pool:
        wins = sum(pool.map(compete, range(WRITERS)))
    assert wins >= ROUNDS, "somebody wins every round"
    assert store.version(PLACES, "P-1") == wins + 1
    entries = list(store.log(record_id="P-1"))
    assert [entry.version for entry in entries] == list(range(1, wins + 2))
    assert store.verify().sound


def test_of_fifty_clerks_on_one_record_one_wins_each_version(server_store, build):
    """On the server, where so many may be at work: nothing lost, nobody turned away."""
    with server_store.begin() as work:
        work.append([build.change(build.place())])
    clerks, rounds = 50, 3
    start = threading.Barrier(clerks)

    def compete(clerk: int) -> list[int]:
        won = []
        start.wait()
        for round_ in range(rounds):
            seen = server_store.version(PLACES, "P-1")
            changed = build.place(name=f"第{clerk}人{round_}次")
            try:
                with server_store.begin() as work:
                    work.append([build.change(build.place(id=f"{clerk}-{round_}"))])
                    work.append([build.change(changed, Operation.CORRECT, seen)])
                won.append(seen + 1)
            except Conflict as conflict:
                assert conflict.code == "version_stale"
        return won

    with ThreadPoolExecutor(clerks) as pool:
        won = sorted(version for each in pool.map(compete, range(clerks)) for version in each)
    assert won == list(range(2, len(won) + 2)), "one winner for each version"
    assert len(won) >= rounds
    assert [entry.version for entry in server_store.log(record_id="P-1")] == [1, *won]
    assert server_store.count(PLACES) == 1 + len(won), "what lost left nothing behind"
    assert server_store.verify().sound


def test_two_processes_worth_of_stores_share_a_file(store, build):
    """Separate store objects know nothing of each other, like two programs."""
    other = open_store(store.url)

    def fill(target, name: str) -> None:
        for number in range(10):
            with target.begin() as work:
                work.append([build.change(build.place(id=f"{name}-{number}"))])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(fill, (store, other), ("甲", "乙")))
    assert store.count(PLACES) == other.count(PLACES) == 20
    assert other.verify().sound
    other.close()


def test_readers_see_whole_transactions_only(store, write, build):
    with store.begin() as work:
        work.append([build.change(build.place())])
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(store.count, PLACES).result() == 0
        assert store.count(PLACES) == 1, "the writer itself sees what it wrote"
    assert store.count(PLACES) == 1


def test_a_writer_that_waits_too_long_is_told_so(store, monkeypatch):
    monkeypatch.setattr(connection, "BUSY_TIMEOUT_S", 0.05)
    if store.url.startswith("postgresql:"):
        monkeypatch.setattr("geo_service.store.session.BUSY_TIMEOUT_S", 0.05)
    other = open_store(store.url)
    with store.begin(), pytest.raises(StoreError) as caught, other.begin():
        raise AssertionError("two writers at once")
    assert caught.value.code == "store_busy"
    with other.begin():
        pass
    other.close()


def test_a_second_write_inside_the_first_is_refused_and_the_first_survives(store, build):
    with store.begin() as work:
        with pytest.raises(StoreError) as caught, store.begin():
            raise AssertionError("a transaction within a transaction")
        assert caught.value.code == "transaction_open"
        work.append([build.change(build.place())])
    assert store.count(PLACES) == 1


def test_a_closed_store_can_be_used_again(store, write, build):
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _n: store.count(PLACES), range(9)))
    store.close()
    write(build.place())
    assert store.count(PLACES) == 1


def test_a_closed_store_releases_its_file(file_store):
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _n: file_store.count(PLACES), range(9)))
    file_store.close()
    path = Path(file_store.url.removeprefix("gpkg:"))
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_closed_store_releases_its_sessions(server, database, server_store):
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _n: server_store.count(PLACES), range(9)))
    server_store.close()
    asked = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}'"  # noqa: S608
    assert server.sql(asked) == [(0,)]


def test_a_full_disk_undoes_the_write_and_the_store_goes_on(file_store):
    """The limit on file sizes stands in for the disk: the same refusal of the same call."""
    store = file_store
    script = f"""
import resource, signal
import shapely
from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Provenance
from geo_service.errors import StoreError
from geo_service.store.opening import open_store

def add(name, rows):
    with store.begin() as work:
        work.append(
            Change(
                operation=Operation.CREATE,
                record=NamedPlace(
                    id=f"{{name}}-{{row}}",
                    name="示例路",
                    feature_type=FeatureType.ROAD,
                    provenance=Provenance("示例"),
                    geometry=shapely.Point(120, 36),
                ),
                actor="甲",
                reason="试",
            )
            for row in range(rows)
        )

store = open_store({store.url!r})
add("first", 10)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, hard))
try:
    add("second", 3000)
except StoreError as error:
    print(error.code, store.count(RecordKind.PLACE_NAMES))
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
add("third", 10)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.stdout in {"store_io 10\n", "store_full 10\n"}, done.stderr
    assert done.returncode == 0, done.stderr
    assert store.count(PLACES) == 20
    assert store.integrity() == "ok"
    assert store.verify().sound
