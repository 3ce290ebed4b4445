"""How alike two syllables or characters are: weights, confusions and look-alikes from the tables.

Likenesses run from 0 to 1 and multiply: the chance that every part of a name is taken for its
counterpart. A class joins all syllables that the standard confusions link, near or far: names are
filed by classes, so that no near sound is missed, and graded by likeness.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from geo_service.errors import ConfigError
from geo_service.language.characters import standard_character, standard_form
from geo_service.language.readings import customary_reading
from geo_service.language.sound import tone_of, toneless
from geo_service.lexicons import Cells, lexicon

STANDARD = "standard"
"""The confusions that always count; the other profiles of the table are dialects."""

_INITIALS = (*("zh", "ch", "sh"), *"bpmfdtnlgkhjqxrzcsyw")

Pair = frozenset[str]


@dataclass(frozen=True, slots=True)
class Syllable:
    """One reading of a character: `sound` without tone, ü as v; tone 0 where none is marked."""

    sound: str
    tone: int = 0


@dataclass(frozen=True, slots=True)
class Nearness:
    """How alike two sounds are, and by which confusions (keys of messages)."""

    likeness: float
    reasons: tuple[str, ...] = ()


@cache
def weight(name: str) -> float:
    """A factor of the likeness, or the threshold, by its name in the table."""
    return _weights()[name]


def threshold() -> float:
    """The likeness from which two names count as easily confused."""
    return weight("threshold")


@cache
def _weights() -> dict[str, float]:
    table = lexicon("likeness_weights", "weight")
    found = dict(table.typed(lambda cells: (cells["weight"], float(cells["value"]))))
    lone = max(found["other_initial"], found["other_final"], found["lookalike"] ** 2)
    if not lone < found["threshold"]:
        # Names are found by keys that take this for granted: it must not be edited away.
        detail = "other_initial, other_final and lookalike × lookalike must lie below threshold"
        raise ConfigError("lexicon_malformed", file=table.name, row=0, detail=detail)
    return found


def _nearness(cells: Cells) -> Nearness:
    return Nearness(float(cells["similarity"]), (cells["reason"],))


@cache
def _confusions(profile: str, kind: str) -> dict[Pair, Nearness]:
    table = lexicon("likeness_confusions", "profile", "kind", "one", "other")
    return {
        frozenset((cells["one"], cells["other"])): near
        for cells, near in zip(table.rows, table.typed(_nearness), strict=True)
        if cells["profile"] == profile and cells["kind"] == kind
    }


@cache
def _heard(dialect: str, kind: str) -> dict[Pair, Nearness]:
    """The standard confusions with those of the dialect, if one is given."""
    return (_confusions(dialect, kind) if dialect else {}) | _confusions(STANDARD, kind)


@cache
def dialects() -> tuple[str, ...]:
    """The dialects of the table, none of which counts unless asked for."""
    table = lexicon("likeness_confusions", "profile", "kind", "one", "other")
    return tuple(sorted({cells["profile"] for cells in table.rows} - {STANDARD}))


def _cut(sound: str) -> tuple[str, str]:
    initial = next((i for i in _INITIALS if sound.startswith(i)), "")
    return initial, sound[len(initial) :]


def _part(one: str, other: str, dialect: str, kind: str) -> Nearness:
    if one == other:
        return Nearness(1.0)
    unlisted = Nearness(weight(f"other_{kind}"))
    return _heard(dialect, kind).get(frozenset((one, other)), unlisted)


@lru_cache(maxsize=1 << 16)
def sound_nearness(one: str, other: str, dialect: str = "") -> Nearness:
    """How alike two toneless syllables are by the standard table and, if given, a dialect."""
    if one == other:
        return Nearness(1.0)
    if not (one.isascii() and other.isascii()):
        return Nearness(0.0)  # without a Chinese reading it stands for itself alone
    (initial, final), (their_initial, their_final) = _cut(one), _cut(other)
    first = _part(initial, their_initial, dialect, "initial")
    last = _part(final, their_final, dialect, "final")
    parts = Nearness(first.likeness * last.likeness, first.reasons + last.reasons)
    whole = _heard(dialect, "syllable").get(frozenset((one, other)), parts)
    return whole if whole.likeness > parts.likeness else parts


class _Classes:
    """Union of whatever a confusion links; a class is named by its first member."""

    def __init__(self, pairs: dict[Pair, Nearness]) -> None:
        self._parent: dict[str, str] = {}
        for pair in pairs:
            self.join(*pair)

    def join(self, one: str, other: str) -> None:
        first, last = sorted((self.of(one), self.of(other)))
        if first != last:
            self._parent[last] = first

    def of(self, member: str) -> str:
        while member in self._parent:
            member = self._parent[member]
        return member


@cache
def _part_classes(kind: str) -> _Classes:
    return _Classes(_confusions(STANDARD, kind))


def _by_parts(sound: str) -> str:
    initial, final = _cut(sound)
    return _part_classes("initial").of(initial) + _part_classes("final").of(final)


@cache
def _syllable_classes() -> _Classes:
    classes = _Classes({})
    for one, other in map(sorted, _confusions(STANDARD, "syllable")):
        classes.join(_by_parts(one), _by_parts(other))
    return classes


@lru_cache(maxsize=1 << 14)
def sound_class(sound: str) -> str:
    """The class of a toneless syllable: xin, xing → xin; rong, long, nong → long."""
    return _syllable_classes().of(_by_parts(sound)) if sound.isascii() else sound


def _syllable(reading: str) -> Syllable:
    return Syllable(toneless(reading), tone_of(reading))


@lru_cache(maxsize=1 << 14)
def syllables_of(character: str) -> tuple[Syllable, ...]:
    """The readings of a character, customary first; one without readings stands for itself."""
    row = standard_character(character)
    if row is None:
        form = standard_form(character)
        row = standard_character(form.standard) if form else None
    readings = row.readings if row else (customary_reading(character),)
    return tuple(dict.fromkeys(map(_syllable, readings)))


@lru_cache(maxsize=1 << 14)
def classes_of(character: str) -> tuple[str, ...]:
    """The distinct sound classes of a character's readings, customary first."""
    return tuple(dict.fromkeys(sound_class(s.sound) for s in syllables_of(character)))


@cache
def _lookalikes() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for cells in lexicon("lookalike_characters", "one", "other").rows:
        found.setdefault(cells["one"], []).append(cells["other"])
        found.setdefault(cells["other"], []).append(cells["one"])
    return {character: tuple(others) for character, others in found.items()}


def lookalikes_of(character: str) -> tuple[str, ...]:
    """The characters that are easily read for this one, empty for most."""
    return _lookalikes().get(character, ())


@lru_cache(maxsize=1 << 12)
def dialect_classes(sound: str, dialect: str) -> tuple[str, ...]:
    """The other sound classes that a dialect takes for a toneless syllable."""
    if not dialect:
        return ()
    near = (s for s in _all_sounds() if sound_nearness(sound, s, dialect).likeness >= threshold())
    return tuple(sorted(set(map(sound_class, near)) - {sound_class(sound)}))


@cache
def _all_sounds() -> tuple[str, ...]:
    rows = lexicon("standard_characters", "character").rows
    return tuple(sorted({toneless(r) for cells in rows for r in cells["readings"].split()}))
