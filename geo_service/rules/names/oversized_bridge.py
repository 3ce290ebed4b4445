"""NM-GEN-03: a small bridge called 大桥."""

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
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._sizes import judged, mildest
from geo_service.rules.names._subjects import EXISTING, FACILITIES, NEW, PROTECTED, ROADS

_BRIDGES = ROADS | FACILITIES
_GREAT = "大桥"

_MESSAGE = Text(
    "所报跨径、全长达不到“{generic}”的要求：{mildest}",
    "span and length told do not bear the generic '{generic}': {mildest}",
)
_QUESTION = Text(
    "跨径、全长是否属实？属实的，是否改称“桥”？",
    "Are span and length right? If so, should it be called 桥?",
)


def _check(case: NameCase, _context: NameContext) -> Iterator[Evidence]:
    if case.facts is NOTHING_TOLD:
        return
    generic = generic_of(normal_form(case.name), case.feature_type)
    if generic != _GREAT:
        return
    judgements = judged(generic, case.facts)
    if judgements and all(judgement.fits is False for judgement in judgements):
        nearest = mildest(judgements)
        yield Evidence(
            message=_MESSAGE.fill(generic=generic, mildest=nearest.standard.text),
            key=generic,
            measure=nearest.nearest,
            question=_QUESTION,
        )


RULE = Rule(
    id="NM-GEN-03",
    slug="oversized_bridge",
    version=1,
    title=Text("小桥称大桥", "Small bridge called great"),
    category="大",
    quality=Quality.THEMATIC,
    needs=frozenset(("facts",)),
    basis=(
        Basis("L22", "9(2)", Severity.HUMAN, "", NEW, _BRIDGES),
        Basis("N18", "1", Severity.HUMAN, "", NEW | EXISTING, _BRIDGES),
        Basis("N18", "1", Severity.INFO, "", PROTECTED, _BRIDGES),
        Basis("L96", "14", Severity.HUMAN, "", NEW, _BRIDGES),
    ),
    check=_check,
    examples=(
        flagged(
            "甲河大桥",
            FeatureType.FACILITY,
            Severity.HUMAN,
            Text("单孔20米，全长60米", "one span of 20 m, 60 m in all"),
            facts=FeatureFacts(span_m=20, length_m=60),
        ),
        flagged(
            "甲河大桥",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("2019年清理时的既有桥名", "an existing bridge at the clean-up of 2019"),
            on=date(2019, 3, 1),
            standing=Standing.EXISTING,
            facts=FeatureFacts(span_m=12, length_m=30),
        ),
        clean(
            "甲河大桥",
            FeatureType.FACILITY,
            Text("全长达到100米", "100 m in all"),
            facts=FeatureFacts(span_m=20, length_m=100),
        ),
        clean(
            "甲河大桥",
            FeatureType.FACILITY,
            Text("全长未报，不能判断", "length not told: no conclusion"),
            facts=FeatureFacts(span_m=20),
        ),
        clean(
            "甲河桥",
            FeatureType.FACILITY,
            Text("只称“桥”", "called 桥 only"),
            facts=FeatureFacts(span_m=8, length_m=20),
        ),
    ),
    trap=Text(
        "单孔跨径、全长两项有一项达到即可；两项都报才判断",
        "either span or length is enough; both must be told before anything is said",
    ),
    handling=Text("核实跨径和全长", "check span and length"),
)
