"""Size and nature of the thing to be named, as an applicant tells them: read and checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from geo_service.domain.proposal import NOTHING_TOLD, FeatureFacts, RoadClass
from geo_service.errors import InputError
from geo_service.messages import message

_WORDS = frozenset(("seat", "applicant"))
"""Facts told in words, not in figures."""


def fact_names() -> tuple[str, ...]:
    """The facts that can be told, in the order of their listing."""
    return tuple(field.name for field in fields(FeatureFacts))


def read_facts(told: Mapping[str, str]) -> FeatureFacts:
    """Facts written as text, blank ones left out.

    Raises InputError for a fact nobody knows, a figure that is none, or an impossible one.
    """
    unknown = sorted(set(told) - set(fact_names()))
    if unknown:
        raise InputError("fact_unknown", name=unknown[0], known=" ".join(fact_names()))
    given = {name: text.strip() for name, text in told.items() if text.strip()}
    if not given:
        return NOTHING_TOLD
    values = {name: _value(name, text) for name, text in given.items()}
    return checked_facts(FeatureFacts(**values))


def checked_facts(facts: FeatureFacts) -> FeatureFacts:
    """The facts themselves. Raises InputError for a figure that is negative or not finite."""
    if facts is NOTHING_TOLD:
        return facts
    for name in fact_names():
        value = getattr(facts, name)
        if isinstance(value, float | int) and not (math.isfinite(value) and value >= 0):
            raise InputError("fact_impossible", name=name, value=value)
    return facts


def _value(name: str, text: str) -> Any:
    if name in _WORDS:
        return text
    if name == "road_class":
        known = [kind.value for kind in RoadClass]
        if text not in known:
            raise InputError("fact_malformed", name=name, value=text, expected=" ".join(known))
        return RoadClass(text)
    try:
        return float(text)
    except ValueError as error:
        figure = message("facts.figure", example=message(f"facts.{name}_example"))
        raise InputError("fact_malformed", name=name, value=text, expected=figure) from error
