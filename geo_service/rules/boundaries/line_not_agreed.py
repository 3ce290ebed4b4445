"""The two sides have not agreed on a line."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.boundary import LegalStatus
from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.supporting.papers import BoundaryAgreement
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext, line_subject
from geo_service.rules.boundaries._drawing import (
    beside,
    clean,
    drawing,
    flagged,
    lines_told,
    said,
)


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    told = {a.line_code for a in case.supporting.all(BoundaryAgreement) if a.dispute_case}
    for line in case.lines:
        is_open = line.legal_status is LegalStatus.NOT_AGREED and line.code not in told
        if is_open and context.concerns(*line.parties):
            yield Evidence(
                message=Text(
                    f"界线{line.name}登记为双方未达成一致。",
                    f"Line {line.name} is registered as not agreed by both sides.",
                ),
                subject=line_subject(line),
                geometry=line.geometry,
                question=Text(
                    "该段是否已报批准机关依据协议决定？文号是什么？",
                    "Has the approving authority been asked to decide by the agreement? Under "
                    "which number?",
                ),
                suggestion=Text(
                    "未决定前不生成新的面，不列入公开图件。",
                    "Until it is decided, derive no new polygons and keep it out of public maps.",
                ),
            )


_LINE = drawing(lines={"甲区|乙区": "LINESTRING(0 1000, 0 0)"})

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-AGR-02",
    slug="line_not_agreed",
    version=1,
    title=Text("界线双方未达成一致", "Line not agreed"),
    category="未达成一致",
    quality=Quality.USABILITY,
    basis=(Basis("B02", "15", Severity.HUMAN),),
    check=_check,
    examples=(
        flagged(
            lines_told(_LINE, legal_status=LegalStatus.NOT_AGREED),
            Severity.HUMAN,
            Text("登记为未达成一致", "registered as not agreed"),
        ),
        flagged(
            lines_told(_LINE, legal_status=LegalStatus.NOT_AGREED, agreement_no="示例-09"),
            Severity.HUMAN,
            Text("有旧协议而现有争议", "an old agreement, and a dispute today"),
        ),
        clean(
            lines_told(_LINE, legal_status=LegalStatus.AGREED),
            Text("双方已签协议", "both sides have signed"),
        ),
        clean(
            beside(
                lines_told(_LINE, legal_status=LegalStatus.NOT_AGREED),
                said(BoundaryAgreement, 1, line_code="990101-990102", dispute_case="示例-案-01"),
            ),
            Text("有争议，已报批准机关并登记案号", "a dispute, with the case entered"),
        ),
        clean(_LINE, Text("状态未填，不作推断", "no status was given: nothing is inferred")),
    ),
    trap=Text(
        "两侧副本画得不同不等于有争议：画法差异由副本比对说明，争议只看登记。",
        "Two copies that differ are no dispute: differences of drawing are told by comparing the "
        "copies, a dispute by the register alone.",
    ),
    handling=Text(
        "依《行政区域界线管理条例》第十五条，由批准机关依据协议决定；系统不作取舍。",
        "Under article 15 the approving authority decides by the agreement; the program takes no "
        "side.",
    ),
    uses=frozenset({"agreement-records"}),
)
