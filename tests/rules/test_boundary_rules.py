"""Every rule on boundaries answers its own examples, and declares itself in full."""

from __future__ import annotations

from datetime import date

import pytest

from geo_service import cities, statutes
from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.finding import Severity
from geo_service.domain.identity import DivisionCode
from geo_service.domain.period import Period
from geo_service.domain.provenance import Provenance
from geo_service.rules.boundaries import BoundaryCase
from geo_service.rules.engine import findings_of, rules_of
from geo_service.services.boundaries import check_boundaries

RULES = rules_of("boundaries")
CASES = [
    pytest.param(rule, example, id=f"{rule.id}: {example.why.en}")
    for rule in RULES
    for example in rule.examples
]


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_a_rule_gives_the_answer_its_example_states(rule, example):
    found = list(
        findings_of(
            rule,
            example.subject,
            example.context,
            as_of=example.on,
            jurisdiction=example.context.city.code,
        )
    )
    worst = max((finding.severity for finding in found), default=None)
    assert worst == example.severity
    assert len({finding.fingerprint for finding in found}) == len(found)
    for finding in found:
        assert finding.message.zh
        assert finding.message.en
        assert finding.citations


def test_the_ids_promised_are_there_and_no_others():
    assert [rule.id for rule in RULES] == [
        "BD-AGR-01",
        "BD-AGR-02",
        "BD-AGR-03",
        "BD-AGR-04",
        "BD-AGR-05",
        "BD-CMP-01",
        "BD-CMP-02",
        "BD-CMP-03",
        "BD-CMP-04",
        "BD-CMP-05",
        "BD-COD-01",
        "BD-COD-02",
        "BD-COD-03",
        "BD-COD-04",
        "BD-COD-05",
        "BD-CRS-01",
        "BD-CRS-02",
        "BD-CRS-03",
        "BD-GND-01",
        "BD-GND-02",
        "BD-GND-03",
        "BD-GND-04",
        "BD-GND-05",
        "BD-GND-06",
        "BD-LEV-01",
        "BD-LEV-02",
        "BD-NET-01",
        "BD-NET-02",
        "BD-NET-03",
        "BD-NET-04",
        "BD-NET-05",
        "BD-NET-06",
        "BD-NET-07",
        "BD-NET-08",
        "BD-NET-09",
        "BD-NET-10",
        "BD-NET-11",
        "BD-NET-12",
        "BD-NET-13",
        "BD-PNT-01",
        "BD-POL-01",
        "BD-POL-02",
        "BD-POL-03",
        "BD-SEA-01",
        "BD-SEA-02",
        "BD-SEA-03",
        "BD-SEA-04",
        "BD-TOP-01",
        "BD-TOP-02",
        "BD-TOP-03",
        "BD-TOP-04",
        "BD-TOP-05",
        "BD-TOP-06",
        "BD-TOP-07",
        "BD-VER-01",
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_has_two_examples_of_each_answer_a_trap_and_a_basis_on_file(rule):
    flagged = [example for example in rule.examples if example.severity is not None]
    assert len(flagged) >= 2
    assert len(rule.examples) - len(flagged) >= 2
    for text in (rule.title, rule.trap, rule.handling):
        assert text.zh
        assert text.en
    for basis in rule.basis:
        assert statutes.article(basis.instrument, basis.article)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_fault_is_the_same_fault_another_day(rule):
    example = next(example for example in rule.examples if example.severity is not None)
    marks = [
        {
            finding.fingerprint
            for finding in findings_of(
                rule,
                example.subject,
                example.context,
                as_of=day,
                jurisdiction=example.context.city.code,
            )
        }
        for day in (date(2024, 6, 1), date(2025, 6, 1))
    ]
    assert marks[0] == marks[1] != set()


def _line(one: str, other: str, **fields: object) -> AdministrativeBoundary:
    return AdministrativeBoundary(
        code="-".join(sorted((one, other))),
        name="示例线",
        left_code=DivisionCode(one),
        right_code=DivisionCode(other),
        provenance=Provenance("示例"),
        **fields,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("line", "found"),
    [
        pytest.param(
            _line("370284", "370281", agreement_no="示例-1"),
            {("BD-COD-04", Severity.INFO)},
            id="胶南 signed, 黄岛 since 2012",
        ),
        pytest.param(
            _line("370282", "370285", agreement_no="示例-2"),
            {("BD-COD-04", Severity.INFO)},
            id="即墨市 signed, 即墨区 since 2017",
        ),
        pytest.param(
            _line("370284", "370281", period=Period(date(1999, 1, 1), None)),
            {("BD-COD-04", Severity.INFO)},
            id="in force since a day of the former unit",
        ),
        pytest.param(
            _line("370203", "370205", agreement_no="示例-3"),
            {("BD-COD-05", Severity.ADVISED_AGAINST)},
            id="市北 and 四方 are one",
        ),
        pytest.param(
            _line("370211", "370284", agreement_no="示例-4"),
            {("BD-COD-05", Severity.ADVISED_AGAINST)},
            id="黄岛 and 胶南 are one",
        ),
        pytest.param(
            _line("370284", "370281", period=Period(date(2020, 1, 1), None)),
            {("BD-COD-01", Severity.PROHIBITED)},
            id="a new record under an old code",
        ),
        pytest.param(_line("370211", "370281", agreement_no="示例-5"), set(), id="units of today"),
    ],
)
def test_the_changes_of_2012_and_2017_are_history_and_no_error(line, found):
    city = cities.city("370200")
    case = BoundaryCase((), (line,), (), city.plane_epsg)

    told = check_boundaries(case, city, date(2026, 1, 1)).findings

    assert {(f.rule_id, f.severity) for f in told} == found
