"""Files of boundaries over the web: tried, laid, decided on by another; API, pages, commands."""

from __future__ import annotations

import json
import re
import time
from html import unescape

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from geo_service.api import audience
from geo_service.api.app import create_app
from geo_service.api.draft_schemas import DraftsBody, ReviewBody, ToldDraftBody
from geo_service.api.job_schemas import JobBody
from geo_service.cli import draft_files, draft_words
from geo_service.cli.main import build_app
from geo_service.domain.access import Asker, Manner, Right, Role
from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.provenance import Label
from geo_service.services.access.matrix import matrix
from tests.drafts.conftest import CLERK, LINE, OFFICE, VIEWER, asker, services_over
from tests.drafts.test_file_drafts import bend_of, lines

BASE, LAY = "/api/v1/drafts", "/api/v1/file-drafts"
DRAFTER = asker("测量员甲", Right.IMPORT_RUN, Right.BOUNDARY_DRAFT)
OFFICER = asker("界线戊", Right.BOUNDARY_DRAFT, Right.BOUNDARY_APPROVE)
AUDITOR = asker("审计庚", Right.AUDIT_READ)
NUMBER = "示例文2号"


@pytest.fixture
def web_services(tmp_path):
    made = services_over(
        f"gpkg:{tmp_path / 'register.gpkg'}",
        jobs=str(tmp_path / "jobs"),
        column_mappings=str(tmp_path / "mappings.csv"),
        kept_checks=str(tmp_path / "checks"),
    )
    yield made
    made.close()


@pytest.fixture
def as_who(web_services, monkeypatch):
    """`as_who(asker, method, path)` asks for somebody; with `page=True` by a browser."""
    client = TestClient(
        create_app(web_services, web_services.settings),
        base_url="http://127.0.0.1:8000",
        client=("127.0.0.1", 50000),
        follow_redirects=False,
        raise_server_exceptions=False,
    )

    def ask(who: Asker, method: str, path: str, *, page: bool = False, **told):
        monkeypatch.setattr(audience, "demo_asker", lambda _audience: who)
        headers = {"accept": "text/html"} if page else {}
        return client.request(method, path, headers=headers, **told)

    return ask


def ended(as_who, who: Asker, answer) -> dict:
    """A job that an answer of 202 started, once it has ended."""
    assert answer.status_code == 202, answer.text
    until = time.monotonic() + 90
    while time.monotonic() < until:
        job = as_who(who, "GET", answer.headers["location"]).json()
        if job["state"] not in ("queued", "running"):
            JobBody.model_validate(job)
            return job
        time.sleep(0.1)
    raise TimeoutError(job)


@pytest.fixture
def trial(as_who, tmp_path) -> str:
    """The job of a trial of a file of lines."""
    path = lines(tmp_path)
    sent = as_who(
        DRAFTER, "POST", "/api/v1/uploads", files={"file": (path.name, path.read_bytes())}
    )
    body = {"upload": sent.json()["id"], "kind": "boundary-lines", "crs": "EPSG:4490"}
    job = ended(as_who, DRAFTER, as_who(DRAFTER, "POST", "/api/v1/imports", json=body))
    assert job["summary"]["status"] == "accepted"
    assert "trial.json" not in [file["name"] for file in job["files"]]
    return job["id"]


@pytest.fixture
def laid(as_who, trial) -> str:
    """The address of a file that was laid before another person."""
    answer = as_who(DRAFTER, "POST", LAY, json={"job": trial, "reason": "勘界成果"})
    assert answer.status_code == 201, answer.text
    ToldDraftBody.model_validate(answer.json())
    return answer.headers["location"]


def moved(services) -> None:
    """Somebody else corrects the line."""
    line = services.store.get(RecordKind.BOUNDARY_LINES, LINE)
    with services.store.begin() as work:
        work.append([
            Change(
                operation=Operation.CORRECT, record=line, actor="他人", reason="测试",
                expected_version=services.store.version(RecordKind.BOUNDARY_LINES, LINE),
            )
        ])  # fmt: skip


