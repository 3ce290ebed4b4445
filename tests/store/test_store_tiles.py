"""Tiles over each store: an edit drops the tiles it touches and no others, and labels hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
import shapely

from geo_service import cities
from geo_service.domain.change import Operation
from geo_service.domain.period import Period
from geo_service.domain.place import NameStatus
from geo_service.domain.provenance import Label
from geo_service.geometry.tiling import Tile, world
from geo_service.services.serving.cache import ReadyFeatures, View
from geo_service.services.serving.collections import collection
from geo_service.services.tiles.desk import TileDesk

TODAY = date(2024, 6, 1)
DECIMALS = 3
VIEW = View(TODAY)


@pytest.fixture
def desk(store: Any) -> TileDesk:
    return desk_for(store, Label.INTERNAL)


@pytest.fixture
def outside(store: Any) -> TileDesk:
    return desk_for(store, Label.PUBLIC)


def desk_for(store: Any, label: Label) -> TileDesk:
    return TileDesk(ReadyFeatures(store, label, cities.city("370200"), DECIMALS))


def at(lon: float, lat: float, zoom: int) -> Tile:
    across, down = world(np.array([[lon, lat]]))[0] * (1 << zoom)
    return Tile(zoom, int(across), int(down))


def names(desk: TileDesk, tile: Tile, view: View = VIEW, name: str = "place-names") -> set[str]:
    data = desk.tile(collection(name), view, tile).plain
    layer = (
        mapbox_vector_tile.decode(data).get(name, {"features": []}) if data else {"features": []}
    )
    return {feature["properties"]["id"] for feature in layer["features"]}


def test_a_tile_tells_what_the_register_holds(desk: TileDesk, build: Any, write: Any) -> None:
    write(build.place("P-1", romanization="Xianggang Zhonglu"))
    packed = desk.tile(collection("place-names"), VIEW, at(120.38, 36.06, 12))
    [feature] = mapbox_vector_tile.decode(packed.plain)["place-names"]["features"]
    told = feature["properties"]
    assert told["name"] == "香港中路"
    assert told["romanization"] == "Xianggang Zhonglu"
    assert (told["status"], told["label"], told["force"]) == ("standard", "internal", "official")
    assert not {"meaning", "origin", "document_no"} & set(told)


def test_an_edit_drops_the_tiles_it_touches_and_no_others(
    desk: TileDesk, build: Any, write: Callable[..., None]
) -> None:
    near, far = build.place("P-1"), build.place("P-2", geometry=shapely.Point(120.9, 36.5))
    write(near, far)
    here, there, above = at(120.38, 36.06, 12), at(120.9, 36.5, 12), at(120.38, 36.06, 3)
    before = {
        tile: desk.tile(collection("place-names"), VIEW, tile) for tile in (here, there, above)
    }
    moved = replace(near, name="香港东路")
    write(build.change(moved, Operation.CORRECT, expected_version=1))
    after = {
        tile: desk.tile(collection("place-names"), VIEW, tile) for tile in (here, there, above)
    }
    assert after[there] is before[there]
    assert after[here].digest != before[here].digest
    assert after[above].digest != before[above].digest


def test_no_more_bytes_are_kept_than_may_be_and_what_went_is_made_again(
    desk: TileDesk, build: Any, write: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(build.place("P-1"))
    places, tiles = collection("place-names"), [at(120.38, 36.06, zoom) for zoom in (10, 11, 12)]
    first = desk.tile(places, VIEW, tiles[0])
    assert desk.tile(places, VIEW, tiles[0]) is first
    room = len(first.plain) + len(first.compressed)
    monkeypatch.setattr("geo_service.services.tiles.desk.MAX_BYTES", room * 2 + room // 2)
    for tile in tiles:
        desk.tile(places, VIEW, tile)
    again = desk.tile(places, VIEW, tiles[0])
    assert again is not first
    assert again == first


def test_a_place_that_moved_leaves_its_old_tile(
    desk: TileDesk, build: Any, write: Callable[..., None]
) -> None:
    place = build.place("P-1")
    write(place)
    here, there = at(120.38, 36.06, 12), at(120.9, 36.5, 12)
    assert (names(desk, here), names(desk, there)) == ({"P-1"}, set())
    moved = replace(place, geometry=shapely.Point(120.9, 36.5))
    write(build.change(moved, Operation.CORRECT, expected_version=1))
    assert (names(desk, here), names(desk, there)) == (set(), {"P-1"})


def test_an_edit_elsewhere_in_the_register_drops_nothing(
    desk: TileDesk, build: Any, write: Callable[..., None]
) -> None:
    write(build.place("P-1"))
    here = at(120.38, 36.06, 12)
    before = desk.tile(collection("place-names"), VIEW, here)
    write(build.unit())
    assert desk.tile(collection("place-names"), VIEW, here) is before


def test_the_name_that_gives_way_changes_with_the_one_it_gives_way_to(
    desk: TileDesk, build: Any, write: Callable[..., None]
) -> None:
    """One name to a cell: what stands in for another is not itself changed."""
    former = build.place("P-1", status=NameStatus.FORMER)
    standard = build.place("P-2", geometry=shapely.Point(120.3801, 36.0601))
    write(former, standard)
    above = at(120.38, 36.06, 5)
    assert names(desk, above) == {"P-2"}
    refused = replace(standard, status=NameStatus.REFUSED)
    write(build.change(refused, Operation.CORRECT, expected_version=1))
    assert names(desk, above) == {"P-1"}


def test_the_public_sees_what_is_labelled_public_and_never_lines(
    desk: TileDesk, outside: TileDesk, build: Any, write: Callable[..., None]
) -> None:
    secret = build.place("P-1")
    open_ = build.place("P-2", provenance=replace(secret.provenance, label=Label.PUBLIC))
    unit = replace(build.unit(), provenance=open_.provenance)
    write(secret, replace(open_, geometry=shapely.Point(120.39, 36.07)), unit)
    tile = at(120.38, 36.06, 9)
    assert names(desk, tile) == {"P-1", "P-2"}
    assert names(outside, tile) == {"P-2"}
    assert names(desk, tile, VIEW, "units") == {"370202"}
    assert names(outside, tile, VIEW, "units") == set()
    assert outside.layer(collection("units"), VIEW).extent is None
    joined = outside.joined([collection("units"), collection("place-names")], VIEW, tile)
    assert set(mapbox_vector_tile.decode(joined.plain)) == {"place-names"}


def test_a_day_sees_what_holds_on_it(
    desk: TileDesk, build: Any, write: Callable[..., None]
) -> None:
    write(build.place("P-1", period=Period(date(2020, 1, 1), date(2022, 1, 1))))
    tile = at(120.38, 36.06, 12)
    assert names(desk, tile) == set()
    assert names(desk, tile, View(date(2021, 6, 1))) == {"P-1"}
