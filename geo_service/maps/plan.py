"""The map of a plan of names: each proposed name where it is to stand, by how it came out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shapely.geometry import Point

from geo_service.domain.finding import Outcome
from geo_service.maps import popups, swatches
from geo_service.maps.ground import BoundaryLayers, Ground, base_layers
from geo_service.maps.shapes import bounds_of, screen_json
from geo_service.maps.sheet import RecordLayer, draw, feature
from geo_service.maps.style import style
from geo_service.maps.words import words_around
from geo_service.messages import message
from geo_service.services.wording import outcome_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from geo_service.cities import CityProfile
    from geo_service.domain.text import Lang
    from geo_service.maps.offline import Assets
    from geo_service.maps.sharing import Sharing
    from geo_service.services.name_batch import RowAnswer

Json = dict[str, Any]


def plan_map(
    answers: Sequence[RowAnswer],
    case: BoundaryLayers,
    *,
    source: str,
    city: CityProfile,
    as_of: date,
    lang: Lang,
    assets: Assets,
    sharing: Sharing,
) -> str:
    """An HTML page, one file, with the checked names of a plan on the units of the city.

    `source` says where the plan comes from. Names without a position are counted, not drawn: a
    place is never made up. Raises ConfigError when assets are missing, InputError as `Sharing`.
    """
    ground = Ground(case, city)
    sharing.require_real(ground.provenances())
    placed = [answer for answer in answers if _position(answer) is not None]
    notices = [message("maps.plan_source", source=source), message("name.notice")]
    if len(placed) < len(answers):
        notices.append(message("maps.plan_unplaced", count=len(answers) - len(placed)))
    words = words_around(
        message("maps.plan_title", city=city.name.in_(lang)),
        as_of=as_of,
        provenances=ground.provenances(),
        notices=notices,
        lang=lang,
        sharing=sharing,
    )
    layers = [*base_layers(ground, lang), *(_layer(placed, o, lang) for o in reversed(Outcome))]
    spots = [Point(spot) for answer in placed if (spot := _position(answer))]
    box = bounds_of(spots, ground.box(city)) if len(spots) > 1 else ground.box(city)
    return draw(layers, box, words, lang=lang, assets=assets, single_file=True)


def _position(answer: RowAnswer) -> tuple[float, float] | None:
    request = answer.row.request
    return None if request is None or answer.verdict is None else request.position


def _layer(answers: Sequence[RowAnswer], outcome: Outcome, lang: Lang) -> RecordLayer:
    look = style().outcomes[outcome]
    features: list[Json] = []
    for answer in answers:
        verdict, position = answer.verdict, _position(answer)
        if verdict is None or position is None or verdict.outcome is not outcome:
            continue
        features.append(
            feature(
                screen_json(Point(position), style().decimals),
                id=f"row-{answer.row.number}",
                mark=look.mark,
                hint=verdict.name,
                style={"color": look.color},
                popup=popups.planned_popup(answer.row.number, verdict, look, lang),
            )
        )
    name = outcome_text(outcome, lang)
    label = message("maps.layer", name=name, count=len(features)).in_(lang)
    return RecordLayer(label, features, "findings", swatches.mark_swatch(look))
