"""The ends of segments: markers by their number, junctions, landmarks; titles from end to end."""

from __future__ import annotations

import re

from geo_service.domain.alignment import AlignmentNode, NodeKind
from geo_service.language.alignment import words
from geo_service.language.alignment.numbers import number

REACH = 60
"""Characters of a title at most."""

MARKER = re.compile(
    r"第?(?:No\.?|№|#)?"
    r"([0-9]{1,7}(?:/[0-9]{1,3})?|[零〇○一二三四五六七八九十百]{1,7})([A-EQ]?)(?:\([0-9]\))?"
    r"[号#]?([A-EQ]?)(?:\([0-9]\))?(?:辅助)?(?:界桩|界标|界碑|界石|桩|附标|附桩)"
)
POINT = re.compile(
    r"第?([0-9]{1,7}(?:/[0-9]{1,3})?|[零〇○一二三四五六七八九十百]{1,7})号?(?:界点|边界点|分界点|拐点|点)"
)
_NAMED_LINE = re.compile(r"[^0-9()]{1,12}?(?:线|段|界)(?=第?[0-9])|[^()]{1,30}?的(?=第?[0-9])")
"""What stands before the number of a marker: 石柳线3号界桩, 河岸上的35号界标."""
_SIDE = re.compile(r"(?:左|右|东|南|西|北)(?:岸|侧)")
_BARE_NUMBER = re.compile(r"第?([0-9]{1,7}(?:/[0-9]{1,3})?)([A-EQ]?)号?(?:界桩|界标|界碑)?")
_OPENING = ("从", "自", "由")
_BEGUN = ("起", "开始")
_PAIRED = ("与", "和", "、")
_JOINTS = re.compile(r"至|到|[—–―~-]{1,2}|[与和、]")
_BETWEEN = ("之间", "间", "段", "止", "为止")
_TITLE_END = re.compile(r"(?:止|为止)?(?:段|之间|间|区间)?(?:的?(?:界线|边界线|边界|国界线))?")


def marker_at(text: str, place: int, limit: int) -> re.Match[str] | None:
    """A marker that begins at `place`, with its line before it or not."""
    line = _NAMED_LINE.match(text, place, limit) or _SIDE.match(text, place, limit)
    found = MARKER.match(text, place, limit)
    return found or (MARKER.match(text, line.end(), limit) if line is not None else None)


def node_of(text: str, span: tuple[int, int]) -> AlignmentNode:
    """What a name of an end names: a marker, a junction or a landmark."""
    marker = marker_at(text, 0, len(text))
    if marker is not None and (marker.end() == len(text) or text[marker.end()] in "(["):
        return AlignmentNode(NodeKind.MARKER, text, span, marker_number(marker))
    if words.node_words("junction").ending(text, 0, len(text.partition("(")[0])) or (
        words.node_words("junction").ending(text, 0, len(text))
    ):
        return AlignmentNode(NodeKind.JUNCTION, text, span)
    return AlignmentNode(NodeKind.LANDMARK, text, span)


def marker_number(match: re.Match[str]) -> str:
    """The number of a marker in digits, with its letter."""
    digits, before, *after = (*match.groups(), "")
    if not digits[0].isascii():
        digits = str(int(number(digits)))
    return digits + (before or after[0])


def title_at(text: str, place: int, limit: int) -> tuple[tuple[AlignmentNode, ...], int] | None:
    """Both ends and the place after them, where a title from marker to marker begins here.

    165号界桩至166号界桩段, 从1号界桩起至2号界桩止, 8号界桩与9号界桩之间: words on the line may
    follow. A start with only the first leg after it (从1号界桩至鞍部) is none.
    """
    limit = min(limit, place + REACH)
    opened = text.startswith(_OPENING, place)
    first = _numbered(text, place + opened, limit)
    if first is None:
        return None
    begun = opened and text.startswith(_BEGUN, first.end())
    joint = _JOINTS.match(text, _after(text, first.end(), _BEGUN if begun else ()), limit)
    second = None if joint is None else marker_at(text, joint.end(), limit)
    if joint is None or second is None:
        return None
    end = _TITLE_END.match(text, second.end(), limit)
    stop = second.end() if end is None else end.end()
    if joint[0] in _PAIRED and not text[second.end() : stop].startswith(_BETWEEN):
        return None
    if stop == second.end():
        stop = _after(text, stop, ("的",)) if stop < limit else stop
        told = begun or not opened or _told_after(text, stop)  # 从1号界桩至2号界桩, and no more
        if not told or not (stop == limit or _leads_to_course(text, stop, limit)):
            return None
    nodes = tuple(
        AlignmentNode(NodeKind.MARKER, match[0], match.span(), marker_number(match))
        for match in (first, second)
    )
    return nodes, stop


def _after(text: str, place: int, told: tuple[str, ...]) -> int:
    """The place after a word of some, `place` where none stands there."""
    return place + next((len(word) for word in told if text.startswith(word, place)), 0)


def _leads_to_course(text: str, place: int, limit: int) -> bool:
    """Whether words on the line follow, its azimuth, or what stands in brackets."""
    told = words.words_of("line", "azimuth").at(text, place, limit)
    return bool(told) or text.startswith("(", place)


def _told_after(text: str, place: int) -> bool:
    """Whether the course is told after a start and an end: a colon, or a comma and how it runs."""
    begins = words.words_of("line", "along", "heading", "approximate", "straight", "azimuth")
    first = text[place : place + 1]
    if first == ":" or words.words_of("line").at(text, place, len(text)):
        return True
    after = place + 1 + text.startswith("先", place + 1)
    return first == "," and bool(begins.at(text, after, len(text)))


def _numbered(text: str, place: int, limit: int) -> re.Match[str] | None:
    return marker_at(text, place, limit) or _BARE_NUMBER.match(text, place, limit)
