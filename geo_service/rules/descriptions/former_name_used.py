"""The description uses a name that has been replaced, or that nobody has on file."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.alignment import (
    AlignmentClause,
    AlignmentSegment,
    FollowedFeature,
    Landmark,
)
from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.text import Text
from geo_service.language.alignment.words import is_particular
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.descriptions import DescriptionCase, DescriptionContext, on_clause
from geo_service.rules.descriptions._drawing import clean, flagged, told


def _check(case: DescriptionCase, _context: DescriptionContext) -> Iterator[Evidence]:
    named: dict[str, list[str]] = {}
    on_file: list[Landmark | FollowedFeature] = [*case.landmarks, *case.features]
    for known in on_file:
        named.setdefault(known.name, []).append(known.current)
    seen: set[str] = set()
    for segment in case.told:
        for clause in segment.course:
            for name in (*clause.via, clause.to, clause.along, *clause.cross):
                if not name or name in seen:
                    continue
                seen.add(name)
                # Renamed is what bears the name nowhere any more.
                if all(current := named.get(name, [""])):
                    yield _renamed(segment, clause, name, "、".join(sorted(set(current))))
                elif (
                    name not in named
                    and name in (clause.along, *clause.cross)
                    and _asked(case, name)
                ):
                    said = Text(f"“{name}”不在地物资料中", f"{name} is not on file")
                    yield on_clause(segment, clause, said, key=name)


def _asked(case: DescriptionCase, name: str) -> bool:
    """Whether a feature is named so that it could be found, in a layer that there is."""
    return bool(case.features) and is_particular(name)


def _renamed(
    segment: AlignmentSegment, clause: AlignmentClause, name: str, current: str
) -> Evidence:
    return on_clause(
        segment,
        clause,
        Text(f"“{name}”已更名为“{current}”", f"{name} is now called {current}"),
        key=name,
        suggestion=Text(
            f"原文保留，注明今名“{current}”。",
            f"Keep the text and note the present name {current}.",
        ),
    )


_LINE = "LINESTRING(0 0, 1000 0)"

RULE: Rule[DescriptionCase, DescriptionContext] = Rule(
    id="DS-NAM-01",
    slug="former_name_used",
    version=1,
    title=Text("说明中的地名已更名或查不到", "A name in the description has changed or is unknown"),
    category="地名",
    quality=Quality.THEMATIC,
    basis=(
        Basis("GOOD_PRACTICE", "description", Severity.INFO),
        Basis("ISO19157", "65", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            told("从1号界桩起，经柳河村至2号界桩止。", landmarks={"柳河村>新柳村": (500, 0)}),
            Severity.INFO,
            Text("柳河村已更名为新柳村", "the village has a new name"),
        ),
        flagged(
            told(
                "从1号界桩起，沿清水河至2号界桩止。",
                landmarks={"石桥": (0, 0)},
                features={"浑水河": _LINE},
            ),
            Severity.INFO,
            Text("资料中没有清水河", "no such river is on file"),
        ),
        clean(
            told("从1号界桩起，经新柳村至2号界桩止。", landmarks={"新柳村": (500, 0)}),
            Text("用的是今名", "the present name"),
        ),
        clean(
            told(
                "从1号界桩起，沿小路至2号界桩止。",
                landmarks={"石桥": (0, 0)},
                features={"清水河": _LINE},
            ),
            Text("“小路”没有名称", "'a path' has no name"),
        ),
    ),
    trap=Text(
        "协议书用当时的地名，本身不是错误；更名的注明今名即可。",
        "An agreement uses the names of its day, which is no fault: note the present name.",
    ),
    handling=Text(
        "更名的，在联检材料中并列今名；查不到的，到地名库或实地核实。",
        "Print the present name beside it; where unknown, ask the names register or the place.",
    ),
    needs=frozenset({"landmarks"}),
)
