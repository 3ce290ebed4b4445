"""OGC API – Features, Part 4 (a draft standard): create, replace, update, delete of drafts.

Plain collections are for reading. What is sent here becomes a draft that another person decides on;
nothing of the register changes by it.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from geo_service.api.audience import asker_of
from geo_service.api.deps import language_of, reads_parameters, services_of
from geo_service.api.ogc import describing, negotiation, serving
from geo_service.api.ogc.negotiation import GEOJSON
from geo_service.api.ogc.parameters import read_pairs
from geo_service.api.ogc.routing import router
from geo_service.api.problems import Problem, problem_of, problem_response
from geo_service.domain.draft import RECORD_ACTS
from geo_service.errors import Conflict, GeoServiceError, InputError, NotFound
from geo_service.messages import message
from geo_service.services.drafts.collections import VERSION, kind_of
from geo_service.services.drafts.desk import DraftDesk, wrote
from geo_service.services.drafts.intake import merged, proposal_of
from geo_service.services.drafts.kinds import require
from geo_service.services.drafts.reading import draft_of
from geo_service.services.serving.snapshot import Snapshot
from geo_service.services.serving.sources import Served
from geo_service.services.serving.systems import CRS84, system

if TYPE_CHECKING:
    from geo_service.api.deps import Services
    from geo_service.domain.access import Asker
    from geo_service.domain.text import Text
    from geo_service.services.drafts.intake import Taken
    from geo_service.services.drafts.kinds import DraftKind
    from geo_service.services.drafts.reading import Kept
    from geo_service.services.serving.collections import Collection
    from geo_service.services.serving.systems import System

ITEMS = "/collections/{collectionId}/items"
ITEM = ITEMS + "/{featureId:path}"
READING = ("GET", "HEAD", "OPTIONS")
MERGE_PATCH = "application/merge-patch+json"
_FEATURES = (GEOJSON, "application/json")
_PARAMETERS = frozenset({"lang"})
_TAG = re.compile(r'"([1-9][0-9]{0,8})-[0-9a-f]+"')
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_DRAFT_ID = re.compile(r"D-[0-9a-f]{16}")
_IN_BODY = re.compile(r"^[^,\s]+")


@dataclass(frozen=True, slots=True)
class Edit:
    """A request to write into a collection of drafts, as far as it does not need its body."""

    collection: Collection
    of: DraftKind
    asker: Asker
    services: Services
    system: System

    @property
    def desk(self) -> DraftDesk:
        """The desk over the register as it is now."""
        made = self.services
        return DraftDesk(made.store, made.city, made.today(), made.restricted)


def allowed_of_items(request: Request) -> tuple[str, ...]:
    """The methods that the asker may use on a collection; nothing is touched by asking."""
    of = kind_of(serving.collection_of(request))
    may = of is not None and asker_of(request).may(of.draft_right)
    return (*READING, "POST") if may else READING


def allowed_of_item(request: Request) -> tuple[str, ...]:
    """The methods that the asker may use on a feature, or on any, where there is no such one."""
    of, asker = kind_of(serving.collection_of(request)), asker_of(request)
    if of is None or not asker.may(of.draft_right):
        return READING
    try:
        draft = _draft(services_of(request), of, request.path_params["featureId"]).draft
    except NotFound:
        return (*READING, "PUT", "PATCH", "DELETE")
    return (*READING, "PUT", "PATCH", *(("DELETE",) if wrote(draft, asker) else ()))


def _edit(request: Request) -> Edit:
    """Raises InputError `collection_read_only` and for unknown parameters or systems, Forbidden."""
    wanted, asker = serving.collection_of(request), asker_of(request)
    read_pairs(serving.query_of(request), _PARAMETERS)
    of = kind_of(wanted)
    if of is None:
        raise InputError("collection_read_only", collection=wanted.id)
    require(asker, of.draft_right)
    services = services_of(request)
    given = request.headers.get("content-crs", f"<{CRS84}>").strip()
    uri = given[1:-1] if given.startswith("<") and given.endswith(">") else given
    return Edit(wanted, of, asker, services, system(uri, services.city.plane_epsg, "Content-Crs"))


def _draft(services: Services, of: DraftKind, draft_id: str) -> Kept:
    """An open draft of the collection. Raises NotFound."""
    if _DRAFT_ID.fullmatch(draft_id):
        kept = draft_of(services.store, draft_id)
        is_of_record = kept.draft.act in RECORD_ACTS and kept.draft.state.is_open
        if is_of_record and kept.draft.target_kind == of.kind.value:
            return kept
    raise NotFound("draft_unknown", draft=draft_id[:80])


def _require_type(request: Request, *known: str) -> None:
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in known:
        raise InputError("media_type_unsupported", known=", ".join(known))


def _refuse_constant(text: str) -> None:
    raise ValueError(text)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InputError("json_malformed") from error


def _object(body: bytes) -> dict[str, Any]:
    found = _json(body)
    if not isinstance(found, dict):
        raise InputError("draft_feature_malformed", field="type")
    return found


def _version_seen(request: Request, kept: Kept) -> int:
    """The version of If-Match. Raises InputError `precondition_needed`, also for one that names
    none (`*`), Conflict `precondition_failed` for what is no tag of ours.
    """
    given = request.headers.get("if-match", "").strip()
    if not given or given == "*":
        raise InputError("precondition_needed")
    tags = [_TAG.fullmatch(part.strip()) for part in given.split(",")]
    known = [int(tag[1]) for tag in tags if tag is not None]
    if not known:
        raise Conflict("precondition_failed", actual=kept.version)
    return max(known)


def written(collection: Collection, kept: Kept, system: System) -> bytes:
    """A draft as a feature, as it is served."""
    feature = Served(kept.draft.id, kept.draft.geometry, kept)
    (body,) = Snapshot.of(collection, [feature]).written([0], system)
    return body


def tag_of(version: object, body: bytes) -> str:
    """A strong tag of a draft as it is answered: its version, and what was written of it."""
    return f'"{version}-{blake2b(body, digest_size=6).hexdigest()}"'


def sent(version: object, body: bytes, system: System, status: int = 200, **more: str) -> Response:
    """A draft as answer, never packed: its tag is of these very bytes."""
    headers = {"ETag": tag_of(version, body), "Content-Crs": f"<{system.uri}>"}
    headers |= {"Vary": "Accept, Accept-Language", **more}
    return Response(body, status, headers, GEOJSON)


def _answer(
    request: Request, edit: Edit, kept: Kept, notes: tuple[Text, ...], status: int = 200
) -> Response:
    lang = language_of(request)
    base = f"{negotiation.base_of(request)}/collections/{edit.collection.id}"
    own = f"{base}/items/{kept.draft.id}"
    links = [
        negotiation.link(own, "self", GEOJSON, None, lang),
        negotiation.link(base, "collection", negotiation.JSON, edit.collection.title, lang),
    ]
    told = {"links": links, "notes": [note.in_(lang) for note in notes]}
    rest = json.dumps(told, ensure_ascii=False).encode()[1:]
    body = b"".join((written(edit.collection, kept, edit.system)[:-1], b",", rest))
    more = {"Location": own} if status == 201 else {}
    return sent(kept.version, body, edit.system, status, **more)


def _take(edit: Edit, feature: dict[str, Any], kept: Kept | None, **more: Any) -> Taken:
    standing: dict[str, Any] = {}
    if kept is not None:
        standing = {field.name: field.read(kept) for field in edit.collection.fields}
    city, today = edit.services.city, edit.services.today()
    told = {"city": city, "today": today, "standing": standing, **more}
    return proposal_of(feature, edit.of, edit.system, **told)


def _new_id(request: Request, edit: Edit) -> tuple[str, bool]:
    """The id of a new draft: the same for a request that is sent again under its key."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return f"D-{secrets.token_hex(8)}", False
    if not _KEY.fullmatch(key):
        raise InputError("idempotency_key_malformed")
    told = f"{edit.asker.name}\n{edit.collection.id}\n{key}".encode()
    return f"D-{blake2b(told, digest_size=8).hexdigest()}", True


