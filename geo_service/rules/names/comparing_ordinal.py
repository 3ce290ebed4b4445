"""NM-ODD-01: numbers and ordinals that claim to be the first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.normalise import normal_form
from geo_service.language.split import NUMERALS
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._subjects import BUILT, EXISTING, NEW
from geo_service.rules.names._words import unguarded, word_set

_MESSAGE = Text("含有攀比性数字、序数“{word}”", "holds the comparing number or ordinal '{word}'")
_QUESTION = Text(
    "“{word}”是楼栋、地块序号，还是攀比用语？",
    "Is '{word}' a serial number of block or plot, or a claim to be the first?",
)


def _check(case: NameCase, _context: NameContext) -> Iterator[Evidence]:
    words, guards = word_set("comparing_numbers"), word_set("comparing_guards")
    name = normal_form(case.name)
    for hit in unguarded(name, words, guards):
        if hit.start and name[hit.start - 1] in NUMERALS:
            continue
        yield Evidence(
            message=_MESSAGE.fill(word=hit.word),
            key=hit.word,
            question=_QUESTION.fill(word=hit.word),
        )


RULE = Rule(
    id="NM-ODD-01",
    slug="comparing_ordinal",
    version=2,
    title=Text("攀比性数字、序数", "Comparing number or ordinal"),
    category="大",
    quality=Quality.THEMATIC,
    basis=(
        Basis("SDB", "7(6)", Severity.HUMAN, "", NEW | EXISTING, BUILT),
        Basis("N18", "1", Severity.HUMAN, "", NEW | EXISTING, BUILT),
        Basis("L22", "9(2)", Severity.HUMAN, "", NEW, BUILT),
    ),
    check=_check,
    examples=(
        flagged(
            "湖畔壹号",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("“壹号”自比第一", "壹号 claims to be No. 1"),
        ),
        flagged(
            "海岸首座",
            FeatureType.BUILDING,
            Severity.HUMAN,
            Text("既有楼宇亦提示", "an existing building too"),
            standing=Standing.EXISTING,
        ),
        flagged(
            "云山之巅花园",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("“之巅”自居最高，清理中归入“大”", "之巅 puts itself at the top"),
            on=date(2019, 6, 1),
        ),
        clean(
            "二十一号公寓",
            FeatureType.ESTATE,
            Text("“二十一号”是序号", "twenty-one is a serial number"),
        ),
        clean(
            "二 十一号公寓",
            FeatureType.ESTATE,
            Text("夹有空格，仍是序号", "still a serial number with a blank inside"),
        ),
        clean(
            "地铁一号线大厦",
            FeatureType.BUILDING,
            Text("线路序数", "the number of a line"),
        ),
    ),
    trap=Text("线路、楼栋、学校的序数不是攀比", "serial numbers of lines, blocks, schools"),
    handling=Text("由人判断；宜换用他词", "a person decides; another word is better"),
)
