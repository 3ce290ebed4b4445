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
SWEEP = f"VACUUM (FULL) {POSTGIS.stored}.person"
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
