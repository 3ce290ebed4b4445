"""Two copies of the same lines beside each other: sent, compared as a job, and swiped over."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from geo_service.api.asking import CounterDep, JobDeskDep, job_for, job_json
from geo_service.api.audience import AskerDep
from geo_service.api.deps import LangDep, ServicesDep, needs
from geo_service.api.exchange import takes_upload
from geo_service.api.job_schemas import BoundaryCompareBody
from geo_service.domain.access import Right
from geo_service.errors import NotFound
from geo_service.jobs.job import REGISTER, JobKind, JobState
from geo_service.jobs.work import RESULT
from geo_service.maps.offline import vendored_assets
from geo_service.maps.style import style
from geo_service.messages import message
from geo_service.pages.record_words import field_title, value_text
from geo_service.pages.render import INTERNAL_MAP, onward, page
from geo_service.pages.sending import take_files
from geo_service.pages.upload import FormDep
from geo_service.services.wording import BOUNDARIES

if TYPE_CHECKING:
    from geo_service.api.asking import Counter
    from geo_service.domain.text import Lang
    from geo_service.jobs.desk import JobDesk
    from geo_service.jobs.job import Job
    from geo_service.pages.sending import Sent

router = APIRouter(
    include_in_schema=False,
    default_response_class=HTMLResponse,
    dependencies=[needs(Right.BOUNDARY_CHECK), INTERNAL_MAP],
)
HOME = "/boundaries/compare"
STRETCHES_SHOWN = 300
_LISTED = 20
_SWIPE = "swipe.json"
_WORDS = ("loading", "failed", "slider_value")
"""What the script of the map says."""
_Json = dict[str, Any]


def _say(lang: Lang) -> Any:
    return lambda key, **facts: message(f"copies.{key}", **facts).in_(lang)


def _form_page(request: Request, counter: Counter, lang: Lang, sent: Sent | None) -> HTMLResponse:
    asked = [JobKind.BOUNDARY_COMPARE]
    jobs = counter.desk.book.list(who=counter.asker.name, kinds=asked, limit=_LISTED)
    faults = {} if sent is None else sent.faults
    return page(
        request,
        "copies_form.html",
        status=400 if faults else 200,
        faults=faults,
        entries={} if sent is None else sent.entries,
        jobs=[(job, job_json(job, lang), _names(counter.desk, job, lang)) for job in jobs],
        max_mb=request.app.state.settings.upload_mb,
        max_length=100,
        compare_word=lambda key: message(f"compare.{key}").in_(lang),
        w=_say(lang),
    )


@router.get(HOME)
def copies_form(request: Request, counter: CounterDep, lang: LangDep) -> HTMLResponse:
    """The form in which two copies are handed in, and what was compared before."""
    return _form_page(request, counter, lang, None)


@router.post(HOME)
@takes_upload
async def send_copies(
    request: Request, counter: CounterDep, services: ServicesDep, lang: LangDep
) -> Response:
    """Keep the files and queue the comparison; what is wrong is told in the form."""
    sent = await take_files(request, counter, ["file_a", "file_b"])
    asked = _asked(sent)
    if sent.faults:
        return await run_in_threadpool(lambda: _form_page(request, counter, lang, sent))
    days = {"as_of": asked.pop("as_of") or str(services.today()), "today": str(services.today())}
    answer = await run_in_threadpool(
        lambda: counter.take(JobKind.BOUNDARY_COMPARE, {**asked, **days})
    )
    to = f"{HOME}/{json.loads(bytes(answer.body))['id']}"
    return onward(request, to)


def _asked(sent: Sent) -> _Json:
    """What the job is asked; what cannot be read is noted as a fault of its field."""
    entries = {key: value.strip() for key, value in sent.entries.items()}
    whose = {"b": "file_b"} | ({} if entries.get("of_a") == REGISTER else {"a": "file_a"})
    for name in whose.values():
        sent.missing(name)
    asked: _Json = {"as_of": entries.get("as_of", "")}
    for side in ("a", "b"):
        kept = sent.files.get(whose.get(side, ""))
        asked[side] = {
            "upload": REGISTER if kept is None else kept.id,
            "crs": entries.get(f"crs_{side}", "")[:100],
            "encoding": "",
        }
    try:
        if asked["as_of"]:
            date.fromisoformat(asked["as_of"])
    except ValueError:
        sent.faults["as_of"] = message("pages.fault_as_of")
    try:
        told: _Json = {"scale": int(entries["scale"])} if entries.get("scale") else {}
        asked["scale"] = BoundaryCompareBody(a=asked["a"], b=asked["b"], **told).scale
    except ValueError:  # no number, or one that is refused
        sent.faults["scale"] = message("copies.fault_scale")
    return asked


def _names(desk: JobDesk, job: Job, lang: Lang) -> tuple[str, str]:
    """What the two copies are called: the names of the files, or the register."""
    return _name(desk, job, "a", lang), _name(desk, job, "b", lang)


def _name(desk: JobDesk, job: Job, side: str, lang: Lang) -> str:
    upload = job.order.asked[side]["upload"]
    if upload == REGISTER:
        return message("copies.of_register").in_(lang)
    try:
        return desk.uploads.get(upload, job.order.who).name
    except NotFound:
        return message("copies.file_gone").in_(lang)


def _comparison(desk: JobDesk, asker: Any, job_id: str) -> Job:
    """The job of a comparison that the asker may see. Raises NotFound."""
    job = job_for(desk, asker, job_id)
    if job.order.kind is not JobKind.BOUNDARY_COMPARE:
        raise NotFound("job_not_found", job=job_id)
    return job


@router.get(f"{HOME}/{{job_id}}")
def copies_page(
    request: Request, job_id: str, desk: JobDeskDep, asker: AskerDep, lang: LangDep
) -> HTMLResponse:
    """Where a comparison stands; its differences and the map once they are there."""
    job = _comparison(desk, asker, job_id)
    told = job_json(job, lang)
    report, drawn = _read(desk, job, RESULT), _read(desk, job, _SWIPE)
    assets = vendored_assets()
    shown = page(
        request,
        "copies.html",
        job=job,
        told=told,
        files={file["name"]: file["href"] for file in told["files"]},
        names=_names(desk, job, lang),
        report=report,
        drawn=drawn,
        kinds=_kinds(report, lang),
        stretches=drawn["stretches"]["features"] if drawn else [],
        stretches_shown=STRETCHES_SHOWN,
        family=BOUNDARIES,
        looks=style(),
        script_words={
            **{word: message(f"copies.{word}").in_(lang) for word in _WORDS},
            **{word: message(f"compare.{word}").in_(lang) for word in ("chainage", "largest")},
        },
        leaflet={"js": assets.url("leaflet"), "css": assets.url("leaflet_css")},
        field_title=lambda name: field_title(name, lang),
        value_text=lambda name, value: value_text(name, value, lang),
        own=job.order.who == asker.name,
        compare_word=lambda key: message(f"compare.{key}").in_(lang),
        w=_say(lang),
    )
    if job.state.ended and "hx-request" in request.headers:
        shown.headers["HX-Refresh"] = "true"  # the map needs its scripts: a part will not do
    return shown


def _read(desk: JobDesk, job: Job, name: str) -> _Json:
    """A result of the job, empty where there is none."""
    if job.state is not JobState.DONE or name not in job.files:
        return {}
    text = (desk.book.folder_of(job.id) / name).read_text(encoding="utf-8")
    read: _Json = json.loads(text)
    return read


def _kinds(report: _Json, lang: Lang) -> list[tuple[str, int, str]]:
    """The kinds of differences with their counts, and where each is listed on the page."""
    if report.get("status") != "compared":
        return []
    lines = report["lines"]
    parted = [one for line in lines for one in (line["measured"] or {}).get("departures", ())]
    counts = {
        "departures": (sum(not one["alone"] for one in parted), "#stretches"),
        "alone": (sum(one["alone"] for one in parted), "#stretches"),
        "attributes": (sum(len(line["differences"]) for line in lines), "#attributes"),
        "only_a": (len(report["only_a"]), "#lines"),
        "only_b": (len(report["only_b"]), "#lines"),
        "not_drawn": (sum(line["measured"] is None for line in lines), "#lines"),
    }
    say = _say(lang)
    return [(say(f"kind_{key}"), count, where) for key, (count, where) in counts.items()]


@router.post(f"{HOME}/{{job_id}}/cancel")
def cancel_comparison(
    request: Request, job_id: str, entries: FormDep, counter: CounterDep
) -> Response:
    """Stop a comparison that waits or runs. Raises Conflict where it has ended."""
    del entries
    job = _comparison(counter.desk, counter.asker, job_id)
    if job.order.who != counter.asker.name:
        raise NotFound("job_not_found", job=job_id)
    counter.desk.book.cancel(job.id)
    counter.desk.runner.wake()
    return onward(request, f"{HOME}/{job.id}")
