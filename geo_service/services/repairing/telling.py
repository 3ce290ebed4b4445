"""Proposals as JSON-ready values and as layers for a GIS: before, after, and the ground between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from geo_service.services.boundaries import digest_json
from geo_service.services.interchange.exporting import Layer
from geo_service.services.wire import Json, citation_json, finding_json, geometry_json

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geo_service.domain.change import LoggedChange
    from geo_service.domain.repair import Effect, RepairProposal
    from geo_service.domain.text import Lang
    from geo_service.services.interchange.fields import Row
    from geo_service.services.repairing.proposing import RepairPlan


def plan_json(plan: RepairPlan, lang: Lang) -> Json:
    """A plan as a JSON-ready value; the keys never drift."""
    report = plan.report
    return {
        "city": report.city,
        "as_of": report.as_of.isoformat(),
        "scale": report.scale,
        "counts": dict(report.counts),
        "severities": report.by_severity,
        "proposals": [proposal_json(proposal, lang) for proposal in plan.proposals],
        "unmended": [
            {
                "finding": finding_json(left.finding, lang),
                "reasons": [reason.in_(lang) for reason in left.reasons],
            }
            for left in plan.unmended
        ],
        "digest": digest_json(report.digest),
        "notice": report.notice.in_(lang),
    }


def proposal_json(proposal: RepairProposal, lang: Lang) -> Json:
    """A proposal as a JSON-ready value; the keys never drift."""
    return {
        "id": proposal.id,
        "kind": proposal.kind.value,
        "title": proposal.title.in_(lang),
        "keeps": proposal.keeps,
        "answers": [finding_json(finding, lang) for finding in proposal.answers],
        "brings": [finding_json(finding, lang) for finding in proposal.brings],
        "records": [_effect_json(effect) for effect in proposal.effects],
        "held": [
            {"kind": held.kind.value, "id": held.id, "name": held.name, "hold": held.hold.value}
            for held in proposal.held
        ],
        "transfers": [
            {"from": t.giver, "to": t.taker, "area_m2": round(t.area_m2, 1)}
            for t in proposal.transfers
        ],
        "remark": proposal.remark.in_(lang),
        "citations": [citation_json(citation, lang) for citation in proposal.citations],
    }


def _effect_json(effect: Effect) -> Json:
    figures = {
        "largest_m": round(effect.largest_m, 3),
        "gained_m2": round(effect.gained_m2, 1),
        "lost_m2": round(effect.lost_m2, 1),
        "vertices_added": effect.vertices_added,
        "vertices_removed": effect.vertices_removed,
    }
    return {
        "kind": effect.kind.value,
        "id": effect.id,
        "name": effect.before.name,
        **figures,
        "attributes": [
            {"field": field, "before": before, "after": after}
            for field, before, after in effect.attributes
        ],
        "geometry": geometry_json(effect.after.geometry),
    }


def changes_json(changes: Sequence[LoggedChange]) -> list[Json]:
    """The log entries of an application as JSON-ready values."""
    return [
        {
            "sequence": entry.sequence,
            "kind": entry.kind.value,
            "record": entry.record_id,
            "version": entry.version,
            "recorded_at": entry.recorded_at.isoformat(),
            "actor": entry.actor,
            "reason": entry.reason,
            "basis": entry.basis,
        }
        for entry in changes
    ]


def layers_of(plan: RepairPlan, lang: Lang) -> tuple[Layer, ...]:
    """`before` and `after` of every record that a proposal changes, and the ground between."""
    effects = [(proposal, effect) for proposal in plan.proposals for effect in proposal.effects]
    rows = [_row(proposal, effect, lang) for proposal, effect in effects]
    between = [
        (row, *piece)
        for row, (_, effect) in zip(rows, effects, strict=True)
        for piece in _ground(effect)
    ]
    return (
        Layer("before", rows, [effect.before.geometry for _, effect in effects]),
        Layer("after", rows, [effect.after.geometry for _, effect in effects]),
        Layer(
            "ground",
            [{**row, "way": way} for row, way, _ in between],
            [shape for _, _, shape in between],
        ),
    )


def _row(proposal: RepairProposal, effect: Effect, lang: Lang) -> Row:
    return {
        "repair": proposal.id,
        "title": proposal.title.in_(lang),
        "answers": " ".join(finding.id for finding in proposal.answers),
        "kind": effect.kind.value,
        "id": effect.id,
        "name": effect.before.name,
        "largest_m": round(effect.largest_m, 3),
        "gained_m2": round(effect.gained_m2, 1),
        "lost_m2": round(effect.lost_m2, 1),
        "vertices_added": effect.vertices_added,
        "vertices_removed": effect.vertices_removed,
        "remark": proposal.remark.in_(lang),
    }


def _ground(effect: Effect) -> Iterator[tuple[str, BaseGeometry]]:
    for way, shape in (("gained", effect.gained), ("lost", effect.lost)):
        if shape is not None and not shape.is_empty:
            yield way, shape
