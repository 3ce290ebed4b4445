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
    assert len(lines) == 6
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
    assert states == dict.fromkeys(("engine", "opens", "file", "schema", "log"), "ok") | {
        "names": "warn"
    }
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


def test_a_store_is_copied_to_a_server_and_back(filled, tmp_path, server, database):
    """Every command takes either address, and the seals of the log stay what they were."""
    back = f"gpkg:{tmp_path}/back.gpkg"
    heads = []
    for source, target in ((f"gpkg:{filled}", server.url(database)), (server.url(database), back)):
        result = CliRunner().invoke(app, ["store", "copy", source, target, "--json"])
        assert result.exit_code == 0, result.output
        said = json.loads(result.stdout)
        assert (said["source"], said["target"], said["entries"]) == (source, target, 5)
        heads.append(said["head"])
        for words in (("store", "check"), ("audit", "verify"), ("store", "rebuild")):
            assert CliRunner().invoke(app, [*words, "--store", target]).exit_code == 0
    audit = CliRunner().invoke(app, ["audit", "verify", "--store", f"gpkg:{filled}", "--json"])
    assert [json.loads(audit.stdout)["head"]] * 2 == heads
    again = CliRunner().invoke(app, ["store", "copy", f"gpkg:{filled}", back])
    assert again.exit_code == 4
    assert "不是空库" in again.stderr
    said = CliRunner().invoke(app, ["store", "copy", back, f"gpkg:{tmp_path}/3.gpkg"]).stdout
    assert "已复制 5 条变更日志" in said


def test_the_register_on_a_server_is_exported_by_a_command(server, database, build, tmp_path):
    store = open_store(server.url(database))
    with store.begin() as work:
        work.append(build.change(build.place(id=f"P-{n}")) for n in range(5))
    store.close()
    target = tmp_path / "all.gpkg"
    words = ["export", "register", str(target), "--store", server.url(database)]
    assert CliRunner().invoke(app, words).exit_code == 0
    command = ["ogrinfo", "-so", target, "place_names"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "Feature Count: 5" in said


def test_check_of_a_server_tells_each_answer_and_no_password(server, database, tmp_path):
    checked = CliRunner().invoke(app, ["store", "check", "--store", server.url(database), "--json"])
    keys = [check["key"] for check in json.loads(checked.stdout)["checks"]]
    assert keys == ["opens", "server", "schema", "log", "names"]
    away = f"postgresql://geo:S3cr3t@/x?host={tmp_path}"
    for options in ([], ["--json"], ["--lang", "en"]):
        refused = CliRunner().invoke(app, ["store", "check", "--store", away, *options])
        assert refused.exit_code == 4
        assert "S3cr3t" not in refused.output
        assert "geo:***@" in refused.output
    init = CliRunner().invoke(app, ["store", "init", "--store", away])
    assert (init.exit_code, "S3cr3t" in init.output) == (4, False)


def test_check_of_an_index_out_of_force_says_what_to_do(server, database):
    server.sql(
        "UPDATE pg_index SET indisvalid = false"
        " WHERE indexrelid = 'geo_service.place_names_by_geom'::regclass",
        database,
    )
    result = CliRunner().invoke(app, ["store", "check", "--store", server.url(database)])
    assert result.exit_code == 4
    assert "REINDEX" in result.stdout
    assert "place_names_by_geom" in result.stdout


def test_a_copied_store_is_as_good_as_the_first(filled, tmp_path):
    copy = Path(shutil.copy(filled, tmp_path / "copy.gpkg"))
    assert run(copy, "audit", "verify").exit_code == 0
