"""NM-CHAR-02: a rare character (level three of the table)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.characters import is_local, standard_character
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, NameContext, clean, flagged
from geo_service.rules.names._subjects import KEPT, NEW

RARE_LEVEL = 3

_MESSAGE = Text(
    "“{character}”为三级字（表内第{number}号），一般读者难认",
    "'{character}' is a level-three character (no. {number}), which few readers know",
)
_QUESTION = Text(
    "“{character}”是否为当地沿用的地名用字？否则宜换用常用字",
    "Is '{character}' in old local use? If not, choose a common character",
)


def _check(case: NameCase, context: NameContext) -> Iterator[Evidence]:
    for character in dict.fromkeys(case.name):
        row = standard_character(character)
        if row is None or row.level < RARE_LEVEL or is_local(character, context.city.code):
            continue
        yield Evidence(
            message=_MESSAGE.fill(character=character, number=row.number),
            key=character,
            question=_QUESTION.fill(character=character),
        )


RULE = Rule(
    id="NM-CHAR-02",
    slug="rare_character",
    version=1,
    title=Text("使用生僻字", "Rare character"),
    category="怪",
    quality=Quality.USABILITY,
    basis=(
        Basis("L22", "9(3)", Severity.HUMAN, "", NEW),
        Basis("L86", "4(5)", Severity.HUMAN, "", NEW),
        Basis("TGH13", "level-3", Severity.INFO, "", KEPT),
        Basis("TGH13", "level-3", Severity.INFO, "", NEW),
    ),
    check=_check,
    examples=(
        flagged(
            "淼泉花园",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("“淼”为三级字", "淼 is a level-three character"),
        ),
        flagged(
            "犇牛路",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("1986年条例亦要求避免生僻字", "the 1986 regulation asks the same"),
            on=date(2021, 6, 1),
        ),
        clean(
            "琅琊台路",
            FeatureType.ROAD,
            Text("“琊”为本市登记地名用字", "琊 stands in registered names of the city"),
        ),
        clean(
            "棘洪滩路",
            FeatureType.ROAD,
            Text("笔画多而常用的字不算生僻", "a character of many strokes is not a rare one"),
        ),
    ),
    trap=Text(
        "三级字本为姓氏、地名而收，当地沿用的不是问题",
        "level three was made for surnames and place names: local use is no fault",
    ),
    handling=Text("由人判断；新命名宜避开", "a person decides; avoid it in new names"),
)
