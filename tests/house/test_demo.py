"""The walk through the sample: what a newcomer gets from one command, and gets again at once."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from geo_service.cities import city
from geo_service.maps.offline import check_offline

CITY = "370200"
SECOND_START_S = 5.0


def demo(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "geo_service", "demo", "--no-serve", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("demo")
    done = demo(place)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "[6/6]" in done.stdout
    return place


@pytest.fixture(scope="module")
def report(folder: Path) -> dict[str, Any]:
    text = (folder / "var/demo/report.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def test_the_store_holds_the_city_as_its_profile_expects(report: dict[str, Any]) -> None:
    counts, expected = report["city"]["counts"], city(CITY).expected
    assert {kind: counts[kind] for kind in counts if kind in expected} == {
        kind: expected[kind] for kind in counts if kind in expected
    }
    assert counts["internal_lines"] == 16
    assert counts["names"] >= 2000


def test_every_seeded_fault_is_found_and_nothing_beside_the_key(report: dict[str, Any]) -> None:
    synthetic = report["synthetic"]
    assert synthetic["seeded"]
    assert [fault for fault in synthetic["seeded"] if not fault["found"]] == []
    assert synthetic["beside_the_key"] == []


def test_names_are_checked_and_findings_cite_their_article(report: dict[str, Any]) -> None:
    assert report["names"]["checked"] == report["city"]["counts"]["names"]
    for verdict in report["names"]["flagged"]:
        for finding in verdict["findings"]:
            assert finding["citations"], finding
            assert finding["message"], finding


def test_report_and_maps_open_from_disk_without_a_network(folder: Path) -> None:
    pages = sorted((folder / "var/demo").glob("*.html"))
    assert [page.name for page in pages] == ["index.html", "map-city.html", "map-synthetic.html"]
    for page in pages:
        html = page.read_text(encoding="utf-8")
        assert check_offline(html) == []
        assert "/static/" not in html
        assert "未经审核，不得公开" in html
    assert len(list((folder / "var/demo/synthetic").glob("*.geojson"))) == 3
    assert "示例" in (folder / "var/demo/map-synthetic.html").read_text(encoding="utf-8")
    assert "示例" in (folder / "var/demo/index.html").read_text(encoding="utf-8")


def test_every_page_says_that_it_decides_nothing(folder: Path) -> None:
    for page in (folder / "var/demo").glob("*.html"):
        assert "不替代行政决定" in page.read_text(encoding="utf-8"), page


def test_a_second_run_is_quick_and_changes_nothing(folder: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in (folder / "var").rglob("*") if p.is_file()}
    start = time.monotonic()
    done = demo(folder, "--json")
    took = time.monotonic() - start
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["report"].endswith("report.json")
    after = {p: p.stat().st_mtime_ns for p in (folder / "var").rglob("*") if p.is_file()}
    assert after == before
    assert took <= SECOND_START_S


def test_a_lost_page_is_written_again(folder: Path) -> None:
    page = folder / "var/demo/map-synthetic.html"
    content = page.read_text(encoding="utf-8")
    page.unlink()
    assert demo(folder).returncode == 0
    assert page.read_text(encoding="utf-8") == content
