"""All layers that may be handed in beside a review, by their words."""

from __future__ import annotations

from geo_service.domain.supporting import SupportingRecord, fieldwork, ground, papers

LAYER_CLASSES: dict[str, type[SupportingRecord]] = {
    value.LAYER: value
    for module in (papers, ground, fieldwork)
    for value in vars(module).values()
    if isinstance(value, type)
    and issubclass(value, SupportingRecord)
    and value is not SupportingRecord
}
