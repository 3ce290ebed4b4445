"""Trying a draft on the whole review: offered only where nothing gets worse."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import shapely

from geo_service import statutes
from geo_service.domain.finding import Severity
from geo_service.domain.repair import RepairKind, RepairProposal
from geo_service.domain.text import Text
from geo_service.messages import message
from geo_service.services.boundaries import run_family
from geo_service.services.markers import FAMILY as MARKERS
from geo_service.services.markers import marker_case
from geo_service.services.recheck import Effect
from geo_service.services.repairing.ground import Account, Ground
from geo_service.services.repairing.locks import is_agreed

if TYPE_CHECKING:
    from datetime import date

    from shapely.geometry.base import BaseGeometry

    from geo_service.domain.finding import Finding
    from geo_service.domain.law import Citation
    from geo_service.domain.marker import MarkerEntry
    from geo_service.domain.repair import Mendable
    from geo_service.services.recheck import Review
    from geo_service.services.repairing.desk import Desk, Draft

_ROUNDING = 0.002
"""Measures are told to three decimals."""
_THINNEST_DEG = 1e-11
"""Mean width, about a micrometre, below which ground is rounding of coordinates."""
_LAW = (("B02", "2"),)


@dataclass(frozen=True)
class Trial:
    """A desk, and the review to try drafts on; what a draft does to it is worked out once."""

    desk: Desk
    review: Review
    markers: tuple[MarkerEntry, ...] = ()
    _tried: dict[str, Effect] = field(default_factory=dict)

    def outcome(self, draft: Draft, finding: Finding) -> RepairProposal | Text:
        """The proposal, or why it is none."""
        refused = self._unsound(draft)
        if refused is not None:
            return refused
        account = Account(self._ground, draft, self.desk.context.threshold("same_vertex_m"))
        if account.abandoned_m2 > 0 and not self._beyond_the_review(draft):
            return message("repair.ground_lost", area=f"{account.abandoned_m2:,.1f}")
        effect = self._effect(draft)
        refused = self._worse(finding, effect)
        if refused is not None:
            return refused
        return self._proposal(draft, account, effect)

    @cached_property
    def _ground(self) -> Ground:
        return Ground(self.desk.case)

    def _effect(self, draft: Draft) -> Effect:
        name = identity(draft)
        if name not in self._tried:
            mended = self.review.with_changes([after for _, after in draft.changes])
            effect = mended.effect_on(self.review)
            self._tried[name] = _joined(effect, self._marker_findings(mended), self._beside)
        return self._tried[name]

    @cached_property
    def _beside(self) -> Mapping[str, Finding]:
        return self._marker_findings(self.review)

    def _marker_findings(self, review: Review) -> dict[str, Finding]:
        """What the rules on markers say of the markers beside these units and lines."""
        if not self.markers:
            return {}
        case = marker_case(self.markers, review.case)
        found = run_family(MARKERS, case, self.desk.context).findings
        return {finding.fingerprint: finding for finding in found}

    def _unsound(self, draft: Draft) -> Text | None:
        """Why what is drafted is no record to store."""
        keeper = () if draft.keeps is None else (draft.keeps,)
        for party in (*keeper, *draft.follows, *(before for before, _ in draft.changes)):
            if self.desk.is_doubled(party):
                return message("repair.id_twice", id=party.id)
        for before, after in draft.changes:
            name, shape = before.name or before.id, after.geometry
            if shape is None or shape.is_empty or before.geometry is None:
                return message("repair.would_vanish", name=name)
            if shapely.get_dimensions(shape) != shapely.get_dimensions(before.geometry):
                return message("repair.would_vanish", name=name)
            if not shapely.is_valid(shape):
                sound = shapely.is_valid(before.geometry)
                return message(f"repair.{'would_be' if sound else 'ring'}_invalid", name=name)
        return None

    def _beyond_the_review(self, draft: Draft) -> bool:
        """Whether the line decides and one of its sides has no polygon here to take the ground."""
        context = self.desk.context
        there = {context.current(unit.code) for unit in self.desk.unit_by_id.values()}
        sides = {context.current(code) for line in draft.follows for code in line.parties}
        return draft.kind is RepairKind.OUTLINE_FROM_LINE and not sides <= there

    def _worse(self, finding: Finding, effect: Effect) -> Text | None:
        """Why the guarantee does not hold: what stays, comes up, or grows."""
        if all(gone.fingerprint != finding.fingerprint for gone in effect.vanished):
            return message("repair.would_stay")
        for found in effect.appeared:
            # Who mends what only informs, brings nothing at all.
            if found.severity > Severity.INFO or found.severity >= finding.severity:
                return message("repair.would_bring", rule=found.rule_id, told=found.message)
        before = {found.fingerprint: found for found in self.desk.findings} | dict(self._beside)
        for found in effect.remaining:
            known = before[found.fingerprint]
            if found.severity > known.severity or _grows(known, found):
                return message("repair.would_worsen", rule=found.rule_id, told=found.message)
        return None

    def _proposal(self, draft: Draft, account: Account, effect: Effect) -> RepairProposal:
        return RepairProposal(
            id=identity(draft),
            kind=draft.kind,
            title=title_of(draft),
            effects=account.effects,
            answers=effect.vanished,
            brings=effect.appeared,
            held=self.desk.locks.held(self._bystanders(draft)),
            transfers=account.transfers,
            remark=_remark(draft),
            citations=_citations(self.desk.context.as_of),
            keeps="" if draft.keeps is None else draft.keeps.id,
        )

    def _bystanders(self, draft: Draft) -> list[Mendable]:
        """The parties that stay as they are: lines followed, and the unit whose edge is kept."""
        changed = {before.id for before, _ in draft.changes}
        parties: list[Mendable] = list(draft.follows)
        for line in draft.follows:
            parties += self.desk.parties_to(line)
        if draft.keeps is not None:
            parties.append(draft.keeps)
        named = {party.id: party for party in parties if party.id not in changed}
        return [named[key] for key in sorted(named)]


def _joined(effect: Effect, now: Mapping[str, Finding], before: Mapping[str, Finding]) -> Effect:
    """The effect on the review with that on the markers beside it."""
    return Effect(
        (*effect.vanished, *(f for mark, f in before.items() if mark not in now)),
        (*effect.appeared, *(f for mark, f in now.items() if mark not in before)),
        (*effect.remaining, *(f for mark, f in now.items() if mark in before)),
    )


def identity(draft: Draft) -> str:
    """Drawn from what changes, bit for bit: no other change can come under the same name."""
    digest = hashlib.sha256()
    for before, after in sorted(draft.changes, key=lambda change: change[0].id):
        digest.update(f"\0{type(before).__name__}\0{before.id}\0".encode())
        for record in (before, after):
            sides = [getattr(record, name, "") for name in ("left_code", "right_code")]
            digest.update("\0".join(sides).encode())
            digest.update(shapely.to_wkb(record.geometry, byte_order=1) or b"")
    return f"R-{digest.hexdigest()[:16]}"


def title_of(draft: Draft) -> Text:
    """What is proposed, in one sentence."""
    names = [before.name or before.id for before, _ in draft.changes]
    lines = [line.name or line.code for line in draft.follows]
    return message(
        f"repair.title_{draft.kind.value}",
        names=Text("、".join(names), ", ".join(names)),
        lines=Text("、".join(lines), ", ".join(lines)),
        keeps="" if draft.keeps is None else draft.keeps.name,
    )


def _grows(before: Finding, after: Finding) -> bool:
    """Whether a measure went farther from its limit on the wrong side; areas, whether they grew."""
    was, now = before.measure, after.measure
    if was is None or now is None or was.measured is None or now.measured is None:
        return False
    more = now.measured - was.measured
    if was.unit == "m2":
        return more > _ROUNDING and _is_more_ground(before.geometry, after.geometry)
    below = was.limit is not None and was.measured < was.limit
    return (-more if below else more) > _ROUNDING


def _is_more_ground(before: BaseGeometry | None, after: BaseGeometry | None) -> bool:
    """Whether there is ground that was not there before.

    A vertex put into an edge makes other geodesics of it, so the same ground has another area.
    """
    if before is None or after is None:
        return True
    parts = shapely.get_parts(shapely.difference(after, before))
    return bool((2 * shapely.area(parts) > _THINNEST_DEG * shapely.length(parts)).any())


def _remark(draft: Draft) -> Text:
    """What the law makes of it, and of the lines it relies on."""
    said = [message("repair.remark_line" if _moves_a_line(draft) else "repair.remark_unit")]
    if not all(is_agreed(line) for line in draft.follows):
        said.append(message("repair.line_unsigned"))
    return Text("".join(t.zh for t in said), " ".join(t.en for t in said))


def _citations(day: date) -> tuple[Citation, ...]:
    """What says that nobody changes a line without authority, where it is in force on the day."""
    held = [each for each in _LAW if statutes.article(*each).in_force.covers(day)]
    return tuple(statutes.citation(*each) for each in held)


def _moves_a_line(draft: Draft) -> bool:
    return any(hasattr(before, "left_code") for before, _ in draft.changes)
