"""Colours, marks and dashes of our maps, read from `data/styles/map.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from geo_service.domain.finding import Outcome, Severity
from geo_service.errors import ConfigError
from geo_service.resources import data_dir

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Stroke:
    """A kind of line: colour, width in pixels, dash pattern (empty for a solid line)."""

    color: str
    weight: float
    dash: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A kind of node: rim, filling and radius in pixels."""

    color: str
    fill: str
    radius: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign in a disc: colour, and a character so that colour is never the only sign."""

    color: str
    mark: str


@dataclass(frozen=True, slots=True)
class Fill:
    """A flat filling without an outline: borders are drawn by the line layer alone."""

    fill: str
    opacity: float


@dataclass(frozen=True, slots=True)
class Style:
    """All looks of the maps. `decimals` is the number of places of a degree that are drawn."""

    unit_fills: tuple[Fill, ...]
    neighbour: Fill
    internal: Stroke
    external: Stroke
    copy_a: Stroke
    copy_b: Stroke
    departure: Stroke
    alone: Stroke
    tripoint: Dot
    sea_end: Dot
    severities: Mapping[Severity, Mark]
    proposed: Mark
    near: Mark
    near_unit: Fill
    outcomes: Mapping[Outcome, Mark]
    changed_lines: Mapping[str, Stroke]
    changed_marks: Mapping[str, Mark]
    findings_per_severity: int
    decimals: int
    public_decimals: int


def _style(table: dict[str, Any]) -> Style:
    units, lines, nodes, names = table["units"], table["lines"], table["nodes"], table["names"]
    return Style(
        unit_fills=tuple(Fill(fill, units["opacity"]) for fill in units["fills"]),
        neighbour=Fill(units["neighbour_fill"], units["opacity"]),
        internal=Stroke(**lines["internal"]),
        external=Stroke(**lines["external"]),
        copy_a=Stroke(**lines["copy_a"]),
        copy_b=Stroke(**lines["copy_b"]),
        departure=Stroke(**lines["departure"]),
        alone=Stroke(**lines["alone"]),
        tripoint=Dot(**nodes["tripoint"]),
        sea_end=Dot(**nodes["sea_end"]),
        severities={level: Mark(**table["severities"][level.word]) for level in Severity},
        proposed=Mark(**names["proposed"]),
        near=Mark(**names["near"]),
        near_unit=Fill(**names["unit"]),
        outcomes={outcome: Mark(**table["outcomes"][outcome.value]) for outcome in Outcome},
        changed_lines={how: Stroke(**look) for how, look in table["changes"]["lines"].items()},
        changed_marks={how: Mark(**look) for how, look in table["changes"]["marks"].items()},
        findings_per_severity=table["limits"]["findings_per_severity"],
        decimals=table["limits"]["decimals"],
        public_decimals=table["limits"]["public_decimals"],
    )


@cache
def style() -> Style:
    """The style table. Raises ConfigError when it is missing or malformed."""
    path = data_dir() / "styles" / "map.toml"
    try:
        with path.open("rb") as file:
            return _style(tomllib.load(file))
    except (OSError, KeyError, TypeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError("style_malformed", file=path.name, detail=repr(error)) from error
