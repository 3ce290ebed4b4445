"""Works reach across a line, and no consent of an adjacent unit is on record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.identity import DivisionCode
from geo_service.domain.supporting.ground import Project
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext, line_related
from geo_service.rules.boundaries._drawing import beside, clean, drawing, flagged, said
from geo_service.rules.boundaries._ground import (
    Crossing,
    crossings,
    record_subject,
    units_related,
)
from geo_service.rules.boundaries._wording import names


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    for row, crossing in crossings(case, context, case.supporting.all(Project)):
        # What reaches beyond a line by less than lines are drawn is on one side of it.
        reach = {c: m for c, m in crossing.reach_m.items() if m > context.line_tolerance_m}
        lacking = sorted(reach.keys() - {context.current(code) for code in row.consents})
        if len(reach) > 1 and lacking:
            yield _evidence(case, context, row, replace(crossing, reach_m=reach), lacking)


def _evidence(
    case: BoundaryCase,
    context: BoundaryContext,
    row: Project,
    crossing: Crossing,
    lacking: list[DivisionCode],
) -> Evidence:
    where = crossing.where(case)
    units = names(case.unit_names.get(code, str(code)) for code in lacking)
    return Evidence(
        message=Text(
            f"工程{row.name}跨越界线（{where.zh}），资料中没有{units.zh}事先同意的记录。",
            f"Project {row.name} reaches across a line ({where.en}); no prior consent of "
            f"{units.en} is on record.",
        ),
        key="-".join(sorted(crossing.reach_m)),
        subject=record_subject(row, row.name),
        related=(*map(line_related, crossing.lines), *units_related(case, list(crossing.reach_m))),
        measure=Measure(
            round(min(crossing.reach_m.values()), 3),
            context.line_tolerance_m,
            "m",
            f"0.2 mm × 1:{context.scale}",
        ),
        geometry=row.geometry,
        suggestion=Text(
            "补查同意文件和各自的审批；确未征得同意的，先征得毗邻各方政府同意，再分别审批并备案。",
            "Look for the consents and separate approvals; where there are none, ask the adjacent "
            "governments first, then approve on each side and file.",
        ),
    )


_LINE = {"甲区|乙区": "LINESTRING(0 0, 2000 0)"}
_BOTH = (DivisionCode("990101"), DivisionCode("990102"))


def _works(wkt: str, *consents: DivisionCode, lines: dict[str, str] = _LINE) -> BoundaryCase:
    return beside(drawing(lines=lines), said(Project, 1, wkt, name="示例管线", consents=consents))


RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-GND-04",
    slug="project_without_consent",
    version=1,
    title=Text("跨界工程没有同意记录", "Works across the line without consent on record"),
    category="跨界工程",
    quality=Quality.OMISSION,
    basis=(
        Basis("B02", "10", Severity.ADVISED_AGAINST),
        Basis("ISO19157", "5", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            _works("LINESTRING(500 -300, 500 300)", _BOTH[0]),
            Severity.ADVISED_AGAINST,
            Text("管线跨界，只有一方同意", "a pipeline across the line, consent of one side only"),
        ),
        flagged(
            _works("POLYGON((500 -100, 900 -100, 900 200, 500 200, 500 -100))"),
            Severity.ADVISED_AGAINST,
            Text("用地跨界，没有同意记录", "a site across the line, no consent at all"),
        ),
        clean(
            _works("LINESTRING(500 -300, 500 300)", *_BOTH),
            Text("双方都已同意", "both sides have consented"),
        ),
        clean(
            _works("POLYGON((500 -1.5, 900 -1.5, 900 200, 500 200, 500 -1.5))"),
            Text("越过 1.5 米，在 2 米限差内", "1.5 m beyond the line, within the limit of 2 m"),
        ),
        clean(
            _works(
                "LINESTRING(500 -300, 500 300)",
                DivisionCode("990141"),
                _BOTH[1],
                lines={"庚县|乙区": "LINESTRING(0 0, 2000 0)"},
            ),
            Text(
                "由撤并前的单位同意，效力由后继单位承接", "consented by the unit there was before"
            ),
        ),
    ),
    trap=Text(
        "同意文件可能在规划、水利等部门；资料没有记录不等于没有同意。规划线位未定的工程先不判断。",
        "The consent may lie with another department: no record is not the same as no consent. "
        "Works whose alignment is still open are not to be judged.",
    ),
    handling=Text(
        "生产建设用地须横跨界线的，事先征得毗邻各方政府同意，分别办理审批，并报批准机关备案。",
        "Works that cross the line need prior consent of the adjacent governments, separate "
        "approvals, and filing with the approving authority.",
    ),
    needs=frozenset({"lines", "projects"}),
)
