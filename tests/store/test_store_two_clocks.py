"""The two clocks: stated examples, then random histories against a model that counts days."""

from __future__ import annotations

import random
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.period import Period
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Provenance
from geo_service.errors import Conflict, InputError, NotFound
from geo_service.store.opening import open_store

PLACES = RecordKind.PLACE_NAMES
Y2000, Y2010, Y2020, Y2030 = (date(year, 1, 1) for year in (2000, 2010, 2020, 2030))


def name_on(store, day, known_at=None):
    try:
        return store.get(PLACES, "P-1", as_of=day, known_at=known_at).name
    except NotFound:
        return None


def test_a_correction_holds_for_the_same_days_and_the_old_belief_stays_known(
    store, write, build, clock
):
    write(build.place(name="误名", period=Period(Y2000)))
    believed = clock.now
    write(build.change(build.place(name="正名", period=Period(Y2000)), Operation.CORRECT, 1))
    assert name_on(store, Y2010) == "正名"
    assert name_on(store, Y2010, believed) == "误名"
    assert name_on(store, Y2010, believed - timedelta(minutes=1)) is None


def test_a_revision_closes_the_former_value_at_its_own_start(store, write, build, clock):
    write(build.place(name="旧名", period=Period(Y2000)))
    believed = clock.now
    write(build.change(build.place(name="新名", period=Period(Y2020)), Operation.REVISE, 1))
    assert [name_on(store, day) for day in (Y2000, Y2010, Y2020, Y2030)] == [
        "旧名", "旧名", "新名", "新名",
    ]  # fmt: skip
    assert store.get(PLACES, "P-1", as_of=Y2010).period == Period(Y2000, Y2020)
    assert name_on(store, Y2030, believed) == "旧名", "in that moment nobody knew of the change"


def test_a_former_version_can_be_corrected_without_touching_the_present_one(store, write, build):
    write(build.place(name="旧名", period=Period(Y2000)))
    write(build.change(build.place(name="新名", period=Period(Y2020)), Operation.REVISE, 1))
    mended = build.place(name="旧名（更正）", period=Period(Y2000, Y2020))
    write(build.change(mended, Operation.CORRECT, 2))
    assert name_on(store, Y2010) == "旧名（更正）"
    assert name_on(store, Y2030) == "新名"
    assert store.version(PLACES, "P-1") == 3


def test_retiring_ends_validity_and_deletes_nothing(store, write, build):
    write(build.place(period=Period(Y2000)))
    write(build.change(build.place(period=Period(Y2000, Y2020)), Operation.RETIRE, 1))
    assert name_on(store, Y2010) == "香港中路"
    assert name_on(store, Y2020) is None
    assert store.count(PLACES, as_of=Y2010) == 1
    assert store.count(PLACES, as_of=Y2020) == 0


def test_a_retired_record_can_come_back_later(store, write, build):
    write(build.place(period=Period(Y2000)))
    write(build.change(build.place(period=Period(Y2000, Y2010)), Operation.RETIRE, 1))
    write(build.change(build.place(name="复名", period=Period(Y2020)), Operation.REVISE, 2))
    assert [name_on(store, day) for day in (Y2000, Y2010, Y2020)] == ["香港中路", None, "复名"]


@pytest.mark.parametrize(
    "case",
    [
        (Operation.REVISE, Period(None, Y2030), "revision_without_start"),
        (Operation.REVISE, Period(Y2000), "revision_overlaps"),
        (Operation.REVISE, Period(Y2020), "revision_overlaps"),
        (Operation.CORRECT, Period(Y2010), "correction_unclear"),
        (Operation.RETIRE, Period(Y2020), "retirement_without_end"),
        (Operation.RETIRE, Period(Y2000, Y2030), "retirement_unclear"),
        (Operation.VOID, Period(Y2000, Y2010), "annulment_unclear"),
        (Operation.VOID, Period(), "annulment_unclear"),
    ],
)
def test_a_change_that_would_blur_history_is_refused(store, write, build, case):
    operation, period, code = case
    write(build.place(period=Period(Y2000)))
    write(build.change(build.place(name="新名", period=Period(Y2020)), Operation.REVISE, 1))
    with pytest.raises(InputError) as caught:
        write(build.change(build.place(period=period), operation, 2))
    assert caught.value.code == code
    assert store.version(PLACES, "P-1") == 2


