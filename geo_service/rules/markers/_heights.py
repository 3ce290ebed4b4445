"""What two papers on the markers of a line have in common where their heights differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from geo_service.domain.marker import MarkerDocument
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.markers import MarkerCase

_SURE = 3.0
"""Standard errors by which the bias must differ from none."""
_LEAST_SCATTER_M = 0.005
"""Half of the step in which heights are written."""
_SCATTER_SHARE = 0.1
"""Of a large bias, as heights above the ellipsoid show it, which changes along a line."""


@dataclass(frozen=True, slots=True)
class HeightBias:
    """Heights of one paper that are all above (or below) those of another by about `bias_m`.

    `count` markers were compared, of which `sharing` differ by the bias within `within_m`.
    """

    line_code: str
    one: MarkerDocument
    other: MarkerDocument
    bias_m: float
    within_m: float
    count: int
    sharing: int

    def explains(self, difference_m: float) -> bool:
        """Whether heights that differ so differ by the bias alone."""
        return abs(difference_m - self.bias_m) <= self.within_m


def height_biases(case: MarkerCase, context: BoundaryContext) -> Iterator[HeightBias]:
    """By line and pair of papers; `bias_m` is the other paper less the first."""
    for line, markers in case.by_line.items():
        told = [_heights(case, marker.id) for marker in markers]
        for one, other in combinations(MarkerDocument, 2):
            both = [h[other] - h[one] for h in told if one in h and other in h]
            bias = _bias(np.array(both), context)
            if bias is not None:
                yield HeightBias(line, one, other, *bias)


def _heights(case: MarkerCase, marker_id: str) -> dict[MarkerDocument, float]:
    """The height each paper gives, the latest where there are several."""
    return {
        entry.document: entry.marker.height_m
        for entry in case.by_marker[marker_id]
        if entry.marker.height_m is not None
    }


def _bias(
    differences: np.ndarray, context: BoundaryContext
) -> tuple[float, float, int, int] | None:
    count = len(differences)
    if count < context.threshold("height_bias_least"):
        return None
    bias = float(np.median(differences))
    off = np.abs(differences - bias)
    scatter = max(1.4826 * float(np.median(off)), _LEAST_SCATTER_M)
    within = max(context.threshold("height_bias_scatter_m"), _SCATTER_SHARE * abs(bias))
    sharing = int(np.sum(off <= within))
    is_common = sharing >= context.threshold("marker_shift_share") * count
    stands_out = abs(bias) > max(_SURE * scatter / np.sqrt(count), _LEAST_SCATTER_M)
    return (bias, within, count, sharing) if is_common and stands_out else None
