"""How finely coordinates were written down: the step to which all of them are rounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from geo_service.geometry.arrays import Floats

_SLACK = 1e-2
"""Of a step, within which a number counts as a multiple: seconds of arc in seven decimals do."""
_FINEST = 6
"""No more slack than that of so many of the finest steps: whole seconds in six decimals of a degree
pass, but 38.50002 is no number of two decimals."""


def rounded_to(values: Floats, steps: tuple[float, ...], share: float) -> float | None:
    """The coarsest of the steps of which at least this share of the values are multiples.

    Values and steps in one unit; None where not even the finest step fits.
    """
    most = _FINEST * min(steps)
    for step in sorted(steps, reverse=True):
        slack = _SLACK * min(step, most)
        if np.mean(np.abs(values - np.rint(values / step) * step) <= slack) >= share:
            return step
    return None
