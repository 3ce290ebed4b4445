"""A pair or a triple of stones is not complete."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.marker import BoundaryMarker, MarkerKind
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.markers import MarkerCase, marker_related, marker_subject
from geo_service.rules.markers._drawing import clean, flagged, stone, stones
from geo_service.rules.markers._wording import called

_SETS = {MarkerKind.PAIRED: "AB", MarkerKind.TRIPLE: "CDE"}


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    del context
    for markers in case.by_line.values():
        groups: dict[tuple[int, MarkerKind], list[BoundaryMarker]] = defaultdict(list)
        for marker in markers:
            if marker.number.letter in tuple(_SETS.get(marker.kind, "")):
                groups[marker.number.serial, marker.kind].append(marker)
        for (_, kind), group in groups.items():
            missing = sorted(set(_SETS[kind]) - {marker.number.letter for marker in group})
            if missing:
                yield _incomplete(case, kind, group, missing)


def _incomplete(
    case: MarkerCase, kind: MarkerKind, group: list[BoundaryMarker], missing: list[str]
) -> Evidence:
    first, whole = group[0], len(_SETS[kind])
    who, letters = called(case, first), "、".join(missing)
    return Evidence(
        message=Text(
            f"{who.zh}是一组 {whole} 块中的一块，缺 {letters}。",
            f"{who.en} is one of a set of {whole}; {letters} is missing.",
        ),
        subject=marker_subject(first),
        related=(*map(marker_related, group[1:]), *case.sides(first.line_code)),
        measure=Measure(whole - len(missing), whole, "stones", "GB/T 17796"),
        geometry=first.position,
        question=Text(
            "缺的一块是未登记、登在邻线下，还是实地缺失？",
            "Is the other stone not entered, entered under another line, or lost on the ground?",
        ),
        suggestion=Text(
            "补录缺的一块；实地缺失的由责任方会同对方恢复。",
            "Enter the missing stone; one lost on the ground is reset by the responsible side with "
            "the other present.",
        ),
    )


RULE: Rule[MarkerCase, BoundaryContext] = Rule(
    id="MK-NUM-03",
    slug="incomplete_set",
    version=2,
    title=Text("同号双立、三立界桩不全", "Set of paired or triple markers incomplete"),
    category="同号不全",
    quality=Quality.OMISSION,
    basis=(
        # That a letter stands for one of a set is said by a standard that nobody here has read.
        Basis("GBT17796", "numbering", Severity.HUMAN),
        Basis("ISO19157", "5", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            stones(stone("001A", 1000, 30)),
            Severity.HUMAN,
            Text("只有 A，没有 B", "A without B"),
        ),
        flagged(
            stones(stone("002C", 1000, 30), stone("002E", 1000, -30)),
            Severity.HUMAN,
            Text("三立缺 D", "a triple without D"),
        ),
        clean(
            stones(stone("001A", 1000, 30), stone("001B", 1000, -30)),
            Text("A、B 齐全", "A and B are both there"),
        ),
        clean(stones(stone("001Q", 1000)), Text("单立界桩", "a single marker")),
    ),
    trap=Text(
        "三立界桩的另两块可能登记在邻线下，按三交点协议核对。",
        "The other stones of a triple may be registered under the neighbouring lines: see the "
        "junction agreement.",
    ),
    handling=Text(
        "内业查登记表；外业核实后补录或恢复。",
        "Desk: see the marker form; field: confirm, then enter or reset.",
    ),
    needs=frozenset({"markers"}),
)
