"""Angles of forms are read by their signs, and nothing else is."""

import pytest

from geo_service.services.interchange.angles import is_signed, signed_angle


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("227°10′30″", 227.175),
        ("227°10'", 227 + 10 / 60),
        ("120度34分56.7秒", 120 + 34 / 60 + 56.7 / 3600),
        ("119°34’56.7”", 119 + 34 / 60 + 56.7 / 3600),
        ("119°34'56.7''", 119 + 34 / 60 + 56.7 / 3600),
        ("36°", 36.0),
        ("36°60′", None),
        ("36°10′75″", None),
        ("°10′", None),
        ("36°东", None),
    ],
)
def test_an_angle_is_read_by_its_signs(text: str, degrees: float | None) -> None:
    assert is_signed(text)
    read = signed_angle(text)
    assert read is None if degrees is None else read == pytest.approx(degrees, abs=1e-12)


def test_a_number_is_no_signed_angle() -> None:
    assert not is_signed("227.175")
