"""A repair in the register: written whole by a named person, and taken back the same way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from geo_service import cities
from geo_service.domain.change import Change, LoggedChange, Operation, Record, RecordKind
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Provenance
from geo_service.domain.repair import RepairKind, RepairProposal
from geo_service.errors import Conflict, InputError, NotFound
from geo_service.rules.boundaries._drawing import drawing
from geo_service.services.repairing.applying import apply_repair, proposal_of, revert_repair
from geo_service.services.repairing.proposing import Asked, RepairPlan, plan_for_store
from geo_service.store.protocol import LogMark, Store

CITY = cities.city("990100")
AS_OF = date(2024, 6, 1)
A, B = "990101", "990102"
UNITS = {
    "甲区": "POLYGON((0 0, 1000 0, 1040 500, 1000 1000, 0 1000, 0 0))",
    "乙区": "POLYGON((1000 0, 2000 0, 2000 1000, 1000 1000, 960 500, 1000 0))",
}
LINE = {"乙区|甲区": "LINESTRING(1000 1000, 1000 0)"}


def write(store: Store, *records: Record) -> None:
    with store.begin() as work:
        work.append(
            Change(operation=Operation.CREATE, record=r, actor="入库", reason="示例")
            for r in records
        )


def correct(store: Store, record: Record, kind: RecordKind) -> None:
    version = store.version(kind, record.id)
    with store.begin() as work:
        work.append(
            [
                Change(
                    operation=Operation.CORRECT,
                    record=record,
                    actor="另一人",
                    reason="改正",
                    expected_version=version,
                )
            ]
        )


@pytest.fixture
def register(store: Store) -> Store:
    case = drawing(UNITS, LINE)
    write(store, *case.units, *case.lines)
    return store


def plan(store: Store, only: str = "") -> RepairPlan:
    return plan_for_store(store, CITY, AS_OF, Asked(only=only))


def from_line(store: Store) -> RepairProposal:
    (wanted,) = (p for p in plan(store).proposals if p.kind is RepairKind.OUTLINE_FROM_LINE)
    return wanted


def apply(
    store: Store, proposal: RepairProposal, since: LogMark | None = None
) -> tuple[LoggedChange, ...]:
    return apply_repair(
        store,
        proposal,
        since=since or store.log_mark(),
        as_of=AS_OF,
        actor="张三",
        reason="核对协议书附图",
    )


def test_all_its_changes_are_on_record_with_who_why_and_what_it_answers(register: Store) -> None:
    proposal = from_line(register)
    former = {unit.id: unit for unit in register.records(RecordKind.UNITS, as_of=AS_OF)}

    written = apply(register, proposal)

    assert [(e.record_id, e.version, e.operation) for e in written] == [
        (A, 2, Operation.CORRECT),
        (B, 2, Operation.CORRECT),
    ]
    for entry in written:
        assert (entry.actor, entry.reason) == ("张三", "核对协议书附图")
        assert proposal.id in entry.basis
        assert all(finding.id in entry.basis for finding in proposal.answers)
        assert register.recorded(entry.before_sequence) == former[entry.record_id]
    after = {unit.id: unit for unit in register.records(RecordKind.UNITS, as_of=AS_OF)}
    assert after == {effect.id: effect.after for effect in proposal.effects}
    assert register.verify().sound


def test_the_finding_is_gone_and_the_proposal_with_it(register: Store) -> None:
    proposal = from_line(register)
    answered = {finding.fingerprint for finding in proposal.answers}

    apply(register, proposal)

    again = plan(register)
    assert not answered & {finding.fingerprint for finding in again.report.findings}
    assert again.proposals == ()
    with pytest.raises(NotFound, match="repair_unknown"):
        proposal_of(again, proposal.id)


def test_taking_it_back_restores_every_record_and_forgets_nothing(register: Store) -> None:
    before = register.records(RecordKind.UNITS, as_of=AS_OF)
    proposal = from_line(register)
    applied = apply(register, proposal)

    written = revert_repair(register, proposal.id, actor="李四", reason="用错了附图")

    assert register.records(RecordKind.UNITS, as_of=AS_OF) == before
    assert [(e.actor, e.version, e.operation) for e in written] == [
        ("李四", 3, Operation.CORRECT)
    ] * 2
    assert [str(e.sequence) in w.basis for e, w in zip(applied, written, strict=True)] == [True] * 2
    assert len(list(register.log())) == 3 + 2 + 2
    assert register.verify().sound


def test_it_can_be_applied_and_taken_back_again(register: Store) -> None:
    before = register.records(RecordKind.UNITS, as_of=AS_OF)
    for _ in range(2):
        proposal = from_line(register)
        apply(register, proposal)
        revert_repair(register, proposal.id, actor="李四", reason="再看")

    assert register.records(RecordKind.UNITS, as_of=AS_OF) == before


def test_what_was_taken_back_is_not_taken_back_twice(register: Store) -> None:
    proposal = from_line(register)
    apply(register, proposal)
    revert_repair(register, proposal.id, actor="李四", reason="再看")

    with pytest.raises(Conflict, match="repair_superseded"):
        revert_repair(register, proposal.id, actor="李四", reason="再看")


def test_nothing_is_taken_back_where_one_record_has_moved_on(register: Store) -> None:
    proposal = from_line(register)
    apply(register, proposal)
    (unit,) = (u for u in register.records(RecordKind.UNITS, as_of=AS_OF) if u.id == B)
    correct(register, replace(unit, name="乙区新稿"), RecordKind.UNITS)
    entries = len(list(register.log()))

    with pytest.raises(Conflict, match="repair_superseded"):
        revert_repair(register, proposal.id, actor="李四", reason="再看")

    assert len(list(register.log())) == entries


def test_what_was_never_applied_cannot_be_taken_back(register: Store) -> None:
    with pytest.raises(NotFound, match="repair_not_applied"):
        revert_repair(register, from_line(register).id, actor="李四", reason="再看")


def test_a_register_that_moved_on_takes_no_proposal(register: Store) -> None:
    since = register.log_mark()
    proposal = from_line(register)
    (line,) = register.records(RecordKind.BOUNDARY_LINES, as_of=AS_OF)
    correct(register, replace(line, name="改名"), RecordKind.BOUNDARY_LINES)

    with pytest.raises(Conflict, match="repair_outdated"):
        apply(register, proposal, since)

    assert {register.version(RecordKind.UNITS, code) for code in (A, B)} == {1}


def test_a_record_other_than_the_one_shown_is_left_alone(register: Store) -> None:
    proposal = from_line(register)
    unit = register.get(RecordKind.UNITS, A, as_of=AS_OF)
    correct(register, replace(unit, name="甲区新稿"), RecordKind.UNITS)

    with pytest.raises(Conflict, match="repair_outdated"):
        apply(register, proposal)

    assert register.version(RecordKind.UNITS, B) == 1


def test_a_name_entered_meanwhile_is_no_hindrance(register: Store) -> None:
    since = register.log_mark()
    proposal = from_line(register)
    write(
        register,
        NamedPlace(
            id="P-1",
            name="示例路",
            feature_type=FeatureType.ROAD,
            provenance=Provenance("示例"),
            unit_code=DivisionCode(A),
        ),
    )

    assert len(apply(register, proposal, since)) == 2


@pytest.mark.parametrize(("actor", "reason"), [("", "理由"), ("张三", " "), (" ", "")])
def test_nobody_applies_or_takes_back_unsigned(register: Store, actor: str, reason: str) -> None:
    proposal = from_line(register)

    with pytest.raises(InputError, match="repair_unsigned"):
        apply_repair(
            register,
            proposal,
            since=register.log_mark(),
            as_of=AS_OF,
            actor=actor,
            reason=reason,
        )
    with pytest.raises(InputError, match="repair_unsigned"):
        revert_repair(register, proposal.id, actor=actor, reason=reason)

    assert len(list(register.log())) == 3


def test_a_proposal_asked_for_by_name_is_the_one_that_was_shown(register: Store) -> None:
    shown = from_line(register)

    asked = proposal_of(plan(register, shown.id), shown.id)

    assert asked == shown
