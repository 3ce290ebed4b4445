"""Vertices drawn twice, and needles: the course goes out and back at almost the same place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry import MultiPoint
from shapely.geometry.base import BaseGeometry

from geo_service.domain.finding import Evidence, Measure, Severity, Subject
from geo_service.domain.text import Text
from geo_service.geometry import crs
from geo_service.geometry.arrays import Bools, Floats, Geometries, Ints
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import (
    BoundaryCase,
    BoundaryContext,
    line_subject,
    unit_subject,
)
from geo_service.rules.boundaries._drawing import clean, drawing, flagged


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    drawn: list[tuple[Subject, BaseGeometry]] = [
        (unit_subject(unit), unit.geometry)
        for layer in case.layers.values()
        for unit in layer.units
        if unit.geometry is not None and context.concerns(unit.code)
    ]
    drawn += [
        (line_subject(line), line.geometry)
        for line in case.lines
        if line.geometry is not None and context.concerns(*line.parties)
    ]
    shapes = np.array([geometry for _, geometry in drawn], dtype=object)
    limits = context.threshold("same_vertex_m"), context.threshold("needle_deg")
    bad = case.kept.each(_bad_places, shapes, case.plane_epsg, *limits)
    for number, told in enumerate((_DOUBLED, _NEEDLES)):
        for (subject, _), places in zip(drawn, bad, strict=True):
            if len(places[number]):
                yield _evidence(subject, places[number], told)


def _bad_places(
    geometries: Geometries, plane_epsg: int, same_vertex_m: float, needle_deg: float
) -> list[tuple[Floats, Floats]]:
    """Where each geometry has vertices drawn twice, and where it has needles."""
    courses, owner = _courses(geometries)
    points, course = shapely.get_coordinates(courses, return_index=True)
    plane = shapely.get_coordinates(crs.to_plane(courses, plane_epsg))
    doubled = _doubled(plane, course, same_vertex_m)
    needles = _needles(plane, course, ~doubled, needle_deg)
    found = ((points[bad], owner[course[bad]]) for bad in (doubled, needles))
    of_kind = [_by_owner(places, holder, len(geometries)) for places, holder in found]
    return list(zip(*of_kind, strict=True))


def _by_owner(places: Floats, owner: Ints, count: int) -> list[Floats]:
    """The places of each owner, each once."""
    order = np.argsort(owner, kind="stable")
    ends = np.cumsum(np.bincount(owner, minlength=count))
    return [np.unique(own, axis=0) for own in np.split(places[order], ends[:-1])]


def _courses(geometries: Geometries) -> tuple[Geometries, Ints]:
    """Rings and line parts, with the record each belongs to; a ring goes on past its start."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    solid = shapely.get_dimensions(parts) == 2
    rings, part = shapely.get_rings(parts[solid], return_index=True)
    courses = np.concatenate((parts[~solid], _past_the_start(rings)))
    return courses, np.concatenate((owner[~solid], owner[solid][part]))


def _past_the_start(rings: Geometries) -> Geometries:
    """Rings as lines with their second vertex once more at the end: no vertex is the last one."""
    points, ring = shapely.get_coordinates(rings, return_index=True)
    second = shapely.get_coordinates(shapely.get_point(rings, 1))
    ring = np.concatenate((ring, np.arange(len(rings))))
    order = np.argsort(ring, kind="stable")
    points = np.concatenate((points, second))[order]
    return np.asarray(shapely.linestrings(points, indices=ring[order]), dtype=object)


def _doubled(plane: Floats, course: Ints, within_m: float) -> Bools:
    """Vertices that lie on the one before them."""
    steps = np.hypot(*np.diff(plane, axis=0).T)
    result = np.zeros(len(plane), dtype=bool)
    result[1:] = (steps <= within_m) & (np.diff(course) == 0)
    return result


def _needles(plane: Floats, course: Ints, kept: Bools, angle_deg: float) -> Bools:
    """Vertices at which the course turns back by less than the angle, doubled ones left out."""
    rows = np.flatnonzero(kept)
    before, here, after = rows[:-2], rows[1:-1], rows[2:]
    one, other = plane[before] - plane[here], plane[after] - plane[here]
    sizes = np.hypot(*one.T) * np.hypot(*other.T)
    cosine = (one * other).sum(axis=1) / np.where(sizes > 0, sizes, np.inf)
    inside = (course[before] == course[here]) & (course[after] == course[here])
    result = np.zeros(len(plane), dtype=bool)
    result[here] = inside & (cosine > np.cos(np.radians(angle_deg)))
    return result


_DOUBLED = ("doubled", Text("顶点与前一顶点重合", "vertices drawn twice"))
_NEEDLES = ("needle", Text("尖刺（夹角极小）", "needles (turning back at a very small angle)"))


def _evidence(subject: Subject, places: Floats, told: tuple[str, Text]) -> Evidence:
    key, what = told
    return Evidence(
        message=Text(
            f"{subject.name or subject.id}有 {len(places)} 处{what.zh}。",
            f"{subject.name or subject.id}: {what.en} in {len(places)} place(s).",
        ),
        key=key,
        subject=subject,
        measure=Measure(float(len(places)), 0, "places", "ISO 19157 D.27"),
        geometry=MultiPoint(places),
        suggestion=Text(
            "删去多余的点；界线上的点先对照边界点成果表。",
            "Take the surplus points out; on a line, see the table of boundary points first.",
        ),
    )


RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-TOP-05",
    slug="degenerate_vertex",
    version=1,
    title=Text("重复点或尖刺", "Doubled vertex or needle"),
    category="重复点",
    quality=Quality.TOPOLOGICAL,
    basis=(
        Basis("ISO19157", "27", Severity.INFO),
        Basis("GOOD_PRACTICE", "topology", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            drawing(lines={"甲区|乙区": "LINESTRING(0 1000, 0 500, 0 500, 0 0)"}),
            Severity.INFO,
            Text("同一点采集两次", "one point taken twice"),
        ),
        flagged(
            drawing(
                {"甲区": "POLYGON((0 0, 1000 0, 1000 500, 1400 505, 1000 510, 1000 1000, 0 0))"}
            ),
            Severity.INFO,
            Text("长 400 米、底宽 10 米的尖刺", "a needle 400 m long on a base of 10 m"),
        ),
        clean(
            drawing(lines={"甲区|乙区": "LINESTRING(0 1000, 0 500, 0 499, 0 0)"}),
            Text("相距 1 米的两点", "two points one metre apart"),
        ),
        clean(
            drawing(
                {"甲区": "POLYGON((0 0, 1000 0, 1000 500, 1400 600, 1000 700, 1000 1000, 0 0))"}
            ),
            Text("尖而不细的地角", "a pointed corner that is no needle"),
        ),
    ),
    trap=Text(
        "沿防波堤、码头等狭长地物的岸线会出现很小的夹角，不是错误。",
        "The shore along a breakwater or a pier turns back at a very small angle without being "
        "wrong.",
    ),
    handling=Text(
        "内业清理并登记；法定界线上的点不自动删除。",
        "Desk: clean and log; no vertex of a legal line is taken out automatically.",
    ),
)
