"""`geo-service name suggest` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely
from typer.testing import CliRunner, Result

from geo_service.cli.main import app
from geo_service.domain.change import Change, Operation
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Provenance
from geo_service.store.opening import open_store


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"gpkg:{tmp_path_factory.mktemp('suggest')}/s.gpkg"
    store = open_store(url, create=True)
    village = NamedPlace(
        id="V-1",
        name="辛家庄",
        feature_type=FeatureType.VILLAGE,
        provenance=Provenance(source="示例"),
        geometry=shapely.Point(120.401, 36.1),
    )
    with store.begin() as work:
        work.append(
            [Change(operation=Operation.CREATE, record=village, actor="经办人甲", reason="测试")]
        )
    store.close()
    return url


def run(*arguments: str) -> Result:
    runner = CliRunner(env={"COLUMNS": "160", "GEO_SERVICE_LANG": None, "GEO_SERVICE_STORE": None})
    return runner.invoke(app, ["name", "suggest", *arguments])


def test_alternatives_stand_with_spelling_and_grounds(url: str) -> None:
    result = run("環海EE花園", "--type", "estate", "--at", "120.4，36.1", "--store", url)
    assert result.exit_code == 0, result.output
    verdict, head, first, second, notice = result.output.splitlines()
    assert verdict.startswith("環海EE花園：")
    assert "均已" in head
    assert first.startswith("  1. 环海花园  Huánhǎi Huāyuán  ")
    assert first.endswith("由原名改正\u3015改用规范字形；删去“EE”")
    assert "取自当地的“辛家庄”（V-1），相距 90 米" in second
    assert notice == "辅助审查意见，不替代行政决定"


def test_a_place_without_a_name_gets_local_names_in_english(url: str) -> None:
    result = run("--type", "road", "--at", "120.4,36.1", "--lang", "en", "--store", url)
    assert "1. 辛家庄路" in result.output
    assert "from a local name" in result.output


def test_json_carries_the_verdict_of_each(url: str) -> None:
    result = run("EE路", "--at", "120.4,36.1", "--json", "--limit", "1", "--store", url)
    told = json.loads(result.output)
    assert told["verdict"] == "fail"
    assert [row["verdict"] for row in told["suggestions"]] == ["pass"]


def test_a_sound_name_is_left_alone(url: str) -> None:
    result = run("福安路", "--store", url)
    assert "不需要建议名称" in result.output


def test_nothing_found_says_what_would_help(url: str) -> None:
    assert "提供位置" in run("EE路", "--store", url).output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--type", "road"), "须给出位置"),
        (("EE路", "--limit", "0"), "1 到 50"),
        (("曼哈顿",), "--type"),
    ],
)
def test_what_cannot_be_answered_is_refused(
    url: str, arguments: tuple[str, ...], said: str
) -> None:
    result = run(*arguments, "--store", url)
    assert result.exit_code in (2, 3)
    assert said in result.output + result.stderr


def test_the_register_may_be_left_out(tmp_path: Path) -> None:
    absent = f"gpkg:{tmp_path}/none.gpkg"
    result = run("環海花園", "--type", "estate", "--no-register", "--store", absent)
    assert "未查登记簿" in result.output
