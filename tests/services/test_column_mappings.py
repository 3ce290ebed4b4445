"""Columns of a sender, confirmed by a person: used where they fit, told where they do not."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from geo_service.cli.main import app
from geo_service.domain.change import RecordKind
from geo_service.errors import InputError
from geo_service.services.interchange.mappings import ColumnMapping, MappingBook, given_mapping
from geo_service.services.interchange.proposing import proposed_mapping
from geo_service.services.interchange.report import ImportReport
from geo_service.store.protocol import Store

Importer = Callable[..., ImportReport]
KIND = RecordKind.PLACE_NAMES
NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
FIELDS = {"序": "id", "路名": "name", "大类": "feature_type", "经办": ""}
WHO = {"signer": "甲", "reason": "核对了样表", "now": NOW}


@pytest.fixture
def book(tmp_path: Path) -> MappingBook:
    return MappingBook(tmp_path / "mappings.csv", "370200")


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    return _sheet(tmp_path / "s.csv", "序,路名,大类,经办")


def _sheet(path: Path, header: str) -> Path:
    path.write_text(f"{header}\n1,甲路,道路,某\n", encoding="utf-8")
    return path


def test_a_saved_mapping_is_found_again_with_who_when_and_why(book: MappingBook) -> None:
    book.save("甲区民政局", KIND, FIELDS, **WHO)
    book.save("乙区民政局", KIND, {"名": "name"}, **WHO)

    found = book.find("甲区民政局", KIND)

    assert found.fields == FIELDS
    assert (found.version, found.signer, found.reason) == (1, "甲", "核对了样表")
    assert found.saved_at == "2026-11-23T06:00:00Z"
    assert [m.sender for m in book.all()] == ["乙区民政局", "甲区民政局"]
    assert MappingBook(book.path, "990100").all() == (), "each city has its own"


def test_nothing_is_overwritten(book: MappingBook) -> None:
    book.save("甲区", KIND, FIELDS, **WHO)
    book.save("甲区", KIND, {"名": "name"}, **WHO)
    assert book.find("甲区", KIND).fields == {"名": "name"}

    book.withdraw("甲区", KIND, **WHO)

    with pytest.raises(InputError) as refusal:
        book.find("甲区", KIND)
    assert refusal.value.code == "mapping_unknown"
    assert [m.version for m in book.versions()] == [1, 2, 3]
    assert book.versions()[0].fields == FIELDS


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"名": "nme"}, "mapping_field_unknown"),
        ({"Name": "name", "NAME": "id"}, "mapping_header_repeated"),
    ],
)
def test_what_is_no_field_is_not_saved(
    fields: dict[str, str], code: str, book: MappingBook
) -> None:
    with pytest.raises(InputError) as refusal:
        book.save("甲区", KIND, fields, **WHO)
    assert refusal.value.code == code
    assert not book.path.exists()


@pytest.mark.parametrize("blank", ["signer", "reason"])
def test_nobody_signs_nothing_is_saved(blank: str, book: MappingBook) -> None:
    with pytest.raises(InputError) as refusal:
        book.save("甲区", KIND, FIELDS, **{**WHO, blank: " "})
    assert refusal.value.code == "mapping_unsigned"


def test_the_table_is_edited_by_hand_and_slips_are_named(book: MappingBook) -> None:
    book.save("甲区", KIND, {**FIELDS, "=列": "note"}, **WHO)
    assert "'=列" in book.path.read_text(encoding="utf-8-sig"), "no spreadsheet runs it"
    assert book.find("甲区", KIND).fields["=列"] == "note"
    text = book.path.read_text(encoding="utf-8-sig")
    book.path.write_text(text.replace("路名,name", "道路名,name"), encoding="utf-8")
    assert "道路名" in book.find("甲区", KIND).fields

    book.path.write_text(text.replace(",1,路名", ",一,路名"), encoding="utf-8")
    with pytest.raises(InputError) as refusal:
        book.all()
    assert (refusal.value.code, refusal.value.context["row"]) == ("mapping_unreadable", 3)


def test_an_import_reads_by_it_and_says_so(
    sheet: Path, book: MappingBook, bring: Importer, store: Store
) -> None:
    assert not bring(sheet, "place-names").accepted

    mapping = book.save("甲区", KIND, FIELDS, **WHO)
    report = bring(sheet, "place-names", mapping=mapping)

    assert report.accepted
    assert (report.rows[0]["id"], report.rows[0]["name"]) == ("1", "甲路")
    assert report.rows[0]["raw"]["路名"] == "甲路"
    used = next(issue for issue in report.issues if issue.code == "mapping_used")
    assert "甲区" in used.message.zh and "第 1 版" in used.message.zh
    assert report.sent is not None
    assert used in [noted.issue for noted in report.sent.told], "the sender reads it too"
    assert "column_ignored" not in {issue.code for issue in report.issues}, "经办 was confirmed"
    before = store.verify()
    again = bring(sheet, "place-names", mapping=mapping)
    assert again.repeated and store.verify() == before


def test_one_that_no_longer_fits_is_told_and_not_used_in_silence(
    tmp_path: Path, book: MappingBook, bring: Importer, store: Store
) -> None:
    mapping = book.save("甲区", KIND, FIELDS, **WHO)
    changed = _sheet(tmp_path / "c.csv", "序,道路名,大类,备考")

    report = bring(changed, "place-names", mapping=mapping)

    assert [(i.code, i.field) for i in report.errors if i.row is None] == [
        ("mapping_column_missing", "name"),
        ("column_missing", "name"),
    ]
    new = next(issue for issue in report.issues if issue.code == "mapping_column_new")
    assert "道路名" in new.message.zh and "备考" in new.message.zh
    assert store.verify().entries == 0


def test_a_confirmed_column_goes_before_the_name_the_table_knows(
    tmp_path: Path, bring: Importer
) -> None:
    path = tmp_path / "n.csv"
    path.write_text("编号,名称,旧名,类型\n1,新路,老路,道路\n", encoding="utf-8")
    mapping = ColumnMapping(
        "x", KIND, {"编号": "id", "旧名": "name", "名称": "", "类型": "feature_type"}
    )

    assert bring(path, "place-names", mapping=mapping).rows[0]["name"] == "老路"


def test_a_proposal_takes_what_is_asked_and_what_the_table_knows(tmp_path: Path) -> None:
    path = tmp_path / "n.csv"
    path.write_text("DMDM,id,路名,LX,JD,wd\n1,2,甲路,道路,120.3,36.1\n", encoding="utf-8")

    with pytest.raises(InputError) as refusal:
        proposed_mapping(path, "甲区", KIND, {})
    assert refusal.value.code == "mapping_refused"

    found = proposed_mapping(path, "甲区", KIND, {"路名": "name"})
    told = {"DMDM": "", "id": "id", "路名": "name", "LX": "feature_type", "JD": "lon", "wd": "lat"}
    assert found.fields == told
    with pytest.raises(InputError) as refusal:
        proposed_mapping(path, "甲区", KIND, {"路名": "name", "没有": "note"})
    assert "没有" in str(refusal.value.context["problems"])


@pytest.mark.parametrize("heading", ["header,field", "列名,字段"])
def test_a_mapping_may_be_a_file_of_its_own(heading: str, tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    rows = "".join(f"{header},{field}\n" for header, field in FIELDS.items())
    path.write_text(f"{heading}\n{rows}", encoding="utf-8")

    assert given_mapping(path, KIND).fields == FIELDS

    path.write_text(f"a,b\n{rows}", encoding="utf-8")
    with pytest.raises(InputError) as refusal:
        given_mapping(path, KIND)
    assert refusal.value.code == "mapping_unreadable"


# --- the command ----------------------------------------------------------------------------


def _run(tmp_path: Path, *words: object) -> Result:
    env = {"COLUMNS": "200", "GEO_SERVICE_COLUMN_MAPPINGS": str(tmp_path / "m.csv")}
    env |= {"GEO_SERVICE_STORE": f"gpkg:{tmp_path / 'r.gpkg'}"}
    return CliRunner(env=env).invoke(app, [*map(str, words)])


def test_commands_propose_save_show_use_list_and_withdraw(tmp_path: Path, sheet: Path) -> None:
    ours = ("甲区", "--as", "place-names")
    columns = ("--column", "路名=name", "--column", "序=id", "--column", "大类=feature_type")
    signed = ("--signer", "甲", "--reason", "核对了样表")
    bring = ("import", sheet, "--as", "place-names", "--sender", "甲区", "--json")

    unknown = _run(tmp_path, *bring)
    assert unknown.exit_code == 3 and "mapping_unknown" in unknown.stdout
    proposed = _run(tmp_path, "mapping", "save", "甲区", sheet, *ours[1:], *columns)
    assert proposed.exit_code == 0 and "尚未保存" in proposed.stdout and "经办" in proposed.stdout
    assert not (tmp_path / "m.csv").exists()

    assert (
        _run(tmp_path, "mapping", "save", "甲区", sheet, *ours[1:], *columns, *signed).exit_code
        == 0
    )
    shown = json.loads(_run(tmp_path, "mapping", "show", *ours, "--json").stdout)
    assert (shown["fields"]["路名"], shown["fields"]["经办"], shown["signer"]) == ("name", "", "甲")
    done = _run(tmp_path, *bring)
    assert done.exit_code == 0, done.stdout
    assert json.loads(done.stdout.splitlines()[-1])["stored"] == 1

    assert _run(tmp_path, "mapping", "remove", *ours, *signed).exit_code == 0
    assert json.loads(_run(tmp_path, "mapping", "list", "--json").stdout) == {"mappings": []}
    every = json.loads(_run(tmp_path, "mapping", "list", "--all", "--json").stdout)["mappings"]
    assert [mapping["version"] for mapping in every] == [1, 2]
    with (tmp_path / "m.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["sender"] for row in csv.DictReader(file)} == {"甲区"}


def test_command_takes_one_source_of_columns(tmp_path: Path, sheet: Path) -> None:
    both = ("--sender", "甲区", "--mapping", tmp_path / "m.csv", "--json")
    done = _run(tmp_path, "import", sheet, "--as", "place-names", *both)
    assert done.exit_code == 3 and "mapping_both" in done.stdout
    form = _run(tmp_path, "mapping", "save", "甲区", sheet, "--as", "place-names", "--column", "x")
    assert form.exit_code == 3
