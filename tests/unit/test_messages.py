"""Every sentence a person reads stands in the catalogue, in both languages, with equal blanks."""

import re
from pathlib import Path
from string import Formatter

import pytest

from geo_service import messages
from geo_service.domain.text import Text
from geo_service.errors import ConfigError, InputError
from geo_service.resources import data_dir

AREAS = sorted(path.stem for path in (data_dir() / "messages").glob("*.toml"))
SOURCES = sorted((Path(messages.__file__).parent).rglob("*.py"))


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def entries() -> list[tuple[str, Text]]:
    return [entry for area in AREAS for entry in messages._area(area).items()]


@pytest.mark.parametrize("area", AREAS)
def test_an_area_holds_only_its_own_section(area: str) -> None:
    assert messages._area(area)
    assert set(messages._read(data_dir() / "messages" / f"{area}.toml")) == {area}


def test_both_languages_are_there_and_ask_for_the_same_values() -> None:
    unequal = [
        key
        for key, text in entries()
        if not text.zh.strip() or not text.en.strip() or blanks(text.zh) != blanks(text.en)
    ]
    assert unequal == []


def test_every_error_code_that_the_program_raises_has_its_sentence() -> None:
    raised = re.compile(
        r"\b(?:InputError|NotFound|Conflict|Forbidden|StoreError|ConfigError)\(\s*\"([a-z_]+)\""
    )
    codes = {code for path in SOURCES for code in raised.findall(path.read_text(encoding="utf-8"))}
    assert codes
    assert codes - {key.removeprefix("errors.") for key, _ in entries()} == set()


def test_an_error_explains_itself_in_the_language_asked_for() -> None:
    error = InputError("division_code_malformed", value="37")
    assert "37" in messages.explain(error, "zh")
    assert "Division code" in messages.explain(error, "en")


def test_an_unknown_message_is_a_fault_of_the_program() -> None:
    with pytest.raises(ConfigError):
        messages.message("errors.no_such_thing")


def test_in_english_a_number_chooses_its_word() -> None:
    text = Text("{count:,} 条记录", "{count:,} {count:record was|records were} found")
    assert text.fill(count=1).en == "1 record was found"
    assert text.fill(count=0).en == "0 records were found"
    assert text.fill(count=12_345) == Text("12,345 条记录", "12,345 records were found")
    assert Text("{n}", "{n:one|more}").fill(n="1") == Text("1", "one")
