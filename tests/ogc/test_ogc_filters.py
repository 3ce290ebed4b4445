"""Filters, times and pages against naive models, over features drawn at random."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import cql2
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo_service.domain.period import Period
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Provenance
from geo_service.domain.road import Road
from geo_service.services.serving.collections import collection
from geo_service.services.serving.filtering import Language, read_filter
from geo_service.services.serving.filtering.likeness import like
from geo_service.services.serving.filtering.scalars import ordinal_of
from geo_service.services.serving.selecting import Question, select
from geo_service.services.serving.snapshot import Snapshot
from geo_service.services.serving.sources import served
from geo_service.services.serving.systems import CRS84, System

SOURCE = Provenance("示例")
WORDS = ["甲", "乙路", "甲乙", "Ābc", "abc", "ABC", "a%b", "a_b", ""]
DAYS = [date(2020, 1, day) for day in range(1, 6)]
FIGURES = [-1.5, 0.0, 1.0, 2.0, 40.0]
ROADS = collection("roads")
SYSTEM = System(CRS84)

periods = st.tuples(st.sampled_from([None, *DAYS]), st.sampled_from([None, *DAYS])).filter(
    lambda ends: None in ends or ends[0] < ends[1]
)  # type: ignore[operator]
points = st.tuples(st.integers(0, 3), st.integers(0, 3))
shapes = st.one_of(
    st.none(),
    st.tuples(points, points).filter(lambda ends: ends[0] != ends[1]).map(shapely.LineString),
)
roads = st.lists(
    st.builds(
        lambda name, grade, width, shape, ends: (name, grade, width, shape, ends),
        st.sampled_from(WORDS),
        st.sampled_from(WORDS),
        st.sampled_from([None, *FIGURES]),
        shapes,
        periods,
    ),
    max_size=8,
)


def road(number: int, told: tuple[Any, ...]) -> Road:
    name, grade, width, shape, ends = told
    return Road(
        id=f"R-{number:02d}",
        name=name,
        grade=grade,
        width_m=width,
        geometry=shape,
        period=Period(*ends),
        provenance=SOURCE,
    )


def snapshot_of(drawn: list[tuple[Any, ...]]) -> Snapshot:
    return Snapshot.of(ROADS, [served(road(n, told)) for n, told in enumerate(drawn)])


# The model: one feature at a time, None for unknown.


def made(ops: list[str] | str, *args: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Trees of one of the operations over drawn arguments."""
    op = st.just(ops) if isinstance(ops, str) else st.sampled_from(ops)
    return st.builds(lambda op, *args: {"op": op, "args": list(args)}, op, *args)


