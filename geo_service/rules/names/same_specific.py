"""NM-DUP-03: the same specific under another generic, or with only 新, 大, 老 or a place more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.rules.base import Quality, Rule
from geo_service.rules.names import (
    Beside,
    NameCase,
    NameContext,
    Neighbour,
    Standing,
    clean,
    flagged,
    registered,
    related_to,
)
from geo_service.rules.names._rivals import Fault, family, rivals
from geo_service.rules.names._scopes import UNKNOWN, aspect_of, scope_bases

_APART = Text(
    "与“{name}”（{id}）词根相同，形同一个系列，但相距 {away} 米",
    "of one root with '{name}' ({id}), as if of one family, but {away} m away from it",
)
_QUESTION = Text(
    "“{name}”与本名称是否属于同一条街路或同一片区的系列？如不是，请另取专名",
    "Do '{name}' and this name belong to one street or series? If not, choose another specific",
)


def _check(case: NameCase, context: NameContext) -> Iterator[Evidence]:
    """Members of one family (香港东路, 香港西路) are no rivals: they share a root by design."""
    for rival in rivals(case, context, Fault.SAME_SPECIFIC):
        doubt = None if rival.scope == UNKNOWN else _QUESTION.fill(name=rival.place.name)
        yield rival.evidence(doubt=doubt)
    yield from _apart_from_family(case, context)


def _apart_from_family(case: NameCase, context: NameContext) -> Iterator[Evidence]:
    """A derived name far from all of its family: the root belongs to another street."""
    limit_m = context.city.threshold("family_reach_m")
    found = [n for n in family(case, context) if n.distance_m is not None]
    nearest = min(found, key=lambda n: (n.distance_m or 0.0, n.place.id), default=None)
    if nearest is None or nearest.distance_m is None or nearest.distance_m <= limit_m:
        return
    place, away = nearest.place, round(nearest.distance_m)
    scope = nearest.scope or UNKNOWN
    yield Evidence(
        message=_APART.fill(name=place.name, id=place.id, away=away),
        key=f"family:{place.id}",
        aspect=aspect_of(scope, Severity.HUMAN),
        related=(related_to(place, nearest.distance_m),),
        measure=Measure(float(away), limit_m, "m", "cities/profile.toml: family_reach_m"),
        question=_QUESTION.fill(name=place.name),
    )


def _beside(name: str, away_m: float) -> Beside:
    return Beside(
        neighbours=(Neighbour(registered(name, FeatureType.ROAD), away_m, "built_up_area"),)
    )


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
        flagged(
            "云霄东路",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("词根属于远处的另一条街", "the root belongs to a street far away"),
            beside=_beside("云霄西路", 14_000.0),
        ),
        clean(
            "云霄东路",
            FeatureType.ROAD,
            Text("与同系列的路相近", "near a road of its family"),
            beside=_beside("云霄西路", 800.0),
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
