"""Text or JSON to the tree of a filter, within limits.

The grammar of the text is that of the cql2 library; what it lets through is checked by the
compiler like any other JSON.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

from geo_service.errors import InputError

MAX_LENGTH = 4_000
"""Characters; an address holds not much more."""
MAX_DEPTH = 24
MAX_PARTS = 500
_MAX_OPEN = 64
"""Brackets that are open at once, and signs and negations: what the grammar descends by."""


class Language(StrEnum):
    """The two ways of writing a filter."""

    TEXT = "cql2-text"
    JSON = "cql2-json"


def tree_of(text: str, language: Language) -> Any:
    """The tree of a filter as CQL2 JSON has it.

    Raises InputError filter_too_long, filter_too_deep, filter_malformed.
    """
    if len(text) > MAX_LENGTH:
        raise InputError("filter_too_long", limit=MAX_LENGTH)
    tree = _read_text(text) if language is Language.TEXT else _read_json(text)
    _weigh(tree, MAX_DEPTH, [MAX_PARTS])
    return tree


def _read_text(text: str) -> Any:
    from cql2 import ParseError, parse_text  # noqa: PLC0415 - only for those who filter

    if _opened(text) > _MAX_OPEN:
        raise InputError("filter_too_deep", limit=MAX_DEPTH)
    try:
        return parse_text(text).to_json()
    except RecursionError as error:
        raise InputError("filter_too_deep", limit=MAX_DEPTH) from error
    except ParseError as error:
        raise InputError("filter_malformed", detail=_place(str(error))) from error
    except Exception as error:  # the library has no class of its own for what it cannot write out
        raise InputError("filter_malformed", detail=str(error)[:80]) from error


def _opened(text: str) -> int:
    deepest = open_now = 0
    for character in text:
        open_now += (character == "(") - (character == ")")
        deepest = max(deepest, open_now)
    return max(deepest, text.upper().count("NOT"))


def _place(told: str) -> str:
    """Where the grammar stopped, as line:column."""
    return told.partition("-->")[2].strip().partition("\n")[0].strip() or "1:1"


def _read_json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_number)
    except RecursionError as error:
        raise InputError("filter_too_deep", limit=MAX_DEPTH) from error
    except json.JSONDecodeError as error:
        raise InputError("filter_malformed", detail=f"{error.lineno}:{error.colno}") from error
    except ValueError as error:  # a number too long for an int, or none at all
        raise InputError("filter_malformed", detail=str(error)[:80]) from error


def _no_number(name: str) -> None:
    raise ValueError(name)


def _weigh(tree: Any, depth: int, left: list[int]) -> None:
    """Refuse a tree of too many levels or parts; coordinates count by the length of the text."""
    left[0] -= 1
    if depth < 0 or left[0] < 0:
        raise InputError("filter_too_deep", limit=MAX_DEPTH)
    if isinstance(tree, dict):
        inner = [value for key, value in tree.items() if key not in ("coordinates", "geometries")]
    else:
        inner = tree if isinstance(tree, list) else []
    for part in inner:
        _weigh(part, depth - 1, left)
