"""What only a server is asked: how a session is set up, who writes, what its catalogue says."""

# ruff: noqa: S608
from __future__ import annotations

from geo_service.store.dialects import POSTGIS

SESSION = """
SELECT set_config('search_path', 'geo_service, ' || coalesce((
    SELECT quote_ident(n.nspname) FROM pg_extension AS e JOIN pg_namespace AS n
    ON n.oid = e.extnamespace WHERE e.extname = 'postgis'), 'public') || ', pg_temp', false),
  set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit')
    IN ('off', 'local') THEN 'on' ELSE current_setting('synchronous_commit') END, false),
  set_config('jit', 'off', false)"""
"""How a session with the server is set up: what was acknowledged is on disk."""
BEGIN_WRITING = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ"
"""Not READ ONLY: the audit works in temporary tables."""
WAIT_AT_MOST = "SELECT set_config('lock_timeout', ?, true)"
ONE_WRITER = "SELECT 1 FROM meta WHERE key = 'application' FOR UPDATE"
SWEEP_WAITS = "SELECT set_config('lock_timeout', ?, false)"
ONE_BUILDER = "SELECT pg_advisory_xact_lock(hashtext('geo-service store init'))"
SERVER_ENCODING = "SELECT current_setting('server_encoding')"
SERVER_VERSIONS = (
    "SELECT current_setting('server_version'), extversion::text FROM pg_extension"
    " WHERE extname = 'postgis'"
)
HAS_POSTGIS = "SELECT 1 FROM pg_extension WHERE extname = 'postgis'"
CREATE_POSTGIS = "CREATE EXTENSION postgis SCHEMA public"
HAS_SCHEMA = f"SELECT 1 FROM pg_namespace WHERE nspname = '{POSTGIS.stored}'"
CREATE_SCHEMA = f"CREATE SCHEMA {POSTGIS.stored}"
SERVED_TABLES = f"SELECT tablename::text FROM pg_tables WHERE schemaname = '{POSTGIS.stored}'"
_INDEXES = (
    " FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_namespace AS n"
    f" ON n.oid = c.relnamespace WHERE n.nspname = '{POSTGIS.stored}'"
)
INDEX_IN_FORCE = (
    f"SELECT pg_get_indexdef(i.indexrelid){_INDEXES}"
    " AND c.relname = ? AND i.indisvalid AND i.indisready"
)
INDEX_NOT_IN_FORCE = (
    f"SELECT c.relname::text{_INDEXES} AND NOT (i.indisvalid AND i.indisready) LIMIT 1"
)
TEMPORARY_SCHEMA = "SELECT nspname::text FROM pg_namespace WHERE oid = pg_my_temp_schema()"
_OF_SCHEMA = " JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = ?"
CATALOGUE = {
    "table": "SELECT c.relname::text, c.relkind::text, c.relpersistence = 'u', c.relrowsecurity,"
    " c.relhasrules, obj_description(c.oid, 'pg_class') FROM pg_class AS c"
    f"{_OF_SCHEMA} AND c.relkind NOT IN ('i', 'I', 't', 'c')",
    "column": "SELECT c.relname || '.' || a.attname, a.attnum::bigint,"
    " format_type(a.atttypid, a.atttypmod), a.attnotnull,"
    " (SELECT k.collname::text FROM pg_collation AS k WHERE k.oid = a.attcollation),"
    " (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef AS d"
    " WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum)"
    " FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid"
    f"{_OF_SCHEMA} AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped",
    # Where NOT NULL is a constraint of its own (PostgreSQL 18), the columns tell it already.
    "constraint": "SELECT c.relname || '.' || k.conname, k.contype::text, k.convalidated,"
    " pg_get_constraintdef(k.oid) FROM pg_constraint AS k JOIN pg_class AS c"
    f" ON c.oid = k.conrelid{_OF_SCHEMA} AND k.contype <> 'n'",
    "index": "SELECT c.relname::text, i.indisunique, i.indisprimary,"
    " (SELECT o.relname::text FROM pg_class AS o"
    " WHERE o.oid = i.indrelid), substring(pg_get_indexdef(i.indexrelid) FROM ' USING .*')"
    " FROM pg_index AS i"
    f" JOIN pg_class AS c ON c.oid = i.indexrelid{_OF_SCHEMA}",
}
"""What the catalogue says of a schema, by kind of part; the first column is the name."""
TRIGGERS = (
    "SELECT t.tgname::text FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid"
    f" JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = '{POSTGIS.stored}'"
    " AND NOT t.tgisinternal ORDER BY 1"
)
FUNCTIONS = (
    "SELECT p.proname::text FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace"
    f" WHERE n.nspname = '{POSTGIS.stored}' ORDER BY 1"
)


def sweep(table: str) -> str:
    """Write a table of ours anew, without the rows that nobody may look at any more."""
    return f"VACUUM (FULL) {POSTGIS.stored}.{table}"


def file_of(table: str) -> str:
    """The number of the file in which a table of ours stands; a new one when it is written anew."""
    return f"SELECT pg_relation_filenode('{POSTGIS.stored}.{table}')"


def rename_schema(name: str) -> str:
    """DDL that gives our schema another name."""
    return f"ALTER SCHEMA {POSTGIS.stored} RENAME TO {name}"


def lock_out(schema: str, table: str) -> str:
    """Wait until nobody reads a table, and let nobody read it until the transaction ends."""
    return f"LOCK TABLE {schema}.{table} IN ACCESS EXCLUSIVE MODE"


TABLES_IN = "SELECT tablename::text FROM pg_tables WHERE schemaname = ? ORDER BY 1"
RIGHTS = f"""
SELECT format('GRANT %s ON %s TO %s%s', r.privilege_type, r.subject,
  CASE r.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r.grantee)) END,
  CASE WHEN r.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM (
  SELECT (aclexplode(n.nspacl)).*, 'SCHEMA {POSTGIS.stored}' AS subject, n.nspowner AS owner,
    n.nspname FROM pg_namespace AS n
  UNION ALL
  SELECT (aclexplode(c.relacl)).*, format('{POSTGIS.stored}.%I', c.relname), c.relowner, n.nspname
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE EXISTS (SELECT 1 FROM pg_tables AS t
      WHERE t.schemaname = '{POSTGIS.stored}' AND t.tablename = c.relname)
) AS r WHERE r.nspname = ? AND r.grantee <> r.owner"""
"""Statements that give the rights on a schema and its tables to those of the new one."""
