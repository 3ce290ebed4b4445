"""The 8,105 standard characters (通用规范汉字表 2013), their levels, readings and other forms."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from geo_service.lexicons import Cells, Table, lexicon

_HAN_BLOCKS = (
    (0x2E80, 0x2FDF),  # radicals: drawn like characters, and pasted instead of them
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)

_COMMON = re.compile("[^\u2e80-\u2fdf]*").fullmatch
"""Text without radicals: the table need not be read."""


@dataclass(frozen=True, slots=True)
class StandardCharacter:
    """One character of the table: number 1–8105, level 1–3, readings with tone marks."""

    character: str
    number: int
    level: int
    readings: tuple[str, ...]


def _standard(cells: Cells) -> StandardCharacter:
    return StandardCharacter(
        cells["character"],
        int(cells["number"]),
        int(cells["level"]),
        tuple(cells["readings"].split()),
    )


@cache
def _table() -> Table:
    return lexicon("standard_characters", "character")


@cache
def _rows() -> dict[str, list[str]]:
    return _table().by("character")


@lru_cache(maxsize=1 << 14)
def standard_character(character: str) -> StandardCharacter | None:
    """The entry of a character, None outside the table.

    Only what is asked for is built, and kept up to a limit: a name may hold any code point.
    """
    cells = _rows().get(character)
    return None if cells is None else _standard(_table().row(cells))


def is_standard(character: str) -> bool:
    """Whether a character stands in the table."""
    return character in _rows()


@dataclass(frozen=True, slots=True)
class OtherForm:
    """The standard character for a form outside the table; `variant` where it is not merely
    the traditional writing, so that a person must say whether the two are one.
    """

    standard: str
    variant: bool


@cache
def _other_forms() -> dict[str, OtherForm]:
    table = lexicon("traditional_forms", "character")
    return {
        cells["character"]: OtherForm(cells["standard"], cells["kind"] == "variant")
        for cells in table.rows
    }


def in_standard_characters(text: str) -> str:
    """The text with traditional, variant and compatibility forms turned to standard characters."""
    if _rows().keys() >= set(text):
        return text
    forms = ((character, standard_form(character)) for character in text)
    return "".join(form.standard if form else character for character, form in forms)


@cache
def _local_characters() -> frozenset[tuple[str, str]]:
    table = lexicon("local_characters", "territory", "character")
    return frozenset((cells["territory"], cells["character"]) for cells in table.rows)


def is_han(character: str) -> bool:
    """Whether a character is a Chinese one, inside the table or not (〇 included)."""
    point = ord(character)
    return character == "〇" or any(low <= point <= high for low, high in _HAN_BLOCKS)


def has_han(text: str) -> bool:
    """Whether a Chinese character stands in the text."""
    return any(map(is_han, text))


@cache
def _radicals() -> dict[int, str]:
    rows = lexicon("radical_forms", "radical").body
    return {ord(radical): character for radical, character in rows}


def unified(text: str) -> str:
    """The text with compatibility forms folded (NFKC) and radicals turned to the ideographs they
    look like: ⻢家 → 马家.
    """
    folded = unicodedata.normalize("NFKC", text)
    return folded if _COMMON(folded) else folded.translate(_radicals())


def standard_form(character: str) -> OtherForm | None:
    """What a traditional, variant or compatibility form stands for, if known."""
    folded = unified(character)
    if folded != character and is_standard(folded):
        return OtherForm(folded, variant=False)
    return _other_forms().get(folded)


def is_local(character: str, jurisdiction: str) -> bool:
    """Whether a rare character is already in registered names of that city (six-digit code)."""
    return (jurisdiction[:4], character) in _local_characters()
