"""界桩成果表 and 界桩登记表 out of the register: to be completed and signed by people."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from geo_service import cities
from geo_service.cli.main import app
from geo_service.domain.change import Change, Operation
from geo_service.domain.marker import MarkerDocument
from geo_service.services.marker_files import read_marker_files
from geo_service.services.samples.synthetic import AS_OF, synthetic_layer
from geo_service.store.opening import open_store

CITY = cities.city("990100")
LAYER = synthetic_layer(faults=False)
LINE = LAYER.markers[0].line_code
OF_LINE = [marker for marker in LAYER.markers if marker.line_code == LINE]


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"gpkg:{tmp_path_factory.mktemp('store') / 'synthetic.gpkg'}"
    store = open_store(url, create=True)
    with store.begin() as work:
        work.append(
            Change(operation=Operation.CREATE, record=record, actor="test", reason="test")
            for record in (*LAYER.units, *LAYER.lines, *LAYER.nodes, *LAYER.markers)
        )
    store.close()
    return url


def run(*arguments: object) -> Result:
    runner = CliRunner(env={"COLUMNS": "200", "GEO_SERVICE_CITY": "990100"})
    return runner.invoke(app, [*map(str, arguments)])


def export(register: str, *arguments: object) -> dict[str, Any]:
    done = run("export", *arguments, "--store", register, "--json")
    assert done.exit_code == 0, done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def cells(path: Path, sheet: int = 0) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(path).worksheets[sheet].iter_rows(values_only=True))


def test_a_table_of_a_line_says_what_it_is_and_leaves_signatures_blank(register, tmp_path):
    path = tmp_path / "out.xlsx"

    assert export(register, "marker-table", path, "--line", LINE)["exported"] == len(OF_LINE)

    rows = cells(path)
    name = next(line.name for line in LAYER.lines if line.code == LINE)
    assert rows[0][0] == f"（示例）{name}界桩成果表"
    assert LINE in rows[1][0]
    assert "EPSG:4549" in rows[1][0]
    assert rows[2][0].startswith("示例（虚构数据）；内部工作用图")
    assert "未对照标准核对" in rows[2][0]
    assert [row[1] for row in rows[4:-1]] == [str(marker.number) for marker in OF_LINE]
    assert [cell for cell in rows[-1] if cell] == ["制表人", "审核人", "日期"]
    foot = openpyxl.load_workbook(path).worksheets[0].oddFooter.left.text
    assert "不得公开" in foot


def test_without_a_line_every_line_has_its_sheet(register, tmp_path):
    path = tmp_path / "out.xlsx"

    assert export(register, "marker-table", path)["exported"] == len(LAYER.markers)

    lines = {marker.line_code for marker in LAYER.markers}
    assert len(openpyxl.load_workbook(path).sheetnames) == len(lines)


@pytest.mark.parametrize(
    ("kind", "document"),
    [("marker-table", MarkerDocument.TABLE), ("marker-forms", MarkerDocument.FORM)],
)
def test_papers_are_read_back_as_what_they_are(kind, document, register, tmp_path):
    path = tmp_path / "out.xlsx"
    export(register, kind, path, "--line", LINE)

    given = read_marker_files([path], city=CITY, today=AS_OF, crs="EPSG:4490")

    assert not given.refused, given.issues
    assert {entry.document for entry in given.entries} == {document}
    for entry, before in zip(given.entries, OF_LINE, strict=True):
        after = entry.marker
        assert (after.id, after.kind, after.period) == (before.id, before.kind, before.period)
        assert (after.height_m, after.material) == (before.height_m, before.material)
        assert after.responsible_side == before.responsible_side
        assert after.provenance.force is before.provenance.force
        assert after.position.equals_exact(before.position, 1e-8)


def test_an_import_of_our_own_forms_finds_nothing_new(register, tmp_path):
    for kind in ("marker-table", "marker-forms"):
        path = tmp_path / f"{kind}.xlsx"
        export(register, kind, path, "--line", LINE)
        options = ("--as", "markers", "--crs", "EPSG:4490", "--store", register, "--json")

        done = run("import", path, "--dry-run", *options)

        answer = json.loads(done.stdout)
        assert (answer["status"], answer["stored"]) == ("accepted", 0)


def test_a_form_has_one_sheet_to_a_marker_with_room_for_what_is_not_kept(register, tmp_path):
    path = tmp_path / "out.xlsx"

    export(register, "marker-forms", path, "--line", LINE)

    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [str(marker.number) for marker in OF_LINE]
    rows = cells(path)
    said = {row[0]: row[1:] for row in rows}
    assert rows[0][0].startswith("（示例）")
    for blank in ("位置略图", "照片", "甲方（签字）", "乙方（签字）", "丙方（签字）", 1, 2, 3):
        assert not any(said[blank])
    assert said["制表人"] == (None, "审核人", None, "日期", None)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["marker-forms", "out.xlsx"], "papers_need_line"),
        (["marker-table", "out.csv"], "export_format_unknown"),
        (["marker-table", "out.xlsx", "--crs", "EPSG:4490"], "papers_need_plane"),
        (["marker-table", "out.xlsx", "--line", "99010009990998"], "papers_no_markers"),
    ],
)
def test_papers_that_cannot_be_made_say_why(arguments, code, register, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    done = run("export", *arguments, "--store", register, "--json")

    assert done.exit_code == 3, done.output
    assert json.loads(done.stdout)["code"] == code
    assert not list(tmp_path.iterdir())


def test_the_day_decides_which_markers_there_are(register, tmp_path):
    early = date(1900, 1, 1)

    done = run("export", "marker-table", tmp_path / "o.xlsx", "--as-of", early, "--store", register)

    assert done.exit_code == 3
