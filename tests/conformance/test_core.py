"""Part 1: Core, GeoJSON, HTML, OpenAPI 3.0: 55 ported checks, one function each.

They follow the abstract tests of OGC 17-069r4, Annex A, as the executable suite of OGC divides
them. Passing them is no certificate.
"""

from __future__ import annotations

import json
from typing import Any

import openapi_spec_validator
import shapely

CORE = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
GEOJSON = "application/geo+json"


# Landing page, description, conformance: abstract tests 1, 3–8


def test_http(service: Any) -> None:
    """A1: HTTP 1.1 rules hold: HEAD as GET without body, 404 and 405 where they belong."""
    assert service.client.head("/ogc/").status_code == 200
    assert service.client.get("/ogc/nothing-here").status_code == 404
    assert service.client.post("/ogc/conformance").status_code == 405


def test_landing_page_retrieval(service: Any) -> None:
    """A3: the landing page is there."""
    assert service.get("/ogc/").status == 200


def test_landing_page_validation(service: Any, standard: Any) -> None:
    """A4: it leads to the description, the conformance declaration and the data."""
    body = service.get("/ogc/").body
    standard.valid(body, "landing_page")
    relations = {link["rel"] for link in body["links"]}
    assert {"service-desc", "conformance", "data", "self"} <= relations


def test_api_definition_retrieval(service: Any, standard: Any) -> None:
    """A5: the description is there, in the media type that the link tells."""
    told = standard.link(service.get("/ogc/").body, "service-desc")
    assert told["type"] == "application/vnd.oai.openapi+json;version=3.0"
    answer = service.client.get(told["href"], headers={"Accept": told["type"]})
    assert answer.status_code == 200
    assert answer.headers["content-type"].replace(" ", "") == told["type"]


def test_api_definition_validation(service: Any) -> None:
    """A6: it is a valid OpenAPI 3.0 document."""
    assert service.description["openapi"].startswith("3.0")
    openapi_spec_validator.validate(service.description)


def test_conformance_operation(service: Any, standard: Any) -> None:
    """A7, A8: the conformance classes are declared, those claimed here among them."""
    answer = service.get("/ogc/conformance")
    assert answer.status == 200
    standard.valid(answer.body, "conformance")
    wanted = {CORE + name for name in ("core", "geojson", "html", "oas30")}
    assert wanted <= set(answer.body["conformsTo"])


# Collections: abstract tests 9, 10


def test_collections_operation(service: Any) -> None:
    """A9: the collections are there."""
    assert service.get("/ogc/collections").status == 200


def test_collections_links(service: Any, standard: Any) -> None:
    """A10.1: a link to itself and to its HTML form, with rel and type."""
    body = service.get("/ogc/collections").body
    standard.link(body, "self", "application/json")
    standard.link(body, "alternate", "text/html")
    assert all(link.get("rel") and link.get("type") for link in body["links"])


def test_collections_items(service: Any, standard: Any) -> None:
    """A10.2, A11: every collection that is to be served is told, with links to its features."""
    told = {collection["id"] for collection in service.collections}
    assert told == {
        "units",
        "boundary-lines",
        "segments",
        "markers",
        "junctions",
        "place-names",
        "roads",
        "findings",
        "units-drafts",
        "boundary-lines-drafts",
        "markers-drafts",
        "junctions-drafts",
        "place-names-drafts",
        "roads-drafts",
    }
    for collection in service.collections:
        standard.link(collection, "items", GEOJSON)
        standard.link(collection, "items", "text/html")


def test_collections_crs_property(service: Any, standard: Any) -> None:
    """A10.3: the first system of the list is CRS84."""
    body = service.get("/ogc/collections").body
    if "crs" in body:
        assert body["crs"][0] == standard.crs84


def test_collections_content(service: Any, standard: Any) -> None:
    """A10.4: the document is as its schema says, and has extents that hold its features."""
    standard.valid(service.get("/ogc/collections").body, "collections")
    for collection in service.filled:
        shapes = [
            shapely.from_geojson(json.dumps(feature["geometry"]))
            for feature in service.everything(collection)
            if feature["geometry"] is not None
        ]
        assert shapes, collection["id"]
        west, south, east, north = collection["extent"]["spatial"]["bbox"][0]
        told = shapely.box(west, south, east, north).buffer(1e-9)
        assert told.covers(shapely.box(*shapely.total_bounds(shapes))), collection["id"]


# Collection: abstract tests 11, 12


