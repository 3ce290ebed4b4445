"""Lineage: stated examples, then random acts against a model that carries ancestry forward."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from geo_service.domain.change import RecordKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.identity import DivisionCode
from geo_service.domain.period import Period
from geo_service.domain.provenance import Provenance
from geo_service.errors import NotFound
from geo_service.services.register import planning
from geo_service.services.register.acts import Act, Signed
from geo_service.services.register.lineage import Event, lineage
from geo_service.services.register.planning import Plan
from geo_service.services.register.writing import carry_out
from geo_service.store.opening import open_store
from geo_service.store.protocol import Store

UNITS = RecordKind.UNITS
FIRST = date(2000, 1, 1)
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


def unit(code: str, name: str = "", start: date = FIRST) -> AdministrativeUnit:
    return AdministrativeUnit(
        code=DivisionCode(code),
        name=name or f"{code[-2:]} 区",
        provenance=Provenance(source="示例"),
        period=Period(start),
    )


def told(events: tuple[Event, ...]) -> list[tuple[str, date, list[str], list[str]]]:
    return [
        (event.act.value, event.day, [n.name for n in event.before], [n.name for n in event.after])
        for event in events
    ]


def test_a_unit_is_followed_through_renaming_split_and_merge(store: Store) -> None:
    for record in (unit("990101", "甲县"), unit("990102", "乙县")):
        carry_out(store, planning.create(store, record, BY))
    carry_out(store, planning.rename(store, "990101", unit("990101", "甲市"), Y2010, BY))
    parts = [unit("990101", "甲市"), unit("990103", "丙区")]
    carry_out(store, planning.split(store, "990101", parts, Y2015, BY))
    into = unit("990104", "丁区")
    carry_out(store, planning.merge(store, ["990102", "990103"], into, Y2020, BY))

    renamed = ("rename", Y2010, ["甲县"], ["甲市"])
    halved = ("split", Y2015, ["甲市"], ["甲市", "丙区"])
    joined = ("merge", Y2020, ["乙县", "丙区"], ["丁区"])
    now = lineage(store, UNITS, "990104", as_of=Y2024)
    assert told(now.predecessors) == [renamed, halved, joined]
    assert now.successors == ()
    origin = lineage(store, UNITS, "990101", as_of=Y2024)
    assert told(origin.predecessors) == [renamed, halved]
    assert told(origin.successors) == [renamed, halved, joined]
    other = lineage(store, UNITS, "990102", as_of=Y2024)
    assert (told(other.predecessors), told(other.successors)) == ([], [joined])


def test_before_its_day_nobody_could_tell_of_an_act(store: Store) -> None:
    carry_out(store, planning.create(store, unit("990101", "甲县"), BY))
    carry_out(store, planning.rename(store, "990101", unit("990105", "甲市"), Y2020, BY))
    assert lineage(store, UNITS, "990101", as_of=Y2015).successors == ()
    assert len(lineage(store, UNITS, "990101", as_of=Y2020).successors) == 1
    with pytest.raises(NotFound):
        lineage(store, UNITS, "990105", as_of=Y2015)


def test_a_correction_moves_the_day_and_the_name_and_the_old_belief_stays_known(
    store: Store,
) -> None:
    carry_out(store, planning.create(store, unit("990101", "甲县"), BY))
    done = carry_out(store, planning.rename(store, "990101", unit("990101", "申市"), Y2015, BY))
    believed = done.entries[0].recorded_at
    slip = unit("990101", "甲市", Y2015)
    carry_out(store, planning.correct(store, slip, Signed(actor="甲", reason="错字")))
    assert told(lineage(store, UNITS, "990101", as_of=Y2024).predecessors) == [
        ("rename", Y2015, ["甲县"], ["甲市"])
    ]
    then = lineage(store, UNITS, "990101", as_of=Y2024, known_at=believed)
    assert told(then.predecessors) == [("rename", Y2015, ["甲县"], ["申市"])]


def test_an_act_undone_is_not_there_and_done_again_is(store: Store) -> None:
    carry_out(store, planning.create(store, unit("990101", "甲县"), BY))
    done = carry_out(store, planning.rename(store, "990101", unit("990101", "甲市"), Y2015, BY))
    undone = carry_out(store, planning.undo(store, done.event, BY))
    assert lineage(store, UNITS, "990101", as_of=Y2024).predecessors == ()
    carry_out(store, planning.undo(store, undone.event, BY))
    assert told(lineage(store, UNITS, "990101", as_of=Y2024).predecessors) == [
        ("rename", Y2015, ["甲县"], ["甲市"])
    ]


def test_a_code_used_again_does_not_inherit_from_its_former_bearer(store: Store) -> None:
    carry_out(store, planning.create(store, unit("990101", "甲县"), BY))
    carry_out(store, planning.rename(store, "990101", unit("990102", "甲市"), Y2010, BY))
    carry_out(store, planning.retire(store, UNITS, "990102", Y2015, BY))
    carry_out(store, planning.create(store, unit("990102", "新区", Y2020), BY))
    assert lineage(store, UNITS, "990102", as_of=Y2024).predecessors == ()
    assert len(lineage(store, UNITS, "990102", as_of=Y2015).predecessors) == 1


def test_what_befell_the_rest_after_a_split_is_not_behind_the_part(store: Store) -> None:
    carry_out(store, planning.create(store, unit("990101", "甲县"), BY))
    parts = [unit("990101", "甲县"), unit("990102", "乙区")]
    halved = carry_out(store, planning.split(store, "990101", parts, Y2010, BY))
    renamed = carry_out(store, planning.rename(store, "990101", unit("990101", "甲市"), Y2020, BY))
    part = lineage(store, UNITS, "990102", as_of=Y2024)
    assert [event.number for event in part.predecessors] == [halved.event]
    rest = lineage(store, UNITS, "990101", as_of=Y2024)
    assert [event.number for event in rest.predecessors] == [halved.event, renamed.event]


def test_a_code_given_anew_on_the_day_it_became_free_is_another_unit(store: Store) -> None:
    carry_out(store, planning.create(store, unit("990101", "甲县"), BY))
    carry_out(store, planning.rename(store, "990101", unit("990102", "甲市"), Y2010, BY))
    carry_out(store, planning.retire(store, UNITS, "990102", Y2020, BY))
    carry_out(store, planning.create(store, unit("990102", "新区", Y2020), BY))
    assert lineage(store, UNITS, "990102", as_of=Y2024).predecessors == ()


# --- random acts ------------------------------------------------------------------------------


class Model:
    """Ancestry carried forward day by day: no log, no versions, no walking back.

    Every use of a code is a life. `behind` holds, by code in force, its life and what lies behind
    it: lives and events.
    """

    def __init__(self) -> None:
        self.behind: dict[str, tuple[int, frozenset[int], frozenset[int]]] = {}
        self.snapshots: list[
            tuple[date, dict[str, tuple[int, frozenset[int], frozenset[int]]]]
        ] = []
        self.events: list[tuple[date, int, frozenset[int]]] = []
        self.lives = 0

    def act(self, day: date, number: int, before: list[str], after: list[str]) -> None:
        lives = frozenset[int]().union(*(self.behind[code][1] for code in before))
        events = frozenset[int]((number,)).union(*(self.behind[code][2] for code in before))
        self.events.append((day, number, lives))
        going_on = {code: self.behind.pop(code)[0] for code in before}
        for code in after:
            life = going_on.get(code) or self._new_life()
            self.behind[code] = (life, lives | {life}, events)
        self._keep(day)

    def begin(self, day: date, code: str) -> None:
        life = self._new_life()
        self.behind[code] = (life, frozenset((life,)), frozenset())
        self._keep(day)

    def end(self, day: date, code: str) -> None:
        del self.behind[code]
        self._keep(day)

    def _new_life(self) -> int:
        self.lives += 1
        return self.lives

    def _keep(self, day: date) -> None:
        self.snapshots.append((day, dict(self.behind)))

    def told_on(self, day: date) -> dict[str, tuple[int, frozenset[int], frozenset[int]]]:
        """All codes used until the day, each as it was last."""
        found: dict[str, tuple[int, frozenset[int], frozenset[int]]] = {}
        for when, state in self.snapshots:
            if when <= day:
                found |= state
        return found

    def ahead(self, life: int, day: date) -> set[int]:
        """Events until the day that have the life behind them."""
        return {number for when, number, lives in self.events if when <= day and life in lives}


CODES = [f"9901{number:02d}" for number in range(1, 13)]
WEIGHTS = {Act.CREATE: 1, Act.RETIRE: 1, Act.RENAME: 3, Act.MOVE: 1, Act.SPLIT: 4, Act.MERGE: 3}
"""How often an act is tried: units must live long enough for more to befall them."""


def _random_plan(  # noqa: PLR0911 - one line for each act
    store: Store, chance: random.Random, living: list[str], day: date
) -> tuple[Plan, list[str], list[str]] | None:
    """One act on a day, what it takes and what it leaves; None where nothing can be done."""
    free = [code for code in CODES if code not in living]
    chance.shuffle(free)
    chance.shuffle(living)
    stays = living[0] if not free or chance.random() < 0.7 else free[0]
    match chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]:
        case Act.CREATE if free:
            return planning.create(store, unit(free[0], start=day), BY), [], free[:1]
        case Act.RETIRE if len(living) > 3:
            return planning.retire(store, UNITS, living[0], day, BY), living[:1], []
        case Act.RENAME if living:
            record = unit(stays, f"{day:%j} 区")
            return planning.rename(store, living[0], record, day, BY), living[:1], [stays]
        case Act.MOVE if living and free:
            return planning.move(store, living[0], unit(free[0]), day, BY), living[:1], free[:1]
        case Act.SPLIT if living and len(free) > 1:
            after = [stays, free[1]]
            parts = [unit(code) for code in after]
            return planning.split(store, living[0], parts, day, BY), living[:1], after
        case Act.MERGE if len(living) > 3 and free:
            before = living[:2]
            return planning.merge(store, before, unit(stays), day, BY), before, [stays]
    return None


def _play(store: Store, chance: random.Random, acts: int) -> Model:
    model = Model()
    day = FIRST
    for code in CODES[:4]:
        carry_out(store, planning.create(store, unit(code), BY))
        model.begin(day, code)
    for _ in range(acts):
        day += timedelta(days=chance.randint(1, 40))
        chosen = _random_plan(store, chance, sorted(model.behind), day)
        if chosen is None:
            continue
        plan, before, after = chosen
        done = carry_out(store, plan)
        if before and after:
            model.act(day, done.event, before, after)
        elif after:
            model.begin(day, after[0])
        else:
            model.end(day, before[0])
    return model


@pytest.mark.parametrize("seed", range(5))
def test_random_acts_are_told_as_a_model_carries_them_forward(store: Store, seed: int) -> None:
    """150 random questions a seed, each for both directions, also of units that had ended."""
    chance = random.Random(seed)  # noqa: S311 - a repeatable draw, no secret
    model = _play(store, chance, acts=60)
    last = model.snapshots[-1][0]
    for _ in range(150):
        day = FIRST + timedelta(days=chance.randint(0, (last - FIRST).days))
        told_on = model.told_on(day)
        code = chance.choice(sorted(told_on))
        life, _lives, events = told_on[code]
        found = lineage(store, UNITS, code, as_of=day)
        assert {event.number for event in found.predecessors} == events, (code, day)
        assert {event.number for event in found.successors} == model.ahead(life, day), (code, day)
