"""NM-FAC-01: a station, port or reservoir that does not bear a local name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.normalise import normal_form
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import (
    Beside,
    NameCase,
    NameContext,
    Neighbour,
    Standing,
    Surroundings,
    clean,
    flagged,
    registered,
    related_to,
)
from geo_service.rules.names._facilities import city_stem, stems_of
from geo_service.rules.names._subjects import FACILITIES, KEPT, NEW

_MESSAGE = Text(
    "{reach} 千米内没有同名的登记地名；附近有：{names}",
    "no registered name of that specific within {reach} km; near are: {names}",
)
_QUESTION = Text(
    "设施名称取自当地哪个地名？", "From which local name does the facility have its name?"
)


def _check(case: NameCase, context: NameContext) -> Iterator[Evidence]:
    local = context.surroundings.local if context.surroundings else None
    if not local:  # no position, or nothing registered around to compare with
        return
    stems = stems_of(normal_form(case.name), context.city.name.zh)
    if not stems or city_stem(context.city.name.zh) in stems:
        return
    if any(normal_form(near.place.name).startswith(stems) for near in local):
        return
    names = Text("、", ", ")
    yield Evidence(
        message=_MESSAGE.fill(
            reach=f"{context.city.threshold('facility_local_name_m') / 1000:g}",
            names=Text(
                *(joint.join(n.place.name for n in local) for joint in (names.zh, names.en))
            ),
        ),
        key=stems[0],
        related=tuple(related_to(n.place, n.distance_m) for n in local),
        question=_QUESTION,
    )


def _near(*names: str) -> Beside:
    places = [registered(name, FeatureType.VILLAGE) for name in names]
    return Beside(Surroundings(local=tuple(Neighbour(place, 800.0) for place in places)))


RULE = Rule(
    id="NM-FAC-01",
    slug="facility_against_place",
    version=1,
    title=Text("设施名称与当地地名不统一", "Facility not named after the place"),
    category="怪",
    quality=Quality.THEMATIC,
    needs=frozenset(("register", "position")),
    basis=(
        Basis("L22", "9(10)", Severity.HUMAN, "", NEW, FACILITIES),
        Basis("L86", "4(4)", Severity.HUMAN, "", NEW, FACILITIES),
        Basis("L22", "9(10)", Severity.INFO, "", KEPT, FACILITIES),
        Basis("L86", "4(4)", Severity.INFO, "", KEPT, FACILITIES),
    ),
    check=_check,
    examples=(
        flagged(
            "锦绣站",
            FeatureType.FACILITY,
            Severity.HUMAN,
            Text("附近只有甲村、乙村", "only 甲村 and 乙村 are near"),
            beside=_near("甲岭村", "乙河村"),
        ),
        flagged(
            "锦绣水库",
            FeatureType.FACILITY,
            Severity.HUMAN,
            Text("1986年条例有同样要求", "the regulation of 1986 asks the same"),
            on=date(2015, 6, 1),
            beside=_near("甲岭村"),
        ),
        flagged(
            "锦绣站",
            FeatureType.FACILITY,
            Severity.INFO,
            Text("既有设施只作提示", "an existing one is only noted"),
            standing=Standing.EXISTING,
            beside=_near("甲岭村"),
        ),
        clean(
            "甲岭东站",
            FeatureType.FACILITY,
            Text("取自甲岭村", "named after 甲岭村"),
            beside=_near("甲岭村"),
        ),
        clean(
            "青岛北站",
            FeatureType.FACILITY,
            Text("取自城市名", "named after the city"),
            beside=_near("甲岭村"),
        ),
        clean(
            "锦绣中学",
            FeatureType.FACILITY,
            Text("学校不在此列", "schools are not meant"),
            beside=_near("甲岭村"),
        ),
        clean("锦绣站", FeatureType.FACILITY, Text("没有位置，不查", "no position: not examined")),
    ),
    trap=Text(
        "城市名、区县名命名的干线车站、港口、机场不属此类；登记簿不全时附近可能确有此名",
        "main stations and airports named after the city are right; a register may lack a name",
    ),
    handling=Text("说明名称来源；宜用当地地名", "ask where the name comes from"),
)
