"""Alternatives to a name: each is checked, has its grounds, and stands in a fixed order."""

from __future__ import annotations

from datetime import date

import pytest
import shapely

from geo_service.domain.change import Change, Operation
from geo_service.domain.finding import Outcome
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus
from geo_service.domain.proposal import FeatureFacts, RoadClass
from geo_service.domain.provenance import Provenance
from geo_service.errors import InputError
from geo_service.rules.names import Standing
from geo_service.services.name_suggestions import (
    MAX_LIMIT,
    Suggestions,
    suggest,
    suggestions_json,
)
from geo_service.services.names import NameRequest, check_name
from geo_service.services.suggesting.candidate import Origin

DAY = date(2024, 6, 1)
HERE = (120.40, 36.10)
ROAD, ESTATE, VILLAGE = FeatureType.ROAD, FeatureType.ESTATE, FeatureType.VILLAGE


def at(east_m: float, north_m: float = 0.0) -> shapely.Point:
    """A point some metres from HERE (a degree of longitude is 90 km at that latitude)."""
    return shapely.Point(HERE[0] + east_m / 90_000, HERE[1] + north_m / 111_000)


def place(key: str, name: str, kind: FeatureType = ROAD, **fields: object) -> NamedPlace:
    given = {"provenance": Provenance("示例"), "unit_code": DivisionCode("370203"), **fields}
    return NamedPlace(id=key, name=name, feature_type=kind, **given)


@pytest.fixture
def hold(store):
    def write(*places: NamedPlace) -> None:
        with store.begin() as work:
            work.append(
                Change(operation=Operation.CREATE, record=p, actor="test", reason="测试")
                for p in places
            )

    return write


@pytest.fixture
def ask(store, city):
    def run(name: str, kind: FeatureType = ROAD, limit: int = 10, **fields: object) -> Suggestions:
        standing = fields.pop("standing", Standing.PROPOSED)
        request = NameRequest(name, kind, standing, DAY, **{"position": HERE, **fields})
        verdict = check_name(request, city, store) if name else None
        return suggest(request, verdict, city, store, limit=limit)

    return run


def names(found: Suggestions, origin: Origin | None = None) -> list[str]:
    rows = found.offered
    return [r.candidate.name for r in rows if origin in (None, r.candidate.origin)]


def test_every_suggestion_passed_the_same_check(ask, hold, city, store):
    hold(
        place("V1", "辛家庄", VILLAGE, geometry=at(300)),
        place("V2", "浮山", FeatureType.NATURAL, geometry=at(500)),
        place("R1", "富安路", geometry=at(800)),
        place("N1", "宁家埠", VILLAGE, geometry=at(900)),
    )
    found = ask("福安路")
    assert found.verdict is not None
    assert found.verdict.outcome is not Outcome.PASS
    assert found.offered
    for row in found.offered:
        assert row.verdict.outcome is Outcome.PASS
        assert row.candidate.grounds
        request = NameRequest(
            row.candidate.name, ROAD, Standing.PROPOSED, DAY, HERE,
            record_id=row.candidate.record_id,
        )  # fmt: skip
        assert check_name(request, city, store).outcome is Outcome.PASS
    assert ask("福安路") == found, "the same question has the same answer"


def test_a_name_without_findings_needs_no_alternative(ask, hold):
    hold(place("V1", "辛家庄", VILLAGE, geometry=at(300)))
    found = ask("福安路")
    assert found.offered == ()
    assert not found.needed


@pytest.mark.parametrize(
    ("name", "kind", "better"),
    [
        ("環海花園", ESTATE, "环海花园"),
        ("环海EE花园", ESTATE, "环海花园"),
        ("滨湖花园大厦", ESTATE, "滨湖大厦"),
        ("欧洲世纪花园", ESTATE, "世纪花园"),
        ("翠湖国际花园大厦", ESTATE, "翠湖大厦"),
        ("曼哈顿之翠湖小区", ESTATE, "翠湖小区"),
        ("澄澜\u200b路", ROAD, "澄澜路"),
    ],
)
def test_the_least_change_of_the_proposal_comes_first(ask, name, kind, better):
    assert names(ask(name, kind), Origin.CORRECTION)[0] == better


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("①号路", ROAD),
        ("第5街", ROAD),
        ("2米路", ROAD),
        ("88号花园", ESTATE),
        ("3期花园", ESTATE),
        ("A座", ESTATE),
    ],
)
def test_no_measure_or_ordinal_is_left_for_a_name(ask, name, kind):
    assert names(ask(name, kind), Origin.CORRECTION) == []


