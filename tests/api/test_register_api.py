"""The register over HTTP: records by both clocks, pages that stay whole, versions and changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from fastapi.testclient import TestClient
from shapely.geometry import Point

from geo_service.api.app import create_app
from geo_service.api.audience import asker_of
from geo_service.api.kept_findings import FindingHistoryBody, KeptFindingsBody
from geo_service.api.register_schemas import (
    ChangesBody,
    CountsBody,
    HistoryBody,
    LineageBody,
    RecordBody,
    RecordsBody,
)
from geo_service.api.rules import CoverageBody, DemandsBody, RulePageBody, RulesBody
from geo_service.domain.access import Asker, Manner, Right
from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Force, Label, Provenance
from geo_service.services.names import check_name
from geo_service.services.serving.collections import COLLECTIONS

BASE = "/api/v1/register"


def place(key: str, name: str, label: Label = Label.INTERNAL) -> NamedPlace:
    origin = Provenance("示例数据", force=Force.SYNTHETIC, label=label)
    return NamedPlace(id=key, name=name, feature_type=FeatureType.ROAD, provenance=origin)


def write(store, *records, operation=Operation.CREATE) -> None:
    with store.begin() as work:
        for record in records:
            version = store.version(RecordKind.PLACE_NAMES, record.id)
            change = Change(
                operation=operation,
                record=record,
                actor="甲",
                reason="测试",
                expected_version=version,
            )
            work.append([change])


@pytest.fixture
def made(fresh):
    services, client = fresh(False)
    write(services.store, *(place(f"P{n:02d}", f"测试{n}号路") for n in range(7)))
    return services, client


def all_pages(client, path, key, **query):
    found, cursor = [], ""
    while cursor is not None:
        page = client.get(path, params={**query, "cursor": cursor}).json()
        found += page[key]
        cursor = page["next_cursor"]
    return found


@pytest.mark.parametrize(
    "word", ["units", "boundary-lines", "markers", "junctions", "place-names", "roads"]
)
def test_every_kind_is_listed_and_each_record_is_there(client, word) -> None:
    page = client.get(f"{BASE}/{word}", params={"limit": 3}).json()
    RecordsBody.model_validate(page)
    counts = client.get(f"{BASE}/counts").json()
    CountsBody.model_validate(counts)
    assert len(all_pages(client, f"{BASE}/{word}", "records", limit=50)) == counts["counts"][word]
    for record in page["records"]:
        one = client.get(f"{BASE}/{word}/{record['id']}").json()
        RecordBody.model_validate(one)
        assert {key: one[key] for key in record} == record
        versions = client.get(f"{BASE}/{word}/{record['id']}/history").json()
        HistoryBody.model_validate(versions)
        assert versions["versions"]
        came = client.get(f"{BASE}/{word}/{record['id']}/lineage").json()
        LineageBody.model_validate(came)


def test_pages_are_of_one_moment_whatever_is_written_between_them(made) -> None:
    services, client = made
    first = client.get(f"{BASE}/place-names", params={"limit": 4}).json()
    write(services.store, place("P00a", "后来路"), place("P99", "更后来路"))
    query = {"limit": 4, "cursor": first["next_cursor"]}
    second = client.get(f"{BASE}/place-names", params=query).json()
    ids = [record["id"] for page in (first, second) for record in page["records"]]
    assert ids == [f"P{n:02d}" for n in range(7)]
    assert second["known_at"] == first["known_at"]


def test_a_cursor_belongs_to_its_query(made) -> None:
    _, client = made
    cursor = client.get(f"{BASE}/place-names", params={"limit": 2}).json()["next_cursor"]
    other = {"limit": 2, "cursor": cursor, "as_of": "2020-01-01"}
    refused = client.get(f"{BASE}/place-names", params=other)
    assert (refused.status_code, refused.json()["code"]) == (422, "cursor_unreadable")


def test_a_record_is_told_as_it_was_known_then(made) -> None:
    services, client = made
    before = services.store.log_mark().recorded_at
    write(services.store, place("P01", "更正路"), operation=Operation.CORRECT)
    now = client.get(f"{BASE}/place-names/P01").json()
    then = client.get(f"{BASE}/place-names/P01", params={"known_at": before.isoformat()}).json()
    assert (now["properties"]["name"], now["version"]) == ("更正路", 2)
    assert (then["properties"]["name"], then["version"]) == ("测试1号路", None)
    versions = client.get(f"{BASE}/place-names/P01/history").json()["versions"]
    assert [v["operation"] for v in versions] == ["create", "correct"]
    counted = client.get(f"{BASE}/counts", params={"known_at": before.isoformat()}).json()
    assert counted["counts"]["place-names"] == 7


def test_what_changed_is_told_by_either_clock(client, services) -> None:
    days = {"unit": "990100", "from": "1990-01-01", "to": "2026-11-01"}
    told = client.get(f"{BASE}/changes", params=days)
    ChangesBody.model_validate(told.json())
    since = services.store.log_mark().recorded_at - timedelta(days=1)
    span = {"recorded_from": since.isoformat(), "recorded_to": "2027-01-01T00:00:00Z"}
    recorded = client.get(f"{BASE}/changes", params={"unit": "990100", **span}).json()
    ChangesBody.model_validate(recorded)
    assert sum(len(kind["happened"]) for kind in recorded["kinds"]) > 20


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"from": "2020-01-01"},
        {"from": "2020-01-01", "recorded_to": "2021-01-01T00:00:00Z"},
        {"from": "2020-01-01", "to": "2021-01-01", "as_of": "2020-06-01"},
    ],
)
def test_half_a_span_is_refused(client, query) -> None:
    refused = client.get(f"{BASE}/changes", params={"unit": "990100", **query})
    assert (refused.status_code, refused.json()["code"]) == (422, "changes_pair")


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"known_at": "2020-01-01T00:00:00"}, 400, "query_invalid"),
        ({"as_of": "gestern"}, 400, "query_invalid"),
        ({"nothing": "1"}, 400, "parameter_unknown"),
        ({"bbox": "1,2,3"}, 422, "parameter_unreadable"),
        ({"bbox": "200,0,201,1"}, 422, "parameter_unreadable"),
        ({"bbox": "nan,0,1,1"}, 422, "parameter_unreadable"),
        ({"within": "99"}, 422, "division_code_malformed"),
        ({"limit": "0"}, 400, "query_invalid"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(client, query, status, code) -> None:
    refused = client.get(f"{BASE}/units", params=query)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_an_unknown_kind_or_record_is_told(client) -> None:
    assert client.get(f"{BASE}/nothing").status_code in (400, 422)
    for path in ("place-names/none", "place-names/none/history", "place-names/none/lineage"):
        assert client.get(f"{BASE}/{path}").json()["code"] == "record_not_found"


def test_names_of_staff_go_to_no_public_audience(made) -> None:
    _, client = made
    viewer = Asker("x", Manner.SESSION, frozenset(Right), frozenset(), Label.PUBLIC)
    client.app.dependency_overrides[asker_of] = lambda: viewer
    for path in (
        f"{BASE}/place-names/P01/history",
        f"{BASE}/place-names/P01/lineage",
        f"{BASE}/changes?unit=990100&from=2020-01-01&to=2021-01-01",
        "/api/v1/findings",
        "/api/v1/audit/log",
        "/api/v1/audit/anchor",
    ):
        refused = client.get(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "internal_only")


def test_a_public_audience_sees_names_alone_and_no_finer_than_set(fresh) -> None:
    """Lines, markers and what is drawn by them are for the bureau, whatever their label."""
    services, _ = fresh(True)
    spot = Point(119.7123456, 38.5123456)
    near = replace(place("X1", "测试八号路", Label.PUBLIC), geometry=spot)
    write(services.store, near)
    with services.store.begin() as work:
        work.append(_made_public(services.store))
    client = TestClient(
        create_app(services, replace(services.settings, audience=Label.PUBLIC)),
        base_url="http://127.0.0.1:8000",
        client=("127.0.0.1", 50000),
    )
    for kind in ("units", "boundary-lines", "markers", "junctions"):
        assert client.get(f"{BASE}/{kind}").json()["code"] == "collection_unknown"
        one = services.store.records(COLLECTIONS[kind].kinds[0])[0].id
        assert client.get(f"{BASE}/{kind}/{one}").json()["code"] == "collection_unknown"
    assert set(client.get(f"{BASE}/counts").json()["counts"]) == {"place-names", "roads"}
    told = client.get(f"{BASE}/place-names/X1").json()
    assert told["geometry"]["coordinates"] == [119.712, 38.512]
    (listed,) = client.get(f"{BASE}/place-names").json()["records"]
    assert listed["geometry"] == told["geometry"]
    # Neither a box nor a distance tells more than the position that is shown.
    for box in ("119.7119,38.5119,119.7121,38.5121", "119.7121,38.5121,119.7122,38.5122"):
        assert len(client.get(f"{BASE}/place-names?bbox={box}").json()["records"]) == 1
    assert not client.get(f"{BASE}/place-names?bbox=119.7,38.5,119.711,38.6").json()["records"]
    found = client.get("/api/v1/names/search?near=119.712,38.512").json()["hits"]
    assert found[0]["distance_m"] == pytest.approx(0, abs=1)
    page = client.get("/register/place-names/X1", headers={"accept": "text/html"}).text
    assert "119.712000, 38.512000" in page
    assert "119.7123" not in page


def _made_public(store):
    kinds = {COLLECTIONS[word].kinds[0] for word in ("units", "boundary-lines", "markers")}
    for kind in (*kinds, RecordKind.BOUNDARY_NODES):
        for record in store.records(kind):
            told = replace(record.provenance, label=Label.PUBLIC)
            yield Change(
                operation=Operation.CORRECT,
                record=replace(record, provenance=told),
                actor="甲",
                reason="测试",
                expected_version=store.version(kind, record.id),
            )


# --- log, findings, rules, kept checks ------------------------------------------------------


def test_the_log_is_read_page_by_page_and_its_head_can_be_kept(made) -> None:
    _, client = made
    entries = all_pages(client, "/api/v1/audit/log", "entries", limit=3)
    assert [entry["sequence"] for entry in entries] == list(range(1, 8))
    assert all(b["previous_hash"] == a["hash"] for a, b in pairwise(entries))
    own = client.get("/api/v1/audit/log", params={"kind": "place-names", "record": "P03"}).json()
    assert [entry["record_id"] for entry in own["entries"]] == ["P03"]
    anchor = client.get("/api/v1/audit/anchor").json()
    assert (anchor["entries"], anchor["head"]) == (7, entries[-1]["hash"])


def test_a_log_that_is_not_that_of_the_anchor_is_told(made, ended) -> None:
    _, client = made
    anchor = client.get("/api/v1/audit/anchor").json()
    for head, sound in ((anchor["head"], True), ("0" * 64, False)):
        body = {"anchors": [{**anchor, "head": head}]}
        job = ended(client, client.post("/api/v1/audit/verify", json=body))
        told = client.get(job["result"]).json()
        assert (told["sound"], bool(told["problem"])) == (sound, not sound)


def test_a_finding_is_decided_on_by_whoever_is_signed_in(fresh, ended) -> None:
    _, client = fresh(True)
    job = ended(client, client.post("/api/v1/boundaries/check", json={"keep": True}))
    assert job["state"] == "done"
    listed = client.get("/api/v1/findings", params={"limit": 5}).json()
    KeptFindingsBody.model_validate(listed)
    own = f"/api/v1/findings/{listed['findings'][0]['fingerprint']}"
    confirmed = client.post(f"{own}/confirm", json={"reason": "已核实"})
    assert confirmed.json()["decision"]["signer"] == "demo"
    again = client.post(f"{own}/confirm", json={"reason": "已核实"})
    assert (again.status_code, again.json()["code"]) == (409, "finding_decided"), "no doubling"
    assert client.post(f"{own}/withdraw", json={"reason": "有误"}).json()["state"] == "reopened"
    late = {"reason": "x", "ends_on": "2020-01-01"}
    assert client.post(f"{own}/waive", json=late).json()["code"] == "waiver_ended"
    assert client.post(f"{own}/waive", json={"reason": "x"}).json()["state"] == "waived"
    told = client.get(own).json()
    FindingHistoryBody.model_validate(told)
    assert [step["state"] for step in told["history"]] == [
        "open",
        "confirmed",
        "reopened",
        "waived",
    ]
    waived = client.get("/api/v1/findings", params={"state": "waived"}).json()
    assert waived["total"] == 1
    everything = all_pages(client, "/api/v1/findings", "findings", limit=40)
    assert len({each["fingerprint"] for each in everything}) == listed["total"]


def test_the_rule_book(client) -> None:
    rules = client.get("/api/v1/rules", params={"family": "names"}).json()
    RulesBody.model_validate(rules)
    page = client.get(f"/api/v1/rules/{rules['rules'][0]['id']}").json()
    RulePageBody.model_validate(page)
    CoverageBody.model_validate(client.get("/api/v1/rules/coverage").json())
    DemandsBody.model_validate(client.get("/api/v1/rules/demands").json())
    assert client.get("/api/v1/rules/NM-NONE-99").status_code == 404
    assert client.get("/api/v1/rules", params={"family": "x"}).status_code == 400


def test_a_kept_check_is_replayed_against_the_register_of_then(made) -> None:
    services, client = made
    body = {"name": "测试一号路", "feature_type": "road", "as_of": "2026-11-23"}
    kept = client.post("/api/v1/names/checks", json=body)
    assert kept.status_code == 201
    again = client.post("/api/v1/names/checks", json=body)
    assert again.json()["id"] == kept.json()["id"], "a retry doubles nothing"
    own = kept.headers["location"]
    write(services.store, replace(place("P50", "测试一号路")))
    assert client.get(own).json() == kept.json()
    told = client.post(f"{own}/replay").json()
    assert (told["identical"], told["problem"]) == (True, None)
    now = client.post("/api/v1/names/check", json=body).json()
    assert now["findings"] != kept.json()["verdict"]["findings"]
    assert len(all_pages(client, "/api/v1/names/checks", "checks", limit=1)) == 1
    assert client.get("/api/v1/names/checks/" + "0" * 32).json()["code"] == "kept_check_not_found"


def test_what_is_written_while_a_check_runs_is_no_part_of_what_is_kept(made, monkeypatch) -> None:
    services, client = made

    def check_late(*words):
        write(services.store, place("P50", "测试一号路"))
        return check_name(*words)

    monkeypatch.setattr("geo_service.api.kept_checks.check_name", check_late)
    body = {"name": "测试一号路", "feature_type": "road", "as_of": "2026-11-23"}
    kept = client.post("/api/v1/names/checks", json=body)
    told = client.post(f"{kept.headers['location']}/replay").json()
    assert (told["identical"], told["problem"]) == (True, None)


def test_names_are_checked_and_searched_as_the_register_knew_them(made) -> None:
    services, client = made
    then = services.store.log_mark().recorded_at.isoformat()
    write(services.store, place("P50", "新来一路"))
    body = {"name": "新来一路", "feature_type": "road", "as_of": "2026-11-23"}
    now = client.post("/api/v1/names/check", json=body).json()
    before = client.post("/api/v1/names/check", json={**body, "known_at": then}).json()
    assert [each["id"] for each in now["near"]] == ["P50"]
    assert before["near"] == []
    batch = {"names": [{"name": "新来一路", "feature_type": "road"}], "known_at": then}
    (row,) = client.post("/api/v1/names/check-batch", json=batch).json()["results"]
    assert row["verdict"]["near"] == []
    found = client.get("/api/v1/names/search", params={"q": "新来"}).json()
    assert found["total"] == 1
    found = client.get("/api/v1/names/search", params={"q": "新来", "known_at": then}).json()
    assert found["total"] == 0
    kept = client.post("/api/v1/names/checks", json={**body, "known_at": then})
    assert (kept.status_code, kept.json()["code"]) == (422, "keep_of_the_past")


def test_spelling_and_likeness(client) -> None:
    spelled = client.post("/api/v1/names/romanise", json={"name": "幸福路", "given": "Xinfu Lu"})
    assert spelled.json()["romanization"]["text"] == "Xìngfú Lù"
    assert spelled.json()["agrees"] is False
    pair = {"name_a": "幸福路", "name_b": "兴福路"}
    alike = client.post("/api/v1/names/confusable", json=pair).json()
    assert alike["confusable"]
    wrong = client.post("/api/v1/names/confusable", json={**pair, "dialect": "klingon"})
    assert wrong.status_code in (404, 422)
    assert wrong.json()["code"]


def test_a_day_before_anything_was_known_holds_nothing(client) -> None:
    query = {"known_at": "1999-01-01T00:00:00Z", "as_of": str(date(2026, 1, 1))}
    assert client.get(f"{BASE}/units", params=query).json()["records"] == []
