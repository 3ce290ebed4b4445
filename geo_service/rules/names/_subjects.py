"""Sets of standings and feature types in which the bases of name rules are narrowed."""

from __future__ import annotations

from geo_service.domain.place import FeatureType
from geo_service.rules.names import Standing

NEW = frozenset((Standing.PROPOSED,))
EXISTING = frozenset((Standing.EXISTING,))
PROTECTED = frozenset((Standing.PROTECTED,))
KEPT = EXISTING | PROTECTED

ROADS = frozenset((FeatureType.ROAD,))
BUILT = frozenset((FeatureType.ESTATE, FeatureType.BUILDING))
FACILITIES = frozenset((FeatureType.FACILITY,))
UNITS = frozenset((FeatureType.UNIT,))
VILLAGES = frozenset((FeatureType.VILLAGE,))
OLD_STANDING = frozenset((FeatureType.VILLAGE, FeatureType.NATURAL, FeatureType.UNIT))
"""Types whose names mostly grew over centuries: a word in them is at most worth a note."""
ALL = frozenset(FeatureType)
