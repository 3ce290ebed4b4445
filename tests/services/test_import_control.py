"""The declared coordinate system against the register: verified, doubted, or refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import mapping

from geo_service.cities import CityProfile
from geo_service.geometry.crs import from_plane, to_plane
from geo_service.geometry.obfuscation import system_like
from geo_service.services.interchange.report import ImportReport
from geo_service.store.protocol import Store

Importer = Callable[..., ImportReport]
LINE_CODE = "37020002020203"
LINE = shapely.LineString(
    [(120.30, 36.10), (120.302, 36.13), (120.31, 36.16), (120.34, 36.18), (120.40, 36.20)]
)
LEFT = shapely.Polygon([*LINE.coords, (120.40, 36.10)])
GCJ, BD = (455.0, 20.0), (1040.0, 680.0)
"""Metres east and north, as the two systems move this city's ground."""


def _moved(shape: Any, city: CityProfile, east: float, north: float) -> Any:
    by, plane = np.array([east, north]), to_plane([shape], city.plane_epsg)
    return from_plane(shapely.transform(plane, lambda points: points + by), city.plane_epsg)[0]


@pytest.fixture
def lines(geojson: Callable[..., Path], bring: Importer) -> ImportReport:
    return bring(geojson([({"code": LINE_CODE}, mapping(LINE))], "lines.geojson"), "boundary-lines")


@pytest.fixture
def markers(tmp_path: Path, city: CityProfile) -> Callable[..., Path]:
    """`markers(east, north)` writes five markers of the line, moved by so many metres."""

    def write(east: float = 0.0, north: float = 0.0) -> Path:
        path = tmp_path / f"m{east:g}-{north:g}.csv"
        rows = ["JZBH,JXDM,JD,WD,JZLX"]
        for n in range(5):
            point = _moved(LINE.interpolate(n / 4, normalized=True), city, east, north)
            rows.append(f"00{n + 1}Q,{LINE_CODE},{point.x:.9f},{point.y:.9f},单立")
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        return path

    return write


def _crs(report: ImportReport) -> list[str]:
    return [issue.code for issue in report.issues if issue.field == "crs"]


def test_without_control_it_is_said_that_nothing_was_verified(lines: ImportReport) -> None:
    assert lines.accepted and _crs(lines) == ["crs_equated", "crs_unverified"]
    assert "偏差未知" in lines.issues[-1].message.zh


def test_markers_are_held_against_their_line(
    lines: ImportReport, markers: Callable[..., Path], bring: Importer
) -> None:
    report = bring(markers(), "markers", crs="EPSG:4490")

    assert report.accepted
    told = next(issue for issue in report.issues if issue.code == "crs_verified")
    assert told.values["count"] == 5
    assert float(told.values["most"]) < 1.0, "the line is straight on the ellipsoid, not the plane"
    assert "所属界线" in told.message.zh and "China Geodetic" in told.message.zh


def test_another_datum_under_the_same_name_is_doubted_aloud(
    lines: ImportReport, markers: Callable[..., Path], bring: Importer
) -> None:
    report = bring(markers(70.0, -60.0), "markers", crs="EPSG:4490")

    told = next(issue for issue in report.issues if issue.code == "crs_residual")
    assert told.level == "warning" and report.accepted
    assert 50 < float(told.values["median"]) < 95


@pytest.mark.parametrize(("by", "system"), [(GCJ, "GCJ-02"), (BD, "BD-09")])
def test_obfuscated_markers_are_refused_against_the_stored_line(
    by: tuple[float, float],
    system: str,
    lines: ImportReport,
    markers: Callable[..., Path],
    bring: Importer,
) -> None:
    report = bring(markers(*by), "markers", crs="EPSG:4490")

    assert [issue.code for issue in report.errors] == ["shifted"]
    message = report.errors[0].message.zh
    assert system in message and not any(mark.isdigit() for mark in message.replace(system, ""))
    assert report.stored == 0


@pytest.mark.parametrize(("by", "system"), [(GCJ, "GCJ-02"), (BD, "BD-09")])
def test_obfuscated_units_are_refused_against_the_lines_around(
    by: tuple[float, float],
    system: str,
    city: CityProfile,
    geojson: Callable[..., Path],
    bring: Importer,
) -> None:
    bring(geojson([({"code": LINE_CODE}, mapping(LINE))], "lines.geojson"), "boundary-lines")

    def units(east: float, north: float) -> ImportReport:
        shape = mapping(_moved(LEFT, city, east, north))
        return bring(
            geojson([({"code": "370202", "name": "甲"}, shape)], f"{east}.geojson"), "units"
        )

    report = units(*by)
    assert [issue.code for issue in report.errors] == ["shifted"]
    assert system in report.errors[0].message.zh

    true = units(0, 0)
    assert true.accepted and "crs_verified" in _crs(true)


def test_obfuscated_lines_are_refused_against_stored_markers_and_outlines(
    markers: Callable[..., Path],
    city: CityProfile,
    geojson: Callable[..., Path],
    bring: Importer,
) -> None:
    assert bring(markers(), "markers", crs="EPSG:4490").accepted
    shifted = geojson([({"code": LINE_CODE}, mapping(_moved(LINE, city, *GCJ)))], "s.geojson")

    assert [issue.code for issue in bring(shifted, "boundary-lines").errors] == ["shifted"]

    report = bring(geojson([({"code": LINE_CODE}, mapping(LINE))]), "boundary-lines")
    told = next(issue for issue in report.issues if issue.code == "crs_verified")
    assert "该线的界桩" in told.message.zh


