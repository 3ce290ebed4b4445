"""Shapes of records, versions and changes for the OpenAPI description."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from geo_service.domain.change import Operation
from geo_service.services.register.acts import Act
from geo_service.services.register.changes import Manner

Geometry = Annotated[dict[str, Any] | None, Field(description="GeoJSON, EPSG:4490 lon/lat")]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ListedRecordBody(_Shape):
    """A record with the fields of its collection (see `/ogc/collections/{id}/queryables`)."""

    collection: str
    id: str
    properties: dict[str, Any]
    geometry: Geometry


class RecordBody(ListedRecordBody):
    """A record on a day; `version` is its newest, null where an earlier moment was asked for."""

    version: int | None
    as_of: date
    known_at: datetime | None


class RecordsBody(_Shape):
    """A page of records by id; `next_cursor` is null on the last page."""

    collection: str
    as_of: date
    known_at: datetime | None
    records: list[ListedRecordBody]
    next_cursor: str | None


class CountsBody(_Shape):
    """How many records of each kind hold on a day."""

    as_of: date
    known_at: datetime | None
    counts: dict[str, int]


class SpanBody(_Shape):
    """A span of valid time; `valid_to` is the first day after it."""

    valid_from: date | None
    valid_to: date | None


class FieldChangeBody(_Shape):
    """A field that is not the same."""

    field: str
    before: str
    after: str


class DifferenceBody(_Shape):
    """What differs: fields, and of the shape figures in metres and square metres."""

    fields: list[FieldChangeBody]
    geometry: dict[str, Any] | None


class VersionBody(_Shape):
    """One version of a record with both clocks; `stands` is null where it was taken back."""

    version: int
    sequence: int
    operation: Operation
    act: Act | None
    event: int | None
    undoes: int | None
    name: str
    written: SpanBody
    stands: SpanBody | None
    recorded_at: datetime
    superseded_at: datetime | None
    superseded_by: int | None
    actor: str
    reason: str
    document_no: str
    name_check: str
    differs: DifferenceBody | None


class HistoryBody(_Shape):
    """Every version of a record in the order recorded."""

    collection: str
    id: str
    known_at: datetime | None
    versions: list[VersionBody]


class NodeBody(_Shape):
    """A record that took part in an act, under the name it bore."""

    model_config = ConfigDict(extra="allow")

    id: str
    name: str


class EventBody(_Shape):
    """One act of lineage."""

    event: int
    act: Act
    day: date
    before: list[NodeBody]
    after: list[NodeBody]
    document_no: str
    reason: str
    actor: str
    recorded_at: datetime


class LineageBody(_Shape):
    """What a record came from, and what became of it."""

    kind: str
    id: str
    as_of: date
    predecessors: list[EventBody]
    successors: list[EventBody]


class RecordChangeBody(_Shape):
    """A record that is not the same in both states."""

    kind: str
    id: str
    name: str
    change: Literal["came", "went", "changed"]
    differs: DifferenceBody | None
    actor: str
    reason: str
    basis: str
    recorded_at: datetime


class HappeningBody(_Shape):
    """One change of one record, on a day or with an entry of the log."""

    id: str
    name: str
    change: Manner
    day: date | None
    act: Act | None
    event: int | None
    differs: DifferenceBody | None
    sequence: int
    actor: str
    reason: str
    basis: str
    recorded_at: datetime


class KindChangesBody(_Shape):
    """What of one kind differs, and what befell it in between."""

    kind: str
    differing: list[RecordChangeBody]
    happened: list[HappeningBody]


class ChangesBody(_Shape):
    """What changed of a unit, by one of the two clocks."""

    unit: str
    clock: Literal["valid", "recorded"]
    from_: Annotated[str, Field(alias="from")]
    to: str
    as_of: date | None
    known_at: datetime | None
    kinds: list[KindChangesBody]
