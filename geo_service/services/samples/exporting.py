"""The invented city as files, so that a user can run the checks on files as senders bring them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service.domain.boundary import NodeKind
from geo_service.domain.change import RecordKind
from geo_service.messages import message
from geo_service.services.interchange.fields import geometry_of, notice_of, row_of
from geo_service.services.samples.answers import answer_key_json
from geo_service.services.samples.synthetic import (
    AS_OF,
    DEFAULT_SEED,
    SyntheticLayer,
    synthetic_layer,
)
from geo_service.services.wire import geometry_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geo_service.domain.change import Record

ANSWER_KEY = "answer_key.json"


def export_synthetic(folder: Path, seed: int = DEFAULT_SEED) -> tuple[Path, ...]:
    """Write the synthetic layer as one GeoJSON per kind and its answer key; returns the paths.

    Senders often bring no nodes: the key says what a check without that file cannot see. The files
    are named after the kinds of record and hold the fields of our exports, in longitude and
    latitude as GeoJSON has it. Each is written whole before it takes the place of an older one.
    """
    layer = synthetic_layer(seed)
    files: dict[RecordKind, Sequence[Record]] = {
        RecordKind.UNITS: layer.units,
        RecordKind.BOUNDARY_LINES: layer.lines,
        RecordKind.BOUNDARY_NODES: layer.nodes,
    }
    folder.mkdir(parents=True, exist_ok=True)
    written = [
        _write(folder / f"{kind.value}.geojson", _collection(records))
        for kind, records in files.items()
    ]
    key = answer_key_json(
        layer.answer_key, seed=seed, as_of=AS_OF.isoformat(), outer_ends=_outer_ends(layer)
    )
    return (*written, _write(folder / ANSWER_KEY, key))


def _outer_ends(layer: SyntheticLayer) -> list[tuple[float, float]]:
    own = {unit.code for unit in layer.units}
    return [
        (node.position.x, node.position.y)
        for node in layer.nodes
        if node.kind is NodeKind.SEA_END and not own.issuperset(node.units)
    ]


def _collection(records: Iterable[Record]) -> str:
    collection = {
        "type": "FeatureCollection",
        "notice": message("import.notice_sample").zh,
        "features": [
            {
                "type": "Feature",
                "properties": row_of(record) | {"notice": notice_of(record)},
                "geometry": geometry_json(geometry_of(record)),
            }
            for record in records
        ],
    }
    return json.dumps(collection, ensure_ascii=False) + "\n"


def _write(path: Path, text: str) -> Path:
    draft = path.with_suffix(path.suffix + ".part")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
    return path
