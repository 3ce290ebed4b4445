"""Internal records with words of their own: no public answer holds one, nor counts them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import shapely

from geo_service import compose
from geo_service.api import app as app_module
from geo_service.api.app import create_app
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
_QUERIES = (
    "",
    "?q=秘鹭路",
    "?q=milu",
    "?name=秘鹭路",
    "?limit=1000",
    "?f=json",
    "?f=html",
    "?format=geojson&limit=1000",
    "?near=119.71234,38.51234",
    "?bbox=119.7,38.5,119.73,38.53",
    "?data=example",
)


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


def _addresses():
    for module in app_module._ROUTERS:
        for route in routes_of(module.router):
            if "GET" in route.methods and route.path != "/metrics":
                for key in ("1", f"{MARKS}-1", "place-names", "990102"):
                    path = re.sub(r"\{[^}]*\}", key, route.path)
                    yield from (f"{path}{query}" for query in _QUERIES)
                if "{" in route.path:
                    for kind in ("places", "place-names", "place_names", "roads", "units"):
                        path = re.sub(r"\{[^}]*\}", kind, route.path, count=1)
                        yield re.sub(r"\{[^}]*\}", f"{MARKS}-1", path)


ADDRESSES = sorted(set(_addresses()))


@pytest.mark.parametrize("signed_in", [False, True], ids=["anonymous", "viewer"])
def test_no_public_answer_holds_an_internal_record_or_counts_it(both, signed_in):
    with_, without = (_browser(both[c], signed_in=signed_in) for c in (True, False))
    answered, leaks, differing = 0, [], []
    for path in ADDRESSES:
        for accept in ("application/json", "text/html"):
            headers = {"accept": accept}
            told, plain = with_.get(path, headers=headers), without.get(path, headers=headers)
            answered += told.is_success
            if MARKS not in path and (MARKS in told.text or MARKS in str(told.headers)):
                leaks.append(path)
            if told.status_code != plain.status_code or _shape(told) != _shape(plain):
                differing.append((path, told.status_code, plain.status_code))
    assert answered > (300 if signed_in else 20)
    assert not leaks
    assert not differing


def _shape(answer) -> str:
    """An answer without what differs from request to request."""
    text = re.sub(r'name="csrf" value="[^"]*"|X-CSRF-Token[^}]*', "", answer.text)
    text = re.sub(r'"(timeStamp|request_id|made_at|hash|head)":\s*"[^"]*"', "", text)
    return re.sub(r"[0-9a-f]{16,}", "", text)


def test_the_same_records_are_there_for_internal_use(both):
    services = both[True]
    services.office.accounts.add("clerk", "某人", ["clerk"], actor="test", password=PASSWORD)
    clerk = _browser(services, signed_in=False)
    account = services.office.accounts.get("clerk")
    clerk.cookies.set(
        "__Host-session", services.office.sessions.begin(account, "127.0.0.1", "", "sign_in")
    )
    body = clerk.get("/api/v1/names/search", params={"q": MARKS, "limit": 100}).json()
    assert json.dumps(body, ensure_ascii=False).count(f"{MARKS}-") >= 25
