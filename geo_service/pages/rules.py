"""The rule book as pages: every rule with its legal basis, examples and false alarms."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from geo_service.api.deps import language_asked, language_of, needs
from geo_service.domain.access import Right
from geo_service.maps.example_drawing import example_drawings
from geo_service.pages.render import page
from geo_service.services import rule_wording, rulebook

# The dependency lets `lang` stand in the address; the template reads it by itself.
router = APIRouter(
    include_in_schema=False,
    default_response_class=HTMLResponse,
    dependencies=[needs(Right.RULES_READ), Depends(language_asked)],
)


@router.get("/rules")
def rules_page(request: Request) -> HTMLResponse:
    """All rules, family by family, each with the articles it rests on."""
    families: dict[str, list[rulebook.RuleSummary]] = {}
    for rule in rulebook.list_rules():
        families.setdefault(rule.family, []).append(rule)
    return page(request, "rules.html", families=families, wording=rule_wording)


@router.get("/rules/coverage")
def coverage_page(request: Request) -> HTMLResponse:
    """Which rules rest on each article on file, and which demand on names what watches."""
    book = [covered for covered in rulebook.coverage() if covered.articles]
    total = sum(len(covered.articles) for covered in book)
    missing = sum(len(covered.uncovered) for covered in book)
    return page(
        request,
        "coverage.html",
        book=book,
        demands=rulebook.demands(),
        total=total,
        covered=total - missing,
    )


@router.get("/rules/{rule_id}")
def rule_page(request: Request, rule_id: str) -> HTMLResponse:
    """The manual page of one rule. Raises NotFound for an id no rule has."""
    rule = rulebook.explain(rule_id)
    drawings = example_drawings(rule_id, language_of(request))
    return page(request, "rule.html", rule=rule, drawings=drawings, wording=rule_wording)
