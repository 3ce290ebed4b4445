"""Findings over runs: what is written, what a run may say, and when a decision lapses."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.change import Operation, RecordKind
from geo_service.domain.finding import Digest, Finding, FindingState, Related, Severity, Subject
from geo_service.domain.identity import DivisionCode, MarkerNumber
from geo_service.domain.kept_finding import Cause, Origin
from geo_service.domain.marker import (
    BoundaryMarker,
    MarkerDocument,
    MarkerEntry,
    MarkerKind,
    MarkerState,
    MarkerTally,
)
from geo_service.domain.provenance import Force, Provenance
from geo_service.domain.supporting import NO_LAYERS, Supporting
from geo_service.domain.supporting.fieldwork import JointInspection
from geo_service.domain.text import Text
from geo_service.errors import Conflict, Forbidden, InputError, NotFound
from geo_service.rules.engine import fingerprint
from geo_service.services.finding_decisions import (
    Signature,
    confirm,
    find,
    history,
    kept_json,
    step_json,
    waive,
    withdraw,
)
from geo_service.services.finding_states import Sighting
from geo_service.services.life_cycle import Kept, keep, kept_findings, review_runs, with_states
from geo_service.services.subject_digests import SubjectDigests, content_digest
from geo_service.services.wording import cause_text
from geo_service.store.opening import open_store
from geo_service.store.protocol import Store

FINDINGS, RUNS = RecordKind.FINDINGS, RecordKind.REVIEW_RUNS
DAY = date(2024, 6, 1)
RULE, OTHER = "BD-NET-01", "BD-NET-02"
BY = Signature(signer="张三", reason="两侧已协商，维持现状", actor="test")
SOURCE = Provenance("示例", force=Force.SYNTHETIC)
OPEN, CONFIRMED, WAIVED, MENDED, REOPENED = (
    FindingState.OPEN, FindingState.CONFIRMED, FindingState.WAIVED, FindingState.MENDED,
    FindingState.REOPENED,
)  # fmt: skip


class Ticking:
    def __init__(self) -> None:
        self.now = datetime(2024, 6, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"gpkg:{tmp_path}/s.gpkg", create=True, clock=Ticking())
    yield opened
    opened.close()


def line(code: str = "L1", **fields: Any) -> AdministrativeBoundary:
    defaults: dict[str, Any] = {
        "name": f"{code}线",
        "geometry": shapely.LineString([(120, 38), (120.1, 38.1)]),
        "provenance": SOURCE,
    }
    sides = {"left_code": DivisionCode("990101"), "right_code": DivisionCode("990102")}
    return AdministrativeBoundary(code=code, **sides, **defaults | fields)


def found(on: str = "L1", rule: str = RULE, key: str = "", **fields: Any) -> Finding:
    subject = fields.pop("subject", Subject("boundary-line", on, f"{on}线"))
    mark = fingerprint(rule, subject, key)
    defaults: dict[str, Any] = {
        "rule_version": 1,
        "severity": Severity.HUMAN,
        "category": "topology",
        "title": Text("悬挂", "dangle"),
        "message": Text("悬空 3 米", "hangs by 3 m"),
        "related": (),
        "measure": None,
        "geometry": None,
        "citations": (),
        "question": None,
        "suggestion": None,
    }
    return Finding(
        id=f"F-{mark[:16]}", rule_id=rule, subject=subject, fingerprint=mark, **defaults | fields
    )


def review(*findings: Finding, day: date = DAY, **fields: Any) -> Sighting:
    """A run over the register with the lines L1 to L3, by two rules, unless told otherwise."""
    records = fields.pop("records", (line("L1"), line("L2"), line("L3")))
    beside = {name: fields.pop(name, ()) for name in ("entries", "tallies")}
    beside["supporting"] = fields.pop("supporting", NO_LAYERS)
    defaults: dict[str, Any] = {
        "families": ("boundaries",),
        "city": "990100",
        "scale": 10_000,
        "origin": Origin.REGISTER,
        "rules_run": (RULE, OTHER),
        "counts": {"lines": len(records)},
        "digest": Digest("rules", "data", "code"),
        "forces": frozenset({Force.SYNTHETIC}),
        "subjects": SubjectDigests(day, records, **beside),
    }
    return Sighting(as_of=day, findings=findings, **defaults | fields)


def run(store: Store, *findings: Finding, today: date | None = None, **fields: Any) -> Kept:
    seen = review(*findings, **fields)
    return keep(store, seen, actor="test", today=today or seen.as_of)


def state(store: Store, finding: Finding, day: date | None = None) -> FindingState | None:
    record = kept_findings(store, day or date(2099, 1, 1)).get(finding.fingerprint)
    return None if record is None else record.state


def entries(store: Store) -> int:
    return sum(1 for _ in store.log())


def later(days: int) -> date:
    return DAY + timedelta(days=days)


# --- runs ----------------------------------------------------------------------------------------


def test_a_finding_is_opened_mended_and_reopened(store):
    first = run(store, found())
    assert dict(first.run.tally) == {
        "seen": 1, "opened": 1, "reopened": 0, "lapsed": 0, "mended": 0,
    }  # fmt: skip
    assert state(store, found()) is OPEN
    gone = run(store, day=later(10), records=(line("L1", name="改正线"), line("L2")))
    assert dict(gone.run.tally)["mended"] == 1
    assert state(store, found()) is MENDED
    back = run(store, found(), day=later(20))
    assert dict(back.run.tally)["reopened"] == 1
    assert [f.state for f in back.findings] == [REOPENED]
    causes = [step.record.cause for step in history(store, find(store, found().id, later(20)))]
    assert causes == [Cause.FOUND, Cause.GONE, Cause.FOUND_AGAIN]
    assert store.verify().sound


def test_a_run_that_sees_the_same_again_writes_only_itself(store):
    run(store, found(), found("L2"))
    before = entries(store)
    again = run(store, found(), found("L2"), day=later(5))
    assert entries(store) == before + 1
    assert again.run.found == review_runs(store, later(5))[0].found
    (row,) = kept_json(store, [find(store, found().id, later(5))], later(5), "zh")
    assert (row["first_seen"], row["last_seen"]) == ("2024-06-01", "2024-06-06")


def test_the_day_in_a_message_is_no_news(store):
    for days in (0, 1):
        told = f"在 {later(days)} 不是有效代码"
        run(store, found(message=Text(told, told)), day=later(days))
    assert [entry.kind for entry in store.log()] == [RUNS, FINDINGS, RUNS]


def test_what_is_said_anew_is_kept_without_a_change_of_state(store):
    run(store, found())
    run(store, found(message=Text("悬空 9 米", "hangs by 9 m")), day=later(1))
    record = find(store, found().id, later(1))
    assert (record.state, record.message) == (OPEN, "悬空 9 米")
    assert record.first_seen == DAY
    assert kept_findings(store, DAY)[record.id].message == "悬空 3 米"


def test_a_rule_that_did_not_run_mends_nothing(store):
    run(store, found(), found(rule=OTHER))
    run(store, rules_run=(OTHER,), day=later(1))
    assert state(store, found()) is OPEN
    assert state(store, found(rule=OTHER)) is MENDED


@pytest.mark.parametrize("limits", [{"scale": 50_000}, {"city": "370200"}])
def test_a_run_by_other_limits_mends_nothing(store, limits):
    run(store, found())
    run(store, day=later(1), **limits)
    assert state(store, found()) is OPEN
    run(store, found(message=Text("别样", "other")), day=later(2), **limits)
    record = find(store, found().id, later(2))
    assert (record.message, record.scale) == ("悬空 3 米", 10_000)


def test_a_subject_that_left_the_register_is_mended(store):
    run(store, found())
    run(store, records=(line("L2"),), day=later(1))
    record = find(store, found().id, later(1))
    assert (record.state, record.cause) == (MENDED, Cause.GONE)
    assert record.changed == ("boundary-line/L1",)


def test_mended_without_a_change_of_its_records_is_told_as_such(store):
    run(store, found())
    run(store, day=later(1))
    assert find(store, found().id, later(1)).cause is Cause.GONE_UNCHANGED


# --- runs on files -------------------------------------------------------------------------------

FILES = {"origin": Origin.FILES}
TWO = {"related": (Related("boundary-line", "L2", "L2线"),)}


def test_files_mend_what_was_in_files_where_nothing_is_missing(store):
    run(store, found(**TWO), **FILES)
    run(store, records=(line("L1"), line("L3"), line("L4")), **FILES)
    assert state(store, found()) is OPEN, "a record that the finding names was left out"
    run(store, records=(line("L1"), line("L2")), **FILES)
    assert state(store, found()) is OPEN, "fewer lines than the run that saw it"
    run(store, rules_run=(OTHER,), **FILES)
    assert state(store, found()) is OPEN
    run(store, **FILES)
    assert state(store, found()) is MENDED


def test_files_leave_the_findings_of_the_register_alone(store):
    run(store, found(), found("L2"))
    waive(store, found().id, BY, today=DAY)
    before = entries(store)
    other = (line("L1", name="送来的"), line("L2"), line("L3"))
    kept = run(store, found(message=Text("别样", "other")), records=other, **FILES)
    assert entries(store) == before + 1
    assert (state(store, found()), state(store, found("L2"))) == (WAIVED, OPEN)
    assert kept.findings[0].state is REOPENED, "the copy in the file is not what was waived"


def test_the_register_takes_over_and_closes_what_was_in_files(store):
    run(store, found(), found("L2"), found("L9"), records=(line("L1"), line("L9")), **FILES)
    run(store, found(), day=later(1))
    assert find(store, found().id, later(1)).origin is Origin.REGISTER
    assert state(store, found("L2")) is MENDED
    assert state(store, found("L9")) is OPEN, "the register knows no such line"


def test_a_mended_finding_of_the_register_comes_back_in_a_file(store):
    run(store, found())
    run(store, day=later(1))
    run(store, found(), day=later(2), **FILES)
    assert state(store, found()) is REOPENED
    assert find(store, found().id, later(2)).origin is Origin.FILES


def test_a_subject_that_is_no_record_is_never_mended_by_files(store):
    city = found(subject=Subject("city", "990100", "示例市"))
    run(store, city, **FILES)
    run(store, **FILES)
    assert state(store, city) is OPEN
    run(store, city, day=later(1))
    run(store, day=later(2))
    assert state(store, city) is MENDED


PAPERS = {"beside": frozenset({"inspections"}), "families": ("boundaries", "inspections")}
OVERDUE = "IN-DUE-01"


def papers(on: str = "L1", day: date = DAY) -> Supporting:
    told = {"provenance": SOURCE, "inspected_on": day, "round": 6}
    return Supporting.of([JointInspection(id="1", line_code=on, **told)])


def test_a_rule_that_reads_papers_judges_by_files_though_the_rest_is_the_register(store):
    rules = {"rules_run": (RULE, OVERDUE), **PAPERS}
    due = found(rule=OVERDUE)
    run(store, found(), due, supporting=papers(), counts={"lines": 3, "inspections": 1}, **rules)
    assert find(store, found().id, DAY).origin is Origin.REGISTER
    assert find(store, due.id, DAY).origin is Origin.FILES
    run(store, supporting=papers("L2"), counts={"lines": 3, "inspections": 1}, **rules)
    assert state(store, found()) is MENDED
    assert state(store, due) is OPEN, "the papers on that line were left out"
    run(store, supporting=papers(), counts={"lines": 3, "inspections": 1}, **rules)
    assert state(store, due) is MENDED


def test_a_decision_lapses_when_papers_on_the_line_change_for_rules_that_read_them(store):
    rules = {"rules_run": (RULE, OVERDUE), **PAPERS}
    due = found(rule=OVERDUE)
    run(store, found(), due, supporting=papers(), **rules)
    for finding in (found(), due):
        waive(store, finding.id, BY, today=DAY)
    run(store, found(), due, supporting=papers(day=later(-30)), **rules)
    assert state(store, found()) is WAIVED
    assert find(store, due.id, DAY).changed == ("boundary-line/L1#layer:inspections",)


FLOOD = {"beside": frozenset({"events"}), "families": ("boundaries", "inspections")}
UNINSPECTED = "IN-EVT-01"


def test_another_file_of_things_that_name_no_line_mends_nothing(store):
    flood = found(rule=UNINSPECTED)
    counts = {"lines": 3, "events": 1}
    run(store, flood, rules_run=(UNINSPECTED,), counts=counts, **FLOOD)
    run(store, rules_run=(UNINSPECTED,), counts=counts, **FLOOD)
    assert state(store, flood) is OPEN, "the file may be one of another flood"


def test_a_decision_on_things_that_name_no_line_lapses_when_it_is_said_otherwise(store):
    flood = found(rule=UNINSPECTED)
    run(store, flood, rules_run=(UNINSPECTED,), **FLOOD)
    waive(store, flood.id, BY, today=DAY)
    run(store, flood, rules_run=(UNINSPECTED,), **FLOOD)
    assert state(store, flood) is WAIVED
    nearer = found(rule=UNINSPECTED, message=Text("洪水更近。", "The flood is nearer."))
    run(store, nearer, rules_run=(UNINSPECTED,), **FLOOD)
    assert state(store, flood) is FindingState.REOPENED


# --- days ----------------------------------------------------------------------------------------


def test_runs_are_kept_in_the_order_of_their_days(store):
    run(store, found(), day=later(5))
    with pytest.raises(InputError) as caught:
        run(store, day=DAY, today=later(5))
    assert caught.value.code == "run_before_kept"
    with pytest.raises(InputError) as caught:
        run(store, day=later(9), today=later(8))
    assert caught.value.code == "run_in_future"
    assert state(store, found()) is OPEN
    assert len(review_runs(store, later(9))) == 1


def test_families_have_their_own_order_of_days(store):
    run(store, found(), day=later(5))
    run(store, found(rule="MK-STA-01"), day=DAY, families=("markers",), rules_run=("MK-STA-01",))
    assert state(store, found(rule="MK-STA-01")) is OPEN


def test_a_decision_bars_runs_of_days_before_it(store):
    run(store, found())
    waive(store, found().id, BY, today=later(3))
    with pytest.raises(InputError, match="run_before_kept"):
        run(store, day=later(1), today=later(3))


def test_states_can_be_read_as_of_a_day_and_as_they_were_known(store):
    run(store, found())
    *_, last = store.log()
    waive(store, found().id, BY, today=DAY)
    run(store, day=later(4))
    key = found().fingerprint
    assert store.get(FINDINGS, key, as_of=later(3)).state is WAIVED
    assert store.get(FINDINGS, key, as_of=later(4)).state is MENDED
    assert store.get(FINDINGS, key, as_of=later(4), known_at=last.recorded_at).state is OPEN
    with pytest.raises(NotFound):
        store.get(FINDINGS, key, as_of=DAY - timedelta(days=1))


def test_two_runs_at_once_are_kept_one_after_the_other(store):
    with ThreadPoolExecutor(4) as pool:
        tasks = [pool.submit(run, store, found(), found("L2")) for _ in range(4)]
        opened = [dict(task.result().run.tally)["opened"] for task in tasks]
    assert sorted(opened) == [0, 0, 0, 2]
    assert [entry.version for entry in store.log(kind=FINDINGS)] == [1, 1]
    assert store.count(RUNS, as_of=DAY) == 4


# --- decisions -----------------------------------------------------------------------------------


def test_a_waiver_says_who_when_why_and_holds_over_runs(store):
    run(store, found())
    by = replace(BY, document_no="甲民2024-2号")
    waive(store, found().id, by, today=later(1), ends_on=later(30))
    again = run(store, found(), day=later(2))
    (finding,) = again.findings
    assert finding.state is WAIVED
    assert finding.decision is not None
    assert finding.decision.signer == "张三"
    assert finding.decision.signed_on == later(1)
    assert finding.decision.document_no == "甲民2024-2号"
    *_, entry = store.log(kind=FINDINGS)
    assert (entry.operation, entry.actor) == (Operation.REVISE, "test")
    assert (entry.reason, entry.basis) == (BY.reason, "甲民2024-2号")


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "改名线"},
        {"geometry": shapely.LineString([(120, 38), (120.1, 38.1000001)])},
        {"geometry": None},
        {"agreement_no": "示例"},
    ],
    ids=["name", "place", "undrawn", "agreement"],
)
@pytest.mark.parametrize("decide", [waive, confirm])
def test_a_decision_lapses_when_its_subject_changes(store, changed, decide):
    run(store, found())
    decide(store, found().id, BY, today=DAY)
    records = (line("L1", **changed), line("L2"), line("L3"))
    (shown,) = with_states(store, review(found(), records=records))
    assert (shown.state, shown.decision) == (REOPENED, None), "shown before it is written"
    kept = run(store, found(), records=records)
    assert dict(kept.run.tally)["lapsed"] == 1
    record = find(store, found().id, DAY)
    assert (record.state, record.cause) == (REOPENED, Cause.SUBJECT_CHANGED)
    assert record.changed == ("boundary-line/L1",)
    assert (record.signer, record.reason) == ("", "")
    steps = history(store, record)
    assert [step.record.signer for step in steps] == ["", "张三", ""]


def test_a_decision_outlives_the_change_of_another_record_and_of_the_source(store):
    run(store, found())
    waive(store, found().id, BY, today=DAY)
    moved = line("L1", provenance=Provenance("another file", note="reread"))
    run(store, found(), records=(moved, line("L2", name="改"), line("L4")))
    assert state(store, found()) is WAIVED


def test_a_decision_lapses_when_a_party_to_the_finding_changes(store):
    run(store, found(**TWO))
    waive(store, found().id, BY, today=DAY)
    run(store, found(**TWO), records=(line("L1"), line("L2", name="改"), line("L3")))
    assert find(store, found().id, DAY).changed == ("boundary-line/L2",)


def test_a_decision_lapses_when_the_finding_becomes_graver(store):
    run(store, found())
    waive(store, found().id, BY, today=DAY)
    run(store, found(severity=Severity.INFO))
    assert state(store, found()) is WAIVED
    run(store, found(severity=Severity.PROHIBITED))
    assert find(store, found().id, DAY).cause is Cause.GRAVER


def test_a_decision_on_what_is_no_record_lapses_when_it_is_said_otherwise(store):
    city = found(subject=Subject("city", "990100"), message=Text("缺 3 条", "3 missing"))
    run(store, city)
    waive(store, city.id, BY, today=DAY)
    run(store, city, day=later(1))
    assert state(store, city) is WAIVED
    run(store, replace(city, message=Text("缺 4 条", "4 missing")), day=later(2))
    assert "检查所述内容" in cause_text(find(store, city.id, later(2)), "zh")


def test_a_waiver_ends_on_its_last_day(store):
    run(store, found())
    record = waive(store, found().id, BY, today=DAY, ends_on=later(2))
    assert record.state_on(later(2)) is WAIVED
    assert record.state_on(later(3)) is REOPENED
    assert [f.state for f in with_states(store, review(found(), day=later(2)))] == [WAIVED]
    assert [f.state for f in with_states(store, review(found(), day=later(3)))] == [REOPENED]
    run(store, found(), day=later(3))
    assert find(store, found().id, later(3)).cause is Cause.ENDED


def test_a_decision_is_gone_once_the_finding_is_mended(store):
    run(store, found())
    waive(store, found().id, BY, today=DAY)
    run(store, day=later(1))
    record = find(store, found().id, later(1))
    assert (record.state, record.decision) == (MENDED, None)
    run(store, found(), day=later(2))
    assert state(store, found()) is REOPENED


def test_a_decision_can_be_taken_back(store):
    run(store, found())
    waive(store, found().id, BY, today=DAY)
    record = withdraw(store, found().id, reason="误签", actor="test", today=DAY)
    assert (record.state, record.decision) == (REOPENED, None)
    with pytest.raises(NotFound, match="finding_undecided"):
        withdraw(store, found().id, reason="再撤", actor="test", today=DAY)
    waive(store, found().id, BY, today=later(1))
    told = [step_json(step, "en") for step in history(store, find(store, found().id, later(1)))]
    assert [step["state"] for step in told] == ["open", "waived", "reopened", "waived"]
    assert store.verify().sound


def test_what_is_decided_or_mended_takes_no_second_decision(store):
    run(store, found(), found("L2"))
    confirm(store, found().id, BY, today=DAY)
    with pytest.raises(Conflict, match="finding_decided"):
        confirm(store, found().id, BY, today=DAY)
    waive(store, found().id, BY, today=DAY)
    for decide in (waive, confirm):
        with pytest.raises(Conflict, match="finding_decided"):
            decide(store, found().id, BY, today=DAY)
    run(store, found(), day=later(1))
    for decide in (waive, confirm):
        with pytest.raises(Conflict, match="finding_mended"):
            decide(store, found("L2").id, BY, today=later(1))


def test_a_waiver_that_has_ended_can_be_given_anew(store):
    run(store, found())
    waive(store, found().id, BY, today=DAY, ends_on=DAY)
    renewed = waive(store, found().id, BY, today=later(1), ends_on=later(9))
    assert renewed.signed_on == later(1)


def test_a_decision_needs_a_signer_a_reason_and_a_finding_that_is_kept(store):
    run(store, found(), found("L2"))
    for fields in ({"signer": " "}, {"reason": ""}):
        with pytest.raises(InputError, match="finding_unsigned"):
            waive(store, found().id, replace(BY, **fields), today=DAY)
    with pytest.raises(InputError, match="finding_unsigned"):
        withdraw(store, found().id, reason=" ", actor="test", today=DAY)
    with pytest.raises(InputError, match="waiver_ended"):
        waive(store, found().id, BY, today=DAY, ends_on=DAY - timedelta(days=1))
    for unknown in ("F-0123456789abcdef", "", "F-", "问题"):
        with pytest.raises(NotFound, match="finding_not_kept"):
            waive(store, unknown, BY, today=DAY)
    assert state(store, found()) is OPEN


def test_the_beginning_of_an_id_will_do_where_it_fits_one_finding(store):
    many = [found(f"L{number}") for number in range(20)]
    run(store, *many)
    assert find(store, many[0].fingerprint, DAY).id == many[0].fingerprint
    assert find(store, many[0].id.upper(), DAY).id == many[0].fingerprint
    letters = [finding.fingerprint[0] for finding in many]
    shared = next(letter for letter in letters if letters.count(letter) > 1)
    with pytest.raises(InputError, match="finding_ambiguous"):
        find(store, shared, DAY)


def test_what_the_law_forbids_in_a_name_is_never_waived_and_a_bar_to_filing_may_be(store):
    name = found(rule="NM-CHAR-01", subject=Subject("place-name", "road:示例路", "示例路"))
    forbidden = replace(name, severity=Severity.PROHIBITED)
    asked = {"families": ("names",), "rules_run": (name.rule_id,), "scale": 0}
    asked |= {"origin": Origin.SUBJECT, "about": name.subject}
    run(store, forbidden, **asked)
    with pytest.raises(Forbidden, match="waiver_of_prohibition"):
        waive(store, name.id, BY, today=DAY)
    assert confirm(store, name.id, BY, today=DAY).state is CONFIRMED
    run(store, **{**asked, "about": Subject("place-name", "road:别路", "别路")})
    assert state(store, name) is CONFIRMED, "another name was asked about"
    run(store, **asked)
    assert state(store, name) is MENDED, "asked again, the proposal no longer shows it"
    run(store, name, **asked)
    assert waive(store, name.id, BY, today=DAY).state is WAIVED

    barred = found(severity=Severity.PROHIBITED)
    run(store, barred)
    assert waive(store, barred.id, BY, today=DAY).state is WAIVED


# --- markers and what papers say of them ---------------------------------------------------------


def stone(**fields: Any) -> BoundaryMarker:
    defaults: dict[str, Any] = {"position": shapely.Point(120, 38), "provenance": SOURCE}
    told = {"number": MarkerNumber("001Q"), "line_code": "L1", "kind": MarkerKind.SINGLE}
    return BoundaryMarker(**told, **defaults | fields)


ROUND = MarkerDocument.INSPECTION
ON_STONE = found(rule="MK-STA-01", subject=Subject("marker", "L1/001Q", "001Q"))
ON_TALLY = found(rule="MK-NUM-04")
MARKERS = {"families": ("markers",), "rules_run": ("MK-STA-01", "MK-NUM-04"), **FILES}


def inspected(day: date, state: MarkerState) -> MarkerEntry:
    return MarkerEntry(marker=stone(), document=ROUND, dated=day, state=state)


def with_papers(store: Store, *said: MarkerEntry, tally: int = 3, **fields: Any) -> Kept:
    told = (MarkerEntry(marker=stone()), *said)
    tallies = (MarkerTally(line_code="L1", stones=tally),)
    return run(store, ON_STONE, ON_TALLY, entries=told, tallies=tallies, **MARKERS | fields)


def test_a_marker_is_what_its_papers_say_and_a_round_that_agrees_is_no_news(store):
    damaged = inspected(DAY, MarkerState.DAMAGED)
    with_papers(store, damaged)
    waive(store, ON_STONE.id, BY, today=DAY)
    waive(store, ON_TALLY.id, BY, today=DAY)
    with_papers(store, damaged, inspected(later(300), MarkerState.DAMAGED))
    assert state(store, ON_STONE) is WAIVED
    with_papers(store, damaged, inspected(later(300), MarkerState.MISSING))
    assert find(store, ON_STONE.id, DAY).changed == ("marker/L1/001Q#inspection",)
    assert state(store, ON_TALLY) is WAIVED
    with_papers(store, damaged, tally=4)
    lapsed = find(store, ON_TALLY.id, DAY)
    assert lapsed.changed == ("boundary-line/L1#tally",)
    assert "what papers say of line L1" in cause_text(lapsed, "en")


def test_a_paper_that_leaves_out_is_not_one_that_has_no_place_for_it(store):
    damaged = inspected(DAY, MarkerState.DAMAGED)
    with_papers(store, damaged)
    waive(store, ON_STONE.id, BY, today=DAY)
    with_papers(store, replace(damaged, references=()))
    assert state(store, ON_STONE) is REOPENED


def test_numbers_that_are_none_and_odd_text_have_a_content_too():
    odd = stone(height_m=float("nan"), material="\ud800")
    assert content_digest(odd) == content_digest(replace(odd, provenance=Provenance("b")))
    assert content_digest(odd) != content_digest(stone(height_m=1.0, material="\ud800"))


def test_a_run_without_papers_says_nothing_of_what_papers_said(store):
    with_papers(store, inspected(DAY, MarkerState.DAMAGED))
    waive(store, ON_STONE.id, BY, today=DAY)
    fields = {**MARKERS, "origin": Origin.REGISTER}
    run(store, ON_STONE, entries=(MarkerEntry(marker=stone()),), **fields)
    assert state(store, ON_STONE) is WAIVED
    run(store, ON_STONE, entries=(MarkerEntry(marker=stone(height_m=1.0)),), **fields)
    assert state(store, ON_STONE) is REOPENED


# --- any sequence --------------------------------------------------------------------------------

SPOTS = [(rule, number) for rule in (RULE, OTHER) for number in (1, 2, 3)]
spots = st.sampled_from(SPOTS)
steps = st.one_of(
    st.tuples(
        st.just("run"),
        st.sets(spots),
        st.sets(st.sampled_from([RULE, OTHER]), min_size=1),
        st.integers(0, 2),
    ),
    st.tuples(st.just("edit"), st.integers(1, 3)),
    st.tuples(st.sampled_from(["waive", "confirm", "withdraw"]), spots),
)


class Model:
    """States as a table, moved by hand; `seen` is the version of the line at the last writing."""

    def __init__(self) -> None:
        self.states: dict[tuple[str, int], FindingState] = {}
        self.seen: dict[tuple[str, int], int] = {}
        self.versions = {1: 0, 2: 0, 3: 0}

    def run(self, present: set[tuple[str, int]], rules: set[str]) -> int:
        """Move all states; returns how many findings had to be written."""
        written = 0
        for spot in SPOTS:
            before, version = self.states.get(spot), self.versions[spot[1]]
            fresh = self.seen.get(spot) != version
            if spot[0] not in rules:
                continue
            if spot in present:
                signed = before in (WAIVED, CONFIRMED) and fresh
                back = before is MENDED or signed
                after = OPEN if before is None else REOPENED if back else before
            else:
                after = None if before is None else MENDED
            if after is None or (after is before and (after is MENDED or not fresh)):
                continue
            written += 1
            self.states[spot] = after
            if spot in present:
                self.seen[spot] = version
        return written

    def decide(self, word: str, spot: tuple[str, int]) -> bool:
        """Whether the decision is taken."""
        before = self.states.get(spot)
        allowed = {
            "waive": (OPEN, REOPENED, CONFIRMED),
            "confirm": (OPEN, REOPENED),
            "withdraw": (WAIVED, CONFIRMED),
        }
        if before not in allowed[word]:
            return False
        self.states[spot] = {"waive": WAIVED, "confirm": CONFIRMED, "withdraw": REOPENED}[word]
        return True


@settings(max_examples=40, deadline=None)
@given(st.lists(steps, min_size=4, max_size=14))
def test_any_sequence_of_runs_and_decisions_gives_the_states_of_the_model(sequence):
    clock, model, day, snapshots = Ticking(), Model(), DAY, []
    ids = {spot: found(f"L{spot[1]}", spot[0]).fingerprint for spot in SPOTS}
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"gpkg:{Path(folder)}/s.gpkg", create=True, clock=clock)
        for word, *told in sequence:
            before = entries(store)
            if word == "run":
                present, rules, days = told
                day += timedelta(days=days)
                records = [line(f"L{n}", name=f"{n}-{v}") for n, v in model.versions.items()]
                seen = [found(f"L{n}", rule) for rule, n in sorted(present) if rule in rules]
                run(store, *seen, day=day, rules_run=tuple(sorted(rules)), records=records)
                assert entries(store) == before + 1 + model.run(present, rules)
            elif word == "edit":
                model.versions[told[0]] += 1
            else:
                taken = model.decide(word, told[0])
                assert taken == decided(store, word, ids[told[0]], day)
                assert entries(store) == before + taken
            snapshots.append((day, clock.now, dict(model.states)))
        for as_of, moment, expected in snapshots:
            kept = store.records(FINDINGS, as_of=as_of, known_at=moment)
            assert {r.id: r.state for r in kept} == {ids[k]: v for k, v in expected.items()}
        assert store.verify().sound
        store.close()


def decided(store: Store, word: str, finding: str, day: date) -> bool:
    try:
        if word == "withdraw":
            withdraw(store, finding, reason="撤", actor="test", today=day)
        else:
            (waive if word == "waive" else confirm)(store, finding, BY, today=day)
    except (Conflict, NotFound):
        return False
    return True
