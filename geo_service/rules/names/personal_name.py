"""NM-PER-01: a person's name as the name of a place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.proposal import FeatureFacts
from geo_service.domain.text import Text
from geo_service.language.normalise import normal_form
from geo_service.lexicons import lexicon
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._subjects import BUILT, FACILITIES, NEW, ROADS
from geo_service.rules.names._words import unguarded, word_set, word_table

_MESSAGES = {
    "historical": Text(
        "含有历史人物姓名“{word}”", "holds the name of the historic person '{word}'"
    ),
    "literary": Text("含有文学作品人物名“{word}”", "holds the name of the character '{word}'"),
}
_OWN = Text("与申请人姓名相同", "agrees with the applicant's own name")
_QUESTION = Text(
    "“{word}”与该人物有无特定关联？当地与该人物有何渊源？",
    "Has '{word}' a particular link with the person, and the place with that person?",
)
_OWN_QUESTION = Text(
    "是否以申请人的姓名命名？",
    "Is the place to be named after the applicant?",
)
_LONGEST_PERSON = 4
_ASKED = BUILT | ROADS | FACILITIES


@cache
def _surnames() -> tuple[str, ...]:
    return tuple(row["surname"] for row in lexicon("surnames", "surname").rows)


def _is_person(applicant: str) -> bool:
    """Two to four characters that begin with a surname: a firm's full name is longer."""
    return 2 <= len(applicant) <= _LONGEST_PERSON and applicant.startswith(_surnames())


def _check(case: NameCase, _context: NameContext) -> Iterator[Evidence]:
    name = normal_form(case.name)
    for hit in unguarded(name, word_set("chinese_persons")):
        kind = word_table("chinese_persons")[hit.word]["kind"]
        yield Evidence(
            message=_MESSAGES[kind].fill(word=hit.word),
            key=hit.word,
            aspect=kind,
            question=_QUESTION.fill(word=hit.word),
        )
    applicant = normal_form(case.facts.applicant)
    if applicant and applicant in name and _is_person(applicant):
        yield Evidence(message=_OWN, key="applicant", aspect="own", question=_OWN_QUESTION)


RULE = Rule(
    id="NM-PER-01",
    slug="personal_name",
    version=1,
    title=Text("以人名命名", "Named after a person"),
    category="人名",
    quality=Quality.THEMATIC,
    basis=(
        *(
            Basis(instrument, article, Severity.HUMAN, aspect, NEW, _ASKED)
            for aspect in ("historical", "own")
            for instrument, article in (("L86", "4(2)"), ("L22", "9(4)"), ("B24", "3"))
        ),
        Basis("B24", "3", Severity.HUMAN, "literary", NEW, _ASKED),
        *(
            Basis("QDR", "5(5)", Severity.HUMAN, aspect, NEW, ROADS)
            for aspect in ("historical", "own")
        ),
    ),
    check=_check,
    examples=(
        flagged(
            "蒲松龄路",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("一般不以人名作地名", "persons are generally not used"),
            on=date(2020, 6, 1),
        ),
        flagged(
            "司马光广场",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("复姓人物", "a person of compound surname"),
        ),
        flagged(
            "花木兰公园",
            FeatureType.FACILITY,
            Severity.HUMAN,
            Text("文学作品人物也属人名", "characters of literature count as persons"),
        ),
        flagged(
            "甄示例大厦",
            FeatureType.BUILDING,
            Severity.HUMAN,
            Text("以申请人的姓名命名", "named after the applicant"),
            facts=FeatureFacts(applicant="甄示例"),
        ),
        clean(
            "张之洞路",
            FeatureType.ROAD,
            Text("既有的纪念性地名", "an existing commemorative name"),
            standing=Standing.EXISTING,
        ),
        clean(
            "王家庄路",
            FeatureType.ROAD,
            Text("姓氏村名不是人名", "a village of a family is no person"),
        ),
        clean(
            "花木兰公园",
            FeatureType.FACILITY,
            Text("2024年5月以前未言及文学人物", "characters were not spoken of before May 2024"),
            on=date(2024, 4, 30),
        ),
    ),
    trap=Text(
        "既有纪念性地名（中山路、左权县、张之洞路）和姓氏村名不属此类；"
        "只查众所周知的人物和申请人本人，普通的“姓加名”不作推断",
        "existing commemorative names and villages named after a family are no fault; only persons "
        "known to all and the applicant are looked for, nothing is guessed from a surname",
    ),
    handling=Text(
        "一般换用他词；当地与人物确有渊源的附材料由人认定",
        "another word as a rule; a true link with the place is decided on the papers",
    ),
)
