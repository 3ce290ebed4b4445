"""The OGC API over a small invented register, in a file and on a server alike."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import shapely
from fastapi.testclient import TestClient

from geo_service import compose
from geo_service.api.app import create_app
from geo_service.compose import Services
from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode, NodeKind
from geo_service.domain.change import Change, Operation, Record
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.finding import FindingState, Severity
from geo_service.domain.identity import DivisionCode, LineCode, MarkerNumber
from geo_service.domain.kept_finding import Cause, KeptFinding, Origin
from geo_service.domain.marker import BoundaryMarker, MarkerKind
from geo_service.domain.period import Period
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Force, Label, Provenance
from geo_service.domain.road import Road
from geo_service.services.benching.private_server import PrivateServer
from geo_service.settings import Settings
from geo_service.store.opening import open_store

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
SAMPLE = Provenance("示例", "CC0-1.0", Force.SYNTHETIC)
OPEN = Provenance("示例", "CC0-1.0", Force.SYNTHETIC, Label.PUBLIC)
ONE, OTHER = DivisionCode("990101"), DivisionCode("990102")
LINE = LineCode.between(ONE, OTHER)


def place(number: int, **fields: Any) -> NamedPlace:
    defaults: dict[str, Any] = {
        "name": f"甲{number}路",
        "feature_type": FeatureType.ROAD,
        "provenance": OPEN if number % 2 else SAMPLE,
        "unit_code": ONE,
        "geometry": shapely.Point(119.5 + number / 100, 38.5 + number / 200),
        "romanization": "Jiǎ Lù" if number % 3 else "",
        "period": Period(date(2000 + number, 1, 1), date(2035, 1, 1) if number % 4 else None),
    }
    return NamedPlace(id=f"P-{number:03d}", **defaults | fields)


def records() -> list[Record]:
    """A unit, a line with three markers, a junction, two roads, a finding and twenty names."""
    west, middle, east = 119.5, 119.6, 119.7
    line = shapely.LineString([(west, 38.5), (middle, 38.51), (east, 38.5)])
    return [
        AdministrativeUnit(
            code=ONE, name="甲区", provenance=SAMPLE, geometry=shapely.box(west, 38.5, east, 38.7)
        ),
        AdministrativeBoundary(
            code=LINE, name="甲乙线", left_code=ONE, right_code=OTHER, provenance=SAMPLE,
            geometry=line, length_km=17.5,
        ),
        *(
            BoundaryMarker(
                number=MarkerNumber(f"00{number}Q"), line_code=LINE, kind=MarkerKind.SINGLE,
                provenance=SAMPLE, position=line.interpolate(share, normalized=True),
                height_m=10.0 * number,
            )
            for number, share in ((1, 0.0), (2, 0.5), (3, 1.0))
        ),
        BoundaryNode(
            id="N-1", kind=NodeKind.SEA_END, units=(ONE, OTHER), position=shapely.Point(west, 38.5),
            provenance=SAMPLE,
        ),
        Road(
            id="RD-1", name="甲路", provenance=SAMPLE, grade="主干路", width_m=40.0, unit_code=ONE,
            geometry=shapely.LineString([(119.55, 38.55), (119.65, 38.65)]),
        ),
        Road(id="RD-2", name="乙路", provenance=SAMPLE),
        KeptFinding(
            id="f" * 64, rule_id="BD-NET-01", family="boundaries", city="990100", scale=10_000,
            origin=Origin.REGISTER, subject_kind="unit", subject_id=str(ONE), subject_name="甲区",
            severity=Severity.HUMAN, title="悬挂", title_en="dangle", message="甲", message_en="a",
            named=(), state=FindingState.WAIVED, cause=Cause.WAIVED, run_id="R-1",
            first_seen=date(2023, 1, 1), last_seen=date(2023, 1, 2), provenance=SAMPLE,
            signer="签字人丙", signed_on=date(2023, 1, 3), reason="理由丁",
        ),
        *map(place, range(1, 21)),
    ]  # fmt: skip


def change(
    record: Record, operation: Operation = Operation.CREATE, expected_version: int = 0
) -> Change:
    return Change(
        operation=operation,
        record=record,
        actor="经办人甲",
        reason="测试",
        basis="示例文件",
        expected_version=expected_version,
    )


def services_over(url: str, **settings: Any) -> Services:
    made = Settings(city="990100", auth=False, store=url, **settings)
    open_store(url, create=True).close()
    services = compose.build(made, clock=lambda: NOW)
    with services.store.begin() as work:
        work.append(map(change, records()))
    return services


def client_of(services: Services, **headers: str) -> TestClient:
    return TestClient(
        create_app(services, services.settings),
        base_url="http://127.0.0.1:8000",
        client=("127.0.0.1", 50000),
        headers=headers,
        raise_server_exceptions=False,
    )


@pytest.fixture(scope="session")
def server() -> Iterator[PrivateServer]:
    with tempfile.TemporaryDirectory(prefix="pg") as folder:  # a short path: it holds the socket
        started = PrivateServer(Path(folder))
        try:
            started.make()
            started.start()
            yield started
        finally:
            started.stop()


@pytest.fixture(scope="session", params=["gpkg", "postgresql"])
def services(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Services]:
    """The register in every back end there is; tests only read it."""
    if request.param == "gpkg":
        url = f"gpkg:{tmp_path_factory.mktemp('ogc') / 'register.gpkg'}"
    else:
        server = request.getfixturevalue("server")
        # In a random order it is made more than once.
        server.sql("DROP DATABASE IF EXISTS ogc WITH (FORCE)")
        server.sql("CREATE DATABASE ogc")
        url = server.url("ogc")
    made = services_over(url)
    yield made
    made.close()


@pytest.fixture(scope="session")
def client(services: Services) -> TestClient:
    return client_of(services)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Callable[..., Services]]:
    """`fresh(**settings)` makes a register of one's own in a file."""
    made: list[Services] = []

    def make(**settings: Any) -> Services:
        made.append(services_over(f"gpkg:{tmp_path / f'{len(made)}.gpkg'}", **settings))
        return made[-1]

    yield make
    for services in made:
        services.close()
