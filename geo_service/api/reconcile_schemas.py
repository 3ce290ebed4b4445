"""Shapes of the Reconciliation Service API, version 0.2, as this service speaks it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.values import Whole
from geo_service.services.names import MAX_LENGTH
from geo_service.services.reconciling import MOST

QueryId = Annotated[str, Field(min_length=1, max_length=100)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ValueBody(_Shape):
    """A value that names an entity."""

    id: Annotated[str, Field(max_length=200)]
    name: Annotated[str, Field(max_length=200)] = ""


Value = str | int | float | bool | ValueBody


class ToldBody(_Shape):
    """A column beside the name: the property it stands for, and its value or values."""

    pid: Annotated[str, Field(max_length=60)]
    v: Value | Annotated[list[Value], Field(max_length=20)]


class QueryBody(_Shape):
    """A name to be matched, of a type, beside other columns."""

    query: Annotated[str, Field(max_length=MAX_LENGTH * 10)]
    type: str | Annotated[list[str], Field(max_length=20)] | None = None
    limit: Annotated[Whole, Field(ge=1, le=MOST)] = 10
    properties: Annotated[list[ToldBody], Field(max_length=20)] = []
    type_strict: Literal["any", "all", "should"] | None = None


Queries = Annotated[dict[QueryId, QueryBody], Field(min_length=1, max_length=50)]


class AskedPropertyBody(_Shape):
    """A property to be added to rows."""

    id: Annotated[str, Field(max_length=60)]
    settings: dict[str, Any] = {}


class ExtendBody(_Shape):
    """Rows, by id, and the properties to be added to them."""

    ids: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=500)]
    properties: Annotated[list[AskedPropertyBody], Field(min_length=1, max_length=40)]


class TermBody(_Shape):
    """A type or a property."""

    id: str
    name: str


class FeatureBody(_Shape):
    """What the score rests on: the likeness, and which columns say the same."""

    id: str
    value: float | bool


class CandidateBody(_Shape):
    """A name of the register that may be meant; `score` is its likeness from 0 to 100."""

    id: str
    name: str
    description: str
    type: list[TermBody]
    score: float
    match: bool
    features: list[FeatureBody]


class ResultBody(_Shape):
    """Candidates of one query, best first."""

    result: list[CandidateBody]


class SuggestionBody(_Shape):
    """What a prefix may mean."""

    id: str
    name: str
    description: str = ""
    notable: list[TermBody] = []


class SuggestedBody(_Shape):
    """What a prefix may mean, best first."""

    result: list[SuggestionBody]


class ProposedBody(_Shape):
    """Properties that can be added to rows of a type."""

    type: str
    properties: list[TermBody]
    limit: int | None = None


class ManifestBody(BaseModel):
    """What the service is and where its parts are."""

    versions: list[str]
    name: str
    identifierSpace: str  # noqa: N815 - the words of the API
    schemaSpace: str  # noqa: N815
    defaultTypes: list[TermBody]  # noqa: N815
    view: dict[str, str]
    preview: dict[str, Any]
    suggest: dict[str, Any]
    extend: dict[str, Any]
