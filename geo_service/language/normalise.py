"""The written form by which names are compared, and the characters that nobody sees."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from geo_service.domain.place import FeatureType
from geo_service.language.characters import in_standard_characters, standard_form, unified
from geo_service.lexicons import lexicon

_INVISIBLE = frozenset(("Cf", "Cc", "Zs", "Zl", "Zp"))
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u034f\u2800")
"""Letters and marks that are drawn as nothing, though Unicode files them among the visible."""

_PLAIN = re.compile("[0-9A-Za-z\u4e00-\u9fff]*").fullmatch
"""Unified ideographs and ASCII stand for themselves: most names need no closer look."""


@dataclass(frozen=True, slots=True)
class HiddenCharacter:
    """A blank or control character inside a name: where it stands and which one it is."""

    position: int
    code_point: str
    title: str


def _is_hidden(character: str) -> bool:
    return (
        unicodedata.category(character) in _INVISIBLE
        or character in _BLANK_LETTERS
        or "\ufe00" <= character <= "\ufe0f"
        or "\U000e0100" <= character <= "\U000e01ef"
    )


def hidden_characters(name: str) -> tuple[HiddenCharacter, ...]:
    """Blanks, zero-width and direction characters of a name as written, in order."""
    return tuple(
        HiddenCharacter(i, f"U+{ord(c):04X}", unicodedata.name(c, "control character"))
        for i, c in enumerate(name)
        if _is_hidden(c)
    )


def visible(text: str) -> str:
    """A text for a terminal: characters that nobody sees, or that turn the line, as code points.

    Blanks and line feeds stay.
    """
    if text.isprintable():
        return text
    return "".join(f"<U+{ord(c):04X}>" if _is_unseen(c) else c for c in text)


def _is_unseen(character: str) -> bool:
    blank = character in "\n\t" or unicodedata.category(character) == "Zs"
    return not blank and _is_hidden(character)


def normal_form(name: str) -> str:
    """The form by which two names are the same: NFKC, without blanks and invisible characters.

    The register keeps the name as written; this form is only a key. Compatibility ideographs
    (U+F900…) and radicals (U+2E80…) become the ordinary ones, full-width letters and digits the
    plain ones.
    """
    if _PLAIN(name):
        return name
    visible = "".join(c for c in unified(name) if not _is_hidden(c))
    # Taking a blank away may bring a letter and an accent together: fold once more.
    return unicodedata.normalize("NFKC", visible)


class Alteration(StrEnum):
    """Why a character of a name is not compared, or should not stay, as it was written."""

    HIDDEN = "hidden"
    RADICAL = "radical"
    WIDTH = "width"
    COMPATIBILITY = "compatibility"
    TRADITIONAL = "traditional"
    VARIANT = "variant"


@dataclass(frozen=True, slots=True)
class AlteredCharacter:
    """A character as written, what it stands for, and why.

    `applied` tells what `normal_form` does of itself from what a person must correct: traditional
    and variant forms are other characters, and only named.
    """

    position: int
    character: str
    code_point: str
    becomes: str
    why: Alteration

    @property
    def applied(self) -> bool:
        """Whether names are compared with this character already altered."""
        return self.why not in (Alteration.TRADITIONAL, Alteration.VARIANT)


def altered_characters(name: str) -> tuple[AlteredCharacter, ...]:
    """Every character of a name that does not stand for itself, in order, with its code point."""
    if _PLAIN(name) and in_standard_characters(name) == name:
        return ()
    return tuple(
        AlteredCharacter(position, character, f"U+{ord(character):04X}", becomes, why)
        for position, character in enumerate(name)
        for becomes, why in _alteration(character)
    )


def _alteration(character: str) -> Iterator[tuple[str, Alteration]]:
    folded, other = unified(character), standard_form(character)
    if _is_hidden(character):
        yield "", Alteration.HIDDEN
    elif folded != character:
        yield folded, _folding(character)
    elif other is not None:
        yield other.standard, Alteration.VARIANT if other.variant else Alteration.TRADITIONAL


def _folding(character: str) -> Alteration:
    if "\u2e80" <= character <= "\u2fdf":
        return Alteration.RADICAL
    return Alteration.WIDTH if "\uff00" <= character <= "\uffef" else Alteration.COMPATIBILITY


@cache
def _committees() -> tuple[tuple[str, str], ...]:
    rows = lexicon("committee_suffixes", "suffix").rows
    return tuple((cells["suffix"], cells["place_ending"]) for cells in rows)


def committee_cut(name: str) -> tuple[str, str]:
    """The name of a village and the words for its committee, empty where there are none."""
    suffixes = (suffix for suffix, _ in _committees())
    found = next((s for s in suffixes if name.endswith(s) and name != s), "")
    return name.removesuffix(found), found


def compared_form(name: str, feature_type: FeatureType) -> str:
    """The form by which duplicates are told: for a village, its own name and not its committee's.

    常家村村民委员会, 常家村委会 and 常家村 are one name; other types keep their normal form.
    """
    written = normal_form(name)
    if feature_type is FeatureType.VILLAGE:
        for suffix, ending in _committees():
            place = written.removesuffix(suffix)
            if place and place != written:
                return place if place.endswith(ending) else place + ending
    return written


def registered_forms(name: str, feature_type: FeatureType) -> tuple[str, ...]:
    """The normal forms under which a register may hold a name of the same compared form."""
    place = compared_form(name, feature_type)
    if feature_type is not FeatureType.VILLAGE:
        return (place,)
    forms = [place]
    for suffix, ending in _committees():
        if place.endswith(ending):
            forms += [place + suffix, place[: len(place) - len(ending)] + suffix]
    return tuple(dict.fromkeys(forms))
