"""NM-POL-01: central organs, their seats and landmarks, and what sounds like them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.normalise import normal_form
from geo_service.language.sound import sound_keys, sounds_of
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._subjects import (
    BUILT,
    EXISTING,
    FACILITIES,
    KEPT,
    NEW,
    OLD_STANDING,
    PROTECTED,
    ROADS,
)
from geo_service.rules.names._words import untouched, word_set, word_table

_CAPITAL = "11"
"""Division code of Beijing, where these places are."""

_MESSAGES = {
    "seat": Text("含有中央机关所在地或者标志性建筑名称“{word}”", "names a central seat: '{word}'"),
    "organ": Text("含有中央机关名称“{word}”", "names a central organ: '{word}'"),
    "office": Text("含有国家机关、职位名称“{word}”", "names an organ or office of state: '{word}'"),
    "sense": Text("含有特定政治含义的词语“{word}”", "holds a word of political sense: '{word}'"),
}
_HEARD = Text("“{found}”谐音“{word}”", "'{found}' sounds like '{word}'")
_QUESTION = Text(
    "“{word}”是否经批准使用，或者另有当地来历？",
    "Is '{word}' used with approval, or has it a local origin of its own?",
)


@cache
def _heard() -> dict[tuple[str, ...], str]:
    """The words a name should not sound like, by their toneless syllables."""
    rows = word_table("central_organ_names").values()
    asked = [cells["word"] for cells in rows if cells["by_sound"]]
    return {tuple(sound_keys(word)[0].split()): word for word in asked}


@cache
def _openings() -> frozenset[str]:
    return frozenset(syllables[0] for syllables in _heard())


def _homophones(name: str) -> Iterator[tuple[str, str]]:
    """Parts of a name that sound like a listed word, other than in the same characters."""
    for start, character in enumerate(name):
        if _openings().isdisjoint(sounds_of(character)):
            continue
        for syllables, word in _heard().items():
            found = name[start : start + len(syllables)]
            if (
                len(found) == len(syllables)
                and found != word
                and all(s in sounds_of(c) for s, c in zip(syllables, found, strict=True))
            ):
                yield found, word


def _check(case: NameCase, context: NameContext) -> Iterator[Evidence]:
    if context.city.code.startswith(_CAPITAL):
        return
    name = normal_form(case.name)
    table = word_table("central_organ_names")
    words, guards = word_set("central_organ_names"), word_set("central_organ_guards")
    for hit in untouched(name, words, guards):
        yield Evidence(
            message=_MESSAGES[table[hit.word]["kind"]].fill(word=hit.word),
            key=hit.word,
            question=_QUESTION.fill(word=hit.word),
        )
    for found, word in _homophones(name):
        yield Evidence(
            message=_HEARD.fill(found=found, word=word),
            key=f"{found}:{word}",
            question=_QUESTION.fill(word=found),
        )


RULE = Rule(
    id="NM-POL-01",
    slug="central_organ_name",
    version=1,
    title=Text("中央机关及其所在地名称", "Central organs and their seats"),
    category="大",
    quality=Quality.THEMATIC,
    basis=(
        Basis("L22", "9(2)", Severity.HUMAN, "", NEW, BUILT | ROADS | FACILITIES),
        Basis("N18", "1", Severity.HUMAN, "", NEW, BUILT | ROADS | FACILITIES),
        Basis("N18", "1", Severity.HUMAN, "", EXISTING, BUILT),
        Basis("N18", "1", Severity.INFO, "", KEPT, ROADS | FACILITIES),
        Basis("N18", "1", Severity.INFO, "", PROTECTED, BUILT),
        Basis("N18", "1", Severity.INFO, "", NEW | KEPT, OLD_STANDING),
    ),
    check=_check,
    examples=(
        flagged(
            "新华门公寓",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("中央机关所在地的门", "the gate of a central seat"),
        ),
        flagged(
            "忠南海花园",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("谐音也在其列", "the same sound counts as well"),
        ),
        flagged(
            "参议院大厦",
            FeatureType.BUILDING,
            Severity.HUMAN,
            Text("以国家机关名称命名，名实不符", "an organ of state, which the building is not"),
            on=date(2019, 6, 1),
            standing=Standing.EXISTING,
        ),
        clean(
            "革命烈士陵园",
            FeatureType.FACILITY,
            Text("纪念设施", "a memorial"),
        ),
        clean(
            "天安路",
            FeatureType.ROAD,
            Text("与“天安门”仅两字相同", "shares but two characters with 天安门"),
        ),
        clean(
            "中南路",
            FeatureType.ROAD,
            Text("常见路名", "a common road name"),
        ),
    ),
    trap=Text(
        "纪念设施、史事（革命烈士、辛亥革命）和既有路名不属此类；北京市内的不查",
        "memorials, history and existing roads are no fault; names in Beijing are not asked",
    ),
    handling=Text(
        "未经批准的换用他词；确有当地来历的附材料由人认定",
        "without approval another word is needed; a local origin is for a person on the papers",
    ),
)
