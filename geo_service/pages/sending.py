"""Files of a form on their way to disk: kept under their digests, faults told at their fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException

from geo_service.domain.text import Text
from geo_service.errors import GeoServiceError, InputError
from geo_service.messages import explain, message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from fastapi import Request

    from geo_service.api.asking import Counter
    from geo_service.jobs.uploads import Upload
    from geo_service.pages.name_form import Faults

_CHUNK = 1 << 20
_MOST_FIELDS = 20


@dataclass(slots=True)
class Sent:
    """The entries of a form, its files as they are kept, and what is wrong, by field."""

    entries: dict[str, str] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)
    faults: Faults = field(default_factory=dict)

    def missing(self, name: str) -> None:
        """Note that a file is needed where none was sent and nothing else is wrong with it."""
        if name not in self.files:
            self.faults.setdefault(name, message("pages.fault_no_file"))


def text_of(error: GeoServiceError) -> Text:
    """What an error means, in both languages."""
    return Text(explain(error, "zh"), explain(error, "en"))


async def take_files(request: Request, counter: Counter, names: Sequence[str]) -> Sent:
    """Keep the files of these fields. Raises what stops a body that is too large or too slow."""
    sent = Sent()
    try:
        async with request.form(max_files=len(names), max_fields=_MOST_FIELDS) as form:
            sent.entries = {key: value for key, value in form.items() if isinstance(value, str)}
            for name in names:
                file = form.get(name)
                if isinstance(file, UploadFile) and file.filename:
                    await _keep(sent, name, file, counter)
    except (MultiPartException, HTTPException) as error:
        if getattr(error, "status_code", 400) != 400:  # too large, or too slow
            raise
        sent.missing(names[0])
    return sent


async def _keep(sent: Sent, name: str, file: UploadFile, counter: Counter) -> None:
    keep, parts = counter.desk.uploads.keep, _parts(file.file)
    try:
        sent.files[name] = await run_in_threadpool(
            keep, parts, file.filename or "", counter.asker.name
        )
    except InputError as error:
        sent.faults[name] = text_of(error)


def _parts(file: BinaryIO) -> Iterator[bytes]:
    while part := file.read(_CHUNK):
        yield part
