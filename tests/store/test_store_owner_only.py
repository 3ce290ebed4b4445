"""What the service keeps is its owner's alone, whatever the umask; exports keep the umask."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from stat import S_IMODE

import pytest
from typer.testing import CliRunner, Result

from geo_service.cli.main import app
from geo_service.domain.provenance import Label
from geo_service.jobs.book import JobBook
from geo_service.jobs.job import JobKind, Order
from geo_service.jobs.locks import release
from geo_service.jobs.uploads import Uploads
from geo_service.services.kept_checks import KeptChecks
from geo_service.store.disk import tighten
from geo_service.store.served import serving

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _open_handed() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("GEO_SERVICE_CITY", "990100")
    monkeypatch.setenv("GEO_SERVICE_STORE", f"gpkg:{tmp_path}/var/s.gpkg")
    monkeypatch.setenv("GEO_SERVICE_ACCOUNTS", f"{tmp_path}/var/accounts.sqlite")
    monkeypatch.setenv("GEO_SERVICE_KEPT_CHECKS", f"{tmp_path}/var/kept.sqlite")

    def command(*words: object) -> Result:
        done = CliRunner().invoke(app, [str(word) for word in words])
        assert done.exit_code == 0, done.output
        return done

    return command


def modes(folder: Path) -> dict[str, str]:
    """The mode of everything below a folder, and of the folder."""
    below = {str(path.relative_to(folder)): path for path in folder.rglob("*")}
    return {
        name: f"{S_IMODE(path.stat().st_mode):o}" for name, path in {".": folder, **below}.items()
    }


def is_private(folder: Path) -> set[str]:
    return {name for name, mode in modes(folder).items() if mode not in ("600", "700")}


def test_a_register_with_all_beside_it_and_its_backups_are_private(run, tmp_path) -> None:
    run("store", "init")
    run("accounts", "add", "clerk-1", "--person", "某人", "--role", "clerk")
    run("store", "backup", tmp_path / "backups" / "monday")
    assert is_private(tmp_path / "var") == set()
    assert is_private(tmp_path / "backups") == set()
    restored = tmp_path / "again" / "s.gpkg"
    run("store", "restore", tmp_path / "backups" / "monday", "--to", f"gpkg:{restored}",
        "--everything")  # fmt: skip
    assert is_private(tmp_path / "again") == set()
    assert is_private(tmp_path / "var") == set()


def test_an_upgrade_leaves_a_private_backup(run, tmp_path) -> None:
    old = tmp_path / "var" / "s.gpkg"
    old.parent.mkdir(mode=0o700)
    packed = Path(__file__).parents[1] / "data" / "stores" / "schema-8.gpkg.gz"
    old.write_bytes(gzip.decompress(packed.read_bytes()))
    old.chmod(0o600)
    run("store", "init")
    assert any("before-schema" in name for name in modes(old.parent))
    assert is_private(old.parent) == set()


def test_jobs_and_uploads_are_private(tmp_path) -> None:
    folder = tmp_path / "var" / "jobs"
    book = JobBook(folder, lambda: NOW)
    asked = Order(kind=JobKind.AUDIT, who="clerk-1", label=Label.INTERNAL, lang="zh", asked={})
    book.add(asked)
    taken = book.claim(1)
    assert taken is not None
    release(taken[1])
    Uploads(folder, lambda: NOW).keep([b"a,b\n1,2\n"], "names.csv", "clerk-1")
    assert {"jobs.sqlite", f"work/{taken[0].id}/lock", "uploads"} <= set(modes(folder))
    assert is_private(tmp_path / "var") == set()


def test_what_an_older_version_left_open_is_private_once_the_service_writes(run, tmp_path) -> None:
    run("store", "init")
    run("accounts", "add", "clerk-1", "--person", "某人", "--role", "clerk")
    folder = tmp_path / "var"
    checks = KeptChecks(folder / "kept.sqlite")
    checks.keep({"verdict": "pass"}, "clerk-1", NOW)
    files = [folder / name for name in ("s.gpkg", "accounts.sqlite", "kept.sqlite")]
    for path in files:
        path.chmod(0o644)
    with serving(f"gpkg:{files[0]}"):
        checks.keep({"verdict": "stop"}, "clerk-1", NOW)
        run("accounts", "add", "clerk-2", "--person", "某人", "--role", "clerk")
        assert is_private(folder) == set()


def test_a_file_that_its_owner_may_not_write_stays_so(tmp_path) -> None:
    path = tmp_path / "s.gpkg"
    path.touch(0o644)
    path.chmod(0o444)
    tighten(path)
    assert S_IMODE(path.stat().st_mode) == 0o400
    tighten(tmp_path / "not there")


def test_an_export_that_somebody_asked_for_keeps_the_umask(run, tmp_path) -> None:
    run("store", "init")
    run("export", "place-names", tmp_path / "out" / "names.csv")
    assert modes(tmp_path / "out") == {".": "777", "names.csv": "666"}
