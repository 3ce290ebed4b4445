"""What a pop-up says about a record or a finding: HTML in which every value is escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_service.domain.finding import FindingState
from geo_service.maps.sheet import templates
from geo_service.maps.style import style
from geo_service.maps.wording import source_text
from geo_service.messages import message
from geo_service.services.register.acts import label_of
from geo_service.services.wording import (
    citations_text,
    measure_text,
    number_text,
    outcome_text,
    severity_text,
    standing_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode
    from geo_service.domain.division import AdministrativeUnit
    from geo_service.domain.finding import Finding, NearName, Verdict
    from geo_service.domain.place import NamedPlace
    from geo_service.domain.repair import Effect, RepairProposal
    from geo_service.domain.text import Lang, Text
    from geo_service.geometry.reconciliation import Departure
    from geo_service.maps.style import Mark
    from geo_service.services.register.acts import Kept
    from geo_service.services.search import SearchHit

_FINDINGS_SAID = 4
Facts = list[tuple[str, str]]


def _render(**parts: Any) -> str:
    return templates().get_template("popup.html").render(**{"notes": (), **parts})


def _facts(lang: Lang, **values: str) -> Facts:
    """The filled values under their catalogue words, in the order given."""
    return [(message(f"maps.{key}").in_(lang), value) for key, value in values.items() if value]


def _joint(lang: Lang) -> str:
    return "；" if lang == "zh" else "; "


def _tag(finding: Finding, lang: Lang) -> dict[str, str]:
    look = style().severities[finding.severity]
    return {
        "color": look.color,
        "mark": look.mark,
        "word": severity_text(finding.severity, finding.rule_id, lang),
    }


def unit_popup(unit: AdministrativeUnit, lang: Lang) -> str:
    """Name, code and source of a unit."""
    return _render(
        title=unit.name,
        facts=_facts(lang, code=unit.id, source_word=source_text(unit.provenance, lang)),
    )


def line_popup(line: AdministrativeBoundary, lang: Lang) -> str:
    """Name, code, sides, agreement and source of a line."""
    stated = "" if line.length_km is None else f"{number_text(line.length_km)} km"
    return _render(
        title=line.name or line.code,
        facts=_facts(
            lang,
            code=line.code,
            sides=f"{line.left_code} / {line.right_code}",
            legal_status=message(f"maps.legal_{line.legal_status}").in_(lang),
            agreement=line.agreement_no,
            stated_length=stated,
            source_word=source_text(line.provenance, lang),
        ),
    )


def node_popup(node: BoundaryNode, lang: Lang) -> str:
    """Kind, units and source of a node."""
    return _render(
        title=message(f"maps.node_{node.kind}").in_(lang),
        facts=_facts(
            lang,
            code=node.id,
            units_around=" / ".join(node.units),
            source_word=source_text(node.provenance, lang),
        ),
    )


def _state(finding: Finding, lang: Lang) -> str:
    """Where the finding stands; nothing while it is simply open."""
    return "" if finding.state is FindingState.OPEN else standing_text(finding, lang)


def finding_popup(finding: Finding, notice: Text, lang: Lang) -> str:
    """Title, severity, message, measure, citations and question of a finding."""
    return _render(
        title=finding.title.in_(lang),
        tag=_tag(finding, lang),
        message=finding.message.in_(lang),
        facts=_facts(
            lang,
            subject=finding.subject.name or finding.subject.id,
            state=_state(finding, lang),
            measured=measure_text(finding.measure, lang),
            basis=citations_text(finding.citations, lang),
        ),
        question=None if finding.question is None else finding.question.in_(lang),
        notes=(f"{finding.rule_id} · {finding.id}", notice.in_(lang)),
    )


def departure_popup(name: str, stretch: Departure, lang: Lang) -> str:
    """A stretch on which two copies of a line differ: where, by how much, seen on which copy."""
    start, end = number_text(stretch.own.from_m), number_text(stretch.own.to_m)
    facts = {
        "seen_on": message(f"compare.layer_{stretch.side}").in_(lang),
        "chainage": f"{start}–{end} m",
        "largest": f"{number_text(stretch.largest_m)} m",
    }
    return _render(
        title=name,
        facts=[(message(f"compare.{key}").in_(lang), value) for key, value in facts.items()],
        notes=(message("boundary.notice").in_(lang),),
    )


def repair_popup(proposal: RepairProposal, effect: Effect, lang: Lang) -> str:
    """A proposal and what it does to one record."""
    facts = {
        "record": f"{effect.before.name} {effect.id}",
        "largest": f"{number_text(effect.largest_m)} m",
        "gained": f"{number_text(effect.gained_m2)} m²",
        "lost": f"{number_text(effect.lost_m2)} m²",
        "answers": " ".join(finding.id for finding in proposal.answers),
    }
    return _render(
        title=proposal.title.in_(lang),
        facts=[(message(f"repair.{key}").in_(lang), value) for key, value in facts.items()],
        notes=(proposal.id, proposal.remark.in_(lang), message("boundary.notice").in_(lang)),
    )


def proposed_popup(name: str, lang: Lang) -> str:
    """The name that is being checked, at the place it was proposed for."""
    return _render(title=name, message=message("maps.proposed_here").in_(lang))


def planned_popup(row: int, verdict: Verdict, look: Mark, lang: Lang) -> str:
    """A name of a plan: how it came out, and what was found."""
    said = [finding.message.in_(lang) for finding in verdict.findings]
    return _render(
        title=verdict.name,
        tag={"color": look.color, "mark": look.mark, "word": outcome_text(verdict.outcome, lang)},
        message=_joint(lang).join(said[:_FINDINGS_SAID]),
        facts=_facts(lang, plan_row=str(row)),
        notes=(verdict.notice.in_(lang),),
    )


def change_popup(before: Any, after: Any, what: str, look: Mark, lang: Lang) -> str:
    """A record before and after a change; one of the two may be None."""
    record = after or before
    return _render(
        title=record.name,
        tag={"color": look.color, "mark": look.mark, "word": what},
        facts=_facts(
            lang,
            code=record.id,
            name_before="" if before is None else before.name,
            name_after="" if after is None else after.name,
            source_word=source_text(record.provenance, lang),
        ),
    )


def near_popup(near: NearName, place: NamedPlace, lang: Lang) -> str:
    """A registered name that looks or sounds like the one checked, and why."""
    distance = "" if near.distance_m is None else f"{number_text(near.distance_m)} m"
    return _render(
        title=near.name,
        message=_joint(lang).join(reason.in_(lang) for reason in near.reasons),
        facts=_facts(
            lang,
            code=near.id,
            likeness=f"{near.likeness:.0%}",
            distance=distance,
            unit=place.unit_code or "",
            source_word=source_text(place.provenance, lang),
        ),
    )


def hit_popup(hit: SearchHit, lang: Lang) -> str:
    """A registered name that a search found, and why."""
    place = hit.place
    distance = "" if hit.distance_m is None else f"{number_text(hit.distance_m)} m"
    return _render(
        title=place.name,
        message=_joint(lang).join(reason.in_(lang) for reason in hit.reasons),
        facts=_facts(
            lang,
            code=place.id,
            distance=distance,
            unit=place.unit_code or "",
            source_word=source_text(place.provenance, lang),
        ),
    )


def record_popup(record: Kept, lang: Lang) -> str:
    """Name, id and source of a record of any kind."""
    return _render(
        title=label_of(record),
        facts=_facts(lang, code=record.id, source_word=source_text(record.provenance, lang)),
    )


def names_in_unit_popup(
    unit: AdministrativeUnit, names: Iterable[str], kind: str, lang: Lang
) -> str:
    """A unit that holds names whose own place is not recorded; `kind` is `near` or `found`."""
    return _render(
        title=unit.name,
        message=message(
            f"maps.{kind}_in_unit", names=("、" if lang == "zh" else ", ").join(names)
        ).in_(lang),
        notes=(message("maps.in_unit_note").in_(lang),),
    )
