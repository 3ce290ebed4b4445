"""The counts of a line's markers do not add up, or differ from its markers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Measure, Severity, Subject
from geo_service.domain.marker import MarkerKind, MarkerTally
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.markers import MarkerCase
from geo_service.rules.markers._drawing import clean, flagged, row, stone, stones
from geo_service.rules.markers._wording import line_name

_STONES = {MarkerKind.SINGLE: 1, MarkerKind.PAIRED: 2, MarkerKind.TRIPLE: 3}
_NAMES = {
    MarkerKind.SINGLE: Text("单立", "singles"),
    MarkerKind.PAIRED: Text("双立", "pairs"),
    MarkerKind.TRIPLE: Text("三立", "triples"),
}

_IDENTITY, _RECORDS = "identity", "records"
_HOW = Text(
    "登记的颗数是按组数还是按实有桩数计的？",
    "Were sets counted, or each of their stones?",
)


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    del context
    for tally in case.tallies:
        stated = _stated(tally)
        if tally.stones is not None and None not in stated.values():
            whole = sum(_STONES[kind] * (count or 0) for kind, count in stated.items())
            if whole != tally.stones:
                said = Text(
                    f"登记界桩颗数 {tally.stones}，按单立+2×双立+3×三立应为 {whole}",
                    f"states {tally.stones} stones, but singles + 2 × pairs + 3 × triples are "
                    f"{whole}",
                )
                yield _evidence(case, tally, _IDENTITY, said, (tally.stones, whole))
        if tally.line_code in case.by_line:
            yield from _against_markers(case, tally)


def _stated(tally: MarkerTally) -> dict[MarkerKind, int | None]:
    return {
        MarkerKind.SINGLE: tally.singles,
        MarkerKind.PAIRED: tally.pairs,
        MarkerKind.TRIPLE: tally.triples,
    }


def _against_markers(case: MarkerCase, tally: MarkerTally) -> Iterator[Evidence]:
    markers = case.by_line[tally.line_code]
    counted = Counter(kind for _, kind in {(m.number.serial, m.kind) for m in markers})
    for kind, stated in _stated(tally).items():
        if stated is not None and stated != counted[kind]:
            name = _NAMES[kind]
            said = Text(
                f"登记{name.zh}界桩 {stated} 个，实有记录 {counted[kind]} 个",
                f"states {stated} {name.en}, but has {counted[kind]} on record",
            )
            yield _evidence(case, tally, kind, said, (stated, counted[kind]))
    if tally.stones is not None and tally.stones != len(markers):
        said = Text(
            f"登记界桩颗数 {tally.stones}，实有记录 {len(markers)} 颗",
            f"states {tally.stones} stones, but has {len(markers)} on record",
        )
        yield _evidence(case, tally, "stones", said, (tally.stones, len(markers)))


def _evidence(
    case: MarkerCase, tally: MarkerTally, key: str, said: Text, counts: tuple[int, int]
) -> Evidence:
    name, line = line_name(case, tally.line_code), case.line_of.get(tally.line_code)
    return Evidence(
        message=Text(f"{name} {said.zh}。", f"{name} {said.en}."),
        key=key,
        aspect=_IDENTITY if key == _IDENTITY else _RECORDS,
        subject=Subject("boundary-line", tally.line_code, name),
        related=case.sides(tally.line_code)[1:],
        measure=Measure(counts[0], counts[1], "", "singles + 2·pairs + 3·triples"),
        geometry=None if line is None else line.geometry,
        question=_HOW if key == _IDENTITY else None,
        suggestion=Text(
            "逐号核对界桩成果表，查明多余或遗漏。",
            "Go through the marker table number by number for what is too much or left out.",
        ),
    )


def _tally(singles: int, pairs: int, whole: int) -> tuple[MarkerTally]:
    return (
        MarkerTally(
            line_code="990101-990102", singles=singles, pairs=pairs, triples=0, stones=whole
        ),
    )


_MIXED = (*row(1000, 2000), stone("003A", 3000, 30), stone("003B", 3000, -30))

RULE: Rule[MarkerCase, BoundaryContext] = Rule(
    id="MK-NUM-04",
    slug="stone_count",
    version=2,
    title=Text("界桩颗数不符", "Count of markers does not agree"),
    category="颗数不符",
    quality=Quality.CONCEPTUAL,
    basis=(
        Basis("GOOD_PRACTICE", "markers", Severity.ADVISED_AGAINST, _RECORDS),
        Basis("ISO19157", "10", Severity.INFO, _RECORDS),
        # How stones of a set are counted is said by a standard that nobody here has read.
        Basis("GBT17796", "numbering", Severity.HUMAN, _IDENTITY),
        Basis("ISO19157", "10", Severity.INFO, _IDENTITY),
    ),
    check=_check,
    examples=(
        flagged(
            stones(*_MIXED, tallies=_tally(2, 1, 3)),
            Severity.ADVISED_AGAINST,
            Text("双立按一颗计", "a pair counted as one stone"),
        ),
        flagged(
            stones(*row(1000, 2000), tallies=_tally(3, 0, 3)),
            Severity.ADVISED_AGAINST,
            Text("登记三个，实有两个", "three stated, two on record"),
        ),
        flagged(
            stones(tallies=_tally(2, 1, 3)),
            Severity.HUMAN,
            Text("没有界桩记录，只是数目自相矛盾", "no records; the figures alone disagree"),
        ),
        clean(
            stones(*_MIXED, tallies=_tally(2, 1, 4)),
            Text("两个单立、一组双立，共四颗", "two singles and a pair are four stones"),
        ),
        clean(
            stones(tallies=_tally(2, 1, 4)),
            Text("没有界桩记录时只看数目本身", "without records only the figures are compared"),
        ),
    ),
    trap=Text(
        "三交点的三立界桩在三条线上各登一次时，颗数会多计。",
        "A triple at a junction entered under all three lines counts more than once.",
    ),
    handling=Text(
        "改正界线登记的数目或补录界桩；依据成果表。",
        "Correct the figures of the line or enter the missing markers, by the marker table.",
    ),
    needs=frozenset({"tallies"}),
)
