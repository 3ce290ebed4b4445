"""Stored verdicts asked again: the same years later, and what a changed rule turns over."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo_service.cities import city
from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus
from geo_service.domain.proposal import FeatureFacts, RoadClass
from geo_service.domain.provenance import Provenance
from geo_service.errors import InputError, NotFound
from geo_service.rules.base import Rule
from geo_service.rules.engine import rules_of
from geo_service.rules.names import Standing
from geo_service.services.accepted_pairs import accept_pair
from geo_service.services.name_batch import answered, batch_of, line_of
from geo_service.services.name_record import kept_verdicts, recorded
from geo_service.services.name_replay import Replay, Replayed, stored_verdicts
from geo_service.services.name_sheet import NameRow
from geo_service.services.names import NameRequest
from geo_service.services.register_then import as_known
from geo_service.services.wire import Json
from geo_service.store import protocol
from geo_service.store.log import GENESIS
from geo_service.store.opening import open_store
from geo_service.store.protocol import LogMark, Store

QINGDAO = city("370200")
ROAD, ESTATE, BUILDING = FeatureType.ROAD, FeatureType.ESTATE, FeatureType.BUILDING
SPECIFICS = (
    "云霄",
    "云肖",
    "云陵",
    "云宁",
    "海澜",
    "海兰",
    "曼哈顿",
    "霄云",
    "环球",
    "壹号",
    "望海",
    "听涛",
    "澄波",
    "碧湖",
    "龙泉",
    "龙全",
    "新云霄",
    "青岛云霄",
    "皇庭",
    "宇宙",
    "规划二",
    "99",
    "EE",
    "淼岚",
    "鳌岭",
    "福新",
)
GENERICS = ((ROAD, "路"), (ROAD, "街"), (ESTATE, "花园"), (ESTATE, "广场"), (BUILDING, "大厦"))
DAYS = (date(2019, 3, 1), date(2021, 6, 1), date(2024, 6, 1), date(2026, 11, 1))


class Ticking:
    """A clock that moves on by one second at each look."""

    def __init__(self) -> None:
        self.now = datetime(2024, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def registered(name: str, kind: FeatureType, **fields: Any) -> NamedPlace:
    told = {"id": f"R-{name}", "unit_code": DivisionCode("370202"), **fields}
    return NamedPlace(name=name, feature_type=kind, provenance=Provenance("test"), **told)


def write(store: Store, *places: NamedPlace, operation: Operation = Operation.CREATE) -> None:
    version = 1 if operation is Operation.CORRECT else 0
    with store.begin() as work:
        work.append(
            Change(
                operation=operation,
                record=place,
                actor="test",
                reason="test",
                expected_version=version,
            )
            for place in places
        )


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("replay") / "register.gpkg"
    store = open_store(f"gpkg:{path}", create=True, clock=Ticking())
    write(
        store,
        registered("云霄路", ROAD, geometry=shapely.Point(120.35, 36.05)),
        registered("云灵路", ROAD),
        registered("海澜花园", ESTATE, geometry=shapely.Point(120.35, 36.06)),
        registered("望海路", ROAD, status=NameStatus.REFUSED, document_no="1号"),
        registered("龙权大厦", BUILDING, status=NameStatus.RESERVED),
    )
    yield store
    store.close()


def requests() -> list[NameRequest]:
    asked = [
        NameRequest(
            specific + generic,
            kind,
            standing,
            day,
            (120.351, 36.05) if kind is ROAD else None,
            DivisionCode("370202"),
            facts=FeatureFacts(site_area_m2=900, road_class=RoadClass.LANE),
        )
        for specific, (kind, generic), standing, day in product(
            SPECIFICS, GENERICS, (Standing.PROPOSED, Standing.EXISTING), DAYS
        )
    ]
    return asked[:1000]


@pytest.fixture(scope="module")
def kept(register: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A thousand verdicts, kept as the commands keep them."""
    path = tmp_path_factory.mktemp("kept") / "verdicts.jsonl"
    batch = batch_of(QINGDAO, register)
    with kept_verdicts(path) as keep:
        for number, asked in enumerate(requests()):
            (answer,) = answered([NameRow(number, asked)], batch)
            keep(line_of(answer, batch, "zh"))
    return path


def again(register: Store, lines: list[Json], rule: str = "") -> list[Replayed]:
    return list(Replay(QINGDAO, register).all(lines, rule))


def test_a_thousand_verdicts_are_the_same_again(register: Store, kept: Path) -> None:
    lines = stored_verdicts(kept)
    assert len(lines) == 1000
    assert {line["verdict"] for line in lines} == {"pass", "review", "fail"}
    assert any(line["near"] for line in lines)
    rows = again(register, lines)
    assert [row.line for row in rows if not row.identical] == []


