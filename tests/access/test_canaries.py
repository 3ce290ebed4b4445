"""Internal records with words of their own: no public answer holds one, nor counts them."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import shapely

from geo_service import compose
from geo_service.api import app as app_module
from geo_service.api.app import create_app
from geo_service.api.deps import _known
from geo_service.api.rights import routes_of
from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Label, Provenance
from geo_service.domain.road import Road
from geo_service.services.samples.loading import load_sample
from geo_service.settings import Settings
from geo_service.store.opening import open_store
from tests.access.conftest import PASSWORD, Browser

COUNTY = DivisionCode("990102")
MARKS = "秘鹭"
"""Two characters that begin every canary's name, and stand nowhere else."""
_SPOT = (119.71234, 38.51234)
_ASKED = {
    "q": ("秘鹭", "milu", "鹳"),
    "prefix": ("秘鹭", "鹳"),
    "name": ("秘鹭路", "白鹳路"),
    "near": ("119.71234,38.51234",),
    "bbox": ("119.7,38.5,119.73,38.53",),
    "unit": ("990102",),
    "within": ("990102",),
    "limit": ("1000",),
    "format": ("geojson",),
    "data": ("example",),
    "id": (f"place-names/{MARKS}-1",),
    "known_at": ("2026-11-24",),
    "kind": ("place-names", "roads", "units"),
}
"""What is asked for in a parameter of that name, where a route has it."""
_COLLECTIONS = ("place-names", "place_names", "roads", "units", "boundary-lines", "markers")
_IDS = (f"{MARKS}-1", f"{MARKS}-R1", "白鹳-1", "白鹳-R1", "990102")


def _records(label: Label, mark: str):
    told = Provenance(source=f"{mark}档", label=label, note=f"{mark}注")
    for number in range(25):
        spot = shapely.Point(119.71234 + number / 1e4, 38.51234)
        yield NamedPlace(
            id=f"{mark}-{number}",
            name=f"{mark}{chr(0x4E00 + number)}路",
            feature_type=FeatureType.ROAD,
            provenance=told,
            unit_code=COUNTY,
            geometry=spot,
        )
        course = shapely.LineString([(spot.x, spot.y), (spot.x, spot.y + 0.01)])
        yield Road(
            id=f"{mark}-R{number}",
            name=f"{mark}{chr(0x4F00 + number)}街",
            geometry=course,
            provenance=told,
            unit_code=COUNTY,
        )


def _services(folder, *, canaries: bool):
    settings = Settings(
        city="990100",
        auth=True,
        public_read=True,
        store=f"gpkg:{folder / f'{canaries}.gpkg'}",
        accounts=str(folder / f"{canaries}.sqlite"),
        rate_per_s=0,
        log_requests=False,
    )
    now = datetime(2026, 11, 23, 6, tzinfo=UTC)
    open_store(settings.store, create=True, clock=lambda: now).close()
    made = compose.build(settings, clock=lambda: now)
    load_sample(made.store, made.city)
    written = [
        *_records(Label.PUBLIC, "白鹳"),
        *(_records(Label.INTERNAL, MARKS) if canaries else ()),
    ]
    with made.store.begin() as work:
        work.append(
            Change(
                operation=Operation.CREATE, record=record, actor=f"{MARKS}员", reason=f"{MARKS}由"
            )
            for record in written
        )
        if canaries:
            work.append(_relabelled(made))
    made.office.accounts.add("viewer", "某人", ["viewer"], actor="test", password=PASSWORD)
    return made


def _relabelled(made):
    """Units and markers of the sample stay internal; some get the mark as well."""
    for record in made.store.records(RecordKind.UNITS)[:3]:
        yield Change(
            operation=Operation.CORRECT,
            record=replace(record, name=f"{MARKS}{record.name}"),
            actor="test",
            reason="test",
            expected_version=1,
        )


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("canaries")
    made = {canaries: _services(folder, canaries=canaries) for canaries in (False, True)}
    yield made
    for services in made.values():
        services.close()


def _browser(services, *, signed_in: bool) -> Browser:
    app = create_app(services, services.settings)
    made = Browser(app, base_url="https://127.0.0.1", client=("10.0.0.5", 1))
    made.headers["accept-language"] = "zh-CN"
    if signed_in:
        account = services.office.accounts.get("viewer")
        made.cookies.set(
            "__Host-session", services.office.sessions.begin(account, "127.0.0.1", "", "sign_in")
        )
    return made


