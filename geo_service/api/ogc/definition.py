"""The OGC part of the OpenAPI description, told in OpenAPI 3.0, which clients of OGC API read."""

from __future__ import annotations

import copy
from typing import Any

_VERSION = "3.0.3"
_REFERENCE = "#/components/schemas/"


def definition(whole: dict[str, Any], server: str) -> dict[str, Any]:
    """The paths under /ogc with the schemas they name."""
    paths = {path: told for path, told in whole["paths"].items() if path.startswith("/ogc")}
    schemas: dict[str, Any] = {}
    for name in _named(paths):
        _collect(name, whole["components"]["schemas"], schemas)
    told: dict[str, Any] = _older(copy.deepcopy({"paths": paths, "schemas": schemas}))
    return {
        "openapi": _VERSION,
        "info": whole["info"],
        "servers": [{"url": server}],
        "paths": told["paths"],
        "components": {"schemas": told["schemas"]},
    }


def _named(part: Any) -> set[str]:
    if isinstance(part, list):
        return {name for inner in part for name in _named(inner)}
    if not isinstance(part, dict):
        return set()
    reference = part.get("$ref")
    own = {reference.removeprefix(_REFERENCE)} if isinstance(reference, str) else set()
    return own.union(*(_named(inner) for inner in part.values()))


def _collect(name: str, known: dict[str, Any], found: dict[str, Any]) -> None:
    if name not in found:
        found[name] = known[name]
        for inner in _named(known[name]):
            _collect(inner, known, found)


def _older(part: Any) -> Any:
    """A part of OpenAPI 3.1 as 3.0 says it: null is no type there."""
    if isinstance(part, list):
        return [_older(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    made = {key: _older(inner) for key, inner in part.items() if key != "examples"}
    choices = made.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        kept = [choice for choice in choices if choice != {"type": "null"}]
        del made["anyOf"]
        made |= {**(kept[0] if len(kept) == 1 else {"anyOf": kept}), "nullable": True}
    if "const" in made:
        made["enum"] = [made.pop("const")]
    return made
