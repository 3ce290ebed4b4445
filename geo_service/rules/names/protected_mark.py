"""NM-MRK-01: signs and events that special regulations protect."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.normalise import normal_form
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._subjects import BUILT, FACILITIES, KEPT, NEW, ROADS
from geo_service.rules.names._words import unguarded, word_set, word_table

_MESSAGE = Text(
    "含有受专门法规保护的标志或者赛会名称“{word}”", "holds the protected sign or event '{word}'"
)
_QUESTION = Text(
    "使用“{word}”是否经权利人许可？",
    "Has the holder of the right given leave to use '{word}'?",
)
_ASKED = BUILT | ROADS | FACILITIES


def _check(case: NameCase, _context: NameContext) -> Iterator[Evidence]:
    for hit in unguarded(normal_form(case.name), word_set("protected_marks")):
        yield Evidence(
            message=_MESSAGE.fill(word=hit.word),
            key=hit.word,
            aspect=word_table("protected_marks")[hit.word]["aspect"],
            question=_QUESTION.fill(word=hit.word),
        )


RULE = Rule(
    id="NM-MRK-01",
    slug="protected_mark",
    version=1,
    title=Text("受专门保护的标志、赛会名称", "Protected signs and events"),
    category="大",
    quality=Quality.THEMATIC,
    basis=(
        Basis("OL18", "4", Severity.HUMAN, "olympic", NEW, _ASKED),
        Basis("EX04", "4", Severity.HUMAN, "expo", NEW, _ASKED),
        Basis("SM96", "2", Severity.HUMAN, "event", NEW, _ASKED),
        Basis("OL18", "4", Severity.INFO, "olympic", KEPT, _ASKED),
        Basis("EX04", "4", Severity.INFO, "expo", KEPT, _ASKED),
        Basis("SM96", "2", Severity.INFO, "event", KEPT, _ASKED),
    ),
    check=_check,
    examples=(
        flagged(
            "奥林匹克花园",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("“奥林匹克”为专有名称", "奥林匹克 is a protected name"),
        ),
        flagged(
            "亚运大街",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("赛会名称的简称", "the short form of an event"),
            on=date(2019, 6, 1),
        ),
        flagged(
            "世博大道",
            FeatureType.ROAD,
            Severity.INFO,
            Text("既有路名只作提示", "an existing road is only noted"),
            standing=Standing.EXISTING,
        ),
        clean(
            "奥帆中心",
            FeatureType.FACILITY,
            Text("“奥帆”不在条例所列之内", "奥帆 is not among the protected names"),
        ),
        clean("大运河路", FeatureType.ROAD, Text("“大运河”为水名", "the Grand Canal")),
    ),
    trap=Text(
        "赛会举办地经许可的既有名称（奥运村、世博园）不属此类",
        "names that stand with leave where the event was held are no fault",
    ),
    handling=Text(
        "附权利人许可文件；没有许可的换用他词",
        "the holder's leave is to be filed; without it another word is needed",
    ),
)
