"""Collections and features over HTTP, on both stores."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import shapely
from fastapi.testclient import TestClient

from geo_service.compose import Services
from geo_service.domain.change import Operation, RecordKind
from geo_service.domain.period import Period
from geo_service.domain.provenance import Label
from geo_service.services.drafts.collections import DRAFT_COLLECTIONS
from geo_service.services.serving.cache import View
from geo_service.services.serving.collections import COLLECTIONS

from .conftest import LINE, change, client_of, place

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
PLACES = "/ogc/collections/place-names/items"
COUNTS = {
    "units": 1, "boundary-lines": 1, "segments": 2, "markers": 3, "junctions": 1,
    "place-names": 20, "roads": 2, "findings": 1,
}  # fmt: skip


def ids(client: TestClient, address: str) -> list[str]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["numberReturned"] == len(told["features"])
    return [feature["id"] for feature in told["features"]]


def rel(told: Any, name: str) -> str | None:
    return next((link["href"] for link in told["links"] if link["rel"] == name), None)


def walk(client: TestClient, address: str) -> list[str]:
    """The ids of all pages, following `next`."""
    found: list[str] = []
    following: str | None = address
    while following:
        told = client.get(following).json()
        found += [feature["id"] for feature in told["features"]]
        following = rel(told, "next")
    return found


def test_the_landing_page_leads_everywhere(client: TestClient) -> None:
    told = client.get("/ogc").json()
    for name in ("self", "alternate", "service-desc", "service-doc", "conformance", "data"):
        href = rel(told, name)
        assert href is not None
        assert client.get(href).status_code == 200
    assert client.get("/ogc/").json()["links"] == told["links"]


def test_every_collection_is_described_as_it_answers(client: TestClient) -> None:
    listed = client.get("/ogc/collections").json()["collections"]
    assert [one["id"] for one in listed] == [*COLLECTIONS, *DRAFT_COLLECTIONS]
    for one in listed:
        assert client.get(rel(one, "self") or "").json() == one
        told = client.get(rel(one, "items") or "").json()
        assert told["numberMatched"] == COUNTS.get(one["id"], 0)
        assert one["crs"][0] == CRS84 and one["storageCrs"] == f"{EPSG}4490"
        assert one["storageCrs"] in one["crs"]
        properties = client.get(f"/ogc/collections/{one['id']}/queryables").json()["properties"]
        for feature in told["features"]:
            assert set(feature["properties"]) == set(properties) - {"geometry"}


def test_each_feature_is_found_by_its_own_address(client: TestClient) -> None:
    for collection in COLLECTIONS:
        for feature in client.get(f"/ogc/collections/{collection}/items?limit=100").json()[
            "features"
        ]:
            quoted = feature["id"].replace("/", "%2F")
            told = client.get(f"/ogc/collections/{collection}/items/{quoted}").json()
            own = rel(told, "self")
            assert own and client.get(own).json() == told
            assert (rel(told, "collection") or "").endswith(collection)
            assert {key: told[key] for key in feature} == feature


def test_invented_records_say_so(client: TestClient) -> None:
    (feature,) = client.get("/ogc/collections/units/items").json()["features"]
    assert feature["properties"]["force"] == "synthetic"
    assert feature["properties"]["standing"] == "示例（虚构）"
    assert feature["properties"]["licence"] == "CC0-1.0"


def test_who_signed_and_why_is_never_served(client: TestClient) -> None:
    text = client.get("/ogc/collections/findings/items").text
    assert "签字人丙" not in text and "理由丁" not in text
    (feature,) = json.loads(text)["features"]
    assert feature["geometry"]["type"] == "Polygon"  # that of the unit it is about


def test_sections_run_from_marker_to_marker(client: TestClient) -> None:
    told = client.get("/ogc/collections/segments/items").json()["features"]
    assert [f["properties"]["start_marker"] for f in told] == ["001", "002"]
    assert {f["properties"]["line_code"] for f in told} == {LINE}


def test_pages_follow_each_other_forth_and_back(client: TestClient) -> None:
    first = client.get(f"{PLACES}?limit=7").json()
    assert rel(first, "prev") is None
    second = client.get(rel(first, "next") or "").json()
    third = client.get(rel(second, "next") or "").json()
    assert rel(third, "next") is None
    seen = [f["id"] for page in (first, second, third) for f in page["features"]]
    assert seen == [f"P-{n:03d}" for n in range(1, 21)]
    back = client.get(rel(third, "prev") or "").json()
    assert [f["id"] for f in back["features"]] == [f["id"] for f in second["features"]]


def test_offset_skips(client: TestClient) -> None:
    assert ids(client, f"{PLACES}?limit=2&offset=5") == ["P-006", "P-007"]
    assert ids(client, f"{PLACES}?offset=500") == []
    assert ids(client, f"{PLACES}?limit=1000000") == [f"P-{n:03d}" for n in range(1, 21)]


def test_the_next_link_keeps_the_question(client: TestClient) -> None:
    address = f"{PLACES}?limit=3&filter=name LIKE '甲1%25'&bbox=119.5,38.5,119.7,38.7&lang=en"
    found = walk(client, address)
    assert found == ids(client, address.replace("limit=3", "limit=100"))
    assert len(found) > 3


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        (CRS84, [119.51, 38.505]),
        (f"{EPSG}4490", [38.505, 119.51]),
        (f"{EPSG}4326", [38.505, 119.51]),
        (f"{EPSG}4549", [4263670.2, 457255.3]),
        (f"{EPSG}4528", [4263670.2, 40457255.3]),
    ],
)
def test_coordinates_come_in_the_system_asked_for_and_in_the_order_of_its_axes(
    client: TestClient, uri: str, expected: list[float]
) -> None:
    for address in (f"{PLACES}/P-001?crs={uri}", f"{PLACES}?limit=1&crs={uri}"):
        answer = client.get(address)
        assert answer.headers["content-crs"] == f"<{uri}>"
        told = answer.json()
        feature = told.get("features", [told])[0]
        assert feature["geometry"]["coordinates"] == pytest.approx(expected, abs=60)
    plane = uri.endswith(("4549", "4528"))
    assert abs(feature["geometry"]["coordinates"][0] - expected[0]) < (60 if plane else 1e-9)


@pytest.mark.parametrize("uri", [CRS84, f"{EPSG}4490", f"{EPSG}4549", f"{EPSG}4528"])
def test_a_box_means_the_same_in_every_system(client: TestClient, uri: str) -> None:
    feature = client.get(f"{PLACES}/P-010?crs={uri}").json()
    first, second = feature["geometry"]["coordinates"]
    near = 0.001 if first < 1000 else 50
    box = f"{first - near},{second - near},{first + near},{second + near}"
    assert ids(client, f"{PLACES}?bbox={box}&bbox-crs={uri}") == ["P-010"]
    high = f"{first - near},{second - near},0,{first + near},{second + near},9"
    assert ids(client, f"{PLACES}?bbox={high}&bbox-crs={uri}") == ["P-010"]


def test_a_box_looks_at_the_shape_and_not_at_the_box_around_it(client: TestClient) -> None:
    lines = "/ogc/collections/roads/items"
    # RD-2 lies nowhere: the standard has it match every box (/req/core/fc-bbox-response).
    assert ids(client, f"{lines}?bbox=119.56,38.62,119.58,38.64") == ["RD-2"]
    assert ids(client, f"{lines}?bbox=119.56,38.56,119.58,38.58") == ["RD-1", "RD-2"]
    assert ids(client, lines) == ["RD-1", "RD-2"]


def test_a_box_over_the_antimeridian_has_two_parts(client: TestClient) -> None:
    assert len(ids(client, f"{PLACES}?limit=100&bbox=119,30,-170,40")) == 20
    assert ids(client, f"{PLACES}?bbox=170,30,-170,40") == []


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("2001-01-01", ["P-001"]),
        ("2000-12-31", []),
        ("2001-01-01T00:00:00%2B08:00", ["P-001"]),
        ("2000-12-31T16:00:00Z", ["P-001"]),  # already the next day in China
        ("2000-12-31T15:59:59Z", []),
        ("../2002-06-01", ["P-001", "P-002"]),
        ("1990-01-01/2001-01-01", ["P-001"]),
        ("2035-01-01/..", ["P-004", "P-008", "P-012", "P-016", "P-020"]),
        ("2034-12-31/..", [f"P-{n:03d}" for n in range(1, 21)]),
    ],
)
def test_time_means_validity_with_its_end_left_out(
    client: TestClient, asked: str, expected: list[str]
) -> None:
    assert ids(client, f"{PLACES}?limit=100&datetime={asked}") == expected


def test_as_of_shows_the_state_of_a_day(client: TestClient) -> None:
    assert ids(client, f"{PLACES}?as_of=2003-05-05") == ["P-001", "P-002", "P-003"]
    assert client.get(f"{PLACES}/P-004?as_of=2003-05-05").status_code == 404
    assert client.get(f"{PLACES}/P-003?as_of=2003-05-05").status_code == 200


def test_known_at_shows_what_was_known(fresh: Callable[..., Services]) -> None:
    services = fresh()
    client = client_of(services)
    assert ids(client, f"{PLACES}?known_at=2020-01-01T00:00:00Z") == []
    assert len(ids(client, f"{PLACES}?limit=100&known_at=2026-11-24T00:00:00Z")) == 20


def test_values_of_fields_are_parameters(client: TestClient) -> None:
    assert ids(client, f"{PLACES}?name=甲7路") == ["P-007"]
    markers = "/ogc/collections/markers/items"
    assert ids(client, f"{markers}?height_m=20") == [f"{LINE}/002Q"]
    assert ids(client, f"{markers}?valid_from=2020-01-01") == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("colour=red", "parameter_unknown"),
        ("limit=0", "query_value_malformed"),
        ("limit=-1", "query_value_malformed"),
        ("limit=ten", "query_value_malformed"),
        ("limit=1&limit=2", "parameter_repeated"),
        ("offset=-1", "query_value_malformed"),
        ("after=a&before=b", "parameters_exclude"),
        ("bbox=1,2,3", "query_value_malformed"),
        ("bbox=1,2,3,x", "query_value_malformed"),
        ("bbox=nan,2,3,4", "query_value_malformed"),
        ("bbox=1,9,3,4", "query_value_malformed"),
        ("bbox=1,2,300,4", "query_value_malformed"),
        ("bbox=1,-100,3,4", "query_value_malformed"),
        (f"bbox=1e308,1,1.1e308,2&bbox-crs={EPSG}4549", "query_value_malformed"),
        ("bbox-crs=EPSG:4326", "crs_not_served"),
        (f"crs={EPSG}3857", "crs_not_served"),
        ("filter-crs=x", "crs_not_served"),
        ("datetime=yesterday", "query_value_malformed"),
        ("datetime=2020-13-01", "query_value_malformed"),
        ("datetime=../..", "query_value_malformed"),
        ("datetime=2021-01-01/2020-01-01", "query_value_malformed"),
        ("datetime=2020-01-01/2021-01-01/2022-01-01", "query_value_malformed"),
        ("as_of=20200101", "query_value_malformed"),
        ("as_of=2020-02-30", "query_value_malformed"),
        ("known_at=2020-01-01", "query_value_malformed"),
        ("feature_type=pond", "query_value_unknown"),
        ("approved_on=x", "query_value_malformed"),
        ("f=xml", "query_value_unknown"),
        ("lang=de", "query_value_unknown"),
        ("filter-lang=sql", "query_value_unknown"),
        ("name=%FF", "query_value_malformed"),
        ("name=%00", "query_value_malformed"),
        ("filter=", "filter_malformed"),
        ("filter=name = ", "filter_malformed"),
        ("filter=name", "filter_malformed"),
        ("filter=colour = 'red'", "filter_unknown_property"),
        ("filter=geometry = 'x'", "filter_unknown_property"),
        ("filter=name > 5", "filter_types_differ"),
        ("filter=name %2B 1 = 2", "filter_types_differ"),
        ("filter=buffer(name) = 'x'", "filter_unknown_function"),
        ("filter=S_DWITHIN(geometry,POINT(1 2),5)", "filter_unknown_function"),
        ("filter=valid_from > 'x'", "filter_value_malformed"),
        ("filter=valid_from > DATE('2020-02-30')", "filter_value_malformed"),
        ("filter=T_AFTER(name,DATE('2020-01-01'))", "filter_types_differ"),
        ("filter=S_WITHIN(geometry,POLYGON((0 0,1 1,1 0,0 1,0 0)))", "filter_geometry_malformed"),
        ("filter=S_WITHIN(geometry,POLYGON((0 0,1 1,1 0)))", "filter_geometry_malformed"),
        ("filter=S_INTERSECTS(geometry,BBOX(3,3,1,1))", "filter_geometry_malformed"),
        ("filter=POINT EMPTY", "filter_malformed"),
        ("filter-lang=cql2-json&filter={", "filter_malformed"),
        ("filter-lang=cql2-json&filter=[]", "filter_malformed"),
        ('filter-lang=cql2-json&filter={"op":"="}', "filter_malformed"),
        ('filter-lang=cql2-json&filter={"op":"=","args":[NaN,1]}', "filter_malformed"),
        ('filter-lang=cql2-json&filter={"op":"not","args":[true,false]}', "filter_malformed"),
        ("filter=" + "(" * 300 + "name='a'" + ")" * 300, "filter_too_deep"),
        ("filter=" + "NOT " * 60 + "name='a'", "filter_too_deep"),
        ("filter=" + "name='" + "a" * 4000 + "'", "filter_too_long"),
        ("filter=" + " AND ".join(["1=1"] * 400), "filter_too_deep"),
        ("filter-lang=cql2-json&filter=" + "[" * 3000, "filter_too_deep"),
    ],
)
def test_every_mistake_is_told_and_none_is_a_fault_of_ours(
    client: TestClient, query: str, code: str
) -> None:
    answer = client.get(f"{PLACES}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_is_not_there_is_404(client: TestClient) -> None:
    for path in ("/ogc/collections/x", "/ogc/collections/x/items", f"{PLACES}/P-999"):
        assert client.get(path).status_code == 404
    assert client.get("/ogc/collections/x/items?colour=1").status_code == 404


def test_the_same_question_is_answered_with_304(client: TestClient) -> None:
    for address in (f"{PLACES}?limit=3", f"{PLACES}/P-001", "/ogc/collections", "/ogc"):
        answer = client.get(address)
        tag = answer.headers["etag"]
        again = client.get(address, headers={"If-None-Match": f'"x", {tag}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    other = client.get(f"{PLACES}?limit=4", headers={"If-None-Match": tag})
    assert other.status_code == 200


def test_head_and_options(client: TestClient) -> None:
    for address in ("/ogc", "/ogc/collections", PLACES, f"{PLACES}/P-001"):
        full, head = client.get(address), client.head(address)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["etag"] == full.headers["etag"]
        assert client.options(address).headers["allow"] == "GET, HEAD, OPTIONS"
        assert client.post(address).status_code == 405


def test_large_answers_are_packed_for_who_takes_it(client: TestClient) -> None:
    packed = client.get(f"{PLACES}?limit=20", headers={"Accept-Encoding": "gzip"})
    plain = client.get(f"{PLACES}?limit=20", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json()["features"] == plain.json()["features"]


def test_every_answer_is_a_page_too(client: TestClient) -> None:
    addresses = [
        "/ogc", "/ogc/conformance", "/ogc/api", "/ogc/collections", PLACES, f"{PLACES}/P-001",
        f"{PLACES}?name=无",
        *(f"/ogc/collections/{c}{end}" for c in COLLECTIONS
          for end in ("", "/items", "/queryables", "/schema")),
    ]  # fmt: skip
    for address in addresses:
        asked = client.get(address, headers={"Accept": "text/html,*/*;q=0.8"})
        assert asked.status_code == 200, address
        assert asked.headers["content-type"].startswith("text/html")
        assert "</html>" in asked.text
        by_word = client.get(f"{address}{'&' if '?' in address else '?'}f=html&lang=en")
        assert by_word.status_code == 200
        assert 'lang="en"' in by_word.text
        data = client.get(f"{address}{'&' if '?' in address else '?'}f=json")
        assert "json" in data.headers["content-type"]


def test_a_name_is_never_read_as_html(fresh: Callable[..., Services]) -> None:
    services = fresh()
    with services.store.begin() as work:
        work.append([change(place(21, name="<script>甲</script>"))])
    text = client_of(services).get(f"{PLACES}?f=html&limit=100").text
    assert "<script>甲" not in text


def test_the_definition_is_openapi_3_and_names_every_path(client: TestClient) -> None:
    answer = client.get("/ogc/api")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    told = answer.json()
    assert told["openapi"].startswith("3.0")
    assert "/ogc/collections/{collectionId}/items/{featureId}" in told["paths"]
    assert all(part.get("type") != "null" for part in _parts(told))
    limit = next(
        p
        for p in told["paths"]["/ogc/collections/{collectionId}/items"]["get"]["parameters"]
        if p["name"] == "limit"
    )
    assert limit["schema"]["maximum"] == 10_000


def _parts(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [part for inner in value for part in _parts(inner)]
    if isinstance(value, dict):
        return [value, *(part for inner in value.values() for part in _parts(inner))]
    return []


def test_an_edit_is_seen_at_once_and_the_rest_stays_ready(fresh: Callable[..., Services]) -> None:
    services = fresh()
    client = client_of(services)
    before = client.get(f"{PLACES}?limit=100")
    with services.store.begin() as work:
        work.append(
            [
                change(place(5, name="丙路"), Operation.CORRECT, 1),
                change(place(30)),
                change(
                    place(6, period=Period(date(2006, 1, 1), date(2020, 1, 1))),
                    Operation.CORRECT,
                    1,
                ),
            ]
        )
    after = client.get(f"{PLACES}?limit=100")
    assert after.headers["etag"] != before.headers["etag"]
    told = {f["id"]: f["properties"]["name"] for f in after.json()["features"]}
    assert told["P-005"] == "丙路" and "P-030" not in told and "P-006" not in told
    assert len(told) == 19  # the thirtieth begins in 2030
    assert ids(client, f"{PLACES}?bbox=119.549,38.524,119.551,38.526") == ["P-005"]
    later = client.get(f"{PLACES}?limit=100&as_of=2030-06-01").json()
    assert "P-030" in {f["id"] for f in later["features"]}


def test_an_edit_elsewhere_leaves_the_tag(fresh: Callable[..., Services]) -> None:
    services = fresh()
    client = client_of(services)
    roads = "/ogc/collections/roads/items"
    tag = client.get(roads).headers["etag"]
    with services.store.begin() as work:
        work.append([change(place(40))])
    assert client.get(roads, headers={"If-None-Match": tag}).status_code == 304


def test_views_are_not_kept_without_end(
    fresh: Callable[..., Services], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day or moment more is a view more, and an empty one weighs nothing."""
    monkeypatch.setattr("geo_service.services.serving.cache.MAX_VIEWS", 3)
    features = fresh().features
    junctions = COLLECTIONS["junctions"]
    days = [View(date(1000, 1, 1 + number)) for number in range(6)]
    made = [features.ready(junctions, day) for day in days]
    assert features.ready(junctions, days[-1]) is made[-1]
    assert features.ready(junctions, days[0]) is not made[0]


