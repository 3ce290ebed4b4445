"""Heights of two papers differ by the same amount all along a line: two height datums."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Measure, Severity, Subject
from geo_service.domain.marker import MarkerDocument, MarkerEntry
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.markers import MarkerCase
from geo_service.rules.markers._drawing import clean, flagged, stone, stones
from geo_service.rules.markers._heights import HeightBias, height_biases
from geo_service.rules.markers._wording import document_name, line_name


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    for bias in height_biases(case, context):
        yield _evidence(case, context, bias)


def _evidence(case: MarkerCase, context: BoundaryContext, bias: HeightBias) -> Evidence:
    name = line_name(case, bias.line_code)
    one, other = document_name(bias.one), document_name(bias.other)
    more = Text("高", "above") if bias.bias_m > 0 else Text("低", "below")
    metres, why = abs(bias.bias_m), Text("", "")
    datums = context.threshold("height_datum_bias_m")
    if abs(metres - datums) <= bias.within_m / 2:
        why = Text(
            f"，与 1956 黄海高程和 1985 国家高程基准之差（约 {datums:g} 米）相近",
            f", about what the heights of 1956 and 1985 differ by ({datums:g} m)",
        )
    return Evidence(
        message=Text(
            f"{name} {bias.count} 个界桩中有 {bias.sharing} 个在{other.zh}中的高程比{one.zh}一律"
            f"{more.zh} {metres:.3f} 米{why.zh}。",
            f"{name}: of {bias.count} markers {bias.sharing} stand {metres:.3f} m {more.en} in "
            f"{other.en} what {one.en} says{why.en}.",
        ),
        key=f"{bias.one}+{bias.other}",
        subject=Subject("boundary-line", bias.line_code, name),
        related=case.sides(bias.line_code)[1:],
        measure=Measure(round(bias.bias_m, 3), None, "m", "median over the line"),
        question=Text(
            "两份文件各用哪个高程基准（1956、1985、椭球高）？",
            "Which heights does each paper give: of 1956, of 1985, or above the ellipsoid?",
        ),
        suggestion=Text(
            "在文件上注明高程基准；统一换算由双方确认后另存一份，不改原件。",
            "Note the datum on the papers; a conversion agreed by both sides is filed beside them.",
        ),
    )


def _both(*differences_m: float) -> MarkerCase:
    """Markers with a height on the form, and another in the table."""
    return stones(*(entry for n, d in enumerate(differences_m, 1) for entry in _papers(n, d)))


def _papers(number: int, difference_m: float) -> tuple[MarkerEntry, MarkerEntry]:
    name, east, height = f"{number:03d}Q", 1000.0 * number, 20.0 + 3.37 * number
    return (
        stone(name, east, document=MarkerDocument.FORM, height_m=height),
        stone(name, east, document=MarkerDocument.TABLE, height_m=round(height + difference_m, 2)),
    )


RULE: Rule[MarkerCase, BoundaryContext] = Rule(
    id="MK-DOC-02",
    slug="heights_of_two_datums",
    version=1,
    title=Text("两份文件高程基准疑不同", "Heights seem to be of two datums"),
    category="高程基准",
    quality=Quality.CONCEPTUAL,
    basis=(
        Basis("GOOD_PRACTICE", "crs", Severity.HUMAN),
        Basis("ISO19157", "39", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            _both(*[-0.029] * 8),
            Severity.HUMAN,
            Text("一律低 0.03 米：1956 与 1985 之差", "0.03 m below all along: 1956 and 1985"),
        ),
        flagged(
            _both(6.1, 6.2, 6.2, 6.3, 6.3, 6.4, 6.4),
            Severity.HUMAN,
            Text("一律高 6 米多：疑为椭球高", "6 m above all along: above the ellipsoid"),
        ),
        clean(_both(*[0.0] * 8), Text("高程相同", "the same heights")),
        clean(
            _both(0.02, -0.03, 0.01, -0.02, 0.04, 0.0, -0.01, 0.02),
            Text("各有几厘米出入，没有共同偏差", "a few centimetres each way"),
        ),
        clean(
            _both(-0.03, -0.03, -0.03), Text("界桩太少，看不出共同偏差", "too few markers to tell")
        ),
        clean(
            _both(0.0, 0.0, 0.0, 18.0, 0.0, 0.0, 0.0),
            Text("只有一个不同，由另一规则比较", "one alone differs: compared by another rule"),
        ),
    ),
    trap=Text(
        "地面沉降区两期水准也会一律偏低，但沿线逐渐变化。",
        "Where the ground sinks two levellings differ alike too, but by more and more along a "
        "line.",
    ),
    handling=Text(
        "查明基准前高程只作参考；平面位置不受影响。",
        "Until the datum is known heights are for information; positions are not touched.",
    ),
    needs=frozenset({"documents"}),
)
