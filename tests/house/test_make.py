"""The two commands: what they promise, and what they say when something is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted(p for p in (ROOT / ".ci").iterdir() if p.is_file())


def make(folder: Path, *words: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environ = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    return subprocess.run(
        [shutil.which("make") or "make", *words],
        cwd=folder,
        env=environ | ({} if path is None else {"PATH": path}),
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_names_every_target() -> None:
    told = make(ROOT, "help").stdout
    for target in ("run", "demo", "test", "check", "docs", "bundle", "clean"):
        assert f"make {target}" in told


def test_without_a_python_new_enough_it_says_what_to_do(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("sh", "printf", "test"):
        (tools / tool).symlink_to(shutil.which(tool) or tool)
    for name in ("python3", "python3.11"):
        old = tools / name
        old.write_text("#!/bin/sh\nexit 1\n")
        old.chmod(0o755)
    refused = make(tmp_path, ".venv/bin/python", path=str(tools))
    assert refused.returncode != 0
    assert "Python 3.11" in refused.stdout
    assert "PYTHON=" in refused.stdout
    assert not (tmp_path / ".venv").exists()


def test_an_installation_that_is_up_to_date_is_not_repeated(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("geo_service/__init__.py", ".venv/bin/python", ".venv/.installed"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert "pip" not in make(tmp_path, "--dry-run", "run").stdout
    os.utime(tmp_path / "pyproject.toml", (2**32, 2**32))
    assert "pip" in make(tmp_path, "--dry-run", "run").stdout


def test_ci_runs_the_same_as_everybody() -> None:
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert "make test" in script
    assert "CI=true" in script


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_can_be_run_and_parsed(script: Path) -> None:
    assert os.access(script, os.X_OK)
    shell = script.read_text(encoding="utf-8").splitlines()[0].split("/")[-1].split()[-1]
    subprocess.run([shell, "-n", str(script)], check=True)
