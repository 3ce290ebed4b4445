"""NM-GEN-04: a road that does not lie where its name puts it among the roads of its root."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.family import BRANCH
from geo_service.language.normalise import normal_form
from geo_service.language.split import NameParts, split_name
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import (
    Beside,
    Kin,
    NameCase,
    NameContext,
    Standing,
    Surroundings,
    clean,
    flagged,
    registered,
    related_to,
)
from geo_service.rules.names._subjects import KEPT, NEW, ROADS

_WEST_TO_EAST, _SOUTH_TO_NORTH = "西中东", "南中北"

_NO_MAIN = Text(
    "登记簿中没有“{specific}”为专名的主路",
    "the register has no main road with the specific '{specific}'",
)
_APART = Text(
    "不与主路“{name}”相接，相距 {gap} 米", "does not join its main road '{name}': {gap} m apart"
)
_BRANCH_QUESTION = Text("从哪条主路分出？", "From which main road does it branch off?")
_TURNED = Text(
    "名为“{side}”，却在“{name}”的{found}侧", "called '{side}', but lies {found} of '{name}'"
)
_TURNED_QUESTION = Text(
    "方位词是否与实际位置相符？", "Does the direction in the name agree with the place?"
)
_SIDE_WORDS = {
    "东": Text("东", "east"),
    "西": Text("西", "west"),
    "南": Text("南", "south"),
    "北": Text("北", "north"),
}


def _check(case: NameCase, context: NameContext) -> Iterator[Evidence]:
    kin = context.surroundings.kin if context.surroundings else None
    if kin is None:
        return
    parts = split_name(normal_form(case.name), case.feature_type)
    if parts.generic[:1] == BRANCH:
        yield from _as_branch(parts, kin, context.city.threshold("branch_join_m"))
    else:
        for road in kin:
            yield from _turned(parts, road)


def _as_branch(parts: NameParts, kin: tuple[Kin, ...], join_m: float) -> Iterator[Evidence]:
    """A branch road must touch one of the roads it may have its name from."""
    gaps = [(road.gap_m, road.place) for road in kin if road.gap_m is not None]
    if not kin:
        yield Evidence(
            message=_NO_MAIN.fill(specific=parts.specific),
            key="main",
            aspect="branch",
            question=_BRANCH_QUESTION,
        )
    elif len(gaps) == len(kin):
        gap, main = min(gaps, key=lambda row: (row[0], row[1].id))
        if gap > join_m:
            yield Evidence(
                message=_APART.fill(name=main.name, gap=round(gap)),
                key=main.id,
                aspect="branch",
                related=(related_to(main, gap),),
                measure=Measure(round(gap, 1), join_m, "m", "城市配置 branch_join_m"),
                question=_BRANCH_QUESTION,
            )


def _turned(parts: NameParts, road: Kin) -> Iterator[Evidence]:
    """香港东路 lies east of 香港中路 and 香港西路."""
    other = split_name(normal_form(road.place.name), road.place.feature_type).modifier
    for axis, offset in ((_WEST_TO_EAST, road.east_m), (_SOUTH_TO_NORTH, road.north_m)):
        if offset is None or parts.modifier == other:
            continue
        if parts.modifier not in axis or other not in axis or not (parts.modifier and other):
            continue
        # The offset leads from the case to the other road.
        after = axis.index(parts.modifier) > axis.index(other)
        if (offset > 0) == after and offset:
            found = axis[2] if offset < 0 else axis[0]
            yield Evidence(
                message=_TURNED.fill(
                    side=parts.modifier, name=road.place.name, found=_SIDE_WORDS[found]
                ),
                key=road.place.id,
                aspect="direction",
                related=(related_to(road.place, road.gap_m),),
                measure=Measure(round(abs(offset), 1), 0.0, "m", "两路中点的相对位置"),
                question=_TURNED_QUESTION,
            )


def _family(name: str, **offsets: float) -> Beside:
    return Beside(Surroundings(kin=(Kin(registered(name, FeatureType.ROAD), **offsets),)))


RULE = Rule(
    id="NM-GEN-04",
    slug="road_out_of_place",
    version=1,
    title=Text("方位、支路名与实际位置不符", "Direction or branch in a road name is untrue"),
    category="怪",
    quality=Quality.THEMATIC,
    needs=frozenset(("register",)),
    basis=(
        Basis("QDR", "4", Severity.HUMAN, "branch", NEW, ROADS),
        Basis("L22", "9(2)", Severity.HUMAN, "branch", NEW, ROADS),
        Basis("L96", "14", Severity.HUMAN, "branch", NEW, ROADS),
        Basis("QDR", "5(2)", Severity.HUMAN, "direction", NEW, ROADS),
        Basis("L22", "9(2)", Severity.HUMAN, "direction", NEW, ROADS),
        Basis("L96", "8(9)", Severity.HUMAN, "direction", NEW, ROADS),
        Basis("QDR", "5(2)", Severity.INFO, "direction", KEPT, ROADS),
        Basis("L22", "9(2)", Severity.INFO, "direction", KEPT, ROADS),
    ),
    check=_check,
    examples=(
        flagged(
            "云霄东路",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("东路在西路以西", "the east road lies west of the west road"),
            beside=_family("云霄西路", east_m=600, north_m=20, gap_m=150),
        ),
        flagged(
            "云霄支路",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("离主路800米", "800 m from its main road"),
            beside=_family("云霄路", east_m=900, north_m=20, gap_m=800),
        ),
        flagged(
            "云霄支路",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("登记簿中没有主路", "no main road in the register"),
            beside=Beside(Surroundings(kin=())),
        ),
        clean(
            "云霄东路",
            FeatureType.ROAD,
            Text("东路在西路以东", "east of the west road"),
            beside=_family("云霄西路", east_m=-600, north_m=20, gap_m=150),
        ),
        clean(
            "云霄支路",
            FeatureType.ROAD,
            Text("与主路相接", "joins its main road"),
            beside=_family("云霄路", east_m=300, north_m=20, gap_m=2),
        ),
        clean(
            "云霄东路",
            FeatureType.ROAD,
            Text("位置未知，不作结论", "no position: no conclusion"),
            on=date(2021, 6, 1),
            standing=Standing.EXISTING,
            beside=_family("云霄西路"),
        ),
    ),
    trap=Text(
        "弯路的中点可能落在同族道路的另一侧；只比较中点",
        "the middle of a winding road may fall on the other side of its kin; only middles count",
    ),
    handling=Text("核对图上位置；方位词与位置一致", "check the map; the direction must be true"),
)
