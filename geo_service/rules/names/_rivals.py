"""What a registered name holds against a case: the fault, how grave it can be, and its wording.

Rules on duplicates and likeness divide the registered names around a case among themselves: each
name falls under one fault at most. How much it weighs follows from tables: `name_statuses` (a
refused name is not a standing one), `class_pairs` (an estate is not a road) and the accepted pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from geo_service.domain.finding import Evidence, Measure, Related, Severity
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus
from geo_service.domain.text import Text
from geo_service.language.likeness import FAMILY, SAME, Likeness, Reason, likeness
from geo_service.language.likeness_forms import Profile, profile_of
from geo_service.language.likeness_tables import threshold
from geo_service.language.normalise import compared_form
from geo_service.language.sound import sounds_of
from geo_service.lexicons import lexicon
from geo_service.messages import message
from geo_service.rules.names import NameCase, NameContext, Neighbour, pair_of, related_to
from geo_service.rules.names._scopes import SCOPE_TEXTS, UNKNOWN, aspect_of, usual_scope

if TYPE_CHECKING:
    from datetime import date

    from geo_service.cities import CityProfile


class Fault(StrEnum):
    """How a registered name clashes; the words are columns of the tables."""

    SAME_NAME = "same_name"
    SAME_SOUND = "same_sound"
    SAME_SPECIFIC = "same_specific"
    NEAR_SOUND = "near_sound"
    LOOK_ALIKE = "look_alike"
    """By writing, order or the way a number is said: what is easily confused but not by sound."""


_NOT_BY_SOUND = frozenset(("lookalike", "order", "spoken_number"))
_OTHERWISE_SAME = frozenset((SAME, "affix", "derived"))
_TOLD = frozenset((SAME, Fault.SAME_NAME.value))
"""Reasons that say no more than the fault itself."""


@dataclass(frozen=True, slots=True)
class Resemblance:
    """How two names resemble each other, whatever they name and wherever that lies.

    `sound` is the toneless reading they share, `certain` whether it is the customary one of both.
    """

    fault: Fault | None
    likeness: Likeness
    sound: str = ""
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Rival:
    """A registered name that clashes with the case, in a scope and by a fault."""

    place: NamedPlace
    scope: str
    related: Related
    resemblance: Resemblance
    score: float
    at_most: Severity
    message: Text

    def evidence(
        self, *, at_most: Severity = Severity.PROHIBITED, doubt: Text | None = None
    ) -> Evidence:
        """The evidence of the rule on this fault.

        A rule lowers it further by `at_most`, and puts its own question by `doubt`.
        """
        cap = min(at_most, self.at_most)
        asked = f"rivals.{'where' if self.scope == UNKNOWN else self.place.status}_question"
        return Evidence(
            message=self.message,
            key=self.place.id,
            aspect=aspect_of(self.scope, cap),
            related=(self.related,),
            question=doubt or message(asked),
        )

    def measure(self) -> Measure:
        """The likeness beside its threshold."""
        return Measure(self.score, threshold(), "", "likeness_weights.csv")


def rivals(case: NameCase, context: NameContext, *faults: Fault) -> Iterator[Rival]:
    """The registered names in scope that clash with the case by one of the faults."""
    for neighbour in context.neighbours or ():
        found = compared(case, neighbour.place, context)
        if found.fault in faults:
            rival = _rival(case, context, neighbour, found)
            if rival is not None:
                yield rival


def family(case: NameCase, context: NameContext) -> Iterator[Neighbour]:
    """The standing names in scope that derive from the root of the case (香港东路, 香港西路)."""
    for neighbour in context.neighbours or ():
        place = neighbour.place
        standing = place.status in (NameStatus.STANDARD, NameStatus.RESERVED)
        if standing and neighbour.scope and compared(case, place, context).likeness.has(FAMILY):
            yield neighbour


def compared(case: NameCase, place: NamedPlace, context: NameContext) -> Resemblance:
    """How the case and a registered name resemble each other in the city of the context."""
    profile = city_profile(context.city, context.as_of)
    return _resemblance(case.name, case.feature_type, place.name, place.feature_type, profile)


def reasons_of(found: Resemblance) -> tuple[Text, ...]:
    """Why two names resemble each other, the gravest in a word first."""
    fault = () if found.fault is None else (message(f"rivals.{found.fault}_short"),)
    parts = (reason.text for reason in found.likeness.reasons if reason.code not in _TOLD)
    return (*fault, *parts)


def score_of(case: NameCase, place: NamedPlace, found: Resemblance) -> float:
    """The likeness of the names, weighed by their classes."""
    return round(found.likeness.score * _class_pair(case.feature_type, place.feature_type)[0], 4)


def same_class(case: NameCase, place: NamedPlace) -> bool:
    """Whether the law compares names of the two classes."""
    return _class_pair(case.feature_type, place.feature_type)[1] is not None


_profiles: dict[tuple[str, str, date], Profile] = {}
"""Profiles met of late, by digest of the city's profile, dialect and day: asked for every name."""
_MOST_PROFILES = 64


