"""The written form by which names are compared, and the characters that nobody sees."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

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


def normal_form(name: str) -> str:
    """The form by which two names are the same: NFKC, without blanks and invisible characters.

    The register keeps the name as written; this form is only a key. Compatibility ideographs
    (U+F900…) become the ordinary ones, full-width letters and digits the plain ones.
    """
    if _PLAIN(name):
        return name
    folded = unicodedata.normalize("NFKC", name)
    return "".join(c for c in folded if not _is_hidden(c))
