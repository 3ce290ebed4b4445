"""NM-BIG-01: a word that claims more than the place is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.normalise import normal_form
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._facilities import has_exempt_word
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
from geo_service.rules.names._words import Hit, unguarded, word_set, word_table

_MESSAGE = Text("含有夸大词“{word}”", "holds the exaggerating word '{word}'")
_QUESTION = Text(
    "“{word}”是否经有权机关批准，或者与实际功能相符？",
    "Is '{word}' approved by the competent body, or does the place really have that function?",
)


def _is_cut(hit: Hit, hits: tuple[Hit, ...]) -> bool:
    """华中国际: where two listed words share a character, the later one is the word meant."""
    return any(hit.start < other.start < hit.end for other in hits)


def _check(case: NameCase, _context: NameContext) -> Iterator[Evidence]:
    table = word_table("exaggeration_words")
    words, guards = word_set("exaggeration_words"), word_set("exaggeration_guards")
    hits = unguarded(normal_form(case.name), words, guards)
    for hit in hits:
        if _is_cut(hit, hits) or has_exempt_word(case, "institution", hit.end):
            continue
        cells = table[hit.word]
        yield Evidence(
            message=_MESSAGE.fill(word=hit.word),
            key=hit.word,
            aspect=cells["aspect"],
            question=_QUESTION.fill(word=hit.word),
        )


RULE = Rule(
    id="NM-BIG-01",
    slug="exaggerated_word",
    version=3,
    title=Text("刻意夸大", "Exaggerating word"),
    category="大",
    quality=Quality.THEMATIC,
    basis=(
        Basis("L22", "9(2)", Severity.ADVISED_AGAINST, "notice", NEW, BUILT),
        Basis("N18", "1", Severity.ADVISED_AGAINST, "notice", NEW | EXISTING, BUILT),
        Basis("L22", "9(2)", Severity.HUMAN, "notice", NEW, ROADS | FACILITIES),
        Basis("N18", "1", Severity.HUMAN, "notice", NEW, ROADS | FACILITIES),
        Basis("N18", "1", Severity.INFO, "notice", KEPT, ROADS | FACILITIES),
        Basis("N18", "1", Severity.INFO, "notice", NEW | KEPT, OLD_STANDING),
        Basis("N18", "1", Severity.INFO, "notice", PROTECTED, BUILT),
        Basis("SDB", "7(1)", Severity.HUMAN, "draft", NEW | EXISTING, BUILT),
        *(
            basis
            for aspect in ("draft", "practice", "ours")
            for basis in (
                Basis("L22", "9(2)", Severity.HUMAN, aspect, NEW, BUILT),
                Basis("N18", "1", Severity.HUMAN, aspect, NEW | EXISTING, BUILT),
            )
        ),
    ),
    check=_check,
    examples=(
        flagged(
            "环球之门广场",
            FeatureType.ESTATE,
            Severity.ADVISED_AGAINST,
            Text("“环球”在通知列举之内", "环球 is named by the notice"),
        ),
        flagged(
            "滨海国际公寓",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("“国际”仅见于省征求意见稿", "国际 stands in a provincial draft only"),
        ),
        flagged(
            "北冰洋公寓",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text(
                "公海名称，通知未逐一列举", "the high seas: a class the notice does not spell out"
            ),
        ),
        flagged(
            "中央路",
            FeatureType.ROAD,
            Severity.INFO,
            Text("2019年的既有路名只作提示", "an existing road name is only noted"),
            on=date(2019, 3, 1),
            standing=Standing.EXISTING,
        ),
        clean(
            "世纪花园",
            FeatureType.ESTATE,
            Text("“世纪”不在通知列举之内", "世纪 is not named by the notice"),
        ),
        clean(
            "中央公园",
            FeatureType.FACILITY,
            Text("常见公园名", "a common name of parks"),
        ),
        clean(
            "中国石油大学站",
            FeatureType.FACILITY,
            Text("“中国”属于机构名称", "中国 is part of the name of an institution"),
        ),
        clean(
            "环海花园",
            FeatureType.ESTATE,
            Text("“环海”与“环球”仅一字相同", "环海 shares but one character with 环球"),
        ),
    ),
    trap=Text(
        "经批准或有相应功能的（国际机场、中央公园）、历史路名不属此类",
        "approved names, real functions (international airport) and historic roads are no fault",
    ),
    handling=Text(
        "要求说明规模、功能和批准文件；不能说明的换用他词",
        "ask for scale, function and approval; otherwise another word is needed",
    ),
)
