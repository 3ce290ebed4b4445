"""NM-DUP-04: a name easily taken for another by near sound, by writing or by the order of words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._rivals import Fault, Rival, rivals
from geo_service.rules.names._scopes import UNKNOWN, likeness_bases, scope_bases

_MESSAGE = Text("{message}，相似度 {score}：{reasons}", "{message}; likeness {score}: {reasons}")
_QUESTION = Text(
    "“{name}”与本名称是否容易混淆，妨碍找路、投递和救援？",
    "Are '{name}' and this name so easily confused that visitors, post or rescue go astray?",
)
_OTHERWISE = "/otherwise"
"""What no article speaks of: likeness by writing, by order or by the way a number is said."""


def _check(case: NameCase, context: NameContext) -> Iterator[Evidence]:
    for rival in rivals(case, context, Fault.NEAR_SOUND, Fault.LOOK_ALIKE):
        doubt = None if rival.scope == UNKNOWN else _QUESTION.fill(name=rival.place.name)
        found = rival.evidence(doubt=doubt)
        by_sound = rival.resemblance.fault is Fault.NEAR_SOUND
        yield replace(
            found,
            message=_told(rival),
            measure=rival.measure(),
            aspect=found.aspect if by_sound else found.aspect + _OTHERWISE,
        )


def _told(rival: Rival) -> Text:
    reasons = [reason.text for reason in rival.resemblance.likeness.reasons]
    listed = Text("、".join(r.zh for r in reasons), ", ".join(r.en for r in reasons))
    return _MESSAGE.fill(message=rival.message, score=f"{rival.score:.2f}", reasons=listed)


def _otherwise(basis: Basis) -> Basis:
    return replace(basis, aspect=basis.aspect + _OTHERWISE)


RULE = Rule(
    id="NM-DUP-04",
    slug="confusable_name",
    version=1,
    title=Text("近音、形近易混", "Easily confused name"),
    category="重",
    quality=Quality.COMMISSION,
    needs=frozenset(("register",)),
    basis=(
        *scope_bases(Fault.NEAR_SOUND),
        *likeness_bases(),
        *map(_otherwise, likeness_bases()),
    ),
    check=_check,
    examples=(
        flagged(
            "云宁路",
            FeatureType.ROAD,
            Severity.ADVISED_AGAINST,
            Text("青岛市区避免近音（n、l）", "near sound (n, l) is to be avoided in the districts"),
            neighbours=("云陵路",),
        ),
        flagged(
            "云肖街",
            FeatureType.ROAD,
            Severity.ADVISED_AGAINST,
            Text("专名同音，通名不同", "the specific sounds the same under another generic"),
            neighbours=("云霄路",),
        ),
        flagged(
            "霄云路",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("字序颠倒", "the same characters in another order"),
            neighbours=("云霄路",),
        ),
        flagged(
            "未来花园",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("形近（未、末）", "looks alike (未, 末)"),
            neighbours=("末来花园",),
        ),
        flagged(
            "云宁路",
            FeatureType.ROAD,
            Severity.INFO,
            Text("既有路名只作提示", "an existing road is only noted"),
            standing=Standing.EXISTING,
            neighbours=("云陵路",),
        ),
        clean(
            "云霄东路",
            FeatureType.ROAD,
            Text("同一系列不算易混", "names of one family are a system"),
            neighbours=("云霄西路",),
        ),
        clean(
            "云霄路",
            FeatureType.ROAD,
            Text("只有一字不同，读音明显不同", "one character differs, and clearly by sound"),
            neighbours=("云海路",),
        ),
        clean(
            "云肖路",
            FeatureType.ROAD,
            Text("全名同音归同音规则", "the same sound throughout is for the homophone rule"),
            neighbours=("云霄路",),
        ),
    ),
    trap=Text(
        "相似度是数字，不是判断；既有名称不因近音而更名，道路与住宅区之间只列出、不判",
        "a likeness is a figure, not a judgement; names that stand are not renamed for it",
    ),
    handling=Text(
        "避免使用；确需使用的由人认可并登记该组名称",
        "avoid it, or have the pair accepted and recorded by the person who answers for it",
    ),
)
