"""NM-GEN-02: the generic of a road against its class, width and shape."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.proposal import NOTHING_TOLD, FeatureFacts, RoadClass
from geo_service.domain.text import Text
from geo_service.language.normalise import normal_form
from geo_service.language.split import generic_of
from geo_service.lexicons import lexicon
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import (
    Beside,
    NameCase,
    NameContext,
    Standing,
    Surroundings,
    clean,
    flagged,
)
from geo_service.rules.names._sizes import judged, mildest
from geo_service.rules.names._subjects import EXISTING, NEW, PROTECTED, ROADS

_ORDER = tuple(RoadClass)
AVENUE = "大道"
"""The generic that claims length: compared with the roads around."""

_CLASS = Text(
    "“{generic}”用于{wanted}，所报等级为{told}",
    "'{generic}' is for {wanted}; the class told is {told}",
)
_CLASS_QUESTION = Text(
    "道路等级是否属实？属实的，通名是否改用“路”或者相应通名？",
    "Is the class right? If so, should the generic be 路 or the one of that class?",
)
_SIZE = Text(
    "所报形状、宽度与“{generic}”的通行用法不合：{mildest}",
    "shape or width told is not what '{generic}' usually means: {mildest}",
)
_SIZE_QUESTION = Text(
    "宽度、线形是否属实？“{generic}”是否名实相符？",
    "Are width and shape right? Does '{generic}' fit the road?",
)
_SHORT = Text(
    "“大道”长 {length} 米，短于周围 {roads} 条登记道路的中位长度 {median} 米",
    "a 大道 of {length} m; the median of {roads} registered roads around is {median} m",
)
_SHORT_QUESTION = Text(
    "是否为贯通性的重要道路？", "Is it an important road that runs through the area?"
)


@cache
def _classes() -> dict[str, frozenset[RoadClass]]:
    """Classes that a generic with a meaning of its own may have."""
    rows = lexicon("road_generic_classes", "generic").rows
    return {row["generic"]: frozenset(map(RoadClass, row["classes"].split())) for row in rows}


def _check(case: NameCase, context: NameContext) -> Iterator[Evidence]:
    if case.facts is NOTHING_TOLD:
        return
    generic = generic_of(normal_form(case.name), case.feature_type)
    yield from _against_class(generic, case.facts)
    yield from _against_size(generic, case.facts)
    if generic == AVENUE and context.surroundings is not None:
        least = context.city.threshold("road_compare_least")
        yield from _against_neighbours(case.facts, context.surroundings, least)


def _against_class(generic: str, facts: FeatureFacts) -> Iterator[Evidence]:
    told, fitting = facts.road_class, _classes().get(generic)
    if told is None or fitting is None or told in fitting:
        return
    lower = all(_ORDER.index(told) > _ORDER.index(kind) for kind in fitting)
    yield Evidence(
        message=_CLASS.fill(
            generic=generic,
            wanted=_class_words(kind for kind in _ORDER if kind in fitting),
            told=_class_words((told,)),
        ),
        key="class",
        aspect="above" if lower else "class",
        question=_CLASS_QUESTION,
    )


_CLASS_WORDS = {
    RoadClass.EXPRESSWAY: Text("快速路", "expressways"),
    RoadClass.ELEVATED: Text("高架路", "elevated roads"),
    RoadClass.TRUNK: Text("贯通性主干路", "trunk roads"),
    RoadClass.ARTERIAL: Text("主干路", "arterial roads"),
    RoadClass.SECONDARY: Text("次干路", "secondary roads"),
    RoadClass.BRANCH: Text("支路", "branch roads"),
    RoadClass.LANE: Text("巷路", "lanes"),
}


def _class_words(kinds: Iterator[RoadClass] | tuple[RoadClass, ...]) -> Text:
    words = [_CLASS_WORDS[kind] for kind in kinds]
    return Text("、".join(w.zh for w in words), ", ".join(w.en for w in words))


def _against_size(generic: str, facts: FeatureFacts) -> Iterator[Evidence]:
    judgements = judged(generic, facts)
    if judgements and all(judgement.fits is False for judgement in judgements):
        nearest = mildest(judgements)
        yield Evidence(
            message=_SIZE.fill(generic=generic, mildest=nearest.standard.text),
            key="size",
            aspect="size",
            measure=nearest.nearest,
            question=_SIZE_QUESTION.fill(generic=generic),
        )


def _against_neighbours(
    facts: FeatureFacts, around: Surroundings, least_roads: float
) -> Iterator[Evidence]:
    length, usual = facts.length_m, around.median_road_m
    if length is None or usual is None or length >= usual:
        return
    if around.roads >= least_roads:
        yield Evidence(
            message=_SHORT.fill(length=round(length), roads=around.roads, median=round(usual)),
            key="length",
            aspect="size",
            measure=Measure(round(length, 1), round(usual, 1), "m", "周围登记道路的中位长度"),
            question=_SHORT_QUESTION,
        )


RULE = Rule(
    id="NM-GEN-02",
    slug="road_generic_mismatch",
    version=1,
    title=Text("道路通名与实际不符", "Generic of a road does not fit it"),
    category="大",
    quality=Quality.THEMATIC,
    needs=frozenset(("facts",)),
    basis=(
        Basis("QDR", "4", Severity.ADVISED_AGAINST, "above", NEW, ROADS),
        Basis("QDR", "4", Severity.HUMAN, "class", NEW, ROADS),
        Basis("QDR", "4", Severity.HUMAN, "size", NEW, ROADS),
        Basis("L22", "9(2)", Severity.HUMAN, "above", NEW, ROADS),
        Basis("L22", "9(2)", Severity.HUMAN, "class", NEW, ROADS),
        Basis("L22", "9(2)", Severity.HUMAN, "size", NEW, ROADS),
        Basis("L96", "14", Severity.HUMAN, "above", NEW, ROADS),
        Basis("N18", "1", Severity.INFO, "above", EXISTING | PROTECTED, ROADS),
    ),
    check=_check,
    examples=(
        flagged(
            "云霄大道",
            FeatureType.ROAD,
            Severity.ADVISED_AGAINST,
            Text("巷路称大道", "a lane called 大道"),
            facts=FeatureFacts(road_class=RoadClass.LANE),
        ),
        flagged(
            "云霄巷",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("主干路称巷，宽40米", "an arterial road of 40 m called 巷"),
            facts=FeatureFacts(road_class=RoadClass.ARTERIAL, width_m=40),
        ),
        flagged(
            "云霄环路",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("直线道路称环路", "a straight road called a ring"),
            facts=FeatureFacts(sinuosity=1.01),
        ),
        flagged(
            "云霄大道",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("300米长，短于周围道路", "300 m, shorter than the roads around"),
            facts=FeatureFacts(length_m=300),
            beside=Beside(Surroundings(roads=24, median_road_m=900)),
        ),
        clean(
            "云霄路",
            FeatureType.ROAD,
            Text("“路”适用于各等级", "路 fits every class"),
            facts=FeatureFacts(road_class=RoadClass.LANE, width_m=12),
        ),
        clean(
            "云霄大道",
            FeatureType.ROAD,
            Text("没有提供等级、长度", "neither class nor length told"),
            on=date(2021, 6, 1),
        ),
        clean(
            "云霄大道",
            FeatureType.ROAD,
            Text("既有道路不因长度提问", "existing roads are not asked about for length"),
            standing=Standing.EXISTING,
            facts=FeatureFacts(length_m=300),
            beside=Beside(Surroundings(roads=24, median_road_m=900)),
        ),
    ),
    trap=Text(
        "各地批准的路名宽窄不一，条文只作定性规定，故从不判为禁止",
        "approved roads vary widely and the article gives no figures: never a prohibition",
    ),
    handling=Text("核实等级、宽度、线形；换用相符的通名", "check class, width and shape"),
)
