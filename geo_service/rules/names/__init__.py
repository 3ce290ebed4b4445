"""Rules on names: what a case is, and what it may be compared with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from geo_service.domain.finding import Related, Severity, Subject
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus
from geo_service.domain.proposal import NOTHING_TOLD, FeatureFacts
from geo_service.domain.provenance import Provenance
from geo_service.domain.text import Text
from geo_service.language.normalise import normal_form
from geo_service.rules.base import Example

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.cities import CityProfile
    from geo_service.domain.accepted_pair import AcceptedPair
    from geo_service.domain.restricted import RestrictedNames


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
    replaces: str = ""
    """The name the place bears now, where it is to be renamed."""
    record_kind: str = NamedPlace.SUBJECT
    """What findings call the registered record."""

    @property
    def subject(self) -> Subject:
        """The registered record, or the proposal by its own name and type."""
        told = self.record_id or f"{self.feature_type}:{self.name}"
        return Subject(self.record_kind, told, self.name)


def related_to(place: NamedPlace, distance_m: float | None = None) -> Related:
    """A registered name, or the name of a road, as findings name it."""
    return Related(place.SUBJECT, place.id, place.name, distance_m)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A registered name put beside the case, with its distance where both have a place.

    `scope` is the narrowest legal area that holds both (a word of `duplicate_scopes`); None for
    the usual area of the type; empty for a name outside all of them, which is near but no breach.
    `in_batch` marks a name that was handed in together with the case and stands in no register.
    """

    place: NamedPlace
    distance_m: float | None = None
    scope: str | None = None
    in_batch: bool = False


@dataclass(frozen=True, slots=True)
class Kin:
    """A registered road of the same root as the case, and where its middle lies from there.

    Metres; None where one of the two has no geometry. `gap_m` is the distance between the lines.
    """

    place: NamedPlace
    east_m: float | None = None
    north_m: float | None = None
    gap_m: float | None = None
    length_m: float | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the register holds around a case, as far as its type calls for it.

    `divisions` are registered units whose names begin the name of an estate. `kin` are roads of
    the same root, None where they were not asked for. `local` are registered names that a facility
    may have its name from, within reach and nearest first, None without a position. `roads` counts
    the registered roads with a line around, `median_road_m` is their median length. `near_roads`
    are the roads that may set a series for a new one, nearest first, None without a position.
    """

    divisions: tuple[NamedPlace, ...] = ()
    kin: tuple[Kin, ...] | None = None
    local: tuple[Neighbour, ...] | None = None
    roads: int = 0
    median_road_m: float | None = None
    near_roads: tuple[Neighbour, ...] | None = None


@dataclass(frozen=True, slots=True)
class InUse:
    """A name in use beside the register: its own `record`, of whatever status, if there is one.

    `here` are the registered names of its class at the place, nearest first; None without a
    position.
    """

    record: NamedPlace | None
    here: tuple[Neighbour, ...] | None = None


def pair_of(one: str, other: str) -> frozenset[str]:
    """The key under which two names are known as a pair, in whatever order."""
    return frozenset((normal_form(one), normal_form(other)))


@dataclass(frozen=True, slots=True)
class NameContext:
    """What a name is judged against: the city, and the registered names inside the legal scope.

    `scope` words the scope for the reader ("市区", "同一建成区"); `neighbours` is None when the
    register is not to be asked, so that rules on duplicates know they were not run. `listed` are
    the entries of the protection list (地名保护名录) of the name, or of the one it replaces.
    `restricted` is the bureau's own list of names that may not be used, None where none is set.
    `accepted` are pairs that the bureau lets stand beside each other, by `pair_of`. `in_use` is
    what the register holds at the place of a name in use, None where that was not asked.
    """

    city: CityProfile
    as_of: date
    neighbours: tuple[Neighbour, ...] | None = None
    scope: Text = field(default=Text("", ""))
    surroundings: Surroundings | None = None
    listed: tuple[NamedPlace, ...] = ()
    restricted: RestrictedNames | None = None
    accepted: Mapping[frozenset[str], AcceptedPair] = field(default_factory=dict)
    in_use: InUse | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the subject of an example, where registered names alone do not say it."""

    surroundings: Surroundings | None = None
    listed: tuple[NamedPlace, ...] = ()
    policy: tuple[tuple[str, str], ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    in_use: InUse | None = None
    restricted: RestrictedNames | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The registered names in it."""
        around = self.surroundings or Surroundings()
        kin = [row.place for row in around.kin or ()]
        local = [row.place for row in around.local or ()]
        near = [row.place for row in (*(around.near_roads or ()), *self.neighbours)]
        places = (*around.divisions, *kin, *local, *self.listed, *near)
        return tuple(place.name for place in places)


def registered(
    name: str,
    feature_type: FeatureType,
    unit: str = "",
    origin: str = "",
    status: NameStatus = NameStatus.STANDARD,
) -> NamedPlace:
    """A registered name for the examples of rules."""
    return NamedPlace(
        id=f"例-{name}",
        name=name,
        feature_type=feature_type,
        provenance=Provenance(source="示例"),
        unit_code=_code(unit),
        origin=origin,
        status=status,
    )


def flagged(
    name: str,
    feature_type: FeatureType,
    severity: Severity,
    why: Text,
    *,
    on: date = date(2024, 6, 1),
    standing: Standing = Standing.PROPOSED,
    neighbours: tuple[str, ...] = (),
    unit: str = "",
    facts: FeatureFacts = NOTHING_TOLD,
    replaces: str = "",
    beside: Beside | None = None,
) -> Example[NameCase]:
    """An example the rule must report; `neighbours` are registered names of the same type."""
    case = NameCase(name, feature_type, standing, _code(unit), facts=facts, replaces=replaces)
    return Example(case, on, why, severity, neighbours if beside is None else beside)


def clean(
    name: str,
    feature_type: FeatureType,
    why: Text,
    *,
    on: date = date(2024, 6, 1),
    standing: Standing = Standing.PROPOSED,
    neighbours: tuple[str, ...] = (),
    unit: str = "",
    facts: FeatureFacts = NOTHING_TOLD,
    replaces: str = "",
    beside: Beside | None = None,
) -> Example[NameCase]:
    """An example the rule must let pass."""
    case = NameCase(name, feature_type, standing, _code(unit), facts=facts, replaces=replaces)
    return Example(case, on, why, None, neighbours if beside is None else beside)


def _code(unit: str) -> DivisionCode | None:
    return DivisionCode(unit) if unit else None
