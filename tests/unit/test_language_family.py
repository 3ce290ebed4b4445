"""Families of names: one root, told apart by direction, number or branch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.domain.place import FeatureType
from geo_service.language.family import NameFamily, family_of, same_family

ROAD, ESTATE, VILLAGE = FeatureType.ROAD, FeatureType.ESTATE, FeatureType.VILLAGE


@pytest.mark.parametrize(
    ("name", "kind", "family"),
    [
        ("香港中路", ROAD, NameFamily("香港", "路", "中")),
        ("香港路", ROAD, NameFamily("香港", "路")),
        ("延安三路", ROAD, NameFamily("延安", "路", "", "三")),
        ("经五路", ROAD, NameFamily("经", "路", "", "五")),
        ("香港西二路", ROAD, NameFamily("香港", "路", "西", "二")),
        ("南京路支路", ROAD, NameFamily("南京", "路", "", "", "支路")),
        ("南京支路", ROAD, NameFamily("南京", "", "", "", "支路")),
        ("南京路三支路", ROAD, NameFamily("南京", "路", "", "三", "支路")),
        ("解放路南小街", ROAD, NameFamily("解放", "路", "南", "", "小街")),
        ("希宁街北巷", ROAD, NameFamily("希宁", "街", "北", "", "巷")),
        ("北小街", ROAD, NameFamily("", "", "北", "", "小街")),
        ("西一街", ROAD, NameFamily("", "街", "西", "一")),
        ("三马路", ROAD, NameFamily("", "马路", "", "三")),
        ("第三大街", ROAD, NameFamily("", "大街", "", "第三")),
        ("五四路", ROAD, NameFamily("五四", "路")),
        ("东四十二条", ROAD, NameFamily("东四", "条", "", "十二")),
        ("山东路", ROAD, NameFamily("山东", "路")),
        ("政法学院东巷", ROAD, NameFamily("政法学院", "巷", "东")),
        ("翡翠花园二期", ESTATE, NameFamily("翡翠", "花园", "", "二", "期")),
        ("翡翠花园（南区）", ESTATE, NameFamily("翡翠", "花园", "南", "", "区")),
        ("翡翠小区", ESTATE, NameFamily("翡翠", "小区")),
        ("东王庄村", VILLAGE, NameFamily("王", "庄村", "东")),
        ("小杨村", VILLAGE, NameFamily("杨", "村", "小")),
        ("爱国二村", VILLAGE, NameFamily("爱国", "村", "", "二")),
        ("二十里铺村", VILLAGE, NameFamily("二十里铺", "村")),
    ],
)
def test_root_and_derivation(name: str, kind: FeatureType, family: NameFamily) -> None:
    assert family_of(name, kind) == family


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("香港东路", "香港西路", ROAD),
        ("香港路", "香港西路", ROAD),
        ("延安一路", "延安二路", ROAD),
        ("延安路", "延安二路", ROAD),
        ("抚顺路", "抚顺支路", ROAD),
        ("抚顺路", "抚顺路支路", ROAD),
        ("希宁街", "希宁街南巷", ROAD),
        ("西一街", "东一街", ROAD),
        ("北小街", "南小街", ROAD),
        ("经五路", "经六路", ROAD),
        ("翡翠花园一期", "翡翠花园二期", ESTATE),
        ("东王庄村", "西王庄村", VILLAGE),
    ],
)
def test_members_of_one_series(one: str, other: str, kind: FeatureType) -> None:
    assert same_family(family_of(one, kind), family_of(other, kind))
    assert same_family(family_of(other, kind), family_of(one, kind))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("香港路", "香港路"),
        ("香港路", "香港街"),
        ("香港中路", "香江中路"),
        ("五四路", "五一路"),
        ("经五路", "纬五路"),
        ("东街", "西路"),
        ("山东路", "山西路"),
    ],
)
def test_names_of_no_common_series(one: str, other: str) -> None:
    assert not same_family(family_of(one, ROAD), family_of(other, ROAD))


@given(st.text(alphabet="香东中三十支小路街期区第村大", max_size=12), st.sampled_from(FeatureType))
def test_any_name_has_a_family_and_is_not_its_own_sibling(name: str, kind: FeatureType) -> None:
    family = family_of(name, kind)
    assert set(family.root) <= set(name)
    assert not same_family(family, family)
