"""A line is entered under a level its units do not have, or lies on a line of a higher level."""

from __future__ import annotations

from collections.abc import Iterator

import shapely

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.identity import DivisionLevel
from geo_service.domain.text import Text
from geo_service.geometry.coverage import length_beside_m
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import (
    BoundaryCase,
    BoundaryContext,
    line_related,
    line_subject,
)
from geo_service.rules.boundaries._drawing import clean, drawing, flagged, lines_told
from geo_service.rules.boundaries._wording import length

_ORDER = tuple(DivisionLevel)
"""From the province down."""
_WORDS = {
    DivisionLevel.PROVINCE: Text("省级", "province"),
    DivisionLevel.PREFECTURE: Text("地级", "prefecture"),
    DivisionLevel.COUNTY: Text("县级", "county"),
    DivisionLevel.TOWN: Text("乡级", "township"),
    DivisionLevel.VILLAGE: Text("村级", "village"),
}
_STEPS = 20
"""Points per least length at which it is judged whether two lines run together."""


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    for line in case.lines:
        fitting = _fitting(line)
        if line.level is not None and line.level not in fitting and context.concerns(*line.parties):
            yield _misplaced(line, line.level, fitting)
    yield from _on_a_higher_line(case, context)


def _fitting(line: AdministrativeBoundary) -> tuple[DivisionLevel, ...]:
    """The levels a line may carry: that of its units, up to the highest unit it divides."""
    sides = sorted(line.parties)
    own = min((code.level for code in sides), key=_ORDER.index)
    one, other = sides[0], sides[-1]
    if one.province != other.province:
        highest = DivisionLevel.PROVINCE
    elif one.prefecture != other.prefecture:
        highest = DivisionLevel.PREFECTURE
    elif one.county != other.county:
        highest = DivisionLevel.COUNTY
    else:
        highest = own
    return _ORDER[min(_ORDER.index(highest), _ORDER.index(own)) : _ORDER.index(own) + 1]


def _misplaced(
    line: AdministrativeBoundary, level: DivisionLevel, fitting: tuple[DivisionLevel, ...]
) -> Evidence:
    zh = "或".join(_WORDS[one].zh for one in fitting)
    en = " or ".join(_WORDS[one].en for one in fitting)
    said = _WORDS[level]
    return Evidence(
        message=Text(
            f"界线{line.name}登记为{said.zh}界线，按两侧单位应为{zh}。",
            f"Line {line.name} is entered as a {said.en} line; by the units beside it, it is one "
            f"of {en} level.",
        ),
        key="units",
        subject=line_subject(line),
        geometry=line.geometry,
        suggestion=Text("核对界线等级和两侧代码。", "See to the level and to the codes."),
    )


def _on_a_higher_line(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    """Where two lines run together the higher level counts; the lower one is drawn too much."""
    ranks = [_ORDER.index(line.level or _fitting(line)[-1]) for line in case.lines]
    if len(set(ranks)) < 2:
        return
    within, least = context.line_tolerance_m, context.threshold("adjacency_min_m")
    tree = shapely.STRtree(case.plane_lines)
    one, other = tree.query(case.plane_lines, predicate="dwithin", distance=within)
    for lower, higher in sorted(zip(one.tolist(), other.tolist(), strict=True)):
        if ranks[lower] <= ranks[higher] or not context.concerns(*case.lines[lower].parties):
            continue
        run = length_beside_m(
            case.plane_lines[lower],
            (case.plane_lines[higher],),
            within,
            step_m=least / _STEPS,
        )
        if run >= least:
            yield _doubled(case.lines[lower], case.lines[higher], run, least, context)


def _doubled(
    lower: AdministrativeBoundary,
    higher: AdministrativeBoundary,
    run_m: float,
    least_m: float,
    context: BoundaryContext,
) -> Evidence:
    said = length(run_m)
    return Evidence(
        message=Text(
            f"界线{lower.name}有 {said.zh}与上级界线{higher.name}重合，该段应按上级界线登记。",
            f"Line {lower.name} runs along the higher line {higher.name} for {said.en}; that "
            "stretch belongs to the higher line.",
        ),
        key=f"on:{higher.code}",
        subject=line_subject(lower),
        related=(line_related(higher),),
        measure=Measure(
            round(run_m, 1), least_m, "m", f"data/cities/{context.city.code}: adjacency_min_m"
        ),
        geometry=lower.geometry,
        suggestion=Text(
            "同一段界线只按最高一级登记一次，下级成果引用上级。",
            "A stretch is registered once, at the highest level; lower records refer to it.",
        ),
    )


_COUNTIES = drawing(lines={"甲区|乙区": "LINESTRING(0 2000, 0 0)"})
_TOWNS = "990101001 子镇|990102001 丑镇"

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-LEV-02",
    slug="level_of_line",
    version=1,
    title=Text("界线等级不符", "Level of the line is wrong"),
    category="等级不符",
    quality=Quality.THEMATIC,
    basis=(
        Basis("ISO19157", "10", Severity.ADVISED_AGAINST),
        Basis("GOOD_PRACTICE", "coverage", Severity.ADVISED_AGAINST),
    ),
    check=_check,
    examples=(
        flagged(
            lines_told(_COUNTIES, level=DivisionLevel.PREFECTURE),
            Severity.ADVISED_AGAINST,
            Text(
                "同一市内两区之间登记为地级",
                "entered as a prefecture line between two districts of one city",
            ),
        ),
        flagged(
            drawing(
                lines={
                    "甲区|乙区": "LINESTRING(0 2000, 0 0)",
                    _TOWNS: "LINESTRING(500 3000, 0 2000, 0.5 1000, 400 500)",
                }
            ),
            Severity.ADVISED_AGAINST,
            Text(
                "乡级界线有一公里与县级界线重合",
                "a township line lies on the county line for a kilometre",
            ),
        ),
        clean(
            lines_told(_COUNTIES, level=DivisionLevel.COUNTY),
            Text("两区之间的县级界线", "a county line between two districts"),
        ),
        clean(
            lines_told(
                drawing(lines={"甲区|邻甲县": "LINESTRING(0 2000, 0 0)"}),
                level=DivisionLevel.PREFECTURE,
            ),
            Text(
                "跨市的界线，按县级或地级登记都可以",
                "a line between two cities may be entered at either level",
            ),
        ),
        clean(
            drawing(
                lines={
                    "甲区|乙区": "LINESTRING(0 2000, 0 0)",
                    _TOWNS: "LINESTRING(0 1000, 1000 1000)",
                }
            ),
            Text(
                "乡级界线只是接到县级界线上",
                "a township line that merely ends at the county line",
            ),
        ),
    ),
    trap=Text(
        "各地对跨市界线按县级还是按地级登记做法不一，两种都不报。",
        "Practice differs on the level of a line between two cities: neither is reported.",
    ),
    handling=Text(
        "内业改正等级；改动记录留痕，编号不因此改变。",
        "Desk: correct the level and log it; the number of the line stays.",
    ),
    needs=frozenset({"lines"}),
)
