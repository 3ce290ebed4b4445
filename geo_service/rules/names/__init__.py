"""Rules on names: what a case is, and what it may be compared with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from geo_service.domain.finding import Severity, Subject
from geo_service.domain.place import FeatureType
from geo_service.domain.proposal import NOTHING_TOLD, FeatureFacts
from geo_service.domain.text import Text
from geo_service.rules.base import Example

if TYPE_CHECKING:
    from geo_service.cities import CityProfile
    from geo_service.domain.identity import DivisionCode
    from geo_service.domain.place import NamedPlace


class Standing(StrEnum):
    """What kind of claim a name makes: the law treats new and old names differently."""

    PROPOSED = "proposed"
    EXISTING = "existing"
    PROTECTED = "protected"
    """On the list of protected or historic names: never `prohibited` for a word."""


@dataclass(frozen=True, slots=True)
class NameCase:
    """One name to be judged, as it was written."""

    name: str
    feature_type: FeatureType
    standing: Standing = Standing.PROPOSED
    unit_code: DivisionCode | None = None
    record_id: str = ""
    facts: FeatureFacts = NOTHING_TOLD

    @property
    def subject(self) -> Subject:
        """The registered record, or the proposal by its own name and type."""
        return Subject(
            "place-name", self.record_id or f"{self.feature_type}:{self.name}", self.name
        )


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A registered name put beside the case, with its distance where both have a place.

    `scope` is the narrowest legal area that holds both (a word of `duplicate_scopes`); None for
    the usual area of the type; empty for a name outside all of them, which is near but no breach.
    """

    place: NamedPlace
    distance_m: float | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class NameContext:
    """What a name is judged against: the city, and the registered names inside the legal scope.

    `scope` words the scope for the reader ("市区", "同一建成区"); `neighbours` is None when the
    register is not to be asked, so that rules on duplicates know they were not run.
    """

    city: CityProfile
    as_of: date
    neighbours: tuple[Neighbour, ...] | None = None
    scope: Text = field(default=Text("", ""))


def flagged(
    name: str,
    feature_type: FeatureType,
    severity: Severity,
    why: Text,
    *,
    on: date = date(2024, 6, 1),
    standing: Standing = Standing.PROPOSED,
    neighbours: tuple[str, ...] = (),
) -> Example[NameCase]:
    """An example the rule must report; `neighbours` are registered names of the same type."""
    return Example(NameCase(name, feature_type, standing), on, why, severity, neighbours)


def clean(
    name: str,
    feature_type: FeatureType,
    why: Text,
    *,
    on: date = date(2024, 6, 1),
    standing: Standing = Standing.PROPOSED,
    neighbours: tuple[str, ...] = (),
) -> Example[NameCase]:
    """An example the rule must let pass."""
    return Example(NameCase(name, feature_type, standing), on, why, None, neighbours)
