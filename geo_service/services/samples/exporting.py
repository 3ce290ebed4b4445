"""The invented city as files, so that a user can run the checks on files as senders bring them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo_service.domain.change import RecordKind
from geo_service.services.samples.answers import answer_key_json
from geo_service.services.samples.synthetic import AS_OF, DEFAULT_SEED, synthetic_layer
from geo_service.services.wire import geometry_json

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    Row = tuple[BaseGeometry | None, dict[str, Any]]

ANSWER_KEY = "answer_key.json"
_LABEL = "示例 / synthetic"


def export_synthetic(folder: Path, seed: int = DEFAULT_SEED) -> tuple[Path, ...]:
    """Write the synthetic layer as one GeoJSON per kind and its answer key; returns the paths.

    Files are named after the kinds of record, in longitude and latitude (CRS84 for all purposes
    of the sample). Each is written whole before it takes the place of an older one.
    """
    layer = synthetic_layer(seed)
    files: dict[RecordKind, list[Row]] = {
        RecordKind.UNITS: [(u.geometry, {"code": u.code, "name": u.name}) for u in layer.units],
        RecordKind.BOUNDARY_LINES: [
            (
                line.geometry,
                {
                    "code": line.code,
                    "name": line.name,
                    "left_code": line.left_code,
                    "right_code": line.right_code,
                },
            )
            for line in layer.lines
        ],
        RecordKind.BOUNDARY_NODES: [
            (node.position, {"id": node.id, "kind": node.kind.value, "units": " ".join(node.units)})
            for node in layer.nodes
        ],
    }
    folder.mkdir(parents=True, exist_ok=True)
    written = [
        _write(folder / f"{kind.value}.geojson", _collection(features))
        for kind, features in files.items()
    ]
    key = answer_key_json(layer.answer_key, seed=seed, as_of=AS_OF.isoformat())
    return (*written, _write(folder / ANSWER_KEY, key))


def _collection(features: Iterable[Row]) -> str:
    collection = {
        "type": "FeatureCollection",
        "notice": _LABEL,
        "features": [
            {
                "type": "Feature",
                "properties": {**properties, "notice": _LABEL},
                "geometry": geometry_json(geometry),
            }
            for geometry, properties in features
        ],
    }
    return json.dumps(collection, ensure_ascii=False) + "\n"


def _write(path: Path, text: str) -> Path:
    draft = path.with_suffix(path.suffix + ".part")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
    return path