def test_collection_operation(service: Any) -> None:
    """A11: each collection can be asked for by its id."""
    for collection in service.collections:
        assert service.get(f"/ogc/collections/{collection['id']}").status == 200


def test_collection_content(service: Any, standard: Any) -> None:
    """A12: it says the same as the list does."""
    for collection in service.collections:
        own = service.get(f"/ogc/collections/{collection['id']}").body
        standard.valid(own, "collection")
        for name in ("id", "title", "description", "extent", "itemType"):
            assert own.get(name) == collection.get(name), (collection["id"], name)
        listed = {(link["rel"], link["href"], link["type"]) for link in collection["links"]}
        assert {
            ("items", link["href"], link["type"]) for link in own["links"] if link["rel"] == "items"
        } <= listed


# Features: abstract tests 13, 2, 22–26


def test_features_operation(service: Any, standard: Any) -> None:
    """A13: the features of each collection are there, as the schema of GeoJSON says."""
    for collection in service.collections:
        answer = service.items(collection)
        assert answer.status == 200
        assert answer.headers["content-type"].startswith(GEOJSON)
        standard.valid(answer.body, "feature_collection")


def test_features_in_crs84(service: Any, standard: Any) -> None:
    """A2: geometries are in CRS84."""
    for collection in service.collections:
        standard.crs84_only(service.items(collection))


def test_features_type(service: Any, standard: Any) -> None:
    """A22.1: the type is FeatureCollection."""
    for collection in service.collections:
        standard.collection_type(service.items(collection))


def test_features_array(service: Any, standard: Any) -> None:
    """A22.2: the features are an array of features."""
    for collection in service.collections:
        standard.features_array(service.items(collection))


def test_features_links(service: Any, standard: Any) -> None:
    """A22.4, A23: links to itself and its other forms."""
    for collection in service.collections:
        standard.collection_links(service.items(collection))


def test_features_time_stamp(service: Any, standard: Any) -> None:
    """A22.5, A24: the moment the answer was made."""
    for collection in service.collections:
        standard.time_stamp(service.items(collection))


def test_features_number_matched(service: Any, standard: Any) -> None:
    """A22.6, A25: as many as all pages have together."""
    for collection in service.collections:
        standard.number_matched(service, collection)


def test_features_number_returned(service: Any, standard: Any) -> None:
    """A22.7, A26: as many as the answer has."""
    for collection in service.collections:
        standard.number_returned(service.items(collection))


# Bounding box: abstract tests 14, 13, 15, 2, 22–26


def _boxed(service: Any) -> list[tuple[Any, Any, Any]]:
    return [
        (collection, box, service.items(collection, bbox=",".join(map(str, box))))
        for collection in service.collections
        for box in service.boxes(collection)
    ]


def test_bbox_definition(service: Any) -> None:
    """A14: four or six numbers in one value."""
    for collection in service.collections:
        told = service.parameter(collection, "bbox")
        assert told["in"] == "query"
        assert not told.get("required", False)
        assert told.get("style", "form") == "form"
        assert told["explode"] is False
        assert told["schema"]["type"] == "array"
        assert told["schema"]["items"]["type"] == "number"
        forms = told["schema"].get("oneOf", [told["schema"]])
        assert {form["minItems"] for form in forms} <= {4, 6}
        assert {form["maxItems"] for form in forms} <= {4, 6}


def test_bbox_operation(service: Any) -> None:
    """A13: every box is answered, also over 180 degrees and at the poles."""
    for collection, box, answer in _boxed(service):
        assert answer.status == 200, (collection["id"], box, answer.body)


def test_bbox_response(service: Any) -> None:
    """A15: what meets the box, and what lies nowhere."""
    for collection, box, answer in _boxed(service):
        west, south, east, north = box
        shapes = [shapely.box(west, south, east, north)]
        if west > east:
            shapes = [shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)]
        area = shapely.union_all(shapes)
        found = service.everything(collection, bbox=",".join(map(str, box)))
        whole = service.everything(collection)
        expected = {
            feature["id"]
            for feature in whole
            if feature["geometry"] is None
            or shapely.from_geojson(json.dumps(feature["geometry"])).intersects(area)
        }
        assert {feature["id"] for feature in found} == expected, (collection["id"], box)
        assert answer.status == 200


def test_bbox_in_crs84(service: Any, standard: Any) -> None:
    """A2: geometries are in CRS84."""
    for _collection, _box, answer in _boxed(service):
        standard.crs84_only(answer)


