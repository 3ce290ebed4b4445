"""Instruments of law, their articles, and what a finding cites of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo_service.domain.period import Period
    from geo_service.domain.text import Text


class Rank(StrEnum):
    """Who made the instrument."""

    NATIONAL = "national"
    PROVINCIAL = "provincial"
    MUNICIPAL = "municipal"
    STANDARD = "standard"
    PRACTICE = "practice"


class Reading(StrEnum):
    """How much of the text anybody of ours has read."""

    FULL = "full"
    PART = "part"
    UNREAD = "unread"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Article:
    """One article in our own words; the statute text itself is linked, not copied.

    `label` is how the place is cited where the text has no articles (附件“大”类).
    """

    number: str
    gist: Text
    in_force: Period
    confirmed: bool
    label: Text | None = None


@dataclass(frozen=True, slots=True)
class Instrument:
    """A law, order, notice, local rule or technical standard.

    `territory` is the significant part of the division code it holds in: "" for the nation, "37"
    for a province, "3702" for a city.
    """

    id: str
    title: Text
    number: str
    issuer: str
    rank: Rank
    territory: str
    in_force: Period
    reading: Reading
    url: str
    retrieved: str
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class Citation:
    """An article as a finding cites it, with the caveat a reader must know, if any."""

    instrument_id: str
    instrument: Text
    number: str
    article: str
    gist: Text
    in_force: Period
    url: str
    caveat: Text | None = None
    label: Text | None = None