def _paths(path: str):
    """The path of a route with what can stand in its place holders."""
    for name in ("collectionId", "collection", "kind"):
        if f"{{{name}}}" in path:
            for collection in _COLLECTIONS:
                yield from _paths(path.replace(f"{{{name}}}", collection))
            return
    found = re.search(r"\{(record_id|featureId)(:path)?\}", path)
    if found:
        yield from (path.replace(found[0], record_id) for record_id in _IDS)
        return
    tile = zip(("tileMatrix", "tileRow", "tileCol"), _tile(), strict=True)
    for name, number in (("tileMatrixSetId", "WebMercatorQuad"), *tile):
        path = path.replace(f"{{{name}}}", str(number))
    yield re.sub(r"\{[^}]*\}", "1", path)


def _tile(zoom: int = 9) -> tuple[int, int, int]:
    """The tile in which the canaries lie: zoom, row, column."""
    lon, lat = _SPOT
    y = math.asinh(math.tan(math.radians(lat))) / math.pi
    return zoom, int((1 - y) / 2 * 2**zoom), int((lon + 180) / 360 * 2**zoom)


def _addresses():
    for module in app_module._ROUTERS:
        for route in routes_of(module.router):
            if "GET" not in route.methods or route.path in ("/metrics", "/readyz"):
                continue
            known = set(_known(route.dependant))
            if "/items" in route.path:
                known |= {"bbox", "limit"}
            for path in _paths(route.path):
                yield path
                if MARKS not in path:
                    yield from (
                        f"{path}?{name}={value}"
                        for name in sorted(known & set(_ASKED))
                        for value in _ASKED[name]
                    )


ADDRESSES = sorted(set(_addresses()))


@pytest.mark.parametrize("signed_in", [False, True], ids=["anonymous", "viewer"])
def test_no_public_answer_holds_an_internal_record_or_counts_it(both, signed_in):
    with_, without = (_browser(both[c], signed_in=signed_in) for c in (True, False))
    answered, leaks, differing = 0, [], []
    for path in ADDRESSES:
        accept = "application/json" if path.startswith(("/api", "/ogc")) else "text/html"
        told, plain = (asked.get(path, headers={"accept": accept}) for asked in (with_, without))
        answered += told.is_success
        if MARKS not in path and any(MARKS in text for text in (_text(told), str(told.headers))):
            leaks.append(path)
        if told.status_code != plain.status_code or _shape(told) != _shape(plain):
            differing.append((path, told.status_code, plain.status_code))
    assert answered > 60
    assert not leaks
    assert not differing


def _text(answer) -> str:
    """The answer as text; a tile holds its names in UTF-8."""
    return answer.content.decode("utf-8", "replace")


def _shape(answer) -> str:
    """An answer without what differs from request to request."""
    text = re.sub(r'name="csrf" value="[^"]*"|X-CSRF-Token[^}]*', "", _text(answer))
    text = re.sub(r'"(timeStamp|request_id|made_at|hash|head)":\s*"[^"]*"', "", text)
    return re.sub(r"[0-9a-f]{16,}", "", text)


def test_the_same_addresses_tell_them_to_those_who_may_see_them(both):
    """Without this the test above could pass by asking for the wrong things."""
    services = both[True]
    services.office.accounts.add("clerk", "某人", ["clerk"], actor="test", password=PASSWORD)
    clerk = _browser(services, signed_in=False)
    account = services.office.accounts.get("clerk")
    clerk.cookies.set(
        "__Host-session", services.office.sessions.begin(account, "10.0.0.5", "", "sign_in")
    )
    told = [path for path in ADDRESSES if MARKS not in path and MARKS in _text(clerk.get(path))]
    assert any("/items" in path for path in told)
    assert any(re.search(r"/WebMercatorQuad/\d+/\d+/\d+$", path) for path in told)
    assert any(path.startswith("/api/v1/names/search") for path in told)
    assert any(path.startswith("/api/v1/register/") for path in told)
    assert any(path.startswith("/register") for path in told)
