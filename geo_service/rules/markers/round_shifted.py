"""All markers of a round were measured off alike: another system, not moved stones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import shapely

from geo_service.domain.finding import Evidence, Measure, Severity, Subject
from geo_service.domain.marker import MarkerDocument, MarkerEntry
from geo_service.domain.text import Text
from geo_service.geometry.obfuscation import system_like
from geo_service.geometry.shift import CommonShift
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.boundaries._wording import length
from geo_service.rules.markers import MarkerCase
from geo_service.rules.markers._drawing import clean, flagged, row, stone, stones
from geo_service.rules.markers._rounds import InspectionRound, moved_limit_m, rounds
from geo_service.rules.markers._wording import line_name

_SHIFTED, _OBFUSCATED = "shifted", "obfuscated"


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    for found in rounds(case, context):
        if found.common is not None:
            yield _evidence(case, context, found, found.common)


def _evidence(
    case: MarkerCase, context: BoundaryContext, found: InspectionRound, common: CommonShift
) -> Evidence:
    name, shift = line_name(case, found.line_code), common.shift
    year = str(found.year) if found.year else ""
    when = Text(f"{year}年" if year else "日期未记的", f"{year} " if year else "undated ")
    (zh, en), far, measure = _whose(context, common), _far(common), None
    if zh:
        far = Text("", "")  # what was measured is no parameter for undoing it (NEVER 4)
    else:
        source = f"0.1 mm × 1:{context.scale}"
        measure = Measure(round(shift.distance_m, 3), moved_limit_m(context), "m", source)
    places = [shapely.get_coordinates(one.entry.marker.position)[0] for one in found.seen]
    return Evidence(
        message=Text(
            f"{name}{when.zh}联检实测的 {len(found.seen)} 个界桩中有 {found.sharing} 个同向偏移"
            f"{far.zh}{zh}。",
            f"{name}: of {len(found.seen)} markers measured at the {when.en}inspection "
            f"{found.sharing} are off alike{far.en}{en}.",
        ),
        key=year,
        aspect=_OBFUSCATED if zh else _SHIFTED,
        subject=Subject("boundary-line", found.line_code, name),
        related=case.sides(found.line_code)[1:],
        measure=measure,
        geometry=shapely.MultiPoint(places),
        question=Text(
            "实测和成果表各是哪个坐标系？",
            "Which system is the survey in, and which the marker table?",
        ),
        suggestion=Text(
            "查明坐标系，由提供方重新提供；程序不改坐标，也不作为移桩处理。",
            "Find out the system and have the data sent anew; nothing is converted here, and no "
            "stone counts as moved for it.",
        ),
    )


def _far(common: CommonShift) -> Text:
    """By how much and in which direction."""
    shift, told = common.shift, length(common.shift.distance_m)
    return Text(
        f" {told.zh}（方位 {shift.bearing_deg:.0f}°）",
        f" by {told.en} (bearing {shift.bearing_deg:.0f}°)",
    )


def _whose(context: BoundaryContext, common: CommonShift) -> tuple[str, str]:
    """Which of the two is like an obfuscated system, and which system; "" where neither is."""
    shift, city = common.shift, context.city
    measured = system_like(city, shift.distance_m, shift.bearing_deg)
    if measured:
        return f"，实测坐标疑为 {measured}", f"; the survey seems to be in {measured}"
    table = system_like(city, shift.distance_m, (shift.bearing_deg + 180) % 360)
    if table:
        return f"，成果坐标疑为 {table}", f"; the agreed coordinates seem to be in {table}"
    return "", ""


def _seen(*east_m: float) -> tuple[MarkerEntry, ...]:
    """The markers of `row`, as an inspection measured them."""
    return tuple(
        stone(
            f"{serial:03d}Q",
            east,
            document=MarkerDocument.INSPECTION,
            dated=date(2023, 5, serial),
        )
        for serial, east in enumerate(east_m, start=1)
    )


_AGREED = row(1000, 2000, 3000, 4000, 5000)

RULE: Rule[MarkerCase, BoundaryContext] = Rule(
    id="MK-POS-06",
    slug="round_shifted",
    version=1,
    title=Text("整轮实测坐标同向偏移", "A whole round measured off alike"),
    category="坐标系不符",
    quality=Quality.POSITIONAL,
    basis=(
        Basis("GOOD_PRACTICE", "crs", Severity.HUMAN, _SHIFTED),
        Basis("GOOD_PRACTICE", "crs", Severity.PROHIBITED, _OBFUSCATED),
    ),
    check=_check,
    examples=(
        flagged(
            stones(*_AGREED, *_seen(1080, 2080, 3081, 4080, 5079)),
            Severity.HUMAN,
            Text("五个界桩都偏 80 米", "five markers off by 80 m alike"),
        ),
        flagged(
            stones(*_AGREED, *_seen(1005, 2005, 3005, 4005, 5040)),
            Severity.HUMAN,
            Text("四个偏 5 米，另一个另有移动", "four off by 5 m, one more moved besides"),
        ),
        clean(
            stones(*_AGREED, *_seen(1080, 2000, 3001, 4000, 5000)),
            Text("只有一个偏移，由另一规则问", "one alone is off: asked by another rule"),
        ),
        clean(
            stones(*_AGREED, *_seen(1080, 1990, 3050, 3930, 5007)),
            Text("各偏各的", "each off in its own way"),
        ),
        clean(
            stones(*_AGREED, *_seen(1001, 2001, 3001, 4001, 5001)),
            Text("同向偏 1 米，在限差内", "off alike by 1 m, within the limit"),
        ),
        clean(
            stones(*_AGREED[:3], *_seen(1080, 2080, 3080)),
            Text("界桩太少，看不出共同偏移", "too few markers to show a common shift"),
        ),
    ),
    trap=Text(
        "滑坡、沉陷也会使一段界桩同向移动，但只限一段，方向随坡。",
        "A slide or subsidence moves the stones of a stretch alike too, but only of a stretch.",
    ),
    handling=Text(
        "坐标系查明前，该轮实测坐标不得用于报送；原定坐标不变。",
        "Until the system is known the round is not used for filing; the agreed coordinates stand.",
    ),
    needs=frozenset({"rounds"}),
)
