"""Schemathesis against a running server, for a short while; `benchmarks/fuzz_api.py` for long."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[2] / "benchmarks" / "fuzz_api.py"


@pytest.mark.heavy
def test_random_requests_find_nothing(tmp_path: Path) -> None:
    words = ["--seconds", "20", "--cases", "1"]
    process = subprocess.run(
        [sys.executable, str(PROGRAM), *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    assert "cases with sign-in off" in process.stdout
    assert "ignored_auth" in process.stdout
