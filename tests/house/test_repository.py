"""The shape of the repository and of the package, as the user fixed it."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "geo_service"
TOP_LEVEL = {
    "pyproject.toml", "geo_service", "data", "notebooks", "tests", "README.md", "Makefile",
    "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "NOTICE", "docs", "benchmarks", ".ci",
    ".gitignore",
}  # fmt: skip
MAX_LINES = 600


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [Path(name) for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_the_top_level_is_as_fixed() -> None:
    assert {path.parts[0] for path in tracked()} <= TOP_LEVEL
    required = TOP_LEVEL - {"benchmarks", ".gitignore"}
    assert {name for name in required if not (ROOT / name).exists()} == set()


def test_imports_go_down_only() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_floor_of_the_package_is_in_the_contract() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = config["tool"]["importlinter"]["contracts"][0]
    floors = {name for layer in contract["layers"] for name in re.split(r"\s*[:|]\s*", layer)}
    here = {p.stem for p in PACKAGE.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    assert here - {"__init__"} <= floors
    assert contract["exhaustive"]


def test_no_module_is_too_long() -> None:
    lengths = {
        path: len(path.read_text(encoding="utf-8").splitlines()) for path in PACKAGE.rglob("*.py")
    }
    assert {path: n for path, n in lengths.items() if n > MAX_LINES} == {}


LOADS = re.compile(
    r"""(?:\b(?:src|href|data-src)\s*=\s*["']?|url\(\s*["']?|@import\s+["'])(?:https?:)?//""", re.I
)


@pytest.mark.parametrize("suffix", ["html", "css", "js", "svg"])
def test_nothing_that_a_browser_gets_from_us_names_an_outside_address(suffix: str) -> None:
    ours = [path for path in tracked() if path.suffix == f".{suffix}" and path.parts[0] != "tests"]
    loading = {path for path in ours if LOADS.search((ROOT / path).read_text(encoding="utf-8"))}
    assert loading == set()


def test_no_geometry_of_unclear_licence_is_kept_here() -> None:
    geometry = {".geojson", ".gpkg", ".shp", ".topojson", ".parquet", ".kml"}
    kept = [path for path in tracked() if path.suffix in geometry]
    allowed = {path for path in kept if path.parts[0] == "tests"}
    assert set(kept) == allowed
    for path in allowed:
        assert "synthetic" in str(path) or (ROOT / path.parent / "README.md").exists(), path


def test_the_licence_is_the_whole_apache_text() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_every_vendored_package_is_named_in_the_notice() -> None:
    from geo_service.services.vendoring import package_table

    table = package_table(ROOT / "data/vendor/packages.toml")
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8").lower()
    for package in (*table.web, table.divisions):
        assert package.name.lower() in notice
        assert package.licence.split("-")[0].lower() in notice