def test_what_was_annulled_never_held_and_the_old_belief_stays_known(store, write, build, clock):
    write(build.place(name="误录", period=Period(Y2000)))
    believed = clock.now
    write(build.change(build.place(name="误录", period=Period(Y2000)), Operation.VOID, 1))
    assert name_on(store, Y2010) is None
    assert name_on(store, Y2010, believed) == "误录"
    assert (store.count(PLACES, as_of=Y2010), store.version(PLACES, "P-1")) == (0, 2)
    assert store.filed_names(PLACES, limit=10) == []
    write(build.change(build.place(name="正名", period=Period(Y2020)), Operation.REVISE, 2))
    assert [name_on(store, day) for day in (Y2010, Y2020)] == [None, "正名"]
    assert store.verify().sound
    assert store.names_indexed()


def test_a_record_annulled_altogether_can_stand_again_for_the_same_days(store, write, build):
    write(build.place(name="旧名"))
    write(build.change(build.place(name="旧名"), Operation.VOID, 1))
    with pytest.raises(Conflict):
        write(build.place(name="新名"))
    write(build.change(build.place(name="旧名"), Operation.CORRECT, 2))
    assert name_on(store, Y2010) == "旧名"
    store.rebuild()
    assert name_on(store, Y2010) == "旧名"


def test_one_version_is_annulled_without_touching_another(store, write, build):
    write(build.place(period=Period(Y2000, Y2010)))
    write(build.change(build.place(name="误录", period=Period(Y2020)), Operation.REVISE, 1))
    write(build.change(build.place(name="误录", period=Period(Y2020)), Operation.VOID, 2))
    assert [name_on(store, day) for day in (Y2000, Y2020)] == ["香港中路", None]


def test_today_is_the_day_in_china(store, write, build, clock):
    write(build.place(period=Period(date(2024, 3, 2))))
    clock.now = datetime(2024, 3, 1, 15, 0, tzinfo=UTC)  # 23:00 on 1 March in China
    assert store.count(PLACES) == 0
    clock.now = datetime(2024, 3, 1, 17, 0, tzinfo=UTC)  # 01:00 on 2 March in China
    assert store.count(PLACES) == 1


# --- random histories -----------------------------------------------------------------------

DAYS = range(12)
FIRST, LAST = -1, 12
"""Stand for all days before and after those that periods begin or end on."""


def as_day(number: int) -> date:
    return date(2020, 1, 5) + timedelta(days=number)


class Model:
    """One record as a table from day to (version, value): slow, and plain to see through."""

    def __init__(self) -> None:
        self.days: dict[int, tuple[int, str]] = {}
        self.spans: dict[int, tuple[int | None, int | None]] = {}
        self.version = 0

    def _span(self, version: int) -> list[int]:
        return [day for day, (owner, _value) in self.days.items() if owner == version]

    def apply(self, operation: Operation, start: int | None, end: int | None, value: str) -> bool:
        """Do the change; False where it has to be refused."""
        span = [d for d in range(FIRST, LAST + 1)
                if (start is None or d >= start) and (end is None or d < end)]  # fmt: skip
        touched = {self.days[day][0] for day in span if day in self.days}
        standing = {owner for owner, _value in self.days.values()}
        if (operation is Operation.CREATE) != (self.version == 0):
            return False
        if operation is Operation.VOID:
            return self._annul({owner for owner in standing if self.spans[owner] == (start, end)})
        if operation is Operation.CORRECT and standing:
            if not touched and len(standing) == 1:
                touched = standing
            if len(touched) != 1:
                return False
            self._forget(touched, FIRST)
        if operation is Operation.REVISE:
            if start is None or any(min(self._span(owner)) >= start for owner in touched):
                return False
            for owner in touched:
                self.spans[owner] = (self.spans[owner][0], start)
            self._forget(touched, start)
        if operation is Operation.RETIRE:
            last = max(standing, key=lambda owner: min(self._span(owner)), default=None)
            if last is None or end is None or self.spans[last][0] != start:
                return False
            self._forget({last}, FIRST)
        self.version += 1
        self.spans[self.version] = (start, end)
        self.days |= dict.fromkeys(span, (self.version, value))
        return True

    def _annul(self, meant: set[int]) -> bool:
        self._forget(meant, FIRST)
        self.version += len(meant)
        return bool(meant)

    def _forget(self, owners: set[int], since: int) -> None:
        for owner in owners:
            for day in self._span(owner):
                if day >= since:
                    del self.days[day]


edges = st.one_of(st.none(), st.sampled_from(DAYS))
spans = st.tuples(edges, edges).filter(lambda s: None in s or s[0] < s[1])
steps = st.tuples(
    st.sampled_from(["A", "B"]),
    st.sampled_from(Operation),
    spans,
    st.sampled_from([True] * 5 + [False]),
)
SOURCE = Provenance(source="示例")


