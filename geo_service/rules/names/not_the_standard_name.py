"""NM-ALI-01: a name in use that is not the standard name of its place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus
from geo_service.domain.text import Text
from geo_service.language.split import generic_of
from geo_service.messages import message
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import (
    Beside,
    InUse,
    NameCase,
    NameContext,
    Neighbour,
    Standing,
    clean,
    flagged,
    registered,
    related_to,
)
from geo_service.rules.names._rivals import Fault, compared, same_class
from geo_service.rules.names._subjects import ALL, EXISTING, OLD_STANDING, PROTECTED

_KINDS = {
    "unapproved": Severity.ADVISED_AGAINST,
    "refused": Severity.ADVISED_AGAINST,
    "alias": Severity.ADVISED_AGAINST,
    "without_generic": Severity.HUMAN,
    "other_generic": Severity.HUMAN,
    "other_spelling": Severity.HUMAN,
    "promotion": Severity.HUMAN,
    "unregistered": Severity.INFO,
}
"""Kinds of use of another name (words of the messages `alias`), and how much each weighs."""

_OF_RECORD = {
    NameStatus.PROPOSED: "unapproved",
    NameStatus.RESERVED: "unapproved",
    NameStatus.REFUSED: "refused",
    NameStatus.VARIANT: "alias",
    NameStatus.FORMER: "alias",
}


def _check(case: NameCase, context: NameContext) -> Iterator[Evidence]:
    """One finding: the kind that is surest, with the standard names that may be meant."""
    in_use = context.in_use
    if in_use is None or (in_use.record and in_use.record.status is NameStatus.STANDARD):
        return
    standing_here = [n for n in in_use.here or () if n.place.status is NameStatus.STANDARD]
    if in_use.record is not None and in_use.record.status in _OF_RECORD:
        kind = _OF_RECORD[in_use.record.status]
        yield _evidence(kind, standing_here[:1], in_use.record)
        return
    found = list(_near_standard(case, context, in_use))
    if found:
        yield _evidence(found[0][0], [neighbour for _, neighbour in found[:1]])
    elif standing_here:
        yield _evidence("promotion", standing_here[:1])
    else:
        yield _evidence("unregistered", [])


def _near_standard(
    case: NameCase, context: NameContext, in_use: InUse
) -> Iterator[tuple[str, Neighbour]]:
    """Standard names that this one may stand for, surest kind first.

    A spelling is told from another name by the place alone; a bare specific may lie anywhere in
    the legal area, unless both places are known to be apart.
    """
    here = {neighbour.place.id for neighbour in in_use.here or ()}
    order = {kind: rank for rank, kind in enumerate(_KINDS)}
    found = []
    for neighbour in context.neighbours or ():
        place = neighbour.place
        if place.status is not NameStatus.STANDARD or not same_class(case, place):
            continue
        fault = compared(case, place, context).fault
        apart = neighbour.distance_m is not None and place.id not in here
        if fault is None or apart or neighbour.scope == "":
            continue
        if fault is Fault.SAME_SPECIFIC:
            bare = not generic_of(case.name, case.feature_type)
            found.append(("without_generic" if bare else "other_generic", neighbour))
        elif place.id in here:
            found.append(("other_spelling", neighbour))
    found.sort(key=lambda row: (order[row[0]], row[1].distance_m or 0.0, row[1].place.id))
    yield from found


def _evidence(kind: str, standard: list[Neighbour], record: NamedPlace | None = None) -> Evidence:
    place = standard[0].place if standard else record
    meant = (
        message("alias.meant", name=place.name, id=place.id) if standard and place else Text("", "")
    )
    related = [related_to(n.place, n.distance_m) for n in standard]
    if record is not None:
        related.append(related_to(record))
    told = message(f"alias.{kind}", id=record.id if record else "", meant=meant)
    return Evidence(
        message=told,
        key=kind,
        aspect=kind,
        related=tuple(related),
        question=message(f"alias.{kind}_question"),
        suggestion=message("alias.use", name=place.name) if standard and place else None,
    )


def _bases() -> Iterator[Basis]:
    younger = ALL - OLD_STANDING
    for instrument, article in (("L22", "18"), ("L22", "37"), ("N18", "tasks"), ("L86", "5(3)")):
        for kind, severity in _KINDS.items():
            yield Basis(instrument, article, severity, kind, EXISTING, younger)
            yield Basis(instrument, article, Severity.INFO, kind, EXISTING, OLD_STANDING)
            yield Basis(instrument, article, Severity.INFO, kind, PROTECTED)


def _beside(
    *here: str, kind: FeatureType = FeatureType.ESTATE, record: NamedPlace | None = None
) -> Beside:
    places = tuple(Neighbour(registered(name, kind), 12.0) for name in here)
    return Beside(in_use=InUse(record, places), neighbours=places)


def _record(name: str, status: NameStatus) -> NamedPlace:
    return registered(name, FeatureType.ESTATE, status=status)


RULE = Rule(
    id="NM-ALI-01",
    slug="not_the_standard_name",
    version=1,
    title=Text("未使用标准地名", "Not the standard name"),
    category="一地多名",
    quality=Quality.THEMATIC,
    needs=frozenset(("register",)),
    basis=tuple(_bases()),
    check=_check,
    examples=(
        flagged(
            "云霄天境",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text(
                "同一位置的标准地名是云霄花园：批而不用",
                "the standard name of the place is 云霄花园",
            ),
            standing=Standing.EXISTING,
            beside=_beside("海澜花园"),
        ),
        flagged(
            "云霄",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("省略通名：用而不全", "the generic is dropped"),
            standing=Standing.EXISTING,
            beside=_beside("云霄花园"),
        ),
        flagged(
            "云霄公寓",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("改换通名：用而不全", "the generic is swapped"),
            standing=Standing.EXISTING,
            beside=_beside("云霄花园"),
        ),
        flagged(
            "云肖花园",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("同一位置同音异写：一名多写", "the same place under another spelling"),
            standing=Standing.EXISTING,
            beside=_beside("云霄花园"),
        ),
        flagged(
            "云霄天境",
            FeatureType.ESTATE,
            Severity.ADVISED_AGAINST,
            Text("登记为别名：一地多名", "registered as an alias"),
            standing=Standing.EXISTING,
            beside=_beside("云霄花园", record=_record("云霄天境", NameStatus.VARIANT)),
        ),
        flagged(
            "云霄天境",
            FeatureType.ESTATE,
            Severity.ADVISED_AGAINST,
            Text("尚在申报即已使用：未批先用", "in use while still applied for"),
            standing=Standing.EXISTING,
            beside=_beside(record=_record("云霄天境", NameStatus.PROPOSED)),
        ),
        flagged(
            "云霄天境",
            FeatureType.ESTATE,
            Severity.INFO,
            Text("登记簿中没有", "not in the register"),
            standing=Standing.EXISTING,
            beside=_beside(),
        ),
        flagged(
            "云霄公寓",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("1986年条例要求确定统一的名称", "the 1986 regulation asks for one name"),
            on=date(2016, 1, 1),
            standing=Standing.EXISTING,
            beside=_beside("云霄花园"),
        ),
        clean(
            "云霄花园",
            FeatureType.ESTATE,
            Text("即标准地名", "it is the standard name"),
            standing=Standing.EXISTING,
            beside=_beside(record=_record("云霄花园", NameStatus.STANDARD)),
        ),
        clean(
            "云霄公寓",
            FeatureType.ESTATE,
            Text("拟命名不是使用中的名称", "a proposed name is not in use"),
            beside=_beside("云霄花园"),
        ),
    ),
    trap=Text(
        "登记簿不全时，没有登记不等于擅自命名；同一位置可以有住宅区、楼宇、道路各一名",
        "where the register is not complete, absence proves nothing; one spot may hold an estate,"
        " a building and a road",
    ),
    handling=Text(
        "改用标准地名；确有必要的申请更名，或登记为别名",
        "use the standard name; where there is need, apply for renaming or register the alias",
    ),
)
