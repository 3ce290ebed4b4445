"""NM-FRM-01: a firm, a trade mark or the applicant's own trade name as the name of a place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.proposal import FeatureFacts
from geo_service.domain.text import Text
from geo_service.language.normalise import normal_form
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, NameContext, clean, flagged
from geo_service.rules.names._facilities import has_exempt_word
from geo_service.rules.names._firms import firm_word, is_division, trade_name
from geo_service.rules.names._subjects import BUILT, EXISTING, FACILITIES, NEW, PROTECTED, ROADS
from geo_service.rules.names._words import occurrences, unguarded, word_set, word_table

if TYPE_CHECKING:
    from geo_service.cities import CityProfile

_MESSAGES = {
    "coined": Text("含有企业、商标名称“{word}”", "holds the firm or trade mark '{word}'"),
    "ordinary": Text(
        "“{word}”与知名企业、商标相同", "'{word}' is also a well-known firm or trade mark"
    ),
    "form": Text("含有企业名称用语“{word}”", "holds a word of firm names: '{word}'"),
    "own": Text("与申请人的字号“{word}”相同", "agrees with the applicant's trade name '{word}'"),
}
_QUESTION = Text(
    "“{word}”与该企业、商标有无特定关联？",
    "Has '{word}' a particular link with the firm or mark?",
)
_PAIR = 2


def _divisions(city: CityProfile) -> frozenset[str]:
    """The names of the city and its counties, without 市, 区, 县."""
    names = [city.name.zh, *(row.name for row in city.codes)]
    return frozenset(name[:-1] for name in names if len(name) > 2)


def _listed(case: NameCase, name: str, places: frozenset[str]) -> Iterator[tuple[str, str]]:
    for hit in unguarded(name, word_set("firm_names")):
        if has_exempt_word(case, "institution", hit.end):
            continue
        use = word_table("firm_names")[hit.word]["use"]
        # 上海信息: two characters may meet by chance, unless a division alone stands before them.
        at_head = hit.start == 0 or is_division(name[: hit.start], places)
        if at_head or (use == "coined" and len(hit.word) > _PAIR):
            yield use, hit.word


def _seen(case: NameCase, context: NameContext) -> Iterator[tuple[str, str]]:
    """What was seen (`_MESSAGES`) and the word."""
    name = normal_form(case.name)
    if occurrences(name, word_set("firm_names")):
        yield from _listed(case, name, _divisions(context.city))
    elif form := firm_word(name):
        yield "form", form
    if case.facts.applicant:
        own = trade_name(normal_form(case.facts.applicant), _divisions(context.city))
        if own and own in name:
            yield "own", own


def _check(case: NameCase, context: NameContext) -> Iterator[Evidence]:
    for kind, word in _seen(case, context):
        yield Evidence(
            message=_MESSAGES[kind].fill(word=word),
            key=f"{kind}:{word}",
            aspect=kind,
            question=_QUESTION.fill(word=word),
        )


RULE = Rule(
    id="NM-FRM-01",
    slug="firm_or_trademark",
    version=2,
    title=Text("以企业、商标名称命名", "Named after a firm or trade mark"),
    category="企业",
    quality=Quality.THEMATIC,
    basis=(
        Basis("L22", "9(6)", Severity.PROHIBITED, "coined", NEW, BUILT | ROADS),
        Basis("L22", "9(6)", Severity.HUMAN, "coined", NEW, FACILITIES),
        Basis("L22", "9(6)", Severity.HUMAN, "ordinary", NEW, BUILT),
        Basis("L22", "9(6)", Severity.INFO, "ordinary", NEW, ROADS),
        Basis("L22", "9(6)", Severity.HUMAN, "form", NEW, BUILT),
        Basis("L22", "9(6)", Severity.INFO, "form", NEW, ROADS),
        Basis("L22", "9(6)", Severity.ADVISED_AGAINST, "own", NEW, BUILT | ROADS),
        *(
            Basis("B24", "4", Severity.HUMAN, aspect, NEW, BUILT)
            for aspect in ("coined", "ordinary", "form", "own")
        ),
        *(
            Basis("QDR", "5(7)", Severity.ADVISED_AGAINST, aspect, NEW, ROADS)
            for aspect in ("coined", "own")
        ),
        *(
            Basis("SDB", "7(5)", Severity.HUMAN, aspect, NEW, BUILT)
            for aspect in ("coined", "ordinary", "form", "own")
        ),
        *(
            Basis("L22", "9(6)", Severity.INFO, aspect, EXISTING | PROTECTED, BUILT | ROADS)
            for aspect in ("coined", "form", "own")
        ),
    ),
    check=_check,
    examples=(
        flagged(
            "碧桂园澜湾苑",
            FeatureType.ESTATE,
            Severity.PROHIBITED,
            Text("不以企业名称作地名", "no firm names"),
        ),
        flagged(
            "碧桂园澜湾苑",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("2021年仅有省征求意见稿", "in 2021 there was a provincial draft only"),
            on=date(2021, 6, 1),
        ),
        flagged(
            "保利澜湾苑",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("也是汉语词，关联由人认定", "also a Chinese word: the link is for a person"),
        ),
        flagged(
            "希尔顿路",
            FeatureType.ROAD,
            Severity.ADVISED_AGAINST,
            Text(
                "市道路命名规则：一般不用企业、商标",
                "the city's rules: generally no firms or marks",
            ),
            on=date(2021, 6, 1),
        ),
        flagged(
            "澄澜雅苑",
            FeatureType.ESTATE,
            Severity.ADVISED_AGAINST,
            Text("与申请人字号相同", "the applicant's own trade name"),
            facts=FeatureFacts(applicant="青岛澄澜置业有限公司"),
        ),
        clean(
            "澄澜雅苑",
            FeatureType.ESTATE,
            Text("申请人字号不同", "the applicant has another trade name"),
            facts=FeatureFacts(applicant="青岛某某置业有限公司"),
        ),
        flagged(
            "青岛海信雅苑",
            FeatureType.ESTATE,
            Severity.PROHIBITED,
            Text("行政区划之后是企业名称", "a firm after the name of a division"),
        ),
        clean(
            "上海信息大厦",
            FeatureType.BUILDING,
            Text("“海信”跨词，不是企业名称", "海信 straddles two words here"),
        ),
        clean(
            "中国石油大学站",
            FeatureType.FACILITY,
            Text("“中国石油”属于学校名称", "part of the name of a university"),
        ),
        clean(
            "滨海绿地花园",
            FeatureType.ESTATE,
            Text("“绿地”不在名首，按普通词", "绿地 inside the name is an ordinary word"),
        ),
        clean(
            "海尔路",
            FeatureType.ROAD,
            Text("2019年尚无禁止", "no ban in 2019"),
            on=date(2019, 6, 1),
        ),
    ),
    trap=Text(
        "也是汉语词、地名的（绿地、龙湖、保利）只在名首时问；设施所属企业的名称、既有名称不属此类",
        "words that are also Chinese words or places are asked at the head of the name only; "
        "facilities named for their owner and existing names are no fault",
    ),
    handling=Text(
        "换用他词；与企业、商标没有特定关联的由申请人说明",
        "another word is needed; that there is no particular link is for the applicant to show",
    ),
)
