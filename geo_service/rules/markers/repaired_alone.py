"""A marker was repaired without the other side.

Article 6 of the regulation shares the upkeep of markers by agreement, and has a damaged one
repaired by the side responsible with the *adjacent* side present; article 16 disciplines officials
who repair without it. Hence:

- Who must be there is another side of that very marker: the other party of its line, or, where
  three lines meet, any other of the three. A unit that does not adjoin stands for nobody.
- Where both sides keep the marker, either of them may have done the work, so that the other is
  whichever is on record as present.
- A blank in a record that has a place for those present is a repair without them on record. A
  paper that has no such place says nothing: whether the other side was there can only be asked,
  and where no paper at all has one the rule lacks its layer.
- A repair is judged by the law of its own day: before the regulation nobody had to be there.
- A superior of a side, or anybody where not all sides are known, may have stood for a side: asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from geo_service import statutes
from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.identity import DivisionCode
from geo_service.domain.marker import BoundaryMarker, MarkerDocument, MarkerEntry
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.markers import MarkerCase, marker_subject
from geo_service.rules.markers._drawing import FIRST, SECOND, clean, flagged, stone, stones
from geo_service.rules.markers._sides import Sides, as_of_today, sides_of
from geo_service.rules.markers._wording import called

_ALONE, _ASKED = "alone", "asked"


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    for entries in case.by_marker.values():
        repairs = sorted((e for e in entries if _is_judged(e, context)), key=_day)
        for day, papers in groupby(repairs, key=_day):
            said = [paper.witness_sides for paper in papers]
            named = None
            if any(sides is not None for sides in said):
                named = frozenset(code for sides in said for code in sides or ())
            yield from _judged(case, context, entries[0].marker, day, named)


def _is_judged(entry: MarkerEntry, context: BoundaryContext) -> bool:
    """Whether the entry tells of a repair up to the day of the review, under the regulation."""
    day = entry.repaired_on
    in_force = statutes.article("B02", "6").in_force
    return day is not None and day <= context.as_of and in_force.covers(day)


def _day(entry: MarkerEntry) -> date:
    return entry.repaired_on or date.min


def _judged(
    case: MarkerCase,
    context: BoundaryContext,
    marker: BoundaryMarker,
    day: date,
    named: frozenset[DivisionCode] | None,
) -> Iterator[Evidence]:
    if named is None:
        yield _evidence(case, marker, day, _ASKED, _NO_PLACE)
        return
    sides = sides_of(case, context, marker)
    there = {as_of_today(context, code) for code in named}
    if there & sides.others:
        return
    if not there:
        yield _evidence(case, marker, day, _ALONE, _NOBODY)
        return
    listed = "、".join(case.unit_names.get(code, str(code)) for code in sorted(named))
    if _may_stand_for_a_side(there, sides):
        said = Text(
            f"在场方记为{listed}，看不出是否代表毗邻一方",
            f"with {listed} on record as present, who may or may not stand for the other side",
        )
        yield _evidence(case, marker, day, _ASKED, said)
        return
    said = Text(
        f"在场方只有{listed}，不是毗邻一方",
        f"with only {listed} present, which is not the other side",
    )
    yield _evidence(case, marker, day, _ALONE, said)


def _may_stand_for_a_side(there: set[DivisionCode], sides: Sides) -> bool:
    """Whether somebody present is a superior of a side, or may be a side that is not known."""
    strangers = there - sides.around - sides.keepers
    above = any(side.is_within(code) for code in strangers for side in sides.around)
    return above or (bool(strangers) and not sides.complete)


_NO_PLACE = Text("所附文件没有在场方一栏", "the papers have no place for who was present")
_NOBODY = Text("没有毗邻一方在场的记录", "with no record that the other side was present")


def _evidence(
    case: MarkerCase, marker: BoundaryMarker, day: date, aspect: str, said: Text
) -> Evidence:
    who, on = called(case, marker), day.isoformat()
    asked = Text(
        f"{on} 修复时毗邻一方是否在场，由谁签字？",
        f"Was the other side present on {on}, and who signed?",
    )
    return Evidence(
        message=Text(
            f"{who.zh}于 {on} 修复，{said.zh}。", f"{who.en} was repaired on {on}, {said.en}."
        ),
        key=on,
        aspect=aspect,
        subject=marker_subject(marker),
        related=case.sides(marker.line_code),
        geometry=marker.position,
        question=asked if aspect == _ASKED else None,
        suggestion=Text(
            "补充在场方签字；确未到场的，由双方重新核验界桩位置。",
            "Add the signature of the side present; if none was, both sides verify the marker "
            "again.",
        ),
    )


def _repaired(
    *witnesses: DivisionCode, number: str = "001Q", on: date = date(2023, 6, 1)
) -> MarkerEntry:
    return stone(
        number,
        1000,
        document=MarkerDocument.INSPECTION,
        repaired_on=on,
        witness_sides=witnesses,
    )


_THIRD = DivisionCode("990103")
_UNTOLD = stone("001Q", 1000, document=MarkerDocument.INSPECTION, repaired_on=date(2023, 6, 1))

RULE: Rule[MarkerCase, BoundaryContext] = Rule(
    id="MK-STA-02",
    slug="repaired_alone",
    version=2,
    title=Text("界桩修复时对方不在场", "Marker repaired without the other side"),
    category="单方修复",
    quality=Quality.OMISSION,
    basis=(
        Basis("B02", "6", Severity.PROHIBITED, _ALONE),
        Basis("B02", "16", Severity.PROHIBITED, _ALONE),
        Basis("B02", "6", Severity.HUMAN, _ASKED),
    ),
    check=_check,
    examples=(
        flagged(
            stones(_repaired()),
            Severity.PROHIBITED,
            Text("在场方一栏为空", "no side present is named"),
        ),
        flagged(
            stones(_repaired(FIRST)),
            Severity.PROHIBITED,
            Text("在场的只有责任方自己", "only the responsible side itself was there"),
        ),
        flagged(
            stones(_repaired(_THIRD)),
            Severity.PROHIBITED,
            Text("在场的丙区与该线无关", "丙区, who was there, does not adjoin the line"),
        ),
        flagged(
            stones(_repaired(SECOND, number="002Q"), _UNTOLD),
            Severity.HUMAN,
            Text("这份文件没有在场方一栏：只问", "this paper has no place for it: asked only"),
        ),
        flagged(
            stones(_repaired(DivisionCode("990100"))),
            Severity.HUMAN,
            Text("市局在场：是否代表乙区，须问", "the city was there: for 乙区 or not is asked"),
        ),
        flagged(
            stones(_repaired(_THIRD, number="001C")),
            Severity.HUMAN,
            Text("三立界桩的第三方未知", "a triple whose third side is not known"),
        ),
        clean(stones(_repaired(SECOND)), Text("乙区在场", "the other side was present")),
        clean(
            stones(_repaired(FIRST), stone("001Q", 1000, responsible_side=SECOND)),
            Text("双方共同管理，一方在场即可", "kept by both: either of them will do"),
        ),
        clean(
            stones(_repaired(DivisionCode("990102002"))),
            Text("乙区的街道在场", "a sub-district of 乙区 was there"),
        ),
        clean(
            stones(_repaired(SECOND), _UNTOLD),
            Text("同一次修复，另一份文件记有在场方", "another paper on that repair names the side"),
        ),
        clean(
            stones(_repaired(on=date(2002, 6, 30))),
            Text("条例施行前的修复", "a repair from before the regulation was in force"),
        ),
        clean(stones(stone("001Q", 1000)), Text("没有修复", "not repaired")),
    ),
    trap=Text(
        "描红、除草是日常维护，不是修复，不要记入修复日期。",
        "Repainting and clearing are upkeep, no repair: they take no repair date.",
    ),
    handling=Text(
        "补齐在场记录后方可办结；修复时隐瞒不报的依条例第十六条追究。",
        "The case closes only with the record of presence; article 16 provides for officials who "
        "repair without it.",
    ),
    needs=frozenset({"repairs", "witnesses"}),
)
