"""Findings, verdicts and reports as JSON-ready values: the one shape of CLI, API and files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geo_service.domain.finding import Decision, Finding, Measure, NearName, Related, Verdict
    from geo_service.domain.law import Citation
    from geo_service.domain.text import Lang, Text

Json = dict[str, Any]


def _text(text: Text | None, lang: Lang) -> str | None:
    return None if text is None else text.in_(lang)


def geometry_json(geometry: BaseGeometry | None) -> Json | None:
    """A geometry as GeoJSON (longitude, latitude), None for none."""
    if geometry is None:
        return None
    import shapely  # noqa: PLC0415 - findings on names have no geometry and must not pay for it

    result: Json = json.loads(shapely.to_geojson(geometry))
    return result


def _related(related: Related) -> Json:
    return {
        "kind": related.kind,
        "id": related.id,
        "name": related.name,
        "distance_m": None if related.distance_m is None else round(related.distance_m, 1),
    }


def _evidence(measure: Measure | None) -> Json:
    if measure is None:
        return {"measured": None, "limit": None, "unit": "", "limit_source": ""}
    return {
        "measured": measure.measured,
        "limit": measure.limit,
        "unit": measure.unit,
        "limit_source": measure.limit_source,
    }


def citation_json(citation: Citation, lang: Lang) -> Json:
    """A citation with title, article, dates and the caveat a reader must know."""
    return {
        "instrument": citation.instrument.in_(lang),
        "number": citation.number,
        "article": citation.article,
        "gist": citation.gist.in_(lang),
        "in_force_from": _day(citation.in_force.start),
        "in_force_to": _day(citation.in_force.end),
        "url": citation.url,
        "caveat": _text(citation.caveat, lang),
    }


def _day(day: object) -> str | None:
    return None if day is None else str(day)


def finding_json(finding: Finding, lang: Lang) -> Json:
    """A finding as DESIGN fixes it: the keys never drift."""
    return {
        "id": finding.id,
        "rule_id": finding.rule_id,
        "rule_version": finding.rule_version,
        "severity": finding.severity.word,
        "category": finding.category,
        "title": finding.title.in_(lang),
        "message": finding.message.in_(lang),
        "subject": {
            "kind": finding.subject.kind,
            "id": finding.subject.id,
            "name": finding.subject.name,
        },
        "related": [_related(related) for related in finding.related],
        "evidence": _evidence(finding.measure),
        "geometry": geometry_json(finding.geometry),
        "citations": [citation_json(citation, lang) for citation in finding.citations],
        "question": _text(finding.question, lang),
        "suggestion": _text(finding.suggestion, lang),
        "fingerprint": finding.fingerprint,
        "state": finding.state.value,
    }


def decision_json(decision: Decision) -> Json:
    """What a person decided on a finding."""
    return {
        "signer": decision.signer,
        "signed_on": decision.signed_on.isoformat(),
        "reason": decision.reason,
        "document_no": decision.document_no,
        "ends_on": _day(decision.ends_on),
    }


def _near(near: NearName, lang: Lang) -> Json:
    return {
        "id": near.id,
        "name": near.name,
        "likeness": round(near.likeness, 3),
        "reasons": [reason.in_(lang) for reason in near.reasons],
        "distance_m": None if near.distance_m is None else round(near.distance_m, 1),
    }


def verdict_json(verdict: Verdict, lang: Lang) -> Json:
    """A verdict as DESIGN fixes it."""
    return {
        "name": verdict.name,
        "feature_type": verdict.feature_type.value,
        "as_of": verdict.as_of.isoformat(),
        "verdict": verdict.outcome.value,
        "findings": [finding_json(finding, lang) for finding in verdict.findings],
        "near": [_near(near, lang) for near in verdict.near],
        "romanization": {
            "text": verdict.romanization.text,
            "reading_source": verdict.romanization.reading_source.value,
            "alternatives": list(verdict.romanization.alternatives),
        },
        "digest": {
            "rules": verdict.digest.rules,
            "data": verdict.digest.data,
            "code": verdict.digest.code,
        },
        "notice": verdict.notice.in_(lang),
    }
