"""Unit files nobody should send: each ends in findings or in a clear refusal, never in a crash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from typer.testing import CliRunner

from geo_service.cli.main import app

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
