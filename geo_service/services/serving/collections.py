"""The collections: one declaration each, read by every interface that serves features.

Signers, reasons and numbers of decisions on findings are personal or internal and are no fields;
neither is any value kept in clear beside the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.domain.boundary import LegalStatus, NodeKind
from geo_service.domain.change import RecordKind
from geo_service.domain.finding import FindingState, Severity
from geo_service.domain.identity import DivisionLevel
from geo_service.domain.kept_finding import Cause, Origin
from geo_service.domain.marker import MarkerKind
from geo_service.domain.place import FeatureType, NameStatus, ReadingSource
from geo_service.errors import NotFound
from geo_service.messages import message
from geo_service.services.serving import sources
from geo_service.services.serving.fields import COMMON, Field, day, integer, number, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from geo_service.domain.text import Text
    from geo_service.services.serving.sources import Served, Source


@dataclass(frozen=True, slots=True)
class Collection:
    """What is served under one id.

    `kinds` are the records it rests on: the first is read, a change of any makes it stale.
    `shapes` are the types of geometry its features may have. `is_public` says whether its records
    labelled public may be shown outside at all: lines, markers and junctions may not without a
    review number, nor areas, whose outlines are lines. `derived` makes features of records.
    """

    id: str
    kinds: tuple[RecordKind, ...]
    shapes: tuple[str, ...]
    fields: tuple[Field, ...]
    is_public: bool = False
    derived: Callable[[Source], Iterator[Served]] | None = None

    @property
    def title(self) -> Text:
        """What people call it."""
        return message(f"serving.collection_{self._key}")

    @property
    def about(self) -> Text:
        """What is in it, and what it is not."""
        return message(f"serving.about_{self._key}")

    @property
    def _key(self) -> str:
        return self.id.replace("-", "_")

    def field(self, name: str) -> Field | None:
        """The field of that name, None where there is none."""
        return next((field for field in self.fields if field.name == name), None)

    def features(self, source: Source) -> Iterator[Served]:
        """Its features as the source has them, by no order that counts."""
        if self.derived is not None:
            return self.derived(source)
        return sources.of_records(source, self.kinds[0])


_SIDES = (text("left_code"), text("right_code"))

_DECLARED = (
    Collection(
        "units",
        (RecordKind.UNITS,),
        ("Polygon", "MultiPolygon"),
        (text("code"), text("name"), text("level", choices=DivisionLevel), *COMMON),
    ),
    Collection(
        "boundary-lines",
        (RecordKind.BOUNDARY_LINES,),
        ("LineString", "MultiLineString"),
        (
            text("code"),
            text("name"),
            *_SIDES,
            text("level", choices=DivisionLevel),
            number("length_km", "km"),
            text("agreement_no"),
            text("legal_status", choices=LegalStatus),
            *COMMON,
        ),
    ),
    Collection(
        "segments",
        (RecordKind.BOUNDARY_LINES, RecordKind.MARKERS),
        ("LineString",),
        (
            text("line_code"),
            text("start_marker"),
            text("end_marker"),
            *_SIDES,
            number("length_km", "km"),
            *COMMON,
        ),
        derived=sources.sections,
    ),
    Collection(
        "markers",
        (RecordKind.MARKERS,),
        ("Point",),
        (
            text("number"),
            text("line_code"),
            text("kind", choices=MarkerKind),
            number("height_m", "m"),
            text("material"),
            text("responsible_side"),
            *COMMON,
        ),
    ),
    Collection(
        "junctions",
        (RecordKind.BOUNDARY_NODES,),
        ("Point",),
        (
            text("kind", choices=NodeKind),
            Field("units", lambda node: " ".join(node.units)),
            *COMMON,
        ),
    ),
    Collection(
        "place-names",
        (RecordKind.PLACE_NAMES,),
        ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"),
        (
            text("name"),
            text("feature_type", choices=FeatureType),
            text("status", choices=NameStatus),
            text("unit_code"),
            text("romanization"),
            text("reading_source", choices=ReadingSource),
            day("approved_on"),
            text("document_no"),
            text("meaning"),
            text("origin"),
            *COMMON,
        ),
        is_public=True,
    ),
    Collection(
        "roads",
        (RecordKind.ROADS,),
        ("LineString", "MultiLineString"),
        (
            text("name"),
            text("grade"),
            number("width_m", "m"),
            number("length_m", "m"),
            text("unit_code"),
            text("status", choices=NameStatus),
            *COMMON,
        ),
        is_public=True,
    ),
    Collection(
        "findings",
        (
            RecordKind.FINDINGS,
            RecordKind.UNITS,
            RecordKind.BOUNDARY_LINES,
            RecordKind.BOUNDARY_NODES,
            RecordKind.MARKERS,
            RecordKind.PLACE_NAMES,
        ),
        ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"),
        (
            text("rule_id"),
            text("family"),
            integer("scale"),
            text("origin", choices=Origin),
            text("subject_kind"),
            text("subject_id"),
            text("subject_name"),
            Field(
                "severity",
                lambda finding: finding.severity.word,
                choices=tuple(severity.word for severity in Severity),
            ),
            text("title"),
            text("title_en"),
            text("message"),
            text("message_en"),
            text("state", choices=FindingState),
            text("cause", choices=Cause),
            day("first_seen"),
            day("last_seen"),
            day("ends_on"),
            *COMMON,
        ),
        derived=sources.findings,
    ),
)

COLLECTIONS: Mapping[str, Collection] = {collection.id: collection for collection in _DECLARED}


def collection(collection_id: str) -> Collection:
    """The collection of that id. Raises NotFound collection_unknown."""
    try:
        return COLLECTIONS[collection_id]
    except KeyError as error:
        raise NotFound(
            "collection_unknown", collection=collection_id[:80], known=", ".join(COLLECTIONS)
        ) from error
