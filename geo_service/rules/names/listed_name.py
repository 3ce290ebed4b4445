"""NM-KEEP-01: a name on the protection list is to be changed, or comes up again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Related, Severity
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.text import Text
from geo_service.language.normalise import compared_form
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import (
    Beside,
    NameCase,
    NameContext,
    Standing,
    clean,
    flagged,
    registered,
)
from geo_service.rules.names._subjects import KEPT, NEW

_RENAMED = Text(
    "现用名“{name}”列入地名保护名录{grounds}", "'{name}' is on the protection list{grounds}"
)
_RENAMED_QUESTION = Text(
    "是否确须更名？更名前采取了哪些保护措施？",
    "Must it be renamed? Which protective measures have been taken first?",
)
_SAME = Text("“{name}”列入地名保护名录{grounds}", "'{name}' is on the protection list{grounds}")


def _check(case: NameCase, context: NameContext) -> Iterator[Evidence]:
    if not context.listed:
        return
    own = compared_form(case.name, case.feature_type)
    for entry in context.listed:
        same = compared_form(entry.name, entry.feature_type) == own
        yield Evidence(
            message=(_SAME if same else _RENAMED).fill(name=entry.name, grounds=_grounds(entry)),
            key=entry.id,
            aspect="same" if same else "renamed",
            related=(Related("place-name", entry.id, entry.name),),
            question=None if same else _RENAMED_QUESTION,
        )


def _grounds(entry: NamedPlace) -> Text:
    told = "，".join(part for part in (entry.document_no, entry.origin) if part)
    return Text(f"（{told}）", f" ({told})") if told else Text("", "")


_ENTRY = Beside(listed=(registered("云霄街", FeatureType.ROAD, origin="示例：清代街名"),))

RULE = Rule(
    id="NM-KEEP-01",
    slug="listed_name",
    version=1,
    title=Text("保护名录中的地名", "Name on the protection list"),
    category="保护",
    quality=Quality.THEMATIC,
    needs=frozenset(("register",)),
    basis=(
        Basis("L22", "10", Severity.ADVISED_AGAINST, "renamed", NEW),
        Basis("L22", "25", Severity.ADVISED_AGAINST, "renamed", NEW),
        Basis("L86", "5(4)", Severity.HUMAN, "renamed", NEW),
        Basis("L22", "24", Severity.INFO, "same", NEW | KEPT),
    ),
    check=_check,
    examples=(
        flagged(
            "新霄街",
            FeatureType.ROAD,
            Severity.ADVISED_AGAINST,
            Text("以新名取代名录中的地名", "a new name for one on the list"),
            replaces="云霄街",
            beside=_ENTRY,
        ),
        flagged(
            "新霄街",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("1986年条例：有疑义的可改可不改的不改", "1986: doubtful cases are not renamed"),
            on=date(2020, 6, 1),
            replaces="云霄街",
            beside=_ENTRY,
        ),
        flagged(
            "云霄街",
            FeatureType.ROAD,
            Severity.INFO,
            Text("名录中的现有地名", "an existing name on the list"),
            standing=Standing.PROTECTED,
            beside=_ENTRY,
        ),
        clean(
            "新霄街",
            FeatureType.ROAD,
            Text("现用名不在名录中", "the name replaced is not on the list"),
            replaces="乙街",
        ),
        clean("新霄街", FeatureType.ROAD, Text("名录中没有此名", "not on the list")),
    ),
    trap=Text(
        "同名的其他地方不受名录保护：按类型和所在区划区分",
        "another place of the same name is not protected: type and unit tell them apart",
    ),
    handling=Text(
        "更名前先采取保护措施；沿用名录中的旧名于消失的地方，是一种保护",
        "protect first, then rename; reviving the listed name of a vanished place is protection",
    ),
)