def attempt(store, models, number, step):
    """Do a step to the store and to the model: both take it, or both refuse it."""
    record_id, operation, (start, end), fresh = step
    model, value = models[record_id], f"名{number}"
    expected = model.version if fresh or number == 0 else model.version + 1
    days = (None if start is None else as_day(start), None if end is None else as_day(end))
    record = NamedPlace(
        id=record_id,
        name=value,
        feature_type=FeatureType.ROAD,
        provenance=SOURCE,
        period=Period(*days),
    )
    change = Change(
        operation=operation, record=record, actor="甲", reason="试", expected_version=expected
    )
    accepted = expected == model.version and model.apply(operation, start, end, value)
    try:
        with store.begin() as work:
            work.append([change])
        assert accepted, "the store took what the model refuses"
    except (Conflict, InputError, NotFound) as error:
        assert not accepted, f"the store refused: {error}"


@settings(max_examples=40, deadline=None)
@given(st.lists(steps, min_size=3, max_size=14))
def test_any_history_reads_as_the_model_says_on_every_day_at_every_moment(history):
    now = datetime(2024, 1, 1, tzinfo=UTC)
    models = {"A": Model(), "B": Model()}
    snapshots = []
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"gpkg:{Path(folder)}/s.gpkg", create=True, clock=lambda: now)
        for number, step in enumerate(history):
            now += timedelta(seconds=1)
            attempt(store, models, number, step)
            snapshots.append((now, {key: dict(model.days) for key, model in models.items()}))
        check(store, snapshots, {key: model.version for key, model in models.items()})
        check_rebuilt(store)
        store.close()


def check(store, snapshots, newest):
    for moment, expected in snapshots:
        for day in range(FIRST, LAST + 1):
            found = store.records(PLACES, as_of=as_day(day), known_at=moment)
            assert {record.id: record.name for record in found} == {
                key: days[day][1] for key, days in expected.items() if day in days
            }
            assert len({record.id for record in found}) == len(found), "no day has two values"
    for key, versions in newest.items():
        assert store.version(PLACES, key) == versions
    filed = {name.period for name in store.filed_names(PLACES, limit=100)}
    assert all(period.start != period.end or period.start is None for period in filed)


def check_rebuilt(store):
    assert store.verify().sound
    before = [store.records(PLACES, as_of=as_day(day)) for day in DAYS]
    store.rebuild()
    assert [store.records(PLACES, as_of=as_day(day)) for day in DAYS] == before
    assert store.verify().sound
    assert store.names_indexed()


# --- a long history, on either store ----------------------------------------------------------

OVERLAPS = """
SELECT a.id, a.fid, b.fid FROM place_names AS a
JOIN place_names AS b ON a.id = b.id AND a.fid < b.fid
WHERE (a.valid_to IS NULL OR b.valid_from IS NULL OR b.valid_from < a.valid_to)
AND (b.valid_to IS NULL OR a.valid_from IS NULL OR a.valid_from < b.valid_to)
AND (a.superseded_at IS NULL OR b.recorded_at < a.superseded_at)
AND (b.superseded_at IS NULL OR a.recorded_at < b.superseded_at)
"""
TRIED = (Operation.CREATE, *[Operation.REVISE] * 6, *[Operation.CORRECT] * 4, *Operation)


def random_step(chance: random.Random, keys: list[str]):
    """More revisions and corrections than anything else, so that histories grow long."""
    start, end = sorted(chance.sample(DAYS, 2))
    span = chance.choice([(None, None), (start, None), (start, None), (None, end), (start, end)])
    return chance.choice(keys), chance.choice(TRIED), span, chance.random() < 0.9


def test_500_random_questions_on_both_clocks_are_answered_as_the_model_says(store, clock):
    chance = random.Random(20240601)  # noqa: S311 - a repeatable draw, no secret
    models = {f"P-{number}": Model() for number in range(6)}
    snapshots = [(clock.now, {})]
    for number in range(320):
        attempt(store, models, number, random_step(chance, list(models)))
        snapshots.append((clock.now, {key: dict(model.days) for key, model in models.items()}))
    assert sum(model.version for model in models.values()) > 50
    answers = []
    for _question in range(500):
        moment, expected = chance.choice(snapshots)
        key, day = chance.choice(list(models)), chance.randint(FIRST, LAST)
        told = expected.get(key, {}).get(day)
        answers.append(told is not None)
        try:
            name = store.get(PLACES, key, as_of=as_day(day), known_at=moment).name
        except NotFound:
            name = None
        assert name == (told and told[1]), (key, day, moment)
    assert 100 < sum(answers) < 500, "both kinds of answers were asked for"
    with store.transaction(write=False) as db:
        assert db.execute(OVERLAPS).fetchall() == []
    check_rebuilt(store)
