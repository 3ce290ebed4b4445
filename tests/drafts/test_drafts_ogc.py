"""Part 4 of OGC API – Features on drafts, as programs and GDAL use it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import shapely
from fastapi.testclient import TestClient

from geo_service.api import audience
from geo_service.api.app import create_app
from geo_service.domain.access import Asker
from geo_service.domain.change import RecordKind
from geo_service.domain.draft import DraftState
from geo_service.services.drafts.reading import draft_of, history
from geo_service.services.serving.collections import COLLECTIONS
from tests.drafts.conftest import CLERK, COLLEAGUE, COMMITTEE, LINE, OFFICE, VIEWER

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
PLACES = "/ogc/collections/place-names-drafts/items"
GEOJSON = {"content-type": "application/geo+json"}
PATCH = {"content-type": "application/merge-patch+json"}
RENAMING = {"draft_target": "P-1", "name": "青石大桥", "draft_reason": "测试"}


def feature(properties: dict[str, object], geometry: object = None) -> str:
    return json.dumps({"type": "Feature", "geometry": geometry, "properties": properties})


@pytest.fixture
def as_who(services, monkeypatch):
    """`as_who(asker, method, path)` asks for somebody."""
    clients = {}

    def ask(who: Asker, method: str, path: str, **told):
        monkeypatch.setattr(audience, "demo_asker", lambda _audience: who)
        if "app" not in clients:
            clients["app"] = TestClient(
                create_app(services, services.settings),
                base_url="http://127.0.0.1:8000",
                client=("127.0.0.1", 50000),
                raise_server_exceptions=False,
            )
        return clients["app"].request(method, path, **told)

    return ask


@pytest.fixture
def made(as_who):
    answer = as_who(CLERK, "POST", PLACES, content=feature(RENAMING), headers=GEOJSON)
    assert answer.status_code == 201, answer.text
    return answer


def test_a_feature_becomes_a_draft_and_is_read_back(services, as_who, made) -> None:
    own = made.headers["location"].removeprefix("http://127.0.0.1:8000")
    read = as_who(CLERK, "GET", own)
    assert read.headers["etag"].startswith('"1-')
    told = read.json()["properties"]
    assert (told["draft_act"], told["draft_state"], told["draft_version"]) == ("rename", "draft", 1)
    assert (told["name"], told["meaning"], told["draft_proposer"]) == ("青石大桥", None, "经办人甲")
    assert told["draft_checked"]
    listed = as_who(CLERK, "GET", f"{PLACES}?draft_state=draft").json()
    assert [one["id"] for one in listed["features"]] == [read.json()["id"]]
    assert services.store.get(RecordKind.PLACE_NAMES, "P-1").name == "青石桥"
    assert (
        as_who(CLERK, "GET", own, headers={"if-none-match": read.headers["etag"]}).status_code
        == 304
    )


def test_a_draft_is_read_as_it_was_known(services, as_who, made) -> None:
    own = made.headers["location"].removeprefix("http://127.0.0.1:8000")
    then = services.store.log_mark().recorded_at.isoformat()
    headers = PATCH | {"if-match": made.headers["etag"]}
    change = json.dumps({"properties": {"name": "青岩桥"}})
    assert as_who(CLERK, "PATCH", own, content=change, headers=headers).status_code == 200
    told = {}
    for moment in (None, then):
        answer = as_who(CLERK, "GET", own, params={"known_at": moment} if moment else {})
        told[moment] = answer.json()["properties"]
    names = {moment: (each["name"], each["draft_version"]) for moment, each in told.items()}
    assert names == {None: ("青岩桥", 2), then: ("青石大桥", 1)}
    before = {"known_at": "1999-01-01T00:00:00Z"}
    assert as_who(CLERK, "GET", own, params=before).status_code == 404
    assert as_who(CLERK, "GET", PLACES, params=before).json()["numberMatched"] == 0


def test_what_was_read_can_be_sent_back_and_changes_nothing(as_who, services, made) -> None:
    own = made.headers["location"]
    read = as_who(CLERK, "GET", own)
    seen = {"if-match": read.headers["etag"], **GEOJSON}
    again = as_who(CLERK, "PUT", own, content=read.text, headers=seen)
    assert (again.status_code, again.json()["properties"]) == (200, read.json()["properties"])
    assert len(history(services.store, read.json()["id"])) == 1


def test_versions_are_demanded_and_stale_ones_refused(as_who, services, made) -> None:
    own, first = made.headers["location"], made.headers["etag"]
    body = feature({**RENAMING, "name": "青石东桥"})
    for headers in ({}, {"if-match": "*"}):
        for method, type_, content in (
            ("PUT", GEOJSON, body),
            ("PATCH", PATCH, '{"properties":{"meaning":"桥"}}'),
            ("DELETE", {}, None),
        ):
            refused = as_who(CLERK, method, own, content=content, headers={**type_, **headers})
            assert (refused.status_code, refused.json()["code"]) == (428, "precondition_needed")
    seen = {"if-match": first}
    second = as_who(CLERK, "PUT", own, content=body, headers={**GEOJSON, **seen})
    assert (second.status_code, second.headers["etag"][:3]) == (200, '"2-')
    # The answer got lost and the same is sent again: it is in place, and no conflict.
    again = as_who(CLERK, "PUT", own, content=body, headers={**GEOJSON, **seen})
    assert (again.status_code, again.headers["etag"]) == (200, second.headers["etag"])
    for stale in (first, 'W/"2-ab"', '"nonsense"'):
        patch = {"properties": {"meaning": "桥"}}
        refused = as_who(CLERK, "PATCH", own, json=patch, headers={**PATCH, "if-match": stale})
        assert (refused.status_code, refused.json()["code"]) == (412, "precondition_failed")
        refused = as_who(CLERK, "DELETE", own, headers={"if-match": stale})
        assert refused.status_code == 412
        assert "现为第 2 版" in refused.json()["detail"]
    gone = as_who(CLERK, "DELETE", own, headers={"if-match": second.headers["etag"]})
    assert (gone.status_code, gone.content) == (204, b"")
    for method, content in (("GET", None), ("PUT", body), ("DELETE", None)):
        headers = {**GEOJSON, "if-match": second.headers["etag"]}
        assert as_who(CLERK, method, own, content=content, headers=headers).status_code == 404
    assert draft_of(services.store, made.json()["id"]).draft.state is DraftState.WITHDRAWN


def test_a_patch_changes_what_it_names(as_who, services, made) -> None:
    own = made.headers["location"]
    point = {"type": "Point", "coordinates": [119.61, 38.61]}
    patch = {"geometry": point, "properties": {"meaning": "大桥", "draft_document_no": "示例文1号"}}
    put = as_who(
        CLERK, "PATCH", own, json=patch, headers={**PATCH, "if-match": made.headers["etag"]}
    )
    assert put.status_code == 200, put.text
    told = put.json()
    assert told["geometry"] == point
    assert (told["properties"]["name"], told["properties"]["meaning"]) == ("青石大桥", "大桥")
    less = {"properties": {"meaning": None}, "geometry": None}
    put = as_who(CLERK, "PATCH", own, json=less, headers={**PATCH, "if-match": put.headers["etag"]})
    assert (put.json()["properties"]["meaning"], put.json()["geometry"]) == (None, None)
    assert put.json()["properties"]["draft_document_no"] == "示例文1号"
    assert [s.entry.version for s in history(services.store, told["id"])] == [1, 2, 3]


@pytest.mark.parametrize(("epsg", "turned"), [("4490", True), ("4326", True), ("4549", False)])
def test_places_in_other_systems_are_transformed_and_it_is_said(
    as_who, services, epsg, turned
) -> None:
    offered = as_who(CLERK, "GET", "/ogc/collections/place-names-drafts").json()["crs"]
    uri = f"{EPSG}{epsg}" if turned else next(u for u in offered if "/45" in u)
    stored = as_who(CLERK, "GET", f"/ogc/collections/place-names/items/P-1?crs={uri}").json()
    headers = {**GEOJSON, "content-crs": f"<{uri}>"}
    body = feature(RENAMING, stored["geometry"])
    answer = as_who(CLERK, "POST", PLACES, content=body, headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.headers["content-crs"] == f"<{uri}>"
    assert answer.json()["geometry"] == stored["geometry"]
    kept = draft_of(services.store, answer.json()["id"]).draft
    assert shapely.equals_exact(kept.geometry, shapely.Point(119.6, 38.6), 1e-8)
    assert kept.given_crs == ("" if epsg == "4490" else uri)
    assert any("EPSG:4490" in note for note in answer.json()["notes"]) == (epsg != "4490")
    odd = as_who(CLERK, "POST", PLACES, content=body, headers={**GEOJSON, "content-crs": "<urn:x>"})
    assert (odd.status_code, odd.json()["code"]) == (400, "crs_not_served")


def test_a_request_sent_again_under_its_key_makes_one_draft(as_who, services) -> None:
    headers = {**GEOJSON, "idempotency-key": "abc-1"}
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(
                lambda _: as_who(CLERK, "POST", PLACES, content=feature(RENAMING), headers=headers),
                range(8),
            )
        )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert services.store.count(RecordKind.DRAFTS) == 1
    other = feature({**RENAMING, "name": "青石东桥"})
    reused = as_who(CLERK, "POST", PLACES, content=other, headers=headers)
    assert (reused.status_code, reused.json()["code"]) == (409, "draft_key_reused")
    mine = as_who(COLLEAGUE, "POST", PLACES, content=other, headers=headers)
    assert mine.status_code == 201


UNREADABLE = "register_field_unreadable"
SWAPPED = {"type": "Point", "coordinates": [38.6, 119.6]}
MALFORMED = "draft_feature_malformed"
WRONG = [
    ("{", "json_malformed", None),
    ('{"type":NaN}', "json_malformed", None),
    ("[]", MALFORMED, "#/type"),
    ('{"type":"Feature","properties":{}}', MALFORMED, "#/geometry"),
    (feature(RENAMING, {"type": "Point"}), MALFORMED, "#/geometry"),
    (feature(RENAMING, SWAPPED), "draft_geometry_refused", "#/geometry"),
    (feature({"colour": "红"}), "draft_field_unknown", "#/properties/colour"),
    (feature({"name": True}), "draft_value_unreadable", "#/properties/name"),
    (feature({"name": "a\u0000"}), "draft_value_unreadable", "#/properties/name"),
    (feature({"draft_state": "approved"}), "draft_field_read_only", "#/properties/draft_state"),
    (feature({"valid_from": "甲"}), UNREADABLE, "#/properties/valid_from"),
    (feature({"draft_act": "甲"}), UNREADABLE, "#/properties/draft_act"),
    (feature({**RENAMING, "status": "甲"}), UNREADABLE, "#/properties/status"),
    (feature({"name": "望海楼"}), "register_field_missing", "#/properties/feature_type"),
    (feature({"draft_target": "P-9", "name": "甲"}), "draft_target_unknown", None),
]


@pytest.mark.parametrize(("body", "code", "pointer"), WRONG)
def test_what_is_wrong_is_pointed_at(as_who, services, body, code, pointer) -> None:
    before = services.store.log_mark()
    told = as_who(CLERK, "POST", PLACES, content=body, headers=GEOJSON)
    assert told.json()["code"] == code
    assert told.status_code == (400 if code == "json_malformed" else 422)
    assert told.headers["content-type"] == "application/problem+json"
    assert [e["pointer"] for e in told.json().get("errors", [])] == ([pointer] if pointer else [])
    assert services.store.log_mark() == before


def test_types_of_content_parameters_and_plain_collections_are_refused(as_who, made) -> None:
    body, own = feature(RENAMING), made.headers["location"]
    wrong = as_who(CLERK, "POST", PLACES, content=body, headers={"content-type": "text/plain"})
    assert (wrong.status_code, wrong.json()["code"]) == (415, "media_type_unsupported")
    seen = {"if-match": made.headers["etag"]}
    assert as_who(CLERK, "PATCH", own, content="{}", headers={**GEOJSON, **seen}).status_code == 415
    assert (
        as_who(CLERK, "POST", f"{PLACES}?colour=1", content=body, headers=GEOJSON).status_code
        == 400
    )
    plain = "/ogc/collections/place-names/items"
    for method, path in (("POST", plain), ("PUT", f"{plain}/P-1"), ("DELETE", f"{plain}/P-1")):
        refused = as_who(CLERK, method, path, content=body, headers={**GEOJSON, **seen})
        assert (refused.status_code, refused.json()["code"]) == (405, "collection_read_only")
        assert refused.headers["allow"] == "GET, HEAD, OPTIONS"


def test_options_tell_beforehand_what_one_may_do(as_who, services, made) -> None:
    own, before = made.headers["location"], services.store.log_mark()

    def allowed(who: Asker, path: str) -> set[str]:
        answer = as_who(who, "OPTIONS", path)
        assert answer.status_code == 204, answer.text
        return set(answer.headers["allow"].split(", ")) - {"GET", "HEAD", "OPTIONS"}

    lines = "/ogc/collections/boundary-lines-drafts/items"
    assert allowed(CLERK, PLACES) == {"POST"}
    assert allowed(CLERK, own) == {"PUT", "PATCH", "DELETE"}
    assert allowed(COLLEAGUE, own) == {"PUT", "PATCH"}
    assert allowed(CLERK, f"{PLACES}/unknown") == {"PUT", "PATCH", "DELETE"}
    assert allowed(OFFICE, lines) == {"POST"}
    for who, path in ((CLERK, lines), (OFFICE, PLACES), (VIEWER, PLACES)):
        assert as_who(who, "OPTIONS", path).status_code == 404
    assert allowed(CLERK, "/ogc/collections/place-names/items") == set()
    assert services.store.log_mark() == before


def test_drafts_are_there_for_those_at_work_on_them_alone(as_who, made) -> None:
    def listed(who: Asker) -> set[str]:
        found = as_who(who, "GET", "/ogc/collections").json()["collections"]
        return {one["id"] for one in found} - set(COLLECTIONS)

    assert listed(CLERK) == listed(COMMITTEE) == {"place-names-drafts", "roads-drafts"}
    assert listed(OFFICE) == {
        "units-drafts", "boundary-lines-drafts", "markers-drafts", "junctions-drafts",
    }  # fmt: skip
    assert listed(VIEWER) == set()
    for path in (
        PLACES,
        made.headers["location"],
        "/ogc/collections/place-names-drafts/queryables",
    ):
        assert as_who(VIEWER, "GET", path).status_code == 404
    own, seen = made.headers["location"], {"if-match": made.headers["etag"]}
    other = as_who(COLLEAGUE, "DELETE", own, headers=seen)
    assert (other.status_code, other.json()["code"]) == (403, "draft_of_another")
    plain = as_who(CLERK, "GET", "/ogc/collections/place-names/items").text
    assert "青石大桥" not in plain
    assert as_who(CLERK, "GET", "/ogc/collections/place-names-drafts/tiles").status_code == 404


def test_every_collection_of_drafts_describes_its_fields(as_who) -> None:
    for who in (CLERK, OFFICE):
        for one in as_who(who, "GET", "/ogc/collections").json()["collections"]:
            assert one["title"] and one["description"]
            for form in ("json", "html"):
                for rest in ("", "/items", "/queryables", "/schema"):
                    path = f"/ogc/collections/{one['id']}{rest}?f={form}"
                    assert as_who(who, "GET", path).status_code == 200


def test_a_line_is_proposed_as_a_line(as_who, services) -> None:
    shape = {"type": "LineString", "coordinates": [[119.5, 38.5], [119.6, 38.52], [119.7, 38.5]]}
    told = {"draft_target": str(LINE), "draft_act": "move", "valid_from": "2027-01-01"}
    path = "/ogc/collections/boundary-lines-drafts/items"
    made = as_who(OFFICE, "POST", path, content=feature(told, shape), headers=GEOJSON)
    assert made.status_code == 201, made.text
    kept = draft_of(services.store, made.json()["id"]).draft
    assert (kept.effective_on, kept.geometry) == (
        date(2027, 1, 1),
        shapely.LineString(shape["coordinates"]),
    )
    assert (
        as_who(CLERK, "POST", path, content=feature(told, shape), headers=GEOJSON).status_code
        == 404
    )
