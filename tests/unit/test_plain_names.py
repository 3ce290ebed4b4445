"""The short way of `normal_form` may be taken only by characters that the long way leaves alone."""

from __future__ import annotations

import unicodedata

from geo_service.language.normalise import hidden_characters, normal_form


def test_unified_ideographs_and_ascii_letters_stand_for_themselves() -> None:
    ideographs = "".join(map(chr, range(0x4E00, 0xA000)))
    plain = ideographs + "0123456789" + "".join(map(chr, range(65, 91))) + "abcxyz"
    assert unicodedata.normalize("NFKC", plain) == plain == normal_form(plain)
    assert hidden_characters(plain) == ()


def test_a_name_with_one_other_character_takes_the_long_way() -> None:
    assert normal_form("香港\u3000中路") == normal_form("香港\u200b中路") == "香港中路"
    assert normal_form("\uf9e9村１号\n") == "里村1号"
