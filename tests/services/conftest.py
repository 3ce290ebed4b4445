"""What the tests of files in and out share: a store, the city, and makers of small files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from geo_service import cities
from geo_service.cities import CityProfile
from geo_service.domain.change import RecordKind
from geo_service.services.interchange.importing import import_file
from geo_service.services.interchange.report import ImportReport
from geo_service.store.opening import open_store
from geo_service.store.protocol import Store

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
TODAY = date(2026, 11, 23)
Importer = Callable[..., ImportReport]


@pytest.fixture
def city() -> CityProfile:
    return cities.city("370200")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"gpkg:{tmp_path / 'register.gpkg'}", create=True)
    yield opened
    opened.close()


@pytest.fixture
def bring(store: Store, city: CityProfile) -> Importer:
    """`bring(path, kind, **options)` imports into the store."""

    def run(path: Path, kind: str, **options: Any) -> ImportReport:
        return import_file(
            store,
            path,
            RecordKind(kind),
            city=city,
            actor="test",
            now=NOW,
            today=TODAY,
            **options,
        )

    return run


@pytest.fixture
def geojson(tmp_path: Path) -> Callable[..., Path]:
    """`geojson([(properties, geometry), …])` writes a feature collection."""

    def write(features: list[tuple[dict[str, Any], Any]], name: str = "in.geojson") -> Path:
        document = {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "properties": properties, "geometry": geometry}
                for properties, geometry in features
            ],
        }
        path = tmp_path / name
        path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        return path

    return write
