"""The review map: units, lines, nodes and what the checks found on them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from geo_service.domain.finding import Severity
from geo_service.maps import popups, swatches
from geo_service.maps.ground import BoundaryLayers, Ground, base_layers, shape_of
from geo_service.maps.shapes import drawable, mark_position, screen_json
from geo_service.maps.sheet import RecordLayer, draw, feature
from geo_service.maps.style import Mark, style
from geo_service.maps.words import words_around
from geo_service.messages import message
from geo_service.services.wording import BOUNDARIES, severity_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from geo_service.cities import CityProfile
    from geo_service.domain.finding import Finding
    from geo_service.domain.text import Lang, Text
    from geo_service.maps.offline import Assets
    from geo_service.maps.sharing import Sharing

Json = dict[str, Any]


def _finding_features(
    findings: Iterable[Finding], look: Mark, notice: Text, lang: Lang, crowd: Counter[str]
) -> list[Json]:
    result = []
    for finding in findings:
        geometry = shape_of(finding.geometry)
        position = screen_json(mark_position(geometry), style().decimals)
        spot = str(position["coordinates"])
        common = {"popup": popups.finding_popup(finding, notice, lang)}
        area = {"color": look.color, "weight": 3, "fillColor": look.color, "fillOpacity": 0.25}
        if geometry.geom_type != "Point":
            shape = screen_json(geometry, style().decimals)
            result.append(feature(shape, style={**area, "radius": 4}, id=finding.id, **common))
        result.append(
            feature(
                position,
                id=finding.id,
                mark=look.mark,
                hint=finding.title.in_(lang),
                style={"color": look.color},
                shift=crowd[spot] % 6 or None,
                **common,
            )
        )
        crowd[spot] += 1
    return result


def _finding_layers(
    findings: Sequence[Finding], notice: Text, lang: Lang
) -> tuple[list[RecordLayer], int]:
    """One layer per severity, the gravest on top of the legend; and how many were not ground."""
    crowd: Counter[str] = Counter()
    layers, undrawn = [], 0
    for severity in sorted(Severity, reverse=True):
        mine = [f for f in findings if f.severity is severity]
        shaped = [f for f in mine if drawable(f.geometry)][: style().findings_per_severity]
        undrawn += len(mine) - len(shaped)
        look = style().severities[severity]
        name = severity_text(severity, BOUNDARIES, lang)
        label = message("maps.layer", name=name, count=len(shaped)).in_(lang)
        features = _finding_features(shaped, look, notice, lang, crowd)
        layers.append(RecordLayer(label, features, "findings", swatches.mark_swatch(look)))
    return layers, undrawn


def boundary_map(
    case: BoundaryLayers,
    findings: Sequence[Finding],
    *,
    city: CityProfile,
    as_of: date,
    lang: Lang,
    assets: Assets,
    notice: Text | None = None,
    single_file: bool = False,
    sharing: Sharing | None = None,
) -> str:
    """An HTML page with the map of a boundary case and its findings.

    Geometry is EPSG:4490. Only the city and its neighbours are drawn, no unit above the county,
    and the page counts what it left out. `single_file` puts all assets into the page,
    `sharing` too, with its review number.
    Raises ConfigError when the assets were not fetched at set-up.
    """
    ground = Ground(case, city)
    if sharing is not None:
        sharing.require_real(ground.provenances())
    advice = notice or message("maps.notice")
    layers, undrawn = _finding_layers(findings, advice, lang)
    notices = [advice]
    if undrawn:
        notices.append(message("maps.findings_undrawn", count=undrawn))
    if ground.left_out:
        notices.append(message("maps.records_left_out", count=ground.left_out))
    words = words_around(
        message("maps.boundary_title", city=city.name.in_(lang)),
        as_of=as_of,
        provenances=ground.provenances(),
        notices=notices,
        lang=lang,
        sharing=sharing,
    )
    return draw(
        [*base_layers(ground, lang), *layers],
        ground.box(city),
        words,
        lang=lang,
        assets=assets,
        single_file=single_file or sharing is not None,
    )