def test_the_register_may_move_on(register: Store, kept: Path) -> None:
    lines = stored_verdicts(kept)[::25]
    write(register, registered("海澜大厦", BUILDING), registered("新云陵路", ROAD))
    moved = registered("云霄路", ROAD, unit_code=DivisionCode("370283"))
    write(register, moved, operation=Operation.CORRECT)
    accept_pair(
        register,
        "云宁路",
        "云灵路",
        signer="张三",
        reason="示例",
        accepted_on=date(2000, 1, 1),
        actor="test",
    )
    assert all(row.identical for row in again(register, lines))
    batch = batch_of(QINGDAO, register)
    (answer,) = answered([NameRow(1, recorded(lines[0]).request)], batch)
    assert line_of(answer, batch, "zh")["findings"] != lines[0]["findings"]


def test_a_register_that_was_empty_is_empty_again(tmp_path: Path) -> None:
    store = open_store(f"gpkg:{tmp_path / 's.gpkg'}", create=True, clock=Ticking())
    batch = batch_of(QINGDAO, store)
    (answer,) = answered([NameRow(1, requests()[0])], batch)
    line = line_of(answer, batch, "zh")
    write(store, registered(requests()[0].name, ROAD))
    (row,) = again(store, [json.loads(json.dumps(line))])
    assert row.identical
    store.close()


@pytest.fixture
def changed() -> Iterator[Callable[..., Rule[Any, Any]]]:
    """`changed(id, check=…)` changes a rule for the time of a test."""
    kept: list[tuple[Rule[Any, Any], str, Any]] = []

    def change(rule_id: str, **parts: Any) -> Rule[Any, Any]:
        rule = next(rule for rule in rules_of("names") if rule.id == rule_id)
        for name, value in parts.items():
            kept.append((rule, name, getattr(rule, name)))
            object.__setattr__(rule, name, value)
        return rule

    yield change
    for rule, name, value in kept:
        object.__setattr__(rule, name, value)


def _silent(_case: Any, _context: Any) -> Iterator[Any]:
    return iter(())


@pytest.mark.parametrize("rule_id", ["NM-FOR-01", "NM-DUP-04", "NM-ALI-01"])
def test_one_changed_rule_flips_what_a_full_run_flips(
    register: Store, kept: Path, changed: Callable[..., Rule[Any, Any]], rule_id: str
) -> None:
    lines = stored_verdicts(kept)
    changed(rule_id, check=_silent, version=99)
    whole, single = again(register, lines), again(register, lines, rule_id)
    flips = [(row.line, row.before, row.after) for row in whole if row.flips]
    assert flips == [(row.line, row.before, row.after) for row in single if row.flips]
    assert [row.line for row in whole if row.lost] == [row.line for row in single if row.lost]
    assert any(row.lost for row in single)
    if rule_id == "NM-FOR-01":
        assert flips


def test_a_graver_rule_flips_the_other_way(
    register: Store, kept: Path, changed: Callable[..., Rule[Any, Any]]
) -> None:
    """Every estate called a 花园 is suddenly foreign."""
    lines = stored_verdicts(kept)
    rule = next(rule for rule in rules_of("names") if rule.id == "NM-FOR-01")
    (evidence, *_) = [
        found
        for example in rule.examples
        if example.severity is not None
        for found in _evidence(rule, example)
    ]

    def check(case: Any, context: Any) -> Iterator[Any]:
        if case.name.endswith("花园"):
            yield replace(evidence, key=case.name)

    changed("NM-FOR-01", check=check)
    whole, single = again(register, lines), again(register, lines, "NM-FOR-01")
    flips = {row.line for row in whole if row.flips}
    assert flips == {row.line for row in single if row.flips}
    assert {row.after for row in whole if row.flips} >= {"fail"}


def _evidence(rule: Rule[Any, Any], example: Any) -> list[Any]:
    from geo_service.rules.names import NameContext

    return list(rule.check(example.subject, NameContext(QINGDAO, example.on)))


def test_a_new_wording_changes_findings_and_flips_nothing(
    register: Store, kept: Path, changed: Callable[..., Rule[Any, Any]]
) -> None:
    lines = stored_verdicts(kept)[:200]
    changed("NM-DUP-03", version=77)
    rows = again(register, lines)
    differing = [row for row in rows if not row.identical]
    assert differing
    assert not any(row.flips for row in rows)
    for row in differing:
        assert {f["rule_version"] for f in row.gained} == {77}
        assert {f["rule_id"] for f in (*row.gained, *row.lost)} == {"NM-DUP-03"}


