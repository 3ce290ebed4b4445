"""What goes out in a format comes back as it was: every text, every place to a millimetre."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo_service import cities
from geo_service.cities import CityProfile
from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.change import Change, Operation, Record, RecordKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.identity import DivisionCode, MarkerNumber
from geo_service.domain.marker import BoundaryMarker, MarkerKind
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus
from geo_service.domain.provenance import Force, Provenance
from geo_service.errors import InputError
from geo_service.services.interchange.exporting import export_records
from geo_service.services.interchange.fields import geometry_of
from geo_service.services.interchange.reading import ReadResult, read_records
from geo_service.store.opening import open_store
from geo_service.store.protocol import Store

TODAY = date(2026, 11, 23)
LINE_CODE = "37020002020203"
SAMPLE = Provenance(source="生成器", licence="CC0-1.0", force=Force.SYNTHETIC)
SUFFIXES = [".kml", ".gdb.zip", ".parquet"]
_CHARS = st.sampled_from("甲乙云宁路村𬇙𠮷㑇镕&<>\"'·")
_NAMES = st.text(_CHARS, min_size=1, max_size=12).map(lambda text: f"甲{text}")
_LON, _LAT = st.floats(120.1, 120.5), st.floats(36.0, 36.3)
_POINTS = st.builds(shapely.Point, _LON, _LAT)
_LINES = st.lists(st.tuples(_LON, _LAT), min_size=2, max_size=5, unique=True).map(
    shapely.LineString
)


def _needs_arrow(suffix: str) -> None:
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")


def _register(folder: Path, records: list[Record]) -> Store:
    store = open_store(f"gpkg:{folder / 'register.gpkg'}", create=True)
    with store.begin() as work:
        work.append(
            Change(operation=Operation.CREATE, record=record, actor="test", reason="test")
            for record in records
        )
    return store


def _there_and_back(folder: Path, records: list[Record], kind: RecordKind, suffix: str) -> Any:
    path = folder / f"out{suffix}"
    store = _register(folder, records)
    try:
        export_records(store, kind, path)
    finally:
        store.close()
    return read_records(path, kind, city=cities.city("370200"), today=TODAY)


MILLIMETRE_DEG = 9e-9


def _same_place(one: Any, other: Any) -> bool:
    """To a millimetre; a geodatabase turns rings its own way round."""
    same = one.geom_type == other.geom_type
    same &= len(shapely.get_coordinates(one)) == len(shapely.get_coordinates(other))
    return same and shapely.hausdorff_distance(one, other) < MILLIMETRE_DEG


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".jsonld"])
@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    names=st.lists(_NAMES, min_size=1, max_size=4),
    shapes=st.one_of(
        st.lists(_POINTS, min_size=4, max_size=4), st.lists(_LINES, min_size=4, max_size=4)
    ),
    meaning=_NAMES,
)
def test_place_names(suffix: str, names: list[str], shapes: list[Any], meaning: str) -> None:
    _needs_arrow(suffix)
    records: list[Record] = [
        NamedPlace(
            id=f"DM{i}",
            name=name,
            feature_type=FeatureType.ROAD,
            provenance=SAMPLE,
            status=NameStatus.STANDARD,
            unit_code=DivisionCode("370202"),
            geometry=shape,
            approved_on=date(2020, 2, 28),
            meaning=meaning,
        )
        for i, (name, shape) in enumerate(zip(names, shapes, strict=False))
    ]
    with TemporaryDirectory() as folder:
        result = _there_and_back(Path(folder), records, RecordKind.PLACE_NAMES, suffix)

    assert not result.refused, result.issues
    for before, after in zip(records, result.records, strict=True):
        one, other = cast("NamedPlace", before), cast("NamedPlace", after)
        assert (one.name, one.meaning, one.approved_on) == (
            other.name,
            other.meaning,
            other.approved_on,
        )
        assert other.provenance.force is Force.SYNTHETIC
        assert _same_place(one.geometry, other.geometry)


HOLED = shapely.Polygon(
    [(120.3, 36.1), (120.4, 36.1), (120.4, 36.2), (120.3, 36.2)],
    [[(120.34, 36.14), (120.34, 36.16), (120.36, 36.16), (120.36, 36.14)]],
)
LEGAL: list[tuple[RecordKind, Record]] = [
    (
        RecordKind.UNITS,
        AdministrativeUnit(
            code=DivisionCode("370202"), name="市南区", provenance=SAMPLE, geometry=HOLED
        ),
    ),
    (
        RecordKind.UNITS,
        AdministrativeUnit(
            code=DivisionCode("370203"),
            name="市北区",
            provenance=SAMPLE,
            geometry=shapely.MultiPolygon(
                [shapely.box(120.3, 36.1, 120.31, 36.11), shapely.box(120.35, 36.1, 120.36, 36.11)]
            ),
        ),
    ),
    (
        RecordKind.BOUNDARY_LINES,
        AdministrativeBoundary(
            code=LINE_CODE,
            name="甲乙线",
            left_code=DivisionCode("370202"),
            right_code=DivisionCode("370203"),
            provenance=SAMPLE,
            geometry=shapely.LineString([(120.3, 36.1), (120.4, 36.2)]),
            length_km=12.5,
        ),
    ),
    (
        RecordKind.MARKERS,
        BoundaryMarker(
            number=MarkerNumber("001Q"),
            line_code=LINE_CODE,
            kind=MarkerKind.SINGLE,
            provenance=SAMPLE,
            position=shapely.Point(120.3, 36.1),
            height_m=-1.5,
        ),
    ),
]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(("kind", "record"), LEGAL)
def test_legal_layers(kind: RecordKind, record: Record, suffix: str, tmp_path: Path) -> None:
    _needs_arrow(suffix)

    result = _there_and_back(tmp_path, [record], kind, suffix)

    assert not result.refused, result.issues
    [back] = result.records
    place = "position" if kind is RecordKind.MARKERS else "geometry"
    assert _same_place(getattr(record, place), getattr(back, place))
    for field in ("code", "name", "left_code", "length_km", "number", "kind", "height_m"):
        assert getattr(record, field, None) == getattr(back, field, None)


def _places() -> list[Record]:
    where: list[Any] = [
        shapely.Point(120.3, 36.1),
        shapely.LineString([(120.3, 36.1), (120.31, 36.12)]),
        None,
    ]
    return [
        NamedPlace(
            id=f"DM{i}",
            name=f"𬇙水{i}路",
            feature_type=FeatureType.ROAD,
            provenance=SAMPLE,
            geometry=shape,
        )
        for i, shape in enumerate(where)
    ]


@pytest.mark.parametrize("suffix", [".kml", ".parquet", ".jsonld"])
def test_mixed_places_come_back_together(suffix: str, tmp_path: Path) -> None:
    _needs_arrow(suffix)
    records = _places()

    result = _there_and_back(tmp_path, records, RecordKind.PLACE_NAMES, suffix)

    assert not result.refused, result.issues
    assert [cast("NamedPlace", r).name for r in result.records] == ["𬇙水0路", "𬇙水1路", "𬇙水2路"]
    assert [geometry_of(r) for r in result.records] == [geometry_of(r) for r in records]


def test_a_geodatabase_keeps_kinds_apart(tmp_path: Path, city: CityProfile) -> None:
    path = tmp_path / "out.gdb.zip"
    store = _register(tmp_path, _places())
    export_records(store, RecordKind.PLACE_NAMES, path)
    store.close()

    def read(layer: str) -> ReadResult:
        return read_records(path, RecordKind.PLACE_NAMES, city=city, today=TODAY, layer=layer)

    [issue] = read("").issues
    assert issue.code == "layer_ambiguous"
    for i, kind in enumerate(("point", "line", "table")):
        result = read(f"place_names_{kind}")
        assert not result.refused, result.issues
        assert [r.id for r in result.records] == [f"DM{i}"]


def test_a_geodatabase_as_a_folder(tmp_path: Path, city: CityProfile) -> None:
    import zipfile

    path = tmp_path / "out.gdb.zip"
    store = _register(tmp_path, _places()[:1])
    export_records(store, RecordKind.PLACE_NAMES, path)
    store.close()
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path)

    result = read_records(
        tmp_path / "place_names.gdb", RecordKind.PLACE_NAMES, city=city, today=TODAY
    )

    assert not result.refused, result.issues
    assert [r.id for r in result.records] == ["DM0"]


def test_linked_places_speak_the_words_of_their_community(tmp_path: Path) -> None:
    _there_and_back(tmp_path, _places(), RecordKind.PLACE_NAMES, ".jsonld")

    document = json.loads((tmp_path / "out.jsonld").read_text(encoding="utf-8"))
    assert document["@context"].endswith("linkedplaces-context-v1.1.jsonld")
    assert document["notice"] == "内部工作用图，未经审核，不得公开"
    first = document["features"][0]
    assert first["@id"] == "place-names/DM0"
    assert first["properties"]["title"] == "𬇙水0路"
    assert first["names"][0]["toponym"] == "𬇙水0路"
    assert "when" not in first  # the register knows no day, so none is made up


@pytest.mark.parametrize(
    ("name", "crs", "code"),
    [
        pytest.param("out.kml", "EPSG:4549", "export_crs_fixed", id="kml-plane"),
        pytest.param("out.jsonld", "EPSG:4549", "export_crs_fixed", id="linked-places-plane"),
    ],
)
def test_formats_of_degrees_refuse_a_plane(name: str, crs: str, code: str, tmp_path: Path) -> None:
    store = _register(tmp_path, _places())
    with pytest.raises(InputError) as refusal:
        export_records(store, RecordKind.PLACE_NAMES, tmp_path / name, crs=crs)
    store.close()

    assert refusal.value.code == code
    assert not (tmp_path / name).exists()


def test_linked_places_are_for_place_names(tmp_path: Path) -> None:
    store = _register(tmp_path, [LEGAL[0][1]])
    with pytest.raises(InputError) as refusal:
        export_records(store, RecordKind.UNITS, tmp_path / "out.jsonld")
    store.close()

    assert refusal.value.code == "export_format_unknown"
