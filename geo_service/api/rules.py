"""The rule book over HTTP: what each rule says, its law, its examples, and what nothing watches."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from geo_service.api.deps import LangDep
from geo_service.api.rights import needs
from geo_service.api.schemas import CitationBody, SeverityWord, problem_answers
from geo_service.domain.access import Right
from geo_service.services import rulebook

router = APIRouter(prefix="/api/v1/rules", tags=["rules"])
Family = Literal["names", "boundaries", "markers", "descriptions", "inspections"]
_READS: Any = [needs(Right.RULES_READ)]


class BasisBody(BaseModel):
    """An article a rule rests on, how much a breach weighs, and for which subjects."""

    severity: SeverityWord
    rank: str
    reading: str
    aspect: str
    standings: list[str]
    feature_types: list[str]
    citation: CitationBody


class RangeBody(BaseModel):
    """Severities of a rule, from the mildest to the gravest basis."""

    mildest: SeverityWord
    gravest: SeverityWord


class RuleBody(BaseModel):
    """One rule of the list."""

    id: str
    family: Family
    slug: str
    version: int
    title: str
    category: str
    quality: str
    severity: RangeBody
    basis: list[BasisBody]


class RulesBody(BaseModel):
    """Rules in the order of their ids."""

    rules: list[RuleBody]


class ExampleBody(BaseModel):
    """An example with the answer the rule gives; null where it is silent."""

    subject: str
    feature_type: str
    standing: str
    on: date
    answer: SeverityWord | None
    why: str
    beside: list[str]


class RulePageBody(RuleBody):
    """The manual page of a rule."""

    needs: list[str]
    trap: str
    handling: str
    examples: list[ExampleBody]


class ArticleBody(BaseModel):
    """An article and the rules that rest on it."""

    article: str
    gist: str
    in_force_from: date | None
    in_force_to: date | None
    confirmed: bool
    rules: list[str]


class InstrumentBody(BaseModel):
    """An instrument with all its articles on file; `uncovered` are those no rule rests on."""

    id: str
    title: str
    number: str
    rank: str
    territory: str
    reading: str
    in_force_from: date | None
    in_force_to: date | None
    url: str
    articles: list[ArticleBody]
    uncovered: list[str]


class CoverageBody(BaseModel):
    """Which rules rest on each article."""

    instruments: list[InstrumentBody]


class DemandBody(BaseModel):
    """What is asked of a name, or a fault of boundaries, and what watches it."""

    id: str
    title: str
    rules: list[str]
    elsewhere: str


class DemandsBody(BaseModel):
    """Every demand on names and check on boundaries."""

    demands: list[DemandBody]


@router.get(
    "",
    dependencies=_READS,
    response_model=RulesBody,
    responses=problem_answers(400),
    summary="规则列表 / list rules",
)
def list_rules(
    lang: LangDep, family: Annotated[Family | None, Query(description="规则类别")] = None
) -> Any:
    """All rules, or those of one family."""
    rules = rulebook.list_rules(family)
    return JSONResponse({"rules": [rulebook.summary_json(rule, lang) for rule in rules]})


@router.get(
    "/coverage",
    dependencies=_READS,
    response_model=CoverageBody,
    responses=problem_answers(400),
    summary="各条款由哪些规则对应 / coverage by article",
)
def coverage(lang: LangDep) -> Any:
    """Every instrument and article on file with the rules that rest on it, none where none does."""
    book = [rulebook.coverage_json(covered, lang) for covered in rulebook.coverage()]
    return JSONResponse({"instruments": book})


@router.get(
    "/demands",
    dependencies=_READS,
    response_model=DemandsBody,
    responses=problem_answers(400),
    summary="各项要求由哪些规则对应 / coverage by demand",
)
def demands(lang: LangDep) -> Any:
    """Every demand on names and check on boundaries with what watches it."""
    rows = [rulebook.demand_json(row, lang) for row in rulebook.demands()]
    return JSONResponse({"demands": rows})


@router.get(
    "/{rule_id}",
    dependencies=_READS,
    response_model=RulePageBody,
    responses=problem_answers(400, 404, 422),
    summary="一条规则 / one rule",
)
def explain(
    rule_id: Annotated[str, Path(max_length=40, examples=["NM-DUP-01"])], lang: LangDep
) -> Any:
    """The manual page of a rule: basis, trap, handling and examples."""
    return JSONResponse(rulebook.explanation_json(rulebook.explain(rule_id), lang))
