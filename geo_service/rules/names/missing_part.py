"""NM-FORM-01: a name without specific or without generic."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.normalise import normal_form
from geo_service.language.split import cut_phase, split_name
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._subjects import BUILT, EXISTING, FACILITIES, NEW, ROADS

_BARE = Text("只有通名“{name}”，没有专名", "only the generic '{name}', no specific")
_BARE_QUESTION = Text("专名是什么？", "What is the specific?")
_OPEN = Text("没有可识别的通名", "no generic can be recognised")
_OPEN_QUESTION = Text(
    "该类地名应有通名；“{name}”是否为推广名，或者使用了未收录的通名？",
    "Names of this type have a generic; is '{name}' a promotion name, or its generic not listed?",
)
_CHECKED = BUILT | ROADS | FACILITIES


def _check(case: NameCase, _context: NameContext) -> Iterator[Evidence]:
    if case.feature_type not in _CHECKED:
        return
    name = normal_form(case.name)
    if case.feature_type in BUILT:
        name = cut_phase(name, case.feature_type)[0]
    parts = split_name(name, case.feature_type)
    if parts.generic and not parts.root:
        yield Evidence(
            message=_BARE.fill(name=name), key="specific", aspect="bare", question=_BARE_QUESTION
        )
    elif not parts.generic and case.feature_type not in FACILITIES:
        yield Evidence(
            message=_OPEN,
            key="generic",
            aspect="open",
            question=_OPEN_QUESTION.fill(name=name),
        )


RULE = Rule(
    id="NM-FORM-01",
    slug="missing_part",
    version=2,
    title=Text("专名或通名缺失", "Specific or generic missing"),
    category="怪",
    quality=Quality.FORMAT,
    basis=(
        Basis("QDR", "3", Severity.ADVISED_AGAINST, "bare", NEW, ROADS),
        Basis("QDR", "3", Severity.HUMAN, "open", NEW, ROADS),
        Basis("L22", "9(1)", Severity.HUMAN, "bare", NEW),
        Basis("L22", "9(2)", Severity.HUMAN, "open", NEW, ROADS | BUILT),
        Basis("L96", "14", Severity.HUMAN, "bare", NEW),
        Basis("L96", "14", Severity.HUMAN, "open", NEW, ROADS | BUILT),
        Basis("SDB", "6", Severity.HUMAN, "bare", NEW | EXISTING, BUILT),
        Basis("SDB", "6", Severity.INFO, "open", NEW | EXISTING, BUILT),
    ),
    check=_check,
    examples=(
        flagged(
            "大厦",
            FeatureType.BUILDING,
            Severity.HUMAN,
            Text("只有通名", "a generic alone"),
        ),
        flagged(
            "大道",
            FeatureType.ROAD,
            Severity.ADVISED_AGAINST,
            Text("市道路命名规则要求专名在前", "the city's rules ask for a specific first"),
        ),
        flagged(
            "云栖蝶谷",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("没有可识别的通名", "no known generic"),
        ),
        clean(
            "澄澜花园南区",
            FeatureType.ESTATE,
            Text("分区、分期不算通名缺失", "quarters and phases follow the generic"),
        ),
        clean(
            "玉皇庙",
            FeatureType.VILLAGE,
            Text("自然村名不分专名通名", "natural villages are not split"),
            standing=Standing.EXISTING,
        ),
        clean(
            "大厦路",
            FeatureType.ROAD,
            Text("“大厦”在此为专名", "大厦 is the specific here"),
        ),
        clean(
            "福安路",
            FeatureType.ROAD,
            Text("专名、通名齐全", "specific and generic"),
            on=date(2021, 6, 1),
        ),
    ),
    trap=Text(
        "自然村、自然地物、集镇的通名常已融入专名，不查",
        "natural villages, features and market towns have grown-in generics: not checked",
    ),
    handling=Text("补足专名或通名", "add the missing part"),
)
