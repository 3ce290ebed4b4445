"""A marker's form names fewer reference objects than it takes to find the place again."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.marker import MarkerDocument
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.markers import MarkerCase, marker_subject
from geo_service.rules.markers._drawing import clean, flagged, stone, stones, thing
from geo_service.rules.markers._wording import called


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    least = int(context.threshold("reference_least"))
    for entry, objects in case.objects():
        named = sorted({one.name for one in objects if one.name})
        if len(named) >= least:
            continue
        marker = entry.marker
        who, listed = called(case, marker), "、".join(named)
        yield Evidence(
            message=Text(
                f"{who.zh}只登记了 {len(named)} 个方位物{f'（{listed}）' if named else ''}，"
                f"至少应有 {least} 个。",
                f"{who.en} has {len(named)} reference object(s){f' ({listed})' if named else ''}; "
                f"at least {least} are needed.",
            ),
            key=entry.document,
            subject=marker_subject(marker),
            related=case.sides(marker.line_code),
            measure=context.measure(len(named), "reference_least", ""),
            geometry=marker.position,
            question=Text(
                "是方位物灭失、未录入，还是当时只选了这些？",
                "Are objects gone, not entered, or were no more chosen?",
            ),
            suggestion=Text(
                "外业补选明显、固定、不易损毁的方位物，重填登记表。",
                "Choose further obvious, fixed, lasting objects in the field and fill a new form.",
            ),
        )


_FORM = MarkerDocument.FORM
_THREE = (thing("水塔", 30.0, 50.0), thing("桥头", 150.0, 80.0), thing("公里碑", 270.0, 60.0))

RULE: Rule[MarkerCase, BoundaryContext] = Rule(
    id="MK-REF-01",
    slug="too_few_reference_objects",
    version=2,
    title=Text("界桩方位物不足", "Too few reference objects"),
    category="方位物不足",
    quality=Quality.OMISSION,
    basis=(
        # How many there must be is said by a standard that nobody here has read: it asks, no more.
        Basis("GBT17796", "reference_objects", Severity.HUMAN),
        Basis("ISO19157", "5", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            stones(stone("001Q", 1000, document=_FORM, references=_THREE[:2])),
            Severity.HUMAN,
            Text("只有两个方位物", "two objects only"),
        ),
        flagged(
            stones(stone("001Q", 1000, document=_FORM, references=(*_THREE[:2], _THREE[0]))),
            Severity.HUMAN,
            Text("同一方位物写了两遍", "one object written twice"),
        ),
        clean(
            stones(stone("001Q", 1000, document=_FORM, references=_THREE)),
            Text("三个方位物", "three objects"),
        ),
        clean(
            stones(stone("001Q", 1000)),
            Text("成果表本无方位物栏", "a list that has no columns for them"),
        ),
    ),
    trap=Text(
        "早期登记表把方位物写在位置说明里，未分栏：先按说明补录。",
        "Early forms have the objects in the note on position: enter them from there first.",
    ),
    handling=Text(
        "方位物灭失或不足的，双方补选并重填登记表。",
        "Both sides choose new objects and fill a new form.",
    ),
    needs=frozenset({"references"}),
)
