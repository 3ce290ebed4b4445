"""Random acts, undone, done again and annulled, against a model that carries ancestry forward.

Every question is put as of a day in the world and as known at a moment of the register.
"""

from __future__ import annotations

import random
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest

from geo_service.domain.change import RecordKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.identity import DivisionCode
from geo_service.domain.period import Period
from geo_service.domain.provenance import Provenance
from geo_service.services.register import mending, planning
from geo_service.services.register.acts import Act, Signed
from geo_service.services.register.changes import Manner, changes_between
from geo_service.services.register.lineage import lineage
from geo_service.services.register.planning import Plan
from geo_service.services.register.versions import replay
from geo_service.services.register.writing import carry_out
from geo_service.store.protocol import Store

UNITS = RecordKind.UNITS
FIRST, DAY = date(2000, 1, 1), timedelta(days=1)
BY = Signed(actor="经办人甲", reason="测试", document_no="示例文 1 号")


def unit(code: str, name: str = "", start: date = FIRST) -> AdministrativeUnit:
    return AdministrativeUnit(
        code=DivisionCode(code),
        name=name or f"{code[-2:]} 区",
        provenance=Provenance(source="示例"),
        period=Period(start),
    )


Told = dict[str, tuple[int, frozenset[int], frozenset[int]]]
"""By code in force: its life, and what lies behind it, lives and events."""


@dataclass(frozen=True)
class Happened:
    """An act: its day and number, all lives behind what it began from, and what it left."""

    day: date
    number: int
    lives: frozenset[int]
    before: frozenset[int]
    after: frozenset[int]


class Model:
    """Ancestry carried forward day by day: no log, no versions, no walking back.

    Every use of a code is a life.
    """

    def __init__(self) -> None:
        self.behind: Told = {}
        self.snapshots: list[tuple[date, Told]] = []
        self.events: list[Happened] = []
        self.lives = 0
        self.annulled: set[int] = set()

    def act(self, day: date, number: int, before: list[str], after: list[str]) -> None:
        lives = frozenset[int]().union(*(self.behind[code][1] for code in before))
        events = frozenset[int]((number,)).union(*(self.behind[code][2] for code in before))
        going_on = {code: self.behind.pop(code)[0] for code in before}
        for code in after:
            life = going_on.get(code) or self._new_life()
            self.behind[code] = (life, lives | {life}, events)
        left = frozenset(self.behind[code][0] for code in after)
        self.events.append(Happened(day, number, lives, frozenset(going_on.values()), left))
        self._keep(day)

    def begin(self, day: date, code: str) -> None:
        life = self._new_life()
        self.behind[code] = (life, frozenset((life,)), frozenset())
        self._keep(day)

    def end(self, day: date, code: str) -> None:
        del self.behind[code]
        self._keep(day)

    def annullable(self) -> list[str]:
        """Codes of one life only that nothing else came from."""
        ever: dict[str, set[int]] = {}
        others: set[int] = set()
        for _day, state in self.snapshots:
            for code, (life, lives, _events) in state.items():
                ever.setdefault(code, set()).add(life)
                others |= lives - {life}
        return [
            code
            for code, (life, _, _) in sorted(self.behind.items())
            if ever[code] == {life} and life not in others
        ]

    def annul(self, code: str) -> None:
        """The life never was, nor what befell it alone."""
        life = self.behind.pop(code)[0]
        self.snapshots = [
            (day, {c: told for c, told in state.items() if told[0] != life})
            for day, state in self.snapshots
        ]
        self.annulled |= {life}
        self.events = [e for e in self.events if not e.after <= self.annulled]

    def _new_life(self) -> int:
        self.lives += 1
        return self.lives

    def _keep(self, day: date) -> None:
        self.snapshots.append((day, dict(self.behind)))

    def in_force(self, day: date) -> set[str]:
        state: Told = {}
        for when, then in self.snapshots:
            state = then if when <= day else state
        return set(state)

    def told_on(self, day: date) -> Told:
        """All codes used until the day, each as it was last."""
        found: Told = {}
        for when, state in self.snapshots:
            if when <= day:
                found |= state
        return found

    def ahead(self, life: int, day: date) -> set[int]:
        """Events until the day that have the life behind them."""
        return {e.number for e in self.events if e.day <= day and life in e.lives}


CODES = [f"9901{number:02d}" for number in range(1, 13)]
WEIGHTS = {Act.CREATE: 1, Act.RETIRE: 1, Act.RENAME: 3, Act.MOVE: 1, Act.SPLIT: 4, Act.MERGE: 3}
"""How often an act is tried: units must live long enough for more to befall them."""


def random_plan(  # noqa: PLR0911 - one line for each act
    store: Store, chance: random.Random, living: list[str], day: date
) -> tuple[Plan, list[str], list[str]] | None:
    """One act on a day, what it takes and what it leaves; None where nothing can be done."""
    free = [code for code in CODES if code not in living]
    chance.shuffle(free)
    chance.shuffle(living)
    stays = living[0] if living and (not free or chance.random() < 0.7) else free[0]
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


