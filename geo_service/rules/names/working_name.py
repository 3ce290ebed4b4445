"""NM-TEMP-01: a planning working name used as a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.normalise import normal_form
from geo_service.language.split import NUMERALS, generic_of
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._subjects import EXISTING, NEW, ROADS
from geo_service.rules.names._words import word_table

_NUMBER = f"[{''.join(sorted(NUMERALS))}]+"

_MESSAGE = Text(
    "“{found}”是规划用语加序数，像是设计图上的工作名",
    "'{found}' is a plan word with a number, like a working name on a drawing",
)
_QUESTION = Text(
    "是否为未经命名程序的规划代号？应另拟正式名称",
    "Is it a plan code that never went through naming? A proper name is then needed",
)


@cache
def _pattern() -> re.Pattern[str]:
    words = sorted(word_table("working_name_words"), key=len, reverse=True)
    plan = "|".join(map(re.escape, words))
    return re.compile(rf"(?:{plan}){_NUMBER}号?|{_NUMBER}号")


def _check(case: NameCase, _context: NameContext) -> Iterator[Evidence]:
    name = normal_form(case.name)
    generic = generic_of(name, case.feature_type)
    found = name[: len(name) - len(generic)]
    if generic and _pattern().fullmatch(found):
        yield Evidence(message=_MESSAGE.fill(found=found), key=found, question=_QUESTION)


RULE = Rule(
    id="NM-TEMP-01",
    slug="working_name",
    version=2,
    title=Text("规划工作名", "Planning working name"),
    category="重",
    quality=Quality.THEMATIC,
    basis=(
        Basis("QDR", "5(2)", Severity.HUMAN, "", NEW | EXISTING, ROADS),
        Basis("L22", "9(1)", Severity.HUMAN, "", NEW, ROADS),
        Basis("L96", "8(9)", Severity.HUMAN, "", NEW, ROADS),
        Basis("N18", "tasks", Severity.HUMAN, "", EXISTING, ROADS),
    ),
    check=_check,
    examples=(
        flagged("规划二路", FeatureType.ROAD, Severity.HUMAN, Text("规划代号", "a plan code")),
        flagged(
            "支三路",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("已立牌的工作名", "a working name already on signs"),
            standing=Standing.EXISTING,
        ),
        flagged(
            "纵五胡同",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("通名表内的任何道路通名", "any generic of a road in the table"),
        ),
        flagged("12号路", FeatureType.ROAD, Severity.HUMAN, Text("编号路", "a numbered road")),
        clean("经五路", FeatureType.ROAD, Text("历史形成的经纬路名", "a historic grid name")),
        clean("延安三路", FeatureType.ROAD, Text("有专名的序列路名", "a series with a specific")),
        clean("三八路", FeatureType.ROAD, Text("有特定含义的数词", "numerals with a meaning")),
    ),
    trap=Text(
        "经、纬路系统和有专名的序列路名（延安三路）不是工作名",
        "historic grids and series with a specific are no working names",
    ),
    handling=Text("按命名程序另拟名称", "propose a proper name through the procedure"),
)
