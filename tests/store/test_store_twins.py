"""Two stores, one truth: whatever is done to both, both answer alike, to the hash of the log."""

from __future__ import annotations

import itertools
import tempfile
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo_service import cities
from geo_service.domain.change import Operation, RecordKind
from geo_service.domain.identity import DivisionCode
from geo_service.domain.period import Period
from geo_service.domain.place import FeatureType, NameStatus
from geo_service.errors import Conflict, GeoServiceError
from geo_service.language.likeness_keys import probe_keys
from geo_service.language.normalise import normal_form
from geo_service.services.appraisal import names_json, review_city, review_names
from geo_service.services.boundaries import report_json
from geo_service.services.samples.loading import load_sample
from geo_service.services.search import SearchRequest, search
from geo_service.services.searching.index import NameIndex
from geo_service.store.copying import copy_store
from geo_service.store.opening import open_store
from geo_service.store.protocol import ImportReceipt

PLACES, LINES, MARKERS = RecordKind.PLACE_NAMES, RecordKind.BOUNDARY_LINES, RecordKind.MARKERS
ROADS = RecordKind.ROADS
NAMES = ("香港中路", "香港钟路", "港香中路", "延安三路", "𠮷䶮村")
UNITS = ("370202", "370202001", "370203", "370602", None)
IDS = ("P-10", "P-9", "p-1", "乙", "甲", "𠮷")
"""In an order of their own in every collation but that of bytes."""
DAYS = [date(2020, 1, 5) + timedelta(days=number) for number in range(0, 40, 4)]
BOXES = ((120, 36, 120.5, 36.5), (120.25, 36.25, 120.25, 36.25), (119, 30, 130, 40), (1, 1, 2, 2))

grid = st.integers(0, 63).map(lambda n: n / 64)  # exact in 32 bits: indexes round nothing
points = st.builds(lambda x, y: shapely.Point(120 + x, 36 + y), grid, grid)
areas = st.builds(
    lambda x, y, w: shapely.box(120 + x, 36 + y, 121 + x + w, 37 + y), grid, grid, grid
)
high = st.builds(lambda x, z: shapely.Point(120 + x, 36, z), grid, st.floats(-1e3, 1e4))
edges = st.none() | st.sampled_from(DAYS)
spans = st.tuples(edges, edges).filter(lambda s: None in s or s[0] < s[1])
steps = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([PLACES] * 4 + [LINES, MARKERS, ROADS]),
        "id": st.sampled_from(IDS),
        "name": st.sampled_from(NAMES),
        "unit": st.sampled_from(UNITS),
        "status": st.sampled_from([NameStatus.STANDARD, NameStatus.FORMER, NameStatus.RESERVED]),
        "shape": st.none() | points | areas | high,
        "number": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "operation": st.sampled_from(Operation),
        "span": spans,
        "fresh": st.sampled_from([True] * 7 + [False]),
    }
)
histories = st.lists(st.lists(steps, min_size=1, max_size=5), min_size=1, max_size=8)


def record_of(build, step):
    common = {"period": Period(*step["span"])}
    if step["kind"] is LINES:
        other = f"3702{11 + IDS.index(step['id'])}"
        return build.line("370202", other, length_km=step["number"], name=step["name"], **common)
    if step["kind"] is MARKERS:
        number = f"{1 + IDS.index(step['id']):03d}Q"
        return build.marker(number, height_m=step["number"], **common)
    if step["kind"] is ROADS:
        told = {"name": step["name"], "status": step["status"], "width_m": step["number"]}
        return build.road(step["id"], **told, **common)
    unit = step["unit"]
    return build.place(
        step["id"],
        name=step["name"],
        unit_code=None if unit is None else DivisionCode(unit),
        status=step["status"],
        geometry=step["shape"],
        **common,
    )


def changes_of(build, store, transaction):
    """Changes with the versions that a clerk would have seen; some stale ones among them."""
    versions: dict[tuple[RecordKind, str], int] = {}
    for step in transaction:
        record = record_of(build, step)
        key = (step["kind"], record.id)
        seen = versions.setdefault(key, store.version(*key))
        operation = step["operation"] if seen else Operation.CREATE
        versions[key] += 1
        yield build.change(record, operation, seen if step["fresh"] else seen + 1)


