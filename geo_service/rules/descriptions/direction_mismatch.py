"""A direction word does not agree with the way the line runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from geo_service.domain.alignment import AlignmentClause
from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.text import Text
from geo_service.geometry.course import MOST_LEGS, chord, deviation_deg, fit_legs
from geo_service.language.alignment.words import wind_of
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.descriptions import DescriptionCase, DescriptionContext, on_leg
from geo_service.rules.descriptions._drawing import clean, flagged, told
from geo_service.rules.descriptions._placing import Leg, Run


def _check(case: DescriptionCase, context: DescriptionContext) -> Iterator[Evidence]:
    for run in case.placing.runs(context.landmark_reach_m):
        if len(run.clauses) == 1:
            yield from _alone(run, context)
        elif len(run.clauses) <= MOST_LEGS:
            yield from _in_a_row(run, context)


def _alone(run: Run, context: DescriptionContext) -> Iterator[Evidence]:
    """One clause between two known places: its chord is measured."""
    (clause,) = run.clauses
    bearing, length = chord(run.course, run.start_m, run.end_m)
    if clause.bearing_deg is None or length <= context.line_tolerance_m:
        return
    off = deviation_deg(bearing, clause.bearing_deg)
    leg = Leg(run.segment, clause, run.course, run.start_m, run.end_m)
    if off > _tolerance(clause, context):
        yield _evidence(leg, bearing, off, context)


def _in_a_row(run: Run, context: DescriptionContext) -> Iterator[Evidence]:
    """Several with nothing known between them: no way to cut the stretch may suit them all."""
    wanted = [clause.bearing_deg for clause in run.clauses]
    limits = [_tolerance(clause, context) for clause in run.clauses]
    way = run.course.stretch(run.start_m, run.end_m)
    ends, beyond = fit_legs(way, wanted, limits)
    sign = 1 if run.end_m >= run.start_m else -1
    for number, clause in enumerate(run.clauses):
        if clause.bearing_deg is None or beyond[number] == 0:
            continue
        start, end = (run.start_m + sign * float(at) for at in ends[number : number + 2])
        leg = Leg(run.segment, clause, run.course, start, end)
        bearing, _ = chord(run.course, start, end)
        yield _evidence(leg, bearing, deviation_deg(bearing, clause.bearing_deg), context)


def _tolerance(clause: AlignmentClause, context: DescriptionContext) -> float:
    sector = context.threshold("description_sector_deg")
    return sector * 2 if clause.approximate else sector


def _evidence(leg: Leg, bearing: float, off: float, context: DescriptionContext) -> Evidence:
    found = wind_of(bearing).word
    said = leg.clause.direction or f"{leg.clause.bearing_deg:.1f}°"
    measure = context.measure(off, "description_sector_deg", "°")
    return on_leg(
        leg,
        Text(
            f"写作{said}，界线实为{found}（真北 {bearing:.1f}°），相差 {off:.1f}°",
            f"it says {said}; the line runs {found} ({bearing:.1f}° from true north), "
            f"{off:.1f}° off",
        ),
        measure=replace(measure, limit=_tolerance(leg.clause, context)),
    )


_BENT = "LINESTRING(0 0, 1000 0, 1000 -1000)"
_ENDS = {1: (0.0, 0.0), 2: (1000.0, -1000.0)}

RULE: Rule[DescriptionCase, DescriptionContext] = Rule(
    id="DS-DIR-01",
    slug="direction_mismatch",
    version=1,
    title=Text("方位词与界线方向不符", "A direction word disagrees with the line"),
    category="方位",
    quality=Quality.THEMATIC,
    basis=(
        Basis("GOOD_PRACTICE", "description", Severity.ADVISED_AGAINST),
        Basis("ISO19157", "65", Severity.INFO),
        Basis("GBT17796", "alignment", Severity.HUMAN),
    ),
    check=_check,
    examples=(
        flagged(
            told(
                "从1号界桩起，向西至白石桥，转向南至2号界桩止。",
                _BENT,
                _ENDS,
                {"白石桥": (1000, 0)},
            ),
            Severity.ADVISED_AGAINST,
            Text("第一段实为向东", "the first leg runs east"),
        ),
        flagged(
            told("从1号界桩起，向东，转向北至2号界桩止。", _BENT, _ENDS),
            Severity.ADVISED_AGAINST,
            Text(
                "没有地标也看得出：界线没有向北的一段",
                "seen without landmarks: no part of the line runs north",
            ),
        ),
        clean(
            told(
                "从1号界桩起，向东至白石桥，转向南至2号界桩止。",
                _BENT,
                _ENDS,
                {"白石桥": (1000, 0)},
            ),
            Text("两段都相符", "both legs agree"),
        ),
        clean(
            told(
                "从1号界桩起，大体向东偏东南至2号界桩止。",
                "LINESTRING(0 0, 1000 -130)",
                {1: (0, 0), 2: (1000, -130)},
            ),
            Text("“大体”放宽一个半扇区", "'roughly' widens the limit by half a sector"),
        ),
    ),
    trap=Text(
        "方位词以真北为准，坐标方位角以坐标北为准，二者相差子午线收敛角；地标位置不准也会使方位不符。"
        "两处已知位置之间超过一百句的不核对。",
        "Words count from true north, grid azimuths from grid north; a landmark that is placed "
        "badly makes the direction look wrong. More than a hundred clauses between two known "
        "places are not compared.",
    ),
    handling=Text(
        "对照协议书附图：文字有误则更正说明，图形有误则查界线来源。",
        "Compare with the agreement map: correct the text, or look into the source of the line.",
    ),
    needs=frozenset({"line"}),
)