texts = st.one_of(
    st.sampled_from([{"property": "name"}, {"property": "grade"}]),
    st.sampled_from(WORDS),
    st.sampled_from([{"property": "name"}, "Abc"]).map(lambda v: {"op": "casei", "args": [v]}),
    st.sampled_from([{"property": "name"}, "Ābc"]).map(lambda v: {"op": "accenti", "args": [v]}),
)
figures = st.recursive(
    st.one_of(st.just({"property": "width_m"}), st.sampled_from(FIGURES)),
    lambda inner: made(["+", "-", "*", "/"], inner, inner),
    max_leaves=3,
)
days = st.one_of(
    st.sampled_from([{"property": "valid_from"}, {"property": "valid_to"}]),
    st.sampled_from(DAYS).map(lambda day: {"date": day.isoformat()}),
)
comparisons = ["=", "<>", "<", ">", "<=", ">="]
intervals = st.one_of(
    st.just({"interval": [{"property": "valid_from"}, {"property": "valid_to"}]}),
    st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)).map(
        lambda ends: {"interval": [day.isoformat() for day in sorted(ends)]}
    ),
    st.sampled_from(DAYS).map(lambda day: {"interval": ["..", day.isoformat()]}),
    st.sampled_from(DAYS).map(lambda day: {"interval": [day.isoformat(), ".."]}),
)
TIMES: dict[str, Callable[[Any, Any], bool]] = {
    "t_after": lambda a, b: a[0] > b[1],
    "t_before": lambda a, b: a[1] < b[0],
    "t_disjoint": lambda a, b: not (a[0] <= b[1] and b[0] <= a[1]),
    "t_intersects": lambda a, b: a[0] <= b[1] and b[0] <= a[1],
    "t_equals": lambda a, b: a == b,
    "t_during": lambda a, b: b[0] < a[0] and a[1] < b[1],
    "t_contains": lambda a, b: a[0] < b[0] and b[1] < a[1],
    "t_starts": lambda a, b: a[0] == b[0] and a[1] < b[1],
    "t_finishes": lambda a, b: a[1] == b[1] and a[0] > b[0],
    "t_meets": lambda a, b: a[1] == b[0],
    "t_overlaps": lambda a, b: a[0] < b[0] < a[1] < b[1],
}
SHAPES: dict[str, Callable[[Any, Any], bool]] = {
    "s_intersects": shapely.intersects,
    "s_disjoint": shapely.disjoint,
    "s_within": shapely.within,
    "s_touches": shapely.touches,
    "s_crosses": shapely.crosses,
    "s_overlaps": shapely.overlaps,
    "s_equals": shapely.equals,
    "s_contains": shapely.contains,
}
areas = st.tuples(points, points).map(
    lambda ends: shapely.box(
        min(ends[0][0], ends[1][0]), min(ends[0][1], ends[1][1]),
        max(ends[0][0], ends[1][0]) + 1, max(ends[0][1], ends[1][1]) + 1,
    )
)  # fmt: skip

fields = ["name", "width_m", "valid_to", "geometry"]
atoms = st.one_of(
    made(comparisons, texts, texts),
    made(comparisons, figures, figures),
    made(comparisons, days, days),
    made("like", texts, st.sampled_from(["甲%", "%b%", "a_b", "a\\%b", "%"])),
    made("between", figures, figures, figures),
    made("in", texts, st.lists(texts, min_size=1, max_size=3)),
    made("isNull", st.sampled_from([{"property": name} for name in fields])),
    made(sorted(TIMES), intervals, intervals),
    made(
        sorted(SHAPES),
        st.just({"property": "geometry"}),
        areas.map(lambda area: json.loads(shapely.to_geojson(area))),
    ),
    st.booleans(),
)
filters = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds(lambda a: {"op": "not", "args": [a]}, inner),
        st.builds(
            lambda op, many: {"op": op, "args": many},
            st.sampled_from(["and", "or"]),
            st.lists(inner, min_size=2, max_size=3),
        ),
    ),
    max_leaves=5,
)


CALCULATED: dict[str, Callable[..., Any]] = {
    "casei": str.casefold,
    "accenti": lambda text: text.replace("Ā", "A"),
    "+": lambda one, other: one + other,
    "-": lambda one, other: one - other,
    "*": lambda one, other: one * other,
    "/": lambda one, other: one / other if other else None,
}


def value(part: Any, told: Road) -> Any:
    if not isinstance(part, dict):
        return part
    if "date" in part:
        return date.fromisoformat(part["date"])
    if "property" in part:
        return {
            "name": told.name or None,
            "grade": told.grade or None,
            "width_m": told.width_m,
            "valid_from": told.period.start,
            "valid_to": told.period.end,
            "geometry": told.geometry,
        }[part["property"]]
    inner = [value(arg, told) for arg in part["args"]]
    return None if None in inner else CALCULATED[part["op"]](*inner)


def compared(op: str, one: Any, other: Any) -> bool | None:
    if one is None or other is None:
        return None
    return {
        "=": one == other, "<>": one != other, "<": one < other, ">": one > other,
        "<=": one <= other, ">=": one >= other,
    }[op]  # fmt: skip


def every(found: list[bool | None]) -> bool | None:
    return False if False in found else None if None in found else True


def some(found: list[bool | None]) -> bool | None:
    return True if True in found else None if None in found else False


