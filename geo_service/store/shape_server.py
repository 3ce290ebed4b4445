"""Whether our tables on a server are as the program declares them, by the server's own catalogue.

The declared ones are made beside them as temporary tables, described by the same questions, and
undone: what PostgreSQL makes of a statement only PostgreSQL can say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.store import ddl, sql_server
from geo_service.store.dialects import POSTGIS
from geo_service.store.schema import LAYERS, META, MIGRATION, TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.store.session import Session

Facts = dict[str, tuple[object, ...]]
"""What the catalogue says of each part of a schema, by kind and name."""


def misshapen(db: Session) -> str | None:
    """The first part that differs, is missing, or is a trigger, rule or column too many."""
    found, declared = _facts(db, POSTGIS.stored), _declared(db)
    apart = {f"index {ddl.served_index(layer)[0]}" for layer in LAYERS}  # see `misplaced`
    kinds = list(sql_server.CATALOGUE)
    for name in sorted(declared.keys() - apart, key=lambda n: (kinds.index(n.split()[0]), n)):
        if found.get(name) != declared[name]:
            return name.partition(" ")[2]
    guards = ddl.guard_statements(LAYERS, TABLES, POSTGIS)
    triggers = [name for (name,) in db.execute(sql_server.TRIGGERS) if name not in guards]
    meddling = [*triggers, *_more(found, declared, harmless=False)]
    return next(iter(meddling), None)


def undeclared(db: Session) -> list[str]:
    """Tables, indexes, views and functions in our schema that the migrations did not make."""
    guards = ddl.guard_statements(LAYERS, TABLES, POSTGIS)
    functions = [name for (name,) in db.execute(sql_server.FUNCTIONS) if name not in guards]
    return [*_more(_facts(db, POSTGIS.stored), _declared(db), harmless=True), *functions]


def _more(found: Facts, declared: Mapping[str, object], *, harmless: bool) -> list[str]:
    """What was found and is not declared: of our tables, or (harmless) beside them."""
    tables = {name.partition(" ")[2] for name in declared if name.startswith("table ")}
    more = []
    for name in sorted(found.keys() - declared.keys()):
        kind, _blank, part = name.partition(" ")
        meddles = kind in {"column", "constraint"} and part.partition(".")[0] in tables
        if meddles != harmless and (kind != "column" or meddles):
            more.append(part)
    return more


def _declared(db: Session) -> Facts:
    db.execute("SAVEPOINT declared")
    for table in (*TABLES, META, MIGRATION):
        for statement in ddl.create_table(table, temporary=True, dialect=POSTGIS):
            db.execute(statement)
    for layer in LAYERS:
        for statement in ddl.create_served_layer(layer, temporary=True):
            db.execute(statement)
    (schema,) = db.execute(sql_server.TEMPORARY_SCHEMA).fetchone() or ("",)
    facts = _facts(db, schema)
    db.execute("ROLLBACK TO declared")
    return facts


def _facts(db: Session, schema: str) -> Facts:
    return {
        f"{kind} {row[0]}": tuple(row[1:])
        for kind, question in sql_server.CATALOGUE.items()
        for row in db.execute(question, (schema,))
    }
