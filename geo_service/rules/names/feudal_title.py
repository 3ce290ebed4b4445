"""NM-FEU-01: titles of emperors and officials."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.normalise import normal_form
from geo_service.lexicons import Cells, lexicon
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._subjects import (
    ALL,
    BUILT,
    EXISTING,
    NEW,
    OLD_STANDING,
    PROTECTED,
    ROADS,
)
from geo_service.rules.names._words import untouched, word_set, word_table

_MESSAGE = Text(
    "含有帝王、官衔词语“{word}”（{origin}）",
    "holds a title of emperors or officials: '{word}' ({origin})",
)
_ORIGINS = {
    "notice": Text("国家六部门通知所列", "named by the national notice"),
    "draft": Text("山东省征求意见稿所列", "named by the Shandong draft"),
    "ours": Text("同类词语，由人判断", "of the same kind, for a person to judge"),
    "built": Text("同类词语，由人判断", "of the same kind, for a person to judge"),
}
_QUESTION = Text(
    "“{word}”有无具体的历史或者宗教背景？",
    "Has '{word}' a particular historic or religious background?",
)


@cache
def _compounds() -> dict[str, Cells]:
    """Court and rank words with each word of residence that may follow them (御 + 苑)."""
    return {
        cells["head"] + tail: cells
        for cells in lexicon("feudal_compounds", "head").rows
        for tail in cells["tails"]
    }


@cache
def _titles() -> dict[str, Cells]:
    return _compounds() | word_table("feudal_titles")


@cache
def _words() -> frozenset[str]:
    return frozenset(_titles())


def _check(case: NameCase, _context: NameContext) -> Iterator[Evidence]:
    for hit in untouched(normal_form(case.name), _words(), word_set("feudal_guards")):
        cells = _titles()[hit.word]
        yield Evidence(
            message=_MESSAGE.fill(word=hit.word, origin=_ORIGINS[cells["aspect"]]),
            key=hit.word,
            aspect=cells["aspect"],
            question=_QUESTION.fill(word=hit.word),
        )


_OTHER = ALL - BUILT - ROADS - OLD_STANDING

RULE = Rule(
    id="NM-FEU-01",
    slug="feudal_title",
    version=3,
    title=Text("封建帝王、官衔词语", "Feudal title"),
    category="封建",
    quality=Quality.THEMATIC,
    basis=(
        Basis("L22", "9(1)", Severity.ADVISED_AGAINST, "notice", NEW, BUILT | ROADS),
        Basis("L22", "9(1)", Severity.HUMAN, "notice", NEW, _OTHER),
        Basis("N18", "3", Severity.ADVISED_AGAINST, "notice", NEW | EXISTING, BUILT),
        Basis("N18", "3", Severity.HUMAN, "notice", NEW, ROADS | _OTHER),
        Basis("N18", "3", Severity.INFO, "notice", EXISTING, ROADS | _OTHER),
        Basis("N18", "3", Severity.INFO, "notice", NEW | EXISTING, OLD_STANDING),
        Basis("N18", "3", Severity.INFO, "notice", PROTECTED),
        Basis("QDR", "5(4)", Severity.ADVISED_AGAINST, "notice", NEW, ROADS),
        Basis("SDB", "7(4)", Severity.HUMAN, "draft", NEW | EXISTING, BUILT),
        Basis("L22", "9(1)", Severity.HUMAN, "ours", NEW, BUILT | ROADS),
        Basis("N18", "3", Severity.HUMAN, "ours", NEW | EXISTING, BUILT),
        Basis("N18", "3", Severity.HUMAN, "ours", NEW, ROADS),
        Basis("L22", "9(1)", Severity.HUMAN, "built", NEW, BUILT),
        Basis("N18", "3", Severity.HUMAN, "built", NEW | EXISTING, BUILT),
    ),
    check=_check,
    examples=(
        flagged(
            "滨河御府",
            FeatureType.ESTATE,
            Severity.ADVISED_AGAINST,
            Text("“御府”在通知列举之内", "御府 is named by the notice"),
        ),
        flagged(
            "翠湖公馆",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("“公馆”仅见于省征求意见稿", "公馆 stands in a provincial draft only"),
        ),
        flagged(
            "御璟花园",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("“御”加居所用字，与通知所列同构", "御 with a word of residence, as in the notice"),
            on=date(2019, 6, 1),
            standing=Standing.EXISTING,
        ),
        flagged(
            "东王府村",
            FeatureType.VILLAGE,
            Severity.INFO,
            Text("既有村名只作提示", "an existing village name is only noted"),
            standing=Standing.EXISTING,
        ),
        flagged(
            "太子花园",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("爵位、官衔用于住宅区", "a rank as the name of an estate"),
        ),
        clean(
            "太子桥路",
            FeatureType.ROAD,
            Text(
                "旧地名常用的爵位、官衔，路名不问",
                "ranks are common in old names: no road is asked",
            ),
        ),
        clean(
            "太子湾花园",
            FeatureType.ESTATE,
            Text("“太子湾”为自然地物", "太子湾 is a natural feature"),
        ),
        clean(
            "玉皇庙村",
            FeatureType.VILLAGE,
            Text("宗教背景的村名", "a village named after a temple"),
            standing=Standing.EXISTING,
        ),
        clean("御河路", FeatureType.ROAD, Text("“御河”为历史水名", "a river of old standing")),
        clean("王府井路", FeatureType.ROAD, Text("历史地名", "a historic place")),
        clean("王家府前街", FeatureType.ROAD, Text("不按单字判断", "never by one character")),
    ),
    trap=Text(
        "庙宇、姓氏、历史地名（关帝庙、皇甫庄、王府井）不属此类；从不按“王、帝、府”单字判断",
        "temples, surnames and historic places are no fault; single characters never count",
    ),
    handling=Text(
        "有史实依据的附材料由人认定；其余换用他词",
        "with historic grounds a person decides on the papers; otherwise another word is needed",
    ),
)
