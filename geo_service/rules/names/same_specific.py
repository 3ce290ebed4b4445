"""NM-DUP-03: the same specific under another generic, or with only 新, 大, 老 or a place more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.rules.base import Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._rivals import Fault, rivals
from geo_service.rules.names._scopes import UNKNOWN, scope_bases

_QUESTION = Text(
    "“{name}”与本名称是否属于同一条街路或同一片区的系列？如不是，请另取专名",
    "Do '{name}' and this name belong to one street or series? If not, choose another specific",
)


def _check(case: NameCase, context: NameContext) -> Iterator[Evidence]:
    """Members of one family (香港东路, 香港西路) are no rivals: they share a root by design."""
    for rival in rivals(case, context, Fault.SAME_SPECIFIC):
        doubt = None if rival.scope == UNKNOWN else _QUESTION.fill(name=rival.place.name)
        yield rival.evidence(doubt=doubt)


RULE = Rule(
    id="NM-DUP-03",
    slug="same_specific",
    version=1,
    title=Text("专名重复", "Repeated specific"),
    category="重",
    quality=Quality.COMMISSION,
    needs=frozenset(("register",)),
    basis=scope_bases(Fault.SAME_SPECIFIC),
    check=_check,
    examples=(
        flagged(
            "云霄街",
            FeatureType.ROAD,
            Severity.ADVISED_AGAINST,
            Text("专名与云霄路相同，只换通名", "the specific of 云霄路, only the generic differs"),
            neighbours=("云霄路",),
        ),
        flagged(
            "新云霄路",
            FeatureType.ROAD,
            Severity.ADVISED_AGAINST,
            Text("仅多“新”字", "only 新 more"),
            neighbours=("云霄路",),
        ),
        flagged(
            "云霄东街",
            FeatureType.ROAD,
            Severity.ADVISED_AGAINST,
            Text(
                "派生于另一条街的词根，不属云霄路系列",
                "a root shared with a street of another kind",
            ),
            neighbours=("云霄路",),
        ),
        flagged(
            "云霄公寓",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("住宅区专名相同，通名不同", "estates of one specific under two generics"),
            neighbours=("云霄花园",),
        ),
        flagged(
            "云霄街",
            FeatureType.ROAD,
            Severity.INFO,
            Text("既有路名只作提示", "an existing road is only noted"),
            standing=Standing.EXISTING,
            neighbours=("云霄路",),
        ),
        flagged(
            "云霄街",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("1986年条例未提专名", "the 1986 regulation does not speak of specifics"),
            on=date(2020, 1, 1),
            neighbours=("云霄路",),
        ),
        clean(
            "云霄东路",
            FeatureType.ROAD,
            Text("派生路名属同一系列", "a derived name of the same street"),
            neighbours=("云霄路", "云霄西路", "云霄支路"),
        ),
        clean(
            "云霄路",
            FeatureType.ROAD,
            Text("同名归重名规则", "the same name is for the duplicate rule"),
            neighbours=("云霄路",),
        ),
        clean(
            "新华路",
            FeatureType.ROAD,
            Text("“新”属于专名", "新 belongs to the specific"),
            neighbours=("华阳路",),
        ),
    ),
    trap=Text(
        "同一街道的方位、序数、支路派生不算重复；道路与住宅区共用专名不在比较之列",
        "derivations of one street do not count, nor a specific shared by a road and an estate",
    ),
    handling=Text("另取专名，或者说明属于同一系列", "choose another specific, or show the series"),
)
