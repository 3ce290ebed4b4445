"""The pieces a description is read into, and the text made plain for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from geo_service.domain.alignment import AlignmentNode
from geo_service.language.alignment import words
from geo_service.language.alignment.ends import MARKER, REACH
from geo_service.language.alignment.numbers import flat

_SEPARATORS = frozenset(",;。:!?\n")
_BRACKETS = {"(": ")", "「": "」", "“": "”", "《": "》"}
CLOSING = frozenset(_BRACKETS.values())
NUMBERED = re.compile(
    r"(?:第?[零〇一二三四五六七八九十0-9]{1,3}(?:段|、|[.)](?![0-9]))"
    r"|\([零〇一二三四五六七八九十0-9]{1,3}\)|[①-⑳]|[东南西北中](?:段|线)(?=[从由自:,]|$))"
)
"""The number of an item of a list: 第一段, 一、, (二), ③, 东段."""
LINE_WORDS = ("界线", "边界", "段", "全线")


class Role(StrEnum):
    """What a piece does."""

    HEADER = "header"
    START = "start"
    SUBJECT = "subject"
    TURN = "turn"
    DIRECTION = "direction"
    ALONG = "along"
    VIA = "via"
    CROSS = "cross"
    TO = "to"
    TURNED_AT = "at"
    SENSE = "sense"
    AZIMUTH = "azimuth"
    DISTANCE = "distance"
    LENGTH = "length"
    BEING = "being"
    LOCATING = "locating"
    FILLER = "filler"
    SEPARATOR = "separator"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece with its place in the squeezed text.

    `text` is what the verb governs; `value` what the word itself says; `figure` a number in
    metres or degrees; `nodes` the ends named; `trailing` a figure with which a sentence ends.
    """

    role: Role
    start: int
    end: int
    text: str = ""
    value: str = ""
    figure: float = 0.0
    approximate: bool = False
    turn: bool = False
    nodes: tuple[AlignmentNode, ...] = ()
    trailing: bool = False


@dataclass(frozen=True, slots=True)
class Squeezed:
    """A text in plain characters without blanks, and where each character came from."""

    text: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """A place of the squeezed text in the text as handed in."""
        return self.places[start], self.places[end - 1] + 1


def squeeze(raw: str) -> Squeezed:
    """Full-width forms made plain and blanks left out; a new line that begins a segment stays."""
    text = flat(raw)
    kept: list[int] = []
    broken = False
    for place, character in enumerate(text):
        if character.isspace() or not character.isprintable():
            broken = broken or character == "\n"
            continue
        if broken and kept and _begins_line(text, place):
            kept.append(-place)
        broken = False
        kept.append(place)
    letters = "".join("\n" if place < 0 else text[place] for place in kept)
    return Squeezed(letters, tuple(abs(place) for place in kept))


def _begins_line(text: str, place: int) -> bool:
    limit = min(len(text), place + 8)
    return bool(
        words.words_of("start").at(text, place, limit)
        or text.startswith(LINE_WORDS, place)
        or NUMBERED.match(text, place, limit)
        or MARKER.match(text, place, place + REACH)
    )


def with_trailing(found: Iterator[Piece]) -> list[Piece]:
    """The pieces, the figures that only close a sentence marked: 至2号界桩, 真方位角 …, 距离 …"""
    read = list(found)
    closing = True
    for number in range(len(read) - 1, -1, -1):
        piece = read[number]
        if piece.role is Role.SEPARATOR and piece.value in "。\n;":
            closing = True
        elif piece.role in (Role.AZIMUTH, Role.DISTANCE):
            read[number] = replace(piece, trailing=closing)
        elif piece.role not in (Role.FILLER, Role.SEPARATOR, Role.LENGTH):
            closing = False
    return read


def chunks(text: str) -> Iterator[tuple[int, int]]:
    """From where to where no separator stands, outside brackets."""
    closing = closing_places(text)
    start = place = 0
    while place < len(text):
        if place in closing:
            place = closing[place]
        elif text[place] in _SEPARATORS and not _groups_digits(text, place):
            yield start, place
            start = place + 1
        place += 1
    yield start, len(text)


def _groups_digits(text: str, place: int) -> bool:
    after = text[place + 1 : place + 5]
    return (
        text[place] == ","
        and text[place - 1 : place].isdigit()
        and after[:3].isdecimal()
        and len(after[:3]) == 3
        and not after[3:].isdecimal()
    )


def closing_places(text: str) -> dict[int, int]:
    """Where each opening bracket is closed; one that is not closed is an ordinary character."""
    open_at: dict[str, list[int]] = {closing: [] for closing in CLOSING}
    found: dict[int, int] = {}
    for place, character in enumerate(text):
        if character in _BRACKETS:
            open_at[_BRACKETS[character]].append(place)
        elif character in CLOSING and open_at[character]:
            found[open_at[character].pop()] = place
        elif character in "。;":
            open_at = {closing: [] for closing in CLOSING}
    return found
