"""NM-ORD-01: a bare ordinal, or merely 新 (new), in the place of the specific."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.normalise import normal_form
from geo_service.language.split import split_name
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._subjects import BUILT, EXISTING, NEW, ROADS

_DIGIT = "[一二三四五六七八九]"
_NUMBER = f"(?:{_DIGIT}?十{_DIGIT}?|{_DIGIT})"
"""One to ninety-nine: 三八, 五四 are no ordinals but numerals with a meaning of their own."""
_ROAD = re.compile(f"第?{_NUMBER}|新")
_BUILT = re.compile(f"第{_NUMBER}")
"""Without 第 the number of an estate is another matter (NM-ODD-02)."""
_OPENINGS = frozenset("第一二三四五六七八九十新")
_RING = "环"
"""Ring roads are counted from the centre outwards everywhere."""

_MESSAGE = Text(
    "只有序数或者“新”字“{found}”，没有专名", "an ordinal or 新 only, no specific: '{found}'"
)
_QUESTION = Text(
    "是否属于历史形成的序列（经纬路）？否则宜冠以专名，如“某某{name}”",
    "Does it belong to a series of old standing (经, 纬)? If not, a specific should come first",
)


def _check(case: NameCase, _context: NameContext) -> Iterator[Evidence]:
    name = normal_form(case.name)
    if name[:1] not in _OPENINGS:
        return
    pattern = _ROAD if case.feature_type in ROADS else _BUILT
    parts = split_name(name, case.feature_type)
    root = parts.root
    if parts.generic and pattern.fullmatch(root) and not parts.generic.startswith(_RING):
        yield Evidence(
            message=_MESSAGE.fill(found=root), key=root, question=_QUESTION.fill(name=name)
        )


RULE = Rule(
    id="NM-ORD-01",
    slug="bare_ordinal",
    version=1,
    title=Text("单独以序数命名", "Bare ordinal as a name"),
    category="重",
    quality=Quality.THEMATIC,
    basis=(
        Basis("L96", "8(ordinal)", Severity.HUMAN, "", NEW, ROADS | BUILT),
        Basis("L22", "9(1)", Severity.HUMAN, "", NEW, ROADS | BUILT),
        Basis("QDR", "5(2)", Severity.HUMAN, "", NEW, ROADS),
        Basis("L96", "8(ordinal)", Severity.INFO, "", EXISTING, ROADS),
    ),
    check=_check,
    examples=(
        flagged(
            "第三大街",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("没有专名", "no specific"),
        ),
        flagged(
            "新街",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("“新”不成专名，日久即不新", "新 is no specific, and nothing stays new"),
            on=date(2019, 6, 1),
        ),
        flagged(
            "第二小区",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("居民区同样不单用序数", "the same holds for estates"),
        ),
        flagged(
            "二马路",
            FeatureType.ROAD,
            Severity.INFO,
            Text("既有路名只作提示", "an existing road is only noted"),
            on=date(2019, 6, 1),
            standing=Standing.EXISTING,
        ),
        clean("延安三路", FeatureType.ROAD, Text("有专名的序列", "a series with a specific")),
        clean("三八路", FeatureType.ROAD, Text("有特定含义的数词", "numerals with a meaning")),
        clean("经五路", FeatureType.ROAD, Text("历史形成的经纬路", "a historic grid")),
        clean("三环路", FeatureType.ROAD, Text("环路按圈数编号", "ring roads are counted")),
        clean("十里路", FeatureType.ROAD, Text("“十里”不是序数", "ten li are no ordinal")),
    ),
    trap=Text(
        "有专名的序列（延安三路）、历史形成的经纬路、有特定含义的数词（三八路）不属此类",
        "series with a specific, historic grids and numerals with a meaning are no fault",
    ),
    handling=Text(
        "冠以专名成为序列，或者另拟名称", "put a specific first, or propose another name"
    ),
)
