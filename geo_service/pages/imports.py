"""Files into the register, step by step: sent, columns looked at, tried, confirmed, reported.

The work itself is a job in a process of its own: a page may be left and come back to.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from geo_service.api.asking import (
    CounterDep,
    JobDeskDep,
    importable,
    job_json,
    left_for,
    stores_alone,
)
from geo_service.api.audience import AskerDep
from geo_service.api.deps import LangDep, ServicesDep, needs
from geo_service.api.exchange import takes_upload
from geo_service.api.file_drafts import lay_tried
from geo_service.api.internal import internal_only
from geo_service.api.job_schemas import ImportBody
from geo_service.api.rights import right_missing
from geo_service.domain.access import Right
from geo_service.domain.change import RecordKind
from geo_service.domain.provenance import Label
from geo_service.errors import GeoServiceError, InputError, NotFound
from geo_service.jobs.job import JobKind, JobState
from geo_service.jobs.work import RESULT
from geo_service.messages import explain, message
from geo_service.pages.record_words import field_title
from geo_service.pages.render import address, onward, page
from geo_service.pages.sending import take_files
from geo_service.pages.upload import FormDep
from geo_service.services.interchange.columns import IMPORTABLE, known_fields
from geo_service.services.interchange.filed import filed_import, filed_imports
from geo_service.services.interchange.mappings import MappingBook
from geo_service.services.interchange.proposing import proposal
from geo_service.services.interchange.sandbox import MAX_BYTES

if TYPE_CHECKING:
    from geo_service.api.asking import Counter
    from geo_service.api.deps import Services
    from geo_service.domain.access import Asker
    from geo_service.domain.text import Lang
    from geo_service.jobs.desk import JobDesk
    from geo_service.jobs.job import Job
    from geo_service.pages.name_form import Faults

router = APIRouter(
    include_in_schema=False,
    default_response_class=HTMLResponse,
    dependencies=[needs(Right.IMPORT_RUN)],
)
ISSUES_SHOWN = 300
_LISTED = 20
_PROBLEMS_SHOWN = 5
"""Of a file whose columns are looked at: the trial tells all."""
_COLUMN = "column:"
"""Before the header of a column, in the name of its entry."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read: what the sender tells beside it."""

    upload: str = ""
    kind: str = RecordKind.PLACE_NAMES
    crs: str = ""
    encoding: str = ""
    layer: str = ""
    sender: str = ""

    @property
    def told(self) -> dict[str, str]:
        """The same by name."""
        names = ("upload", "kind", "crs", "encoding", "layer", "sender")
        return {name: getattr(self, name).strip() for name in names}


ReadingDep = Annotated[Reading, Depends(Reading)]


def _book(request: Request, services: Services) -> MappingBook:
    return MappingBook(Path(request.app.state.settings.column_mappings), str(services.city.code))


def _there(path: str, request: Request, **parameters: str) -> RedirectResponse:
    """On to the next step, in the language once asked for."""
    return onward(request, address(path, {**parameters}))


def _form_page(
    request: Request, counter: Counter, services: Services, lang: Lang, **told: Any
) -> HTMLResponse:
    faults: Faults = told.get("faults", {})
    before: int | None = told.get("before")
    jobs = counter.desk.book.list(who=counter.asker.name, kinds=[JobKind.IMPORT], limit=_LISTED)
    senders = [mapping.sender for mapping in _book(request, services).all()]
    return page(
        request,
        "imports.html",
        status=400 if faults else 200,
        faults=faults,
        form=told.get("form", Reading()),
        jobs=[(job, job_json(job, lang), _sent_name(counter.desk, job)) for job in jobs],
        kinds=[
            (kind, message(f"register.kind_{kind}").in_(lang)) for kind in importable(counter.asker)
        ],
        kind_word=lambda kind: message(f"register.kind_{kind}").in_(lang),
        senders=sorted(set(senders)),
        max_mb=MAX_BYTES >> 20,
        max_length=200,
        **_filed(counter.asker, services, before),
    )


def _filed(asker: Asker, services: Services, before: int | None) -> dict[str, Any]:
    """Files of everybody in the register, for those who read what is in it."""
    if not (asker.may(Right.CONTENT_READ) and asker.audience is Label.INTERNAL):
        return {"filed": None, "earlier": None}
    found = filed_imports(services.store, before=before, limit=_LISTED + 1)
    more = len(found) > _LISTED
    return {"filed": found[:_LISTED], "earlier": found[_LISTED - 1].number if more else None}


