"""The ground that the lines of a unit enclose is not the polygon of the unit.

The last look before filing: one finding for a level, which sums up what other rules tell in detail.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo_service.domain.finding import Evidence, Severity, Subject
from geo_service.domain.supporting.ground import Coast
from geo_service.domain.text import Text
from geo_service.geometry import crs
from geo_service.geometry.beside import in_plane
from geo_service.geometry.derivation import NOBODY, Network, faces_of
from geo_service.geometry.edges import edge_numbers, is_in, step_numbers
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext
from geo_service.rules.boundaries._drawing import beside, clean, drawing, flagged, said
from geo_service.rules.boundaries._layer import Layer
from geo_service.rules.boundaries._wording import area

if TYPE_CHECKING:
    from geo_service.domain.identity import DivisionCode, DivisionLevel

_OWN, _OTHER = 0, 1


@dataclass(frozen=True, slots=True)
class _Sides:
    """The lines of one unit by their numbers, and whether the unit is on the left of each."""

    lines: tuple[int, ...]
    left: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class _Difference:
    """What a unit is by its lines against its polygon; plane geometry, metres."""

    name: str
    ground: BaseGeometry
    plane: BaseGeometry

    @property
    def share(self) -> float:
        """Difference of the two areas, as a share of the polygon's."""
        return abs(self.ground.area - self.plane.area) / self.plane.area

    def departs(self, within_m: float) -> bool:
        """Whether ground of the one lies farther than that from the other: nearer, edges agree."""
        pairs = ((self.ground, self.plane), (self.plane, self.ground))
        return any(not one.difference(other.buffer(within_m)).is_empty for one, other in pairs)

    @property
    def told(self) -> Text:
        """The unit and what is wrong with it, for a list."""
        if self.ground.is_empty:
            return Text(f"{self.name}（未围合）", f"{self.name} (not enclosed)")
        size = area(abs(self.ground.area - self.plane.area))
        return Text(
            f"{self.name}（差 {size.zh}，{self.share:.2%}）",
            f"{self.name} (off by {size.en}, {self.share:.2%})",
        )


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    rows = [row.geometry for row in case.supporting.all(Coast) if row.geometry is not None]
    coast = in_plane(rows, case.plane_epsg) if rows else None
    for level, layer in case.layers.items():
        judged, found = 0, []
        for i, own in _judged(case, context, layer):
            judged += 1
            if coast is None and _agree(case, layer, i, own):
                continue
            ground = _ground(
                case, layer, i, own, coast, reach_m=context.threshold("dangle_search_m")
            )
            one = _Difference(layer.units[i].name, ground, layer.plane[i])
            differs = one.share > context.threshold("face_area_share")
            if differs and one.departs(context.line_tolerance_m):
                found.append(one)
        if found:
            yield _evidence(case, context, level, judged, found, by_rim=coast is None)


def _judged(
    case: BoundaryCase, context: BoundaryContext, layer: Layer
) -> Iterator[tuple[int, _Sides]]:
    """The units that can be compared: sound, the city's own, and none of their lines missing."""
    sides, lacking = _sides(case, context, layer), _without_a_line(layer, case, context)
    for i, own in sorted(sides.items()):
        # Unsound rings and missing lines are reported as such, and leave nothing to compare.
        if i not in lacking and layer.valid[i] and context.concerns(layer.units[i].code):
            yield i, own


def _sides(case: BoundaryCase, context: BoundaryContext, layer: Layer) -> dict[int, _Sides]:
    """For every unit of the layer with lines, which they are."""
    places = {context.current(code): i for code, i in layer.index.items()}
    found: dict[int, list[tuple[int, bool]]] = {}
    for number, line in enumerate(case.lines):
        left, right = context.current(line.left_code), context.current(line.right_code)
        if case.plane_lines[number] is None or left == right:
            continue
        for code, on_left in ((left, True), (right, False)):
            if code in places:
                found.setdefault(places[code], []).append((number, on_left))
    return {i: _Sides(*zip(*rows, strict=True)) for i, rows in found.items()}


