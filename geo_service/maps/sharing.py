"""How a map goes out as one file: for whom, and under which review number (审图号).

A map for the public holds records labelled public alone, coordinates rounded, no junctions (their
positions are internal whatever their label), and carries a review number that somebody gives:
nobody here invents one. Without it the place for the number stays empty and the sheet says that
it is an internal working map.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import shapely

from geo_service.domain.provenance import Force, Label
from geo_service.errors import InputError
from geo_service.maps.style import style

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode
    from geo_service.domain.division import AdministrativeUnit
    from geo_service.domain.place import NamedPlace
    from geo_service.domain.provenance import Provenance
    from geo_service.maps.ground import BoundaryLayers

    _Shaped = TypeVar("_Shaped", AdministrativeUnit, AdministrativeBoundary, NamedPlace)


@dataclass(frozen=True, slots=True)
class Layers:
    """Units, lines and nodes as a map may show them."""

    units: Sequence[AdministrativeUnit]
    lines: Sequence[AdministrativeBoundary]
    nodes: Sequence[BoundaryNode]


@dataclass(frozen=True, slots=True)
class Sharing:
    """For whom a file is, and its review number as the authority gave it ("" for none).

    Raises InputError `map_number_needed` for a public map without one.
    """

    audience: Label = Label.INTERNAL
    review_number: str = ""

    def __post_init__(self) -> None:
        if self.audience is Label.PUBLIC and not self.review_number:
            raise InputError("map_number_needed")

    def require_real(self, provenances: Iterable[Provenance]) -> None:
        """Raises InputError `map_number_on_sample`: invented records carry no review number."""
        if self.review_number and any(p.force is Force.SYNTHETIC for p in provenances):
            raise InputError("map_number_on_sample", number=self.review_number)

    def layers(self, case: BoundaryLayers) -> BoundaryLayers:
        """What of a case this audience may see."""
        if self.audience is Label.INTERNAL:
            return case
        return Layers(self.records(case.units), self.records(case.lines), ())

    def records(self, records: Sequence[_Shaped]) -> Sequence[_Shaped]:
        """The records that this audience may see, as precisely as it may."""
        if self.audience is Label.INTERNAL:
            return records
        return tuple(_coarse(r) for r in records if r.provenance.label is Label.PUBLIC)


def _coarse(record: _Shaped) -> _Shaped:
    if record.geometry is None:
        return record
    decimals = style().public_decimals
    rounded = shapely.transform(record.geometry, lambda xy: np.round(xy, decimals))
    return replace(record, geometry=rounded)