def test_a_file_goes_from_one_person_to_another_and_into_the_register(
    web_services, as_who, laid, tmp_path
) -> None:
    told = as_who(OFFICER, "GET", laid).json()
    ReviewBody.model_validate(told)
    assert (told["act"], told["state"], told["may"]) == (
        "import", "submitted", ["approve", "reject", "recheck"],
    )  # fmt: skip
    assert told["file"]["report"]["status"] == "accepted"
    (change,) = told["file"]["changes"]
    differs = change.pop("differs")
    assert change == {
        "operation": "correct", "kind": "boundary-lines", "id": str(LINE), "name": "甲乙线",
        "version": 1,
    }  # fmt: skip
    assert 1000 < differs["geometry"]["moved_m"] < 1200
    assert as_who(DRAFTER, "GET", laid).json()["may"] == ["withdraw"]
    waiting = as_who(OFFICER, "GET", BASE, params={"waiting": "true"}).json()
    DraftsBody.model_validate(waiting)
    assert waiting["total"] == 1
    file = as_who(OFFICER, "GET", f"{laid}/file")
    assert file.content == lines(tmp_path).read_bytes()
    assert file.headers["content-disposition"].startswith("attachment; filename*=utf-8''%E7")
    approve = {"version": 1, "document_no": NUMBER, "reason": "同意"}
    answer = as_who(OFFICER, "POST", f"{laid}/approve", json=approve)
    job = ended(as_who, OFFICER, answer)
    assert (job["state"], job["summary"]["status"]) == ("done", "approved"), job
    result = as_who(OFFICER, "GET", job["result"]).json()
    assert (result["draft"]["state"], result["report"]["stored"]) == ("approved", 1)
    assert bend_of(web_services.store) == 38.52
    steps = as_who(AUDITOR, "GET", f"{laid}/history").json()["versions"]
    assert [(s["deed"], s["actor"]) for s in steps] == [
        ("lay", DRAFTER.name), ("approve", OFFICER.name),
    ]  # fmt: skip
    *_, entry = web_services.store.log(kind=RecordKind.BOUNDARY_LINES, record_id=LINE)
    assert (entry.actor, NUMBER in entry.basis, DRAFTER.name in entry.reason) == (
        OFFICER.name, True, True,
    )  # fmt: skip
    assert web_services.store.verify().sound


def test_refusals_are_told_with_code_and_status(as_who, trial, laid, web_services) -> None:
    def told(who, path, body, method="POST"):
        answer = as_who(who, method, path, json=body)
        return answer.status_code, answer.json().get("code")

    approve = {"version": 1, "document_no": NUMBER}
    own = asker(DRAFTER.name, Right.BOUNDARY_DRAFT, Right.BOUNDARY_APPROVE)
    for who, path, body, expected in (
        (own, f"{laid}/approve", approve, (403, "own_draft")),
        (own, f"{laid}/recheck", {"version": 1}, (403, "own_draft")),
        (own, f"{laid}/reject", {"version": 1, "reason": "x"}, (403, "own_draft")),
        (DRAFTER, f"{laid}/approve", approve, (403, "draft_right_missing")),
        (CLERK, f"{laid}/approve", approve, (404, "draft_unknown")),
        (VIEWER, f"{laid}/recheck", {"version": 1}, (404, "draft_unknown")),
        (OFFICER, f"{laid}/approve", {"version": 1}, (422, "document_number_missing")),
        (OFFICER, f"{laid}/approve", {**approve, "version": 2}, (409, "version_stale")),
        (OFFICER, f"{laid}/reject", {"version": 1}, (422, "draft_unfinished")),
        (OFFICER, f"{laid}/withdraw", {"version": 1}, (403, "draft_of_another")),
        (DRAFTER, LAY, {"job": trial, "reason": "x"}, (409, "draft_file_laid")),
        (DRAFTER, LAY, {"job": "0" * 16, "reason": "x"}, (404, "job_not_found")),
        (OFFICER, LAY, {"job": trial, "reason": "x"}, (404, "job_not_found")),
        (DRAFTER, LAY, {"job": trial}, (422, "body_invalid")),
        (DRAFTER, LAY, {"job": "1", "reason": "x"}, (422, "body_invalid")),
        (OFFICER, BASE, {"kind": "units", "act": "import"}, (422, "draft_act_of_file")),
    ):
        assert told(who, path, body) == expected, path
    edit = {"kind": "boundary-lines", "target": str(LINE), "version": 1}
    assert told(OFFICER, laid, edit, "PUT") == (409, "draft_of_file")
    moved(web_services)
    assert told(OFFICER, f"{laid}/approve", approve) == (409, "draft_file_moved")
    feature = f"/ogc/collections/boundary-lines-drafts/items/{laid.rpartition('/')[2]}"
    assert as_who(OFFICER, "GET", feature).status_code == 404
    assert as_who(OFFICER, "DELETE", feature).status_code == 404
    assert bend_of(web_services.store) == 38.51


