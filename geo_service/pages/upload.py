"""Reading forms; one with a file in it by RFC 7578 as browsers send it, nothing more.

The body is small (see `guards.BodyLimit`) and held whole; a boundary cannot stand in its own data.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import Message
from email.parser import HeaderParser
from pathlib import PurePosixPath
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from geo_service.errors import InputError

_MAX_PARTS = 60
_MAX_FILE_NAME = 100


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file as it was sent: its own name without folders, and its bytes."""

    name: str
    content: bytes


@dataclass(slots=True)
class Upload:
    """The entries of a form and its files, each by the name of its field."""

    entries: dict[str, str] = field(default_factory=dict)
    files: dict[str, UploadedFile] = field(default_factory=dict)


def read_upload(content_type: str, body: bytes) -> Upload:
    """The form in a request body. Raises InputError `form_unreadable` for anything else."""
    declared = Message()
    declared["content-type"] = content_type
    boundary = declared.get_param("boundary")
    if declared.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        raise InputError("form_unreadable")
    mark = b"\r\n--" + boundary.encode("latin-1", "replace")
    parts = (b"\r\n" + body).split(mark, _MAX_PARTS + 2)[1:]
    if not parts or not parts[-1].startswith(b"--"):
        raise InputError("form_unreadable")
    upload = Upload()
    for part in parts[:-1]:
        _take(part, upload)
    return upload


def _take(part: bytes, upload: Upload) -> None:
    head, blank, content = part.partition(b"\r\n\r\n")
    headers = HeaderParser().parsestr(head.decode("utf-8", "replace").lstrip("\r\n"))
    name = headers.get_param("name", header="content-disposition")
    file_name = headers.get_param("filename", header="content-disposition")
    if not blank or not isinstance(name, str):
        raise InputError("form_unreadable")
    if isinstance(file_name, str):
        upload.files[name] = UploadedFile(_plain(file_name), content)
    else:
        upload.entries[name] = content.decode("utf-8", "replace")


def _plain(name: str) -> str:
    """The last part of a file name, printable, its suffix kept; never a folder."""
    last = PurePosixPath(name.replace("\\", "/")).name
    path = PurePosixPath("".join(c for c in last if c.isprintable()).lstrip("."))
    return (path.stem[:_MAX_FILE_NAME] or "-") + path.suffix[:10]


async def _uploaded(request: Request) -> Upload:
    return read_upload(request.headers.get("content-type", ""), await request.body())


UploadDep = Annotated[Upload, Depends(_uploaded)]
"""The entries of a form and its files, held whole."""
_MAX_FIELDS = 600


async def read_form(request: Request) -> dict[str, str]:
    """The entries of a form without files, as browsers send it. Raises InputError."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise InputError("form_unreadable")
    try:
        text = (await request.body()).decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError as error:
        raise InputError("form_unreadable") from error
    return dict(pairs)


FormDep = Annotated[dict[str, str], Depends(read_form)]
"""The entries of a form without files."""
