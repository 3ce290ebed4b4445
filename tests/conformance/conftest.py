"""The service under test, on each store, as a client that knows the standard alone would see it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
import shapely
from fastapi.testclient import TestClient

from geo_service import compose
from geo_service.api.app import create_app
from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.finding import FindingState, Severity
from geo_service.domain.identity import DivisionCode
from geo_service.domain.kept_finding import Cause, KeptFinding, Origin
from geo_service.domain.period import Period
from geo_service.domain.provenance import Force, Provenance
from geo_service.domain.road import Road
from geo_service.services.benching.private_server import PrivateServer
from geo_service.services.samples.loading import load_sample
from geo_service.settings import Settings
from geo_service.store.opening import open_store

CITY = "990100"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
SCHEMAS = Path(__file__).with_name("schemas")
_SOURCE = Provenance(source="示例", licence="CC0-1.0", force=Force.SYNTHETIC)
_OTHER_BOXES = (
    (-1.5, 50.0, 1.5, 53.0),  # over the prime meridian
    (-80.0, -5.0, -70.0, 5.0),  # over the equator
    (177.0, 65.0, -177.0, 70.0),  # over 180 degrees
    (-180.0, 85.0, 180.0, 90.0),
    (-180.0, -90.0, 180.0, -85.0),
)

Json = dict[str, Any]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Answer:
    """A response with the moments between which it was made."""

    status: int
    headers: dict[str, str]
    body: Json
    before: datetime
    after: datetime

    @property
    def features(self) -> list[Json]:
        found: list[Json] = self.body["features"]
        return found


class Service:
    """Asks as a client does: paths come from links, parameters from the description."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self._known: dict[tuple[str, tuple[tuple[str, Any], ...]], Answer] = {}

    def get(self, url: str, accept: str = "application/json", **params: Any) -> Answer:
        """An answer in JSON; the same question is asked once."""
        key = (url, (*params.items(), ("", accept)))
        if key not in self._known:
            before = datetime.now(UTC)
            answer = self.client.get(url, params=params or None, headers={"Accept": accept})
            after = datetime.now(UTC)
            is_json = "json" in answer.headers.get("content-type", "")
            body = answer.json() if is_json else {}
            headers = {name.lower(): value for name, value in answer.headers.items()}
            self._known[key] = Answer(answer.status_code, headers, body, before, after)
        return self._known[key]

    def items(self, collection: Json, **params: Any) -> Answer:
        """Features of a collection, by its link to them."""
        url = link(collection, "items", "application/geo+json")["href"]
        return self.get(url, "application/geo+json", **params)

    def everything(self, collection: Json, **params: Any) -> list[Json]:
        """All features, page by page."""
        answer = self.items(collection, **{"limit": 500, **params})
        found = list(answer.features)
        while following := links(answer.body, "next", "application/geo+json"):
            answer = self.get(following[0]["href"], "application/geo+json")
            assert answer.status == 200, answer.body
            found += answer.features
        return found

    def feature(self, collection: Json, feature: Json, **params: Any) -> Answer:
        """One feature by its id."""
        url = urlsplit(link(collection, "items", "application/geo+json")["href"])
        path = f"{url.path}/{feature['id']}"
        return self.get(path, "application/geo+json", **params)

    @property
    def collections(self) -> list[Json]:
        """The collections the service tells of; those of drafts are empty here."""
        found: list[Json] = self.get("/ogc/collections").body["collections"]
        return found

    @property
    def filled(self) -> list[Json]:
        """Those that hold features: all but drafts."""
        found = [each for each in self.collections if self.items(each).features]
        assert [each["id"] for each in self.collections if each not in found] == [
            each["id"] for each in self.collections if each["id"].endswith("-drafts")
        ]
        return found

    def boxes(self, collection: Json) -> list[Box]:
        """The box of the collection, and places where boxes are hard."""
        told = collection.get("extent", {}).get("spatial", {}).get("bbox", [])
        own = [tuple(told[0])] if told else []
        return [*own, *_OTHER_BOXES]

    def times(self, collection: Json) -> list[str]:
        """An instant, an interval, and intervals without an end or a beginning."""
        told = collection.get("extent", {}).get("temporal", {}).get("interval", [[None, None]])
        first = (told[0][0] or "2020-01-01T00:00:00Z")[:10]
        return [
            f"{first}T00:00:00Z",
            f"{first}T08:00:00+08:00",
            f"{first}T00:00:00Z/2024-06-01T12:31:12Z",
            f"{first}T00:00:00Z/..",
            "../2024-06-01T12:31:12Z",
        ]

    @property
    def description(self) -> Json:
        """The API as it describes itself."""
        landing = self.get("/ogc/").body
        url = link(landing, "service-desc")
        return self.get(url["href"], url["type"]).body

    def parameter(self, collection: Json, name: str) -> Json:
        """How the description defines a parameter of the features of a collection."""
        path = urlsplit(link(collection, "items", "application/geo+json")["href"]).path
        document = self.description
        for template, operations in document["paths"].items():
            base = urlsplit(document.get("servers", [{"url": ""}])[0]["url"]).path.rstrip("/")
            if _fits(base + template, path):
                for told in (*operations.get("parameters", []), *operations["get"]["parameters"]):
                    parameter = _resolved(document, told)
                    if parameter["name"] == name:
                        return parameter | {"schema": _resolved(document, parameter["schema"])}
        raise AssertionError(f"no parameter {name} of {path} in the description")


