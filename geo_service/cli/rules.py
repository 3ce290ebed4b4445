"""`geo-service rules`: the rule book on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.options import JsonOption, LangOption, print_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console
    from rich.table import Table

    from geo_service.domain.finding import Severity
    from geo_service.domain.law import Citation
    from geo_service.domain.text import Lang
    from geo_service.services.rulebook import (
        InstrumentCoverage,
        LegalBasis,
        RuleExplanation,
        RuleSummary,
        WorkedExample,
    )

app = typer.Typer(help="规则手册 / the rule book", no_args_is_help=True, rich_markup_mode=None)


def _say(key: str, lang: Lang, **values: object) -> str:
    from geo_service.messages import message

    return message(f"rules.{key}", **values).in_(lang)


def _severity(severity: Severity | None, lang: Lang) -> str:
    return _say("silent" if severity is None else f"severity_{severity.word}", lang)


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def _table(lang: Lang, *columns: str) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    for column in columns:
        table.add_column(_say(column, lang), overflow="fold")
    return table


def _range(summary: RuleSummary, lang: Lang) -> str:
    ends = dict.fromkeys((summary.mildest, summary.gravest))
    return " – ".join(_severity(severity, lang) for severity in ends)


def _short(citation: Citation) -> str:
    return f"{citation.instrument_id}§{citation.article}"


def _rule_table(rules: tuple[RuleSummary, ...], lang: Lang) -> Table:
    table = _table(lang, "id", "title", "category", "severity", "basis")
    for rule in rules:
        cited = ", ".join(dict.fromkeys(_short(basis.citation) for basis in rule.basis))
        table.add_row(rule.id, rule.title.in_(lang), rule.category, _range(rule, lang), cited)
    return table


@app.command("list")
def list_(
    family: Annotated[
        str | None, typer.Option("--family", metavar="FAMILY", help="names | boundaries")
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
    console.print(_say("count", lang, count=len(rules)))


def _in_force(basis: LegalBasis, lang: Lang) -> str:
    from geo_service.domain.law import Reading

    period = basis.citation.in_force
    if period.start is None:
        return _say("in_force_unknown", lang)
    if basis.reading is Reading.DRAFT:
        return _say("made_public", lang, start=period.start)
    form = "in_force_open" if period.end is None else "in_force_closed"
    return _say(form, lang, start=period.start, end=period.end)


def _words(words: tuple[str, ...], lang: Lang) -> str:
    return _say("and", lang).join(_say(f"word_{word}", lang) for word in words if word)


def _weights(bases: list[LegalBasis], lang: Lang) -> Iterator[str]:
    """How much a breach of one article weighs, and for which names, gravest first."""
    kinds: dict[tuple[Severity, tuple[str, ...]], dict[str, None]] = {}
    for basis in sorted(bases, key=lambda basis: -basis.severity):
        group = kinds.setdefault((basis.severity, basis.standings), {})
        group.update(dict.fromkeys(basis.feature_types))
    for (severity, standings), types in kinds.items():
        kind = [_words(standings, lang), _words(tuple(types), lang)]
        only = "; ".join(part for part in kind if part)
        form = "weight_of_some" if only else "weight_of_all"
        yield "  * " + _say(form, lang, severity=_severity(severity, lang), only=only)


def _article_lines(bases: list[LegalBasis], lang: Lang) -> Iterator[str]:
    from geo_service.domain.law import Rank

    citation = bases[0].citation
    # Standards and our own defaults have measures and keywords, not articles.
    keyed = bases[0].rank in (Rank.STANDARD, Rank.PRACTICE) or not citation.article[0].isdigit()
    form = "cited_item" if keyed else "cited"
    title, number = citation.instrument.in_(lang), citation.number
    yield "- " + _say(form, lang, instrument=title, number=number, article=citation.article)
    yield f"  {citation.gist.in_(lang)}"
    yield f"  {_in_force(bases[0], lang)}  {citation.url}".rstrip()
    if citation.caveat is not None:
        yield f"  ! {citation.caveat.in_(lang)}"
    yield from _weights(bases, lang)


def _by_article(basis: tuple[LegalBasis, ...]) -> Iterable[list[LegalBasis]]:
    articles: dict[str, list[LegalBasis]] = {}
    for each in basis:
        articles.setdefault(_short(each.citation), []).append(each)
    return articles.values()


def _subject(example: WorkedExample, lang: Lang) -> str:
    if not example.beside:
        return example.subject
    return _say("beside", lang, subject=example.subject, beside=", ".join(example.beside))


def _example_table(page: RuleExplanation, lang: Lang) -> Table:
    table = _table(lang, "subject", "kind", "on", "answer", "why")
    for example in page.examples:
        table.add_row(
            _subject(example, lang),
            _words((example.feature_type, example.standing), lang),
            example.on.isoformat(),
            _severity(example.answer, lang),
            example.why.in_(lang),
        )
    return table


def _page_lines(page: RuleExplanation, lang: Lang) -> Iterator[str]:
    summary = page.summary
    yield f"{summary.id}  {summary.title.in_(lang)}  [{summary.category}]"
    yield "\n" + _say("heading_basis", lang)
    for bases in _by_article(summary.basis):
        yield from _article_lines(bases, lang)
    if page.needs:
        yield "\n" + _say("heading_needs", lang) + "\n" + _words(page.needs, lang)
    yield "\n" + _say("heading_trap", lang) + "\n" + page.trap.in_(lang)
    yield "\n" + _say("heading_handling", lang) + "\n" + page.handling.in_(lang)
    yield "\n" + _say("heading_examples", lang)


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


@app.command()
def coverage(lang: LangOption = "zh", json_: JsonOption = False) -> None:
    """各法规条款由哪些规则对应 / which rules rest on each article, and which articles have none."""
    from geo_service.services import rulebook

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
    console.print(_say("covered", lang, covered=total - missing, total=total))