def test_a_job_that_tried_no_boundary_lays_nothing(as_who) -> None:
    clerk = asker("经办人", Right.IMPORT_RUN, Right.BOUNDARY_DRAFT)
    csv = "名称,类型\n测试一路,road\n".encode()
    sent = as_who(clerk, "POST", "/api/v1/uploads", files={"file": ("名单.csv", csv)}).json()["id"]
    body = {"upload": sent, "kind": "place-names"}
    job = ended(as_who, clerk, as_who(clerk, "POST", "/api/v1/imports", json=body))
    told = as_who(clerk, "POST", LAY, json={"job": job["id"], "reason": "x"})
    assert (told.status_code, told.json()["code"]) == (409, "draft_job_no_trial")


def test_what_moved_while_the_job_waited_fails_it_and_a_second_look_mends_it(
    web_services, as_who, laid, monkeypatch
) -> None:
    approve = {"version": 1, "document_no": NUMBER}
    from geo_service.services.drafts import files

    with monkeypatch.context() as unseen:  # as if it moved right after the request was looked at
        unseen.setattr(files, "moved_since", lambda *_: ())
        moved(web_services)
        answer = as_who(OFFICER, "POST", f"{laid}/approve", json=approve)
    job = ended(as_who, OFFICER, answer)
    assert (job["state"], job["error"]["code"]) == ("failed", "draft_file_moved")
    assert str(LINE) in job["error"]["detail"]
    page = laid.replace("/api/v1", "")
    shown = as_who(OFFICER, "GET", page, page=True).text
    assert "一条也没有存入" in unescape(shown)
    again = as_who(OFFICER, "POST", f"{laid}/recheck", json={"version": 1})
    job = ended(as_who, OFFICER, again)
    assert job["summary"]["status"] == "rechecked"
    told = as_who(OFFICER, "GET", laid).json()
    assert (told["version"], told["record_moved"], bool(told["file"]["changed"])) == (2, [], True)
    done = as_who(OFFICER, "POST", f"{laid}/approve", json={**approve, "version": 2})
    assert ended(as_who, OFFICER, done)["state"] == "done"
    assert bend_of(web_services.store) == 38.52


def test_every_role_at_a_file_that_waits(as_who, laid, trial) -> None:
    map_ = f"{laid.replace('/api/v1/drafts', '/map/draft')}/after"
    for role in Role:
        held = matrix().rights[role]
        who = Asker("某人", Manner.SESSION, held, frozenset({role}), matrix().roles[role].audience)
        inside = who.audience is Label.INTERNAL and Right.CONTENT_READ in held
        sees = inside and any(
            map(who.may, (Right.BOUNDARY_DRAFT, Right.BOUNDARY_APPROVE, Right.AUDIT_READ))
        )
        for path in (laid, f"{laid}/file", f"{laid}/history", map_):
            assert (as_who(who, "GET", path).status_code == 200) == sees, (role, path)
        body = {"version": 9, "document_no": NUMBER}
        approves = as_who(who, "POST", f"{laid}/approve", json=body).json()["code"]
        assert (approves == "version_stale") == (inside and Right.BOUNDARY_APPROVE in held), role
        lays = as_who(who, "POST", LAY, json={"job": trial, "reason": "x"})
        assert lays.status_code in (403, 404), role


def acts(answer) -> set[str]:
    return set(re.findall(r'name="act" value="(\w+)"', answer.text))