def _create(request: Request, body: bytes) -> Response:
    edit = _edit(request)
    _require_type(request, *_FEATURES)
    feature = _object(body)
    taken = _take(edit, feature, None)
    notes = taken.notes
    if feature.get("id") is not None:
        notes = (*notes, message("drafts.id_ours"))
    draft_id, again = _new_id(request, edit)
    kept = edit.desk.proposed_before(draft_id, taken.proposal) if again else None
    if kept is None:
        try:
            kept = edit.desk.propose(draft_id, taken.proposal, edit.asker)
        except Conflict as error:
            if not again or error.code != "version_stale":
                raise
            kept = edit.desk.proposed_before(draft_id, taken.proposal)
            if kept is None:  # cannot be: it is what stood in the way
                raise
    return _answer(request, edit, kept, notes, 201)


def _replace(request: Request, body: bytes) -> Response:
    edit = _edit(request)
    _require_type(request, *_FEATURES)
    kept = _draft(edit.services, edit.of, request.path_params["featureId"])
    version = _version_seen(request, kept)
    feature = _object(body)
    if feature.get("id") not in (None, kept.draft.id):
        raise InputError("draft_feature_malformed", field="id")
    return _edited(request, edit, version, kept, _take(edit, feature, kept))


def _update(request: Request, body: bytes) -> Response:
    edit = _edit(request)
    _require_type(request, MERGE_PATCH)
    kept = _draft(edit.services, edit.of, request.path_params["featureId"])
    version = _version_seen(request, kept)
    patch = _object(body)
    feature = json.loads(written(edit.collection, kept, edit.system))
    patched = merged(feature, patch)
    if patched.get("id") != kept.draft.id:
        raise InputError("draft_feature_malformed", field="id")
    if "geometry" in patch:  # a null takes the place away
        patched.setdefault("geometry", None)
        return _edited(request, edit, version, kept, _take(edit, patched, kept))
    shape = kept.draft.geometry
    taken = _take(edit, {**patched, "geometry": None}, kept, shape=shape)
    return _edited(request, edit, version, kept, taken)


