"""What is written around a map: title, day, standing of the data, and the missing 审图号."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.domain.provenance import Force
from geo_service.maps.sheet import Badge, Words
from geo_service.messages import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from geo_service.domain.provenance import Provenance
    from geo_service.domain.text import Lang, Text
    from geo_service.maps.sharing import Sharing

_SOURCES_NAMED = 4


def _badges(forces: set[Force], lang: Lang) -> tuple[Badge, ...]:
    kinds = ((Force.SYNTHETIC, "sample"), (Force.EVALUATION, "evaluation"))
    return tuple(
        Badge(kind, message(f"maps.badge_{kind}").in_(lang))
        for force, kind in kinds
        if force in forces
    )


def _sources(provenances: Iterable[Provenance], lang: Lang) -> str:
    named = sorted({p.source for p in provenances if p.source})
    shown = "；".join(named[:_SOURCES_NAMED])
    more = len(named) - _SOURCES_NAMED
    return shown if more <= 0 else message("maps.sources_more", shown=shown, more=more).in_(lang)


def _review_number(sharing: Sharing | None) -> Text:
    if sharing is None:
        return message("maps.review_number")
    if not sharing.review_number:
        return message("maps.review_number_empty")
    return message("maps.review_number_given", number=sharing.review_number)


def words_around(
    title: Text,
    *,
    as_of: date,
    provenances: Sequence[Provenance],
    notices: Iterable[Text],
    lang: Lang,
    sharing: Sharing | None = None,
) -> Words:
    """The words for a map of records with these provenances, as of a day.

    There is never an invented review number: an internal working map says that it has none, one
    that goes out as a file has a place for it.
    """
    forces = {provenance.force for provenance in provenances}
    sources = _sources(provenances, lang)
    notes = [message("maps.data_line", sources=sources or "—", day=as_of).in_(lang)]
    if Force.EVALUATION in forces:
        notes.append(message("maps.evaluation_line").in_(lang))
    if Force.SYNTHETIC in forces:
        notes.append(message("maps.synthetic_line").in_(lang))
    notes += [notice.in_(lang) for notice in notices]
    return Words(
        lang="zh-CN" if lang == "zh" else "en",
        title=title.in_(lang),
        day=message("maps.as_of", day=as_of).in_(lang),
        badges=_badges(forces, lang),
        watermark=message("maps.watermark").in_(lang) if Force.SYNTHETIC in forces else "",
        review_number=_review_number(sharing).in_(lang),
        notes=tuple(notes),
        no_script=message("maps.no_script").in_(lang),
    )
