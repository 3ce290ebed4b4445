"""A stated length does not agree with the line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.provenance import Force
from geo_service.domain.text import Text
from geo_service.geometry.course import chord
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.descriptions import DescriptionCase, DescriptionContext, on_leg, on_stretch
from geo_service.rules.descriptions._drawing import clean, flagged, told
from geo_service.rules.descriptions._placing import Leg, Stretch


def _check(case: DescriptionCase, context: DescriptionContext) -> Iterator[Evidence]:
    official = case.line is not None and case.line.provenance.force is Force.OFFICIAL
    aspect = "measured" if official else "open_data"
    for stretch in case.placing.stretches(context.landmark_reach_m):
        if stretch.segment.length_km is not None:
            stated = stretch.segment.length_km * 1000
            off = _compared(stretch, stated, "length", context)
            if off is not None:
                said = off.said if official else _of_open_data(off.said)
                yield on_stretch(stretch, said, measure=off.measure, aspect=aspect)
    for leg in case.placing.legs(context.landmark_reach_m):
        if leg.clause.length_m is not None:
            manner = "about" if leg.clause.length_approximate else "length"
            off = _compared(leg, leg.clause.length_m, manner, context)
            if off is not None:
                said = off.said if official else _of_open_data(off.said)
                yield on_leg(leg, said, measure=off.measure, aspect=aspect)


def _of_open_data(said: Text) -> Text:
    return Text(
        f"{said.zh}；线取自公开资料或为示例，成图比例尺不明，仅供参考",
        f"{said.en}; the course is from open data or invented, of unknown scale: for information",
    )


@dataclass(frozen=True, slots=True)
class _Difference:
    said: Text
    measure: Measure


def _compared(
    placed: Stretch | Leg, stated: float, manner: str, context: DescriptionContext
) -> _Difference | None:
    """What is wrong with a length; `manner` names its limit: exact, or only about."""
    _, straight = chord(placed.course, placed.start_m, placed.end_m)
    name = f"description_{manner}_share"
    limit = max(context.threshold(name) * placed.length_m, 2 * context.line_tolerance_m)
    short = manner == "length" and straight - stated > 2 * context.point_tolerance_m
    off = abs(stated - placed.length_m)
    if not short and off <= limit:
        return None
    more = (
        Text("；比两端直线距离还短", "; shorter than the straight way") if short else Text("", "")
    )
    said = Text(
        f"写作 {stated:,.0f} 米，界线长 {placed.length_m:,.0f} 米，相差 {off:,.0f} 米{more.zh}",
        f"it says {stated:,.0f} m; the line measures {placed.length_m:,.0f} m, "
        f"{off:,.0f} m apart{more.en}",
    )
    measure = replace(context.measure(off, name, "m"), limit=round(limit, 3))
    return _Difference(said, measure)


_LINE = "LINESTRING(0 0, 1000 0)"
_ENDS = {1: (0.0, 0.0), 2: (1000.0, 0.0)}

RULE: Rule[DescriptionCase, DescriptionContext] = Rule(
    id="DS-LEN-01",
    slug="length_mismatch",
    version=2,
    title=Text("说明所写长度与界线不符", "A length in the description disagrees with the line"),
    category="长度",
    quality=Quality.THEMATIC,
    basis=(
        Basis("GOOD_PRACTICE", "description", Severity.ADVISED_AGAINST, aspect="measured"),
        Basis("ISO19157", "65", Severity.INFO, aspect="measured"),
        Basis("ISO19157", "65", Severity.INFO, aspect="open_data"),
    ),
    check=_check,
    examples=(
        flagged(
            told("从1号界桩起，向东至2号界桩止。该段界线长度为1.241千米。", _LINE, _ENDS),
            Severity.ADVISED_AGAINST,
            Text("实长1000米", "it measures 1000 m"),
        ),
        flagged(
            told("从1号界桩起，向东行800米至2号界桩止。", _LINE, _ENDS),
            Severity.ADVISED_AGAINST,
            Text("比两端直线距离还短，不可能", "shorter than the straight way: impossible"),
        ),
        flagged(
            told(
                "从1号界桩起，向东至2号界桩止。该段界线长度为1.241千米。",
                _LINE,
                _ENDS,
                force=Force.EVALUATION,
            ),
            Severity.INFO,
            Text("线取自公开资料，只作提示", "the course is from open data: information only"),
        ),
        clean(
            told("从1号界桩起，向东至2号界桩止。该段界线长度为1.005千米。", _LINE, _ENDS),
            Text("在百分之一以内", "within one per cent"),
        ),
        clean(
            told("从1号界桩起，向东行约950米至2号界桩止。", _LINE, _ENDS),
            Text("“约”放宽到十分之一", "'about' widens the limit to a tenth"),
        ),
    ),
    trap=Text(
        "协议书的长度在附图上量得；界线取自更小比例尺或网络地图时会短一成到四分之一，不能据此下结论。",
        "Agreements state lengths measured on their map; a line from a smaller scale or a web map "
        "is 10–27 % short and proves nothing.",
    ),
    handling=Text(
        "先核对界线来源的比例尺，再核对协议书；按协议书更正。",
        "Check the scale of the line first, then the agreement, which decides.",
    ),
    needs=frozenset({"line"}),
)
