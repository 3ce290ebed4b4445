"""Records as rows and canonical JSON and back: nothing is lost for any of the classes."""

from __future__ import annotations

import dataclasses
import json
from datetime import date

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.domain.accepted_pair import AcceptedPair
from geo_service.domain.boundary import (
    AdministrativeBoundary,
    BoundaryNode,
    LegalStatus,
    NodeKind,
)
from geo_service.domain.change import RECORD_CLASSES, RecordKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.document import Attachment, DocumentKind, OfficialDocument
from geo_service.domain.draft import Draft, DraftAct, DraftState
from geo_service.domain.finding import FindingState, Severity
from geo_service.domain.identity import DivisionCode, DivisionLevel, LineCode, MarkerNumber
from geo_service.domain.kept_finding import Cause, KeptFinding, Origin, ReviewRun
from geo_service.domain.marker import BoundaryMarker, MarkerKind
from geo_service.domain.period import Period
from geo_service.domain.person import PersonalAct, PersonalKind, PersonalValue
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus, ReadingSource
from geo_service.domain.provenance import Force, Label, Provenance
from geo_service.domain.road import Road
from geo_service.store import blobs, codec
from geo_service.store.schema import LAYER_OF, LAYERS

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
codes = st.sampled_from(["370202", "370203", "370211", "370202001", "370202001001"]).map(
    DivisionCode
)
days = st.dates(date(1900, 1, 1), date(2100, 1, 1))
periods = st.one_of(
    st.just(Period()),
    days.map(lambda day: Period(day, None)),
    days.map(lambda day: Period(None, day)),
    st.tuples(days, days).filter(lambda pair: pair[0] < pair[1]).map(lambda pair: Period(*pair)),
)
numbers = st.floats(allow_nan=False, allow_infinity=False)
provenances = st.builds(
    Provenance, texts, texts, st.sampled_from(Force), st.sampled_from(Label), texts
)
words = st.lists(st.sampled_from(["boundaries", "BD-NET-01", "MK-POS-02"]), max_size=3).map(tuple)
tallies = st.dictionaries(texts, st.integers(0, 9999), max_size=3).map(
    lambda d: tuple(sorted(d.items()))
)
points = st.builds(shapely.Point, st.floats(-180, 180), st.floats(-90, 90))
heights = st.builds(shapely.Point, st.floats(-180, 180), st.floats(-90, 90), st.floats(-99, 9999))
lines = st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=2, max_size=6).map(
    shapely.LineString
)
many_lines = st.lists(lines, min_size=1, max_size=3).map(shapely.MultiLineString)
boxes = st.builds(
    shapely.box, st.floats(119, 120), st.floats(35, 36), st.floats(121, 122), st.floats(37, 38)
)
shapes = st.one_of(st.none(), points, heights, lines, many_lines, boxes)

records = {
    RecordKind.PLACE_NAMES: st.builds(
        NamedPlace,
        id=texts,
        name=texts,
        feature_type=st.sampled_from(FeatureType),
        provenance=provenances,
        status=st.sampled_from(NameStatus),
        unit_code=st.none() | codes,
        geometry=shapes,
        romanization=texts,
        reading_source=st.sampled_from(ReadingSource),
        approved_on=st.none() | days,
        document_no=texts,
        meaning=texts,
        origin=texts,
        period=periods,
    ),
    RecordKind.UNITS: st.builds(
        AdministrativeUnit,
        code=codes,
        name=texts,
        provenance=provenances,
        geometry=st.none() | boxes,
        period=periods,
    ),
    RecordKind.BOUNDARY_LINES: st.builds(
        AdministrativeBoundary,
        code=st.just(LineCode("37020002020203")) | texts,
        name=texts,
        left_code=codes,
        right_code=codes,
        provenance=provenances,
        geometry=st.none() | lines | many_lines,
        level=st.none() | st.sampled_from(DivisionLevel),
        length_km=st.none() | numbers,
        agreement_no=texts,
        legal_status=st.sampled_from(LegalStatus),
        period=periods,
    ),
    RecordKind.BOUNDARY_NODES: st.builds(
        BoundaryNode,
        id=texts,
        kind=st.sampled_from(NodeKind),
        units=st.lists(codes, max_size=4).map(tuple),
        position=points,
        provenance=provenances,
        period=periods,
    ),
    RecordKind.MARKERS: st.builds(
        BoundaryMarker,
        number=st.sampled_from(["001Q", "0102003A", "012"]).map(MarkerNumber),
        line_code=st.just("37020002020203"),
        kind=st.sampled_from(MarkerKind),
        provenance=provenances,
        position=st.none() | points | heights,
        height_m=st.none() | numbers,
        material=texts,
        responsible_side=st.none() | codes,
        period=periods,
    ),
    RecordKind.ROADS: st.builds(
        Road,
        id=texts,
        name=texts,
        provenance=provenances,
        geometry=st.none() | lines | many_lines,
        grade=texts,
        width_m=st.none() | numbers,
        length_m=st.none() | numbers,
        unit_code=st.none() | codes,
        status=st.sampled_from(NameStatus),
        period=periods,
    ),
    RecordKind.ACCEPTED_PAIRS: st.builds(
        AcceptedPair,
        id=texts,
        one=texts,
        other=texts,
        signer=texts,
        accepted_on=days,
        reason=texts,
        provenance=provenances,
        document_no=texts,
        period=periods,
    ),
    RecordKind.FINDINGS: st.builds(
        KeptFinding,
        id=texts,
        rule_id=texts,
        family=texts,
        city=texts,
        scale=st.integers(0, 1_000_000),
        origin=st.sampled_from(Origin),
        subject_kind=texts,
        subject_id=texts,
        subject_name=texts,
        severity=st.sampled_from(Severity),
        title=texts,
        title_en=texts,
        message=texts,
        message_en=texts,
        named=st.dictionaries(texts, texts, max_size=3).map(lambda d: tuple(sorted(d.items()))),
        state=st.sampled_from(FindingState),
        cause=st.sampled_from(Cause),
        run_id=texts,
        first_seen=days,
        last_seen=days,
        provenance=provenances,
        changed=st.lists(texts, max_size=3).map(tuple),
        signer=texts,
        signed_on=st.none() | days,
        reason=texts,
        document_no=texts,
        ends_on=st.none() | days,
        period=periods,
    ),
    RecordKind.DOCUMENTS: st.builds(
        OfficialDocument,
        id=texts,
        kind=st.sampled_from(DocumentKind),
        title=texts,
        number=texts,
        issued_on=st.none() | days,
        issuer=texts,
        provenance=provenances,
        period=periods,
    ),
    RecordKind.ATTACHMENTS: st.builds(
        Attachment,
        id=texts,
        subject_kind=texts,
        subject_id=texts,
        digest=texts,
        media_type=texts,
        size=st.integers(0, 1_000_000_000),
        file_name=texts,
        title=texts,
        provenance=provenances,
        period=periods,
    ),
    RecordKind.DRAFTS: st.builds(
        Draft,
        id=texts,
        target_kind=texts,
        target_id=texts,
        act=st.sampled_from(DraftAct),
        body=st.dictionaries(texts, texts, max_size=3).map(lambda d: tuple(sorted(d.items()))),
        effective_on=days,
        authors=st.lists(texts, max_size=3).map(tuple),
        provenance=provenances,
        geometry=shapes,
        given_crs=texts,
        seen=st.integers(0, 9999),
        reason=texts,
        document_no=texts,
        files=st.lists(texts, max_size=3).map(tuple),
        checked=texts,
        state=st.sampled_from(DraftState),
        decided_by=texts,
        decided_on=st.none() | days,
        decision=texts,
        event=st.integers(0, 1_000_000),
        period=periods,
    ),
    RecordKind.REVIEW_RUNS: st.builds(
        ReviewRun,
        id=texts,
        families=words,
        city=texts,
        scale=st.integers(0, 1_000_000),
        origin=st.sampled_from(Origin),
        rules=words,
        counts=tallies,
        tally=tallies,
        found=texts,
        rules_digest=texts,
        data_digest=texts,
        code=texts,
        provenance=provenances,
        period=periods,
    ),
    RecordKind.PERSONAL_VALUES: st.builds(
        PersonalValue,
        id=texts,
        kind=st.sampled_from(PersonalKind),
        subject_kind=texts,
        subject_id=texts,
        field=texts,
        digest=texts,
        act=st.sampled_from(PersonalAct),
        provenance=provenances,
        period=periods,
    ),
}


