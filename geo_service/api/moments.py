"""The two clocks as parameters: the day in the world, and what the register knew at a moment."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query

from geo_service.api.values import Day, Moment

AsOfQuery = Annotated[
    Day | None, Query(description="该日有效，默认今天 / valid on that day, else today")
]
KnownAtQuery = Annotated[
    Moment | None,
    Query(
        description="登记簿当时所知，带时区 / as the register knew it then, with a zone",
        examples=["2026-06-01T12:00:00+08:00"],
    ),
]
KnownAt = Moment | None
"""The same in a body."""


def told(moment: datetime | None) -> str | None:
    """A moment as JSON has it."""
    return None if moment is None else moment.isoformat()
