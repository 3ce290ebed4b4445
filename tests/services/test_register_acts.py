"""Acts on the register: one transaction each, signed, checked beforehand, undone by correction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
import shapely

from geo_service.cities import city
from geo_service.domain.change import Operation, RecordKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.identity import DivisionCode
from geo_service.domain.period import Period
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Provenance
from geo_service.errors import Conflict, GeoServiceError, InputError, NotFound
from geo_service.services.register import mending, planning
from geo_service.services.register.acts import Act, Signed, basis_of
from geo_service.services.register.advice import advice_on
from geo_service.services.register.evidence import evidence_for, kept_text
from geo_service.services.register.fields import altered
from geo_service.services.register.writing import carry_out
from geo_service.store.opening import open_store
from geo_service.store.protocol import Store

UNITS, PLACES = RecordKind.UNITS, RecordKind.PLACE_NAMES
SOURCE = Provenance(source="示例")
Y2010, Y2015, Y2020, Y2024 = (date(year, 1, 1) for year in (2010, 2015, 2020, 2024))
BY = Signed(actor="经办人甲", reason="测试", document_no="示例文 1 号")


class Ticking:
    def __init__(self) -> None:
        self.now = datetime(2025, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(f"gpkg:{tmp_path}/r.gpkg", create=True, clock=Ticking())
    yield made
    made.close()


def unit(code: str = "990101", name: str = "甲区", **fields: Any) -> AdministrativeUnit:
    return AdministrativeUnit(
        code=DivisionCode(code), name=name, provenance=SOURCE, **{"period": Period(Y2010), **fields}
    )


def road(id: str = "R-1", name: str = "云岭路", **fields: Any) -> NamedPlace:
    told: dict[str, Any] = {"feature_type": FeatureType.ROAD, "period": Period(Y2010)}
    return NamedPlace(id=id, name=name, provenance=SOURCE, **told | fields)


def made(store: Store, *records: Any) -> None:
    for record in records:
        carry_out(store, planning.create(store, record, BY))


def names(store: Store, day: date, known_at: datetime | None = None) -> dict[str, str]:
    return {r.id: r.name for r in store.records(UNITS, as_of=day, known_at=known_at)}  # type: ignore[union-attr]


def refusal(act: Any, *words: Any) -> str:
    with pytest.raises(GeoServiceError) as caught:
        act(*words)
    return caught.value.code


def test_a_split_ends_the_unit_and_begins_its_parts_in_one_transaction(store: Store) -> None:
    made(store, unit())
    parts = (unit("990102", "乙区"), unit("990103", "丙区"))
    done = carry_out(store, planning.split(store, "990101", parts, Y2020, BY))
    assert names(store, Y2015) == {"990101": "甲区"}
    assert names(store, Y2020) == {"990102": "乙区", "990103": "丙区"}
    assert len({entry.recorded_at for entry in done.entries}) == 1
    told = [basis_of(entry) for entry in done.entries]
    assert [(b.act, b.event, b.document_no) for b in told if b] == [
        (Act.SPLIT, done.event, "示例文 1 号")
    ] * 3
    assert {(e.actor, e.reason) for e in done.entries} == {("经办人甲", "测试")}


def test_a_part_that_keeps_the_code_goes_on(store: Store) -> None:
    made(store, unit())
    parts = (unit(name="甲区"), unit("990103", "丙区"))
    carry_out(store, planning.split(store, "990101", parts, Y2020, BY))
    assert names(store, Y2020) == {"990101": "甲区", "990103": "丙区"}
    assert store.version(UNITS, "990101") == 2


def test_a_merge_retires_those_that_do_not_go_on(store: Store) -> None:
    made(store, unit(), unit("990102", "乙区"))
    into = unit(name="甲乙区")
    carry_out(store, planning.merge(store, ["990101", "990102"], into, Y2020, BY))
    assert names(store, Y2015) == {"990101": "甲区", "990102": "乙区"}
    assert names(store, Y2020) == {"990101": "甲乙区"}


def test_a_renaming_under_a_new_code_retires_the_old_one(store: Store) -> None:
    made(store, unit())
    done = carry_out(store, planning.rename(store, "990101", unit("990105", "甲市"), Y2020, BY))
    assert names(store, Y2020) == {"990105": "甲市"}
    assert [e.operation for e in done.entries] == [Operation.RETIRE, Operation.CREATE]


def test_a_change_inside_a_known_period_keeps_its_end(store: Store) -> None:
    made(store, road(period=Period(Y2010, Y2024)))
    carry_out(store, planning.change(store, road(meaning="以山得名"), Y2015, BY))
    assert store.get(PLACES, "R-1", as_of=Y2020).period == Period(Y2015, Y2024)
    assert refusal(store.get, PLACES, "R-1") == "record_not_found"


def test_what_an_act_needs_is_asked_before_anything_is_written(store: Store) -> None:
    made(store, unit(), unit("990102", "乙区"))
    before = store.log_mark()
    part = unit("990103", "丙区")
    unsigned = replace(BY, document_no=" ")
    cases: list[tuple[str, Any, tuple[Any, ...]]] = [
        ("register_unsigned", planning.retire, (store, UNITS, "990101", Y2020, unsigned)),
        ("register_day_missing", planning.create, (store, unit("990109", period=Period()), BY)),
        ("register_id_in_use", planning.create, (store, unit(), BY)),
        ("register_not_in_force", planning.retire, (store, UNITS, "990109", Y2020, BY)),
        ("register_not_in_force", planning.retire, (store, UNITS, "990101", date(2009, 1, 1), BY)),
        ("register_day_taken", planning.retire, (store, UNITS, "990101", Y2010, BY)),
        ("register_use_rename", planning.change, (store, unit(name="丁区"), Y2020, BY)),
        ("register_nothing_changes", planning.change, (store, unit(), Y2020, BY)),
        ("register_nothing_changes", mending.correct, (store, unit(), BY)),
        ("register_same_name", planning.rename, (store, "990101", unit(), Y2020, BY)),
        ("register_nothing_changes", planning.move, (store, "990101", unit(), Y2020, BY)),
        ("register_split_of_one", planning.split, (store, "990101", [part], Y2020, BY)),
        ("register_id_twice", planning.split, (store, "990101", [part, part], Y2020, BY)),
        ("register_kinds_mixed", planning.split, (store, "990101", [part, road()], Y2020, BY)),
        ("register_merge_of_one", planning.merge, (store, ["990101"] * 2, part, Y2020, BY)),
        ("register_id_in_use", planning.rename, (store, "990101", unit("990102"), Y2020, BY)),
        ("register_act_unknown", mending.undo, (store, 99, BY)),
    ]  # fmt: skip
    assert [(code, refusal(act, *words)) for code, act, words in cases] == [
        (code, code) for code, _act, _words in cases
    ]
    assert store.log_mark() == before


def test_who_saw_an_older_version_is_refused_and_nothing_is_kept(store: Store) -> None:
    made(store, unit(), unit("990102", "乙区"))
    carry_out(
        store, planning.change(store, unit(geometry=shapely.box(120, 36, 121, 37)), Y2015, BY)
    )
    stale = replace(BY, expected={"990101": 1})
    plan = planning.merge(store, ["990101", "990102"], unit("990103", "丙区"), Y2020, stale)
    before = store.log_mark()
    with pytest.raises(Conflict) as caught:
        carry_out(store, plan)
    assert caught.value.code == "version_stale"
    assert store.log_mark() == before


def test_a_plan_overtaken_by_another_act_is_refused(store: Store) -> None:
    made(store, unit())
    plan = planning.retire(store, UNITS, "990101", Y2020, BY)
    carry_out(store, planning.rename(store, "990101", unit(name="丁区"), Y2015, BY))
    with pytest.raises(Conflict):
        carry_out(store, plan)
    assert names(store, Y2024) == {"990101": "丁区"}


def test_a_trial_does_all_but_keeps_nothing(store: Store) -> None:
    made(store, unit())
    before = store.log_mark()
    plan = planning.split(
        store, "990101", (unit("990102", "乙区"), unit("990103", "丙区")), Y2020, BY
    )
    tried = carry_out(store, plan, dry_run=True)
    assert (len(tried.changes), tried.entries) == (3, ())
    assert store.log_mark() == before
    assert carry_out(store, plan).event == tried.event


def test_undoing_gives_the_former_values_back_and_keeps_what_was_believed(store: Store) -> None:
    made(store, unit(), unit("990102", "乙区"))
    into = unit(name="甲乙区")
    done = carry_out(store, planning.merge(store, ["990101", "990102"], into, Y2020, BY))
    believed = done.entries[0].recorded_at
    by = Signed(actor="经办人乙", reason="录入有误")
    undone = carry_out(store, mending.undo(store, done.event, by))
    for day in (Y2015, Y2024):
        assert names(store, day) == {"990101": "甲区", "990102": "乙区"}
    assert names(store, Y2024, believed) == {"990101": "甲乙区"}
    assert {entry.operation for entry in undone.entries} == {Operation.CORRECT}
    carry_out(store, mending.undo(store, undone.event, by))
    assert names(store, Y2024) == {"990101": "甲乙区"}
    assert store.verify().sound


def test_what_has_moved_on_cannot_be_undone(store: Store) -> None:
    made(store, unit())
    done = carry_out(store, planning.rename(store, "990101", unit(name="丁区"), Y2015, BY))
    carry_out(store, planning.retire(store, UNITS, "990101", Y2020, BY))
    assert refusal(mending.undo, store, done.event, BY) == "register_changed_since"


def test_a_creation_undone_was_never_valid_and_is_still_known(store: Store) -> None:
    done = carry_out(store, planning.create(store, unit(), BY))
    believed = done.entries[0].recorded_at
    by = Signed(actor="经办人乙", reason="录入有误")
    undone = carry_out(store, mending.undo(store, done.event, by))
    assert names(store, Y2015) == {}
    assert names(store, Y2015, believed) == {"990101": "甲区"}
    assert [entry.operation for entry in undone.entries] == [Operation.VOID]
    carry_out(store, mending.undo(store, undone.event, by))
    assert names(store, Y2015) == {"990101": "甲区"}
    assert store.verify().sound


def test_a_split_is_undone_as_one_act_and_again_done(store: Store) -> None:
    made(store, unit())
    parts = (unit("990102", "乙区"), unit("990103", "丙区"))
    done = carry_out(store, planning.split(store, "990101", parts, Y2020, BY))
    undone = carry_out(store, mending.undo(store, done.event, BY))
    assert names(store, Y2015) == names(store, Y2024) == {"990101": "甲区"}
    carry_out(store, mending.undo(store, undone.event, BY))
    assert names(store, Y2024) == {"990102": "乙区", "990103": "丙区"}
    assert names(store, Y2015) == {"990101": "甲区"}


def test_an_act_undone_before_is_not_undone_again(store: Store) -> None:
    done = carry_out(store, planning.create(store, unit(), BY))
    undone = carry_out(store, mending.undo(store, done.event, BY))
    before = store.log_mark()
    again = carry_out(store, mending.undo(store, done.event, BY))
    assert (again.event, again.changes, again.plan.already) == (undone.event, (), undone.event)
    assert store.log_mark() == before


def test_a_record_entered_in_error_is_annulled_with_all_its_versions(store: Store) -> None:
    made(store, unit())
    carry_out(store, planning.rename(store, "990101", unit(name="甲市"), Y2020, BY))
    believed = store.log_mark().recorded_at
    by = Signed(actor="经办人乙", reason="重复录入")
    done = carry_out(store, mending.void(store, UNITS, "990101", by))
    assert [entry.operation for entry in done.entries] == [Operation.VOID] * 2
    assert (names(store, Y2015), names(store, Y2024)) == ({}, {})
    assert names(store, Y2024, believed) == {"990101": "甲市"}
    again = carry_out(store, mending.void(store, UNITS, "990101", by))
    assert (again.event, again.entries) == (done.event, ())
    carry_out(store, mending.undo(store, done.event, by))
    assert (names(store, Y2015), names(store, Y2024)) == ({"990101": "甲区"}, {"990101": "甲市"})
    carry_out(store, mending.void(store, UNITS, "990101", by, Y2024))
    assert (names(store, Y2015), names(store, Y2024)) == ({"990101": "甲区"}, {})


def test_what_was_annulled_can_be_registered_anew(store: Store) -> None:
    made(store, unit())
    carry_out(store, mending.void(store, UNITS, "990101", BY))
    made(store, unit(name="新区"))
    assert names(store, Y2015) == {"990101": "新区"}
    assert store.version(UNITS, "990101") == 3


def test_annulling_is_refused_to_who_saw_an_older_version(store: Store) -> None:
    made(store, unit())
    carry_out(store, planning.rename(store, "990101", unit(name="甲市"), Y2020, BY))
    stale = replace(BY, expected={"990101": 1})
    with pytest.raises(Conflict):
        carry_out(store, mending.void(store, UNITS, "990101", stale))
    assert refusal(mending.void, store, UNITS, "990109", BY) == "record_not_found"
    assert refusal(mending.void, store, UNITS, "990101", replace(BY, reason="")) == (
        "register_unsigned"
    )


def test_a_correction_needs_no_document_but_a_record(store: Store) -> None:
    by = Signed(actor="甲", reason="错字")
    with pytest.raises(NotFound):
        mending.correct(store, unit(), by)
    made(store, unit())
    carry_out(store, mending.correct(store, unit(name="申区"), by))
    assert names(store, Y2010) == {"990101": "申区"}
    with pytest.raises(InputError):
        mending.correct(store, unit(), replace(by, reason=""))


def test_the_verdict_on_a_new_name_is_kept_beside_it_and_bars_nothing(store: Store) -> None:
    profile = city("990100")
    made(store, road(unit_code=DivisionCode("990101")))
    plan = planning.create(
        store, road("R-2", unit_code=DivisionCode("990101"), period=Period(Y2024)), BY
    )
    (told,) = evidence_for(plan, profile, store)
    assert told.verdict is not None
    assert told.verdict.findings, "a second road of one name in one district"
    done = carry_out(store, plan, (told,))
    basis = basis_of(done.entries[0])
    assert basis is not None
    assert basis.check == told.word
    assert told.verdict.findings[0].rule_id in basis.check
    assert basis.document_no == "示例文 1 号"


def test_a_name_of_a_day_without_law_is_said_to_be_unexamined(store: Store) -> None:
    plan = planning.create(store, road(period=Period(date(1950, 1, 1))), BY)
    (told,) = evidence_for(plan, city("990100"), store)
    assert (told.verdict, told.word) == (None, "none:day_without_law")


def test_a_verdict_kept_beside_an_act_is_worded() -> None:
    kept = "pass;review:NM-DUP-01,NM-SND-02"
    assert kept_text(kept, "zh") == "未发现问题; 须人工审查 (NM-DUP-01, NM-SND-02)"
    assert kept_text("none:day_without_law", "en") == "not checked (day_without_law)"


def test_a_name_kept_is_not_examined_again(store: Store) -> None:
    made(store, road())
    plan = planning.change(store, road(meaning="以山得名"), Y2015, BY)
    assert evidence_for(plan, city("990100"), store) == ()


def test_what_is_left_behind_and_codes_not_in_force_are_told(store: Store) -> None:
    profile = city("990100")
    made(store, unit(), road(unit_code=DivisionCode("990101")))
    gone = advice_on(planning.retire(store, UNITS, "990101", Y2020, BY), profile, store)
    assert ["R-1" in text.zh and "990101" in text.en for text in gone] == [True]
    void = advice_on(mending.void(store, UNITS, "990101", BY), profile, store)
    assert ["R-1" in text.zh and "作废" in text.zh for text in void] == [True]
    stray = road("R-2", unit_code=DivisionCode("990199"))
    (told,) = advice_on(planning.create(store, stray, BY), profile, store)
    assert "990199" in told.zh
    made(store, unit("990199", "戌区"))
    assert advice_on(planning.create(store, stray, BY), profile, store) == ()


def test_an_ordinary_act_has_nothing_to_tell(store: Store) -> None:
    made(store, unit(), unit("990102", "乙区"))
    plan = planning.merge(store, ["990101", "990102"], unit(name="甲乙区"), Y2020, BY)
    assert advice_on(plan, city("990100"), store) == ()


def test_an_approval_that_another_name_does_not_take_over_is_told(store: Store) -> None:
    made(store, road(approved_on=Y2010, document_no="示例文 7 号"))
    known = store.get(PLACES, "R-1", as_of=Y2020)
    slip = altered(PLACES, cast("NamedPlace", known), {"name": "云岺路"}, None)
    told = advice_on(mending.correct(store, slip, BY), city("990100"), store)
    assert any("示例文 7 号" in text.zh for text in told)
    typed = {"name": "云岺路", "document_no": "示例文 7 号"}
    kept = altered(PLACES, cast("NamedPlace", known), typed, None)
    told = advice_on(mending.correct(store, kept, BY), city("990100"), store)
    assert not any("示例文 7 号" in text.zh for text in told)
