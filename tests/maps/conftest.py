"""A small invented case with hostile names: three counties, their lines, nodes and findings."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geo_service import cities
from geo_service.cities import CityProfile
from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode, NodeKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.finding import Finding, Measure, Severity, Subject
from geo_service.domain.identity import DivisionCode
from geo_service.domain.law import Citation
from geo_service.domain.period import ALWAYS
from geo_service.domain.provenance import Force, Provenance
from geo_service.domain.text import Text
from geo_service.maps.offline import Assets, vendored_assets

HOSTILE = "</script><img src=x onerror=alert(1)>\u2028"
INVENTED = Provenance("示例数据", force=Force.SYNTHETIC)
A, B, C = (DivisionCode(code) for code in ("990101", "990102", "990103"))


@dataclass(frozen=True)
class Case:
    units: tuple[AdministrativeUnit, ...]
    lines: tuple[AdministrativeBoundary, ...]
    nodes: tuple[BoundaryNode, ...]


def square(west: float, south: float, width: float = 0.2, height: float = 0.2) -> Polygon:
    east, north = west + width, south + height
    return Polygon([(west, south), (east, south), (east, north), (west, north)])


def unit(
    code: str, name: str, geometry: BaseGeometry, provenance: Provenance = INVENTED
) -> AdministrativeUnit:
    return AdministrativeUnit(
        code=DivisionCode(code), name=name, provenance=provenance, geometry=geometry
    )


def line(left: DivisionCode, right: DivisionCode, *points: tuple[float, float]):
    return AdministrativeBoundary(
        code=f"990100{left[2:]}{right[2:]}",
        name=f"{left}—{right}{HOSTILE}",
        left_code=left,
        right_code=right,
        provenance=INVENTED,
        geometry=LineString(points),
        agreement_no=HOSTILE,
    )


def finding(number: int, severity: Severity, geometry: BaseGeometry | None) -> Finding:
    citation = Citation(
        "L22",
        Text("某条例", "A regulation"),
        "某号令",
        "4(2)",
        Text("相邻单位不得重叠", "neighbours do not overlap"),
        ALWAYS,
        "https://law.example/",
        Text("没有法律依据", "no legal basis"),
    )
    return Finding(
        id=f"F-{number:04d}",
        rule_id="BD-TEST-01",
        rule_version=1,
        severity=severity,
        category="拓扑",
        title=Text("重叠" + HOSTILE, "Overlap" + HOSTILE),
        message=Text("甲县与乙县重叠" + HOSTILE, "overlap" + HOSTILE),
        subject=Subject("unit", A, "甲县" + HOSTILE),
        related=(),
        measure=Measure(1234.5, 1.0, "m2", "城市配置"),
        geometry=geometry,
        citations=(citation,),
        question=Text("以哪一方协议书为准？", "Which agreement holds?"),
        suggestion=None,
        fingerprint=f"{number:064d}",
    )


@pytest.fixture
def case() -> Case:
    return Case(
        units=(
            unit(A, "甲县", square(120, 36)),
            unit(B, "乙县" + HOSTILE, square(120.2, 36)),
            unit(C, "丙县", square(120, 36.2, 0.4)),
        ),
        lines=(
            line(A, B, (120.2, 36), (120.2, 36.2)),
            line(A, C, (120, 36.2), (120.2, 36.2)),
            line(B, C, (120.2, 36.2), (120.4, 36.2)),
        ),
        nodes=(
            BoundaryNode(
                id="T1",
                kind=NodeKind.TRIPOINT,
                units=(A, B, C),
                position=Point(120.2, 36.2),
                provenance=INVENTED,
            ),
            BoundaryNode(
                id="S1",
                kind=NodeKind.SEA_END,
                units=(A, B),
                position=Point(120.2, 36),
                provenance=INVENTED,
            ),
        ),
    )


@pytest.fixture
def findings() -> tuple[Finding, ...]:
    bow_tie = Polygon([(120.3, 36.1), (120.35, 36.15), (120.35, 36.1), (120.3, 36.15)])
    return (
        finding(1, Severity.PROHIBITED, square(120.19, 36.05, 0.02, 0.05)),
        finding(2, Severity.ADVISED_AGAINST, LineString([(120.2, 36.12), (120.2, 36.18)])),
        finding(3, Severity.HUMAN, Point(120.2, 36.2)),
        finding(4, Severity.INFO, bow_tie),
        finding(5, Severity.INFO, None),
        finding(6, Severity.INFO, Point(float("nan"), 36)),
    )


@pytest.fixture
def city() -> CityProfile:
    return cities.city("990100")


@pytest.fixture
def assets() -> Assets:
    return vendored_assets()


@pytest.fixture
def make_unit():
    """`make_unit(code, name, geometry, provenance=…)`."""
    return unit


@pytest.fixture
def hostile() -> str:
    return HOSTILE