def test_the_register_as_it_stood_answers_nothing_of_today(register: Store) -> None:
    assert register.records(RecordKind.PLACE_NAMES, as_of=DAYS[-1])
    then = as_known(register, None)
    assert then.records(RecordKind.PLACE_NAMES, as_of=DAYS[-1]) == []
    assert then.places_like(written=("云陵路",), as_of=DAYS[-1]) == []
    assert then.roads_like(written=("云陵路",), as_of=DAYS[-1]) == []
    with pytest.raises(NotFound):
        then.get(RecordKind.PLACE_NAMES, "x", as_of=DAYS[-1])
    entry = next(register.log())
    assert list(then.log()) == []
    with pytest.raises(NotFound):
        then.recorded(entry.sequence)
    assert as_known(register, entry.recorded_at).recorded(entry.sequence)
    assert then.filed_names(RecordKind.PLACE_NAMES, limit=9) == []
    assert then.log_mark() == LogMark(0, GENESIS, None)
    assert then.names_withdrawn(RecordKind.PLACE_NAMES, then.log_mark()) is None
    pinned = {"get", "records", "places_like", "places_of_status", "roads_like", "log", "recorded"}
    assert then.versions(RecordKind.PLACE_NAMES, [entry.record_id]) == {}
    pinned |= {
        "filed_names",
        "versions",
        "log_mark",
        "names_withdrawn",
        "records_in_rows",
        "seen_by",
    }
    for read in (name for name in vars(protocol.Store) if not name.startswith("_")):
        if read not in pinned:
            assert hasattr(register, read)
            assert not hasattr(then, read)


# --- what cannot be asked again ---------------------------------------------------------------


def test_another_city_and_another_register_are_told(
    register: Store, kept: Path, tmp_path: Path
) -> None:
    lines = stored_verdicts(kept)[:2]
    elsewhere = list(Replay(city("370600"), register).all(lines))
    assert all(row.problem and "370200" in row.problem.zh for row in elsewhere)
    other = open_store(f"gpkg:{tmp_path / 'other.gpkg'}", create=True)
    for store in (other, None):
        rows = list(Replay(QINGDAO, store).all(lines))
        assert all(row.problem and not row.identical for row in rows)
    other.close()


@pytest.mark.parametrize(
    "line",
    [
        {"verdict": "pass"},
        {"verdict": "pass", "request": None},
        {"verdict": "pass", "request": []},
        {"verdict": "pass", "request": {"standing": "asked"}},
    ],
)
def test_a_line_that_is_none_of_ours_is_told(register: Store, line: Json) -> None:
    (row,) = again(register, [line])
    assert row.problem is not None


@pytest.mark.parametrize("part", ["name", "feature_type", "as_of", "findings", "verdict"])
def test_a_line_with_a_part_missing_is_told(register: Store, kept: Path, part: str) -> None:
    line = dict(stored_verdicts(kept)[0])
    del line[part]
    (row,) = again(register, [line])
    assert row.problem is not None


@pytest.mark.parametrize("text", ["{", "[1]", "\udcff", "1"])
def test_a_file_that_holds_no_lines_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match="verdicts_unreadable"):
        stored_verdicts(path)


def test_lines_of_another_make_come_along_and_rows_without_verdict_do_not(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"row": 2, "problem": "x"}\n\n{"a": "b\u2028"}\n', encoding="utf-8")
    lines = stored_verdicts(path)
    assert lines == [{"a": "b\u2028"}]
    (row,) = Replay(QINGDAO, None).all(lines)
    assert row.problem is not None
    assert "request" in row.problem.zh


def test_a_rule_nobody_has_is_told(register: Store) -> None:
    with pytest.raises(NotFound):
        again(register, [], "NM-XXX-01")


def test_what_was_asked_comes_back_from_the_line(register: Store) -> None:
    asked = NameRequest(
        "云霄路",
        ROAD,
        Standing.EXISTING,
        DAYS[2],
        (120.3512345678, 36.05),
        DivisionCode("370202"),
        "R-云霄路",
        FeatureFacts(length_m=1200.5, road_class=RoadClass.TRUNK, seat="甲"),
        "旧云路",
        shapely.LineString([(120.1, 36.1), (120.2, 36.2)]),
    )
    batch = batch_of(QINGDAO, register)
    rows = [NameRow(2, asked), NameRow(3, replace(asked, name="云宵路"))]
    answer = next(iter(answered(rows, batch)))
    line = json.loads(json.dumps(line_of(answer, batch, "en")))
    back = recorded(line)
    assert back.request == asked
    assert back.mark == batch.mark
    assert [mate.name for mate in back.mates] == ["云宵路"]
    assert back.lang == "en"


def test_trouble_elsewhere_is_not_told_of_the_file_that_is_kept(tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    with pytest.raises(PermissionError), kept_verdicts(kept) as write:
        write({"name": "云霄路"})
        raise PermissionError("another file")
    assert json.loads(kept.read_text(encoding="utf-8")) == {"name": "云霄路"}
    with pytest.raises(InputError) as refusal, kept_verdicts(tmp_path):
        pass
    assert refusal.value.code == "export_failed"
