"""Records as rows and as canonical JSON, and back, without loss.

A record falls into its id, its period, its geometry and its attributes; the attributes are a tuple
in the order of the layer in `schema`. Canonical JSON has sorted keys, no blanks, Chinese as it is
and floats as Python's shortest exact form, so that equal values give equal bytes everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from json.encoder import encode_basestring
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from geo_service.domain.accepted_pair import AcceptedPair
from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode, LegalStatus, NodeKind
from geo_service.domain.change import RECORD_CLASSES, Record, RecordKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.document import Attachment, DocumentKind, OfficialDocument
from geo_service.domain.draft import Draft, DraftAct, DraftState
from geo_service.domain.finding import FindingState, Severity
from geo_service.domain.identity import DivisionCode, DivisionLevel, MarkerNumber
from geo_service.domain.kept_finding import Cause, KeptFinding, Origin, ReviewRun
from geo_service.domain.marker import BoundaryMarker, MarkerKind
from geo_service.domain.person import PersonalAct, PersonalKind, PersonalValue
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus, ReadingSource
from geo_service.domain.provenance import Force, Label, Provenance
from geo_service.domain.road import Road
from geo_service.store.schema import LAYER_OF

if TYPE_CHECKING:
    from geo_service.domain.period import Period

Scalar = str | int | float | None

Values = tuple[Any, ...]
"""Attributes of one record in the order of its layer: str, int, float or None."""

canonical = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
).encode
"""Canonical JSON of a value. Raises ValueError for NaN and infinity."""


def day(text: str | None) -> date | None:
    """A stored day; None where that side of a period is open."""
    return None if text is None else date.fromisoformat(text)


def day_text(value: date | None) -> str | None:
    """A day as stored."""
    return None if value is None else value.isoformat()


def _text(value: str | None) -> str | None:
    return None if value is None else str(value)


def _real(value: float | None) -> float | None:
    return None if value is None else float(value)


def _code(text: str | None) -> DivisionCode | None:
    return None if text is None else DivisionCode(text)


def _provenance(p: Provenance) -> Values:
    return (p.source, p.licence, str(p.force), str(p.label), p.note)


@lru_cache(maxsize=1024)
def _provenance_of(source: str, licence: str, force: str, label: str, note: str) -> Provenance:
    """One for all records of a source: there are few, and each has very many."""
    return Provenance(source, licence, Force(force), Label(label), note)


def _read_provenance(v: Values) -> Provenance:
    return _provenance_of(*v[:5])


def _place(r: NamedPlace) -> Values:
    return (
        r.name,
        str(r.feature_type),
        str(r.status),
        _text(r.unit_code),
        r.romanization,
        str(r.reading_source),
        day_text(r.approved_on),
        r.document_no,
        r.meaning,
        r.origin,
        *_provenance(r.provenance),
    )


def _read_place(record_id: str, v: Values, geometry: Any, period: Period) -> NamedPlace:
    return NamedPlace(
        id=record_id,
        name=v[0],
        feature_type=FeatureType(v[1]),
        status=NameStatus(v[2]),
        unit_code=_code(v[3]),
        romanization=v[4],
        reading_source=ReadingSource(v[5]),
        approved_on=day(v[6]),
        document_no=v[7],
        meaning=v[8],
        origin=v[9],
        provenance=_read_provenance(v[10:]),
        geometry=geometry,
        period=period,
    )


def _unit(r: AdministrativeUnit) -> Values:
    return (str(r.code), r.name, *_provenance(r.provenance))


def _read_unit(_id: str, v: Values, geometry: Any, period: Period) -> AdministrativeUnit:
    return AdministrativeUnit(
        code=DivisionCode(v[0]),
        name=v[1],
        provenance=_read_provenance(v[2:]),
        geometry=geometry,
        period=period,
    )


def _line(r: AdministrativeBoundary) -> Values:
    return (
        str(r.code),
        r.name,
        str(r.left_code),
        str(r.right_code),
        _text(r.level),
        _real(r.length_km),
        r.agreement_no,
        str(r.legal_status),
        *_provenance(r.provenance),
    )


def _read_line(_id: str, v: Values, geometry: Any, period: Period) -> AdministrativeBoundary:
    return AdministrativeBoundary(
        code=v[0],
        name=v[1],
        left_code=DivisionCode(v[2]),
        right_code=DivisionCode(v[3]),
        level=None if v[4] is None else DivisionLevel(v[4]),
        length_km=v[5],
        agreement_no=v[6],
        legal_status=LegalStatus(v[7]),
        provenance=_read_provenance(v[8:]),
        geometry=geometry,
        period=period,
    )


def _node(r: BoundaryNode) -> Values:
    return (str(r.kind), " ".join(r.units), *_provenance(r.provenance))


def _read_node(record_id: str, v: Values, geometry: Any, period: Period) -> BoundaryNode:
    return BoundaryNode(
        id=record_id,
        kind=NodeKind(v[0]),
        units=tuple(DivisionCode(code) for code in v[1].split()),
        position=geometry,
        provenance=_read_provenance(v[2:]),
        period=period,
    )


def _marker(r: BoundaryMarker) -> Values:
    return (
        str(r.number),
        str(r.line_code),
        str(r.kind),
        _real(r.height_m),
        r.material,
        _text(r.responsible_side),
        *_provenance(r.provenance),
    )


def _read_marker(_id: str, v: Values, geometry: Any, period: Period) -> BoundaryMarker:
    return BoundaryMarker(
        number=MarkerNumber(v[0]),
        line_code=v[1],
        kind=MarkerKind(v[2]),
        height_m=v[3],
        material=v[4],
        responsible_side=_code(v[5]),
        provenance=_read_provenance(v[6:]),
        position=geometry,
        period=period,
    )


def _road(r: Road) -> Values:
    return (
        r.name,
        r.grade,
        _real(r.width_m),
        _real(r.length_m),
        _text(r.unit_code),
        str(r.status),
        *_provenance(r.provenance),
    )


def _read_road(record_id: str, v: Values, geometry: Any, period: Period) -> Road:
    return Road(
        id=record_id,
        name=v[0],
        grade=v[1],
        width_m=v[2],
        length_m=v[3],
        unit_code=_code(v[4]),
        status=NameStatus(v[5]),
        provenance=_read_provenance(v[6:]),
        geometry=geometry,
        period=period,
    )


def _pair(r: AcceptedPair) -> Values:
    return (
        r.one,
        r.other,
        r.signer,
        day_text(r.accepted_on),
        r.reason,
        r.document_no,
        *_provenance(r.provenance),
    )


def _read_pair(record_id: str, v: Values, _geometry: Any, period: Period) -> AcceptedPair:
    return AcceptedPair(
        id=record_id,
        one=v[0],
        other=v[1],
        signer=v[2],
        accepted_on=date.fromisoformat(v[3]),
        reason=v[4],
        document_no=v[5],
        provenance=_read_provenance(v[6:]),
        period=period,
    )


def _pairs(value: tuple[tuple[str, Scalar], ...]) -> str:
    return canonical(dict(value))


def _read_pairs(text: str) -> tuple[tuple[str, Any], ...]:
    return tuple(json.loads(text).items())


def _finding(r: KeptFinding) -> Values:
    return (
        r.rule_id,
        r.family,
        r.city,
        r.scale,
        str(r.origin),
        r.subject_kind,
        r.subject_id,
        r.subject_name,
        r.severity.word,
        r.title,
        r.title_en,
        r.message,
        r.message_en,
        _pairs(r.named),
        str(r.state),
        str(r.cause),
        r.run_id,
        day_text(r.first_seen),
        day_text(r.last_seen),
        canonical(r.changed),
        r.signer,
        day_text(r.signed_on),
        r.reason,
        r.document_no,
        day_text(r.ends_on),
        *_provenance(r.provenance),
    )


def _read_finding(record_id: str, v: Values, _geometry: Any, period: Period) -> KeptFinding:
    return KeptFinding(
        id=record_id,
        rule_id=v[0],
        family=v[1],
        city=v[2],
        scale=v[3],
        origin=Origin(v[4]),
        subject_kind=v[5],
        subject_id=v[6],
        subject_name=v[7],
        severity=Severity.from_word(v[8]),
        title=v[9],
        title_en=v[10],
        message=v[11],
        message_en=v[12],
        named=_read_pairs(v[13]),
        state=FindingState(v[14]),
        cause=Cause(v[15]),
        run_id=v[16],
        first_seen=date.fromisoformat(v[17]),
        last_seen=date.fromisoformat(v[18]),
        changed=tuple(json.loads(v[19])),
        signer=v[20],
        signed_on=day(v[21]),
        reason=v[22],
        document_no=v[23],
        ends_on=day(v[24]),
        provenance=_read_provenance(v[25:]),
        period=period,
    )


def _run(r: ReviewRun) -> Values:
    return (
        " ".join(r.families),
        r.city,
        r.scale,
        str(r.origin),
        " ".join(r.rules),
        _pairs(r.counts),
        _pairs(r.tally),
        r.found,
        r.rules_digest,
        r.data_digest,
        r.code,
        *_provenance(r.provenance),
    )


def _read_run(record_id: str, v: Values, _geometry: Any, period: Period) -> ReviewRun:
    return ReviewRun(
        id=record_id,
        families=tuple(v[0].split()),
        city=v[1],
        scale=v[2],
        origin=Origin(v[3]),
        rules=tuple(v[4].split()),
        counts=_read_pairs(v[5]),
        tally=_read_pairs(v[6]),
        found=v[7],
        rules_digest=v[8],
        data_digest=v[9],
        code=v[10],
        provenance=_read_provenance(v[11:]),
        period=period,
    )


def _personal(r: PersonalValue) -> Values:
    told = (str(r.kind), r.subject_kind, r.subject_id, r.field, r.digest, str(r.act))
    return (*told, *_provenance(r.provenance))


def _read_personal(record_id: str, v: Values, _geometry: Any, period: Period) -> PersonalValue:
    return PersonalValue(
        id=record_id,
        kind=PersonalKind(v[0]),
        subject_kind=v[1],
        subject_id=v[2],
        field=v[3],
        digest=v[4],
        act=PersonalAct(v[5]),
        provenance=_read_provenance(v[6:]),
        period=period,
    )


def _document(r: OfficialDocument) -> Values:
    issued = day_text(r.issued_on)
    return (str(r.kind), r.title, r.number, issued, r.issuer, *_provenance(r.provenance))


def _read_document(record_id: str, v: Values, _geometry: Any, period: Period) -> OfficialDocument:
    return OfficialDocument(
        id=record_id,
        kind=DocumentKind(v[0]),
        title=v[1],
        number=v[2],
        issued_on=day(v[3]),
        issuer=v[4],
        provenance=_read_provenance(v[5:]),
        period=period,
    )


def _attachment(r: Attachment) -> Values:
    return (
        r.subject_kind,
        r.subject_id,
        r.digest,
        r.media_type,
        r.size,
        r.file_name,
        r.title,
        *_provenance(r.provenance),
    )


def _read_attachment(record_id: str, v: Values, _geometry: Any, period: Period) -> Attachment:
    return Attachment(
        id=record_id,
        subject_kind=v[0],
        subject_id=v[1],
        digest=v[2],
        media_type=v[3],
        size=v[4],
        file_name=v[5],
        title=v[6],
        provenance=_read_provenance(v[7:]),
        period=period,
    )


def _draft(r: Draft) -> Values:
    return (
        r.target_kind,
        r.target_id,
        str(r.act),
        _pairs(r.body),
        day_text(r.effective_on),
        canonical(r.authors),
        r.given_crs,
        r.seen,
        r.reason,
        r.document_no,
        canonical(r.files),
        r.checked,
        str(r.state),
        r.decided_by,
        day_text(r.decided_on),
        r.decision,
        r.event,
        *_provenance(r.provenance),
    )


def _read_draft(record_id: str, v: Values, geometry: Any, period: Period) -> Draft:
    return Draft(
        id=record_id,
        target_kind=v[0],
        target_id=v[1],
        act=DraftAct(v[2]),
        body=_read_pairs(v[3]),
        effective_on=date.fromisoformat(v[4]),
        authors=tuple(json.loads(v[5])),
        given_crs=v[6],
        seen=v[7],
        reason=v[8],
        document_no=v[9],
        files=tuple(json.loads(v[10])),
        checked=v[11],
        state=DraftState(v[12]),
        decided_by=v[13],
        decided_on=day(v[14]),
        decision=v[15],
        event=v[16],
        provenance=_read_provenance(v[17:]),
        geometry=geometry,
        period=period,
    )


@dataclass(frozen=True, slots=True)
class Codec:
    """Both ways for one kind; `geometry` names the field that holds the shape."""

    kind: RecordKind
    geometry: str
    values: Callable[[Any], Values]
    read: Callable[[str, Values, Any, Period], Record]


CODECS: Mapping[RecordKind, Codec] = {
    codec.kind: codec
    for codec in (
        Codec(RecordKind.PLACE_NAMES, "geometry", _place, _read_place),
        Codec(RecordKind.UNITS, "geometry", _unit, _read_unit),
        Codec(RecordKind.BOUNDARY_LINES, "geometry", _line, _read_line),
        Codec(RecordKind.BOUNDARY_NODES, "position", _node, _read_node),
        Codec(RecordKind.MARKERS, "position", _marker, _read_marker),
        Codec(RecordKind.ROADS, "geometry", _road, _read_road),
        Codec(RecordKind.ACCEPTED_PAIRS, "geometry", _pair, _read_pair),
        Codec(RecordKind.FINDINGS, "geometry", _finding, _read_finding),
        Codec(RecordKind.REVIEW_RUNS, "geometry", _run, _read_run),
        Codec(RecordKind.PERSONAL_VALUES, "geometry", _personal, _read_personal),
        Codec(RecordKind.DOCUMENTS, "geometry", _document, _read_document),
        Codec(RecordKind.ATTACHMENTS, "geometry", _attachment, _read_attachment),
        Codec(RecordKind.DRAFTS, "geometry", _draft, _read_draft),
    )
}

KIND_OF = {record_class: kind for kind, record_class in RECORD_CLASSES.items()}


_NAMES = {kind: layer.names for kind, layer in LAYER_OF.items()}


def _template(names: tuple[str, ...]) -> tuple[str, Callable[[Values], Values]]:
    """A JSON object with `%s` for each value, and what puts the values in the order of its keys."""
    members = ",".join(f"{canonical(name)}:%s" for name in sorted(names))
    return f"{{{members}}}", itemgetter(*map(names.index, sorted(names)))


_TEMPLATES = {kind: _template(names) for kind, names in _NAMES.items()}


def payload(kind: RecordKind, values: Values) -> str:
    """The attributes as canonical JSON, keyed by column.

    Equal to `canonical` of the mapping, but from a prepared object: that halves the cost of the
    dearest step of an import. Raises ValueError for NaN and infinity.
    """
    template, in_order = _TEMPLATES[kind]
    return template % tuple(_scalars(in_order(values)))


def canonical_list(values: Sequence[Scalar]) -> str:
    """Equal to `canonical` of a list, at half its cost. Raises ValueError for NaN and infinity."""
    return f"[{','.join(_scalars(values))}]"


def _scalars(values: Sequence[Scalar]) -> list[str]:
    return [encode_basestring(value) if type(value) is str else _other(value) for value in values]


def _other(value: Scalar) -> str:
    if value is None:
        return "null"
    return str(value) if type(value) is int else canonical(value)


_decoded = json.JSONDecoder().raw_decode
"""Canonical JSON has no blanks around it to look for."""


def payload_values(kind: RecordKind, text: str) -> Values:
    """Attributes out of the canonical JSON of a log entry. Raises ValueError for any other."""
    entries, end = _decoded(text)
    if end != len(text):
        raise ValueError(text[end : end + 20])
    return tuple([entries[name] for name in _NAMES[kind]])
