"""What stands in records, reports and receipts in the place of a personal value: 手机号码:p3f….

In brackets of its own, a token names the kind and the id of the value, and nothing of it. Whoever
may see more is shown a masked form in its place, as long as the value is there.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from geo_service.domain.person import PersonalKind
from geo_service.messages import message

_TOKEN = re.compile("\u3014([^\u3014\u3015]+):(p[0-9a-f]{16})\u3015")
_ID_BYTES = 8

Random = Callable[[int], str]
"""Gives so many random bytes in hexadecimal."""


def new_id(random: Random = secrets.token_hex) -> str:
    """The id of another value."""
    return f"p{random(_ID_BYTES)}"


def token(kind: PersonalKind, value_id: str) -> str:
    """What stands for a value."""
    return f"\u3014{message(f'person.kind_{kind}').zh}:{value_id}\u3015"


def ids_in(text: str) -> set[str]:
    """Ids of the values that a text speaks of."""
    return {found[2] for found in _TOKEN.finditer(text)}


def renamed(told: Any, ids: Mapping[str, str]) -> Any:
    """Texts, and lists and mappings of them, with other ids in their tokens."""
    return _each(told, lambda found: found[0].replace(found[2], ids.get(found[2], found[2])))


def with_masks(told: Any, masks: Mapping[str, str]) -> Any:
    """The same with masked forms in the place of ids; what was erased says so."""
    gone = message("person.erased").zh
    return _each(told, lambda found: f"\u3014{found[1]}:{masks.get(found[2], gone)}\u3015")


def _each(told: Any, put: Callable[[re.Match[str]], str]) -> Any:
    if type(told) is str:  # an enumeration stays what it is
        return _TOKEN.sub(put, told) if "\u3014" in told else told
    if isinstance(told, Mapping):
        return {key: _each(value, put) for key, value in told.items()}
    if isinstance(told, list | tuple):
        return type(told)(_all(told, put))
    return told


def _all(told: Iterable[Any], put: Callable[[re.Match[str]], str]) -> list[Any]:
    return [_each(item, put) for item in told]
