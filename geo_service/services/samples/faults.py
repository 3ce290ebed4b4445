"""Injectors: each puts one fault of one kind into the layer and enters it into the answer key.

They know how real files go wrong, and import nothing from the rules that must find it out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry import LineString, MultiLineString, Point, Polygon

from geo_service.domain.boundary import NodeKind
from geo_service.domain.identity import DivisionCode
from geo_service.geometry.measure import areas_m2, distances_m, lengths_m
from geo_service.geometry.network import line_code
from geo_service.services.samples.answers import FaultKind
from geo_service.services.samples.draft import METRES_PER_DEGREE, Draft, onwards, sideways
from geo_service.services.samples.tiling import rounded

if TYPE_CHECKING:
    from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode
    from geo_service.geometry.arrays import Floats

Injector = Callable[[Draft], bool]
"""Puts one fault in; False where it finds no free place."""

_REACH_M = 50.0
"""Reach of a fault that sits at one point; also what wider reaches have to spare."""
_CLEAR_M = 4.0


def recoded_unit(kind: FaultKind, codes: Mapping[DivisionCode, tuple[str, str]]) -> Injector:
    """A unit under a wrong code: `codes` gives for a true code the wrong one and its name.

    To be run before the lines are derived: a wrong code stands in everything a sender files.
    """

    def inject(draft: Draft) -> bool:
        present = [code for code in sorted(draft.units) if code in codes]
        for i in draft.random.permutation(len(present)):
            true, unit = present[i], draft.units[present[i]]
            corners = shapely.get_coordinates(unit.geometry)
            centre = shapely.get_coordinates(shapely.centroid(unit.geometry))
            reach = _farthest_m(centre[0], corners)
            if draft.is_free(centre[0], reach):
                wrong, name = codes[true]
                del draft.units[true]
                code = DivisionCode(wrong)
                draft.units[code] = replace(unit, code=code, name=name)
                also = (FaultKind.UNIT_CODE_NOT_IN_FORCE,) if kind is FaultKind.CODE_PREFIX else ()
                draft.note(kind, (wrong,), centre[0], reach, (1, "unit"), also=also)
                return True
        return False

    return inject


def knotted_coast(height_m: float) -> Injector:
    """One step of a unit's coast drawn as a figure of eight, `height_m` out to sea."""

    def inject(draft: Draft) -> bool:
        for code, start, end in _coast_steps(draft):
            out = sideways(start, end, -height_m)
            knot = rounded(np.array([end + out, start + out]))
            middle = rounded((start + end + out) / 2)
            reach = _farthest_m(middle, np.vstack([start, end, knot]))
            at_sea = _at_sea(draft, code, np.vstack([start, end, knot]))
            if at_sea and draft.is_free(middle, reach):
                draft.set_unit(code, _with_detour(draft, code, (start, end), knot))
                # A low knot over a long step has corners as sharp as a needle.
                kind, also = FaultKind.INVALID_RING, (FaultKind.DEGENERATE_VERTEX,)
                draft.note(kind, (code,), middle, reach, (height_m, "m"), also=also)
                return True
        return False

    return inject


def spiked_coast(height_m: float) -> Injector:
    """A needle of no width from a vertex of a unit's coast, `height_m` out to sea."""

    def inject(draft: Draft) -> bool:
        for code, start, end in _coast_steps(draft):
            tip = rounded(start + sideways(start, end, -height_m))
            reach = height_m + _REACH_M
            at_sea = _at_sea(draft, code, np.vstack([start, end, tip]))
            if at_sea and draft.is_free(start, reach):
                needle = np.array([tip, start])
                draft.set_unit(code, _with_detour(draft, code, (start, end), needle))
                kind, also = FaultKind.INVALID_RING, (FaultKind.DEGENERATE_VERTEX,)
                draft.note(kind, (code,), start, reach, (height_m, "m"), also=also)
                return True
        return False

    return inject


