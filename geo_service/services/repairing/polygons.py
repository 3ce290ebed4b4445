"""Drafts for polygons: along the line where one decides, else every answer there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import shapely

from geo_service.domain.boundary import LegalStatus
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.repair import RepairKind
from geo_service.geometry.mending.courses import along_line
from geo_service.geometry.mending.neighbours import following, joined, yielded
from geo_service.geometry.mending.rings import is_among
from geo_service.geometry.mending.tangles import drawn_once, split, untangled, without_vertices
from geo_service.messages import message
from geo_service.services.repairing.desk import Desk, Draft

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geo_service.domain.boundary import AdministrativeBoundary
    from geo_service.domain.finding import Finding
    from geo_service.domain.repair import Mendable
    from geo_service.domain.text import Text


def ground(desk: Desk, finding: Finding) -> Iterator[Draft | Text]:
    """For ground of two units or of none, and for edges drawn apart."""
    units = desk.units_of(finding)
    if len(units) < 2 or finding.geometry is None:
        return  # A gap against the outline of the higher unit: the sea, or a unit left out.
    if len(units) > 2:
        units = desk.beside(finding.geometry, units)
    lines = desk.lines_among(units)
    if lines:
        yield from along_lines(desk, lines)
        return
    if unsound := [unit for unit in units if not shapely.is_valid(unit.geometry)]:
        yield from (message("repair.ring_invalid", name=unit.name) for unit in unsound)
        return
    for keeper in units:
        yield from _kept_by(desk, keeper, [unit for unit in units if unit is not keeper], finding)


def off_line(desk: Desk, finding: Finding) -> Iterator[Draft | Text]:
    """For an outline that departs from a line."""
    lines = [desk.line_by_id[r.id] for r in finding.related if r.id in desk.line_by_id]
    yield from along_lines(desk, lines)


def beyond_parent(desk: Desk, finding: Finding) -> Iterator[Draft | Text]:
    """For ground of a unit outside its higher unit, which is the union of the lower ones.

    The line decides where one runs there; else the higher outline follows.
    """
    units = desk.units_of(finding)
    if len(units) < 2 or finding.geometry is None:
        return
    unit, parent = units
    lines = desk.outer_lines(unit, parent, finding.geometry)
    if lines:
        yield from along_lines(desk, lines)
    elif not desk.may_change(parent):
        yield desk.held_reason(parent)
    elif not (shapely.is_valid(_drawn(unit)) and shapely.is_valid(_drawn(parent))):
        yield message("repair.ring_invalid", name=unit.name)
    else:
        edge = following(_drawn(parent), _drawn(unit), _places(finding.geometry))
        drawn = [_drawn(parent), _drawn(unit)]
        outline = joined(_drawn(parent), finding.geometry, drawn) if edge is None else edge
        yield _draft(RepairKind.PARENT_FOLLOWS, parent, outline, unit)


def along_lines(desk: Desk, lines: Sequence[AdministrativeBoundary]) -> Iterator[Draft | Text]:
    """All parties to the lines with their outlines along them; one draft or none."""
    doubts = [_doubt(desk, line) for line in lines]
    if any(doubts):
        yield from filter(None, doubts)
        return
    redrawn: dict[str, AdministrativeUnit] = {}
    for line in lines:
        for unit in desk.parties_to(line):
            if not desk.may_change(unit):
                yield desk.held_reason(unit)
                continue
            drawn = redrawn.get(unit.id, unit)
            new = along_line(
                cast("BaseGeometry", drawn.geometry),
                cast("BaseGeometry", line.geometry),
                desk.case.plane_epsg,
                desk.context.point_tolerance_m,
            )
            if new is None:
                yield message("repair.end_off_outline", unit=unit.name, line=line.name)
                continue
            redrawn[unit.id] = replace(drawn, geometry=new)
    changes = [(desk.unit_by_id[key], new) for key, new in redrawn.items()]
    changes = [(old, new) for old, new in changes if old.geometry != new.geometry]
    if changes:
        yield Draft(RepairKind.OUTLINE_FROM_LINE, tuple(changes), follows=tuple(lines))
    elif redrawn:
        yield message("repair.follows_already")


def _doubt(desk: Desk, line: AdministrativeBoundary) -> Text | None:
    """Why a line decides nothing."""
    if line.legal_status is LegalStatus.NOT_AGREED:
        return message("repair.line_not_agreed", line=line.name)
    if line.id in desk.lines_in_doubt:
        return message("repair.line_in_doubt", line=line.name)
    return None


def _kept_by(
    desk: Desk, keeper: AdministrativeUnit, others: Sequence[AdministrativeUnit], finding: Finding
) -> Iterator[Draft | Text]:
    """The answer in which the edge of `keeper` stays, or the ground becomes its own."""
    face = cast("BaseGeometry", finding.geometry)
    places, drawn = _places(face), [_drawn(unit) for unit in (keeper, *others)]
    is_ground = shapely.get_dimensions(face) == 2
    is_claimed = is_ground and bool(shapely.intersects(_drawn(keeper), places[0]))
    if len(others) == 1:
        (giver,) = others
        if not desk.may_change(giver):
            yield desk.held_reason(giver)
            if following(_drawn(keeper), _drawn(giver), places) is not None:
                return  # That is the answer in which the edge of the other stays.
        elif (edge := following(_drawn(giver), _drawn(keeper), places)) is not None:
            yield _draft(RepairKind.EDGE_FROM_NEIGHBOUR, giver, edge, keeper)
            return
        elif is_claimed:
            left = yielded(_drawn(giver), face, drawn)
            yield _draft(RepairKind.CLAIM_YIELDED, giver, left, keeper)
    if is_claimed:
        return
    if not is_ground:
        yield message("repair.no_common_vertices")
    elif not desk.may_change(keeper):
        yield desk.held_reason(keeper)
    else:
        whole = joined(_drawn(keeper), face, drawn)
        yield _draft(RepairKind.GROUND_ASSIGNED, keeper, whole, keeper)


def _drawn(unit: AdministrativeUnit) -> BaseGeometry:
    return cast("BaseGeometry", unit.geometry)


def _draft(
    kind: RepairKind, unit: AdministrativeUnit, drawn: BaseGeometry, keeper: AdministrativeUnit
) -> Draft:
    return Draft(kind, ((unit, replace(unit, geometry=drawn)),), keeps=keeper)


def _places(face: BaseGeometry) -> list[BaseGeometry]:
    """A place in every part of what was found."""
    return list(shapely.point_on_surface(shapely.get_parts(face)))


def invalid_ring(desk: Desk, finding: Finding) -> Iterator[Draft | Text]:
    """For a ring that crosses or touches itself: every sound reading of it."""
    for unit in desk.units_of(finding):
        if not desk.may_change(unit):
            yield desk.held_reason(unit)
            continue
        readings = untangled(_drawn(unit))
        for reading in readings:
            change = (unit, replace(unit, geometry=reading))
            yield Draft(RepairKind.RING_UNTANGLED, (change,))
        for reading in split(_drawn(unit)):
            if not any(shapely.equals(reading, other) for other in readings):
                change = (unit, replace(unit, geometry=reading))
                yield Draft(RepairKind.RING_SPLIT, (change,))


def surplus_vertices(desk: Desk, finding: Finding) -> Iterator[Draft | Text]:
    """For vertices drawn twice on a unit or a line, and needles of a unit.

    A needle of a line stays: without its tip the legal line would run elsewhere.
    """
    record = desk.unit_by_id.get(finding.subject.id) or desk.line_by_id.get(finding.subject.id)
    if record is None or record.geometry is None:
        return
    if not desk.may_change(record):
        yield desk.held_reason(record)
        return
    if desk.is_about(finding, "doubled"):
        yield from _drawn_once(desk, record)
    elif isinstance(record, AdministrativeUnit):
        places = np.asarray(shapely.get_coordinates(finding.geometry))
        bare = without_vertices(_drawn(record), places)
        if bare is not None:
            yield Draft(RepairKind.VERTICES_DROPPED, ((record, replace(record, geometry=bare)),))


def _drawn_once(desk: Desk, record: Mendable) -> Iterator[Draft | Text]:
    """The record without its doubled vertices, and units that share them without them as well."""
    shape = cast("BaseGeometry", record.geometry)
    within_m = desk.context.threshold("same_vertex_m")
    drawn = drawn_once(shape, within_m, desk.fixed_positions(record), desk.case.plane_epsg)
    # Both kinds of record have a geometry, each of its own kind.
    changes: list[tuple[Mendable, Mendable]] = [
        (record, replace(record, geometry=cast("Any", drawn)))
    ]
    was, now = (shapely.get_coordinates(each) for each in (shape, drawn))
    gone = was[~is_among(was, now)]
    sharing = [unit for unit in desk.unit_by_id.values() if len(gone) and unit is not record]
    for unit in sharing:
        bare = without_vertices(_drawn(unit), gone)
        if bare is not None and not desk.may_change(unit):
            yield desk.held_reason(unit)
            return
        if bare is not None:
            changes.append((unit, replace(unit, geometry=bare)))
    yield Draft(RepairKind.VERTICES_DROPPED, tuple(changes))