def test_names_that_moved_so_are_warned_of(
    tmp_path: Path, city: CityProfile, bring: Importer
) -> None:
    def names(east: float, north: float) -> ImportReport:
        rows = ["编号,名称,类型,经度,纬度"]
        for n in range(3):
            point = _moved(shapely.Point(120.3 + n / 100, 36.1), city, east, north)
            rows.append(f"{n},第{n}路,道路,{point.x:.9f},{point.y:.9f}")
        path = tmp_path / f"n{east:g}.csv"
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        return bring(path, "place-names", dry_run=bool(east))

    assert "names_shifted" not in {issue.code for issue in names(0, 0).issues}
    report = names(*GCJ)
    told = next(issue for issue in report.issues if issue.code == "names_shifted")
    assert report.accepted and told.level == "warning" and "GCJ-02" in told.message.zh
    assert "names_shifted" not in {issue.code for issue in names(-455, 20).issues}


@pytest.mark.parametrize(
    ("shift_m", "bearing_deg", "system"),
    [
        (413, 85, "GCJ-02"),
        (500, 85, "GCJ-02"),
        (450, 79, "GCJ-02"),
        (1185, 56, "BD-09"),
        (1317, 56, "BD-09"),
        (300, 85, ""),
        (450, 265, ""),
        (800, 70, ""),
    ],
)
def test_the_whole_city_is_covered_by_what_is_known_of_the_shifts(
    city: CityProfile, shift_m: float, bearing_deg: float, system: str
) -> None:
    """The extremes over the outlines of the city's units."""
    assert system_like(city, shift_m, bearing_deg) == system


def test_other_movements_as_far_are_not_called_obfuscated(
    lines: ImportReport, markers: Callable[..., Path], bring: Importer
) -> None:
    for by in ((-455.0, 20.0), (0.0, -460.0), (300.0, 0.0), (700.0, 100.0)):
        report = bring(markers(*by), "markers", crs="EPSG:4490", dry_run=True)
        assert report.accepted, by
        assert "crs_residual" in _crs(report)


def test_a_shift_is_told_beside_the_other_errors(
    lines: ImportReport, markers: Callable[..., Path], bring: Importer
) -> None:
    path = markers(*GCJ)
    path.write_text(path.read_text(encoding="utf-8") + f"9X,{LINE_CODE},120.3,36.1,单立\n", "utf-8")

    codes = [issue.code for issue in bring(path, "markers", crs="EPSG:4490").errors]

    assert {"shifted", "code_unreadable"} <= set(codes)


def test_every_wrong_declaration_is_refused_by_the_numbers(
    tmp_path: Path, city: CityProfile, bring: Importer, store: Store
) -> None:
    def plane(epsg: int, prefix: int = 0) -> list[str]:
        points = shapely.get_coordinates(to_plane([LINE], epsg))
        return [f"{prefix * 1_000_000 + x:.3f},{y:.3f}" for x, y in points]

    packed = ["120.3015,36.1037", "120.3123,36.1148", "120.3207,36.1259", "120.3319,36.1303"]
    packed += ["120.3431,36.1411", "120.3544,36.1527", "120.3652,36.1636", "120.3708,36.1749"]
    swapped = [",".join(reversed(row.split(","))) for row in plane(4549)]
    cases = [
        ("EPSG:4547", plane(4549), "crs_mismatch"),  # another zone
        ("EPSG:4549", plane(4549, 40), "crs_mismatch"),  # a prefix that was not declared
        ("EPSG:4528", plane(4549), "crs_mismatch"),  # a declared one that is not there
        ("EPSG:4549", swapped, "axes_swapped"),
        ("EPSG:4490", packed, "degrees_packed"),
        ("EPSG:2364", plane(4549, 40), "crs_ballpark"),  # Xi'an 80 without local parameters
    ]
    for n, (crs, rows, code) in enumerate(cases):
        path = tmp_path / f"{n}.csv"
        lines = [f"0{i + 10}Q,{LINE_CODE},{row},单立" for i, row in enumerate(rows)]
        path.write_text("JZBH,JXDM,HZB,ZZB,JZLX\n" + "\n".join(lines) + "\n", encoding="utf-8")
        if crs == "EPSG:4490":
            path.write_text(
                path.read_text(encoding="utf-8").replace("HZB,ZZB", "JD,WD"), encoding="utf-8"
            )
        report = bring(path, "markers", crs=crs)
        assert code in {issue.code for issue in report.errors}, (crs, code)
        told = next(issue for issue in report.errors if issue.code == code)
        assert told.message.zh and told.hint.zh and "{" not in told.message.zh + told.hint.zh
        if code == "crs_mismatch":
            fits = "EPSG:4528" if rows[0][:2] == "40" else "EPSG:4549"
            assert fits in told.hint.zh
    assert store.verify().entries == 0


def test_the_receipt_keeps_what_was_verified(
    lines: ImportReport, markers: Callable[..., Path], bring: Importer
) -> None:
    first = bring(markers(), "markers", crs="EPSG:4490")
    again = bring(markers(), "markers", crs="EPSG:4490")

    assert again.repeated
    assert json.dumps(again.to_json("en")) == json.dumps(first.to_json("en"))
