"""A sign stands by a line to which one side has not agreed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.identity import DivisionCode
from geo_service.domain.supporting.ground import BoundarySign
from geo_service.domain.text import Text
from geo_service.geometry import crs
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext
from geo_service.rules.boundaries._drawing import beside, clean, drawing, flagged, said
from geo_service.rules.boundaries._ground import (
    along_each,
    both_sides,
    judged_lines,
    nearest_lines,
    record_subject,
    shapes_of,
)
from geo_service.rules.boundaries._wording import chainage, length, names


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    signs = case.supporting.all(BoundarySign)
    shapes, reach = shapes_of(signs), context.threshold("sign_near_m")
    plane = shapely.get_coordinates(crs.to_plane(shapes, case.plane_epsg))
    nearest, apart = nearest_lines(case, judged_lines(case, context), plane, reach)
    near = np.flatnonzero(nearest >= 0)
    at = along_each(case, nearest[near], shapely.get_coordinates(shapes[near]))
    for number, chainage_m in zip(near.tolist(), at.chainage_m, strict=True):
        sign, line = signs[number], case.lines[nearest[number]]
        if lacking := _lacking(sign, line, context):
            distance = context.measure(float(apart[number]), "sign_near_m", "m")
            where = chainage(chainage_m)
            yield _evidence(case, sign, line, lacking, (distance, where))


def _lacking(
    sign: BoundarySign, line: AdministrativeBoundary, context: BoundaryContext
) -> list[DivisionCode]:
    """The sides of a line that have not agreed to a sign, as far as is on record."""
    agreed = {context.current(code) for code in sign.agreed_by}
    return sorted(code for code in line.parties if context.current(code) not in agreed)


def _evidence(
    case: BoundaryCase,
    sign: BoundarySign,
    line: AdministrativeBoundary,
    lacking: list[DivisionCode],
    place: tuple[Measure, Text],
) -> Evidence:
    distance, where = place
    name, away = sign.name or sign.id, length(distance.measured or 0.0)
    units = names(case.unit_names.get(code, str(code)) for code in lacking)
    return Evidence(
        message=Text(
            f"标志{name}离{line.name} {away.zh}（{where.zh}），没有{units.zh}同意的记录。",
            f"Sign {name} stands {away.en} from {line.name} ({where.en}); no agreement of "
            f"{units.en} is on record.",
        ),
        key=line.code,
        subject=record_subject(sign, sign.name),
        related=both_sides(case, line, distance.measured),
        measure=distance,
        geometry=sign.geometry,
        suggestion=Text(
            "双方到场核实；不是协议书载明的标志，不能作为界线位置的依据，可商定拆除。",
            "Look at it with both sides present; a sign the agreement does not name is no evidence "
            "of where the line runs, and may be removed by agreement.",
        ),
    )


_LINE = {"甲区|乙区": "LINESTRING(0 0, 2000 0)"}
_ONE, _OTHER = DivisionCode("990101"), DivisionCode("990102")


def _sign(wkt: str, *agreed: DivisionCode) -> BoundaryCase:
    row = said(BoundarySign, 1, wkt, name="示例界牌", erected_by=_ONE, agreed_by=agreed)
    return beside(drawing(lines=_LINE), row)


RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-GND-06",
    slug="unilateral_sign",
    version=1,
    title=Text("界线附近的标志没有双方同意", "Sign by the line without both sides"),
    category="单方标志",
    quality=Quality.COMMISSION,
    basis=(
        Basis("B02", "5", Severity.INFO),
        Basis("ISO19157", "1", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            _sign("POINT(800 12)", _ONE),
            Severity.INFO,
            Text("只有一方同意的界牌", "a sign to which one side has agreed"),
        ),
        flagged(
            _sign("POINT(800 -90)"), Severity.INFO, Text("没有同意记录", "no agreement on record")
        ),
        clean(_sign("POINT(800 12)", _OTHER, _ONE), Text("双方同意", "both sides have agreed")),
        clean(
            _sign("POINT(800 110)", _ONE),
            Text("离界线 110 米，是境内的标志", "110 m from the line: a sign inside one unit"),
        ),
    ),
    trap=Text(
        "村名碑、交通标志不是界线标志；资料没有记录不等于没有同意。",
        "A stone with the name of a village or a traffic sign is no mark of the line; no record is "
        "not the same as no agreement.",
    ),
    handling=Text(
        "界线的实地位置以界桩、线状地物和协议书载明的标志物为准；单方设立的标志联检时商定处理。",
        "Markers, the features used as boundary and the signs of the agreement fix the line on the "
        "ground; what one side put up is settled at the joint inspection.",
    ),
    needs=frozenset({"lines", "signs"}),
)
