"""Layers handed in beside a review are read from files as they come, or refused with the reason."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from geo_service.cities import city
from geo_service.domain.identity import DivisionCode
from geo_service.domain.supporting.catalogue import LAYER_CLASSES
from geo_service.domain.supporting.fieldwork import JointInspection
from geo_service.domain.supporting.ground import HeightSample
from geo_service.domain.supporting.papers import (
    BoundaryAgreement,
    BoundarySection,
    JunctionAgreement,
)
from geo_service.errors import InputError
from geo_service.messages import message
from geo_service.services.interchange.layers import read_layers

CITY = city("990100")
TODAY = date(2026, 1, 1)


def read(folder: Path, word: str, text: str, name: str = "表.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_layers([(word, path)], city=CITY, today=TODAY)


def test_a_table_of_inspections_is_read_by_its_chinese_headers(tmp_path: Path) -> None:
    read_ = read(
        tmp_path,
        "inspections",
        "界线代码,联检日期,轮次,填报单位,签字方,照片数,成果表,备案日期\n"
        "99010001010102,2025年8月31日,6,990101,990101、990102,12,有,2025-10-30\n",
    )
    assert not read_.refused, read_.issues
    (one,) = read_.supporting.all(JointInspection)
    assert one.line_code == "99010001010102"
    assert one.inspected_on == date(2025, 8, 31)
    assert (one.round, one.photos, one.table_filed) == (6, 12, True)
    assert one.held_by == "990101"
    assert one.signed_by == (DivisionCode("990101"), DivisionCode("990102"))
    assert one.filed_on == date(2025, 10, 30)
    assert read_.supporting.layers == {"inspections"}


def test_what_is_blank_stays_unknown(tmp_path: Path) -> None:
    read_ = read(
        tmp_path,
        "sections",
        "界线代码,起点界桩,止点界桩,随地物变动,长度\n"
        "99010001010102,001Q,002Q,,\n99010001010102,002Q,003Q,否,1.25\n",
    )
    first, second = read_.supporting.all(BoundarySection)
    assert (first.moves_with_feature, first.length_km) == (None, None)
    assert (second.moves_with_feature, second.length_km) == (False, 1.25)


def test_a_word_for_no_number_is_no_number_and_is_told(tmp_path: Path) -> None:
    head = "界线代码,协议书编号,批准文号,附图编号\n"
    read_ = read(tmp_path, "agreement-records", f"{head}99010001010102,无,——,N/A\n")
    (one,) = read_.supporting.all(BoundaryAgreement)
    assert (one.agreement_no, one.approval_no, one.map_no) == ("", "", "")
    assert [issue.code for issue in read_.issues].count("number_none") == 3
    refused = read(tmp_path, "approved-changes", "区划代码,批准文号\n990101,待补\n")
    assert refused.refused
    assert ("value_missing", "document_no") in {(i.code, i.field) for i in refused.issues}


def test_places_come_from_lon_and_lat_and_the_system_is_said_to_be_presumed(tmp_path: Path) -> None:
    read_ = read(tmp_path, "heights", "经度,纬度,高程\n119.6,38.5,12.4\n")
    (sample,) = read_.supporting.all(HeightSample)
    assert (sample.geometry.x, sample.geometry.y, sample.height_m) == (119.6, 38.5, 12.4)
    assert "crs_presumed" in {issue.code for issue in read_.issues}


@pytest.mark.parametrize(
    ("word", "text", "code", "field"),
    [
        ("inspections", "界线代码\nA\n", "column_missing", "inspected_on"),
        ("inspections", "界线代码,联检日期\nA,\n", "value_missing", "inspected_on"),
        ("inspections", "界线代码,联检日期\nA,2025-02-30\n", "date_impossible", "inspected_on"),
        (
            "inspections",
            "界线代码,联检日期,轮次\nA,2025-02-03,六点五\n",
            "number_unreadable",
            "round",
        ),
        ("inspections", "界线代码,联检日期,轮次\nA,2025-02-03,6.5\n", "number_unreadable", "round"),
        (
            "inspections",
            "界线代码,联检日期,成果表\nA,2025-02-03,也许\n",
            "value_unknown",
            "table_filed",
        ),
        ("junction-agreements", "交会单位\n990101 9901\n", "code_unreadable", "units"),
        (
            "agreement-records",
            "界线代码,协议书编号\n甲乙线,示例-1\n",
            "code_unreadable",
            "line_code",
        ),
        ("agreement-records", "界线代码\n9.90100010101E+13\n", "code_unreadable", "line_code"),
        ("agreement-records", "界线代码\n99010001020101\n", "code_unreadable", "line_code"),
        ("heights", "高程\n12\n", "geometry_column_missing", "geometry"),
        ("heights", "经度,纬度,高程\n119.6,,12\n", "coordinate_half", "lat"),
        ("heights", "经度,纬度,高程\n38.5,119.6,12\n", "axes_swapped", "lon"),
        ("detailed-map", '界线代码,wkt\nA,"LINESTRING(119 38,119.1 38)"\n', "crs_missing", "crs"),
        ("events", "名称,发生日期,wkt\n", "no_rows", ""),
    ],
)
def test_a_slip_is_told_by_its_field(
    tmp_path: Path, word: str, text: str, code: str, field: str
) -> None:
    read_ = read(tmp_path, word, text)
    assert read_.refused
    assert (code, field) in {(issue.code, issue.field) for issue in read_.issues}
    assert all(issue.message.zh and issue.hint.zh for issue in read_.issues)


def test_several_files_may_hold_one_layer(tmp_path: Path) -> None:
    head = "交会单位,签字方\n"
    (tmp_path / "a.csv").write_text(head + "990101 990102 990103,990101\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text(head + "990102 990103 990104,\n", encoding="utf-8")
    files = [("junction-agreements", tmp_path / name) for name in ("b.csv", "a.csv")]
    read_ = read_layers(files, city=CITY, today=TODAY)
    first, second = read_.supporting.all(JunctionAgreement)
    assert (first.id, len(first.signed_by)) == ("a.csv#2", 1)
    assert (second.id, second.signed_by) == ("b.csv#2", ())


def test_rows_under_one_id_do_not_hide_each_other(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        text = "序号,名称,区划代码,经度,纬度\n1,甲村,990101,119.6,38.5\n,乙村,990101,119.6,38.5\n"
        (tmp_path / name / "地名.csv").write_text(text, encoding="utf-8")
    files = [("placed-names", tmp_path / name / "地名.csv") for name in ("a", "b")]
    read_ = read_layers(files, city=CITY, today=TODAY)
    ids = {row.id for row in read_.supporting.records}
    assert ids == {"1", "1~2", "地名.csv#3", "地名.csv#3~2"}
    assert [i.code for i in read_.issues].count("layer_ids_repeated") == 1


def test_a_layer_nobody_knows_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refusal:
        read_layers([("nonsense", tmp_path / "x.csv")], city=CITY, today=TODAY)
    assert "inspections" in refusal.value.context["known"]


@pytest.mark.parametrize("word", sorted(LAYER_CLASSES))
def test_every_layer_has_its_name_in_both_languages(word: str) -> None:
    name = message(f"rules.word_{word}")
    assert name.zh and name.en