def _without_a_line(layer: Layer, case: BoundaryCase, context: BoundaryContext) -> set[int]:
    """Units that adjoin another with which no line is registered: BD-NET-03 tells of that."""

    def pair(*codes: DivisionCode) -> frozenset[DivisionCode]:
        return frozenset(context.current(code) for code in codes)

    registered = {pair(*line.parties) for line in case.lines}
    within, least = context.line_tolerance_m, context.threshold("adjacency_min_m")
    found: set[int] = set()
    for i, j in layer.pairs_near(within):
        if pair(layer.units[i].code, layer.units[j].code) in registered:
            continue
        if layer.beside_m(i, j, within, least):
            found |= {i, j}
    return found


def _agree(case: BoundaryCase, layer: Layer, i: int, own: _Sides) -> bool:
    """Whether the rings are the lines and free edges, step by step: then nothing can differ."""
    lines = tuple(cast("BaseGeometry", case.lines[n].geometry) for n in own.lines)
    rest = case.kept.once(_beside_the_lines, layer.drawn[i], lines)
    if rest is None:
        return False
    rim = layer.inspection.layer.rim
    return bool(is_in(rest, np.sort(edge_numbers(rim.ends[rim.owner == i]))).all())


def _beside_the_lines(
    drawn: BaseGeometry, lines: Sequence[BaseGeometry]
) -> NDArray[np.uint64] | None:
    """The steps of the rings that are none of the lines'; None where a line leaves the rings."""
    rings, along = np.sort(step_numbers(drawn)), np.sort(step_numbers(lines))
    return rings[~is_in(rings, along)] if is_in(along, rings).all() else None


def _ground(
    case: BoundaryCase,
    layer: Layer,
    i: int,
    own: _Sides,
    coast: BaseGeometry | None,
    *,
    reach_m: float,
) -> BaseGeometry:
    lines = tuple(case.plane_lines[n] for n in own.lines)
    rim = layer.rims[i] if coast is None else coast
    return case.kept.once(
        _enclosed, layer.plane[i], lines, own.left, rim, reach_m=reach_m, by_rim=coast is None
    )


def _enclosed(
    unit: BaseGeometry,
    lines: Sequence[BaseGeometry],
    on_left: Sequence[bool],
    coast: BaseGeometry | None,
    *,
    reach_m: float,
    by_rim: bool,
) -> BaseGeometry:
    """What the lines and the coast enclose of a unit; a rim has its unit on the left."""
    left = np.where(on_left, _OWN, _OTHER)
    edges = [] if coast is None else [coast]
    network = Network(
        np.array([*lines, *edges], dtype=object),
        np.append(left, [_OWN if by_rim else NOBODY] * len(edges)).astype(np.int64),
        np.append(1 - left, [NOBODY] * len(edges)).astype(np.int64),
        np.array([False] * len(lines) + [True] * len(edges)),
    )
    faces = faces_of(network, reach_m)
    shapely.prepare(unit)
    # No line says whose an island is.
    inside = shapely.contains(unit, shapely.point_on_surface(faces.geometry))
    taken = (faces.owner == _OWN) | ((faces.owner == NOBODY) & inside)
    return shapely.union_all(faces.geometry[taken])


def _evidence(
    case: BoundaryCase,
    context: BoundaryContext,
    level: DivisionLevel,
    judged: int,
    found: Sequence[_Difference],
    *,
    by_rim: bool,
) -> Evidence:
    by, told = _by(by_rim=by_rim), [one.told for one in found]
    off = [shapely.symmetric_difference(one.ground, one.plane) for one in found]
    places = np.array([shapely.union_all(off)], dtype=object)
    return Evidence(
        message=Text(
            f"由界线{by.zh}围成的面，{judged} 个单位中有 {len(found)} 个与其面不符："
            f"{'、'.join(text.zh for text in told)}。",
            f"Of {judged} units, {len(found)} are not what their lines {by.en} enclose: "
            f"{', '.join(text.en for text in told)}.",
        ),
        key=level.value,
        subject=Subject("city", context.city.code, context.city.name.zh),
        measure=context.measure(max(one.share for one in found), "face_area_share", "share"),
        geometry=crs.from_plane(places, case.plane_epsg)[0],
        suggestion=Text(
            "先处理悬空、相交和偏离的界线，再由界线重新生成行政区域面。",
            "Settle dangling, crossing and departing lines first, then derive the polygons anew.",
        ),
    )


