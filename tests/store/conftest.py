"""Builders with defaults and an empty store in each back end."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode, NodeKind
from geo_service.domain.change import Change, Operation, Record
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.draft import Draft, DraftAct
from geo_service.domain.finding import FindingState, Severity
from geo_service.domain.identity import DivisionCode, LineCode, MarkerNumber
from geo_service.domain.kept_finding import Cause, KeptFinding, Origin, ReviewRun
from geo_service.domain.marker import BoundaryMarker, MarkerKind
from geo_service.domain.period import Period
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Provenance
from geo_service.domain.road import Road
from geo_service.services.benching.private_server import PrivateServer
from geo_service.store.opening import open_store
from geo_service.store.schema import LAYERS
from geo_service.store.sql_store import SqlStore

SOURCE = Provenance(source="示例", licence="CC0-1.0")


class Ticking:
    """A clock that moves on by one second at each look, so that every entry has its own time."""

    def __init__(self) -> None:
        self.now = datetime(2024, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class Build:
    """Records and changes with defaults."""

    @staticmethod
    def place(id: str = "P-1", **fields: Any) -> NamedPlace:
        defaults: dict[str, Any] = {
            "name": "香港中路",
            "feature_type": FeatureType.ROAD,
            "provenance": SOURCE,
            "unit_code": DivisionCode("370202"),
            "geometry": shapely.Point(120.38, 36.06),
        }
        return NamedPlace(id=id, **defaults | fields)

    @staticmethod
    def unit(code: str = "370202", **fields: Any) -> AdministrativeUnit:
        defaults: dict[str, Any] = {"name": "甲区", "geometry": shapely.box(120, 36, 120.5, 36.5)}
        return AdministrativeUnit(code=DivisionCode(code), provenance=SOURCE, **defaults | fields)

    @staticmethod
    def line(left: str = "370202", right: str = "370203", **fields: Any) -> AdministrativeBoundary:
        one, other = DivisionCode(left), DivisionCode(right)
        defaults: dict[str, Any] = {
            "name": "甲乙线",
            "geometry": shapely.LineString([(120, 36), (120.2, 36.1)]),
        }
        return AdministrativeBoundary(
            code=LineCode.between(one, other),
            left_code=one,
            right_code=other,
            provenance=SOURCE,
            **defaults | fields,
        )

    @staticmethod
    def node(id: str = "N-1", **fields: Any) -> BoundaryNode:
        defaults: dict[str, Any] = {
            "kind": NodeKind.TRIPOINT,
            "units": tuple(map(DivisionCode, ("370202", "370203", "370211"))),
            "position": shapely.Point(120.1, 36.05),
        }
        return BoundaryNode(id=id, provenance=SOURCE, **defaults | fields)

    @staticmethod
    def marker(number: str = "001Q", **fields: Any) -> BoundaryMarker:
        defaults: dict[str, Any] = {
            "line_code": LineCode("37020002020203"),
            "kind": MarkerKind.SINGLE,
            "position": shapely.Point(120.15, 36.07),
            "height_m": 12.5,
        }
        return BoundaryMarker(number=MarkerNumber(number), provenance=SOURCE, **defaults | fields)

    @staticmethod
    def road(id: str = "RD-1", **fields: Any) -> Road:
        defaults: dict[str, Any] = {
            "name": "香港中路",
            "geometry": shapely.LineString([(120.38, 36.06), (120.4, 36.06)]),
            "grade": "主干路",
            "width_m": 40.0,
            "unit_code": DivisionCode("370202"),
        }
        return Road(id=id, provenance=SOURCE, **defaults | fields)

    @staticmethod
    def finding(id: str = "a" * 64, **fields: Any) -> KeptFinding:
        defaults: dict[str, Any] = {
            "rule_id": "BD-NET-01",
            "family": "boundaries",
            "city": "990100",
            "scale": 10_000,
            "origin": Origin.REGISTER,
            "subject_kind": "unit",
            "subject_id": "370202",
            "subject_name": "甲区",
            "severity": Severity.HUMAN,
            "title": "悬挂",
            "title_en": "dangle",
            "message": "甲",
            "message_en": "a",
            "named": (("boundary-line/1", ""), ("unit/370202", "ab")),
            "state": FindingState.WAIVED,
            "cause": Cause.WAIVED,
            "run_id": "R-1",
            "first_seen": date(2023, 1, 1),
            "last_seen": date(2023, 1, 2),
            "changed": ("unit/370202",),
            "signer": "张三",
            "signed_on": date(2023, 1, 3),
            "reason": "乙",
            "document_no": "丙",
            "ends_on": date(2030, 1, 1),
            "period": Period(date(2023, 1, 1)),
        }
        return KeptFinding(id=id, provenance=SOURCE, **defaults | fields)

    @staticmethod
    def run(id: str = "R-1", **fields: Any) -> ReviewRun:
        defaults: dict[str, Any] = {
            "families": ("boundaries", "markers"),
            "city": "990100",
            "scale": 10_000,
            "origin": Origin.FILES,
            "rules": ("BD-NET-01", "BD-NET-02"),
            "counts": (("lines", 2), ("units", 3)),
            "tally": (("seen", 1),),
            "found": "ab",
            "rules_digest": "cd",
            "data_digest": "ef",
            "code": "1",
        }
        return ReviewRun(id=id, provenance=SOURCE, **defaults | fields)

    @staticmethod
    def draft(id: str = "D-1", **fields: Any) -> Draft:
        defaults: dict[str, Any] = {
            "target_kind": "place-names",
            "target_id": "P-1",
            "act": DraftAct.RENAME,
            "body": (("name", "香港东路"),),
            "effective_on": date(2026, 1, 1),
            "authors": ("经办人甲",),
            "geometry": shapely.Point(120.39, 36.06),
        }
        return Draft(id=id, provenance=SOURCE, **defaults | fields)

    @staticmethod
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


@pytest.fixture
def build() -> type[Build]:
    return Build


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


class Server(PrivateServer):
    """PostgreSQL with PostGIS for this run alone. Nothing is mocked."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._numbers = itertools.count(1)

    def start(self) -> None:
        super().start()
        # A database that sorts as a Chinese dictionary does: the store must not depend on it.
        self.sql("CREATE DATABASE bare TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'zh'")
        open_store(self.url("bare"), create=True).close()
        # Nearly half of each copy, and nobody here asks for other systems.
        self.sql("DELETE FROM spatial_ref_sys WHERE srid NOT IN (4326, 4490)", "bare")
        self.sql("VACUUM FULL spatial_ref_sys", "bare")
        self.sql("CREATE DATABASE made TEMPLATE bare")
        self.sql("DROP SCHEMA geo_service CASCADE", "bare")

    def empty(self, database: str) -> None:
        """Make a store as good as new, past the guards that forbid it."""
        import psycopg

        tables = "change, name_index, receipt, person, content, " + ", ".join(
            layer.table for layer in LAYERS
        )
        with psycopg.connect(self.url(database)) as db:
            db.execute("SET session_replication_role = replica; SET search_path = geo_service")
            db.execute(f"TRUNCATE {tables}")

    @contextmanager
    def database(self, like: str = "made") -> Iterator[str]:
        """A new database: `made` holds an empty store, `bare` the extension only."""
        name = f"t{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {like}")
        yield name
        self.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The server, started when the first test asks for it."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder:  # a short path: it holds the socket
        started = Server(Path(folder))
        try:
            started.make()
            started.start()
            yield started
        finally:
            started.stop()


@pytest.fixture
def database(server: Server) -> Iterator[str]:
    """Name of a database with an empty store."""
    with server.database() as name:
        yield name


@pytest.fixture
def file_store(tmp_path: Path, clock: Ticking) -> Iterator[SqlStore]:
    made = open_store(f"gpkg:{tmp_path}/s.gpkg", create=True, clock=clock)
    yield made
    made.close()


@pytest.fixture
def server_store(server: Server, database: str, clock: Ticking) -> Iterator[SqlStore]:
    made = open_store(server.url(database), clock=clock)
    yield made
    made.close()


@pytest.fixture(params=["file_store", "server_store"])
def store(request: pytest.FixtureRequest) -> Any:
    """An empty store of every back end there is."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def write(store: Any, build: type[Build]) -> Callable[..., None]:
    """Commit changes in one transaction; plain records become `create`."""

    def commit(*items: Any) -> None:
        changes = [item if isinstance(item, Change) else build.change(item) for item in items]
        with store.begin() as work:
            work.append(changes)

    return commit
