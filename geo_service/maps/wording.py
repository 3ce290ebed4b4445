"""Short texts that maps and pages share: figures, severities, citations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from geo_service import statutes
from geo_service.domain.law import Rank
from geo_service.messages import message

if TYPE_CHECKING:
    from geo_service.domain.finding import Measure, Severity
    from geo_service.domain.law import Citation
    from geo_service.domain.provenance import Provenance
    from geo_service.domain.text import Lang

_SHOWN_UNIT = {"m2": "m²", "km2": "km²"}
_ARTICLE = re.compile(r"([0-9]+(?:\.[0-9]+)*)(?:\(([0-9]+)\))?")


def number_text(value: float) -> str:
    """A figure for reading: at most three decimals, thousands apart, no idle zeros."""
    text = f"{value:,.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def measure_text(measure: Measure | None, lang: Lang) -> str:
    """What was measured against which limit and by whom it is set; empty where nothing was."""
    if measure is None or measure.measured is None:
        return ""
    unit = f" {_SHOWN_UNIT.get(measure.unit, measure.unit)}" if measure.unit else ""
    measured = number_text(measure.measured) + unit
    if measure.limit is None:
        return measured
    limit = number_text(measure.limit) + unit
    key = "maps.measured_limit_source" if measure.limit_source else "maps.measured_limit"
    return message(key, measured=measured, limit=limit, source=measure.limit_source).in_(lang)


def severity_text(severity: Severity, lang: Lang) -> str:
    """The severity as a reader knows it."""
    return message(f"rules.severity_{severity.word}").in_(lang)


def article_text(citation: Citation, lang: Lang) -> str:
    """The article as it is cited: `9(5)` is 第9条第(5)项; standards have numbered items instead.

    Empty for the working titles under which we file parts of a text that has no numbers.
    """
    parts = _ARTICLE.fullmatch(citation.article)
    if parts is None:
        return ""
    number, item = parts.groups()
    if statutes.instrument(citation.instrument_id).rank in (Rank.STANDARD, Rank.PRACTICE):
        return message("maps.standard_item", number=citation.article).in_(lang)
    key = "maps.article_item" if item else "maps.article"
    return message(key, number=number, item=item).in_(lang)


def citation_text(citation: Citation, lang: Lang) -> str:
    """Instrument, number and article in one line; gist and caveat stand apart in `Citation`."""
    cited = message(
        "maps.citation", instrument=citation.instrument.in_(lang), number=citation.number
    ).in_(lang)
    article = article_text(citation, lang)
    separator = "" if lang == "zh" or not article else ", "
    return f"{cited}{separator}{article}"


def source_text(provenance: Provenance, lang: Lang) -> str:
    """Where a record comes from and how far it may be relied on."""
    force = message(f"maps.force_{provenance.force}").in_(lang)
    return message("maps.source", source=provenance.source, force=force).in_(lang)