def test_a_number_goes_with_its_measure(ask):
    assert "澄澜路" in names(ask("澄澜②号路"), Origin.CORRECTION)


def test_nothing_is_made_of_a_foreign_name_by_cutting_it_up(ask):
    assert names(ask("曼哈顿广场", ESTATE), Origin.CORRECTION) == []


def test_a_suggestion_of_a_finding_is_among_the_suggestions(ask):
    found = ask("滨湖花园大厦", ESTATE)
    assert found.verdict is not None
    (said,) = [f.suggestion.zh for f in found.verdict.findings if f.suggestion]
    assert any(name in said for name in names(found))


def test_the_generic_fits_the_facts(ask):
    lane = FeatureFacts(road_class=RoadClass.LANE, width_m=8)
    found = ask("福安大道", facts=lane)
    assert names(found, Origin.CORRECTION)[0] == "福安巷"


def test_reserved_names_come_from_the_pool_nearest_first(ask, hold):
    hold(
        place("P1", "云岫路", status=NameStatus.RESERVED, geometry=at(2000)),
        place("P2", "听涛路", status=NameStatus.RESERVED, geometry=at(100)),
        place("P3", "望海路", status=NameStatus.RESERVED, geometry=at(50_000)),
        place("P4", "松涛花园", ESTATE, status=NameStatus.RESERVED, geometry=at(100)),
        place("P5", "朗月路", status=NameStatus.RESERVED),
    )
    found = ask("规划二路")
    assert names(found, Origin.POOL) == ["听涛路", "云岫路", "朗月路"]
    assert round(found.offered[0].candidate.source.distance_m) == pytest.approx(100, abs=2)


def test_a_reserved_name_that_clashes_is_not_offered(ask, hold):
    hold(
        place("P1", "听涛路", status=NameStatus.RESERVED, geometry=at(100)),
        place("R1", "听涛路", geometry=at(3000)),
    )
    assert "听涛路" not in names(ask("规划二路"))


def test_local_and_former_names_lend_themselves(ask, hold):
    hold(
        place("V1", "辛家庄村民委员会", VILLAGE, geometry=at(300)),
        place("V2", "铁山路社区居委会", VILLAGE, geometry=at(200)),
        place("F1", "杨柳巷", status=NameStatus.FORMER, geometry=at(400)),
    )
    found = ask("规划二路")
    assert names(found, Origin.FORMER) == ["杨柳巷"]
    assert names(found, Origin.LOCAL) == ["辛家庄路"], "铁山路社区 is itself named after a road"
    assert names(ask("帝王御府", ESTATE), Origin.LOCAL)[0].startswith("辛家庄")


def test_a_duplicate_close_by_leads_to_its_family(ask, hold):
    hold(place("R1", "云霄路", geometry=shapely.LineString([at(-900), at(-500)])))
    assert names(ask("云霄路"), Origin.KIN) == ["云霄东路"]
    hold(place("R2", "海宁路", geometry=shapely.LineString([at(0, 20), at(600, 20)])))
    assert "海宁支路" in names(ask("海宁路"), Origin.KIN)


def test_a_duplicate_far_away_does_not(ask, hold):
    hold(place("R1", "云霄路", geometry=at(-9000)))
    assert names(ask("云霄路"), Origin.KIN) == []


def test_a_near_sound_is_left_by_a_character_of_its_theme_that_is_known_there(ask, hold):
    hold(
        place("R1", "富安路", geometry=at(800)),
        place("V1", "瑞云", VILLAGE, geometry=at(900)),
    )
    found = ask("福安路")
    assert "瑞安路" in names(found, Origin.THEME)
    row = next(r for r in found.offered if r.candidate.name == "瑞安路")
    assert "瑞云" in row.candidate.grounds[0].zh


def test_a_series_is_followed_only_where_the_roads_around_show_one(ask, hold):
    two = [
        place(f"R{n}", f"{word}路", geometry=at(200 * n + 200))
        for n, word in enumerate(["江西", "安徽"])
    ]
    hold(*two)
    assert names(ask("规划二路"), Origin.SERIES) == []
    hold(place("R9", "湖南路", geometry=at(900)))
    offered = names(ask("规划二路"), Origin.SERIES)
    assert offered
    assert "江西路" not in offered


