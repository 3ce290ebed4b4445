"""Lineage of units by stated examples; `tests/store/test_store_random_acts.py` draws acts."""

from __future__ import annotations

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
from geo_service.services.register import mending, planning
from geo_service.services.register.acts import Signed
from geo_service.services.register.lineage import Event, lineage
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
    carry_out(store, mending.correct(store, slip, Signed(actor="甲", reason="错字")))
    assert told(lineage(store, UNITS, "990101", as_of=Y2024).predecessors) == [
        ("rename", Y2015, ["甲县"], ["甲市"])
    ]
    then = lineage(store, UNITS, "990101", as_of=Y2024, known_at=believed)
    assert told(then.predecessors) == [("rename", Y2015, ["甲县"], ["申市"])]


def test_an_act_undone_is_not_there_and_done_again_is(store: Store) -> None:
    carry_out(store, planning.create(store, unit("990101", "甲县"), BY))
    done = carry_out(store, planning.rename(store, "990101", unit("990101", "甲市"), Y2015, BY))
    undone = carry_out(store, mending.undo(store, done.event, BY))
    assert lineage(store, UNITS, "990101", as_of=Y2024).predecessors == ()
    carry_out(store, mending.undo(store, undone.event, BY))
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
