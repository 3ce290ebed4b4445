"""OGC API – Tiles: tilesets, matrices, tiles, and what is answered to those who ask wrongly."""

from __future__ import annotations

import gzip
from typing import Any

import mapbox_vector_tile
import pytest
from fastapi.testclient import TestClient

from geo_service.geometry.tiling import tiles_of
from geo_service.services.serving.cache import View
from geo_service.services.serving.collections import COLLECTIONS
from geo_service.services.tiles.desk import TileDesk
from geo_service.services.tiles.plan import tile_plan

MVT = "application/vnd.mapbox-vector-tile"
UNITS = "/ogc/collections/units/tiles/WebMercatorQuad"


@pytest.fixture
def place(services) -> dict[str, Any]:
    """A tile in the middle of the invented city."""
    view = View(services.today())
    extent = services.tiles.layer(COLLECTIONS["units"], view).extent
    west, north, east, south = extent
    middle = ((west + east) / 2, (north + south) / 2) * 2
    [tile] = tiles_of(middle, 9)
    return {"z": tile.zoom, "y": tile.row, "x": tile.column}


def links(document: dict[str, Any]) -> dict[str, str]:
    return {link["rel"].rpartition("/")[2]: link["href"] for link in document["links"]}


@pytest.mark.parametrize("under", [f"/ogc/collections/{name}" for name in COLLECTIONS] + ["/ogc"])
def test_every_tileset_leads_from_its_list_to_a_tile(client: TestClient, under: str) -> None:
    [listed] = client.get(f"{under}/tiles").json()["tilesets"]
    tileset = client.get(links(listed)["self"]).json()
    assert tileset["dataType"] == "vector"
    scheme = client.get(links(tileset)["tiling-scheme"]).json()
    assert scheme["id"] == "WebMercatorQuad"
    if not tileset["tileMatrixSetLimits"]:
        return
    limit = tileset["tileMatrixSetLimits"][10]
    template = links(tileset)["item"]
    for name, value in (
        ("tileMatrix", limit["tileMatrix"]),
        ("tileRow", limit["minTileRow"]),
        ("tileCol", limit["minTileCol"]),
    ):
        template = template.replace(f"{{{name}}}", str(value))
    assert client.get(template).status_code in (200, 204)
    tilejson = client.get(links(tileset)["describedby"]).json()
    assert tilejson["tilejson"] == "3.0.0"
    assert tilejson["maxzoom"] == tile_plan().max_zoom
    told = tilejson["tiles"][0].format(z=10, y=limit["minTileRow"], x=limit["minTileCol"])
    assert client.get(told).status_code in (200, 204)


def test_the_matrices_are_those_of_the_registered_set(client: TestClient) -> None:
    [listed] = client.get("/ogc/tileMatrixSets").json()["tileMatrixSets"]
    matrices = client.get(links(listed)["self"]).json()["tileMatrices"]
    assert len(matrices) == 25
    first, last = matrices[0], matrices[24]
    assert first["scaleDenominator"] == pytest.approx(559082264.028717, abs=1e-4)
    assert first["cellSize"] == pytest.approx(156543.033928041, abs=1e-6)
    assert last["matrixWidth"] == 2**24
    assert first["pointOfOrigin"] == pytest.approx([-20037508.3427892, 20037508.3427892])


def test_a_tile_is_sent_once_and_compressed_for_those_who_can(
    client: TestClient, place: dict[str, int]
) -> None:
    address = f"{UNITS}/{place['z']}/{place['y']}/{place['x']}"
    packed = client.get(address, headers={"accept-encoding": "gzip"})
    plain = client.get(address, headers={"accept-encoding": "identity"})
    assert packed.headers["content-type"] == plain.headers["content-type"] == MVT
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert mapbox_vector_tile.decode(plain.content)["units"]["features"]
    tag = plain.headers["etag"]
    assert tag != packed.headers["etag"]
    for known, status in ((tag, 304), (f'"other", W/{tag}', 304), ("*", 304), ('"other"', 200)):
        answer = client.get(
            address, headers={"accept-encoding": "identity", "if-none-match": known}
        )
        assert answer.status_code == status
        assert answer.headers["etag"] == tag
        assert bool(answer.content) == (status == 200)


def test_several_collections_are_layers_of_one_tile(
    client: TestClient, place: dict[str, int]
) -> None:
    there = f"{place['z']}/{place['y']}/{place['x']}"
    both = client.get(f"/ogc/tiles/WebMercatorQuad/{there}?collections=units,boundary-lines")
    everything = client.get(f"/ogc/tiles/WebMercatorQuad/{there}")
    assert set(mapbox_vector_tile.decode(both.content)) == {"units", "boundary-lines"}
    assert set(mapbox_vector_tile.decode(everything.content)) > {"units", "boundary-lines"}
    one = client.get(f"{UNITS}/{there}")
    alone = mapbox_vector_tile.decode(one.content)["units"]
    assert mapbox_vector_tile.decode(both.content)["units"] == alone


def test_where_nothing_lies_the_answer_is_empty(client: TestClient) -> None:
    answer = client.get(f"{UNITS}/5/0/0")
    assert (answer.status_code, answer.content) == (204, b"")


def test_before_anything_held_a_tile_is_empty(client: TestClient, place: dict[str, int]) -> None:
    there = f"{place['z']}/{place['y']}/{place['x']}"
    assert client.get(f"{UNITS}/{there}?as_of=1950-01-01").status_code == 204
    tileset = client.get(f"{UNITS}?as_of=1950-01-01").json()
    assert "boundingBox" not in tileset
    assert "as_of=1950-01-01" in links(tileset)["item"]


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        (f"{UNITS}/3/8/0", 404, "tile_unknown"),
        (f"{UNITS}/3/0/8", 404, "tile_unknown"),
        (f"{UNITS}/17/0/0", 404, "tile_unknown"),
        (f"{UNITS}/99999999999/0/0", 404, "tile_unknown"),
        (f"{UNITS}/-1/0/0", 400, "query_invalid"),
        (f"{UNITS}/a/0/0", 400, "query_invalid"),
        (f"{UNITS}/1/0/0?as_of=never", 400, "query_invalid"),
        (f"{UNITS}/1/0/0?bbox=1", 400, "parameter_unknown"),
        ("/ogc/collections/units/tiles/Other/1/0/0", 404, "tile_matrix_set_unknown"),
        ("/ogc/collections/units/tiles/Other", 404, "tile_matrix_set_unknown"),
        ("/ogc/tileMatrixSets/Other", 404, "tile_matrix_set_unknown"),
        ("/ogc/collections/other/tiles", 404, "collection_unknown"),
        ("/ogc/collections/other/tiles/WebMercatorQuad/1/0/0", 404, "collection_unknown"),
        ("/ogc/tiles/WebMercatorQuad/1/0/0?collections=units,other", 404, "collection_unknown"),
    ],
)
def test_what_is_asked_wrongly_is_refused_with_its_reason(
    client: TestClient, address: str, status: int, code: str
) -> None:
    problem = client.get(address)
    assert problem.status_code == status
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["code"] == code


def test_compressed_bytes_are_the_same_for_the_same_content(services) -> None:
    view = View(services.today())
    made = [TileDesk(services.features) for _ in range(2)]
    layer = made[0].layer(COLLECTIONS["units"], view)
    assert layer.extent is not None
    [tile] = list(tiles_of(layer.extent, 0))
    one, other = (desk.tile(COLLECTIONS["units"], view, tile) for desk in made)
    assert one == other
    assert gzip.decompress(one.compressed) == one.plain
