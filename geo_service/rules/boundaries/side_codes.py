"""The units to the left and right of a line are not those that the line names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.text import Text
from geo_service.geometry.arrays import Floats
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import (
    BoundaryCase,
    BoundaryContext,
    line_subject,
    unit_related,
)
from geo_service.rules.boundaries._drawing import clean, drawing, flagged
from geo_service.rules.boundaries._layer import Layer

_SAMPLES = 100
"""Places along each part of a line at which both its sides are probed."""
_MOST = 0.5
"""A side belongs to the unit in which more than half of its probes lie."""


@dataclass(frozen=True, slots=True)
class _Sides:
    """Per unit of the layer, the share of probes to the left and to the right that lie in it."""

    left: Floats
    right: Floats


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    probe_m = context.threshold("side_probe_m")
    for level, layer in case.layers.items():
        tree = shapely.STRtree(layer.plane)
        for line, plane in zip(case.lines, case.plane_lines, strict=True):
            if line.left_code.level is not level or not shapely.length(plane) > 0:
                continue
            if context.concerns(*line.parties):
                yield from _judged(line, layer, _sides(case, plane, layer, tree, probe_m), context)


def _sides(
    case: BoundaryCase, line: BaseGeometry, layer: Layer, tree: shapely.STRtree, probe_m: float
) -> _Sides:
    probes = case.kept.once(_probes, line, probe_m)
    left, right = np.zeros(len(layer.units)), np.zeros(len(layer.units))
    for i in tree.query(shapely.multipoints(np.concatenate(probes))).tolist():
        left[i], right[i] = case.kept.once(_shares, line, layer.plane[i], probe_m)
    return _Sides(left, right)


def _shares(line: BaseGeometry, unit: BaseGeometry, probe_m: float) -> tuple[float, float]:
    """The share of the probes to the left and to the right of a line that lie in a unit."""
    shapely.prepare(unit)
    left, right = (shapely.contains_xy(unit, *side.T).mean() for side in _probes(line, probe_m))
    return float(left), float(right)


def _probes(line: BaseGeometry, probe_m: float) -> tuple[Floats, Floats]:
    """Positions to the left and to the right of a line, at even distances along each part."""
    parts = shapely.get_parts(line)
    pairs = [_beside(part, probe_m) for part in parts[shapely.length(parts) > 0]]
    left, right = (np.concatenate([pair[side] for pair in pairs]) for side in (0, 1))
    return left, right


def _beside(part: BaseGeometry, probe_m: float) -> tuple[Floats, Floats]:
    """Positions to the left and to the right of one part, at even distances along it."""
    points = shapely.get_coordinates(part)
    steps = np.hypot(*np.diff(points, axis=0).T)
    run = np.concatenate(([0.0], np.cumsum(steps)))
    at = (np.arange(_SAMPLES) + 0.5) / _SAMPLES * run[-1]
    segment = np.clip(np.searchsorted(run, at) - 1, 0, len(steps) - 1)
    along = (points[segment + 1] - points[segment]) / steps[segment][:, None]
    middle = points[segment] + along * (at - run[segment])[:, None]
    aside = np.stack((-along[:, 1], along[:, 0]), axis=1) * probe_m
    return middle + aside, middle - aside


def _judged(
    line: AdministrativeBoundary, layer: Layer, sides: _Sides, context: BoundaryContext
) -> Iterator[Evidence]:
    places = {context.current(code): i for code, i in layer.index.items()}
    left, right = (places.get(context.current(c)) for c in (line.left_code, line.right_code))
    crossed = [sides.left[right]] if right is not None else []
    crossed += [sides.right[left]] if left is not None else []
    straight = [sides.right[right]] if right is not None else []
    straight += [sides.left[left]] if left is not None else []
    # A polygon drawn aside holds the probes of both sides: then nobody has exchanged anything.
    if crossed and min(crossed) > _MOST and max(straight) <= _MOST:
        yield _swapped(line, float(min(crossed)))
        return
    for side, shares, party in (("left", sides.left, left), ("right", sides.right, right)):
        holder = int(shares.argmax())
        if shares[holder] > _MOST and holder not in (left, right):
            named = None if party is None else layer.units[party]
            yield _wrong(line, side, layer.units[holder], named, float(shares[holder]))


def _swapped(line: AdministrativeBoundary, share: float) -> Evidence:
    return Evidence(
        message=Text(
            f"界线{line.name}的左、右单位颠倒：{share:.0%} 的测点左侧是 {line.right_code}，"
            f"登记为 {line.left_code}。",
            f"The sides of line {line.name} are exchanged: at {share:.0%} of the probes "
            f"{line.right_code} lies to the left, where {line.left_code} is entered.",
        ),
        key="swapped",
        subject=line_subject(line),
        measure=Measure(round(share, 3), _MOST, "share", "ISO 19157 D.60"),
        geometry=line.geometry,
        suggestion=Text("对调左右代码，或将线反向。", "Exchange the codes or reverse the line."),
    )


def _wrong(
    line: AdministrativeBoundary,
    side: str,
    holder: AdministrativeUnit,
    named: AdministrativeUnit | None,
    share: float,
) -> Evidence:
    where = Text("左", "left") if side == "left" else Text("右", "right")
    code = line.left_code if side == "left" else line.right_code
    called = f"{named.name}（{code}）" if named else str(code)
    called_en = f"{named.name} ({code})" if named else str(code)
    return Evidence(
        message=Text(
            f"界线{line.name}{where.zh}侧登记为{called}，{share:.0%} 的测点却在{holder.name}内。",
            f"The {where.en} side of line {line.name} is entered as {called_en}, but {share:.0%} "
            f"of the probes lie in {holder.name}.",
        ),
        key=f"{side}+{holder.code}",
        subject=line_subject(line),
        related=(unit_related(holder),),
        measure=Measure(round(share, 3), _MOST, "share", "ISO 19157 D.60"),
        geometry=line.geometry,
        suggestion=Text(
            "核对协议书载明的双方，改正代码。",
            "See which sides the agreement names; correct the code.",
        ),
    )


_WEST = "POLYGON((0 0, 1000 0, 1000 1000, 0 1000, 0 0))"
_EAST = "POLYGON((1000 0, 2000 0, 2000 1000, 1000 1000, 1000 0))"
_SOUTHWARD = "LINESTRING(1000 1000, 1000 0)"
_BOTH = {"甲区": _WEST, "乙区": _EAST}

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-POL-02",
    slug="side_codes",
    version=1,
    title=Text("界线左右单位错误", "Wrong unit beside a line"),
    category="左右代码",
    quality=Quality.THEMATIC,
    basis=(
        Basis("ISO19157", "60", Severity.INFO),
        Basis("GOOD_PRACTICE", "topology", Severity.ADVISED_AGAINST),
    ),
    check=_check,
    examples=(
        flagged(
            drawing(_BOTH, {"甲区|乙区": _SOUTHWARD}),
            Severity.ADVISED_AGAINST,
            Text("自北向南，左侧应是乙区", "going south, 乙区 is to the left"),
        ),
        flagged(
            drawing(_BOTH, {"丙区|甲区": _SOUTHWARD}),
            Severity.ADVISED_AGAINST,
            Text("左侧登记为丙区，实为乙区", "丙区 is entered where 乙区 lies"),
        ),
        flagged(
            drawing({"甲区": _WEST}, {"甲区|邻甲县": _SOUTHWARD}),
            Severity.ADVISED_AGAINST,
            Text("只有本市一侧有面，也能看出颠倒", "one polygon is enough to see it"),
        ),
        clean(drawing(_BOTH, {"乙区|甲区": _SOUTHWARD}), Text("左右相符", "the sides are right")),
        clean(
            drawing(
                {
                    "甲区": "POLYGON((0 0, 1020 0, 1020 1000, 0 1000, 0 0))",
                    "乙区": "POLYGON((1020 0, 2000 0, 2000 1000, 1020 1000, 1020 0))",
                },
                {"乙区|甲区": _SOUTHWARD},
            ),
            Text(
                "面整体偏 20 米，左右并未颠倒，由面线不符规则报告",
                "polygons 20 m aside: nothing is exchanged, the rule on departures reports it",
            ),
        ),
        clean(
            drawing({"990121 庚县": _WEST, "乙区": _EAST}, {"乙区|990141 前庚县": _SOUTHWARD}),
            Text("协议书用前庚县之名", "the agreement names the former unit"),
        ),
    ),
    trap=Text(
        "面取自网络地图、与界线相差超过探测距离时，两侧的测点会落在同一单位内，本规则不作判断。",
        "Where polygons of a web map lie farther from the line than the probes reach, both probes "
        "fall into one unit and nothing is said.",
    ),
    handling=Text(
        "内业改正并登记；界桩编号、走向说明中的左右一并核对。",
        "Desk: correct and log; see to the sides in marker numbers and descriptions as well.",
    ),
    needs=frozenset({"units", "lines"}),
)
