"""The reference objects stand so that the place cannot well be set out from them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.marker import MarkerDocument, MarkerEntry, ReferenceObject
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.markers import MarkerCase, marker_subject
from geo_service.rules.markers._drawing import clean, flagged, stone, stones, thing
from geo_service.rules.markers._wording import called


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    spread_limit = context.threshold("reference_spread_deg")
    near = context.threshold("reference_near_m")
    for entry, objects in case.objects():
        azimuths = [o.azimuth_deg for o in objects if o.azimuth_deg is not None]
        distances = [o.distance_m for o in objects if o.distance_m is not None]
        if len(azimuths) > 1 and _spread_deg(azimuths) < spread_limit:
            measure = context.measure(_spread_deg(azimuths), "reference_spread_deg", "°")
            said = Text(
                f"方位物都在 {measure.measured:g}° 以内的一个方向",
                f"all objects lie within {measure.measured:g}° of one direction",
            )
            yield _evidence(case, entry, "spread", said, measure)
        if distances and max(distances) < near:
            measure = context.measure(max(distances), "reference_near_m", "m")
            said = Text(
                f"方位物都在 {measure.measured:g} 米以内",
                f"all objects lie within {measure.measured:g} m",
            )
            yield _evidence(case, entry, "near", said, measure)


def _spread_deg(azimuths: list[float]) -> float:
    """The smallest sector that holds all azimuths."""
    azimuths_up = np.sort(np.asarray(azimuths) % 360)
    gaps = np.diff(azimuths_up, append=azimuths_up[0] + 360)
    return float(360 - gaps.max())


def _evidence(
    case: MarkerCase, entry: MarkerEntry, key: str, said: Text, measure: Measure
) -> Evidence:
    who = called(case, entry.marker)
    return Evidence(
        message=Text(
            f"{who.zh}的{said.zh}，难以交会复位。",
            f"{who.en}: {said.en}, too weak to set the place out from.",
        ),
        key=f"{entry.document}+{key}",
        subject=marker_subject(entry.marker),
        related=case.sides(entry.marker.line_code),
        measure=measure,
        geometry=entry.marker.position,
        suggestion=Text("下次联检加选一个方位物。", "Add one object at the next inspection."),
    )


def _form(*objects: ReferenceObject) -> MarkerCase:
    return stones(stone("001Q", 1000, document=MarkerDocument.FORM, references=objects))


RULE: Rule[MarkerCase, BoundaryContext] = Rule(
    id="MK-REF-03",
    slug="weak_reference_geometry",
    version=1,
    title=Text("方位物图形强度差", "Reference objects in weak geometry"),
    category="方位物分布",
    quality=Quality.USABILITY,
    basis=(Basis("GOOD_PRACTICE", "markers", Severity.INFO),),
    check=_check,
    examples=(
        flagged(
            _form(
                thing("水塔", 350.0, 90.0), thing("桥头", 5.0, 60.0), thing("公里碑", 20.0, 70.0)
            ),
            Severity.INFO,
            Text("都在北面 30 度以内", "all within 30 degrees of north"),
        ),
        flagged(
            _form(thing("石", 10.0, 2.0), thing("树", 130.0, 3.0), thing("碑", 250.0, 4.0)),
            Severity.INFO,
            Text("都在 4 米以内", "all within four metres"),
        ),
        clean(
            _form(thing("水塔", 0.0, 90.0), thing("桥头", 120.0, 60.0), thing("碑", 240.0, 70.0)),
            Text("四面分布", "spread all round"),
        ),
        clean(_form(thing("水塔", 10.0, 90.0)), Text("只有一个，由另一规则判断", "one alone")),
    ),
    trap=Text(
        "界桩在陡崖、水边时另一侧无物可选，属实地条件所限。",
        "At a cliff or by water there may be nothing on the other side.",
    ),
    handling=Text("提示性意见，列入下次联检。", "A hint for the next inspection."),
    needs=frozenset({"references"}),
)
