"""What an applicant tells of the thing to be named, besides where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RoadClass(StrEnum):
    """Functional class of a road (青岛市城市道路命名规则 2020, art. 4)."""

    EXPRESSWAY = "expressway"
    ELEVATED = "elevated"
    TRUNK = "trunk"
    """Long, running through, important."""
    ARTERIAL = "arterial"
    SECONDARY = "secondary"
    BRANCH = "branch"
    LANE = "lane"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureFacts:
    """Size and nature of the feature; None or "" = not told. Areas in m², lengths in metres.

    `floor_area_m2` is the gross floor area, `green_percent` green and leisure ground of the site,
    `width_m` the red-line width of a road, `span_m` the longest single span of a bridge,
    `sinuosity` the length of a road over the straight distance of its ends (1 = straight), `seat`
    the place where the government of a unit sits. Each is worded in `data/messages/facts.toml`.
    """

    site_area_m2: float | None = None
    floor_area_m2: float | None = None
    open_area_m2: float | None = None
    green_percent: float | None = None
    storeys: float | None = None
    height_m: float | None = None
    households: float | None = None
    plot_ratio: float | None = None
    width_m: float | None = None
    length_m: float | None = None
    span_m: float | None = None
    sinuosity: float | None = None
    road_class: RoadClass | None = None
    seat: str = ""
    applicant: str = ""


NOTHING_TOLD = FeatureFacts()
