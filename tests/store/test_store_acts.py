"""Acts by hand, their lineage and their undoing are the same in every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from geo_service.domain.change import RecordKind
from geo_service.domain.period import Period
from geo_service.errors import Conflict
from geo_service.services.register import mending, planning
from geo_service.services.register.acts import Signed
from geo_service.services.register.lineage import lineage
from geo_service.services.register.writing import carry_out

UNITS = RecordKind.UNITS
Y2000, Y2010, Y2020, Y2024 = (date(year, 1, 1) for year in (2000, 2010, 2020, 2024))
BY = Signed(actor="经办人甲", reason="测试", document_no="示例文 1 号")


def names(store, day):
    return [record.name for record in store.records(UNITS, as_of=day)]


def numbers(store, code):
    found = lineage(store, UNITS, code, as_of=Y2024)
    return [event.number for event in found.predecessors], [e.number for e in found.successors]


def test_acts_are_written_followed_and_undone(store, build):
    whole = build.unit("990101", name="甲区", period=Period(Y2000))
    carry_out(store, planning.create(store, whole, BY))
    parts = [replace(whole, name="甲区"), build.unit("990102", name="乙区")]
    halved = carry_out(store, planning.split(store, "990101", parts, Y2010, BY))
    plan = planning.merge(store, ["990101", "990102"], whole, Y2020, BY)
    before = store.log_mark()
    assert carry_out(store, plan, dry_run=True).entries == ()
    assert store.log_mark() == before
    joined = carry_out(store, plan)
    assert numbers(store, "990101") == ([halved.event, joined.event],) * 2
    assert (names(store, Y2010), names(store, Y2024)) == (["甲区", "乙区"], ["甲区"])
    undone = carry_out(store, mending.undo(store, joined.event, BY))
    assert numbers(store, "990102") == ([halved.event], [])
    assert names(store, Y2024) == ["甲区", "乙区"]
    assert {entry.basis for entry in undone.entries} == {
        f"undo:{undone.event} of:{joined.event} doc:示例文 1 号"
    }
    assert store.verify().sound


def test_a_stale_act_leaves_nothing_behind(store, build):
    for code in ("990101", "990102"):
        record = build.unit(code, name=code, period=Period(Y2000))
        carry_out(store, planning.create(store, record, BY))
    into = build.unit("990103", name="丙区")
    plan = planning.merge(store, ["990101", "990102"], into, Y2020, BY)
    carry_out(store, planning.retire(store, UNITS, "990102", Y2010, BY))
    before = store.log_mark()
    with pytest.raises(Conflict):
        carry_out(store, plan)
    assert store.log_mark() == before
    assert names(store, Y2024) == ["990101"]
