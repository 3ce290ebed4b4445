"""Without power: of what was written only what was synced is certain, and that must be enough."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from geo_service import cities
from geo_service.services.benching.durability import deeds
from geo_service.services.benching.durability.disk import Disk, File, Folder, Written
from geo_service.services.benching.durability.power_cuts import CERTAIN, POSSIBLE, cuts
from geo_service.services.benching.durability.recording import record_file, record_server
from geo_service.services.benching.durability.swaps import record_restore, record_upgrade
from geo_service.services.benching.durability.tracing import Replay, calls, strace
from geo_service.services.samples.loading import load_sample
from geo_service.store.opening import open_store
from geo_service.store.restoring import restore

SEED = 20240601


def certain(disk: Disk, tmp_path: Path) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
        disk.certain(Path(folder) / "image")
        found = [path for path in Path(folder, "image").rglob("*") if path.is_file()]
        return {path.name: path.read_bytes() for path in found}


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("record", "commits", "between"), [(record_file, 20, 3), (record_server, 6, 1)]
)
def test_every_acknowledged_state_outlives_a_power_cut(record, commits, between):
    """`benchmarks/store_power_cuts.py` does it for 300 commits and more."""
    with tempfile.TemporaryDirectory(prefix="pg") as name:  # a short path: it may hold a socket
        trial = record(Path(name), commits, rows=40)
        found = list(cuts(trial, Path(name), between, SEED))
    assert [cut for cut in found if cut.faults] == []
    drawn = Counter(cut.drawn for cut in found)
    assert drawn[CERTAIN] == len(trial.told) >= commits
    assert drawn[POSSIBLE] >= commits * between


@pytest.mark.heavy
@pytest.mark.parametrize("torn", [False, True])
def test_a_restore_leaves_the_former_store_or_the_new_one_and_keeps_the_former(tmp_path, torn):
    trial = record_restore(tmp_path, rows=10, torn=torn)
    found = list(cuts(trial, tmp_path, between=10, seed=SEED))
    assert [cut for cut in found if cut.faults] == []
    assert len(found) >= 15


@pytest.mark.heavy
@pytest.mark.parametrize("schema", [1, 7])
def test_an_upgrade_leaves_the_older_store_or_the_newer_one(tmp_path, schema):
    stores = Path(__file__).parents[1] / "data" / "stores"
    trial = record_upgrade(tmp_path, stores / f"schema-{schema}.gpkg.gz")
    found = list(cuts(trial, tmp_path, between=10, seed=SEED))
    assert [cut for cut in found if cut.faults] == []
    assert len(found) >= 25


def recorded(folder: Path, scratch: Path, *words: str) -> Iterator[Disk]:
    """The disk after each call of a command that touched a folder; the last is what it left."""
    disk = Disk()
    disk.load(folder)
    trace, replay = scratch / "trace", Replay(disk, folder)
    command = [*strace(trace), sys.executable, "-m", "geo_service", *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for call in calls(trace):
        replay.do(call)
        if call.path.startswith(str(folder)) or call.name in {"rename", "mkdir"}:
            yield disk


@pytest.fixture
def worked_on(tmp_path: Path) -> str:
    """A store with some names, elsewhere."""
    url = f"gpkg:{tmp_path}/s.gpkg"
    with closing(open_store(url, create=True)) as store:
        for number in range(1, 8):
            deeds.perform(store, number, 40, tmp_path)
    return url


def drawn(disks: Iterator[Disk], tmp_path: Path, each: int, times: int = 1) -> Iterator[Path]:
    """What may be on the disk after each so many calls, and at the end what is for certain."""
    chance, image, last = random.Random(SEED), tmp_path / "image", None  # noqa: S311
    for number, last in enumerate(disks):
        for _time in range(times if number % each == 0 else 0):
            last.possible(image, chance)
            yield image
            shutil.rmtree(image)
    assert last is not None
    last.certain(image)
    yield image


@pytest.mark.heavy
def test_a_backup_is_there_as_a_whole_or_not_at_all_and_stays(worked_on, tmp_path):
    folder, found = tmp_path / "disk", []
    folder.mkdir()
    words = ("store", "backup", str(folder / "new" / "kept"), "--store", worked_on)
    for image in drawn(recorded(folder, tmp_path, *words), tmp_path, each=3):
        found.append((image / "new" / "kept").exists())
        if found[-1]:
            url = f"gpkg:{tmp_path}/again-{len(found)}.gpkg"
            restore(image / "new" / "kept", url, datetime(2024, 1, 1, tzinfo=UTC))
    assert found[-1], "when the command has ended, it is on the disk"
    assert len(found) > 10


@pytest.mark.heavy
@pytest.mark.parametrize("old", [True, False])
def test_an_export_takes_the_place_of_the_old_file_as_a_whole(worked_on, tmp_path, old):
    folder, found = tmp_path / "disk", []
    folder.mkdir()
    target = Path("out.geojson" if old else "new/out.geojson")
    if old:
        (folder / target).write_text('{"features": []}')
    words = ("export", "place-names", str(folder / target), "--store", worked_on)
    for image in drawn(recorded(folder, tmp_path, *words), tmp_path, each=1):
        there = (image / target).exists()
        assert there or not old
        found.append(there and len(json.loads((image / target).read_text("utf-8"))["features"]))
    assert set(found) == {0, 42}
    assert found[-1] == 42


@pytest.mark.heavy
def test_a_shapefile_is_never_one_of_old_and_new_parts(tmp_path):
    """Other records, told apart by their number; while the parts change the old stands beside."""
    folder, found = tmp_path / "disk", []
    folder.mkdir()
    url, words = f"gpkg:{tmp_path}/city.gpkg", ("--fields", "mzt-practice", "--store")
    with closing(open_store(url, create=True)) as store:
        load_sample(store, cities.city("990100"))
    export = ["export", "boundary-lines", str(folder / "out.shp"), *words, url]
    one = ["--line", "99000001020301"]
    command = [sys.executable, "-m", "geo_service"]
    subprocess.run([*command, *export, *one], check=True, stdout=subprocess.DEVNULL)
    sizes = {path.suffix: path.stat().st_size for path in folder.iterdir()}
    for image in drawn(recorded(folder, tmp_path, *export), tmp_path, each=1, times=10):
        there = (image / "out.shp").exists()
        stem, parts = "out" if there else "out.before-export", (".shp", ".shx", ".dbf")
        same = {(image / f"{stem}{s}").stat().st_size == sizes[s] for s in parts}
        if not there:
            assert same == {True}, "neither the old layer nor the new one is whole"
            found.append(None)
            continue
        assert len(same) == 1, "old and new parts mixed"
        found.append(same.pop())
    assert set(found) == {True, False, None}
    assert found[-1] is False


def test_what_was_not_synced_is_not_certain(tmp_path):
    disk, file = Disk(), File()
    disk.give("a", file)
    file.do(Written(0, b"old"))
    assert certain(disk, tmp_path) == {}
    disk.at("").settle(1)
    assert certain(disk, tmp_path) == {"a": b""}
    file.settle(1)
    file.do(Written(1, b"new"))
    file.do(Written(size=2))
    assert certain(disk, tmp_path) == {"a": b"old"}
    file.settle(2)
    assert certain(disk, tmp_path) == {"a": b"on"}


def test_a_name_taken_away_comes_back_unless_its_folder_was_synced(tmp_path):
    disk = Disk()
    disk.give("journal", File(bytearray(b"hot")))
    disk.at("").settle(1)
    disk.take("journal")
    assert disk.at("journal") is None
    assert certain(disk, tmp_path) == {"journal": b"hot"}
    disk.at("").settle(1)
    assert certain(disk, tmp_path) == {}


def test_a_file_put_in_the_place_of_another_is_there_as_one_of_the_two(tmp_path):
    disk = Disk()
    for name, data in (("kept", b"old"), ("draft", b"new")):
        disk.give(name, File(bytearray(data)))
    disk.at("").settle(2)
    disk.rename("draft", "kept")
    assert certain(disk, tmp_path) == {"kept": b"old", "draft": b"new"}
    disk.at("").settle(1)
    assert certain(disk, tmp_path) == {"kept": b"new"}


def test_what_may_be_there_is_drawn_sector_by_sector(tmp_path):
    disk, file = Disk(), File()
    disk.give("a", file)
    disk.at("").settle(1)
    file.do(Written(100, b"x" * 1500))
    chance, seen = random.Random(SEED), set()  # noqa: S311
    for number in range(60):
        disk.possible(tmp_path / str(number), chance)
        seen.add((tmp_path / str(number) / "a").read_bytes())
    assert b"" in seen
    assert bytes(100) + b"x" * 1500 in seen
    assert len(seen) > 4
    assert all(set(data[:100]) <= {0} for data in seen)


RECORDED = r"""
7 openat(AT_FDCWD<\x2f>, "\x2f\x64\x2f\x61", O_RDWR|O_CREAT, 0644) = 3<\x2f\x64\x2f\x61>
7 pwrite64(3<\x2f\x64\x2f\x61>, "\x31\x32\x33", 3, 0) = 3
7 fdatasync(3<\x2f\x64\x2f\x61> <unfinished ...>
8 pwrite64(5<\x2f\x64\x2f\x61>, "\x39", 1, 1) = 1
7 <... fdatasync resumed>) = 0
8 unlink("\x2f\x64\x2f\x7a") = -1 ENOENT (No such file or directory)
8 openat(AT_FDCWD<\x2f>, "\x2f\x64", O_RDONLY|O_DIRECTORY) = 6<\x2f\x64>
8 fsync(6<\x2f\x64>) = 0
8 write(5<\x2f\x65\x2f\x61>, "\x31", 1) = 1
"""


def test_a_recording_is_replayed_and_a_sync_holds_what_was_there_when_it_began(tmp_path):
    (tmp_path / "trace").write_text(RECORDED)
    disk = Disk()
    replay = Replay(disk, Path("/d"))
    for call in calls(tmp_path / "trace"):
        replay.do(call)
    assert certain(disk, tmp_path) == {"a": b"123"}
    assert isinstance(disk.at(""), Folder)
    assert disk.at("a").pending == [Written(1, b"9")]
