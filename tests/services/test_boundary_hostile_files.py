"""Unit files nobody should send: each ends in findings or in a clear refusal, never in a crash."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from typer.testing import CliRunner

from geo_service import cities
from geo_service.cli.main import app
from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.identity import DivisionCode
from geo_service.domain.provenance import Force, Provenance
from geo_service.geometry.crs import to_plane
from geo_service.rules.boundaries import BoundaryCase
from geo_service.services.boundaries import check_boundaries
from geo_service.services.recheck import reviewed

SQUARE = [[120.0, 38.5], [120.1, 38.5], [120.1, 38.6], [120.0, 38.6], [120.0, 38.5]]
EAST = [[120.1, 38.5], [120.2, 38.5], [120.2, 38.6], [120.1, 38.6], [120.1, 38.5]]


def polygon(*rings: list[list[float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def many(count: int) -> list[list[float]]:
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    ring = np.stack((120.15 + 0.04 * np.cos(turn), 38.55 + 0.04 * np.sin(turn)), axis=1).tolist()
    return [*ring, ring[0]]


def checked(
    folder: Path, geometry: dict[str, Any] | None, **top: Any
) -> tuple[int, dict[str, Any]]:
    features = [
        {"type": "Feature", "properties": {"code": code, "name": name}, "geometry": shape}
        for code, name, shape in (("990101", "甲区", polygon(SQUARE)), ("990102", "乙区", geometry))
    ]
    path = folder / "units.geojson"
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": features, **top}), encoding="utf-8"
    )
    result = CliRunner(env={"GEO_SERVICE_CITY": "990100"}).invoke(
        app, ["boundary", "check", str(path), "--as-of", "2026-01-01", "--json"]
    )
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, json.loads(result.stdout)


def codes(told: dict[str, Any]) -> set[str]:
    return {issue["code"] for issue in told.get("issues", [])}


@pytest.mark.parametrize(
    "geometry",
    [
        pytest.param(polygon([*EAST[:2], [120.2, float("nan")], *EAST[3:]]), id="nan"),
        pytest.param(polygon([*EAST[:2], [1e308, 38.6], *EAST[3:]]), id="far"),
        pytest.param(
            {"type": "GeometryCollection", "geometries": [polygon(EAST)]}, id="collection"
        ),
        pytest.param(
            {
                "type": "GeometryCollection",
                "geometries": [{"type": "GeometryCollection", "geometries": [polygon(EAST)]}],
            },
            id="nested",
        ),
        pytest.param({"type": "LineString", "coordinates": EAST}, id="line"),
        pytest.param({"type": "Polygon", "coordinates": []}, id="empty"),
        pytest.param(
            polygon([[500000, 4260000], [501000, 4260000], [501000, 4261000]]), id="metres"
        ),
    ],
)
def test_what_is_no_polygon_in_degrees_is_named(tmp_path, geometry):
    exit_code, told = checked(tmp_path, geometry)

    assert exit_code in {1, 3}, told
    assert codes(told) or told.get("code"), told


def test_heights_change_nothing(tmp_path):
    plain = checked(tmp_path, polygon(EAST))
    high = checked(tmp_path, polygon([[*xy, 12.5] for xy in EAST]))

    assert plain[1]["findings"] == high[1]["findings"]


def test_a_ring_of_very_many_vertices_is_judged(tmp_path):
    _, told = checked(tmp_path, polygon(EAST, many(50_000)))

    assert "BD-TOP-03" in {finding["rule_id"] for finding in told["findings"]}


def test_a_file_in_another_system_is_transformed_or_refused(tmp_path):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}
    metres = shapely.box(13358338, 4650000, 13369470, 4664000)
    exit_code, told = checked(tmp_path, json.loads(shapely.to_geojson(metres)), crs=crs)

    assert exit_code in {1, 3}
    assert told["status"] in {"checked", "rejected"}


def checked_files(*paths: Path, crs: str = "EPSG:4490") -> tuple[int, dict[str, Any]]:
    command = ["boundary", "check", *map(str, paths), *(["--crs", crs] if crs else [])]
    result = CliRunner(env={"GEO_SERVICE_CITY": "990100"}).invoke(
        app, [*command, "--as-of", "2026-01-01", "--json"]
    )
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, json.loads(result.stdout)


def in_wkt(folder: Path, shapes: dict[str, str]) -> Path:
    names = {"990101": "甲区", "990102": "乙区"}
    rows = [f'{code},{names[code]},"{wkt}"' for code, wkt in shapes.items()]
    path = folder / f"{'-'.join(shapes)}.csv"
    path.write_text("\n".join(("code,name,wkt", *rows)), encoding="utf-8")
    return path


EAST_WKT = ", ".join(f"{x} {y}" for x, y in EAST)
WEST = "120 38.5, 120.1 38.5, 120.1 38.6, 120 38.6, 120 38.5"


@pytest.mark.parametrize("kind", ["M", "Z", "ZM"])
def test_measures_and_heights_change_nothing(tmp_path, kind):
    more = " 7" * len(kind)
    high = ", ".join(place + more for place in EAST_WKT.split(", "))
    both = {"990101": f"POLYGON(({WEST}))", "990102": f"POLYGON {kind} (({high}))"}
    plain = {**both, "990102": f"POLYGON(({EAST_WKT}))"}

    _, told = checked_files(in_wkt(tmp_path, both))
    assert told["status"] == "checked"
    _, expected = checked_files(in_wkt(tmp_path, plain))
    assert told["findings"] == expected["findings"]


@pytest.mark.parametrize(
    "shape",
    [
        "CURVEPOLYGON(CIRCULARSTRING(120.1 38.5,120.2 38.6,120.3 38.5,120.2 38.4,120.1 38.5))",
        "MULTISURFACE(((120.1 38.5, 120.2 38.5, 120.2 38.6, 120.1 38.5)))",
        "GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT(120 38.5)))",
        "POLYGON EMPTY",
        "POLYGON((120 38.5, 120.1 38.5",
    ],
)
def test_shapes_of_no_use_are_refused_by_row(tmp_path, shape):
    exit_code, told = checked_files(in_wkt(tmp_path, {"990101": shape}))

    assert (exit_code, told["status"]) == (3, "rejected")
    assert told["issues"][0]["row"] == 2


def test_files_of_several_systems_are_judged_in_one(tmp_path):
    west = {"type": "Feature", "properties": {"code": "990101", "name": "甲区"}}
    east = {"type": "Feature", "properties": {"code": "990102", "name": "乙区"}}
    (metres,) = to_plane(np.array([shapely.Polygon(EAST)], dtype=object), 4549)
    paths = []
    for feature, shape, epsg in ((west, shapely.Polygon(SQUARE), 4490), (east, metres, 4549)):
        feature["geometry"] = json.loads(shapely.to_geojson(shape))
        crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{epsg}"}}
        path = tmp_path / f"{epsg}.geojson"
        told = {"type": "FeatureCollection", "crs": crs, "features": [feature]}
        path.write_text(json.dumps(told), encoding="utf-8")
        paths.append(path)

    _, found = checked_files(*paths, crs="")
    assert found["status"] == "checked"
    # The way there and back costs a fraction of a millimetre: no gap and no overlap is made of it.
    told_by = {finding["rule_id"] for finding in found["findings"]}
    assert not told_by & {"BD-TOP-02", "BD-TOP-03", "BD-TOP-04"}


def test_a_long_ring_with_its_line_goes_through_all_rules():
    """Run once with 1,000,000 vertices: docs/evidence/2026-11-28-boundaries-recheck.md."""
    ring = np.array(many(100_000)[:-1]).round(7)
    invented = {"provenance": Provenance("示例", force=Force.SYNTHETIC)}
    inner, outer = DivisionCode("990103"), DivisionCode("990102")
    around = shapely.Polygon([(120.0, 38.4), (120.3, 38.4), (120.3, 38.7), (120.0, 38.7)], [ring])
    units = (
        AdministrativeUnit(code=outer, name="乙区", geometry=around, **invented),
        AdministrativeUnit(code=inner, name="丙区", geometry=shapely.Polygon(ring), **invented),
    )
    line = AdministrativeBoundary(
        code="990102-990103",
        name="乙区–丙区",
        left_code=inner,
        right_code=outer,
        geometry=shapely.LineString(np.vstack((ring, ring[:1]))),
        **invented,
    )
    city = cities.city("990100")
    case = BoundaryCase(units, (line,), (), city.plane_epsg)

    assert check_boundaries(case, city, date(2026, 1, 1)).findings == ()
    moved = shapely.Polygon(np.vstack((ring[:500], ring[2500:])))
    review = reviewed(case, city, date(2026, 1, 1))
    edited = review.with_changes([replace(units[1], geometry=moved)])
    assert {f.rule_id for f in edited.report.findings} & {"BD-TOP-03", "BD-TOP-04"}
