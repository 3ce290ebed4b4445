"""NM-FAM-01: a division that takes the name of a famous feature or heritage site."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.normalise import normal_form
from geo_service.language.split import split_name
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._subjects import KEPT, NEW, UNITS
from geo_service.rules.names._words import word_table

_MESSAGE = Text(
    "专名“{word}”是著名自然地理实体或者历史文化遗产的名称（{source}）",
    "the specific '{word}' is the name of a famous feature or heritage site ({source})",
)
_QUESTION = Text(
    "“{word}”是否指该地理实体？是的，另拟专名",
    "Is that feature meant by '{word}'? Then another specific is needed",
)


def _check(case: NameCase, _context: NameContext) -> Iterator[Evidence]:
    parts = split_name(normal_form(case.name), case.feature_type)
    cells = word_table("famous_features").get(parts.root)
    # Committees of villages are no divisions.
    if cells is not None and parts.kind in ("town", "county"):
        yield Evidence(
            message=_MESSAGE.fill(word=parts.root, source=cells["source"]),
            key=parts.root,
            question=_QUESTION.fill(word=parts.root),
        )


RULE = Rule(
    id="NM-FAM-01",
    slug="famous_feature_division",
    version=1,
    title=Text("以著名地物作行政区划专名", "Division named after a famous feature"),
    category="大",
    quality=Quality.THEMATIC,
    basis=(
        Basis("L22", "9(9)", Severity.ADVISED_AGAINST, "", NEW, UNITS),
        Basis("L22", "9(9)", Severity.INFO, "", KEPT, UNITS),
    ),
    check=_check,
    examples=(
        flagged(
            "太行山区",
            FeatureType.UNIT,
            Severity.ADVISED_AGAINST,
            Text("拟设的区用山名", "a proposed district takes the mountain's name"),
        ),
        flagged(
            "泰山区",
            FeatureType.UNIT,
            Severity.INFO,
            Text("既有的区名只作提示", "an existing district is only noted"),
            standing=Standing.EXISTING,
        ),
        clean("甲山镇", FeatureType.UNIT, Text("不是著名地物", "no famous feature")),
        clean("泰山路", FeatureType.ROAD, Text("只约束行政区划", "only divisions are bound")),
    ),
    trap=Text(
        "既有区划名称不在此列；同名的小地物须由人辨别",
        "existing divisions are no fault; a person tells small features of the same name",
    ),
    handling=Text("另拟专名", "choose another specific"),
)
