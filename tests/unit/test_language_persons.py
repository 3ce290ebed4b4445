"""Numbers of persons in texts are found and masked; numbers of other kinds are left alone."""

from __future__ import annotations

import pytest

from geo_service.domain.person import PersonalKind
from geo_service.language.persons import (
    is_free_text,
    is_id_card,
    kind_of_column,
    masked,
    masked_text,
    numbers_in,
)

CARD = "990101199001010019"
"""Nobody's: there is no such place. The check character is right."""
WIDE = "13812345678".translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789"})

FOUND = [
    (f"口述人身份证{CARD}。", [CARD]),
    ("电话13812345678", ["13812345678"]),
    (f"电话{WIDE}", [WIDE]),
    ("138-1234-5678或+86 139 8765 4321", ["138-1234-5678", "+86 139 8765 4321"]),
    (f"{CARD}、19912345678", [CARD, "19912345678"]),
]
ORDINARY = [
    "37020002020203",
    "990101199001010011",  # another check character
    "990101199013010013",  # no such day
    "12812345678",
    "138123456789",
    "120.13812345678",
    "sha256:a13812345678b",
    "示例文2021138号",
    "1990年1月1日",
]


@pytest.mark.parametrize(("text", "numbers"), FOUND)
def test_numbers_are_found_where_they_stand(text: str, numbers: list[str]) -> None:
    assert [text[start:end] for start, end, _ in numbers_in(text)] == numbers


@pytest.mark.parametrize("text", ORDINARY)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert numbers_in(text) == []
    assert masked_text(text) == text


def test_the_check_character_decides() -> None:
    right = [c for c in "0123456789Xx" if is_id_card(CARD[:17] + c)]
    assert right in ([CARD[17]], ["X", "x"])


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        ("张三", PersonalKind.NAME, "张*"),
        ("张三、欧阳某某", PersonalKind.NAME, "张*、欧***"),
        ("张", PersonalKind.NAME, "*"),
        ("13812345678", PersonalKind.MOBILE, "138****5678"),
        (CARD, PersonalKind.ID_CARD, "9901**********0019"),
        ("0532-88880000", PersonalKind.PHONE, "**********000"),
        ("甲区乙街道1号", PersonalKind.ADDRESS, "甲区乙****"),
    ],
)
def test_masks_leave_little(value: str, kind: PersonalKind, shown: str) -> None:
    assert masked(value, kind) == shown


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("联 系 电 话", PersonalKind.PHONE),
        ("ID_Card", PersonalKind.ID_CARD),
        ("口述人：", PersonalKind.NAME),
        ("名称", None),
        ("人口", None),
        ("", None),
    ],
)
def test_columns_are_known_by_their_heading(header: str, kind: PersonalKind | None) -> None:
    assert kind_of_column(header) is kind


def test_free_texts_are_those_of_the_table() -> None:
    assert is_free_text("origin") and not is_free_text("name")
