"""NM-FORM-03: an estate or building whose specific is one character."""

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
from geo_service.rules.names._subjects import BUILT, EXISTING, NEW

_MESSAGE = Text("专名只有一个字“{specific}”", "the specific is the one character '{specific}'")
_LONGEST = 5
"""One character and a generic: longer names need no closer look."""

_QUESTION = Text(
    "单字专名易混、难以指位；“{specific}”能否扩为两字以上？",
    "One character is easily confused and points nowhere; can '{specific}' be made longer?",
)


@cache
def _adorned() -> frozenset[str]:
    """Generics that may lend their first character to the specific: 福雅苑 is 福雅 + 苑."""
    rows = lexicon("generics", "generic", "feature_type").rows
    return frozenset(row["generic"] for row in rows if row["note"] == "adorned")


def _check(case: NameCase, _context: NameContext) -> Iterator[Evidence]:
    name = normal_form(case.name)
    if len(name) > _LONGEST:
        return
    generic = generic_of(name, case.feature_type)
    if generic and generic not in _adorned() and len(name) == len(generic) + 1:
        specific = name[0]
        yield Evidence(
            message=_MESSAGE.fill(specific=specific),
            key=specific,
            question=_QUESTION.fill(specific=specific),
        )


RULE = Rule(
    id="NM-FORM-03",
    slug="one_character_specific",
    version=2,
    title=Text("单字专名", "Specific of one character"),
    category="怪",
    quality=Quality.FORMAT,
    basis=(
        # A draft alone, and approved names such as 锦园 are common: never more than a note.
        Basis("SDB", "6", Severity.INFO, "", NEW | EXISTING, BUILT),
    ),
    check=_check,
    examples=(
        flagged("澜大厦", FeatureType.BUILDING, Severity.INFO, Text("单字专名", "one character")),
        flagged(
            "澜公寓",
            FeatureType.ESTATE,
            Severity.INFO,
            Text("既有名称只作提示", "an existing name is only noted"),
            standing=Standing.EXISTING,
        ),
        clean("澜雅苑", FeatureType.ESTATE, Text("可分为“澜雅”加“苑”", "may be 澜雅 + 苑")),
        clean("澄澜大厦", FeatureType.BUILDING, Text("两字专名", "two characters")),
        clean(
            "湖路",
            FeatureType.ROAD,
            Text("道路不在此列", "not about roads"),
        ),
        clean(
            "澜大厦",
            FeatureType.BUILDING,
            Text("征求意见稿公布之前", "before the draft was made public"),
            on=date(2020, 1, 1),
        ),
    ),
    trap=Text(
        "通名可长可短时（雅苑、苑）取专名较长的分法",
        "where the generic may be long or short (雅苑, 苑) the longer specific counts",
    ),
    handling=Text("由人判断；宜加字", "a person decides; a second character is better"),
)
