"""Bodies of the drafts resource."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from geo_service.domain.change import Operation
from geo_service.domain.draft import DraftAct, DraftState

DraftId = Annotated[str, Path(pattern="^D-[0-9a-f]{16}$")]
KindWord = Literal["place-names", "roads", "units", "boundary-lines", "markers", "junctions"]
_LONGEST = 1000
Reason = Annotated[str, Field(max_length=_LONGEST)]
Digest = Annotated[str, Field(max_length=80, examples=[f"sha256:{'0' * 64}"])]
Version = Annotated[int, Field(ge=1, le=999_999_999, description="所见版本 / the version you saw")]


class ProposalBody(BaseModel):
    """What is proposed. Fields that are not told stay as they are."""

    model_config = ConfigDict(extra="forbid")

    kind: KindWord
    target: Annotated[str, Field(max_length=200, description="记录编号，新设可空 / id")] = ""
    act: DraftAct | None = None
    fields: Annotated[dict[str, Annotated[str, Field(max_length=4000)]], Field(max_length=40)] = {}
    geometry: Annotated[dict[str, Any] | None, Field(description="GeoJSON, EPSG:4490, lon/lat")] = (
        None
    )
    effective_on: date | None = None
    reason: Reason = ""
    document_no: Annotated[str, Field(max_length=200)] = ""
    files: Annotated[list[Digest], Field(max_length=50)] = []


class EditBody(ProposalBody):
    """The whole draft anew, and the version that was seen."""

    version: Version


class SeenBody(BaseModel):
    """The version that was seen."""

    model_config = ConfigDict(extra="forbid")

    version: Version


class ReasonBody(SeenBody):
    """The same, and why."""

    reason: Reason = ""


class ApproveBody(ReasonBody):
    """The same, with number and digests of the approving document where the draft lacks them."""

    document_no: Annotated[str, Field(max_length=200)] = ""
    files: Annotated[list[Digest], Field(max_length=50)] = []
    dry_run: bool = False


class LayBody(BaseModel):
    """The trial of a file (the job of an import with `dry_run`), and why it should be stored."""

    model_config = ConfigDict(extra="forbid")

    job: Annotated[str, Field(pattern="^[0-9a-f]{16}$", examples=["0f1e2d3c4b5a6978"])]
    reason: Reason
    document_no: Annotated[str, Field(max_length=200)] = ""


class DraftBody(BaseModel):
    """A draft in one version. Of a file (`act` import) `target` is its digest."""

    id: str
    version: int
    kind: KindWord
    target: str
    act: DraftAct
    name: str
    fields: dict[str, str]
    geometry: dict[str, Any] | None
    given_crs: str
    effective_on: date
    seen: int
    reason: str
    document_no: str
    files: list[str]
    name_check: str
    state: DraftState
    proposer: str
    authors: list[str]
    decided_by: str
    decided_on: date | None
    decision: str
    event: int | None


class ToldDraftBody(DraftBody):
    """A draft as it was written, and how what was sent was understood."""

    notes: list[str]


class DraftsBody(BaseModel):
    """A page of drafts; `next_cursor` is null on the last."""

    total: int
    drafts: list[DraftBody]
    next_cursor: str | None


class FileChangeBody(BaseModel):
    """One change that a file comes to; `version` is that of the record as it was found.

    `differs` is told of the first changes of a long file, as the history of a record tells it.
    """

    operation: Operation
    kind: KindWord
    id: str
    name: str
    version: int
    differs: dict[str, Any] | None


class DraftFileBody(BaseModel):
    """What the file of a draft came to when it was tried last: its import report and every change.

    `changed` says how that differs from the trial before.
    """

    report: dict[str, Any]
    repeated: bool
    changes: list[FileChangeBody]
    changed: list[str]


class ReviewBody(DraftBody):
    """A draft with what a decision needs; `file` is null unless it is of a whole file."""

    may: list[Literal["edit", "submit", "withdraw", "approve", "reject", "recheck"]]
    differs: dict[str, Any] | None
    record_moved: list[str]
    names: list[dict[str, Any]]
    advice: list[str]
    problem: str | None
    file: DraftFileBody | None


class DraftStepBody(BaseModel):
    """One version of a draft and who wrote it."""

    version: int
    deed: str
    actor: str
    recorded_at: datetime
    sequence: int
    state: DraftState
    fields: dict[str, str]
    geometry: dict[str, Any] | None
    reason: str


class DraftHistoryBody(BaseModel):
    """Every version of a draft."""

    id: str
    versions: list[DraftStepBody]


class ApprovedBody(BaseModel):
    """The draft as it was closed, and the act that it came to."""

    draft: DraftBody
    act: dict[str, Any]
