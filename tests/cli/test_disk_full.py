"""A full disk: told clearly, nothing half written, and on it goes once there is room again."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from geo_service.cli.main import app
from geo_service.domain.change import RecordKind
from geo_service.store.opening import open_store

SIZE_KB = 3072
HEADER = "id,name,feature_type,lon,lat,unit_code\n"
EDIT = ("register", "create", "place-names", "--set", "id=E-1", "--set", "name=丙路")
EDIT += ("--set", "feature_type=road", "--on", "2024-01-01", "--reason", "试", "--document", "1 号")


def names(prefix: str, count: int) -> str:
    spots = ((row, 119.5 + row % 1000 / 10000, 38.5 + row // 1000 / 10000) for row in range(count))
    rows = (f"{prefix}-{row},甲{row}路,road,{x:.6f},{y:.6f},990101\n" for row, x, y in spots)
    return HEADER + "".join(rows)


class SmallDisk:
    """A disk of 3 MB that can be filled to the last byte but some, and given room again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, leaving_kb: int = 0) -> None:
        left = os.statvfs(self.folder)
        free = left.f_bavail * left.f_frsize - leaving_kb * 1024
        (self.folder / "filling").write_bytes(bytes(max(free, 0)))

    def make_room(self) -> None:
        (self.folder / "filling").unlink()

    def files(self) -> set[str]:
        return {path.name for path in self.folder.rglob("*")} - {"filling"}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_KB}k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can be mounted by root only")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def run(*arguments: str | Path) -> Result:
    runner = CliRunner(env={"GEO_SERVICE_CITY": "990100", "GEO_SERVICE_LANG": None})
    return runner.invoke(app, [str(argument) for argument in arguments])


def code_of(result: Result) -> tuple[int, str]:
    return result.exit_code, json.loads(result.stdout)["code"]


@pytest.fixture
def store(disk: SmallDisk, tmp_path: Path) -> str:
    """A register with 200 names on the small disk."""
    url = f"gpkg:{disk.folder / 's.gpkg'}"
    (tmp_path / "small.csv").write_text(names("S", 200), "utf-8")
    assert (
        run("import", tmp_path / "small.csv", "--as", "place-names", "--store", url).exit_code == 0
    )
    return url


def held(url: str) -> tuple[int, int]:
    opened = open_store(url)
    try:
        assert opened.integrity() == "ok"
        assert opened.verify().sound
        return opened.log_mark().sequence, opened.count(RecordKind.PLACE_NAMES)
    finally:
        opened.close()


def test_an_import_that_does_not_fit_leaves_nothing_and_fits_later(disk, store, tmp_path):
    big = tmp_path / "big.csv"
    big.write_text(names("B", 3000), "utf-8")
    words = ("import", big, "--as", "place-names", "--store", store, "--json")
    disk.fill(leaving_kb=200)
    assert code_of(run(*words)) == (4, "store_full")
    assert held(store) == (200, 200)
    assert disk.files() == {"s.gpkg"}
    disk.make_room()
    (disk.folder / "filling").write_bytes(b"")
    big.write_text(names("B", 1000), "utf-8")
    assert run(*words).exit_code == 0
    assert held(store) == (1200, 1200)


def test_an_edit_on_a_full_disk_is_refused_and_taken_once_there_is_room(disk, store):
    disk.fill()
    refused = run(*EDIT, "--store", store)
    assert refused.exit_code == 4
    assert "磁盘已满" in refused.output
    assert held(store) == (200, 200)
    disk.make_room()
    assert run(*EDIT, "--store", store).exit_code == 0
    assert held(store) == (201, 201)


def test_a_store_that_stays_open_goes_on_after_a_full_disk(disk, store):
    from geo_service.errors import StoreError
    from geo_service.services.benching.durability import deeds

    opened = open_store(store)
    disk.fill()
    for _time in range(3):
        with pytest.raises(StoreError) as caught:
            deeds.perform(opened, 1, 40, disk.folder)
        assert caught.value.code == "store_full"
        assert opened.count(RecordKind.PLACE_NAMES) == 200
    disk.make_room()
    deeds.perform(opened, 1, 40, disk.folder)
    assert opened.log_mark().sequence == 201
    opened.close()


@pytest.mark.parametrize("leaving_kb", [0, 40, 120])
def test_of_a_store_that_does_not_fit_nothing_is_left(disk, leaving_kb):
    """Refused at the first page and in the middle of the tables; the folders go as well."""
    words = ("store", "init", "--store", f"gpkg:{disk.folder}/new/one/s.gpkg")
    disk.fill(leaving_kb)
    assert code_of(run(*words, "--json")) == (4, "store_full")
    assert disk.files() == set()
    disk.make_room()
    assert run(*words).exit_code == 0
    assert disk.files() == {"new", "one", "s.gpkg"}


def test_a_folder_and_an_empty_file_that_were_there_stay(disk):
    folder = disk.folder / "there"
    folder.mkdir()
    (folder / "empty.gpkg").touch()
    disk.fill()
    for name in ("empty", "new"):
        words = ("store", "init", "--store", f"gpkg:{folder}/{name}.gpkg", "--json")
        assert code_of(run(*words)) == (4, "store_full")
    assert disk.files() == {"there", "empty.gpkg"}