def span(part: Any, told: Road) -> tuple[date, date]:
    start, end = part["interval"]
    if isinstance(start, dict):
        last = told.period.end and told.period.end - timedelta(days=1)
        return told.period.start or date.min, last or date.max
    return (
        date.min if start == ".." else date.fromisoformat(start),
        date.max if end == ".." else date.fromisoformat(end),
    )


def matched(pattern: str, text: str) -> bool:
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    made = "".join(".*" if p == "%" else "." if p == "_" else re.escape(p[-1]) for p in parts)
    return re.fullmatch(made, text, re.DOTALL) is not None


def negated(found: bool | None) -> bool | None:
    return None if found is None else not found


def related(op: str, args: list[Any], told: Road) -> bool | None:
    shape = shapely.from_geojson(json.dumps(args[1]))
    return None if told.geometry is None else bool(SHAPES[op](told.geometry, shape))


def likened(args: list[Any], told: Road) -> bool | None:
    text = value(args[0], told)
    return None if text is None else matched(args[1], text)


def between(args: list[Any], told: Road) -> bool | None:
    one, low, high = (value(arg, told) for arg in args)
    return every([compared(">=", one, low), compared("<=", one, high)])


def within(args: list[Any], told: Road) -> bool | None:
    one = value(args[0], told)
    return some([compared("=", one, value(arg, told)) for arg in args[1]])


MODEL: dict[str, Callable[[list[Any], Road], bool | None]] = {
    "and": lambda args, told: every([holds(arg, told) for arg in args]),
    "or": lambda args, told: some([holds(arg, told) for arg in args]),
    "not": lambda args, told: negated(holds(args[0], told)),
    "isNull": lambda args, told: value(args[0], told) is None,
    "like": likened,
    "in": within,
    "between": between,
}


def holds(tree: Any, told: Road) -> bool | None:
    if isinstance(tree, bool):
        return tree
    op, args = tree["op"], tree["args"]
    if op in TIMES:
        return TIMES[op](span(args[0], told), span(args[1], told))
    if op in SHAPES:
        return related(op, args, told)
    if op in MODEL:
        return MODEL[op](args, told)
    return compared(op, value(args[0], told), value(args[1], told))


def answered(snapshot: Snapshot, text: str, language: Language) -> list[str]:
    rows = select(snapshot, Question(filter=read_filter(text, language, ROADS, SYSTEM)))
    assert rows is not None
    return [snapshot.ids[row] for row in rows]


@settings(suppress_health_check=[HealthCheck.too_slow])  # the first draw, on a busy machine
@given(roads, filters)
def test_a_filter_answers_as_the_model_does(drawn: list[Any], tree: Any) -> None:
    expected = [f"R-{n:02d}" for n, told in enumerate(drawn) if holds(tree, road(n, told)) is True]
    assert answered(snapshot_of(drawn), json.dumps(tree), Language.JSON) == expected


@settings(suppress_health_check=[HealthCheck.too_slow])  # the first draw, on a busy machine
@given(roads, filters)
def test_a_filter_means_the_same_as_text(drawn: list[Any], tree: Any) -> None:
    text = cql2.parse_json(json.dumps(tree)).to_text()
    snapshot = snapshot_of(drawn)
    as_json = answered(snapshot, json.dumps(tree), Language.JSON)
    assert answered(snapshot, text, Language.TEXT) == as_json


@given(st.text(alphabet="ab%_\\", max_size=8), st.text(alphabet="ab%_", max_size=8))
def test_like_matches_as_a_regular_expression_would(pattern: str, text: str) -> None:
    if pattern.endswith("\\"):
        pattern += "\\"
    assert like(pattern)(text) == matched(pattern, text)


def test_no_pattern_makes_matching_explode() -> None:
    assert not like("%a" * 200 + "%b")("a" * 4000)


