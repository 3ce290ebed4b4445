"""The length stated in the agreement is not the length of the line on file."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.provenance import Force, Provenance
from geo_service.domain.text import Text
from geo_service.geometry.measure import lengths_m
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext, line_subject
from geo_service.rules.boundaries._drawing import clean, drawing, flagged, lines_told


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    stated = [line for line in case.lines if line.length_km and line.geometry is not None]
    measured = lengths_m(np.array([line.geometry for line in stated], dtype=object)) / 1000
    for line, km in zip(stated, measured.tolist(), strict=True):
        said = line.length_km or 0.0
        share = km / said - 1
        if abs(share) <= context.threshold("agreement_length_share"):
            continue
        if not context.concerns(*line.parties):
            continue
        official = line.provenance.force is Force.OFFICIAL
        why = (
            Text("", "")
            if official
            else Text(
                "；线取自公开资料，成图比例尺不明，仅供参考",
                "; the course is from open data of unknown scale, so this is for information only",
            )
        )
        yield Evidence(
            message=Text(
                f"界线{line.name}协议长度 {said:.3f} 公里，按线计算 {km:.3f} 公里，"
                f"相差 {share:+.1%}{why.zh}。",
                f"Line {line.name}: {said:.3f} km in the agreement, {km:.3f} km along the line, "
                f"{share:+.1%}{why.en}.",
            ),
            aspect="measured" if official else "open_data",
            subject=line_subject(line),
            measure=context.measure(abs(share), "agreement_length_share", "share"),
            geometry=line.geometry,
            suggestion=Text(
                "查明协议长度在何种比例尺附图上量取，在同一比例尺下再比。",
                "Find the scale of the map on which the agreement measured, and compare at that "
                "scale.",
            ),
        )


_KM = drawing(lines={"甲区|乙区": "LINESTRING(0 5000, 0 0)"})
_OWN = Provenance("示例")

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-AGR-01",
    slug="agreement_length",
    version=1,
    title=Text("协议长度与计算长度不符", "Stated and measured length differ"),
    category="长度不符",
    quality=Quality.THEMATIC,
    basis=(
        Basis("ISO19157", "65", Severity.INFO, aspect="measured"),
        Basis("B02", "2", Severity.ADVISED_AGAINST, aspect="measured"),
        Basis("ISO19157", "65", Severity.INFO, aspect="open_data"),
    ),
    check=_check,
    examples=(
        flagged(
            lines_told(_KM, length_km=5.5, provenance=_OWN),
            Severity.ADVISED_AGAINST,
            Text("协议 5.5 公里，实有 5 公里", "5.5 km agreed, 5 km on file"),
        ),
        flagged(
            lines_told(_KM, length_km=5.5),
            Severity.INFO,
            Text("线取自公开资料，只作提示", "the course is from open data: information only"),
        ),
        clean(
            lines_told(_KM, length_km=5.02, provenance=_OWN),
            Text("相差 0.4%，在限差内", "0.4% apart, within the limit"),
        ),
        clean(_KM, Text("协议没有写长度", "the agreement states no length")),
    ),
    trap=Text(
        "协议长度是在附图上量取的：比例尺越小、取舍越多，线越短；网络地图的线实测短 10%–27%。",
        "Agreements give the length measured on their map: the smaller the scale, the shorter the "
        "line; lines of web maps came out 10–27 % short.",
    ),
    handling=Text(
        "内业核对附图比例尺和线的来源；协议数字不改，计算值另列。",
        "Desk: see the scale of the map and the source of the line; the agreed figure stays, the "
        "computed one stands beside it.",
    ),
    needs=frozenset({"lines", "agreements"}),
)
