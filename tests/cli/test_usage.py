"""A command that was written wrong: told in the form it was asked for, always with exit 2."""

from __future__ import annotations

import json
import shlex

import pytest
from typer.testing import CliRunner, Result

from geo_service.cli.main import app, build_app

WRONG = [
    "name check",
    "name check 云霄路 --type river",
    "name check 云霄路 --as-of 2024-13-01",
    "name check 云霄路 --at 120",
    "name check 云霄路 --fail-on never",
    "name check 云霄路 --colour red",
    "name check 云霄路 --lang fr",
    "name prove 云霄路",
    "boundary check --scale 3",
    "export everything out.gpkg",
    "rivers list",
]


def run(*words: str) -> Result:
    return CliRunner(env={"GEO_SERVICE_LANG": None}).invoke(app, words)


@pytest.mark.parametrize("line", WRONG)
@pytest.mark.parametrize("front", [True, False], ids=["--json first", "--json last"])
def test_with_json_a_usage_error_is_an_object(line: str, front: bool) -> None:
    words = shlex.split(line)
    place = 2 if front else len(words)

    result = run(*words[:place], "--json", *words[place:])

    assert result.exit_code == 2
    assert result.stderr == ""
    (told,) = result.stdout.splitlines()
    problem = json.loads(told)
    assert set(problem) == {"type", "title", "status", "code", "detail"}
    assert (problem["status"], problem["code"]) == (400, "usage_error")
    assert problem["detail"].startswith("命令写法有误：")


@pytest.mark.parametrize("line", WRONG)
def test_without_json_it_comes_with_the_usage(line: str) -> None:
    result = run(*shlex.split(line))

    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Usage: " in result.stderr


@pytest.mark.parametrize("lang", [["--lang", "en"], ["--lang=en"]])
def test_the_object_speaks_the_language_asked_for(lang: list[str]) -> None:
    result = run("name", "check", "--json", "--colour", *lang)

    assert json.loads(result.stdout)["detail"].startswith("The command is written wrong: ")


def test_a_word_before_the_command_is_told_as_well() -> None:
    result = CliRunner().invoke(build_app(), ["--json", "name", "check", "云霄路"])

    assert result.exit_code == 2
    assert json.loads(result.stdout)["code"] == "usage_error"


def test_a_name_that_reads_like_the_option_is_a_name() -> None:
    result = run("name", "check", "--type", "road", "--no-register", "--", "--json")

    assert result.exit_code == 1
    assert "--json" in result.stdout.splitlines()[0]
