"""Adjoining units have no line between them, or a line has no adjoining units."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.identity import DivisionCode
from geo_service.domain.text import Text
from geo_service.geometry import coverage, measure
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import (
    BoundaryCase,
    BoundaryContext,
    line_subject,
    unit_related,
    unit_subject,
)
from geo_service.rules.boundaries._drawing import clean, drawing, flagged
from geo_service.rules.boundaries._layer import Layer
from geo_service.rules.boundaries._wording import length

_SAMPLES = 200
"""Points along a line at which it is judged whether both its units run beside it."""


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    for layer in case.layers.values():
        level = layer.units[0].level
        lines = [line for line in case.lines if line.left_code.level is level]
        # A level without any line is not kept as lines: nothing is missing from it.
        if lines:
            yield from _omitted(layer, lines, context)
            yield from _excess(layer, case, context)


def _pair(line: AdministrativeBoundary, context: BoundaryContext) -> frozenset[DivisionCode]:
    return frozenset(context.current(code) for code in line.parties)


def _omitted(
    layer: Layer, lines: list[AdministrativeBoundary], context: BoundaryContext
) -> Iterator[Evidence]:
    registered = {_pair(line, context) for line in lines}
    least = context.threshold("adjacency_min_m")
    for i, j in layer.pairs_near(context.line_tolerance_m):
        one, other = layer.units[i], layer.units[j]
        pair = frozenset((context.current(one.code), context.current(other.code)))
        if len(pair) < 2 or pair in registered or not context.concerns(one.code, other.code):
            continue
        length_m = layer.beside_m(i, j, context.line_tolerance_m, least)
        if not length_m:
            continue
        along = length(length_m)
        yield Evidence(
            message=Text(
                f"{one.name}与{other.name}相邻 {along.zh}，但没有登记两者之间的界线。",
                f"{one.name} and {other.name} adjoin for {along.en}, but no line between them is "
                "registered.",
            ),
            key=f"omitted+{other.code}",
            aspect="omitted",
            subject=unit_subject(one),
            related=(unit_related(other),),
            measure=context.measure(length_m, "adjacency_min_m", "m"),
            geometry=layer.shared_line(i, j),
            suggestion=Text("登记该界线及其协议书。", "Register the line with its agreement."),
        )


def _excess(layer: Layer, case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    places = {context.current(code): i for code, i in layer.index.items()}
    for line, plane in zip(case.lines, case.plane_lines, strict=True):
        pair = sorted(_pair(line, context))
        known = [places[code] for code in pair if code in places]
        # Without both polygons nobody can say what runs beside the line.
        if plane is None or len(known) < 2 or not context.concerns(*line.parties):
            continue
        search = context.threshold("dangle_search_m")
        total = float(shapely.length(plane))
        beside = case.kept.once(
            coverage.length_beside_m,
            plane,
            tuple(layer.plane[i] for i in known),
            search,
            step_m=total / _SAMPLES,
        )
        least = min(context.threshold("adjacency_min_m"), total / 2)
        if beside < least:
            yield _excess_evidence(line, [layer.units[i] for i in known], beside, context)


def _excess_evidence(
    line: AdministrativeBoundary,
    units: list[AdministrativeUnit],
    beside_m: float,
    context: BoundaryContext,
) -> Evidence:
    one, other = units
    total = length(float(measure.lengths_m([cast("BaseGeometry", line.geometry)])[0]))
    return Evidence(
        message=Text(
            f"界线{line.name}长 {total.zh}，但{one.name}与{other.name}沿线并不相邻"
            f"（两者都在旁的只有 {length(beside_m).zh}）。",
            f"Line {line.name} is {total.en} long, but {one.name} and {other.name} do not adjoin "
            f"along it (both beside it for {length(beside_m).en} only).",
        ),
        key="excess",
        aspect="excess",
        subject=line_subject(line),
        related=(unit_related(one), unit_related(other)),
        measure=context.measure(beside_m, "adjacency_min_m", "m"),
        geometry=line.geometry,
        suggestion=Text(
            "核对界线两侧代码，或核对行政区域面。",
            "Check the codes of the two sides, or the polygons of the units.",
        ),
    )


_UNITS = {
    "甲区": "POLYGON((0 0, 1000 0, 1000 1000, 0 1000, 0 0))",
    "乙区": "POLYGON((1000 0, 2000 0, 2000 1000, 1000 1000, 1000 0))",
    "丙区": "POLYGON((2000 0, 3000 0, 3000 1000, 2000 1000, 2000 0))",
}
_LINES = {
    "乙区|甲区": "LINESTRING(1000 1000, 1000 0)",
    "丙区|乙区": "LINESTRING(2000 1000, 2000 0)",
}

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-NET-03",
    slug="line_missing",
    version=1,
    title=Text("界线缺漏或多余", "Line missing or without adjacency"),
    category="缺界线",
    quality=Quality.OMISSION,
    basis=(
        Basis("ISO19157", "5", Severity.PROHIBITED, aspect="omitted"),
        Basis("GOOD_PRACTICE", "coverage", Severity.PROHIBITED, aspect="omitted"),
        Basis("ISO19157", "1", Severity.PROHIBITED, aspect="excess"),
        Basis("GOOD_PRACTICE", "coverage", Severity.PROHIBITED, aspect="excess"),
    ),
    check=_check,
    examples=(
        flagged(
            drawing(_UNITS, {"乙区|甲区": _LINES["乙区|甲区"]}),
            Severity.PROHIBITED,
            Text("乙区与丙区相邻 1 公里而无界线", "乙区 and 丙区 adjoin for 1 km without a line"),
        ),
        flagged(
            drawing(_UNITS, {**_LINES, "丙区|甲区": "LINESTRING(0 0, 0 1000)"}),
            Severity.PROHIBITED,
            Text(
                "登记了甲、丙两县的界线，两县并不相邻",
                "a line between two units that do not adjoin",
            ),
        ),
        flagged(
            drawing(
                {**_UNITS, "丙区": "POLYGON((2001.5 0, 3000 0, 3000 1000, 2001.5 1000, 2001.5 0))"},
                {"乙区|甲区": _LINES["乙区|甲区"]},
            ),
            Severity.PROHIBITED,
            Text(
                "两侧分开绘制，相距 1.5 米，仍是相邻",
                "drawn apart by 1.5 m, they still adjoin",
            ),
        ),
        clean(
            drawing(_UNITS, _LINES), Text("相邻各对都有界线", "every adjoining pair has its line")
        ),
        clean(
            drawing(
                {
                    **_UNITS,
                    "丁区": "POLYGON((2940 1000, 3500 1000, 3500 2000, 2940 2000, 2940 1000))",
                },
                _LINES,
            ),
            Text("只相邻 60 米，不足 100 米", "adjoining for 60 m only, less than 100 m"),
        ),
        clean(
            drawing(
                {"庚县": _UNITS["甲区"], "乙区": _UNITS["乙区"]},
                {"990141 前庚县|乙区": _LINES["乙区|甲区"]},
            ),
            Text(
                "协议书用前庚县之名，已由庚县继承：界线仍算登记",
                "signed by 前庚县, since succeeded by 庚县: the line still counts",
            ),
        ),
    ),
    trap=Text(
        "只隔河口、海湾相望的单位不算相邻；网络地图的面与协议界线相差几十米，"
        "多余一项按 50 米搜索。",
        "Units that face each other across an estuary or bay do not adjoin; polygons of a web map "
        "may lie tens of metres from the agreed line, so excess is searched within 50 m.",
    ),
    handling=Text(
        "补登界线（协议书、批准文件），或核销多余的界线并归档界桩资料。",
        "Register the line with agreement and approval, or retire the excess one and archive its "
        "markers.",
    ),
    needs=frozenset({"units", "lines"}),
)
