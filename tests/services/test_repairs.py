"""What is proposed for which finding, what holds a record, and what is left to people."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import shapely

from geo_service import cities
from geo_service.domain.boundary import LegalStatus
from geo_service.domain.identity import DivisionCode, MarkerNumber
from geo_service.domain.marker import BoundaryMarker, MarkerEntry, MarkerKind
from geo_service.domain.provenance import Force, Provenance
from geo_service.domain.repair import Hold, RepairKind
from geo_service.errors import InputError
from geo_service.rules.boundaries import BoundaryCase
from geo_service.rules.boundaries._drawing import at_metres, drawing, lines_told
from geo_service.services.repairing.proposing import Asked, RepairPlan, plan_repairs

CITY = cities.city("990100")
AS_OF = date(2024, 6, 1)
A, B, C, D = "990101", "990102", "990103", "990104"
NEIGHBOUR = "990221"

WEST = "POLYGON((0 0, 1000 0, 1000 1000, 0 1000, 0 0))"
EAST = "POLYGON((1000 0, 2000 0, 2000 1000, 1000 1000, 1000 0))"
WIDER_EAST = "POLYGON((1000 0, 2000 0, 2000 1000, 1000 1000, 900 500, 1000 0))"
NARROWER_EAST = "POLYGON((1000 0, 2000 0, 2000 1000, 1000 1000, 1100 500, 1000 0))"
SOUTHWARD = {"乙区|甲区": "LINESTRING(1000 1000, 1000 0)"}


def plan(
    case: BoundaryCase, *locked: str, unlocked: tuple[str, ...] = (), **more: Any
) -> RepairPlan:
    return plan_repairs(case, CITY, AS_OF, Asked(locked=locked, unlocked=unlocked), **more)


def kinds(made: RepairPlan) -> list[RepairKind]:
    return [proposal.kind for proposal in made.proposals]


def reasons(made: RepairPlan, rule_id: str) -> list[str]:
    left = [u for u in made.unmended if u.finding.rule_id == rule_id]
    return [reason.en for each in left for reason in each.reasons]


# --- who decides ------------------------------------------------------------------------------


def test_the_line_decides_and_stays_bit_for_bit() -> None:
    case = drawing({"甲区": WEST, "乙区": WIDER_EAST}, SOUTHWARD)

    (proposal,) = plan(case).proposals

    assert proposal.kind is RepairKind.OUTLINE_FROM_LINE
    assert [effect.id for effect in proposal.effects] == [B]
    (effect,) = proposal.effects
    assert effect.after.geometry.normalize() == at_metres(EAST).normalize()
    assert effect.largest_m == pytest.approx(100, abs=0.1)
    assert (effect.vertices_added, effect.vertices_removed) == (0, 1)
    assert effect.lost_m2 == pytest.approx(50_000, rel=1e-3)
    (transfer,) = proposal.transfers
    assert (transfer.giver, transfer.taker) == (B, A)
    assert proposal.citations[0].instrument_id == "B02"


def test_without_a_line_both_answers_stand_side_by_side() -> None:
    made = plan(drawing({"甲区": WEST, "乙区": WIDER_EAST}))

    assert [(p.keeps, p.effects[0].id) for p in made.proposals] == [(A, B), (B, A)]
    assert {p.kind for p in made.proposals} == {RepairKind.EDGE_FROM_NEIGHBOUR}


def test_a_gap_goes_to_either_side() -> None:
    made = plan(drawing({"甲区": WEST, "乙区": NARROWER_EAST}))

    takers = [[(t.giver, t.taker) for t in p.transfers] for p in made.proposals]
    assert sorted(takers) == [[(None, A)], [(None, B)]]


def test_a_gap_among_several_goes_to_any_of_those_beside_it() -> None:
    ring = {
        "甲区": "POLYGON((0 0, 3000 0, 3000 1000, 2000 1000, 1000 1000, 0 1000, 0 0))",
        "乙区": "POLYGON((0 2000, 1000 2000, 2000 2000, 3000 2000, 3000 3000, 0 3000, 0 2000))",
        "丙区": "POLYGON((0 1000, 1000 1000, 1000 2000, 0 2000, 0 1000))",
        "丁区": "POLYGON((2000 1000, 3000 1000, 3000 2000, 2000 2000, 2000 1000))",
    }

    made = plan(drawing(ring), C)

    assert set(kinds(made)) == {RepairKind.GROUND_ASSIGNED}
    assert {proposal.keeps for proposal in made.proposals} == {A, B, D}
    for proposal in made.proposals:
        assert shapely.area(proposal.effects[0].lost) == 0


def test_a_unit_wholly_inside_another_is_cut_out_and_never_dropped() -> None:
    inner = "POLYGON((200 200, 210 200, 210 210, 200 210, 200 200))"

    made = plan(drawing({"甲区": WEST, "乙区": inner}))

    (proposal,) = made.proposals
    assert (proposal.kind, proposal.keeps) == (RepairKind.CLAIM_YIELDED, B)
    assert len(proposal.effects[0].after.geometry.interiors) == 1


def test_outlines_that_never_meet_in_a_vertex_are_cut_where_they_cross() -> None:
    """The copy of another city, drawn apart: only ours gives way, and a note of the rest comes."""
    apart = "POLYGON((940 -100, 2000 0, 2000 1100, 960 1100, 940 -100))"

    made = plan(drawing({"甲区": WEST, "邻甲县": apart}))

    (proposal,) = made.proposals
    assert (proposal.kind, proposal.keeps) == (RepairKind.CLAIM_YIELDED, NEIGHBOUR)
    (effect,) = proposal.effects
    assert (effect.id, effect.vertices_added) == (A, 2)
    assert [(t.giver, t.taker) for t in proposal.transfers] == [(A, NEIGHBOUR)]
    assert {finding.rule_id for finding in proposal.brings} <= {"BD-TOP-07"}


def test_a_gap_beside_the_copy_of_another_city_can_only_become_ours() -> None:
    """Two pieces of theirs cross our edge and enclose a gap with it; no vertex is common."""
    hook = (
        "POLYGON((900 -200, 2000 -200, 2000 1200, 900 1200, 900 900, 1100 700, 1100 300, 900 100,"
        " 900 -200))"
    )

    made = plan(drawing({"甲区": WEST, "邻甲县": hook}))

    gap = [p for p in made.proposals if any(f.rule_id == "BD-TOP-03" for f in p.answers)]
    assert [(p.kind, [e.id for e in p.effects]) for p in gap] == [(RepairKind.GROUND_ASSIGNED, [A])]


def test_the_remark_says_where_a_line_names_no_agreement() -> None:
    case = drawing({"甲区": WEST, "乙区": WIDER_EAST}, SOUTHWARD)

    (unsigned,) = plan(case).proposals
    (signed,) = plan(lines_told(case, agreement_no="示例-3")).proposals

    assert "without agreement number" in unsigned.remark.en
    assert "without agreement number" not in signed.remark.en
    assert [(held.id, held.hold) for held in signed.held] == [(f"{A}-{B}", Hold.AGREED)]


def test_a_line_not_agreed_decides_nothing_and_takes_no_side() -> None:
    case = drawing({"甲区": WEST, "乙区": WIDER_EAST}, SOUTHWARD)

    made = plan(lines_told(case, legal_status=LegalStatus.NOT_AGREED))

    assert made.proposals == ()
    assert any("do not agree" in reason for reason in reasons(made, "BD-TOP-02"))


def test_a_line_with_a_doubtful_course_is_settled_first() -> None:
    looped = {"乙区|甲区": "LINESTRING(1000 1000, 1000 500, 960 480, 1000 480, 960 500, 1000 0)"}

    made = plan(drawing({"甲区": WEST, "乙区": WIDER_EAST}, looped))

    assert made.proposals == ()
    assert any("findings of its own" in reason for reason in reasons(made, "BD-TOP-02"))


def test_a_line_that_ends_off_the_outline_is_not_followed() -> None:
    short = {"乙区|甲区": "LINESTRING(1020 980, 1000 0)"}

    made = plan(drawing({"甲区": WEST, "乙区": WIDER_EAST}, short))

    assert made.proposals == ()
    assert any("does not end on the outline" in reason for reason in reasons(made, "BD-TOP-02"))


def test_the_outline_of_the_city_follows_the_line_with_its_county() -> None:
    bulge = "POLYGON((0 0, 1000 0, 1060 500, 1000 1000, 0 1000, 0 0))"
    case = drawing(
        {"示例市": bulge, "甲区": bulge, "邻甲县": EAST}, {"邻甲县|甲区": SOUTHWARD["乙区|甲区"]}
    )

    (proposal,) = plan(case).proposals

    assert [effect.id for effect in proposal.effects] == ["990100", A]
    assert [(held.id, held.hold) for held in proposal.held] == [(NEIGHBOUR, Hold.FOREIGN)]


def test_a_higher_unit_follows_its_lower_ones_where_no_line_decides() -> None:
    county = "POLYGON((0 0, 1000 0, 1060 500, 1000 1000, 0 1000, 0 0))"

    made = plan(drawing({"示例市": WEST, "甲区": county}))

    (proposal,) = made.proposals
    assert (proposal.kind, proposal.keeps) == (RepairKind.PARENT_FOLLOWS, A)
    assert proposal.effects[0].after.geometry.normalize() == at_metres(county).normalize()
    assert plan(drawing({"示例市": WEST, "甲区": county}), "990100").proposals == ()


TOWNS = {
    "990101001 甲镇": "POLYGON((0 0, 1000 0, 1040 500, 1000 1000, 0 1000, 0 0))",
    "990102001 乙镇": EAST,
}


def test_between_towns_of_two_counties_the_line_of_the_counties_decides() -> None:
    alone = plan(drawing(TOWNS))
    beside = plan(drawing(TOWNS, SOUTHWARD))
    within = {key.replace("990102001", "990101002"): wkt for key, wkt in TOWNS.items()}

    assert len(alone.proposals) == 2
    assert RepairKind.EDGE_FROM_NEIGHBOUR not in kinds(beside)
    assert beside.unmended
    assert len(plan(drawing(within, SOUTHWARD)).proposals) == 2


def test_a_county_does_not_follow_its_town_across_its_line() -> None:
    made = plan(drawing({"甲区": WEST, "990101001 甲镇": TOWNS["990101001 甲镇"]}, SOUTHWARD))

    assert RepairKind.PARENT_FOLLOWS not in kinds(made)
    assert any(unmended.finding.rule_id == "BD-LEV-01" for unmended in made.unmended)


def test_a_higher_unit_does_not_shrink_to_its_lower_ones() -> None:
    """What no county holds may be sea, or a county left out: people must look."""
    county = "POLYGON((0 0, 1000 0, 940 500, 1000 1000, 0 1000, 0 0))"

    made = plan(drawing({"示例市": WEST, "甲区": county}))

    assert made.proposals == ()
    assert any("people decide" in reason for reason in reasons(made, "BD-TOP-03"))


# --- what holds -------------------------------------------------------------------------------


def test_a_locked_side_keeps_its_edge() -> None:
    made = plan(drawing({"甲区": WEST, "乙区": WIDER_EAST}), A)

    (proposal,) = made.proposals
    assert proposal.keeps == A
    assert [(held.id, held.hold) for held in proposal.held] == [(A, Hold.LOCKED)]


def test_with_both_sides_locked_nothing_is_offered() -> None:
    made = plan(drawing({"甲区": WEST, "乙区": WIDER_EAST}), A, B)

    assert made.proposals == ()
    assert len([r for r in reasons(made, "BD-TOP-02") if "locked by you" in r]) == 2


def test_the_copy_of_another_city_stays_without_being_asked() -> None:
    made = plan(drawing({"甲区": WEST, "邻甲县": WIDER_EAST}))

    (proposal,) = made.proposals
    assert [effect.id for effect in proposal.effects] == [A]
    assert [(held.id, held.hold) for held in proposal.held] == [(NEIGHBOUR, Hold.FOREIGN)]


def test_where_the_neighbour_is_the_one_off_the_line_the_gap_would_stay() -> None:
    case = drawing({"甲区": WEST, "邻甲县": NARROWER_EAST}, {"邻甲县|甲区": SOUTHWARD["乙区|甲区"]})

    made = plan(case)

    assert made.proposals == ()
    assert any("another city" in reason for reason in reasons(made, "BD-TOP-03"))


SHORT = {
    "乙区|甲区": "LINESTRING(0 1000, 0 20)",
    "甲区|丙区": "LINESTRING(-1000 -500, 0 0)",
    "乙区|丙区": "LINESTRING(0 0, 1000 -500)",
}
JUNCTION = {"甲区|乙区|丙区": "POINT(0 0)"}


def test_an_agreed_line_stays_until_it_is_unlocked() -> None:
    case = lines_told(drawing(lines=SHORT, nodes=JUNCTION), agreement_no="示例-1")
    code = f"{A}-{B}"

    assert plan(case).proposals == ()
    assert any("--unlock" in reason for reason in reasons(plan(case), "BD-NET-04"))
    assert kinds(plan(case, unlocked=(code,))) == [RepairKind.END_MOVED]
    assert plan(case, code, unlocked=(code,)).proposals == ()


@pytest.mark.parametrize("told", [{"legal_status": LegalStatus.AGREED}, {"agreement_no": "示例-2"}])
def test_both_signs_of_an_agreement_hold_a_line(told: dict[str, Any]) -> None:
    case = lines_told(drawing(lines={"甲区|乙区": "LINESTRING(1000 0, 0 100)"}), **told)

    assert RepairKind.LINE_REVERSED not in kinds(plan(case))


def test_codes_that_are_not_in_the_review_are_told() -> None:
    case = drawing({"甲区": WEST, "邻甲县": EAST}, {"邻甲县|甲区": SOUTHWARD["乙区|甲区"]})

    with pytest.raises(InputError, match="repair_lock_unknown"):
        plan(case, "990177")
    with pytest.raises(InputError, match="repair_unlock_unknown"):
        plan(case, unlocked=(NEIGHBOUR,))


def test_a_vertex_doubled_in_a_shared_edge_goes_from_both_units() -> None:
    west = "POLYGON((0 0, 1000 0, 1060 500, 1060 500.004, 1000 1000, 0 1000, 0 0))"
    east = "POLYGON((1000 0, 2000 0, 2000 1000, 1000 1000, 1060 500.004, 1060 500, 1000 0))"

    made = plan(drawing({"甲区": west, "乙区": east}))

    assert made.unmended == ()
    (proposal,) = made.proposals
    assert [effect.id for effect in proposal.effects] == [A, B]
    assert {f.subject.id for f in proposal.answers} == {A, B}
    held = plan(drawing({"甲区": west, "邻甲县": east}))
    assert held.proposals == ()
    assert any("another city" in reason for reason in reasons(held, "BD-TOP-05"))


def test_of_two_vertices_in_one_place_the_one_of_the_line_stays() -> None:
    west = "POLYGON((0 0, 1000 0, 1060 500, 1060 500.004, 1000 1000, 0 1000, 0 0))"
    line = {"乙区|甲区": "LINESTRING(1000 1000, 1060 500.004, 1000 0)"}
    for more in ({}, line):
        (proposal,) = plan(drawing({"甲区": west}, more)).proposals
        kept = shapely.get_coordinates(proposal.effects[0].after.geometry)
        of_line = shapely.get_coordinates(at_metres("POINT(1060 500.004)"))[0]
        assert (kept == of_line).all(axis=1).any() == bool(more)


# --- lines ------------------------------------------------------------------------------------


def test_a_junction_read_off_the_polygons_is_no_ground_to_move_a_line() -> None:
    units = {
        "甲区": "POLYGON((0 0, 0 1000, -1000 1000, -1000 -500, 0 0))",
        "乙区": "POLYGON((0 0, 1000 -500, 1000 1000, 0 1000, 0 0))",
        "丙区": "POLYGON((0 0, -1000 -500, 1000 -500, 0 0))",
    }

    made = plan(drawing(units, SHORT))

    assert RepairKind.END_MOVED not in kinds(made)
    assert any("no ground to move a line" in reason for reason in reasons(made, "BD-NET-04"))


def test_an_end_that_crosses_another_line_is_trimmed_where_they_meet() -> None:
    lines = {
        "乙区|甲区": "LINESTRING(0 1000, 0 -6)",
        "甲区|丙区": "LINESTRING(-1000 0, 500 0)",
    }

    made = plan(drawing(lines=lines, nodes={"甲区|乙区": "POINT(0 1000)"}))

    trimmed = [p for p in made.proposals if p.kind is RepairKind.LINE_TRIMMED]
    assert [effect.id for p in trimmed for effect in p.effects] == [f"{A}-{B}"]
    end = shapely.get_point(trimmed[0].effects[0].after.geometry, -1)
    assert shapely.distance(end, at_metres("POINT(0 0)")) < 1e-6


def test_two_lines_that_meet_stay_two() -> None:
    lines = {
        "甲区|乙区": "LINESTRING(-1000 0, 0 0)",
        "甲区|乙区#99010001010102": "LINESTRING(0 0, 1000 0)",
    }

    made = plan(drawing(lines=lines, nodes={"甲区|乙区": "POINT(1000 0)"}))

    assert RepairKind.PARTS_JOINED not in kinds(made)
    assert any("people decide" in reason for reason in reasons(made, "BD-NET-09"))


def test_exchanged_sides_of_a_backward_line_have_two_answers() -> None:
    case = drawing({"甲区": WEST, "乙区": EAST}, {"甲区|乙区": "LINESTRING(1000 0, 1000 1000)"})
    swapped = replace(
        case,
        lines=tuple(replace(x, left_code=x.right_code, right_code=x.left_code) for x in case.lines),
    )

    made = plan(swapped)

    wanted = {RepairKind.SIDES_EXCHANGED, RepairKind.COURSE_REVERSED}
    assert wanted <= set(kinds(made))
    turned = next(p for p in made.proposals if p.kind is RepairKind.COURSE_REVERSED)
    assert {finding.rule_id for finding in turned.answers} >= {"BD-POL-02", "BD-NET-08"}


def test_a_needle_of_a_line_is_left_to_people() -> None:
    case = drawing(lines={"甲区|乙区": "LINESTRING(0 0, 500 0, 505 400, 510 0, 1000 0)"})

    made = plan(case)

    assert made.proposals == ()
    assert any("people decide" in reason for reason in reasons(made, "BD-TOP-05"))


def marker(east_m: float, north_m: float) -> MarkerEntry:
    position = shapely.Point(shapely.get_coordinates(at_metres(f"POINT({east_m} {north_m})"))[0])
    record = BoundaryMarker(
        number=MarkerNumber("001Q"),
        line_code=f"{A}-{B}",
        kind=MarkerKind.SINGLE,
        position=position,
        provenance=Provenance("示例", force=Force.SYNTHETIC),
    )
    return MarkerEntry(marker=record)


def test_a_mend_that_takes_a_line_away_from_its_marker_is_not_offered() -> None:
    lines = {**SHORT, "乙区|甲区": "LINESTRING(0 1000, 30 0)"}
    case = drawing(lines=lines, nodes=JUNCTION)
    assert kinds(plan(case)) == [RepairKind.END_MOVED]

    made = plan(case, markers=(marker(30, 0),))

    assert made.proposals == ()
    assert any("MK-" in reason for reason in reasons(made, "BD-NET-04"))


# --- the guarantee ----------------------------------------------------------------------------


def test_ground_is_not_left_to_nobody() -> None:
    """A needle out to sea is ground of its unit: nobody would have it without."""
    needle = "POLYGON((0 0, 1000 0, 1000 500, 1400 505, 1000 510, 1000 1000, 0 1000, 0 0))"

    made = plan(drawing({"甲区": needle}))

    assert made.proposals == ()
    assert any("to no unit" in reason for reason in reasons(made, "BD-TOP-05"))


def test_two_records_of_one_code_are_settled_first() -> None:
    case = drawing({"甲区": WEST, "乙区": WIDER_EAST})
    twice = replace(case, units=(*case.units, replace(case.units[0], name="甲区旧稿")))

    assert plan(twice).proposals == ()


def test_every_finding_has_a_proposal_or_a_reason() -> None:
    units = {"甲区": WEST, "乙区": WIDER_EAST, "999999 某区": EAST}

    made = plan(drawing(units))

    answered = {f.fingerprint for p in made.proposals for f in p.answers}
    left = {u.finding.fingerprint for u in made.unmended}
    assert {f.fingerprint for f in made.report.findings} == answered | left
    assert all(u.reasons for u in made.unmended)


def test_a_proposal_is_named_after_what_it_changes() -> None:
    first = plan(drawing({"甲区": WEST, "乙区": WIDER_EAST}))
    again = plan(drawing({"甲区": WEST, "乙区": WIDER_EAST}))
    other = plan(drawing({"甲区": WEST, "乙区": WIDER_EAST.replace("900", "901")}))

    assert [p.id for p in first.proposals] == [p.id for p in again.proposals]
    assert not {p.id for p in first.proposals} & {p.id for p in other.proposals}


def test_only_what_is_asked_for_is_tried() -> None:
    case = drawing({"甲区": WEST, "乙区": WIDER_EAST})
    wanted = plan(case).proposals[1]

    one = plan_repairs(case, CITY, AS_OF, Asked(only=wanted.id))
    both = plan_repairs(case, CITY, AS_OF, Asked(only=wanted.answers[0].id))

    assert [p.id for p in one.proposals] == [wanted.id]
    assert len(both.proposals) == 2
    assert one.unmended == both.unmended == ()


def test_a_review_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="nothing_to_check"):
        plan(BoundaryCase((), (), (), CITY.plane_epsg))


def test_former_parties_stand_for_their_successors() -> None:
    """A line signed by a former unit decides for the one that followed it."""
    case = drawing({"庚县": WEST, "乙区": WIDER_EAST}, {"乙区|庚县": SOUTHWARD["乙区|甲区"]})
    former = replace(
        case, lines=tuple(replace(x, right_code=DivisionCode("990141")) for x in case.lines)
    )

    assert RepairKind.OUTLINE_FROM_LINE in kinds(plan(former))
