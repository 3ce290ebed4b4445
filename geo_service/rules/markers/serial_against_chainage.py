"""The numbers of markers do not follow one another along the line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from shapely.geometry import MultiLineString
from shapely.geometry.base import BaseGeometry

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.text import Text
from geo_service.geometry.network import runs_backwards
from geo_service.geometry.pieces import in_order
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext, line_subject
from geo_service.rules.markers import MarkerCase, Placed, marker_subject
from geo_service.rules.markers._drawing import clean, flagged, row, stone, stones
from geo_service.rules.markers._wording import called

_ORDER = "GB/T 17796"


@dataclass(frozen=True, slots=True)
class _Order:
    """Serials of a line ascending, the row of each one's first stone, and how far along it stands.

    `along_m` grows in the direction in which numbers should, whichever way the line was drawn.
    """

    serials: list[int]
    row: list[int]
    along_m: list[float]


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    for placed in case.placed:
        if not context.concerns(*placed.line.parties):
            continue
        order = _order(placed, case.plane_epsg)
        rising = _longest_rise(order.along_m)
        falling = _longest_rise([-metres for metres in order.along_m])
        if len(falling) > max(len(rising), 2):
            yield _backwards(case, placed, len(order.serials) - len(rising))
            rising = falling
        for i in sorted(set(range(len(order.serials))) - set(rising)):
            yield _out_of_order(case, placed, order, i)


def _order(placed: Placed, plane_epsg: int) -> _Order:
    serial = np.array([marker.number.serial for marker in placed.markers])
    each, first, owner = np.unique(serial, return_index=True, return_inverse=True)
    mean = np.bincount(owner.ravel(), weights=placed.chainage_m) / np.bincount(owner.ravel())
    # The line as its chainage runs, whatever the way in which its parts are drawn.
    pieces = in_order(cast("BaseGeometry", placed.line.geometry), plane_epsg)
    if runs_backwards(MultiLineString(pieces.tolist())):  # BD-NET-08 tells of the line
        mean = -mean
    return _Order(each.tolist(), first.tolist(), mean.tolist())


def _longest_rise(values: Sequence[float]) -> list[int]:
    """Places of a longest rising run; what it leaves out stands in the wrong order."""
    length, before = [1] * len(values), [-1] * len(values)
    for i, value in enumerate(values):
        for j in range(i):
            if values[j] < value and length[j] >= length[i]:
                length[i], before[i] = length[j] + 1, j
    at = max(range(len(values)), key=lambda i: length[i], default=-1)
    run = []
    while at >= 0:
        run.append(at)
        at = before[at]
    return run[::-1]


def _backwards(case: MarkerCase, placed: Placed, count: int) -> Evidence:
    name = placed.line.name or placed.line.code
    return Evidence(
        message=Text(
            f"{name}的界桩编号方向相反：编号应自西向东或自北向南。",
            f"The markers of {name} are numbered the wrong way: numbers run from W to E or N to S.",
        ),
        key="direction",
        subject=line_subject(placed.line),
        related=case.sides(placed.line.code)[1:],
        measure=Measure(count, 0, "markers", _ORDER),
        geometry=placed.line.geometry,
        question=Text(
            "协议书规定的起点在哪一端？", "At which end does the agreement begin the line?"
        ),
        suggestion=Text(
            "先核对协议书的起止点；编号经双方同意才能改。",
            "Check start and end in the agreement first; numbers change only when both sides "
            "agree.",
        ),
    )


def _out_of_order(case: MarkerCase, placed: Placed, order: _Order, i: int) -> Evidence:
    marker = placed.markers[order.row[i]]
    who, here = called(case, marker), order.along_m[i]
    before = sum(metres < here for metres in order.along_m)
    return Evidence(
        message=Text(
            f"{who.zh}沿线排第 {before + 1}，按编号应排第 {i + 1}。",
            f"{who.en} comes {before + 1} along the line, but {i + 1} by its number.",
        ),
        subject=marker_subject(marker),
        related=case.sides(marker.line_code),
        measure=Measure(before + 1, i + 1, "", _ORDER),
        geometry=marker.position,
        question=Text(
            "编号、坐标和界线哪一项有误？", "Which is wrong: the number, the position or the line?"
        ),
        suggestion=Text(
            "对照界桩成果表核对编号和坐标。",
            "Compare number and coordinates with the marker table.",
        ),
    )


RULE: Rule[MarkerCase, BoundaryContext] = Rule(
    id="MK-NUM-01",
    slug="serial_against_chainage",
    version=2,
    title=Text("界桩编号顺序与里程不符", "Marker order along the line differs from the numbers"),
    category="编号顺序",
    quality=Quality.CONCEPTUAL,
    basis=(
        # How numbers run is said by a standard that nobody here has read: it asks, no more.
        Basis("GBT17796", "numbering", Severity.HUMAN),
        Basis("ISO19157", "10", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            stones(*row(1000, 3000, 2000, 4000)),
            Severity.HUMAN,
            Text("002 与 003 号次序颠倒", "002 and 003 have changed places"),
        ),
        flagged(
            stones(*row(9000, 6000, 3000, 1000)),
            Severity.HUMAN,
            Text("自东向西编号", "numbered from east to west"),
        ),
        clean(stones(*row(1000, 2000, 3000)), Text("沿线递增", "rising along the line")),
        clean(
            stones(*row(1000, 2000, 3000), line="LINESTRING(10000 0, 0 0)"),
            Text("界线画反了，编号并没有反", "the line is drawn backwards, the numbers are not"),
        ),
        clean(
            stones(
                stone("001A", 1005, 30),
                stone("001B", 995, -30),
                stone("002A", 1500, 30),
                stone("002B", 1500, -30),
            ),
            Text("双立界桩同号，里程取平均", "stones of one number count as one"),
        ),
    ),
    trap=Text(
        "增设的界桩可能用末尾的号；接近西南至东北对角线的界线，起点以协议书为准。",
        "A marker added later may bear the last number; where a line runs near the diagonal the "
        "agreement tells its start.",
    ),
    handling=Text(
        "核对成果表；确需改号的，双方共同办理并报批准机关备案。",
        "Compare the marker table; numbers are changed by both sides together and filed.",
    ),
    needs=frozenset({"lines"}),
)
