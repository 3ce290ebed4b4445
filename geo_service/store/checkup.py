"""Is the store fit for use? Each question answered alone, so that one fault hides no other."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from geo_service.errors import StoreError
from geo_service.store.addresses import is_server
from geo_service.store.opening import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from geo_service.store.sql_store import SqlStore


class State(StrEnum):
    """How a question came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One answer. Title and hint are the messages `store.check_<key>` and `store.hint_<hint>`."""

    key: str
    state: State
    hint: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


def check_store(url: str) -> Iterator[Check]:
    """Ask all questions of a store. Raises StoreError only for an unusable address."""
    served = is_server(url)
    if not served:
        yield _engine()
    try:
        store = open_store(url)
    except StoreError as error:
        if error.code in {"store_url_unknown", "store_url_malformed"}:
            raise
        yield Check("opens", State.FAIL, "opens", {"error": error})
        return
    try:
        yield _asked(_opens, store)
        for question in (_server if served else _file, _schema, _log, _names):
            yield _asked(question, store)
    finally:
        store.close()


def _asked(question: Callable[[SqlStore], Check], store: SqlStore) -> Check:
    try:
        return question(store)
    except StoreError as error:
        return Check(question.__name__.strip("_"), State.FAIL, "opens", {"error": error})


def _opens(store: SqlStore) -> Check:
    return Check("opens", State.OK, facts=dict(store.info()))


def _engine() -> Check:
    db = sqlite3.connect(":memory:")
    try:
        db.execute("CREATE VIRTUAL TABLE boxes USING rtree(id, minx, maxx, miny, maxy)")
        db.execute("SELECT value FROM json_each('[1]')")
        db.execute("CREATE TABLE keyed (key TEXT PRIMARY KEY) WITHOUT ROWID")
    except sqlite3.OperationalError as error:
        return Check("engine", State.FAIL, "engine", {"detail": str(error)})
    finally:
        db.close()
    return Check("engine", State.OK, facts={"sqlite": sqlite3.sqlite_version})


def _file(store: SqlStore) -> Check:
    answer = store.integrity()
    if answer == "ok":
        return Check("file", State.OK)
    return Check("file", State.FAIL, "file", {"detail": answer})


def _server(store: SqlStore) -> Check:
    answer = store.integrity()
    if answer == "ok":
        return Check("server", State.OK)
    return Check("server", State.FAIL, "server", {"detail": answer})


def _schema(store: SqlStore) -> Check:
    problem, more = store.misshapen(), store.undeclared()
    if problem is not None:
        return Check("schema", State.FAIL, "log", {"problem": problem, "first_bad": None})
    facts = {"names": ", ".join(more)}
    return Check("schema", State.WARN if more else State.OK, "schema", facts)


def _log(store: SqlStore) -> Check:
    report = store.verify()
    facts = {"entries": report.entries, "first_bad": report.first_bad, "problem": report.problem}
    return Check("log", State.OK if report.sound else State.FAIL, "log", facts)


def _names(store: SqlStore) -> Check:
    return Check("names", State.OK if store.names_indexed() else State.WARN, "names")
