"""Within which area a name may not repeat: the table `duplicate_scopes` as bases of two rules."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.finding import Related, Severity
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus
from geo_service.domain.text import Text
from geo_service.lexicons import Cells, lexicon
from geo_service.rules.base import Basis
from geo_service.rules.names import NameCase, NameContext
from geo_service.rules.names._subjects import BUILT, EXISTING, NEW, OLD_STANDING, PROTECTED

UNKNOWN = "unknown"
"""Scope of a neighbour when the unit of one of the two is not known: a person must look."""

_INSIDE = {
    "township": ("township",),
    "county": ("township", "county"),
    "built_up_area": ("built_up_area",),
    "urban_districts": ("built_up_area", "urban_districts"),
    "city": ("built_up_area", "urban_districts", "city"),
    "province": ("township", "county", "province"),
    "nation": ("nation",),
}
"""For each scope the narrower ones that it contains: a breach there is a breach here."""

_WHERE = Text(
    "两处是否在同一法定比较范围内？请补充位置或者所在区划代码",
    "Do both lie in one legal area? Give a position or a unit code",
)

_SAME_PLACE = Text(
    "两个名称是否指同一地理实体（如跨区贯通的同一条路）？",
    "Do both names mean one and the same place, such as a road through two districts?",
)

SCOPE_TEXTS = {
    "township": Text("同一乡镇", "the same township"),
    "county": Text("同一县级行政区域", "the same county-level unit"),
    "built_up_area": Text("同一建成区", "the same built-up area"),
    "urban_districts": Text("市区（市辖区）", "the urban districts"),
    "city": Text("全市范围", "the whole city"),
    "province": Text("同一省级行政区域", "the same province"),
    "nation": Text("全国", "the whole country"),
    UNKNOWN: Text("位置待核的范围", "an area still to be checked"),
}

_USUAL = {
    FeatureType.VILLAGE: "county",
    FeatureType.UNIT: "nation",
    FeatureType.NATURAL: "nation",
}
_USUAL_ELSEWHERE = "built_up_area"

TAKEN = frozenset((NameStatus.STANDARD, NameStatus.RESERVED))
APPLIED_FOR = frozenset((NameStatus.PROPOSED,))


def scope_bases(
    fault: str, *, at_most: Severity = Severity.PROHIBITED, suffix: str = ""
) -> tuple[Basis, ...]:
    """One basis for each article, type and scope that speaks of the fault.

    `fault` is the column of the table that weighs it for new names: `same_name` or `same_sound`.
    """
    table = lexicon("duplicate_scopes", "instrument", "article", "feature_type", "scope")
    return tuple(
        basis
        for row in table.rows
        if row[fault]
        for scope in (*_INSIDE[row["scope"]], UNKNOWN)
        for basis in _bases(row, scope, min(Severity.from_word(row[fault]), at_most), suffix)
    )


def _bases(row: Cells, scope: str, worst: Severity, suffix: str) -> Iterator[Basis]:
    """Where an unknown place lies only a person can say; old names are judged more mildly."""
    instrument, article = row["instrument"], row["article"]
    kind = FeatureType(row["feature_type"])
    new = min(worst, Severity.HUMAN) if scope == UNKNOWN else worst
    old = Severity.INFO if kind in OLD_STANDING else min(new, Severity.HUMAN)
    aspect, types = scope + suffix, frozenset((kind,))
    yield Basis(instrument, article, new, aspect, NEW, types)
    yield Basis(instrument, article, old, aspect, EXISTING, types)
    yield Basis(instrument, article, Severity.INFO, aspect, PROTECTED, types)


def rivals(
    case: NameCase, context: NameContext, statuses: frozenset[NameStatus] = TAKEN
) -> Iterator[tuple[NamedPlace, str, Related]]:
    """What the law compares with the case: registered or reserved names of its class, in scope.

    Yields the place, the word of its scope, and the place as a finding names it.
    """
    usual = _USUAL.get(case.feature_type, _USUAL_ELSEWHERE)
    for neighbour in context.neighbours or ():
        place = neighbour.place
        scope = usual if neighbour.scope is None else neighbour.scope
        same_class = place.feature_type is case.feature_type or (
            place.feature_type in BUILT and case.feature_type in BUILT
        )
        if same_class and scope and place.status in statuses:
            yield place, scope, Related("place-name", place.id, place.name, neighbour.distance_m)


def scope_question(scope: str) -> Text:
    """What a person must find out before two names count as clashing."""
    return _WHERE if scope == UNKNOWN else _SAME_PLACE
