"""Every notebook runs from its first cell to its last, and is kept without outputs."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from geo_service.cities import city_codes
from geo_service.services import vendoring

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def test_there_is_a_notebook() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_outputs_are_kept(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        assert not cell.get("outputs"), cell.source
        assert not cell.get("execution_count"), cell.source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs(path: Path, tmp_path: Path) -> None:
    vendoring.vendor(city_codes()[0])
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    )
    client.execute()
    (page,) = tmp_path.rglob("*.html")
    assert "示例" in page.read_text(encoding="utf-8")
    (tasks,) = tmp_path.rglob("*.csv")
    rows = tasks.read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) > 10
    assert all("示例" in row for row in rows[1:])
