"""The map of a repair plan: every record before and after, and the ground that changes hands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_service.geometry.mending.change import only_in
from geo_service.maps import popups, swatches
from geo_service.maps.ground import Ground, base_layers, shape_of
from geo_service.maps.shapes import bounds_of, screen_json
from geo_service.maps.sheet import RecordLayer, draw, feature
from geo_service.maps.style import Stroke, style
from geo_service.maps.words import words_around
from geo_service.messages import message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from geo_service.cities import CityProfile
    from geo_service.domain.repair import Effect, RepairProposal
    from geo_service.domain.text import Lang
    from geo_service.maps.offline import Assets
    from geo_service.services.repairing.proposing import RepairPlan

Json = dict[str, Any]
Shown = tuple["RepairProposal", "Effect"]


def repair_map(plan: RepairPlan, *, city: CityProfile, lang: Lang, assets: Assets) -> str:
    """An HTML page, one file, with all proposals of a plan on the ground of its review.

    Geometry is EPSG:4490. Only records that the review map would draw are drawn, and the page
    counts what it left out. Raises ConfigError when the assets were not fetched at set-up.
    """
    ground = Ground(plan.case, city)
    drawn = {u.id for u in ground.units} | {line.id for line in ground.lines}
    effects = [(p, effect) for p in plan.proposals for effect in p.effects]
    shown = [(p, effect) for p, effect in effects if effect.id in drawn]
    notices = [plan.report.notice, message("repair.preview")]
    if len(shown) < len(effects):
        notices.append(message("maps.records_left_out", count=len(effects) - len(shown)))
    words = words_around(
        message("repair.map_title", city=city.name.in_(lang)),
        as_of=plan.report.as_of,
        provenances=ground.provenances(),
        notices=notices,
        lang=lang,
    )
    looks = style()
    before, after = _stretches(shown, old=True), _stretches(shown, old=False)
    layers = [
        _layer("ground", _between(shown), looks.departure, lang),
        _layer("before", before, looks.copy_a, lang),
        _layer("after", after, looks.copy_b, lang),
    ]
    box = bounds_of([shape for _, _, shape in (*before, *after)], ground.box(city))
    return draw(
        [*base_layers(ground, lang), *layers],
        box,
        words,
        lang=lang,
        assets=assets,
        single_file=True,
    )


def _between(shown: Sequence[Shown]) -> list[tuple[RepairProposal, Effect, BaseGeometry]]:
    return [
        (proposal, effect, shape)
        for proposal, effect in shown
        for shape in (effect.gained, effect.lost)
        if shape is not None and not shape.is_empty
    ]


def _stretches(
    shown: Sequence[Shown], *, old: bool
) -> list[tuple[RepairProposal, Effect, BaseGeometry]]:
    """Where each record runs otherwise than it will, or than it did.

    Where its course stays, the places of the findings that the proposal answers.
    """
    found = []
    for proposal, effect in shown:
        before, after = shape_of(effect.before.geometry), shape_of(effect.after.geometry)
        alone = only_in(before, after), only_in(after, before)
        places = [alone[0] if old else alone[1]]
        if all(shape.is_empty for shape in alone):
            places = [f.geometry for f in proposal.answers if f.geometry is not None]
        found += [(proposal, effect, shape) for shape in places if not shape.is_empty]
    return found


def _layer(
    key: str,
    shapes: Sequence[tuple[RepairProposal, Effect, BaseGeometry]],
    look: Stroke,
    lang: Lang,
) -> RecordLayer:
    drawn = {"color": look.color, "weight": look.weight, "dashArray": look.dash}
    if key == "ground":
        drawn |= {"weight": 1, "fillColor": look.color, "fillOpacity": 0.35}
    else:
        drawn["fill"] = False
    features = [
        feature(
            screen_json(shape, style().decimals),
            style={**drawn, "radius": 4},
            popup=popups.repair_popup(proposal, effect, lang),
        )
        for proposal, effect, shape in shapes
    ]
    name = message(f"repair.layer_{key}").in_(lang)
    label = message("maps.layer", name=name, count=len(features)).in_(lang)
    return RecordLayer(label, features, "findings", swatches.line_swatch(look))
