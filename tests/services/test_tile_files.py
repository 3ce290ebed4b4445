"""PMTiles files: read by the format's own reader and by GDAL, whole or not there, labels held."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pyogrio
import pytest
import shapely
from pmtiles.reader import MmapSource, Reader, all_tiles

from geo_service import cities
from geo_service.domain.change import Change, Operation
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Force, Label, Provenance
from geo_service.errors import InputError
from geo_service.services.samples.loading import load_sample
from geo_service.services.serving.cache import ReadyFeatures, View
from geo_service.services.serving.collections import COLLECTIONS
from geo_service.services.tiles import archive
from geo_service.services.tiles.archive import chosen_collections, chosen_zoom, export_tiles
from geo_service.services.tiles.plan import tile_plan
from geo_service.store.opening import open_store

CITY = cities.city("990100")
DAY = date(2026, 11, 23)
Features = dict[Label, ReadyFeatures]
SECRET, OPEN = "甲密村", "乙开村"


@pytest.fixture(scope="module")
def features(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Features]:
    """The invented city, and two villages in it of which one is labelled public."""
    store = open_store(f"gpkg:{tmp_path_factory.mktemp('tiles') / 'r.gpkg'}", create=True)
    load_sample(store, CITY)
    source = Provenance("示例", force=Force.SYNTHETIC)
    hidden = NamedPlace(
        id="V-1",
        name=SECRET,
        feature_type=FeatureType.VILLAGE,
        provenance=source,
        geometry=shapely.Point(119.75, 38.55),
    )
    shown = replace(
        hidden,
        id="V-2",
        name=OPEN,
        provenance=replace(source, label=Label.PUBLIC),
        geometry=shapely.Point(119.76, 38.56),
    )
    with store.begin() as work:
        work.append(
            Change(operation=Operation.CREATE, record=place, actor="test", reason="测试")
            for place in (hidden, shown)
        )
    yield {label: ReadyFeatures(store, label, CITY, 3) for label in Label}
    store.close()


def export(features: Features, path: Path, names: str = "", **options: Any) -> archive.Archived:
    label = options.pop("label", Label.INTERNAL)
    view = View(options.pop("as_of", DAY))
    collections = chosen_collections(names.split(), label)
    options.setdefault("max_zoom", 9)
    return export_tiles(features[label], path, collections, view, CITY, label=label, **options)


def reader(path: Path) -> Reader:
    return Reader(MmapSource(path.open("rb")))


def test_the_formats_own_reader_finds_every_tile_and_what_it_holds(
    features: Features, tmp_path: Path
) -> None:
    path, steps = tmp_path / "a.pmtiles", []
    written = export(features, path, told=lambda done, of: steps.append((done, of)))
    assert steps[-1][0] == steps[-1][1] == len(steps) >= written.tiles
    read = reader(path)
    header, metadata = read.header(), read.metadata()
    assert (header["min_zoom"], header["max_zoom"]) == (0, 9)
    assert header["addressed_tiles_count"] == written.tiles
    assert 119.0 < header["min_lon_e7"] / 1e7 < header["max_lon_e7"] / 1e7 < 121.0
    assert {layer["id"] for layer in metadata["vector_layers"]} == set(COLLECTIONS)
    assert metadata["date"] == "2026-11-23"
    assert metadata["label"] == "internal"
    assert "不得公开" in metadata["attribution"]
    assert metadata["source"] and metadata["license"] and "示例" in metadata["standing"]
    tiles = list(all_tiles(read.get_bytes))
    assert len(tiles) == written.tiles
    for _, data in tiles:
        assert mapbox_vector_tile.decode(gzip.decompress(data))


def test_gdal_reads_the_same_units_where_they_lie(features: Features, tmp_path: Path) -> None:
    path = tmp_path / "a.pmtiles"
    export(features, path, "units", max_zoom=12)
    frame = pyogrio.read_dataframe(path, layer="units").to_crs(4490)
    snapshot = features[Label.INTERNAL].ready(COLLECTIONS["units"], View(DAY)).snapshot
    assert set(frame["id"]) == set(snapshot.ids)
    west, south, east, north = snapshot.extent
    assert frame.total_bounds == pytest.approx([west, south, east, north], abs=1e-3)
    assert set(frame["name"]) == set(snapshot.column("name"))


def test_a_public_file_leaks_nothing_internal(features: Features, tmp_path: Path) -> None:
    path = tmp_path / "open.pmtiles"
    written = export(features, path, label=Label.PUBLIC)
    assert written.features == 1
    read = reader(path)
    assert read.metadata()["label"] == "public"
    texts = [gzip.decompress(data) for _, data in all_tiles(read.get_bytes)]
    assert all(OPEN.encode() in text for text in texts)
    whole = b"".join(texts) + str(read.metadata()).encode()
    assert SECRET.encode() not in whole
    assert {layer["id"] for layer in read.metadata()["vector_layers"]} == {"place-names", "roads"}


@pytest.mark.parametrize(
    ("names", "options", "code"),
    [
        ("units", {"label": Label.PUBLIC}, "collection_not_public"),
        ("roads", {"label": Label.PUBLIC}, "tiles_empty"),
        ("units", {"as_of": date(1950, 1, 1)}, "tiles_empty"),
    ],
)
def test_what_cannot_be_written_is_refused_and_the_old_file_stands(
    features: Features, tmp_path: Path, names: str, options: dict[str, Any], code: str
) -> None:
    path = tmp_path / "a.pmtiles"
    path.write_bytes(b"old")
    with pytest.raises(InputError) as refused:
        export(features, path, names, **options)
    assert refused.value.code == code
    assert path.read_bytes() == b"old"
    assert [found.name for found in tmp_path.iterdir()] == ["a.pmtiles"]


def test_a_writer_that_fails_leaves_the_old_file_and_no_draft(
    features: Features, tmp_path: Path
) -> None:
    path = tmp_path / "a.pmtiles"
    path.write_bytes(b"old")

    def stop(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(features, path, "units", told=stop)
    assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == [
        ("a.pmtiles", b"old")
    ]


def test_too_many_tiles_are_refused_before_the_work(
    features: Features, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = replace(tile_plan(), export_tiles=10)
    monkeypatch.setattr(archive, "tile_plan", lambda: few)
    with pytest.raises(InputError) as refused:
        export(features, tmp_path / "a.pmtiles", "units", max_zoom=12)
    assert refused.value.code == "tiles_too_many"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.mbtiles", "a.gpkg", "a"])
def test_another_format_is_refused(features: Features, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as refused:
        export(features, tmp_path / name)
    assert refused.value.code == "export_format_unknown"


@pytest.mark.parametrize("zoom", [-1, 17])
def test_a_zoom_that_is_never_made_is_refused(zoom: int) -> None:
    with pytest.raises(InputError) as refused:
        chosen_zoom(zoom)
    assert refused.value.code == "tiles_zoom"
