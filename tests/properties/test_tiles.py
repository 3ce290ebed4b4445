"""Tiles read by an independent decoder hold what the geometry says, without gaps between units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from shapely.geometry import shape

from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus
from geo_service.domain.provenance import Force, Provenance
from geo_service.geometry.tiling import (
    EXTENT,
    ORIGIN_M,
    Tile,
    degrees_of,
    on_world,
    tiles_of,
    world,
)
from geo_service.services.serving.cache import View
from geo_service.services.serving.collections import collection
from geo_service.services.serving.snapshot import Snapshot
from geo_service.services.serving.sources import served
from geo_service.services.tiles import desk
from geo_service.services.tiles.layer import Rows, TileLayer, number_of
from geo_service.services.tiles.plan import tile_plan

PLAN = tile_plan()
ZOOMS = st.integers(8, PLAN.max_zoom)
WEST, SOUTH, EAST, NORTH = 119.0, 35.0, 122.0, 38.0
BORDER = EXTENT + 2 * PLAN.buffer
few = settings(max_examples=25, deadline=None)


def layer_of(shapes: list[Any], **columns: list[Any]) -> TileLayer:
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    ids = [f"R-{number}" for number in range(len(shapes))]
    return TileLayer("units", Rows.of("units", ids, array, {"id": ids, **columns}, [0] * len(ids)))


def decoded(data: bytes) -> list[dict[str, Any]]:
    """Features with their geometry in grid units, y downwards."""
    if not data:
        return []
    layer = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})["units"]
    assert (layer["extent"], layer["version"]) == (EXTENT, 2)
    return layer["features"]


def on_grid(geometry: Any, tile: Tile) -> Any:
    """The same by PROJ's Web Mercator, in grid units from the tile's corner."""
    project = Transformer.from_crs(4326, 3857, always_xy=True)
    side = 2 * ORIGIN_M / (EXTENT << tile.zoom)

    def move(xy: np.ndarray) -> np.ndarray:
        x, y = project.transform(xy[:, 0], xy[:, 1])
        left, top = tile.corner
        return np.stack([(x + ORIGIN_M) / side - left, (ORIGIN_M - y) / side - top], axis=1)

    return shapely.transform(geometry, move)


def tile_at(lon: float, lat: float, zoom: int) -> Tile:
    across, down = world(np.array([[lon, lat]]))[0] * (1 << zoom)
    return Tile(zoom, int(across), int(down))


def cells(seed: int, rows: int, bends: int) -> list[shapely.Polygon]:
    """Units that cover the whole box and share every vertex with their neighbours."""
    random = np.random.default_rng(seed)
    side = (EAST - WEST) / rows
    corners = {
        (i, j): (
            WEST + (i + (random.uniform(-0.3, 0.3) if 0 < i < rows else 0)) * side,
            SOUTH + (j + (random.uniform(-0.3, 0.3) if 0 < j < rows else 0)) * side,
        )
        for i in range(rows + 1)
        for j in range(rows + 1)
    }
    edges: dict[tuple[Any, Any], np.ndarray] = {}

    def edge(a: Any, b: Any) -> np.ndarray:
        if a > b:
            return edge(b, a)[::-1]
        if (a, b) not in edges:
            share = np.linspace(0, 1, bends + 2)[:, None]
            line = np.array(corners[a]) + share * (np.array(corners[b]) - np.array(corners[a]))
            line[1:-1] += random.normal(0, side / bends / 8, (bends, 2))
            edges[a, b] = line
        return edges[a, b]

    result = []
    for i in range(rows):
        for j in range(rows):
            around = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1), (i, j)]
            ring = np.concatenate([edge(a, b)[:-1] for a, b in pairwise(around)])
            result.append(shapely.Polygon(ring))
    return result


def apart(drawn: Any, expected: Any, tolerance: float) -> float:
    """The area of the visible tile where one is further from the other than the tolerance."""
    drawn, expected = shapely.make_valid(drawn), shapely.make_valid(expected)
    there, here = drawn.buffer(tolerance), expected.buffer(tolerance)
    visible = shapely.box(0, 0, EXTENT, EXTENT)
    over, under = drawn.difference(here), expected.difference(there)
    return float(over.intersection(visible).area + under.intersection(visible).area)


def tolerance_at(zoom: int) -> float:
    """A vertex moves to the nearest multiple; where a tile is cut another half is rounded."""
    return PLAN.step_at(zoom) / 2 * 2**0.5 + 0.51


@few
@given(seed=st.integers(0, 2**32), zoom=ZOOMS)
def test_units_are_drawn_where_they_lie_and_wound_as_the_format_says(seed: int, zoom: int) -> None:
    units = cells(seed, rows=3, bends=6)
    random = np.random.default_rng(seed)
    tile = tile_at(random.uniform(WEST, EAST), random.uniform(SOUTH, NORTH), zoom)
    found = {f["properties"]["id"]: f for f in decoded(layer_of(units).tile(tile))}
    visible = shapely.box(0, 0, EXTENT, EXTENT)
    for number, unit in enumerate(units):
        expected = on_grid(unit, tile)
        feature = found.get(f"R-{number}")
        if feature is None:
            assert expected.buffer(-tolerance_at(zoom)).intersection(visible).is_empty
            continue
        assert feature["id"] == number_of("units", f"R-{number}")
        assert apart(shape(feature["geometry"]), expected, tolerance_at(zoom)) < 1e-6


@few
@given(seed=st.integers(0, 2**32), zoom=st.integers(10, PLAN.max_zoom), bends=st.integers(1, 30))
def test_units_that_cover_a_tile_cover_it_to_the_last_grid_unit(
    seed: int, zoom: int, bends: int
) -> None:
    """Shared edges move alike: the areas add up to that of the tile, exactly."""
    random = np.random.default_rng(seed)
    tile = tile_at(random.uniform(119.9, 121.1), random.uniform(35.9, 37.1), zoom)
    data = layer_of(cells(seed, rows=3, bends=bends)).tile(tile)
    areas = [doubled_area(ring) for f in decoded(data) for ring in rings_of(f["geometry"])]
    assert all(area > 0 for area in areas)
    assert sum(areas) == 2 * BORDER**2


def rings_of(geometry: dict[str, Any]) -> list[Any]:
    polygons = [geometry["coordinates"]]
    if geometry["type"] == "MultiPolygon":
        polygons = geometry["coordinates"]
    return [ring for polygon in polygons for ring in polygon]


def doubled_area(ring: list[list[int]]) -> int:
    """The surveyor's formula of the specification, y downwards."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))


