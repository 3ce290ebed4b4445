"""Two papers say different things of one marker."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import shapely

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.marker import BoundaryMarker, MarkerDocument, MarkerEntry
from geo_service.domain.text import Text
from geo_service.geometry.measure import distances_m
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.boundaries._wording import length
from geo_service.rules.markers import MarkerCase, marker_subject
from geo_service.rules.markers._drawing import SECOND, clean, flagged, stone, stones
from geo_service.rules.markers._heights import HeightBias, height_biases
from geo_service.rules.markers._wording import called, document_name


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    # MK-DOC-02 tells of heights that differ alike all along a line.
    biases = {(b.line_code, b.one, b.other): b for b in height_biases(case, context)}
    for entries in case.by_marker.values():
        papers = {
            entry.document: entry
            for entry in reversed(entries)
            if entry.document is not MarkerDocument.INSPECTION
        }
        for one, other in combinations(sorted(papers, key=list(MarkerDocument).index), 2):
            bias = biases.get((entries[0].marker.line_code, one, other))
            yield from _compared(case, context, (papers[one], papers[other]), bias)


def _compared(
    case: MarkerCase,
    context: BoundaryContext,
    papers: tuple[MarkerEntry, MarkerEntry],
    bias: HeightBias | None,
) -> Iterator[Evidence]:
    one, other = papers
    limit = context.threshold("marker_rounding_m")
    said = list(_differences(one.marker, other.marker, limit, bias))
    if not said:
        return
    who = called(case, one.marker)
    first, second = document_name(one.document), document_name(other.document)
    zh, en = "；".join(text.zh for text in said), "; ".join(text.en for text in said)
    metres = _apart_m(one.marker, other.marker)
    yield Evidence(
        message=Text(
            f"{who.zh}在{first.zh}与{second.zh}中不一致：{zh}。",
            f"{who.en} differs between {first.en} and {second.en}: {en}.",
        ),
        key=f"{one.document}+{other.document}",
        subject=marker_subject(one.marker),
        related=case.sides(one.marker.line_code),
        measure=None if metres is None else context.measure(metres, "marker_rounding_m", "m"),
        geometry=one.marker.position or other.marker.position,
        question=Text(
            "哪一份是双方签字、应以为准的文件？",
            "Which of the two is the signed document that prevails?",
        ),
    )


def _differences(
    one: BoundaryMarker, other: BoundaryMarker, limit_m: float, bias: HeightBias | None
) -> Iterator[Text]:
    metres = _apart_m(one, other)
    if metres is not None and metres > limit_m:
        apart = length(metres)
        yield Text(f"位置相差 {apart.zh}", f"positions {apart.en} apart")
    if one.height_m is not None and other.height_m is not None:
        off = other.height_m - one.height_m
        if abs(off) > limit_m and not (bias is not None and bias.explains(off)):
            yield Text(
                f"高程 {one.height_m:g} 米与 {other.height_m:g} 米",
                f"heights {one.height_m:g} m and {other.height_m:g} m",
            )
    if one.kind is not other.kind:
        yield Text("类型不同", "different types")
    if one.material and other.material and one.material != other.material:
        yield Text(
            f"材质“{one.material}”与“{other.material}”",
            f"material “{one.material}” and “{other.material}”",
        )
    sides = (one.responsible_side, other.responsible_side)
    if None not in sides and sides[0] != sides[1]:
        yield Text(
            f"责任方 {sides[0]} 与 {sides[1]}", f"responsible side {sides[0]} and {sides[1]}"
        )


def _apart_m(one: BoundaryMarker, other: BoundaryMarker) -> float | None:
    if one.position is None or other.position is None:
        return None
    places = shapely.get_coordinates([one.position, other.position])
    return float(distances_m(places[:1], places[1:])[0])


_FORM, _TABLE = MarkerDocument.FORM, MarkerDocument.TABLE

RULE: Rule[MarkerCase, BoundaryContext] = Rule(
    id="MK-DOC-01",
    slug="documents_disagree",
    version=1,
    title=Text("界桩各文件记载不一致", "Papers on a marker disagree"),
    category="文件不一致",
    quality=Quality.THEMATIC,
    basis=(
        # Article 5 names the papers that count; that they agree is asked by us.
        Basis("GOOD_PRACTICE", "markers", Severity.ADVISED_AGAINST),
        Basis("MK36", "5", Severity.INFO),
        Basis("ISO19157", "65", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            stones(
                stone("001Q", 1000, document=_FORM, height_m=35.2),
                stone("001Q", 1000, document=_TABLE, height_m=53.2),
            ),
            Severity.ADVISED_AGAINST,
            Text("高程数字颠倒", "digits of the height exchanged"),
        ),
        flagged(
            stones(
                stone("001Q", 1000, document=_FORM),
                stone("001Q", 1003, document=_TABLE, responsible_side=SECOND),
            ),
            Severity.ADVISED_AGAINST,
            Text("位置和责任方都不同", "another position and another responsible side"),
        ),
        clean(
            stones(
                stone("001Q", 1000, document=_FORM, height_m=35.2),
                stone("001Q", 1000.05, document=_TABLE, height_m=35.21),
            ),
            Text("只差取位", "they differ by rounding only"),
        ),
        clean(
            stones(
                stone("001Q", 1000, document=_TABLE, material="石"),
                stone("001Q", 1004, document=MarkerDocument.INSPECTION),
            ),
            Text("联检实测由另一规则比较", "an inspection is compared by another rule"),
        ),
    ),
    trap=Text(
        "换装新材质界桩后旧登记表仍在档：以变动文件的日期为准。",
        "After a stone was replaced the old form stays on file: the dated change paper decides.",
    ),
    handling=Text(
        "请双方指明以哪份签字文件为准，其余更正并注明依据；程序不代为选择。",
        "Both sides name the signed document that prevails; the others are corrected with a note. "
        "The program chooses none.",
    ),
    needs=frozenset({"documents"}),
)
