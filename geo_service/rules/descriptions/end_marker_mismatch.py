"""A description begins or ends at markers that the line does not have there."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.descriptions import DescriptionCase, DescriptionContext
from geo_service.rules.descriptions._drawing import clean, flagged, told


def _check(case: DescriptionCase, context: DescriptionContext) -> Iterator[Evidence]:
    known = {marker.number.serial for marker in case.own_markers}
    for segment in case.told:
        for node in (segment.start, segment.end):
            if node is None or node.serial is None or node.serial in known:
                continue
            yield Evidence(
                message=Text(
                    f"走向说明写到{node.text}，界桩成果中没有这个编号。",
                    f"The description names {node.text}, which the marker table does not hold.",
                ),
                key=f"unknown|{node.serial}",
            )
    yield from _outer_ends(case, context)


def _outer_ends(case: DescriptionCase, context: DescriptionContext) -> Iterator[Evidence]:
    """The first and the last node of the whole text against the markers at the ends."""
    if case.course is None or not case.told:
        return
    at_ends = _markers_at_ends(case, context)
    named = [case.told[0].start, case.told[-1].end]
    for node, marker in zip(named, _oriented(at_ends), strict=True):
        if node is None or node.serial is None or marker is None or node.serial == marker:
            continue
        yield Evidence(
            message=Text(
                f"走向说明的端点写作{node.text}，界线此端是 {marker} 号界桩。",
                f"The description gives {node.text} as an end; the line has marker {marker} there.",
            ),
            key=f"end|{marker}",
        )


def _markers_at_ends(
    case: DescriptionCase, context: DescriptionContext
) -> tuple[int | None, int | None]:
    """The serials of the markers that stand at the two ends of the line."""
    course, reach = case.course, context.threshold("dangle_search_m")
    if course is None:
        return None, None
    stands: dict[bool, int] = {}
    for serial, chainage in case.placing.of_markers.items():
        if min(chainage, course.length_m - chainage) <= reach:
            stands[chainage > course.length_m / 2] = serial
    return stands.get(False), stands.get(True)


def _oriented(ends: tuple[int | None, int | None]) -> tuple[int | None, int | None]:
    """The ends in the order in which numbers grow, as a text goes."""
    first, last = ends
    if first is not None and last is not None and first > last:
        return last, first
    return ends


RULE: Rule[DescriptionCase, DescriptionContext] = Rule(
    id="DS-NODE-01",
    slug="end_marker_mismatch",
    version=2,
    title=Text("走向说明的起止界桩与界线不符", "A description ends at other markers than its line"),
    category="起止不符",
    quality=Quality.THEMATIC,
    basis=(
        Basis("MK36", "5", Severity.ADVISED_AGAINST),
        Basis("ISO19157", "65", Severity.INFO),
        Basis("GOOD_PRACTICE", "description", Severity.ADVISED_AGAINST),
        Basis("GBT17796", "numbering", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            told(
                "从1号界桩起，向东至3号界桩止。",
                "LINESTRING(0 0, 1000 0)",
                {1: (0, 0), 2: (1000, 0)},
            ),
            Severity.ADVISED_AGAINST,
            Text("成果表中没有3号界桩", "the table holds no marker 3"),
        ),
        flagged(
            told(
                "从2号界桩起，向东至3号界桩止。",
                "LINESTRING(0 0, 1000 0, 2000 0)",
                {1: (0, 0), 2: (1000, 0), 3: (2000, 0)},
            ),
            Severity.ADVISED_AGAINST,
            Text("界线起点是1号界桩，说明从2号写起", "the line begins at marker 1, the text at 2"),
        ),
        clean(
            told(
                "从1号界桩起，向东至2号界桩止。",
                "LINESTRING(0 0, 1000 0)",
                {1: (0, 0), 2: (1000, 0)},
            ),
            Text("起止相符", "both ends agree"),
        ),
        clean(
            told(
                "从1号界桩起，向西至2号界桩止。",
                "LINESTRING(0 0, 1000 0)",
                {1: (1000, 0), 2: (0, 0)},
            ),
            Text(
                "界线画的方向与编号相反，不算错", "the line is drawn against the numbers: no fault"
            ),
        ),
    ),
    trap=Text(
        "只写一段的说明与整条界线比较时会误报：应只交该段的界线。",
        "A text on one stretch, held against the whole line, looks wrong: hand in that stretch.",
    ),
    handling=Text(
        "以协议书和界桩成果表为准，更正走向说明或补充成果表。",
        "The agreement and the marker table decide; correct the text or complete the table.",
    ),
    needs=frozenset({"line", "markers"}),
)
