"""Codes of units, lines and markers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.domain.identity import DivisionCode, DivisionLevel, LineCode, MarkerNumber
from geo_service.errors import InputError

county_codes = st.builds("37{:02d}{:02d}".format, st.integers(1, 17), st.integers(1, 99))


@pytest.mark.parametrize(
    ("written", "code", "level", "parent"),
    [
        ("370000", "370000", DivisionLevel.PROVINCE, None),
        ("370200", "370200", DivisionLevel.PREFECTURE, "370000"),
        (" 370202 ", "370202", DivisionLevel.COUNTY, "370200"),
        ("370202000000", "370202", DivisionLevel.COUNTY, "370200"),
        ("370202001000", "370202001", DivisionLevel.TOWN, "370202"),
        ("370202001004", "370202001004", DivisionLevel.VILLAGE, "370202001"),
    ],
)
def test_a_code_says_its_level_and_parent(
    written: str, code: str, level: DivisionLevel, parent: str | None
) -> None:
    parsed = DivisionCode.parse(written)
    assert parsed == code
    assert parsed.level is level
    assert parsed.parent == parent


@pytest.mark.parametrize(
    "value",
    ["", "37020", "3702021", "\uff13\uff17\uff10\uff12\uff10\uff12", "abcdef", "070202", "37-202"],
)
def test_malformed_division_codes_are_refused(value: str) -> None:
    with pytest.raises(InputError) as refusal:
        DivisionCode(value)
    assert refusal.value.code == "division_code_malformed"


def test_descent_is_read_off_the_digits() -> None:
    district = DivisionCode("370202")
    assert DivisionCode("370202001").is_within(district)
    assert district.is_within(DivisionCode("370200"))
    assert district.is_within(DivisionCode("370000"))
    assert not district.is_within(DivisionCode("370600"))


@given(county_codes, county_codes)
def test_the_line_code_does_not_depend_on_the_order_of_its_sides(one: str, other: str) -> None:
    if one == other:
        return
    first, second = DivisionCode(one), DivisionCode(other)
    code = LineCode.between(first, second)
    assert code == LineCode.between(second, first)
    assert code.sides == tuple(sorted((first, second)))


def test_the_line_code_seen_in_an_archive_is_rebuilt() -> None:
    code = LineCode.between(DivisionCode("623026"), DivisionCode("623022"))
    assert code == "62300030223026"


@pytest.mark.parametrize("value", ["", "37020002030202", "3702000202020", "x" * 14])
def test_malformed_line_codes_are_refused(value: str) -> None:
    with pytest.raises(InputError):
        LineCode(value)


@pytest.mark.parametrize(
    ("number", "serial", "letter"),
    [("001", 1, None), ("012A", 12, "A"), ("1253165", 165, None), ("1253165Q", 165, "Q")],
)
def test_a_marker_number_gives_serial_and_letter(
    number: str, serial: int, letter: str | None
) -> None:
    marker = MarkerNumber(number)
    assert marker.serial == serial
    assert marker.letter == letter


@pytest.mark.parametrize("value", ["", "1", "001F", "12345", "0012A1", "\uff10\uff10\uff11"])
def test_malformed_marker_numbers_are_refused(value: str) -> None:
    with pytest.raises(InputError):
        MarkerNumber(value)
