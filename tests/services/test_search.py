"""The search box: every way to ask finds the name, says why, and sees each change at once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.domain.change import Change, Operation
from geo_service.domain.identity import DivisionCode
from geo_service.domain.period import Period
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus, ReadingSource
from geo_service.domain.provenance import Provenance
from geo_service.domain.road import Road
from geo_service.errors import InputError
from geo_service.services.search import MAX_LIMIT, SearchPage, SearchRequest, search, search_json
from geo_service.services.searching import index as index_module
from geo_service.services.searching.index import NameIndex
from geo_service.services.searching.matching import Match
from geo_service.services.searching.query import understood
from geo_service.services.searching.space import PointIndex
from geo_service.store.geopackage import GeoPackageStore
from geo_service.store.opening import open_store

DAY = date(2024, 6, 1)
SOURCE = Provenance(source="示例", licence="CC0-1.0")
WRITTEN = """
香港中路 香港东路 中山路 钟山路 东中山路 中山公园 长安路 六安路 新福里 福新里 富源路
EE新城 南京路 西安路 先进路 绿岛花园 女儿河村 乐陵路 八大关
"""
NAMES = WRITTEN.split()


def change(
    id: str, name: str, operation: Operation = Operation.CREATE, version: int = 0, **fields: Any
) -> Change:
    defaults = {
        "feature_type": FeatureType.ROAD,
        "provenance": SOURCE,
        "unit_code": DivisionCode("370202"),
    }
    record = NamedPlace(id=id, name=name, **(defaults | fields))  # type: ignore[arg-type]
    return Change(
        operation=operation,
        record=record,
        actor="经办人甲",
        reason="测试",
        expected_version=version,
    )


def write(store: GeoPackageStore, *changes: Change) -> None:
    with store.begin() as work:
        work.append(changes)


@pytest.fixture
def store(tmp_path: Path) -> Any:
    made = open_store(f"gpkg:{tmp_path}/s.gpkg", create=True)
    points = [shapely.Point(120.38 + n / 100, 36.06) for n in range(len(NAMES))]
    write(
        made,
        *(
            change(f"P-{n}", name, geometry=point)
            for n, (name, point) in enumerate(zip(NAMES, points, strict=True))
        ),
    )
    yield made
    made.close()


def ask(store: GeoPackageStore, text: str, index: NameIndex | None = None, **asked: Any) -> Any:
    return search(SearchRequest(text, DAY, **asked), index or NameIndex(store), store)


def told(page: SearchPage) -> dict[str, str]:
    return {hit.place.name: hit.match.name.lower() for hit in page.hits}


@pytest.mark.parametrize(
    ("text", "name", "way"),
    [
        ("香港中路", "香港中路", "same"),
        (" 香港中路 ", "香港中路", "same"),
        ("ee新城", "EE新城", "same"),
        ("長安路", "长安路", "same"),
        ("香港", "香港东路", "prefix"),
        ("山公", "中山公园", "inside"),
        ("忠山路", "中山路", "sound"),
        ("zhongshanlu", "钟山路", "sound"),
        ("Zhongshan Lu", "中山路", "sound"),
        ("zhōngshān lù", "中山路", "sound"),
        ("zhong1shan1lu4", "中山路", "sound"),
        ("xi'an lu", "西安路", "sound"),
        ("xianlu", "西安路", "sound"),
        ("lu'an lu", "六安路", "sound"),
        ("lǜdǎo huayuan", "绿岛花园", "sound"),
        ("nverhecun", "女儿河村", "sound"),
        ("忠山", "中山公园", "sound_prefix"),
        ("xianggangzh", "香港中路", "sound_prefix"),
        ("xgzl", "香港中路", "initials"),
        ("bd", "八大关", "initials_prefix"),
        ("香巷中路", "香港中路", "one_character"),
        ("香港中中路", "香港中路", "one_character"),
        ("香中路", "香港中路", "one_character"),
        ("福新里", "新福里", "one_character"),
        ("xianggangzonglu", "香港中路", "one_syllable"),
        ("襄缸路中", "香港中路", "one_syllable"),
    ],
)
def test_a_name_is_found_in_every_way_of_asking(
    store: GeoPackageStore, text: str, name: str, way: str
) -> None:
    page = ask(store, text)
    assert told(page)[name] == way
    assert page.total == len(page.hits) == len(told(page))
    for hit in page.hits:
        assert hit.reasons
        assert all(r.zh and r.en and "{" not in r.zh + r.en for r in hit.reasons)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("zhóngshānlù", "中山路"),
        ("xiánlù", "西安路"),
        ("liu'an lu", "中山路"),
        ("hangkong", "香港中路"),
    ],
)
def test_what_sounds_otherwise_is_not_called_the_same_sound(
    store: GeoPackageStore, text: str, name: str
) -> None:
    assert told(ask(store, text)).get(name) not in ("sound", "same")


def test_a_road_is_found_beside_a_name_and_told_apart(store: GeoPackageStore) -> None:
    line = shapely.LineString([(120.38, 36.06), (120.4, 36.06)])
    roads = (("RD-1", "香港中路"), ("RD-2", "银杏大街"))
    write(
        store,
        *(
            Change(
                operation=Operation.CREATE,
                record=Road(id=id, name=name, provenance=SOURCE, geometry=line),
                actor="经办人甲",
                reason="测试",
            )
            for id, name in roads
        ),
    )
    found = search_json(ask(store, "香港中路"), "zh")["hits"]
    same = [(hit["kind"], hit["id"]) for hit in found if hit["match"] == "same"]
    assert same == [("place-names", "P-0"), ("roads", "RD-1")]
    [road] = search_json(ask(store, "yinxingdajie", position=(120.39, 36.061)), "zh")["hits"]
    assert (road["kind"], road["id"], road["feature_type"]) == ("roads", "RD-2", "road")
    assert road["distance_m"] == pytest.approx(111, abs=2)
    around = ask(store, "", position=(120.39, 36.06), limit=3)
    assert {hit.place.id for hit in around.hits} == {"P-1", "RD-1", "RD-2"}


def test_better_matches_come_first(store: GeoPackageStore) -> None:
    page = ask(store, "中山路")
    assert [hit.place.name for hit in page.hits[:3]] == ["中山路", "钟山路", "东中山路"]
    ways = [hit.match for hit in page.hits]
    assert ways == sorted(ways)


def test_nearer_names_come_first_among_equals(store: GeoPackageStore) -> None:
    write(store, change("FAR", "中山路"), change("NEAR", "中山路", geometry=shapely.Point(121, 36)))
    page = ask(store, "中山路", position=(121.0, 36.0))
    assert [hit.place.id for hit in page.hits[:3]] == ["NEAR", "P-2", "FAR"]
    assert page.hits[0].distance_m == pytest.approx(0, abs=2)
    assert page.hits[2].distance_m is None


def test_without_a_text_the_names_around_are_listed(store: GeoPackageStore) -> None:
    page = ask(store, "", position=(120.50, 36.06), limit=3)
    assert page.hits[0].place.id == "P-12"
    assert page.total == len(NAMES)
    distances = [hit.distance_m for hit in page.hits]
    assert distances == sorted(distances)
    assert {hit.match.name for hit in page.hits} == {"NEARBY"}
    assert len(ask(store, "", position=(-60.0, -30.0), limit=100).hits) == len(NAMES)


def test_a_unit_narrows_the_search(store: GeoPackageStore) -> None:
    write(store, change("OTHER", "中山路", unit_code=DivisionCode("370203001")))
    found = {
        code: {hit.place.id for hit in ask(store, "中山路", unit=DivisionCode(code)).hits}
        for code in ("370203", "370200", "370202", "370000", "370203001", "370203002", "440300")
    }
    assert found["370203"] == found["370203001"] == {"OTHER"}
    assert found["370203002"] == found["440300"] == set()
    assert "OTHER" not in found["370202"]
    assert found["370200"] == found["370000"] > {"OTHER", "P-2"}


def test_pages_join_to_the_whole(store: GeoPackageStore) -> None:
    parts = [hit.place.id for n in range(4) for hit in ask(store, "路", limit=3, offset=3 * n).hits]
    every = [hit.place.id for hit in ask(store, "路", limit=100).hits]
    assert parts == every[:12] and len(every) > 9
    assert ask(store, "路", offset=500).hits == ()


def test_a_change_of_the_register_is_seen_at_once(store: GeoPackageStore) -> None:
    index = NameIndex(store)
    assert told(ask(store, "锦绣路", index)) == {}
    write(store, change("N", "锦绣路"))
    assert told(ask(store, "锦绣路", index)) == {"锦绣路": "same"}
    write(store, change("N", "锦秀路", Operation.CORRECT, 1))
    assert told(ask(store, "锦绣路", index)) == {"锦秀路": "sound"}
    retired = Period(None, date(2020, 1, 1))
    write(store, change("N", "锦秀路", Operation.RETIRE, 2, period=retired))
    assert told(ask(store, "锦绣路", index)) == {}


def test_the_day_decides_which_version_is_found(store: GeoPackageStore) -> None:
    index = NameIndex(store)
    write(store, change("R", "旧名巷"))
    since = Period(date(2025, 1, 1))
    write(store, change("R", "新名巷", Operation.REVISE, 1, period=since))
    assert told(ask(store, "旧名巷", index)) == {"旧名巷": "same"}
    later = search(SearchRequest("新名巷", date(2025, 1, 1)), index, store)
    assert told(later)["新名巷"] == "same" and "旧名巷" not in told(later)


def test_a_place_is_found_by_its_approved_reading(store: GeoPackageStore) -> None:
    approved = {"romanization": "Helan Lu", "reading_source": ReadingSource.STORED}
    write(store, change("A", "合兰路", **approved), change("B", "合兰路", romanization="Gelan Lu"))
    for text in ("helanlu", "hé lán lù"):
        assert [hit.place.id for hit in ask(store, text).hits] == ["A", "B"]
    strange = {"romanization": "Bulan Lu", "reading_source": ReadingSource.STORED}
    write(store, change("C", "合兰路", **strange))
    (hit,) = (hit for hit in ask(store, "bulan lu").hits if hit.match is Match.SOUND)
    assert hit.place.id == "C"
    assert "Bulan Lu" in hit.reasons[0].zh


def test_names_of_every_status_are_found(store: GeoPackageStore) -> None:
    for status in NameStatus:
        write(store, change(f"S-{status}", "示例路", status=status))
    hits = ask(store, "示例路").hits
    assert {hit.place.status for hit in hits} == set(NameStatus)
    assert hits[0].place.status is NameStatus.STANDARD


def test_another_register_under_the_same_address_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "s.gpkg"
    clock = lambda: datetime(2024, 1, 1, tzinfo=UTC)  # noqa: E731
    first = open_store(f"gpkg:{path}", create=True, clock=clock)
    write(first, change("A", "甲子路"))
    index = NameIndex(first)
    assert told(ask(first, "甲子路", index))
    first.close()
    path.unlink()
    second = open_store(f"gpkg:{path}", create=True, clock=clock)
    write(second, change("B", "乙丑路"))
    assert told(ask(second, "甲子路", index)) == {}
    assert told(ask(second, "乙丑路", index)) == {"乙丑路": "same"}
    second.close()


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"text": ""}, "search_empty"),
        ({"text": "\u200b \u3000"}, "search_empty"),
        ({"text": "路" * 101}, "name_too_long"),
        ({"text": "路\x00"}, "name_unreadable"),
        ({"text": "\ud800路"}, "name_unreadable"),
        ({"text": "路", "position": (36.0, 120.0)}, "position_impossible"),
        ({"text": "路", "limit": 0}, "page_impossible"),
        ({"text": "路", "limit": MAX_LIMIT + 1}, "page_impossible"),
        ({"text": "路", "offset": -1}, "page_impossible"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    store: GeoPackageStore, asked: dict[str, Any], code: str
) -> None:
    with pytest.raises(InputError) as refused:
        ask(store, **asked)
    assert refused.value.code == code


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_understood_or_finds_nothing(text: str) -> None:
    query = understood(text)
    assert len(query.readings) <= 16
    for reading in query.readings:
        assert all(0 < number < 512 for number in reading.syllables)


def test_a_hundred_letters_that_fit_no_syllable_do_not_run_away(store: GeoPackageStore) -> None:
    assert ask(store, "xian" * 24 + "q").total == 0
    assert ask(store, "xi'an " * 16).total == 0


@given(
    st.lists(st.tuples(st.floats(-179, 179, width=32), st.floats(-85, 85, width=32)), max_size=200),
    st.tuples(st.floats(-179, 170), st.floats(-85, 80), st.floats(0, 9), st.floats(0, 5)),
)
def test_the_point_index_misses_no_point_in_a_box(
    points: list[tuple[float, float]], box: tuple[float, float, float, float]
) -> None:
    west, south, wide, tall = box
    lon, lat = (
        np.array(axis, np.float32) for axis in ([p[0] for p in points], [p[1] for p in points])
    )
    index = PointIndex(lon, lat)
    found = set(index.within((west, south, west + wide, south + tall)).tolist())
    inside = {
        n
        for n, (x, y) in enumerate(points)
        if west <= x <= west + wide and south <= y <= south + tall
    }
    assert inside <= found <= set(range(len(points)))


@pytest.mark.parametrize("small", [0, 2_000])
def test_one_by_one_gives_the_same_as_all_at_once(
    store: GeoPackageStore, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(index_module, "SMALL", small)
    monkeypatch.setattr(index_module, "PAGE", 7)
    index = NameIndex(store)
    for n in range(40):
        write(store, change(f"X-{n}", f"{NAMES[n % len(NAMES)]}", geometry=shapely.Point(120, 36)))
        index.segments()
        if n % 3 == 0:
            write(store, change(f"X-{n}", "换名路", Operation.CORRECT, 1))
    fresh = NameIndex(store)
    assert len(index.segments()) <= 6
    for text in ("中山路", "huanminglu", "香岗中路", "zsl", "山"):
        one, other = (
            [(h.place.id, h.match) for h in ask(store, text, i, limit=100).hits]
            for i in (index, fresh)
        )
        assert one == other != []


def test_json_is_complete_in_both_languages(store: GeoPackageStore) -> None:
    page = ask(store, "中山路", position=(120.4, 36.06))
    zh, en = search_json(page, "zh"), search_json(page, "en")
    assert zh["hits"][0]["reasons"] != en["hits"][0]["reasons"]
    assert zh["hits"][0]["romanization"].startswith("Zhōngshān")
    assert zh["notice"] and zh["total"] == page.total
