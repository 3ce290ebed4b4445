"""The names that may not be used at all, as the bureau keeps them: never shown, never logged."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RestrictedNames:
    """The list held in memory. Its words are left out of `repr`, so that no log can carry them.

    `digest` is salted by the bureau: it tells whether two verdicts rest on the same list and
    gives away nothing of what is on it.
    """

    words: frozenset[str] = field(repr=False)
    digest: str
