"""Records as flat rows under the register's English field names, for reports and exports."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from shapely.geometry import Point

from geo_service.domain.accepted_pair import AcceptedPair
from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode
from geo_service.domain.change import Record
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.document import Attachment, OfficialDocument
from geo_service.domain.draft import Draft
from geo_service.domain.kept_finding import KeptFinding, ReviewRun
from geo_service.domain.marker import BoundaryMarker
from geo_service.domain.person import PersonalValue
from geo_service.domain.place import NamedPlace
from geo_service.domain.provenance import Force
from geo_service.domain.road import Road
from geo_service.messages import message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapely.geometry.base import BaseGeometry

Value = str | float | None
Row = dict[str, Value]


def _plain(value: date | StrEnum | str | float | None) -> Value:
    if value is None or value == "":
        return None
    return value.isoformat() if isinstance(value, date) else value


def geometry_of(record: Record) -> BaseGeometry | None:
    """The place of a record of any kind, EPSG:4490."""
    if isinstance(record, BoundaryMarker | BoundaryNode):
        return record.position
    return record.geometry


_STANDING = {
    Force.SYNTHETIC: "import.notice_sample",
    Force.EVALUATION: "import.notice_evaluation",
}


def notice_of(record: Record) -> str:
    """The words every row carries out of the house; what has no legal force says so first."""
    notice = message("import.notice").zh
    standing = _STANDING.get(record.provenance.force)
    return f"{message(standing).zh}；{notice}" if standing else notice


_NAMES: Mapping[type, str] = {
    NamedPlace: (
        "id name feature_type status unit_code romanization reading_source"
        " approved_on document_no meaning origin"
    ),
    AcceptedPair: "id one other signer accepted_on reason document_no",
    PersonalValue: "id kind subject_kind subject_id field act",
    OfficialDocument: "id kind title number issued_on issuer",
    Attachment: "id subject_kind subject_id digest media_type size file_name title",
    AdministrativeUnit: "code name level",
    AdministrativeBoundary: (
        "code name left_code right_code level length_km agreement_no legal_status"
    ),
    Road: "id name grade width_m length_m unit_code status",
}
"""Fields that are told as they are, by class."""


def _own_fields(record: Record) -> dict[str, date | StrEnum | str | float | None]:
    match record:
        case KeptFinding():
            names = "id rule_id family city scale origin subject_kind subject_id subject_name"
            names += " title title_en message message_en state cause run_id first_seen last_seen"
            names += " signer signed_on reason document_no ends_on"
            return {"severity": record.severity.word, **_named(record, names)}
        case ReviewRun():
            joined = {"families": " ".join(record.families), "rules": " ".join(record.rules)}
            told = {**dict(record.counts), **dict(record.tally)}
            names = "id city scale origin found rules_digest data_digest code"
            return {**_named(record, names), **joined, **told}
        case Draft():
            names = "id target_kind target_id act effective_on seen reason document_no checked"
            names += " state proposer decided_by decided_on decision event"
            joined = {"authors": " ".join(record.authors), "files": " ".join(record.files)}
            body = " ".join(f"{name}={value}" for name, value in record.body)
            return {**_named(record, names), **joined, "body": body}
        case BoundaryNode():
            return {"id": record.id, "kind": record.kind, "units": " ".join(record.units)}
        case BoundaryMarker():
            return {
                "number": record.number,
                "line_code": record.line_code,
                "type": record.kind,
                "height": record.height_m,
                "material": record.material,
                "responsible_side": record.responsible_side,
            }
        case _:
            return _named(record, _NAMES[type(record)])


def _named(record: Record, names: str) -> dict[str, date | StrEnum | str | float | None]:
    return {name: getattr(record, name) for name in names.split()}


def row_of(record: Record) -> Row:
    """All fields of a record but its geometry; points give `lon` and `lat` as well."""
    origin = record.provenance
    values = _own_fields(record)
    geometry = geometry_of(record)
    if isinstance(geometry, Point) and not geometry.is_empty:
        values |= {"lon": geometry.x, "lat": geometry.y}
    values |= {"valid_from": record.period.start, "valid_to": record.period.end}
    values |= {
        "source": origin.source,
        "licence": origin.licence,
        "force": origin.force,
        "label": origin.label,
        "note": origin.note,
    }
    return {name: _plain(value) for name, value in values.items()}
