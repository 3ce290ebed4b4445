"""Commands, settings, rules, errors and routes cannot be undocumented or documented wrongly."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["commands", "settings", "rules", "errors", "routes", "facts"])
def test_the_page_says_what_the_program_does(build: ModuleType, name: str) -> None:
    page = ROOT / "docs" / "guide" / f"{name}.md"
    assert page.read_text(encoding="utf-8") == getattr(build, f"{name}_page")(), "make docs"


def test_the_file_of_settings_for_the_system_service_is_whole(build: ModuleType) -> None:
    assert build.ENVIRONMENT.read_text(encoding="utf-8") == build.environment_file(), "make docs"


def test_every_command_stands_in_the_interface_list_of_the_readme(build: ModuleType) -> None:
    import typer

    from geo_service.cli.main import app

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    paths = [path for path, _ in build.commands_of(typer.main.get_command(app))]
    assert paths
    assert [path for path in paths if path not in readme] == []


def test_every_error_code_used_in_the_program_has_its_text(build: ModuleType) -> None:
    kinds = {kind.__name__: kind for kind in build.error_classes()}
    raised = re.compile(rf"\b(?:{'|'.join(kinds)})\(\s*\"([a-z0-9_]+)\"")
    texts = build.error_messages()
    used = {
        code
        for path in (ROOT / "geo_service").rglob("*.py")
        for code in raised.findall(path.read_text(encoding="utf-8"))
    }
    assert used
    assert used - set(texts) == set()


def test_every_class_of_refusal_has_a_text_and_codes_for_shell_and_web(build: ModuleType) -> None:
    texts = build.error_messages()
    for kind in build.error_classes():
        assert kind.exit_code in {1, 2, 3, 4}, kind
        assert 400 <= kind.http_status < 600, kind
        assert kind.code in texts, kind


def test_every_text_is_in_both_languages(build: ModuleType) -> None:
    for code, text in build.error_messages().items():
        assert re.search(r"[\u4e00-\u9fff]", text.zh), code
        assert text.en, code
        assert not re.search(r"[\u4e00-\u9fff]", text.en), code


def test_links_between_documents_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page}: {target}"


def test_decisions_are_numbered_without_gaps_and_in_one_form() -> None:
    pages = sorted((ROOT / "docs/adr").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for heading in ("## Status", "## Context", "## Decision", "## Consequences"):
            assert heading in text, page
