"""What jobs do, through HTTP: the same answers as the commands of the same name."""

from __future__ import annotations

import io
import json

import pytest
from openpyxl import load_workbook

from geo_service import compose
from geo_service.api.schemas import BatchBody
from geo_service.domain.change import RecordKind
from geo_service.jobs import locks, work
from geo_service.jobs.work import importing
from geo_service.services.samples.synthetic import synthetic_layer

NAMES = "标准名称,类型,备注列\n测试一路,road,x\n测试二路,road,y\n"
KEYS = {"status", "stored", "issues", "normalised", "rows"}


@pytest.fixture
def made(fresh):
    return fresh(True)


def send(client, name: str, content: bytes) -> str:
    return str(client.post("/api/v1/uploads", files={"file": (name, content)}).json()["id"])


def run(client, ended, path, body, **headers):
    job = ended(client, client.post(path, json=body, headers=headers))
    assert job["state"] == "done", job
    return job, client.get(job["result"]).json()


def places(services) -> int:
    return int(services.store.count(RecordKind.PLACE_NAMES))


def test_an_import_is_tried_then_done_and_done_once(made, ended) -> None:
    services, client = made
    before, upload = places(services), send(client, "甲县报送.csv", NAMES.encode())
    body = {"upload": upload, "kind": "place-names", "mapping": {"备注列": ""}}
    job, report = run(client, ended, "/api/v1/imports", body)
    assert set(report) == KEYS
    assert (report["status"], report["stored"], places(services)) == ("accepted", 2, before)
    assert {issue["file"] for issue in report["issues"]} == {"甲县报送.csv"}
    assert [file["name"] for file in job["files"]] == ["result.json", "report.xlsx", "report.html"]

    job, report = run(client, ended, "/api/v1/imports", {**body, "dry_run": False})
    assert (report["stored"], places(services)) == (2, before + 2)
    again, repeated = run(client, ended, "/api/v1/imports", {**body, "dry_run": False})
    assert (repeated["stored"], places(services)) == (2, before + 2)
    assert again["summary"]["repeated"]
    newest = list(services.store.log(kind=RecordKind.PLACE_NAMES))[-1]
    assert (newest.actor, newest.reason) == ("demo", "导入文件 甲县报送.csv")


def test_an_import_whose_report_cannot_be_written_is_told_as_stored(made, ended, monkeypatch):
    services, client = made
    desk, before = client.app.state.jobs, places(services)
    upload = send(client, "甲县报送.csv", NAMES.encode())
    body = {"upload": upload, "kind": "place-names", "dry_run": False}
    with monkeypatch.context() as broken:
        broken.setattr(type(desk.runner), "wake", lambda _: None)
        waiting = client.post("/api/v1/imports", json=body).json()
    job, lock = desk.book.claim(1)
    assert job.id == waiting["id"]
    with monkeypatch.context() as broken:
        broken.setattr(work.compose, "build", lambda: compose.Services(services.settings))
        broken.setattr(importing, "write_report_workbook", _no_room)
        work.carry_out(desk.book.folder, job.id)
    locks.release(lock)
    assert places(services) == before + 2
    told = client.get(f"/api/v1/jobs/{job.id}").json()
    assert (told["state"], told["error"]["code"]) == ("failed", "job_stored")
    assert told["summary"]["stored"] == 2
    again, report = run(client, ended, "/api/v1/imports", body)
    assert (again["summary"]["repeated"], report["stored"]) == (True, 2)
    assert places(services) == before + 2


def _no_room(*_words) -> None:
    raise OSError(28, "No space left on device")


def test_the_report_comes_as_a_workbook_and_as_a_page(made, ended) -> None:
    _, client = made
    upload = send(client, "名单.csv", NAMES.encode())
    job, _ = run(client, ended, "/api/v1/imports", {"upload": upload, "kind": "place-names"})
    sheet, page = (
        client.get(f"/api/v1/jobs/{job['id']}/files/{name}")
        for name in ("report.xlsx", "report.html")
    )
    assert load_workbook(io.BytesIO(sheet.content)).sheetnames
    assert "attachment" in page.headers["content-disposition"]
    assert "名单.csv" in page.text
    assert upload[:16] not in page.text.replace(upload[:-4], "")