def _edited(request: Request, edit: Edit, version: int, kept: Kept, taken: Taken) -> Response:
    done = edit.desk.replace(kept.draft.id, version, taken.proposal, edit.asker)
    return _answer(request, edit, done, taken.notes)


def _delete(request: Request, _body: bytes) -> Response:
    edit = _edit(request)
    kept = _draft(edit.services, edit.of, request.path_params["featureId"])
    edit.desk.withdraw(kept.draft.id, _version_seen(request, kept), edit.asker)
    return Response(status_code=204)


def _pointed(error: GeoServiceError, request: Request) -> Problem:
    """The refusal with a pointer to what is wrong in the body."""
    found = problem_of(error, language_of(request))
    named = str(error.context.get("field") or error.context.get("fields") or "")
    match = _IN_BODY.match(named)
    if error.code == "draft_geometry_refused":
        pointer = "#/geometry"
    elif error.code == "draft_feature_malformed":
        pointer = f"#/{named}"
    elif match is not None and found.status == 422:
        pointer = f"#/properties/{match[0].replace('~', '~0').replace('/', '~1')}"
    else:
        return found
    errors = ({"pointer": pointer, "detail": found.detail},)
    return Problem(found.status, found.code, found.title, found.detail, errors)


def _refused(request: Request, error: GeoServiceError) -> Response:
    if error.code == "version_stale":
        error = Conflict("precondition_failed", actual=error.context["actual"])
    elif error.code == "draft_not_open":  # closed meanwhile: it is no feature any more
        error = NotFound("draft_unknown", draft=request.path_params.get("featureId", "")[:80])
    found = _pointed(error, request)
    allowed = allowed_of_item if "featureId" in request.path_params else allowed_of_items
    headers = {"Allow": ", ".join(allowed(request))} if found.status == 405 else None
    return problem_response(found, request.url.path, headers)


def _serve(path: str, method: str, told: dict[str, Any], answer: Callable[..., Response]) -> None:
    async def handler(request: Request) -> Response:
        body = await request.body()

        def answered() -> Response:
            try:
                return answer(request, body)
            except GeoServiceError as error:
                if error.http_status >= 500:
                    raise
                return _refused(request, error)

        return await run_in_threadpool(answered)

    handler.__name__ = f"draft_{method.lower()}"
    handler.__doc__ = told.pop("description")
    router.add_api_route(path, reads_parameters(handler), methods=[method], **told)


_serve(ITEMS, "POST", dict(describing.CREATE), _create)
_serve(ITEM, "PUT", dict(describing.REPLACE), _replace)
_serve(ITEM, "PATCH", dict(describing.UPDATE), _update)
_serve(ITEM, "DELETE", dict(describing.DELETE), _delete)


def item_answer(snapshot: Snapshot, row: int, body: bytes, system: System) -> tuple[str, Response]:
    """One draft that was asked for, and its tag."""
    version = snapshot.properties(row)[VERSION]
    return tag_of(version, body), sent(version, body, system)