@pytest.mark.parametrize("kind", RecordKind)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_record_survives_the_row_and_the_json(kind, data):
    record = data.draw(records[kind])
    codec_of = codec.CODECS[kind]
    values = codec_of.values(record)
    text = codec.payload(kind, values)
    assert codec.payload_values(kind, text) == values
    assert text == codec.canonical(dict(zip(LAYER_OF[kind].names, values, strict=True)))
    wkb, edges = blobs.to_wkb([getattr(record, codec_of.geometry)])
    (geometry,) = blobs.geometries([blobs.blob(wkb[0], edges[0].tolist())])
    assert codec_of.read(record.id, values, geometry, record.period) == record
    assert blobs.to_wkb([geometry])[0] == wkb


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_row_holds_only_plain_values(data):
    kind = data.draw(st.sampled_from(RecordKind))
    values = codec.CODECS[kind].values(data.draw(records[kind]))
    assert {type(value) for value in values} <= {str, int, float, type(None)}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(json_values)
def test_canonical_json_is_exact_and_blind_to_the_order_of_keys(value):
    text = codec.canonical(value)
    assert json.loads(text) == value
    if isinstance(value, dict):
        assert codec.canonical(dict(reversed(value.items()))) == text


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | st.booleans() | st.integers() | numbers | texts))
def test_a_list_of_plain_values_has_one_canonical_json(values):
    assert codec.canonical_list(values) == codec.canonical(values)


def test_canonical_json_keeps_chinese_and_has_no_blanks():
    assert codec.canonical({"乙": 0.1, "甲": None}) == '{"乙":0.1,"甲":null}'


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_canonical_json_refuses_what_json_cannot_say(value):
    with pytest.raises(ValueError, match="JSON"):
        codec.canonical([value])
    with pytest.raises(ValueError, match="JSON"):
        codec.canonical_list([value])


@pytest.mark.parametrize("kind", RecordKind)
def test_every_field_of_a_record_has_its_column(kind):
    """A field added to the domain and forgotten here would be lost without a word."""
    fields = {field.name for field in dataclasses.fields(RECORD_CLASSES[kind])}
    kept_elsewhere = {"period", "provenance", codec.CODECS[kind].geometry, "id"}
    columns = set(LAYER_OF[kind].names) | {"kind"} | kept_elsewhere
    assert fields <= columns


def test_every_kind_has_a_layer_and_a_codec():
    assert {layer.kind for layer in LAYERS} == set(RecordKind) == set(codec.CODECS)


def test_the_box_in_the_blob_is_that_of_the_geometry():
    shape = shapely.LineString([(120, 36), (121, 35)])
    wkb, edges = blobs.to_wkb([shape, None])
    assert edges[0].tolist() == [120, 35, 121, 36]
    assert np.isnan(edges[1]).all()
    assert blobs.blob(wkb[1], edges[1].tolist()) is None
    assert np.array_equal(blobs.boxes(wkb), edges, equal_nan=True)