def test_a_file_that_is_refused_stores_nothing_and_says_why(made, ended) -> None:
    services, client = made
    before = places(services)
    upload = send(client, "bad.csv", "代码,名字的列\n1,2\n".encode())
    body = {"upload": upload, "kind": "place-names", "dry_run": False}
    _, report = run(client, ended, "/api/v1/imports", body)
    assert report["status"] == "rejected"
    assert any(issue["severity"] == "error" for issue in report["issues"])
    assert places(services) == before


def test_a_file_marked_secret_inside_is_taken_off_the_disk(made, ended) -> None:
    _, client = made
    upload = send(client, "a.csv", "机密\n名称,类型\n某路,road\n".encode())
    _, report = run(client, ended, "/api/v1/imports", {"upload": upload, "kind": "place-names"})
    assert "classified" in {issue["code"] for issue in report["issues"]}
    assert not client.app.state.jobs.uploads.path(upload).exists()


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"kind": "nothing"}, "body_invalid"),
        ({"unknown": 1}, "body_invalid"),
        ({"sender": "甲", "mapping": {"a": "name"}}, "mapping_both"),
        ({"sender": "甲"}, "mapping_unknown"),
        ({"mapping": {"a": "no_such_field"}}, "mapping_field_unknown"),
    ],
)
def test_an_import_that_cannot_be_is_refused_at_once(made, told, code) -> None:
    _, client = made
    upload = send(client, "a.csv", NAMES.encode())
    body = {"upload": upload, "kind": "place-names", **told}
    refused = client.post("/api/v1/imports", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


def test_the_register_is_checked_as_the_command_does(made, ended) -> None:
    _, client = made
    told = client.get("/api/v1/boundaries/findings", params={"limit": 1000}).json()
    job, report = run(client, ended, "/api/v1/boundaries/check", {})
    assert report["status"] == "checked"
    assert {f["fingerprint"] for f in report["findings"]} == {
        f["fingerprint"] for f in told["findings"]
    }
    drawn = client.get(f"/api/v1/jobs/{job['id']}/files/findings.geojson").json()
    assert len(drawn["features"]) == len(report["findings"]) == job["summary"]["findings"]
    assert job["progress"]["stage"] == "reporting"


def test_keeping_a_review_follows_its_findings(made, ended) -> None:
    services, client = made
    _, report = run(client, ended, "/api/v1/boundaries/check", {"keep": True})
    assert report["kept"]["run"]
    listed = client.get("/api/v1/findings").json()
    assert listed["total"] == services.store.count(RecordKind.FINDINGS) > 0


def _lines(shift: float) -> bytes:
    features = [
        {
            "type": "Feature",
            "properties": {"code": line.code, "name": line.name},
            "geometry": {
                "type": "LineString",
                "coordinates": [[x + shift, y] for x, y in line.geometry.coords],
            },
        }
        for line in synthetic_layer().lines[:3]
        if line.geometry.geom_type == "LineString"
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def test_two_copies_are_compared(made, ended) -> None:
    _, client = made
    a, b = (send(client, f"{side}.geojson", _lines(by)) for side, by in (("a", 0), ("b", 2e-4)))
    body = {side: {"upload": u, "crs": "EPSG:4490"} for side, u in (("a", a), ("b", b))}
    job, report = run(client, ended, "/api/v1/boundaries/compare", body)
    assert report["status"] == "compared"
    assert job["summary"]["lines"] == len(report["lines"]) > 0
    names = [file["name"] for file in job["files"]]
    assert names == ["result.json", "stretches.geojson", "map.html", "swipe.json"]
    assert "<html" in client.get(f"/api/v1/jobs/{job['id']}/files/map.html").text[:500].lower()


def test_the_register_stands_for_a_copy(made, ended) -> None:
    _, client = made
    upload = send(client, "b.geojson", _lines(2e-4))
    body = {"a": {"upload": "register"}, "b": {"upload": upload, "crs": "EPSG:4490"}}
    _, report = run(client, ended, "/api/v1/boundaries/compare", body)
    assert report["status"] == "compared"
    assert report["lines"][0]["measured"]["hausdorff_m"] > 1


def test_copies_without_lines_are_refused_under_the_name_the_sender_gave(made, ended) -> None:
    _, client = made
    upload = send(client, "没有线.geojson", b'{"type": "FeatureCollection", "features": []}')
    body = {side: {"upload": upload} for side in ("a", "b")}
    job = ended(client, client.post("/api/v1/boundaries/compare", json=body))
    assert job["state"] == "done"
    told = client.get(job["result"]).json()
    assert told["status"] == "rejected"
    assert {issue["file"] for issue in told["issues"]} == {"没有线.geojson"}


def test_a_long_list_of_names_becomes_a_job_with_the_same_answer(made, ended) -> None:
    _, client = made
    names = [{"name": f"测试{i}号路", "feature_type": "road"} for i in range(501)]
    names[1]["replaces"] = "x" * 100
    job, told = run(client, ended, "/api/v1/names/check-batch", {"names": names})
    BatchBody.model_validate(told)
    assert job["summary"] == told["counts"]
    short = client.post("/api/v1/names/check-batch", json={"names": names[:3]}).json()
    assert [r["row"] for r in told["results"]] == list(range(1, 502))
    assert told["results"][2]["verdict"]["name"] == short["results"][2]["verdict"]["name"]


def test_a_sheet_of_names_comes_back_with_verdicts_to_replay(made, ended) -> None:
    _, client = made
    upload = send(client, "申请表.csv", NAMES.encode())
    body = {"upload": upload, "format": "xlsx"}
    job, told = run(client, ended, "/api/v1/names/check-file", body)
    assert (told["file"], told["rows"]) == ("申请表.csv", 2)
    answers = client.get(f"/api/v1/jobs/{job['id']}/files/answers.xlsx").content
    heads = [cell.value for cell in next(load_workbook(io.BytesIO(answers)).active.iter_rows())]
    assert "verdict" in heads
    lines = client.get(f"/api/v1/jobs/{job['id']}/files/verdicts.jsonl").text.splitlines()
    assert {json.loads(line)["name"] for line in lines} == {"测试一路", "测试二路"}


@pytest.mark.parametrize(("kind", "form"), [("units", "geojson"), ("register", "gpkg")])
def test_records_are_exported(made, ended, kind, form) -> None:
    _, client = made
    job, told = run(client, ended, "/api/v1/exports", {"kind": kind, "format": form})
    assert told["exported"] > 0
    content = client.get(job["files"][1]["href"])
    assert content.status_code == 200
    assert len(content.content) > 100


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"kind": "register", "format": "csv"}, "export_format"),
        ({"kind": "units", "format": "jsonld"}, "export_format"),
        ({"kind": "units", "format": "csv", "crs": "EPSG:999999"}, "crs_unreadable"),
    ],
)
def test_an_export_that_cannot_be_is_refused_at_once(made, body, code) -> None:
    refused = made[1].post("/api/v1/exports", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


def test_an_unknown_layer_or_a_past_to_be_kept_is_refused_at_once(made) -> None:
    _, client = made
    upload = send(client, "a.csv", NAMES.encode())
    for body, code in (
        ({"layers": [{"layer": "nonsense", "upload": upload}]}, "supporting_layer_unknown"),
        ({"keep": True, "known_at": "2026-01-01T00:00:00Z"}, "keep_of_the_past"),
        ({"known_at": "2026-01-01T00:00:00"}, "body_invalid"),
    ):
        refused = client.post("/api/v1/boundaries/check", json=body)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