@router.get("/imports")
def imports_page(
    request: Request,
    counter: CounterDep,
    services: ServicesDep,
    lang: LangDep,
    before: Annotated[int | None, Query(ge=1)] = None,
) -> HTMLResponse:
    """The form in which a file is handed in, and what was handed in before."""
    return _form_page(request, counter, services, lang, before=before)


@router.get("/imports/filed/{number}", dependencies=[internal_only])
def filed_import_page(
    request: Request, number: int, services: ServicesDep, asker: AskerDep, lang: LangDep
) -> HTMLResponse:
    """A file in the register, however it was stored, with its report of then.

    Raises NotFound, Forbidden for those who may not read what is in the register.
    """
    if not asker.may(Right.CONTENT_READ):
        raise right_missing(Right.CONTENT_READ)
    filed, report = filed_import(services.store, number)
    return page(
        request,
        "filed_import.html",
        filed=filed,
        report=report.to_json(lang),
        issues_shown=ISSUES_SHOWN,
        kind_word=lambda kind: message(f"register.kind_{kind}").in_(lang),
        level_word=lambda level: message(f"import.level_{level}").in_(lang),
        field_title=lambda name: field_title(name, lang),
    )


@router.post("/imports")
@takes_upload
async def send_file(
    request: Request, counter: CounterDep, services: ServicesDep, lang: LangDep
) -> Response:
    """Keep the file and go on to its columns; what is wrong with it is told in the form."""
    sent = await take_files(request, counter, ["file"])
    sent.missing("file")
    reading = Reading(**{k: sent.entries.get(k, "") for k in Reading().told})
    if sent.faults:
        told: dict[str, Any] = {"faults": sent.faults, "form": reading}
        return await run_in_threadpool(lambda: _form_page(request, counter, services, lang, **told))
    return _there("/imports/columns", request, **{**reading.told, "upload": sent.files["file"].id})


@router.get("/imports/columns")
def columns_page(
    request: Request, reading: ReadingDep, counter: CounterDep, services: ServicesDep, lang: LangDep
) -> HTMLResponse:
    """The columns of a file with the field of each, to be looked at. Raises NotFound."""
    sent = counter.desk.uploads.get(reading.upload, counter.asker.name)
    kind = _kind(reading.kind)
    path = counter.desk.uploads.path(sent.id)
    fields, problems = _columns(path, reading, kind, _book(request, services), lang)
    return page(
        request,
        "columns.html",
        sent=sent,
        reading=reading,
        fields=fields,
        problems=problems[:_PROBLEMS_SHOWN],
        more=max(0, len(problems) - _PROBLEMS_SHOWN),
        kind_word=message(f"register.kind_{kind}").in_(lang),
        choices=sorted((name, field_title(name, lang)) for name in known_fields(kind)),
        prefix=_COLUMN,
    )


def _kind(word: str) -> RecordKind:
    if word not in IMPORTABLE:
        raise InputError("import_kind_unknown", kind=word[:40], known=" ".join(IMPORTABLE))
    return RecordKind(word)


def _columns(
    path: Path, reading: Reading, kind: RecordKind, book: MappingBook, lang: Lang
) -> tuple[dict[str, str], list[str]]:
    """Every column as the sender's mapping or the table of columns knows it, and what is wrong.

    Where nothing is known a person says it; without columns the trial tells all that is wrong.
    """
    asked: dict[str, str] = {}
    for mapping in book.all():
        if (mapping.sender, mapping.kind) == (reading.sender, kind):
            asked = dict(mapping.fields)
    told = {"layer": reading.layer, "encoding": reading.encoding}
    try:
        found = proposal(path, reading.sender, kind, asked, **told)
    except InputError as error:
        return {}, [explain(error, lang)]
    return dict(found.mapping.fields), [problem.in_(lang) for problem in found.problems]


@router.post("/imports/try")
def try_import(
    request: Request, entries: FormDep, counter: CounterDep, services: ServicesDep
) -> Response:
    """Queue the trial: nothing is stored. A mapping is kept for its sender where that is asked."""
    reading = Reading(**{name: entries.get(name, "") for name in Reading().told})
    kind = _kind(reading.kind)
    counter.require(reading.upload)
    fields = {k.removeprefix(_COLUMN): v for k, v in entries.items() if k.startswith(_COLUMN)}
    book, sender = _book(request, services), reading.sender.strip()
    if entries.get("save") and sender:
        who, reason = counter.asker.name, entries.get("reason", "")
        book.save(sender, kind, fields, signer=who, reason=reason, now=services.clock())
    kept = any((m.sender, m.kind, m.fields) == (sender, kind, fields) for m in book.all())
    columns = {"mapping": {} if kept else fields}
    return _queued(request, counter, {**reading.told, **columns, "dry_run": True}, services)


