"""A direction word or an azimuth does not agree with the way the line runs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from geo_service.domain.alignment import AlignmentClause, North
from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.text import Text
from geo_service.geometry.course import (
    MOST_LEGS,
    Wanted,
    chord,
    deviation_deg,
    fit_legs,
    fit_step_m,
    grid_chord_deg,
)
from geo_service.geometry.track import Track
from geo_service.language.alignment.words import wind_of
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.descriptions import DescriptionCase, DescriptionContext, on_leg
from geo_service.rules.descriptions._drawing import clean, flagged, told
from geo_service.rules.descriptions._placing import Leg, Run
from geo_service.rules.markers._wording import dms


def _check(case: DescriptionCase, context: DescriptionContext) -> Iterator[Evidence]:
    for run in case.placing.runs(context.landmark_reach_m):
        if len(run.clauses) == 1:
            yield from _alone(run, context)
        elif len(run.clauses) <= MOST_LEGS:
            yield from _in_a_row(run, context)


@dataclass(frozen=True, slots=True)
class _Chord:
    """The straight way of a leg: from true and from grid north, and how well its ends are known."""

    true_deg: float
    grid_deg: float
    length_m: float
    doubt_m: float
    fitted: bool = False

    @classmethod
    def of(
        cls, course: Track, ends_m: tuple[float, float], doubt_m: float, *, fitted: bool = False
    ) -> _Chord:
        true_deg, length_m = chord(course, *ends_m)
        return cls(true_deg, grid_chord_deg(course, *ends_m), length_m, doubt_m, fitted)

    def counted_from(self, north: North) -> float:
        """Its azimuth from either north."""
        return self.grid_deg if north is North.GRID else self.true_deg


def _alone(run: Run, context: DescriptionContext) -> Iterator[Evidence]:
    """One clause between two known places: its chord is measured."""
    (clause,) = run.clauses
    ends = run.start_m, run.end_m
    found = _Chord.of(run.course, ends, sum(_doubts_m(run, context)))
    said = _bearing(clause)
    if said is not None and found.length_m > context.line_tolerance_m:
        yield from _compared(Leg(run.segment, clause, run.course, *ends), said, found, context)


def _bearing(clause: AlignmentClause) -> float | None:
    """What is compared; magnetic north was elsewhere when the text was written."""
    return None if clause.north is North.MAGNETIC else clause.bearing_deg


def _in_a_row(run: Run, context: DescriptionContext) -> Iterator[Evidence]:
    """Several with nothing known between them: no way to cut the stretch may suit them all."""
    way = run.course.stretch(run.start_m, run.end_m)
    step_m = fit_step_m(way, len(run.clauses))
    wanted = _wanted(run, step_m, context)
    fit = fit_legs(way, wanted)
    if fit is None:  # the lengths told cannot be: that is not for this rule
        fit = fit_legs(way, [Wanted(leg.bearing_deg, leg.tolerance_deg) for leg in wanted])
    if fit is None:
        return
    ends, beyond = fit
    sign = 1 if run.end_m >= run.start_m else -1
    doubts = [step_m] * (len(run.clauses) + 1)
    doubts[0], doubts[-1] = _doubts_m(run, context)
    for number, clause in enumerate(run.clauses):
        said = _bearing(clause)
        if said is None or beyond[number] == 0:
            continue
        start, end = (run.start_m + sign * float(at) for at in ends[number : number + 2])
        doubt_m = sum(doubts[number : number + 2])
        found = _Chord.of(run.course, (start, end), doubt_m, fitted=True)
        leg = Leg(run.segment, clause, run.course, start, end)
        yield from _compared(leg, said, found, context)


def _wanted(run: Run, step_m: float, context: DescriptionContext) -> list[Wanted]:
    """What the words say of each leg: bearing, length, and what it passes."""
    mean_m = abs(run.end_m - run.start_m) / len(run.clauses)
    legs = []
    for clause, bearing, passed in zip(
        run.clauses, _from_true_north(run), run.passes_m, strict=True
    ):
        length = (0.0, math.inf)
        if clause.length_m is not None:
            manner = "about" if clause.length_approximate else "length"
            share = context.threshold(f"description_{manner}_share")
            off = share * clause.length_m + 2 * context.line_tolerance_m + 2 * step_m
            length = (clause.length_m - off, clause.length_m + off)
        limit = _limit(clause, 2 * step_m, mean_m, context)
        passes = tuple(abs(at - run.start_m) for at in passed)
        legs.append(Wanted(bearing, limit, length, passes))
    return legs


def _from_true_north(run: Run) -> list[float | None]:
    """The bearings of a run, those from grid north turned by the convergence where it lies."""
    whole = _Chord.of(run.course, (run.start_m, run.end_m), 0.0)
    convergence = (whole.true_deg - whole.grid_deg + 180) % 360 - 180
    return [
        clause.bearing_deg + convergence
        if clause.bearing_deg is not None and clause.north is North.GRID
        else _bearing(clause)
        for clause in run.clauses
    ]


def _doubts_m(run: Run, context: DescriptionContext) -> tuple[float, float]:
    """How far from the place meant the ends of a run may be: a marker is better known."""
    first, last = (
        context.landmark_reach_m if loose else context.point_tolerance_m
        for loose in run.by_landmark
    )
    return first, last


def _limit(
    clause: AlignmentClause, doubt_m: float, length_m: float, context: DescriptionContext
) -> float:
    """A word stands for a sector; figures for themselves, as far as the ends of the leg allow."""
    if clause.in_figures:
        step = context.threshold("description_azimuth_min") / 60
        return step + math.degrees(math.atan2(doubt_m, length_m))
    sector = context.threshold("description_sector_deg")
    return sector * 2 if clause.approximate else sector


def _compared(
    leg: Leg, said_deg: float, found: _Chord, context: DescriptionContext
) -> Iterator[Evidence]:
    clause = leg.clause
    off = deviation_deg(found.counted_from(clause.north), said_deg)
    limit = _limit(clause, found.doubt_m, found.length_m, context)
    if off <= limit:
        return
    said = _figures(clause, said_deg, found, limit) if clause.in_figures else _word(clause, found)
    by = Text("", "")
    if found.fitted:
        by = Text("按走向拟合的转折点，", "between turning points fitted to the text, ")
    name = "description_azimuth_min + atan(d/l)" if clause.in_figures else "description_sector_deg"
    source = f"data/cities/{context.city.code}: {name}"
    yield on_leg(
        leg,
        Text(f"{by.zh}{said.zh}，相差 {off:.1f}°", f"{by.en}{said.en}, {off:.1f}° off"),
        measure=Measure(round(off, 3), round(limit, 3), "°", source),
    )


def _word(clause: AlignmentClause, found: _Chord) -> Text:
    wind = wind_of(found.true_deg).word
    return Text(
        f"写作{clause.direction}，界线实为{wind}（真北 {found.true_deg:.1f}°）",
        f"it says {clause.direction}; the line runs {wind} ({found.true_deg:.1f}° from true north)",
    )


def _figures(clause: AlignmentClause, said_deg: float, found: _Chord, limit: float) -> Text:
    norths = {
        North.GRID: (Text("坐标方位角", "grid azimuth"), found.grid_deg),
        North.TRUE: (Text("真方位角", "true azimuth"), found.true_deg),
    }
    own, runs_deg = norths.pop(clause.north)
    ((other, other_deg),) = norths.values()
    why = Text("", "")
    if deviation_deg(other_deg, said_deg) <= limit:
        why = Text(f"，疑为{other.zh}", f" (it seems to be the {other.en})")
    return Text(
        f"{own.zh}写作 {dms(said_deg)}，界线实为 {dms(runs_deg)}{why.zh}",
        f"{own.en} given as {dms(said_deg)}, the line runs {dms(runs_deg)}{why.en}",
    )


_BENT = "LINESTRING(0 0, 1000 0, 1000 -1000)"
_ENDS = {1: (0.0, 0.0), 2: (1000.0, -1000.0)}
_STRAIGHT = "LINESTRING(0 0, 1000 0)"
_AT = {1: (0.0, 0.0), 2: (1000.0, 0.0)}

RULE: Rule[DescriptionCase, DescriptionContext] = Rule(
    id="DS-DIR-01",
    slug="direction_mismatch",
    version=2,
    title=Text("方位与界线方向不符", "A direction disagrees with the line"),
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
        flagged(
            told("从1号界桩起，以坐标方位角91度至2号界桩止。", _STRAIGHT, _AT),
            Severity.ADVISED_AGAINST,
            Text(
                "方位角写成数字，差一度也不是“东”的扇区能盖住的",
                "an azimuth in figures: a degree off, though within the sector of east",
            ),
        ),
        clean(
            told("从1号界桩起，以坐标方位角90度10分至2号界桩止。", _STRAIGHT, _AT),
            Text("方位角以10分为单位书写", "azimuths are written in steps of 10'"),
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
        "方位词以真北为准，坐标方位角以本市投影带的坐标北为准，二者相差子午线收敛角；旧文的坐标方位角可能"
        "属另一带。地标位置不准也会使方位不符。两处已知位置之间超过一百句的不核对。",
        "Words count from true north, grid azimuths from grid north of the zone of the city; old "
        "texts may count from that of another zone. A landmark that is placed badly makes the "
        "direction look wrong. More than a hundred clauses between two known places are not "
        "compared.",
    ),
    handling=Text(
        "对照协议书附图：文字有误则更正说明，图形有误则查界线来源。",
        "Compare with the agreement map: correct the text, or look into the source of the line.",
    ),
    needs=frozenset({"line"}),
)
