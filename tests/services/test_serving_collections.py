"""The declarations of served collections against the records of the register."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, date, datetime

import pytest

from geo_service import compose
from geo_service.domain.change import RECORD_CLASSES, RecordKind
from geo_service.domain.kept_finding import KeptFinding
from geo_service.errors import NotFound
from geo_service.services.samples.loading import load_sample
from geo_service.services.serving.collections import COLLECTIONS, Collection, collection
from geo_service.services.serving.fields import FieldType
from geo_service.services.serving.sources import Source
from geo_service.settings import Settings
from geo_service.store.opening import open_store

KEPT_BACK = {"id", "geometry", "position", "provenance", "period"}
OF_FINDINGS = {
    "signer", "signed_on", "reason", "document_no", "named", "changed", "run_id", "city",
}  # fmt: skip


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    settings = Settings(
        city="990100", store=f"gpkg:{tmp_path_factory.mktemp('serving') / 'register.gpkg'}"
    )
    open_store(settings.store, create=True).close()
    services = compose.build(settings, clock=lambda: datetime(2026, 11, 23, 6, tzinfo=UTC))
    load_sample(services.store, services.city)
    yield Source(services.store, date(2026, 11, 23), services.city)
    services.close()


@pytest.mark.parametrize("served", COLLECTIONS.values(), ids=lambda served: served.id)
def test_every_attribute_of_a_record_is_served_or_kept_back_on_purpose(served: Collection) -> None:
    if served.id == "segments":
        return  # made here, not kept
    record_class = RECORD_CLASSES[served.kinds[0]]
    names = {field.name for field in fields(record_class)} - KEPT_BACK
    if record_class is KeptFinding:
        names -= OF_FINDINGS
    assert names <= {field.name for field in served.fields}


def test_who_decided_on_a_finding_is_no_field() -> None:
    served = {field.name for field in collection("findings").fields}
    assert served & OF_FINDINGS == set()


def test_nothing_that_draws_a_line_is_public() -> None:
    public = {served.id for served in COLLECTIONS.values() if served.is_public}
    assert public == {"place-names", "roads"}


@pytest.mark.parametrize("served", COLLECTIONS.values(), ids=lambda served: served.id)
def test_features_fit_their_declaration(served: Collection, source: Source) -> None:
    found = list(served.features(source))
    kinds = {
        FieldType.TEXT: str,
        FieldType.DATE: str,
        FieldType.NUMBER: (int, float),
        FieldType.INTEGER: int,
    }
    assert len({feature.id for feature in found}) == len(found)
    for feature in found:
        assert feature.geometry is None or feature.geometry.geom_type in served.shapes
        for field in served.fields:
            value = field.read(feature.record)
            assert value is None or isinstance(value, kinds[field.type])
            assert type(value) in {type(None), str, int, float}
            if field.choices and value is not None:
                assert value in field.choices


def test_the_sample_fills_the_collections_and_says_that_it_is_invented(source: Source) -> None:
    for served in COLLECTIONS.values():
        found = list(served.features(source))
        if served.id in ("findings", "roads"):  # the invented city has neither
            continue
        assert found, served.id
        standing = served.field("standing")
        assert standing is not None
        assert {standing.read(feature.record) for feature in found} == {"示例（虚构）"}


def test_a_collection_rests_on_the_records_it_reads() -> None:
    assert collection("segments").kinds == (RecordKind.BOUNDARY_LINES, RecordKind.MARKERS)
    with pytest.raises(NotFound):
        collection("accounts")


@pytest.mark.parametrize("served", COLLECTIONS.values(), ids=lambda served: served.id)
def test_collections_and_fields_are_named_in_both_languages(served: Collection) -> None:
    for text in (served.title, served.about):
        assert text.zh and text.en
    for field in served.fields:
        assert field.title.zh and field.about.en
