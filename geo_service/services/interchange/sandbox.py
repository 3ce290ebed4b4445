"""Reading a file from outside without trusting it: a private copy, a child process, limits."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default_of
from pathlib import Path
from typing import IO, Any, NamedTuple

import geo_service
from geo_service.geometry.validity import invalid, reason_said
from geo_service.services.interchange.issues import Issues, Level, Place
from geo_service.services.interchange.readers.allowance import MOST_SECONDS
from geo_service.services.interchange.readers.allowance import WALL_SECONDS as CHILD_SECONDS
from geo_service.services.interchange.readers.secrecy import path_secret
from geo_service.services.interchange.readers.table import ABOUT, GRID
from geo_service.store.disk import failed_writing, is_full, nothing_left, scratch

MAX_BYTES = 50 * 1024 * 1024
WALL_SECONDS = MOST_SECONDS + 10.0
"""The process that reads ends itself sooner; see `allowance`."""
FORMATS = (
    ".geojson",
    ".json",
    ".jsonld",
    ".gpkg",
    ".shp",
    ".gdb",
    ".zip",
    ".kml",
    ".kmz",
    ".parquet",
    ".geoparquet",
    ".csv",
    ".txt",
    ".xlsx",
    ".dxf",
)
SHEETS = (".csv", ".txt", ".xlsx")
"""Formats in which a paper may come as it was printed."""
GUARDED = (".csv", ".txt")
"""Formats in which a text that looks like a formula goes out behind an apostrophe."""
_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_FOLDER = ".gdb"
"""The one format that is a folder: a file geodatabase."""
_ABOUT = (".xml", ".qmd")
"""Files of the same name that say what the data are."""
_MAX_PARTS = 1000
_OUT_OF_MEMORY = 77
_OUT_OF_TIME = (-signal.SIGXCPU, -signal.SIGALRM)
_CHUNK = 1 << 20
_MET = 1 << 16


class ParsedRow(NamedTuple):
    """One row as the file has it; `number` as in Issue.row."""

    number: int
    cells: Sequence[Any]
    wkb: bytes | None


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file's rows, what it declares, and the SHA-256 of its bytes.

    `encoding` is the codec of the text where the format leaves it open, else "". `places` say
    where the rows of a paper stand.
    """

    headers: list[str]
    crs: str
    layer: str
    sheet: bool
    encoding: str
    has_geometry: bool
    rows: list[ParsedRow]
    digest: str
    places: Mapping[int, Place] = default_of(default_factory=dict)


def _parts(path: Path) -> list[Path]:
    """The files that belong together: a shapefile has up to five, in any case of letters.

    Of a geodatabase all files of its folder, but neither links nor folders in it.
    """
    if path.suffix.lower() == _FOLDER:
        inside = sorted(entry for entry in path.iterdir() if not entry.is_symlink())
        return [entry for entry in inside if entry.is_file()]
    if path.suffix.lower() != ".shp":
        return [path]
    beside = {
        entry.suffix.lower(): entry
        for entry in sorted(path.parent.iterdir())
        if entry.stem == path.stem and entry.suffix.lower() in _SHAPEFILE_PARTS
    }
    return [beside[suffix] for suffix in _SHAPEFILE_PARTS if suffix in beside]


def _strange_part(path: Path) -> str:
    """A part beside a shapefile that is a link, pipe or folder and leads anywhere; "" if none."""
    parts = _parts(path) if path.suffix.lower() == ".shp" else []
    strange = (p for p in parts if p.is_symlink() or not p.is_file())
    return next((part.name for part in strange), "")


def _about(path: Path) -> list[Path]:
    """Metadata files beside the data: names.xml, names.shp.xml, names.qmd, in any case."""
    wanted = {f"{own}{suffix}".casefold() for own in (path.name, path.stem) for suffix in _ABOUT}
    return [
        entry
        for entry in sorted(path.parent.iterdir())
        if entry.name.casefold() in wanted and entry != path and entry.is_file()
    ]


def _copy_about(path: Path, folder: Path) -> int:
    """Copy what is written about the data, to be looked through for marks; returns its size.

    It is no part of the data: the same rows with another description are the same import.
    """
    size = 0
    for number, part in enumerate(_about(path)):
        size += part.stat().st_size
        if size > MAX_BYTES:
            break
        shutil.copyfile(part, folder / f"{ABOUT}{number}")
    return size


def _copy(path: Path, folder: Path) -> tuple[int, str]:
    """Copy under neutral names, counting and hashing. Stops above the limit."""
    digest, size = hashlib.sha256(), 0
    packed = path.suffix.lower() == _FOLDER
    if packed:
        folder = folder / f"data{_FOLDER}"
        folder.mkdir()
    for part in _parts(path):
        name = part.name.lower() if packed else f"data{part.suffix.lower()}"
        digest.update((name if packed else part.suffix.lower()).encode())
        with part.open("rb") as source, (folder / name).open("wb") as out:
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                if size > MAX_BYTES:
                    return size, ""
                digest.update(chunk)
                out.write(chunk)
    return size, digest.hexdigest()


