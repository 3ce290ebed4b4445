"""OGC API – Tiles, Part 1: collections as vector tiles, one by one or several in one tile.

`{z}/{y}/{x}`: the row stands before the column, as the standard has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Path, Query, Request
from fastapi.responses import JSONResponse, Response

from geo_service.api.audience import AudienceDep
from geo_service.api.deps import LangDep, ServicesDep
from geo_service.api.ogc import negotiation
from geo_service.api.ogc.ready_answers import Lasting
from geo_service.api.ogc.routing import router
from geo_service.api.ogc.serving import shown_to
from geo_service.api.ogc.stamped import Stamped
from geo_service.api.ogc.tilesets import MVT, Tileset, matrix_sets, tilesets
from geo_service.api.rights import needs
from geo_service.api.schemas import problem_answers
from geo_service.api.values import Day
from geo_service.domain.access import Right
from geo_service.errors import NotFound
from geo_service.services.serving.cache import View
from geo_service.services.serving.collections import COLLECTIONS
from geo_service.services.tiles.matrices import (
    WEB_MERCATOR_QUAD,
    known_matrix_set,
    known_tile,
    matrix_set,
)

if TYPE_CHECKING:
    from datetime import date

    from geo_service.api.deps import Services
    from geo_service.domain.provenance import Label
    from geo_service.geometry.tiling import Box, Tile
    from geo_service.services.serving.collections import Collection
    from geo_service.services.tiles.desk import Packed, TileDesk
    from geo_service.store.protocol import LogMark

TILE = "/collections/{collectionId}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}"
_READ = [needs(Right.CONTENT_READ, public=True)]

MatrixSet = Annotated[
    str,
    Path(
        alias="tileMatrixSetId",
        description="切片方案 / tile matrix set",
        json_schema_extra={"enum": [WEB_MERCATOR_QUAD]},
    ),
]
Zoom = Annotated[int, Path(alias="tileMatrix", ge=0, description="级别 / zoom")]
Row = Annotated[int, Path(alias="tileRow", ge=0, description="行，自北 / row from the north")]
Column = Annotated[int, Path(alias="tileCol", ge=0, description="列，自西 / column from the west")]
CollectionId = Annotated[
    str,
    Path(
        alias="collectionId",
        description="图层 / collection",
        json_schema_extra={"enum": list(COLLECTIONS)},
    ),
]
Several = Annotated[
    str, Query(description="图层，以逗号分隔，默认全部 / collections, comma between; otherwise all")
]
AsOf = Annotated[Day | None, Query(description="该日有效，默认今天 / in force on that day")]


class _Asked:
    """For whom tiles are, of which day."""

    def __init__(
        self, request: Request, services: Services, audience: Label, as_of: date | None
    ) -> None:
        self.view = View(as_of or services.today())
        self._services = services
        self.base = negotiation.base_of(request)
        self._known = {one.id: one for one in shown_to(audience)}
        self.query = f"?as_of={as_of}" if as_of else ""
        self.accepts_gzip = negotiation.accepts_gzip(request)
        self._request = request

    def collection(self, name: str) -> Collection:
        """A collection that exists for the asker. Raises NotFound."""
        try:
            return self._known[name]
        except KeyError as error:
            known = ", ".join(self._known)
            raise NotFound("collection_unknown", collection=name[:80], known=known) from error

    def collections(self, listed: str) -> list[Collection]:
        """Those of a list, by default all that exist for the asker. Raises NotFound."""
        if not listed:
            return list(self._known.values())
        return [self.collection(name) for name in dict.fromkeys(listed.split(","))]

    def extent(self, collections: list[Collection]) -> Box | None:
        """What the tiles cover, in world units."""
        found = [self.desk.layer(one, self.view).extent for one in collections]
        boxes = [box for box in found if box is not None]
        if not boxes:
            return None
        west, north, east, south = zip(*boxes, strict=True)
        return min(west), min(north), max(east), max(south)

    @property
    def desk(self) -> TileDesk:
        """The tiles; whoever asks first opens the register."""
        return self._services.tiles

    def mark(self) -> LogMark:
        """Where the log ends now: a tile cut after this is at least of that state."""
        return self._services.features.mark()

    def sent(self, packed: Packed, mark: LogMark) -> Response:
        """A tile as a response: nothing where the asker has it, or where nothing lies there."""
        if not packed.plain:
            return Response(status_code=204)
        coding = "gzip" if self.accepts_gzip else ""
        tag = f'"{packed.digest}{coding and "-gz"}"'
        headers = {"ETag": tag, "Vary": "Accept-Encoding"}
        if negotiation.unchanged(self._request, tag):
            return Response(status_code=304, headers=headers)
        if coding:
            headers["Content-Encoding"] = coding
        body = packed.compressed if coding else packed.plain
        return Lasting(Stamped(body), mark, MVT, headers)


async def _asked(
    request: Request, services: ServicesDep, audience: AudienceDep, as_of: AsOf = None
) -> _Asked:
    return _Asked(request, services, audience, as_of)


AskedDep = Annotated[_Asked, Depends(_asked)]


def _tileset(collections: list[Collection], asked: _Asked, listed: str) -> Tileset:
    query = urlencode({"collections": listed}, safe=",") if listed else ""
    both = "&".join(part for part in (query, asked.query.removeprefix("?")) if part)
    return Tileset("/tiles", collections, f"?{both}" if both else "")


def _tileset_of(one: Collection, asked: _Asked) -> Tileset:
    return Tileset(f"/collections/{one.id}/tiles", [one], asked.query)


@router.get(
    "/tileMatrixSets",
    dependencies=_READ,
    summary="切片方案 / tile matrix sets",
)
def tile_matrix_sets(request: Request) -> Any:
    """The sets of tile matrices in which tiles are served: WebMercatorQuad."""
    return JSONResponse(matrix_sets(negotiation.base_of(request)))


@router.get(
    "/tileMatrixSets/{tileMatrixSetId}",
    dependencies=_READ,
    responses=problem_answers(404),
    summary="一个切片方案 / one tile matrix set",
)
def tile_matrix_set(name: MatrixSet) -> Any:
    """The definition of the set, as OGC Two Dimensional Tile Matrix Set 2.0 writes it."""
    known_matrix_set(name)
    return JSONResponse(matrix_set())


@router.get(
    "/tiles",
    dependencies=_READ,
    responses=problem_answers(400, 404, 503),
    summary="多图层切片集 / tilesets of several collections",
)
def dataset_tilesets(asked: AskedDep, lang: LangDep, collections: Several = "") -> Any:
    """The tilesets in which a tile holds several collections, each as a layer."""
    tileset = _tileset(asked.collections(collections), asked, collections)
    return JSONResponse(tilesets(asked.base, [tileset], f"/tiles{tileset.query}", lang))


@router.get(
    "/tiles/{tileMatrixSetId}",
    dependencies=_READ,
    responses=problem_answers(400, 404, 503),
    summary="多图层切片集说明 / a tileset of several collections",
)
def dataset_tileset(
    asked: AskedDep, lang: LangDep, name: MatrixSet, collections: Several = ""
) -> Any:
    """Extent, limits, layers and the template of addresses."""
    known_matrix_set(name)
    chosen = asked.collections(collections)
    tileset = _tileset(chosen, asked, collections)
    return JSONResponse(tileset.document(asked.base, asked.extent(chosen), lang))


@router.get(
    "/tiles/{tileMatrixSetId}/tilejson.json",
    dependencies=_READ,
    responses=problem_answers(400, 404, 503),
    summary="多图层 TileJSON / TileJSON of several collections",
)
def dataset_tilejson(
    asked: AskedDep, lang: LangDep, name: MatrixSet, collections: Several = ""
) -> Any:
    """The same for map libraries (TileJSON 3.0)."""
    known_matrix_set(name)
    chosen = asked.collections(collections)
    tileset = _tileset(chosen, asked, collections)
    return JSONResponse(tileset.tilejson(asked.base, asked.extent(chosen), lang))


_TILE_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {MVT: {"schema": {"type": "string", "format": "binary"}}}},
    204: {"description": "此处无内容 / nothing lies there"},
    304: {"description": "未变 / not modified"},
    **problem_answers(400, 404, 503),
}


@router.get(
    "/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}",
    dependencies=_READ,
    response_class=Response,
    responses=_TILE_ANSWERS,
    summary="多图层矢量切片 / a tile of several collections",
)
def dataset_tile(
    *,
    asked: AskedDep,
    name: MatrixSet,
    zoom: Zoom,
    row: Row,
    column: Column,
    collections: Several = "",
) -> Response:
    """One vector tile with a layer for each collection that has something there."""
    tile = _place(name, zoom, row, column)
    mark = asked.mark()
    return asked.sent(asked.desk.joined(asked.collections(collections), asked.view, tile), mark)


@router.get(
    "/collections/{collectionId}/tiles",
    dependencies=_READ,
    responses=problem_answers(400, 404, 503),
    summary="图层的切片集 / tilesets of a collection",
)
def collection_tilesets(asked: AskedDep, lang: LangDep, collection_id: CollectionId) -> Any:
    """The tilesets of one collection."""
    tileset = _tileset_of(asked.collection(collection_id), asked)
    return JSONResponse(tilesets(asked.base, [tileset], f"{tileset.under}{asked.query}", lang))


@router.get(
    "/collections/{collectionId}/tiles/{tileMatrixSetId}",
    dependencies=_READ,
    responses=problem_answers(400, 404, 503),
    summary="图层切片集说明 / a tileset of a collection",
)
def collection_tileset(
    asked: AskedDep, lang: LangDep, collection_id: CollectionId, name: MatrixSet
) -> Any:
    """Extent, limits, the layer with its fields, and the template of addresses."""
    known_matrix_set(name)
    one = asked.collection(collection_id)
    return JSONResponse(_tileset_of(one, asked).document(asked.base, asked.extent([one]), lang))


@router.get(
    "/collections/{collectionId}/tiles/{tileMatrixSetId}/tilejson.json",
    dependencies=_READ,
    responses=problem_answers(400, 404, 503),
    summary="图层 TileJSON / TileJSON of a collection",
)
def collection_tilejson(
    asked: AskedDep, lang: LangDep, collection_id: CollectionId, name: MatrixSet
) -> Any:
    """The same for map libraries (TileJSON 3.0)."""
    known_matrix_set(name)
    one = asked.collection(collection_id)
    return JSONResponse(_tileset_of(one, asked).tilejson(asked.base, asked.extent([one]), lang))


@router.get(
    TILE,
    dependencies=_READ,
    response_class=Response,
    responses=_TILE_ANSWERS,
    summary="矢量切片 / a vector tile of a collection",
)
def collection_tile(
    *,
    asked: AskedDep,
    collection_id: CollectionId,
    name: MatrixSet,
    zoom: Zoom,
    row: Row,
    column: Column,
) -> Response:
    """One vector tile of the collection: Mapbox Vector Tile 2.1, 4096 units across."""
    tile = _place(name, zoom, row, column)
    mark = asked.mark()
    return asked.sent(asked.desk.tile(asked.collection(collection_id), asked.view, tile), mark)


def _place(name: str, zoom: int, row: int, column: int) -> Tile:
    known_matrix_set(name)
    return known_tile(zoom, row, column)
