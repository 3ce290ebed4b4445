"""Drafts over a small invented register, in a file and on a server alike."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo_service import compose
from geo_service.compose import Services
from geo_service.domain.access import Asker, Manner, Right
from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.change import Change, Operation, Record
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.identity import DivisionCode, LineCode
from geo_service.domain.period import Period
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Force, Label, Provenance
from geo_service.domain.road import Road
from geo_service.services.benching.private_server import PrivateServer
from geo_service.services.drafts.desk import DraftDesk
from geo_service.settings import Settings
from geo_service.store.opening import open_store

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
SAMPLE = Provenance("示例", "CC0-1.0", Force.SYNTHETIC)
ONE, OTHER = DivisionCode("990101"), DivisionCode("990102")
LINE = LineCode.between(ONE, OTHER)
SINCE = Period(date(2000, 1, 1))
DIGEST = f"sha256:{'a' * 64}"


def asker(name: str, *rights: Right) -> Asker:
    """Somebody with rights, who sees what is internal."""
    return Asker(
        name, Manner.SESSION, frozenset({*rights, Right.CONTENT_READ}), audience=Label.INTERNAL
    )


CLERK = asker("经办人甲", Right.REGISTER_DRAFT)
COLLEAGUE = asker("经办人乙", Right.REGISTER_DRAFT)
COMMITTEE = asker("委员丙", Right.REGISTER_DRAFT, Right.REGISTER_APPROVE)
OFFICE = asker("界线丁", Right.BOUNDARY_DRAFT, Right.BOUNDARY_APPROVE)
OFFICER = asker("界线戊", Right.BOUNDARY_DRAFT, Right.BOUNDARY_APPROVE)
VIEWER = asker("查阅人己")


def records() -> list[Record]:
    line = shapely.LineString([(119.5, 38.5), (119.6, 38.51), (119.7, 38.5)])
    return [
        AdministrativeUnit(
            code=ONE, name="甲区", provenance=SAMPLE, period=SINCE,
            geometry=shapely.box(119.5, 38.5, 119.7, 38.7),
        ),
        AdministrativeBoundary(
            code=LINE, name="甲乙线", left_code=ONE, right_code=OTHER, provenance=SAMPLE,
            geometry=line, length_km=17.5, period=SINCE,
        ),
        Road(
            id="RD-1", name="甲路", provenance=SAMPLE, grade="主干路", width_m=40.0, unit_code=ONE,
            geometry=shapely.LineString([(119.55, 38.55), (119.65, 38.65)]), period=SINCE,
        ),
        NamedPlace(
            id="P-1", name="青石桥", feature_type=FeatureType.ROAD, provenance=SAMPLE,
            unit_code=ONE, geometry=shapely.Point(119.6, 38.6), period=SINCE,
        ),
    ]  # fmt: skip


def services_over(url: str, **settings: Any) -> Services:
    ticks = itertools.count()
    open_store(url, create=True).close()
    made = compose.build(
        Settings(**{"city": "990100", "auth": False, "store": url, **settings}),
        clock=lambda: NOW + timedelta(milliseconds=next(ticks)),
    )
    with made.store.begin() as work:
        work.append(
            Change(operation=Operation.CREATE, record=record, actor="经办人甲", reason="测试")
            for record in records()
        )
    return made


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


_NUMBERS = itertools.count(1)


@pytest.fixture(params=["gpkg", "postgresql"])
def services(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Services]:
    """A register of one's own in every back end there is."""
    if request.param == "gpkg":
        url = f"gpkg:{tmp_path / 'register.gpkg'}"
    else:
        server = request.getfixturevalue("server")
        name = f"drafts{next(_NUMBERS)}"
        server.sql(f"CREATE DATABASE {name}")
        url = server.url(name)
    made = services_over(url)
    yield made
    made.close()


@pytest.fixture
def file_services(tmp_path: Path) -> Iterator[Services]:
    """A register of one's own in a file."""
    made = services_over(f"gpkg:{tmp_path / 'register.gpkg'}")
    yield made
    made.close()


@pytest.fixture
def desk_of() -> Callable[[Services], DraftDesk]:
    return lambda made: DraftDesk(made.store, made.city, made.today(), made.restricted)
