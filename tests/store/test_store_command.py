"""`geo-service store …` and `geo-service audit verify` as an operator meets them."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from geo_service.cli.main import app
from geo_service.store.opening import open_store


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "var" / "s.gpkg"


@pytest.fixture
def filled(path, build) -> Path:
    store = open_store(f"gpkg:{path}", create=True)
    with store.begin() as work:
        work.append(build.change(build.place(id=f"P-{n}")) for n in range(5))
    store.close()
    return path


def run(path: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--store", f"gpkg:{path}"])


def test_the_whole_register_is_exported_by_a_command(filled, tmp_path):
    target = tmp_path / "all.gpkg"
    result = run(filled, "export", "register", str(target), "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"kind": "register", "file": str(target), "exported": 5}
    command = ["ogrinfo", "-so", target, "place_names"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "Feature Count: 5" in said


@pytest.mark.parametrize("words", [("everything",), ("register", "--crs", "EPSG:4549")])
def test_an_export_that_is_not_on_offer_is_a_usage_error(filled, tmp_path, words):
    kind, *options = words
    assert run(filled, "export", kind, str(tmp_path / "all.gpkg"), *options).exit_code == 2
    assert not (tmp_path / "all.gpkg").exists()


def test_init_makes_a_store_and_says_so_twice(path):
    for _time in range(2):
        result = run(path, "store", "init")
        assert result.exit_code == 0
        assert "数据库已就绪" in result.stdout
    assert json.loads(run(path, "store", "init", "--json").stdout)["entries"] == "0"
    assert "is ready" in run(path, "store", "init", "--lang", "en").stdout


def test_check_of_a_sound_store_is_all_ok(filled):
    result = run(filled, "store", "check")
    assert result.exit_code == 0
    lines = result.stdout.strip().splitlines()
    assert len(lines) == 5
    assert all(line.endswith("正常") for line in lines)


def test_check_of_a_missing_store_says_what_to_do(path):
    result = run(path, "store", "check")
    assert result.exit_code == 4
    assert "故障" in result.stdout
    assert "geo-service store init" in result.stdout
    report = json.loads(run(path, "store", "check", "--json", "--lang", "en").stdout)
    assert [(check["key"], check["state"]) for check in report["checks"]] == [
        ("engine", "ok"),
        ("opens", "fail"),
    ]
    assert not report["sound"]


def test_check_warns_of_a_stale_name_index_and_rebuild_mends_it(filled):
    db = sqlite3.connect(filled)
    db.execute("DELETE FROM name_index")
    db.commit()
    db.close()
    result = run(filled, "store", "check", "--json")
    states = {check["key"]: check["state"] for check in json.loads(result.stdout)["checks"]}
    assert result.exit_code == 0
    assert states == dict.fromkeys(("engine", "opens", "file", "log"), "ok") | {"names": "warn"}
    assert json.loads(run(filled, "store", "rebuild", "--json").stdout) == {"entries": 5}
    assert "5 条" in run(filled, "store", "rebuild").stdout
    assert "注意" not in run(filled, "store", "check").stdout


def test_audit_of_a_sound_store(filled):
    result = run(filled, "audit", "verify")
    assert result.exit_code == 0
    assert "完好：5 条" in result.stdout
    report = json.loads(run(filled, "audit", "verify", "--json").stdout)
    assert (report["sound"], report["entries"], report["first_bad"]) == (True, 5, None)
    assert len(report["head"]) == 64


def test_audit_names_the_first_bad_entry_and_leaves_with_4(filled):
    db = sqlite3.connect(filled)
    (guard,) = db.execute("SELECT sql FROM sqlite_master WHERE name = 'change_never_updated'")
    db.execute("DROP TRIGGER change_never_updated")
    db.execute("UPDATE change SET actor = '别人' WHERE sequence = 3")
    db.execute(guard[0])
    db.commit()
    db.close()
    result = run(filled, "audit", "verify")
    assert result.exit_code == 4
    assert "第 3 条被改动" in result.stderr
    report = json.loads(run(filled, "audit", "verify", "--json", "--lang", "en").stdout)
    assert (report["sound"], report["first_bad"]) == (False, 3)
    assert "entry 3 was changed" in report["problem"]
    assert "第 3 条被改动" in run(filled, "store", "check").stdout
    assert run(filled, "store", "rebuild").exit_code == 4


def test_check_of_a_damaged_file_fails_with_a_hint_and_no_traceback(filled):
    data = bytearray(filled.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 4096 * 8] = b"\xa5" * (4096 * 8)
    filled.write_bytes(data)
    result = run(filled, "store", "check")
    assert result.exit_code == 4
    assert "备份" in result.stdout
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_a_missing_store_costs_no_geometry_library():
    """A name can be checked without a store; looking for one must stay cheap."""
    script = (
        "import sys\n"
        "from geo_service.errors import StoreError\n"
        "from geo_service.store.opening import open_store\n"
        "try: open_store('gpkg:/no/such/store.gpkg')\n"
        "except StoreError: print({'numpy', 'shapely', 'pyproj'} & set(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


def test_a_copied_store_is_as_good_as_the_first(filled, tmp_path):
    copy = Path(shutil.copy(filled, tmp_path / "copy.gpkg"))
    assert run(copy, "audit", "verify").exit_code == 0
