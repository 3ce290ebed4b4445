"""Linked Places format 1.1 (Pelagios / World Historical Gazetteer): place names as GeoJSON-LD.

The properties of a feature are those of our GeoJSON; beside them stand the members the community
reads. What the register does not say (a day, a reading) is left out, never made up.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import shapely

from geo_service.messages import message
from geo_service.services.interchange.kml_files import refuse_other

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.services.interchange.content import Content
    from geo_service.services.interchange.fields import Row

SUFFIX = ".jsonld"
_CONTEXT = (
    "https://raw.githubusercontent.com/LinkedPasts/linked-places-format/main/"
    "linkedplaces-context-v1.1.jsonld"
)
"""The identifier of the vocabulary; it is written, never fetched."""


def write_linked_places(path: Path, content: Content) -> None:
    """Write place names. Raises InputError `export_crs_fixed`: the format knows WGS 84 only."""
    refuse_other(content.crs, "Linked Places")
    document = {
        "type": "FeatureCollection",
        "@context": _CONTEXT,
        "notice": message("import.notice").zh,
        "features": [
            {
                "@id": f"{content.layer}/{quote(str(row['id']))}",
                "type": "Feature",
                "properties": {"title": row["name"], **row},
                **_said(row),
                "geometry": None if shape is None else json.loads(shapely.to_geojson(shape)),
            }
            for row, shape in zip(content.rows, content.shapes, strict=True)
        ],
    }
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def _said(row: Row) -> dict[str, Any]:
    names = [{"toponym": row["name"], "lang": "zh", "status": row.get("status")}]
    if row.get("romanization"):
        names.append({"toponym": row["romanization"], "lang": "zh-Latn"})
    members: dict[str, Any] = {"names": names, "types": [{"label": row["feature_type"]}]}
    span = {
        end: {"in": row[field]}
        for end, field in (("start", "valid_from"), ("end", "valid_to"))
        if row.get(field)
    }
    if span:
        members["when"] = {"timespans": [span]}
    if row.get("unit_code"):
        relation = {
            "relationType": "gvp:broaderPartitive",
            "relationTo": f"units/{row['unit_code']}",
        }
        members["relations"] = [relation]
    told = [row[field] for field in ("meaning", "origin") if row.get(field)]
    if told:
        members["descriptions"] = [{"value": text, "lang": "zh"} for text in told]
    return members
