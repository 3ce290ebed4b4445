"""Any text at all, handed in as a name: a verdict or a clear refusal, and soon."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo_service.cities import city
from geo_service.domain.finding import Verdict
from geo_service.domain.place import FeatureType
from geo_service.errors import InputError
from geo_service.messages import explain
from geo_service.rules.names import Standing
from geo_service.services.names import MAX_LENGTH, NameRequest, check_name
from geo_service.services.romanising import SpelledName, romanise_name, spelled_json
from geo_service.services.wire import verdict_json

DAY = date(2024, 6, 1)
HOSTILE = "路一十第1A号期区()（）·- \u200b\u202e\ufe0f\u3000\u2ee2\uf96a\U0001f600\ud800\x00é嶗霑儿"


def checked(name: str, kind: FeatureType) -> Verdict | InputError:
    try:
        return check_name(NameRequest(name, kind, Standing.PROPOSED, DAY), city("370200"), None)
    except InputError as error:
        return error


def spelt(name: str, kind: FeatureType, spelling: str) -> SpelledName | InputError:
    try:
        return romanise_name(name, kind, spelling)
    except InputError as error:
        return error


@given(
    st.one_of(st.text(max_size=120), st.text(alphabet=HOSTILE, max_size=120)),
    st.sampled_from(FeatureType),
)
@example("\ud800", FeatureType.ROAD)
@example("\U0001f3f3\ufe0f\u200d\U0001f308路", FeatureType.ROAD)
@settings(deadline=None)
def test_any_text_gets_a_verdict_or_a_refusal_in_words(name: str, kind: FeatureType) -> None:
    for found in (checked(name, kind), spelt(name, kind, name)):
        if isinstance(found, InputError):
            assert explain(found, "zh")
            assert explain(found, "en")
        elif isinstance(found, Verdict):
            assert verdict_json(found, "zh")["romanization"]["text"] is not None
        else:
            assert spelled_json(found, "en")["name"]


@pytest.mark.parametrize(
    "piece", ["路", "一", "第一", "1", "(", "a\u0301", "花园", "\u200b", "·", "儿"]
)
@pytest.mark.parametrize("kind", FeatureType)
def test_the_longest_names_do_not_run_away(piece: str, kind: FeatureType) -> None:
    longest = (piece * MAX_LENGTH)[:MAX_LENGTH]
    for name in (longest, longest[:-1] + "路", "东" + longest[1:]):
        assert checked(name, kind) is not None
        assert spelt(name, kind, longest) is not None


@pytest.mark.parametrize("piece", ["路", "1", " ", "\u202e", "\U0001f600", "\ud800"])
def test_a_hundred_thousand_characters_are_refused_by_length(piece: str) -> None:
    for found in (
        checked(piece * 100_000, FeatureType.ROAD),
        spelt(piece * 100_000, FeatureType.ROAD, ""),
    ):
        assert isinstance(found, InputError)
        assert found.code == "name_too_long"


def test_a_hundred_thousand_letters_are_no_spelling() -> None:
    found = spelt("香港路", FeatureType.ROAD, "x" * 100_000)
    assert isinstance(found, InputError)
    assert found.code == "spelling_too_long"


@pytest.mark.parametrize(
    ("name", "point"),
    [
        ("海\uff21大厦", "U+FF21"),
        ("海\u2161大厦", "U+2161"),
        ("海\u200b信大厦", "U+200B"),
        ("\u2ee2家大厦", "U+2EE2"),
        ("\u2f2d海大厦", "U+2F2D"),
        ("\uf96a海大厦", "U+F96A"),
        ("嶗山大厦", "U+5D97"),
        ("海\u00b7岸大厦", "U+00B7"),
        ("海\U0001f600大厦", "U+1F600"),
    ],
)
def test_a_character_that_is_not_plain_is_reported_with_its_code_point(
    name: str, point: str
) -> None:
    found = checked(name, FeatureType.BUILDING)
    assert isinstance(found, Verdict)
    assert any(point in finding.message.zh for finding in found.findings)
    assert any(point in finding.message.en for finding in found.findings)
