"""Drafts for boundary lines: ends at registered junctions, parts, direction, sides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np
import shapely

from geo_service.domain.repair import RepairKind
from geo_service.geometry.mending.line_ends import (
    crossing,
    end_extended,
    end_moved,
    end_trimmed,
    nearest_end,
    parts_joined,
    turned_about,
)
from geo_service.geometry.network import runs_backwards
from geo_service.messages import message
from geo_service.services.repairing.desk import Desk, Draft

if TYPE_CHECKING:
    from geo_service.domain.boundary import AdministrativeBoundary
    from geo_service.domain.finding import Finding
    from geo_service.domain.text import Text
    from geo_service.geometry.arrays import Floats
    from geo_service.geometry.mending.line_ends import Line


def overshoot(desk: Desk, finding: Finding) -> Iterator[Draft | Text]:
    """For an end beyond its node or another line: what lies beyond is left off."""
    line, end = _line(desk, finding), _position(finding)
    if line is None:
        return
    (passed,) = finding.related
    if passed.kind == "boundary-node":
        node = desk.node_by_id.get(passed.id)
        to = None if node is None else shapely.get_coordinates(node.position)[0]
    else:
        other = desk.line_by_id[passed.id]
        to = crossing(_drawn(line), _drawn(other), end, desk.case.plane_epsg)
    if to is None:
        yield message("repair.not_registered")
        return
    trimmed = end_trimmed(_drawn(line), end, to, desk.case.plane_epsg)
    yield from _redrawn(desk, RepairKind.LINE_TRIMMED, line, trimmed)


def dangle(desk: Desk, finding: Finding) -> Iterator[Draft | Text]:
    """For an end short of a registered junction: gone on to it, every vertex kept."""
    line = _line(desk, finding)
    if line is None or not finding.related:
        return
    node = desk.node_by_id.get(finding.related[0].id)
    if node is None:
        yield message("repair.not_registered")
        return
    to = shapely.get_coordinates(node.position)[0]
    extended = end_extended(_drawn(line), _position(finding), to)
    yield from _redrawn(desk, RepairKind.LINE_EXTENDED, line, extended)


def tripoint(desk: Desk, finding: Finding) -> Iterator[Draft | Text]:
    """For ends beside a registered junction at which at least one other line ends."""
    node = desk.node_by_id.get(finding.subject.id)
    if node is None:
        yield message("repair.not_registered")
        return
    limit = desk.context.point_tolerance_m
    lines = [(desk.line_by_id[r.id], r.distance_m or 0.0) for r in finding.related]
    off = [line for line, away_m in lines if away_m > limit]
    if len(off) == len(lines):
        yield message("repair.junction_in_doubt")
        return
    to = shapely.get_coordinates(node.position)[0]
    changes = []
    for line in off:
        if not desk.may_change(line):
            yield desk.held_reason(line)
            continue
        end = nearest_end(_drawn(line), to, desk.case.plane_epsg)
        moved = end_moved(_drawn(line), end, to)
        changes.append((line, replace(line, geometry=moved)))
    if changes:
        yield Draft(RepairKind.END_MOVED, tuple(changes))


def pseudo_node(desk: Desk, finding: Finding) -> Iterator[Draft | Text]:
    """For two parts of one line that meet; two lines may rest on two agreements and stay."""
    line = _line(desk, finding)
    if line is None or finding.related:
        return
    joined = parts_joined(
        _drawn(line), _position(finding), desk.context.point_tolerance_m, desk.case.plane_epsg
    )
    if joined is None:
        yield message("repair.parts_against_each_other", line=line.name)
        return
    yield from _redrawn(desk, RepairKind.PARTS_JOINED, line, joined)


def direction(desk: Desk, finding: Finding) -> Iterator[Draft | Text]:
    """For a line against the convention: turned about, and its sides with it."""
    line = _line(desk, finding)
    if line is None:
        return
    turned = replace(_exchanged(line), geometry=turned_about(_drawn(line)))
    yield from _changed(desk, RepairKind.LINE_REVERSED, line, turned)


def side_codes(desk: Desk, finding: Finding) -> Iterator[Draft | Text]:
    """For sides that are exchanged: the codes, or the course where it runs backwards anyway."""
    line = _line(desk, finding)
    if line is None or not desk.is_about(finding, "swapped"):
        return
    yield from _changed(desk, RepairKind.SIDES_EXCHANGED, line, _exchanged(line))
    if runs_backwards(_drawn(line)) and desk.may_change(line):
        turned = turned_about(_drawn(line))
        yield from _redrawn(desk, RepairKind.COURSE_REVERSED, line, turned)


def _line(desk: Desk, finding: Finding) -> AdministrativeBoundary | None:
    return desk.line_by_id.get(finding.subject.id)


def _drawn(line: AdministrativeBoundary) -> Line:
    return cast("Line", line.geometry)


def _position(finding: Finding) -> Floats:
    """The end a finding is about."""
    return np.asarray(shapely.get_coordinates(finding.geometry)[0])


def _exchanged(line: AdministrativeBoundary) -> AdministrativeBoundary:
    return replace(line, left_code=line.right_code, right_code=line.left_code)


def _redrawn(
    desk: Desk, kind: RepairKind, line: AdministrativeBoundary, drawn: Line
) -> Iterator[Draft | Text]:
    yield from _changed(desk, kind, line, replace(line, geometry=drawn))


def _changed(
    desk: Desk, kind: RepairKind, line: AdministrativeBoundary, new: AdministrativeBoundary
) -> Iterator[Draft | Text]:
    """The draft, unless something holds the line."""
    if desk.may_change(line):
        yield Draft(kind, ((line, new),))
    else:
        yield desk.held_reason(line)
