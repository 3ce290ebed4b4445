"""A river or road that ran along a line has moved away from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import cast

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.supporting.ground import WatchedFeature
from geo_service.domain.supporting.papers import BoundarySection
from geo_service.domain.text import Text
from geo_service.geometry.arrays import Floats
from geo_service.geometry.beside import Stretch, Walk, as_one, in_plane
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext, line_subject
from geo_service.rules.boundaries._drawing import beside, clean, drawing, flagged, said
from geo_service.rules.boundaries._ground import both_sides, judged_lines
from geo_service.rules.boundaries._wording import chainage, length

_STEPS = 5
"""Looks at a line within the distance that counts as beside it."""


@dataclass(frozen=True, slots=True)
class _Epochs:
    """A feature on the first and on the last day it was seen; `older` and `newer` in the plane."""

    name: str
    first: date
    last: date
    older: BaseGeometry
    newer: BaseGeometry


@dataclass(frozen=True, slots=True)
class _Moved:
    """The stretches of a line that a feature has left, and how far it lies from them now.

    `seen` is false where the newer survey ends before them: they may only be left out of it.
    """

    line: AdministrativeBoundary
    feature: _Epochs
    stretches: tuple[Stretch, ...]
    farthest_m: float
    seen: bool

    @property
    def length_m(self) -> float:
        return sum(stretch.length_m for stretch in self.stretches)

    @property
    def chainage_m(self) -> Floats:
        return np.array([(one.from_m, one.to_m) for one in self.stretches])


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    within = context.threshold("description_feature_m")
    numbers = judged_lines(case, context)
    for feature in _epochs(case, context):
        for number in numbers.tolist():
            if shapely.dwithin(case.plane_lines[number], feature.older, within):
                for moved in _moved(case, context, case.lines[number], feature):
                    yield _evidence(case, context, moved) if moved.seen else _unseen(case, moved)


def _epochs(case: BoundaryCase, context: BoundaryContext) -> Iterator[_Epochs]:
    days: dict[str, dict[date, list[BaseGeometry]]] = defaultdict(lambda: defaultdict(list))
    for row in case.supporting.all(WatchedFeature):
        if row.geometry is not None and row.observed_on <= context.as_of:
            days[row.name][row.observed_on].append(row.geometry)
    for name, seen in sorted(days.items()):
        if len(seen) > 1:
            first, last = min(seen), max(seen)
            older, newer = (in_plane(seen[day], case.plane_epsg) for day in (first, last))
            yield _Epochs(name, first, last, older, newer)


def _moved(
    case: BoundaryCase, context: BoundaryContext, line: AdministrativeBoundary, feature: _Epochs
) -> Iterator[_Moved]:
    drawn = cast("BaseGeometry", line.geometry)
    within = context.threshold("description_feature_m")
    walk = Walk.along(drawn, case.plane_epsg, within / _STEPS)
    along = walk.long_runs(walk.near(feature.older, within), context.threshold("feature_along_m"))
    gone, beyond = along & ~walk.near(feature.newer, within), walk.past_the_ends(feature.newer)
    for seen, chosen in ((True, gone & ~beyond), (False, gone & beyond)):
        # Shorter than the distance itself is the feature's own breadth.
        left = walk.long_runs(chosen, within)
        if left.any():
            farthest_m = walk.farthest_m(feature.newer, left)
            yield _Moved(line, feature, walk.stretches(left), farthest_m, seen)


def _evidence(case: BoundaryCase, context: BoundaryContext, moved: _Moved) -> Evidence:
    line, feature = moved.line, moved.feature
    away, along, where = (
        length(moved.farthest_m),
        length(moved.length_m),
        chainage(moved.chainage_m),
    )
    told = Text(
        f"{feature.name}在 {feature.first} 沿{line.name}而行，到 {feature.last} 已离开约 {along.zh}"
        f"（{where.zh}），最远 {away.zh}。",
        f"{feature.name} ran along {line.name} on {feature.first}; by {feature.last} it has left "
        f"about {along.en} of it ({where.en}), by up to {away.en}.",
    )
    moves = _moves_with(case, line, feature.name)
    return Evidence(
        message=told,
        aspect="moves" if moves else "stays",
        key=feature.name,
        subject=line_subject(line),
        related=both_sides(case, line),
        measure=context.measure(moved.farthest_m, "description_feature_m", "m"),
        geometry=as_one(moved.stretches),
        question=_question(line, moves[0]) if moves else None,
        suggestion=None
        if moves
        else Text(
            "协议书没有另外规定的，界线位置不变；不要移线，双方修测该段，必要时商定新的标志物并备案。",
            "Unless the agreement says otherwise the line stays: do not move it; re-survey the "
            "stretch jointly and, where needed, agree on new signs and file them.",
        ),
    )


def _unseen(case: BoundaryCase, moved: _Moved) -> Evidence:
    line, feature = moved.line, moved.feature
    along, where = length(moved.length_m), chainage(moved.chainage_m)
    return Evidence(
        message=Text(
            f"{feature.name}在 {feature.first} 沿{line.name}而行，{feature.last} 的资料没有画到"
            f"其中约 {along.zh}（{where.zh}）。",
            f"{feature.name} ran along {line.name} on {feature.first}; the survey of "
            f"{feature.last} ends before about {along.en} of it ({where.en}).",
        ),
        aspect="unseen",
        key=f"{feature.name}|unseen",
        subject=line_subject(line),
        related=both_sides(case, line),
        geometry=as_one(moved.stretches),
        question=Text(
            "后一期资料是否只测了一部分？若是全部，该段现在何处？",
            "Does the later survey cover a part only? If not, where does this stretch run now?",
        ),
    )


def _moves_with(
    case: BoundaryCase, line: AdministrativeBoundary, name: str
) -> list[BoundarySection]:
    """The sections of a line that by agreement move with the feature."""
    return [
        section
        for section in case.supporting.all(BoundarySection)
        if section.line_code == line.code and section.feature == name and section.moves_with_feature
    ]


def _question(line: AdministrativeBoundary, section: BoundarySection) -> Text:
    start, end = section.start_marker, section.end_marker
    return Text(
        f"资料写明{line.name} {start} 至 {end} 界段随{section.feature}变动：协议书原文怎样规定，"
        "双方是否已按约定修测并报批准机关？",
        f"By the papers the section {start} to {end} of {line.name} moves with {section.feature}: "
        "what exactly does the agreement say, and have both sides re-surveyed it and told the "
        "approving authority?",
    )


_LINE = {"甲区|乙区": "LINESTRING(0 0, 2000 0)"}


def _river(
    older: str, newer: str, *sections: BoundarySection, day: date = date(2023, 5, 1)
) -> BoundaryCase:
    rows = (
        said(WatchedFeature, 1, older, name="示例河", observed_on=date(2003, 5, 1)),
        said(WatchedFeature, 2, newer, name="示例河", observed_on=day),
    )
    return beside(drawing(lines=_LINE), *rows, *sections)


_STRAIGHT = "LINESTRING(-500 0, 2500 0)"
_BENT = "LINESTRING(-500 0, 600 0, 900 120, 1200 0, 2500 0)"

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-GND-01",
    slug="feature_moved_away",
    version=2,
    title=Text("作为界线的河流、道路已移位", "River or road along the line has moved"),
    category="地物移位",
    quality=Quality.TEMPORAL,
    basis=(
        Basis("B02", "7", Severity.ADVISED_AGAINST, aspect="stays"),
        Basis("B02", "8", Severity.INFO, aspect="stays"),
        Basis("B02", "7", Severity.HUMAN, aspect="moves"),
        Basis("B02", "7", Severity.HUMAN, aspect="unseen"),
    ),
    check=_check,
    examples=(
        flagged(
            _river(_STRAIGHT, _BENT),
            Severity.ADVISED_AGAINST,
            Text("河道在中段改道 120 米", "the river has shifted by 120 m in the middle"),
        ),
        flagged(
            _river(_STRAIGHT, "LINESTRING(-500 40, 2500 40)"),
            Severity.ADVISED_AGAINST,
            Text("全段北移 40 米", "all of it 40 m to the north"),
        ),
        flagged(
            _river(
                _STRAIGHT,
                _BENT,
                said(
                    BoundarySection,
                    1,
                    line_code="990101-990102",
                    start_marker="001Q",
                    end_marker="002Q",
                    feature="示例河",
                    moves_with_feature=True,
                ),
            ),
            Severity.HUMAN,
            Text("协议约定界线随河变动", "by agreement the line moves with the river"),
        ),
        flagged(
            _river(_STRAIGHT, "LINESTRING(-500 0, 600 0, 800 900)"),
            Severity.ADVISED_AGAINST,
            Text("河道在此转走，不再回来", "the river turns away here for good"),
        ),
        flagged(
            _river(_STRAIGHT, "LINESTRING(-500 0, 900 0)"),
            Severity.HUMAN,
            Text("后一期只测了前半段：只问", "the later survey has the first half only: asked"),
        ),
        clean(
            _river(_STRAIGHT, "LINESTRING(-500 20, 2500 20)"),
            Text("移动 20 米，仍在 25 米以内", "20 m away, still within 25 m"),
        ),
        clean(
            _river("LINESTRING(1000 -900, 1000 900)", "LINESTRING(1400 -900, 1400 900)"),
            Text("只是横穿界线的河", "a river that only crosses the line"),
        ),
        clean(
            _river(_STRAIGHT, _BENT, day=date(2025, 1, 1)),
            Text("检查日之后的资料不算", "a survey after the day of the check does not count"),
        ),
    ),
    trap=Text(
        "两期资料的比例尺、季节水位不同也像移位；平行的另一条河沟、桥上改线的公路须看影像。"
        "名称相同而不是同一条河的会误报。",
        "Two surveys of different scale or water level look like a move, so does a ditch beside "
        "the river; look at imagery. Two rivers of one name are taken for one.",
    ),
    handling=Text(
        "界线不随河流、道路变动，协议另有规定的除外；对该段联合检查，修测后备案。",
        "The line does not follow the river or road unless the agreement says so; inspect the "
        "stretch jointly, re-survey it and file the result.",
    ),
    needs=frozenset({"lines", "feature-epochs"}),
    uses=frozenset({"sections"}),
)