def test_bbox_type(service: Any, standard: Any) -> None:
    """A22.1."""
    for _collection, _box, answer in _boxed(service):
        standard.collection_type(answer)


def test_bbox_array(service: Any, standard: Any) -> None:
    """A22.2."""
    for _collection, _box, answer in _boxed(service):
        standard.features_array(answer)


def test_bbox_links(service: Any, standard: Any) -> None:
    """A22.4, A23."""
    for _collection, _box, answer in _boxed(service):
        standard.collection_links(answer)


def test_bbox_time_stamp(service: Any, standard: Any) -> None:
    """A22.5, A24."""
    for _collection, _box, answer in _boxed(service):
        standard.time_stamp(answer)


def test_bbox_number_matched(service: Any, standard: Any) -> None:
    """A22.6, A25."""
    for collection, box, _answer in _boxed(service):
        standard.number_matched(service, collection, bbox=",".join(map(str, box)))


def test_bbox_number_returned(service: Any, standard: Any) -> None:
    """A22.7, A26."""
    for _collection, _box, answer in _boxed(service):
        standard.number_returned(answer)


# Limit: abstract tests 16, 13, 17, 2, 22–26


def _limited(service: Any) -> list[tuple[Any, int, Any]]:
    found = []
    for collection in service.collections:
        schema = service.parameter(collection, "limit")["schema"]
        least, most = schema["minimum"], schema["maximum"]
        between = min(least + (most - least) // 2, 100)
        found += [(collection, n, service.items(collection, limit=n)) for n in (least, between)]
    return found


def test_limit_definition(service: Any) -> None:
    """A16: an integer with bounds and a default."""
    for collection in service.collections:
        told = service.parameter(collection, "limit")
        assert told["in"] == "query"
        assert not told.get("required", False)
        assert told.get("style", "form") == "form"
        assert told.get("explode", True) is False
        assert told["schema"]["type"] == "integer"
        assert 0 <= told["schema"]["minimum"] <= told["schema"]["default"]
        assert told["schema"]["default"] <= told["schema"]["maximum"]


def test_limit_operation(service: Any) -> None:
    """A13: limits within the bounds are answered."""
    for collection, limit, answer in _limited(service):
        assert answer.status == 200, (collection["id"], limit)


def test_limit_response(service: Any) -> None:
    """A17: never more than asked for, and never more than the maximum."""
    for collection, limit, answer in _limited(service):
        assert len(answer.features) <= limit
        most = service.parameter(collection, "limit")["schema"]["maximum"]
        beyond = service.items(collection, limit=most + 1)
        assert beyond.status in (200, 400)
        assert beyond.status == 400 or len(beyond.features) <= most


def test_limit_in_crs84(service: Any, standard: Any) -> None:
    """A2."""
    for _collection, _limit, answer in _limited(service):
        standard.crs84_only(answer)


def test_limit_type(service: Any, standard: Any) -> None:
    """A22.1."""
    for _collection, _limit, answer in _limited(service):
        standard.collection_type(answer)


def test_limit_array(service: Any, standard: Any) -> None:
    """A22.2."""
    for _collection, _limit, answer in _limited(service):
        standard.features_array(answer)


def test_limit_links(service: Any, standard: Any) -> None:
    """A22.4, A23: and one to the next page where there is more."""
    for _collection, _limit, answer in _limited(service):
        standard.collection_links(answer)
        more = answer.body["numberMatched"] > answer.body["numberReturned"]
        assert more == any(link["rel"] == "next" for link in answer.body["links"])


def test_limit_time_stamp(service: Any, standard: Any) -> None:
    """A22.5, A24."""
    for _collection, _limit, answer in _limited(service):
        standard.time_stamp(answer)


def test_limit_number_matched(service: Any, standard: Any) -> None:
    """A22.6, A25: a limit changes nothing of what matches."""
    for collection, limit, _answer in _limited(service):
        standard.number_matched(service, collection, limit=limit)


def test_limit_number_returned(service: Any, standard: Any) -> None:
    """A22.7, A26."""
    for _collection, _limit, answer in _limited(service):
        standard.number_returned(answer)


# Date and time: abstract tests 18, 13, 19, 2, 22–26


def _timed(service: Any) -> list[tuple[Any, str, Any]]:
    return [
        (collection, when, service.items(collection, datetime=when))
        for collection in service.collections
        for when in service.times(collection)
    ]


def test_datetime_definition(service: Any) -> None:
    """A18: a text."""
    for collection in service.collections:
        told = service.parameter(collection, "datetime")
        assert told["in"] == "query"
        assert not told.get("required", False)
        assert told.get("style", "form") == "form"
        assert told.get("explode", True) is False
        assert told["schema"]["type"] == "string"


def test_datetime_operation(service: Any) -> None:
    """A13: instants and intervals are answered."""
    for collection, when, answer in _timed(service):
        assert answer.status == 200, (collection["id"], when, answer.body)


def test_datetime_response(service: Any) -> None:
    """A19: what holds at some moment asked for; what has no time is always there."""
    for collection, when, answer in _timed(service):
        first, _, last = when.partition("/")
        last = last or first
        for feature in answer.features:
            since, until = (feature["properties"][n] for n in ("valid_from", "valid_to"))
            assert since is None or last == ".." or since <= last[:10], (when, feature)
            assert until is None or first == ".." or until >= first[:10], (when, feature)
        timeless = {
            feature["id"]
            for feature in service.everything(collection)
            if {feature["properties"][n] for n in ("valid_from", "valid_to")} == {None}
        }
        assert timeless <= {f["id"] for f in service.everything(collection, datetime=when)}


def test_datetime_in_crs84(service: Any, standard: Any) -> None:
    """A2."""
    for _collection, _when, answer in _timed(service):
        standard.crs84_only(answer)


def test_datetime_type(service: Any, standard: Any) -> None:
    """A22.1."""
    for _collection, _when, answer in _timed(service):
        standard.collection_type(answer)


def test_datetime_array(service: Any, standard: Any) -> None:
    """A22.2."""
    for _collection, _when, answer in _timed(service):
        standard.features_array(answer)


def test_datetime_links(service: Any, standard: Any) -> None:
    """A22.4, A23."""
    for _collection, _when, answer in _timed(service):
        standard.collection_links(answer)


def test_datetime_time_stamp(service: Any, standard: Any) -> None:
    """A22.5, A24."""
    for _collection, _when, answer in _timed(service):
        standard.time_stamp(answer)


def test_datetime_number_matched(service: Any, standard: Any) -> None:
    """A22.6, A25."""
    for collection, when, _answer in _timed(service):
        standard.number_matched(service, collection, datetime=when)


def test_datetime_number_returned(service: Any, standard: Any) -> None:
    """A22.7, A26."""
    for _collection, _when, answer in _timed(service):
        standard.number_returned(answer)


# Errors: abstract tests 20, 21


def test_unknown_parameter(service: Any, standard: Any) -> None:
    """A20: a parameter the description does not know is 400."""
    for collection in service.collections:
        answer = service.items(collection, unheard_of="1")
        assert answer.status == 400
        standard.valid(answer.body, "problem")


def test_invalid_parameter(service: Any, standard: Any) -> None:
    """A21: a value that is none is 400."""
    wrong = [("limit", "many"), ("limit", "-1"), ("bbox", "1,2,3"), ("bbox", "a,b,c,d")]
    wrong += [
        ("datetime", "yesterday"),
        ("datetime", "2021-13-01T00:00:00Z"),
        ("bbox", "1,2,nan,4"),
    ]
    wrong += [("datetime", "2024-01-01T00:00:00Z/2020-01-01T00:00:00Z")]
    for collection in service.collections:
        for name, value in wrong:
            answer = service.items(collection, **{name: value})
            assert answer.status == 400, (name, value, answer.status)
            standard.valid(answer.body, "problem")


# Feature: abstract tests 27, 28


def test_feature_operation(service: Any, standard: Any) -> None:
    """A27, A28: each feature of a page can be asked for by its id and is the same."""
    for collection in service.collections:
        for feature in service.items(collection).features:
            answer = service.feature(collection, feature)
            assert answer.status == 200
            standard.valid(answer.body, "feature")
            for part in ("id", "geometry", "properties"):
                assert answer.body[part] == feature[part]


def test_feature_links(service: Any, standard: Any) -> None:
    """A28, A29: links to itself, its other forms and its collection."""
    for collection in service.collections:
        for feature in service.items(collection).features[:3]:
            body = service.feature(collection, feature).body
            standard.link(body, "self", GEOJSON)
            standard.link(body, "alternate", "text/html")
            assert (
                standard.link(body, "collection")["href"].split("?")[0].endswith(collection["id"])
            )
            assert all(link.get("rel") and link.get("type") for link in body["links"])
