"""To which step numbers were rounded."""

import numpy as np
import pytest

from geo_service.geometry.precision import rounded_to

STEPS = (1e-2, 1e-3, 1 / 3600, 1e-4, 1 / 36000, 1e-5)
PLACES = np.random.default_rng(1).uniform(38, 39, 60)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("decimals", [7, 8])
def test_the_step_is_found_however_many_decimals_are_written(step, decimals):
    written = np.round(np.rint(PLACES / step) * step, decimals)
    assert rounded_to(written, STEPS, 0.95) == step


def test_whole_seconds_in_six_decimals_are_whole_seconds():
    assert rounded_to(np.round(np.rint(PLACES * 3600) / 3600, 6), STEPS, 0.95) == 1 / 3600


def test_numbers_near_a_round_one_are_not_round():
    assert rounded_to(38.5 + np.arange(60) * 1e-5, STEPS, 0.95) == 1e-5
    assert rounded_to(38.5 + PLACES * 1e-5, STEPS, 0.95) is None
