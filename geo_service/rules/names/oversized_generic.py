"""NM-GEN-01: the generic of an estate or building claims more than the place measures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.proposal import NOTHING_TOLD, FeatureFacts
from geo_service.domain.text import Text
from geo_service.language.normalise import normal_form
from geo_service.language.split import generic_of
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import Beside, NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._sizes import (
    Judgement,
    judged,
    labels_text,
    mildest,
)
from geo_service.rules.names._subjects import BUILT, EXISTING, NEW, PROTECTED

_BELOW = Text(
    "所报规模达不到“{generic}”的要求：{mildest}",
    "the size told does not bear the generic '{generic}': {mildest}",
)
_BELOW_ALL = Text(
    "本市未设标准；所报规模达不到已收录的全部 {count} 种对“{generic}”的要求，最宽的一种是{mildest}",
    "no standard of this city; the size told meets none of the {count} on file for '{generic}', "
    "of which the mildest is {mildest}",
)
_OPEN = Text(
    "所报规模不足以判断“{generic}”是否相称，还需：{missing}",
    "the facts told do not settle whether '{generic}' fits; still needed: {missing}",
)
_QUESTION = Text(
    "规模是否属实？属实的，“{generic}”应换用与规模相称的通名",
    "Are the figures right? If so, a generic that fits the size should replace '{generic}'",
)


def _check(case: NameCase, context: NameContext) -> Iterator[Evidence]:
    if case.facts is NOTHING_TOLD or case.feature_type not in BUILT:
        return
    generic = generic_of(normal_form(case.name), case.feature_type)
    preset = context.city.policy.get("generic_sizes", "")
    judgements = judged(generic, case.facts, preset)
    if not judgements or any(judgement.fits for judgement in judgements):
        return
    if any(judgement.fits is None for judgement in judgements):
        message = _OPEN.fill(generic=generic, missing=labels_text(judgements))
        yield Evidence(message=message, key=generic, aspect="open")
    else:
        yield _missed(generic, judgements, preset)


def _missed(generic: str, judgements: tuple[Judgement, ...], preset: str) -> Evidence:
    text, aspect = (_BELOW, "standard") if preset else (_BELOW_ALL, "elsewhere")
    nearest = mildest(judgements)
    return Evidence(
        message=text.fill(generic=generic, count=len(judgements), mildest=nearest.standard.text),
        key=generic,
        aspect=aspect,
        measure=nearest.nearest,
        question=_QUESTION.fill(generic=generic),
    )


_SMALL = FeatureFacts(site_area_m2=3000, floor_area_m2=9000, open_area_m2=200)
_LARGE = FeatureFacts(site_area_m2=24000, floor_area_m2=120000, open_area_m2=9800)

RULE = Rule(
    id="NM-GEN-01",
    slug="oversized_generic",
    version=1,
    title=Text("通名与规模", "Generic and size"),
    category="大",
    quality=Quality.THEMATIC,
    needs=frozenset(("facts",)),
    basis=(
        Basis("L22", "9(2)", Severity.ADVISED_AGAINST, "standard", NEW, BUILT),
        Basis("N18", "1", Severity.ADVISED_AGAINST, "standard", NEW, BUILT),
        Basis("N18", "1", Severity.HUMAN, "standard", EXISTING, BUILT),
        Basis("GDB", "3", Severity.ADVISED_AGAINST, "standard", NEW, BUILT),
        Basis("NB19", "10(5)", Severity.ADVISED_AGAINST, "standard", NEW, BUILT),
        Basis("NC13", "generics", Severity.HUMAN, "standard", NEW, BUILT),
        Basis("L96", "14", Severity.HUMAN, "standard", NEW, BUILT),
        Basis("L22", "9(2)", Severity.HUMAN, "elsewhere", NEW, BUILT),
        Basis("N18", "1", Severity.HUMAN, "elsewhere", NEW | EXISTING, BUILT),
        Basis("L96", "14", Severity.HUMAN, "elsewhere", NEW, BUILT),
        Basis("L22", "9(2)", Severity.INFO, "open", NEW, BUILT),
        Basis("N18", "1", Severity.INFO, "open", NEW | EXISTING, BUILT),
        Basis("N18", "1", Severity.INFO, "standard", PROTECTED, BUILT),
        Basis("N18", "1", Severity.INFO, "elsewhere", PROTECTED, BUILT),
    ),
    check=_check,
    examples=(
        flagged(
            "云杉广场",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("低于各地标准，而本市未设标准", "below every standard on file; the city has none"),
            facts=_SMALL,
        ),
        flagged(
            "云杉广场",
            FeatureType.ESTATE,
            Severity.ADVISED_AGAINST,
            Text("本市选定了标准", "the city has picked a standard"),
            facts=_SMALL,
            beside=Beside(policy=(("generic_sizes", "tongling"),)),
        ),
        flagged(
            "云杉大厦",
            FeatureType.BUILDING,
            Severity.HUMAN,
            Text("2020年建的四层小楼", "a house of four storeys in 2020"),
            on=date(2020, 6, 1),
            facts=FeatureFacts(storeys=4, height_m=14, site_area_m2=500, floor_area_m2=2000),
        ),
        flagged(
            "云杉广场",
            FeatureType.ESTATE,
            Severity.INFO,
            Text("建筑面积未报，不作结论", "floor area not told: no conclusion"),
            facts=FeatureFacts(site_area_m2=3000),
        ),
        clean(
            "云杉广场",
            FeatureType.ESTATE,
            Text("规模相称", "the size bears the generic"),
            facts=_LARGE,
        ),
        clean(
            "云杉广场",
            FeatureType.ESTATE,
            Text("没有提供规模，不作推测", "no size told, nothing guessed"),
        ),
        clean(
            "云杉居",
            FeatureType.ESTATE,
            Text("通名没有规模含义", "a generic that claims no size"),
            facts=_SMALL,
            standing=Standing.EXISTING,
        ),
    ),
    trap=Text(
        "各地标准不一，只有低于全部标准才提问；本市标准在城市配置中选定",
        "standards differ: without one of the city, only what is below all of them is asked about",
    ),
    handling=Text("核实规模，换用相称的通名", "check the figures; choose a generic that fits"),
)
