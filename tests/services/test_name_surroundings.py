"""Names against what the register holds around them. All places are invented (示例市)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo_service.cities import city
from geo_service.domain.change import Change, Operation, Record
from geo_service.domain.finding import Finding, Outcome, Severity, Verdict
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus
from geo_service.domain.proposal import FeatureFacts
from geo_service.domain.provenance import Provenance
from geo_service.rules.names import Standing
from geo_service.services.appraisal import review_names
from geo_service.services.drawn_feature import as_drawn
from geo_service.services.examination import examined_rules
from geo_service.services.names import NameRequest, check_name
from geo_service.store.opening import open_store
from geo_service.store.protocol import Store

INVENTED = city("990100")
DAY = date(2024, 6, 1)
ROAD, ESTATE, FACILITY = FeatureType.ROAD, FeatureType.ESTATE, FeatureType.FACILITY
VILLAGE, UNIT = FeatureType.VILLAGE, FeatureType.UNIT
NEW, OLD = Standing.PROPOSED, Standing.EXISTING
SOURCE = Provenance("示例")
LON, LAT = 119.6, 38.5
M_LAT = 1 / 110_990
M_LON = 1 / 87_200
"""Degrees of a metre at 38.5° N, near enough for invented roads."""


def point(east_m: float, north_m: float) -> shapely.Point:
    return shapely.Point(LON + east_m * M_LON, LAT + north_m * M_LAT)


def line(*ends: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([point(*end) for end in ends])


def place(
    record: str,
    name: str,
    kind: FeatureType,
    geometry: Any = None,
    *,
    unit: str = "990101",
    status: NameStatus = NameStatus.STANDARD,
    origin: str = "",
) -> NamedPlace:
    return NamedPlace(
        id=record,
        name=name,
        feature_type=kind,
        provenance=SOURCE,
        status=status,
        unit_code=DivisionCode(unit),
        geometry=geometry,
        origin=origin,
    )


REGISTER: tuple[Record, ...] = (
    place("K1", "云霄路", ROAD, line((0, 0), (2000, 0))),
    place("K2", "听澜西路", ROAD, line((-1500, 800), (-500, 800))),
    place("K3", "岭上路", ROAD),
    place("V1", "甲岭村", VILLAGE, point(1000, 1000)),
    place("V2", "远山村", VILLAGE, point(30_000, 0)),
    place("F1", "锦绣站", FACILITY, point(900, 1000)),
    place("U1", "沙坡街道", UNIT, unit="990101001"),
    place("L1", "通济街", ROAD, status=NameStatus.LISTED, origin="示例：清代街名"),
    place("L2", "通济街", ROAD, unit="990101"),
    place("L3", "天下街", ROAD, status=NameStatus.LISTED, origin="示例：旧街名"),
    *(
        place(f"R{n:02}", f"样{n}路", ROAD, line((0, 100 * n), (900 + n, 100 * n)))
        for n in range(12)
    ),
    # A quarter of its own: roads after provinces, all positions invented.
    place("S1", "江西路", ROAD, line((20_000, 0), (20_800, 0))),
    place("S2", "香港东路", ROAD, line((20_400, 300), (20_800, 300))),
    place("S3", "香港西路", ROAD, line((20_000, 300), (20_400, 300))),
    place("S4", "台湾路", ROAD, point(20_000, 500)),
    place("S5", "听澜街", ROAD, line((20_000, 700), (20_800, 700))),
    place("S6", "澄波街", ROAD),
)


def register_at(path: Path, records: tuple[Record, ...] = REGISTER) -> Store:
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    store = open_store(f"gpkg:{path}", create=True, clock=lambda: moment)
    with store.begin() as unit:
        unit.append(
            Change(operation=Operation.CREATE, record=record, actor="test", reason="set up")
            for record in records
        )
    return store


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Any:
    store = register_at(tmp_path_factory.mktemp("register") / "register.gpkg")
    yield store
    store.close()


def verdict(
    register: Store | None,
    name: str,
    kind: FeatureType,
    standing: Standing = NEW,
    *,
    geometry: Any = None,
    unit: str = "990101",
    facts: FeatureFacts | None = None,
    replaces: str = "",
) -> Verdict:
    request = NameRequest(
        name,
        kind,
        standing,
        DAY,
        unit_code=DivisionCode(unit),
        facts=facts or FeatureFacts(),
        replaces=replaces,
    )
    if geometry is not None:
        request = as_drawn(request, geometry)
    return check_name(request, INVENTED, register)


def of(found: Verdict, rule: str) -> list[Finding]:
    return [finding for finding in found.findings if finding.rule_id == rule]


# --- roads ---------------------------------------------------------------------------------------


def test_a_branch_must_join_its_main_road(register: Store) -> None:
    joined = line((500, 10), (500, 400))
    assert not of(verdict(register, "云霄支路", ROAD, geometry=joined), "NM-GEN-04")
    (apart,) = of(
        verdict(register, "云霄支路", ROAD, geometry=line((500, 700), (500, 900))), "NM-GEN-04"
    )
    assert apart.severity is Severity.HUMAN
    assert apart.measure is not None
    assert apart.measure.measured == pytest.approx(700, rel=0.01)
    assert [related.id for related in apart.related] == ["K1"]


def test_a_branch_without_a_main_road_is_asked_about_and_an_undrawn_one_is_let_be(
    register: Store,
) -> None:
    (orphan,) = of(verdict(register, "无主支路", ROAD), "NM-GEN-04")
    assert "无主" in orphan.message.zh
    assert not of(verdict(register, "岭上支路", ROAD, geometry=line((0, 0), (9, 9))), "NM-GEN-04")
    assert not of(verdict(register, "云霄支路", ROAD), "NM-GEN-04")
    assert not of(verdict(None, "无主支路", ROAD), "NM-GEN-04")


@pytest.mark.parametrize(
    ("name", "east_m", "fault"),
    [
        ("听澜东路", -3000.0, True),
        ("听澜东路", 1000.0, False),
        ("听澜中路", -3000.0, True),
        ("听澜南路", -3000.0, False),
    ],
)
def test_the_direction_in_a_name_must_be_true(
    register: Store, name: str, east_m: float, fault: bool
) -> None:
    drawn = line((east_m - 400, 780), (east_m + 400, 780))
    found = of(verdict(register, name, ROAD, geometry=drawn), "NM-GEN-04")
    assert bool(found) is fault
    for finding in found:
        assert finding.severity is Severity.HUMAN
        assert "西侧" in finding.message.zh
        assert "west" in finding.message.en


@pytest.mark.parametrize(("metres", "fault"), [(300.0, True), (3000.0, False)])
def test_an_avenue_is_longer_than_the_roads_around(
    register: Store, metres: float, fault: bool
) -> None:
    found = of(
        verdict(register, "澄波大道", ROAD, geometry=line((0, 50), (metres, 50))), "NM-GEN-02"
    )
    assert bool(found) is fault
    for finding in found:
        assert finding.measure is not None
        assert finding.measure.measured == pytest.approx(metres, rel=0.01)
        assert finding.measure.limit == pytest.approx(906, rel=0.02)


def test_a_road_outside_the_series_around_is_told_and_no_more(register: Store) -> None:
    found = verdict(register, "锦绣路", ROAD, geometry=line((20_100, 100), (20_300, 100)))
    (told,) = of(found, "NM-SER-01")
    assert told.severity is Severity.INFO
    assert found.outcome is Outcome.PASS
    assert told.measure is not None
    assert (told.measure.measured, told.measure.limit) == (0.75, 0.5)
    assert [row.id for row in told.related] == ["S1", "S3", "S4"]
    away = [row.distance_m for row in told.related]
    assert away == [pytest.approx(metres, abs=3) for metres in (100, 200, 412)]
    assert "4 个专名中有 3 个" in told.message.zh
    assert told.suggestion is not None
    assert "省级行政区" in told.suggestion.zh


@pytest.mark.parametrize(
    ("name", "standing", "replaces"),
    [
        ("澳门路", NEW, ""),  # of the series
        ("青岛路", OLD, ""),  # existing
        ("听澜东街", NEW, ""),  # derived from a road around
        ("东街", NEW, ""),  # no specific of its own
    ],
)
def test_what_fits_or_derives_is_not_told(
    register: Store, name: str, standing: Standing, replaces: str
) -> None:
    here = line((20_100, 100), (20_300, 100))
    found = verdict(register, name, ROAD, standing, geometry=here, replaces=replaces)
    assert not of(found, "NM-SER-01")


def test_only_drawn_roads_within_reach_make_a_series(register: Store) -> None:
    assert not of(verdict(register, "锦绣路", ROAD), "NM-SER-01")
    assert not of(verdict(None, "锦绣路", ROAD, geometry=point(20_100, 100)), "NM-SER-01")
    for north_m, fault in ((1_700.0, True), (1_850.0, False)):
        # 香港西路 lies at 300 m; without it two specifics are left, too few for a series.
        drawn = line((20_100, north_m), (20_300, north_m))
        assert bool(of(verdict(register, "锦绣路", ROAD, geometry=drawn), "NM-SER-01")) is fault


def test_a_long_road_is_compared_along_its_whole_length(register: Store) -> None:
    drawn = line((20_100, 1_400), (32_000, 1_400))
    (told,) = of(verdict(register, "锦绣路", ROAD, geometry=drawn), "NM-SER-01")
    assert told.related[0].id == "S4"


@pytest.mark.parametrize(("crowd", "fault"), [(400, True), (600, False)])
def test_in_a_crowd_only_the_roads_close_by_make_the_quarter(
    tmp_path: Path, crowd: int, fault: bool
) -> None:
    near = (place("N1", "听澜街", ROAD, point(10, 0)), place("N2", "澄波街", ROAD, point(20, 0)))
    far = tuple(
        place(f"P{n}", f"{word}路", ROAD, point(1_000, 100 * n))
        for n, word in enumerate(("江西", "香港", "台湾"))
    )
    others = tuple(
        place(f"E{n}", f"样{n}花园", ESTATE, point(n % 20, n // 20)) for n in range(crowd)
    )
    store = register_at(tmp_path / "crowd.gpkg", (*near, *far, *others))
    found = verdict(store, "锦绣路", ROAD, geometry=point(0, 0))
    store.close()
    assert bool(of(found, "NM-SER-01")) is fault


def test_the_road_that_is_replaced_sets_no_series(register: Store) -> None:
    here = line((20_100, 720), (20_300, 720))
    found = verdict(register, "锦绣路", ROAD, geometry=here, replaces="听澜街")
    (told,) = of(found, "NM-SER-01")
    assert told.measure is not None
    assert told.measure.measured == 1.0


def test_without_a_position_the_rule_on_series_says_what_it_lacks(register: Store) -> None:
    request = NameRequest("锦绣路", ROAD, NEW, DAY, unit_code=DivisionCode("990101"))
    asked = examined_rules(request, INVENTED, register=True, restricted=False)
    assert [row.lacking for row in asked if row.id == "NM-SER-01"] == ["position"]


def test_a_mismatch_of_generic_and_road_never_forbids(register: Store) -> None:
    for name in ("云霄大道", "云霄支路", "听澜东路", "云霄巷", "云霄环路", "云霄快速路"):
        for kind in ("lane", "trunk", "expressway"):
            found = verdict(
                register,
                name,
                ROAD,
                geometry=line((-9000, 0), (-8990, 0)),
                facts=FeatureFacts(road_class=kind, width_m=1.0),  # type: ignore[arg-type]
            )
            assert found.outcome is not Outcome.FAIL


# --- facilities and estates ----------------------------------------------------------------------


def test_a_station_follows_the_local_name(register: Store) -> None:
    here = point(1200, 1200)
    assert not of(verdict(register, "甲岭站", FACILITY, geometry=here), "NM-FAC-01")
    assert not of(verdict(register, "甲岭东站", FACILITY, geometry=here), "NM-FAC-01")
    (asked,) = of(verdict(register, "荣华站", FACILITY, geometry=here), "NM-FAC-01")
    assert asked.severity is Severity.HUMAN
    assert "甲岭村" in asked.message.zh
    assert all(row.distance_m is not None for row in asked.related)


def test_a_name_from_too_far_away_is_not_local_and_another_station_lends_none(
    register: Store,
) -> None:
    here = point(1200, 1200)
    assert of(verdict(register, "远山水库", FACILITY, geometry=here), "NM-FAC-01")
    (asked,) = of(verdict(register, "荣华港", FACILITY, geometry=point(900, 1000)), "NM-FAC-01")
    assert "锦绣站" not in asked.message.zh


def test_without_position_or_register_facilities_are_not_asked_about(register: Store) -> None:
    assert not of(verdict(register, "荣华站", FACILITY), "NM-FAC-01")
    assert not of(verdict(None, "荣华站", FACILITY, geometry=point(0, 0)), "NM-FAC-01")
    assert not of(verdict(register, "荣华站", FACILITY, geometry=point(60_000, 0)), "NM-FAC-01")


def test_an_estate_named_after_a_town_elsewhere_is_noted(register: Store) -> None:
    (noted,) = of(verdict(register, "沙坡听澜花园", ESTATE, unit="990102"), "NM-ADM-01")
    assert noted.severity is Severity.INFO
    assert not of(verdict(register, "沙坡听澜花园", ESTATE, unit="990101001"), "NM-ADM-01")
    assert not of(verdict(register, "沙坡听澜花园", ESTATE, unit="990101"), "NM-ADM-01")


# --- the protection list -------------------------------------------------------------------------


def test_an_existing_name_on_the_list_is_protected(register: Store) -> None:
    listed = verdict(register, "天下街", ROAD, OLD)
    assert listed.outcome is Outcome.PASS
    (told,) = of(listed, "NM-KEEP-01")
    assert (told.severity, told.related[0].id) == (Severity.INFO, "L3")
    assert "清代" in of(verdict(register, "通济街", ROAD, OLD), "NM-KEEP-01")[0].message.zh


def test_the_entry_is_no_second_name_and_hides_no_duplicate(register: Store) -> None:
    existing = verdict(register, "通济街", ROAD, OLD)
    assert not of(existing, "NM-DUP-01")
    proposed = verdict(register, "通济街", ROAD)
    assert of(proposed, "NM-DUP-01")[0].severity >= Severity.HUMAN
    assert [near.id for near in proposed.near if near.name == "通济街"] == ["L2"]


def test_renaming_a_listed_name_needs_protection_first(register: Store) -> None:
    (finding,) = of(verdict(register, "新霄街", ROAD, replaces="通济街"), "NM-KEEP-01")
    assert finding.severity is Severity.ADVISED_AGAINST
    assert {c.article for c in finding.citations} == {"10", "25"}
    assert finding.question is not None
    assert not of(verdict(register, "新霄街", ROAD, replaces="岭上路"), "NM-KEEP-01")
    other_unit = verdict(register, "新霄街", ROAD, replaces="通济街", unit="990102")
    assert not of(other_unit, "NM-KEEP-01")


def test_the_whole_register_is_reviewed_without_the_entries_of_the_list(register: Store) -> None:
    review = review_names(register, INVENTED, DAY)
    assert review.checked == len(REGISTER) - 2
    assert not {"L1", "L3"} & {record for record, _ in review.flagged}
    (told,) = [verdict for record, verdict in review.flagged if record == "L2"]
    assert {finding.rule_id for finding in told.findings} == {"NM-KEEP-01"}


def test_a_list_comes_in_as_a_file_with_its_grounds(
    store: Store, bring: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(
        "标准名称,类型,状态,列入理由,公布文号,公布日期,行政区划代码\n"
        "通济街,道路,列入保护名录,示例：清代街名,示例第一批,2023-05-01,370202\n",
        encoding="utf-8",
    )
    report = bring(path, "place-names")
    assert report.accepted, report.issues
    request = NameRequest("通济街", ROAD, OLD, DAY, unit_code=DivisionCode("370202"))
    (finding,) = of(check_name(request, city("370200"), store), "NM-KEEP-01")
    assert "示例第一批" in finding.message.zh
    assert "清代街名" in finding.message.zh