def outcome(store, changes, receipt):
    try:
        with store.begin() as work:
            count = work.append(changes)
            work.keep_receipt(receipt)
    except GeoServiceError as error:
        return type(error), error.code, error.context
    return count


def everything(store, moments):
    """All that can be read, in one comparable heap."""
    kinds = (PLACES, LINES, MARKERS, ROADS)
    return {
        "kept": [
            [wkb_free(store.records(kind, as_of=day, known_at=moment)) for kind in kinds]
            for day in DAYS[::3]
            for moment in moments
        ],
        "boxed": [wkb_free(store.records(k, as_of=DAYS[4], box=b)) for k in kinds for b in BOXES],
        "paged": [
            wkb_free(store.records(PLACES, as_of=DAYS[4], box=box, limit=limit, offset=offset))
            for box, limit, offset in itertools.product((None, BOXES[2]), (None, 2), (0, 1))
        ],
        "within": [
            wkb_free(store.records(kind, as_of=DAYS[4], within=DivisionCode(unit)))
            for kind in kinds
            for unit in UNITS[:4]
        ],
        "like": [wkb_free(store.places_like(as_of=DAYS[4], **asked)) for asked in searches()],
        "roads": [
            wkb_free(
                store.roads_like(as_of=DAYS[4], **{n: v for n, v in asked.items() if n != "box"})
            )
            for asked in searches()
        ],
        "status": [
            wkb_free(store.places_of_status(statuses, as_of=DAYS[4], limit=limit))
            for statuses in ([], [NameStatus.FORMER], [NameStatus.FORMER, NameStatus.RESERVED])
            for limit in (None, 1)
        ],
        "counts": [store.count(kind, as_of=day) for kind in kinds for day in DAYS],
        "versions": [store.version(PLACES, record_id) for record_id in IDS],
        "filed": [rounded(filed) for filed in store.filed_names(PLACES, limit=100)],
        "log": list(store.log()),
        "recorded": wkb_free(store.recorded(entry.sequence) for entry in store.log()),
        "mark": store.log_mark(),
        "receipts": [store.receipt(f"digest {number}") for number in range(8)],
        "audit": store.verify(),
        "indexed": store.names_indexed(),
    }


def searches():
    form, keys = [normal_form(NAMES[0])], probe_keys(NAMES[0], FeatureType.ROAD)
    within = [DivisionCode("370202"), DivisionCode("370602")]
    for box, limit, units in itertools.product((None, BOXES[0]), (None, 1), (None, within, [])):
        yield {"written": form, "keys": keys, "box": box, "limit": limit, "within": units}


def rounded(filed):
    """The middle of a box comes from spatial indexes, each of which rounds it in its own way."""
    if filed.position is None:
        return filed
    return filed._replace(position=tuple(round(degrees, 4) for degrees in filed.position))


def wkb_free(records):
    """Records with their geometry as bytes: equal means equal bit for bit."""
    found = []
    for record in records:
        shaped = [f.name for f in fields(record) if f.name in {"geometry", "position"}]
        shapes = [shapely.to_wkb(getattr(record, name), flavor="iso") for name in shaped]
        found.append((replace(record, **dict.fromkeys(shaped)), shapes))
    return found


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(histories)
def test_the_same_history_reads_the_same_from_both(server, database, build, history):
    now = datetime(2024, 1, 1, tzinfo=UTC)
    server.empty(database)
    with tempfile.TemporaryDirectory() as folder:
        url = f"gpkg:{Path(folder)}/s.gpkg"
        file = open_store(url, create=True, clock=lambda: now)
        served = open_store(server.url(database), clock=lambda: now)
        moments = [None]
        for number, transaction in enumerate(history):
            mark = file.log_mark()
            changes = list(changes_of(build, file, transaction))
            receipt = ImportReceipt(f"digest {number % 6}", len(changes), "{}", now)
            assert outcome(served, changes, receipt) == outcome(file, changes, receipt)
            assert served.names_withdrawn(PLACES, mark) == file.names_withdrawn(PLACES, mark)
            moments.append(now)
            now += timedelta(seconds=1)
        read = everything(file, moments[-3:])
        assert read["audit"].sound
        assert everything(served, moments[-3:]) == read
        assert served.rebuild() == file.rebuild()
        assert everything(served, moments[-3:]) == read
        served.close()
        file.close()


