"""`geo-service register`: acts, their history and lineage on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from typer.testing import CliRunner, Result

from geo_service.cli.main import app
from geo_service.store.opening import open_store

Run = Callable[..., Result]
SIGNED = ("--reason", "测试", "--document", "示例文 1 号")


@pytest.fixture
def url(tmp_path: Path) -> str:
    made = f"gpkg:{tmp_path / 'register.gpkg'}"
    open_store(made, create=True).close()
    return made


@pytest.fixture
def run(url: str) -> Run:
    def command(*words: object) -> Result:
        env = {"COLUMNS": "220", "GEO_SERVICE_CITY": "990100", "GEO_SERVICE_STORE": url}
        runner = CliRunner(env={**env, "GEO_SERVICE_LANG": "zh"})
        return runner.invoke(app, ["register", *(str(word) for word in words)])

    return command


def told(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def drawn(tmp_path: Path, shape: Any) -> Path:
    feature = {
        "type": "Feature",
        "properties": {},
        "geometry": json.loads(shapely.to_geojson(shape)),
    }
    path = tmp_path / "shape.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return path


def unit(run: Run, code: str, name: str, *words: object) -> Any:
    fields = ("--set", f"code={code}", "--set", f"name={name}")
    return told(run("create", "units", "--on", "2010-01-01", *fields, *SIGNED, *words, "--json"))


def test_a_unit_is_created_split_and_followed(run: Run) -> None:
    unit(run, "990101", "甲区")
    parts = ("--part", "code=990101", "--part", "code=990109；name=戊区")
    done = told(run("split", "units", "990101", "--on", "2020-01-01", *parts, *SIGNED, "--json"))
    assert (done["act"], done["dry_run"], len(done["changes"])) == ("split", False, 2)
    line = told(run("lineage", "units", "990109", "--json"))
    (event,) = line["predecessors"]
    assert event["event"] == done["event"]
    assert event["before"] == [{"id": "990101", "name": "甲区"}]
    assert [node["name"] for node in event["after"]] == ["甲区", "戊区"]
    assert "拆分" in run("lineage", "units", "990101").stdout
    earlier = told(run("lineage", "units", "990101", "--as-of", "2015-01-01", "--json"))
    assert earlier["successors"] == []


def test_a_merge_takes_what_is_unsaid_from_the_first(run: Run) -> None:
    unit(run, "990101", "甲区")
    unit(run, "990102", "乙区")
    words = ("merge", "units", "990101", "990102", "--into", "name=甲乙区", "--on", "2020-01-01")
    done = told(run(*words, *SIGNED, "--json"))
    assert [(c["operation"], c["id"], c["name"]) for c in done["changes"]] == [
        ("retire", "990102", "乙区"),
        ("revise", "990101", "甲乙区"),
    ]


def test_units_are_merged_and_parted_by_a_line_from_rim_to_rim(run: Run, tmp_path: Path) -> None:
    for code, name, west in (("990101", "甲区", 119.0), ("990102", "乙区", 119.1)):
        shape = drawn(tmp_path, shapely.box(west, 38.1, west + 0.1, 38.2))
        unit(run, code, name, "--geometry", shape)
    into = ("--into", "name=甲乙区", "--on", "2020-01-01")
    done = told(run("merge", "units", "990101", "990102", *into, *SIGNED, "--json"))
    assert "没有" in done["left_to_do"][0], "a register without lines has none to change"
    line = drawn(tmp_path, shapely.LineString([(119.1, 38.3), (119.1, 38.0)]))
    parts = ("--part", "code=990101;side=right", "--part", "code=990109；name=戊区；side=left")
    words = ("split", "units", "990101", "--on", "2024-01-01", *parts, "--by", line, *SIGNED)
    told(run(*words, "--json"))
    step = told(run("history", "units", "990101", "--json"))[-1]
    area = step["differs"]["geometry"]
    assert area["area_after_m2"] == pytest.approx(area["area_before_m2"] / 2, rel=1e-6)
    short = drawn(tmp_path, shapely.LineString([(119.05, 38.3), (119.05, 38.15)]))
    parts = ("--part", "code=990101;side=right", "--part", "code=990108；name=己区；side=left")
    words = ("split", "units", "990101", "--on", "2025-01-01", *parts, "--by", short, *SIGNED)
    refused = run(*words, "--json")
    assert json.loads(refused.stdout)["code"] == "parting_line_stops_inside"


def test_a_junction_is_created_by_hand(run: Run, tmp_path: Path) -> None:
    typed = ("--set", "id=T-1", "--set", "kind=tripoint", "--set", "units=990101、990102 990103")
    words = ("create", "boundary-nodes", "--on", "2010-01-01", *typed, *SIGNED, "--json")
    assert json.loads(run(*words).stdout)["code"] == "register_place_missing"
    told(run(*words, "--geometry", drawn(tmp_path, shapely.Point(119.1, 38.1))))
    (step,) = told(run("history", "boundary-nodes", "T-1", "--json"))
    assert step["name"] == "990101 990102 990103"


def test_a_scan_is_attached_listed_extracted_and_detached(run: Run, tmp_path: Path) -> None:
    unit(run, "990101", "甲区")
    scan = tmp_path / "批复.pdf"
    scan.write_bytes(b"%PDF-1.7")
    of = ("units", "990101")
    words = ("attach", *of, scan, "--on", "2020-01-01", "--title", "批复", *SIGNED)
    told(run(*words, "--json"))
    (file,) = told(run("attachments", *of, "--json"))
    assert (file["title"], file["media_type"]) == ("批复", "application/pdf")
    assert file["digest"] in run("attachments", *of).stdout
    assert "没有附件" in run("attachments", *of, "--as-of", "2015-01-01").stdout
    out = tmp_path / "out.pdf"
    told(run("extract", *of, file["digest"][:20], out, "--json"))
    assert out.read_bytes() == scan.read_bytes()
    told(run("detach", *of, file["digest"], "--on", "2024-01-01", *SIGNED, "--json"))
    assert told(run("attachments", *of, "--json")) == []


def test_a_paper_is_registered_as_a_record(run: Run) -> None:
    typed = ("id=D-1", "kind=approval", "title=批复（示例）", "number=示例文 1 号")
    fields = [word for field in typed for word in ("--set", field)]
    told(run("create", "documents", "--on", "2010-01-01", *fields, *SIGNED, "--json"))
    (step,) = told(run("history", "documents", "D-1", "--json"))
    assert step["name"] == "批复（示例）"


def test_a_trial_keeps_nothing_and_says_so(run: Run) -> None:
    unit(run, "990101", "甲区")
    words = ("retire", "units", "990101", "--on", "2020-01-01", *SIGNED, "--dry-run")
    result = run(*words)
    assert "未保存" in result.stdout
    assert len(told(run("history", "units", "990101", "--json"))) == 1


def test_a_new_name_is_examined_but_never_barred(run: Run) -> None:
    road = ("--set", "feature_type=road", "--set", "unit_code=990101", "--set", "name=云岭路")
    words = ("create", "place-names", "--on", "2024-01-01", *road, *SIGNED)
    told(run(*words, "--set", "id=R-1", "--json"))
    done = told(run(*words, "--set", "id=R-2", "--json"))
    (name,) = done["names"]
    assert name["verdict"]["findings"]
    (step,) = told(run("history", "place-names", "R-2", "--json"))
    assert name["verdict"]["findings"][0]["rule_id"] in step["name_check"]
    assert step["document_no"] == "示例文 1 号"


def test_a_new_name_does_not_keep_the_spelling_and_approval_of_the_old_one(
    run: Run, url: str
) -> None:
    from geo_service.domain.change import RecordKind
    from geo_service.domain.place import ReadingSource

    fields = ("id=R-1", "name=云岭路", "feature_type=road", "romanization=Yunling Lu")
    approved = ("reading_source=stored", "approved_on=2010-01-01", "document_no=示例文 0 号")
    typed = [word for field in (*fields, *approved) for word in ("--set", field)]
    told(run("create", "place-names", "--on", "2010-01-01", *typed, *SIGNED, "--json"))
    told(run("rename", "place-names", "R-1", "云山路", "--on", "2020-01-01", *SIGNED, "--json"))
    store = open_store(url)
    place: Any = store.get(RecordKind.PLACE_NAMES, "R-1")
    store.close()
    assert (place.name, place.romanization, place.approved_on, place.document_no) == (
        "云山路", "", None, "",
    )  # fmt: skip
    assert place.reading_source is ReadingSource.GUESSED


def test_the_history_says_who_why_and_by_how_many_metres(run: Run, tmp_path: Path) -> None:
    shape = drawn(tmp_path, shapely.Point(121.2, 36.6))
    typed = ("--set", "id=R-1", "--set", "name=云岭", "--set", "feature_type=natural")
    words = ("create", "place-names", "--on", "2010-01-01", *typed, "--geometry", shape)
    told(run(*words, *SIGNED, "--json"))
    moved = drawn(tmp_path, shapely.Point(121.2, 36.601))
    told(
        run(
            "move",
            "place-names",
            "R-1",
            "--on",
            "2020-01-01",
            "--geometry",
            moved,
            *SIGNED,
            "--json",
        )
    )
    first, second = told(run("history", "place-names", "R-1", "--json"))
    assert first["stands"] == {"valid_from": "2010-01-01", "valid_to": "2020-01-01"}
    assert second["differs"]["geometry"]["moved_m"] == pytest.approx(110.97, abs=0.05)
    assert (second["act"], second["reason"]) == ("move", "测试")
    said = run("history", "place-names", "R-1").stdout
    assert "最大移动 111.0 米" in said
    assert "示例文 1 号" in said
    assert "名称检查：未检查" in said  # the point lies outside the city


def test_a_slip_is_corrected_and_an_act_undone(run: Run) -> None:
    unit(run, "990101", "申区")
    corrected = ("correct", "units", "990101", "--set", "name=甲区", "--reason", "错字", "--json")
    told(run(*corrected))
    done = told(run("rename", "units", "990101", "甲市", "--on", "2020-01-01", *SIGNED, "--json"))
    told(run("undo", done["event"], "--reason", "录入有误", "--json"))
    steps = told(run("history", "units", "990101", "--json"))
    assert [(step["act"], step["name"]) for step in steps] == [
        ("create", "申区"), ("correct", "甲区"), ("rename", "甲市"), ("undo", "甲区"),
    ]  # fmt: skip
    assert [step["stands"] is None for step in steps] == [True, False, True, False]
    assert steps[3]["undoes"] == done["event"]
    known = told(run("history", "units", "990101", "--known-at", steps[0]["recorded_at"], "--json"))
    assert len(known) == 1
    assert known[0]["superseded_at"] is None


def test_a_record_entered_in_error_is_annulled_and_the_retry_says_so(run: Run) -> None:
    unit(run, "990101", "甲区")
    words = ("void", "units", "990101", "--reason", "重复录入")
    done = told(run(*words, "--json"))
    assert [(c["operation"], c["id"]) for c in done["changes"]] == [("void", "990101")]
    again = told(run(*words, "--json"))
    assert (again["event"], again["already_done"], again["dry_run"]) == (done["event"], True, False)
    assert "此前已由事项" in run(*words).stdout
    said = run("history", "units", "990101").stdout
    assert "自始无效" in said
    told(run("undo", done["event"], "--reason", "误作废", "--json"))
    assert told(run("history", "units", "990101", "--json"))[-1]["stands"] is not None


def test_what_changed_between_two_days_is_told_for_a_unit(run: Run) -> None:
    unit(run, "990101", "甲区")
    unit(run, "990102", "乙区")
    told(run("rename", "units", "990101", "甲市", "--on", "2020-01-01", *SIGNED, "--json"))
    words = ("changes", "990101", "--from", "2015-01-01", "--to", "2024-01-01")
    found = told(run(*words, "--json"))
    assert (found["unit"], found["clock"], found["from"]) == ("990101", "valid", "2015-01-01")
    (kind,) = found["kinds"]
    (change,) = kind["differing"]
    assert (change["change"], change["name"], change["reason"]) == ("changed", "甲市", "测试")
    assert change["differs"]["fields"] == [{"field": "name", "before": "甲区", "after": "甲市"}]
    assert "甲区 → 甲市" in run(*words).stdout
    (one,) = kind["happened"]
    assert (one["change"], one["day"], one["act"]) == ("changed", "2020-01-01", "rename")
    assert told(run("changes", "990102", *words[2:], "--json"))["kinds"] == []


def test_changes_are_told_by_recorded_time_and_as_csv(run: Run, tmp_path: Path) -> None:
    unit(run, "990101", "申区")
    (first,) = told(run("history", "units", "990101", "--json"))
    told(run("correct", "units", "990101", "--set", "name==甲区", "--reason", "错字", "--json"))
    span = ("--recorded-from", first["recorded_at"], "--recorded-to", "2090-01-01T00:00:00+08:00")
    sheet = tmp_path / "changes.csv"
    words = ("changes", "990101", *span, "--as-of", "2015-01-01", "--csv", sheet)
    found = told(run(*words, "--json"))
    assert (found["clock"], found["as_of"]) == ("recorded", "2015-01-01")
    (kind,) = found["kinds"]
    assert [one["change"] for one in kind["happened"]] == ["corrected"]
    lines = sheet.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("类别,部分,编号")
    assert len(lines) == 3
    assert ",'=甲区," in lines[1], "no cell is taken for a formula"
    half = run("changes", "990101", "--from", "2015-01-01", "--json")
    assert (json.loads(half.stdout)["code"], half.exit_code) == ("usage_error", 2)


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (("history", "units", "990109"), "record_not_found", 3),
        (("history", "findings", "x"), "register_kind_not_kept", 3),
        (("lineage", "units", "990109"), "record_not_found", 3),
        (("changes", "990101", "--from", "2020-01-01", "--to", "2020-01-01"),
         "register_days_swapped", 3),
        (("retire", "units", "990101", "--on", "2009-01-01", *SIGNED), "register_not_in_force", 3),
        (("retire", "units", "990101", "--on", "2020-01-01", *SIGNED, "--expect", "9"),
         "version_stale", 4),
        (("rename", "units", "990101", "", "--on", "2020-01-01", *SIGNED), "name_empty", 3),
        (("change", "units", "990101", "--on", "2020-01-01", *SIGNED, "--set", "colour=1"),
         "register_field_unknown", 3),
        (("create", "units", "--on", "2020-01-01", *SIGNED), "register_field_missing", 3),
        (("create", "place-names", "--on", "2020-01-01", *SIGNED, "--set", "id=1", "--set",
          "name=云岭路", "--set", "feature_type=street"), "register_field_unreadable", 3),
        (("change", "units", "990101", "--on", "2020-01-01", *SIGNED, "--set", "code=37"),
         "division_code_malformed", 3),
        (("undo", "9", "--reason", "误"), "register_act_unknown", 3),
        (("void", "units", "990109", "--reason", "误"), "record_not_found", 3),
        (("history", "units", "990101", "--known-at", "2020-01-01T00:00:00"), "usage_error", 2),
        (("change", "units", "990101", "--on", "2020-01-01", *SIGNED, "--set", "x"),
         "usage_error", 2),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told_by_code_and_changes_nothing(
    run: Run, url: str, words: tuple[str, ...], code: str, exit_code: int
) -> None:
    unit(run, "990101", "甲区")
    result = run(*words, "--json")
    assert (json.loads(result.stdout)["code"], result.exit_code) == (code, exit_code)
    store = open_store(url)
    mark = store.log_mark()
    store.close()
    assert mark.sequence == 1


def test_a_shape_that_does_not_fit_the_kind_is_refused(run: Run, tmp_path: Path) -> None:
    point = drawn(tmp_path, shapely.Point(121.2, 36.6))
    words = ("create", "units", "--on", "2010-01-01", "--set", "code=990101", "--set", "name=甲区")
    result = run(*words, "--geometry", point, *SIGNED, "--json")
    assert (json.loads(result.stdout)["code"], result.exit_code) == ("feature_file_refused", 3)


def test_the_words_are_there_in_english_too(run: Run) -> None:
    unit(run, "990101", "甲区")
    assert "Version 1" in run("history", "units", "990101", "--lang", "en").stdout


def test_a_road_is_created_changed_renamed_moved_and_retired(run: Run, tmp_path: Path) -> None:
    typed = {"id": "R-1", "name": "甲路", "grade": "支路", "width_m": "12", "unit_code": "990101"}
    fields = [word for name, value in typed.items() for word in ("--set", f"{name}={value}")]
    axis = drawn(tmp_path, shapely.LineString([(119.1, 38.1), (119.2, 38.1)]))
    words = ("create", "roads", "--on", "2010-01-01", *fields, *SIGNED, "--json")
    told(run(*words, "--geometry", axis))
    of = ("roads", "R-1", "--on")
    told(run("change", *of, "2012-01-01", "--set", "width_m=24", *SIGNED, "--json"))
    told(run("rename", "roads", "R-1", "乙路", "--on", "2014-01-01", *SIGNED, "--json"))
    longer = drawn(tmp_path, shapely.LineString([(119.1, 38.1), (119.3, 38.1)]))
    told(run("move", *of, "2016-01-01", "--geometry", longer, *SIGNED, "--json"))
    told(run("retire", *of, "2018-01-01", *SIGNED, "--json"))

    steps = told(run("history", "roads", "R-1", "--json"))
    assert [step["act"] for step in steps] == ["create", "change", "rename", "move", "retire"]
    assert steps[1]["differs"]["fields"] == [
        {"field": "width_m", "before": "12.0", "after": "24.0"}
    ]
    length = steps[3]["differs"]["geometry"]
    assert length["length_after_m"] == pytest.approx(2 * length["length_before_m"], rel=1e-3)
    (event,) = told(run("lineage", "roads", "R-1", "--as-of", "2015-01-01", "--json"))[
        "predecessors"
    ]
    assert (event["before"][0]["name"], event["after"][0]["name"]) == ("甲路", "乙路")
    between = ("--from", "2011-01-01", "--to", "2020-01-01", "--json")
    (found,) = told(run("changes", "990101", *between))["kinds"]
    assert (found["kind"], len(found["happened"])) == ("roads", 4)
    assert "道路" in run("changes", "990101", *between[:-1]).stdout


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("width_m=宽", "register_field_unreadable"),
        ("width_m=nan", "register_field_unreadable"),
        ("width_m=-24", "register_number_negative"),
        ("length_m=-0.5", "register_number_negative"),
        ("length_m=inf", "register_field_unreadable"),
        ("status=在用", "register_field_unreadable"),
        ("lanes=4", "register_field_unknown"),
        ("name=", "register_field_missing"),
    ],
)
def test_what_cannot_be_said_of_a_road_is_refused(run: Run, field: str, code: str) -> None:
    typed = {"id": "R-1", "name": "甲路"} | dict([field.split("=")])
    fields = [word for name, value in typed.items() for word in ("--set", f"{name}={value}")]
    result = run("create", "roads", "--on", "2010-01-01", *fields, *SIGNED, "--json")
    assert (result.exit_code, json.loads(result.stdout)["code"]) == (3, code)


def test_a_length_below_nought_is_told_by_field_and_value(run: Run) -> None:
    typed = ("--set", "id=R-1", "--set", "name=甲路", "--set", "length_m=0")
    assert run("create", "roads", "--on", "2010-01-01", *typed, *SIGNED).exit_code == 0
    wrong = ("--set", "length_m=-1200")
    result = run("change", "roads", "R-1", "--on", "2012-01-01", *wrong, *SIGNED)
    assert result.exit_code == 3
    assert "“length_m”的值“-1200”小于零" in result.output


def test_an_area_is_no_road(run: Run, tmp_path: Path) -> None:
    area = drawn(tmp_path, shapely.box(119.1, 38.1, 119.2, 38.2))
    typed = ("--set", "id=R-1", "--set", "name=甲路", "--geometry", area)
    result = run("create", "roads", "--on", "2010-01-01", *typed, *SIGNED, "--json")
    assert json.loads(result.stdout)["code"] == "feature_file_refused"
