"""NM-DUP-01: the same name within the area where it may not repeat."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.rules.base import Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._rivals import Fault, rivals
from geo_service.rules.names._scopes import scope_bases


def _check(case: NameCase, context: NameContext) -> Iterator[Evidence]:
    for rival in rivals(case, context, Fault.SAME_NAME):
        yield rival.evidence()


RULE = Rule(
    id="NM-DUP-01",
    slug="duplicate_name",
    version=2,
    title=Text("重名", "Duplicate name"),
    category="重",
    quality=Quality.COMMISSION,
    needs=frozenset(("register",)),
    basis=scope_bases(Fault.SAME_NAME),
    check=_check,
    examples=(
        flagged(
            "云霄路",
            FeatureType.ROAD,
            Severity.PROHIBITED,
            Text("建成区内已有同名道路", "a road of that name stands in the built-up area"),
            neighbours=("云霄路",),
        ),
        flagged(
            "云霄路",
            FeatureType.ROAD,
            Severity.PROHIBITED,
            Text("1986年条例亦禁止城镇内街道重名", "the 1986 regulation forbids it as well"),
            on=date(2020, 1, 1),
            neighbours=("云霄路",),
        ),
        flagged(
            "玉皇庙村",
            FeatureType.VILLAGE,
            Severity.INFO,
            Text("既有村名只作提示", "existing villages are only noted"),
            standing=Standing.EXISTING,
            neighbours=("玉皇庙村",),
        ),
        flagged(
            "常家村",
            FeatureType.VILLAGE,
            Severity.PROHIBITED,
            Text("委员会的名称即村名", "the committee bears the name of its village"),
            neighbours=("常家村村民委员会",),
        ),
        clean(
            "云霄东路",
            FeatureType.ROAD,
            Text("派生路名不是重名", "a derived name is no duplicate"),
            neighbours=("云霄路",),
        ),
        clean(
            "云霄路",
            FeatureType.ROAD,
            Text("只有同音字不同的名称", "only a name of other characters"),
            neighbours=("云肖路",),
        ),
    ),
    trap=Text(
        "派生、支路、序列路名不是重名；不在同一法定范围的同名不违规",
        "derived, branch and series names are no duplicates; nor are names outside the legal area",
    ),
    handling=Text("换名；跨区贯通的同一条路应登记为一条", "choose another; one road is one record"),
)
