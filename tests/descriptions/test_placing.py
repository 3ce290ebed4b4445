"""Landmarks and features as files bring them: several of a name, in pieces, far away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from geo_service.cities import city
from geo_service.domain.alignment import FollowedFeature
from geo_service.rules.descriptions import DescriptionCase, DescriptionContext
from geo_service.rules.descriptions._drawing import told
from geo_service.rules.descriptions._whole import whole_features
from geo_service.rules.engine import evaluate, rules_of

CITY = city("990100")
AS_OF = date(2024, 6, 1)
BENT = "LINESTRING (0 0, 1000 0, 1000 -1000)"
ENDS = {1: (0.0, 0.0), 2: (1000.0, -1000.0)}
TEXT = "从1号界桩起，向东至白石桥，转向南至2号界桩止。"


def rules_found(case: DescriptionCase) -> list[str]:
    found = evaluate(
        rules_of("descriptions"),
        case,
        DescriptionContext(CITY, AS_OF),
        as_of=AS_OF,
        jurisdiction=CITY.code,
    )
    return [finding.rule_id for finding in found]


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_landmarks_of_a_name_the_one_by_the_line_counts(order: int) -> None:
    near = told(TEXT, BENT, ENDS, {"白石桥": (1000.0, 0.0)})
    far = told(TEXT, BENT, ENDS, {"白石桥": (5000.0, 5000.0)})
    both = (*near.landmarks, *far.landmarks)[::order]
    assert rules_found(replace(near, landmarks=both)) == []


def test_a_landmark_far_from_the_line_ends_no_leg() -> None:
    far = told(TEXT, BENT, ENDS, {"白石桥": (400.0, 3000.0)})
    found = rules_found(far)
    assert "DS-LMK-01" in found
    assert "DS-LEN-01" not in found


def test_pieces_of_a_river_are_one_river_in_any_order() -> None:
    case = told(
        "从1号界桩起，沿清水河至2号界桩止。",
        BENT,
        ENDS,
        features={"清水河": BENT},
    )
    (river,) = case.features
    cut = [
        FollowedFeature("清水河", type(river.geometry)(river.geometry.coords[i : i + 2]))
        for i in (0, 1)
    ]
    assert whole_features(cut) == whole_features(cut[::-1]) == whole_features([river])
    assert rules_found(replace(case, features=tuple(cut))) == rules_found(case) == []
