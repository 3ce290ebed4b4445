"""The tables of the lines at a junction give it different coordinates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from geo_service.domain.finding import Evidence, Measure, Related, Severity, Subject
from geo_service.domain.identity import DivisionCode
from geo_service.domain.supporting.papers import JunctionEntry
from geo_service.domain.text import Text
from geo_service.geometry.measure import distances_m
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext
from geo_service.rules.boundaries._drawing import beside, clean, drawing, flagged, said
from geo_service.rules.boundaries._wording import length, names


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    by_units: dict[frozenset[DivisionCode], list[JunctionEntry]] = defaultdict(list)
    for entry in case.supporting.all(JunctionEntry):
        if entry.geometry is not None:
            by_units[frozenset(context.current(code) for code in entry.units)].append(entry)
    for units, all_ in sorted(by_units.items(), key=lambda item: sorted(item[0])):
        for number, entries in enumerate(_junctions(all_, context.threshold("dangle_search_m"))):
            apart = _farthest_m(entries)
            if apart > context.point_tolerance_m and context.concerns(*units):
                yield _evidence(case, context, units, entries, (apart, number))


def _junctions(entries: list[JunctionEntry], reach_m: float) -> list[list[JunctionEntry]]:
    """Entries by junction: the same units meet twice where one table has two places far apart."""
    by_line: dict[str, list[JunctionEntry]] = defaultdict(list)
    for entry in entries:
        by_line[entry.line_code].append(entry)
    seeds: list[JunctionEntry] = []
    for rows in by_line.values():
        own: list[JunctionEntry] = []
        for row in rows:
            if all(_farthest_m([row, one]) > reach_m for one in own):
                own.append(row)
        seeds = max(seeds, own, key=len)
    found: list[list[JunctionEntry]] = [[] for _ in seeds]
    for entry in entries:
        found[int(np.argmin([_farthest_m([entry, seed]) for seed in seeds]))].append(entry)
    return found


def _farthest_m(entries: Sequence[JunctionEntry]) -> float:
    places = np.array([entry.geometry.coords[0] for entry in entries if entry.geometry])
    one, other = np.triu_indices(len(places), k=1)
    return float(distances_m(places[one], places[other]).max(initial=0.0))


def _evidence(
    case: BoundaryCase,
    context: BoundaryContext,
    units: frozenset[DivisionCode],
    entries: Sequence[JunctionEntry],
    found: tuple[float, int],
) -> Evidence:
    """`found` tells how far its tables are apart, and which of several junctions it is."""
    apart, number = found
    limit, name = context.point_tolerance_m, case.names_of(units)
    far, tables = length(apart), names(sorted({entry.line_code for entry in entries}))
    return Evidence(
        message=Text(
            f"三交点{name}：各界线成果表（{tables.zh}）所列坐标最大相差 {far.zh}，"
            f"限差 {limit:g} 米。",
            f"Junction {name}: the tables of the lines ({tables.en}) place it up to {far.en} "
            f"apart, limit {limit:g} m.",
        ),
        key=str(number) if number else "",
        subject=Subject("junction", "-".join(sorted(units)), name),
        related=tuple(
            Related("boundary-line", entry.line_code, entry.line_code) for entry in entries
        ),
        measure=Measure(round(apart, 3), limit, "m", f"0.1 mm × 1:{context.scale}"),
        geometry=entries[0].geometry,
        suggestion=Text(
            "以交会点协议的坐标为准，三方共同复测，各表统一。",
            "The agreement on the junction decides; the sides re-measure together and make their "
            "tables one.",
        ),
    )


_UNITS = tuple(DivisionCode(code) for code in ("990101", "990102", "990103"))
_CASE = drawing(lines={"甲区|乙区": "LINESTRING(0 1000, 0 0)"})
_LINES = ("990101-990102", "990101-990103", "990102-990103")


def _tables(*places: str) -> BoundaryCase:
    rows = (
        said(JunctionEntry, number, place, units=_UNITS, line_code=line)
        for number, (place, line) in enumerate(zip(places, _LINES, strict=True), start=1)
    )
    return beside(_CASE, *rows)


RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-NET-13",
    slug="junction_coordinates_differ",
    version=2,
    title=Text("各界线成果表的三交点坐标不一致", "Tables differ about a junction"),
    category="三交点不合",
    quality=Quality.POSITIONAL,
    basis=(
        Basis("ISO19157", "21", Severity.PROHIBITED),
        Basis("GOOD_PRACTICE", "topology", Severity.PROHIBITED),
    ),
    check=_check,
    examples=(
        flagged(
            _tables("POINT(0 0)", "POINT(0 0)", "POINT(3 4)"),
            Severity.PROHIBITED,
            Text("一张表差 5 米", "one table is 5 m off"),
        ),
        flagged(
            _tables("POINT(0 0)", "POINT(0.8 0)", "POINT(-0.8 0)"),
            Severity.PROHIBITED,
            Text(
                "与第一张表各差 0.8 米，另两张之间差 1.6 米",
                "0.8 m from the first table each, 1.6 m from each other",
            ),
        ),
        clean(
            _tables("POINT(0 0)", "POINT(0 0)", "POINT(0 0)"),
            Text("三张表一致", "the three tables agree"),
        ),
        clean(
            beside(
                _CASE,
                *(
                    said(JunctionEntry, n, place, units=_UNITS, line_code=_LINES[n % 2])
                    for n, place in enumerate(["POINT(0 0)"] * 2 + ["POINT(0 3000)"] * 2)
                ),
            ),
            Text("三方在两处相会，各表各有两点", "the three meet twice, each table has both"),
        ),
        clean(
            _tables("POINT(0 0)", "POINT(0.5 0)", "POINT(0 0.5)"),
            Text("相差 0.7 米，在限差内", "0.7 m apart, within the limit"),
        ),
    ),
    trap=Text(
        "各表比例尺或坐标系不同会造成差异，先核对坐标系。",
        "Tables of different scale or system differ: see to the systems first.",
    ),
    handling=Text(
        "三方共同复测；未统一前不能报送。",
        "The three sides re-measure together; it cannot be filed until the tables agree.",
    ),
    needs=frozenset({"junction-entries"}),
)
