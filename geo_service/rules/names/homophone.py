"""NM-DUP-02: a name that sounds like another within the area where that is to be avoided."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.rules.base import Quality, Rule
from geo_service.rules.names import NameCase, NameContext, clean, flagged
from geo_service.rules.names._rivals import Fault, rivals
from geo_service.rules.names._scopes import scope_bases

_QUESTION = Text(
    "多音字在“{name}”中是否读作 {sound}？",
    "Is the heteronym in '{name}' read so that it sounds {sound}?",
)


def _check(case: NameCase, context: NameContext) -> Iterator[Evidence]:
    """A heteronym that makes the names alike in one reading only is a question."""
    for rival in rivals(case, context, Fault.SAME_SOUND):
        alike = rival.resemblance
        if alike.certain:
            yield rival.evidence()
        else:
            doubt = _QUESTION.fill(name=rival.place.name, sound=alike.sound)
            yield rival.evidence(at_most=Severity.HUMAN, doubt=doubt)


RULE = Rule(
    id="NM-DUP-02",
    slug="homophone",
    version=2,
    title=Text("同音", "Homophone"),
    category="重",
    quality=Quality.COMMISSION,
    needs=frozenset(("register",)),
    basis=scope_bases(Fault.SAME_SOUND),
    check=_check,
    examples=(
        flagged(
            "云肖路",
            FeatureType.ROAD,
            Severity.ADVISED_AGAINST,
            Text("与云霄路同音不同字", "sounds like 云霄路"),
            neighbours=("云霄路",),
        ),
        flagged(
            "长乐路",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("“乐”读yuè时才同音", "the same sound only if 乐 is read yuè"),
            neighbours=("长月路",),
        ),
        flagged(
            "湘江路",
            FeatureType.ROAD,
            Severity.ADVISED_AGAINST,
            Text("1986年条例亦要求避免同音", "the 1986 regulation asks the same"),
            on=date(2020, 1, 1),
            neighbours=("香江路",),
        ),
        clean(
            "云霄路",
            FeatureType.ROAD,
            Text("同名归重名规则", "the same name is for the duplicate rule"),
            neighbours=("云霄路",),
        ),
        clean(
            "云岭路",
            FeatureType.ROAD,
            Text("近音而不同音（n、l）", "near, not the same sound (n, l)"),
            neighbours=("云宁路",),
        ),
    ),
    trap=Text(
        "多音字可能只在一个读法上相同，须核对当地读音",
        "heteronyms may agree in one reading only: ask for the local reading",
    ),
    handling=Text("避免使用；确需使用的由人说明理由", "avoid it, or give the reason"),
)
