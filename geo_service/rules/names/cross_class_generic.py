"""NM-FORM-04: an estate or building that borrows the generic of a division, feature or road."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.normalise import normal_form
from geo_service.language.split import cut_phase
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import Beside, NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._subjects import BUILT, EXISTING, NEW
from geo_service.rules.names._words import word_table

_MESSAGE = Text(
    "末字“{word}”是行政区划、自然地理实体或者道路的通名",
    "the last character '{word}' is a generic of divisions, natural features or roads",
)
_QUESTION = Text(
    "“{word}”是否用作通名？是的，换用住宅区、建筑物的通名",
    "Is '{word}' meant as the generic? Then one of estates and buildings should replace it",
)


def _check(case: NameCase, context: NameContext) -> Iterator[Evidence]:
    name = normal_form(case.name)
    cells = word_table("cross_class_generics").get(name[-1:])
    if cells is None or len(name) < 3 or name.endswith(tuple(cells["but_not"].split())):
        return
    if cut_phase(name, case.feature_type)[2]:  # 澄澜花园南区: a quarter of an estate
        return
    word = cells["word"]
    asked = cells["class"] == "division" or context.city.policy.get("cross_class_generics") == "ask"
    yield Evidence(
        message=_MESSAGE.fill(word=word),
        key=word,
        aspect="asked" if asked else "noted",
        question=_QUESTION.fill(word=word),
    )


_ASK = Beside(policy=(("cross_class_generics", "ask"),))

RULE = Rule(
    id="NM-FORM-04",
    slug="cross_class_generic",
    version=1,
    title=Text("借用他类通名", "Generic of another class"),
    category="怪",
    quality=Quality.FORMAT,
    basis=(
        Basis("SDB", "8", Severity.HUMAN, "asked", NEW, BUILT),
        Basis("L22", "9(2)", Severity.HUMAN, "asked", NEW, BUILT),
        Basis("L96", "14", Severity.HUMAN, "asked", NEW, BUILT),
        Basis("SDB", "8", Severity.INFO, "asked", EXISTING, BUILT),
        Basis("SDB", "8", Severity.INFO, "noted", NEW, BUILT),
    ),
    check=_check,
    examples=(
        flagged(
            "澄澜郡",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("“郡”是旧行政区划的通名", "郡 is a generic of former divisions"),
        ),
        flagged(
            "澄澜湾",
            FeatureType.ESTATE,
            Severity.INFO,
            Text("自然地理通名各地多有批准，只作提示", "often approved: only noted"),
        ),
        flagged(
            "澄澜湾",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("本市要求提问", "the city's profile asks"),
            beside=_ASK,
        ),
        clean(
            "澄澜小区", FeatureType.ESTATE, Text("“小区”是住宅区通名", "小区 is its own generic")
        ),
        clean("澄澜花园南区", FeatureType.ESTATE, Text("分区不是通名", "a quarter of an estate")),
        clean("澄澜郡花园", FeatureType.ESTATE, Text("通名是“花园”", "the generic is 花园")),
        clean(
            "澄澜湾",
            FeatureType.NATURAL,
            Text("海湾本身", "a bay itself"),
            standing=Standing.EXISTING,
        ),
    ),
    trap=Text(
        "小区、社区、园区、超市等词不是借用；湾、山、林等各地多有批准，由城市配置决定是否提问",
        "小区, 社区, 超市 borrow nothing; 湾, 山 are often approved: the city's profile decides",
    ),
    handling=Text("换用住宅区、建筑物的通名", "use a generic of estates or buildings"),
)
