"""A unit's code does not belong where the unit lies."""

from __future__ import annotations

from collections.abc import Iterator

import shapely

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.identity import DivisionCode, DivisionLevel
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import (
    BoundaryCase,
    BoundaryContext,
    line_subject,
    unit_related,
    unit_subject,
)
from geo_service.rules.boundaries._drawing import clean, drawing, flagged

_BELOW_COUNTY = (DivisionLevel.TOWN, DivisionLevel.VILLAGE)


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    yield from _strange(case, context)
    yield from _misplaced(case)


def _strange(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    """Codes of neither the city nor a neighbour."""
    named = [(unit_subject(unit), unit.geometry, unit.code) for unit in case.units]
    named += [
        (line_subject(line), line.geometry, code)
        for line in case.lines
        for code in sorted(line.parties)
    ]
    for subject, geometry, code in named:
        if not _has_place(code, context):
            yield Evidence(
                message=Text(
                    f"{subject.name or subject.id}的代码 {code} 既不属于{context.city.name.zh}"
                    f"（{context.city.code}），也不是相邻单位。",
                    f"Code {code} of {subject.name or subject.id} belongs neither to "
                    f"{context.city.name.en} ({context.city.code}) nor to a neighbour.",
                ),
                key=code,
                subject=subject,
                geometry=geometry,
            )


def _has_place(code: DivisionCode, context: BoundaryContext) -> bool:
    city = context.city
    if context.concerns(code) or city.code.is_within(code):
        return True
    return any(
        code.is_within(neighbour) or neighbour.is_within(code) for neighbour in city.neighbours
    )


def _misplaced(case: BoundaryCase) -> Iterator[Evidence]:
    """Towns and villages that lie in a county whose code they do not begin with."""
    counties = case.layers.get(DivisionLevel.COUNTY)
    for level in _BELOW_COUNTY:
        layer = case.layers.get(level)
        if counties is None or layer is None:
            continue
        points = shapely.point_on_surface(layer.solid)
        inside, holder = shapely.STRtree(counties.solid).query(points, predicate="within")
        for i, j in sorted(zip(inside.tolist(), holder.tolist(), strict=True)):
            unit, county = layer.units[i], counties.units[j]
            if not unit.code.is_within(county.code):
                yield Evidence(
                    message=Text(
                        f"{unit.name}（{unit.code}）位于{county.name}（{county.code}）内，"
                        "代码却不以该县代码开头。",
                        f"{unit.name} ({unit.code}) lies in {county.name} ({county.code}) but its "
                        "code does not begin with that county's.",
                    ),
                    key=f"in+{county.code}",
                    subject=unit_subject(unit),
                    related=(unit_related(county),),
                    geometry=unit.geometry,
                )


_SQUARE = "POLYGON((0 0, 1000 0, 1000 1000, 0 1000, 0 0))"
_TOWN = "POLYGON((0 0, 500 0, 500 500, 0 500, 0 0))"

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-COD-02",
    slug="code_prefix",
    version=1,
    title=Text("代码与隶属不符", "Code prefix does not match the parent"),
    category="代码隶属",
    quality=Quality.DOMAIN,
    basis=(
        Basis("GBT2260", "code", Severity.ADVISED_AGAINST),
        Basis("ISO19157", "16", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            drawing({"980101 外县": _SQUARE}),
            Severity.ADVISED_AGAINST,
            Text("既非本市也非邻县", "neither the city's nor a neighbour's"),
        ),
        flagged(
            drawing({"甲区": _SQUARE, "990102001 子镇": _TOWN}),
            Severity.ADVISED_AGAINST,
            Text("镇在甲区内，代码却属乙区", "the town lies in 甲区 under a code of 乙区"),
        ),
        clean(
            drawing({"甲区": _SQUARE, "990101001 子镇": _TOWN}),
            Text("镇的代码以所在县开头", "the town's code begins with its county's"),
        ),
        clean(drawing({"邻甲县": _SQUARE}), Text("相邻单位", "a neighbour")),
        clean(
            drawing({"990141 前庚县": _SQUARE}),
            Text(
                "旧代码由代码失效规则判断", "a former code is judged by the rule on codes in force"
            ),
        ),
    ),
    trap=Text(
        "功能区（开发区、高新区等）代管的镇街，代码仍属原县区，实地看像是错放；"
        "县级市曾用省直辖代码，不以本市开头，按沿革表判断。",
        "Towns run by a development zone keep the code of their county and may look misplaced; "
        "county-level cities once had codes directly under the province: the code history knows.",
    ),
    handling=Text(
        "改正代码；确属区划调整的，先更新代码沿革表。",
        "Correct the code; where the division changed, update the code history first.",
    ),
)
