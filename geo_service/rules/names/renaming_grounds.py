"""NM-KEEP-02: a renaming needs one of the grounds that the law names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.normalise import compared_form
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._subjects import NEW

_MESSAGE = Text(
    "拟以“{name}”取代现用名“{former}”；地名应当保持相对稳定",
    "'{name}' is to replace '{former}'; names stay as they are unless there are grounds",
)
_QUESTION = Text(
    "更名属于哪种应当更名的情形（名实不符、违反规定、重名等）？可改可不改的，不改",
    "On which ground is it renamed (untrue, against the rules, a duplicate)? In doubt it is kept",
)


def _check(case: NameCase, _context: NameContext) -> Iterator[Evidence]:
    if not case.replaces:
        return
    name, former = (compared_form(n, case.feature_type) for n in (case.name, case.replaces))
    if name != former:
        yield Evidence(
            message=_MESSAGE.fill(name=name, former=former), key=former, question=_QUESTION
        )


RULE = Rule(
    id="NM-KEEP-02",
    slug="renaming_grounds",
    version=1,
    title=Text("更名须有法定理由", "Renaming needs grounds"),
    category="保护",
    quality=Quality.THEMATIC,
    basis=(
        Basis("L22", "4", Severity.HUMAN, "", NEW),
        Basis("L22", "10", Severity.HUMAN, "", NEW),
        Basis("L86", "5(4)", Severity.HUMAN, "", NEW),
        Basis("L96", "9", Severity.HUMAN, "", NEW),
    ),
    check=_check,
    examples=(
        flagged(
            "新霄街",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("以新名取代现用名", "a new name for one in use"),
            replaces="云霄街",
        ),
        flagged(
            "新霄街",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("1986年条例有同样要求", "the regulation of 1986 asks the same"),
            on=date(2000, 6, 1),
            replaces="云霄街",
        ),
        clean("新霄街", FeatureType.ROAD, Text("新命名，不是更名", "a new name, no renaming")),
        clean(
            "云 霄街",
            FeatureType.ROAD,
            Text("同名，没有改变", "the same name"),
            replaces="云霄街",
        ),
        clean(
            "云霄街",
            FeatureType.ROAD,
            Text("现有地名不在此列", "an existing name is not renamed"),
            standing=Standing.EXISTING,
        ),
    ),
    trap=Text(
        "统一用字、恢复旧名也是更名", "unifying characters or restoring an old name counts too"
    ),
    handling=Text("写明更名理由和依据", "state grounds and basis"),
)