def _refused_at_the_door(path: Path, issues: Issues) -> bool:
    """Whether the file is refused by its name alone; it has not been opened."""
    if path_secret(path):
        issues.error("classified")
    elif path.is_symlink():
        issues.error("file_linked")
    elif not path.exists():
        issues.error("file_missing")
    elif not (_is_geodatabase(path) or path.is_file()):
        issues.error("file_not_regular")
    elif path.suffix.lower() not in FORMATS:
        issues.error("format_unknown", suffix=path.suffix, known=" ".join(FORMATS))
    elif path.suffix.lower() == _FOLDER and not path.is_dir():
        issues.error("content_not_format", format="File Geodatabase")
    elif _is_geodatabase(path) and (count := len(_parts(path))) > _MAX_PARTS:
        issues.error("archive_too_many", count=count, limit=_MAX_PARTS)
    elif strange := _strange_part(path):
        issues.error("part_not_regular", part=strange)
    return issues.refused


def _is_geodatabase(path: Path) -> bool:
    return path.suffix.lower() == _FOLDER and path.is_dir()


def parse(path: Path, issues: Issues, *, layer: str = "", encoding: str = "") -> Parsed | None:
    """All rows of a file, or None when it cannot be read at all; the issues say why.

    Raises nothing for what is wrong with the file. A file marked secret is not opened.
    """
    parts = _parsed(path, issues, (layer, encoding, ""))
    return parts[0] if parts else None


def parse_grids(path: Path, issues: Issues, *, layer: str = "", encoding: str = "") -> list[Parsed]:
    """Every sheet of a CSV or XLSX file, every row of it a row, none when it cannot be read.

    Nothing is taken for a header; `layer` of each is the title of the sheet.
    """
    return _parsed(path, issues, (layer, encoding, GRID))


def _parsed(path: Path, issues: Issues, options: tuple[str, str, str]) -> list[Parsed]:
    if _refused_at_the_door(path, issues):
        return []
    with scratch() as folder:
        try:
            size, digest = _copy(path, folder)
            if 0 < size <= MAX_BYTES:
                size += _copy_about(path, folder)
        except OSError as error:
            if is_full(error):
                raise
            issues.error("file_unreadable", detail=error.strerror or type(error).__name__)
            return []
        if size > MAX_BYTES:
            issues.error("file_too_large", limit_mb=MAX_BYTES >> 20)
            return []
        if size == 0:
            issues.error("file_empty")
            return []
        return _in_child(folder, path.suffix.lower(), issues, options, digest)


def _environment(folder: Path) -> dict[str, str]:
    package_parent = str(Path(geo_service.__file__).resolve().parent.parent)
    return {
        "PYTHONPATH": package_parent,
        "LC_ALL": "C.UTF-8",
        "TMPDIR": str(folder),
        "OPENBLAS_NUM_THREADS": "1",
    }


def _in_child(
    folder: Path, suffix: str, issues: Issues, options: tuple[str, str, str], digest: str
) -> list[Parsed]:
    command = [sys.executable, "-m", "geo_service.services.interchange.child"]
    command += [str(folder / f"data{suffix}"), *options]
    with (folder / "rows").open("w+b") as out:
        code = _run(command, folder, out)
        if code is None or code in _OUT_OF_TIME:
            issues.error("parse_timeout", seconds=CHILD_SECONDS)
            return []
        if code != 0 and nothing_left(folder):
            raise failed_writing(OSError(), folder)
        if code != 0:
            issues.error("parse_too_big" if code == _OUT_OF_MEMORY else "parse_failed")
            return []
        out.seek(0)
        return _collect(map(json.loads, out), issues, digest)


def _run(command: list[str], folder: Path, out: IO[bytes]) -> int | None:
    """Exit code of the child, None when it ran out of time and was killed."""
    with subprocess.Popen(  # noqa: S603 - our own module; the file's name is never in it
        command,
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            return process.wait(WALL_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return None


def _collect(lines: Iterator[dict[str, Any]], issues: Issues, digest: str) -> list[Parsed]:
    tables: list[Parsed] = []
    notes: list[tuple[str, dict[str, Any]]] = []
    met: dict[str, str] = {}
    for line in lines:
        if "rows" in line:
            tables[-1].rows.extend(_rows(line, met))
        elif "note" in line:
            notes.append((tables[-1].layer if tables else "", line["note"]))
        else:
            tables.append(_head(line["head"], digest))
    for sheet, note in notes:
        _pass_on(note, issues.of_sheet(sheet) if len(tables) > 1 else issues)
    return tables


def _rows(part: dict[str, Any], met: dict[str, str]) -> Iterator[ParsedRow]:
    """Rows of one line; equal texts are kept once (`met`), as far as they come early."""
    numbers = part["rows"]
    shapes = part["wkb"] or [None] * len(numbers)
    for number, cells, wkb in zip(numbers, part["cells"], shapes, strict=True):
        if len(met) < _MET:
            met.update((cell, cell) for cell in cells if type(cell) is str and cell not in met)
        same = tuple([met.get(cell, cell) if type(cell) is str else cell for cell in cells])
        yield ParsedRow(number, same, None if wkb is None else bytes.fromhex(wkb))


def _head(head: dict[str, Any], digest: str) -> Parsed:
    return Parsed(
        headers=head["headers"],
        crs=head["crs"],
        layer=head["layer"],
        sheet=head["sheet"],
        encoding=head["encoding"],
        has_geometry=head["geometry"],
        rows=[],
        digest=digest,
    )


def _pass_on(note: dict[str, Any], issues: Issues) -> None:
    tell = {
        Level.ERROR: issues.error,
        Level.WARNING: issues.warning,
        Level.INFO: issues.info,
    }[Level(note["level"])]
    values = note["values"]
    if note["code"] == "geometry_invalid":
        values = invalid(*reason_said(values["said"]))
    tell(note["code"], note["row"], note["field"], **values)
