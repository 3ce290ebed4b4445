"""Marker coordinates of public treaties against the azimuths and lengths printed beside them."""

from __future__ import annotations

import numpy as np
import pytest

from geo_service.geometry.course import deviation_deg, grid_azimuth_deg, true_azimuth_deg
from geo_service.geometry.measure import distances_m
from geo_service.language.alignment import parse
from geo_service.language.alignment.words import wind_of


def _degrees(degrees: int, minutes: int, seconds: float) -> float:
    return degrees + minutes / 60 + seconds / 3600


def _place(longitude: tuple[int, int, float], latitude: tuple[int, int, float]) -> np.ndarray:
    return np.array([_degrees(*longitude), _degrees(*latitude)])


def _packed(azimuth: float) -> tuple[int, int, int]:
    seconds = round(azimuth * 3600)
    return seconds // 3600, seconds // 60 % 60, seconds % 60


# Protocol of 1965 on the boundary around Kilik, art. 14.
KILIK_1 = _place((74, 40, 21.09), (37, 4, 17.36))
KILIK_2 = _place((74, 40, 31.06), (37, 4, 31.04))
KILIK = _place((74, 40, 32.42), (37, 4, 47.87))
# Demarcation protocol China–Tajikistan, part 2.
MARKER_86 = _place((74, 48, 23.1), (38, 8, 16.1))
MARKER_87 = _place((74, 49, 3.1), (38, 7, 51.6))
MARKER_88 = _place((74, 51, 16.9), (38, 3, 58.4))
MARKER_89 = _place((74, 52, 4.2), (38, 2, 11.7))


@pytest.mark.parametrize(
    ("start", "azimuth", "metres", "printed", "printed_m"),
    [
        (KILIK_1, (16, 34, 10), 981.3, "16°33\u203235″", 980.9),
        (KILIK_2, (3, 42, 16), 519.9, "3°41\u203255″", 519.9),
    ],
)
def test_kilik(
    start: np.ndarray,
    azimuth: tuple[int, int, int],
    metres: float,
    printed: str,
    printed_m: float,
) -> None:
    found = true_azimuth_deg(start, KILIK)
    assert _packed(found) == azimuth
    assert round(float(distances_m(start[None], KILIK[None])[0]), 1) == metres
    (segment,) = parse(f"自2/1号辅助界桩，真方位角{printed}，距离{printed_m}米，至2号界桩。")
    (clause,) = segment.clauses
    assert clause.length_m == printed_m
    assert clause.bearing_deg is not None
    assert (
        deviation_deg(found, clause.bearing_deg) * 3600 < 36
    )  # of their day: astronomic, not GNSS


@pytest.mark.parametrize(
    ("start", "end", "azimuth", "chord_km", "stated_km"),
    [(MARKER_86, MARKER_87, 127.8, 1.233, 1.241), (MARKER_88, MARKER_89, 160.7, 3.486, 4.302)],
)
def test_china_tajikistan(
    start: np.ndarray, end: np.ndarray, azimuth: float, chord_km: float, stated_km: float
) -> None:
    chord = float(distances_m(start[None], end[None])[0]) / 1000
    assert round(true_azimuth_deg(start, end), 1) == azimuth
    assert round(chord, 3) == chord_km
    assert chord <= stated_km


def test_the_word_of_a_treaty_follows_from_the_coordinates() -> None:
    assert wind_of(true_azimuth_deg(MARKER_86, MARKER_87)).word == "东南"


def test_grid_azimuth_of_the_straight_line_of_2004() -> None:
    azimuth = grid_azimuth_deg(
        np.array([20_564_000.0, 5_490_500.0]), np.array([20_564_380.0, 5_496_160.0])
    )
    assert round(azimuth, 1) == 3.8
    assert wind_of(azimuth).word == "北"
