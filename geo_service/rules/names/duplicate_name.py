"""NM-DUP-01: the same name within the area where it may not repeat."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.text import Text
from geo_service.language.normalise import compared_form
from geo_service.rules.base import Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._scopes import (
    APPLIED_FOR,
    SCOPE_TEXTS,
    rivals,
    scope_bases,
    scope_question,
)
from geo_service.rules.names._subjects import NEW

_MESSAGE = Text(
    "{scope}内已有同名地名“{name}”（{id}）",
    "'{name}' ({id}) bears the same name within {scope}",
)
_PENDING_MESSAGE = Text(
    "{scope}内另有申报中的同名“{name}”（{id}）",
    "another application within {scope} asks for the same name '{name}' ({id})",
)
_PENDING_QUESTION = Text(
    "是否为同一申报？如不是，由哪一件使用该名称？",
    "Is it the same application? If not, which of the two is to have the name?",
)
_PENDING = ":pending"


def _check(case: NameCase, context: NameContext) -> Iterator[Evidence]:
    yield from _same(case, context)
    yield from _applied_for(case, context)


def _same(case: NameCase, context: NameContext) -> Iterator[Evidence]:
    for place, scope, related in rivals(case, context):
        if _bears_one_name(case, place):
            yield Evidence(
                message=_told(_MESSAGE, scope, place),
                key=place.id,
                aspect=scope,
                related=(related,),
                question=scope_question(scope),
            )


def _applied_for(case: NameCase, context: NameContext) -> Iterator[Evidence]:
    """Two applications for one name: neither has it yet, and only one can get it."""
    for place, scope, related in rivals(case, context, APPLIED_FOR):
        if _bears_one_name(case, place):
            yield Evidence(
                message=_told(_PENDING_MESSAGE, scope, place),
                key=place.id,
                aspect=scope + _PENDING,
                related=(related,),
                question=_PENDING_QUESTION,
            )


def _bears_one_name(case: NameCase, place: NamedPlace) -> bool:
    written = compared_form(case.name, case.feature_type)
    return compared_form(place.name, place.feature_type) == written


def _told(form: Text, scope: str, place: NamedPlace) -> Text:
    area, facts = SCOPE_TEXTS[scope], {"name": place.name, "id": place.id}
    return Text(form.zh.format(scope=area.zh, **facts), form.en.format(scope=area.en, **facts))


_PENDING_BASES = tuple(
    basis
    for basis in scope_bases("same_name", at_most=Severity.HUMAN, suffix=_PENDING)
    if basis.standings == NEW
)
"""A name that stands is not called in question by an application."""

RULE = Rule(
    id="NM-DUP-01",
    slug="duplicate_name",
    version=1,
    title=Text("重名", "Duplicate name"),
    category="重",
    quality=Quality.COMMISSION,
    needs=frozenset(("register",)),
    basis=(*scope_bases("same_name"), *_PENDING_BASES),
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
