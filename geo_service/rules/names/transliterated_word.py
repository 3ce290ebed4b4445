"""NM-FOR-02: a foreign word written by sound in Chinese characters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.split import split_name
from geo_service.language.transliteration import Run, transliterated_run
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._foreign_names import listed_foreign_names, plain_form
from geo_service.rules.names._heard_names import heard_names
from geo_service.rules.names._subjects import (
    BUILT,
    EXISTING,
    FACILITIES,
    NEW,
    PROTECTED,
    ROADS,
)
from geo_service.rules.names._words import Hit, occurrences, untouched, word_set, word_table

_LISTED = Text("含有外语词的汉字译写“{word}”", "holds '{word}', a foreign word written by sound")
_SOUNDED = Text(
    "“{word}”的用字像是外语音译，不在外国地名、人名表内",
    "'{word}' reads like a foreign word written by sound; it is on no list",
)
_HEARD = Text(
    "“{word}”与外国地名、人名“{known}”同音", "'{word}' sounds like the foreign name '{known}'"
)
_QUESTION = Text(
    "“{word}”是外语译音，还是汉语词、国内地名或者合法企业名称？",
    "Is '{word}' a foreign word, or a Chinese word, a place in China or a lawful firm name?",
)


_PAIR = 2


@cache
def _chinese_words() -> frozenset[str]:
    """Chinese places, peoples and words that are themselves written by sound."""
    rows = word_table("foreign_homographs").items()
    return frozenset(word for word, cells in rows if cells["kind"] != "crossing")


@cache
def _words_by_sound() -> frozenset[str]:
    """Of these the ones written by sound, which compounds are made of."""
    rows = word_table("foreign_homographs").items()
    return frozenset(word for word, cells in rows if cells["kind"] == "by_sound")


def _check(case: NameCase, _context: NameContext) -> Iterator[Evidence]:
    name = plain_form(case.name)
    listed = untouched(name, word_set("foreign_words"), word_set("foreign_homographs"))
    for hit in listed:
        yield _evidence(_LISTED.fill(word=hit.word), hit.word, "listed")
    if listed:
        return
    specific = split_name(name, case.feature_type).specific
    heard = _heard_in(name, specific) if case.feature_type in BUILT else None
    if heard is not None:
        word, known = heard
        yield _evidence(_HEARD.fill(word=word, known=known), word, "heard")
        return
    run = transliterated_run(specific)
    if run and _is_enough(run, case.feature_type) and not _is_known(name, run):
        yield _evidence(_SOUNDED.fill(word=run.text), run.text, "sounded")


def _is_enough(run: Run, kind: FeatureType) -> bool:
    """Two characters say little in the name of a street (普利街), more in that of an estate."""
    return len(run.text) > _PAIR or kind in BUILT


def _heard_in(name: str, specific: str) -> tuple[str, str] | None:
    """The first part of the specific that is a foreign name in other characters."""
    for word, known in heard_names(specific):
        start = name.find(word)
        if start >= 0 and not _is_known(name, Run(word, start, 0.0)):
            return word, known
    return None


def _is_known(name: str, run: Run) -> bool:
    """Whether the run is part of a Chinese word, or of a foreign name that has its own rule.

    A run right beside a Chinese word written by sound belongs to it: 巴彦|塔拉, 乌兰|图克.
    """
    known = (*occurrences(name, listed_foreign_names()), *occurrences(name, _chinese_words()))
    beside = occurrences(name, _words_by_sound())
    return any(_meet(run, hit) for hit in known) or any(_touch(run, hit) for hit in beside)


def _meet(run: Run, hit: Hit) -> bool:
    return run.start < hit.end and hit.start < run.end


def _touch(run: Run, hit: Hit) -> bool:
    return run.start == hit.end or hit.start == run.end


def _evidence(message: Text, word: str, aspect: str) -> Evidence:
    return Evidence(
        message=message,
        key=word,
        aspect=aspect,
        question=_QUESTION.fill(word=word),
    )


def _for_both(
    severity: Severity, standings: frozenset[Standing], types: frozenset[FeatureType]
) -> tuple[Basis, ...]:
    return tuple(
        Basis("N18", "2", severity, aspect, standings, types) for aspect in ("listed", "sounded")
    )


_OTHERS = ROADS | FACILITIES

RULE = Rule(
    id="NM-FOR-02",
    slug="transliterated_word",
    version=2,
    title=Text("以外语词的汉字译写命名", "Foreign word written by sound"),
    category="洋",
    quality=Quality.THEMATIC,
    basis=(
        *_for_both(Severity.HUMAN, NEW | EXISTING, BUILT),
        *_for_both(Severity.HUMAN, NEW, _OTHERS),
        *_for_both(Severity.INFO, EXISTING, _OTHERS),
        *_for_both(Severity.INFO, PROTECTED, BUILT | _OTHERS),
        Basis("QDR", "5(6)", Severity.ADVISED_AGAINST, "listed", NEW, ROADS),
        Basis("QDR", "5(6)", Severity.HUMAN, "sounded", NEW, ROADS),
        Basis("L22", "9(5)", Severity.HUMAN, "sounded", NEW, BUILT | _OTHERS),
        Basis("L96", "8", Severity.HUMAN, "sounded", NEW, BUILT | _OTHERS),
        Basis("N18", "2", Severity.HUMAN, "heard", NEW | EXISTING, BUILT),
        Basis("N18", "2", Severity.INFO, "heard", PROTECTED, BUILT),
        Basis("L22", "9(5)", Severity.HUMAN, "heard", NEW, BUILT),
        Basis("L96", "8", Severity.HUMAN, "heard", NEW, BUILT),
    ),
    check=_check,
    examples=(
        flagged(
            "巴洛克公馆",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("外来词“巴洛克”", "the loan word 'baroque'"),
        ),
        flagged(
            "弗尔萨小区",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("表中没有，但用字像音译", "on no list, but it reads like a foreign word"),
            standing=Standing.EXISTING,
        ),
        flagged(
            "阿波洛花园",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("与“阿波罗”同音异字", "阿波罗 in other characters of the same sound"),
        ),
        flagged(
            "嘉年华路",
            FeatureType.ROAD,
            Severity.ADVISED_AGAINST,
            Text("市规则不许新路用外语词译写", "the city's rule bars foreign words for new roads"),
        ),
        flagged(
            "弗尔萨路",
            FeatureType.ROAD,
            Severity.INFO,
            Text("既有路名只作提示", "an existing road name is only noted"),
            on=date(2019, 6, 1),
            standing=Standing.EXISTING,
        ),
        clean("普利街", FeatureType.ROAD, Text("两字不足以断定", "two characters are too few")),
        clean("巴彦塔拉大街", FeatureType.ROAD, Text("蒙古语复合地名", "a Mongolian compound")),
        clean("乌鲁木齐路", FeatureType.ROAD, Text("国内地名本就译音", "a Chinese place by sound")),
        clean("克拉玛依路", FeatureType.ROAD, Text("国内地名本就译音", "a Chinese place by sound")),
        clean("八里花园", FeatureType.ESTATE, Text("两字同音不问", "two syllables are not heard")),
        clean("太子岗路", FeatureType.ROAD, Text("路名不按同音判断", "roads are not listened to")),
        clean("阿里山路", FeatureType.ROAD, Text("台湾省地名", "a place in Taiwan Province")),
        clean("海尔路", FeatureType.ROAD, Text("本市企业字号", "a firm of this city")),
        clean("蓬莱花园", FeatureType.ESTATE, Text("国内地名", "a Chinese place")),
        clean("兰亭雅苑", FeatureType.ESTATE, Text("汉语词", "Chinese words")),
    ),
    trap=Text(
        "民族语地名、佛教用语和已入汉语的词也像音译；企业字号由人认定",
        "minority-language names, Buddhist and settled loan words look alike; firms are asked",
    ),
    handling=Text(
        "问清词义和来历；确为外语译音的，换用汉语词",
        "ask for meaning and origin; a foreign word is replaced by a Chinese one",
    ),
)