FORMATS = ("geojson", "csv", "gpkg", "kml", "parquet", "gdb.zip", "jsonld")


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A register with 9,000 names, on a disk with room."""
    folder = tmp_path_factory.mktemp("many")
    (folder / "many.csv").write_text(names("M", 9000), "utf-8")
    url = f"gpkg:{folder}/m.gpkg"
    assert run("import", folder / "many.csv", "--as", "place-names", "--store", url).exit_code == 0
    return url


@pytest.mark.parametrize("leaving_kb", [0, 170])
@pytest.mark.parametrize("suffix", FORMATS)
def test_an_export_onto_a_full_disk_leaves_what_stood_there(disk, many, suffix, leaving_kb):
    """Refused at the first byte, and in the middle of the rows."""
    target = disk.folder / f"out.{suffix}"
    target.write_text("old")
    disk.fill(leaving_kb)
    result = run("export", "place-names", target, "--store", many, "--json")
    assert code_of(result) == (3, "export_disk_full")
    assert target.read_text() == "old"
    assert disk.files() == {target.name}


def test_an_export_of_everything_leaves_what_stood_there(disk, store, tmp_path):
    target = disk.folder / "all.gpkg"
    target.write_text("old")
    disk.fill(leaving_kb=100)
    result = run("export", "register", target, "--store", store, "--json")
    assert code_of(result) == (3, "export_disk_full")
    assert target.read_text() == "old"
    assert disk.files() == {"s.gpkg", "all.gpkg"}


def test_a_backup_onto_a_full_disk_is_told_by_its_name_and_leaves_nothing(disk, store):
    target = disk.folder / "kept"
    disk.fill(leaving_kb=100)
    result = run("store", "backup", target, "--store", store)
    assert result.exit_code == 4
    assert f"未能写出备份 {target}" in result.output
    assert disk.files() == {"s.gpkg"}
    disk.make_room()
    assert run("store", "backup", target, "--store", store).exit_code == 0


def test_of_a_verdict_that_does_not_fit_no_half_line_is_kept(disk, tmp_path):
    kept = disk.folder / "verdicts.jsonl"
    words = ("name", "check", "甲路", "--type", "road", "--no-register", "--keep", kept, "--json")
    assert run(*words).exit_code in (0, 1)
    whole = kept.read_bytes()
    disk.fill()
    while True:  # the last page of the file takes some more lines
        result = run(*words)
        if result.exit_code == 3:
            break
        whole += whole[: whole.index(b"\n") + 1]
    assert json.loads(result.stdout.splitlines()[-1])["code"] == "export_disk_full"
    assert kept.read_bytes() == whole


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def served(disk: SmallDisk, store: str) -> Iterator[str]:
    """`geo-service serve` with register and temporary folder on the small disk; its address."""
    port = free_port()
    environment = {**os.environ, "GEO_SERVICE_CITY": "990100", "TMPDIR": str(disk.folder)}
    words = ["-m", "geo_service", "serve", "--store", store, "--port", str(port)]
    words += ["--auth", "off"]
    process = subprocess.Popen([sys.executable, *words], env=environment, stdout=subprocess.DEVNULL)
    address, until = f"http://127.0.0.1:{port}", time.monotonic() + 60
    try:
        while True:
            try:
                httpx.get(f"{address}/healthz")
                break
            except httpx.ConnectError:
                assert time.monotonic() < until
                time.sleep(0.1)
        yield address
    finally:
        process.kill()
        process.wait()


def records_of(address: str) -> int:
    figures = httpx.get(f"{address}/metrics").text
    (count,) = re.findall(r'^geo_service_records\{of="place-names"\} (\d+)', figures, re.MULTILINE)
    return int(count)


def test_the_service_answers_on_a_full_disk_and_recovers_without_a_restart(disk, store, served):
    sheet = {"file": ("names.csv", "name,feature_type\n甲路,road\n", "text/csv")}

    def handed_in() -> httpx.Response:
        return httpx.post(f"{served}/names/batch?lang=zh", files=sheet, timeout=60)

    assert handed_in().status_code == 200
    disk.fill()
    refused = handed_in()
    assert (refused.status_code, refused.json()["code"]) == (503, "scratch_full")
    assert "磁盘已满" in refused.json()["detail"]
    assert run(*EDIT, "--store", store).exit_code == 4
    assert records_of(served) == 200
    disk.make_room()
    assert handed_in().status_code == 200
    assert run(*EDIT, "--store", store).exit_code == 0
    assert records_of(served) == 201


def test_a_full_temporary_folder_is_told_as_that_and_not_as_a_fault_of_the_file(
    disk, store, tmp_path, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(disk.folder))
    disk.fill()
    words = ("import", tmp_path / "small.csv", "--as", "place-names", "--json")
    assert code_of(run(*words, "--store", f"gpkg:{tmp_path}/o.gpkg")) == (4, "scratch_full")
    assert disk.files() == {"s.gpkg"}