def _by(*, by_rim: bool) -> Text:
    if by_rim:
        return Text("和面的外缘（无海岸线资料，以此代替）", "and their rim (no coast was given)")
    return Text("和海岸线", "and the coast")


_UNITS = {
    "甲区": "POLYGON((0 0, 1000 0, 1000 1000, 0 1000, 0 0))",
    "乙区": "POLYGON((1000 0, 2000 0, 2000 1000, 1000 1000, 1000 0))",
}
_LINE = {"乙区|甲区": "LINESTRING(1000 1000, 1000 0)"}
_SHORE = "LINESTRING(0 0, 2000 0, 2000 1000, 0 1000, 0 0)"

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-POL-03",
    slug="faces_of_lines_differ",
    version=1,
    title=Text("由界线围成的面与行政区域面不符", "Face of the lines is not the unit"),
    category="面线不符",
    quality=Quality.TOPOLOGICAL,
    basis=(
        Basis("ISO19157", "10", Severity.ADVISED_AGAINST),
        Basis("GOOD_PRACTICE", "topology", Severity.ADVISED_AGAINST),
    ),
    check=_check,
    examples=(
        flagged(
            drawing(_UNITS, {"乙区|甲区": "LINESTRING(1000 1000, 1040 500, 1000 0)"}),
            Severity.ADVISED_AGAINST,
            Text("界线向东凸出，围成的甲区多 2 公顷", "the line bulges east: 2 ha more for 甲区"),
        ),
        flagged(
            drawing(_UNITS, {"乙区|甲区": "LINESTRING(1000 1000, 1000 400)"}),
            Severity.ADVISED_AGAINST,
            Text("界线只画到一半，围不成面", "the line stops half way and encloses nothing"),
        ),
        flagged(
            beside(
                drawing(_UNITS, _LINE),
                said(Coast, 1, "LINESTRING(0 0, 2000 0, 2000 900, 0 900, 0 0)"),
            ),
            Severity.ADVISED_AGAINST,
            Text("海岸线在面的外缘以内 100 米", "the coast lies 100 m inside the rim of the units"),
        ),
        clean(drawing(_UNITS, _LINE), Text("围成的面与行政区域面相同", "the same ground")),
        clean(
            beside(drawing(_UNITS, _LINE), said(Coast, 1, _SHORE)),
            Text("与给出的海岸线围合相同", "the same with the coast that was given"),
        ),
        clean(
            drawing(_UNITS, {"乙区|甲区": "LINESTRING(1000 1000, 1000 500, 1000 30)"}),
            Text("界线差 30 米未到海岸，由悬挂规则报告", "30 m short of the coast: a dangle"),
        ),
        clean(
            drawing(_UNITS, {"丙区|甲区": "LINESTRING(0 0, 0 1000)"}),
            Text(
                "甲、乙之间没有登记界线，由缺界线规则报告",
                "no line between the two is registered: that rule tells of it",
            ),
        ),
    ),
    trap=Text(
        "单条界线的毛病由其他规则逐条报告，这里只作总的核对；"
        "没有海岸线资料时以各单位面的外缘代替，外缘本身画错看不出来；"
        "界线与面按不同比例尺绘制时面积必有出入。",
        "Other rules tell of each line; this only sums up. Without a coast the rim of the units "
        "stands in, so that a fault of the rim itself is not seen; lines and polygons of different "
        "scales differ as a matter of course.",
    ),
    handling=Text(
        "界线为准：界线改正后重新生成面，新旧面积都记录。",
        "The lines decide: once they are right, derive the polygon anew and log both areas.",
    ),
    needs=frozenset({"units", "lines"}),
    uses=frozenset({"coast"}),
)