def _queued(
    request: Request, counter: Counter, asked: dict[str, Any], services: Services
) -> RedirectResponse:
    """The job of an import, and the way to its page."""
    try:
        body = ImportBody(**asked)
    except ValueError as error:
        raise InputError("form_invalid", fields="crs, encoding, layer") from error
    order = {**body.model_dump(mode="json"), "today": services.today().isoformat()}
    answer = counter.take(JobKind.IMPORT, order)
    job_id = json.loads(bytes(answer.body))["id"]
    return _there(f"/imports/{job_id}", request)


def _import_of(desk: Any, asker: Any, job_id: str) -> Job:
    """The job of an import that the asker may see. Raises NotFound."""
    job = left_for(desk, asker, job_id)
    if job.order.kind is not JobKind.IMPORT:
        raise NotFound("job_not_found", job=job_id)
    return job


@router.get("/imports/{job_id}")
def import_page(
    request: Request, job_id: str, desk: JobDeskDep, asker: AskerDep, lang: LangDep
) -> HTMLResponse:
    """Where an import stands, and its report once it is there."""
    return _import_page(request, _import_of(desk, asker, job_id), desk, asker, lang)


def _import_page(  # noqa: PLR0917 - what a page is made of
    request: Request,
    job: Job,
    desk: JobDesk,
    asker: Asker,
    lang: Lang,
    refusal: GeoServiceError | None = None,
) -> HTMLResponse:
    asked = job.order.asked
    report: dict[str, Any] = {}
    if job.state is JobState.DONE:
        text = (desk.book.folder_of(job.id) / RESULT).read_text(encoding="utf-8")
        report = cast("dict[str, Any]", json.loads(text))
    return page(
        request,
        "import.html",
        status=200 if refusal is None else refusal.http_status,
        refusal="" if refusal is None else explain(refusal, lang),
        lay_word=lambda key: message(f"drafts.{key}").in_(lang),
        job=job,
        told=job_json(job, lang),
        asked=asked,
        sent_name=_sent_name(desk, job),
        report=report,
        issues_shown=ISSUES_SHOWN,
        kind_word=message(f"register.kind_{asked['kind']}").in_(lang),
        level_word=lambda level: message(f"import.level_{level}").in_(lang),
        field_title=lambda name: field_title(name, lang),
        own=job.order.who == asker.name,
        alone=stores_alone(asker, asked["kind"]),
    )


def _sent_name(desk: Any, job: Job) -> str:
    try:
        return str(desk.uploads.get(job.order.asked["upload"], job.order.who).name)
    except NotFound:
        return ""


@router.post("/imports/{job_id}/confirm")
def confirm_import(
    request: Request, job_id: str, entries: FormDep, counter: CounterDep, services: ServicesDep
) -> Response:
    """What was tried is now stored, as a job of its own. The same trial is stored once."""
    del entries  # read and checked; it tells nothing
    job = _import_of(counter.desk, counter.asker, job_id)
    if job.order.who != counter.asker.name or job.state is not JobState.DONE:
        raise NotFound("job_not_found", job=job_id)
    asked = {k: v for k, v in job.order.asked.items() if k != "today"}
    return _queued(request, counter, {**asked, "dry_run": False}, services)


@router.post("/imports/{job_id}/lay", dependencies=[internal_only], response_model=None)
def lay_import(
    *,
    request: Request,
    job_id: str,
    entries: FormDep,
    counter: CounterDep,
    services: ServicesDep,
    lang: LangDep,
) -> Response:
    """Lay a tried file before another person and lead to its draft; a refusal is told here."""
    job = _import_of(counter.desk, counter.asker, job_id)
    told = {name: entries.get(name, "") for name in ("reason", "document_no")}
    try:
        kept = lay_tried(services, counter.desk, counter.asker, job.id, **told)
    except GeoServiceError as error:
        if error.http_status >= 500:
            raise
        return _import_page(request, job, counter.desk, counter.asker, lang, error)
    return _there(f"/drafts/{kept.draft.id}", request)


@router.post("/imports/{job_id}/cancel")
def cancel_import(request: Request, job_id: str, entries: FormDep, counter: CounterDep) -> Response:
    """Stop a job that waits or runs. Raises Conflict where it has ended or is writing."""
    del entries
    job = _import_of(counter.desk, counter.asker, job_id)
    if job.order.who != counter.asker.name:
        raise NotFound("job_not_found", job=job_id)
    counter.desk.book.cancel(job.id)
    counter.desk.runner.wake()
    return _there(f"/imports/{job.id}", request)
