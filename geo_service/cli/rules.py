"""`geo-service rules`: the rule book on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.options import JsonOption, LangOption, print_json, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console
    from rich.table import Table

    from geo_service.domain.law import Citation
    from geo_service.domain.text import Lang
    from geo_service.services.rulebook import (
        CitedArticle,
        Demand,
        InstrumentCoverage,
        RuleExplanation,
        RuleSummary,
        Weight,
        WorkedExample,
    )

app = typer.Typer(help="规则手册 / the rule book", no_args_is_help=True, rich_markup_mode=None)


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def _table(lang: Lang, *columns: str) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    for column in columns:
        table.add_column(say(f"rules.{column}", lang), overflow="fold")
    return table


def _range(summary: RuleSummary, lang: Lang) -> str:
    from geo_service.services.wording import severity_text

    ends = dict.fromkeys((summary.mildest, summary.gravest))
    return " – ".join(severity_text(severity, summary.id, lang) for severity in ends)


def _short(citation: Citation) -> str:
    return f"{citation.instrument_id}§{citation.article}"


def _rule_table(rules: tuple[RuleSummary, ...], lang: Lang) -> Table:
    from geo_service.services.rule_wording import category_words

    table = _table(lang, "id", "title", "category", "severity", "basis")
    for rule in rules:
        cited = ", ".join(_short(article.citation) for article in rule.articles)
        category = category_words(rule.category).in_(lang)
        table.add_row(rule.id, rule.title.in_(lang), category, _range(rule, lang), cited)
    return table


@app.command("list")
def list_(
    family: Annotated[
        str | None,
        typer.Option(
            "--family",
            metavar="FAMILY",
            help="names | boundaries | markers | descriptions | inspections",
        ),
    ] = None,
    lang: LangOption = "zh",
    json_: JsonOption = False,
) -> None:
    """列出全部规则 / list all rules."""
    from geo_service.services import rulebook

    rules = rulebook.list_rules(family)
    if json_:
        print_json([rulebook.summary_json(rule, lang) for rule in rules])
        return
    console = _console()
    console.print(_rule_table(rules, lang))
    console.print(say("rules.count", lang, count=len(rules)))


def _weight_line(weight: Weight, rule: str, lang: Lang) -> str:
    from geo_service.services import rule_wording
    from geo_service.services.wording import severity_text

    only = rule_wording.narrowed(weight, rule).in_(lang)
    grade = severity_text(weight.severity, rule, lang)
    form = "rules.weight_of_some" if only else "rules.weight_of_all"
    return "  * " + say(form, lang, severity=grade, only=only)


def _article_lines(article: CitedArticle, rule: str, lang: Lang) -> Iterator[str]:
    from geo_service.services import rule_wording
    from geo_service.services.wording import citation_text

    citation = article.citation
    yield f"- {citation_text(citation, lang)}"
    yield f"  {citation.gist.in_(lang)}"
    yield f"  {rule_wording.in_force(article).in_(lang)}  {citation.url}".rstrip()
    if citation.caveat is not None:
        yield f"  ! {citation.caveat.in_(lang)}"
    for weight in article.weights:
        yield _weight_line(weight, rule, lang)


def _subject(example: WorkedExample, lang: Lang) -> str:
    from geo_service.services import rule_wording

    subject = rule_wording.subject(example).in_(lang)
    if not example.beside:
        return subject
    return say("rules.beside", lang, subject=subject, beside=", ".join(example.beside))


def _example_table(page: RuleExplanation, lang: Lang) -> Table:
    from geo_service.services import rule_wording

    table = _table(lang, "subject", "kind", "on", "answer", "why")
    for example in page.examples:
        table.add_row(
            _subject(example, lang),
            rule_wording.words((example.feature_type, example.standing)).in_(lang),
            example.on.isoformat(),
            rule_wording.answer(example.answer, page.summary.id).in_(lang),
            example.why.in_(lang),
        )
    return table


def _page_lines(page: RuleExplanation, lang: Lang) -> Iterator[str]:
    from geo_service.services import rule_wording

    summary = page.summary
    category = rule_wording.category_words(summary.category).in_(lang)
    yield f"{summary.id}  {summary.title.in_(lang)}  [{category}]"
    yield "\n" + say("rules.heading_basis", lang)
    for article in summary.articles:
        yield from _article_lines(article, summary.id, lang)
    if any(len(article.weights) > 1 for article in summary.articles):
        yield say("rules.weights_note", lang)
    if page.needs:
        yield (
            "\n"
            + say("rules.heading_needs", lang)
            + "\n"
            + rule_wording.words(page.needs).in_(lang)
        )
    yield "\n" + say("rules.heading_trap", lang) + "\n" + page.trap.in_(lang)
    yield "\n" + say("rules.heading_handling", lang) + "\n" + page.handling.in_(lang)
    yield "\n" + say("rules.heading_examples", lang)


def _print_page(page: RuleExplanation, lang: Lang) -> None:
    for line in _page_lines(page, lang):
        typer.echo(line)
    _console().print(_example_table(page, lang))


@app.command()
def explain(
    rule_id: Annotated[str, typer.Argument(metavar="ID", help="规则编号 / id of the rule")],
    lang: LangOption = "zh",
    json_: JsonOption = False,
) -> None:
    """说明一条规则：依据、易误报之处、处理办法、示例 / one rule: basis, trap, handling, tests."""
    from geo_service.services import rulebook

    page = rulebook.explain(rule_id)
    if json_:
        print_json(rulebook.explanation_json(page, lang))
    else:
        _print_page(page, lang)


def _coverage_table(covered: InstrumentCoverage, lang: Lang) -> Table:
    source = covered.instrument
    table = _table(lang, "article", "gist", "rules")
    table.title = f"{source.id}  {source.title.in_(lang)}  {source.number}"
    table.title_justify = "left"
    for row in covered.articles:
        table.add_row(row.article.number, row.article.gist.in_(lang), ", ".join(row.rules) or "–")
    return table


def _demand_table(demands: tuple[Demand, ...], lang: Lang) -> Table:
    table = _table(lang, "demand", "gist", "rules", "elsewhere")
    for row in demands:
        rules = ", ".join(row.rules) or "–"
        elsewhere = "" if row.elsewhere is None else row.elsewhere.in_(lang)
        table.add_row(row.id, row.title.in_(lang), rules, elsewhere)
    return table


@app.command()
def coverage(
    demands: Annotated[
        bool,
        typer.Option(
            "--demands",
            help="按命名要求和界线检查列出 / by demands on names and checks on boundaries",
        ),
    ] = False,
    lang: LangOption = "zh",
    json_: JsonOption = False,
) -> None:
    """各法规条款由哪些规则对应 / which rules rest on each article, and which articles have none."""
    from geo_service.services import rulebook

    if demands:
        rows = rulebook.demands()
        if json_:
            print_json([rulebook.demand_json(row, lang) for row in rows])
        else:
            _console().print(_demand_table(rows, lang))
        return
    book = rulebook.coverage()
    if json_:
        print_json([rulebook.coverage_json(covered, lang) for covered in book])
        return
    console = _console()
    for covered in book:
        if covered.articles:
            console.print(_coverage_table(covered, lang))
    total = sum(len(covered.articles) for covered in book)
    missing = sum(len(covered.uncovered) for covered in book)
    console.print(say("rules.covered", lang, covered=total - missing, total=total))
