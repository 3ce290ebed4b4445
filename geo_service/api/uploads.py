"""Files sent to be checked or imported: one to a request, kept under the digest of their bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

from fastapi import APIRouter, Path, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException

from geo_service.api.asking import JobDeskDep
from geo_service.api.audience import AskerDep
from geo_service.api.exchange import takes_upload
from geo_service.api.job_schemas import UPLOAD_ID, UploadBody, UploadsBody
from geo_service.api.rights import needs
from geo_service.api.schemas import problem_answers
from geo_service.domain.access import Right
from geo_service.errors import InputError

if TYPE_CHECKING:
    from geo_service.jobs.job import Json
    from geo_service.jobs.uploads import Upload

router = APIRouter(prefix="/api/v1/uploads", tags=["uploads"])
_MAY: Any = [needs(Right.IMPORT_RUN, Right.BOUNDARY_CHECK, Right.NAME_CHECK)]
"""Whoever may start a job that reads a file; a token for reading sends none, and lists none."""
_CHUNK = 1 << 20
_NAMED = {"schema": {"type": "string"}, "example": 'form-data; name="file"; filename="names.csv"'}
_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                },
                # The suffix of its name says in which format a file is.
                "encoding": {"file": {"headers": {"Content-Disposition": _NAMED}}},
            }
        },
    }
}


def upload_json(sent: Upload) -> Json:
    """A file that was sent, as the interfaces show it."""
    told = {"id": sent.id, "name": sent.name, "size": sent.size}
    return {**told, "sent_at": sent.sent_at.isoformat()}


@router.post(
    "",
    dependencies=_MAY,
    status_code=201,
    response_model=UploadBody,
    responses=problem_answers(400, 413, 422, 503),
    openapi_extra=_FORM,
    summary="上传文件 / send a file",
)
@takes_upload
async def send(request: Request, desk: JobDeskDep, asker: AskerDep) -> Any:
    """Keep a file for a check or an import: multipart/form-data with the file in `file`.

    The same file sent again is the same upload. It is there for its sender alone, and is forgotten
    after the days that the settings say. Read is it by the job, in a process apart.
    """
    try:
        async with request.form(max_files=1, max_fields=0) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise InputError("upload_missing")
            name, parts = file.filename or "", _parts(file.file)
            sent = await run_in_threadpool(desk.uploads.keep, parts, name, asker.name)
    except (MultiPartException, HTTPException) as error:
        if getattr(error, "status_code", 400) != 400:  # too large, or too slow
            raise
        raise InputError("upload_missing") from error
    return JSONResponse(upload_json(sent), 201)


def _parts(file: BinaryIO) -> Iterator[bytes]:
    while part := file.read(_CHUNK):
        yield part


@router.get(
    "",
    dependencies=_MAY,
    response_model=UploadsBody,
    responses=problem_answers(400, 503),
    summary="本人上传的文件 / own uploads",
)
def list_uploads(desk: JobDeskDep, asker: AskerDep) -> Any:
    """What the asker sent and is still kept, the newest first."""
    return JSONResponse({"uploads": [upload_json(sent) for sent in desk.uploads.list(asker.name)]})


@router.delete(
    "/{upload_id}",
    dependencies=_MAY,
    status_code=204,
    responses=problem_answers(400, 404, 422, 503),
    summary="删除上传的文件 / delete an upload",
)
def delete_upload(
    upload_id: Annotated[str, Path(pattern=UPLOAD_ID)], desk: JobDeskDep, asker: AskerDep
) -> Response:
    """Forget a file at once."""
    desk.uploads.delete(upload_id, asker.name)
    return Response(status_code=204)
