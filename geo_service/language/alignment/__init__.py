"""Alignment descriptions (走向说明) read into segments and clauses.

The grammar is small and its names are free text between verbs, so it is read by hand in one pass
(`scan`), and the pieces are put together by a few rules (`assembly`): a parser library would need
the names to be tokens first.
"""

from geo_service.language.alignment.assembly import parse

__all__ = ["parse"]