def test_an_outer_ring_is_positive_and_its_hole_negative_whatever_way_they_came() -> None:
    outer, hole = shapely.box(120.0, 36.0, 120.2, 36.2), shapely.box(120.05, 36.05, 120.1, 36.1)
    for turned in (False, True):
        ring, inner = list(outer.exterior.coords), list(hole.exterior.coords)
        unit = shapely.Polygon(ring[::-1] if turned else ring, [inner if turned else inner[::-1]])
        tile = tile_at(120.1, 36.1, 9)
        [feature] = decoded(layer_of([unit]).tile(tile))
        areas = [doubled_area(ring) for ring in rings_of(feature["geometry"])]
        assert [area > 0 for area in areas] == [True, False]
        assert apart(shape(feature["geometry"]), on_grid(unit, tile), tolerance_at(9)) < 1e-6


@few
@given(seed=st.integers(0, 2**32), zoom=ZOOMS)
def test_lines_are_drawn_where_they_run(seed: int, zoom: int) -> None:
    random = np.random.default_rng(seed)
    points = random.uniform([WEST, SOUTH], [EAST, NORTH], (12, 2))
    line = shapely.LineString(points)
    # The middle as it is drawn: a line is straight between its vertices on the map.
    across, down = world(points[3:5]).mean(axis=0) * (1 << zoom)
    tile = Tile(zoom, int(across), int(down))
    [feature] = decoded(layer_of([line]).tile(tile))
    drawn, reach = shape(feature["geometry"]), shapely.box(0, 0, EXTENT, EXTENT)
    expected = on_grid(line, tile)
    tolerance = tolerance_at(zoom)
    assert drawn.difference(expected.buffer(tolerance)).length == pytest.approx(0, abs=1e-6)
    left = expected.intersection(reach).difference(drawn.buffer(tolerance))
    assert left.length == pytest.approx(0, abs=1e-6)


@few
@given(seed=st.integers(0, 2**32), zoom=st.integers(0, PLAN.max_zoom))
def test_points_thin_out_by_the_stated_rule(seed: int, zoom: int) -> None:
    """At most one to a cell, none of it lost, and what is drawn stays at every nearer zoom."""
    random = np.random.default_rng(seed)
    places = random.uniform([120.0, 36.0], [120.3, 36.3], (400, 2))
    layer = layer_of(list(shapely.points(places)))
    shown = [points_at(layer, places, z) for z in (zoom, min(zoom + 1, PLAN.max_zoom))]
    assert shown[0] <= shown[1]
    everywhere = np.floor(world(places) * ((EXTENT << zoom) / PLAN.cell)).astype(int)
    if zoom >= PLAN.all_from:
        assert len(shown[0]) == len(places)
    else:
        taken = {tuple(everywhere[n]) for n in shown[0]}
        assert len(taken) == len(shown[0]) == len(np.unique(everywhere, axis=0))


def points_at(layer: TileLayer, places: np.ndarray, zoom: int) -> set[int]:
    array = on_world(np.asarray(shapely.points(places), dtype=object))
    west, north, east, south = shapely.total_bounds(array)
    found = set()
    for tile in tiles_of((west, north, east, south), zoom):
        found |= {int(f["properties"]["id"][2:]) for f in decoded(layer.tile(tile))}
    return found


def test_of_points_too_near_the_one_of_higher_standing_is_drawn() -> None:
    shapes = np.asarray(shapely.points([[120.0, 36.0], [120.00001, 36.00001]]), dtype=object)
    ids, ranks = ["A", "B"], [PLAN.rank("former"), PLAN.rank("standard")]
    layer = TileLayer("units", Rows.of("units", ids, shapes, {"id": ids}, ranks))
    [feature] = decoded(layer.tile(tile_at(120.0, 36.0, 5)))
    assert feature["properties"]["id"] == "B"


