"""What a rule is: one object that is check, citation, manual page and test in one file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from geo_service.domain.finding import Evidence, Severity

if TYPE_CHECKING:
    from datetime import date

    from geo_service.domain.text import Text

Case = TypeVar("Case")
Context = TypeVar("Context")


class Quality(StrEnum):
    """The ISO 19157 data quality element a rule measures."""

    COMMISSION = "completeness-commission"
    OMISSION = "completeness-omission"
    CONCEPTUAL = "logical-consistency-conceptual"
    DOMAIN = "logical-consistency-domain"
    FORMAT = "logical-consistency-format"
    TOPOLOGICAL = "logical-consistency-topological"
    POSITIONAL = "positional-accuracy"
    TEMPORAL = "temporal-quality"
    THEMATIC = "thematic-accuracy"
    USABILITY = "usability"


@dataclass(frozen=True, slots=True)
class Basis:
    """An article the rule rests on, and how much a breach of that article weighs.

    The article's dates and territory (in `data/law`) decide whether the basis applies on the day
    and in the city. `aspect` ties a basis to a kind of evidence: the word list of a notice and
    that of a draft are aspects of one rule with different weight. `standings` and
    `feature_types` narrow it to some subjects; empty means all.
    """

    instrument: str
    article: str
    severity: Severity
    aspect: str = ""
    standings: frozenset[str] = frozenset()
    feature_types: frozenset[str] = frozenset()

    def speaks_of(self, standing: str, feature_type: str) -> bool:
        """Whether it holds for subjects of that standing and type."""
        return (not self.standings or standing in self.standings) and (
            not self.feature_types or feature_type in self.feature_types
        )


@dataclass(frozen=True, slots=True)
class Example(Generic[Case]):
    """A case with the answer the rule must give: documentation and test at once.

    `severity` is the expected one where the case is flagged, None where it is clean. `context`
    holds whatever the family needs besides the subject (for instance registered names).
    """

    subject: Case
    on: date
    why: Text
    severity: Severity | None
    context: Any = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule(Generic[Case, Context]):
    """One fault: when it is one, under which article, and how it is told from what only looks so.

    `check` is a pure generator: no I/O, no clock, no settings. `category` is the word of the
    trade (大 洋 怪 重 …, or the topological fault). `needs` names the layers or lists the context
    must hold for the rule to run at all, `uses` those it reads besides where they are there: with
    and without them its answers differ. `trap` says what a false alarm looks like. Each rule is
    one object, equal to itself alone.
    """

    id: str
    slug: str
    version: int
    title: Text
    category: str
    quality: Quality
    basis: tuple[Basis, ...]
    check: Callable[[Case, Context], Iterator[Evidence]]
    examples: tuple[Example[Case], ...]
    trap: Text
    handling: Text
    needs: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()
