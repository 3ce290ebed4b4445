"""Which request follows which answer: the links of the OpenAPI description.

A program that reads the description learns from them that the id of a job goes into the address
of its result; those who try sequences of requests begin here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from geo_service.services.tiles.matrices import WEB_MERCATOR_QUAD

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = dict[str, Any]

_V1 = "/api/v1"
_OGC = "/ogc/collections"
_JOB, _UPLOADS = f"{_V1}/jobs/{{job_id}}", f"{_V1}/uploads"
_RECORD = f"{_V1}/register/{{collection}}/{{record_id}}"
_FINDING, _CHECK = f"{_V1}/findings/{{finding_id}}", f"{_V1}/names/checks/{{check_id}}"
_ITEMS, _TILES = f"{_OGC}/{{collectionId}}/items", f"{_OGC}/{{collectionId}}/tiles"
_SET = "/tiles/{tileMatrixSetId}"
_ACCEPTED = "202"
_BODY = "$response.body#"


@dataclass(frozen=True, slots=True)
class Way:
    """From the good answer of one operation to another one, with what the answer tells it."""

    source: str
    target: str
    given: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


def _ways(source: str, targets: tuple[str, ...], given: Mapping[str, str]) -> list[Way]:
    return [Way(source, target, given) for target in targets]


_OF_JOB = (f"GET {_JOB}", f"POST {_JOB}/cancel", f"GET {_JOB}/result", f"DELETE {_JOB}")
_OF_RECORD = (f"GET {_RECORD}", f"GET {_RECORD}/history", f"GET {_RECORD}/lineage")
_OF_FINDING = tuple(f"POST {_FINDING}/{deed}" for deed in ("confirm", "waive", "withdraw"))
_DRAFT = f"{_V1}/drafts/{{draft_id}}"
_OF_DRAFT = (
    f"GET {_DRAFT}/history",
    *(f"POST {_DRAFT}/{deed}" for deed in ("submit", "withdraw", "reject", "approve")),
)
_OF_CHECK = (f"GET {_CHECK}", f"POST {_CHECK}/replay")
_OF_COLLECTION = tuple(
    f"GET {_OGC}/{{collectionId}}{part}"
    for part in ("", "/items", "/queryables", "/schema", "/tiles")
)
_SENT = f"{_BODY}/id"
_PLACE = "/{tileMatrix}/{tileRow}/{tileCol}"
_FIRST_TILE = {
    "tileMatrixSetId": "$request.path.tileMatrixSetId",
    "tileMatrix": f"{_BODY}/tileMatrixSetLimits/0/tileMatrix",
    "tileRow": f"{_BODY}/tileMatrixSetLimits/0/minTileRow",
    "tileCol": f"{_BODY}/tileMatrixSetLimits/0/minTileCol",
}
WAYS: tuple[Way, ...] = (
    *_ways(f"GET {_V1}/jobs", _OF_JOB, {"job_id": f"{_BODY}/jobs/0/id"}),
    *_ways(f"GET {_JOB}", _OF_JOB[1:], {"job_id": "$request.path.job_id"}),
    Way(
        f"GET {_JOB}",
        f"GET {_JOB}/files/{{name}}",
        {"job_id": "$request.path.job_id", "name": f"{_BODY}/files/0/name"},
    ),
    *_ways(f"POST {_JOB}/cancel", (_OF_JOB[0], _OF_JOB[3]), {"job_id": "$request.path.job_id"}),
    Way(f"POST {_UPLOADS}", f"DELETE {_UPLOADS}/{{upload_id}}", {"upload_id": _SENT}),
    Way(f"POST {_UPLOADS}", f"POST {_V1}/imports", body={"upload": _SENT, "kind": "units"}),
    Way(f"POST {_UPLOADS}", f"POST {_V1}/names/check-file", body={"upload": _SENT}),
    Way(f"POST {_UPLOADS}", f"POST {_V1}/boundaries/check", body={"files": [_SENT]}),
    Way(
        f"POST {_UPLOADS}",
        f"POST {_V1}/boundaries/compare",
        body={"a": {"upload": _SENT}, "b": {"upload": _SENT}},
    ),
    Way(
        f"GET {_UPLOADS}",
        f"DELETE {_UPLOADS}/{{upload_id}}",
        {"upload_id": f"{_BODY}/uploads/0/id"},
    ),
    *_ways(
        f"GET {_V1}/register/{{collection}}",
        _OF_RECORD,
        {"collection": "$request.path.collection", "record_id": f"{_BODY}/records/0/id"},
    ),
    *_ways(
        f"GET {_RECORD}",
        _OF_RECORD[1:],
        {"collection": "$request.path.collection", "record_id": "$request.path.record_id"},
    ),
    *_ways(
        f"GET {_V1}/names/search",
        _OF_RECORD,
        {"collection": f"{_BODY}/hits/0/kind", "record_id": f"{_BODY}/hits/0/id"},
    ),
    *_ways(
        f"GET {_V1}/findings",
        (f"GET {_FINDING}", *_OF_FINDING),
        {"finding_id": f"{_BODY}/findings/0/id"},
    ),
    *_ways(f"GET {_FINDING}", _OF_FINDING, {"finding_id": "$request.path.finding_id"}),
    *_ways(
        f"POST {_FINDING}/waive",
        (f"POST {_FINDING}/withdraw",),
        {"finding_id": "$request.path.finding_id"},
    ),
    *_ways(f"POST {_V1}/names/checks", _OF_CHECK, {"check_id": _SENT}),
    *_ways(f"GET {_V1}/names/checks", _OF_CHECK, {"check_id": f"{_BODY}/checks/0/id"}),
    Way(f"GET {_V1}/rules", f"GET {_V1}/rules/{{rule_id}}", {"rule_id": f"{_BODY}/rules/0/id"}),
    Way(
        f"GET {_V1}/audit/anchor", f"POST {_V1}/audit/verify", body={"anchors": ["$response.body"]}
    ),
    Way(
        f"GET {_V1}/audit/log",
        f"GET {_V1}/audit/log",
        {"cursor": f"{_BODY}/next_cursor"},
    ),
    Way(
        f"GET {_V1}/reconcile/suggest/entity",
        f"GET {_V1}/reconcile/preview",
        {"id": f"{_BODY}/result/0/id"},
    ),
    *_ways(f"GET {_OGC}", _OF_COLLECTION, {"collectionId": f"{_BODY}/collections/0/id"}),
    *_ways(f"GET {_OGC}/{{collectionId}}", _OF_COLLECTION[1:], {"collectionId": f"{_BODY}/id"}),
    Way(
        f"GET {_ITEMS}",
        f"GET {_ITEMS}/{{featureId}}",
        {
            "collectionId": "$request.path.collectionId",
            "featureId": f"{_BODY}/features/0/id",
        },
    ),
    *_ways(
        f"GET {_ITEMS}/{{featureId}}",
        (f"PUT {_ITEMS}/{{featureId}}", f"DELETE {_ITEMS}/{{featureId}}"),
        {
            "collectionId": "$request.path.collectionId",
            "featureId": "$request.path.featureId",
            "If-Match": "$response.header.ETag",
        },
    ),
    Way(
        f"POST {_ITEMS}",
        f"GET {_ITEMS}/{{featureId}}",
        {"collectionId": "$request.path.collectionId", "featureId": _SENT},
    ),
    *_ways(f"POST {_V1}/drafts", (f"GET {_DRAFT}", *_OF_DRAFT), {"draft_id": _SENT}),
    *_ways(
        f"GET {_V1}/drafts", (f"GET {_DRAFT}", *_OF_DRAFT), {"draft_id": f"{_BODY}/drafts/0/id"}
    ),
    *_ways(f"GET {_DRAFT}", _OF_DRAFT, {"draft_id": "$request.path.draft_id"}),
    *_ways(f"POST {_DRAFT}/submit", _OF_DRAFT, {"draft_id": "$request.path.draft_id"}),
    *_ways(
        "GET /ogc/tileMatrixSets",
        (
            "GET /ogc/tileMatrixSets/{tileMatrixSetId}",
            f"GET /ogc{_SET}",
            f"GET /ogc{_SET}/tilejson.json",
        ),
        {"tileMatrixSetId": f"{_BODY}/tileMatrixSets/0/id"},
    ),
    *_ways(
        f"GET {_TILES}",
        (f"GET {_OGC}/{{collectionId}}{_SET}", f"GET {_OGC}/{{collectionId}}{_SET}/tilejson.json"),
        {"collectionId": "$request.path.collectionId", "tileMatrixSetId": WEB_MERCATOR_QUAD},
    ),
    Way(f"GET /ogc{_SET}", f"GET /ogc{_SET}{_PLACE}", _FIRST_TILE),
    Way(
        f"GET {_OGC}/{{collectionId}}{_SET}",
        f"GET {_OGC}/{{collectionId}}{_SET}{_PLACE}",
        {"collectionId": "$request.path.collectionId", **_FIRST_TILE},
    ),
)


def _operation(paths: Json, told: str) -> Json:
    method, _, path = told.partition(" ")
    found: Json = paths[path][method.lower()]
    return found


def _good(operation: Json) -> Json:
    status = min(status for status in operation["responses"] if status.startswith("2"))
    answer: Json = operation["responses"][status]
    return answer


def _joined(answer: Json, target: Json, given: Mapping[str, str], body: Any) -> None:
    link: Json = {"operationId": target["operationId"]}
    if given:
        link["parameters"] = dict(given)
    if body is not None:
        link["requestBody"] = body
    answer.setdefault("links", {})[target["operationId"]] = link


def add_links(paths: Json) -> None:
    """Write the links into the paths of a description; every 202 leads to its job.

    Raises KeyError for a way from or to an operation that is not described: a slip of ours.
    """
    for way in WAYS:
        target = _operation(paths, way.target)
        _joined(_good(_operation(paths, way.source)), target, way.given, way.body)
    for methods in paths.values():
        for operation in methods.values():
            if _ACCEPTED in operation["responses"]:
                answer = operation["responses"][_ACCEPTED]
                for told in _OF_JOB:
                    _joined(answer, _operation(paths, told), {"job_id": _SENT}, None)
