"""Whole files of boundaries: laid by one person, looked at, and stored by another's word alone."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from geo_service.domain.access import Right
from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.draft import DraftAct, DraftState
from geo_service.errors import Conflict, Forbidden, GeoServiceError, NotFound
from geo_service.services.drafts.collections import DRAFT_COLLECTIONS
from geo_service.services.drafts.desk import DraftDesk
from geo_service.services.drafts.files import Decision, FileDesk, laid_file, trial_of
from geo_service.services.drafts.kinds import draft_kind
from geo_service.services.drafts.proposal import Proposal
from geo_service.services.drafts.reading import draft_of, drafts, history
from geo_service.services.drafts.review import review
from geo_service.services.drafts.trial import Trial, read_trial
from geo_service.services.interchange.importing import import_file
from geo_service.services.persons import desk as persons
from geo_service.services.register.attaching import attached
from geo_service.services.register.history import history as record_history
from geo_service.services.serving.sources import Source
from tests.drafts.conftest import (
    DIGEST,
    LINE,
    NOW,
    OFFICE,
    OFFICER,
    VIEWER,
    asker,
)

LINES, MARKERS, DRAFTS = RecordKind.BOUNDARY_LINES, RecordKind.MARKERS, RecordKind.DRAFTS
ID = "D-00000000000000f1"
DECISION = Decision(document_no="示例文2号", reason="同意")
DAY = date(2026, 12, 1)


def lines(folder: Path, bend: float = 38.52, name: str = "界线.geojson") -> Path:
    """A file that redraws the one line of the register."""
    feature = {
        "type": "Feature",
        "properties": {
            "code": LINE, "name": "甲乙线", "left_code": "990101", "right_code": "990102",
        },
        "geometry": {
            "type": "LineString", "coordinates": [[119.5, 38.5], [119.6, bend], [119.7, 38.5]],
        },
    }  # fmt: skip
    path = folder / name
    told = {"type": "FeatureCollection", "features": [feature]}
    path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    return path


def markers(folder: Path, phone: str = "") -> Path:
    path = folder / "界桩.csv"
    head = "编号,界线代码,经度,纬度,备注"
    path.write_text(f"{head}\n001Q,{LINE},119.55,38.51,{phone}\n", encoding="utf-8")
    return path


@pytest.fixture
def desk(services) -> FileDesk:
    return desk_over(services)


def desk_over(services, day: date | None = None) -> FileDesk:
    drafts = DraftDesk(services.store, services.city, day or services.today(), services.restricted)
    return FileDesk(drafts, services.clock())


def tried(desk: FileDesk, path: Path, kind: RecordKind = LINES, crs: str = "EPSG:4490") -> Trial:
    report = import_file(
        desk.store, path, kind, city=desk.desk.city, actor="甲", now=NOW, today=desk.desk.today,
        crs=crs, dry_run=True, accounted=True,
    )  # fmt: skip
    return Trial(kind=kind, report=report, crs=crs)


def laid(desk: FileDesk, path: Path, kind: RecordKind = LINES, draft_id: str = ID, who=OFFICE):
    return desk.lay(draft_id, path, tried(desk, path, kind), who, reason="勘界成果")


def code_of(call, error=GeoServiceError) -> str:
    with pytest.raises(error) as caught:
        call()
    return caught.value.code


def bend_of(store) -> float:
    return float(store.get(LINES, LINE).geometry.coords[1][1])


def test_a_file_is_stored_by_the_word_of_another_with_both_names_and_the_number(
    desk, tmp_path
) -> None:
    store, path = desk.store, lines(tmp_path)
    kept = laid(desk, path)
    draft = kept.draft
    assert (kept.version, draft.act, draft.state) == (1, DraftAct.IMPORT, DraftState.SUBMITTED)
    assert draft.files == (draft.target_id,) == (store.content_name(path.read_bytes()),)
    assert drafts(store, OFFICER, waiting=True) == [kept]
    assert drafts(store, OFFICE, waiting=True) == []
    assert bend_of(store) == 38.51
    told = review(desk.desk, kept, OFFICER)
    assert told.may == ("approve", "reject", "recheck")
    assert [(w.operation, w.id, w.version) for w in told.trial.report.written] == [
        ("correct", LINE, 1)
    ]
    stored = desk.approve(ID, 1, OFFICER, DECISION)
    assert (stored.report.stored, bend_of(store)) == (1, 38.52)
    *_, entry = store.log(kind=LINES, record_id=LINE)
    assert (entry.actor, entry.basis) == (OFFICER.name, f"draft:{ID} doc:示例文2号")
    assert OFFICE.name in entry.reason and OFFICER.name in entry.reason and ID in entry.reason
    closed = draft_of(store, ID)
    assert closed == stored.kept
    assert (closed.draft.state, closed.draft.decided_by, closed.draft.document_no) == (
        DraftState.APPROVED, OFFICER.name, "示例文2号",
    )  # fmt: skip
    assert closed.draft.event == entry.sequence
    assert [(s.deed, s.entry.actor) for s in history(store, ID)] == [
        ("lay", OFFICE.name), ("approve", OFFICER.name),
    ]  # fmt: skip
    *_, step = record_history(store, LINES, LINE, plane_epsg=desk.desk.city.plane_epsg)
    assert step.document_no == "示例文2号"
    assert store.verify().sound
    assert drafts(store, OFFICER, waiting=True) == []


def test_file_and_trial_lie_in_the_register_by_their_digests(desk, tmp_path) -> None:
    store, path = desk.store, lines(tmp_path)
    draft = laid(desk, path).draft
    files = attached(store, (DRAFTS, ID))
    assert {file.digest for file in files} == {draft.target_id, dict(draft.body)["trial"]}
    assert store.content(draft.target_id) == path.read_bytes()
    with laid_file(store, draft) as lying:
        assert lying.suffix == ".geojson"
        assert lying.read_bytes() == path.read_bytes()
    assert not lying.exists()
    trial = trial_of(store, draft)
    assert trial == replace(read_trial(trial.dump()))
    assert trial.report.written == tried(desk, path).report.written


def test_nobody_approves_his_own_file_nor_alone_nor_without_a_number(desk, tmp_path) -> None:
    store = desk.store
    laid(desk, lines(tmp_path))
    entries = store.log_mark().sequence
    drafter = asker("测量员", Right.BOUNDARY_DRAFT)
    for who, decision, code in (
        (OFFICE, DECISION, "own_draft"),
        (replace(OFFICE, name=f" {OFFICE.name} "), DECISION, "own_draft"),
        (drafter, DECISION, "draft_right_missing"),
        (VIEWER, DECISION, "draft_right_missing"),
        (OFFICER, Decision(), "document_number_missing"),
        (OFFICER, Decision(document_no=" "), "document_number_missing"),
        (OFFICER, replace(DECISION, files=["x"]), "draft_file_digest_malformed"),
        (OFFICER, replace(DECISION, reason="电话13800138000"), "draft_personal"),
    ):
        assert code_of(lambda w=who, d=decision: desk.approve(ID, 1, w, d)) == code
    assert code_of(lambda: desk.approve(ID, 2, OFFICER, DECISION), Conflict) == "version_stale"
    assert code_of(lambda: desk.recheck(ID, 1, OFFICE), Forbidden) == "own_draft"
    assert (store.log_mark().sequence, bend_of(store)) == (entries, 38.51)


def test_what_is_laid_needs_a_reason_news_and_the_right(desk, tmp_path) -> None:
    path = lines(tmp_path)
    trial = tried(desk, path)
    roads = replace(trial, kind=RecordKind.ROADS)
    refused = replace(trial, report=replace(trial.report, accepted=False))
    for who, told, reason, code in (
        (VIEWER, trial, "测试", "draft_right_missing"),
        (OFFICE, trial, " ", "draft_unfinished"),
        (OFFICE, trial, "电话13800138000", "draft_personal"),
        (OFFICE, roads, "测试", "draft_file_kind"),
        (OFFICE, refused, "测试", "draft_file_rejected"),
        (OFFICE, replace(trial, report=replace(trial.report, written=())), "测试",
         "draft_file_no_news"),
    ):  # fmt: skip
        call = lambda w=who, t=told, r=reason: desk.lay(ID, path, t, w, reason=r)  # noqa: E731
        assert code_of(call) == code
    assert list(desk.store.log(kind=DRAFTS)) == []
    laid(desk, path)
    again = lambda: laid(desk, path, draft_id="D-00000000000000f2")  # noqa: E731
    assert code_of(again, Conflict) == "draft_file_laid"


def test_a_record_that_moved_is_told_and_nothing_stored_until_looked_at_again(
    desk, tmp_path
) -> None:
    store = desk.store
    laid(desk, lines(tmp_path))
    line = store.get(LINES, LINE)
    with store.begin() as work:
        work.append([
            Change(
                operation=Operation.CORRECT, record=replace(line, name="甲乙界线"), actor="他人",
                reason="测试", expected_version=1,
            )
        ])  # fmt: skip
    told = review(desk.desk, draft_of(store, ID), OFFICER)
    assert told.moved == (f"boundary-lines {LINE}: v1 → v2",)
    with pytest.raises(Conflict) as caught:
        desk.approve(ID, 1, OFFICER, DECISION)
    assert caught.value.code == "draft_file_moved"
    assert f"{LINE}: v1 → v2" in caught.value.context["changed"]
    assert (bend_of(store), draft_of(store, ID).version) == (38.51, 1)
    again = desk.recheck(ID, 1, OFFICER)
    assert (again.version, again.draft.state) == (2, DraftState.SUBMITTED)
    told = review(desk.desk, again, OFFICER)
    assert told.moved == ()
    assert any("(v1" in line and "(v2" in line for line in told.changed)
    assert code_of(lambda: desk.approve(ID, 1, OFFICER, DECISION)) == "version_stale"
    desk.approve(ID, 2, OFFICER, DECISION)
    assert bend_of(store) == 38.52
    assert [s.deed for s in history(store, ID)] == ["lay", "recheck", "approve"]
    assert store.verify().sound


def test_a_register_that_moved_elsewhere_is_found_when_the_file_is_read_anew(
    desk, tmp_path
) -> None:
    """Issues that were not shown count: here the very file has been stored from elsewhere."""
    store, path = desk.store, lines(tmp_path)
    laid(desk, path)
    other = markers(tmp_path)
    laid(desk, other, MARKERS, "D-00000000000000f2")
    import_file(
        store, path, LINES, city=desk.desk.city, actor="他人", now=NOW, today=desk.desk.today,
        crs="EPSG:4490",
    )  # fmt: skip
    entries = store.log_mark().sequence
    assert code_of(lambda: desk.approve(ID, 1, OFFICER, DECISION)) == "draft_file_moved"
    again = desk.recheck(ID, 1, OFFICER)
    told = review(desk.desk, again, OFFICER)
    assert "accepted → repeated" in told.changed
    assert code_of(lambda: desk.approve(ID, 2, OFFICER, DECISION)) == "draft_file_no_news"
    assert [e.kind for e in store.log(after=entries)] == [DRAFTS, RecordKind.ATTACHMENTS]


def test_a_second_look_that_finds_the_same_writes_nothing(desk, tmp_path) -> None:
    laid(desk, lines(tmp_path))
    entries = desk.store.log_mark().sequence
    assert desk.recheck(ID, 1, OFFICER).version == 1
    assert desk.store.log_mark().sequence == entries


def test_a_day_later_the_same_file_is_the_same(services, tmp_path) -> None:
    laid(desk_over(services), lines(tmp_path))
    later = desk_over(services, DAY)
    assert later.approve(ID, 1, OFFICER, DECISION).report.stored == 1


def test_a_trial_of_the_approval_writes_nothing(desk, tmp_path) -> None:
    laid(desk, lines(tmp_path))
    entries = desk.store.log_mark().sequence
    tried_out = desk.approve(ID, 1, OFFICER, DECISION, dry_run=True)
    assert (tried_out.report.stored, tried_out.kept.version) == (1, 1)
    assert desk.store.log_mark().sequence == entries


def test_a_file_is_sent_back_with_a_reason_or_taken_back_by_its_author(desk, tmp_path) -> None:
    drafting, store = desk.desk, desk.store
    laid(desk, lines(tmp_path))
    assert code_of(lambda: drafting.reject(ID, 1, OFFICER, " ")) == "draft_unfinished"
    assert drafting.reject(ID, 1, OFFICER, "缺界桩").draft.state is DraftState.REJECTED
    assert code_of(lambda: desk.approve(ID, 2, OFFICER, DECISION)) == "draft_not_open"
    other = laid(desk, lines(tmp_path), draft_id="D-00000000000000f2").draft.id
    assert code_of(lambda: drafting.withdraw(other, 1, OFFICER)) == "draft_of_another"
    assert drafting.withdraw(other, 1, OFFICE).draft.state is DraftState.WITHDRAWN
    assert review(drafting, draft_of(store, other), OFFICER).may == ()
    assert bend_of(store) == 38.51


def test_files_and_records_are_not_mixed_up(desk, tmp_path) -> None:
    drafting = desk.desk
    laid(desk, lines(tmp_path))
    one = Proposal(
        of=draft_kind("boundary-lines"), target_id=str(LINE), body={"name": "甲线"}, reason="测试"
    )
    assert code_of(lambda: drafting.replace(ID, 1, one, OFFICER), Conflict) == "draft_of_file"
    by_record = lambda: drafting.approve(ID, 1, OFFICER, document_no="1", files=[DIGEST])  # noqa: E731
    assert code_of(by_record, Conflict) == "draft_of_file"
    whole = replace(one, act=DraftAct.IMPORT)
    assert code_of(lambda: drafting.propose("D-2", whole, OFFICE)) == "draft_act_of_file"
    drafting.propose("D-2", one, OFFICE)
    drafting.submit("D-2", 1, OFFICE)
    assert code_of(lambda: desk.approve("D-2", 2, OFFICER, DECISION)) == "draft_of_record"


def test_personal_values_go_beside_the_log_and_a_file_can_be_erased(desk, tmp_path) -> None:
    store, phone = desk.store, "13800138000"
    path = markers(tmp_path, phone)
    draft = laid(desk, path, MARKERS).draft
    assert phone.encode() not in store.content(dict(draft.body)["trial"])
    assert desk.recheck(ID, 1, OFFICER).version == 1, "tokens are drawn anew and are no news"
    desk.approve(ID, 1, OFFICER, DECISION)
    assert [value.value for value in store.clear_values()] == [phone]
    persons.erase(store, [draft.target_id], "管理员", "本人要求")
    with pytest.raises(NotFound):
        store.content(draft.target_id)
    assert store.verify().sound


def test_a_file_that_was_erased_is_told_and_never_stored(desk, tmp_path) -> None:
    path = lines(tmp_path)
    draft = laid(desk, path).draft
    for digest in (draft.target_id, dict(draft.body)["trial"]):
        persons.erase(desk.store, [digest], "管理员", "本人要求")
    told = review(desk.desk, draft_of(desk.store, ID), OFFICER)
    assert (told.trial, told.problem.code) == (None, "content_erased")
    assert code_of(lambda: desk.approve(ID, 1, OFFICER, DECISION)) == "content_erased"
    again = lambda: laid(desk, path, draft_id="D-00000000000000f2")  # noqa: E731
    assert code_of(again) in ("attachment_erased", "draft_file_laid")


def test_what_fails_while_writing_leaves_nothing(desk, tmp_path, monkeypatch) -> None:
    """The last thing written is the state of the draft: refused, it takes all with it."""
    store = desk.store
    laid(desk, lines(tmp_path))
    monkeypatch.setattr(
        "geo_service.services.drafts.files.change_of",
        lambda draft, version, who, _deed: Change(
            operation=Operation.CORRECT, record=draft, actor=who.name, reason="测试",
            expected_version=version + 7,
        ),
    )  # fmt: skip
    entries = store.log_mark().sequence
    assert code_of(lambda: desk.approve(ID, 1, OFFICER, DECISION), Conflict)
    assert (store.log_mark().sequence, bend_of(store)) == (entries, 38.51)
    monkeypatch.undo()
    assert desk.approve(ID, 1, OFFICER, DECISION).report.stored == 1


def test_a_file_that_waits_is_no_feature_of_its_kind(desk, tmp_path) -> None:
    laid(desk, lines(tmp_path))
    desk.desk.propose(
        "D-2",
        Proposal(
            of=draft_kind("boundary-lines"), target_id=str(LINE), body={"name": "甲线"},
            reason="测试",
        ),
        OFFICE,
    )  # fmt: skip
    source = Source(desk.store, DAY, desk.desk.city)
    found = DRAFT_COLLECTIONS["boundary-lines-drafts"].derived(source)
    assert [served.id for served in found] == ["D-2"]
