"""Names over HTTP: may this name stand, and which names there are."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from geo_service.api.asking import ACCEPTED, CounterDep
from geo_service.api.deps import LangDep, Services, ServicesDep, needs
from geo_service.api.job_schemas import JobBody, NameFileBody
from geo_service.api.moments import KnownAtQuery, told
from geo_service.api.schemas import (
    MAX_BATCH,
    BatchBody,
    BatchRowBody,
    NameBatchBody,
    NameCheckBody,
    PlaceBody,
    SearchBody,
    VerdictBody,
    problem_answers,
)
from geo_service.api.values import Day
from geo_service.domain.access import Right
from geo_service.domain.identity import DivisionCode
from geo_service.domain.proposal import NOTHING_TOLD, FeatureFacts
from geo_service.errors import InputError
from geo_service.jobs.job import JobKind
from geo_service.jobs.work.name_lists import row_json
from geo_service.messages import message
from geo_service.services.name_batch import answered, batch_at, batch_json
from geo_service.services.name_sheet import NameRow
from geo_service.services.name_states import stated
from geo_service.services.names import NameRequest, check_name, checked_name
from geo_service.services.register_then import as_known
from geo_service.services.search import MAX_LIMIT, SearchRequest, search, search_json
from geo_service.services.searching.index import NameIndex
from geo_service.services.wire import verdict_json

if TYPE_CHECKING:
    from geo_service.domain.finding import Verdict
    from geo_service.store.protocol import Store

router = APIRouter(prefix="/api/v1/names", tags=["names"])


def verdict_of(
    request: NameRequest,
    services: Services,
    *,
    use_register: bool,
    known_at: datetime | None = None,
) -> Verdict:
    """The verdict on a request, put beside the register unless told not to.

    Findings have the states that the register keeps of them; with `known_at` all is told as the
    register knew it then.
    """
    store = _then(services.store, known_at) if use_register else None
    verdict = check_name(request, services.city, store, services.restricted)
    return verdict if store is None else stated(verdict, request, services.city, store)


def _then(store: Store, known_at: datetime | None) -> Store:
    return store if known_at is None else as_known(store, known_at)


def request_of(body: PlaceBody, name: str, as_of: date, replaces: str = "") -> NameRequest:
    """What a body asks. Raises InputError for a unit or a former name that cannot be one."""
    return NameRequest(
        name=name,
        feature_type=body.feature_type,
        standing=body.status,
        as_of=as_of,
        position=None if body.position is None else (body.position.lon, body.position.lat),
        unit_code=None if body.unit_code is None else DivisionCode.parse(body.unit_code),
        replaces=checked_name(replaces) if replaces else "",
        facts=NOTHING_TOLD if body.facts is None else FeatureFacts(**body.facts.model_dump()),
    )


@router.post(
    "/check",
    dependencies=[needs(Right.NAME_CHECK)],
    response_model=VerdictBody,
    responses=problem_answers(400, 413, 422, 503),
    summary="检查一个地名 / check one name",
)
def check(body: NameCheckBody, services: ServicesDep, lang: LangDep) -> Any:
    """Check a name against the rules in force on a day, and against the names of the register.

    The same answer as `geo-service name check --json`. Advice for reviewers, never a decision.
    """
    asked = request_of(body, body.name, body.as_of or services.today(), body.replaces)
    verdict = verdict_of(asked, services, use_register=body.use_register, known_at=body.known_at)
    return JSONResponse(verdict_json(verdict, lang))


def _row(number: int, body: BatchRowBody, as_of: date) -> NameRow:
    try:
        return NameRow(number, request_of(body, body.name, as_of, body.replaces))
    except InputError as error:
        return NameRow(number, None, message(f"errors.{error.code}", **error.context))


@router.post(
    "/check-batch",
    dependencies=[needs(Right.NAME_CHECK)],
    response_model=BatchBody,
    responses={**ACCEPTED, **problem_answers(400, 413, 422, 503)},
    summary="检查一批地名 / check many names",
)
def check_batch(
    body: NameBatchBody, services: ServicesDep, lang: LangDep, counter: CounterDep
) -> Any:
    """Check names as `/check` does, each also against the others of the same request.

    A name that cannot be checked says why in its own answer and stops no other. More than 500
    names are answered with 202 and a job, whose result is the same answer.
    """
    as_of = body.as_of or services.today()
    rows = [_row(number, row, as_of) for number, row in enumerate(body.names, start=1)]
    if len(rows) > MAX_BATCH:
        asked = {"rows": [row_json(row) for row in rows], "register": body.use_register}
        asked["known_at"] = told(body.known_at)
        return counter.take(JobKind.NAME_BATCH, asked)
    store = services.store if body.use_register else None
    batch = batch_at(services.city, store, services.restricted, body.known_at)
    return JSONResponse(batch_json(answered(rows, batch), lang))


@router.post(
    "/check-file",
    dependencies=[needs(Right.NAME_CHECK)],
    status_code=202,
    response_model=JobBody,
    responses=ACCEPTED,
    summary="检查地名表 / check a sheet of names",
)
def check_file(body: NameFileBody, services: ServicesDep, counter: CounterDep) -> Any:
    """Check an uploaded sheet row by row: the same rows come back with their verdicts.

    The job leaves the sheet and `verdicts.jsonl`, as `geo-service name check-file --keep` does.
    """
    counter.require(body.upload)
    today = services.today()
    asked = {
        "upload": body.upload,
        "feature_type": body.feature_type and body.feature_type.value,
        "encoding": body.encoding,
        "register": body.use_register,
        "as_of": str(body.as_of or today),
        "today": str(today),
        "format": body.format,
    }
    return counter.take(JobKind.NAME_FILE, asked)


def _near(value: str | None) -> tuple[float, float] | None:
    if value is None:
        return None
    try:
        lon, lat = map(float, value.split(","))
    except ValueError as error:
        raise InputError("parameter_unreadable", name="near", form="120.38,36.07") from error
    return lon, lat


@router.get(
    "/search",
    dependencies=[needs(Right.CONTENT_READ)],
    response_model=SearchBody,
    responses=problem_answers(400, 422, 503),
    summary="查找地名 / search the names",
)
def search_names(
    *,
    services: ServicesDep,
    lang: LangDep,
    q: Annotated[str, Query(description="汉字、拼音或首字母 / characters, pinyin, initials")] = "",
    near: Annotated[str | None, Query(description="经度,纬度：近者在前 / LON,LAT")] = None,
    unit: Annotated[str | None, Query(description="只查该区划内 / names in this unit")] = None,
    as_of: Annotated[Day | None, Query(description="该日有效 / in force on that day")] = None,
    known_at: KnownAtQuery = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 20,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Any:
    """Find names by characters, sound, initials or place, best first, each with the reason why.

    The same answer as `geo-service name search --json`. A change of the register is seen at once.
    """
    request = SearchRequest(
        q,
        as_of or services.today(),
        _near(near),
        None if unit is None else DivisionCode.parse(unit),
        limit,
        offset,
    )
    index, store = services.name_index, services.store
    if known_at is not None:
        store = as_known(store, known_at)
        index = NameIndex(store)  # of that moment alone: few ask, and none waits for it but them
    return JSONResponse(search_json(search(request, index, store), lang))
