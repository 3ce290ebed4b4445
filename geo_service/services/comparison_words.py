"""What a comparison of two copies says in words beside its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.messages import message

if TYPE_CHECKING:
    from geo_service.domain.text import Lang
    from geo_service.services.comparison import Offset


def offset_text(offset: Offset, lang: Lang) -> str:
    """What one shift of the whole of copy B would explain.

    Of a copy that looks obfuscated no figure is told by which it could be undone.
    """
    if offset.like:
        side = message(f"compare.side_{offset.displaced}").in_(lang)
        return message("compare.offset_like", system=offset.like, side=side).in_(lang)
    shift, common = offset.common.shift, offset.common
    unit = message("compare.in_degrees" if common.in_degrees else "compare.in_metres")
    return message(
        "compare.offset_constant" if offset.constant else "compare.offset_shape",
        east=f"{shift.east_m:,.1f}",
        north=f"{shift.north_m:,.1f}",
        distance=f"{shift.distance_m:,.1f}",
        bearing=f"{shift.bearing_deg:.1f}",
        before=f"{offset.before_m:,.1f}",
        after=f"{offset.after_m:,.1f}",
        spread=f"{common.spread_m:,.1f}",
        unit=unit.in_(lang),
    ).in_(lang)