def test_the_pages_lead_from_the_trial_to_the_stored_file(web_services, as_who, trial) -> None:
    shown = as_who(DRAFTER, "GET", f"/imports/{trial}", page=True)
    assert f"/imports/{trial}/lay" in shown.text
    assert "/confirm" not in shown.text
    assert as_who(OFFICER, "GET", "/drafts?lang=en", page=True).text.count("No draft waits") == 1
    missing = as_who(DRAFTER, "POST", f"/imports/{trial}/lay", page=True, data={"reason": ""})
    assert (missing.status_code, 'role="alert"' in missing.text) == (422, True)
    form = {"reason": "勘界成果", "document_no": ""}
    made = as_who(DRAFTER, "POST", f"/imports/{trial}/lay", page=True, data=form)
    assert made.status_code == 303, made.text
    page = made.headers["location"]
    assert acts(as_who(DRAFTER, "GET", page, page=True)) == {"withdraw"}
    assert page in as_who(OFFICER, "GET", "/drafts", page=True).text
    for lang in ("zh", "en"):
        shown = as_who(OFFICER, "GET", f"{page}?lang={lang}", page=True)
        assert acts(shown) == {"approve", "reject", "recheck"}
        assert "界线.geojson" in shown.text and str(LINE) in shown.text
        for src in re.findall(r'<iframe class="map" src="([^"]+)"', shown.text):
            assert as_who(OFFICER, "GET", unescape(src), page=True).status_code == 200
    assert "/beside?" in shown.text
    assert "the shape moved by up to" in shown.text
    refused = as_who(OFFICER, "POST", page, page=True, data={"act": "approve", "version": "1"})
    assert (refused.status_code, 'role="alert"' in refused.text) == (422, True)
    done = {"act": "approve", "version": "1", "document_no": NUMBER, "reason": "同意"}
    assert as_who(OFFICER, "POST", page, page=True, data=done).status_code == 303
    until = time.monotonic() + 90
    while "hx-trigger" in (shown := as_who(OFFICER, "GET", page, page=True)).text:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert acts(shown) == set()
    assert "已批准" in shown.text and NUMBER in shown.text
    assert bend_of(web_services.store) == 38.52
    record = as_who(OFFICER, "GET", f"/register/boundary-lines/{LINE}", page=True).text
    assert NUMBER in record and DRAFTER.name in record


def test_who_may_not_sees_neither_the_file_nor_a_way_to_it(as_who, laid, trial) -> None:
    page = laid.replace("/api/v1", "")
    for who in (VIEWER, CLERK):
        assert as_who(who, "GET", page, page=True).status_code == 404
        assert as_who(who, "GET", f"/map{page.replace('drafts', 'draft')}/after").status_code == 404
    assert acts(as_who(AUDITOR, "GET", page, page=True)) == set()
    assert as_who(OFFICE, "POST", f"/imports/{trial}/lay", page=True, data={"reason": "x"}
                  ).status_code in (403, 404)  # fmt: skip


def test_the_command_line_does_the_same(web_services, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("GEO_SERVICE_CITY", "990100")
    url, path = web_services.settings.store, str(lines(tmp_path))

    def run(who: str, *words: str):
        monkeypatch.setattr(draft_words, "actor", lambda: who)
        return CliRunner().invoke(build_app(("draft", words[0])), ["draft", *words, "--store", url])

    kind = ("--as", "boundary-lines", "--crs", "EPSG:4490")
    assert run("cli:甲", "lay", path, *kind).exit_code == 3, "no reason"
    done = run("cli:甲", "lay", path, *kind, "--reason", "勘界成果", "--json")
    assert done.exit_code == 0, done.output
    draft = json.loads(done.output)["id"]
    assert draft in run("cli:乙", "list", "--waiting").output
    assert str(LINE) in run("cli:乙", "show", draft).output
    own = run("cli:甲", "approve", draft, "--expect", "1", "--document", NUMBER)
    assert (own.exit_code, "本人起草" in own.output) == (3, True)
    same = run("cli:乙", "recheck", draft, "--expect", "1")
    assert (same.exit_code, "相同" in same.output) == (0, True)
    done = run("cli:乙", "approve", draft, "--expect", "1", "--document", NUMBER)
    assert (done.exit_code, "已存入 1 条记录" in done.output) == (0, True), done.output
    assert bend_of(web_services.store) == 38.52
    bad = tmp_path / "bad.geojson"
    bad.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    refused = run("cli:甲", "lay", str(bad), *kind, "--reason", "x", "--json")
    assert (refused.exit_code, json.loads(refused.output)["status"]) == (3, "rejected")
    assert draft_files.REFUSED_EXIT == 3
