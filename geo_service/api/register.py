"""The register over HTTP: records, their versions, and what changed, by both clocks."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse

from geo_service.api.audience import AudienceDep
from geo_service.api.deps import Services, ServicesDep, StoreDep
from geo_service.api.internal import internal_only
from geo_service.api.moments import AsOfQuery, KnownAtQuery, told
from geo_service.api.paging import Cursor, CursorDep, LimitDep, cursor_text, read_cursor
from geo_service.api.register_schemas import (
    ChangesBody,
    CountsBody,
    HistoryBody,
    LineageBody,
    RecordBody,
    RecordsBody,
)
from geo_service.api.rights import needs
from geo_service.api.schemas import problem_answers
from geo_service.api.values import Day, Moment
from geo_service.domain.access import Right
from geo_service.domain.identity import DivisionCode
from geo_service.domain.provenance import Label
from geo_service.errors import InputError, NotFound
from geo_service.services.register.changes import changes_between, changes_recorded
from geo_service.services.register.history import history
from geo_service.services.register.lineage import lineage
from geo_service.services.register.telling import changes_json, lineage_json, step_json
from geo_service.services.serving.collections import COLLECTIONS
from geo_service.services.serving.sources import served
from geo_service.services.wire import geometry_json

if TYPE_CHECKING:
    from geo_service.domain.change import Record
    from geo_service.services.serving.collections import Collection
    from geo_service.services.wire import Json
    from geo_service.store.protocol import Box, Store

router = APIRouter(prefix="/api/v1/register", tags=["register"])
CollectionWord = Literal["units", "boundary-lines", "markers", "junctions", "place-names", "roads"]
CollectionPath = Annotated[CollectionWord, Path(description="种类 / kind of record")]
RecordId = Annotated[str, Path(max_length=200, examples=["990101"])]
"""The id of a marker has a slash in it, so that what follows an id is matched first."""
_READS: Any = [needs(Right.CONTENT_READ)]
_INSIDE: Any = [needs(Right.CONTENT_READ), internal_only]


@router.get(
    "/counts",
    dependencies=_READS,
    response_model=CountsBody,
    responses=problem_answers(400, 422, 503),
    summary="记录数 / how many records",
)
def counts(
    *,
    services: ServicesDep,
    store: StoreDep,
    audience: AudienceDep,
    as_of: AsOfQuery = None,
    known_at: KnownAtQuery = None,
) -> Any:
    """How many records of each kind hold on a day, of those that the asker may see."""
    day = as_of or services.today()
    kinds = {word: COLLECTIONS[word].kinds[0] for word in words_for(audience)}
    counted = {
        word: store.count(kind, as_of=day)
        if known_at is None
        else len(store.records(kind, as_of=day, known_at=known_at))
        for word, kind in kinds.items()
    }
    return JSONResponse({"as_of": str(day), "known_at": told(known_at), "counts": counted})


@router.get(
    "/changes",
    dependencies=_INSIDE,
    response_model=ChangesBody,
    responses=problem_answers(400, 422, 503),
    summary="两日或两个时刻之间的变化 / changes between two days or moments",
)
def changes(
    *,
    services: ServicesDep,
    store: StoreDep,
    unit: Annotated[str, Query(max_length=12, description="区划代码 / code of a unit")],
    start: Annotated[Day | None, Query(alias="from", description="起日 / first day")] = None,
    end: Annotated[Day | None, Query(alias="to", description="止日 / last day")] = None,
    recorded_from: Annotated[Moment | None, Query()] = None,
    recorded_to: Annotated[Moment | None, Query()] = None,
    as_of: AsOfQuery = None,
    known_at: KnownAtQuery = None,
) -> Any:
    """What changed of a unit and of all that lies in it.

    With `from` and `to` by valid time, as known at `known_at`; with `recorded_from` and
    `recorded_to` what the register came to say otherwise of the day `as_of`.
    """
    code, plane = DivisionCode.parse(unit), services.city.plane_epsg
    day = as_of or services.today()
    match (start, end, recorded_from, recorded_to):
        case (date() as first, date() as last, None, None) if as_of is None:
            span = (first, last)
            found = changes_between(store, code, span, plane_epsg=plane, known_at=known_at)
            seen: Json = {"clock": "valid", "from": str(first), "to": str(last)}
            seen |= {"as_of": None, "known_at": told(known_at)}
        case (None, None, datetime() as since, datetime() as until) if known_at is None:
            found = changes_recorded(store, code, (since, until), as_of=day, plane_epsg=plane)
            seen = {"clock": "recorded", "from": told(since), "to": told(until)}
            seen |= {"as_of": str(day), "known_at": None}
        case _:
            raise InputError("changes_pair")
    return JSONResponse({"unit": code, **seen, "kinds": changes_json(found)})


@router.get(
    "/{collection}",
    dependencies=_READS,
    response_model=RecordsBody,
    responses=problem_answers(400, 404, 422, 503),
    summary="一类记录 / records of a kind",
)
def list_records(
    *,
    collection: CollectionPath,
    services: ServicesDep,
    store: StoreDep,
    audience: AudienceDep,
    within: Annotated[str | None, Query(max_length=12, description="区划代码 / in a unit")] = None,
    bbox: Annotated[
        str | None,
        Query(max_length=100, description="西,南,东,北（EPSG:4490）/ west,south,east,north"),
    ] = None,
    as_of: AsOfQuery = None,
    known_at: KnownAtQuery = None,
    cursor: CursorDep = "",
    limit: LimitDep = 100,
) -> Any:
    """The records of a kind that hold on a day, by id. Geometry is EPSG:4490, longitude first.

    All pages show the register as it was known when the first was asked for, whatever is written
    meanwhile.
    """
    day, of = as_of or services.today(), _collection(collection, audience)
    query = {"in": collection, "within": within, "bbox": bbox, "as_of": day, "known": known_at}
    start = read_cursor(cursor, query) or Cursor(0, known_at or store.log_mark().recorded_at)
    found = store.records(
        of.kinds[0],
        as_of=day,
        known_at=start.known_at,
        box=None if bbox is None else services.features.box_asked(_box(bbox)),
        within=None if within is None else DivisionCode.parse(within),
        limit=limit + 1,
        offset=start.at,
    )
    more = len(found) > limit
    after = cursor_text(Cursor(start.at + limit, start.known_at), query) if more else None
    return JSONResponse(
        {
            "collection": collection,
            "as_of": str(day),
            "known_at": told(start.known_at),
            "records": [_told(of, record, services) for record in found[:limit]],
            "next_cursor": after,
        }
    )


@router.get(
    "/{collection}/{record_id:path}/history",
    dependencies=_INSIDE,
    response_model=HistoryBody,
    responses=problem_answers(400, 404, 422, 503),
    summary="一条记录的全部版本 / every version of a record",
)
def record_history(
    *,
    collection: CollectionPath,
    record_id: RecordId,
    services: ServicesDep,
    store: StoreDep,
    as_of: AsOfQuery = None,
    known_at: KnownAtQuery = None,
) -> Any:
    """Every version in the order recorded: both clocks, who, why, by what, and what it changed.

    With `as_of` only versions that were ever said of that day.
    """
    kind = COLLECTIONS[collection].kinds[0]
    _seen(store, collection, record_id)
    steps = history(
        store,
        kind,
        record_id,
        plane_epsg=services.city.plane_epsg,
        as_of=as_of,
        known_at=known_at,
    )
    own = {"collection": collection, "id": record_id, "known_at": told(known_at)}
    return JSONResponse({**own, "versions": [step_json(step) for step in steps]})


@router.get(
    "/{collection}/{record_id:path}/lineage",
    dependencies=_INSIDE,
    response_model=LineageBody,
    responses=problem_answers(400, 404, 422, 503),
    summary="沿革 / what a record came from, and what became of it",
)
def record_lineage(
    *,
    collection: CollectionPath,
    record_id: RecordId,
    services: ServicesDep,
    store: StoreDep,
    as_of: AsOfQuery = None,
    known_at: KnownAtQuery = None,
) -> Any:
    """Renamings, moves, splits and merges before and after a day."""
    kind, day = COLLECTIONS[collection].kinds[0], as_of or services.today()
    _seen(store, collection, record_id)
    found = lineage(store, kind, record_id, as_of=day, known_at=known_at)
    return JSONResponse(lineage_json(found))


@router.get(
    "/{collection}/{record_id:path}",
    dependencies=_READS,
    response_model=RecordBody,
    responses=problem_answers(400, 404, 422, 503),
    summary="一条记录 / one record",
)
def one_record(
    *,
    collection: CollectionPath,
    record_id: RecordId,
    services: ServicesDep,
    store: StoreDep,
    audience: AudienceDep,
    as_of: AsOfQuery = None,
    known_at: KnownAtQuery = None,
) -> Any:
    """A record as it holds on a day, as the register knew it at a moment."""
    of, day = _collection(collection, audience), as_of or services.today()
    record = store.get(of.kinds[0], record_id, as_of=day, known_at=known_at)
    clocks = {"as_of": str(day), "known_at": told(known_at)}
    version = store.version(of.kinds[0], record_id) if known_at is None else None
    return JSONResponse({**_told(of, record, services), "version": version, **clocks})


def words_for(audience: Label) -> tuple[str, ...]:
    """The kinds that somebody may ask for: what is drawn as a line is for the bureau alone."""
    words: tuple[str, ...] = get_args(CollectionWord)
    return tuple(w for w in words if audience is Label.INTERNAL or COLLECTIONS[w].is_public)


def _collection(word: str, audience: Label) -> Collection:
    """The kind of an address. Raises NotFound, also where it is not for the asker."""
    known = words_for(audience)
    if word not in known:
        raise NotFound("collection_unknown", collection=word, known=", ".join(known))
    return COLLECTIONS[word]


def _told(of: Collection, record: Record, services: Services) -> Json:
    """A record with the fields of its collection, as fine as its audience may see it."""
    (feature,) = services.features.shown(of, [served(record)])
    properties = {field.name: field.read(feature.record) for field in of.fields}
    own = {"collection": of.id, "id": feature.id}
    return {**own, "properties": properties, "geometry": geometry_json(feature.geometry)}


def _seen(store: Store, collection: str, record_id: str) -> None:
    """What the asker may not see has no history for him. Raises NotFound."""
    if not store.version(COLLECTIONS[collection].kinds[0], record_id):
        store.get(COLLECTIONS[collection].kinds[0], record_id)


def _box(text: str) -> Box:
    try:
        west, south, east, north = map(float, text.split(","))
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            raise ValueError(text)
    except ValueError as error:
        form = "120.0,35.5,121.0,37.0"
        raise InputError("parameter_unreadable", name="bbox", form=form) from error
    return west, south, east, north