def test_sections_follow_their_markers(fresh: Callable[..., Services]) -> None:
    services = fresh()
    client = client_of(services)
    segments = "/ogc/collections/segments/items"
    assert len(ids(client, segments)) == 2
    marker = services.store.get(RecordKind.MARKERS, f"{LINE}/002Q")
    ended = replace(marker, period=Period(end=date(2026, 1, 1)))
    with services.store.begin() as work:
        work.append([change(ended, Operation.RETIRE, 1)])
    assert len(ids(client, segments)) == 1


def test_another_connection_sees_the_edit_too(fresh: Callable[..., Services]) -> None:
    from geo_service.store.opening import open_store

    services = fresh()
    client = client_of(services)
    assert len(ids(client, f"{PLACES}?limit=100")) == 20
    other = open_store(services.settings.store)
    with other.begin() as work:
        work.append([change(place(21))])
    other.close()
    assert len(ids(client, f"{PLACES}?limit=100")) == 21


def test_the_tag_of_one_audience_is_not_that_of_another(
    fresh: Callable[..., Services],
) -> None:
    """Else whoever signed out would be told that what he kept from before is still the answer."""
    services = fresh(public_read=True)
    inside = client_of(services).get(f"{PLACES}?limit=100")
    services.settings = replace(services.settings, audience=Label.PUBLIC)
    outside = client_of(services).get(f"{PLACES}?limit=100")
    assert inside.json()["numberMatched"] > outside.json()["numberMatched"]
    assert inside.headers["etag"] != outside.headers["etag"]


def test_outsiders_see_what_is_public_and_no_finer_than_set(
    fresh: Callable[..., Services],
) -> None:
    services = fresh(public_read=True, audience="public")
    client = client_of(services)
    listed = client.get("/ogc/collections").json()["collections"]
    assert [one["id"] for one in listed] == ["place-names", "roads"]
    for hidden in set(COLLECTIONS) - {"place-names", "roads"}:
        assert client.get(f"/ogc/collections/{hidden}/items").status_code == 404
    told = client.get(f"{PLACES}?limit=100").json()
    assert {f["id"] for f in told["features"]} == {f"P-{n:03d}" for n in range(1, 21, 2)}
    assert told["numberMatched"] == 10
    for feature in told["features"]:
        for degrees in feature["geometry"]["coordinates"]:
            assert round(degrees, 3) == degrees
    assert client.get(f"{PLACES}/P-002").status_code == 404
    exact = shapely.Point(119.51, 38.505)
    assert ids(client, f"{PLACES}?bbox={exact.x},{exact.y},{exact.x},{exact.y}") == ["P-001"]
