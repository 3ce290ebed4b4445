"""GeoJSON, read without GDAL: GDAL picks drivers by content and would follow a disguised VRT."""

from __future__ import annotations

import json
import math
import re
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import shapely

from geo_service.services.interchange.readers.encodings import decode, tell_encoding
from geo_service.services.interchange.readers.linked import cells_of, geometry_of, is_linked
from geo_service.services.interchange.readers.secrecy import json_marked
from geo_service.services.interchange.readers.table import Cell, RawTable, Unreadable

MAX_DEPTH = 64
_CRS_NAME = re.compile(
    r"(?:urn:(?:x-)?ogc:def:crs:)?([A-Z]+):(?:[0-9.]*:)?([A-Z0-9]+)", re.IGNORECASE
)


class _Json:
    """Strict reading: what RFC 8259 does not know, or says twice, is remembered and refused.

    Objects are told when they end, a feature after all that it holds: so it is known whose they
    are.
    """

    def __init__(self) -> None:
        self.repeated: dict[str, int | None] = {}
        """Keys with the number of the feature, None outside of all."""
        self._features = 0

    def _pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) != len(pairs):
            counts = Counter(key for key, _ in pairs)
            for key in (key for key, count in counts.items() if count > 1):
                self.repeated.setdefault(key, None)
        if result.get("type") == "Feature":
            self._features += 1
            for key in (key for key, row in self.repeated.items() if row is None):
                self.repeated[key] = self._features
        return result

    def _whole(self, digits: str) -> int:
        try:
            return int(digits)
        except ValueError as error:  # of thousands of digits
            raise Unreadable("json_broken", self._features + 1) from error

    def load(self, text: str) -> Any:
        try:
            value = json.loads(text, object_pairs_hook=self._pairs, parse_int=self._whole)
        except json.JSONDecodeError as error:
            raise Unreadable("json_broken", row=error.lineno) from error
        except RecursionError as error:
            raise Unreadable("json_too_deep", limit=MAX_DEPTH) from error
        if self.repeated:
            key = min(self.repeated)
            raise Unreadable("json_repeated_key", self.repeated[key], key)
        return value


def _depth_ok(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        if not level:
            return True
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, dict | list)
        ]
    return not level


def _declared_crs(document: dict[str, Any]) -> str:
    crs = document.get("crs")
    if crs is None:
        return "OGC:CRS84" if "crs" not in document else ""
    name = crs.get("properties", {}).get("name", "") if isinstance(crs, dict) else ""
    match = _CRS_NAME.fullmatch(name) if isinstance(name, str) else None
    if match is None:
        raise Unreadable("crs_unreadable", crs=str(name)[:80])
    return f"{match[1].upper()}:{match[2].upper()}"


def _features(document: Any) -> list[dict[str, Any]]:
    kind = document.get("type") if isinstance(document, dict) else None
    features = document.get("features") if kind == "FeatureCollection" else None
    if kind == "Feature":
        features = [document]
    if not isinstance(features, list):
        raise Unreadable("geojson_no_features")
    return features


def _is_text(value: str) -> bool:
    """Whether it is text: JSON lets half a surrogate pair through, which no file can store."""
    return not any("\ud800" <= char <= "\udfff" for char in value)


def _shown(value: str) -> str:
    return value.encode("utf-8", "replace").decode()


def _cell(value: Any, table: RawTable, row: int, field: str) -> Cell:
    if isinstance(value, float) and not math.isfinite(value):
        table.note("error", "value_not_finite", row, field)
        return None
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and not _is_text(value):
        table.note("error", "text_lost", row, _shown(field), value=_shown(value))
        return None
    return value if isinstance(value, str | int | float | bool) else None


def _numbers_finite(coordinates: Any) -> bool:
    stack = [coordinates]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, float) and not math.isfinite(item):
            return False
    return True


def _geometry(value: Any, table: RawTable, row: int) -> bytes | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        table.note("error", "geometry_unreadable", row, "geometry")
        return None
    if not _numbers_finite([value.get("coordinates"), value.get("geometries")]):
        table.note("error", "coordinate_not_finite", row, "geometry")
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        geometry = shapely.from_geojson(json.dumps(value), on_invalid="ignore")
    if geometry is None:
        table.note("error", "geometry_unreadable", row, "geometry")
        return None
    return bytes(shapely.to_wkb(geometry))


def _row(feature: Any, table: RawTable, number: int, *, linked: bool) -> None:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        table.note("error", "feature_malformed", number)
        return
    cells = dict(properties) if isinstance(properties, dict) else {}
    geometry = feature.get("geometry")
    if linked:
        cells, geometry = (
            cells_of(feature | {"properties": cells}, table, number),
            geometry_of(geometry),
        )
    if "id" in feature and not any(key.lower() == "id" for key in cells):
        cells["id"] = feature["id"]
    position = {header: i for i, header in enumerate(table.headers)}
    for key in cells:
        if key not in position:
            if not _is_text(key):
                raise Unreadable("text_lost", number, value=_shown(key))
            position[key] = len(table.headers)
            table.headers.append(key)
    row: list[Cell] = [None] * len(table.headers)
    for key, value in cells.items():
        row[position[key]] = _cell(value, table, number, key)
    table.rows.append(row)
    table.numbers.append(number)
    assert table.wkb is not None  # noqa: S101 - made by `read` below
    table.wkb.append(_geometry(geometry, table, number))


def read(path: Path, encoding: str) -> RawTable:
    """All features of a GeoJSON file, linked places among them. Raises Unreadable for others."""
    text, chosen = decode(path.read_bytes(), encoding)
    document = _Json().load(text.removeprefix("\ufeff"))
    if not _depth_ok(document):
        raise Unreadable("json_too_deep", limit=MAX_DEPTH)
    features = _features(document)
    table = RawTable([], [], [], wkb=[], crs=_declared_crs(document))
    tell_encoding(table, chosen)
    if json_marked({key: value for key, value in document.items() if key != "features"}):
        raise Unreadable("classified")
    linked = is_linked(document)
    for number, feature in enumerate(features, start=1):
        _row(feature, table, number, linked=linked)
    for row in table.rows:
        row.extend([None] * (len(table.headers) - len(row)))
    return table
