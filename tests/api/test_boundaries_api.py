"""`GET /api/v1/boundaries/findings`: the register's findings, filtered, as JSON and GeoJSON."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import shapely

from geo_service.api.schemas import FeaturesBody, FindingsBody
from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.kept_finding import Origin
from geo_service.domain.period import Period
from geo_service.services.appraisal import review_city
from geo_service.services.boundaries import check_boundaries, report_json
from geo_service.services.boundary_states import sighting_of
from geo_service.services.finding_decisions import Signature, waive
from geo_service.services.life_cycle import keep

URL = "/api/v1/boundaries/findings"


@pytest.fixture
def report(services):
    day = date(2026, 11, 23)
    return review_city(services.store, services.city, day).report


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_answer_is_the_report_of_the_service(client, report, lang):
    answer = client.get(URL, params={"lang": lang, "limit": 1000})
    assert answer.status_code == 200
    body = answer.json()
    FindingsBody.model_validate(body)
    assert body.pop("matched") == body.pop("returned") == len(report.findings) > 0
    assert body == json.loads(json.dumps(report_json(report, lang)))


def test_geojson_holds_the_same_findings(client, report):
    answer = client.get(URL, params={"format": "geojson", "limit": 1000})
    assert answer.headers["content-type"] == "application/geo+json"
    FeaturesBody.model_validate(answer.json())
    features = answer.json()["features"]
    assert [f["id"] for f in features] == [f.id for f in report.findings]
    for feature, finding in zip(features, report.findings, strict=True):
        assert "geometry" not in feature["properties"]
        drawn = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert shapely.equals_exact(drawn, finding.geometry)


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({"severity": "prohibited"}, lambda f: f["severity"] == "prohibited"),
        (
            {"severity": ["human", "info"]},
            lambda f: f["severity"] in ("human", "info"),
        ),
        ({"rule": "BD-COD-01"}, lambda f: f["rule_id"] == "BD-COD-01"),
        ({"rule": "BD-XXX-99"}, lambda _: False),
    ],
)
def test_filters_keep_what_they_say_and_all_of_it(client, asked, kept):
    everything = client.get(URL, params={"limit": 1000}).json()["findings"]
    expected = [finding for finding in everything if kept(finding)]
    assert client.get(URL, params={"limit": 1000, **asked}).json()["findings"] == expected


def test_a_unit_finds_itself_its_lines_and_what_relates_to_it(client, services):
    everything = client.get(URL, params={"limit": 1000}).json()["findings"]
    code = services.store.records(RecordKind.UNITS, within=services.city.code)[0].code
    found = client.get(URL, params={"unit": code, "limit": 1000}).json()["findings"]
    assert 0 < len(found) < len(everything)
    for finding in found:
        ids = [finding["subject"]["id"], *(related["id"] for related in finding["related"])]
        assert any(code in (i, i[:2] + i[6:10], i[:2] + i[10:]) for i in ids)


def test_paging_walks_through_all_without_a_gap(client):
    everything = client.get(URL, params={"limit": 1000}).json()
    pages = []
    for offset in range(0, everything["matched"], 10):
        pages += client.get(URL, params={"limit": 10, "offset": offset}).json()["findings"]
    assert pages == everything["findings"]
    beyond = client.get(URL, params={"offset": everything["matched"] + 5}).json()
    assert (beyond["findings"], beyond["matched"]) == ([], everything["matched"])


@pytest.mark.parametrize(
    "query",
    [
        "severity=grave",
        "limit=0",
        "limit=1001",
        "limit=many",
        "offset=-1",
        "format=kml",
        "lang=fr",
        "rule=" + "x" * 100,
    ],
)
def test_a_wrong_parameter_is_a_400_that_names_it(client, query):
    answer = client.get(f"{URL}?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "query_invalid"
    assert [error["parameter"] for error in problem["errors"]] == [query.partition("=")[0]]


def test_the_report_is_made_anew_only_when_the_register_moves_on(fresh, monkeypatch):
    services, client = fresh(True)
    runs = []

    def counted(*args):
        runs.append(args)
        return check_boundaries(*args)

    monkeypatch.setattr("geo_service.services.appraisal.check_boundaries", counted)
    before = client.get(URL).json()
    assert client.get(URL).json() == before
    assert len(runs) == 1
    line = services.store.records(RecordKind.BOUNDARY_LINES)[0]
    with services.store.begin() as work:
        work.append(
            [
                Change(
                    operation=Operation.RETIRE,
                    record=replace(line, period=Period(line.period.start, date(2020, 1, 1))),
                    actor="test",
                    reason="界线撤销",
                    expected_version=services.store.version(RecordKind.BOUNDARY_LINES, line.id),
                )
            ]
        )
    after = client.get(URL).json()
    assert len(runs) == 2
    assert after["counts"]["lines"] == before["counts"]["lines"] - 1


def test_what_is_decided_on_findings_is_shown_without_a_second_run(fresh, monkeypatch):
    services, client = fresh(True)
    runs = []

    def counted(*args):
        runs.append(args)
        return check_boundaries(*args)

    monkeypatch.setattr("geo_service.services.appraisal.check_boundaries", counted)
    before = client.get(URL, params={"limit": 1000}).json()
    assert set(before["states"]) == {"open", "confirmed", "waived", "mended", "reopened"}
    assert before["states"]["open"] == before["matched"]
    assert before["decisions"] == []
    today = services.today()
    review = review_city(services.store, services.city, today)
    assert len(runs) == 2
    seen = sighting_of(review.report, review.case, Origin.REGISTER, review.entries)
    keep(services.store, seen, actor="test", today=today)
    by = Signature(signer="张三", reason="两侧已协商", actor="test")
    key = before["findings"][0]["fingerprint"]
    waive(services.store, key, by, today=today)
    after = client.get(URL, params={"limit": 1000}).json()
    assert len(runs) == 2, "no rule reads what is decided on findings"
    FindingsBody.model_validate(after)
    assert after["states"]["waived"] == 1
    assert [f["state"] for f in after["findings"] if f["fingerprint"] == key] == ["waived"]
    assert after["decisions"] == [
        {
            "fingerprint": key,
            "state": "waived",
            "signer": "张三",
            "reason": "两侧已协商",
            "signed_on": "2026-11-23",
            "document_no": "",
            "ends_on": None,
        }
    ]
    shown = client.get(URL, params={"severity": "info"}).json()
    assert shown["states"] == after["states"], "counts are of all findings, as by severity"


def test_the_report_is_made_anew_on_the_next_day(fresh):
    services, client = fresh(True)
    assert client.get(URL).json()["as_of"] == "2026-11-23"
    services.clock = lambda: datetime(2026, 11, 23, 17, tzinfo=UTC)
    assert client.get(URL).json()["as_of"] == "2026-11-24", "the day is the day in China"


def test_an_empty_register_has_no_findings_and_says_what_did_not_run(fresh):
    _, client = fresh(False)
    body = client.get(URL).json()
    assert body["findings"] == []
    assert body["rules_not_run"]
