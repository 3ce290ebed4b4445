"""What somebody typed into the search box: characters, pinyin as it may be cut, initials."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice, product

from geo_service.language.characters import is_han, standard_form
from geo_service.language.normalise import normal_form
from geo_service.language.sound import TONE_MARKS
from geo_service.lexicons import lexicon
from geo_service.services.searching.syllables import (
    INITIALS,
    UNREAD,
    alphabet,
    beginning,
    number_of,
    said,
    sounds,
)

MAX_READINGS = 16
"""A text of many heteronyms or cuts is looked up in the likeliest ways only."""

_MARKS = {mark: str(tone) for mark, tone in TONE_MARKS.items()} | {"\u0308": ""}
_APART = re.compile(r"[\s'\u2019\u2018\u02bc`\-\u00b7]+")
_LONGEST = 6
_VOWELS = frozenset("aeiouv")


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to say the text: syllable numbers, their tones (0 = not told), and letters of one
    more syllable that is not yet complete.
    """

    syllables: tuple[int, ...]
    tones: tuple[int, ...] = ()
    begun: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """The text in all the ways it is looked up.

    `written` is the compared form in standard characters. `readings` come from characters where
    `han`, else from pinyin. `initials` are letters that may be the first ones of the syllables.
    """

    text: str
    written: str
    han: bool
    readings: tuple[Reading, ...]
    initials: str


@cache
def _plain_forms() -> dict[int, str]:
    found = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    for character in lexicon("traditional_forms", "character").by("character"):
        form = standard_form(character)
        if form is not None and len(form.standard) == 1:
            found[ord(character)] = form.standard
    return found


def folded(name: str) -> str:
    """The compared form of a name, traditional and variant characters made standard, letters small.

    As long as the compared form: one character for each.
    """
    return normal_form(name).translate(_plain_forms())


def understood(text: str) -> Query:
    """The query for a text; a text of characters is also heard, one of letters also cut."""
    written = folded(text)
    han = any(map(is_han, written))
    if han:
        return Query(text, written, han, tuple(_said(written)), "")
    readings = tuple(islice(dict.fromkeys(_spelled(text)), MAX_READINGS))
    initials = written if re.fullmatch(f"[a-z]{{2,{INITIALS}}}", written) else ""
    return Query(text, written, han, readings, initials)


def spelt(spelling: str, form: str) -> tuple[int, ...]:
    """The syllables of a name by its romanization, empty where that cannot be cut so."""
    if not spelling:
        return ()
    usual = said(form)
    if _plain_letters(spelling) == "".join(alphabet()[n - 1] for n in usual if n != UNREAD):
        return usual  # as nearly always: no cut need be looked for
    cuts = islice(_spelled(spelling), MAX_READINGS)
    whole = (cut.syllables for cut in cuts if not cut.begun and len(cut.syllables) == len(form))
    return next(whole, ())


def _plain_letters(spelling: str) -> str:
    parts = unicodedata.normalize("NFD", spelling.lower()).replace("u\u0308", "v")
    return "".join(c for c in parts if "a" <= c <= "z")


def _said(written: str) -> Iterator[Reading]:
    usual = said(written)
    yield Reading(usual)
    ways = [
        tuple(dict.fromkeys((number, *(int(t[ord(c)]) for t in sounds() if t[ord(c)]))))
        for c, number in zip(written, usual, strict=True)
    ]
    yield from map(Reading, islice(product(*ways), 1, MAX_READINGS))


def _spelled(text: str) -> Iterator[Reading]:
    tokens = [_letters(token) for token in _APART.split(text.strip().lower()) if token]
    if not tokens or not all(tokens):
        return
    *whole, last = tokens
    ways = [list(islice(_cuts(token, ""), MAX_READINGS)) for token in whole]
    ends = list(islice(_cuts(last, ""), MAX_READINGS)) + list(islice(_begun(last), MAX_READINGS))
    for parts in islice(product(*ways, ends), MAX_READINGS * 4):
        yield Reading(
            tuple(number for part in parts for number in part.syllables),
            tuple(tone for part in parts for tone in part.tones),
            parts[-1].begun,
        )


Letters = tuple[tuple[str, str], ...]
"""Letters with the tone written on each, "" for none; a tone digit stands on the letter before."""


def _letters(token: str) -> Letters:
    """The letters of a token with their tones; empty where it holds anything else."""
    found: list[tuple[str, str]] = []
    for mark in unicodedata.normalize("NFD", unicodedata.normalize("NFKC", token)):
        if mark == "\u0308" and found and found[-1][0] == "u":
            found[-1] = ("v", found[-1][1])
        elif mark in _MARKS and found:
            found[-1] = (found[-1][0], _MARKS[mark])
        elif mark in "12345" and found:
            found[-1] = (found[-1][0], mark + "|")
        elif "a" <= mark <= "z":
            found.append((mark, ""))
        else:
            return ()
    return tuple(found)


def _piece(letters: Letters) -> tuple[int, int] | None:
    """Number and tone of letters that make one syllable."""
    word = "".join(letter for letter, _ in letters)
    number = number_of().get(word) if _VOWELS & set(word) else None
    marks = [tone for _, tone in letters if tone]
    # A tone digit ends its syllable; two marks never stand on one.
    if number is None or len(marks) > 1 or any("|" in tone for _, tone in letters[:-1]):
        return None
    return number, int(marks[0][0]) if marks else 0


def _cuts(letters: Letters, begun: str) -> Iterator[Reading]:
    """All cuts into whole syllables, longer syllables first.

    Worked out from the end, so that no cut is followed that leads nowhere: the number of cuts
    doubles with every syllable, and somebody may type a hundred letters.
    """
    size = len(letters)
    onward: dict[int, list[tuple[int, int, int]]] = {size: []}
    for start in range(size - 1, -1, -1):
        pieces = [
            (end, *piece)
            for end in range(min(size, start + _LONGEST), start, -1)
            if end in onward and (piece := _piece(letters[start:end]))
        ]
        if pieces:
            onward[start] = pieces

    def walk(start: int) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
        if start == size:
            yield (), ()
        for end, number, tone in onward.get(start, ()):
            for numbers, tones in walk(end):
                yield (number, *numbers), (tone, *tones)

    return (Reading(numbers, tones, begun) for numbers, tones in walk(0))


def _begun(letters: Letters) -> Iterator[Reading]:
    """Cuts whose last piece is the beginning of a syllable: somebody is still typing."""
    for length in range(1, min(_LONGEST, len(letters)) + 1):
        tail = letters[len(letters) - length :]
        word = "".join(letter for letter, _ in tail)
        low, high = beginning(word)
        whole = alphabet()[low - 1 : high] == (word,)
        if low <= high and not whole and not any(tone for _, tone in tail):
            yield from _cuts(letters[: len(letters) - length], word)
