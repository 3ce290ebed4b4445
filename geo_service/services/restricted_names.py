"""The bureau's own file of names that may not be used (领导人姓名): read once, never repeated.

UTF-8, one name a line. Lines beginning with `#` are remarks; together they salt the digest, so
at least one remark of the bureau's own making is required. Errors tell the line, never its text.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from geo_service.domain.restricted import RestrictedNames
from geo_service.errors import ConfigError
from geo_service.language.normalise import normal_form

if TYPE_CHECKING:
    from pathlib import Path

_SALT_LENGTH = 16
_SHORTEST = 2
"""A single character would forbid half of all names."""


def load_restricted(path: Path) -> RestrictedNames:
    """The list in the file. Raises ConfigError where it cannot be read, or has no salt."""
    try:
        # A byte order mark, as editors on Windows write it, is no part of the first line.
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        # The cause may quote the text of the file.
        raise ConfigError("restricted_unreadable", path=path) from None
    remarks = "\n".join(line.removeprefix("#").strip() for line in lines if line.startswith("#"))
    if len(remarks) < _SALT_LENGTH:
        raise ConfigError("restricted_unsalted", path=path, length=_SALT_LENGTH)
    words = frozenset(_words(path, lines))
    salted = "\n".join((remarks, *sorted(words)))
    return RestrictedNames(words, hashlib.sha256(salted.encode()).hexdigest())


def _words(path: Path, lines: list[str]) -> list[str]:
    found = []
    for number, line in enumerate(lines, start=1):
        word = normal_form(line)
        if not word or line.startswith("#"):
            continue
        if len(word) < _SHORTEST:
            raise ConfigError("restricted_too_short", path=path, line=number)
        found.append(word)
    return found
