"""What others say in Linked Places format 1.x (names, types, when, geometry, relations, links).

The members become the columns of a place name where they say just that; the rest goes word for
word into `note`, and every such row is told. Properties under the register's own names prevail.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import shapely
from shapely.errors import ShapelyError

from geo_service.messages import message
from geo_service.services.interchange.columns import choices, folded

if TYPE_CHECKING:
    from geo_service.services.interchange.readers.table import RawTable

_VOCABULARY = re.compile("linked-?places", re.IGNORECASE)
_OWN = frozenset({"name", "feature_type"})
"""Properties that only a file in the register's own words has."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UNIT = re.compile(r"(?:.*[/:#=_-])?([1-9][0-9]{5}(?:[0-9]{3}){0,2})")
_BROADER = "gvp:broaderPartitive"
_NOTED = ("links", "relations", "descriptions", "depictions")


def is_linked(document: Mapping[str, Any]) -> bool:
    """Whether a GeoJSON document says that it is one of linked places."""
    return _VOCABULARY.search(json.dumps(document.get("@context"))) is not None


def cells_of(feature: Mapping[str, Any], table: RawTable, row: int) -> dict[str, Any]:
    """The columns of a feature; what is not taken as a column is told in `table`."""
    cells = dict(feature.get("properties") or {})
    if cells.keys() >= _OWN:
        return cells
    said = _Said(feature, table, row)
    own = {
        "id": feature.get("@id"),
        **said.named(cells.get("title")),
        **said.typed(),
        **said.when(),
    }
    own["unit_code"] = said.unit()
    said.rest()
    if said.notes:
        own["note"] = "；".join(filter(None, (_text(cells.get("note")), *said.notes)))
        table.note("warning", "said_in_note", row, "note", said=own["note"])
    return {**{name: value for name, value in own.items() if value}, **_without(cells, own)}


def geometry_of(value: Any) -> Any:
    """The GeoJSON geometry of a feature, of a collection the only one there is.

    Of several with spans of time the only one that has not ended is meant. Several of one kind are
    that kind in several parts; what remains a collection is refused with its type.
    """
    if not isinstance(value, dict) or value.get("type") != "GeometryCollection":
        return value
    parts = [part for part in value.get("geometries") or () if isinstance(part, dict)]
    drawn = [part for part in parts if not _has_ended(part)] or parts
    plain = [_plain(part) for part in drawn]
    if not plain:
        return None
    kinds = {str(part.get("type")) for part in plain}
    single = kinds <= {"Point", "LineString", "Polygon"} and len(kinds) == 1
    if len(plain) == 1:
        return plain[0]
    if single and not any("when" in part for part in drawn):
        coordinates = [part["coordinates"] for part in plain]
        return {"type": f"Multi{kinds.pop()}", "coordinates": coordinates}
    return {"type": "GeometryCollection", "geometries": plain}


def _plain(part: dict[str, Any]) -> dict[str, Any]:
    """A geometry without what stands beside its coordinates, which may be WKT instead."""
    if "coordinates" not in part and isinstance(part.get("geo_wkt"), str):
        try:
            shape = shapely.from_wkt(part["geo_wkt"])
        except ShapelyError:
            return {"type": "WKT"}
        return dict(json.loads(shapely.to_geojson(shape)))
    return {"type": part.get("type"), "coordinates": part.get("coordinates")}


def _has_ended(part: Mapping[str, Any]) -> bool:
    spans = _spans(part)
    return bool(spans) and all(span.get("end") for span in spans)


def _spans(part: Mapping[str, Any]) -> list[dict[str, Any]]:
    when = part.get("when")
    spans = when.get("timespans") if isinstance(when, dict) else None
    return [span for span in spans or () if isinstance(span, dict)]


def _text(value: Any) -> str:
    if isinstance(value, str) or value is None:
        return value or ""
    return json.dumps(value, ensure_ascii=False)


