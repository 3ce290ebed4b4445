"""The logs of the files beside the register: whether they can be relied on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

from geo_service.errors import NotFound, StoreError
from geo_service.messages import message
from geo_service.services.access.book import EVENTS
from geo_service.services.audit import audit_json
from geo_service.services.kept_checks import CHECKS
from geo_service.store.anchors import anchor_of_chain, chain_verified

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from geo_service.domain.text import Lang
    from geo_service.services.wire import Json
    from geo_service.store.chain import Chain
    from geo_service.store.protocol import Anchor, AuditReport

_Told = TypeVar("_Told")
LOGS = {"accounts": EVENTS, "kept-checks": CHECKS}
"""The log of each file, by the name under which it is backed up."""


def verified(name: str, path: Path, anchors: Iterable[Anchor] = ()) -> AuditReport:
    """Walk the log of a file, and hold it against anchors kept elsewhere.

    Raises NotFound `beside_missing` where there is no file, StoreError `beside_unsealed` for one
    that was not opened since logs are sealed, `store_corrupt` for one that cannot be read.
    """
    return _asked(name, path, lambda db, chain: chain_verified(db, chain, anchors))


def anchored(name: str, path: Path, made_at: datetime) -> Anchor:
    """Where the log of a file ends now. Raises as `verified`, and StoreError log_unsound."""
    return _asked(name, path, lambda db, chain: anchor_of_chain(db, chain, path, made_at))


def beside_json(files: Mapping[str, Path], lang: Lang) -> dict[str, Json]:
    """What the logs of the files that are there say, each as `audit_json`; a log that is not
    sealed yet has no entries to tell, and nothing wrong. Raises StoreError `store_corrupt`."""
    told: dict[str, Json] = {}
    for name, path in files.items():
        try:
            told[name] = audit_json(verified(name, path), 0, lang)
        except NotFound:
            continue
        except StoreError as error:
            if error.code != "beside_unsealed":
                raise
            told[name] = {"sound": True, "entries": None, "head": None}
            said = message(f"errors.{error.code}", **error.context).in_(lang)
            told[name] |= {"first_bad": None, "problem": said, "anchors": 0}
    return told


def _asked(name: str, path: Path, ask: Callable[[sqlite3.Connection, Chain], _Told]) -> _Told:
    chain = LOGS[name]
    if not path.is_file():
        raise NotFound("beside_missing", path=path)
    try:
        with closing(sqlite3.connect(path, timeout=10.0, isolation_level=None)) as db:
            columns = db.execute("SELECT name FROM pragma_table_info(?)", (chain.table,)).fetchall()
            if ("hash",) not in columns:
                raise StoreError("beside_unsealed", path=path)
            return ask(db, chain)
    except sqlite3.Error as error:
        raise StoreError("store_corrupt", path=path, detail=str(error)) from error