@given(st.lists(periods, max_size=8), st.sampled_from(DAYS), st.sampled_from(DAYS))
def test_time_means_a_day_in_common(drawn: list[Any], one: date, other: date) -> None:
    first, last = sorted((one, other))
    snapshot = Snapshot.of(
        ROADS,
        [served(road(n, ("甲", "", None, None, ends))) for n, ends in enumerate(drawn)],
    )
    asked = Period(first, last + timedelta(days=1))
    expected = [n for n, ends in enumerate(drawn) if Period(*ends).intersects(asked)]
    rows = select(snapshot, Question(days=(ordinal_of(first), ordinal_of(last))))
    assert rows is not None and rows.tolist() == expected


def name(number: int) -> NamedPlace:
    return NamedPlace(
        id=f"P-{number:02d}",
        name="甲",
        feature_type=FeatureType.ROAD,
        provenance=SOURCE,
        geometry=shapely.Point(number, number),
    )


@given(
    st.sets(st.integers(0, 40), min_size=1),
    st.integers(1, 7),
    st.lists(st.tuples(st.booleans(), st.integers(0, 40)), max_size=8),
)
def test_pages_bring_once_whatever_stands_throughout(
    numbers: set[int], limit: int, edits: list[tuple[bool, int]]
) -> None:
    from geo_service.api.ogc.items import Part
    from geo_service.api.ogc.parameters import Page

    names = collection("place-names")
    snapshot = Snapshot.of(names, [served(name(n)) for n in sorted(numbers)])
    standing, touched = set(snapshot.ids), set()
    seen: list[str] = []
    after: str | None = None
    pending = list(edits)
    while True:
        part = Part(snapshot, None, Page(limit=limit, after=after))
        seen += [snapshot.ids[row] for row in part.rows]
        after = part.after
        if after is None:
            break
        if pending:
            added, number = pending.pop()
            touched.add(f"P-{number:02d}")
            fresh = [served(name(number))] if added else []
            snapshot = snapshot.with_changed([f"P-{number:02d}"], fresh)
    assert len(seen) == len(set(seen))
    assert set(seen) >= standing - touched


@given(
    st.lists(st.integers(0, 30), unique=True, max_size=12),
    st.lists(st.tuples(st.booleans(), st.integers(0, 30)), max_size=6),
)
def test_a_mended_collection_equals_one_read_anew(
    numbers: list[int], edits: list[tuple[bool, int]]
) -> None:
    names = collection("place-names")
    snapshot = Snapshot.of(names, [served(name(n)) for n in numbers])
    snapshot.written(range(len(snapshot)), SYSTEM)
    standing = set(numbers)
    for added, number in edits:
        (standing.add if added else standing.discard)(number)
        fresh = [served(name(number))] if added else []
        snapshot = snapshot.with_changed([f"P-{number:02d}"], fresh)
    anew = Snapshot.of(names, [served(name(n)) for n in sorted(standing)])
    assert snapshot.ids == anew.ids
    everything = range(len(anew))
    assert snapshot.written(everything, SYSTEM) == anew.written(everything, SYSTEM)
    assert snapshot.extent == anew.extent
    (found, inside), (again, within) = (
        made.index.query((5, 5, 20, 20)) for made in (snapshot, anew)
    )
    assert (found.tolist(), inside.tolist()) == (again.tolist(), within.tolist())


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 1000])
def test_the_packed_index_finds_what_a_look_at_all_does(size: int) -> None:
    import numpy as np

    from geo_service.services.serving.boxes import BoxIndex, meets

    chance = np.random.default_rng(size)
    low = chance.uniform(0, 100, (size, 2))
    boxes = np.hstack((low, low + chance.uniform(0, 3, (size, 2))))
    boxes[::7] = np.nan
    index = BoxIndex(boxes, corners := chance.integers(0, 9, size))
    for _ in range(20):
        west, south = chance.uniform(0, 100, 2).tolist()
        box = (west, south, west + 10, south + 20)
        found, inside = index.query(box)
        assert found.tolist() == np.flatnonzero(meets(boxes, box)).tolist()
        low, high = boxes[found, :2], boxes[found, 2:]
        whole = (low >= box[:2]).all(axis=1) & (high <= box[2:]).all(axis=1)
        assert inside.tolist() == whole.tolist()
        assert index.effort(box) >= len(found) + corners[found].sum()
