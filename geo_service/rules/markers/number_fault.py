"""A marker number is missing from the row, given twice, or bears the wrong letter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Measure, Severity, Subject
from geo_service.domain.marker import BoundaryMarker, MarkerDocument, MarkerEntry, MarkerKind
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.markers import MarkerCase, marker_related, marker_subject
from geo_service.rules.markers._drawing import clean, flagged, row, stone, stones
from geo_service.rules.markers._wording import called, line_name

_LETTERS = {
    MarkerKind.SINGLE: frozenset("Q"),
    MarkerKind.PAIRED: frozenset("AB"),
    MarkerKind.TRIPLE: frozenset("CDE"),
}
_NUMBERS = "GB/T 17796"
_TWICE = "twice"


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    del context
    for line, markers in case.by_line.items():
        yield from _gaps(case, line, markers)
        yield from _mixed(case, markers)
    yield from _twice(case)
    yield from _wrong_letters(case)


def _gaps(case: MarkerCase, line: str, markers: tuple[BoundaryMarker, ...]) -> Iterator[Evidence]:
    serials = {marker.number.serial for marker in markers}
    missing = [f"{n:03d}" for n in range(1, max(serials)) if n not in serials]
    if missing:
        name, listed = line_name(case, line), _shortened(missing)
        yield Evidence(
            message=Text(
                f"{name} 缺 {len(missing)} 个界桩号：{listed}。",
                f"{name} lacks {len(missing)} marker number(s): {listed}.",
            ),
            key="gap",
            subject=Subject("boundary-line", line, name),
            related=case.sides(line)[1:],
            measure=Measure(len(missing), 0, "numbers", _NUMBERS),
            question=Text(
                "这些号是撤销的，还是漏送、漏登的？",
                "Were these numbers scrapped, or are their markers left out?",
            ),
            suggestion=Text(
                "查界桩变动文件：撤销的号不再使用，须有记录；没有记录的按缺失处理。",
                "See the marker-change papers: a scrapped number stays unused and must be on "
                "record; without a record the marker counts as missing.",
            ),
        )


def _shortened(numbers: list[str]) -> str:
    shown = 12
    return " ".join(numbers[:shown]) + (" …" if len(numbers) > shown else "")


def _mixed(case: MarkerCase, markers: tuple[BoundaryMarker, ...]) -> Iterator[Evidence]:
    """One serial as several kinds of set, say 005Q beside 005A, or one number in two spellings."""
    by_serial: dict[int, list[BoundaryMarker]] = defaultdict(list)
    for marker in markers:
        by_serial[marker.number.serial].append(marker)
    for group in by_serial.values():
        sets = {kind for m in group for kind, of in _LETTERS.items() if _letter(m) in of}
        spelled = len({(m.number.serial, _letter(m)) for m in group}) < len(group)
        if len(sets) < 2 and not spelled:
            continue
        first, others = group[0], group[1:]
        who, numbers = called(case, first), "、".join(marker.number for marker in others)
        yield Evidence(
            message=Text(
                f"{who.zh}与 {numbers} 号重号。",
                f"{who.en} has the same number as {numbers}.",
            ),
            key="mixed",
            aspect=_TWICE if spelled else "",
            subject=marker_subject(first),
            related=(*map(marker_related, others), *case.sides(first.line_code)),
            measure=Measure(len(group), 1, "markers", _NUMBERS),
            geometry=first.position,
            question=None if spelled else _WHICH,
            suggestion=_LOOK,
        )


def _letter(marker: BoundaryMarker) -> str:
    return marker.number.letter or "Q"


def _twice(case: MarkerCase) -> Iterator[Evidence]:
    """One document that gives one number to two markers."""
    for entries in case.by_marker.values():
        papers: dict[MarkerDocument, list[MarkerEntry]] = defaultdict(list)
        for entry in entries:
            if entry.document is not MarkerDocument.INSPECTION:
                papers[entry.document].append(entry)
        times = max(map(len, papers.values()), default=0)
        if times > 1:
            marker = entries[0].marker
            who = called(case, marker)
            yield Evidence(
                message=Text(
                    f"{who.zh}在同一文件中出现 {times} 次。",
                    f"{who.en} stands {times} times in one document.",
                ),
                key="twice",
                aspect=_TWICE,
                subject=marker_subject(marker),
                related=case.sides(marker.line_code),
                measure=Measure(times, 1, "markers", _NUMBERS),
                geometry=marker.position,
                suggestion=_LOOK,
            )


def _wrong_letters(case: MarkerCase) -> Iterator[Evidence]:
    for marker in case.markers:
        if marker.number.letter is None or marker.number.letter in _LETTERS[marker.kind]:
            continue
        who, allowed = called(case, marker), "/".join(sorted(_LETTERS[marker.kind]))
        yield Evidence(
            message=Text(
                f"{who.zh}的类型字母与界桩类型不符，应为 {allowed}。",
                f"{who.en} bears a letter that does not fit its type; it should be {allowed}.",
            ),
            key="letter",
            subject=marker_subject(marker),
            related=case.sides(marker.line_code),
            measure=Measure(1, 0, "letters", _NUMBERS),
            geometry=marker.position,
            question=_WHICH,
            suggestion=_LOOK,
        )


_WHICH = Text(
    "登记表上的编号和界桩类型各是什么？", "Which number and which type does the marker form give?"
)
_LOOK = Text(
    "对照界桩登记表改正编号，原号和新号一并存档。",
    "Correct the number by the marker form; keep the old and the new number on file.",
)

RULE: Rule[MarkerCase, BoundaryContext] = Rule(
    id="MK-NUM-02",
    slug="number_fault",
    version=2,
    title=Text("界桩缺号、重号或字母有误", "Marker number missing, repeated or with wrong letter"),
    category="编号错误",
    quality=Quality.DOMAIN,
    basis=(
        Basis("ISO19157", "4", Severity.ADVISED_AGAINST, _TWICE),
        # Which numbers and letters there must be is said by a standard that nobody here has read.
        Basis("GBT17796", "numbering", Severity.HUMAN),
        Basis("ISO19157", "14", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            stones(stone("001Q", 1000), stone("003Q", 3000)),
            Severity.HUMAN,
            Text("缺 002 号", "002 is missing"),
        ),
        flagged(
            stones(stone("001Q", 1000), stone("001Q", 2000)),
            Severity.ADVISED_AGAINST,
            Text("两处用同一号", "one number at two places"),
        ),
        flagged(
            stones(stone("001Q", 1000), stone("001A", 2000, 20), stone("001B", 2000, -20)),
            Severity.HUMAN,
            Text("001 号既是单立又是双立", "001 is a single marker and a pair at once"),
        ),
        flagged(
            stones(stone("001A", 1000, kind=MarkerKind.SINGLE)),
            Severity.HUMAN,
            Text("单立界桩写了 A", "a single marker with the letter A"),
        ),
        clean(stones(*row(1000, 2000)), Text("号码连续", "numbers without a gap")),
        clean(
            stones(stone("001Q", 1000), stone("001Q", 1000, document=MarkerDocument.FORM)),
            Text("登记表和登记记录各有一条", "once in the register and once on the form"),
        ),
        clean(stones(stone("001", 1000)), Text("未写类型字母", "written without a letter")),
    ),
    trap=Text(
        "撤销的界桩留下空号；只送一段界线的界桩时，前面的号自然不在文件里。",
        "A scrapped marker leaves its number empty; a file with the markers of a stretch naturally "
        "lacks the earlier ones.",
    ),
    handling=Text(
        "缺号须有撤销记录；重号、错字母由双方改正后重填登记表。",
        "A missing number needs its record; repeated numbers and wrong letters are corrected by "
        "both sides on a new form.",
    ),
    needs=frozenset({"markers"}),
)
