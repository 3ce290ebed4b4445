"""Parts of the rules on words that examples cannot show one by one."""

from __future__ import annotations

import pytest

from geo_service.rules.names._firms import trade_name

PLACES = frozenset(("青岛", "崂山"))


@pytest.mark.parametrize(
    ("applicant", "expected"),
    [
        ("青岛澄澜置业有限公司", "澄澜"),
        ("山东省青岛市崂山区澄澜房地产开发集团有限公司", "澄澜"),
        ("澄澜（青岛）城市建设有限责任公司", "澄澜"),
        ("青岛城市建设投资集团有限公司", ""),
        ("青岛市某某局", ""),
        ("甄示例", ""),
        ("", ""),
        ("公司", ""),
    ],
)
def test_the_trade_name_stands_between_division_and_line_of_business(
    applicant: str, expected: str
) -> None:
    assert trade_name(applicant, PLACES) == expected
