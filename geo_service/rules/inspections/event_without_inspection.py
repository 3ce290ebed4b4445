"""Something happened near a line that may call for a special inspection, and none followed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.supporting import SupportingRecord
from geo_service.domain.supporting.fieldwork import JointInspection
from geo_service.domain.supporting.ground import GroundEvent
from geo_service.domain.text import Text
from geo_service.geometry import crs
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext, line_subject
from geo_service.rules.boundaries._drawing import said
from geo_service.rules.boundaries._wording import length
from geo_service.rules.inspections import InspectionCase
from geo_service.rules.inspections._drawing import LINE, clean, flagged, inspected

if TYPE_CHECKING:
    from geo_service.geometry.arrays import Geometries


def _check(case: InspectionCase, context: BoundaryContext) -> Iterator[Evidence]:
    happened = [e for e in case.supporting.all(GroundEvent) if e.happened_on <= context.as_of]
    places = _plane(case, np.array([event.geometry for event in happened], dtype=object))
    courses = _plane(case, np.array([line.geometry for line in case.lines], dtype=object))
    near = shapely.STRtree(courses).query(
        places, predicate="dwithin", distance=context.threshold("inspection_event_m")
    )
    for number, which in sorted(near.T.tolist()):
        line, event = case.lines[which], happened[number]
        later = any(
            one.inspected_on >= event.happened_on
            for one in case.inspections_of.get(line.code, ())
            if one.inspected_on <= context.as_of
        )
        if not later and context.concerns(*line.parties):
            metres = float(shapely.distance(places[number], courses[which]))
            yield _evidence(case, context, line, event, metres)


def _plane(case: InspectionCase, drawn: Geometries) -> Geometries:
    return crs.to_plane(drawn, case.plane_epsg)


def _evidence(
    case: InspectionCase,
    context: BoundaryContext,
    line: AdministrativeBoundary,
    event: GroundEvent,
    metres: float,
) -> Evidence:
    away = length(metres)
    return Evidence(
        message=Text(
            f"{event.happened_on} 在{line.name}附近（{away.zh}）发生“{event.name}”，"
            "此后没有联检记录。",
            f"On {event.happened_on} '{event.name}' happened {away.en} from {line.name}; no "
            "inspection since then is on record.",
        ),
        key=event.id,
        subject=line_subject(line),
        related=case.sides(line),
        measure=context.measure(metres, "inspection_event_m", "m"),
        geometry=event.geometry,
        question=Text(
            "是否影响界线的实地走向？需不需要对该地段联合检查？",
            "Does it touch the course of the line on the ground? Is a joint inspection of the "
            "stretch needed?",
        ),
        suggestion=Text(
            "界线位置不因地物变化而变化；需要时双方随时安排特定地段联检。",
            "The line stays where it is; where needed both sides inspect the stretch.",
        ),
    )


def _flood(wkt: str = "POINT(5000 200)") -> GroundEvent:
    return said(GroundEvent, 1, wkt, name="洪水", happened_on=date(2023, 7, 20))


def _inspected(day: date, in_round: int | None) -> SupportingRecord:
    return said(JointInspection, 1, line_code=LINE, inspected_on=day, round=in_round)


RULE: Rule[InspectionCase, BoundaryContext] = Rule(
    id="IN-EVT-01",
    slug="event_without_inspection",
    version=1,
    title=Text("特殊情况后没有联检", "Event not followed by an inspection"),
    category="未作专项联检",
    quality=Quality.TEMPORAL,
    # Whether the event touches the course of the line is for people to say.
    basis=(Basis("B02", "12", Severity.HUMAN),),
    check=_check,
    examples=(
        flagged(
            inspected(_flood()), Severity.HUMAN, Text("界线旁 200 米发洪水", "a flood at 200 m")
        ),
        flagged(
            inspected(_flood(), _inspected(date(2022, 8, 1), 6)),
            Severity.HUMAN,
            Text("上一次联检在洪水之前", "the last inspection was before the flood"),
        ),
        clean(
            inspected(_flood(), _inspected(date(2023, 9, 1), None)),
            Text("洪水后作了专项联检", "a special inspection followed"),
        ),
        clean(inspected(_flood("POINT(5000 700)")), Text("在 700 米外", "700 m away")),
    ),
    trap=Text(
        "多数灾害和施工不影响界线；以实地走向是否改变为准。",
        "Most floods and works do not touch a line: what counts is its course on the ground.",
    ),
    handling=Text(
        "双方民政部门判断；需要的，对特定地段联合检查并形成报告。",
        "The departments of both sides judge; where needed they inspect the stretch and report.",
    ),
    needs=frozenset({"lines", "events"}),
    uses=frozenset({"inspections"}),
)
