"""A view of the store for the public: what is labelled internal is not there, in any answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import shapely

from geo_service.domain.change import Operation, RecordKind
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NameStatus
from geo_service.domain.provenance import Label, Provenance
from geo_service.errors import Forbidden, NotFound
from geo_service.language.likeness_keys import probe_keys
from geo_service.language.normalise import normal_form
from geo_service.services.searching.index import NameIndex
from geo_service.store.protocol import ImportReceipt

PLACES, LINES = RecordKind.PLACE_NAMES, RecordKind.BOUNDARY_LINES
PUBLIC = Provenance(source="示例", label=Label.PUBLIC)
LATE = datetime(2030, 1, 1, tzinfo=UTC)
LIKE = {"written": [normal_form("香港中路")], "keys": probe_keys("香港中路", FeatureType.ROAD)}


def ids(records):
    return [record.id for record in records]


@pytest.fixture
def seen(store, write, build):
    """The public view of a register in which of each kind one record is public and one is not."""
    write(
        replace(build.place("P-1"), provenance=PUBLIC),
        build.place("P-2"),
        replace(build.road("RD-1"), provenance=PUBLIC),
        build.road("RD-2"),
        replace(build.unit("370202"), provenance=PUBLIC),
        build.unit("370203"),
        replace(build.line(agreement_no="示例协议一号"), provenance=PUBLIC),
        build.line("370202", "370211"),
        replace(build.node("N-1"), provenance=PUBLIC),
        build.node("N-2"),
        replace(build.marker("001Q"), provenance=PUBLIC),
        replace(build.finding(), provenance=PUBLIC),
    )
    return store.seen_by(Label.PUBLIC)


def test_for_internal_use_the_store_is_whole(store):
    assert store.seen_by(Label.INTERNAL) is store
    assert store.seen_by(Label.PUBLIC) is store.seen_by(Label.PUBLIC)


def test_a_view_never_grows_wider(seen):
    assert seen.seen_by(Label.INTERNAL) is seen
    assert seen.seen_by(Label.PUBLIC) is seen


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        (RecordKind.PLACE_NAMES, ["P-1"]),
        (RecordKind.ROADS, ["RD-1"]),
        (RecordKind.UNITS, ["370202"]),
        (RecordKind.BOUNDARY_NODES, ["N-1"]),
        (RecordKind.MARKERS, []),
        (RecordKind.FINDINGS, []),
    ],
)
def test_records_counts_and_pages_hold_the_public_alone(seen, kind, shown):
    assert ids(seen.records(kind)) == shown
    assert ids(seen.records(kind, known_at=LATE)) == shown
    assert seen.count(kind) == len(shown)
    assert seen.info()[kind.value] == str(len(shown))
    assert seen.records(kind, offset=len(shown)) == []


def test_an_agreement_is_internal_though_its_line_is_public(seen):
    (line,) = seen.records(LINES)
    assert line.agreement_no == seen.get(LINES, line.id).agreement_no == ""
    entry = next(seen.log(kind=LINES))
    assert seen.recorded(entry.sequence).agreement_no == ""


def test_boxes_and_units_narrow_what_is_seen_and_no_more(seen):
    within = DivisionCode("370202")
    assert ids(seen.records(PLACES, box=(120, 36, 121, 37), within=within)) == ["P-1"]
    assert ids(seen.records(RecordKind.ROADS, box=(120, 36, 121, 37))) == ["RD-1"]
    assert seen.records(RecordKind.MARKERS, box=(120, 36, 121, 37)) == []


def test_what_is_not_to_be_seen_is_not_found_as_what_never_was(seen):
    told = []
    for record_id in ("P-2", "P-9"):
        with pytest.raises(NotFound) as refused:
            seen.get(PLACES, record_id)
        told.append(str(refused.value).replace(record_id, "…"))
    assert told[0] == told[1]
    assert seen.version(PLACES, "P-1") == 1
    assert seen.versions(PLACES, ["P-1", "P-2", "P-9"]) == {"P-1": 1}


def test_names_are_sought_among_the_public_ones(store, seen):
    assert ids(store.places_like(**LIKE)) == ["P-1", "P-2"]
    assert ids(seen.places_like(**LIKE)) == ["P-1"]
    assert ids(seen.places_like(**LIKE, box=(120, 36, 121, 37), limit=5)) == ["P-1"]
    assert ids(seen.roads_like(**LIKE, within=[DivisionCode("370202")])) == ["RD-1"]
    assert ids(seen.places_of_status(list(NameStatus))) == ["P-1"]


def test_the_search_index_of_the_public_holds_public_names(store, seen):
    def filed(view, **asked):
        return [name.row for name in view.filed_names(PLACES, limit=10, **asked)]

    assert len(filed(store)) == 2
    assert filed(seen) == filed(seen, known_at=LATE) == filed(store)[:1]
    assert ids(seen.records_in_rows(PLACES, filed(seen))) == ["P-1"]
    with pytest.raises(NotFound):
        seen.records_in_rows(PLACES, filed(store)[1:])


def test_an_index_kept_for_the_public_follows_what_is_relabelled(store, seen, write, build):
    index = NameIndex(seen)

    def names():
        return sum(int(segment.alive.sum()) for segment in index.segments())

    assert names() == 2  # a place and a road
    write(build.change(replace(build.place("P-2"), provenance=PUBLIC), Operation.CORRECT, 1))
    assert names() == 3
    write(build.change(build.place("P-1"), Operation.CORRECT, 1))
    assert names() == 2


def test_the_log_of_the_public_tells_public_versions_and_nobody_who_made_them(seen):
    entries = list(seen.log())
    assert {entry.record_id for entry in entries} >= {"P-1", "RD-1", "370202", "N-1"}
    assert not {"P-2", "RD-2", "370203", "N-2"} & {entry.record_id for entry in entries}
    assert {entry.kind for entry in entries} <= set(RecordKind) - {
        RecordKind.MARKERS,
        RecordKind.FINDINGS,
    }
    assert {(entry.actor, entry.reason, entry.basis) for entry in entries} == {("", "", "")}
    assert ids([seen.recorded(entry.sequence) for entry in seen.log(kind=PLACES)]) == ["P-1"]
    assert list(seen.log(kind=PLACES, record_id="P-2")) == []


def test_an_internal_entry_is_not_found_by_its_number(store, seen):
    hidden = next(store.log(kind=PLACES, record_id="P-2")).sequence
    with pytest.raises(NotFound) as refused:
        seen.recorded(hidden)
    assert refused.value.code == "entry_not_found"


def test_what_happens_to_internal_records_does_not_move_the_mark(store, seen, write, build):
    before, info = seen.log_mark(), seen.info()
    assert seen.log_mark(known_at=LATE) == before
    write(build.place("P-3"), build.marker("002Q"))
    assert seen.log_mark(known_at=LATE) == before
    assert seen.log_mark() == before
    assert seen.info() == info
    write(replace(build.place("P-4"), provenance=PUBLIC))
    after = seen.log_mark()
    assert after.sequence > before.sequence
    assert after == store.log_mark()


def test_a_record_taken_from_the_public_moves_the_mark_and_is_gone(store, seen, write, build):
    before = seen.log_mark()
    write(build.change(build.place("P-1", name="改过"), Operation.CORRECT, 1))
    assert seen.log_mark() != before
    assert seen.count(PLACES) == 0
    assert list(seen.log(kind=PLACES)) == []


def test_the_past_of_the_register_shows_nothing_that_is_internal_now(store, seen, write, build):
    known = store.log_mark().recorded_at
    assert ids(seen.records(PLACES, known_at=known)) == ["P-1"]
    write(build.change(build.place("P-1"), Operation.CORRECT, 1))
    assert ids(store.records(PLACES, known_at=known)) == ["P-1", "P-2"]
    assert seen.records(PLACES, known_at=known) == []
    assert seen.places_like(**LIKE, known_at=known) == []
    with pytest.raises(NotFound):
        seen.get(PLACES, "P-1", known_at=known)
    moments = (datetime(2020, 1, 1, tzinfo=UTC), LATE)
    assert seen.touched(PLACES, within=DivisionCode("370202"), moments=moments) == []


def test_what_was_touched_is_told_of_the_public_alone(seen):
    moments = (datetime(2020, 1, 1, tzinfo=UTC), LATE)
    within = DivisionCode("370202")
    assert seen.touched(PLACES, within=within, moments=moments) == ["P-1"]
    assert seen.touched(RecordKind.MARKERS, within=within, moments=moments) == []
    assert seen.touched(PLACES, within=within, days=(date(2020, 1, 1), date(2030, 1, 1))) == []


def test_a_label_written_into_a_text_changes_nothing(store, write, build):
    write(build.place("P-5", meaning='"label":"public"', geometry=shapely.Point(120.1, 36.1)))
    seen = store.seen_by(Label.PUBLIC)
    assert list(seen.log()) == []
    assert seen.count(PLACES) == 0


def test_imports_and_files_are_internal(store, seen):
    with store.begin() as work:
        work.keep_receipt(ImportReceipt("ab", 1, "{}", LATE))
        name = work.keep_content(b"%PDF-1.4 ")
    assert store.receipt("ab") is not None
    assert seen.receipt("ab") is None
    assert (len(store.receipts(limit=9)), seen.receipts(limit=9)) == (1, [])
    assert seen.content_subjects(name) == []
    assert seen.clear_values() == []
    with pytest.raises(NotFound):
        seen.content(name)


@pytest.mark.parametrize("act", ["begin", "verify", "rebuild", "sweep"])
def test_nothing_is_changed_or_judged_through_a_view(seen, act):
    with pytest.raises(Forbidden) as refused:
        getattr(seen, act)()
    assert refused.value.code == "view_read_only"
