"""Imports over HTTP: an uploaded file into the register, as a job with the Import report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from geo_service.api.asking import ACCEPTED, CounterDep
from geo_service.api.deps import ServicesDep, services_of
from geo_service.api.job_schemas import ImportBody, JobBody
from geo_service.api.rights import needs
from geo_service.api.schemas import problem_answers
from geo_service.domain.access import Right
from geo_service.domain.change import RecordKind
from geo_service.errors import InputError
from geo_service.jobs.job import JobKind
from geo_service.services.interchange.mappings import ColumnMapping, MappingBook, checked

router = APIRouter(prefix="/api/v1/imports", tags=["imports"])


class MappingBody(BaseModel):
    """Which columns of a sender are which fields, as a person confirmed it."""

    sender: str
    kind: RecordKind
    version: int
    signer: str
    saved_at: str
    reason: str
    fields: dict[str, str]


class MappingsBody(BaseModel):
    """The mappings that count now."""

    mappings: list[MappingBody]


@router.post(
    "",
    dependencies=[needs(Right.IMPORT_RUN)],
    status_code=202,
    response_model=JobBody,
    responses=ACCEPTED,
    summary="导入文件 / import a file",
)
def start_import(
    body: ImportBody, request: Request, services: ServicesDep, counter: CounterDep
) -> Any:
    """Read, check and store an uploaded file: all of it or nothing; a dry run stores nothing.

    The result of the job is the Import report, the same object as `geo-service import --json`;
    `report.xlsx` and `report.html` go back to the sender. The same file with the same options is
    answered with the first result and writes nothing.
    """
    counter.require(body.upload)
    kind = RecordKind(body.kind)
    if body.sender and body.mapping:
        raise InputError("mapping_both")
    if body.sender:
        _book(request).find(body.sender, kind)
    if body.mapping:
        checked(ColumnMapping(counter.asker.name, kind, body.mapping))
    asked = {**body.model_dump(mode="json"), "today": services.today().isoformat()}
    return counter.take(JobKind.IMPORT, asked)


@router.get(
    "/mappings",
    dependencies=[needs(Right.IMPORT_RUN)],
    response_model=MappingsBody,
    responses=problem_answers(400, 422, 503),
    summary="报送单位的列名对应 / columns of senders",
)
def list_mappings(request: Request) -> Any:
    """The columns that were confirmed for each sender; `sender` of an import names one."""
    found = [
        {
            "sender": mapping.sender,
            "kind": mapping.kind.value,
            "version": mapping.version,
            "signer": mapping.signer,
            "saved_at": mapping.saved_at,
            "reason": mapping.reason,
            "fields": dict(mapping.fields),
        }
        for mapping in _book(request).all()
    ]
    return JSONResponse({"mappings": found})


def _book(request: Request) -> MappingBook:
    services = services_of(request)
    return MappingBook(Path(request.app.state.settings.column_mappings), str(services.city.code))
