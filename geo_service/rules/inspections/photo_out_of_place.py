"""A photo of a marker was not taken near it, or not during an inspection."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

import numpy as np

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.identity import MarkerNumber
from geo_service.domain.marker import BoundaryMarker
from geo_service.domain.supporting.fieldwork import FieldPhoto, JointInspection
from geo_service.domain.text import Text
from geo_service.errors import InputError
from geo_service.geometry.measure import distances_m
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext, line_subject
from geo_service.rules.boundaries._drawing import said
from geo_service.rules.boundaries._wording import length
from geo_service.rules.inspections import InspectionCase
from geo_service.rules.inspections._drawing import LINE, clean, flagged, inspected
from geo_service.rules.markers import marker_subject
from geo_service.rules.markers._drawing import stone


def _check(case: InspectionCase, context: BoundaryContext) -> Iterator[Evidence]:
    lines = {line.code: line for line in case.lines}
    markers: dict[str, list[BoundaryMarker]] = defaultdict(list)
    for marker in case.markers:
        markers[marker.line_code].append(marker)
    for photo in case.supporting.all(FieldPhoto):
        line = lines.get(photo.line_code)
        if line is None or not context.concerns(*line.parties):
            continue
        shown = _shown(photo, markers[line.code])
        if shown is None:
            yield _of_no_marker(case, photo, line)
        else:
            yield from _elsewhere(case, context, photo, shown)
            yield from _another_day(case, context, photo, shown)


def _shown(photo: FieldPhoto, markers: list[BoundaryMarker]) -> BoundaryMarker | None:
    """The marker a photo is booked under: by its number, or by a serial that only one has."""
    for marker in markers:
        if marker.number == photo.marker:
            return marker
    try:
        said_ = MarkerNumber(photo.marker)
    except InputError:
        return None
    alike = [marker for marker in markers if _may_be(marker.number, said_)]
    return alike[0] if len(alike) == 1 else None


def _may_be(one: MarkerNumber, other: MarkerNumber) -> bool:
    """Whether two ways of writing may mean one marker: without the line, or without the letter."""
    return one.serial == other.serial and (
        one.letter == other.letter or None in (one.letter, other.letter)
    )


def _of_no_marker(
    case: InspectionCase, photo: FieldPhoto, line: AdministrativeBoundary
) -> Evidence:
    return Evidence(
        message=Text(
            f"{line.name}照片 {photo.id} 记为 {photo.marker} 号界桩，所检查的界桩中没有这一号。",
            f"Photo {photo.id} of {line.name} is booked under marker {photo.marker}, which is none "
            "of the markers checked.",
        ),
        key=f"{photo.id}:marker",
        subject=line_subject(line),
        related=case.sides(line),
        geometry=photo.geometry or line.geometry,
        question=Text("这张照片拍的是哪个界桩？", "Which marker does this photo show?"),
    )


def _elsewhere(
    case: InspectionCase, context: BoundaryContext, photo: FieldPhoto, marker: BoundaryMarker
) -> Iterator[Evidence]:
    if photo.geometry is None or marker.position is None:
        return
    here, there = np.array(photo.geometry.coords), np.array(marker.position.coords)
    metres = float(distances_m(here, there)[0])
    if metres > context.threshold("inspection_photo_m"):
        away = length(metres)
        told = Text(f"拍摄位置离界桩 {away.zh}", f"was taken {away.en} from the marker")
        measure = context.measure(metres, "inspection_photo_m", "m")
        asked = Text("这张照片拍的是哪个界桩？", "Which marker does this photo show?")
        yield _evidence(case, photo, marker, (told, asked), measure)


def _another_day(
    case: InspectionCase, context: BoundaryContext, photo: FieldPhoto, marker: BoundaryMarker
) -> Iterator[Evidence]:
    days = [one.inspected_on for one in case.inspections_of.get(photo.line_code, ())]
    if photo.taken_on is None or not days:
        return
    off = min(abs((photo.taken_on - day).days) for day in days)
    if off > context.threshold("inspection_photo_days"):
        told = Text(
            f"拍摄日期 {photo.taken_on} 不在任何一次联检期间",
            f"was taken on {photo.taken_on}, in no inspection on record",
        )
        measure = context.measure(float(off), "inspection_photo_days", "d")
        asked = Text(
            "是这一轮联检拍的吗？相机的日期准不准？",
            "Was it taken at this inspection, and is the clock of the camera right?",
        )
        yield _evidence(case, photo, marker, (told, asked), measure)


def _evidence(
    case: InspectionCase,
    photo: FieldPhoto,
    marker: BoundaryMarker,
    texts: tuple[Text, Text],
    measure: Measure,
) -> Evidence:
    told, asked = texts
    line = next(line for line in case.lines if line.code == photo.line_code)
    return Evidence(
        message=Text(
            f"{line.name} {marker.number} 号界桩的照片 {photo.id}：{told.zh}。",
            f"Photo {photo.id} of marker {marker.number} of {line.name} {told.en}.",
        ),
        key=f"{photo.id}:{measure.unit}",
        subject=marker_subject(marker),
        related=case.sides(line),
        measure=measure,
        geometry=photo.geometry or marker.position,
        question=asked,
    )


_ROUND = said(JointInspection, 1, line_code=LINE, inspected_on=date(2024, 5, 1), round=6)
_STONE = (stone("001Q", 1000.0).marker,)


def _photo(wkt: str, day: date | None = date(2024, 4, 20), number: str = "001Q") -> InspectionCase:
    photo = said(FieldPhoto, 1, wkt, line_code=LINE, marker=number, taken_on=day)
    return inspected(_ROUND, photo, markers=_STONE)


RULE: Rule[InspectionCase, BoundaryContext] = Rule(
    id="IN-PHO-01",
    slug="photo_out_of_place",
    version=2,
    title=Text("照片的位置或时间不符", "Photo out of place or time"),
    category="照片不符",
    quality=Quality.THEMATIC,
    basis=(Basis("JI28", "3", Severity.HUMAN), Basis("GOOD_PRACTICE", "markers", Severity.HUMAN)),
    check=_check,
    examples=(
        flagged(_photo("POINT(1120 0)"), Severity.HUMAN, Text("120 米外拍的", "from 120 m away")),
        flagged(
            _photo("POINT(1005 5)", date(2018, 4, 20)),
            Severity.HUMAN,
            Text("上一轮的旧照片", "an old photo of the round before"),
        ),
        flagged(
            _photo("POINT(1005 5)", number="011Q"),
            Severity.HUMAN,
            Text("记在没有的桩号下", "booked under a marker there is none of"),
        ),
        clean(
            _photo("POINT(1005 5)", number="001"),
            Text("桩号没有写字母，仍是这一号", "the number without its letter is the same marker"),
        ),
        clean(_photo("POINT(1005 5)"), Text("7 米外，联检期间", "from 7 m, in the inspection")),
        clean(
            _photo("POINT(1040 20)", None),
            Text("45 米外，没有日期", "from 45 m away, without a day"),
        ),
    ),
    trap=Text(
        "手机定位会漂移；远景照片本来就在远处拍。",
        "Phones drift, and a view of the surroundings is taken from afar on purpose.",
    ),
    handling=Text("核对编号，换成正确的照片。", "See to the number; replace the photo."),
    needs=frozenset({"markers", "photos"}),
    uses=frozenset({"inspections"}),
)
