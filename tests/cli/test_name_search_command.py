"""`geo-service name search` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely
from typer.testing import CliRunner, Result

from geo_service.cli.main import app
from geo_service.domain.change import Change, Operation
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Provenance
from geo_service.store.opening import open_store


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"gpkg:{tmp_path_factory.mktemp('search')}/s.gpkg"
    store = open_store(url, create=True)
    with store.begin() as work:
        work.append(
            Change(
                operation=Operation.CREATE,
                record=NamedPlace(
                    id=f"P-{n}",
                    name=name,
                    feature_type=FeatureType.ROAD,
                    provenance=Provenance(source="示例", licence="CC0-1.0"),
                    unit_code=DivisionCode("370202") if n else None,
                    geometry=shapely.Point(120.3 + n / 10, 36),
                ),
                actor="经办人甲",
                reason="测试",
            )
            for n, name in enumerate(("中山路", "钟山路", "金水路"))
        )
    store.close()
    return url


def run(*arguments: str) -> Result:
    runner = CliRunner(env={"COLUMNS": "160", "GEO_SERVICE_LANG": None, "GEO_SERVICE_STORE": None})
    return runner.invoke(app, ["name", "search", *arguments])


def test_names_are_listed_with_reason_and_distance(url: str) -> None:
    result = run("zhongshanlu", "--near", "120.4，36", "--store", url)
    assert result.exit_code == 0, result.output
    head, first, second = result.output.splitlines()
    assert "共 2 个地名" in head
    assert first.startswith("钟山路") and "读音相同" in first and "区划 370202" in first
    assert "相距 1 米" in first  # a spatial index rounds to a metre or so
    assert second.startswith("中山路") and "区划" not in second


def test_english_is_told_in_english(url: str) -> None:
    result = run("jsl", "--lang", "en", "--store", url)
    assert "1 name," in result.output
    assert "the same initials" in result.output


def test_json_is_one_line(url: str) -> None:
    result = run("中山路", "--json", "--limit", "1", "--store", url)
    page = json.loads(result.output)
    assert page["total"] == 2
    assert [hit["id"] for hit in page["hits"]] == ["P-0"]


def test_names_around_a_place_need_no_text(url: str) -> None:
    result = run("--near", "120.5,36", "--limit", "1", "--store", url)
    assert "金水路" in result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("不存在 --lang zh", "没有找到地名"),
        ("不存在 --lang en", "No name found"),
        ("中山路 --offset 50", "这一页之后没有了"),
    ],
)
def test_nothing_found_says_what_to_try(url: str, words: str, said: str) -> None:
    result = run(*words.split(), "--store", url)
    assert result.exit_code == 0
    assert said in result.output


@pytest.mark.parametrize(
    ("words", "code"),
    [("", 3), ("中山路 --near x", 2), ("中山路 --unit 3", 3), ("中山路 --limit 0", 3)],
)
def test_what_cannot_be_asked_is_refused(url: str, words: str, code: int) -> None:
    result = run(*words.split(), "--store", url)
    assert result.exit_code == code
    assert "Traceback" not in result.output


def test_a_register_that_is_not_there_is_told(tmp_path: Path) -> None:
    result = run("中山路", "--store", f"gpkg:{tmp_path}/none.gpkg")
    assert result.exit_code == 4
