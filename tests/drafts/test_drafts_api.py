"""Drafts by the JSON API and the command line: the same desk, the same refusals."""

from __future__ import annotations

import json
import re

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from geo_service.api import audience
from geo_service.api.app import create_app
from geo_service.api.draft_schemas import (
    ApprovedBody,
    DraftHistoryBody,
    DraftsBody,
    ReviewBody,
    ToldDraftBody,
)
from geo_service.cli import draft_words as command
from geo_service.cli.main import build_app
from geo_service.domain.access import Asker, Manner, Role
from geo_service.domain.change import RecordKind
from geo_service.domain.provenance import Label
from geo_service.services.access.matrix import matrix
from geo_service.services.drafts.kinds import DRAFT_KINDS
from tests.drafts.conftest import CLERK, COLLEAGUE, COMMITTEE, DIGEST, LINE, OFFICE, OFFICER, VIEWER

BASE = "/api/v1/drafts"
RENAMING = {
    "kind": "place-names",
    "target": "P-1",
    "fields": {"name": "青石大桥"},
    "reason": "测试",
}


@pytest.fixture
def as_who(file_services, monkeypatch):
    """`as_who(asker, method, path)` asks for somebody."""
    client = TestClient(
        create_app(file_services, file_services.settings),
        base_url="http://127.0.0.1:8000",
        client=("127.0.0.1", 50000),
        raise_server_exceptions=False,
    )

    def ask(who: Asker, method: str, path: str, **told):
        monkeypatch.setattr(audience, "demo_asker", lambda _audience: who)
        return client.request(method, path, **told)

    return ask


@pytest.fixture
def made(as_who) -> str:
    answer = as_who(CLERK, "POST", BASE, json=RENAMING)
    assert answer.status_code == 201, answer.text
    ToldDraftBody.model_validate(answer.json())
    return answer.headers["location"]


def test_a_draft_goes_from_one_person_to_another_and_into_the_register(
    file_services, as_who, made
) -> None:
    told = as_who(CLERK, "GET", made).json()
    ReviewBody.model_validate(told)
    assert told["may"] == ["edit", "submit", "withdraw"]
    assert told["differs"]["fields"][0]["after"] == "青石大桥"
    assert told["names"][0]["verdict"]["verdict"] in ("pass", "review", "fail")
    edit = {**RENAMING, "version": 1, "document_no": "示例文1号", "effective_on": "2026-12-01"}
    assert as_who(COLLEAGUE, "PUT", made, json=edit).json()["version"] == 2
    assert as_who(CLERK, "PUT", made, json={**edit, "reason": "别的"}).status_code == 409
    assert (
        as_who(CLERK, "POST", f"{made}/submit", json={"version": 2}).json()["state"] == "submitted"
    )
    waiting = as_who(COMMITTEE, "GET", BASE, params={"waiting": "true"}).json()
    DraftsBody.model_validate(waiting)
    assert (waiting["total"], waiting["drafts"][0]["version"]) == (1, 3)
    assert as_who(CLERK, "GET", BASE, params={"waiting": "true"}).json()["total"] == 0
    tried = as_who(COMMITTEE, "POST", f"{made}/approve", json={"version": 3, "dry_run": True})
    assert tried.json()["act"]["dry_run"] is True
    done = as_who(COMMITTEE, "POST", f"{made}/approve", json={"version": 3, "reason": "同意"})
    ApprovedBody.model_validate(done.json())
    assert (done.status_code, done.json()["draft"]["state"]) == (200, "approved")
    name = as_who(CLERK, "GET", "/api/v1/register/place-names/P-1?as_of=2026-12-01").json()
    assert name["properties"]["name"] == "青石大桥"
    versions = as_who(CLERK, "GET", f"{made}/history").json()
    DraftHistoryBody.model_validate(versions)
    assert [v["deed"] for v in versions["versions"]] == ["propose", "edit", "submit", "approve"]
    assert [v["actor"] for v in versions["versions"]] == [
        "经办人甲", "经办人乙", "经办人甲", "委员丙",
    ]  # fmt: skip


def test_refusals_are_told_with_code_and_status(as_who, made) -> None:
    assert as_who(CLERK, "POST", f"{made}/submit", json={"version": 1}).status_code == 200
    approve = f"{made}/approve"
    for who, code in ((CLERK, "draft_right_missing"), (VIEWER, None), (OFFICE, None)):
        refused = as_who(who, "POST", approve, json={"version": 2, "document_no": "1"})
        assert refused.status_code == (403 if code else 404)
        assert refused.json()["code"] == (code or "draft_unknown")
    own = as_who(COMMITTEE, "POST", BASE, json={**RENAMING, "fields": {"meaning": "桥"}})
    path = own.headers["location"]
    as_who(COMMITTEE, "POST", f"{path}/submit", json={"version": 1})
    refused = as_who(COMMITTEE, "POST", f"{path}/approve", json={"version": 2, "document_no": "1"})
    assert (refused.status_code, refused.json()["code"]) == (403, "own_draft")
    for body, status in (({}, 422), ({"version": 0}, 422), ({"version": 2, "who": "甲"}, 422)):
        assert as_who(COMMITTEE, "POST", approve, json=body).status_code == status
    unknown = as_who(CLERK, "POST", BASE, json={**RENAMING, "fields": {"colour": "红"}})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "register_field_unknown")
    assert as_who(CLERK, "GET", f"{BASE}/D-1").status_code == 400
    assert as_who(CLERK, "GET", f"{BASE}?colour=1").status_code == 400


