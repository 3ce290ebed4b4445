"""A short mixed load with imports running: no error, and the server does not grow."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "serve_soak.py"
pytestmark = pytest.mark.heavy


@pytest.fixture
def soaking() -> ModuleType:
    spec = importlib.util.spec_from_file_location("serve_soak", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look for what their fields are
    spec.loader.exec_module(module)
    return module


def test_pages_searches_and_checks_are_answered_while_files_come_in(soaking: ModuleType) -> None:
    told = soaking.soak(0.2, workers=2, clients=4)
    assert told["errors"] == 0, told["kinds"]
    assert set(told["imports"]) == {"0"}
    assert told["requests"] > 200
    assert told["memory_end_mb"] - told["memory_warm_mb"] < 100
