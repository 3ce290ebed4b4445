"""Linked Places of other senders, and KML with times and folders: read well, nothing dropped."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import shapely

from geo_service.domain.change import RecordKind
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.services.interchange.report import ImportReport
from geo_service.store.protocol import Store

Importer = Callable[..., ImportReport]
CONTEXT = (
    "https://raw.githubusercontent.com/LinkedPasts/linked-places/master/"
    "linkedplaces-context-v1.1.jsonld"
)
POINT = {"type": "Point", "coordinates": [120.3, 36.1]}


def feature(**members: Any) -> dict[str, Any]:
    return {
        "@id": "http://example.org/places/p_1",
        "type": "Feature",
        "properties": {"title": "甲山", "ccodes": ["CN"]},
        "names": [{"toponym": "甲山", "lang": "zh"}],
        "types": [{"identifier": "aat:300008795", "label": "mountain"}],
        "geometry": POINT,
        **members,
    }


@pytest.fixture
def take(bring: Importer, store: Store, tmp_path: Path) -> Callable[..., Any]:
    """`take(feature, …)` imports linked places and gives the report and the first place."""

    def run(*features: dict[str, Any]) -> tuple[ImportReport, NamedPlace]:
        document = {"type": "FeatureCollection", "@context": CONTEXT, "features": features}
        path = tmp_path / "in.jsonld"
        path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        report = bring(path, "place-names")
        assert report.accepted, report.errors
        place = store.get(RecordKind.PLACE_NAMES, report.rows[0]["id"])
        return report, cast("NamedPlace", place)

    return run


def test_a_place_of_another_gazetteer(take: Callable[..., Any]) -> None:
    report, place = take(
        feature(
            when={"timespans": [{"start": {"in": "2001-02-03"}}]},
            names=[
                {"toponym": "甲岭", "lang": "zh", "citations": [{"label": "旧志"}]},
                {"toponym": "甲山", "lang": "zh"},
                {"toponym": "Jiǎ Shān", "lang": "zh-Latn-pinyin"},
            ],
            relations=[
                {"relationType": "gvp:broaderPartitive", "relationTo": "http://x.org/370202"}
            ],
            links=[{"type": "exactMatch", "identifier": "http://example.org/tgn/1"}],
            descriptions=[{"value": "一座山𠮷", "lang": "zh"}],
        )
    )

    assert (place.name, place.id) == ("甲山", "http://example.org/places/p_1")
    assert (place.feature_type, place.unit_code) == (FeatureType.NATURAL, "370202")
    assert place.romanization == "Jiǎ Shān"
    assert str(place.period.start) == "2001-02-03"
    assert shapely.equals(place.geometry, shapely.Point(120.3, 36.1))
    for word in ("甲岭", "旧志", "exactMatch", "http://example.org/tgn/1", "一座山𠮷"):
        assert word in place.provenance.note
    [told] = [issue for issue in report.issues if issue.code == "said_in_note"]
    assert (told.row, told.field) == (1, "note")


def test_years_stay_in_words(take: Callable[..., Any]) -> None:
    """A year is no day: 1600 is not the first of January 1600."""
    when = {"timespans": [{"start": {"in": "1600"}, "end": {"latest": "1699?"}}]}

    report, place = take(feature(when=when))

    assert (place.period.start, place.period.end) == (None, None)
    assert "1600" in place.provenance.note
    assert "1699?" in place.provenance.note
    assert "said_in_note" in {issue.code for issue in report.issues}


def test_the_name_is_one_of_the_names(take: Callable[..., Any]) -> None:
    names = [{"toponym": "Mount Jia", "lang": "en"}, {"toponym": "甲山", "lang": "zh-Hans"}]

    _, place = take(feature(names=names, properties={"title": "甲山（示例）"}))

    assert place.name == "甲山"
    assert "甲山（示例）" in place.provenance.note
    assert "Mount Jia" in place.provenance.note


def test_a_type_nobody_knows_is_kept_in_words(take: Callable[..., Any]) -> None:
    report, place = take(
        feature(types=[{"identifier": "aat:1", "label": "oddity", "sourceLabel": "奇观"}])
    )

    assert "奇观" in place.provenance.note
    assert "feature_type_missing" in {issue.code for issue in report.issues}


@pytest.mark.parametrize(
    ("geometries", "expected"),
    [
        ([POINT], "POINT (120.3 36.1)"),
        ([{"geo_wkt": "POINT (120.3 36.1)"}], "POINT (120.3 36.1)"),
        (["null"], None),
        ([None], None),
        (
            [POINT, {"type": "Point", "coordinates": [120.31, 36.11]}],
            "MULTIPOINT ((120.3 36.1), (120.31 36.11))",
        ),
        (
            [
                {
                    "type": "Point",
                    "coordinates": [120.31, 36.11],
                    "when": {"timespans": [{"start": {"in": "1600"}, "end": {"in": "1699"}}]},
                },
                {**POINT, "when": {"timespans": [{"start": {"in": "1700"}}]}},
            ],
            "POINT (120.3 36.1)",
        ),
    ],
)
def test_collections_of_geometry(
    geometries: list[Any], expected: str | None, take: Callable[..., Any]
) -> None:
    _, place = take(feature(geometry={"type": "GeometryCollection", "geometries": geometries}))

    if expected is None:
        assert place.geometry is None
    else:
        assert shapely.equals(place.geometry, shapely.from_wkt(expected))
    if any("when" in part for part in geometries if isinstance(part, dict)):
        assert "1699" in place.provenance.note


def test_of_several_present_places_none_is_chosen(bring: Importer, tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": [[120.3, 36.1], [120.4, 36.2]]}
    geometry = {"type": "GeometryCollection", "geometries": [POINT, line]}
    document = {
        "type": "FeatureCollection",
        "@context": [CONTEXT],
        "features": [feature(geometry=geometry)],
    }
    path = tmp_path / "in.json"
    path.write_text(json.dumps(document), encoding="utf-8")

    report = bring(path, "place-names")

    assert [(issue.code, issue.row) for issue in report.errors] == [("geometry_type", 1)]


@pytest.mark.parametrize(
    "members",
    [
        {"names": "甲山"},
        {"names": [None, {"toponym": 5}], "types": {}},
        {"when": "1600"},
        {"when": {"timespans": [5, {"start": "1600"}]}},
        {"links": 5, "relations": [{"relationTo": None}]},
        {"geometry": {"type": "GeometryCollection", "geometries": [{"geo_wkt": "POINT (1"}]}},
        {"geometry": {"type": "GeometryCollection"}},
        {"properties": None},
    ],
)
def test_broken_members_are_told_and_never_a_traceback(
    members: dict[str, Any], bring: Importer, tmp_path: Path
) -> None:
    document = {
        "type": "FeatureCollection",
        "@context": CONTEXT,
        "features": [feature(**members)],
    }
    path = tmp_path / "in.jsonld"
    path.write_text(json.dumps(document), encoding="utf-8")

    report = bring(path, "place-names")

    assert "parse_failed" not in {issue.code for issue in report.issues}


# --- KML ------------------------------------------------------------------------------------


def kml(*placemarks: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>甲</name>'
        f"{''.join(placemarks)}</Document></kml>"
    )


def mark(name: str, inside: str = "", at: str = "120.3,36.1") -> str:
    return (
        f"<Placemark><name>{name}</name>{inside}<ExtendedData><Data name='feature_type'>"
        "<value>道路</value></Data></ExtendedData>"
        f"<Point><coordinates>{at}</coordinates></Point></Placemark>"
    )


@pytest.mark.parametrize(
    ("time", "ends"),
    [
        ("<TimeSpan><begin>2001-02-03</begin></TimeSpan>", ("2001-02-03", None)),
        (
            "<TimeSpan><begin>2001-02-03</begin><end>2010-01-01</end></TimeSpan>",
            ("2001-02-03", "2010-01-01"),
        ),
        ("<TimeSpan><begin>2001</begin></TimeSpan>", None),
        ("<TimeStamp><when>2001-02-03</when></TimeStamp>", None),
        ("<TimeSpan><begin>2001-02-03T00:00:00Z</begin></TimeSpan>", None),
    ],
)
def test_time_of_a_placemark_is_valid_time(
    time: str, ends: tuple[str, str | None] | None, bring: Importer, tmp_path: Path
) -> None:
    path = tmp_path / "in.kml"
    path.write_text(kml(mark("甲路", time)), encoding="utf-8")

    report = bring(path, "place-names")

    assert report.accepted, report.errors
    row = report.rows[0]
    assert (row["valid_from"], row["valid_to"]) == (ends or (None, None))
    assert ("2001" in (row["note"] or "")) is (ends is None)
    assert ("said_in_note" in {issue.code for issue in report.issues}) is (ends is None)


def test_a_folder_is_a_layer(bring: Importer, tmp_path: Path) -> None:
    path = tmp_path / "in.kml"
    folders = [
        f"<Folder><name>道路</name>{mark('甲路')}</Folder>",
        f"<Folder><name>旧</name><Folder><name>村</name>{mark('乙路')}</Folder></Folder>",
    ]
    path.write_text(kml(*folders), encoding="utf-8")

    assert [row["name"] for row in bring(path, "place-names", layer="旧").rows] == ["乙路"]
    [error] = bring(path, "place-names", layer="丙").errors
    assert error.code == "layer_unknown"
    assert "道路" in error.hint.zh
    assert bring(path, "place-names").stored == 1  # the other one: 乙路 is there already


def test_heights_and_other_files_of_an_archive_are_told(bring: Importer, tmp_path: Path) -> None:
    path = tmp_path / "in.kmz"
    line = "<LineString><coordinates>120.3,36.1,5 120.31,36.1</coordinates></LineString>"
    drawn = mark("甲路").replace("<Point><coordinates>120.3,36.1</coordinates></Point>", line)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("doc.kml", kml(drawn))
        archive.writestr("files/photo.jpg", b"\xff\xd8")

    report = bring(path, "place-names")

    assert report.accepted, report.errors
    said = {issue.code: issue for issue in report.issues}
    assert said["heights_dropped"].row == 1
    assert "files/photo.jpg" in said["kmz_others"].message.zh
