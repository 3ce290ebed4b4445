"""NM-SEAT-01: a town not named as its seat, a sub-district not named as its street."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.proposal import NOTHING_TOLD, FeatureFacts
from geo_service.domain.text import Text
from geo_service.language.normalise import normal_form
from geo_service.language.split import split_name
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._subjects import KEPT, NEW, UNITS

_MESSAGE = Text(
    "“{name}”与驻地“{seat}”的专名不同", "'{name}' does not bear the name of its seat '{seat}'"
)
_QUESTION = Text("为何不用驻地名称？", "Why is it not named as its seat?")


def _check(case: NameCase, _context: NameContext) -> Iterator[Evidence]:
    if case.facts is NOTHING_TOLD or not case.facts.seat:
        return
    name, seat = normal_form(case.name), normal_form(case.facts.seat)
    parts = split_name(name, case.feature_type)
    if parts.kind == "town" and not seat.startswith(parts.root):
        yield Evidence(message=_MESSAGE.fill(name=name, seat=seat), key=seat, question=_QUESTION)


RULE = Rule(
    id="NM-SEAT-01",
    slug="town_and_seat",
    version=1,
    title=Text("乡镇、街道与驻地不同名", "Town not named as its seat"),
    category="怪",
    quality=Quality.THEMATIC,
    needs=frozenset(("facts",)),
    basis=(
        Basis("L96", "8", Severity.HUMAN, "", NEW, UNITS),
        Basis("L96", "8", Severity.INFO, "", KEPT, UNITS),
    ),
    check=_check,
    examples=(
        flagged(
            "甲河镇",
            FeatureType.UNIT,
            Severity.HUMAN,
            Text("驻地在乙庄", "the seat is 乙庄"),
            on=date(2020, 6, 1),
            facts=FeatureFacts(seat="乙庄村"),
        ),
        flagged(
            "甲河镇",
            FeatureType.UNIT,
            Severity.INFO,
            Text("既有镇名只作提示", "an existing town is only noted"),
            on=date(2020, 6, 1),
            standing=Standing.EXISTING,
            facts=FeatureFacts(seat="乙庄村"),
        ),
        clean(
            "甲河镇",
            FeatureType.UNIT,
            Text("与驻地同名", "named as its seat"),
            on=date(2020, 6, 1),
            facts=FeatureFacts(seat="甲河村"),
        ),
        clean(
            "甲河路街道",
            FeatureType.UNIT,
            Text("街道以所在街路命名", "a sub-district named as its street"),
            on=date(2020, 6, 1),
            facts=FeatureFacts(seat="甲河路18号"),
        ),
        clean(
            "甲河镇",
            FeatureType.UNIT,
            Text("未提供驻地", "no seat told"),
            on=date(2020, 6, 1),
        ),
    ),
    trap=Text(
        "驻地迁移后名称可保留；依据仅至2024年4月30日",
        "a name may stay when the seat moves; the basis ended on 2024-04-30",
    ),
    handling=Text("核对驻地和历史沿革", "check the seat and its history"),
)
