"""Two copies of a set of boundary lines compared line by line: figures, never a choice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geo_service import __version__
from geo_service.domain.finding import Digest, Finding, Severity
from geo_service.errors import InputError
from geo_service.geometry.copies import Displacement, LineCopies, copies_of, differences
from geo_service.geometry.obfuscation import system_like
from geo_service.geometry.reconciliation import (
    Spread,
    is_comparable,
    residual,
)
from geo_service.geometry.shift import CommonShift, common_shift
from geo_service.rules.boundaries import DEFAULT_SCALE, BoundaryCase, BoundaryContext
from geo_service.rules.engine import evaluate, rules_digest, rules_of
from geo_service.services.boundaries import FAMILY, digest_json, forces_of, notice_of
from geo_service.services.comparison_pairs import Pair, PairedBy, pair_lines
from geo_service.services.digests import data_digest
from geo_service.services.wire import Json, finding_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from geo_service.cities import CityProfile
    from geo_service.domain.boundary import AdministrativeBoundary
    from geo_service.domain.marker import MarkerTally
    from geo_service.domain.provenance import Force
    from geo_service.domain.text import Lang, Text
    from geo_service.geometry.reconciliation import (
        Departure,
        Matched,
        Reconciliation,
        Span,
        Vertices,
    )
    from geo_service.geometry.shift import Shift

Progress = Callable[[int, int, str], None]
"""Told before each line: its number from 0, how many there are, its name."""

LAYER = "copies"


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """One line in both copies.

    `residual` are the distances of A to B and of B to A once the common shift is taken out, None
    where a copy is not drawn.
    """

    copies: LineCopies
    paired_by: PairedBy
    residual: tuple[Spread, Spread] | None


@dataclass(frozen=True, slots=True)
class Offset:
    """What one shift of the whole of copy B would explain.

    `before_m` and `after_m` are the medians over the lines of their median distance from A to B.
    `constant` tells whether the shift explains the greater part (`copy_shift_share`); `like` is
    the obfuscated system that moves ground so, and `displaced` the copy that it would be. Where
    there is one, nobody is told the figures of the shift: undoing it is no service of ours.
    """

    common: CommonShift
    before_m: float
    after_m: float
    constant: bool
    like: str
    displaced: str


@dataclass(frozen=True, slots=True)
class ComparisonReport:
    """Copy A beside copy B, as of a day and at a map scale.

    `lines` in the order of copy A's codes; `only_a` and `only_b` have no partner and are not
    judged. `offset` is None where no line is drawn in both. `findings` gravest first.
    """

    city: str
    as_of: date
    scale: int
    lines: tuple[ComparedLine, ...]
    only_a: tuple[AdministrativeBoundary, ...]
    only_b: tuple[AdministrativeBoundary, ...]
    offset: Offset | None
    findings: tuple[Finding, ...]
    rules_run: tuple[str, ...]
    digest: Digest
    forces: frozenset[Force]

    @property
    def notice(self) -> Text:
        """What stands beside every answer: advice only, and what the data are not good for."""
        return notice_of(self.forces)

    @property
    def by_severity(self) -> dict[str, int]:
        """How many findings of each severity, gravest first, zeros included."""
        found = Counter(finding.severity for finding in self.findings)
        return {severity.word: found[severity] for severity in sorted(Severity, reverse=True)}


def compare_copies(
    a: Sequence[AdministrativeBoundary],
    b: Sequence[AdministrativeBoundary],
    city: CityProfile,
    as_of: date,
    *,
    scale: int = DEFAULT_SCALE,
    tallies_a: Sequence[MarkerTally] = (),
    tallies_b: Sequence[MarkerTally] = (),
    progress: Progress | None = None,
) -> ComparisonReport:
    """Compare the lines of copy B with those of copy A; geometry EPSG:4490.

    `tallies_a` and `tallies_b` are the counts of markers that the copies state, by line code.
    Raises InputError `copies_without_common_line` where no two lines pair, ConfigError where the
    city profile lacks a limit.
    """
    context = BoundaryContext(city, as_of, scale)
    pairing = pair_lines(a, b, context)
    if not pairing.pairs:
        raise InputError("copies_without_common_line", count_a=len(a), count_b=len(b))
    counts = [{tally.line_code: tally for tally in stated} for stated in (tallies_a, tallies_b)]
    measured = []
    for number, pair in enumerate(pairing.pairs):
        if progress is not None:
            progress(number, len(pairing.pairs), pair.a.name or pair.a.code)
        tallies = (counts[0].get(pair.a.code), counts[1].get(pair.b.code))
        measured.append(_measured(pair, tallies, context))
    offset, lines = _without_common_shift(measured, pairing.pairs, context)
    rules = [rule for rule in rules_of(FAMILY) if LAYER in rule.needs]
    moved = None
    if offset is not None and offset.constant:
        moved = Displacement(offset.like, offset.displaced)
    case = BoundaryCase((), (), (), city.plane_epsg, copies=tuple(measured), displacement=moved)
    return ComparisonReport(
        city=city.code,
        as_of=as_of,
        scale=scale,
        lines=lines,
        only_a=pairing.only_a,
        only_b=pairing.only_b,
        offset=offset,
        findings=evaluate(rules, case, context, as_of=as_of, jurisdiction=city.code),
        rules_run=tuple(rule.id for rule in rules),
        digest=Digest(rules_digest(FAMILY), data_digest(city), __version__),
        forces=forces_of([*a, *b]),
    )


def _measured(
    pair: Pair,
    tallies: tuple[MarkerTally | None, MarkerTally | None],
    context: BoundaryContext,
) -> LineCopies:
    return copies_of(
        pair.a,
        pair.b,
        plane_epsg=context.city.plane_epsg,
        tolerance_m=context.line_tolerance_m,
        reach_m=context.threshold("copy_reach_m"),
        tally_a=tallies[0],
        tally_b=tallies[1],
    )


def _without_common_shift(
    measured: Sequence[LineCopies], pairs: Sequence[Pair], context: BoundaryContext
) -> tuple[Offset | None, tuple[ComparedLine, ...]]:
    drawn = [copies.measured for copies in measured if copies.measured is not None]
    if not drawn:
        bare = zip(measured, pairs, strict=True)
        return None, tuple(ComparedLine(copies, pair.by, None) for copies, pair in bare)
    west, south, east, north = context.city.extent
    middle = ((west + east) / 2, (south + north) / 2)
    common = common_shift([found.shift for found in drawn], middle)
    lines = tuple(
        ComparedLine(copies, pair.by, _left_over(copies, common, context.city.plane_epsg))
        for copies, pair in zip(measured, pairs, strict=True)
    )
    before = float(np.median([found.a_to_b.median_m for found in drawn]))
    after = float(np.median([x.residual[0].median_m for x in lines if x.residual is not None]))
    return _offset(common, before, after, context), lines


def _left_over(
    copies: LineCopies, common: CommonShift, plane_epsg: int
) -> tuple[Spread, Spread] | None:
    a, b = copies.a.geometry, copies.b.geometry
    if not (is_comparable(a) and is_comparable(b)):
        return None
    return residual(a, b, common, plane_epsg=plane_epsg)


def _offset(
    common: CommonShift, before_m: float, after_m: float, context: BoundaryContext
) -> Offset:
    explained = before_m - after_m >= context.threshold("copy_shift_share") * before_m
    constant = before_m > context.line_tolerance_m and explained
    # The shift leads from B to A: an obfuscated A lies that way, an obfuscated B the other.
    shift, city = common.shift, context.city
    like_a = system_like(city, shift.distance_m, shift.bearing_deg)
    like_b = system_like(city, shift.distance_m, (shift.bearing_deg + 180) % 360)
    like = (like_a or like_b) if constant else ""
    displaced = ("a" if like_a else "b") if like else ""
    return Offset(common, before_m, after_m, constant, like, displaced)


# --- as JSON ---------------------------------------------------------------------------------


def comparison_json(report: ComparisonReport, lang: Lang) -> Json:
    """The comparison as a JSON-ready value; metres and degrees, the keys never drift."""
    return {
        "city": report.city,
        "as_of": report.as_of.isoformat(),
        "scale": report.scale,
        "lines": [_line_json(line, told=not _is_obfuscated(report)) for line in report.lines],
        "only_a": [line.code for line in report.only_a],
        "only_b": [line.code for line in report.only_b],
        "offset": None if report.offset is None else _offset_json(report.offset),
        "severities": report.by_severity,
        "findings": [finding_json(finding, lang) for finding in report.findings],
        "rules_run": list(report.rules_run),
        "digest": digest_json(report.digest),
        "notice": report.notice.in_(lang),
    }


def _is_obfuscated(report: ComparisonReport) -> bool:
    """Whether a copy looks obfuscated: then no figure is told by which it could be undone."""
    return report.offset is not None and bool(report.offset.like)


def _line_json(line: ComparedLine, *, told: bool) -> Json:
    copies = line.copies
    left = line.residual
    return {
        "code_a": copies.a.code,
        "code_b": copies.b.code,
        "name": copies.name,
        "paired_by": line.paired_by.value,
        "differences": [
            {"field": field, "a": one, "b": other} for field, one, other in differences(copies)
        ],
        "measured": None
        if copies.measured is None
        else _measured_json(copies.measured)
        | {"shift": _shift_json(copies.measured.shift) if told else None},
        "residual": None
        if left is None
        else dict(zip(_WAYS, map(_spread_json, left), strict=True)),
    }


_WAYS = ("a_to_b", "b_to_a")


def _measured_json(found: Reconciliation) -> Json:
    return {
        "tolerance_m": found.tolerance_m,
        "step_m": round(found.step_m, 3),
        "length_a_m": round(found.length_a_m, 3),
        "length_b_m": round(found.length_b_m, 3),
        "matched_m": round(found.matched_m, 3),
        "agreeing_m": round(found.agreeing_m, 3),
        "a_to_b": _spread_json(found.a_to_b),
        "b_to_a": _spread_json(found.b_to_a),
        "hausdorff_m": round(found.hausdorff_m, 3),
        "frechet_m": round(found.frechet_m, 3) if found.matched else None,
        "area_m2": round(found.area_m2, 1),
        "edge_matched": found.edge_matched,
        "vertices": {
            "a": _vertices_json(found.vertices_a),
            "b": _vertices_json(found.vertices_b),
        },
        "matched": [_matched_json(stretch) for stretch in found.matched],
        "departures": [_departure_json(stretch) for stretch in found.departures],
    }


def _spread_json(spread: Spread) -> Json:
    return {
        "median_m": round(spread.median_m, 3),
        "p95_m": round(spread.p95_m, 3),
        "max_m": round(spread.max_m, 3),
    }


def _span_json(span: Span) -> Json:
    return {"from_m": round(span.from_m, 2), "to_m": round(span.to_m, 2)}


def _vertices_json(vertices: Vertices) -> Json:
    return {"count": vertices.count, "equal": vertices.equal, "lonely": len(vertices.lonely)}


def _shift_json(shift: Shift) -> Json:
    return {
        "east_m": round(shift.east_m, 2),
        "north_m": round(shift.north_m, 2),
        "lon_deg": round(shift.lon_deg, 7),
        "lat_deg": round(shift.lat_deg, 7),
        "distance_m": round(shift.distance_m, 2),
        "bearing_deg": round(shift.bearing_deg, 2),
    }


def _matched_json(stretch: Matched) -> Json:
    return {
        "a": _span_json(stretch.a),
        "b": _span_json(stretch.b),
        "frechet_m": round(stretch.frechet_m, 3),
        "area_m2": round(stretch.area_m2, 1),
    }


def _departure_json(stretch: Departure) -> Json:
    return {
        "side": stretch.side,
        "own": _span_json(stretch.own),
        "opposite": _span_json(stretch.opposite),
        "largest_m": round(stretch.largest_m, 3),
        "alone": stretch.alone,
    }


def _offset_json(offset: Offset) -> Json:
    return {
        "shift": None if offset.like else _shift_json(offset.common.shift),
        "constant_in": "degrees" if offset.common.in_degrees else "metres",
        "spread_m": round(offset.common.spread_m, 2),
        "before_m": round(offset.before_m, 3),
        "after_m": round(offset.after_m, 3),
        "constant": offset.constant,
        "like": offset.like,
        "displaced": offset.displaced,
    }
