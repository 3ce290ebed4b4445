"""NM-LDR-01: a name on the bureau's own list of names of state leaders.

The list is the bureau's and stays with it: nothing a finding says or is filed under holds a word
of it. The finding does not even repeat the name that was asked about.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Severity, Subject
from geo_service.domain.place import FeatureType
from geo_service.domain.restricted import RestrictedNames
from geo_service.domain.text import Text
from geo_service.language.normalise import normal_form
from geo_service.language.split import split_name
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import Beside, NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._subjects import EXISTING, NEW, PROTECTED, ROADS
from geo_service.rules.names._words import occurrences

_MESSAGE = Text("与受限名单相符", "agrees with the restricted list")
_QUESTION = Text(
    "名称中的相符用字是否仅系巧合，或者属沿用已久的既有地名？",
    "Do the characters agree by mere chance, or is it an existing name of old standing?",
)
_PAIR = 2
"""Two characters may meet by chance in the middle of a longer specific, three hardly do."""


def _nameless(case: NameCase, restricted: RestrictedNames) -> Subject:
    """The subject without the name: by its record, or by a hash that only the list can make."""
    if case.record_id:
        return Subject(case.record_kind, case.record_id)
    kept = f"{restricted.digest}:{case.subject.id}"
    known_by = hashlib.sha256(kept.encode("utf-8", "surrogatepass")).hexdigest()
    return Subject(case.record_kind, known_by)


def _check(case: NameCase, context: NameContext) -> Iterator[Evidence]:
    if context.restricted is None:
        return
    name = normal_form(case.name)
    hits = occurrences(name, context.restricted.words)
    if hits:
        specific = split_name(name, case.feature_type).specific
        sure = any(len(hit.word) > _PAIR or hit.word == specific for hit in hits)
        aspect = "sure" if sure else "chance"
        subject = _nameless(case, context.restricted)
        yield Evidence(message=_MESSAGE, aspect=aspect, subject=subject, question=_QUESTION)


_INVENTED = Beside(restricted=RestrictedNames(frozenset(("甲乙丙", "丁戊")), "示例"))

RULE = Rule(
    id="NM-LDR-01",
    slug="leader_name",
    version=1,
    title=Text("国家领导人的名字", "Name of a state leader"),
    category="人名",
    quality=Quality.THEMATIC,
    basis=(
        *(
            basis
            for instrument, article in (("L86", "4(2)"), ("L22", "9(4)"))
            for basis in (
                Basis(instrument, article, Severity.PROHIBITED, "sure", NEW),
                Basis(instrument, article, Severity.HUMAN, "chance", NEW),
                Basis(instrument, article, Severity.HUMAN, "sure", EXISTING),
                Basis(instrument, article, Severity.INFO, "chance", EXISTING),
                Basis(instrument, article, Severity.INFO, "sure", PROTECTED),
                Basis(instrument, article, Severity.INFO, "chance", PROTECTED),
            )
        ),
        Basis("QDR", "5(5)", Severity.PROHIBITED, "sure", NEW, ROADS),
    ),
    check=_check,
    needs=frozenset(("restricted_names",)),
    examples=(
        flagged(
            "甲乙丙大厦",
            FeatureType.BUILDING,
            Severity.PROHIBITED,
            Text("与（虚构的）名单相符", "agrees with an invented list"),
            beside=_INVENTED,
        ),
        flagged(
            "丁戊路",
            FeatureType.ROAD,
            Severity.PROHIBITED,
            Text("整个专名相符", "the whole specific agrees"),
            beside=_INVENTED,
        ),
        flagged(
            "新丁戊塘路",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("两字夹在其他字中，可能只是巧合", "two characters amid others: perhaps chance"),
            beside=_INVENTED,
        ),
        flagged(
            "甲乙丙路",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("既有地名由人判断", "an existing name is for a person"),
            standing=Standing.EXISTING,
            beside=_INVENTED,
        ),
        clean(
            "甲乙路",
            FeatureType.ROAD,
            Text("只有一部分相符", "only a part agrees"),
            beside=_INVENTED,
        ),
        clean(
            "甲乙丙路",
            FeatureType.ROAD,
            Text("没有设置名单时本规则不运行", "without a list the rule does not run"),
            beside=Beside(),
        ),
    ),
    trap=Text(
        "既有的纪念性地名（历史人物命名的路、公园）由人认定；名单由本单位保管，程序不附带、不显示、不记录",
        "existing commemorative names are for a person; the bureau's list is never shown",
    ),
    handling=Text(
        "换用他词，不说明相符的是哪个名字", "another name is needed; never say which agreed"
    ),
)
