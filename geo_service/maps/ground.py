"""The ground of our maps: units, lines and nodes of one city and its neighbours."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Protocol

from geo_service.domain.boundary import NodeKind
from geo_service.domain.identity import DivisionLevel
from geo_service.maps import popups, swatches
from geo_service.maps.shapes import Frame, bounds_of, drawable, label_position, screen_json
from geo_service.maps.sheet import RecordLayer, feature
from geo_service.maps.style import Dot, Fill, Stroke, style
from geo_service.messages import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shapely.geometry.base import BaseGeometry

    from geo_service.cities import CityProfile
    from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode
    from geo_service.domain.division import AdministrativeUnit
    from geo_service.domain.provenance import Provenance
    from geo_service.domain.text import Lang

Json = dict[str, Any]
_ABOVE_COUNTY = (DivisionLevel.PROVINCE, DivisionLevel.PREFECTURE)


class BoundaryLayers(Protocol):
    """The records of a boundary case, as `rules.boundaries.BoundaryCase` holds them."""

    @property
    def units(self) -> Sequence[AdministrativeUnit]:
        """Units, with or without polygons."""
        ...

    @property
    def lines(self) -> Sequence[AdministrativeBoundary]:
        """Boundary lines."""
        ...

    @property
    def nodes(self) -> Sequence[BoundaryNode]:
        """Tripoints and sea ends."""
        ...


class Ground:
    """The records of a case that may and can be drawn, and how many were left out."""

    def __init__(self, case: BoundaryLayers, city: CityProfile) -> None:
        frame = self.frame = Frame(city)
        shaped_units = [u for u in case.units if drawable(u.geometry)]
        shaped_lines = [x for x in case.lines if drawable(x.geometry)]
        shaped_nodes = [n for n in case.nodes if drawable(n.position)]
        self.units = sorted(
            (
                u
                for u in shaped_units
                if u.level not in _ABOVE_COUNTY
                and frame.admits((u.code,), shape_of(u.geometry), u.provenance)
            ),
            key=lambda u: (u.id, u.name),
        )
        self.lines = sorted(
            (
                x
                for x in shaped_lines
                if frame.admits(x.parties, shape_of(x.geometry), x.provenance)
            ),
            key=lambda x: x.id,
        )
        self.nodes = sorted(
            (n for n in shaped_nodes if frame.admits(n.units, n.position, n.provenance)),
            key=lambda n: n.id,
        )
        self.left_out = sum(
            len(shaped) - len(kept)
            for shaped, kept in (
                (shaped_units, self.units),
                (shaped_lines, self.lines),
                (shaped_nodes, self.nodes),
            )
        )

    def provenances(self) -> list[Provenance]:
        """Where all drawn records come from."""
        return [
            *(unit.provenance for unit in self.units),
            *(line.provenance for line in self.lines),
            *(node.provenance for node in self.nodes),
        ]

    def box(self, city: CityProfile) -> tuple[float, float, float, float]:
        """What the map opens on: the city's own units, else whatever there is."""
        own = [shape_of(u.geometry) for u in self.units if self.frame.is_own(u.code)]
        everything = [shape_of(u.geometry) for u in self.units] + [
            shape_of(x.geometry) for x in self.lines
        ]
        return bounds_of(own or everything, city.extent)


def shape_of(geometry: BaseGeometry | None) -> BaseGeometry:
    """The geometry of a record that `drawable` has let through."""
    if geometry is None:
        raise ValueError("a record without geometry was not sorted out before drawing")
    return geometry


def _fills(units: Sequence[AdministrativeUnit], ground: Ground) -> dict[str, Fill]:
    """A filling per unit: neighbours grey, the city's own so that no two that meet are alike."""
    meets: dict[str, set[str]] = defaultdict(set)
    for line in ground.lines:
        meets[line.left_code].add(line.right_code)
        meets[line.right_code].add(line.left_code)
    palette, chosen = style().unit_fills, dict[str, Fill]()
    invented = not any(ground.frame.is_own(unit.code) for unit in units)
    for number, unit in enumerate(units):
        if not (invented or ground.frame.is_own(unit.code)):
            chosen[unit.id] = style().neighbour
            continue
        taken = {chosen[other] for other in meets[unit.id] if other in chosen}
        rotated = palette[number % len(palette) :] + palette[: number % len(palette)]
        chosen[unit.id] = next((fill for fill in rotated if fill not in taken), rotated[0])
    return chosen


def _unit_features(ground: Ground, lang: Lang) -> list[Json]:
    fills = _fills(ground.units, ground)
    return [
        feature(
            screen_json(shape_of(unit.geometry), style().decimals),
            style={
                "stroke": False,
                "fillColor": fills[unit.id].fill,
                "fillOpacity": fills[unit.id].opacity,
            },
            popup=popups.unit_popup(unit, lang),
            label=unit.name,
            label_at=screen_json(label_position(shape_of(unit.geometry)), style().decimals)[
                "coordinates"
            ],
        )
        for unit in ground.units
    ]


def line_features(
    lines: Iterable[AdministrativeBoundary], stroke: Stroke, lang: Lang
) -> list[Json]:
    """Lines as features; every border is ground once, here, and never as a polygon outline."""
    look = {"color": stroke.color, "weight": stroke.weight, "dashArray": stroke.dash, "fill": False}
    return [
        feature(
            screen_json(shape_of(line.geometry), style().decimals),
            style=look,
            popup=popups.line_popup(line, lang),
        )
        for line in lines
    ]


def _node_features(nodes: Iterable[BoundaryNode], dot: Dot, lang: Lang) -> list[Json]:
    look = {
        "color": dot.color,
        "fillColor": dot.fill,
        "fillOpacity": 1,
        "weight": 2,
        "radius": dot.radius,
    }
    return [
        feature(
            screen_json(node.position, style().decimals),
            style=look,
            popup=popups.node_popup(node, lang),
        )
        for node in nodes
    ]


def layer_label(key: str, count: int, lang: Lang) -> str:
    """The legend entry of a layer: what it shows and how many."""
    return message("maps.layer", name=message(f"maps.{key}").in_(lang), count=count).in_(lang)


def base_layers(ground: Ground, lang: Lang) -> list[RecordLayer]:
    """Units below, then lines, then nodes."""
    looks = style()
    internal = [line for line in ground.lines if line.is_internal]
    external = [line for line in ground.lines if not line.is_internal]
    result = [
        RecordLayer(
            layer_label("units", len(ground.units), lang),
            _unit_features(ground, lang),
            "units",
            swatches.fill_swatch(looks.unit_fills[0]),
        )
    ]
    for key, lines, stroke in (
        ("lines_internal", internal, looks.internal),
        ("lines_external", external, looks.external),
    ):
        features = line_features(lines, stroke, lang)
        result.append(
            RecordLayer(
                layer_label(key, len(lines), lang), features, "lines", swatches.line_swatch(stroke)
            )
        )
    for kind, dot in ((NodeKind.TRIPOINT, looks.tripoint), (NodeKind.SEA_END, looks.sea_end)):
        nodes = [node for node in ground.nodes if node.kind is kind]
        features = _node_features(nodes, dot, lang)
        result.append(
            RecordLayer(
                layer_label(f"nodes_{kind}", len(nodes), lang),
                features,
                "nodes",
                swatches.dot_swatch(dot),
            )
        )
    return result