def test_values_keep_their_type_and_what_is_empty_is_left_out() -> None:
    layer = layer_of(
        [shapely.Point(120, 36), shapely.Point(120.1, 36.1)],
        name=["示例路", "示例路"],
        length_m=[12.5, None],
        scale=[-3, 10**12],
        open=[True, False],
        note=["", None],
    )
    first, second = decoded(layer.tile(tile_at(120, 36, 8)))
    assert first["properties"] == {
        "id": "R-0",
        "name": "示例路",
        "length_m": 12.5,
        "scale": -3,
        "open": True,
    }
    assert second["properties"] == {"id": "R-1", "name": "示例路", "scale": 10**12, "open": False}


def test_nothing_there_is_an_empty_tile() -> None:
    layer = layer_of([None, shapely.Polygon(), shapely.box(120, 36, 120.1, 36.1)])
    assert layer.tile(tile_at(100, 10, 8)) == b""
    assert layer_of([]).tile(Tile(0, 0, 0)) == b""
    assert layer_of([]).extent is None


def test_a_tile_inside_a_unit_is_full_and_what_shrinks_to_nothing_is_left_out() -> None:
    layer = layer_of([shapely.box(119, 35, 121, 37), shapely.box(120.0, 36.0, 120.00001, 36.00001)])
    [feature] = decoded(layer.tile(tile_at(120.0, 36.0, 11)))
    assert shape(feature["geometry"]).area == BORDER**2


def test_degrees_of_a_tile_meet_its_neighbours() -> None:
    tile = tile_at(120.3, 36.1, 12)
    west, south, east, north = degrees_of(tile)
    assert west <= 120.3 < east
    assert south < 36.1 <= north
    assert degrees_of(Tile(12, tile.column + 1, tile.row))[0] == pytest.approx(east, abs=1e-12)
    assert degrees_of(Tile(12, tile.column, tile.row + 1))[3] == pytest.approx(south, abs=1e-12)


def drawn_somehow(random: np.random.Generator) -> Any:
    """A geometry of any kind near the others, or none."""
    points = random.uniform([120.0, 36.0], [120.1, 36.1], (3, 2))
    around = shapely.Point(points[0]).buffer(random.uniform(0.0001, 0.05))
    kinds = [
        shapely.Point(points[0]),
        shapely.Point(np.round(points[0], 1)),
        shapely.MultiPoint(points),
        shapely.LineString(points),
        shapely.MultiLineString([points[:2], points[1:]]),
        around,
        around.difference(around.centroid.buffer(0.0001)),
        shapely.MultiPolygon([around, shapely.box(120.2, 36.2, 120.21, 36.21)]),
        shapely.Polygon(),
        None,
    ]
    return kinds[random.integers(len(kinds))]


def some_name(random: np.random.Generator, number: int) -> NamedPlace:
    return NamedPlace(
        id=f"P-{number:02d}",
        name=f"示例{random.integers(8)}村",
        feature_type=FeatureType.VILLAGE,
        status=list(NameStatus)[random.integers(len(NameStatus))],
        unit_code=[DivisionCode("990121"), DivisionCode("990122"), None][random.integers(3)],
        provenance=Provenance("示例", force=[Force.SYNTHETIC, Force.OFFICIAL][random.integers(2)]),
        geometry=drawn_somehow(random),
    )


@dataclass
class Shown:
    """In the place of the ready features of a register: one collection as a test has it."""

    snapshot: Snapshot

    def ready(self, *_asked: object) -> Shown:
        return self


@few
@given(seed=st.integers(0, 2**32))
def test_after_edits_tiles_are_to_the_byte_those_of_a_layer_made_anew(seed: int) -> None:
    random = np.random.default_rng(seed)
    names, view = collection("place-names"), View(date(2024, 6, 1))
    standing = {n: some_name(random, n) for n in random.choice(50, 30, replace=False).tolist()}
    near = tile_at(*random.uniform([120.0, 36.0], [120.1, 36.1]), 15)
    tiles = [near, *(Tile(z, near.column >> 15 - z, near.row >> 15 - z) for z in (0, 4, 9, 11, 13))]
    shown = Shown(Snapshot.of(names, map(served, standing.values())))
    mended = desk.TileDesk(shown)  # type: ignore[arg-type]
    for _ in range(6):
        anew = desk.layer_of(Snapshot.of(names, map(served, standing.values())))
        assert mended.layer(names, view).extent == anew.extent
        for tile in tiles:
            assert mended.tile(names, view, tile).plain == anew.tile(tile)
        touched = random.choice(50, random.integers(6), replace=False).tolist()
        for number in touched:
            standing.pop(number, None)
            if random.random() < 0.7:
                standing[number] = some_name(random, number)
        fresh = [served(standing[number]) for number in touched if number in standing]
        shown.snapshot = shown.snapshot.with_changed([f"P-{n:02d}" for n in touched], fresh)