@dataclass
class Game:
    """The model as it stands, as it was at every moment, and the acts that can be taken back."""

    model: Model
    moments: list[tuple[datetime, Model]]
    done: list[tuple[int, Model]]
    undone: tuple[int, Model] | None = None
    annulled: int = 0
    taken_back: int = 0
    done_again: int = 0


def mend(store: Store, chance: random.Random, game: Game) -> None:
    """Undo the last act, do again what was undone last, or annul a unit."""
    what = chance.random()
    if what < 0.5 and game.done:
        event, before = game.done.pop()
        after = game.model
        done = carry_out(store, mending.undo(store, event, BY))
        game.model, game.undone = deepcopy(before), (done.event, after)
        game.taken_back += 1
        return
    if what < 0.75 and game.undone is not None:
        event, after = game.undone
        carry_out(store, mending.undo(store, event, BY))
        # The act can be undone once more, but by the number of what did it again.
        game.done, game.undone, game.model = [], None, deepcopy(after)
        game.done_again += 1
        return
    codes = game.model.annullable()
    if codes:
        code = chance.choice(codes)
        carry_out(store, mending.void(store, UNITS, code, BY))
        game.model.annul(code)
        # What befell others with it cannot be taken back behind the annulment's back.
        game.done, game.undone = [], None
        game.annulled += 1


def play(store: Store, chance: random.Random, acts: int) -> Game:
    game, day = Game(Model(), [], []), FIRST
    for code in CODES[:4]:
        carry_out(store, planning.create(store, unit(code), BY))
        game.model.begin(day, code)
    for _ in range(acts):
        if chance.random() < 0.25:
            mend(store, chance, game)
        else:
            day += timedelta(days=chance.randint(1, 40))
            chosen = random_plan(store, chance, sorted(game.model.behind), day)
            if chosen is None:
                continue
            plan, before, after = chosen
            game.done.append((carry_out(store, plan).event, deepcopy(game.model)))
            game.undone = None
            if before and after:
                game.model.act(day, game.done[-1][0], before, after)
            elif after:
                game.model.begin(day, after[0])
            else:
                game.model.end(day, before[0])
        newest = store.log_mark().recorded_at
        assert newest is not None
        game.moments.append((newest, deepcopy(game.model)))
    return game


@pytest.mark.parametrize("seed", range(5))
def test_random_acts_are_told_as_a_model_carries_them_forward(store: Store, seed: int) -> None:
    """150 random questions a seed, each for both directions, also of units that had ended."""
    chance = random.Random(seed)  # noqa: S311 - a repeatable draw, no secret
    game = play(store, chance, acts=80)
    assert min(game.taken_back, game.annulled) > 0
    for _ in range(150):
        moment, model = chance.choice(game.moments)
        last = model.snapshots[-1][0]
        day = FIRST + timedelta(days=chance.randint(0, (last - FIRST).days))
        held = store.records(UNITS, as_of=day, known_at=moment)
        assert {record.id for record in held} == model.in_force(day), (day, moment)
        told_on = model.told_on(day)
        code = chance.choice(sorted(told_on))
        life, _lives, events = told_on[code]
        found = lineage(store, UNITS, code, as_of=day, known_at=moment)
        assert {e.number for e in found.predecessors} == events, (code, day, moment)
        assert {e.number for e in found.successors} == model.ahead(life, day), (code, day, moment)
    for _ in range(10):
        days = sorted(FIRST + timedelta(days=chance.randint(0, 1500)) for _ in range(2))
        what_happened_leads_from_one_state_to_the_other(store, days[0], days[1] + DAY)
    whole_and_repeatable(store)


def what_happened_leads_from_one_state_to_the_other(store: Store, first: date, last: date) -> None:
    found = changes_between(store, DivisionCode("990100"), (first, last), plane_epsg=4549)
    held = {record.id for record in store.records(UNITS, as_of=first)}
    for one in (one for of in found for one in of.happened):
        if one.manner is Manner.BEGAN:
            assert one.record.id not in held
            held.add(one.record.id)
        else:
            assert one.record.id in held
            held -= {one.record.id} if one.manner is Manner.ENDED else set()
    assert held == {record.id for record in store.records(UNITS, as_of=last)}


def whole_and_repeatable(store: Store) -> None:
    """No day has two values, and the tables written anew from the log are those that stand."""
    for code in CODES:
        periods = [version.period for version in replay(store, UNITS, code).standing]
        assert not any(
            one.intersects(other) for n, one in enumerate(periods) for other in periods[:n]
        )
    assert store.verify().sound
    days = [FIRST + timedelta(days=30 * n) for n in range(60)]
    before = [store.records(UNITS, as_of=day) for day in days]
    store.rebuild()
    assert [store.records(UNITS, as_of=day) for day in days] == before
    assert store.verify().sound
