"""Exports over HTTP: records of the register as a file, made by a job."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from geo_service.api.asking import ACCEPTED, CounterDep
from geo_service.api.deps import ServicesDep
from geo_service.api.job_schemas import ExportBody, JobBody
from geo_service.api.moments import told
from geo_service.api.rights import needs
from geo_service.domain.access import Right
from geo_service.errors import InputError
from geo_service.geometry.crs import read_crs
from geo_service.jobs.job import JobKind
from geo_service.jobs.work.exporting import REGISTER

router = APIRouter(prefix="/api/v1/exports", tags=["exports"])
_FORMATS = ("gpkg", "geojson", "csv", "xlsx", "kml", "parquet", "gdb.zip")
_OF_NAMES = (*_FORMATS, "jsonld")
_EXCHANGED = ("shp.zip", "gpkg", "geojson", "csv", "xlsx")


@router.post(
    "",
    dependencies=[needs(Right.EXPORT_RUN)],
    status_code=202,
    response_model=JobBody,
    responses=ACCEPTED,
    summary="导出记录 / export records",
)
def start_export(body: ExportBody, services: ServicesDep, counter: CounterDep) -> Any:
    """Write records as a file, for internal use, as `geo-service export` does.

    The job leaves one file named after kind and format. Records that the asker may not see are not
    in it.
    """
    known = _formats(body)
    if body.format not in known:
        raise InputError("export_format", kind=body.kind, format=body.format, known=" ".join(known))
    read_crs(body.crs)
    asked = {
        **body.model_dump(mode="json", exclude={"as_of", "known_at"}),
        "as_of": (body.as_of or services.today()).isoformat(),
        "known_at": told(body.known_at),
    }
    return counter.take(JobKind.EXPORT, asked)


def _formats(body: ExportBody) -> tuple[str, ...]:
    if body.kind == REGISTER:
        return ("gpkg",)
    if body.fields:
        return _EXCHANGED
    return _OF_NAMES if body.kind == "place-names" else _FORMATS
