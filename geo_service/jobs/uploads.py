"""Files that somebody sent: under the digest of their bytes, never under a name of their own.

The name that the sender gave is kept in the book for reports, and goes onto no disk as a name. A
file is there for whoever sent it; the same bytes sent by two people lie there once.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import cast

from geo_service.errors import InputError, NotFound
from geo_service.jobs.leftovers import DRAFT
from geo_service.jobs.tables import connected, moment, stamp
from geo_service.services.interchange.readers.secrecy import named_secret
from geo_service.services.interchange.sandbox import FORMATS, MAX_BYTES
from geo_service.store.disk import own_folder

SUFFIXES = tuple(suffix for suffix in FORMATS if suffix not in (".shp", ".gdb"))
"""What can be sent in one piece: a shapefile or a geodatabase comes as a ZIP."""
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that was sent: `id` is its digest and suffix, `name` what the sender calls it."""

    id: str
    who: str
    name: str
    size: int
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Uploads:
    """The files of one folder; `clock` gives the moment now in UTC."""

    folder: Path
    clock: Callable[[], datetime]

    def keep(self, parts: Iterable[bytes], name: str, who: str) -> Upload:
        """Write the parts to disk as they come.

        Raises InputError `upload_format` for a suffix that nothing reads, `upload_empty`,
        `body_too_large` once there are more bytes than a file may have, and `upload_classified`
        for a name that bears a mark of secrecy: of such a file nothing is read or kept.
        """
        shown = plain_name(name)
        if any(map(named_secret, PurePosixPath(name.replace("\\", "/")).parts)):
            raise InputError("upload_classified")
        suffix = PurePosixPath(shown).suffix.lower()
        if suffix not in SUFFIXES:
            raise InputError("upload_format", suffix=suffix or "–", known=" ".join(SUFFIXES))
        place = self.folder / "uploads"
        own_folder(place.absolute())
        draft = place / f"{DRAFT}{secrets.token_hex(8)}"
        try:
            digest, size = _written(draft, parts)
            upload_id = f"{digest}{suffix}"
            sent = Upload(id=upload_id, who=who, name=shown, size=size, sent_at=self.clock())
            # In one step with its row, or who deletes the same bytes would take them away between.
            with connected(self.folder, write=True) as db:
                db.execute(
                    "INSERT OR REPLACE INTO upload VALUES (?, ?, ?, ?, ?)",
                    (sent.id, sent.who, sent.name, sent.size, stamp(sent.sent_at)),
                )
                draft.replace(place / upload_id)
        finally:
            draft.unlink(missing_ok=True)
        return sent

    def get(self, upload_id: str, who: str) -> Upload:
        """A file that this person sent. Raises NotFound `upload_not_found`."""
        with connected(self.folder) as db:
            row = db.execute(
                "SELECT * FROM upload WHERE id = ? AND who = ?", (upload_id, who)
            ).fetchone()
        if row is None or not self.path(upload_id).is_file():
            raise NotFound("upload_not_found", upload=upload_id)
        return _upload(row)

    def list(self, who: str) -> list[Upload]:
        """What this person sent, the newest first."""
        with connected(self.folder) as db:
            rows = db.execute("SELECT * FROM upload WHERE who = ? ORDER BY sent_at DESC", (who,))
            return [_upload(row) for row in rows]

    def path(self, upload_id: str) -> Path:
        """Where the bytes lie, of an id that `get` knows."""
        return self.folder / "uploads" / upload_id

    def delete(self, upload_id: str, who: str) -> None:
        """Forget a file; its bytes go with the last who sent them. Raises NotFound."""
        self.get(upload_id, who)
        with connected(self.folder, write=True) as db:
            db.execute("DELETE FROM upload WHERE id = ? AND who = ?", (upload_id, who))
            (left,) = db.execute(
                "SELECT count(*) FROM upload WHERE id = ?", (upload_id,)
            ).fetchone()
            if not left:
                self.path(upload_id).unlink(missing_ok=True)

    def discard(self, upload_id: str) -> None:
        """Take the bytes off the disk at once, whoever sent them: a file marked secret."""
        self.path(upload_id).unlink(missing_ok=True)
        with connected(self.folder, write=True) as db:
            db.execute("DELETE FROM upload WHERE id = ?", (upload_id,))

    def expire(self, before: datetime) -> int:
        """Forget what was sent before a moment and no waiting or running job needs."""
        needed = "SELECT group_concat(asked) FROM job WHERE state IN ('queued', 'running')"
        with connected(self.folder) as db:
            asked = db.execute(needed).fetchone()[0] or ""
            rows = db.execute("SELECT * FROM upload WHERE sent_at < ?", (stamp(before),))
            old = [_upload(row) for row in rows if row["id"] not in asked]
        for sent in old:
            try:
                self.delete(sent.id, sent.who)
            except NotFound:
                continue
        return len(old)


def plain_name(name: str) -> str:
    """The last part of a file name, printable, its suffix kept: for eyes alone."""
    last = PurePosixPath(name.replace("\\", "/")).name
    path = PurePosixPath("".join(c for c in last if c.isprintable()).lstrip(". ") or "-")
    return (path.stem[:_LONGEST_NAME] or "-") + path.suffix[:12]


def _written(draft: Path, parts: Iterable[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        fcntl.flock(handle, fcntl.LOCK_EX)  # in use: not to be cleared away, however long it takes
        for part in _counted(parts):
            file.write(part)
            digest.update(part)
            size += len(part)
    if not size:
        raise InputError("upload_empty")
    return digest.hexdigest(), size


def _counted(parts: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for part in parts:
        size += len(part)
        if size > MAX_BYTES:
            raise InputError("body_too_large")
        yield part


def _upload(row: sqlite3.Row) -> Upload:
    return Upload(
        id=row["id"],
        who=row["who"],
        name=row["name"],
        size=row["size"],
        sent_at=cast("datetime", moment(row["sent_at"])),
    )
