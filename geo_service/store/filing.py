"""Which layers are found by name: under which manners their rows stand in the name index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geo_service.domain.change import RecordKind
from geo_service.domain.place import FeatureType


@dataclass(frozen=True, slots=True)
class Filing:
    """A layer whose names are filed: by the written form and by likeness keys.

    `feature_type` is the type of all its names, "" where each row says its own.
    """

    kind: RecordKind
    table: str
    written: str
    alike: str
    feature_type: str = ""

    @property
    def named(self) -> str:
        """SQL for what the keys of a row are made of: name, feature type, unit code."""
        told = f"'{self.feature_type}'" if self.feature_type else "feature_type"
        return f"name, {told}, unit_code"


PLACES = Filing(RecordKind.PLACE_NAMES, "place_names", "written", "alike")
ROADS = Filing(RecordKind.ROADS, "roads", "road written", "road alike", FeatureType.ROAD.value)
"""Of their own manner: rows are numbered layer by layer."""
FILED: Mapping[RecordKind, Filing] = {filing.kind: filing for filing in (PLACES, ROADS)}
