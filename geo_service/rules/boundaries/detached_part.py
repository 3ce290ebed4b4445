"""A part of a unit lies detached among other units."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.text import Text
from geo_service.geometry.arrays import Floats, Geometries, Ints
from geo_service.geometry.measure import areas_m2
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import (
    BoundaryCase,
    BoundaryContext,
    unit_related,
    unit_subject,
)
from geo_service.rules.boundaries._drawing import clean, drawing, flagged
from geo_service.rules.boundaries._layer import Layer
from geo_service.rules.boundaries._wording import area, names


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    for layer in case.layers.values():
        parts, owner = shapely.get_parts(layer.solid, return_index=True)
        sizes = np.concatenate(case.kept.each(_part_sizes, layer.solid))
        for i in _smaller_parts(owner, sizes).tolist():
            unit = layer.units[int(owner[i])]
            around = _adjoining(layer, parts[i], int(owner[i]))
            if not around or not context.concerns(unit.code):
                continue  # An island adjoins nobody.
            by, size = names(layer.units[j].name for j in around), area(float(sizes[i]))
            yield Evidence(
                message=Text(
                    f"{unit.name}有一块 {size.zh} 与本体不相连，与{by.zh}相邻。",
                    f"A part of {unit.name} ({size.en}) is detached from it and adjoins {by.en}.",
                ),
                key="+".join(layer.units[j].code for j in around),
                subject=unit_subject(unit),
                related=tuple(unit_related(layer.units[j]) for j in around),
                geometry=parts[i],
                question=Text(
                    "这是协议或决定确认的飞地吗？文号是什么？",
                    "Is it an exclave under an agreement or decision? Under which number?",
                ),
                suggestion=Text(
                    "确属飞地的，在登记中注明依据；否则改正归属。",
                    "Register the ground for an exclave; otherwise correct whose it is.",
                ),
            )


def _part_sizes(geometries: Geometries) -> list[Floats]:
    """The area of each part of each geometry, in square metres."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    ends = np.cumsum(np.bincount(owner, minlength=len(geometries)))
    return np.split(areas_m2(parts), ends[:-1])


def _smaller_parts(owner: Ints, sizes: np.ndarray) -> Ints:
    """All parts but the largest of each unit."""
    order = np.lexsort((-sizes, owner))
    first = np.diff(owner[order], prepend=-1) > 0
    return np.sort(order[~first])


def _adjoining(layer: Layer, part: shapely.Geometry, own: int) -> list[int]:
    near = shapely.STRtree(layer.solid).query(part, predicate="intersects")
    return sorted(int(j) for j in near if j != own)


_MAIN = "((0 0, 1000 0, 1000 1000, 0 1000, 0 0))"
_EAST = "POLYGON((1000 0, 3000 0, 3000 1000, 1000 1000, 1000 0), {hole})"
_INNER = "(1500 400, 1700 400, 1700 600, 1500 600, 1500 400)"

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-TOP-06",
    slug="detached_part",
    version=1,
    title=Text("单位有不相连的部分", "Detached part of a unit"),
    category="飞地",
    quality=Quality.CONCEPTUAL,
    basis=(
        Basis("B02", "11", Severity.HUMAN),
        Basis("ISO19157", "10", Severity.HUMAN),
    ),
    check=_check,
    examples=(
        flagged(
            drawing(
                {"甲区": f"MULTIPOLYGON({_MAIN}, ({_INNER}))", "乙区": _EAST.format(hole=_INNER)}
            ),
            Severity.HUMAN,
            Text("甲区有一块在乙区之内", "a part of 甲区 lies within 乙区"),
        ),
        flagged(
            drawing(
                {
                    "甲区": f"MULTIPOLYGON({_MAIN}, ((3000 0, 3500 0, 3500 500, 3000 0)))",
                    "乙区": "POLYGON((1000 0, 3000 0, 3000 1000, 1000 1000, 1000 0))",
                }
            ),
            Severity.HUMAN,
            Text("甲区有一块在乙区另一侧", "a part of 甲区 on the far side of 乙区"),
        ),
        clean(
            drawing(
                {"甲区": f"MULTIPOLYGON({_MAIN}, ((0 3000, 500 3000, 500 3500, 0 3500, 0 3000)))"}
            ),
            Text("海岛，不与别的单位相邻", "an island that adjoins nobody"),
        ),
        clean(drawing({"甲区": f"POLYGON{_MAIN}"}), Text("只有一块", "one part only")),
    ),
    trap=Text(
        "海岛、沙洲不是飞地；飞地依法按协议或决定管理，本身不是错误。",
        "Islands and sandbanks are no exclaves; an exclave under an agreement is lawful and no "
        "fault.",
    ),
    handling=Text(
        "由人查档确认；无依据的按归属争议处理，不自行并入相邻单位。",
        "A person looks into the archive; without a ground it is a question of jurisdiction, never "
        "joined to a neighbour by the program.",
    ),
    needs=frozenset({"units"}),
)
