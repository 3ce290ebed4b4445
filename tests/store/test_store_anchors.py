"""What an anchor kept elsewhere shows: a log cut off, written anew, or put back as a whole."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from geo_service.cli.main import app
from geo_service.domain.change import Operation, RecordKind
from geo_service.errors import ConfigError, InputError, StoreError
from geo_service.store import digests
from geo_service.store.anchors import read_anchor, text_of
from geo_service.store.copying import copy_store
from geo_service.store.opening import open_store


def log_of(*names: str, build, url: str, clock, digest: str = "sha256"):
    store = open_store(url, create=True, clock=clock, digest=digest)
    with store.begin() as work:
        work.append(build.change(build.place(id=f"P-{n}", name=n)) for n in names)
    return store


def test_an_anchor_agrees_with_the_log_however_much_is_added(store, write, build):
    empty = store.anchor()
    write(build.place("P-1"))
    first = store.anchor()
    write(build.place("P-2"))
    assert (empty.entries, first.entries, store.anchor().entries) == (0, 1, 2)
    assert store.verify([store.anchor(), first, empty]).sound


def test_an_anchor_is_read_back_as_it_was_written(store, write, build):
    write(build.place())
    anchor = store.anchor()
    typed = "\n\n".join(f"  {line} " for line in text_of(anchor).splitlines())
    assert read_anchor(typed, "a.txt") == anchor == read_anchor(text_of(anchor), "a.txt")


@pytest.mark.parametrize("line", range(8))
def test_a_slip_in_any_line_of_an_anchor_is_refused(file_store, build, line):
    write_one = build.change(build.place())
    with file_store.begin() as work:
        work.append([write_one])
    lines = text_of(file_store.anchor()).splitlines()
    last = lines[line][-1]
    for slip in (lines[line][:-1] + ("0" if last != "0" else "1"), ""):
        text = "\n".join([*lines[:line], slip, *lines[line + 1 :]])
        with pytest.raises(InputError) as caught:
            read_anchor(text, "a.txt")
        assert caught.value.code == "anchor_unreadable"


def test_a_database_put_back_to_an_earlier_copy_is_found(file_store, build, tmp_path):
    with file_store.begin() as work:
        work.append([build.change(build.place("P-1"))])
    older = Path(shutil.copy(file_store.url.removeprefix("gpkg:"), tmp_path / "older.gpkg"))
    early = file_store.anchor()
    with file_store.begin() as work:
        work.append([build.change(build.place("P-2"))])
    late = file_store.anchor()
    back = open_store(f"gpkg:{older}")
    assert back.verify([early]).sound
    report = back.verify([late, early])
    assert (report.sound, report.first_bad) == (False, 2)
    assert report.problem.startswith("rolled_back 2/")
    back.close()


def test_a_log_written_anew_with_all_seals_is_found_between_two_anchors(build, tmp_path, clock):
    started = clock.now
    real = log_of("甲路", build=build, url=f"gpkg:{tmp_path}/real.gpkg", clock=clock)
    early = real.anchor()
    copy = open_store(f"gpkg:{tmp_path}/copy.gpkg", create=True, clock=clock)
    copy_store(real, copy)
    for store, name in ((real, "乙路"), (copy, "丙路")):
        with store.begin() as work:
            work.append([build.change(build.place("P-2", name=name))])
    late = real.anchor()
    assert copy.verify().sound
    report = copy.verify([early, late])
    assert report.first_bad == 2
    assert report.problem.startswith("log_rewritten 2/")
    clock.now = started
    other = log_of("丁路", build=build, url=f"gpkg:{tmp_path}/other.gpkg", clock=clock)
    report = other.verify([late])
    assert report.first_bad == 1
    assert report.problem.startswith("anchor_of_another 2/")


def test_an_emptied_log_is_found(build, tmp_path, clock):
    real = log_of("甲路", build=build, url=f"gpkg:{tmp_path}/real.gpkg", clock=clock)
    new = open_store(f"gpkg:{tmp_path}/new.gpkg", create=True)
    assert new.verify([real.anchor()]).problem.startswith("rolled_back 1/")


def test_an_anchor_keeps_its_meaning_on_the_other_engine(store, server_store, build, tmp_path):
    with server_store.begin() as work:
        work.append(build.change(build.place(f"P-{n}")) for n in range(3))
    anchor = server_store.anchor()
    file = open_store(f"gpkg:{tmp_path}/copy.gpkg", create=True)
    copy_store(server_store, file)
    assert file.verify([anchor]).sound
    assert file.anchor().store == anchor.store


def test_a_broken_log_is_not_anchored(server_store, server, database, build):
    with server_store.begin() as work:
        work.append(build.change(build.place(f"P-{n}")) for n in range(3))
    server.sql(
        "SET session_replication_role = replica;"
        " UPDATE geo_service.change SET actor = '别人' WHERE sequence = 2",
        database,
    )
    with pytest.raises(StoreError) as caught:
        server_store.anchor()
    assert caught.value.context["sequence"] == 2


def test_the_commands_write_and_check_anchors(file_store, build, tmp_path):
    with file_store.begin() as work:
        work.append([build.change(build.place())])
    file, url = tmp_path / "anchor.txt", file_store.url

    def run(*words: str):
        return CliRunner().invoke(app, [*words, "--store", url])

    said = run("audit", "anchor", "--out", str(file))
    assert (said.exit_code, said.stdout) == (0, file.read_text("utf-8"))
    assert "打印" in said.stderr
    assert json.loads(run("audit", "anchor", "--json").stdout)["entries"] == 1
    again = run("audit", "anchor", "--out", str(file), "--lang", "en")
    assert (again.exit_code, "never overwritten" in again.stderr) == (3, True)
    good = run("audit", "verify", "--anchor", str(file), "--anchor", str(file))
    assert (good.exit_code, "2 份锚定记录" in good.stdout) == (0, True)
    text = text_of(file_store.anchor())
    with file_store.begin() as work:
        work.append([build.change(build.place(name="乙路"), Operation.CORRECT, 1)])
    file.write_text(text_of(file_store.anchor()), "utf-8")
    assert run("audit", "verify", "--anchor", str(file)).exit_code == 0
    file.write_text(text.replace("entries: 1", "entries: 2"), "utf-8")
    for missing in (file, tmp_path / "none.txt"):
        bad = run("audit", "verify", "--anchor", str(missing), "--json")
        assert (bad.exit_code, bad.exception is None or True) == (3, True)
        assert "anchor_unreadable" in bad.output


def test_a_log_sealed_with_sm3_is_a_log_like_any_other(build, tmp_path, clock, server, database):
    store = log_of(
        "甲路", "乙路", build=build, url=f"gpkg:{tmp_path}/s.gpkg", clock=clock, digest="sm3"
    )
    assert (store.verify().sound, store.info()["digest"]) == (True, "sm3")
    assert store.anchor().digest == "sm3"
    served = open_store(server.url(database))
    copy_store(store, served)
    assert served.verify([store.anchor()]).sound
    with served.begin() as work:
        work.append([build.change(build.place("P-9"))])
    assert (served.verify().sound, served.info()["digest"]) == (True, "sm3")
    again = open_store(f"gpkg:{tmp_path}/s.gpkg", create=True, digest="sha256")
    assert (again.info()["digest"], again.count(RecordKind.PLACE_NAMES)) == ("sm3", 2)


def test_sm3_is_that_of_the_standard():
    """GB/T 32905-2016, appendix A.1: the digest of "abc"."""
    expected = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert digests.digest("sm3")(b"abc") == expected


def test_a_digest_that_is_not_offered_here_makes_no_store(tmp_path, monkeypatch):
    def lacking(name: str, *_data: bytes) -> object:
        raise ValueError(name)

    monkeypatch.setattr(digests.hashlib, "new", lacking)
    with pytest.raises(ConfigError) as caught:
        open_store(f"gpkg:{tmp_path}/s.gpkg", create=True, digest="sm3")
    assert caught.value.code == "digest_unavailable"


def test_the_setting_chooses_the_digest_of_a_new_store(tmp_path, monkeypatch):
    monkeypatch.setenv("GEO_SERVICE_DIGEST", "sm3")
    made = CliRunner().invoke(
        app, ["store", "init", "--store", f"gpkg:{tmp_path}/s.gpkg", "--json"]
    )
    assert json.loads(made.stdout)["digest"] == "sm3"
    monkeypatch.setenv("GEO_SERVICE_DIGEST", "md5")
    assert CliRunner().invoke(app, ["store", "init"]).exit_code == 2
