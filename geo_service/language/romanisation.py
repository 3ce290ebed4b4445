"""Hanyu Pinyin spelling of Chinese-language names by the rules of 1984: (84)中地字第17号.

Specific and generic apart, syllables of a part joined, capitals, apostrophes, street ordinals in
digits, a modifier of one syllable joined to its part, villages and market towns in one word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from geo_service.domain.finding import Romanization
from geo_service.domain.place import FeatureType, ReadingSource
from geo_service.language.characters import in_standard_characters, is_han
from geo_service.language.normalise import committee_cut, normal_form
from geo_service.language.readings import Reading, read
from geo_service.language.sound import without_tones
from geo_service.language.split import NUMERALS, cut_phase, generic_of, split_name
from geo_service.lexicons import lexicon

_NUMERALS = {numeral: value for value, numeral in enumerate("〇一二三四五六七八九")}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_VOWELS = frozenset("aāáǎàoōóǒòeēéěè")
_INSIDE_OUTSIDE = frozenset("内外")
"""They belong to what they lie in or out of, not to the street: 朝阳门内/大街."""
_TWO_WORDS = re.compile("(..+[门寺])([东西南北]..*)|(第[一二三四五六七八九十]+)(..+)").fullmatch
"""A landmark and a part named from it (广安门/北滨河, 天宁寺/西里); a number before (第二/松花)."""
_INSIDE_UNIT = re.compile("(..+?(?:省|市|自治区|自治州)(?!级))(..+)").fullmatch
"""A unit named together with the one above it: 河北省/大城县."""
_BRACKETS = str.maketrans("", "", "()")
_BUILT = frozenset((FeatureType.ESTATE, FeatureType.BUILDING))
_AUTONOMOUS = ("自治", "民族", "乡")
_COMMUNITY = "社区"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a name that is written as one word.

    `number`: an ordinal, in digits; `settled`: a generic, whose reading is beyond doubt.
    """

    text: str
    number: bool = False
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Spelling:
    """A name cut into written parts, with a reading for each of its characters.

    `exact` is an official spelling that is no Hanyu Pinyin (Shaanxi, Hong Kong) for the first part;
    `offered` are other official spellings of that part, from a minority language for example.
    """

    parts: tuple[Part, ...]
    readings: tuple[Reading, ...]
    exact: str = ""
    offered: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The spelling proposed."""
        return self._written(self.readings, self.exact)

    @property
    def plain(self) -> str:
        """The spelling in Hanyu Pinyin with numbers read out, as it is often found."""
        return self._written(self.readings, "", digits=False)

    @property
    def root(self) -> str:
        """The spelling without the generic."""
        return self._written(self.readings, self.exact, settled=False)

    @property
    def generic(self) -> str:
        """The spelling of the generic with its modifier."""
        return self.text.removeprefix(self.root).strip()

    @property
    def official_others(self) -> tuple[str, ...]:
        """The spelling with each other official spelling of the first part."""
        return tuple(self._written(self.readings, offered) for offered in self.offered)

    @property
    def alternatives(self) -> tuple[str, ...]:
        """Every other reading of every character in turn, and other official spellings."""
        found = list(self.official_others)
        if self.exact:
            found.append(self._written(self.readings, ""))
        for i in self._doubtful():
            for other in self.readings[i].others:
                changed = (*self.readings[:i], Reading(other), *self.readings[i + 1 :])
                found.append(self._written(changed, self.exact))
        return tuple(text for text in dict.fromkeys(found) if text != self.text)

    @property
    def stored(self) -> bool:
        """Whether the reading of the specific is a stored one."""
        first = len(self.parts[0].text) if self.parts else 0
        return bool(self.exact) or bool(first and all(r.stored for r in self.readings[:first]))

    def _doubtful(self) -> Iterator[int]:
        whole = (part for part in self.parts for _ in part.text)
        return (i for i, part in enumerate(whole) if not (part.number or part.settled))

    def _written(
        self,
        readings: tuple[Reading, ...],
        exact: str,
        *,
        digits: bool = True,
        settled: bool = True,
    ) -> str:
        words, start = [], 0
        for part in self.parts:
            end = start + len(part.text)
            if part.settled and not settled:
                break
            if part.number and digits:
                words.append(_digits(part.text))
            else:
                words.append(
                    exact if exact and not start else _word(part.text, readings[start:end])
                )
            start = end
        # Official spellings have no tones: what stands beside one is written without them too.
        return without_tones(" ".join(words)) if exact else " ".join(words)


def _word(text: str, readings: tuple[Reading, ...]) -> str:
    """The syllables joined; letters of another script are no syllables and take no apostrophe."""
    pairs = zip(text, (reading.syllable for reading in readings), strict=True)
    word = "".join(f"'{s}" if s[0] in _VOWELS and is_han(c) else s for c, s in pairs)
    return _capital(word.removeprefix("'"))


def _capital(word: str) -> str:
    """With its first letter large, also behind a mark."""
    at = next((i for i, letter in enumerate(word) if letter.isalpha()), 0)
    return word[:at] + word[at : at + 1].upper() + word[at + 1 :]


def _digits(ordinal: str) -> str:
    value = ordinal_value(ordinal)
    number = ordinal if value is None else str(value)
    return f"Dì-{number}" if ordinal[0] == "第" else number


def ordinal_value(numeral: str) -> int | None:
    """The value of a number in Chinese numerals or digits: 二十一 → 21, 一二 → 12."""
    numeral = numeral.removeprefix("第")
    if not numeral:
        return None
    if numeral.isascii() and numeral.isdigit():
        return int(numeral)
    if not set(numeral) & _UNITS.keys():
        digits = [_NUMERALS.get(c) for c in numeral]
        return None if None in digits else int("".join(map(str, digits)))
    total, digit = 0, 0
    for character in numeral:
        if character in _UNITS:
            total += max(digit, 1) * _UNITS[character]
            digit = 0
        elif character in _NUMERALS:
            digit = _NUMERALS[character]
        else:
            return None
    return total + digit


def _generic(text: str) -> Part:
    return Part(text, settled=True)


def _unit_parts(name: str) -> list[Part]:
    nested = _INSIDE_UNIT(name)
    if nested and generic_of(nested[2], FeatureType.UNIT) not in ("", nested[2]):
        return _unit_parts(nested[1]) + _unit_parts(nested[2])
    parts = split_name(name, FeatureType.UNIT)
    if parts.kind == "village":
        return _village_parts(name)
    return [*map(Part, _peoples(parts.specific, parts.generic)), _generic(parts.generic)]


@cache
def _ethnic_names() -> tuple[str, ...]:
    """Names of peoples, long ones first; those of several syllables also short (新疆/维吾尔)."""
    full = [cells["name"] for cells in lexicon("ethnic_groups", "name").rows]
    short = [name.removesuffix("族") for name in full if len(name) >= 3]
    return tuple(sorted(full + short, key=len, reverse=True))


def _peoples(specific: str, generic: str) -> list[str]:
    """A place and the peoples of its autonomy apart: 孟村/回族, 围场/满族/蒙古族."""
    found: list[str] = []
    while generic.startswith(_AUTONOMOUS):
        people = next(filter(specific.endswith, _ethnic_names()), "")
        if not people or len(specific) < len(people) + 2:
            break
        specific = specific.removesuffix(people)
        found.insert(0, people)
    return [specific, *found]


def _village_parts(name: str) -> list[Part]:
    """A natural village in one word; its committee, or a community, is a generic of its own."""
    place, committee = committee_cut(name)
    if not committee and place.endswith(_COMMUNITY):
        return [Part(place.removesuffix(_COMMUNITY)), _generic(_COMMUNITY)]
    words = (committee[:-3], committee[-3:])  # 村民/委员会
    return [Part(place), *map(_generic, words)]


def _built_parts(name: str, feature_type: FeatureType) -> list[Part]:
    head, which, phase = cut_phase(name, feature_type)
    generic = generic_of(head, feature_type)
    parts = [*map(Part, _inner(head.removesuffix(generic), feature_type)), _generic(generic)]
    if which and set(which) <= NUMERALS:
        return [*parts, Part(which, number=True), _generic(phase)]
    return [*parts, _generic(which + phase)]


def _inner(specific: str, feature_type: FeatureType) -> list[str]:
    """Breaks inside a specific: a grown-in generic of several syllables stays a word of its own.

    包头/胡同/东巷, but 解放路/南小街.
    """
    two = _TWO_WORDS(specific)
    if two:
        return [word for word in two.groups() if word]
    inner = generic_of(specific, feature_type)
    if len(inner) > 1 and len(specific) > len(inner) + 1:
        return [specific.removesuffix(inner), inner]
    return [specific]


def _usual_parts(name: str, feature_type: FeatureType) -> list[Part]:
    parts = split_name(name, feature_type)
    specific, modifier = parts.specific, parts.modifier
    if modifier in _INSIDE_OUTSIDE and not parts.ordinal:
        specific, modifier = specific + modifier, ""
    ordinal = Part(parts.ordinal, number=True)
    return [*map(Part, _inner(specific, feature_type)), ordinal, _generic(modifier + parts.generic)]


def _parts(name: str, feature_type: FeatureType) -> tuple[Part, ...]:
    if feature_type is FeatureType.VILLAGE:
        found = _village_parts(name)
    elif feature_type is FeatureType.UNIT:
        found = _unit_parts(name)
    elif feature_type in _BUILT:
        found = _built_parts(name, feature_type)
    else:
        found = _usual_parts(name, feature_type)
    return tuple(part for part in found if part.text)


@cache
def _official() -> dict[str, list[tuple[str, str, bool]]]:
    found: dict[str, list[tuple[str, str, bool]]] = {}
    for cells in lexicon("official_spellings", "name", "spelling").rows:
        row = (cells["feature_type"], cells["spelling"], cells["use"] == "exact")
        found.setdefault(cells["name"], []).append(row)
    return found


def spell(name: str, feature_type: FeatureType) -> Spelling:
    """A name cut and read, for spelling it and for judging a spelling given."""
    written = in_standard_characters(normal_form(name)).translate(_BRACKETS)
    parts = _parts(written, feature_type)
    readings = read(written, accumulate(len(part.text) for part in parts))
    official = _official().get(parts[0].text, ()) if parts else ()
    fitting = [(text, exact) for kind, text, exact in official if kind in ("", feature_type.value)]
    return Spelling(
        parts,
        readings,
        exact=next((text for text, exact in fitting if exact), ""),
        offered=tuple(text for text, exact in fitting if not exact),
    )


def romanization_of(spelling: Spelling) -> Romanization:
    """The text of a spelling, whether its specific has a stored reading, and the others.

    `alternatives` holds the spelling under every other reading of every character that no table
    of places settles: a person picks the one used in place.
    """
    source = ReadingSource.STORED if spelling.stored else ReadingSource.GUESSED
    return Romanization(spelling.text, source, spelling.alternatives)


def romanise(name: str, feature_type: FeatureType) -> Romanization:
    """The proposed spelling of a name as written."""
    return romanization_of(spell(name, feature_type))
