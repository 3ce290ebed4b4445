"""Sizes and lists of names as findings write them."""

from __future__ import annotations

from collections.abc import Iterable

from geo_service.domain.text import Text
from geo_service.geometry.arrays import Floats


def area(square_metres: float) -> Text:
    """An area in the unit a reader would choose: m², ha from 1 ha, km² from 1 km²."""
    if square_metres >= 1e6:
        return Text(f"{square_metres / 1e6:,.2f} 平方公里", f"{square_metres / 1e6:,.2f} km²")
    if square_metres >= 1e4:
        return Text(f"{square_metres / 1e4:,.2f} 公顷", f"{square_metres / 1e4:,.2f} ha")
    return Text(f"{square_metres:,.1f} 平方米", f"{square_metres:,.1f} m²")


def length(metres: float) -> Text:
    """A length in metres, in kilometres from 1 km."""
    if metres >= 1000:
        return Text(f"{metres / 1000:,.2f} 公里", f"{metres / 1000:,.2f} km")
    return Text(f"{metres:,.2f} 米", f"{metres:,.2f} m")


def chainage(metres: Floats) -> Text:
    """Where along a line, counted from its start: one place, or from the first to the last."""
    first, last = length(float(metres.min())), length(float(metres.max()))
    if first == last:
        return Text(f"距起点 {first.zh}处", f"{first.en} from the start")
    return Text(
        f"距起点 {first.zh}至 {last.zh}之间", f"between {first.en} and {last.en} from the start"
    )


def names(each: Iterable[str]) -> Text:
    """Names in a row."""
    row = list(each)
    return Text("、".join(row), ", ".join(row))
