"""What may be handed in beside a review: papers, things on the ground, records of field work.

Every class is one layer: its fields are the columns of a file, those without a default required.
Nothing of this is kept in the register; it is evidence, never the master.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, TypeVar

# Imported for good, not for the type checker alone: readers go by the types of the fields.
from shapely.geometry.base import BaseGeometry

from geo_service.domain.provenance import Provenance

POINTS = ("Point",)
LINES = ("LineString", "MultiLineString")
AREAS = ("Polygon", "MultiPolygon")
ANYTHING = (*POINTS, "MultiPoint", *LINES, *AREAS)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportingRecord:
    """One row of a layer. Geometry: EPSG:4490.

    `LAYER` is the word of the layer, on the command line and in `Rule.needs`; `SHAPES` the types
    of geometry a row may have, `PLACED` whether each needs one. A layer of `LEGAL` weight never
    has its coordinate system presumed. `KEY` is the field that every row of a printed table has,
    "" where the layer comes as a plain file.
    """

    LAYER: ClassVar[str]
    SHAPES: ClassVar[tuple[str, ...]] = ()
    PLACED: ClassVar[bool] = True
    LEGAL: ClassVar[bool] = False
    KEY: ClassVar[str] = ""

    id: str
    provenance: Provenance
    geometry: BaseGeometry | None = None


RecordT = TypeVar("RecordT", bound=SupportingRecord)


@dataclass(frozen=True, eq=False)
class Supporting:
    """The layers handed in beside a review; each in the order of ids, whatever order it came in.

    `layers` are the words of all layers handed in: one may be there and hold nothing of interest.
    """

    records: tuple[SupportingRecord, ...] = ()

    @classmethod
    def of(cls, records: Iterable[SupportingRecord]) -> Supporting:
        """Layers from records in any order."""
        return cls(tuple(sorted(records, key=lambda record: (record.LAYER, record.id))))

    @cached_property
    def layers(self) -> frozenset[str]:
        """The words of the layers there are, as in `Rule.needs`."""
        return frozenset(record.LAYER for record in self.records)

    def all(self, kind: type[RecordT]) -> tuple[RecordT, ...]:
        """The rows of one layer."""
        return tuple(record for record in self.records if isinstance(record, kind))


NO_LAYERS = Supporting()
