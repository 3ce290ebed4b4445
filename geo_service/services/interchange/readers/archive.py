"""ZIP archives: nothing is unpacked before every name and every size has been looked at."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from geo_service.services.interchange.readers.secrecy import is_mark, markup_marked, named_secret
from geo_service.services.interchange.readers.table import Unreadable

MAX_ENTRIES = 1000
MAX_EXPANDED = 200 * 1024 * 1024
MAX_RATIO = 100
"""What an honest file shrinks to is a tenth, seldom a fiftieth."""
_RATIO_FROM = 10 << 20
"""Of smaller members the ratio says nothing: blank columns of a .dbf pack into nearly nothing."""
_NESTED = {".zip", ".kmz", ".jar", ".7z", ".rar", ".gz", ".bz2", ".xz", ".tar", ".tgz", ".zst"}
_PACKED = (b"PK\x03\x04", b"\x1f\x8b\x08", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\xfd7zXZ\0")
"""How archives begin, whatever they are called."""
_SIGNATURE = max(map(len, _PACKED))
_CHUNK = 1 << 20
_OFFICE = {".docx", ".xlsx", ".pptx", ".odt", ".ods", ".wps", ".et"}
"""Papers that are archives by their making and travel with data."""
_TEXTS = {".xml", ".txt", ".qmd", ".html", ".htm", ".md"}
"""What is written about data and travels with them."""
_LOOKED_AT = 4 << 20
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    EOFError,
    OSError,
    RuntimeError,
)


def open_archive(path: Path) -> zipfile.ZipFile:
    """An archive whose table of contents is harmless. Raises Unreadable otherwise."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Unreadable("archive_broken") from error
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise Unreadable("archive_too_many", count=len(entries), limit=MAX_ENTRIES)
    if sum(entry.file_size for entry in entries) > MAX_EXPANDED:
        raise Unreadable("archive_too_big", limit_mb=MAX_EXPANDED >> 20)
    seen: set[str] = set()
    for entry in entries:
        _check(entry)
        name = entry_name(entry)
        # On a disk that takes A for a the second would overwrite the first.
        if name.casefold() in seen:
            raise Unreadable("archive_repeated_name", name=name)
        seen.add(name.casefold())
    return archive


def entry_name(entry: zipfile.ZipInfo) -> str:
    """The name of an entry; old Chinese archives write it in GBK without saying so."""
    if entry.flag_bits & _UTF8_FLAG:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return entry.filename


def _check(entry: zipfile.ZipInfo) -> None:
    name = entry_name(entry)
    parts = PurePosixPath(name.replace("\\", "/")).parts
    unsafe = name.startswith(("/", "\\")) or ".." in parts or "\0" in name or ":" in name
    if unsafe:
        raise Unreadable("archive_unsafe_name")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise Unreadable("archive_link", name=name)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Unreadable("archive_device", name=name)
    if entry.flag_bits & _ENCRYPTED_FLAG:
        raise Unreadable("archive_encrypted", name=name)
    if entry.file_size > max(_RATIO_FROM, MAX_RATIO * entry.compress_size):
        raise Unreadable("archive_ratio", name=name, limit=MAX_RATIO)
    if PurePosixPath(name).suffix.lower() in _NESTED:
        raise Unreadable("archive_nested", name=name)
    comment = entry.comment.decode("gb18030", "replace")
    if any(map(named_secret, _names(entry))) or is_mark(comment):
        raise Unreadable("classified")


def _names(entry: zipfile.ZipInfo) -> set[str]:
    """What the name of an entry may say: some programs write UTF-8 and do not say so."""
    names = {entry.filename, entry_name(entry)}
    if not entry.flag_bits & _UTF8_FLAG:
        names.add(entry.filename.encode("cp437", "replace").decode("utf-8", "replace"))
    return names


def refuse_marked_members(archive: zipfile.ZipFile) -> None:
    """See that no text beside the data says that they are secret. Raises Unreadable.

    What cannot be looked through, an archive under another name, is refused as well.
    """
    said = [archive.comment, *(_beside(archive, entry) for entry in archive.infolist())]
    if any(map(markup_marked, said)):
        raise Unreadable("classified")


def _beside(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if PurePosixPath(entry.filename).suffix.lower() not in _TEXTS:
        return _unpacked(archive, entry)
    return _head(archive, entry, _LOOKED_AT)


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Nothing: sees only that an entry is no archive. Raises Unreadable."""
    paper = PurePosixPath(entry.filename).suffix.lower() in _OFFICE
    if not paper and _head(archive, entry, _SIGNATURE).startswith(_PACKED):
        raise Unreadable("archive_nested", name=entry_name(entry))
    return b""


def _head(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, size: int) -> bytes:
    try:
        with archive.open(entry) as file:
            return file.read(size)
    except _BROKEN as error:
        raise Unreadable("archive_broken") from error


def unpack(archive: zipfile.ZipFile, wanted: dict[str, Path]) -> None:
    """Write entries (by their name in the archive) to the given paths, counting real bytes.

    The sizes in the table of contents are claims; only what comes out counts.
    """
    left = MAX_EXPANDED
    for name, target in wanted.items():
        try:
            with archive.open(name) as source, target.open("wb") as out:
                first = True
                while chunk := source.read(_CHUNK):
                    if first and chunk.startswith(_PACKED):
                        raise Unreadable("archive_nested", name=name)
                    first = False
                    left -= len(chunk)
                    if left < 0:
                        raise Unreadable("archive_too_big", limit_mb=MAX_EXPANDED >> 20)
                    out.write(chunk)
        except _BROKEN as error:
            raise Unreadable("archive_broken") from error
