"""Tolerances that follow the map scale."""

from __future__ import annotations

_POINT_MM = 0.1
_LINE_MM = 0.2


def point_tolerance_m(scale: int) -> float:
    """t1: 0.1 mm on the map, in metres on the ground (1 m at 1:10 000).

    Point features of the Shandong county atlas; frame control points likewise.
    """
    return _POINT_MM * scale / 1000


def line_tolerance_m(scale: int) -> float:
    """t2: 0.2 mm on the map, in metres on the ground (2 m at 1:10 000): line features."""
    return _LINE_MM * scale / 1000
