"""NM-FOR-03: a foreign person as a name in China."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.lexicons import Cells
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._foreign_names import FOREIGN_NAME_BASES, foreign_name_evidence
from geo_service.rules.names._subjects import NEW

_MESSAGE = Text("含有外国人名“{word}”", "holds the name of a foreign person, '{word}'")


def _message(_cells: Cells) -> Text:
    return _MESSAGE


def _check(case: NameCase, _context: NameContext) -> Iterator[Evidence]:
    return foreign_name_evidence(case, "foreign_persons", _message)


RULE = Rule(
    id="NM-FOR-03",
    slug="foreign_person_name",
    version=3,
    title=Text("以外国人名命名", "Foreign person as a name"),
    category="洋",
    quality=Quality.THEMATIC,
    basis=(
        *FOREIGN_NAME_BASES,
        Basis("L86", "4(2)", Severity.ADVISED_AGAINST, "known", NEW),
        Basis("L22", "9(4)", Severity.ADVISED_AGAINST, "known", NEW),
    ),
    check=_check,
    examples=(
        flagged(
            "贝多芬广场",
            FeatureType.ESTATE,
            Severity.PROHIBITED,
            Text("外国人名", "a foreign person"),
        ),
        flagged(
            "贝多芬广场",
            FeatureType.ESTATE,
            Severity.ADVISED_AGAINST,
            Text("既有名称列入清理", "an existing name is for the clean-up"),
            on=date(2019, 6, 1),
            standing=Standing.EXISTING,
        ),
        flagged(
            "白求恩路",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("纪念性名称由人认定", "a commemorative name is for a person to judge"),
        ),
        flagged(
            "列宁公园",
            FeatureType.FACILITY,
            Severity.INFO,
            Text("通知所举的例外", "an exception named by the notice"),
            standing=Standing.EXISTING,
        ),
        flagged(
            "莎士比亚纪念馆",
            FeatureType.FACILITY,
            Severity.HUMAN,
            Text("纪念设施由人认定", "a memorial is for a person to judge"),
        ),
        clean(
            "中山路", FeatureType.ROAD, Text("中国人名另有规定", "a Chinese person: other rules")
        ),
        clean("达摩院路", FeatureType.ROAD, Text("宗教用语", "a word of religion")),
    ),
    trap=Text(
        "纪念性、体现友好的名称（白求恩、列宁）是例外；短的译名可能只是汉语词（罗素、培根）",
        "commemorative and friendship names are exempt; short forms may be Chinese words",
    ),
    handling=Text(
        "换用当地地名或汉语词；纪念性名称附上依据由人认定",
        "use a local or Chinese word; a commemorative name needs its grounds and a person",
    ),
)
