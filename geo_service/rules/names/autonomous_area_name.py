"""NM-MIN-01: how the name of an ethnic autonomous area is put together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.normalise import normal_form
from geo_service.language.split import generic_of
from geo_service.lexicons import lexicon
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._subjects import KEPT, NEW, UNITS

_AUTONOMOUS = "自治"
"""How the generics of autonomous areas begin: 自治区, 自治州, 自治县, 自治旗."""
_ALL_PEOPLES = "各族"
"""In the place of a list of peoples: 龙胜各族自治县."""
_MOST_PEOPLES = 3
"""Rules of 1996, art. 16."""

_WITHOUT = Text("名称中没有民族全称", "no people is named in full")
_MANY = Text("名称列有 {count} 个民族", "{count} peoples are named")
_NO_PLACE = Text("民族名称之前没有地名", "no place stands before the people")
_QUESTION = Text(
    "是否按“地名、民族全称、通名”命名，所列民族不超过三个？",
    "Is the name place + people in full + generic, with three peoples at most?",
)


@cache
def _peoples() -> tuple[str, ...]:
    names = (row["name"] for row in lexicon("ethnic_groups", "name").rows)
    return tuple(sorted((*names, _ALL_PEOPLES), key=len, reverse=True))


def _cut_peoples(body: str) -> tuple[str, int]:
    """What stands before the peoples that end a text, and how many there are."""
    count = 0
    while people := next((name for name in _peoples() if body.endswith(name)), ""):
        body, count = body.removesuffix(people), count + 1
    return body, count


def _fault(name: str, generic: str) -> Text | None:
    place, count = _cut_peoples(name.removesuffix(generic))
    if not count:
        return _WITHOUT
    if count > _MOST_PEOPLES:
        return _MANY.fill(count=count)
    return None if place else _NO_PLACE


def _check(case: NameCase, _context: NameContext) -> Iterator[Evidence]:
    name = normal_form(case.name)
    generic = generic_of(name, case.feature_type)
    if generic.startswith(_AUTONOMOUS):
        message = _fault(name, generic)
        if message is not None:
            yield Evidence(message=message, key=generic, question=_QUESTION)


RULE = Rule(
    id="NM-MIN-01",
    slug="autonomous_area_name",
    version=1,
    title=Text("民族自治地方名称构成", "Make-up of the name of an autonomous area"),
    category="怪",
    quality=Quality.FORMAT,
    basis=(
        Basis("L96", "16", Severity.HUMAN, "", NEW, UNITS),
        Basis("L96", "16", Severity.INFO, "", KEPT, UNITS),
    ),
    check=_check,
    examples=(
        flagged(
            "甲山自治县",
            FeatureType.UNIT,
            Severity.HUMAN,
            Text("没有民族名称", "no people named"),
            on=date(2020, 6, 1),
        ),
        flagged(
            "甲山拉祜族佤族布朗族傣族自治县",
            FeatureType.UNIT,
            Severity.INFO,
            Text("四个民族的既有名称只作提示", "an existing name of four peoples is only noted"),
            on=date(2020, 6, 1),
            standing=Standing.EXISTING,
        ),
        clean(
            "甲山回族自治县",
            FeatureType.UNIT,
            Text("地名、民族全称、通名齐全", "place, people in full, generic"),
            on=date(2020, 6, 1),
        ),
        clean(
            "甲山县",
            FeatureType.UNIT,
            Text("不是自治地方", "no autonomous area"),
            on=date(2020, 6, 1),
        ),
    ),
    trap=Text(
        "历史形成的名称（西藏、内蒙古）不按此式；依据仅至2024年4月30日",
        "historic names (西藏, 内蒙古) have another form; the basis ended on 2024-04-30",
    ),
    handling=Text("由人核对", "a person checks it"),
)
