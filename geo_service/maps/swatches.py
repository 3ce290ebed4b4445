"""Small pictures for the legend: the sign itself, so that nobody has to go by colour alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geo_service.maps.style import Dot, Fill, Mark, Stroke


def line_swatch(stroke: Stroke) -> str:
    """A kind of line for the legend."""
    return (
        '<svg width="28" height="10" aria-hidden="true"><line x1="0" y1="5" x2="28" y2="5" '
        f'stroke="{stroke.color}" stroke-width="{stroke.weight}" stroke-dasharray="{stroke.dash}"/>'
        "</svg>"
    )


def dot_swatch(dot: Dot) -> str:
    """A kind of node for the legend."""
    return (
        '<svg width="28" height="14" aria-hidden="true"><circle cx="14" cy="7" r="5" '
        f'fill="{dot.fill}" stroke="{dot.color}" stroke-width="2"/></svg>'
    )


def mark_swatch(look: Mark) -> str:
    """A mark for the legend."""
    return (
        '<svg width="28" height="18" aria-hidden="true"><circle cx="14" cy="9" r="8.5" '
        f'fill="{look.color}"/><text x="14" y="13" text-anchor="middle" font-size="11" '
        f'font-weight="700" fill="#fff">{look.mark}</text></svg>'
    )


def fill_swatch(fill: Fill) -> str:
    """A flat filling for the legend."""
    return (
        '<svg width="28" height="14" aria-hidden="true"><rect x="3" y="1" width="22" height="12" '
        f'fill="{fill.fill}"/></svg>'
    )
