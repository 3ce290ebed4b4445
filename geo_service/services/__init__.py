"""Use cases: they own the transaction and join rules, tables and the store."""
