"""Figures and citations as people read them."""

from __future__ import annotations

import pytest

from geo_service import statutes
from geo_service.domain.finding import Measure, Severity
from geo_service.rules.engine import FAMILIES, rules_of
from geo_service.services.wording import (
    BOUNDARIES,
    citation_text,
    citations_text,
    measure_text,
    number_text,
    severity_text,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (-0.0001, "0"), (1.5, "1.5"), (1234567.0, "1,234,567"), (0.12345, "0.123")],
)
def test_figures_have_no_idle_zeros(value, text):
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("measure", "text"),
    [
        (None, ""),
        (Measure(None, 5.0, "m"), ""),
        (Measure(3.0), "3"),
        (Measure(2500.5, None, "m2"), "2,500.5 m²"),
        (Measure(0.5, 1.0, "m"), "0.5 m（限值 1 m）"),
        (Measure(0.5, 1.0, "m", "城市配置"), "0.5 m（限值 1 m，城市配置）"),
    ],
)
def test_a_measure_stands_beside_its_limit(measure, text):
    assert measure_text(measure, "zh") == text


@pytest.mark.parametrize(
    ("instrument", "article", "zh", "en"),
    [
        ("L22", "9(5)", "第九条第（五）项", "art. 9(5)"),
        ("L22", "4", "第四条", "art. 4"),
        ("B02", "20", "第二十条", "art. 20"),
        ("N18", "2", "附件“洋”类", "class 'foreign'"),
        ("ISO19157", "5", "条目 5", "item 5"),
        ("GBT2260", "code", "（GB/T 2260）", "(GB/T 2260)"),
    ],
)
def test_laws_have_articles_standards_items_and_working_titles_stay_inside(
    instrument, article, zh, en
):
    citation = statutes.citation(instrument, article)
    assert citation_text(citation, "zh").endswith(zh)
    assert citation_text(citation, "en").endswith(en)


def test_a_draft_and_an_unread_text_say_so_beside_their_own_citation():
    law, draft = statutes.citation("L22", "9(5)"), statutes.citation("SDB", "6")
    zh = citations_text((law, draft, law), "zh").split("；")
    assert zh[0] == zh[2] == citation_text(law, "zh")
    assert zh[1] == f"{citation_text(draft, 'zh')}（注意：{draft.caveat.zh}）"
    assert citations_text((law, draft), "en").endswith(f"(note: {draft.caveat.en})")


RULES = {rule.id: family for family in FAMILIES for rule in rules_of(family)}


@pytest.mark.parametrize("rule", [*RULES, BOUNDARIES])
def test_only_of_names_it_is_said_that_they_are_forbidden(rule):
    names = RULES.get(rule) == "names"
    assert (severity_text(Severity.PROHIBITED, rule, "zh") == "禁止") is names
    assert (severity_text(Severity.PROHIBITED, rule, "en") == "prohibited") is names
    if not names:
        assert severity_text(Severity.PROHIBITED, rule, "zh") == "不得报送"
        assert severity_text(Severity.PROHIBITED, rule, "en") == "not to be filed"


def test_milder_severities_read_alike_in_all_families():
    for severity in Severity:
        if severity is not Severity.PROHIBITED:
            texts = {severity_text(severity, rule, "zh") for rule in RULES}
            assert len(texts) == 1
