"""Shapes of jobs and of what they are asked, for validation and for the OpenAPI description."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.moments import KnownAt
from geo_service.api.values import Day, Truth, Whole
from geo_service.domain.place import FeatureType
from geo_service.jobs.job import JobKind, JobState, Stage

UPLOAD_ID = r"^[0-9a-f]{64}\.[a-z]{2,10}$"
UploadId = Annotated[
    str,
    Field(pattern=UPLOAD_ID, description="上传文件的编号 / id of an uploaded file"),
]
Crs = Annotated[
    str, Field(max_length=100, description="坐标系 / coordinate system", examples=["EPSG:4490"])
]
Encoding = Annotated[str, Field(max_length=40, description="文字编码 / e.g. GB18030")]
Scale = Annotated[Whole, Field(ge=500, le=1_000_000, description="比例尺分母 / map scale 1:n")]
ImportKind = Literal["place-names", "units", "boundary-lines", "markers", "roads"]
ExportKind = Literal[
    "register",
    "place-names",
    "units",
    "boundary-lines",
    "boundary-nodes",
    "markers",
    "roads",
    "accepted-pairs",
    "findings",
    "review-runs",
]
_EMPTY = ""


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class JobProgressBody(_Shape):
    """How far a job has come; `total` is null where nobody can know it."""

    stage: Stage
    text: str
    done: int
    total: int | None


class JobErrorBody(_Shape):
    """Why a job failed; `code` is stable."""

    code: str
    detail: str


class JobFileBody(_Shape):
    """A file that a job left."""

    name: str
    href: str


class JobBody(_Shape):
    """A job: what it is, where it stands, and where its result is. Times are UTC.

    `result` is null until there is one. `summary` are a few figures of it.
    """

    id: Annotated[str, Field(examples=["0f1e2d3c4b5a6978"])]
    kind: JobKind
    title: str
    who: str
    state: JobState
    state_text: str
    progress: JobProgressBody
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    result: str | None
    files: list[JobFileBody]
    summary: dict[str, Any]
    error: JobErrorBody | None


class JobsBody(_Shape):
    """Jobs, the newest first; `next_cursor` is null on the last page."""

    jobs: list[JobBody]
    next_cursor: str | None


class UploadBody(_Shape):
    """A file that was sent. `name` is the sender's word for it; it lies here under its digest."""

    id: UploadId
    name: str
    size: int
    sent_at: datetime


class UploadsBody(_Shape):
    """Files that the asker sent, the newest first."""

    uploads: list[UploadBody]


class LayerBody(_Shape):
    """A layer or paper beside a review (`geo-service boundary check --layer`)."""

    layer: Annotated[str, Field(max_length=60, examples=["inspections"])]
    upload: UploadId


class BoundaryCheckBody(_Shape):
    """What is to be checked: uploaded files, the register, or both.

    Without `files` the register is checked. `keep` keeps the review, so that its findings are
    followed over runs.
    """

    files: Annotated[list[UploadId], Field(max_length=50)] = []
    markers: Annotated[list[UploadId], Field(max_length=50)] = []
    layers: Annotated[list[LayerBody], Field(max_length=50)] = []
    crs: Crs = _EMPTY
    markers_crs: Crs = _EMPTY
    layers_crs: Crs = _EMPTY
    encoding: Encoding = _EMPTY
    scale: Scale = 10_000
    use_register: Annotated[
        Truth, Field(alias="register", description="files together with the register")
    ] = False
    keep: Truth = False
    as_of: Day | None = None
    known_at: KnownAt = None


class CopyBody(_Shape):
    """One side's copy of the lines: an uploaded file, or `register` for what the register holds."""

    upload: UploadId | Literal["register"]
    crs: Crs = _EMPTY
    encoding: Encoding = _EMPTY


class BoundaryCompareBody(_Shape):
    """Two copies of the same lines."""

    a: CopyBody
    b: CopyBody
    scale: Scale = 10_000
    as_of: Day | None = None


class NameFileBody(_Shape):
    """A sheet of names to be checked row by row. `feature_type` is that of rows that tell none."""

    upload: UploadId
    feature_type: FeatureType | None = None
    encoding: Encoding = _EMPTY
    use_register: Annotated[
        Truth, Field(alias="register", description="compare with the names of the register")
    ] = True
    as_of: Day | None = None
    format: Literal["csv", "xlsx"] = "csv"


class ImportBody(_Shape):
    """A file for the register. `mapping` says which header is which field ("" for none of them);
    `sender` uses the mapping that was saved for a sender. A dry run stores nothing."""

    upload: UploadId
    kind: ImportKind
    layer: Annotated[str, Field(max_length=200, description="图层或工作表 / layer or sheet")] = ""
    crs: Crs = _EMPTY
    encoding: Encoding = _EMPTY
    sender: Annotated[str, Field(max_length=200)] = ""
    mapping: Annotated[
        dict[Annotated[str, Field(max_length=200)], Annotated[str, Field(max_length=60)]],
        Field(max_length=500, examples=[{"地名": "name", "备注": ""}]),
    ] = {}
    dry_run: Truth = True


class ExportBody(_Shape):
    """Records to be written as a file; `register` is everything as one GeoPackage.

    `fields` names a field dictionary of an exchange format, `line` keeps to one boundary line.
    """

    kind: ExportKind
    format: Annotated[str, Field(pattern=r"^[a-z.]{3,10}$", examples=["gpkg", "geojson"])]
    crs: Crs = "EPSG:4490"
    fields: Annotated[str, Field(max_length=60, examples=["dmk-practice"])] = ""
    line: Annotated[str, Field(max_length=20)] = ""
    as_of: Day | None = None
    known_at: KnownAt = None


class AnchorBody(_Shape):
    """Where the log ended when it was anchored; kept elsewhere, it shows what the log cannot."""

    store: Annotated[str, Field(max_length=200)]
    entries: Annotated[Whole, Field(ge=0)]
    head: Annotated[str, Field(max_length=200)]
    recorded_at: Annotated[str, Field(max_length=60)]
    made_at: Annotated[str, Field(max_length=60)]
    digest: Annotated[str, Field(max_length=20)]
    receipts: Annotated[Whole, Field(ge=0)] = 0
    receipts_head: Annotated[str, Field(max_length=200)] = ""


class VerifyBody(_Shape):
    """Anchors kept elsewhere, to hold the log against."""

    anchors: Annotated[list[AnchorBody], Field(max_length=100)] = []