def redrawn_edge(kind: FaultKind, depth_m: float) -> Injector:
    """One step of a shared edge drawn otherwise by the unit on its left.

    A positive depth draws it back and leaves ground to nobody; a negative one takes ground.
    """

    def inject(draft: Draft) -> bool:
        for line, step in _inner_steps(draft):
            shift = sideways(step[0], step[1], depth_m)
            detour = rounded(step + shift)
            patch = Polygon([step[0], detour[0], detour[1], step[1]])
            ground = draft.units[line.left_code if depth_m > 0 else line.right_code].geometry
            middle = rounded(step.mean(axis=0) + shift / 2)
            reach = _farthest_m(middle, np.vstack([step, detour]))
            if draft.is_free(middle, reach) and shapely.covers(ground, patch):
                ends = (step[0], step[1])
                draft.set_unit(line.left_code, _with_detour(draft, line.left_code, ends, detour))
                size = (float(areas_m2([patch])[0]), "m²")
                also = (FaultKind.POLYGON_OFF_LINE, FaultKind.DEGENERATE_VERTEX)
                draft.note(kind, _sides(line), middle, reach, size, also=also)
                return True
        return False

    return inject


def lost_line(draft: Draft) -> bool:
    """The line between two units is not in the file; its nodes are."""
    for line in draft.shuffled_lines():
        points = shapely.get_coordinates(line.geometry)
        middle = points[len(points) // 2]
        reach = _farthest_m(middle, points)
        at_sea = any(_sides(line) == tuple(node.units) for node in draft.nodes.values())
        if line.is_internal and not at_sea and draft.is_free(middle, reach):
            del draft.lines[line.code]
            size = (float(lengths_m([LineString(points)])[0]), "m")
            draft.note(
                FaultKind.LINE_MISSING,
                _sides(line),
                middle,
                reach,
                size,
                also=(FaultKind.TRIPOINT_MISMATCH,),
            )
            return True
    return False


def short_of_the_sea(gap_m: float) -> Injector:
    """A line that stops `gap_m` before the sea it should reach."""

    def inject(draft: Draft) -> bool:
        for node, line, points in _ends(draft, NodeKind.SEA_END):
            if line.is_internal and draft.is_free(points[0], _REACH_M):
                travelled = np.cumsum(distances_m(points[:-1], points[1:]))
                kept = int(np.searchsorted(travelled, gap_m)) + 1
                back = onwards(points[kept], points[kept - 1], float(travelled[kept - 1]) - gap_m)
                end = rounded(points[kept] + back)
                _set_from(draft, line, node, np.vstack([end, points[kept:]]))
                draft.note(FaultKind.DANGLE, _sides(line), end, _REACH_M, (gap_m, "m"))
                return True
        return False

    return inject


def strayed_line(beyond_m: float) -> Injector:
    """A line that near a junction runs across the next line and back, without a node."""

    def inject(draft: Draft) -> bool:
        for node in draft.shuffled_nodes():
            meeting = [end for end in _ends(draft, NodeKind.TRIPOINT) if end[0] is node]
            for (_, one, course), (_, other, way) in combinations(meeting, 2):
                far = rounded(way[2] + onwards(course[2], way[2], beyond_m))
                strayed = np.vstack([course[:2], far, course[3:]])
                reach = _farthest_m(way[2], np.vstack([strayed[1:4], way[1:4]]))
                if draft.is_free(way[2], reach) and _crosses_only(draft, one, other, strayed):
                    _set_from(draft, one, node, strayed)
                    units = tuple({*_sides(one), *_sides(other)})
                    also = (FaultKind.POLYGON_OFF_LINE, FaultKind.DEGENERATE_VERTEX)
                    kind, size = FaultKind.CROSSING_WITHOUT_NODE, (beyond_m, "m")
                    draft.note(kind, units, way[2], reach, size, also=also)
                    return True
        return False

    return inject


def shifted_end(shift_m: float) -> Injector:
    """Of three lines that should meet, one ends `shift_m` beside the junction."""

    def inject(draft: Draft) -> bool:
        for node, line, points in _ends(draft, NodeKind.TRIPOINT):
            reach = _farthest_m(points[0], points[:2])
            if node.is_internal and draft.is_free(points[0], reach):
                end = rounded(points[0] + sideways(points[0], points[1], shift_m))
                moved = np.vstack([end, points[1:]])
                if _stays_clear(draft, line, moved):
                    _set_from(draft, line, node, moved)
                    kind, size = FaultKind.TRIPOINT_MISMATCH, (abs(shift_m), "m")
                    also = (FaultKind.DANGLE, FaultKind.OVERSHOOT, FaultKind.POLYGON_OFF_LINE)
                    draft.note(kind, node.units, points[0], reach, size, also=also)
                    return True
        return False

    return inject


def shifted_node(shift_m: float) -> Injector:
    """The junction is entered `shift_m` beside the point where its three lines meet."""

    def inject(draft: Draft) -> bool:
        for node, _, points in _ends(draft, NodeKind.TRIPOINT):
            if node.is_internal and draft.is_free(points[0], _REACH_M):
                place = rounded(points[0] + sideways(points[0], points[1], shift_m))
                draft.nodes[node.id] = replace(node, position=Point(place))
                kind, size = FaultKind.TRIPOINT_MISMATCH, (shift_m, "m")
                draft.note(kind, node.units, points[0], _REACH_M, size, in_nodes=True)
                return True
        return False

    return inject


def doubled_line(former: Mapping[DivisionCode, tuple[str, str]]) -> Injector:
    """A line is in the file twice: once more as signed by the unit that was there before.

    `former` gives for a code the one it succeeded, with its name.
    """

    def inject(draft: Draft) -> bool:
        for line, middle in _whole_lines(draft):
            for code in sorted(line.parties & set(former)):
                old = DivisionCode(former[code][0])
                sides = [old if c == code else c for c in (line.left_code, line.right_code)]
                twin = replace(line, left_code=sides[0], right_code=sides[1])
                draft.lines[line_code(*sides)] = replace(twin, code=line_code(*sides))
                kind, size = FaultKind.DUPLICATE_LINE, (1, "line")
                also = (FaultKind.CROSSING_WITHOUT_NODE, FaultKind.UNIT_CODE_NOT_IN_FORCE)
                draft.note(kind, _sides(line), middle, _REACH_M, size, also=also)
                return True
        return False

    return inject


def looped_line(size_m: float) -> Injector:
    """In the middle of a line the course runs once around in a loop."""

    def inject(draft: Draft) -> bool:
        for line, middle in _whole_lines(draft):
            points = shapely.get_coordinates(line.geometry)
            at = len(points) // 2
            ahead = onwards(points[at], points[at + 1], size_m)
            aside = sideways(points[at], points[at + 1], size_m)
            loop = rounded(points[at] + np.array([ahead, ahead + aside, aside - ahead, -ahead]))
            back = rounded(points[at] + ahead / 2 - aside)
            course = np.vstack([points[: at + 1], loop[:3], back[None], points[at + 1 :]])
            if not LineString(course).is_simple:
                draft.set_line(line.code, LineString(course))
                also = (FaultKind.POLYGON_OFF_LINE, FaultKind.DEGENERATE_VERTEX)
                kind, size = FaultKind.LINE_SELF_CROSSING, (size_m, "m")
                draft.note(kind, _sides(line), middle, 2 * size_m + _REACH_M, size, also=also)
                return True
        return False

    return inject


def beyond_the_sea_end(beyond_m: float) -> Injector:
    """A line that goes on for `beyond_m` past the sea end at which it stops."""

    def inject(draft: Draft) -> bool:
        for node, line, points in _ends(draft, NodeKind.SEA_END):
            if line.is_internal and draft.is_free(points[0], _REACH_M):
                end = rounded(points[0] + onwards(points[1], points[0], beyond_m))
                _set_from(draft, line, node, np.vstack([end, points]))
                kind, also = FaultKind.OVERSHOOT, (FaultKind.DANGLE,)
                draft.note(kind, _sides(line), end, _REACH_M, (beyond_m, "m"), also=also)
                return True
        return False

    return inject


def reversed_line(draft: Draft) -> bool:
    """A line drawn from its last point to its first, with its sides exchanged to match."""
    for line, _ in _whole_lines(draft):
        course = shapely.get_coordinates(line.geometry)[::-1]
        if draft.is_free(course[0], _REACH_M):
            turned = replace(line, left_code=line.right_code, right_code=line.left_code)
            draft.lines[line.code] = replace(turned, geometry=LineString(course))
            kind = FaultKind.LINE_DIRECTION
            draft.note(kind, _sides(line), course[0], _REACH_M, (1, "line"))
            return True
    return False


def parted_line(draft: Draft) -> bool:
    """A line broken in two parts where no unit ends."""
    for line, middle in _whole_lines(draft):
        points = shapely.get_coordinates(line.geometry)
        at = len(points) // 2
        parts = MultiLineString([points[: at + 1], points[at:]])
        draft.lines[line.code] = replace(line, geometry=parts)
        draft.note(FaultKind.PSEUDO_NODE, _sides(line), middle, _REACH_M, (1, "node"))
        return True
    return False


def node_short_of_a_unit(draft: Draft) -> bool:
    """A junction entered with one of the three units around it forgotten."""
    for node, _, points in _ends(draft, NodeKind.TRIPOINT):
        if node.is_internal and len(node.units) > 2 and draft.is_free(points[0], _REACH_M):
            draft.nodes[node.id] = replace(node, units=node.units[:-1])
            kind, also = FaultKind.NODE_UNITS, (FaultKind.TRIPOINT_MISMATCH,)
            draft.note(kind, node.units, points[0], _REACH_M, (1, "unit"), also=also, in_nodes=True)
            return True
    return False


def exchanged_sides(draft: Draft) -> bool:
    """The units to the left and right of a line exchanged, its course as it was."""
    for line, middle in _whole_lines(draft):
        turned = replace(line, left_code=line.right_code, right_code=line.left_code)
        draft.lines[line.code] = turned
        draft.note(FaultKind.SIDE_CODES, _sides(line), middle, _REACH_M, (1, "line"))
        return True
    return False


def edge_redrawn_by_both(depth_m: float) -> Injector:
    """Both units draw one step of their edge aside in the same way; the line stays."""

    def inject(draft: Draft) -> bool:
        for line, step in _inner_steps(draft):
            shift = sideways(step[0], step[1], depth_m)
            detour = rounded(step + shift)
            patch = Polygon([step[0], detour[0], detour[1], step[1]])
            middle = rounded(step.mean(axis=0))
            reach = _farthest_m(middle, np.vstack([step, detour]))
            ground = draft.units[line.left_code].geometry
            if draft.is_free(middle, reach) and shapely.covers(ground, patch):
                for code, ends, way in (
                    (line.left_code, (step[0], step[1]), detour),
                    (line.right_code, (step[1], step[0]), detour[::-1]),
                ):
                    draft.set_unit(code, _with_detour(draft, code, ends, way))
                kind, size = FaultKind.POLYGON_OFF_LINE, (depth_m, "m")
                also = (FaultKind.DEGENERATE_VERTEX,)
                draft.note(kind, _sides(line), middle, reach, size, also=also)
                return True
        return False

    return inject


def misnamed_unit(name: str) -> Injector:
    """A unit under its own code with a name that is not its own."""

    def inject(draft: Draft) -> bool:
        for code, start, _ in _coast_steps(draft):
            if draft.is_free(start, _REACH_M):
                draft.units[code] = replace(draft.units[code], name=name)
                draft.note(FaultKind.NAME_OF_CODE, (code,), start, _REACH_M, (1, "unit"))
                return True
        return False

    return inject


def doubled_vertex(draft: Draft) -> bool:
    """A point of a unit's coast taken twice."""
    for code, start, end in _coast_steps(draft):
        if draft.is_free(start, _REACH_M):
            draft.set_unit(code, _with_detour(draft, code, (start, end), start[None]))
            draft.note(FaultKind.DEGENERATE_VERTEX, (code,), start, _REACH_M, (1, "vertex"))
            return True
    return False


def _whole_lines(draft: Draft) -> Iterator[tuple[AdministrativeBoundary, Floats]]:
    """Internal lines that end in nodes, whose units share no fault so far; a free place midway."""
    spoilt = {fault.units for fault in draft.faults}
    places = {node.position.coords[0] for node in draft.nodes.values()}
    for line in draft.shuffled_lines():
        points = shapely.get_coordinates(line.geometry)
        middle = points[len(points) // 2]
        whole = {tuple(points[0].tolist()), tuple(points[-1].tolist())} <= places
        known = line.parties <= set(draft.units) and _sides(line) not in spoilt
        if line.is_internal and whole and known and draft.is_free(middle, _REACH_M):
            yield line, middle


def _sides(line: AdministrativeBoundary) -> tuple[DivisionCode, ...]:
    return tuple(sorted(line.parties))


def _farthest_m(place: Floats, points: Floats) -> float:
    """Distance to the farthest of some points, with a little to spare."""
    return float(distances_m(np.broadcast_to(place, points.shape), points).max()) + _REACH_M


def _coast_steps(draft: Draft) -> Iterator[tuple[DivisionCode, Floats, Floats]]:
    """Steps of the coasts of units not yet spoilt, in random order of units, land on the left."""
    landed = {
        tuple(point)
        for line in draft.lines.values()
        for point in shapely.get_coordinates(line.geometry).tolist()
    }
    spoilt = {fault.units for fault in draft.faults}
    codes = sorted(code for code in draft.units if (code,) not in spoilt)
    for i in draft.random.permutation(len(codes)):
        ring = shapely.get_coordinates(draft.units[codes[i]].geometry)
        steps = [
            at
            for at in range(len(ring) - 1)
            if tuple(ring[at]) not in landed and tuple(ring[at + 1]) not in landed
        ]
        for at in steps[len(steps) // 3 : len(steps) * 2 // 3]:
            yield codes[i], ring[at], ring[at + 1]


def _at_sea(draft: Draft, code: DivisionCode, corners: Floats) -> bool:
    """Whether the ground between some corners touches the unit's coast and nothing else."""
    ground = Polygon(corners)
    others = [unit.geometry for other, unit in draft.units.items() if other != code]
    return bool(
        shapely.touches(ground, draft.units[code].geometry)
        and not shapely.intersects(ground, np.array(others, dtype=object)).any()
    )


def _inner_steps(draft: Draft) -> Iterator[tuple[AdministrativeBoundary, Floats]]:
    """Steps (2, 2) from the middle of edges shared by two units that share no fault so far."""
    spoilt = {fault.units for fault in draft.faults}
    for line in draft.shuffled_lines():
        if line.parties <= set(draft.units) and _sides(line) not in spoilt:
            points = shapely.get_coordinates(line.geometry)
            for at in range(len(points) // 3, len(points) * 2 // 3):
                yield line, points[at : at + 2]


def _with_detour(
    draft: Draft, code: DivisionCode, step: tuple[Floats, Floats], detour: Floats
) -> Polygon:
    """The unit's polygon with points put between the two ends of one step of its ring."""
    ring = shapely.get_coordinates(draft.units[code].geometry)
    at = np.flatnonzero((ring[:-1] == step[0]).all(axis=1) & (ring[1:] == step[1]).all(axis=1))[0]
    return Polygon(np.insert(ring, at + 1, detour, axis=0))


def _ends(
    draft: Draft, kind: NodeKind
) -> Iterator[tuple[BoundaryNode, AdministrativeBoundary, Floats]]:
    """Line ends at nodes of one kind, in random order; the points run away from the node."""
    lines = draft.shuffled_lines()
    for node in draft.shuffled_nodes():
        if node.kind is kind:
            place = shapely.get_coordinates(node.position)[0]
            for line in lines:
                points = shapely.get_coordinates(line.geometry)
                if (points[0] == place).all():
                    yield node, line, points
                elif (points[-1] == place).all():
                    yield node, line, points[::-1]


def _set_from(
    draft: Draft, line: AdministrativeBoundary, node: BoundaryNode, points: Floats
) -> None:
    """Give a line a course that is told from one of its nodes, keeping its direction."""
    place = shapely.get_coordinates(node.position)[0]
    starts_here = (shapely.get_coordinates(line.geometry)[0] == place).all()
    draft.set_line(line.code, LineString(points if starts_here else points[::-1]))


def _crosses_only(
    draft: Draft, line: AdministrativeBoundary, other: AdministrativeBoundary, points: Floats
) -> bool:
    """Whether the new course of a line runs across the other line and across no third one."""
    course = LineString(points)
    crossed = {code for code, old in draft.lines.items() if shapely.crosses(course, old.geometry)}
    return bool(course.is_simple) and crossed - {line.code} == {other.code}


def _stays_clear(draft: Draft, line: AdministrativeBoundary, points: Floats) -> bool:
    """Whether the new course of a line touches no other, and its first point lies near none."""
    course, end = LineString(points), Point(points[0])
    others = [old.geometry for code, old in draft.lines.items() if code != line.code]
    clear = _CLEAR_M / METRES_PER_DEGREE
    return not any(
        shapely.crosses(course, other) or shapely.dwithin(end, other, clear) for other in others
    )