def city_profile(city: CityProfile, day: date) -> Profile:
    """What the city adds to a comparison: names of its units before others, and its dialect.

    The dialect is the policy `likeness_dialect` of the city; without it none counts.
    """
    key = (city.digest, city.policy.get("likeness_dialect", ""), day)
    if key not in _profiles:
        if len(_profiles) >= _MOST_PROFILES:
            _profiles.clear()
        _profiles[key] = profile_of(city, day, key[1])
    return _profiles[key]


@lru_cache(maxsize=1 << 14)
def _resemblance(
    name: str, kind: FeatureType, other: str, other_kind: FeatureType, profile: Profile
) -> Resemblance:
    written, theirs = compared_form(name, kind), compared_form(other, other_kind)
    if written == theirs:
        return Resemblance(Fault.SAME_NAME, Likeness(1.0, (Reason("same_name"),)))
    found = likeness(name, other, kind, other_kind, profile)
    sound, certain = _shared_sound(written, theirs)
    if sound:
        return Resemblance(Fault.SAME_SOUND, found, sound, certain)
    if found.score < threshold() or found.has(FAMILY):
        return Resemblance(None, found)
    codes = {reason.code for reason in found.reasons}
    if codes <= _OTHERWISE_SAME:
        return Resemblance(Fault.SAME_SPECIFIC, found)
    by_sound = codes.isdisjoint(_NOT_BY_SOUND)
    return Resemblance(Fault.NEAR_SOUND if by_sound else Fault.LOOK_ALIKE, found)


def _shared_sound(one: str, other: str) -> tuple[str, bool]:
    """The toneless reading that two texts share, empty for none; whether it is the customary."""
    if len(one) != len(other):
        return "", False
    shared: list[str] = []
    certain = True
    for a, b in zip(one, other, strict=True):
        sounds, theirs = sounds_of(a), sounds_of(b)
        common = next((sound for sound in sounds if sound in theirs), None)
        if common is None:
            return "", False
        certain = certain and sounds[0] == theirs[0]
        shared.append(common)
    return " ".join(shared), certain


def _rival(
    case: NameCase, context: NameContext, neighbour: Neighbour, found: Resemblance
) -> Rival | None:
    place, fault = neighbour.place, found.fault
    scope = usual_scope(case.feature_type) if neighbour.scope is None else neighbour.scope
    score = score_of(case, place, found)
    worst = _class_pair(case.feature_type, place.feature_type)[1]
    cap = _status_cap(place.status, Fault.NEAR_SOUND if fault is Fault.LOOK_ALIKE else fault)
    if fault is None or not scope or worst is None or cap is None:
        return None
    related = related_to(place, neighbour.distance_m)
    said = _said(place, scope, fault)
    at_most = min(worst, cap)
    if neighbour.in_batch:
        # Without the places of both, a list says nothing of where its names lie.
        at_most = min(at_most, Severity.INFO if scope == UNKNOWN else Severity.HUMAN)
        said = message(
            "rivals.batch", fault=message(f"rivals.{fault}"), name=place.name, id=place.id
        )
    accepted = context.accepted.get(pair_of(case.name, place.name))
    if accepted is not None:
        at_most = Severity.INFO
        number = accepted.document_no
        said = message(
            "rivals.accepted",
            message=said,
            signer=accepted.signer,
            day=accepted.accepted_on,
            reason=accepted.reason,
            document=message("rivals.document", document=number) if number else "",
        )
    return Rival(place, scope, related, found, score, at_most, said)


def _said(place: NamedPlace, scope: str, fault: Fault) -> Text:
    again = fault is Fault.SAME_NAME and place.status is NameStatus.REFUSED
    return message(
        "rivals.refused_same" if again else f"rivals.{place.status}",
        scope=SCOPE_TEXTS[scope],
        fault=message(f"rivals.{fault}"),
        name=place.name,
        id=place.id,
        **({"refusal": _refusal(place)} if place.status is NameStatus.REFUSED else {}),
    )


def _refusal(place: NamedPlace) -> Text:
    """Document, day and reason of a refusal, as far as the register has them."""
    day = "" if place.approved_on is None else place.approved_on.isoformat()
    told = [part for part in (place.document_no, day, place.origin) if part]
    if not told:
        return Text("", "")
    return message("rivals.refusal", facts=Text("，".join(told), ", ".join(told)))


@cache
def _class_pairs() -> dict[frozenset[str], tuple[float, Severity | None]]:
    table = lexicon("class_pairs", "one", "other")
    return {
        frozenset((row["one"], row["other"])): (float(row["weight"]), _cap(row["at_most"]))
        for row in table.rows
    }


def _class_pair(one: FeatureType, other: FeatureType) -> tuple[float, Severity | None]:
    return _class_pairs()[frozenset((one.value, other.value))]


@cache
def _status_cap(status: NameStatus, fault: Fault | None) -> Severity | None:
    rows = {row["status"]: row for row in lexicon("name_statuses", "status").rows}
    return None if fault is None else _cap(rows[status.value][fault.value])


def _cap(word: str) -> Severity | None:
    return Severity.from_word(word) if word else None
