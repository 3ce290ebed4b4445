"""A list of names handed in as a file: the answers as a table, or as the same file with answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from geo_service.api.deps import LangDep, Services, ServicesDep, needs
from geo_service.domain.access import Right
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.errors import InputError
from geo_service.messages import explain, message
from geo_service.pages.render import address, options, page
from geo_service.pages.upload import Upload, UploadDep, UploadedFile
from geo_service.services.name_batch import RowAnswer, batch_of
from geo_service.services.name_file import FileReport, check_file
from geo_service.store.disk import scratch

if TYPE_CHECKING:
    from geo_service.domain.text import Lang
    from geo_service.pages.name_form import Faults

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
MOST_SHOWN = 200
"""Rows on the page; all of them are in the file."""
_FORMATS = {
    "csv": ("text/csv; charset=utf-8", ".csv"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the form asks; `format` is empty where the answers are to be shown."""

    file: UploadedFile
    kind: FeatureType | None
    as_of: date
    use_register: bool
    format: str


@dataclass(frozen=True, slots=True)
class _Done:
    """A file that was checked: the report, the first answers, and the file to hand back."""

    report: FileReport
    answers: tuple[RowAnswer, ...]
    content: bytes


def _read(upload: Upload, today: date) -> tuple[_Asked | None, Faults]:
    """What the form asks, or None and what is wrong, by field."""
    faults: Faults = {}
    entries, file = upload.entries, upload.files.get("file")
    if file is None or not file.content:
        faults["file"] = message("pages.fault_file")
    kind, day = entries.get("type", ""), entries.get("as_of", "").strip()
    if kind and kind not in list(FeatureType):
        faults["type"] = message("pages.fault_type")
    as_of = today
    try:
        as_of = date.fromisoformat(day) if day else today
    except ValueError:
        faults["as_of"] = message("pages.fault_as_of")
    if faults or file is None:
        return None, faults
    format_ = entries.get("answer", "")
    return _Asked(
        file,
        FeatureType(kind) if kind else None,
        as_of,
        not entries.get("no_register"),
        format_ if format_ in _FORMATS else "",
    ), {}


def _checked(asked: _Asked, services: Services, lang: Lang) -> _Done:
    """The file checked. Raises InputError where it cannot be read at all."""
    store = services.store if asked.use_register else None
    answers: list[RowAnswer] = []

    def keep(answer: RowAnswer) -> None:
        if len(answers) < MOST_SHOWN:
            answers.append(answer)

    with scratch() as folder:
        source = Path(folder, asked.file.name)
        target = Path(folder, f"answers{_FORMATS[asked.format or 'csv'][1]}")
        source.write_bytes(asked.file.content)
        report = check_file(
            source,
            target,
            batch_of(services.city, store, services.restricted),
            as_of=asked.as_of,
            today=services.today(),
            kind=asked.kind,
            lang=lang,
            keep=keep,
        )
        return _Done(report, tuple(answers), target.read_bytes())


def _download(asked: _Asked, done: _Done) -> Response:
    media, suffix = _FORMATS[asked.format]
    name = quote(f"{Path(asked.file.name).stem}-checked{suffix}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(done.content, media_type=media, headers=headers)


def _page(
    request: Request,
    services: Services,
    lang: Lang,
    *,
    upload: Upload,
    faults: Faults,
    asked: _Asked | None = None,
    done: _Done | None = None,
) -> HTMLResponse:
    return page(
        request,
        "batch.html",
        status=400 if faults else 200,
        faults=faults,
        entries=upload.entries,
        asked=asked,
        done=done,
        types=options(FeatureType, "type", lang),
        today=services.today(),
        most_shown=MOST_SHOWN,
        max_length=0,
        max_kilobytes=request.app.state.settings.body_kb,
        row_href=lambda row: _row_address(row, asked, request.query_params.get("lang", "")),
    )


def _row_address(answer: RowAnswer, asked: _Asked | None, lang: str) -> str:
    """The page of one name, asked as the file asked it."""
    told = answer.row.request
    if told is None or asked is None:
        return ""
    lon, lat = ("", "") if told.position is None else map(str, told.position)
    return address(
        "/names",
        {
            "name": told.name,
            "type": told.feature_type.value,
            "status": told.standing.value,
            "as_of": told.as_of.isoformat(),
            "lon": lon,
            "lat": lat,
            "unit": told.unit_code or "",
            "no_register": "" if asked.use_register else "1",
            "lang": lang,
        },
    )


@router.get("/names/batch", dependencies=[needs(Right.NAME_CHECK)])
def batch_page(request: Request, services: ServicesDep, lang: LangDep) -> HTMLResponse:
    """The form in which a file is handed in."""
    return _page(request, services, lang, upload=Upload(), faults={})


@router.post("/names/batch", dependencies=[needs(Right.NAME_CHECK)])
def batch_answers(
    request: Request, upload: UploadDep, services: ServicesDep, lang: LangDep
) -> Response:
    """The answers to a file: on the page, or as a file with the answers beside its rows."""
    asked, faults = _read(upload, services.today())
    if asked is None:
        return _page(request, services, lang, upload=upload, faults=faults)
    try:
        done = _checked(asked, services, lang)
    except InputError as error:
        told = Text(explain(error, "zh"), explain(error, "en"))
        return _page(request, services, lang, upload=upload, faults={"file": told})
    if asked.format:
        return _download(asked, done)
    return _page(request, services, lang, upload=upload, faults={}, asked=asked, done=done)
