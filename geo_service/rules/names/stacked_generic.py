"""NM-FORM-02: two generics of buildings or estates, one upon the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.normalise import normal_form
from geo_service.language.split import is_customary_stack, stacked_generics
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._subjects import BUILT, EXISTING, NEW

_MESSAGE = Text("通名“{first}”与“{last}”重叠", "the generics '{first}' and '{last}' are stacked")
_QUESTION = Text(
    "“{first}”是否为专名的一部分？否则删去其一",
    "Is '{first}' part of the specific? If not, drop one of the two",
)
_SUGGESTION = Text("只留一个通名：{name}", "keep one generic: {name}")


def _check(case: NameCase, _context: NameContext) -> Iterator[Evidence]:
    if case.feature_type not in BUILT:
        return
    name = normal_form(case.name)
    stack = stacked_generics(name, case.feature_type)
    if stack is not None:
        first, last = stack
        customary = is_customary_stack(first, last, case.feature_type)
        yield Evidence(
            message=_MESSAGE.fill(first=first, last=last),
            key=first + last,
            aspect="customary" if customary else "",
            question=_QUESTION.fill(first=first),
            suggestion=_SUGGESTION.fill(name=name[: -len(first + last)] + last),
        )


RULE = Rule(
    id="NM-FORM-02",
    slug="stacked_generic",
    version=2,
    title=Text("通名重叠", "Stacked generics"),
    category="怪",
    quality=Quality.FORMAT,
    basis=(
        Basis("SDB", "6", Severity.HUMAN, "", NEW, BUILT),
        Basis("SDB", "6", Severity.INFO, "", EXISTING, BUILT),
        Basis("SDB", "6", Severity.INFO, "customary", NEW | EXISTING, BUILT),
        Basis("L22", "9(2)", Severity.HUMAN, "", NEW, BUILT),
        Basis("L96", "14", Severity.HUMAN, "", NEW, BUILT),
    ),
    check=_check,
    examples=(
        flagged(
            "海信花园大厦",
            FeatureType.BUILDING,
            Severity.HUMAN,
            Text("“花园”“大厦”重叠", "花园 upon 大厦"),
        ),
        flagged(
            "丽都广场公寓",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text(
                "1996年细则要求通名反映类别",
                "the rules of 1996 ask that the generic tell the class",
            ),
            on=date(2020, 1, 1),
        ),
        flagged(
            "翠苑小区",
            FeatureType.ESTATE,
            Severity.INFO,
            Text("登记中常见，只作提示", "common in registers: noted only"),
        ),
        clean(
            "桂花园小区",
            FeatureType.ESTATE,
            Text("“桂花”为专名，不是“花园”", "桂花 is the specific: no 花园 here"),
        ),
        clean(
            "解放路南小街",
            FeatureType.ROAD,
            Text("派生路名不是重叠", "a derived road name is no stack"),
        ),
        clean(
            "连城广场",
            FeatureType.ESTATE,
            Text("“城”为专名用字", "城 belongs to the specific"),
        ),
        clean(
            "滨海花园",
            FeatureType.ESTATE,
            Text("只有一个通名", "one generic only"),
            standing=Standing.EXISTING,
        ),
    ),
    trap=Text(
        "派生路名、专名末字恰为通名用字（连城）的不属此类",
        "derived road names and specifics ending in a generic's character are no fault",
    ),
    handling=Text("删去一个通名", "drop one of the generics"),
)