def test_a_boundary_takes_a_second_person_a_number_and_a_file(as_who, file_services) -> None:
    shape = {"type": "LineString", "coordinates": [[119.5, 38.5], [119.6, 38.52], [119.7, 38.5]]}
    body = {"kind": "boundary-lines", "target": str(LINE), "act": "move", "geometry": shape}
    made = as_who(OFFICE, "POST", BASE, json={**body, "reason": "测试"})
    assert made.status_code == 201, made.text
    path = made.headers["location"]
    as_who(OFFICE, "POST", f"{path}/submit", json={"version": 1})
    seen = {"version": 2, "document_no": "示例文2号", "files": [DIGEST]}
    codes = [
        as_who(who, "POST", f"{path}/approve", json={**seen, **less}).json()["code"]
        for who, less in ((OFFICE, {}), (OFFICER, {"document_no": ""}), (OFFICER, {"files": []}))
    ]
    assert codes == ["own_draft", "document_number_missing", "draft_unfinished"]
    assert as_who(OFFICER, "POST", f"{path}/approve", json=seen).status_code == 200


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("of", DRAFT_KINDS, ids=lambda of: of.word)
def test_every_role_at_every_kind_of_draft(as_who, role, of) -> None:
    held = matrix().rights[role]
    who = Asker("某人", Manner.SESSION, held, frozenset({role}), matrix().roles[role].audience)
    inside = who.audience is Label.INTERNAL
    may = of.draft_right in held and inside
    body = {"kind": of.word, "target": "none", "fields": {"name": "甲"}}
    assert (as_who(who, "POST", BASE, json=body).status_code == 403) != may
    items = f"/ogc/collections/{of.word}-drafts/items"
    seen = of.seen_by(who) and inside
    assert (as_who(who, "GET", items).status_code == 200) == seen
    feature = {"type": "Feature", "geometry": None, "properties": {"draft_target": "none"}}
    headers = {"content-type": "application/geo+json"}
    sent = as_who(who, "POST", items, content=json.dumps(feature), headers=headers)
    assert (sent.status_code == 422) == may
    assert (sent.status_code in (403, 404)) != may
    told = as_who(who, "OPTIONS", items).headers.get("allow", "")
    assert ("POST" in told) == may


def test_the_command_line_refuses_the_same(file_services, monkeypatch, tmp_path) -> None:
    url = file_services.settings.store
    monkeypatch.setenv("GEO_SERVICE_CITY", "990100")

    def run(who: str, *words: str):
        monkeypatch.setattr(command, "actor", lambda: who)
        return CliRunner().invoke(build_app(("draft", words[0])), ["draft", *words, "--store", url])

    words = (
        "place-names",
        "--record",
        "P-1",
        "--set",
        "name=青石大桥",
        "--reason",
        "测试",
        "--on",
        "2026-12-01",
    )
    done = run("cli:甲", "propose", *words, "--json")
    assert done.exit_code == 0, done.output
    draft = json.loads(done.output)["id"]
    assert run("cli:甲", "submit", draft, "--expect", "1").exit_code == 0
    assert draft in run("cli:乙", "list", "--waiting").output
    assert draft not in run("cli:甲", "list", "--waiting").output
    own = run("cli:甲", "approve", draft, "--expect", "2", "--document", "1")
    assert (own.exit_code, "本人起草" in own.output) == (3, True)
    shown = run("cli:乙", "show", draft, "--lang", "en").output
    assert re.search(r"name: 青石桥 → 青石大桥", shown)
    assert re.search(r"check of 青石大桥: [\w ]+", shown)
    assert not re.search(r"check of 青石大桥: (pass|review|fail)\b", shown)
    assert re.search(
        "名称审查 青石大桥：(未发现问题|须人工审查|发现禁止性问题)",
        run("cli:乙", "show", draft).output,
    )
    stale = run("cli:乙", "approve", draft, "--expect", "1", "--document", "1")
    assert stale.exit_code == 4
    done = run("cli:乙", "approve", draft, "--expect", "2", "--document", "示例文1号")
    assert done.exit_code == 0, done.output
    names = [e.record_id for e in file_services.store.log(kind=RecordKind.PLACE_NAMES)]
    assert names == ["P-1", "P-1"]
