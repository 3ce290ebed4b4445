"""The archive of a line lacks its agreement, its approval or its map."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.supporting.papers import BoundaryAgreement
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext, line_subject
from geo_service.rules.boundaries._drawing import beside, clean, drawing, flagged, said
from geo_service.rules.boundaries._wording import names

_PAPERS = {
    "agreement_no": Text("协议书编号", "number of the agreement"),
    "approval_no": Text("批准文号", "number of the approval"),
    "map_no": Text("协议书附图编号", "number of the annexed map"),
}


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    held: dict[str, list[BoundaryAgreement]] = {}
    for agreement in case.supporting.all(BoundaryAgreement):
        held.setdefault(agreement.line_code, []).append(agreement)
    for line in case.lines:
        if not context.concerns(*line.parties):
            continue
        rows = held.get(line.code, [])
        # Several rows may speak of one line: what one of them holds is there.
        lacking = [
            words for field, words in _PAPERS.items() if not any(getattr(r, field) for r in rows)
        ]
        if lacking:
            yield _evidence(line, lacking, is_listed=bool(rows))


def _evidence(line: AdministrativeBoundary, lacking: list[Text], *, is_listed: bool) -> Evidence:
    zh = names(text.zh for text in lacking).zh
    en = names(text.en for text in lacking).en
    where = (
        Text(f"缺：{zh}", f"lacks: {en}")
        if is_listed
        else Text("没有这条界线", "does not hold the line")
    )
    return Evidence(
        message=Text(
            f"界线{line.name}：协议书档案目录{where.zh}。",
            f"Line {line.name}: the list of agreements {where.en}.",
        ),
        aspect="lacking" if is_listed else "unlisted",
        subject=line_subject(line),
        geometry=line.geometry,
        question=None
        if is_listed
        else Text(
            f"目录是否齐全？界线{line.name}的协议书在哪里？",
            f"Is the list whole? Where is the agreement on line {line.name}?",
        ),
        suggestion=Text(
            "查民政档案和上级档案；找到后补录编号，找不到的报批准机关。编号不得代拟。",
            "Search the archives, also those above; enter the numbers once found, else tell the "
            "approving authority. Numbers are never made up.",
        ),
    )


_LINE = drawing(lines={"甲区|乙区": "LINESTRING(0 1000, 0 0)"})


def _archive(**numbers: str) -> BoundaryCase:
    row = said(BoundaryAgreement, 1, **{"line_code": "990101-990102", **numbers})
    return beside(_LINE, row)


RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-AGR-04",
    slug="agreement_incomplete",
    version=1,
    title=Text("协议书、批准文件或附图缺失", "Agreement, approval or map missing"),
    category="档案不全",
    quality=Quality.OMISSION,
    basis=(
        Basis("B02", "13", Severity.PROHIBITED, aspect="lacking"),
        Basis("ISO19157", "5", Severity.PROHIBITED, aspect="lacking"),
        # A list may cover a part of the archive: what it leaves out is asked for.
        Basis("B02", "13", Severity.HUMAN, aspect="unlisted"),
    ),
    check=_check,
    examples=(
        flagged(
            _archive(agreement_no="示例-01", map_no="示例-图-01"),
            Severity.PROHIBITED,
            Text("没有批准文号", "no number of the approval"),
        ),
        flagged(
            _archive(line_code="990101-990103", agreement_no="示例-02"),
            Severity.HUMAN,
            Text("目录里没有这条界线", "the list does not hold the line"),
        ),
        clean(
            _archive(agreement_no="示例-01", approval_no="示例-批-01", map_no="示例-图-01"),
            Text("三件齐全", "all three are there"),
        ),
        clean(
            beside(
                _LINE,
                said(BoundaryAgreement, 1, line_code="990101-990102", agreement_no="示例-01"),
                said(
                    BoundaryAgreement,
                    2,
                    line_code="990101-990102",
                    approval_no="示例-批-01",
                    map_no="示例-图-01",
                ),
            ),
            Text("分两行登记，合起来齐全", "entered in two rows, complete together"),
        ),
    ),
    trap=Text(
        "目录只录了一部分档案时，缺的是目录而不是文件。",
        "Where the list covers a part of the archive only, it is the list that is incomplete.",
    ),
    handling=Text(
        "界线协议、图表、批准文件依法归档；补齐目录或者补档后再报送。",
        "Agreements, maps and approvals are archived by law; complete the list or the archive "
        "before filing.",
    ),
    needs=frozenset({"lines", "agreement-records"}),
)
