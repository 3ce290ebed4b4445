"""Short texts that maps and pages share about records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.messages import message

if TYPE_CHECKING:
    from geo_service.domain.provenance import Provenance
    from geo_service.domain.text import Lang


def source_text(provenance: Provenance, lang: Lang) -> str:
    """Where a record comes from and how far it may be relied on."""
    force = message(f"maps.force_{provenance.force}").in_(lang)
    return message("maps.source", source=provenance.source, force=force).in_(lang)
