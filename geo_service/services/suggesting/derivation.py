"""Candidates made of the proposal itself: the least change that takes a fault away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.language.characters import in_standard_characters, is_han
from geo_service.language.normalise import normal_form
from geo_service.language.split import NUMERALS, generic_of, stacked_generics
from geo_service.messages import message
from geo_service.services.suggesting.candidate import Candidate, Origin
from geo_service.services.suggesting.tables import (
    connectives,
    counted,
    han_digits,
    ordinary_generics,
)

if TYPE_CHECKING:
    from geo_service.domain.place import FeatureType
    from geo_service.domain.text import Text
    from geo_service.services.suggesting.desk import Desk

_NOTE = re.compile(r"\([^()]*\)")
_LEAST = 2
"""Characters of a specific: one alone hardly tells a place from another."""


@dataclass(frozen=True, slots=True)
class _Form:
    """A name as corrected so far, with what was done to it."""

    name: str
    grounds: tuple[Text, ...] = ()


def corrections(desk: Desk) -> Iterator[Candidate]:
    """Candidates that keep as much of the proposal as the findings allow, least change first."""
    for form in _written_forms(desk.request.name, desk.request.feature_type):
        if form.grounds:
            yield _candidate(form)
        yield from map(_candidate, _mended(desk, form))


def _candidate(form: _Form) -> Candidate:
    return Candidate(form.name, Origin.CORRECTION, form.grounds)


def _written_forms(name: str, kind: FeatureType) -> Iterator[_Form]:
    """The name in standard characters; with digits written out; with Chinese characters only.

    What is left must still be a name: without its number, 2号路 is none.
    """
    written = normal_form(name)
    form = _Form(in_standard_characters(written))
    if form.name != name:
        form = _Form(form.name, (message("suggest.standard"),))
    if all(map(is_han, form.name)):
        yield form
        return
    spoken = form.name.translate(han_digits())
    root = spoken.removesuffix(generic_of(spoken, kind))
    if all(map(is_han, spoken)) and not counted("".join(NUMERALS)).fullmatch(root):
        yield _Form(spoken, (*form.grounds, message("suggest.numerals")))
    noted = _NOTE.sub("", form.name)
    own = generic_of(noted, kind)
    bare = "".join(filter(is_han, counted("0-9").sub("", noted.removesuffix(own))))
    if len(bare) >= _LEAST:
        lost = "".join(c for c in form.name if c not in bare + own)
        yield _Form(bare + own, (*form.grounds, message("suggest.marks", found=lost)))


def _mended(desk: Desk, form: _Form) -> Iterator[_Form]:
    """A form without the words its findings object to, and with generics that may fit."""
    kind = desk.request.feature_type
    if desk.judge(form.name) is None:
        return
    stack = stacked_generics(form.name, kind)
    if stack is not None:
        root = form.name.removesuffix("".join(stack))
        for generic in reversed(stack):
            single = _Form(root + generic, (*form.grounds, message("suggest.stack")))
            yield single
            yield from _mended(desk, single)
        return
    words, doubted = desk.at_fault(form.name)
    bare, own = _without(form.name, words, desk)
    if len(bare) < _LEAST:
        return
    grounds = form.grounds
    if words:
        grounds = (*grounds, message("suggest.dropped", words="、".join(words)))
        if own:
            yield _Form(bare + own, grounds)
    if words or doubted:
        for row in ordinary_generics(kind, desk.request.facts.road_class):
            if row["generic"] != own:
                said = message("suggest.generic", generic=row["generic"])
                yield _Form(bare + row["generic"], (*grounds, said))


def _without(name: str, words: tuple[str, ...], desk: Desk) -> tuple[str, str]:
    """Specific and generic of a name once some words are taken out of it."""
    rest = name
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    rest = rest.strip(connectives())
    own = generic_of(rest, desk.request.feature_type)
    return rest.removesuffix(own).strip(connectives()), own
