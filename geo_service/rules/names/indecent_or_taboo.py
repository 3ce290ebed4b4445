"""NM-ODD-03: a word of death, disease, abuse or indecency, written or merely heard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import product

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.characters import standard_character
from geo_service.language.normalise import normal_form
from geo_service.language.sound import sounds_of, toneless
from geo_service.language.split import split_name
from geo_service.lexicons import Cells
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._subjects import (
    BUILT,
    EXISTING,
    NEW,
    OLD_STANDING,
    PROTECTED,
    ROADS,
)
from geo_service.rules.names._words import untouched, word_set, word_table

_SENSE = Text("含有{kind}词语“{word}”", "holds the word '{word}' ({kind})")
_KINDS = {
    "death": Text("死亡、丧葬", "death and burial"),
    "underworld": Text("阴间、鬼怪", "the underworld"),
    "disease": Text("疾病", "disease"),
    "disability": Text("歧视残疾", "slur on the disabled"),
    "abuse": Text("辱骂、贬损", "abuse"),
    "indecent": Text("低俗", "indecent"),
    "misfortune": Text("灾祸", "misfortune"),
}
_SENSE_QUESTION = Text(
    "“{word}”在此是否另有历史、人文含义？",
    "Has '{word}' another sense here, of history or local life?",
)
_SOUNDS = {
    "toned": Text(
        "“{found}”与“{word}”（{reading}）同音", "'{found}' sounds like '{word}' ({reading})"
    ),
    "toneless": Text(
        "“{found}”与“{word}”（{reading}）声调以外同音",
        "'{found}' sounds like '{word}' ({reading}) but for the tone",
    ),
}
_SOUND_QUESTION = Text(
    "当地人读来是否会联想到“{word}”？",
    "Would local people hear '{word}' in it?",
)
_INSULTS = frozenset(("abuse", "disability", "indecent"))
"""Kinds that the regulation of 1986 spoke of: insults, slurs and extreme vulgarity."""
_PAIR = 2


@cache
def _heard() -> dict[tuple[str, ...], Cells]:
    """The words a name should not sound like, by their two toneless syllables."""
    rows = word_table("taboo_words").values()
    return {tuple(toneless(cells["reading"]).split()): cells for cells in rows if cells["by_sound"]}


@cache
def _openings() -> frozenset[str]:
    return frozenset(syllables[0] for syllables in _heard())


def _readings(characters: str) -> Iterator[str]:
    """All readings of two characters with their tones."""
    rows = map(standard_character, characters)
    choices = [row.readings for row in rows if row is not None]
    return map(" ".join, product(*choices))


def _heard_in(specific: str) -> Iterator[tuple[str, Cells]]:
    """The words that a specific of two characters sounds like, and how near the sound is.

    Two characters out of a longer specific (凤**凰泉**) are not heard as a word.
    """
    if len(specific) != _PAIR or _openings().isdisjoint(sounds_of(specific[0])):
        return
    for syllables in product(*map(sounds_of, specific)):
        cells = _heard().get(syllables)
        if cells is None or cells["word"] == specific:
            continue
        if cells["reading"] in _readings(specific):
            yield "toned", cells
        elif cells["by_sound"] == "toneless":
            yield "toneless", cells


def _check(case: NameCase, _context: NameContext) -> Iterator[Evidence]:
    name = normal_form(case.name)
    for hit in untouched(name, word_set("taboo_words"), word_set("taboo_guards")):
        cells = word_table("taboo_words")[hit.word]
        yield Evidence(
            message=_SENSE.fill(kind=_KINDS[cells["kind"]], word=hit.word),
            key=hit.word,
            aspect="insult" if cells["kind"] in _INSULTS else "sense",
            question=_SENSE_QUESTION.fill(word=hit.word),
        )
    specific = split_name(name, case.feature_type).specific
    for nearness, cells in _heard_in(specific):
        word = cells["word"]
        yield Evidence(
            message=_SOUNDS[nearness].fill(found=specific, word=word, reading=cells["reading"]),
            key=f"{specific}:{word}",
            aspect="sound",
            question=_SOUND_QUESTION.fill(word=word),
        )


RULE = Rule(
    id="NM-ODD-03",
    slug="indecent_or_taboo",
    version=2,
    title=Text("含义或者谐音不雅、犯忌", "Indecent or taboo in sense or sound"),
    category="怪",
    quality=Quality.THEMATIC,
    basis=(
        *(
            basis
            for aspect in ("insult", "sense")
            for basis in (
                Basis("L22", "9(1)", Severity.ADVISED_AGAINST, aspect, NEW, BUILT | ROADS),
                Basis("L22", "9(1)", Severity.HUMAN, aspect, NEW, OLD_STANDING),
                Basis("QDR", "5(4)", Severity.ADVISED_AGAINST, aspect, NEW, ROADS),
                Basis("N18", "3", Severity.ADVISED_AGAINST, aspect, NEW, BUILT | ROADS),
                Basis("N18", "3", Severity.ADVISED_AGAINST, aspect, EXISTING, BUILT),
                Basis("N18", "3", Severity.HUMAN, aspect, EXISTING, ROADS),
                Basis("N18", "3", Severity.INFO, aspect, NEW | EXISTING, OLD_STANDING),
                Basis("N18", "3", Severity.INFO, aspect, PROTECTED),
            )
        ),
        Basis("L86", "5(1)", Severity.HUMAN, "insult", NEW | EXISTING, BUILT | ROADS),
        Basis("L86", "5(1)", Severity.INFO, "insult", PROTECTED, BUILT | ROADS),
        Basis("QDR", "5(8)", Severity.HUMAN, "sound", NEW, ROADS),
        Basis("L22", "9(1)", Severity.HUMAN, "sound", NEW, BUILT | ROADS),
        Basis("N18", "3", Severity.HUMAN, "sound", NEW, BUILT | ROADS),
    ),
    check=_check,
    examples=(
        flagged(
            "断魂桥街",
            FeatureType.ROAD,
            Severity.ADVISED_AGAINST,
            Text("含义不健康", "no healthy sense"),
        ),
        flagged(
            "瘸子巷",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("既有路名由人判断", "an existing road is for a person"),
            on=date(2019, 6, 1),
            standing=Standing.EXISTING,
        ),
        flagged(
            "鞑子巷",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("1986年条例：带有歧视、侮辱的须更名", "the regulation of 1986 had slurs renamed"),
            on=date(2010, 6, 1),
            standing=Standing.EXISTING,
        ),
        clean(
            "断魂桥街",
            FeatureType.ROAD,
            Text("2010年的规定只问侮辱和庸俗", "in 2010 only insults and vulgarity were asked"),
            on=date(2010, 6, 1),
        ),
        flagged(
            "思望路",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("“思望”谐“死亡”，仅声调不同", "思望 is 死亡 but for the tones"),
        ),
        flagged(
            "官彩花园",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("“官彩”谐“棺材”，仅声调不同", "官彩 is 棺材 but for the tone"),
        ),
        flagged(
            "烂泥村",
            FeatureType.VILLAGE,
            Severity.HUMAN,
            Text("新的村名也应含义健康", "a new village, too, needs a healthy sense"),
        ),
        flagged(
            "烂泥村",
            FeatureType.VILLAGE,
            Severity.INFO,
            Text("既有村名只作提示", "an existing village is only noted"),
            standing=Standing.EXISTING,
        ),
        clean("文艺路", FeatureType.ROAD, Text("与“瘟疫”声调不同", "other tones than 瘟疫")),
        clean("凤凰泉路", FeatureType.ROAD, Text("“凰泉”不成词", "凰泉 is no word by itself")),
        clean("沙子口路", FeatureType.ROAD, Text("“沙子”不是“傻子”", "沙子 is not 傻子")),
        clean("西王路", FeatureType.ROAD, Text("“西王”与“死亡”声母不同", "西王 is not 死亡")),
        clean(
            "滨海肿瘤医院",
            FeatureType.FACILITY,
            Text("设施按功能命名", "a facility is named for what it does"),
        ),
    ),
    trap=Text(
        "谐音只问整个专名，不问其中两字（凤凰泉）；医院、殡仪馆等设施按功能命名",
        "only a whole specific is listened to; facilities are named for their function",
    ),
    handling=Text(
        "换用含义、读音都健康的词；老地名按稳定原则由人认定",
        "a word of healthy sense and sound is needed; for old names ask a person",
    ),
)
