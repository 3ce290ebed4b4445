"""The guides say what the program does: commands are run, addresses and buttons looked up.

A block `console` holds commands and lines of their answers, with `…` for what differs from time
to time; a block `csv NAME` is a file beside them. Buttons stand in 【】.
"""

from __future__ import annotations

import re
import runpy
import shlex
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import uvicorn
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from geo_service import compose
from geo_service.api.app import create_app
from geo_service.cli.main import build_app
from geo_service.resources import data_dir
from geo_service.settings import Settings

GUIDE = Path(__file__).parents[2] / "docs" / "guide"
GUIDES = ("naming", "survey", "records", "administration", "connections")
CITY = "990100"
_BLOCK = re.compile(r"^```(\w*) ?([\w.]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_EXIT = re.compile(r"\s+# 退出码 (\d)$")


def _text(guide: str) -> str:
    return (GUIDE / f"{guide}.md").read_text(encoding="utf-8")


def _asked(block: str) -> Iterator[tuple[str, int, list[str]]]:
    """Command, exit code and told lines of each command of a block."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, *told = part.splitlines()
        code = _EXIT.search(command)
        yield _EXIT.sub("", command), int(code[1]) if code else 0, [line for line in told if line]


def _pattern(line: str) -> str:
    """A line as a pattern: `…` is anything, a day any day."""
    return _DAY.sub(lambda _: _DAY.pattern, re.escape(line).replace("…", ".*").replace(r"\-", "-"))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `geo-service demo` has run for the invented city."""
    folder = tmp_path_factory.mktemp("guides")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("GEO_SERVICE_CITY", CITY)
        assert CliRunner().invoke(build_app(), ["demo", "--no-serve"]).exit_code == 0
    return folder


@pytest.fixture
def office(sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it in which the commands of one guide are run."""
    folder = tmp_path / "office"
    shutil.copytree(sample, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GEO_SERVICE_CITY", CITY)
    monkeypatch.setenv("COLUMNS", "200")
    return folder


@pytest.mark.parametrize("guide", GUIDES)
def test_the_commands_answer_as_the_guide_tells(guide: str, office: Path) -> None:
    for language, name, text in _BLOCK.findall(_text(guide)):
        if language == "csv":
            (office / name).write_text(text, encoding="utf-8")
        for command, code, told in _asked(text) if language == "console" else ():
            words = shlex.split(command)
            assert words[0] == "geo-service"
            answer = CliRunner().invoke(build_app(), words[1:])
            assert answer.exit_code == code, f"{command}\n{answer.output}"
            found = re.search(".*".join(map(_pattern, told)), answer.output, re.DOTALL)
            assert found, f"{command}\n{told}\n{answer.output}"


def _addresses(guide: str) -> set[str]:
    return set(re.findall(r"`(/[^`\s]*)`", _BLOCK.sub("", _text(guide))))


@pytest.mark.parametrize("guide", GUIDES)
def test_every_address_is_one_of_the_service(guide: str, build: ModuleType) -> None:
    known = [
        re.compile(re.sub(r"\{\w+:path\}", ".+", re.sub(r"\{\w+\}", "[^/]+", path)))
        for _, path, _ in build.routes()
    ]
    addresses = _addresses(guide)
    assert addresses
    for address in addresses:
        path = address.partition("?")[0]
        assert any(pattern.fullmatch(path) for pattern in known), address


@pytest.fixture
def served(office: Path) -> Iterator[TestClient]:
    services = compose.build(Settings(city=CITY, auth=False, log_requests=False))
    with TestClient(
        create_app(services, services.settings),
        base_url="http://127.0.0.1:8000",
        client=("127.0.0.1", 50000),
    ) as client:
        yield client
    services.close()


@pytest.mark.parametrize("guide", GUIDES)
def test_every_example_of_a_query_is_answered(guide: str, served: TestClient) -> None:
    for address in _addresses(guide):
        if "?" in address:
            assert served.get(address).status_code == 200, address


def _catalogue() -> list[str]:
    texts = "".join(
        path.read_text(encoding="utf-8") for path in (data_dir() / "messages").glob("*.toml")
    )
    return re.findall(r'^zh = "(.*)"$', texts, re.MULTILINE)


@pytest.mark.parametrize("guide", GUIDES)
def test_every_button_is_on_a_page(guide: str) -> None:
    buttons = set(re.findall(r"【(.+?)】", _BLOCK.sub("", _text(guide))))
    assert buttons <= set(_catalogue())


@pytest.mark.parametrize("guide", GUIDES)
def test_every_guide_ends_in_english_and_says_what_its_answers_are_worth(guide: str) -> None:
    text = _text(guide)
    assert "**In English.**" in text.rpartition("\n---\n")[2]
    assert "不替代行政决定" in text or guide == "administration"


def test_the_script_prints_what_the_guide_prints(
    served: TestClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Over a real connection, with sign-in off: the token is not asked for."""
    blocks = {language: text for language, _, text in _BLOCK.findall(_text("connections"))}
    config = uvicorn.Config(served.app, port=0, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started and time.monotonic() < until:
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    script = blocks["python"].replace(":8000", f":{port}").replace("gst_……", "")
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    runpy.run_path(str(tmp_path / "script.py"))
    server.should_exit = True
    thread.join(30)
    assert capsys.readouterr().out == blocks["text"]
