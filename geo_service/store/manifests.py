"""What a backup says of itself: digests, counts and the head of the log, sealed as a whole."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from geo_service.errors import InputError, StoreError
from geo_service.store import digests
from geo_service.store.disk import own_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FORMAT = "geo-service backup 1"
MANIFEST = "manifest.json"
STORE = "store.gpkg"


@dataclass(frozen=True, slots=True)
class Manifest:
    """One backup. `created_at` is UTC, `rows` counts every version in each table.

    `beside` has the SHA-256 of each file that is kept with the register, by name.
    """

    created_at: str
    program: str
    source: str
    schema: int
    digest: str
    entries: int
    head: str
    rows: Mapping[str, int]
    file_sha256: str
    file_bytes: int
    beside: Mapping[str, str] = field(default_factory=dict)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put the manifest into the folder of a backup, on disk. Raises OSError."""
    facts = {"format": FORMAT, **asdict(manifest)}
    facts["seal"] = _seal(facts)
    own_file(folder / MANIFEST)
    with (folder / MANIFEST).open("w", encoding="utf-8") as file:
        file.write(json.dumps(facts, ensure_ascii=False, indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup.

    Raises InputError backup_foreign where there is none of ours, StoreError backup_damaged where
    it is not as it was written.
    """
    try:
        facts = json.loads((folder / MANIFEST).read_text("utf-8"))
    except FileNotFoundError as error:
        raise InputError("backup_foreign", path=folder) from error
    except (OSError, ValueError) as error:
        raise StoreError("backup_damaged", path=folder, detail=MANIFEST) from error
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise InputError("backup_foreign", path=folder)
    if facts.pop("seal", "") != _seal(facts):
        raise StoreError("backup_damaged", path=folder, detail=MANIFEST)
    return Manifest(**{name: value for name, value in facts.items() if name != "format"})


def file_digest(path: Path) -> str:
    """SHA-256 of a file, read in pieces. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _seal(facts: Mapping[str, Any]) -> str:
    return digests.sha256(json.dumps(facts, ensure_ascii=False, sort_keys=True).encode())
