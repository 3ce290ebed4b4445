"""Drafts from the first word to the act: who may do what, nothing lost, one winner per version."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
import shapely

from geo_service.domain.access import Right
from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.draft import DraftAct, DraftState
from geo_service.domain.provenance import Label
from geo_service.errors import Conflict, Forbidden, GeoServiceError, InputError, NotFound
from geo_service.services.drafts import desk as desk_module
from geo_service.services.drafts.kinds import draft_kind
from geo_service.services.drafts.proposal import Proposal
from geo_service.services.drafts.reading import draft_of, drafts, history, moved
from geo_service.services.register.acts import basis_of
from tests.drafts.conftest import (
    CLERK,
    COLLEAGUE,
    COMMITTEE,
    DIGEST,
    LINE,
    OFFICE,
    OFFICER,
    VIEWER,
    asker,
)

PLACES, DRAFTS = RecordKind.PLACE_NAMES, RecordKind.DRAFTS
DAY = date(2026, 12, 1)


def proposal(word="place-names", **told) -> Proposal:
    told = {"effective_on": DAY, "reason": "测试", **told}
    return Proposal(of=draft_kind(word), **told)


RENAMING = {"target_id": "P-1", "body": {"name": "青石大桥"}}


def code_of(call, error=GeoServiceError) -> str:
    with pytest.raises(error) as caught:
        call()
    return caught.value.code


def test_a_renaming_is_carried_out_with_the_state_of_its_draft_in_one_transaction(
    services, desk_of
) -> None:
    desk, store = desk_of(services), services.store
    kept = desk.propose("D-1", proposal(**RENAMING), CLERK)
    assert (kept.version, kept.draft.act, kept.draft.seen) == (1, DraftAct.RENAME, 1)
    assert kept.draft.checked
    assert store.get(PLACES, "P-1", as_of=DAY).name == "青石桥"
    sent = desk.submit("D-1", 1, CLERK)
    assert drafts(store, COMMITTEE, waiting=True) == [sent]
    approved = desk.approve("D-1", 2, COMMITTEE, document_no="示例文1号", reason="同意")
    assert store.get(PLACES, "P-1", as_of=DAY).name == "青石大桥"
    assert store.get(PLACES, "P-1", as_of=date(2026, 11, 30)).name == "青石桥"
    draft = draft_of(store, "D-1").draft
    assert (draft.state, draft.decided_by, draft.event) == (
        DraftState.APPROVED, "委员丙", approved.done.event,
    )  # fmt: skip
    *_, last = store.log(kind=PLACES, record_id="P-1")
    told = basis_of(last)
    assert (told.event, told.document_no, told.check) == (draft.event, "示例文1号", draft.checked)
    assert [step.deed for step in history(store, "D-1")] == ["propose", "submit", "approve"]
    assert drafts(store, COMMITTEE, waiting=True) == []
    assert store.verify().sound


def test_a_new_record_gets_an_id_and_is_there_once_approved(services, desk_of) -> None:
    desk = desk_of(services)
    body = {"name": "望海楼", "feature_type": "building", "unit_code": "990101"}
    place = shapely.Point(119.61, 38.61)
    kept = desk.propose("D-1", proposal(body=body, geometry=place), CLERK)
    assert (kept.draft.act, kept.draft.target_id, kept.draft.seen) == (DraftAct.CREATE, "N-1", 0)
    desk.submit("D-1", 1, CLERK)
    desk.approve("D-1", 2, COMMITTEE, document_no="示例文1号")
    made = services.store.get(PLACES, "N-1", as_of=DAY)
    assert (made.name, made.geometry, made.period.start) == ("望海楼", place, DAY)
    assert made.provenance.label is Label.INTERNAL


def test_a_record_ends_by_an_approved_draft(services, desk_of) -> None:
    desk = desk_of(services)
    desk.propose("D-1", proposal("roads", target_id="RD-1", act=DraftAct.RETIRE), CLERK)
    desk.submit("D-1", 1, CLERK)
    desk.approve("D-1", 2, COMMITTEE, document_no="示例文1号")
    with pytest.raises(NotFound):
        services.store.get(RecordKind.ROADS, "RD-1", as_of=DAY)


def test_nobody_decides_on_what_he_wrote_a_version_of(services, desk_of) -> None:
    desk, store = desk_of(services), services.store
    both = asker("甲乙", Right.REGISTER_DRAFT, Right.REGISTER_APPROVE)
    desk.propose("D-1", proposal(**RENAMING), both)
    desk.submit("D-1", 1, both)
    entries = store.log_mark().sequence
    for call in (
        lambda: desk.approve("D-1", 2, both, document_no="1"),
        lambda: desk.reject("D-1", 2, both, "不"),
        lambda: desk.approve("D-1", 2, replace(both, name=" 甲乙 "), document_no="1"),
    ):
        assert code_of(call, Forbidden) == "own_draft"
    desk.replace("D-1", 2, proposal(target_id="P-1", body={"name": "青石东桥"}), COMMITTEE)
    desk.submit("D-1", 3, both)
    assert code_of(lambda: desk.approve("D-1", 4, COMMITTEE, document_no="1")) == "own_draft"
    # Who only submitted it put it forward as well.
    desk.propose("D-2", proposal(target_id="P-1", body={"meaning": "桥"}), CLERK)
    desk.submit("D-2", 1, COMMITTEE)
    assert code_of(lambda: desk.approve("D-2", 2, COMMITTEE, document_no="1")) == "own_draft"
    assert {e.kind for e in store.log(after=entries)} == {DRAFTS}


def test_each_act_takes_its_right(services, desk_of) -> None:
    desk = desk_of(services)
    desk.propose("D-1", proposal(**RENAMING), CLERK)
    of_unit = proposal("units", target_id="990101", body={"name": "丙区"})
    refused = (
        lambda: desk.propose("D-2", proposal(**RENAMING), VIEWER),
        lambda: desk.propose("D-2", proposal(**RENAMING), OFFICE),
        lambda: desk.propose("D-2", of_unit, CLERK),
        lambda: desk.replace("D-1", 1, proposal(**RENAMING), VIEWER),
        lambda: desk.submit("D-1", 1, OFFICE),
        lambda: desk.withdraw("D-1", 1, VIEWER),
        lambda: desk.approve("D-1", 1, COLLEAGUE),
        lambda: desk.reject("D-1", 1, COLLEAGUE, "不"),
    )  # fmt: skip
    assert {code_of(call, Forbidden) for call in refused} == {"draft_right_missing"}
    assert code_of(lambda: desk.withdraw("D-1", 1, COLLEAGUE), Forbidden) == "draft_of_another"
    assert drafts(services.store, VIEWER) == drafts(services.store, OFFICE) == []


def test_a_boundary_matter_takes_two_people_a_document_and_a_file(services, desk_of) -> None:
    desk = desk_of(services)
    line = shapely.LineString([(119.5, 38.5), (119.6, 38.52), (119.7, 38.5)])
    told = {"target_id": str(LINE), "act": DraftAct.MOVE, "geometry": line}
    desk.propose("D-1", proposal("boundary-lines", **told), OFFICE)
    desk.submit("D-1", 1, OFFICE)
    both = {"document_no": "示例文2号", "files": [DIGEST]}
    assert code_of(lambda: desk.approve("D-1", 2, OFFICE, **both), Forbidden) == "own_draft"
    assert code_of(lambda: desk.approve("D-1", 2, COMMITTEE, **both)) == "draft_right_missing"
    assert (
        code_of(lambda: desk.approve("D-1", 2, OFFICER, files=[DIGEST]))
        == "document_number_missing"
    )
    assert code_of(lambda: desk.approve("D-1", 2, OFFICER, document_no="1")) == "draft_unfinished"
    desk.approve("D-1", 2, OFFICER, **both)
    moved_line = services.store.get(RecordKind.BOUNDARY_LINES, str(LINE), as_of=DAY)
    assert moved_line.geometry == line
    assert draft_of(services.store, "D-1").draft.files == (DIGEST,)


def test_what_changed_since_is_told_and_nothing_is_overwritten(services, desk_of) -> None:
    desk, store = desk_of(services), services.store
    desk.propose("D-1", proposal(**RENAMING), CLERK)
    desk.submit("D-1", 1, CLERK)
    former = store.get(PLACES, "P-1")
    with store.begin() as work:
        corrected = replace(former, meaning="石桥")
        mended = Change(
            operation=Operation.CORRECT,
            record=corrected,
            actor="庚",
            reason="改",
            expected_version=1,
        )
        work.append([mended])
    with pytest.raises(Conflict) as caught:
        desk.approve("D-1", 2, COMMITTEE, document_no="1")
    assert caught.value.code == "draft_record_moved"
    assert "庚" in str(caught.value.context["changed"])
    assert "meaning" in str(caught.value.context["changed"])
    assert store.get(PLACES, "P-1", as_of=DAY).name == "青石桥"
    # Put forward again on the record as it is, it goes through.
    anew = desk.replace("D-1", 2, proposal(**RENAMING), CLERK)
    assert (anew.version, anew.draft.state, anew.draft.seen) == (3, DraftState.DRAFT, 2)
    desk.submit("D-1", 3, CLERK)
    desk.approve("D-1", 4, COMMITTEE, document_no="1")
    made = store.get(PLACES, "P-1", as_of=DAY)
    assert (made.name, made.meaning) == ("青石大桥", "石桥")
    assert moved(store, draft_of(store, "D-1").draft, services.city.plane_epsg)


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"target_id": "P-9", "body": {"name": "甲"}}, "draft_target_unknown"),
        ({"body": {"name": "望海楼"}}, "register_field_missing"),
        ({"target_id": "P-1", "body": {"colour": "红"}}, "register_field_unknown"),
        ({"target_id": "P-1", "body": {"status": "红"}}, "register_field_unreadable"),
        ({"target_id": "P-1", "body": {}}, "register_nothing_changes"),
        ({"target_id": "P-1", "body": {"meaning": "电话 13800138000"}}, "draft_personal"),
        ({**RENAMING, "files": ("md5:1",)}, "draft_file_digest_malformed"),
        ({"target_id": "P-1\x00", "body": {"name": "甲"}}, "draft_value_unreadable"),
        ({**RENAMING, "reason": "\ud800"}, "draft_value_unreadable"),
        ({"act": DraftAct.RETIRE}, "draft_unfinished"),
    ],
)
def test_what_the_register_would_refuse_no_draft_says(file_services, desk_of, told, code) -> None:
    desk, before = desk_of(file_services), file_services.store.log_mark()
    assert code_of(lambda: desk.propose("D-1", proposal(**told), CLERK), InputError) == code
    assert file_services.store.log_mark() == before


def test_what_is_closed_changes_no_more_and_stays_on_file(services, desk_of) -> None:
    desk, store = desk_of(services), services.store
    desk.propose("D-1", proposal(**RENAMING), CLERK)
    desk.withdraw("D-1", 1, CLERK, "不办了")
    desk.propose("D-2", proposal(**RENAMING), CLERK)
    desk.submit("D-2", 1, CLERK)
    assert code_of(lambda: desk.reject("D-2", 2, COMMITTEE, " ")) == "draft_unfinished"
    assert code_of(lambda: desk.reject("D-2", 2, COMMITTEE, "\x00")) == "draft_value_unreadable"
    desk.reject("D-2", 2, COMMITTEE, "重名")
    for draft_id, version in (("D-1", 2), ("D-2", 3)):
        kept = draft_of(store, draft_id)
        assert kept.version == version
        for call in (
            lambda *seen: desk.replace(*seen, proposal(**RENAMING), CLERK),
            lambda *seen: desk.withdraw(*seen, CLERK),
            lambda *seen: desk.approve(*seen, COMMITTEE),
        ):
            with pytest.raises(Conflict) as caught:
                call(draft_id, version)
            assert caught.value.code == "draft_not_open"
    assert store.recorded(history(store, "D-1")[0].entry.sequence).body == (("name", "青石大桥"),)
    assert draft_of(store, "D-2").draft.decision == "重名"


def test_twenty_at_once_have_one_winner_to_each_version_and_nothing_is_lost(
    services, desk_of
) -> None:
    desk, store = desk_of(services), services.store
    desk.propose("D-1", proposal(**RENAMING), CLERK)
    people = [asker(f"经办人{n}", Right.REGISTER_DRAFT) for n in range(20)]

    def edit(one: tuple[int, int]) -> str:
        number, version = one
        told = proposal(target_id="P-1", body={"name": f"青石{number}之{version}桥"})
        try:
            return desk.replace("D-1", version, told, people[number]).draft.body[0][1]
        except Conflict as error:
            return error.code

    written = []
    with ThreadPoolExecutor(20) as pool:
        for version in range(1, 6):
            done = list(pool.map(edit, [(number, version) for number in range(20)]))
            assert done.count("version_stale") == 19
            written += [name for name in done if name != "version_stale"]
    steps = history(store, "D-1")
    assert [step.draft.body[0][1] for step in steps] == ["青石大桥", *written]
    assert [step.entry.version for step in steps] == [1, 2, 3, 4, 5, 6]
    assert draft_of(store, "D-1").draft.authors == tuple(
        dict.fromkeys(step.entry.actor for step in steps)
    )
    assert store.verify().sound


def test_of_twenty_approvals_at_once_one_is_carried_out(services, desk_of) -> None:
    desk, store = desk_of(services), services.store
    desk.propose("D-1", proposal(**RENAMING), CLERK)
    desk.submit("D-1", 1, CLERK)
    people = [asker(f"委员{n}", Right.REGISTER_APPROVE) for n in range(20)]

    def approve(person) -> str:
        try:
            return str(desk.approve("D-1", 2, person, document_no="1").done.event)
        except Conflict as error:
            return error.code

    with ThreadPoolExecutor(20) as pool:
        done = list(pool.map(approve, people))
    (won,) = [word for word in done if word.isdecimal()]
    assert set(done) - {won} <= {"version_stale", "draft_not_open", "draft_record_moved"}
    assert [e.version for e in store.log(kind=PLACES, record_id="P-1")] == [1, 2]
    assert draft_of(store, "D-1").draft.event == int(won)
    assert store.verify().sound


def test_an_approval_that_comes_between_is_told_as_a_conflict(
    services, desk_of, monkeypatch
) -> None:
    desk, first, second = (
        desk_of(services),
        asker("甲委员", Right.REGISTER_APPROVE),
        asker("乙委员", Right.REGISTER_APPROVE),
    )
    desk.propose("D-1", proposal(**RENAMING), CLERK)
    desk.submit("D-1", 1, CLERK)

    def overtaken(*words):
        monkeypatch.undo()
        desk.approve("D-1", 2, first, document_no="1")
        return plan_of(*words)

    plan_of = desk_module.plan_of
    monkeypatch.setattr(desk_module, "plan_of", overtaken)
    with pytest.raises(Conflict) as told:
        desk.approve("D-1", 2, second, document_no="1")
    assert told.value.code == "draft_not_open"
    assert draft_of(services.store, "D-1").draft.decided_by == "甲委员"


def test_drafts_are_nothing_to_the_public(services, desk_of) -> None:
    desk, store = desk_of(services), services.store
    counts = {kind: store.count(kind) for kind in RecordKind if kind is not DRAFTS}
    public = store.seen_by(Label.PUBLIC)
    mark = public.log_mark()
    desk.propose("D-1", proposal(**RENAMING), CLERK)
    assert {kind: store.count(kind) for kind in counts} == counts
    assert (public.count(DRAFTS), public.records(DRAFTS), public.version(DRAFTS, "D-1")) == (
        0,
        [],
        0,
    )
    assert public.log_mark() == mark
    assert list(public.log(kind=DRAFTS)) == []