def _listed(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _without(cells: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    taken = {name for name in ("title", "note") if own.get({"title": "name"}.get(name, name))}
    return {name: value for name, value in cells.items() if name not in taken}


class _Said:
    """What one feature says; `notes` collects what has no column."""

    def __init__(self, feature: Mapping[str, Any], table: RawTable, row: int) -> None:
        self._feature, self._table, self._row = feature, table, row
        self._related: list[dict[str, Any]] = []
        self.notes: list[str] = []

    def _note(self, word: str, text: str) -> None:
        self.notes.append(message(f"import.linked_{word}", text=text).zh)

    def named(self, title: Any) -> dict[str, str]:
        """The title where it is one of the names, else the first Chinese name, else the first."""
        names = [n for n in _listed(self._feature.get("names")) if _text(n.get("toponym"))]
        chosen = next(self._first(names, _text(title)), None)
        spelled = [n for n in names if _text(n.get("lang")).casefold().startswith("zh-latn")]
        for name in names:
            kept = name is chosen or name in spelled[:1]
            if not kept or set(name) - {"toponym", "lang", "when"}:
                self._note("names", json.dumps(name, ensure_ascii=False))
        if title and chosen and title != chosen["toponym"]:
            self._note("title", _text(title))
        called = _text(chosen["toponym"]) if chosen else _text(title)
        if chosen and chosen.get("when"):
            self._note("when", json.dumps(chosen["when"], ensure_ascii=False))
        return {"name": called, "romanization": _text(spelled[0]["toponym"]) if spelled else ""}

    @staticmethod
    def _first(names: list[dict[str, Any]], title: str) -> Iterator[dict[str, Any]]:
        languages = {id(name): _text(name.get("lang")).casefold() for name in names}
        yield from (n for n in names if n["toponym"] == title)
        spoken = [n for n in names if not languages[id(n)].startswith("zh-latn")]
        yield from (n for n in spoken if languages[id(n)].startswith(("zh", "cmn")))
        yield from spoken
        yield from names

    def typed(self) -> dict[str, str]:
        """The first word among labels and identifiers that the register knows."""
        known = choices("place-names", "feature_type")
        kinds = [list(_words_of(kind)) for kind in _listed(self._feature.get("types"))]
        words = [word for kind in kinds for word in kind]
        properties = self._feature.get("properties") or {}
        classes = properties.get("fclasses") if isinstance(properties, dict) else None
        words += [f"fclass:{word}" for word in classes or () if isinstance(word, str)]
        found = next((word for word in words if folded(word) in known), "")
        others = [kind for kind in kinds if found not in kind] if found else [words]
        for other in filter(None, others):
            self._note("types", " ".join(other))
        return {"feature_type": found}

    def when(self) -> dict[str, str]:
        """Valid time where it is said in days; years and periods stay in their words."""
        when = self._feature.get("when")
        if not when:
            return {}
        spans = _spans(self._feature)
        ends = {side: _at(spans[0].get(side)) for side in ("start", "end")} if spans else {}
        in_days = len(spans) == 1 and all(_DAY.fullmatch(day) for day in ends.values() if day)
        if not in_days or set(when) - {"timespans"} or not any(ends.values()):
            self._note("when", json.dumps(when, ensure_ascii=False))
            return {}
        return {"valid_from": ends["start"], "valid_to": ends["end"]}

    def unit(self) -> str:
        """The unit of which it is said to be a part, where its code is given."""
        relations = _listed(self._feature.get("relations"))
        codes = {
            match[1]: relation
            for relation in relations
            if relation.get("relationType") == _BROADER and not _spans(relation)
            if (match := _UNIT.fullmatch(_text(relation.get("relationTo"))))
        }
        if len(codes) != 1:
            self._related = relations
            return ""
        [(code, taken)] = codes.items()
        bare = set(taken) <= {"relationType", "relationTo"}
        self._related = [r for r in relations if not (r is taken and bare)]
        return code

    def rest(self) -> None:
        """Everything else, word for word."""
        for member in _NOTED:
            rest = self._related if member == "relations" else self._feature.get(member)
            for item in _listed(rest):
                self._note(member, json.dumps(item, ensure_ascii=False))
        geometry = self._feature.get("geometry")
        if _scoped(geometry):
            self._note("geometry", json.dumps(geometry, ensure_ascii=False))


def _scoped(geometry: Any) -> bool:
    """Whether a geometry, or a part of a collection, says more than where it is."""
    if not isinstance(geometry, dict):
        return False
    parts = _listed(geometry.get("geometries")) or [geometry]
    return any(set(part) - {"type", "coordinates", "geometries", "bbox"} for part in parts)


def _words_of(kind: Mapping[str, Any]) -> Iterator[str]:
    labels = [item.get("label") for item in _listed(kind.get("sourceLabels"))]
    said = (*labels, kind.get("sourceLabel"), kind.get("label"), kind.get("identifier"))
    yield from (word for word in said if isinstance(word, str) and word)


def _at(end: Any) -> str:
    """When a span begins or ends, "" where it is left open."""
    if isinstance(end, dict):
        end = end.get("in") if set(end) == {"in"} else json.dumps(end)
    return _text(end)
