"""Shapes of requests and answers for validation and for the OpenAPI description.

Answers are built by `services.wire`, the one place that shapes them for CLI, API and files; the
models here describe those shapes, and the tests hold the two against each other.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.moments import KnownAt
from geo_service.api.values import Day, Number, Truth
from geo_service.domain.finding import FindingState, Outcome
from geo_service.domain.place import FeatureType, NameStatus, ReadingSource
from geo_service.domain.proposal import RoadClass
from geo_service.rules.names import Standing
from geo_service.services.names import MAX_LENGTH

MAX_BATCH = 500
"""Names that are answered at once, within seconds; more become a job."""
MAX_LIST = 5000
"""Names of one request. More go as a sheet, by `/names/check-file`."""
MAX_BATCH_NAME = 100_000

SeverityWord = Literal["info", "human", "advised_against", "prohibited"]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Position(_Shape):
    """A place: longitude and latitude in degrees, CGCS2000 (EPSG:4490)."""

    lon: Annotated[Number, Field(ge=-180, le=180)]
    lat: Annotated[Number, Field(ge=-90, le=90)]


Figure = Annotated[Number | None, Field(ge=0, allow_inf_nan=False)]


class FactsBody(_Shape):
    """Size and nature of the thing to be named, as far as told; units in the field names."""

    site_area_m2: Figure = None
    floor_area_m2: Figure = None
    open_area_m2: Figure = None
    green_percent: Figure = None
    storeys: Figure = None
    height_m: Figure = None
    households: Figure = None
    plot_ratio: Figure = None
    width_m: Figure = None
    length_m: Figure = None
    span_m: Figure = None
    sinuosity: Figure = None
    road_class: RoadClass | None = None
    seat: Annotated[str, Field(max_length=MAX_LENGTH)] = ""
    applicant: Annotated[str, Field(max_length=MAX_LENGTH)] = ""


class PlaceBody(_Shape):
    """What is told of a place beside its name."""

    feature_type: FeatureType
    status: Standing = Standing.PROPOSED
    position: Position | None = None
    unit_code: Annotated[str | None, Field(examples=["370202"])] = None
    facts: FactsBody | None = None


class _AskedBody(PlaceBody):
    replaces: Annotated[
        str, Field(max_length=MAX_LENGTH, description="the name the place bears now, if renamed")
    ] = ""


class NameCheckBody(_AskedBody):
    """A name to be checked. Without `as_of` the law of today applies."""

    name: Annotated[str, Field(min_length=1, max_length=MAX_LENGTH, examples=["幸福路"])]
    as_of: Day | None = None
    known_at: KnownAt = None
    use_register: Annotated[
        Truth, Field(alias="register", description="compare with the names of the register")
    ] = True


class BatchRowBody(_AskedBody):
    """One name of a batch; a name that cannot be checked is told in its own answer."""

    name: Annotated[str, Field(max_length=MAX_BATCH_NAME, examples=["幸福路"])]


class NameBatchBody(_Shape):
    """Names to be checked together and held against each other, under the law of one day."""

    names: Annotated[list[BatchRowBody], Field(min_length=1, max_length=MAX_LIST)]
    as_of: Day | None = None
    known_at: KnownAt = None
    use_register: Annotated[
        Truth, Field(alias="register", description="compare with the names of the register")
    ] = True


class CitationBody(_Shape):
    """An article a finding rests on."""

    instrument: str
    number: str
    article: str
    gist: str
    in_force_from: date | None
    in_force_to: date | None
    url: str
    caveat: str | None


class SubjectBody(_Shape):
    """What a finding is about."""

    kind: str
    id: str
    name: str


class RelatedBody(SubjectBody):
    """Another record that takes part in a finding."""

    distance_m: float | None


class EvidenceBody(_Shape):
    """What was measured against which limit."""

    measured: float | None
    limit: float | None
    unit: str
    limit_source: str


class FindingBody(_Shape):
    """A fault or a question, with its legal basis and evidence."""

    id: str
    rule_id: str
    rule_version: int
    severity: SeverityWord
    category: str
    title: str
    message: str
    subject: SubjectBody
    related: list[RelatedBody]
    evidence: EvidenceBody
    geometry: Annotated[dict[str, Any] | None, Field(description="GeoJSON, EPSG:4490 lon/lat")]
    citations: list[CitationBody]
    question: str | None
    suggestion: str | None
    fingerprint: str
    state: FindingState


class NearBody(_Shape):
    """A registered name that looks or sounds like the one checked."""

    id: str
    name: str
    likeness: Annotated[float, Field(ge=0, le=1)]
    reasons: list[str]
    distance_m: float | None


class SearchHitBody(_Shape):
    """A name that was found, and why."""

    kind: Annotated[
        str, Field(description="of the record that bears the name", examples=["place-names"])
    ]
    id: str
    name: str
    feature_type: FeatureType
    status: NameStatus
    unit_code: str | None
    romanization: str
    match: Annotated[str, Field(description="the best way it meets the text", examples=["sound"])]
    reasons: list[str]
    distance_m: Annotated[float | None, Field(description="to the middle of the place")]


class SearchBody(_Shape):
    """A page of names found, best first."""

    query: str
    as_of: date
    total: int
    offset: int
    limit: int
    hits: list[SearchHitBody]
    notice: str


class RomanizationBody(_Shape):
    """Hanyu Pinyin, whether the reading is stored or computed, and what else it may be."""

    text: str
    reading_source: ReadingSource
    alternatives: list[str]


class DigestBody(_Shape):
    """What the answer rests on, for replaying it."""

    rules: str
    data: str
    code: str


class VerdictBody(_Shape):
    """The answer to "may this name stand", as of a day. Advice, never a decision."""

    name: str
    feature_type: FeatureType
    as_of: date
    verdict: Outcome
    findings: list[FindingBody]
    near: list[NearBody]
    romanization: RomanizationBody
    digest: DigestBody
    notice: str


class BatchAnswerBody(_Shape):
    """One name of a batch: its verdict, or why there is none. `row` counts from 1."""

    row: int
    verdict: VerdictBody | None
    problem: str | None


class BatchBody(_Shape):
    """All names of a batch in their order, and how they came out."""

    results: list[BatchAnswerBody]
    counts: dict[str, int]
    notice: str


class NotRunBody(_Shape):
    """A rule that could not run, and the layer it lacks."""

    rule_id: str
    missing: str


class DecisionBody(_Shape):
    """What a person decided on a finding: confirmed or waived. `ends_on` is the last day."""

    fingerprint: str
    state: FindingState
    signer: str
    signed_on: date
    reason: str
    document_no: str
    ends_on: date | None


class FindingsBody(_Shape):
    """Findings on boundaries, one page of them; `severities`, `states` count all there are."""

    city: str
    as_of: date
    scale: int
    counts: dict[str, int]
    severities: dict[SeverityWord, int]
    states: dict[FindingState, int]
    decisions: Annotated[
        list[DecisionBody], Field(description="of people, on the findings of this page")
    ]
    findings: list[FindingBody]
    rules_run: list[str]
    rules_not_run: list[NotRunBody]
    digest: DigestBody
    notice: str
    matched: int
    returned: int


class FeatureBody(_Shape):
    """A finding as a GeoJSON feature; `properties` are those of a finding without geometry."""

    type: Literal["Feature"]
    id: str
    geometry: dict[str, Any] | None
    properties: dict[str, Any]


class FeaturesBody(_Shape):
    """Findings as GeoJSON."""

    type: Literal["FeatureCollection"]
    features: list[FeatureBody]
    numberMatched: int  # noqa: N815 - the word of OGC API - Features
    numberReturned: int  # noqa: N815
    notice: str


class HealthBody(_Shape):
    """That the service is alive."""

    status: Literal["ok"]


class ReadyBody(_Shape):
    """That the service can do its work, and what was looked at."""

    status: Literal["ready"]
    version: str
    checks: list[Literal["store", "disk", "assets"]]


class FaultBody(_Shape):
    """One wrong place of a request."""

    pointer: str | None = None
    parameter: str | None = None
    detail: str


class ProblemBody(_Shape):
    """RFC 9457 problem details; `code` is stable, texts are for people."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: list[FaultBody] = []
    request_id: str = ""


def problem_answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problem answers of a route for its OpenAPI description."""
    return {status: {"model": ProblemBody, "description": "problem"} for status in statuses}