def test_records_come_in_the_order_of_bytes_wherever_they_lie(store, write, build):
    write(*(build.place(record_id) for record_id in reversed(IDS)))
    found = [record.id for record in store.records(PLACES)]
    assert found == sorted(IDS, key=lambda record_id: record_id.encode())
    alike = store.places_like(written=[normal_form("香港中路")])
    assert [record.id for record in alike] == found


@pytest.fixture
def filled(store, write, build):
    """Some of everything, with a history, heights, and a receipt."""
    write(
        *(build.place(f"P-{n}", name=NAMES[n % 5]) for n in range(30)),
        build.place("NONE", geometry=None, name="𠮷祥里"),
        build.place("HIGH", geometry=shapely.Point(120.1, 36.1, -0.1)),
        build.unit(),
        build.line(length_km=12.345678901234567),
        build.node(),
        build.marker(),
        build.finding(),
        build.run(),
    )
    with store.begin() as work:
        later = build.place("P-3", name="新路", period=Period(date(2020, 2, 1)))
        work.append([build.change(later, Operation.REVISE, 1)])
        work.keep_receipt(ImportReceipt("digest 1", 1, "{}", datetime(2024, 1, 1, tzinfo=UTC)))
    return store


@pytest.fixture(params=["gpkg", "postgresql"])
def empty(request, tmp_path, server):
    """An empty store of either kind to copy into."""
    if request.param == "gpkg":
        made = open_store(f"gpkg:{tmp_path}/copy.gpkg", create=True)
        yield made
        made.close()
        return
    with server.database() as name:
        made = open_store(server.url(name))
        yield made
        made.close()


def test_a_copy_reads_as_the_first_and_bears_its_seals(filled, empty):
    moments = [None, next(filled.log(after=38)).recorded_at - timedelta(seconds=1)]
    assert copy_store(filled, empty) == 39
    assert everything(empty, moments) == everything(filled, moments)
    for kind in RecordKind:
        assert wkb_free(empty.records(kind)) == wkb_free(filled.records(kind))
    assert empty.verify().sound


def test_a_copy_goes_on_where_the_first_left_off(filled, empty, build):
    copy_store(filled, empty)
    stale = build.change(build.place("P-3"), Operation.CORRECT, 1)
    with pytest.raises(Conflict), empty.begin() as work:
        work.append([stale])
    with empty.begin() as work:
        work.append([build.change(build.place("P-99"))])
    assert empty.log_mark().sequence == 40
    assert empty.verify().sound


def test_a_store_that_holds_anything_is_not_copied_over(filled, empty, build):
    with empty.begin() as work:
        work.append([build.change(build.place("OWN"))])
    before = list(empty.log())
    with pytest.raises(Conflict) as caught:
        copy_store(filled, empty)
    assert caught.value.code == "copy_target_filled"
    assert list(empty.log()) == before


def test_text_that_only_one_engine_could_keep_is_refused_by_both(store, write, build):
    for wrong in ({"name": "甲\0乙"}, {"id": "甲\0"}):
        with pytest.raises(GeoServiceError) as caught:
            write(build.place(**wrong))
        assert caught.value.code == "record_unstorable"
    write(build.place(name=r"甲\u0000乙"))
    assert store.count(PLACES) == 1


def test_reviews_and_searches_find_the_same_in_both(server_store, tmp_path):
    """The whole of a city: lines, markers, names; to the last finding and its evidence."""
    city, day = cities.city("990100"), date(2026, 6, 1)
    file = open_store(f"gpkg:{tmp_path}/city.gpkg", create=True)
    load_sample(file, city)
    copy_store(file, server_store)

    def answers(store):
        names = names_json(review_names(store, city, day), "zh")
        found = search(SearchRequest("lu", day), NameIndex(store), store)
        return report_json(review_city(store, city, day).report, "zh"), names, found

    lines, names, found = answers(file)
    assert len(lines["findings"]) > 50
    assert answers(server_store) == (lines, names, found)
    file.close()
