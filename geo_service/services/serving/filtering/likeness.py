"""Matching a pattern of LIKE: % for any text, _ for one character, \\ before either to mean itself.

Pieces between the % are looked for one after another, each where it first stands. So the time
grows with pattern and text, and no pattern makes it explode.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

_MARK = re.compile(r"\\.|%|_|[^\\%_]+|\\", re.DOTALL)


def _pieces(pattern: str) -> list[re.Pattern[str]]:
    pieces = [""]
    for mark in _MARK.findall(pattern):
        if mark == "%":
            pieces.append("")
        elif mark == "_":
            pieces[-1] += "."
        else:
            pieces[-1] += re.escape(mark.removeprefix("\\") or "\\")
    return [re.compile(piece, re.DOTALL) for piece in pieces]


def like(pattern: str) -> Callable[[str], bool]:
    """What tells whether a whole text matches the pattern."""
    pieces = _pieces(pattern)
    if len(pieces) == 1:
        return lambda text: pieces[0].fullmatch(text) is not None
    first, *inner, last = pieces
    ending = re.compile(f"(?:{last.pattern})\\Z", re.DOTALL)
    return partial(_matches, first, inner, ending)


def _matches(
    first: re.Pattern[str], inner: list[re.Pattern[str]], ending: re.Pattern[str], text: str
) -> bool:
    found = first.match(text)
    for piece in inner:
        if found is None:
            return False
        found = piece.search(text, found.end())
    return found is not None and ending.search(text, found.end()) is not None