def _fits(template: str, path: str) -> bool:
    parts, wanted = template.strip("/").split("/"), path.strip("/").split("/")
    pairs = zip(parts, wanted, strict=False)
    return len(parts) == len(wanted) and all(a == b or a.startswith("{") for a, b in pairs)


def _resolved(document: Json, told: Json) -> Json:
    while "$ref" in told:
        found: Any = document
        for part in told["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        told = found
    return told


def links(body: Json, rel: str, type_: str = "") -> list[Json]:
    """The links of a relation, and of a media type where one is asked for."""
    return [
        one for one in body["links"] if one["rel"] == rel and type_ in (one.get("type", ""), "")
    ]


def link(body: Json, rel: str, type_: str = "") -> Json:
    """The one link of a relation."""
    found = links(body, rel, type_)
    assert found, f"no link {rel} {type_} in {body['links']}"
    return found[0]


class Standard:
    """What the standard asks of an answer, whatever was asked."""

    crs84 = CRS84

    @staticmethod
    def link(body: Json, rel: str, type_: str = "") -> Json:
        return link(body, rel, type_)

    @staticmethod
    def valid(body: Json, schema: str) -> None:
        """/req/core: the body is as the schema written from the standard says."""
        told = json.loads((SCHEMAS / f"{schema}.json").read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator(told).validate(body)

    @staticmethod
    def crs84_only(answer: Answer) -> None:
        """/req/core/crs84: longitude, latitude in degrees."""
        header = answer.headers.get("content-crs", f"<{CRS84}>")
        assert header == f"<{CRS84}>"
        for feature in answer.features:
            if feature["geometry"] is not None:
                shape = shapely.from_geojson(json.dumps(feature["geometry"]))
                west, south, east, north = shape.bounds
                assert -180 <= west <= east <= 180, feature["id"]
                assert -90 <= south <= north <= 90, feature["id"]

    @staticmethod
    def collection_type(answer: Answer) -> None:
        """/req/core/fc-response: the type is FeatureCollection."""
        assert answer.body["type"] == "FeatureCollection"

    @staticmethod
    def features_array(answer: Answer) -> None:
        """/req/core/fc-response: features are an array of features."""
        assert isinstance(answer.body["features"], list)
        assert all(feature["type"] == "Feature" for feature in answer.features)
        assert all("id" in feature for feature in answer.features)

    @staticmethod
    def collection_links(answer: Answer) -> None:
        """/req/core/fc-links, fc-rel-type: itself, its other forms, each with rel and type."""
        link(answer.body, "self", "application/geo+json")
        link(answer.body, "alternate", "text/html")
        assert all(one.get("rel") and one.get("type") for one in answer.body["links"])

    @staticmethod
    def time_stamp(answer: Answer) -> None:
        """/req/core/fc-timeStamp: when the answer was made."""
        if "timeStamp" in answer.body:
            told = datetime.fromisoformat(answer.body["timeStamp"])
            early, late = answer.before.replace(microsecond=0), answer.after
            assert early <= told <= late, (early, told, late)

    @staticmethod
    def number_returned(answer: Answer) -> None:
        """/req/core/fc-numberReturned: as many as there are in the answer."""
        if "numberReturned" in answer.body:
            assert answer.body["numberReturned"] == len(answer.features)

    @staticmethod
    def number_matched(service: Service, collection: Json, **params: Any) -> None:
        """/req/core/fc-numberMatched: as many as all pages have together, none of them twice."""
        answer = service.items(collection, **params)
        rest = {name: value for name, value in params.items() if name != "limit"}
        found = service.everything(collection, **rest)
        ids = [feature["id"] for feature in found]
        assert len(ids) == len(set(ids)), "a feature stands on two pages"
        if "numberMatched" in answer.body:
            assert answer.body["numberMatched"] == len(found)


@pytest.fixture
def standard() -> type[Standard]:
    return Standard


def _finding(id: str, unit: str) -> KeptFinding:
    return KeptFinding(
        id=id,
        rule_id="BD-NET-01",
        family="boundaries",
        city=CITY,
        scale=10_000,
        origin=Origin.REGISTER,
        subject_kind="unit",
        subject_id=unit,
        subject_name="示例甲区",
        severity=Severity.HUMAN,
        title="悬挂",
        title_en="dangle",
        message="示例",
        message_en="example",
        named=((f"unit/{unit}", ""),),
        state=FindingState.OPEN,
        cause=Cause.FOUND,
        run_id="R-1",
        first_seen=date(2023, 1, 1),
        last_seen=date(2023, 1, 2),
        changed=(),
        period=Period(date(2023, 1, 1)),
        provenance=_SOURCE,
    )


def _more(unit: str) -> Iterator[Change]:
    """A road, and findings on a unit and on one that is gone: no collection is empty."""
    road = Road(
        id="RD-示例-1",
        name="示例甲路",
        geometry=shapely.LineString([(119.5, 38.4), (119.6, 38.45)]),
        unit_code=DivisionCode("990101"),
        provenance=_SOURCE,
        period=Period(date(2021, 3, 1)),
    )
    for record in (road, _finding("a" * 64, unit), _finding("b" * 64, "990199999")):
        yield Change(operation=Operation.CREATE, record=record, actor="示例", reason="测试")


@pytest.fixture(scope="session")
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """An address for a new store in each back end."""
    if request.param == "geopackage":
        with tempfile.TemporaryDirectory() as folder:
            yield f"gpkg:{folder}/register.gpkg"
        return
    with tempfile.TemporaryDirectory(prefix="pg") as folder:  # a short path: it holds the socket
        server = PrivateServer(Path(folder))
        try:
            server.make()
            server.start()
            server.sql("CREATE DATABASE ogc")
            yield server.url("ogc")
        finally:
            server.stop()


@pytest.fixture(scope="session")
def service(address: str) -> Iterator[Service]:
    """The service over the invented city."""
    settings = Settings(city=CITY, store=address, auth=False)
    open_store(address, create=True).close()
    services = compose.build(settings)
    load_sample(services.store, services.city)
    with services.store.begin() as work:
        work.append(_more(services.store.records(RecordKind.UNITS)[0].id))
    client = TestClient(
        create_app(services, settings),
        base_url="http://127.0.0.1:8000",
        client=("127.0.0.1", 50000),
        raise_server_exceptions=False,
    )
    yield Service(client)
    services.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test runs on both stores."""
    if "service" in metafunc.fixturenames:
        metafunc.parametrize("address", ["geopackage", "postgis"], indirect=True, scope="session")