def test_roads_too_far_or_too_mixed_make_no_series_to_draw_from(ask, hold):
    hold(
        place("R1", "江西路", geometry=at(200)),
        place("R2", "安徽东路", geometry=at(400)),
        place("R3", "安徽西路", geometry=at(600)),
        place("R4", "湖南路", geometry=at(2500)),
    )
    assert names(ask("规划二路"), Origin.SERIES) == []
    words = ["听澜", "澄波", "月涌", "远帆"]
    hold(
        place("R5", "湖北路", geometry=at(800)),
        *(place(f"M{n}", f"{word}路", geometry=at(-300 * n)) for n, word in enumerate(words)),
    )
    assert names(ask("规划二路"), Origin.SERIES) == []


def test_names_for_a_place_without_a_proposal(ask, hold):
    hold(place("V1", "辛家庄", VILLAGE, geometry=at(300)))
    found = ask("")
    assert names(found) == ["辛家庄路"]
    assert found.verdict is None
    assert found.needed


def test_the_unit_stands_in_for_the_position(ask, hold):
    hold(place("V1", "辛家庄", VILLAGE), place("V2", "李家埠", VILLAGE, unit_code=None))
    found = ask("规划二路", position=None, unit_code=DivisionCode("370203"))
    assert names(found, Origin.LOCAL) == ["辛家庄路"]


def test_an_existing_name_is_replaced_by_a_new_one(ask, hold):
    hold(place("R1", "中华路", geometry=at(0)), place("R2", "辛家庄路", geometry=at(100)))
    hold(place("V1", "辛家庄", VILLAGE, geometry=at(300)))
    found = ask("EE路", standing=Standing.EXISTING)
    assert "辛家庄路" not in names(found), "as a new name it would be a duplicate"


@pytest.mark.parametrize("limit", [1, 3, 10])
def test_the_limit_is_kept_and_several_origins_have_their_share(ask, hold, limit):
    hold(
        *(place(f"P{n}", f"{c}涛路", status=NameStatus.RESERVED) for n, c in enumerate("听松云石")),
        *(place(f"V{n}", f"{c}家庄", VILLAGE, geometry=at(n)) for n, c in enumerate("辛李王赵")),
    )
    found = ask("规划二路", limit=limit)
    assert len(found.offered) <= limit
    if limit == 10:
        assert {r.candidate.origin for r in found.offered} >= {Origin.POOL, Origin.LOCAL}


@pytest.mark.parametrize("limit", [0, -1, MAX_LIMIT + 1])
def test_an_impossible_limit_is_refused(ask, limit):
    with pytest.raises(InputError, match="suggestions_impossible"):
        ask("EE路", limit=limit)


def test_without_name_and_place_nothing_can_be_drawn_on(ask):
    with pytest.raises(InputError, match="suggestions_nowhere"):
        ask("", position=None)


def test_without_a_register_only_corrections_come(city):
    request = NameRequest("環海花園", ESTATE, Standing.PROPOSED, DAY, HERE)
    found = suggest(request, check_name(request, city, None), city, None)
    assert {r.candidate.origin for r in found.offered} == {Origin.CORRECTION}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_as_json(ask, hold, lang):
    hold(place("V1", "辛家庄", VILLAGE, geometry=at(300)))
    told = suggestions_json(ask("规划二路"), lang)
    (row,) = told["suggestions"]
    assert (row["rank"], row["name"], row["origin"]) == (1, "辛家庄路", "local")
    assert row["verdict"] == "pass"
    assert row["source"]["name"] == "辛家庄"
    assert row["source"]["distance_m"] == pytest.approx(300, abs=5)
    assert row["romanization"]["text"] == "Xīnjiāzhuāng Lù"
    assert told["verdict"] == "review"


HARD = ["，，，路", "🙂路", "一" * 60 + "路", "\u202e路东路", "EE", "（一期）"]


@pytest.mark.parametrize("name", HARD)
def test_any_name_has_an_answer(ask, hold, name):
    hold(place("V1", "辛家庄", VILLAGE, geometry=at(300)))
    assert all(r.verdict.outcome is Outcome.PASS for r in ask(name).offered)
