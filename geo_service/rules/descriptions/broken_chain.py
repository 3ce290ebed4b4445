"""The segments of a description do not join, or run back over one another."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from geo_service.domain.alignment import AlignmentNode
from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.descriptions import DescriptionCase, DescriptionContext
from geo_service.rules.descriptions._drawing import clean, flagged, told


def _check(case: DescriptionCase, _context: DescriptionContext) -> Iterator[Evidence]:
    for before, after in pairwise(case.told):
        if not _same(before.end, after.start):
            yield Evidence(
                message=Text(
                    f"前段止于{_name(before.end).zh}，后段起于{_name(after.start).zh}，不衔接。",
                    f"One segment ends at {_name(before.end).en}, the next begins at "
                    f"{_name(after.start).en}: they do not join.",
                ),
                key=f"{before.name}|{after.name}",
            )
    for segment in case.told:
        start, end = _serial(segment.start), _serial(segment.end)
        if start is not None and end is not None and start >= end:
            yield Evidence(
                message=Text(
                    f"{segment.name}段的界桩号不是由小到大，起止可能写反或写重。",
                    f"The numbers of {segment.name} do not grow: the ends may be exchanged.",
                ),
                key=f"order|{segment.name}",
            )


def _serial(node: AlignmentNode | None) -> int | None:
    return None if node is None else node.serial


def _same(one: AlignmentNode | None, other: AlignmentNode | None) -> bool:
    if one is None or other is None:
        return False
    if one.number or other.number:
        return one.number == other.number
    return one.text == other.text


def _name(node: AlignmentNode | None) -> Text:
    return Text("未写明之处", "a place not named") if node is None else Text(node.text, node.text)


RULE: Rule[DescriptionCase, DescriptionContext] = Rule(
    id="DS-CHN-01",
    slug="broken_chain",
    version=2,
    title=Text("走向说明各段不衔接或顺序相反", "The segments of a description do not join"),
    category="衔接",
    quality=Quality.CONCEPTUAL,
    basis=(
        Basis("ISO19157", "10", Severity.ADVISED_AGAINST),
        Basis("GOOD_PRACTICE", "description", Severity.ADVISED_AGAINST),
        Basis("GBT17796", "numbering", Severity.HUMAN),
    ),
    check=_check,
    examples=(
        flagged(
            told("从1号界桩起，向东至2号界桩止。从3号界桩起，向东至4号界桩止。"),
            Severity.ADVISED_AGAINST,
            Text("2号与3号之间缺一段", "the stretch from 2 to 3 is missing"),
        ),
        flagged(
            told("从2号界桩起，向东至1号界桩止。"),
            Severity.ADVISED_AGAINST,
            Text("起止写反", "the ends are exchanged"),
        ),
        clean(
            told("从1号界桩起，向东至2号界桩止。从2号界桩起，向南至3号界桩止。"),
            Text("首尾相接", "end to end"),
        ),
        clean(
            told("从1号界桩起，向东至2号界桩，再向南至3号界桩止。"),
            Text("一句写两段", "two segments in one sentence"),
        ),
    ),
    trap=Text(
        "界桩重新编号或中间界桩已报废的，号码可以跳，但不会倒退。",
        "Where markers were renumbered or struck off numbers may skip, but never go back.",
    ),
    handling=Text(
        "对照协议书补齐或更正该段。", "Complete or correct the stretch from the agreement."
    ),
)
